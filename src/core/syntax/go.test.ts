import { describe, expect, test } from 'vitest';
import { grammarsOfPackages } from '../../../test/grammars.ts';
import type { Value } from '../model/declaration.ts';
import { makeSourceFile } from '../model/source.ts';
import type { SyntaxNode } from './code.ts';
import type { GoFile } from './go.ts';
import { compositeFields, packageNameOf, readGo } from './go.ts';
import { nodesOfType } from './nodes.ts';
import { loadGrammars } from './tree-sitter.ts';

const grammars = await loadGrammars(['go'], grammarsOfPackages);

function reading<T>(text: string, look: (go: GoFile, root: SyntaxNode) => T): T {
  const parsed = grammars.parse('go', text);
  if (parsed.kind === 'failed') throw new Error(parsed.reason);
  try {
    return look(readGo(makeSourceFile('shop.go', text), parsed.tree.rootNode), parsed.tree.rootNode);
  } finally {
    parsed.free();
  }
}

function valuesOf(text: string): Record<string, Value> {
  return reading(text, (go) => Object.fromEntries(go.bindings(() => null).map(({ name, value }) => [name, value])));
}

/** What each `X.Publish(…)` is called on: a name, or a type, with the function around it. */
function publishers(text: string): readonly string[] {
  return reading(text, (go, root) =>
    nodesOfType(root, ['call_expression']).flatMap((node) => {
      const callee = go.callOf(node)?.callee;
      if (callee?.childForFieldName('field')?.text !== 'Publish') return [];
      const operand = callee.childForFieldName('operand');
      const type = go.typeOfExpression(operand);
      const symbol = type === null ? go.symbolOf(operand) : null;
      const shown =
        type !== null
          ? `a ${type.module ?? 'local'} ${type.path.join('.')}`
          : symbol !== null
            ? `${symbol.module ?? 'here'} ${symbol.path.join('.')}`
            : 'nothing';
      return [`${go.functionAt(node.startIndex) ?? 'top'}: ${shown}`];
    }),
  );
}

describe('values', () => {
  test('constants: literals, sums, conversions, the environment', () => {
    const values = valuesOf(
      'package shop\nimport "os"\nconst (\n\tA = "a\\tb\\u00e9\\x41"\n\tB Kind = A + "-b"\n\tC\n)\nvar D = os.Getenv("TOPIC")\nvar E = string(A)\nvar F, G = pair()\nvar H = `raw\\n`\n',
    );
    expect(values['A']).toEqual({ kind: 'literal', value: 'a\tbéA' });
    expect(values['B']).toEqual({
      kind: 'template',
      parts: [
        { kind: 'symbol', module: null, path: ['A'] },
        { kind: 'literal', value: '-b' },
      ],
    });
    expect(values['C']).toMatchObject({ kind: 'unknown' });
    expect(values['D']).toEqual({ kind: 'env', variable: 'TOPIC', fallback: null });
    expect(values['E']).toEqual({ kind: 'symbol', module: null, path: ['A'] });
    expect(values['F']).toMatchObject({ kind: 'unknown', reason: 'it is assigned at run time' });
    expect(values['H']).toEqual({ kind: 'literal', value: 'raw\\n' });
  });

  test('what is exported starts with a capital; methods go by their receiver', () => {
    const text =
      'package shop\ntype Desk[T any] struct{}\ntype Alias = other.Desk\nfunc (d *Desk[T]) Open() {}\nfunc (Desk[T]) close() {}\nfunc Élan() {}\nvar run = func() {}\n';
    expect(
      reading(text, (go) =>
        go.bindings(() => null).map(({ name, exported, value }) => `${name} ${exported} ${value.kind}`),
      ),
    ).toEqual([
      'Desk true declaration',
      'Alias true declaration',
      'Desk.Open true function',
      'Desk.close false function',
      'Élan true function',
      'run false function',
    ]);
  });
});

