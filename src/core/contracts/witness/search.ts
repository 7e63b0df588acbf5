// A pair of self-contained JSON Schemas → a concrete message that the writer's side accepts and the reader's side refuses. Directed search
// (pool.ts), confirmed by ajv on both whole schemas, made small. No clock: bounded in candidates and interpreter steps. A schema's patterns run
// here: the caller runs this where it can be killed. Finding none proves nothing.
import type { ErrorObject } from 'ajv';
import type { WitnessAnswer, WitnessRequest } from '../../model/change.ts';
import type { Witness } from '../../model/finding.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Fuel } from './accepts.ts';
import { Exhausted, isObject, makeEvaluator } from './accepts.ts';
import type { Effort, Focus } from './pool.ts';
import { makePools } from './pool.ts';
import type { Validator } from './validators.ts';
import { compileValidator } from './validators.ts';

const NODE_VISITS_PER_STEP = 100;
/** Enough for a message of some hundred fields to be built and looked at. */
const LEAST_NODE_VISITS = 2_000_000;
const SHRINK_STEPS = 400;

interface Compiled {
  readonly text: string;
  readonly validator: Validator;
}

/** The schemas compiled last: the two directions and the places of one pair ask for the same ones. */
let compiled: readonly Compiled[] = [];

/** Searches. Deterministic for a request; never throws. */
export function searchWitness(request: WitnessRequest): WitnessAnswer {
  if (request.format !== 'json-schema')
    return { witness: null, tried: 0, exhausted: false, failed: `${request.format} is not searched here` };
  const writerSchema = request.direction === 'backward' ? request.old : request.new;
  const readerSchema = request.direction === 'backward' ? request.new : request.old;
  let writer: Validator;
  let reader: Validator;
  try {
    [writer, reader] = [validatorOf(writerSchema), validatorOf(readerSchema)];
  } catch (error) {
    return {
      witness: null,
      tried: 0,
      exhausted: false,
      failed: error instanceof Error ? error.message : 'the schema does not compile',
    };
  }
  const focus = request.focus === null ? null : stepsOf(request.focus);
  const avoided = new Set(request.avoid ?? []);
  let tried = 0;
  // A search over the whole must not rest on a name that the writer's side leaves undeclared and the reader's side happens to know.
  const foreign = focus === null && request.avoid !== undefined ? foreignNames(writerSchema, readerSchema) : NO_NAMES;
  const hit = (message: JsonValue): boolean => {
    if (foreign.size > 0 && usesName(message, foreign)) return false;
    if (!writer.accepts(message) || reader.accepts(message)) return false;
    return focus === null
      ? !concerns(reader.errors(), request.avoid ?? [], [])
      : concerns(reader.errors(), [request.focus ?? ''], request.avoid ?? []);
  };
  const found = (message: JsonValue): WitnessAnswer => {
    const small = shrink(message, hit);
    reader.accepts(small);
    const witness: Witness = {
      direction: request.direction,
      kind: 'refused',
      message: small,
      reads: null,
      error: wording(reader.errors(), request.focus),
    };
    return { witness, tried, exhausted: false, failed: null };
  };
  let exhausted = false;
  let left = request.steps;
  for (const round of ROUNDS) {
    if (left <= 0) break;
    const effort: Effort = { ...round.effort, steps: Math.min(left, Math.ceil(request.steps * round.share)) };
    const granted = effort.steps;
    const fuel: Fuel = { left: Math.max(LEAST_NODE_VISITS, effort.steps * NODE_VISITS_PER_STEP) };
    try {
      const writerSide = makeEvaluator(writerSchema, fuel);
      const readerSide = makeEvaluator(readerSchema, fuel);
      const { pool } = makePools(effort, avoided);
      const aim: Focus = round.focused ? focus : null;
      const { bad, good } = pool(
        [{ schema: writerSchema, of: writerSide }],
        [{ schema: readerSchema, of: readerSide }],
        aim,
        '',
        effort.depth,
        0,
      );
      for (const message of [...bad, ...good]) {
        tried++;
        if (hit(message)) return { ...found(message), tried: tried + granted - effort.steps };
      }
    } catch (error) {
      if (error instanceof Exhausted || error instanceof RangeError) exhausted = true;
      else
        return {
          witness: null,
          tried,
          exhausted: true,
          failed: error instanceof Error ? error.message : 'the search failed',
        };
    }
    tried += granted - Math.max(0, effort.steps);
    left -= granted - Math.max(0, effort.steps);
  }
  return { witness: null, tried, exhausted, failed: null };
}

const ROUNDS: readonly { readonly focused: boolean; readonly share: number; readonly effort: Omit<Effort, 'steps'> }[] =
  [
    { focused: true, share: 0.15, effort: { cases: 8, keep: 12, depth: 9, shallow: true, pairs: false } },
    { focused: true, share: 0.3, effort: { cases: 8, keep: 24, depth: 7, shallow: false, pairs: false } },
    { focused: false, share: 0.4, effort: { cases: 24, keep: 64, depth: 5, shallow: false, pairs: false } },
    { focused: false, share: 1, effort: { cases: 40, keep: 200, depth: 4, shallow: false, pairs: true } },
  ];

