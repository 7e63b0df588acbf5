// An LSP client for tests: builds the server once, starts it on a folder over stdio, and waits for what it says. No editor.
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import {
  CodeActionRequest,
  CodeLensRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  FileChangeType,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ReferencesRequest,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CodeAction,
  type CodeLens,
  type Diagnostic,
  type Hover,
  type InitializeParams,
  type Location,
  type Position,
  type ProtocolConnection,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { bundles, grammars } from '../../scripts/lib/bundles.mjs';
import {
  METHODS,
  type ChangedParams,
  type InitializationOptions,
  type PartsResult,
} from '../../src/protocol/server.ts';

const root = dirname(dirname(import.meta.dirname));
let bundled: Promise<string> | null = null;

/** Bundles the server and its workers as the build does, into a folder of their own. */
async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'eventscape-server-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'grammars'));
  for (const { from } of grammars)
    copyFileSync(join(root, 'node_modules', from), join(folder, 'grammars', basename(from)));
  const wanted = bundles.filter(({ name }) => ['server', 'witness-worker', 'trace-worker'].includes(name));
  await Promise.all(
    wanted.map(({ name, entry, options }) =>
      build({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile: join(folder, `${name}.cjs`),
        bundle: true,
        logLevel: 'error',
        ...options,
      }),
    ),
  );
  return folder;
}

/** A fresh folder with these files, gone after `remove`. */
export function makeWorkspace(files: Readonly<Record<string, string>>): {
  readonly folder: string;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  readonly remove: () => void;
} {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'eventscape-workspace-')));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  write(files);
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const DID_CHANGE_WATCHED_FILES = 'workspace/didChangeWatchedFiles';

/** A diagnostic whose message is plain text. */
type Shown = Diagnostic & { readonly message: string };

export interface ClientOptions extends InitializationOptions {
  /** Answers to `workspace/configuration`, by section. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly folders?: readonly string[];
  /** Laid over the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Client {
  readonly connection: ProtocolConnection;
  readonly folder: string;
  /** Every note of a change, in order. */
  readonly changes: ChangedParams[] = [];
  readonly log: string[] = [];
  readonly shown: string[] = [];
  readonly #process: ChildProcess;
  readonly #diagnostics = new Map<string, readonly Shown[]>();
  readonly #documents = new Map<string, TextDocument>();
  readonly #waiting = new Set<() => void>();

  private constructor(folder: string, child: ChildProcess, connection: ProtocolConnection) {
    this.folder = folder;
    this.#process = child;
    this.connection = connection;
  }

