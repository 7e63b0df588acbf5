// A pair of Avro schemas → a message that the writer's side encodes and the reader's side refuses or reads as something else, both by avsc.
// The writer's schema is narrowed to the branches and symbols that a message uses, so that the proof is about that message and not about all.
// Names are matched by their last part, as most readers do. Logical types are not looked into.
import avsc from 'avsc';
import type { Schema, Type } from 'avsc';
import type { WitnessAnswer, WitnessRequest } from '../../model/change.ts';
import type { Witness } from '../../model/finding.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { asList, equal, isObject } from './accepts.ts';

const MAX_VALUES = 6;
const MAX_DEPTH = 6;

/** Searches. Deterministic for a request; never throws. */
export function searchAvroWitness(request: WitnessRequest): WitnessAnswer {
  const writerSchema = request.direction === 'backward' ? request.old : request.new;
  const readerSchema = request.direction === 'backward' ? request.new : request.old;
  const names = new Map<string, JsonObject>();
  collect(writerSchema, '', names);
  const aliased = withAliases(readerSchema, '', new Set(names.keys()));
  const focus = request.focus === null ? null : request.focus === '' ? [] : request.focus.slice(1).split('/');
  let tried = 0;
  let exhausted = false;
  try {
    const writer = avsc.Type.forSchema(writerSchema as Schema, OPTIONS());
    const reader = avsc.Type.forSchema(aliased as Schema, OPTIONS());
    for (const { value, schema } of values(writerSchema, names, '', 0, focus)) {
      if (++tried > request.steps) {
        exhausted = true;
        break;
      }
      const shown = json(writer, value);
      if (shown === undefined) continue;
      const witness = read(request.direction, schema, value, reader, shown);
      if (witness !== null) return { witness, tried, exhausted: false, failed: null };
    }
  } catch (error) {
    return {
      witness: null,
      tried,
      exhausted: false,
      failed: error instanceof Error ? error.message : 'the schema does not compile',
    };
  }
  return { witness: null, tried, exhausted, failed: null };
}

const OPTIONS = (): { wrapUnions: boolean; noAnonymousTypes: boolean } => ({
  wrapUnions: true,
  noAnonymousTypes: false,
});

/** The message in Avro's JSON encoding; undefined where the writer's side does not take it. */
function json(writer: Type, value: unknown): JsonValue | undefined {
  if (!writer.isValid(value)) return undefined;
  const text: unknown = JSON.parse(writer.toString(value));
  return text as JsonValue;
}

function read(
  direction: Witness['direction'],
  schema: JsonValue,
  value: unknown,
  reader: Type,
  message: JsonValue,
): Witness | null {
  const narrowed = avsc.Type.forSchema(schema as Schema, OPTIONS());
  if (!narrowed.isValid(value)) return null;
  let back: unknown;
  try {
    back = reader.fromBuffer(narrowed.toBuffer(value), reader.createResolver(narrowed), true);
  } catch (error) {
    return {
      direction,
      kind: 'refused',
      message,
      reads: null,
      error: error instanceof Error ? error.message : 'the reader refuses it',
    };
  }
  const reads = JSON.parse(reader.toString(back)) as JsonValue;
  const difference = changed(unwrapped(message), unwrapped(reads), '');
  return difference === null
    ? null
    : {
        direction,
        kind: 'changed',
        message,
        reads,
        error: `${difference.path === '' ? 'the message' : difference.path} is read as ${JSON.stringify(difference.to)}`,
      };
}

/** Where both sides have a text, a truth or a name that differs. Numbers may be written otherwise by a promotion, and are not compared. */
function changed(
  from: JsonValue,
  to: JsonValue,
  path: string,
): { readonly path: string; readonly to: JsonValue } | null {
  if (isObject(from) && isObject(to)) {
    for (const [key, value] of Object.entries(from)) {
      if (!Object.hasOwn(to, key)) continue;
      const inner = changed(value, to[key] ?? null, `${path}/${key}`);
      if (inner !== null) return inner;
    }
    return null;
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    for (const [index, value] of from.entries()) {
      const inner = changed(value as JsonValue, (to[index] ?? null) as JsonValue, `${path}/${index}`);
      if (inner !== null) return inner;
    }
    return null;
  }
  return typeof from === typeof to && typeof from !== 'number' && !equal(from, to) ? { path, to } : null;
}

