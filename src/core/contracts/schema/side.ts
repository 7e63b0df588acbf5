// One side of a schema comparison: a parsed document, its dialect, and `$ref` resolution across files that the caller supplies.
// JSON Schema draft-04, -06, -07, 2019-09 and 2020-12. Remote addresses are never fetched: they resolve only where a file of the
// workspace carries that `$id` beside the document. `$dynamicRef` and `$recursiveRef` resolve to the outermost anchor of the document.
import type { FilePath, Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataDocument, DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, parsePointer, resolvePath, stringOf } from '../../syntax/data.ts';

/** The dialects that differ in meaning. 06 is read as 07. */
export type Dialect = 'draft-04' | 'draft-07' | '2019-09' | '2020-12';

/** What a comparison is given for each side. */
export interface SchemaSource {
  readonly document: DataDocument;
  /** The schema itself: the document's root or a node below it. */
  readonly root: DataNode;
  /** Offsets of the name under which the root stands, for findings about the whole of it; absent: its own `type` or first key. */
  readonly key?: { readonly start: number; readonly end: number };
  /** Other files of the same side, by workspace path; undefined where there is none. */
  readonly lookup: (file: FilePath) => DataDocument | undefined;
  /** What a schema without `$schema` is written in; null: told from its keywords. */
  readonly dialect?: Dialect | null;
}

/** A schema at its place. Identity is the `DataNode`. */
export interface SchemaNode {
  readonly document: DataDocument;
  readonly node: DataNode;
  /** The name under which it stands (offsets of the key), or of its first key where it has no name. */
  readonly keyStart: number;
  readonly keyEnd: number;
  /** The schema resource around it (an embedded `$id` starts one). */
  readonly resource: DataNode;
  /** Accepts null besides: the other half of `anyOf: [X, {type: 'null'}]`. */
  readonly orNull: boolean;
}

/** A side with its indices. */
export interface Side {
  readonly root: SchemaNode;
  readonly dialect: Dialect;
  readonly resolve: (from: SchemaNode, reference: string) => SchemaNode | null;
  readonly source: SchemaSource;
  /** A number for a node, the same for the same node: for memoised pairs. */
  readonly idOf: (node: DataNode) => number;
}

const DIALECTS: readonly (readonly [RegExp, Dialect])[] = [
  [/draft-0[34]/, 'draft-04'],
  [/draft-0[67]/, 'draft-07'],
  [/2019-09/, '2019-09'],
  [/2020-12/, '2020-12'],
];

/** The `$schema` address of a dialect. */
export function dialectAddress(dialect: Dialect): string {
  switch (dialect) {
    case 'draft-04':
      return 'http://json-schema.org/draft-04/schema#';
    case 'draft-07':
      return 'http://json-schema.org/draft-07/schema#';
    case '2019-09':
      return 'https://json-schema.org/draft/2019-09/schema';
    case '2020-12':
      return 'https://json-schema.org/draft/2020-12/schema';
  }
}

/** The dialect that an address names, or null. */
export function dialectOf(address: string | undefined): Dialect | null {
  if (address === undefined) return null;
  return DIALECTS.find(([pattern]) => pattern.test(address))?.[1] ?? null;
}

