// An Avro schema (.avsc, specification 1.12) as data with positions. Names resolve within the document and the files that the caller names;
// IDL (.avdl) and protocols are not read.
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, get, itemsOf, stringOf } from '../../syntax/data.ts';
import type { SchemaNode } from '../schema/side.ts';

/** A type where it stands. */
export type AvroType = AvroPrimitive | AvroRecord | AvroEnum | AvroFixed | AvroList | AvroUnion | AvroUnknown;

interface Placed {
  readonly at: SchemaNode;
}

export interface AvroPrimitive extends Placed {
  readonly kind: 'primitive';
  readonly name: string;
  readonly logical: string | null;
}

interface Named extends Placed {
  /** With its namespace. */
  readonly name: string;
  /** With their namespaces. */
  readonly aliases: readonly string[];
}

export interface AvroField extends Placed {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** Undefined: none. */
  readonly default: DataNode | undefined;
  readonly doc: string;
}

export interface AvroRecord extends Named {
  readonly kind: 'record';
  readonly fields: readonly AvroField[];
}

export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly { readonly name: string; readonly at: SchemaNode }[];
  readonly default: string | null;
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical: string | null;
}

export interface AvroList extends Placed {
  readonly kind: 'array' | 'map';
  readonly items: AvroType;
}

export interface AvroUnion extends Placed {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}

/** A name that leads nowhere, or something that is no type. */
export interface AvroUnknown extends Placed {
  readonly kind: 'unknown';
  readonly text: string;
}

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
const MAX_DEPTH = 150;

/** Reads a type. Recursive records refer to themselves: the result is a graph. Never throws. */
export function readAvro(root: SchemaNode): AvroType {
  const names = new Map<string, AvroType>();

  const read = (at: SchemaNode, namespace: string, depth: number): AvroType => {
    const { node } = at;
    if (depth > MAX_DEPTH) return { kind: 'unknown', text: 'nested too deep', at };
    if (node.kind === 'scalar') {
      const name = stringOf(node) ?? String(node.value);
      if (PRIMITIVES.has(name)) return { kind: 'primitive', name, logical: null, at };
      return names.get(qualified(name, namespace)) ?? names.get(name) ?? { kind: 'unknown', text: name, at };
    }
    if (node.kind === 'seq')
      return { kind: 'union', branches: node.items.map((item) => read(member(at, item), namespace, depth + 1)), at };
    const type = get(node, 'type');
    const name = stringOf(type);
    if (name === undefined) {
      const entry = entriesOf(node).findLast((candidate) => candidate.key === 'type');
      return entry === undefined
        ? { kind: 'unknown', text: 'no type', at }
        : read({ ...at, node: entry.value, keyStart: entry.keyStart, keyEnd: entry.keyEnd }, namespace, depth + 1);
    }
    const logical = logicalOf(node);
    if (PRIMITIVES.has(name)) return { kind: 'primitive', name, logical, at };
    if (name === 'array' || name === 'map') {
      const entry = entriesOf(node).findLast((candidate) => candidate.key === (name === 'array' ? 'items' : 'values'));
      return {
        kind: name,
        items:
          entry === undefined
            ? { kind: 'unknown', text: 'no items', at }
            : read({ ...at, node: entry.value, keyStart: entry.keyStart, keyEnd: entry.keyEnd }, namespace, depth + 1),
        at,
      };
    }
    if (name !== 'record' && name !== 'error' && name !== 'enum' && name !== 'fixed')
      return read({ ...at, node: type ?? node }, namespace, depth + 1);
    const full = qualified(stringOf(get(node, 'name')) ?? '', stringOf(get(node, 'namespace')) ?? namespace);
    const inner = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
    const aliases = itemsOf(get(node, 'aliases'))
      .flatMap((item) => stringOf(item) ?? [])
      .map((alias) => qualified(alias, inner));
    if (name === 'fixed') {
      const size = get(node, 'size');
      const fixed: AvroFixed = {
        kind: 'fixed',
        name: full,
        aliases,
        size: size?.kind === 'scalar' && typeof size.value === 'number' ? size.value : 0,
        logical,
        at,
      };
      names.set(full, fixed);
      return fixed;
    }
    if (name === 'enum') {
      const symbols = itemsOf(get(node, 'symbols')).flatMap((item) => {
        const symbol = stringOf(item);
        return symbol === undefined ? [] : [{ name: symbol, at: member(at, item) }];
      });
      const result: AvroEnum = {
        kind: 'enum',
        name: full,
        aliases,
        symbols,
        default: stringOf(get(node, 'default')) ?? null,
        at,
      };
      names.set(full, result);
      return result;
    }
    const fields: AvroField[] = [];
    const record: AvroRecord = { kind: 'record', name: full, aliases, fields, at };
    names.set(full, record);
    for (const item of itemsOf(get(node, 'fields'))) {
      const fieldName = stringOf(get(item, 'name'));
      const entry = entriesOf(item).findLast((candidate) => candidate.key === 'type');
      if (fieldName === undefined || entry === undefined) continue;
      const nameEntry = entriesOf(item).findLast((candidate) => candidate.key === 'name');
      const place: SchemaNode = {
        ...at,
        node: item,
        keyStart: nameEntry?.value.start ?? item.start,
        keyEnd: nameEntry?.value.end ?? item.end,
      };
      fields.push({
        name: fieldName,
        aliases: itemsOf(get(item, 'aliases')).flatMap((alias) => stringOf(alias) ?? []),
        type: read({ ...at, node: entry.value, keyStart: entry.keyStart, keyEnd: entry.keyEnd }, inner, depth + 1),
        default: get(item, 'default'),
        doc: stringOf(get(item, 'doc')) ?? '',
        at: place,
      });
    }
    return record;
  };
  return read(root, '', 0);
}

function member(of: SchemaNode, node: DataNode): SchemaNode {
  const name = entriesOf(node).find((entry) => entry.key === 'name') ?? entriesOf(node)[0];
  return { ...of, node, keyStart: name?.keyStart ?? node.start, keyEnd: name?.keyEnd ?? node.end };
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** The name without its namespace. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A logical type with what scales it: `decimal(10,2)`, `timestamp-millis`. */
function logicalOf(node: DataNode): string | null {
  const name = stringOf(get(node, 'logicalType'));
  if (name !== 'decimal') return name ?? null;
  const number = (key: string): string => {
    const value = get(node, key);
    return value?.kind === 'scalar' && typeof value.value === 'number'
      ? String(value.value)
      : key === 'scale'
        ? '0'
        : '?';
  };
  return `decimal(${number('precision')},${number('scale')})`;
}

/** How a type reads: `long`, `array of string`, `Order`. */
export function printAvro(type: AvroType, depth = 0): string {
  switch (type.kind) {
    case 'primitive':
      return type.logical ?? type.name;
    case 'record':
    case 'enum':
    case 'fixed':
      return shortName(type.name);
    case 'array':
    case 'map':
      return depth > 3 ? type.kind : `${type.kind} of ${printAvro(type.items, depth + 1)}`;
    case 'union':
      return type.branches.length === 0
        ? 'nothing'
        : type.branches.map((branch) => printAvro(branch, depth + 1)).join(' or ');
    case 'unknown':
      return type.text;
  }
}