function validatorOf(schema: JsonValue): Validator {
  const text = JSON.stringify(schema);
  const known = compiled.find((entry) => entry.text === text);
  if (known !== undefined) return known.validator;
  const validator = compileValidator(schema);
  compiled = [{ text, validator }, ...compiled].slice(0, 2);
  return validator;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Names that the reader's side declares somewhere and the writer's side nowhere. */
function foreignNames(writer: JsonValue, reader: JsonValue): ReadonlySet<string> {
  const known = declaredNames(writer);
  return new Set([...declaredNames(reader)].filter((name) => !known.has(name)));
}

function declaredNames(schema: JsonValue): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: JsonValue): void => {
    if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) visit(item);
    else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'properties' && isObject(inner)) for (const name of Object.keys(inner)) names.add(name);
        if (key === 'required' && Array.isArray(inner))
          for (const name of inner as readonly JsonValue[]) if (typeof name === 'string') names.add(name);
        visit(inner);
      }
    }
  };
  visit(schema);
  return names;
}

function usesName(value: JsonValue, names: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).some((item) => usesName(item, names));
  return isObject(value) && Object.entries(value).some(([key, inner]) => names.has(key) || usesName(inner, names));
}

function stepsOf(pointer: string): readonly string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where an error points, a missing or superfluous name included. */
function placeOf(error: ErrorObject): readonly string[] {
  const steps = stepsOf(error.instancePath);
  const params: Readonly<Record<string, unknown>> = error.params;
  for (const name of [
    params['missingProperty'],
    params['additionalProperty'],
    params['unevaluatedProperty'],
    params['propertyName'],
  ])
    if (typeof name === 'string') return [...steps, name];
  return steps;
}

/** Whether an error is about one of the places, at or below it, and not about a place further in that belongs to another change. */
function concerns(errors: readonly ErrorObject[], places: readonly string[], others: readonly string[]): boolean {
  for (const pointer of places) {
    const place = stepsOf(pointer);
    const deeper = others
      .map((other) => stepsOf(other))
      .filter((other) => other.length > place.length && fits(other.slice(0, place.length), place));
    for (const error of errors) {
      const at = placeOf(error);
      if (at.length >= place.length) {
        if (
          fits(at.slice(0, place.length), place) &&
          !deeper.some((other) => at.length >= other.length && fits(at.slice(0, other.length), other))
        )
          return true;
      }
    }
  }
  return false;
}

function fits(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index] || b[index] === '*' || step === '*');
}

/** What the reader's library says, the place first. The innermost reason that concerns the focus, then the whole's. */
function wording(errors: readonly ErrorObject[], focus: string | null): string {
  const related = focus === null ? errors : errors.filter((error) => concerns([error], [focus], []));
  const list = related.length > 0 ? related : errors;
  const said = new Set<string>();
  for (const error of list.toSorted((a, b) => b.instancePath.length - a.instancePath.length)) {
    const params: Readonly<Record<string, unknown>> = error.params;
    const name = params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['propertyName'];
    const allowed = params['allowedValues'];
    const detail =
      typeof name === 'string'
        ? `: '${name}'`
        : Array.isArray(allowed) && allowed.length <= 12
          ? `: ${allowed.map((value) => JSON.stringify(value)).join(', ')}`
          : '';
    said.add(
      `${error.instancePath === '' ? 'the message' : error.instancePath} ${error.message ?? error.keyword}${detail}`,
    );
    if (said.size === 2) break;
  }
  return [...said].join('; ');
}

/** The smallest message that still proves it: without optional names and surplus items, with plain values. */
function shrink(message: JsonValue, hit: (candidate: JsonValue) => boolean): JsonValue {
  let best = message;
  let left = SHRINK_STEPS;
  const attempt = (candidate: JsonValue): boolean => {
    if (left-- <= 0 || !hit(candidate)) return false;
    best = candidate;
    return true;
  };
  type Rebuild = (inner: JsonValue) => JsonValue;
  const visit = (value: JsonValue, rebuild: Rebuild): JsonValue => {
    if (Array.isArray(value)) return items(value as readonly JsonValue[], rebuild);
    if (isObject(value)) return members(value, rebuild);
    const simpler: JsonValue[] = [];
    if (typeof value === 'string' && value.length > 60)
      for (const length of [4, 8, value.length >> 1, value.length - 1]) simpler.push(value.slice(0, length));
    if (typeof value === 'number' && value !== 1 && value !== 0) simpler.push(1, 0, Math.round(value));
    return simpler.find((candidate) => candidate !== value && attempt(rebuild(candidate))) ?? value;
  };
  const items = (value: readonly JsonValue[], rebuild: Rebuild): JsonValue => {
    let current = value;
    for (let index = current.length - 1; index >= 0; index--) {
      const smaller = current.toSpliced(index, 1);
      if (attempt(rebuild(smaller))) current = smaller;
    }
    for (let index = 0; index < Math.min(current.length, 20); index++) {
      const around = current;
      current = around.with(
        index,
        visit(around[index] ?? null, (inner) => rebuild(around.with(index, inner))),
      );
    }
    return current;
  };
  const members = (value: JsonObject, rebuild: Rebuild): JsonValue => {
    let current = value;
    for (const name of Object.keys(current)) {
      const smaller = Object.fromEntries(Object.entries(current).filter(([key]) => key !== name));
      if (attempt(rebuild(smaller))) current = smaller;
    }
    for (const name of Object.keys(current)) {
      const around = current;
      current = { ...around, [name]: visit(around[name] ?? null, (inner) => rebuild({ ...around, [name]: inner })) };
    }
    return current;
  };
  visit(message, (inner) => inner);
  return best;
}