/** Prepares a side. O(nodes) once per document that a reference reaches. */
export function makeSide(source: SchemaSource): Side {
  const documentRoot = source.document.roots.find((root) => holds(root, source.root)) ?? source.root;
  const dialect =
    dialectOf(stringOf(get(source.root, '$schema'))) ??
    dialectOf(stringOf(get(documentRoot, '$schema'))) ??
    source.dialect ??
    guess(documentRoot);
  const ids = new Map<DataNode, number>();
  const indices = new Map<DataDocument, Index>();
  const indexOf = (document: DataDocument): Index => {
    let index = indices.get(document);
    if (index === undefined) {
      index = makeIndex(document);
      indices.set(document, index);
    }
    return index;
  };
  const ownBase = stringOf(get(documentRoot, '$id')) ?? stringOf(get(documentRoot, 'id')) ?? '';

  const inDocument = (document: DataDocument, resource: DataNode | undefined, fragment: string): SchemaNode | null => {
    const root = resource ?? document.roots[0];
    if (root === undefined) return null;
    if (fragment === '') return wrap(document, root, root);
    if (!fragment.startsWith('/')) {
      const index = indexOf(document);
      return (
        index.anchors.get(root)?.get(fragment) ??
        (document.roots[0] === undefined ? null : (index.anchors.get(document.roots[0])?.get(fragment) ?? null))
      );
    }
    return (
      follow(document, root, fragment) ??
      (root === document.roots[0] ? null : follow(document, document.roots[0], fragment))
    );
  };

  /** A dynamic reference to a dynamic anchor means the outermost one of that name: the root's, where it has one. */
  const resolve = (from: SchemaNode, reference: string): SchemaNode | null => {
    const target = resolveStatically(from, reference);
    if (target === null || get(from.node, '$ref') !== undefined) return target;
    if (get(from.node, '$recursiveRef') !== undefined)
      return isTrue(get(target.node, '$recursiveAnchor')) && isTrue(get(documentRoot, '$recursiveAnchor'))
        ? wrap(source.document, documentRoot, documentRoot)
        : target;
    const anchor = stringOf(get(target.node, '$dynamicAnchor'));
    if (get(from.node, '$dynamicRef') === undefined || anchor === undefined || !reference.endsWith(`#${anchor}`))
      return target;
    const outer = indexOf(source.document).anchors.get(documentRoot)?.get(anchor);
    return outer !== undefined && get(outer.node, '$dynamicAnchor') !== undefined ? outer : target;
  };

  const resolved = new Map<DataNode, Map<string, SchemaNode | null>>();
  const resolveStatically = (from: SchemaNode, reference: string): SchemaNode | null => {
    let known = resolved.get(from.resource);
    if (known === undefined) resolved.set(from.resource, (known = new Map()));
    let target = known.get(reference);
    if (target === undefined) known.set(reference, (target = lookUp(from, reference)));
    return target;
  };

  const lookUp = (from: SchemaNode, reference: string): SchemaNode | null => {
    const hash = reference.indexOf('#');
    const address = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = hash < 0 ? '' : decoded(reference.slice(hash + 1));
    if (address === '')
      return inDocument(
        from.document,
        from.document === source.document ? (from.resource ?? documentRoot) : from.resource,
        fragment,
      );
    const index = indexOf(from.document);
    const base = index.bases.get(from.resource) ?? (from.document === source.document ? ownBase : '');
    const absolute = resolveAddress(base, address);
    const named = index.resources.get(absolute) ?? index.resources.get(address);
    if (named !== undefined) return inDocument(from.document, named, fragment);
    for (const candidate of [address, relativeTo(base, absolute), beside(address)]) {
      if (candidate === null || candidate === '') continue;
      const path = resolvePath(from.document.file.path, decoded(candidate));
      if (path === null) continue;
      if (path === from.document.file.path) return inDocument(from.document, undefined, fragment);
      const other = path === source.document.file.path ? source.document : source.lookup(path);
      if (other !== undefined && other.roots.length > 0) return inDocument(other, undefined, fragment);
    }
    return null;
  };

  return {
    source,
    dialect,
    root: {
      ...wrap(source.document, source.root, enclosingResource(indexOf(source.document), source.root, documentRoot)),
      ...(source.key === undefined ? {} : { keyStart: source.key.start, keyEnd: source.key.end }),
    },
    resolve,
    idOf: (node) => {
      let id = ids.get(node);
      if (id === undefined) {
        id = ids.size;
        ids.set(node, id);
      }
      return id;
    },
  };
}

