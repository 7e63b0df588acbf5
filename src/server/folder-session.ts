// One workspace folder: which files are stale, and the loop that brings them to the engine and its snapshots to whoever listens.
// One step runs at a time; what happens meanwhile waits and is taken together. A step that throws is logged and costs itself alone.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { baseChange, baseRequest, noBase } from '../core/base-side.ts';
import type { Config } from '../core/config.ts';
import { drive } from '../core/drive.ts';
import type { FileChange } from '../core/engine-api.ts';
import { createEngine } from '../core/engine.ts';
import type { Fix } from '../core/model/edit.ts';
import type { Finding } from '../core/model/finding.ts';
import type { FilePath } from '../core/model/source.ts';
import type { WitnessAnswer } from '../core/model/change.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Disposable, FolderHost, FolderScan, ServerHost } from './host.ts';
import { uriOf } from './uris.ts';

/** How long text may be unread while somebody types, ms. */
const TYPING_DELAY = 100;
/** How long the disk may be quiet before its changes are read, ms: a checkout touches many files. */
const DISK_DELAY = 150;
/** How long answers of the proof may gather, ms. */
const PROOF_DELAY = 40;
/** How long one stretch of work may keep others waiting, ms. */
const STRETCH = 10;
const MAX_TEXT = 5 * 1024 * 1024;

export interface SessionContext {
  readonly host: ServerHost;
  /** Asked again whenever `reconfigure` was called. */
  readonly settings: (folderUri: string) => Promise<Partial<Config>>;
  /** The base a person chose, over every setting; null: none chosen. */
  readonly chosenBase: () => string | null;
  readonly trusted: () => boolean;
  readonly document: (uri: string) => TextDocument | undefined;
  /** Folders inside this one that have a session of their own. */
  readonly nested: (folderUri: string) => readonly FilePath[];
  readonly onSnapshot: (session: FolderSession) => void;
  readonly onProgress: (session: FolderSession, text: string | null) => void;
  readonly log: (message: string) => void;
  /** Something a person should see once. */
  readonly warn: (message: string) => void;
}

export interface FolderSession extends Disposable {
  readonly uri: string;
  /** The latest snapshot; null before the first scan is over. */
  readonly snapshot: () => Snapshot | null;
  readonly fixes: (finding: Finding) => readonly Fix[];
  /** The version of the open document that the snapshot has read; null where it was read from disk. */
  readonly versionOf: (path: FilePath) => number | null;
  /** An open document got another text, was opened or was closed. */
  readonly edited: (path: FilePath) => void;
  /** Something happened to a file or folder on disk. */
  readonly touched: (path: FilePath, what: 'created' | 'changed' | 'deleted') => void;
  readonly reconfigure: () => void;
  readonly refreshBase: () => void;
  /** Reads everything again, files that were skipped after a crash included. */
  readonly rescan: () => void;
}

