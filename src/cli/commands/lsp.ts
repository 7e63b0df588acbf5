// `eventscape lsp --stdio`: the language server in this process, for any editor. The server is a bundle of its own beside this one.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFolder } from '../workspace.ts';

/** Serves until the editor says exit or goes away: the server ends the process itself. */
export async function serveStdio(): Promise<never> {
  await import(pathToFileURL(join(bundleFolder, 'server.cjs')).href);
  return new Promise<never>(() => {});
}
