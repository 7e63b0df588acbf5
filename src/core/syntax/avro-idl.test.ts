import { describe, expect, it } from 'vitest';
import { makeSourceFile } from '../model/source.ts';
import { parseAvroIdl } from './avro-idl.ts';
import { getIn, toJson } from './data.ts';

const PAYMENTS = `@namespace("till.payments")
protocol Payments {
  import idl "money.avdl";
  /** How it was paid. */
  enum Method { CARD, CASH } = CARD;
  fixed Digest(16);
  record PaymentTaken {
    union { null, string } customer = null;
    @logicalType("timestamp-micros") long takenAt;
    decimal(10, 2) amount;
    date? day;
    string? note = "none";
    array<map<till.common.Money>> parts = [], others = [{ "a": -1.5 }];
    string @order("ignore") @aliases(["label"]) \`record\`;
  }
  void take(PaymentTaken payment) oneway;
}
`;

function parse(text: string) {
  return parseAvroIdl(makeSourceFile('payments.avdl', text));
}

function types(text: string): unknown {
  const { document } = parse(text);
  expect(document.problems).toEqual([]);
  const [root] = document.roots;
  return root === undefined ? null : JSON.parse(JSON.stringify(toJson(root)));
}

describe('parseAvroIdl', () => {
  it('gives the schema that the IDL stands for', () => {
    expect(types(PAYMENTS)).toEqual([
      {
        type: 'enum',
        name: 'Method',
        namespace: 'till.payments',
        doc: 'How it was paid.',
        symbols: ['CARD', 'CASH'],
        default: 'CARD',
      },
      { type: 'fixed', name: 'Digest', namespace: 'till.payments', size: 16 },
      {
        type: 'record',
        name: 'PaymentTaken',
        namespace: 'till.payments',
        fields: [
          { name: 'customer', type: ['null', 'string'], default: null },
          { name: 'takenAt', type: { type: 'long', logicalType: 'timestamp-micros' } },
          { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
          { name: 'day', type: ['null', { type: 'int', logicalType: 'date' }] },
          { name: 'note', type: ['string', 'null'], default: 'none' },
          {
            name: 'parts',
            type: { type: 'array', items: { type: 'map', values: 'till.common.Money' } },
            default: [],
          },
          {
            name: 'others',
            type: { type: 'array', items: { type: 'map', values: 'till.common.Money' } },
            default: [{ a: -1.5 }],
          },
          { name: 'record', type: 'string', order: 'ignore', aliases: ['label'] },
        ],
      },
    ]);
  });

  it('tells its imports, its protocol and its main type', () => {
    expect(parse(PAYMENTS)).toMatchObject({
      protocol: 'Payments',
      main: null,
      imports: [{ kind: 'idl', path: 'money.avdl' }],
    });
    expect(parse('namespace a.b; schema Till; record Till { int id; }')).toMatchObject({
      protocol: null,
      main: { text: 'Till' },
    });
  });

  it('keeps the place of names in the IDL', () => {
    const [root] = parse(PAYMENTS).document.roots;
    const name = getIn(root, [2, 'fields', 4, 'name']);
    expect(PAYMENTS.slice(name?.start, name?.end)).toBe('note');
  });

  it('loses one statement where one is broken', () => {
    const { document } = parse('namespace g;\nrecord Worn {\n  int wheel\n  string side;\n}\nrecord Fine { int a; }');
    expect(document.problems.map(({ range }) => range.start.line)).toEqual([3]);
    expect([0, 1].map((index) => getIn(document.roots[0], [index, 'name'])?.kind)).toEqual(['scalar', 'scalar']);
  });

  it('reads every beginning of a file without throwing', () => {
    for (let end = 0; end < PAYMENTS.length; end++)
      expect(parse(PAYMENTS.slice(0, end)).document.problems.length).toBeLessThanOrEqual(20);
  });

  it('does not follow types without end', () => {
    expect(parse(`record A { ${'array<'.repeat(20_000)}`).document.problems.length).toBeGreaterThan(0);
    expect(parse(`record A { int a = ${'['.repeat(20_000)}`).document.problems.length).toBeGreaterThan(0);
    expect(parse('protocol A {'.repeat(20_000)).document.problems.length).toBeGreaterThan(0);
  });
});
