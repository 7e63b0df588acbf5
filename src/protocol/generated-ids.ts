// Generated from package.json by `npm run generate`: the ids that the manifest and the code must agree on.

/** Commands that the manifest contributes; the extension has a handler for each. */
export type CommandId =
  | 'eventscape.showTopology'
  | 'eventscape.importTrace'
  | 'eventscape.clearTraces'
  | 'eventscape.copyMermaid'
  | 'eventscape.refresh'
  | 'eventscape.restartServer'
  | 'eventscape.showLog'
  | 'eventscape.chooseBase'
  | 'eventscape.revealInTopology'
  | 'eventscape.openSource'
  | 'eventscape.openLocations'
  | 'eventscape.ignoreWithReason';

/** Tree views that the manifest contributes. */
export type ViewId =
  | 'eventscape.services'
  | 'eventscape.channels'
  | 'eventscape.problems'
  | 'eventscape.traces';

/** Settings that the manifest contributes, with the type of their value. */
export interface Settings {
  readonly 'eventscape.rules': Readonly<Record<string, 'off' | 'info' | 'warning' | 'error'>>;
  readonly 'eventscape.base': string;
  readonly 'eventscape.exclude': readonly string[];
  readonly 'eventscape.contracts.mode': 'additive' | 'backward' | 'forward' | 'full';
  readonly 'eventscape.codeLens': boolean;
  readonly 'eventscape.trace.server': 'off' | 'messages' | 'verbose';
}
