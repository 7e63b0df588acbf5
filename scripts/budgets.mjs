// The bundler's metafiles → does each bundle keep its size, and does the extension carry no engine?
// Sizes are minified bytes, uncompressed; 1 KB = 1024. Exit code 1 names every budget that is exceeded.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './lib/process.mjs';

const KB = 1024;
const MB = 1024 * KB;
/** @type {string[]} */
const faults = [];

budget('extension', 600 * KB, size(outputs('extension')));
budget('extension.browser', 600 * KB, size(outputs('extension.browser')));
budget('server', 2 * MB, size(outputs('server')));
budget('server.browser', 2 * MB, size(outputs('server.browser')));
budget('webview, first load', 400 * KB, size(firstLoad('webview', 'webview/main.ts')));
for (const name of existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : []) {
  if (name.endsWith('.vsix')) budget(name, 10 * MB, statSync(join(root, 'dist', name)).size);
}

// What belongs into the server, a worker or the panel: parsers, importers, layout. Types leave no bytes.
const engine =
  /(?:^|\/)node_modules\/(?:yaml|jsonc-parser|@vscode\/tree-sitter-wasm|@tree-sitter-grammars\/[^/]+|ajv[^/]*|avsc|protobufjs|elkjs|mermaid|fzstd)\/|^src\/core\/(?!model\/)|^src\/(?:draw|node|server|cli)\/|^webview\//;
for (const name of ['extension', 'extension.browser']) {
  for (const path of inputs(outputs(name))) if (engine.test(path)) faults.push(`${name} contains ${path}`);
}
// The schema compiler is for the killable worker: loading it costs the server's start, compiling blocks it.
for (const name of ['server', 'server.browser']) {
  for (const path of inputs(outputs(name))) {
    if (/(?:^|\/)node_modules\/ajv[^/]*\//.test(path)) faults.push(`${name} contains ${path}`);
  }
}

for (const fault of new Set(faults)) say(`Budget: ${fault}`);
if (faults.length > 0) process.exitCode = 1;

/** @param {string} name @param {number} most @param {number} actual */
function budget(name, most, actual) {
  if (actual > most) faults.push(`${name} has ${Math.ceil(actual / KB)} KB, at most ${most / KB} KB are allowed`);
  else if (actual > 0) say(`${name}: ${Math.ceil(actual / KB)} KB of ${most / KB} KB`);
}

/** The outputs of a bundle; none where it was not built. @param {string} name @returns {import('esbuild').Metafile['outputs']} */
function outputs(name) {
  const path = join(root, 'dist/meta', `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).outputs : {};
}

/** The outputs that are loaded before anything asks for more: the entry and what it imports statically.
 * @param {string} name @param {string} entry */
function firstLoad(name, entry) {
  const all = outputs(name);
  const queue = Object.keys(all).filter((path) => all[path]?.entryPoint === entry);
  const loaded = new Set(queue);
  for (const path of queue) {
    for (const next of all[path]?.imports ?? []) {
      if (next.kind !== 'import-statement' || next.external || loaded.has(next.path)) continue;
      loaded.add(next.path);
      queue.push(next.path);
    }
  }
  return Object.fromEntries(Object.entries(all).filter(([path]) => loaded.has(path)));
}

/** @param {import('esbuild').Metafile['outputs']} of */
function size(of) {
  return Object.values(of).reduce((sum, output) => sum + output.bytes, 0);
}

/** The files that left bytes in the outputs. @param {import('esbuild').Metafile['outputs']} of */
function inputs(of) {
  return Object.values(of).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, input]) => (input.bytesInOutput > 0 ? [path] : [])),
  );
}
