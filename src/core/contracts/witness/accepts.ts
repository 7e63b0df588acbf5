// JSON Schema, interpreted: whether a part of a message satisfies a part of a schema. It steers the search only; every witness is confirmed
// by ajv on the whole schemas. Reads what schema/bundle.ts writes: references are `#` or `#/$defs/…`, keywords have their types. Bounded by fuel.
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonObject, JsonValue } from '../../model/json.ts';

/** Thrown where the search has used up its bound; search.ts catches it. */
export class Exhausted extends Error {}

/** A bundled schema with its interpreter. */
export interface Evaluator {
  readonly root: JsonValue;
  readonly dialect: 'draft-04' | 'draft-07' | '2019-09' | '2020-12';
  /** The schema that a reference names; undefined where there is none. */
  readonly target: (reference: string) => JsonValue | undefined;
  readonly accepts: (schema: JsonValue, value: JsonValue) => boolean;
}

/** Shared by all evaluators of a search. */
export interface Fuel {
  left: number;
}

/** Which names and items of a value some keyword has looked at. */
interface Track {
  readonly names: Set<string>;
  items: number;
  readonly places: Set<number>;
}

const MAX_DEPTH = 250;

/** Makes an evaluator. Throws `Exhausted` where the fuel ends. */
export function makeEvaluator(root: JsonValue, fuel: Fuel): Evaluator {
  const address = isObject(root) && typeof root['$schema'] === 'string' ? root['$schema'] : '';
  const dialect = address.includes('draft-04')
    ? 'draft-04'
    : address.includes('2019-09')
      ? '2019-09'
      : address.includes('2020-12')
        ? '2020-12'
        : 'draft-07';
  const target = (reference: string): JsonValue | undefined => {
    if (reference === '#') return root;
    let current: JsonValue | undefined = root;
    for (const step of reference.slice(2).split('/'))
      current = isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
    return current;
  };

  const evaluate = (schema: JsonValue, value: JsonValue, track: Track | null, depth: number): boolean => {
    if (fuel.left-- <= 0 || depth > MAX_DEPTH) throw new Exhausted();
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return true;
    const sub = (inner: JsonValue): boolean => evaluate(inner, value, track, depth + 1);
    /** Alternatives: what a failed branch looked at does not count. */
    const branch = (inner: JsonValue): boolean => {
      const own: Track = { names: new Set(), items: 0, places: new Set() };
      const ok = evaluate(inner, value, own, depth + 1);
      if (ok && track !== null) merge(track, own);
      return ok;
    };
    const unevaluated = schema['unevaluatedProperties'] !== undefined || schema['unevaluatedItems'] !== undefined;
    if (unevaluated && track === null)
      return evaluate(schema, value, { names: new Set(), items: 0, places: new Set() }, depth + 1);

    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const found = target(reference);
      if (found !== undefined && !sub(found)) return false;
      if (dialect === 'draft-04' || dialect === 'draft-07') return true;
    }
    if (schema['type'] !== undefined && !hasType(schema['type'], value)) return false;
    const list = schema['enum'];
    if (Array.isArray(list) && !list.some((item: JsonValue) => equal(item, value))) return false;
    if (schema['const'] !== undefined && !equal(schema['const'], value)) return false;
    if (typeof value === 'number' && !numberFits(schema, value, dialect)) return false;
    if (typeof value === 'string' && !stringFits(schema, value)) return false;
    for (const member of asList(schema['allOf'])) if (!sub(member)) return false;
    const any = asList(schema['anyOf']);
    if (any.length > 0) {
      let ok = false;
      for (const member of any) {
        if (branch(member)) {
          ok = true;
          if (track === null) break;
        }
      }
      if (!ok) return false;
    }
    const one = asList(schema['oneOf']);
    if (one.length > 0) {
      let hits = 0;
      for (const member of one) if (branch(member) && ++hits > 1) return false;
      if (hits !== 1) return false;
    }
    if (schema['not'] !== undefined && evaluate(schema['not'], value, null, depth + 1)) return false;
    if (schema['if'] !== undefined) {
      const next = branch(schema['if']) ? schema['then'] : schema['else'];
      if (next !== undefined && !sub(next)) return false;
    }
    if (Array.isArray(value)) return arrayFits(schema, value as readonly JsonValue[], track, depth);
    if (isObject(value)) return objectFits(schema, value, track, depth, sub);
    return true;
  };

  const arrayFits = (schema: JsonObject, value: readonly JsonValue[], track: Track | null, depth: number): boolean => {
    if (!counts(schema, 'minItems', 'maxItems', value.length)) return false;
    if (schema['uniqueItems'] === true)
      for (let i = 1; i < value.length; i++)
        for (let j = 0; j < i; j++) if (equal(value[i] ?? null, value[j] ?? null)) return false;
    const prefix = asList(dialect === '2020-12' ? schema['prefixItems'] : schema['items']);
    const rest =
      dialect === '2020-12'
        ? schema['items']
        : Array.isArray(schema['items'])
          ? schema['additionalItems']
          : schema['items'];
    for (const [index, item] of value.entries()) {
      const own = index < prefix.length ? prefix[index] : rest;
      if (own !== undefined && !evaluate(own, item, null, depth + 1)) return false;
    }
    if (track !== null)
      track.items = Math.max(track.items, rest === undefined ? Math.min(prefix.length, value.length) : value.length);
    if (schema['contains'] !== undefined) {
      const wanted = schema['contains'];
      let hits = 0;
      for (const [index, item] of value.entries()) {
        if (!evaluate(wanted, item, null, depth + 1)) continue;
        hits++;
        if (dialect === '2020-12') track?.places.add(index);
      }
      const least = typeof schema['minContains'] === 'number' ? schema['minContains'] : 1;
      if (hits < least || (typeof schema['maxContains'] === 'number' && hits > schema['maxContains'])) return false;
    }
    const others = schema['unevaluatedItems'];
    if (others !== undefined && track !== null) {
      for (let index = track.items; index < value.length; index++)
        if (!track.places.has(index) && !evaluate(others, value[index] ?? null, null, depth + 1)) return false;
      track.items = value.length;
    }
    return true;
  };

  const objectFits = (
    schema: JsonObject,
    value: JsonObject,
    track: Track | null,
    depth: number,
    sub: (inner: JsonValue) => boolean,
  ): boolean => {
    const names = Object.keys(value);
    if (!counts(schema, 'minProperties', 'maxProperties', names.length)) return false;
    for (const name of asList(schema['required']))
      if (typeof name === 'string' && !Object.hasOwn(value, name)) return false;
    const properties = asMap(schema['properties']);
    const patterns = Object.entries(asMap(schema['patternProperties']));
    const additional = schema['additionalProperties'];
    for (const name of names) {
      const item = value[name] ?? null;
      let known = false;
      if (Object.hasOwn(properties, name)) {
        known = true;
        if (!evaluate(properties[name] ?? true, item, null, depth + 1)) return false;
      }
      for (const [pattern, inner] of patterns) {
        if (!matches(pattern, name)) continue;
        known = true;
        if (!evaluate(inner, item, null, depth + 1)) return false;
      }
      if (!known && additional !== undefined) {
        known = true;
        if (!evaluate(additional, item, null, depth + 1)) return false;
      }
      if (known) track?.names.add(name);
      if (schema['propertyNames'] !== undefined && !evaluate(schema['propertyNames'], name, null, depth + 1))
        return false;
    }
    for (const keyword of ['dependencies', 'dependentRequired', 'dependentSchemas']) {
      for (const [name, need] of Object.entries(asMap(schema[keyword]))) {
        if (!Object.hasOwn(value, name)) continue;
        if (Array.isArray(need)) {
          for (const other of need as readonly JsonValue[])
            if (typeof other === 'string' && !Object.hasOwn(value, other)) return false;
        } else if (!sub(need)) return false;
      }
    }
    const others = schema['unevaluatedProperties'];
    if (others !== undefined && track !== null) {
      for (const name of names) {
        if (track.names.has(name)) continue;
        if (!evaluate(others, value[name] ?? null, null, depth + 1)) return false;
        track.names.add(name);
      }
    }
    return true;
  };

  return { root, dialect, target, accepts: (schema, value) => evaluate(schema, value, null, 0) };
}

