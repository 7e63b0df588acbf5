// A folder and a base → one snapshot: the whole run of a command line. The language server drives the engine change by change instead.
import { baseChange, baseRequest } from '../core/base-side.ts';
import type { Config } from '../core/config.ts';
import { drive } from '../core/drive.ts';
import type { Engine, FileChange } from '../core/engine-api.ts';
import type { FilePath } from '../core/model/source.ts';
import type { GrammarPort, ValidatePort } from '../core/ports.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { readTexts, scanFolder, type Scan } from './files.ts';
import { openBase } from './git.ts';

export interface RunOptions {
  readonly folder: string;
  readonly grammars: GrammarPort;
  /** As `--base` gives it; absent: the workspace's `eventscape.yaml` decides, else the default order. */
  readonly base?: string;
  readonly config?: Partial<Config>;
  /** Files to read whatever the rules say. */
  readonly named?: readonly FilePath[];
  /** Searches the proofs of contract findings where given. */
  readonly validate?: ValidatePort;
  readonly signal?: AbortSignal;
}

export type RunResult =
  | { readonly kind: 'done'; readonly snapshot: Snapshot; readonly scan: Scan }
  /** The folder cannot be read, or the base was asked for and does not resolve: one sentence. */
  | { readonly kind: 'refused'; readonly message: string };

/** Reads everything once. Rejects only with the signal's reason or a programmer's error. */
export async function runEngine(engine: Engine, options: RunOptions): Promise<RunResult> {
  const { folder, signal } = options;
  let scan: Scan;
  try {
    scan = await scanFolder(folder, {
      wants: engine.wants,
      exclude: options.config?.exclude ?? [],
      named: options.named ?? [],
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    return {
      kind: 'refused',
      message: `${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const asked = new Set<FilePath>();
  const ports = {
    grammars: options.grammars,
    before: () => {
      signal?.throwIfAborted();
      return true;
    },
    read: (paths: readonly FilePath[]) => {
      for (const path of paths) asked.add(path);
      return readTexts(folder, paths, signal);
    },
  };
  const unlisted = scan.problems.map(({ path, message }): FileChange => ({ path, text: null, problem: message }));
  const files = [...(await readTexts(folder, scan.files, signal)), ...unlisted];
  let snapshot = done(await drive(engine, { files, config: options.config ?? {} }, ports));

  const base = await openBase(folder, baseRequest(options.base ?? snapshot.config.base));
  if (base.kind === 'unresolvable') return { kind: 'refused', message: base.message };
  // A fragment that the base side alone refers to is found only when the base has been read: ask again until nothing is new.
  for (let known = -1; known !== asked.size;) {
    known = asked.size;
    snapshot = done(await drive(engine, { base: await baseChange(base, engine.wants, scan.scope, asked) }, ports));
    if (base.kind === 'none') break;
  }
  if (options.validate && snapshot.pending.length > 0) {
    const { validate } = options;
    const answers = await Promise.all(
      snapshot.pending.map(async ({ key, request }) => ({ key, answer: await validate.search(request) })),
    );
    snapshot = engine.prove(answers);
  }
  return { kind: 'done', snapshot, scan };
}

function done(snapshot: Snapshot | null): Snapshot {
  if (!snapshot) throw new Error('The run was dropped though nothing drops it');
  return snapshot;
}