/** Union values without the branch's name around them. */
function unwrapped(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => unwrapped(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && (BRANCHES.has(only[0]) || only[0].includes('.')))
    return unwrapped(only[1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, unwrapped(inner)]));
}

const BRANCHES: ReadonlySet<string> = new Set([
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

interface Candidate {
  /** As avsc wants it, unions wrapped. */
  readonly value: unknown;
  /** The schema narrowed to what the value uses. */
  readonly schema: JsonValue;
}

/** Values of a schema, plain ones first, each with the schema narrowed to it. Along the focus every variant, elsewhere one. */
function values(
  schema: JsonValue,
  names: ReadonlyMap<string, JsonObject>,
  namespace: string,
  depth: number,
  focus: readonly string[] | null,
): readonly Candidate[] {
  if (depth > MAX_DEPTH * 3) return [];
  if (Array.isArray(schema)) {
    const found: Candidate[] = [];
    for (const branch of schema as readonly JsonValue[]) {
      for (const { value, schema: narrowed } of values(branch, names, namespace, depth + 1, focus))
        found.push({
          value: branch === 'null' ? null : { [branchName(branch, names, namespace)]: value },
          schema: [narrowed],
        });
    }
    // Deep in a recursive type the way out comes first.
    return depth > MAX_DEPTH
      ? found.toSorted((a, b) => (a.value === null ? 0 : 1) - (b.value === null ? 0 : 1)).slice(0, 2)
      : found.slice(0, 24);
  }
  if (typeof schema === 'string') {
    const named = names.get(full(schema, namespace)) ?? names.get(schema);
    if (named !== undefined) return values(named, names, namespace, depth + 1, focus);
    return (PRIMITIVES[schema] ?? []).map((value) => ({ value, schema }));
  }
  if (!isObject(schema)) return [];
  const { type } = schema;
  if (type === 'record' || type === 'error') return records(schema, names, namespace, depth, focus);
  if (type === 'enum')
    return asList(schema['symbols'])
      .slice(0, 40)
      .map((symbol) => ({ value: symbol, schema: without({ ...schema, symbols: [symbol] }, 'default') }));
  if (type === 'fixed')
    return [{ value: new Uint8Array(typeof schema['size'] === 'number' ? schema['size'] : 0), schema }].map(
      ({ value, schema: own }) => ({ value: bufferOf(value), schema: own }),
    );
  if (type === 'array')
    return values(schema['items'] ?? 'null', names, namespace, depth + 1, tail(focus))
      .slice(0, MAX_VALUES * 4)
      .map(({ value, schema: items }): Candidate => ({ value: [value], schema: { ...schema, items } }))
      .concat([{ value: [], schema }]);
  if (type === 'map')
    return values(schema['values'] ?? 'null', names, namespace, depth + 1, tail(focus))
      .slice(0, MAX_VALUES * 4)
      .map(({ value, schema: inner }): Candidate => ({ value: { key: value }, schema: { ...schema, values: inner } }))
      .concat([{ value: {}, schema }]);
  return values(type ?? 'null', names, namespace, depth + 1, focus);
}

function records(
  schema: JsonObject,
  names: ReadonlyMap<string, JsonObject>,
  namespace: string,
  depth: number,
  focus: readonly string[] | null,
): readonly Candidate[] {
  const inner = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
  const fields = asList(schema['fields']).filter(isObject);
  const [step, ...rest] = focus ?? [];
  const options = fields.map((field) => ({
    field,
    name: typeof field['name'] === 'string' ? field['name'] : '',
    list: values(
      field['type'] ?? 'null',
      names,
      inner,
      depth + 1,
      focus === null ? null : field['name'] === step ? rest : [],
    ),
  }));
  if (options.some(({ list }) => list.length === 0)) return [];
  const make = (choose: (index: number) => Candidate | undefined): Candidate => {
    const value: Record<string, unknown> = {};
    const narrowed: JsonValue[] = [];
    for (const [index, { field, name, list }] of options.entries()) {
      const chosen = choose(index) ?? list[0];
      if (chosen === undefined) continue;
      value[name] = chosen.value;
      narrowed.push(without({ ...field, type: chosen.schema }, 'default'));
    }
    return { value, schema: { ...schema, fields: narrowed } };
  };
  const found: Candidate[] = [make(() => undefined)];
  for (const [index, { name, list }] of options.entries()) {
    if (focus !== null && step !== undefined && name !== step) continue;
    for (const candidate of list.slice(1, depth === 0 ? 40 : 12))
      found.push(make((at) => (at === index ? candidate : undefined)));
  }
  return found.slice(0, 200);
}

const PRIMITIVES: Readonly<Record<string, readonly unknown[]>> = {
  null: [null],
  boolean: [true, false],
  int: [1, -1, 2_147_483_647],
  long: [1, -1, 9_007_199_254_740_991],
  float: [0.5, 1],
  double: [0.5, 1],
  string: ['text', ''],
  get bytes(): readonly unknown[] {
    return [bufferOf(new Uint8Array([1]))];
  },
};

/** avsc takes the host's own buffers only; its decoder of JSON makes one. */
function bufferOf(bytes: Uint8Array): unknown {
  return avsc.Type.forSchema('bytes').fromString(JSON.stringify(String.fromCharCode(...bytes)));
}

function tail(focus: readonly string[] | null): readonly string[] | null {
  return focus === null ? null : focus.slice(1);
}

function without(schema: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

function full(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function branchName(branch: JsonValue, names: ReadonlyMap<string, JsonObject>, namespace: string): string {
  if (typeof branch === 'string') {
    const named = names.has(full(branch, namespace));
    return named ? full(branch, namespace) : branch;
  }
  if (!isObject(branch)) return 'null';
  const { type } = branch;
  if (typeof branch['name'] === 'string')
    return full(branch['name'], typeof branch['namespace'] === 'string' ? branch['namespace'] : namespace);
  return typeof type === 'string' ? type : 'null';
}

/** The named types of a schema, by full name. */
function collect(schema: JsonValue, namespace: string, into: Map<string, JsonObject>): void {
  if (Array.isArray(schema)) for (const item of schema as readonly JsonValue[]) collect(item, namespace, into);
  else if (isObject(schema)) {
    const inner = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
    if (
      typeof schema['name'] === 'string' &&
      (schema['type'] === 'record' ||
        schema['type'] === 'enum' ||
        schema['type'] === 'fixed' ||
        schema['type'] === 'error')
    )
      into.set(full(schema['name'], inner), schema);
    for (const key of ['type', 'items', 'values', 'fields'])
      if (typeof schema[key] === 'object') collect(schema[key] ?? null, inner, into);
  }
}

/** The reader's schema with an alias for each of the writer's names that ends in the same word. */
function withAliases(schema: JsonValue, namespace: string, written: ReadonlySet<string>): JsonValue {
  if (Array.isArray(schema)) return schema.map((item: JsonValue) => withAliases(item, namespace, written));
  if (!isObject(schema)) return schema;
  const inner = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
  const result: Record<string, JsonValue> = { ...schema };
  for (const key of ['type', 'items', 'values', 'fields']) {
    const own = schema[key];
    if (typeof own === 'object') result[key] = withAliases(own, inner, written);
  }
  const { type } = schema;
  if (
    typeof schema['name'] === 'string' &&
    (type === 'record' || type === 'error' || type === 'enum' || type === 'fixed')
  ) {
    const name = full(schema['name'], inner);
    const short = (text: string): string => text.slice(text.lastIndexOf('.') + 1);
    const others = [...written].filter((one) => one !== name && short(one) === short(name));
    if (others.length > 0) result['aliases'] = [...asList(schema['aliases']), ...others];
  }
  return result;
}
