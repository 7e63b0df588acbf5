// Runs the engine to rest over ports: prepare, apply file by file, then bring what facts asked for, until nothing is asked any more.
import type { Changes, Engine, FileChange } from './engine-api.ts';
import type { FilePath } from './model/source.ts';
import type { GrammarPort } from './ports.ts';
import type { Snapshot } from './snapshot.ts';

/** What a run needs of its shell. */
export interface DrivePorts {
  readonly grammars: GrammarPort;
  /** Files that facts asked for, by path, whether they exist or not: one change each, `text` null for what does not exist. */
  readonly read: (paths: readonly FilePath[]) => Promise<readonly FileChange[]>;
  /** Called before each file is read: note it, let others run. False (or a promise of it) drops the run. */
  readonly before?: (path: FilePath) => boolean | Promise<boolean>;
}

/** More rounds than any sane chain of references has; beyond it the rest stays unresolved. */
const ROUNDS = 32;

/** The snapshot after `changes`, or null where `before` dropped the run: then the same changes must be applied again. */
export async function drive(engine: Engine, changes: Changes, ports: DrivePorts): Promise<Snapshot | null> {
  const paths = [...(changes.files ?? []), ...(changes.base?.files ?? [])]
    .filter((file) => file.text !== null)
    .map((file) => file.path);
  await engine.prepare(paths, ports.grammars);
  let snapshot = await pump(engine.apply(changes), ports.before);
  const asked = new Set<FilePath>();
  let parsed = snapshot?.parsed ?? 0;
  for (let round = 0; snapshot && round < ROUNDS; round++) {
    const missing = engine.missing().filter((path) => !asked.has(path));
    if (missing.length === 0) break;
    for (const path of missing) asked.add(path);
    await engine.prepare(missing, ports.grammars);
    snapshot = await pump(engine.apply({ files: await ports.read(missing) }), ports.before);
    parsed += snapshot?.parsed ?? 0;
  }
  return snapshot && { ...snapshot, parsed };
}

async function pump(work: Generator<FilePath, Snapshot>, before: DrivePorts['before']): Promise<Snapshot | null> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    const go = before?.(step.value) ?? true;
    if (typeof go === 'boolean' ? !go : !(await go)) {
      work.return(undefined as never);
      return null;
    }
  }
}
