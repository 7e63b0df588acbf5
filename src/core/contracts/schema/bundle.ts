// A side → one self-contained JSON Schema for a validator: references across files, `$id`s and anchors become `#/$defs/…`, what a dialect
// ignores beside a `$ref` is left out, keywords of the wrong type are dropped. The meaning stays; the dialect is written as `$schema`.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { DataNode } from '../../syntax/data.ts';
import { toJson } from '../../syntax/data.ts';
import { MAPS, ignoresSiblings, referenceOf } from './flat.ts';
import type { Dialect, SchemaNode, Side } from './side.ts';
import { RAW, childAt, dialectAddress, itemAt } from './side.ts';

export interface Bundle {
  readonly schema: JsonValue;
  /** References that lead nowhere: they accept everything in `schema`. */
  readonly unresolved: readonly string[];
}

const MAX_DEFINITIONS = 5000;
const NEVER = '\u0000 nothing is accepted here';

const bundles = new WeakMap<Side, Bundle>();

/** Bundles a side. O(nodes reached). Cached by the side. */
export function bundle(side: Side): Bundle {
  const known = bundles.get(side);
  if (known !== undefined) return known;
  const names = new Map<DataNode, string>();
  const queue: SchemaNode[] = [];
  const unresolved: string[] = [];
  const holder = side.dialect === 'draft-04' || side.dialect === 'draft-07' ? 'definitions' : '$defs';

  const pointerTo = (target: SchemaNode): string | null => {
    let name = names.get(target.node);
    if (name === undefined) {
      if (names.size >= MAX_DEFINITIONS) return null;
      name = `d${names.size}`;
      names.set(target.node, name);
      queue.push(target);
    }
    return `#/${holder}/${name}`;
  };

  const convert = (schema: SchemaNode): JsonValue => {
    const { node } = schema;
    if (node.kind === 'scalar') return node.value !== false;
    if (node.kind === 'seq') return true;
    const result: Record<string, JsonValue> = {};
    const reference = referenceOf(node);
    if (reference !== undefined) {
      const target = side.resolve(schema, reference);
      const pointer = target === null ? null : pointerTo(target);
      if (pointer === null) unresolved.push(reference);
      else result['$ref'] = pointer;
      if (ignoresSiblings(side)) return result;
    }
    for (const entry of node.entries) {
      const { key, value } = entry;
      const converted = keyword(schema, key, childAt(schema, entry), value);
      if (converted !== undefined) result[key] = converted;
    }
    return result;
  };

  const keyword = (schema: SchemaNode, key: string, child: SchemaNode, value: DataNode): JsonValue | undefined => {
    if (UNKNOWN[side.dialect].has(key)) return undefined;
    // No validator takes an empty list; it accepts nothing, as no value is in it. A type without values says the same.
    if (key === 'enum' && value.kind === 'seq' && value.items.length === 0) return [NEVER];
    if (RAW.has(key)) return key === 'enum' && value.kind !== 'seq' ? undefined : plainJson(toJson(value));
    if (SCHEMAS.has(key))
      return value.kind === 'map' || (value.kind === 'scalar' && typeof value.value === 'boolean')
        ? convert(child)
        : undefined;
    if (key === 'items') {
      if (value.kind !== 'seq')
        return value.kind === 'map' || typeof value.value === 'boolean' ? convert(child) : undefined;
      return side.dialect === '2020-12' ? undefined : value.items.map((item) => convert(itemAt(child, item)));
    }
    if (LISTS.has(key))
      return value.kind === 'seq' && value.items.length > 0
        ? value.items.map((item) => convert(itemAt(schema, item)))
        : undefined;
    if (MAPS.has(key) && key !== 'definitions' && key !== '$defs') {
      if (value.kind !== 'map') return undefined;
      const map: Record<string, JsonValue> = {};
      for (const member of value.entries)
        define(
          map,
          member.key,
          member.value.kind === 'seq' && key === 'dependencies'
            ? plainJson(toJson(member.value))
            : convert(childAt(child, member)),
        );
      return map;
    }
    const type = TYPED.get(key);
    return type !== undefined && type(value, side) ? plainJson(toJson(value)) : undefined;
  };

  const converted = convert(side.root);
  const definitions: Record<string, JsonValue> = {};
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    definitions[names.get(next.node) ?? ''] = convert(next);
  const body: JsonObject = isObject(converted) ? converted : converted === false ? { not: {} } : {};
  // Beside a root `$ref` the old dialects would not see anything else, yet definitions are reached by pointer.
  const schema: JsonValue = {
    $schema: dialectAddress(side.dialect),
    ...body,
    ...(names.size > 0 ? { [holder]: definitions } : {}),
  };
  const result: Bundle = { schema, unresolved };
  bundles.set(side, result);
  return result;
}

const SINCE_06 = ['const', 'contains', 'propertyNames', 'if', 'then', 'else'];
const SINCE_2019 = [
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
  'minContains',
  'maxContains',
  'prefixItems',
];
/** Keywords that a dialect does not have yet. */
const UNKNOWN: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  'draft-04': new Set([...SINCE_06, ...SINCE_2019]),
  'draft-07': new Set(SINCE_2019),
  '2019-09': new Set(['prefixItems']),
  '2020-12': new Set(['additionalItems']),
};

/** Keywords that hold one schema. */
const SCHEMAS: ReadonlySet<string> = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
/** Keywords that hold a list of schemas. */
const LISTS: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);

type Check = (value: DataNode, side: Side) => boolean;
const isNumber: Check = (value) => value.kind === 'scalar' && typeof value.value === 'number';
const isCount: Check = (value) => value.kind === 'scalar' && typeof value.value === 'number' && value.value >= 0;
const isString: Check = (value) => value.kind === 'scalar' && typeof value.value === 'string';
const isBoolean: Check = (value) => value.kind === 'scalar' && typeof value.value === 'boolean';
const isLimit: Check = (value, side) => (side.dialect === 'draft-04' ? isBoolean(value, side) : isNumber(value, side));
const isNames: Check = (value, side) => value.kind === 'seq' && value.items.every((item) => isString(item, side));
const TYPES = new Set(['null', 'boolean', 'object', 'array', 'string', 'integer', 'number']);

const TYPED: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    'type',
    (value, side) =>
      value.kind === 'seq'
        ? value.items.length > 0 &&
          value.items.every((item) => isString(item, side) && item.kind === 'scalar' && TYPES.has(String(item.value)))
        : value.kind === 'scalar' && TYPES.has(String(value.value)),
  ],
  ['minimum', isNumber],
  ['maximum', isNumber],
  ['exclusiveMinimum', isLimit],
  ['exclusiveMaximum', isLimit],
  ['multipleOf', (value) => value.kind === 'scalar' && typeof value.value === 'number' && value.value > 0],
  ['minLength', isCount],
  ['maxLength', isCount],
  ['pattern', isString],
  ['format', isString],
  ['minItems', isCount],
  ['maxItems', isCount],
  ['uniqueItems', isBoolean],
  ['minContains', isCount],
  ['maxContains', isCount],
  ['minProperties', isCount],
  ['maxProperties', isCount],
  ['required', isNames],
  [
    'dependentRequired',
    (value, side) => value.kind === 'map' && value.entries.every((entry) => isNames(entry.value, side)),
  ],
  ['title', isString],
]);

/** With ordinary prototypes, so that validators that compare constructors see equals. Own keys only, `__proto__` included. */
export function plainJson(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => plainJson(item));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(value)) define(result, key, plainJson(member));
  return result;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function define(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