  static async start(folder: string, options: ClientOptions = {}): Promise<Client> {
    bundled ??= bundle();
    const child = spawn(process.execPath, [join(await bundled, 'server.cjs'), '--stdio'], {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!child.stdout || !child.stdin) throw new Error('The server has no pipes');
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const client = new Client(folder, child, connection);
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      client.#diagnostics.set(
        uri,
        diagnostics.map((diagnostic) => Object.assign(diagnostic, { message: textOf(diagnostic.message) })),
      );
      client.#wake();
    });
    connection.onNotification(METHODS.changed, (params: ChangedParams) => {
      client.changes.push(params);
      client.#wake();
    });
    connection.onNotification('window/logMessage', ({ message }: { message: string }) => void client.log.push(message));
    connection.onNotification(
      'window/showMessage',
      ({ message }: { message: string }) => void client.shown.push(message),
    );
    connection.onRequest('window/showMessageRequest', ({ message }: { message: string }) => {
      client.shown.push(message);
      return null;
    });
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.onRequest('workspace/codeLens/refresh', () => null);
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section }) => options.configuration?.[section ?? ''] ?? null),
    );
    connection.listen();
    const { configuration: _, folders, env: _env, ...initializationOptions } = options;
    const params: InitializeParams = {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: (folders ?? [folder]).map((path) => ({ uri: pathToFileURL(path).href, name: path })),
      capabilities: {
        workspace: {
          configuration: true,
          workspaceFolders: true,
          didChangeWatchedFiles: { dynamicRegistration: true },
          codeLens: { refreshSupport: true },
        },
      },
      initializationOptions,
    };
    await connection.sendRequest(InitializeRequest.type, params);
    await connection.sendNotification(InitializedNotification.type, {});
    return client;
  }

  uri(path: string): string {
    return path.startsWith('/') ? pathToFileURL(path).href : `${pathToFileURL(this.folder).href}/${path}`;
  }

  async open(path: string, text: string, languageId = 'yaml'): Promise<void> {
    const document = TextDocument.create(this.uri(path), languageId, 1, text);
    this.#documents.set(path, document);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri: document.uri, languageId, version: 1, text },
    });
  }

  text(path: string): string {
    return this.#document(path).getText();
  }

  /** Replaces the first occurrence of a text in an open document, as typing would. */
  async edit(path: string, before: string, after: string): Promise<void> {
    const document = this.#document(path);
    const start = document.getText().indexOf(before);
    if (start < 0) throw new Error(`${path} holds no ${JSON.stringify(before)}`);
    const change = {
      range: { start: document.positionAt(start), end: document.positionAt(start + before.length) },
      text: after,
    };
    const next = TextDocument.update(document, [change], document.version + 1);
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: next.uri, version: next.version },
      contentChanges: [change],
    });
  }

  async close(path: string): Promise<void> {
    this.#documents.delete(path);
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: this.uri(path) },
    });
  }

  /** Says what an editor's file watcher would say. */
  async touched(path: string, what: 'created' | 'changed' | 'deleted'): Promise<void> {
    const type = { created: FileChangeType.Created, changed: FileChangeType.Changed, deleted: FileChangeType.Deleted }[
      what
    ];
    await this.connection.sendNotification(DID_CHANGE_WATCHED_FILES, {
      changes: [{ uri: this.uri(path), type }],
    });
  }

  diagnostics(path: string): readonly Shown[] {
    return this.#diagnostics.get(this.uri(path)) ?? [];
  }

  /** `severity[rule] line: first words`, sorted as sent, for every file that has any. */
  squiggles(): Readonly<Record<string, readonly string[]>> {
    const prefix = `${pathToFileURL(this.folder).href}/`;
    const entries = [...this.#diagnostics]
      .filter(([, list]) => list.length > 0)
      .map(([uri, list]) => [uri.replace(prefix, ''), list.map(squiggle)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Waits until `reached` holds; it is asked again after everything that the server says. */
  async until(reached: () => boolean, what: string, limit = 15_000): Promise<void> {
    if (reached()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = (): void => {
        if (!reached()) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        reject(
          new Error(`Waited in vain: ${what}\n${JSON.stringify(this.squiggles(), null, 1)}\n${this.log.join('\n')}`),
        );
      }, limit);
      this.#waiting.add(check);
    });
  }

  /** Waits until the first scan is over and the base has been looked for; answers what was found. */
  async settled(): Promise<{ readonly ref: string; readonly commit: string; readonly reason: string }> {
    for (let seen = 0; ; seen = this.changes.length) {
      await this.until(() => this.changes.length > seen, 'the first scan and the base');
      const { structure } = await this.parts();
      if (structure && structure.base.reason !== 'no base was given') return structure.base;
    }
  }

  /** Waits until no note of a change came for a while. */
  async calm(quiet = 700): Promise<void> {
    for (let before = -1; before !== this.changes.length;) {
      before = this.changes.length;
      await new Promise((resolve) => void setTimeout(resolve, quiet));
    }
  }

  actions(path: string, at: Position, only?: readonly string[]): Promise<readonly CodeAction[]> {
    const params = {
      textDocument: { uri: this.uri(path) },
      range: { start: at, end: at },
      context: { diagnostics: [...this.diagnostics(path)], ...(only ? { only: [...only] } : {}) },
    };
    return this.connection.sendRequest(CodeActionRequest.type, params).then((list) => (list ?? []) as CodeAction[]);
  }

  async lenses(path: string): Promise<readonly CodeLens[]> {
    return (await this.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: this.uri(path) } })) ?? [];
  }

  async hover(path: string, at: Position): Promise<string> {
    const hover: Hover | null = await this.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: this.uri(path) },
      position: at,
    });
    return hover && typeof hover.contents === 'object' && 'value' in hover.contents ? hover.contents.value : '';
  }

  async definition(path: string, at: Position): Promise<readonly string[]> {
    const found = await this.connection.sendRequest(DefinitionRequest.type, {
      textDocument: { uri: this.uri(path) },
      position: at,
    });
    return this.#places((found ?? []) as Location[]);
  }

  async references(path: string, at: Position, includeDeclaration = false): Promise<readonly string[]> {
    const found = await this.connection.sendRequest(ReferencesRequest.type, {
      textDocument: { uri: this.uri(path) },
      position: at,
      context: { includeDeclaration },
    });
    return this.#places(found ?? []);
  }

  parts(known: { structure?: string; findings?: string; latency?: string } = {}): Promise<PartsResult> {
    return this.connection.sendRequest(METHODS.parts, { structure: '', findings: '', latency: '', ...known });
  }

  /** Applies an edit as an editor would: open documents change, versions are respected, other files are given back. */
  async apply(edit: WorkspaceEdit | undefined): Promise<Readonly<Record<string, string>>> {
    const made: Record<string, string> = {};
    for (const change of edit?.documentChanges ?? []) {
      if (!('textDocument' in change)) continue;
      const { uri, version } = change.textDocument;
      const open = [...this.#documents].find(([, document]) => document.uri === uri);
      if (!open) {
        made[uri.replace(`${pathToFileURL(this.folder).href}/`, '')] = change.edits
          .map((each) => ('newText' in each ? each.newText : ''))
          .join('');
        continue;
      }
      const [path, document] = open;
      if (version !== null && version !== document.version)
        throw new Error(`The edit is for version ${version} of ${path}, which is at ${document.version}`);
      const text = TextDocument.applyEdits(
        document,
        change.edits.filter((each) => 'newText' in each),
      );
      const next = TextDocument.update(document, [{ text }], document.version + 1);
      await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version: next.version },
        contentChanges: [{ text }],
      });
    }
    return made;
  }

  /** Ends the server the hard way. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await gone;
    this.connection.dispose();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification('exit');
    await gone;
    this.connection.dispose();
  }

  #document(path: string): TextDocument {
    const document = this.#documents.get(path);
    if (!document) throw new Error(`${path} is not open`);
    return document;
  }

  #places(locations: readonly Location[]): readonly string[] {
    return locations.map(
      ({ uri, range }) => `${uri.replace(`${pathToFileURL(this.folder).href}/`, '')}:${range.start.line + 1}`,
    );
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }
}

function textOf(message: Diagnostic['message']): string {
  return typeof message === 'string' ? message : message.value;
}

const SEVERITIES = ['', 'error', 'warning', 'info', 'hint'];

function squiggle({ severity, code, range, message }: Shown): string {
  return `${SEVERITIES[severity ?? 0]}[${code}] ${range.start.line + 1}: ${message.slice(0, 60)}`;
}
