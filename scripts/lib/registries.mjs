// The registries of the engine as they are now: TypeScript bundled into a temporary file and imported.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { node, withRequire } from './bundles.mjs';
import { root } from './process.mjs';

/**
 * @typedef {object} Rule
 * @property {string} id
 * @property {'error' | 'warning' | 'info'} defaultSeverity
 * @property {{title: string, what: string, why: string, do: string}} docs
 *
 * @typedef {object} Format
 * @property {string} id
 * @property {string} title
 * @property {{summary: string, reads: readonly string[], doesNotRead: readonly string[]}} docs
 * @property {readonly string[]} [files] readers only
 * @property {readonly string[]} [languages] readers only
 */

/**
 * What `src/core/<folder>/index.ts` exports as `name`; nothing where it does not exist.
 * @param {string} folder
 * @param {string} name
 * @returns {Promise<readonly any[]>}
 */
async function registry(folder, name) {
  const entry = join(root, `src/core/${folder}/index.ts`);
  if (!existsSync(entry)) return [];
  const scratch = mkdtempSync(join(tmpdir(), 'eventscape-registry-'));
  try {
    const outfile = join(scratch, `${name}.mjs`);
    const options = /** @type {const} */ ({
      ...node,
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
      banner: { js: withRequire },
    });
    await build({ ...options, absWorkingDir: root, entryPoints: [entry], outfile });
    const module = await import(pathToFileURL(outfile).href);
    return module[name] ?? [];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns {Promise<{rules: readonly Rule[], readers: readonly Format[], importers: readonly Format[]}>} */
export async function registries() {
  const [rules, readers, importers] = await Promise.all([
    registry('rules', 'rules'),
    registry('readers', 'readers'),
    registry('traces', 'importers'),
  ]);
  return { rules, readers, importers };
}
