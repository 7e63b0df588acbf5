// Who may import whom. Every source file belongs to a layer; a layer imports the layers and packages of its row, no others.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, test } from 'vitest';

interface Row {
  /** Layers it may import, besides itself. `type X`: types alone. */
  readonly layers: readonly string[];
  /** Packages it may import; a trailing `*` is any ending. */
  readonly packages: readonly string[];
}

const inner: Row = { layers: ['core/model', 'core/syntax'], packages: [] };
const ajv = ['ajv', 'ajv/*', 'ajv-formats', 'ajv-formats/*', 'ajv-draft-04'];
const everywhereInCore = [
  'core/model',
  'core/syntax',
  'core/ports',
  'core/readers',
  'core/rules',
  'core/contracts',
  'core/traces',
  'core/topology',
  'core/dialects',
  'core/impact',
];

const rows: Readonly<Record<string, Row>> = {
  'core/model': { layers: [], packages: [] },
  'core/syntax': {
    layers: ['core/model', 'type core/ports'],
    packages: ['yaml', 'jsonc-parser', 'picomatch', '@vscode/tree-sitter-wasm'],
  },
  'core/readers': inner,
  'core/rules': inner,
  'core/topology': inner,
  'core/dialects': inner,
  'core/contracts': { ...inner, packages: [...ajv, 'avsc'] },
  'core/traces': { ...inner, packages: ['fzstd'] },
  'core/impact': { ...inner, layers: [...inner.layers, 'core/contracts', 'core/topology'] },
  // The types that the shells and the engine share.
  'core/ports': { layers: ['core/model'], packages: [] },
  'core/engine': { layers: everywhereInCore, packages: ['ignore', 'picomatch'] },
  // The door of the killable worker: the schema compiler is reached through here and nowhere else.
  'core/witness': { layers: ['core/model', 'core/syntax', 'core/contracts'], packages: [] },
  protocol: { layers: ['type core/model'], packages: [] },
  draw: { layers: ['core/model', 'type core/ports'], packages: [] },
  node: { layers: ['core/model', 'core/ports', 'core/engine'], packages: ['node:*', 'fzstd'] },
  server: {
    layers: ['core/engine', 'core/ports', 'core/model', 'protocol', 'draw'],
    packages: ['vscode-languageserver*', 'vscode-languageserver-textdocument', 'elkjs*'],
  },
  'server/node': {
    layers: ['core/engine', 'core/ports', 'core/model', 'protocol', 'draw', 'node', 'server'],
    packages: ['vscode-languageserver*', 'node:*', 'elkjs*'],
  },
  'server/worker': {
    layers: ['core/witness', 'core/engine', 'core/ports', 'core/model', 'node'],
    packages: ['node:*'],
  },
  extension: {
    layers: ['protocol', 'type core/model'],
    packages: ['vscode', 'vscode-languageclient', 'vscode-languageclient/*', 'vscode-jsonrpc*'],
  },
  'extension/node': {
    layers: ['extension', 'protocol', 'type core/model'],
    packages: ['vscode', 'vscode-languageclient', 'vscode-languageclient/*', 'node:*'],
  },
  cli: {
    layers: ['core/engine', 'core/ports', 'core/model', 'draw', 'node', 'server/node'],
    packages: ['node:*', 'elkjs*', 'diff'],
  },
  webview: {
    layers: ['protocol', 'draw', 'core/model'],
    packages: ['mermaid', 'elkjs*', '@vscode/webview-ui-toolkit'],
  },
};

