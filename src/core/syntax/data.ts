// A common tree for YAML and JSON documents that keeps positions: what readers of data files and dialects walk.
// Aliases are expanded within a bound; tags (`!Ref`) are kept. Offsets are UTF-16 indices into the file's text.
import type { JsonValue } from '../model/json.ts';
import type { FilePath, Location, Problem, SourceFile } from '../model/source.ts';
import { locationAt } from '../model/source.ts';

interface Span {
  /** Offsets of the node itself, end exclusive, without surrounding blanks or trailing comments. */
  readonly start: number;
  readonly end: number;
  /** A YAML tag other than the core schema's, as written (`!GetAtt`); null otherwise. */
  readonly tag: string | null;
}

export interface DataScalar extends Span {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** How it is written; `flow`/`block` tell nothing here. */
  readonly style: 'plain' | 'single' | 'double' | 'literal' | 'folded';
}

export interface DataEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: DataNode;
}

export interface DataMap extends Span {
  readonly kind: 'map';
  /** In the file's order; a repeated key keeps all its entries, `get` gives the last. */
  readonly entries: readonly DataEntry[];
  /** Written in braces (JSON, or YAML flow style). */
  readonly flow: boolean;
}

export interface DataSeq extends Span {
  readonly kind: 'seq';
  readonly items: readonly DataNode[];
  readonly flow: boolean;
}

export type DataNode = DataScalar | DataMap | DataSeq;

/** A parsed file. YAML files with several documents have several roots. */
export interface DataDocument {
  readonly file: SourceFile;
  readonly language: 'yaml' | 'json';
  readonly roots: readonly DataNode[];
  readonly problems: readonly Problem[];
}

/** The entry of a map under a key (the last, where repeated), or undefined for anything that is no map. */
export function entryOf(node: DataNode | undefined, key: string): DataEntry | undefined {
  if (node?.kind !== 'map') return undefined;
  for (let index = node.entries.length - 1; index >= 0; index--) {
    const entry = node.entries[index];
    if (entry?.key === key) return entry;
  }
  return undefined;
}

/** The value of a map under a key, or undefined. */
export function get(node: DataNode | undefined, key: string): DataNode | undefined {
  return entryOf(node, key)?.value;
}

/** The node at a path of keys and indices, or undefined. */
export function getIn(node: DataNode | undefined, path: readonly (string | number)[]): DataNode | undefined {
  let current = node;
  for (const step of path) {
    if (current === undefined) return undefined;
    current =
      typeof step === 'number' ? (current.kind === 'seq' ? current.items[step] : undefined) : get(current, step);
  }
  return current;
}

/** The string that a scalar holds, or undefined for anything else (numbers and booleans are not strings here). */
export function stringOf(node: DataNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The text of any scalar but null: `5` and `true` come as "5" and "true". */
export function textOf(node: DataNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

/** The entries of a map; nothing for anything else. */
export function entriesOf(node: DataNode | undefined): readonly DataEntry[] {
  return node?.kind === 'map' ? node.entries : [];
}

/** The items of a sequence; nothing for anything else. */
export function itemsOf(node: DataNode | undefined): readonly DataNode[] {
  return node?.kind === 'seq' ? node.items : [];
}

/** Where a node stands. */
export function locationOf(file: SourceFile, node: { readonly start: number; readonly end: number }): Location {
  return locationAt(file, node.start, node.end);
}

/** Where an entry's key stands. */
export function keyLocation(file: SourceFile, entry: DataEntry): Location {
  return locationAt(file, entry.keyStart, entry.keyEnd);
}

/** The node as plain JSON; tags are dropped, objects have no prototype. O(nodes). */
export function toJson(node: DataNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'seq':
      return node.items.map((item) => toJson(item));
    case 'map': {
      const result: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
      for (const entry of node.entries) result[entry.key] = toJson(entry.value);
      return result;
    }
  }
}

/** One step of a JSON pointer, encoded (RFC 6901). */
export function encodePointerStep(step: string | number): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The steps of a JSON pointer or `#/…` fragment, decoded; null where it is no pointer. */
export function parsePointer(pointer: string): readonly string[] | null {
  const body = pointer.startsWith('#') ? pointer.slice(1) : pointer;
  if (body === '') return [];
  if (!body.startsWith('/')) return null;
  return body
    .slice(1)
    .split('/')
    .map((step) => percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray percent sign stands for itself.
  }
}

/** The entry or item at a JSON pointer, or undefined. Sequence steps are decimal indices. */
export function getAtPointer(root: DataNode | undefined, pointer: string): DataNode | undefined {
  const steps = parsePointer(pointer);
  if (steps === null) return undefined;
  let current = root;
  for (const step of steps) {
    if (current?.kind === 'seq') current = /^\d+$/.test(step) ? current.items[Number(step)] : undefined;
    else current = get(current, step);
    if (current === undefined) return undefined;
  }
  return current;
}

/** The JSON pointer of the innermost entry or item that an offset lies in or on the key of; empty at the root. O(depth × siblings). */
export function pointerAt(root: DataNode | undefined, offset: number): string {
  let pointer = '';
  let current = root;
  while (current !== undefined) {
    let next: DataNode | undefined;
    if (current.kind === 'map') {
      for (const entry of current.entries) {
        if (offset >= entry.keyStart && offset <= Math.max(entry.value.end, entry.keyEnd)) {
          pointer += `/${encodePointerStep(entry.key)}`;
          next = offset >= entry.value.start ? entry.value : undefined;
          break;
        }
      }
    } else if (current.kind === 'seq') {
      const position = current.items.findIndex((item) => offset >= item.start && offset <= item.end);
      if (position >= 0) {
        pointer += `/${position}`;
        next = current.items[position];
      }
    }
    current = next;
  }
  return pointer;
}

/** A path relative to the folder of another one, normalised; null where it leaves the workspace or is a remote address. */
export function resolvePath(from: FilePath, relative: string): FilePath | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(relative) || relative.startsWith('//')) return null;
  const steps = relative.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const step of relative.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..') {
      if (steps.length === 0) return null;
      steps.pop();
    } else steps.push(step);
  }
  return steps.join('/');
}
