// What the parts of the reader share while they read one file: the parsed file, and the facts that grow.
import type { Binding, Declaration, FileFacts, Need, Ref, SchemaFormat } from '../../model/declaration.ts';
import type { Location, Problem, SourceFile } from '../../model/source.ts';
import { locationAt, rangeAt, START_OF_FILE } from '../../model/source.ts';
import type { DataDocument, DataEntry, DataNode } from '../../syntax/data.ts';
import { keyLocation, stringOf, textOf } from '../../syntax/data.ts';
import type { Here, Located, Path } from '../../syntax/json-reference.ts';
import { keyOf, locate } from '../../syntax/json-reference.ts';

/** The key of the one service that a document declares. */
export const SERVICE_KEY = '#/info';

/** A payload schema of this file, and the messages that carry it. */
interface SchemaUse {
  readonly here: Here;
  readonly format: SchemaFormat;
  readonly names: Set<string>;
}

export interface Context {
  readonly file: SourceFile;
  readonly document: DataDocument;
  /** The major version; fragments count as 3, whose words they use. */
  readonly version: 2 | 3;
  readonly declarations: Declaration[];
  readonly bindings: Binding[];
  readonly needs: Map<string, Need>;
  readonly problems: Problem[];
  readonly schemas: Map<string, SchemaUse>;
  /** Keys of queues that are declared already: several operations may share a binding. */
  readonly queues: Set<string>;
}

/** A context in which nothing is said yet. */
export function createContext(file: SourceFile, document: DataDocument, version: 2 | 3): Context {
  return {
    file,
    document,
    version,
    declarations: [],
    bindings: [],
    needs: new Map(),
    problems: [...document.problems],
    schemas: new Map(),
    queues: new Set(),
  };
}

/** The facts that a context has gathered. */
export function factsOf(context: Context): FileFacts {
  for (const [key, { here: schema, format, names }] of context.schemas) {
    const [only, second] = names;
    const own =
      schema.path.length === 0
        ? (textOf(titleOf(schema.node)) ?? fileStem(context.file.path))
        : String(schema.path.at(-1));
    const name = only !== undefined && second === undefined ? only : own;
    context.declarations.push({ kind: 'schema', key, name, format, at: placeOf(context, schema) });
  }
  return {
    declarations: context.declarations,
    bindings: context.bindings,
    calls: [],
    needs: [...context.needs.values()],
    problems: context.problems,
    unit: 'file',
  };
}

function titleOf(node: DataNode): DataNode | undefined {
  return node.kind === 'map' ? node.entries.findLast((entry) => entry.key === 'title')?.value : undefined;
}

/** `orders` of `services/orders.asyncapi.yaml`. */
export function fileStem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.(ya?ml|jsonc?|avsc|schema\.json)$/i, '');
}

/** The node at a path of the file, through references. */
export function at(context: Context, path: Path): Located {
  return locate(context.document, path);
}

/** The node at a path where it stands in this file, or undefined. */
export function here(context: Context, path: Path): Here | undefined {
  const located = at(context, path);
  return located.kind === 'here' ? located : undefined;
}

/** The string at a path, or undefined. */
export function stringAt(context: Context, path: Path): string | undefined {
  return stringOf(here(context, path)?.node);
}

/** Where a person would point at: the key that holds the node, else the node's first line. */
export function placeOf(context: Context, { node, entry }: Here): Location {
  if (entry !== null) return keyLocation(context.file, entry);
  const first: DataEntry | undefined = node.kind === 'map' ? node.entries[0] : undefined;
  return first === undefined ? locationAt(context.file, node.start, node.end) : keyLocation(context.file, first);
}

/** Asks for another file. */
export function need(context: Context, target: Extract<Located, { kind: 'there' }>): void {
  const name = `${target.file}${target.key}`;
  if (context.needs.has(name)) return;
  context.needs.set(name, {
    file: target.file,
    pointer: target.key.slice(1),
    at: locationAt(context.file, target.ref.start, target.ref.end),
  });
}

/** A file reference, and the wish to have that file. */
export function fileRef(context: Context, target: Extract<Located, { kind: 'there' }>): Ref {
  need(context, target);
  return { kind: 'file', file: target.file, key: target.key };
}

/** Says that something is meant but cannot be known. */
export function unresolved(
  context: Context,
  what: string,
  why: string,
  role: 'send' | 'receive' | 'route' | 'dead-letter' | 'schema' | 'other',
  place: Location,
): void {
  context.declarations.push({ kind: 'unresolved', what, why, role, at: place });
}

/** Says that something in the file is broken. */
export function problem(
  context: Context,
  node: { readonly start: number; readonly end: number } | null,
  message: string,
): void {
  context.problems.push({
    file: context.file.path,
    range: node === null ? START_OF_FILE : rangeAt(context.file, node.start, node.end),
    message,
  });
}

/** The location of a node. */
export function locationOfNode(context: Context, node: { readonly start: number; readonly end: number }): Location {
  return locationAt(context.file, node.start, node.end);
}

/** Notes a schema under its key. */
export function noteSchema(context: Context, schema: Here, format: SchemaFormat, name: string | null): string {
  const key = keyOf(schema.path);
  const known = context.schemas.get(key) ?? { here: schema, format, names: new Set<string>() };
  if (name !== null) known.names.add(name);
  context.schemas.set(key, known);
  return key;
}
