// Two conjunctions of schemas → values that the first accepts, suspicious for the second first. Directed: every keyword of both sides offers
// the values around its own limit; alternatives, exclusions and conditions of the second side become goals of their own ("satisfy two of the
// alternatives"); objects and arrays vary one place at a time around a base that both sides accept. Bounded by counts of candidates.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Evaluator } from './accepts.ts';
import { Exhausted, asList, asMap, compilePattern, equal, isObject } from './accepts.ts';
import { MISFITS, formatSamples } from './format-samples.ts';
import { regexSamples } from './regex-samples.ts';

/** A schema that belongs to one side. */
export interface Part {
  readonly schema: JsonValue;
  readonly of: Evaluator;
}

/** Values of one place: all accepted by what must hold. */
export interface Pool {
  /** Refused by what is to be violated. */
  readonly bad: readonly JsonValue[];
  /** Accepted by both. */
  readonly good: readonly JsonValue[];
}

/** What a search allows itself. */
export interface Effort {
  /** Candidates left, over the whole search. */
  steps: number;
  readonly cases: number;
  readonly keep: number;
  readonly depth: number;
  /** Whether below the focus one value is enough. */
  readonly shallow: boolean;
  /** Whether two places are varied at once. */
  readonly pairs: boolean;
}

/** Steps of a path; `*` is any. Null: anywhere. */
export type Focus = readonly string[] | null;

/** No place in question: the first value that both sides accept will do. */
const AT_ONCE: readonly string[] = [];
/** How many values are tried for one that both sides accept, where one that the first side accepts is at hand. */
const AT_ONCE_OFFERS = 24;

const EMPTY: Pool = { bad: [], good: [] };
/** For a place about which neither side says anything. */
const ANYTHING: Pool = { bad: [], good: ['text', 1, true, null, 0.5, {}, []] };

