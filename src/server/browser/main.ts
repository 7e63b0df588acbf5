// The language server in a web worker: files come from the client, grammars by address, there is no git and no trace import.
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
  type Connection,
  type InitializeParams,
} from 'vscode-languageserver/browser';
import { noBase } from '../../core/base-side.ts';
import type { FileChange } from '../../core/engine-api.ts';
import type { GrammarPort } from '../../core/ports.ts';
import { makeScanScope } from '../../core/scan-scope.ts';
import {
  METHODS,
  type InitializationOptions,
  type ListFilesParams,
  type ListFilesResult,
  type ReadFileParams,
  type ReadFileResult,
} from '../../protocol/server.ts';
import { NO_NOTES, type FolderHost, type ServerHost } from '../host.ts';
import { startServer } from '../start.ts';
import { pathBelow, uriOf } from '../uris.ts';
import { webWitness } from './web-witness.ts';

const MAX_BYTES = 5 * 1024 * 1024;

const connection = createConnection(new BrowserMessageReader(self as never), new BrowserMessageWriter(self as never));
startServer(connection, (params, own) => browserHost(params, own));

function browserHost(params: InitializeParams, own: Connection): ServerHost {
  const { grammars, witnessWorker } = (params.initializationOptions ?? {}) as InitializationOptions;
  const witness = webWitness(witnessWorker ?? null);
  return {
    grammars: webGrammars(grammars ?? null),
    validate: witness,
    folder: (uri) => clientFolder(uri, own),
    importTraces: null,
    notes: NO_NOTES,
    pause: () => new Promise((resolve) => void setTimeout(resolve, 0)),
    now: () => performance.now(),
    close: async () => witness.close(),
  };
}

/** Loads each grammar once from below an address. */
function webGrammars(address: string | null): GrammarPort {
  const loaded = new Map<string, Promise<Uint8Array>>();
  return {
    load: (fileName) => {
      const known = loaded.get(fileName) ?? fetched(address, fileName);
      loaded.set(fileName, known);
      return known;
    },
  };
}

async function fetched(address: string | null, fileName: string): Promise<Uint8Array> {
  if (address === null) throw new Error(`${fileName}: the client named no place for grammars`);
  const response = await fetch(`${address}/${fileName}`);
  if (!response.ok) throw new Error(`${fileName} cannot be fetched: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A folder whose files the client lists and reads. Its `.gitignore` files count as on a disk. */
function clientFolder(folder: string, own: Connection): FolderHost {
  async function read(path: string): Promise<FileChange> {
    const { base64, problem } = await own.sendRequest<ReadFileResult>(METHODS.readFile, {
      uri: uriOf(folder, path),
    } satisfies ReadFileParams);
    if (base64 === null) return problem === '' ? { path, text: null } : { path, text: null, problem };
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    if (bytes.length > MAX_BYTES) return { path, text: null, problem: 'declaration files over 5 MB are not read' };
    if (bytes.includes(0)) return { path, text: null, problem: 'this file is binary and is not read' };
    try {
      return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
    } catch {
      return { path, text: null, problem: 'this file is not UTF-8 text; save it as UTF-8 to have it read' };
    }
  }
  return {
    scan: async ({ wants, exclude }) => {
      const { uris } = await own.sendRequest<ListFilesResult>(METHODS.listFiles, {
        folder,
        exclude,
      } satisfies ListFilesParams);
      const paths = uris.flatMap((uri) => pathBelow(folder, uri) || []);
      const gitignores = new Map<string, string>();
      for (const path of paths.filter((each) => each === '.gitignore' || each.endsWith('/.gitignore'))) {
        const { text } = await read(path);
        if (text !== null) gitignores.set(path.replace(/\/?\.gitignore$/, ''), text);
      }
      const scope = makeScanScope({ gitignores, exclude });
      return { files: paths.filter((path) => wants(path) && scope.includes(path)).toSorted(), problems: [], scope };
    },
    read: (paths) => Promise.all(paths.map(read)),
    openBase: async () => noBase('git cannot be asked in a browser'),
    watchBase: async () => ({ dispose: () => undefined }),
  };
}
