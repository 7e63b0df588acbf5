import { describe, expect, test } from 'vitest';
import { grammarsOfPackages } from '../../../test/grammars.ts';
import type { Value } from '../model/declaration.ts';
import { makeSourceFile } from '../model/source.ts';
import type { SyntaxNode } from './code.ts';
import { nodesOfType } from './nodes.ts';
import { loadGrammars } from './tree-sitter.ts';
import type { TypeScriptModule } from './typescript.ts';
import { readTypeScript } from './typescript.ts';

const grammars = await loadGrammars(['typescript'], grammarsOfPackages);

function reading<T>(text: string, look: (module: TypeScriptModule, root: SyntaxNode) => T): T {
  const parsed = grammars.parse('typescript', text);
  if (parsed.kind === 'failed') throw new Error(parsed.reason);
  try {
    return look(readTypeScript(makeSourceFile('shop.ts', text), parsed.tree.rootNode), parsed.tree.rootNode);
  } finally {
    parsed.free();
  }
}

function valuesOf(text: string): Record<string, Value> {
  return reading(text, (module) =>
    Object.fromEntries(module.bindings(() => null).map(({ name, value }) => [name, value])),
  );
}

/** What the object of each `.publish(…)` call names, with the function around it. */
function publishers(text: string): readonly string[] {
  return reading(text, (module, root) =>
    nodesOfType(root, ['call_expression']).flatMap((call) => {
      const callee = call.childForFieldName('function');
      if (callee?.childForFieldName('property')?.text !== 'publish') return [];
      const symbol = module.symbolOf(callee.childForFieldName('object'));
      return [
        `${module.functionAt(call.startIndex) ?? 'top'}: ${symbol === null ? 'nothing' : `${symbol.module ?? 'here'} ${symbol.path.join('.')}`}`,
      ];
    }),
  );
}

