// Avro files (.avsc, .avpr in JSON; .avdl in IDL; specification 1.12) → one schema per file, and its named types for those who refer to them by
// name. Types that other files declare are found by their full names. Declares no channels; a file named after a registry's subject
// (`orders-value.avsc`) says which topic carries it.
import type { Declaration, FileFacts, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { FilePath, Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { parseAvroIdl } from '../../syntax/avro-idl.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, get, itemsOf, locationOf, resolvePath, stringOf } from '../../syntax/data.ts';
import type { Path } from '../../syntax/json-reference.ts';
import { keyOf } from '../../syntax/json-reference.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { nameWithVersion, subjectOf, SUBJECT_SPACE } from '../../syntax/registry-subject.ts';
import type { Reader } from '../reader.ts';

/** The space of exports that name Avro types by their full names (`com.shop.orders.OrderPlaced`). */
const TYPE_SPACE = 'avro-type';
const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
  'array',
  'map',
]);
const NAMED: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed']);
const MAX_DEPTH = 100;

export const avroReader: Reader = {
  id: 'avro',
  title: 'Avro',
  docs: {
    summary: 'Avro schemas: `.avsc` and `.avpr` in JSON, `.avdl` in Avro IDL.',
    reads: [
      'records, enums, fixed types and unions, one or several per file, with their namespaces; a file is named by the only record that none of its others uses',
      'types of other files, found by their full names, and the imports of IDL files',
      '`<topic>-value.avsc` and `<topic>-key.avsc` (`.avdl`, `.json`): the schema of the Kafka topic of that name, where one is in view and nothing else says what it carries',
      'versions in such names and their folders (`orders-value-v2.avsc`, `v2/orders-value.avsc`): each is a schema of its own',
    ],
    doesNotRead: [
      'the messages of a protocol',
      'schemas within code, and schemas that a registry holds',
      'types of jars and other archives: where a message needs one it is shown as unresolved',
    ],
  },
  files: ['**/*.{avsc,avpr,avdl}', '**/*-{value,key}.json', '**/*-{value,key}[-_.]v*.json'],
  languages: ['avro', 'avdl', 'avro-idl', 'json'],
  grammars: () => [],
  recognises: (text, path) =>
    /\.avdl$/i.test(path)
      ? /\b(?:record|enum|fixed|error|protocol|schema)\b/.test(text)
      : /\.json$/i.test(path)
        ? /"type"\s*:\s*"record"/.test(text) && /"fields"\s*:/.test(text)
        : /"(?:type|protocol)"\s*:|^\s*\[/.test(text),
  read,
  assemble,
};

/** What is kept of a file until all are known. */
interface Part {
  readonly declares: ReadonlySet<string>;
  readonly uses: readonly Use[];
  readonly imports: readonly { readonly file: FilePath; readonly at: Location }[];
}

/** A name that the file itself does not declare. */
interface Use {
  /** Full names that it may stand for, the first one first. */
  readonly names: readonly string[];
  /** Keys of the schemas that need it. */
  readonly of: readonly string[];
  readonly at: Location;
}

interface NamedType {
  readonly fullName: string;
  readonly word: string;
  readonly path: Path;
  readonly at: DataNode;
}

interface Walk {
  readonly types: NamedType[];
  readonly uses: { readonly name: string; readonly namespace: string; readonly top: Path; readonly at: DataNode }[];
}

function read(file: SourceFile): FileFacts {
  const document = parseData(file);
  const [root] = document.roots;
  if (root === undefined) return { ...NO_FACTS, problems: document.problems };
  const walk: Walk = { types: [], uses: [] };
  const isProtocol = stringOf(get(root, 'protocol')) !== undefined;
  if (isProtocol)
    for (const [index, type] of itemsOf(get(root, 'types')).entries())
      visit(walk, type, ['types', index], ['types', index], stringOf(get(root, 'namespace')) ?? '', 0);
  else if (root.kind === 'seq')
    for (const [index, type] of root.items.entries()) visit(walk, type, [index], [index], '', 0);
  else visit(walk, root, [], [], '', 0);
  const declarations: Declaration[] = [];
  const declared = new Set(walk.types.map((type) => type.fullName));
  const main = mainOf(file, root, walk);
  const placed =
    main === null ? locationAt(file, root.start, Math.min(root.end, root.start + 1)) : locationOf(file, main.at);
  // A union of names says which types of other files may come.
  const isUnion = root.kind === 'seq' && walk.uses.length > 0;
  const isPart = !isUnion && !walk.types.some(({ word }) => word === 'record' || word === 'error');
  if (walk.types.length > 0 || isUnion)
    declarations.push({
      kind: 'schema',
      key: '#',
      name: nameWithVersion(shortName(main?.fullName ?? titleOf(file, root)), file.path),
      format: 'avro',
      // A file of enums and fixed types alone is a part of other schemas.
      ...(isPart ? { byUse: true } : {}),
      at: placed,
    });
  for (const type of walk.types) {
    const key = keyOf(type.path);
    const at = locationOf(file, type.at);
    if (key !== '#')
      declarations.push({ kind: 'schema', key, name: shortName(type.fullName), format: 'avro', byUse: true, at });
    declarations.push({
      kind: 'export',
      space: TYPE_SPACE,
      name: literal(type.fullName),
      value: { kind: 'key', key },
      at,
    });
  }
  const subject = subjectOf(file.path);
  if (subject !== null && !isPart)
    declarations.push({
      kind: 'export',
      space: SUBJECT_SPACE,
      name: literal(subject.subject),
      value: { kind: 'key', key: '#' },
      at: placed,
    });
  const part: Part = {
    declares: declared,
    uses: walk.uses.flatMap((use): Use[] => {
      const names =
        use.name.includes('.') || use.namespace === '' ? [use.name] : [`${use.namespace}.${use.name}`, use.name];
      if (names.some((name) => declared.has(name))) return [];
      return [{ names, of: [...new Set(['#', keyOf(use.top)])], at: locationOf(file, use.at) }];
    }),
    imports: /\.avdl$/i.test(file.path)
      ? parseAvroIdl(file).imports.flatMap(({ path, start, end }) => {
          const target = resolvePath(file.path, path);
          return target === null ? [] : [{ file: target, at: locationAt(file, start, end) }];
        })
      : [],
  };
  return {
    ...NO_FACTS,
    declarations,
    problems: document.problems,
    parts: new Map([['avro', part]]),
  };
}

/** Notes what a type declares and uses. `top` is the path of the file's own type around it. */
function visit(walk: Walk, node: DataNode, path: Path, top: Path, namespace: string, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (node.kind === 'scalar') {
    const name = stringOf(node);
    if (name !== undefined && !PRIMITIVES.has(name) && /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name))
      walk.uses.push({ name, namespace, top, at: node });
    return;
  }
  if (node.kind === 'seq') {
    for (const [index, item] of node.items.entries()) visit(walk, item, [...path, index], top, namespace, depth + 1);
    return;
  }
  const type = get(node, 'type');
  const word = stringOf(type) ?? '';
  const name = get(node, 'name');
  const written = stringOf(name);
  if (NAMED.has(word) && name !== undefined && written !== undefined) {
    const fullName = qualified(written, stringOf(get(node, 'namespace')) ?? namespace);
    walk.types.push({ fullName, word, path, at: name });
    const inner = fullName.includes('.') ? fullName.slice(0, fullName.lastIndexOf('.')) : '';
    for (const [index, field] of itemsOf(get(node, 'fields')).entries()) {
      const of = get(field, 'type');
      if (of !== undefined) visit(walk, of, [...path, 'fields', index, 'type'], top, inner, depth + 1);
    }
    return;
  }
  for (const { key, value } of entriesOf(node))
    if (key === 'type' || (key === 'items' && word === 'array') || (key === 'values' && word === 'map'))
      visit(walk, value, [...path, key], top, namespace, depth + 1);
}