/** First match decides. A file in a layer's folder may belong to a stricter one, never to none. */
const folders: readonly (readonly [RegExp, string])[] = [
  [/^src\/core\/(?:ports|config|snapshot|engine-api)\.ts$/, 'core/ports'],
  [/^src\/core\/witness\.ts$/, 'core/witness'],
  [/^src\/core\/[^/]+\.ts$/, 'core/engine'],
  [/^src\/(core\/(?:model|syntax|readers|rules|contracts|traces|topology|dialects|impact))\//, '$1'],
  [/^src\/server\/[^/]+-worker\.ts$/, 'server/worker'],
  [/^src\/((?:server|extension)\/node)\//, '$1'],
  [/^src\/(protocol|draw|node|server|extension|cli)\//, '$1'],
  [/^(webview)\//, '$1'],
];

const root = dirname(import.meta.dirname);
const sources = ['src', 'webview']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(folder, name.replaceAll('\\', '/')),
    ),
  )
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
  .toSorted();

test('every source file belongs to a layer', () => {
  expect(sources.filter((path) => layerOf(path) === null)).toEqual([]);
  expect(sources.length).toBeGreaterThan(0);
});

test('a layer imports only what its row allows', () => {
  expect(sources.flatMap(violationsOf)).toEqual([]);
});

test('the walk sees an import of every form', () => {
  const text =
    "import a from 'a';\nimport type { B } from './b.ts';\nimport {\n  c,\n} from 'c';\nexport * from './d.ts';\nimport './e.ts';\nawait import('f');\n// import 'comment';\ntype G = import('./g.ts').G;";
  expect(importsOf(text).map(({ name, typeOnly }) => (typeOnly ? `type ${name}` : name))).toEqual([
    'a',
    'type ./b.ts',
    'c',
    './d.ts',
    './e.ts',
    'f',
    'type ./g.ts',
  ]);
});

test('formats never import each other', () => {
  const format = /^src\/core\/(readers|traces)\/([^/]+)\//;
  const crossing = sources.flatMap((path) => {
    const [, kind, own] = format.exec(path) ?? [];
    if (own === undefined) return [];
    return targetsOf(path).flatMap(({ target }) => {
      const [, otherKind, other] = format.exec(target) ?? [];
      return otherKind === kind &&
        other !== own &&
        sources.includes(`src/core/${kind}/${other}/${kind === 'readers' ? 'reader' : 'importer'}.ts`)
        ? [`${path} → ${target}`]
        : [];
    });
  });
  expect(crossing).toEqual([]);
});

function layerOf(path: string): string | null {
  for (const [pattern, layer] of folders) {
    const match = pattern.exec(path);
    if (match) return layer.replace('$1', match[1] ?? '');
  }
  return null;
}

function violationsOf(path: string): readonly string[] {
  const layer = layerOf(path);
  const row = rows[layer ?? ''];
  if (layer === null || row === undefined) return [`${path} belongs to no layer`];
  return targetsOf(path).flatMap(({ target, isPackage, typeOnly }) => {
    const to = isPackage ? 'package' : layerOf(target);
    if (to === layer) return [];
    const allowed = isPackage
      ? row.packages.some((name) => (name.endsWith('*') ? target.startsWith(name.slice(0, -1)) : target === name))
      : row.layers.includes(to ?? '') || (typeOnly && row.layers.includes(`type ${to}`));
    return allowed ? [] : [`${path} (${layer}) → ${target} (${typeOnly ? 'type ' : ''}${to})`];
  });
}

function targetsOf(path: string): readonly { target: string; isPackage: boolean; typeOnly: boolean }[] {
  return importsOf(readFileSync(join(root, path), 'utf8')).map(({ name, typeOnly }) => {
    const isPackage = !name.startsWith('.');
    return { target: isPackage ? name : posix.join(posix.dirname(path), name), isPackage, typeOnly };
  });
}

function importsOf(text: string): readonly { name: string; typeOnly: boolean }[] {
  const statement =
    /^[ \t]*(?:import|export)\b(?<type>\s+type\b)?(?:[^'";()]*?\bfrom)?\s*['"](?<name>[^'"\n]+)['"]|(?<typeof>^\s*(?:export\s+)?type\b[^\n]*)?\bimport\(\s*['"](?<dynamic>[^'"\n]+)['"]/gm;
  return [...text.matchAll(statement)].map(({ groups = {} }) => ({
    name: groups['name'] ?? groups['dynamic'] ?? '',
    typeOnly: groups['type'] !== undefined || groups['typeof'] !== undefined,
  }));
}
