// The version of this build, put in by the bundler.
declare const EVENTSCAPE_VERSION: string | undefined;

/** The package's version; `dev` where nothing was bundled. */
export const VERSION: string = typeof EVENTSCAPE_VERSION === 'string' ? EVENTSCAPE_VERSION : 'dev';
