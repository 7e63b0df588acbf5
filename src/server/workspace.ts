// All folders of the workspace: their sessions, the open documents, and who is told when a snapshot changes.
import type { Connection, InitializeParams } from 'vscode-languageserver';
import { TextDocumentSyncKind, TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Config } from '../core/config.ts';
import type { FilePath } from '../core/model/source.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { METHODS, type InitializationOptions, type ProgressParams, type ServerSettings } from '../protocol/server.ts';
import { openFolder, type FolderSession } from './folder-session.ts';
import type { Disposable, ServerHost } from './host.ts';
import { pathBelow, sameUriKey, uriOf } from './uris.ts';

/** A place in a session's snapshot. */
export interface Place {
  readonly session: FolderSession;
  readonly snapshot: Snapshot;
  readonly path: FilePath;
}

/** What every feature works with. */
export interface Workspace extends Disposable {
  readonly connection: Connection;
  readonly host: ServerHost;
  readonly options: InitializationOptions;
  readonly sessions: () => readonly FolderSession[];
  /** Where a document stands; null outside of every folder and before the first scan. */
  readonly place: (uri: string) => Place | null;
  /** The address to show for a path: an open document's own spelling where there is one. */
  readonly uri: (session: FolderSession, path: FilePath) => string;
  readonly document: (uri: string) => TextDocument | undefined;
  readonly setting: <Name extends keyof ServerSettings>(folderUri: string, name: Name) => Promise<ServerSettings[Name]>;
  readonly onSnapshot: (listener: (session: FolderSession) => void) => Disposable;
  readonly onClosed: (listener: (session: FolderSession) => void) => Disposable;
  /** Opens the folders; call when the client said it is initialized. */
  readonly start: () => void;
  readonly setBase: (base: string | null) => void;
  readonly trust: () => void;
  readonly reconfigure: () => void;
  readonly changeFolders: (added: readonly string[], removed: readonly string[]) => void;
  /** Puts a line into the client's status while something long runs; null: over. */
  readonly progress: (key: string, text: string | null) => void;
}