describe('values', () => {
  test('strings keep what their escapes mean', () => {
    const { one, two, three } = valuesOf(
      String.raw`
      const one = 'it\'s \u00e9\x41\u{1F600}';
      const two = \`plain
text\`.length ? 'a' : 'b';
      const three = \`x\ty\`;`.replaceAll('\\`', '`'),
    );
    expect(one).toEqual({ kind: 'literal', value: "it's éA😀" });
    expect(two).toMatchObject({ kind: 'unknown' });
    expect(three).toEqual({ kind: 'literal', value: 'x\ty' });
  });

  test('templates, sums and environment variables with a default', () => {
    const values = valuesOf(
      "import { REGION } from './region';\nconst a = `orders-${REGION}`;\nconst b = 'x' + a;\nconst c = process.env.TOPIC ?? 'orders';\nconst d = process.env['TOPIC'];",
    );
    expect(values['a']).toEqual({
      kind: 'template',
      parts: [
        { kind: 'literal', value: 'orders-' },
        { kind: 'symbol', module: './region', path: ['REGION'] },
      ],
    });
    expect(values['b']).toEqual({
      kind: 'template',
      parts: [
        { kind: 'literal', value: 'x' },
        { kind: 'symbol', module: null, path: ['a'] },
      ],
    });
    expect(values['c']).toEqual({ kind: 'env', variable: 'TOPIC', fallback: { kind: 'literal', value: 'orders' } });
    expect(values['d']).toEqual({ kind: 'env', variable: 'TOPIC', fallback: null });
  });

  test('object trees, enums and static fields are members by name', () => {
    const values = valuesOf(
      "const T = Object.freeze({ a: { 'b-c': 'x' }, run() {}, go: () => {} } as const);\nenum E { Paid = 'paid', Next }\nclass C { static readonly Q = 'q'; send() {} other = 1 }",
    );
    expect(values['T']).toMatchObject({ kind: 'object' });
    const members = values['T']?.kind === 'object' ? values['T'].members : new Map<string, Value>();
    expect(members.get('a')).toEqual({ kind: 'object', members: new Map([['b-c', { kind: 'literal', value: 'x' }]]) });
    expect(members.get('run')).toEqual({ kind: 'function', function: 'T.run' });
    expect(members.get('go')).toEqual({ kind: 'function', function: 'T.go' });
    expect(values['E']?.kind === 'object' && values['E'].members.get('Paid')).toEqual({
      kind: 'literal',
      value: 'paid',
    });
    expect(values['C']).toEqual({
      kind: 'object',
      members: new Map<string, Value>([
        ['send', { kind: 'function', function: 'C.send' }],
        ['Q', { kind: 'literal', value: 'q' }],
      ]),
    });
  });

  test('exports: marked, renamed, passed on and by default', () => {
    const text =
      "import { a } from './a';\nconst own = 1;\nexport const named = 'n';\nexport { own, own as other, a as again };\nexport * from './all';\nexport * as space from './space';\nexport default class Shop {}";
    const bindings = reading(text, (module) =>
      module
        .bindings(() => null)
        .map(({ name, exported, value }) => [
          name,
          exported,
          value.kind === 'symbol' ? `${value.module ?? 'here'}:${value.path.join('.')}` : value.kind,
        ]),
    );
    expect(bindings).toEqual([
      ['own', true, 'unknown'],
      ['named', true, 'literal'],
      ['Shop', true, 'declaration'],
      ['other', true, 'here:own'],
      ['again', true, './a:a'],
      ['*', true, './all:'],
      ['space', true, './space:'],
      ['default', true, 'here:Shop'],
    ]);
  });

  test('a name from the object prototype is a name like any other', () => {
    const { t } = valuesOf("const t = { __proto__: { polluted: 'yes' }, constructor: 'c' };");
    expect(t?.kind === 'object' && [...t.members.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('names in expressions', () => {
  test('locals, parameters and blocks hide what is outside', () => {
    const text = `
      import { orders } from './topics';
      function a(orders: Bus) { orders.publish(1) }
      function b() { const orders = connect(); orders.publish(2); }
      function c() { { const orders = 1; } orders.publish(3); }
      function d() { try {} catch (orders) { orders.publish(4); } }
      for (const orders of list) orders.publish(5);
      const e = orders => orders.publish(6);
      function f({ orders }) { return () => orders.publish(7); }
      orders.publish(8);`;
    expect(publishers(text)).toEqual([
      'a: nothing',
      'b: nothing',
      'c: ./topics orders',
      'd: nothing',
      'top: nothing',
      'e: nothing',
      'f: nothing',
      'top: ./topics orders',
    ]);
  });

  test('aliases, fields, typed parameters, instances and references lead to what they stand for', () => {
    const text = `
      import { orders, Outbox } from './topics';
      import * as all from './all';
      class Desk extends Base {
        private readonly topic = orders;
        constructor(private readonly box: Outbox) { super(); }
        one() { this.topic.publish(1); this.box.publish(2); this.inherited.publish(3); }
      }
      class Base {}
      function two(box: Outbox) { box.publish(4); }
      function three() { const ref = orders.ref<Publisher>(); ref?.publish(5); (ref as any)!.publish(6); }
      function four() { all.topics['x-y'].publish(7); new Outbox().publish(8); }
      function five() { const self = self2; const self2 = self; self.publish(9); }`;
    expect(publishers(text)).toEqual([
      'Desk.one: ./topics orders',
      'Desk.one: ./topics Outbox',
      'Desk.one: here Base.inherited',
      'two: ./topics Outbox',
      'three: ./topics orders',
      'three: ./topics orders',
      'four: ./all topics.x-y',
      'four: ./topics Outbox',
      'five: nothing',
    ]);
  });

  test('calls: direct, through members and as callbacks; none of imports themselves', () => {
    const text = `
      import { api } from 'framework';
      import { record, unused } from './audit';
      import * as tools from './tools';
      export const place = api({}, async () => { items.map(record); await tools.deep.run(check); });
      function check() { return helper({ onDone: place }); }
      const helper = (x: object) => x;`;
    const calls = reading(text, (module) =>
      module
        .calls()
        .map(({ within, module: from, path }) => `${within ?? 'top'} → ${from ?? 'here'} ${path.join('.')}`),
    );
    expect(calls.toSorted()).toEqual(
      [
        'check → here helper',
        'check → here place',
        'place → ./audit record',
        'place → ./tools deep.run',
        'place → framework api',
        'place → here check',
      ].toSorted(),
    );
  });

  test('long chains and deep nesting stay within bounds', () => {
    const chain = `const x = ${'('.repeat(3000)}1${')'.repeat(3000)};\nconst y = ${Array.from({ length: 4000 }, () => "'a'").join(' + ')};\na${'.b'.repeat(3000)}.publish(1);`;
    expect(publishers(chain)).toEqual(['top: nothing']);
    expect(valuesOf(chain)['y']?.kind).toBe('template');
  });
});
