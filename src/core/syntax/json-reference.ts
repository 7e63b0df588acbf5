// JSON References (`$ref`) in a parsed file: a path of keys and indices → the node that is meant, through references of the same file, or the
// other file that is meant. Nothing is fetched: a reference to another file or to an address is an answer, not a step. Not supported: `$anchor`.
import type { FilePath } from '../model/source.ts';
import type { DataDocument, DataEntry, DataMap, DataNode } from './data.ts';
import { encodePointerStep, parsePointer, resolvePath, stringOf } from './data.ts';

const MAX_HOPS = 32;

/** Keys (of maps) and indices (of sequences) from a file's root. */
export type Path = readonly (string | number)[];

/** A node of this file, where it really stands. */
export interface Here {
  readonly kind: 'here';
  readonly path: Path;
  readonly node: DataNode;
  /** The entry that holds the node; null for the root and for items of sequences. */
  readonly entry: DataEntry | null;
}

/** What a path leads to. */
export type Located =
  | Here
  /** Another file of the workspace. `key` is the pointer into it (`#` for the whole file), `module` the file as written, made to start with `./` or `../`. */
  | {
      readonly kind: 'there';
      readonly file: FilePath;
      readonly key: string;
      readonly module: string;
      readonly ref: DataNode;
    }
  /** A reference that is not followed; `why` ends the sentence "cannot be resolved: …". */
  | { readonly kind: 'refused'; readonly text: string; readonly why: string; readonly ref: DataNode }
  /** There is nothing; `ref` is the reference that leads there, null where no reference was on the way. */
  | { readonly kind: 'nowhere'; readonly text: string; readonly why: string; readonly ref: DataNode | null };

/** The pointer of a path as references write it: `#` for the root, else `#/channels/orders`. */
export function keyOf(path: Path): string {
  return path.length === 0 ? '#' : `#/${path.map((step) => encodePointerStep(step)).join('/')}`;
}

/** The `$ref` of a map, or undefined. A property that is merely named `$ref` holds no string and is none. */
export function referenceOf(node: DataNode | undefined): DataNode | undefined {
  const ref = node?.kind === 'map' ? entryUnder(node, '$ref')?.value : undefined;
  return stringOf(ref) === undefined ? undefined : ref;
}

/** Walks from a root of the file along a path, through the references on the way and the one at its end. Bounded. */
export function locate(document: DataDocument, path: Path, root = 0): Located {
  const top = document.roots[root];
  if (top === undefined) return { kind: 'nowhere', text: keyOf(path), why: 'the file is empty', ref: null };
  let rest: Path = path;
  let done: (string | number)[] = [];
  let node: DataNode = top;
  let entry: DataEntry | null = null;
  let last: DataNode | null = null;
  for (let hops = 0; ;) {
    const ref = referenceOf(node);
    if (ref !== undefined) {
      const text = stringOf(ref) ?? '';
      if (++hops > MAX_HOPS) return { kind: 'refused', text, why: 'the references lead in a circle', ref };
      const target = parseReference(document.file.path, text);
      if (target.kind === 'refused') return { ...target, text, ref };
      if (target.kind === 'there') return { ...target, key: keyOf([...target.path, ...rest]), ref };
      rest = target.path.concat(rest);
      done = [];
      node = top;
      entry = null;
      last = ref;
      continue;
    }
    const [step, ...further] = rest;
    if (step === undefined) return { kind: 'here', path: done, node, entry };
    rest = further;
    if (node.kind === 'seq') {
      const index = typeof step === 'number' ? step : /^\d+$/.test(step) ? Number(step) : -1;
      const item = node.items[index];
      if (item === undefined) return nowhere(path, last);
      done.push(index);
      node = item;
      entry = null;
    } else {
      const next = node.kind === 'map' ? entryUnder(node, String(step)) : undefined;
      if (next === undefined) return nowhere(path, last);
      done.push(next.key);
      node = next.value;
      entry = next;
    }
  }
}

/** Beyond this many entries a map is looked up by an index, so that a walk costs the same in a file of thousands of channels. */
const SMALL = 16;
const indexes = new WeakMap<DataMap, ReadonlyMap<string, DataEntry>>();

function entryUnder(map: DataMap, key: string): DataEntry | undefined {
  if (map.entries.length <= SMALL) return map.entries.findLast((candidate) => candidate.key === key);
  let index = indexes.get(map);
  if (index === undefined) {
    index = new Map(map.entries.map((entry) => [entry.key, entry]));
    indexes.set(map, index);
  }
  return index.get(key);
}

function nowhere(path: Path, ref: DataNode | null): Located {
  return {
    kind: 'nowhere',
    text: stringOf(ref ?? undefined) ?? keyOf(path),
    why: 'nothing stands there in this file',
    ref,
  };
}

type Reference =
  | { readonly kind: 'local'; readonly path: Path }
  | { readonly kind: 'there'; readonly file: FilePath; readonly path: Path; readonly module: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Keywords that hold values, not schemas. */
const VALUES = new Set(['const', 'enum', 'default', 'example', 'examples']);

/** Other files of the workspace that references below a node lead to, each with the first reference to it. O(nodes). */
export function filesReferencedBy(file: { readonly path: FilePath }, root: DataNode): ReadonlyMap<FilePath, DataNode> {
  const found = new Map<FilePath, DataNode>();
  const open: DataNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const ref = referenceOf(node);
    const target = ref === undefined ? null : parseReference(file.path, stringOf(ref) ?? '');
    if (ref !== undefined && target?.kind === 'there' && !found.has(target.file)) found.set(target.file, ref);
    if (node.kind === 'seq') for (const item of node.items.toReversed()) open.push(item);
    if (node.kind === 'map')
      for (const { key, value } of node.entries.toReversed()) if (!VALUES.has(key)) open.push(value);
  }
  return found;
}

const TYPE_FILES = /\.(?:proto|avsc|avdl)$/i;

/** Takes a reference apart; `from` is the file that it stands in. */
export function parseReference(from: FilePath, text: string): Reference {
  const hash = text.indexOf('#');
  const address = (hash < 0 ? text : text.slice(0, hash)).replaceAll('\\', '/');
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  // Behind a file of types with names of their own stands the name: `order.proto#OrderPlaced`.
  const path = parsePointer(fragment) ?? (TYPE_FILES.test(address) ? [fragment] : null);
  if (/^[a-z][a-z0-9+.-]+:/i.test(address) || address.startsWith('//'))
    return { kind: 'refused', why: 'a remote reference is not followed' };
  if (path === null) return { kind: 'refused', why: 'only JSON pointers are followed behind the #' };
  if (address === '') return { kind: 'local', path };
  const written = decoded(address);
  const file = resolvePath(from, written);
  if (file === null || file === '') return { kind: 'refused', why: 'it leads out of the workspace' };
  if (file === from) return { kind: 'local', path };
  return { kind: 'there', file, path, module: /^\.{0,2}\//.test(written) ? written : `./${written}` };
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray percent sign stands for itself.
  }
}