function merge(into: Track, from: Track): void {
  for (const name of from.names) into.names.add(name);
  for (const place of from.places) into.places.add(place);
  into.items = Math.max(into.items, from.items);
}

/** Whether a JSON value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list, or nothing. */
export function asList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** A map, or nothing. */
export function asMap(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Structural equality of JSON values. */
export function equal(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item: JsonValue, index) => equal(item, (b as readonly JsonValue[])[index] ?? null))
    );
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name] ?? null, b[name] ?? null))
  );
}

function hasType(type: JsonValue, value: JsonValue): boolean {
  if (Array.isArray(type)) return type.some((one: JsonValue) => hasType(one, value));
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return typeof value === type;
}

function counts(schema: JsonObject, least: string, most: string, count: number): boolean {
  const low = schema[least];
  const high = schema[most];
  return !(typeof low === 'number' && count < low) && !(typeof high === 'number' && count > high);
}

function numberFits(schema: JsonObject, value: number, dialect: string): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (
    typeof minimum === 'number' &&
    (value < minimum || (dialect === 'draft-04' && exclusiveMinimum === true && value === minimum))
  )
    return false;
  if (
    typeof maximum === 'number' &&
    (value > maximum || (dialect === 'draft-04' && exclusiveMaximum === true && value === maximum))
  )
    return false;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return false;
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) return false;
  return formatFits(schema['format'], value);
}

