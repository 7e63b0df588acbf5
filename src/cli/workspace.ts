// A folder named on the command line → the engine's snapshot of it, shared by topology, check, fix and trace.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../core/config.ts';
import { createEngine } from '../core/engine.ts';
import type { Engine } from '../core/engine-api.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { grammarFolders, nodeGrammars } from '../node/grammars.ts';
import { runEngine } from '../node/run-engine.ts';
import { witnessPool } from '../node/witness-pool.ts';
import { UsageError } from './usage.ts';

/** Where this bundle and the files beside it stand. */
export const bundleFolder: string = import.meta.dirname;

/** The worker that searches witnesses; close it when done. */
export function openWitnessPool(): ReturnType<typeof witnessPool> {
  return witnessPool({ script: join(bundleFolder, 'witness-worker.cjs') });
}

/** Reads a folder and its base. Throws a UsageError where the folder is none or the base was asked for and does not resolve. */
export async function openWorkspace(
  dir: string,
  base: string | undefined,
  config: Partial<Config>,
  prove: boolean,
): Promise<{ readonly folder: string; readonly engine: Engine; readonly snapshot: Snapshot }> {
  const folder = resolve(dir);
  const found = await stat(folder).catch(() => null);
  if (found === null) throw new UsageError(`${dir}: there is no such folder`);
  if (!found.isDirectory()) throw new UsageError(`${dir}: not a folder; name the folder that holds the workspace`);
  if (base === '')
    throw new UsageError('--base is empty; name a revision, say "none", or leave it out for the default order');
  const engine = createEngine();
  const pool = prove ? openWitnessPool() : null;
  try {
    const result = await runEngine(engine, {
      folder,
      grammars: nodeGrammars(grammarFolders(bundleFolder)),
      config,
      ...(base === undefined ? {} : { base }),
      ...(pool === null ? {} : { validate: pool }),
    });
    if (result.kind === 'refused') throw new UsageError(result.message);
    return { folder, engine, snapshot: result.snapshot };
  } finally {
    await pool?.close();
  }
}