/** The schema under a key of a schema, with its place. */
export function childAt(parent: SchemaNode, entry: DataEntry): SchemaNode {
  return {
    document: parent.document,
    node: entry.value,
    keyStart: entry.keyStart,
    keyEnd: entry.keyEnd,
    resource: resourceOf(parent, entry.value),
    orNull: false,
  };
}

/** A schema in a list of a schema. */
export function itemAt(parent: SchemaNode, node: DataNode): SchemaNode {
  return { ...wrap(parent.document, node, resourceOf(parent, node)), orNull: false };
}

/** Where a schema's name stands. */
export function siteOf(schema: SchemaNode): Location {
  return locationAt(schema.document.file, schema.keyStart, schema.keyEnd);
}

/** Where a keyword of a schema stands; the schema itself where it has none. */
export function keywordSite(schema: SchemaNode, keyword: string): Location {
  const entry = entriesOf(schema.node).findLast((candidate) => candidate.key === keyword);
  return entry === undefined ? siteOf(schema) : locationAt(schema.document.file, entry.keyStart, entry.keyEnd);
}

interface Index {
  /** By the schema resource that they belong to. */
  readonly anchors: ReadonlyMap<DataNode, ReadonlyMap<string, SchemaNode>>;
  readonly resources: ReadonlyMap<string, DataNode>;
  readonly bases: ReadonlyMap<DataNode, string>;
  readonly parents: ReadonlyMap<DataNode, DataNode>;
}

function makeIndex(document: DataDocument): Index {
  const anchors = new Map<DataNode, Map<string, SchemaNode>>();
  const name = (anchor: string, resource: DataNode, schema: SchemaNode): void => {
    const known = anchors.get(resource) ?? new Map<string, SchemaNode>();
    if (!known.has(anchor)) known.set(anchor, schema);
    anchors.set(resource, known);
  };
  const resources = new Map<string, DataNode>();
  const bases = new Map<DataNode, string>();
  const parents = new Map<DataNode, DataNode>();
  const visit = (node: DataNode, base: string, resource: DataNode, entry: DataEntry | null): void => {
    let inner = base;
    let around = resource;
    if (node.kind === 'map') {
      const id =
        stringOf(get(node, '$id')) ??
        (get(node, '$schema') !== undefined || get(node, 'type') !== undefined || get(node, 'properties') !== undefined
          ? stringOf(get(node, 'id'))
          : undefined);
      if (id !== undefined && id.startsWith('#')) name(id.slice(1), around, wrapEntry(document, node, around, entry));
      else if (id !== undefined) {
        inner = resolveAddress(base, id.replace(/#$/, ''));
        around = node;
        resources.set(inner, node);
        bases.set(node, inner);
      }
      for (const key of ['$anchor', '$dynamicAnchor']) {
        const anchor = stringOf(get(node, key));
        if (anchor !== undefined) name(anchor, around, wrapEntry(document, node, around, entry));
      }
      for (const child of node.entries) {
        parents.set(child.value, node);
        if (!RAW.has(child.key)) visit(child.value, inner, around, child);
      }
    } else if (node.kind === 'seq') {
      for (const item of node.items) {
        parents.set(item, node);
        visit(item, inner, around, null);
      }
    }
  };
  for (const root of document.roots) visit(root, '', root, null);
  return { anchors, resources, bases, parents };
}

/** Keywords whose values are data, never schemas. */
export const RAW: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'example']);

function enclosingResource(index: Index, node: DataNode, fallback: DataNode): DataNode {
  let current: DataNode | undefined = node;
  for (let depth = 0; current !== undefined && depth < 500; depth++) {
    if (index.bases.has(current)) return current;
    current = index.parents.get(current);
  }
  return fallback;
}

function resourceOf(parent: SchemaNode, node: DataNode): DataNode {
  const id = stringOf(get(node, '$id'));
  return id !== undefined && !id.startsWith('#') ? node : parent.resource;
}

