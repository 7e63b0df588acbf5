// What holds for every pair of contracts: nothing differs from itself, both directions are one question asked from two sides, every witness
// stands up to a validator that the product did not build, and no input makes a comparison throw or run on.
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { comparePair, compareWithWitness } from '../../src/core/contracts/compare.ts';
import type { CompareOptions } from '../../src/core/contracts/compare.ts';
import { makeSide } from '../../src/core/contracts/schema/side.ts';
import type { Comparison } from '../../src/core/model/change.ts';
import type { JsonValue } from '../../src/core/model/json.ts';
import { searchWitness } from '../../src/core/witness.ts';
import { compareRow, readRows, sourceOf } from './score.ts';
import type { Row } from './score.ts';

const schemas = readRows('json-schema');
const documents = readRows('asyncapi');
const compared = new Map<Row, Comparison>(schemas.map((row) => [row, compareRow(row, 'json-schema')]));

function compare(old: unknown, next: unknown): Comparison {
  const result = compareWithWitness(
    sourceOf(old, 'old.json'),
    sourceOf(next, 'new.json'),
    { format: 'json-schema', mode: 'full' },
    searchWitness,
  );
  if ('failed' in result) throw new Error(result.failed);
  return result;
}

/** A validator of the schema as it is written, in its own dialect. Up to draft-07 what stands beside a `$ref` does not count, which ajv does not know. */
function validator(schema: unknown): (message: JsonValue) => boolean {
  const options = { strict: false, logger: false, validateSchema: false } as const;
  const { dialect } = makeSide(sourceOf(schema));
  const ajv =
    dialect === 'draft-04'
      ? new Ajv04(options)
      : dialect === '2019-09'
        ? new Ajv2019(options)
        : dialect === '2020-12'
          ? new Ajv2020(options)
          : new Ajv(options);
  addFormats.default(ajv);
  const old = dialect === 'draft-07';
  const validate = ajv.compile(typeof schema === 'boolean' ? schema : old ? bare(schema) : (schema as object));
  return (message) => validate(message);
}

function bare(schema: unknown): object {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown) => strip(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const reference = entries.find(([key, inner]) => key === '$ref' && typeof inner === 'string');
    return Object.fromEntries(
      (reference === undefined
        ? entries
        : entries.filter(([key]) => key === '$ref' || key === 'definitions' || key === '$schema')
      ).map(([key, inner]) => [key, strip(inner)]),
    );
  };
  const stripped = strip(schema) as Record<string, unknown>;
  // An `id` without `$schema` is nobody's business; newer dialects take offence.
  delete stripped['id'];
  return stripped;
}

describe('a contract', () => {
  test('does not differ from itself', () => {
    const differing = (rows: readonly Row[], format: CompareOptions['format']): readonly string[] =>
      rows
        .filter(({ old, new: next }) =>
          [old, next].some((side) => {
            const result = comparePair(sourceOf(side), sourceOf(side), { format, mode: 'full' });
            return 'failed' in result || result.entries.length > 0;
          }),
        )
        .map((row) => row.id);
    expect(differing(schemas, 'json-schema')).toEqual([]);
    expect(differing(documents, 'asyncapi')).toEqual([]);
  });

  test('is backward compatible exactly where the reverse edit is forward compatible', () => {
    const asymmetric: string[] = [];
    for (const [row, there] of compared) {
      const back = compare(row.new, row.old);
      if (
        there.compatible.backward !== back.compatible.forward ||
        there.compatible.forward !== back.compatible.backward
      )
        asymmetric.push(row.id);
    }
    expect(asymmetric).toEqual([]);
  });
});

