// The registries of the engine as they are now: TypeScript bundled into a temporary file and imported.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { node, withRequire } from './bundles.mjs';
import { root } from './process.mjs';
import { treeSitterAnywhere } from './tree-sitter-anywhere.mjs';

/**
 * @typedef {object} Rule
 * @property {string} id
 * @property {'error' | 'warning' | 'info' | null} defaultSeverity null: by consequence
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
 * What a module of src/core exports as `name`; nothing where it does not exist.
 * @param {string} module
 * @param {string} name
 * @returns {Promise<readonly any[]>}
 */
async function registry(module, name) {
  const entry = join(root, 'src/core', module);
  if (!existsSync(entry)) return [];
  const scratch = mkdtempSync(join(tmpdir(), 'eventscape-registry-'));
  try {
    const outfile = join(scratch, `${name}.mjs`);
    const options = /** @type {import('esbuild').BuildOptions} */ ({
      ...node,
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
      banner: { js: withRequire },
      plugins: [treeSitterAnywhere],
    });
    await build({ ...options, absWorkingDir: root, entryPoints: [entry], outfile });
    const loaded = await import(pathToFileURL(outfile).href);
    return loaded[name] ?? [];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns {Promise<{rules: readonly Rule[], readers: readonly Format[], importers: readonly Format[]}>} */
export async function registries() {
  const [rules, readers, importers] = await Promise.all([
    registry('rule-catalogue.ts', 'ruleCatalogue'),
    registry('readers/index.ts', 'readers'),
    registry('traces/index.ts', 'importers'),
  ]);
  return { rules, readers, importers };
}
