// Avro edits by the rules of schema resolution, each judged per direction, with what avsc says of a message.
import { describe, expect, test } from 'vitest';
import { comparePair, compareWithWitness } from '../../src/core/contracts/compare.ts';
import type { Comparison, JudgedChange } from '../../src/core/model/change.ts';
import { searchAvroWitness } from '../../src/core/witness-avro.ts';
import { readRows, sourceOf } from './score.ts';

function record(...fields: readonly object[]): unknown {
  return { type: 'record', name: 'Order', namespace: 'shop', fields };
}

function compare(old: unknown, next: unknown): Comparison {
  const result = compareWithWitness(
    sourceOf(old, 'old.avsc'),
    sourceOf(next, 'new.avsc'),
    { format: 'avro', mode: 'full' },
    searchAvroWitness,
  );
  if ('failed' in result) throw new Error(result.failed);
  return result;
}

function told(changes: readonly JudgedChange[]): readonly string[] {
  return changes.map((change) => `${change.kind} ${change.path}: ${change.breaks.join(', ')} (${change.certainty})`);
}

const id = { name: 'orderId', type: 'string' };
const status = (symbols: readonly string[], fallback?: string): object => ({
  name: 'status',
  type: { type: 'enum', name: 'Status', symbols, ...(fallback === undefined ? {} : { default: fallback }) },
});

describe('an Avro edit', () => {
  test.each([
    [
      'a field with a default is additive',
      record(id),
      record(id, { name: 'note', type: 'string', default: '' }),
      ['field-added /note:  (certain)'],
    ],
    [
      'a field without a default breaks new readers',
      record(id),
      record(id, { name: 'note', type: 'string' }),
      ['field-added /note: backward, additive (proven)'],
    ],
    [
      'a field without a default, gone, breaks old readers',
      record(id, { name: 'note', type: 'string' }),
      record(id),
      ['field-removed /note: forward, additive (proven)'],
    ],
    [
      'a promotion breaks old readers alone',
      record({ name: 'total', type: 'int' }),
      record({ name: 'total', type: 'long' }),
      ['type-widened /total: forward, additive (proven)'],
    ],
    [
      'text and bytes are read as each other',
      record({ name: 'raw', type: 'string' }),
      record({ name: 'raw', type: 'bytes' }),
      ['type-reread /raw: additive (certain)'],
    ],
    [
      'another type breaks both',
      record({ name: 'total', type: 'int' }),
      record({ name: 'total', type: 'string' }),
      ['type-changed /total: backward, forward, additive (proven)'],
    ],
    [
      'an alias carries new readers over a rename',
      record({ name: 'total', type: 'int' }),
      record({ name: 'amount', aliases: ['total'], type: 'int' }),
      ['field-renamed /amount: forward, additive (proven)'],
    ],
    [
      'a field that may be null now',
      record({ name: 'note', type: 'string' }),
      record({ name: 'note', type: ['null', 'string'] }),
      ['alternative-added /note: forward, additive (proven)'],
    ],
    [
      'a new symbol breaks old readers',
      record(status(['PLACED'])),
      record(status(['PLACED', 'PAID'])),
      ['enum-value-added /status: forward, additive (proven)'],
    ],
    [
      'a new symbol, where old readers have a default',
      record(status(['PLACED'], 'PLACED')),
      record(status(['PLACED', 'PAID'], 'PLACED')),
      ['enum-value-added /status:  (certain)'],
    ],
    [
      'a symbol in other capitals',
      record(status(['Paid'])),
      record(status(['PAID'])),
      ['enum-value-renamed /status: backward, forward, additive (proven)'],
    ],
    [
      'another scale',
      record({ name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } }),
      record({ name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 4 } }),
      ['logical-type-changed /total: backward, forward, additive (certain)'],
    ],
    [
      'another default',
      record({ name: 'note', type: 'string', default: 'a' }),
      record({ name: 'note', type: 'string', default: 'b' }),
      ['default-changed /note: additive (certain)'],
    ],
    [
      'another namespace',
      record(id),
      { ...(record(id) as object), namespace: 'shop.v2' },
      ['type-renamed : additive (certain)'],
    ],
  ] as const)('%s', (_, old, next, expected) => {
    expect(told(compare(old, next).changes)).toEqual(expected);
  });

  test('that silently changes a value is proven by what is read', () => {
    const { changes } = compare(record(status(['PLACED', 'PAID'], 'PLACED')), record(status(['PLACED'], 'PLACED')));
    expect(changes.map((change) => change.witness)).toEqual([
      {
        direction: 'backward',
        kind: 'changed',
        message: { status: 'PAID' },
        reads: { status: 'PLACED' },
        error: '/status is read as "PLACED"',
      },
    ]);
  });
});

describe('an Avro schema', () => {
  test('does not differ from itself', () => {
    const differing = readRows('avro').filter(({ old }) => {
      const result = comparePair(sourceOf(old), sourceOf(old), { format: 'avro', mode: 'full' });
      return 'failed' in result || result.entries.length > 0;
    });
    expect(differing.map((row) => row.id)).toEqual([]);
  });

  // An enum's default is there for symbols to come, not for symbols to go: those are judged apart.
  test('is backward compatible exactly where the reverse edit is forward compatible, enums with a default apart', () => {
    const asymmetric = readRows('avro')
      .filter((row) => !JSON.stringify(row.old).includes('"default":"A","name":"Enum"'))
      .filter((row) => {
        const there = compare(row.old, row.new).compatible;
        const back = compare(row.new, row.old).compatible;
        return there.backward !== back.forward || there.forward !== back.backward;
      });
    expect(asymmetric.map((row) => row.id)).toEqual([]);
  });

  test('of any shape comes to an end', () => {
    const odd: readonly unknown[] = [
      null,
      3,
      'nowhere',
      [],
      [[]],
      {},
      { type: {} },
      { type: 'record' },
      { type: 'record', name: 'A', fields: [{ name: 'a', type: 'A' }] },
      { type: 'enum', name: 'E', symbols: [1, null] },
      { type: 'array' },
      { type: 'fixed', name: 'F', size: -1 },
    ];
    for (const old of odd) for (const next of odd) expect(compare(old, next)).toHaveProperty('compatible');
  });
});