/** Starts reading a folder. */
export function openFolder(uri: string, context: SessionContext): FolderSession {
  const { host } = context;
  const files: FolderHost = host.folder(uri);
  const engine = createEngine();
  const todo = {
    scan: true,
    config: true,
    base: true,
    dirty: new Set<FilePath>(),
    answers: [] as { key: string; answer: WitnessAnswer }[],
  };
  const asked = new Set<FilePath>();
  const searched = new Set<string>();
  let given = new Set<FilePath>();
  let versions: ReadonlyMap<FilePath, number> = new Map();
  let reading = new Map<FilePath, number>();
  let scan: FolderScan | null = null;
  let config: Partial<Config> = {};
  let snapshot: Snapshot | null = null;
  let scans = 0;
  let baseKey = '';
  let askedAtBase = -1;
  let refused = '';
  let running = false;
  let closed = false;
  let timer: { readonly due: number; readonly handle: ReturnType<typeof setTimeout> } | null = null;
  let watch: Disposable | null = null;
  let watching = false;

  const session: FolderSession = {
    uri,
    snapshot: () => snapshot,
    fixes: (finding) => engine.fixes(finding),
    versionOf: (path) => versions.get(path) ?? null,
    edited: (path) => {
      if (!concerns(path)) return;
      const document = context.document(uriOf(uri, path));
      if (!running && document !== undefined && snapshot?.source(path)?.text === document.getText()) {
        // Opened as it is on disk, or typed and taken back: the snapshot holds for this version too.
        reading.set(path, document.version);
        versions = new Map(reading);
        return;
      }
      todo.dirty.add(path);
      soon(TYPING_DELAY);
    },
    touched,
    reconfigure: () => {
      todo.config = true;
      soon(0);
    },
    refreshBase: () => {
      todo.base = true;
      soon(0);
    },
    rescan: () => {
      host.notes.forgive();
      baseKey = '';
      todo.scan = true;
      soon(0);
    },
    dispose: () => {
      closed = true;
      if (timer) clearTimeout(timer.handle);
      watch?.dispose();
    },
  };

  soon(0);
  return session;

  /** From the first time that git may be asked. */
  async function watchBase(): Promise<void> {
    if (watching) return;
    watching = true;
    try {
      watch = await files.watchBase(() => session.refreshBase());
      if (closed) watch.dispose();
    } catch (error) {
      context.log(`The base of ${uri} is not watched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Whether a file matters to the snapshot. Before the first scan everything may. */
  function concerns(path: FilePath): boolean {
    return scan === null || asked.has(path) || (engine.wants(path) && scan.scope.includes(path));
  }

  function touched(path: FilePath, what: 'created' | 'changed' | 'deleted'): void {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name === '.gitignore') todo.scan = true;
    else if (concerns(path)) todo.dirty.add(path);
    else if (what === 'deleted') {
      // A folder's own deletion is all that is said of what was in it.
      for (const file of given) if (file.startsWith(`${path}/`)) todo.dirty.add(file);
      if (todo.dirty.size === 0) return;
    } else if (what === 'created' && scan?.scope.enters(path) === true && !name.includes('.')) todo.scan = true;
    else return;
    soon(DISK_DELAY);
  }

  /** Works after `delay` at the latest; an earlier appointment stands. */
  function soon(delay: number): void {
    if (closed) return;
    const due = host.now() + delay;
    if (timer !== null && timer.due <= due) return;
    if (timer !== null) clearTimeout(timer.handle);
    timer = { due, handle: setTimeout(() => void work(), delay) };
  }

  async function work(): Promise<void> {
    timer = null;
    if (running) return;
    running = true;
    try {
      while (await step());
    } finally {
      running = false;
    }
  }

  /** The most urgent thing to do; false where nothing is left. */
  async function step(): Promise<boolean> {
    try {
      if (todo.config) {
        todo.config = false;
        await takeConfig();
      } else if (todo.scan) {
        todo.scan = false;
        await takeScan();
      } else if (todo.dirty.size > 0) {
        const paths = [...todo.dirty];
        todo.dirty.clear();
        await takeFiles(paths);
      } else if (todo.base) {
        todo.base = false;
        await takeBase();
      } else if (todo.answers.length > 0) publish(engine.prove(todo.answers.splice(0)));
      else return false;
    } catch (error) {
      context.log(`${uri}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    return !closed;
  }

  async function takeConfig(): Promise<void> {
    const next = await context.settings(uri);
    const excludes = JSON.stringify(next.exclude ?? []) !== JSON.stringify(config.exclude ?? []);
    config = next;
    if (excludes || scan === null) todo.scan = true;
    else publish(await run({ config }, []));
  }

  async function takeScan(): Promise<void> {
    context.onProgress(session, 'Looking for files');
    try {
      const nested = context.nested(uri);
      scan = await files.scan({ wants: engine.wants, exclude: [...(config.exclude ?? []), ...nested] });
      scans++;
      const paths = new Set([...scan.files, ...asked, ...[...todo.dirty].filter(concerns)]);
      todo.dirty.clear();
      const gone = [...given].filter((path) => !paths.has(path)).map((path): FileChange => ({ path, text: null }));
      given = new Set();
      const unlisted = scan.problems.map(({ path, message }): FileChange => ({ path, text: null, problem: message }));
      const texts = await read([...paths]);
      let done = 0;
      const next = await run({ files: [...texts, ...unlisted, ...gone], config }, [], () => {
        done++;
        if (done % 20 === 0)
          context.onProgress(session, `Read ${Math.min(done, texts.length)} of ${texts.length} files`);
      });
      publish(next);
      todo.base = true;
    } finally {
      context.onProgress(session, null);
    }
  }

  async function takeFiles(paths: readonly FilePath[]): Promise<void> {
    const relevant = paths.filter(concerns);
    if (relevant.length > 0) publish(await run({ files: await read(relevant) }, relevant));
  }

  async function takeBase(): Promise<void> {
    if (scan === null || snapshot === null) return;
    const wish = context.chosenBase() ?? snapshot.config.base;
    if (context.trusted()) void watchBase();
    const opened = context.trusted()
      ? await files.openBase(baseRequest(wish))
      : noBase('git is not started until this workspace is trusted');
    const base = opened.kind === 'unresolvable' ? noBase(opened.message) : opened;
    if (opened.kind === 'unresolvable' && refused !== opened.message)
      context.warn(`Contract edits are not compared: ${opened.message}.`);
    refused = opened.kind === 'unresolvable' ? opened.message : '';
    const info = base.kind === 'tree' ? base.tree.info : base.info;
    const key = JSON.stringify([info, scans]);
    if (key === baseKey && askedAtBase === asked.size) return;
    baseKey = key;
    askedAtBase = asked.size;
    publish(await run({ base: await baseChange(base, engine.wants, scan.scope, asked) }, []));
  }

  /** Drives the engine; null where a newer text of `droppable` came meanwhile. */
  async function run(
    changes: Parameters<typeof drive>[1],
    droppable: readonly FilePath[],
    onFile?: () => void,
  ): Promise<Snapshot | null> {
    let since = host.now();
    try {
      const next = await drive(engine, changes, {
        grammars: host.grammars,
        read: (paths) => {
          for (const path of paths) asked.add(path);
          return read(paths);
        },
        before: (path) => {
          if (closed) return false;
          host.notes.inHand(path === '' ? null : noteKey(path));
          onFile?.();
          if (host.now() - since < STRETCH) return true;
          return host.pause().then(() => {
            since = host.now();
            return !closed && !droppable.some((file) => todo.dirty.has(file));
          });
        },
      });
      // A fragment that was asked for may stand in the base tree too.
      if (askedAtBase >= 0 && askedAtBase !== asked.size) todo.base = true;
      return next;
    } finally {
      host.notes.inHand(null);
    }
  }

  /** Open buffers over disk. */
  async function read(paths: readonly FilePath[]): Promise<readonly FileChange[]> {
    const changes = new Map<FilePath, FileChange>();
    const onDisk: FilePath[] = [];
    for (const path of paths) {
      given.add(path);
      const document = context.document(uriOf(uri, path));
      if (host.notes.skipped.has(noteKey(path))) changes.set(path, { path, text: null, problem: SKIPPED });
      else if (document === undefined) onDisk.push(path);
      else {
        reading.set(path, document.version);
        const text = document.getText();
        changes.set(
          path,
          text.length > MAX_TEXT
            ? { path, text: null, problem: 'declaration files over 5 MB are not read' }
            : { path, text },
        );
      }
    }
    for (const change of await files.read(onDisk)) changes.set(change.path, change);
    for (const path of onDisk) reading.delete(path);
    return paths.map((path) => changes.get(path) ?? { path, text: null });
  }

  function publish(next: Snapshot | null): void {
    if (next === null || closed) return;
    snapshot = next;
    versions = new Map(reading);
    context.onSnapshot(session);
    for (const { key, request } of next.pending) {
      if (searched.has(key)) continue;
      searched.add(key);
      void host.validate.search(request).then((answer) => {
        todo.answers.push({ key, answer });
        soon(PROOF_DELAY);
        return undefined;
      });
    }
  }

  function noteKey(path: FilePath): string {
    return `${uri} ${path}`;
  }
}

const SKIPPED =
  'the language server ended while it was reading this file; it is skipped until the workspace is read again';