describe('a witness', () => {
  test('is accepted by its writer and refused by its reader, says a validator of the original texts', () => {
    let checked = 0;
    for (const [row, comparison] of compared) {
      // No validator compiles an empty list of values.
      if (JSON.stringify([row.old, row.new]).includes('"enum":[]')) continue;
      const accepts = { old: validator(row.old), new: validator(row.new) };
      for (const change of comparison.changes) {
        const { witness } = change;
        const found = { pair: row.id, kind: change.kind, proven: change.certainty === 'proven' };
        expect({ ...found, witness: witness !== null }).toEqual({ ...found, witness: found.proven });
        if (witness === null) continue;
        const [writer, reader] =
          witness.direction === 'backward' ? [accepts.old, accepts.new] : [accepts.new, accepts.old];
        const said = { ...found, message: witness.message };
        expect({ ...said, writer: writer(witness.message), reader: reader(witness.message) }).toEqual({
          ...said,
          writer: true,
          reader: false,
        });
        expect(change.breaks).toContain(witness.direction);
        expect(witness.error).not.toBe('');
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(400);
  });
});

describe('a search', () => {
  const names = Array.from({ length: 120 }, (_, index) => `reading${index}`);
  const field = (index: number): unknown =>
    index % 4 === 0
      ? {
          anyOf: [
            { type: 'null' },
            {
              type: 'object',
              required: ['unit'],
              properties: { unit: { enum: ['C', 'F'] }, values: { type: 'array', items: { type: 'number' } } },
            },
          ],
        }
      : { type: index % 2 === 0 ? 'integer' : 'string' };
  const envelope = (sensor: unknown): unknown => ({
    anyOf: ['measured', 'calibrated', 'retired'].map((kind) => ({
      type: 'array',
      minItems: 3,
      items: [
        { const: 2 },
        { const: kind },
        {
          type: 'object',
          required: names,
          properties: {
            ...Object.fromEntries(names.map((name, index) => [name, field(index)])),
            sensor: { anyOf: [sensor, { type: 'null' }] },
          },
        },
      ],
    })),
  });

  test.each([
    [
      'a value of another kind',
      { type: 'object', properties: { id: { type: 'string' } } },
      { type: 'object', properties: { id: { type: 'integer' } } },
    ],
    [
      'a name that is required now',
      { type: 'object', properties: { id: { type: 'string' } } },
      { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    ],
    [
      'a tighter limit',
      { type: 'object', properties: { id: { type: 'string', maxLength: 64 } } },
      { type: 'object', properties: { id: { type: 'string', maxLength: 32 } } },
    ],
  ])('finds %s deep inside a large message at once', (_, before, after) => {
    const result = comparePair(sourceOf(envelope(before)), sourceOf(envelope(after)), {
      format: 'json-schema',
      mode: 'backward',
    });
    if ('failed' in result) throw new Error(result.failed);
    const proof = result.requests.find(
      ({ request }) => request.direction === 'backward' && request.focus === '/2/sensor/id',
    );
    if (proof === undefined) throw new Error('nothing is searched');
    const answer = searchWitness(proof.request);
    expect(answer.witness?.error ?? `none after ${answer.tried}`).toContain('/2/sensor');
    expect(answer.tried).toBeLessThan(proof.request.steps / 4);
  });
});

/** A small deterministic generator (Numerical Recipes' LCG): the same schemas in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % below;
}

function randomSchema(next: (below: number) => number, depth: number): unknown {
  const one = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  const inner = (): unknown =>
    depth <= 0 ? one([true, false, {}, { type: 'string' }]) : randomSchema(next, depth - 1);
  const keywords: readonly (() => readonly [string, unknown])[] = [
    () => ['type', one(['string', 'integer', 'object', 'array', ['string', 'null'], 7, null])],
    () => ['properties', { [one(['total', '__proto__', 'constructor', 'a/b', '~', '*', ''])]: inner(), note: inner() }],
    () => ['required', one<unknown>([['total'], ['__proto__'], [], true, 'total', [3]])],
    () => ['enum', one<unknown>([['a', 'A'], [], [null, { x: [1] }], 'no list'])],
    () => ['additionalProperties', inner()],
    () => ['patternProperties', { [one(['^x-', '(', '(a+)+$', ''])]: inner() }],
    () => ['pattern', one(['^[a-z]+$', '[', '(?<=x)y', String.raw`\p{L}+`, ''])],
    () => ['$ref', one(['#', '#/properties/total', '#/$defs/none', 'other.json#/x', 'https://example.com/s', '##', 3])],
    () => ['allOf', one([[inner(), inner()], [], [inner()]])],
    () => ['oneOf', [inner(), inner(), inner()]],
    () => ['anyOf', [inner(), { type: 'null' }]],
    () => ['not', inner()],
    () => ['if', inner()],
    () => ['then', inner()],
    () => ['items', one([inner(), [inner(), inner()]])],
    () => ['contains', inner()],
    () => ['minimum', one<unknown>([0, -1.5, 1e308, '3', true])],
    () => ['exclusiveMaximum', one<unknown>([true, 10, 0.1])],
    () => ['multipleOf', one<unknown>([0.01, 3, 0, -1])],
    () => ['maxLength', one<unknown>([0, 3, 1e9, -1, 'x'])],
    () => ['minItems', one<unknown>([1, 1e9])],
    () => ['uniqueItems', true],
    () => ['dependencies', { total: one([['note'], inner()]) }],
    () => ['unevaluatedProperties', inner()],
    () => ['format', one(['email', 'none such', 'date-time'])],
    () => ['default', inner()],
    () => [
      '$schema',
      one(['http://json-schema.org/draft-04/schema#', 'https://json-schema.org/draft/2020-12/schema', 'x']),
    ],
  ];
  return Object.fromEntries(Array.from({ length: 1 + next(4) }, () => one(keywords)()));
}

describe('any input', () => {
  test('comes to an end without a throw', () => {
    const next = generator(20_261_123);
    for (let round = 0; round < 250; round++) {
      const old = randomSchema(next, 3);
      const now = randomSchema(next, 3);
      const comparison = comparePair(sourceOf(old), sourceOf(now), { format: 'json-schema', mode: 'full' });
      if ('failed' in comparison) continue;
      for (const { request } of comparison.requests.slice(0, 3)) {
        const answer = searchWitness({ ...request, steps: 300 });
        expect({ old, now, bounded: answer.tried < 5000 }).toEqual({ old, now, bounded: true });
      }
    }
  });

  test('of schemas that refer to each other in circles is compared in bounded steps', () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const tangle = (leaf: unknown): unknown => ({
      $defs: Object.fromEntries(
        names.map((name) => [
          name,
          {
            oneOf: [...names.map((other) => ({ $ref: `#/$defs/${other}` })), leaf],
            properties: Object.fromEntries(names.map((other) => [other, { $ref: `#/$defs/${other}` }])),
          },
        ]),
      ),
      $ref: '#/$defs/n0',
    });
    const result = comparePair(sourceOf(tangle({ type: 'string' })), sourceOf(tangle({ type: 'integer' })), {
      format: 'json-schema',
      mode: 'full',
    });
    if ('failed' in result) throw new Error(result.failed);
    expect(result.entries.length).toBeGreaterThan(0);
    for (const { request } of result.requests.slice(0, 2))
      expect(searchWitness({ ...request, steps: 500 }).witness).toBeNull();
  });
});
