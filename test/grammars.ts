// The grammars port over the packages in node_modules, for tests without a build.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GrammarPort } from '../src/core/ports.ts';

const require = createRequire(import.meta.url);
const folders = [
  join(dirname(require.resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm'),
  dirname(require.resolve('@tree-sitter-grammars/tree-sitter-hcl/package.json')),
];

export const grammarsOfPackages: GrammarPort = {
  async load(fileName) {
    for (const folder of folders) {
      try {
        return new Uint8Array(await readFile(join(folder, fileName)));
      } catch {
        // The next folder may have it.
      }
    }
    throw new Error(`There is no grammar ${fileName}.`);
  },
};