/** Makes the generator of one search. `avoided` names paths whose properties are not to be used. */
export function makePools(effort: Effort, avoided: ReadonlySet<string>) {
  const ids = new Map<JsonValue, number>();
  const synthetic = new Map<string, JsonObject>();
  const memo = new Map<string, Pool>();
  const open = new Set<string>();

  const idOf = (part: Part): string => {
    const { schema } = part;
    if (typeof schema === 'boolean') return schema ? 'T' : 'F';
    let id = ids.get(schema);
    if (id === undefined) ids.set(schema, (id = ids.size));
    return String(id);
  };
  const made = (key: string, make: () => JsonObject): JsonObject => {
    let schema = synthetic.get(key);
    if (schema === undefined) synthetic.set(key, (schema = make()));
    return schema;
  };
  const negated = (part: Part): Part => ({
    of: part.of,
    schema: made(`not ${idOf(part)}`, () => ({ not: part.schema })),
  });
  const requiring = (of: Evaluator, name: string): Part => ({
    of,
    schema: made(`has ${name}`, () => ({ type: 'object', required: [name] })),
  });

  /** References and `allOf` spread out. Null where nothing can be accepted. */
  const flat = (parts: readonly Part[]): readonly Part[] | null => {
    const result: Part[] = [];
    const seen = new Set<JsonValue>();
    const visit = (part: Part): boolean => {
      const { schema, of } = part;
      if (schema === false) return false;
      if (!isObject(schema) || seen.has(schema)) return true;
      seen.add(schema);
      const reference = schema['$ref'];
      if (typeof reference === 'string') {
        const target = of.target(reference);
        if (target !== undefined && !visit({ schema: target, of })) return false;
        if (of.dialect === 'draft-04' || of.dialect === 'draft-07') return true;
      }
      result.push(part);
      return asList(schema['allOf']).every((member) => visit({ schema: member, of }));
    };
    for (const part of parts) if (!visit(part)) return null;
    return result;
  };

  const accepts = (parts: readonly Part[], value: JsonValue): boolean =>
    parts.every((part) => part.of.accepts(part.schema, value));

  /** The ways to satisfy the alternatives and conditions of a conjunction. */
  const casesOf = (parts: readonly Part[]): readonly (readonly Part[])[] => {
    let cases: (readonly Part[])[] = [parts];
    const split = (options: readonly (readonly Part[])[]): void => {
      const next: (readonly Part[])[] = [];
      for (const option of options) {
        const spread = flat(option);
        if (spread === null) continue;
        for (const known of cases) if (next.length < effort.cases) next.push([...known, ...spread]);
      }
      if (next.length > 0) cases = next;
    };
    for (const { schema, of } of parts) {
      if (!isObject(schema)) continue;
      for (const keyword of ['anyOf', 'oneOf'] as const) {
        const members = asList(schema[keyword]);
        if (members.length > 0) split(members.slice(0, effort.cases).map((member) => [{ schema: member, of }]));
      }
      if (schema['if'] !== undefined && (schema['then'] !== undefined || schema['else'] !== undefined)) {
        const condition: Part = { schema: schema['if'], of };
        split([
          schema['then'] === undefined ? [condition] : [condition, { schema: schema['then'], of }],
          schema['else'] === undefined ? [negated(condition)] : [negated(condition), { schema: schema['else'], of }],
        ]);
      }
    }
    // Alternatives inside alternatives: one more level is enough for what people write.
    const again: (readonly Part[])[] = [];
    for (const known of cases) {
      const inner = known.filter(
        (part) =>
          !parts.includes(part) &&
          isObject(part.schema) &&
          (part.schema['anyOf'] !== undefined || part.schema['oneOf'] !== undefined || part.schema['if'] !== undefined),
      );
      if (inner.length === 0 || again.length >= effort.cases) again.push(known);
      else
        for (const deeper of casesOfOnce(inner)) if (again.length < effort.cases * 2) again.push([...known, ...deeper]);
    }
    return again;
  };
  const casesOfOnce = (parts: readonly Part[]): readonly (readonly Part[])[] => {
    const result: (readonly Part[])[] = [];
    for (const { schema, of } of parts) {
      if (!isObject(schema)) continue;
      const options = [
        ...asList(schema['anyOf']),
        ...asList(schema['oneOf']),
        ...(schema['then'] === undefined ? [] : [schema['then']]),
        ...(schema['else'] === undefined ? [] : [schema['else']]),
      ];
      for (const option of options) {
        const spread = flat([{ schema: option, of }]);
        if (spread !== null) result.push(spread);
      }
    }
    return result.length === 0 ? [[]] : result;
  };

  /** Further conjunctions whose values violate the second side: [what must hold besides, what is to be violated]. */
  const goalsOf = (
    avoid: readonly Part[],
  ): readonly { readonly also: readonly Part[]; readonly avoid: readonly Part[] }[] => {
    const goals: { also: readonly Part[]; avoid: readonly Part[] }[] = [];
    for (const { schema, of } of avoid) {
      if (!isObject(schema)) continue;
      const any = asList(schema['anyOf']).map((member): Part => ({ schema: member, of }));
      const one = asList(schema['oneOf']).map((member): Part => ({ schema: member, of }));
      for (const group of [any, one])
        for (const member of group)
          goals.push({
            also: group.filter((other) => other !== member).map((other) => negated(other)),
            avoid: [member],
          });
      for (let i = 0; i < Math.min(one.length, 8); i++)
        for (let j = i + 1; j < Math.min(one.length, 8); j++)
          goals.push({ also: [one[i], one[j]].filter((part) => part !== undefined), avoid: [] });
      if (schema['not'] !== undefined) goals.push({ also: [{ schema: schema['not'], of }], avoid: [] });
      if (schema['if'] !== undefined) {
        const condition: Part = { schema: schema['if'], of };
        if (schema['then'] !== undefined) goals.push({ also: [condition], avoid: [{ schema: schema['then'], of }] });
        if (schema['else'] !== undefined)
          goals.push({ also: [negated(condition)], avoid: [{ schema: schema['else'], of }] });
      }
      for (const keyword of ['dependencies', 'dependentSchemas']) {
        for (const [name, need] of Object.entries(asMap(schema[keyword])))
          if (!Array.isArray(need)) goals.push({ also: [requiring(of, name)], avoid: [{ schema: need, of }] });
      }
    }
    return goals;
  };

  /** A value that both sides accept, where one is found at once: enough for the parts of a message that are not in question. */
  const plainValue = (
    must: readonly Part[],
    avoid: readonly Part[],
    path: string,
    depth: number,
  ): JsonValue | undefined => {
    const { good, bad } = pool(must, avoid, AT_ONCE, path, depth, 0);
    // Null is a value here.
    return good.length > 0 ? good[0] : bad[0];
  };

  /** Alternatives of the two sides at the same index, each with what else must hold. */
  const alignedChoices = (
    base: readonly Part[],
    away: readonly Part[],
  ): readonly { readonly must: readonly Part[]; readonly avoid: readonly Part[] }[] => {
    const found: { must: readonly Part[]; avoid: readonly Part[] }[] = [];
    for (const part of base) {
      const { schema, of } = part;
      if (!isObject(schema)) continue;
      for (const keyword of ['anyOf', 'oneOf']) {
        const members = asList(schema[keyword]);
        if (members.length < 2) continue;
        const rest = made(`${idOf(part)} without ${keyword}`, () =>
          Object.fromEntries(
            Object.entries(schema).filter(([key]) => key !== keyword && key !== 'allOf' && key !== '$ref'),
          ),
        );
        const others = base.map((other) => (other === part ? { schema: rest, of } : other));
        for (const opposed of away) {
          const twins = isObject(opposed.schema) ? asList(opposed.schema[keyword]) : [];
          for (let index = 0; index < Math.min(members.length, twins.length, 24); index++)
            found.push({
              must: [...others, { schema: members[index] ?? true, of }],
              avoid: [{ schema: twins[index] ?? true, of: opposed.of }],
            });
        }
      }
    }
    return found;
  };

  const pool = (
    must: readonly Part[],
    avoid: readonly Part[],
    focus: Focus,
    path: string,
    depth: number,
    nesting: number,
  ): Pool => {
    const key = `${focus === AT_ONCE ? '1' : ''}${must.map(idOf).join(',')}|${avoid.map(idOf).join(',')}|${focus?.join('/') ?? '~'}|${leadsToAvoided(path) ? path : ''}|${depth > 0 ? 1 : 0}|${nesting}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    if (open.has(key) || depth < 0 || nesting > 3) return EMPTY;
    open.add(key);
    const result = build(must, avoid, focus, path, depth, nesting);
    open.delete(key);
    memo.set(key, result);
    return result;
  };

  const build = (
    must: readonly Part[],
    avoid: readonly Part[],
    focus: Focus,
    path: string,
    depth: number,
    nesting: number,
  ): Pool => {
    const base = flat(must);
    if (base === null) return EMPTY;
    const opposed = flat(avoid);
    if (base.length === 0 && opposed?.length === 0) return ANYTHING;
    const atOnce = focus === AT_ONCE;
    const bad: JsonValue[] = [];
    const good: JsonValue[] = [];
    const offered = new Set<string>();
    const offer = (value: JsonValue): void => {
      if (bad.length >= effort.keep && good.length >= effort.keep) return;
      const text = JSON.stringify(value);
      if (text.length > 250_000 || offered.has(text)) return;
      offered.add(text);
      if (effort.steps-- <= 0) throw new Exhausted();
      if (!accepts(must, value)) return;
      const list = opposed !== null && accepts(avoid, value) ? good : bad;
      if (list.length < effort.keep) list.push(value);
    };
    const away = opposed ?? [];
    if (focus !== null && !atOnce && nesting < 3) {
      // Both sides offer a choice: most likely the change is between two alternatives that stand at the same place.
      for (const { must: narrowed, avoid: against } of alignedChoices(base, away)) {
        const found = pool(narrowed, against, focus, path, depth, nesting + 1);
        for (const value of found.bad.slice(0, 6)) offer(value);
        if (bad.length >= 4) return { bad, good };
      }
    }
    for (const known of casesOf(base)) {
      const hints = hintsOf([...known, ...away]);
      const kinds = kindsOf(known);
      const sources = [
        scalars(known, hints),
        ...(kinds.has('array') ? [arrays(known, away, hints, focus, path, depth, nesting)] : []),
        ...(kinds.has('object') ? [objects(known, away, hints, focus, path, depth, nesting)] : []),
      ];
      for (const source of sources) {
        for (const value of source) {
          offer(value);
          if (atOnce && (good.length > 0 || (bad.length > 0 && offered.size >= AT_ONCE_OFFERS))) return { bad, good };
        }
      }
      if (bad.length >= effort.keep) break;
    }
    if (nesting < 3) {
      for (const goal of goalsOf(away)) {
        if (bad.length >= effort.keep) break;
        const found = pool([...must, ...goal.also], goal.avoid, focus, path, depth, nesting + 1);
        for (const value of [...found.bad, ...found.good].slice(0, 12)) offer(value);
      }
      for (const { schema, of } of base) {
        // What must not be: values of the excluded schema's neighbourhood are hinted at above; here the ways to fail it.
        if (isObject(schema) && schema['not'] !== undefined && bad.length < effort.keep) {
          const rest = must.filter((part) => part.schema !== schema);
          const found = pool(rest, [{ schema: schema['not'], of }], focus, path, depth, nesting + 1);
          for (const value of found.bad.slice(0, 12)) offer(value);
        }
      }
    }
    return { bad, good };
  };

  /** What is asked of the parts of a value. */
  const below = (focus: Focus, step: string | undefined, rest: readonly string[]): Focus =>
    focus === null ? null : step !== undefined ? rest : focus === AT_ONCE || effort.shallow ? AT_ONCE : null;

  // ---- arrays

  const itemParts = (parts: readonly Part[], index: number): readonly Part[] => {
    const found: Part[] = [];
    for (const { schema, of } of parts) {
      if (!isObject(schema)) continue;
      const prefix = asList(of.dialect === '2020-12' ? schema['prefixItems'] : schema['items']);
      const rest =
        of.dialect === '2020-12'
          ? schema['items']
          : Array.isArray(schema['items'])
            ? schema['additionalItems']
            : schema['items'];
      const own = index < prefix.length ? prefix[index] : (rest ?? schema['unevaluatedItems']);
      if (own !== undefined) found.push({ schema: own, of });
    }
    return found;
  };

  function* arrays(
    known: readonly Part[],
    away: readonly Part[],
    hints: Hints,
    focus: Focus,
    path: string,
    depth: number,
    nesting: number,
  ): Generator<JsonValue> {
    const [step, ...rest] = focus ?? [];
    const inner: Focus = below(focus, step, rest);
    let places = 0;
    for (const { schema, of } of [...known, ...away])
      if (isObject(schema))
        places = Math.max(places, asList(of.dialect === '2020-12' ? schema['prefixItems'] : schema['items']).length);
    const containsMust = keywordParts(known, 'contains');
    const containsAway = keywordParts(away, 'contains');
    const poolAt = (index: number): Pool =>
      pool(
        itemParts(known, index),
        itemParts(away, index),
        inner,
        `${path}/*`,
        depth - 1,
        inner === null ? nesting : 0,
      );
    const least = Math.max(0, ...numbersIn(known, 'minItems'));
    const most = Math.min(Number.POSITIVE_INFINITY, ...numbersIn(known, 'maxItems'));
    const unique = [...known, ...away].some((part) => isObject(part.schema) && part.schema['uniqueItems'] === true);
    const fill = (length: number): JsonValue[] | null => {
      const items: JsonValue[] = [];
      for (let index = 0; index < length; index++) {
        const at = Math.min(index, places);
        const chosen = unique
          ? undefined
          : plainValue(itemParts(known, at), itemParts(away, at), `${path}/*`, depth - 1);
        const { good, bad } = chosen === undefined ? poolAt(at) : { good: [chosen], bad: [] };
        const options = good.length > 0 ? good : bad;
        const fresh = unique ? options.find((option) => !items.some((item) => equal(item, option))) : options[0];
        const other = fresh === undefined && unique ? spare(itemParts(known, index), items) : fresh;
        const item = other === undefined ? options[0] : other;
        if (item === undefined) return null;
        items.push(item);
      }
      for (const [offset, wanted] of containsMust.entries()) {
        const count = Math.max(1, ...numbersIn(known, 'minContains'));
        for (let index = 0; index < Math.min(count, 20); index++) {
          const place = Math.max(0, items.length - 1 - offset - index);
          const found = pool([...itemParts(known, place), wanted], [], null, path, depth - 1, nesting);
          const item = found.good.length > 0 ? found.good[index % found.good.length] : found.bad[0];
          if (item === undefined) continue;
          if (items.length === 0 || index > 0) items.push(item);
          else items[place] = item;
        }
      }
      return items;
    };
    const lengths = [
      ...new Set([
        least,
        Math.max(least, 1),
        0,
        1,
        2,
        ...hints.counts.flatMap((count) => [count, count - 1, count + 1]),
        places,
        places + 1,
      ]),
    ].filter((length) => length >= 0 && length >= least && length <= most && length <= 600);
    lengths.sort((a, b) => a - b);
    for (const length of lengths.slice(0, 16)) {
      const items = fill(length);
      if (items === null) continue;
      if (step === undefined || length > 60) yield items;
      if (length > 60 || focus === AT_ONCE) continue;
      for (let index = 0; index < Math.min(length, places + 1, 12); index++) {
        if (step !== undefined && step !== '*' && step !== String(index)) continue;
        const { bad } = poolAt(Math.min(index, places));
        for (const value of bad.slice(0, 6)) {
          yield items.with(index, value);
          if (unique && items.length > 1) yield [value, ...items.slice(1)];
        }
      }
      if (step !== undefined) yield items;
      if (length >= 1 && hints.unique) {
        const [first] = items;
        if (first !== undefined) {
          yield [...items.slice(0, -1), first].slice(0, Math.max(2, length));
          yield [first, first];
          for (let index = 0; index + 1 < Math.min(items.length, 8); index++)
            yield items.with(index + 1, items[index] ?? null);
        }
      }
      for (const wanted of containsAway) {
        const matching = pool([...itemParts(known, places), wanted], [], null, path, depth - 1, nesting);
        const other = pool(itemParts(known, places), [wanted], null, path, depth - 1, nesting);
        const [hit] = [...matching.good, ...matching.bad];
        const [miss] = other.bad;
        if (miss !== undefined) yield Array.from({ length }, () => miss);
        for (const count of hints.counts.flatMap((value) => [value - 1, value, value + 1])) {
          if (hit === undefined || count < 0 || count > 60) continue;
          const distinct = [...matching.good, ...matching.bad];
          const hits = Array.from({ length: count }, (_, index) => (unique ? distinct[index] : hit)).filter(
            (item) => item !== undefined,
          );
          yield hits;
          if (miss !== undefined) yield [...hits, miss];
        }
      }
    }
    if (focus === AT_ONCE) return;
    // An item of every kind at once: tuples that grew, rest items that were typed.
    const tail = poolAt(places);
    for (const value of tail.bad.slice(0, 6)) {
      const items = fill(Math.max(least, places));
      if (items !== null) yield [...items, value];
    }
  }

  /** One more value unlike all others that the parts accept. */
  const spare = (parts: readonly Part[], taken: readonly JsonValue[]): JsonValue | undefined => {
    for (let index = 0; index < taken.length + 40; index++) {
      for (const candidate of [index, `text ${index}`, [index]] as const) {
        if (taken.some((item) => equal(item, candidate))) continue;
        if (effort.steps-- <= 0) throw new Exhausted();
        if (accepts(parts, candidate)) return candidate;
      }
    }
    return undefined;
  };

  // ---- objects

  const fieldParts = (parts: readonly Part[], name: string): readonly Part[] => {
    const found: Part[] = [];
    for (const { schema, of } of parts) {
      if (!isObject(schema)) continue;
      const properties = asMap(schema['properties']);
      let known = false;
      if (Object.hasOwn(properties, name)) {
        known = true;
        found.push({ schema: properties[name] ?? true, of });
      }
      for (const [pattern, inner] of Object.entries(asMap(schema['patternProperties']))) {
        if (compilePattern(pattern)?.test(name) !== true) continue;
        known = true;
        found.push({ schema: inner, of });
      }
      const other = schema['additionalProperties'];
      if (!known && other !== undefined) found.push({ schema: other, of });
    }
    return found;
  };

  function* objects(
    known: readonly Part[],
    away: readonly Part[],
    hints: Hints,
    focus: Focus,
    path: string,
    depth: number,
    nesting: number,
  ): Generator<JsonValue> {
    const [step, ...rest] = focus ?? [];
    const inner: Focus = below(focus, step, rest);
    const here = focus === null || step === undefined;
    const poolOf = (name: string, deeper: Focus): Pool =>
      pool(
        fieldParts(known, name),
        fieldParts(away, name),
        deeper,
        `${path}/${name}`,
        depth - 1,
        deeper === null ? nesting : 0,
      );
    const pick = (name: string): JsonValue | undefined =>
      plainValue(fieldParts(known, name), fieldParts(away, name), `${path}/${name}`, depth - 1);
    const required = new Set<string>();
    for (const { schema } of known)
      if (isObject(schema))
        for (const name of asList(schema['required'])) if (typeof name === 'string') required.add(name);
    const needs = new Map<string, Set<string>>();
    for (const { schema } of known) {
      if (!isObject(schema)) continue;
      for (const keyword of ['dependencies', 'dependentRequired']) {
        for (const [name, list] of Object.entries(asMap(schema[keyword]))) {
          const own = needs.get(name) ?? new Set<string>();
          for (const item of asList(list)) if (typeof item === 'string') own.add(item);
          needs.set(name, own);
        }
      }
    }
    const close = (value: Record<string, JsonValue>): Record<string, JsonValue> => {
      const result = { ...value };
      for (let round = 0; round < 4; round++) {
        let added = false;
        for (const name of Object.keys(result)) {
          for (const need of needs.get(name) ?? []) {
            if (Object.hasOwn(result, need)) continue;
            const chosen = pick(need);
            if (chosen === undefined) continue;
            set(result, need, chosen);
            added = true;
          }
        }
        if (!added) break;
      }
      return result;
    };
    let names = [...new Set([...required, ...hints.names])].filter(
      (name) => required.has(name) || !isAvoided(`${path}/${name}`),
    );
    const focused = step !== undefined && step !== '*';
    if (focused && !names.includes(step)) names.push(step);
    if (names.length > 600) names = names.slice(0, 600);

    const minimal: Record<string, JsonValue> = {};
    let possible = true;
    for (const name of required) {
      const chosen = pick(name);
      if (chosen === undefined) possible = false;
      else set(minimal, name, chosen);
    }
    if (!possible && depth <= 0) return;
    const least = Math.max(0, ...numbersIn(known, 'minProperties'));
    const most = Math.min(Number.POSITIVE_INFINITY, ...numbersIn(known, 'maxProperties'));
    const optional = names.filter((name) => !required.has(name));
    const spareNames = ['note', 'other', 'extra', ...hints.patternNames, ...hints.nameSamples].filter(
      (name) => !names.includes(name) && !isAvoided(`${path}/*`),
    );
    const grow = (
      value: Record<string, JsonValue>,
      to: number,
      order: readonly string[],
    ): Record<string, JsonValue> => {
      const result = { ...value };
      for (let index = 0; Object.keys(result).length < to && index < order.length + to + 5; index++) {
        const name = order[index] ?? `extra${index}`;
        if (Object.hasOwn(result, name)) continue;
        const chosen = pick(name);
        if (chosen !== undefined) set(result, name, chosen);
      }
      return result;
    };
    const base = close(
      Object.keys(minimal).length < least ? grow(minimal, least, [...optional, ...spareNames]) : minimal,
    );
    if (!focused) yield base;
    // With what the other side requires besides: most likely a message for both.
    const both = { ...base };
    for (const { schema } of away) {
      if (!isObject(schema)) continue;
      for (const name of asList(schema['required'])) {
        if (typeof name !== 'string' || Object.hasOwn(both, name) || Object.keys(both).length >= most) continue;
        const chosen = pick(name);
        if (chosen !== undefined) set(both, name, chosen);
      }
    }
    const shared = Object.keys(both).length > Object.keys(base).length ? close(both) : base;
    if (shared !== base && !focused) yield shared;
    const full = (): Record<string, JsonValue> => {
      const value = { ...base };
      for (const name of optional) {
        if (Object.hasOwn(value, name) || Object.keys(value).length >= most) continue;
        const chosen = pick(name);
        if (chosen !== undefined && accepts(fieldParts(away, name), chosen)) set(value, name, chosen);
      }
      return value;
    };
    const bases = shared === base ? [base] : [shared, base];
    if (optional.length > 0 && optional.length <= 200) {
      const value = full();
      if (Object.keys(value).length > Object.keys(base).length) bases.push(value);
    }
    if (focus === AT_ONCE) {
      yield* bases.slice(1);
      return;
    }
    const varied = focused ? [step] : names;
    for (const from of bases) {
      if (from !== base && from !== shared && !focused) yield from;
      for (const name of varied) {
        if (isAvoided(`${path}/${name}`) && !required.has(name)) continue;
        // Whether it is there at all comes before what it is.
        if (Object.hasOwn(from, name)) {
          if (!required.has(name)) yield without(from, name);
        } else {
          const chosen = pick(name);
          if (chosen !== undefined) {
            yield put(from, name, chosen);
            yield close(put(from, name, chosen));
          }
        }
        const { bad, good } = poolOf(name, inner);
        for (const value of bad.slice(0, 8)) yield close(put(from, name, value));
        for (const value of good.slice(1, here ? 4 : 2)) yield put(from, name, value);
      }
    }
    // What the focus asks for comes first: of the values of a part only the first few are carried further up.
    if (focused) yield* bases;
    if (here || step === '*') {
      const tested = spareNames.slice(0, 24);
      for (const name of tested) {
        const { bad, good } = poolOf(name, inner);
        for (const value of [...bad.slice(0, 5), ...good.slice(0, 2)]) yield put(base, name, value);
      }
      for (const count of hints.counts.flatMap((value) => [value, value + 1, value - 1])) {
        if (count < least || count > most || count > 300 || count < 0) continue;
        const trimmed = Object.fromEntries(Object.entries(base).slice(0, Math.max(required.size, count)));
        yield grow(trimmed, count, [...optional, ...spareNames]);
        yield grow(trimmed, count, spareNames);
      }
      for (const trigger of hints.triggers) {
        const { good, bad } = poolOf(trigger, here ? inner : AT_ONCE);
        for (const value of [...bad.slice(0, 2), ...good.slice(0, 4)]) {
          yield put(minimal, trigger, value);
          yield close(put(base, trigger, value));
        }
      }
    }
    if (effort.pairs && here) {
      const many = names.slice(0, 14);
      for (const [index, a] of many.entries()) {
        const first = poolOf(a, null);
        for (const b of many.slice(index + 1)) {
          const second = poolOf(b, null);
          for (const left of [...first.bad.slice(0, 2), ...first.good.slice(0, 4)])
            for (const right of [...second.bad.slice(0, 2), ...second.good.slice(0, 4)])
              yield close(put(put(base, a, left), b, right));
        }
      }
    }
  }

  const isAvoided = (path: string): boolean => avoided.size > 0 && avoided.has(path);
  const around = new Set(
    [...avoided].flatMap((path) => path.split('/').map((_, index, steps) => steps.slice(0, index).join('/'))),
  );
  const leadsToAvoided = (path: string): boolean => around.has(path);

  return { pool, accepts };
}

function keywordParts(parts: readonly Part[], keyword: string): readonly Part[] {
  const found: Part[] = [];
  for (const { schema, of } of parts) {
    const own = isObject(schema) ? schema[keyword] : undefined;
    if (own !== undefined) found.push({ schema: own, of });
  }
  return found;
}

function numbersIn(parts: readonly Part[], keyword: string): readonly number[] {
  const found: number[] = [];
  for (const { schema } of parts) {
    const own = isObject(schema) ? schema[keyword] : undefined;
    if (typeof own === 'number') found.push(own);
  }
  return found;
}

function put(value: Readonly<Record<string, JsonValue>>, name: string, item: JsonValue): Record<string, JsonValue> {
  const result = { ...value };
  set(result, name, item);
  return result;
}

function set(target: Record<string, JsonValue>, name: string, value: JsonValue): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function without(value: Readonly<Record<string, JsonValue>>, name: string): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

function kindsOf(parts: readonly Part[]): ReadonlySet<string> {
  let kinds = new Set(['null', 'boolean', 'object', 'array', 'string', 'number']);
  for (const { schema } of parts) {
    if (!isObject(schema)) continue;
    const { type } = schema;
    if (type !== undefined) {
      const names = new Set(
        (Array.isArray(type) ? (type as readonly JsonValue[]) : [type]).map((name) =>
          name === 'integer' ? 'number' : name,
        ),
      );
      kinds = new Set([...kinds].filter((kind) => names.has(kind)));
    }
    const values = Array.isArray(schema['enum'])
      ? (schema['enum'] as readonly JsonValue[])
      : schema['const'] === undefined
        ? null
        : [schema['const']];
    if (values !== null)
      kinds = new Set(
        [...kinds].filter((kind) =>
          values.some((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value) === kind),
        ),
      );
  }
  return kinds;
}

interface Hints {
  readonly values: readonly JsonValue[];
  readonly numbers: readonly number[];
  readonly steps: readonly number[];
  readonly lengths: readonly number[];
  readonly counts: readonly number[];
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
  readonly names: readonly string[];
  readonly triggers: readonly string[];
  readonly patternNames: readonly string[];
  readonly nameSamples: readonly string[];
  readonly unique: boolean;
}

const MAX_HINT_SCHEMAS = 400;

/** What the keywords of a value's schemas point at, alternatives, exclusions and conditions included. */
function hintsOf(parts: readonly Part[]): Hints {
  const values: JsonValue[] = [];
  const numbers = new Set<number>();
  const steps = new Set<number>();
  const lengths = new Set<number>();
  const counts = new Set<number>();
  const patterns = new Set<string>();
  const formats = new Set<string>();
  const names = new Set<string>();
  const triggers = new Set<string>();
  const patternNames = new Set<string>();
  const nameSamples = new Set<string>();
  let unique = false;
  const seen = new Set<JsonValue>();
  const queue: Part[] = [...parts];
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    const { schema, of } = part;
    if (!isObject(schema) || seen.has(schema) || seen.size > MAX_HINT_SCHEMAS) continue;
    seen.add(schema);
    if (typeof schema['$ref'] === 'string') {
      const target = of.target(schema['$ref']);
      if (target !== undefined) queue.push({ schema: target, of });
    }
    for (const keyword of ['const', 'default'] as const)
      if (schema[keyword] !== undefined) values.push(schema[keyword]);
    for (const keyword of ['enum', 'examples'] as const)
      for (const value of asList(schema[keyword]).slice(0, 60)) values.push(value);
    for (const keyword of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
      if (typeof schema[keyword] === 'number') numbers.add(schema[keyword]);
    if (typeof schema['multipleOf'] === 'number') steps.add(schema['multipleOf']);
    for (const keyword of ['minLength', 'maxLength'])
      if (typeof schema[keyword] === 'number') lengths.add(schema[keyword]);
    for (const keyword of ['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'])
      if (typeof schema[keyword] === 'number') counts.add(schema[keyword]);
    if (schema['contains'] !== undefined) counts.add(1);
    if (typeof schema['pattern'] === 'string') patterns.add(schema['pattern']);
    if (typeof schema['format'] === 'string') formats.add(schema['format']);
    if (schema['uniqueItems'] === true) unique = true;
    for (const name of Object.keys(asMap(schema['properties']))) names.add(name);
    for (const name of asList(schema['required'])) if (typeof name === 'string') names.add(name);
    for (const keyword of ['dependencies', 'dependentRequired', 'dependentSchemas']) {
      for (const [name, need] of Object.entries(asMap(schema[keyword]))) {
        triggers.add(name);
        names.add(name);
        for (const other of asList(need)) if (typeof other === 'string') names.add(other);
        if (isObject(need)) queue.push({ schema: need, of });
      }
    }
    for (const pattern of Object.keys(asMap(schema['patternProperties'])))
      for (const sample of regexSamples(pattern).slice(0, 6)) patternNames.add(sample);
    const nameRule = schema['propertyNames'];
    if (isObject(nameRule)) {
      const inner = hintsOf([{ schema: nameRule, of }]);
      for (const value of stringValues(inner).slice(0, 40)) nameSamples.add(value);
    }
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      for (const member of asList(schema[keyword])) queue.push({ schema: member, of });
    for (const keyword of ['not', 'if', 'then', 'else'] as const)
      if (schema[keyword] !== undefined) queue.push({ schema: schema[keyword], of });
  }
  return {
    values,
    numbers: [...numbers],
    steps: [...steps],
    lengths: [...lengths],
    counts: [...counts],
    patterns: [...patterns],
    formats: [...formats],
    names: [...names],
    triggers: [...triggers],
    patternNames: [...patternNames],
    nameSamples: [...nameSamples],
    unique,
  };
}

function* scalars(known: readonly Part[], hints: Hints): Generator<JsonValue> {
  const kinds = kindsOf(known);
  for (const value of hints.values) yield value;
  if (kinds.has('string')) for (const value of stringValues(hints)) yield value;
  if (kinds.has('number')) for (const value of numberValues(hints)) yield value;
  if (kinds.has('boolean')) {
    yield true;
    yield false;
  }
  if (kinds.has('null')) yield null;
}

function stringValues(hints: Hints): readonly string[] {
  const found = new Set<string>();
  const texts = hints.values.filter((value) => typeof value === 'string');
  const wanted = [...new Set(hints.lengths.flatMap((length) => [length, length - 1, length + 1]))].filter(
    (length) => length >= 0 && length <= 100_000,
  );
  for (const format of hints.formats) for (const sample of formatSamples(format, wanted)) found.add(sample);
  for (const pattern of hints.patterns) for (const sample of regexSamples(pattern, wanted)) found.add(sample);
  found.add('text');
  for (const text of texts.slice(0, 20)) {
    found.add(text.toUpperCase());
    found.add(text.toLowerCase());
    found.add(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);
    found.add(`${text}x`);
  }
  for (const length of wanted) {
    found.add('text'.repeat(Math.ceil(length / 4)).slice(0, length));
    found.add('a'.repeat(length));
  }
  for (const text of ['a', 'A', '', '0', 'Text', 'a b', 'é', '😀']) found.add(text);
  if (hints.formats.length > 0 || hints.patterns.length > 0) for (const text of MISFITS) found.add(text);
  return [...found];
}

function numberValues(hints: Hints): readonly number[] {
  const found = new Set<number>([1, 0, 2, -1, 0.5]);
  const add = (value: number): void => {
    if (Number.isFinite(value)) found.add(Object.is(value, -0) ? 0 : value);
  };
  for (const limit of hints.numbers) for (const offset of [0, 1, -1, 0.5, -0.5, 0.01, -0.01]) add(limit + offset);
  // Beyond 2^53 the next number is further away than 1.
  for (const limit of hints.numbers)
    if (Math.abs(limit) > 2 ** 52) for (const factor of [2, 0.5, -2]) add(limit * factor);
  for (const [index, limit] of hints.numbers.entries())
    for (const other of hints.numbers.slice(index + 1)) add((limit + other) / 2);
  for (const step of hints.steps) {
    for (const factor of [1, 2, 3, 5, 7, -1, 0.5, 1.5]) add(step * factor);
    for (const limit of hints.numbers)
      for (const offset of [-1, 0, 1, 2]) add((Math.ceil(limit / step) + offset) * step);
    for (const other of hints.steps) add(step * other);
  }
  for (const value of [1.5, 3, 10, -0.5, 100, 3.14, 1e6, -1e6, 2_147_483_648, 1e15]) add(value);
  if (hints.formats.length > 0) for (const value of [-2_147_483_649, 9_007_199_254_740_991, 1e300]) add(value);
  return [...found];
}