export function makeWorkspace(connection: Connection, host: ServerHost, params: InitializeParams): Workspace {
  // The text of a client is hostile; what has no known shape is left out field by field.
  const options = (params.initializationOptions ?? {}) as InitializationOptions;
  const documents = new TextDocuments(TextDocument);
  const byKey = new Map<string, TextDocument>();
  const sessions = new Map<string, FolderSession>();
  const listeners = new Set<(session: FolderSession) => void>();
  const closers = new Set<(session: FolderSession) => void>();
  const busy = new Map<string, string>();
  const asksForSettings = params.capabilities.workspace?.configuration === true;
  let folders = foldersOf(params);
  let base = options.base ?? null;
  let trusted = options.trusted ?? true;

  function open(uri: string): void {
    if (sessions.has(uri)) return;
    sessions.set(
      uri,
      openFolder(uri, {
        host,
        settings: async (folder) => configOf(await settingsOf(folder), await excludesOf(folder)),
        chosenBase: () => base,
        trusted: () => trusted,
        document: (wanted) => byKey.get(sameUriKey(wanted)),
        nested: (folder) => folders.flatMap((other) => pathBelow(folder, other) || []),
        onSnapshot: (session) => {
          for (const listener of listeners) listener(session);
        },
        onProgress: (session, text) => progress(session.uri, text),
        log: (message) => connection.console.error(message),
        warn: (message) => connection.window.showWarningMessage(message),
      }),
    );
  }

  function close(uri: string): void {
    const session = sessions.get(uri);
    if (!session) return;
    session.dispose();
    sessions.delete(uri);
    for (const closer of closers) closer(session);
  }

  function progress(key: string, text: string | null): void {
    if (text === null) busy.delete(key);
    else busy.set(key, text);
    void connection.sendNotification(METHODS.progress, {
      text: busy.values().next().value ?? null,
    } satisfies ProgressParams);
  }

  async function settingsOf(folder: string): Promise<ServerSettings> {
    if (!asksForSettings) return options.settings ?? {};
    const answer: unknown = await connection.workspace.getConfiguration({ scopeUri: folder, section: 'eventscape' });
    return typeof answer === 'object' && answer !== null ? flattened(answer) : {};
  }

  /** What the editor hides from its own explorer. */
  async function excludesOf(folder: string): Promise<readonly string[]> {
    if (!asksForSettings) return [];
    const answer: unknown = await connection.workspace.getConfiguration({ scopeUri: folder, section: 'files.exclude' });
    return typeof answer === 'object' && answer !== null
      ? Object.entries(answer).flatMap(([glob, on]) => (on === true ? [glob] : []))
      : [];
  }

  function sessionOf(uri: string): { session: FolderSession; path: FilePath } | null {
    let best: { session: FolderSession; path: FilePath } | null = null;
    for (const session of sessions.values()) {
      const path = pathBelow(session.uri, uri);
      if (path !== null && (best === null || path.length < best.path.length)) best = { session, path };
    }
    return best;
  }

  function edited(document: TextDocument): void {
    const found = sessionOf(document.uri);
    found?.session.edited(found.path);
  }

  const subscriptions = [
    documents.onDidChangeContent(({ document }) => {
      byKey.set(sameUriKey(document.uri), document);
      edited(document);
    }),
    documents.onDidClose(({ document }) => {
      byKey.delete(sameUriKey(document.uri));
      edited(document);
    }),
    documents.listen(connection),
  ];

  return {
    connection,
    host,
    options,
    sessions: () => [...sessions.values()],
    place: (uri) => {
      const found = sessionOf(uri);
      const snapshot = found?.session.snapshot() ?? null;
      return found && snapshot && { ...found, snapshot };
    },
    uri: (session, path) => {
      const uri = uriOf(session.uri, path);
      return byKey.get(sameUriKey(uri))?.uri ?? uri;
    },
    document: (uri) => byKey.get(sameUriKey(uri)),
    setting: async (folder, name) => (await settingsOf(folder))[name],
    onSnapshot: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onClosed: (listener) => {
      closers.add(listener);
      return { dispose: () => closers.delete(listener) };
    },
    start: () => {
      for (const folder of folders) open(folder);
    },
    setBase: (wish) => {
      base = wish;
      for (const session of sessions.values()) session.refreshBase();
    },
    trust: () => {
      trusted = true;
      for (const session of sessions.values()) session.refreshBase();
    },
    reconfigure: () => {
      for (const session of sessions.values()) session.reconfigure();
    },
    changeFolders: (added, removed) => {
      folders = [...folders.filter((folder) => !removed.includes(folder)), ...added];
      for (const folder of removed) close(folder);
      // A folder inside another one takes its files over, or gives them back.
      for (const session of sessions.values()) session.rescan();
      for (const folder of added) open(folder);
    },
    progress,
    dispose: () => {
      for (const folder of sessions.keys()) close(folder);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/** What the documents need of the client. */
export const DOCUMENT_SYNC = { openClose: true, change: TextDocumentSyncKind.Incremental } as const;

function foldersOf(params: InitializeParams): readonly string[] {
  if (params.workspaceFolders) return params.workspaceFolders.map((folder) => folder.uri);
  // Editors that know no workspace folders name one root.
  return params.rootUri ? [params.rootUri] : [];
}

/** `contracts: {mode}` → `contracts.mode`, as the setting's id has it. */
function flattened(section: object): ServerSettings {
  const flat = Object.entries(section).flatMap(([name, value]: [string, unknown]) =>
    (name === 'contracts' || name === 'trace') && typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, deep]) => [`${name}.${inner}`, deep])
      : [[name, value]],
  );
  return Object.fromEntries(flat) as ServerSettings;
}

function configOf(settings: ServerSettings, hidden: readonly string[]): Partial<Config> {
  const { rules, base, exclude } = settings;
  const mode = settings['contracts.mode'];
  return {
    ...(rules && typeof rules === 'object' ? { rules: new Map(Object.entries(rules)) } : {}),
    ...(typeof base === 'string' && base !== '' ? { base } : {}),
    exclude: [...(Array.isArray(exclude) ? exclude.filter((glob) => typeof glob === 'string') : []), ...hidden],
    ...(typeof mode === 'string' && mode !== 'additive' ? { modes: [{ path: '**', mode }] } : {}),
  };
}