function wrap(document: DataDocument, node: DataNode, resource: DataNode): SchemaNode {
  const entries = entriesOf(node);
  const first = entries.find((entry) => TELLING.has(entry.key)) ?? entries[0];
  return {
    document,
    node,
    keyStart: first?.keyStart ?? node.start,
    keyEnd: first?.keyEnd ?? node.end,
    resource,
    orNull: false,
  };
}

/** Keywords that stand for a schema which has no name. */
const TELLING: ReadonlySet<string> = new Set(['type', 'properties', '$ref']);

function wrapEntry(document: DataDocument, node: DataNode, resource: DataNode, entry: DataEntry | null): SchemaNode {
  return entry === null
    ? wrap(document, node, resource)
    : { document, node, keyStart: entry.keyStart, keyEnd: entry.keyEnd, resource, orNull: false };
}

function follow(document: DataDocument, root: DataNode | undefined, pointer: string): SchemaNode | null {
  const steps = parsePointer(pointer);
  if (root === undefined || steps === null) return null;
  let current = wrap(document, root, root);
  for (const step of steps) {
    if (current.node.kind === 'seq') {
      const item = /^\d+$/.test(step) ? current.node.items[Number(step)] : undefined;
      if (item === undefined) return null;
      current = itemAt(current, item);
    } else {
      const entry = entriesOf(current.node).findLast((candidate) => candidate.key === step);
      if (entry === undefined) return null;
      current = childAt(current, entry);
    }
  }
  return current;
}

function holds(root: DataNode, node: DataNode): boolean {
  return root.start <= node.start && node.end <= root.end;
}

function isTrue(node: DataNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

function guess(root: DataNode): Dialect {
  let found: Dialect | null = null;
  let steps = 0;
  const visit = (node: DataNode): void => {
    if (steps++ > 5000 || found === 'draft-04') return;
    if (node.kind === 'seq') for (const item of node.items) visit(item);
    if (node.kind !== 'map') return;
    for (const { key, value } of node.entries) {
      if (RAW.has(key)) continue;
      if (
        (key === 'exclusiveMinimum' || key === 'exclusiveMaximum') &&
        value.kind === 'scalar' &&
        typeof value.value === 'boolean'
      )
        found = 'draft-04';
      else if (found === null && ((key === 'items' && value.kind === 'seq') || key === 'additionalItems'))
        found = 'draft-07';
      visit(value);
    }
  };
  visit(root);
  return found ?? '2020-12';
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986 resolution, as far as schema ids use it: scheme, authority and path. */
function resolveAddress(base: string, reference: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference) || base === '') return reference;
  const parts = /^([a-z][a-z0-9+.-]*:)?(\/\/[^/]*)?([^#?]*)/i.exec(base);
  const origin = `${parts?.[1] ?? ''}${parts?.[2] ?? ''}`;
  const path = parts?.[3] ?? '';
  if (origin.toLowerCase().startsWith('urn:')) return reference;
  if (reference.startsWith('//')) return `${parts?.[1] ?? ''}${reference}`;
  const joined = reference.startsWith('/') ? reference : `${path.slice(0, path.lastIndexOf('/') + 1)}${reference}`;
  const steps: string[] = [];
  for (const step of joined.split('/')) {
    if (step === '.') continue;
    if (step === '..') {
      if (steps.length > 1) steps.pop();
    } else steps.push(step);
  }
  return origin + steps.join('/');
}

/** `file://order.json` has no host in it: people mean the file beside. */
function beside(address: string): string | null {
  return /^file:\/\/(?!\/)/i.test(address) ? address.slice('file://'.length) : null;
}

/** What remains of an address below the folder of a base address; null where it lies elsewhere. */
function relativeTo(base: string, address: string): string | null {
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  return folder !== '' && folder.includes('://') && address.startsWith(folder) ? address.slice(folder.length) : null;
}
