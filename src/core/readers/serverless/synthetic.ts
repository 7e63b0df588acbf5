// Nodes that stand for what the Serverless Framework writes into its template, at the place of what it is written from.
import type { DataEntry, DataMap, DataNode, DataSeq } from '../../syntax/data.ts';

/** A place in the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An entry under a new key; its key stands where `at` does. */
export function entry(key: string, value: DataNode, at: Span = value): DataEntry {
  return { key, keyStart: at.start, keyEnd: at.end, value };
}

/** The entry as it stands, under a new key. */
export function renamed(key: string, from: DataEntry, value: DataNode = from.value): DataEntry {
  return { ...from, key, value };
}

export function map(entries: readonly DataEntry[], at: Span): DataMap {
  return { kind: 'map', entries, flow: false, tag: null, start: at.start, end: at.end };
}

export function seq(items: readonly DataNode[], at: Span): DataSeq {
  return { kind: 'seq', items, flow: false, tag: null, start: at.start, end: at.end };
}

export function text(value: string, at: Span): DataNode {
  return { kind: 'scalar', value, style: 'plain', tag: null, start: at.start, end: at.end };
}

/** `{ Ref: id }`. */
export function ref(id: string, at: Span): DataNode {
  return map([entry('Ref', text(id, at))], at);
}