function stringFits(schema: JsonObject, value: string): boolean {
  if (schema['minLength'] !== undefined || schema['maxLength'] !== undefined) {
    let length = 0;
    for (const _ of value) length++;
    if (!counts(schema, 'minLength', 'maxLength', length)) return false;
  }
  if (typeof schema['pattern'] === 'string' && !matches(schema['pattern'], value)) return false;
  return formatFits(schema['format'], value);
}

/** Whether a value is written as a format asks; formats that ajv does not know accept everything. */
export function formatFits(name: JsonValue | undefined, value: string | number): boolean {
  if (typeof name !== 'string' || !Object.hasOwn(fullFormats, name)) return true;
  const format: unknown = (fullFormats as Readonly<Record<string, unknown>>)[name];
  if (format instanceof RegExp) return typeof value !== 'string' || format.test(value);
  if (typeof format === 'function') return typeof value !== 'string' || format(value) === true;
  if (typeof format !== 'object' || format === null || !('validate' in format)) return true;
  const numeric = 'type' in format && format.type === 'number';
  if (numeric !== (typeof value === 'number')) return true;
  const validate: unknown = format.validate;
  return validate instanceof RegExp
    ? validate.test(String(value))
    : typeof validate === 'function'
      ? validate(value) === true
      : true;
}

const patterns = new Map<string, RegExp | null>();

/** A schema's pattern as a regular expression, as ajv compiles it; null where it is none. */
export function compilePattern(pattern: string): RegExp | null {
  let known = patterns.get(pattern);
  if (known === undefined) {
    known = tryCompile(pattern, 'u') ?? tryCompile(pattern, '');
    if (patterns.size > 2000) patterns.clear();
    patterns.set(pattern, known);
  }
  return known;
}

function tryCompile(pattern: string, flags: string): RegExp | null {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return null;
  }
}

function matches(pattern: string, text: string): boolean {
  return compilePattern(pattern)?.test(text) ?? true;
}