describe('names in expressions', () => {
  test('packages by alias, by folder and by the one import that can be meant', () => {
    const text = `package shop
import (
	topics "example.com/shop/events/v2"
	"example.com/shop/billing/service"
	"github.com/acme/go-ledger"
)
func a() { topics.Orders.Publish(1); billing.Invoices.Publish(2); ledger.Lines.Publish(3); unknown.Topic.Publish(4) }
`;
    expect(publishers(text)).toEqual([
      'a: example.com/shop/events/v2 Orders',
      'a: example.com/shop/billing/service Invoices',
      'a: github.com/acme/go-ledger Lines',
      'a: nothing',
    ]);
  });

  test('locals, parameters, results and blocks hide what is outside', () => {
    const text = `package shop
func a(Orders bus) { Orders.Publish(1) }
func b() { if Orders, err := open(); err == nil { Orders.Publish(2) }; Orders.Publish(3) }
func c() { for _, Orders := range all { go func() { Orders.Publish(4) }() } }
func d() (Orders *Topic) { Orders.Publish(5); return }
func e() { Orders := Orders; Orders.Publish(6) }
func f() { x := Orders; y := x; func() { y.Publish(7) }() }
`;
    expect(publishers(text)).toEqual([
      'a: a local bus',
      'b: nothing',
      'b: here Orders',
      'c: nothing',
      'd: a local Topic',
      'e: here Orders',
      'f: here Orders',
    ]);
  });

  test('types come from receivers, fields, literals, constructors and new', () => {
    const text = `package shop
import "example.com/bus"
type Desk struct { out *bus.Client; inner Inner }
type Inner struct { out bus.Client }
func NewDesk() (*Desk, error) { return nil, nil }
var shared = &Desk{}
func (d *Desk) one() { d.out.Publish(1); d.inner.out.Publish(2) }
func two() { d, err := NewDesk(); d.out.Publish(3); (&Desk{}).out.Publish(4); new(Desk).out.Publish(5); shared.inner.out.Publish(6) }
`;
    const client = 'a example.com/bus Client';
    expect(publishers(text)).toEqual([
      `Desk.one: ${client}`,
      `Desk.one: ${client}`,
      `two: ${client}`,
      `two: ${client}`,
      `two: ${client}`,
      `two: ${client}`,
    ]);
  });

  test('calls: functions, methods and function values, of this and of other packages', () => {
    const text = `package shop
import "example.com/shop/audit"
type Desk struct { log audit.Log }
const limit = 3
func (d *Desk) Open() error { g.Go(d.check); return d.log.Write(limit) }
func (d *Desk) check() error { return each(audit.Record, func() { close(nil) }) }
func each(do func(), then func()) error { var d Desk; return d.Open() }
var handler = pick((*Desk).Open)
`;
    const calls = reading(text, (go) =>
      go.calls().map(({ within, module, path }) => `${within ?? 'top'} → ${module ?? 'here'} ${path.join('.')}`),
    );
    expect(calls.toSorted()).toEqual(
      [
        'Desk.Open → example.com/shop/audit Log.Write',
        'Desk.Open → here Desk.check',
        'Desk.Open → here g',
        'Desk.check → example.com/shop/audit Record',
        'Desk.check → here each',
        'each → here Desk.Open',
        'handler → here Desk.Open',
        'handler → here pick',
      ].toSorted(),
    );
  });

  test('generic calls have one shape, whatever the grammar makes of them', () => {
    const text =
      'package shop\nvar A = p.F[*T]("a", c)\nvar B = p.F[q.T]("a", c)\nvar C = p.F[p.G[*T]](X)\nvar D = p.F[T, U]("a")\n';
    const calls = reading(text, (go, root) =>
      nodesOfType(root, ['call_expression', 'type_conversion_expression'])
        .map((node) => go.callOf(node))
        .map(
          (call) =>
            `${call?.callee.text} <${call?.typeArguments.map((type) => type.text).join(' ')}> (${call?.arguments.map((one) => one.text).join(' ')})`,
        ),
    );
    expect(calls).toEqual(['p.F <*T> ("a" c)', 'p.F <q.T> ("a" c)', 'p.F <p.G[*T]> (X)', 'p.F <T U> ("a")']);
  });

  test('members of a composite literal, through pointers; none where they have no names', () => {
    const fields = (expression: string): readonly string[] | null =>
      reading(`package shop\nvar V = ${expression}\n`, (_, root) => {
        const [list] = nodesOfType(root, ['expression_list']);
        const members = compositeFields(list?.namedChildren[0] ?? null);
        return members === null ? null : [...members].map(([name, { value }]) => `${name}=${value.text}`);
      });
    expect(fields('&p.Policy{Max: 3, Inner: p.X{A: 1}}')).toEqual(['Max=3', 'Inner=p.X{A: 1}']);
    expect(fields('Policy{}')).toEqual([]);
    expect(fields('Policy{1, 2}')).toBeNull();
    expect(fields('policy()')).toBeNull();
  });
});

test('the name of a package by its path', () => {
  expect(
    ['fmt', 'example.com/shop/orders', 'example.com/shop/orders/v3', 'gopkg.in/yaml.v3', 'github.com/acme/go-bus'].map(
      (path) => packageNameOf(path),
    ),
  ).toEqual(['fmt', 'orders', 'orders', 'yaml', 'bus']);
});