/** The type that the file is for: what it says itself, else the only record that no other of its types uses; null where that is open. */
function mainOf(file: SourceFile, root: DataNode, { types, uses }: Walk): NamedType | null {
  const own = types.find(({ path }) => path.length === 0);
  if (own !== undefined) return own;
  if (/\.avdl$/i.test(file.path)) {
    const name = parseAvroIdl(file).main?.text;
    const said = types.find(({ fullName }) => fullName === name || shortName(fullName) === name);
    if (said !== undefined) return said;
  }
  const depth = stringOf(get(root, 'protocol')) === undefined ? 1 : 2;
  const used = new Set(uses.flatMap(({ name, namespace }) => [qualified(name, namespace), name]));
  const records = types.filter(
    ({ word, path, fullName }) => word === 'record' && path.length === depth && !used.has(fullName),
  );
  const [only, ...others] = records;
  return others.length === 0 ? (only ?? null) : null;
}

function titleOf(file: SourceFile, root: DataNode): string {
  const protocol = /\.avdl$/i.test(file.path) ? parseAvroIdl(file).protocol : stringOf(get(root, 'protocol'));
  // A stem with dots in it is no qualified name.
  return (
    protocol ??
    file.path
      .slice(file.path.lastIndexOf('/') + 1)
      .replace(/\.[^.]*$/, '')
      .replaceAll('.', '-')
  );
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Types of other files: which file each file needs, and what none declares. O(types + uses × files that declare the name). */
function assemble(parts: ReadonlyMap<FilePath, unknown>): ReadonlyMap<FilePath, FileFacts> {
  const files = new Map<string, FilePath[]>();
  const known = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)) as readonly (readonly [FilePath, Part])[];
  for (const [path, part] of known)
    for (const name of part.declares) {
      const list = files.get(name);
      if (list === undefined) files.set(name, [path]);
      else list.push(path);
    }
  const result = new Map<FilePath, FileFacts>();
  for (const [path, part] of known) {
    const needs = new Map<FilePath, Need>();
    const declarations: Declaration[] = [];
    for (const { file, at } of part.imports) if (parts.has(file)) needs.set(file, { file, pointer: '', at });
    const missing = new Map<string, Use>();
    for (const use of part.uses) {
      const name = use.names.find((candidate) => files.has(candidate));
      const home = name === undefined ? undefined : nearest(files.get(name) ?? [], path);
      if (home !== undefined) {
        if (!needs.has(home)) needs.set(home, { file: home, pointer: '', at: use.at });
      } else {
        const what = use.names[0] ?? '';
        const before = missing.get(what);
        missing.set(what, before === undefined ? use : { ...before, of: [...new Set([...before.of, ...use.of])] });
      }
    }
    for (const [what, { of, at }] of missing)
      declarations.push({
        kind: 'unresolved',
        what,
        why: 'no Avro file of the workspace declares this type',
        role: 'schema',
        ofSchemas: of,
        at,
      });
    if (needs.size > 0 || declarations.length > 0)
      result.set(path, { ...NO_FACTS, declarations, needs: [...needs.values()] });
  }
  return result;
}

/** Of several files that declare one name (copies, versions) the one that shares most folders. */
function nearest(candidates: readonly FilePath[], path: FilePath): FilePath | undefined {
  const folders = path.split('/').slice(0, -1);
  let best: { readonly file: FilePath; readonly shared: number } | undefined;
  for (const file of candidates) {
    const steps = file.split('/').slice(0, -1);
    let shared = 0;
    while (shared < folders.length && folders[shared] === steps[shared]) shared++;
    if (best === undefined || shared > best.shared) best = { file, shared };
  }
  return best?.file;
}
