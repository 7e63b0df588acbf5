// Every bundle of the product: where it starts, where it runs, what it becomes in dist/.

/**
 * @typedef {object} Bundle
 * @property {string} name of its metafile, dist/meta/<name>.json
 * @property {string} entry source file, relative to the project
 * @property {string} [outfile] relative to the project
 * @property {string} [outdir] instead of outfile, where the bundle is split into chunks
 * @property {import('esbuild').BuildOptions} options
 */

/**
 * For Node. The `module` builds first: a `main` in UMD form asks for its own files in a way that no bundler sees.
 * @satisfies {import('esbuild').BuildOptions}
 */
export const node = { platform: 'node', target: 'node20', mainFields: ['module', 'main'] };
/** @satisfies {import('esbuild').BuildOptions} */
const browser = { platform: 'browser', target: 'es2022' };
const shebang = '#!/usr/bin/env node';
/** For ES modules on Node: the packages inside are CommonJS and ask for node's own modules with `require`. */
export const withRequire = `import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);`;

/** @type {readonly Bundle[]} */
export const bundles = [
  {
    name: 'extension',
    entry: 'src/extension/node/main.ts',
    outfile: 'dist/extension.cjs',
    options: { ...node, format: 'cjs', external: ['vscode'] },
  },
  {
    name: 'extension.browser',
    entry: 'src/extension/browser/main.ts',
    outfile: 'dist/extension.browser.cjs',
    options: { ...browser, format: 'cjs', external: ['vscode'] },
  },
  {
    name: 'server',
    entry: 'src/server/node/main.ts',
    outfile: 'dist/server.cjs',
    options: { ...node, format: 'cjs' },
  },
  {
    name: 'server.browser',
    entry: 'src/server/browser/main.ts',
    outfile: 'dist/server.browser.js',
    options: { ...browser, format: 'iife' },
  },
  {
    name: 'trace-worker',
    entry: 'src/server/trace-worker.ts',
    outfile: 'dist/trace-worker.cjs',
    options: { ...node, format: 'cjs' },
  },
  {
    name: 'witness-worker',
    entry: 'src/server/witness-worker.ts',
    outfile: 'dist/witness-worker.cjs',
    options: { ...node, format: 'cjs' },
  },
  {
    name: 'witness-worker.browser',
    entry: 'src/server/witness-worker.ts',
    outfile: 'dist/witness-worker.browser.js',
    options: { ...browser, format: 'iife', external: ['node:*', '*/witness-avro.ts'] },
  },
  {
    name: 'cli',
    entry: 'src/cli/main.ts',
    outfile: 'dist/cli.js',
    options: { ...node, format: 'esm', banner: { js: `${shebang}\n${withRequire}` } },
  },
  {
    name: 'webview',
    entry: 'webview/main.ts',
    outdir: 'dist/webview',
    options: { ...browser, format: 'esm', splitting: true, chunkNames: 'chunks/[name]-[hash]' },
  },
  {
    name: 'layout-worker',
    entry: 'webview/layout/worker.ts',
    outfile: 'dist/webview/layout-worker.js',
    options: { ...browser, format: 'iife' },
  },
];

const treeSitter = '@vscode/tree-sitter-wasm';
const hcl = '@tree-sitter-grammars/tree-sitter-hcl';

/** Files beside the bundles: the parser's WebAssembly and a grammar per language. They count as shipped packages. */
export const grammars = [
  ...['', '-go', '-typescript', '-tsx', '-java', '-python', '-c-sharp'].map((language) => ({
    from: `${treeSitter}/wasm/tree-sitter${language}.wasm`,
    package: treeSitter,
  })),
  { from: `${hcl}/tree-sitter-terraform.wasm`, package: hcl },
];
