// The language server with files, git and worker threads. `bundles` is the folder of the workers and grammars.
import { join } from 'node:path';
import { createConnection, ProposedFeatures, type Connection, type InitializeParams } from 'vscode-languageserver/node';
import { grammarFolders, nodeGrammars } from '../../node/grammars.ts';
import { witnessPool } from '../../node/witness-pool.ts';
import type { InitializationOptions } from '../../protocol/server.ts';
import { NO_NOTES, type ServerHost } from '../host.ts';
import { startServer } from '../start.ts';
import { crashNotes } from './crash-notes.ts';
import { nodeFolder } from './node-folder.ts';
import { importInWorker } from './trace-import.ts';

/** Serves until the client says goodbye or goes away. */
export function runServer(bundles: string, connection: Connection = createConnection(ProposedFeatures.all)): void {
  // A fault outside of every feature is worth a line, not the work of everybody.
  process.on('unhandledRejection', (reason) =>
    connection.console.error(
      `unhandled: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    ),
  );
  startServer(connection, (params) => nodeHost(bundles, params));
}

function nodeHost(bundles: string, params: InitializeParams): ServerHost {
  const { storage } = (params.initializationOptions ?? {}) as InitializationOptions;
  const witnesses = witnessPool({ script: join(bundles, 'witness-worker.cjs') });
  const notes = typeof storage === 'string' ? crashNotes(storage) : NO_NOTES;
  return {
    grammars: nodeGrammars(grammarFolders(bundles)),
    validate: witnesses,
    folder: nodeFolder,
    importTraces: (request) => importInWorker(join(bundles, 'trace-worker.cjs'), request),
    notes,
    pause: () => new Promise((resolve) => void setImmediate(resolve)),
    now: () => performance.now(),
    close: async () => {
      notes.inHand(null);
      await witnesses.close();
    },
  };
}
