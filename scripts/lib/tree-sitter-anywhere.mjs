// An esbuild plugin that lets web-tree-sitter run in every bundle. As shipped, the package asks for its own script's address when it
// is loaded (which throws in an ES module and in a web worker) and requires node's modules (which a browser bundle cannot resolve).
// The engine hands it the bytes of its WebAssembly, so it needs neither.
import { readFile } from 'node:fs/promises';

const patches = [
  {
    what: 'the script address',
    from: /function getCurrentScriptUrl\(\) \{[\s\S]*?\n {4}\}\n/,
    to: "function getCurrentScriptUrl() { return 'file:///tree-sitter.js'; }\n",
  },
  {
    what: 'the node switch',
    from: /var ENVIRONMENT_IS_NODE = typeof process == "object"[^;]*;/,
    to: 'var ENVIRONMENT_IS_NODE = false;',
  },
  { what: 'createRequire', from: /await import\("module"\)/, to: '{}' },
  { what: 'fs/promises', from: /await import\("fs\/promises"\)/, to: '{}' },
];

/** @type {import('esbuild').Plugin} */
export const treeSitterAnywhere = {
  name: 'tree-sitter-anywhere',
  setup(build) {
    build.onLoad({ filter: /tree-sitter-wasm[\\/]wasm[\\/]tree-sitter\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const { what, from, to } of patches) {
        if (!from.test(contents))
          throw new Error(`${path} has changed: ${what} was not found, adapt scripts/lib/tree-sitter-anywhere.mjs`);
        contents = contents.replace(from, to);
      }
      return { contents, loader: 'js' };
    });
  },
};
