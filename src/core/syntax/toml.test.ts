import { describe, expect, test } from 'vitest';
import { makeSourceFile } from '../model/source.ts';
import { get, getIn, textOf, toJson } from './data.ts';
import { insertTomlEntries, parseToml } from './toml.ts';

const parse = (text: string): ReturnType<typeof parseToml> => parseToml(makeSourceFile('wrangler.toml', text));
const json = (text: string): unknown => JSON.parse(JSON.stringify(toJson(parse(text).root)));

describe('values', () => {
  test('tables, lists of tables and dotted keys become one tree', () => {
    expect(
      json(`name = "orders" # the worker
a.b."c.d" = 1_000
[env.production]
vars = { REGION = "eu", LIMITS = { day = 5 } }
[[env.production.queues.producers]]
queue = 'refunds'
[[env.production.queues.producers]]
queue = "orders"
[env.production.queues.producers.extra]
on = true
`),
    ).toEqual({
      name: 'orders',
      a: { b: { 'c.d': 1000 } },
      env: {
        production: {
          vars: { REGION: 'eu', LIMITS: { day: 5 } },
          queues: { producers: [{ queue: 'refunds' }, { queue: 'orders', extra: { on: true } }] },
        },
      },
    });
  });

  test('strings, numbers, dates and lists over several lines', () => {
    expect(
      json(`a = """
two
lines \\
   joined"""
b = '''it's "raw" \\n'''
c = "tab\\tA \\u00e9"
d = [ 1, # one
  -2.5, 0xff, ]
e = 2024-05-01T10:00:00Z
f = [[1], ["x"]]
`),
    ).toEqual({
      a: 'two\nlines joined',
      b: String.raw`it's "raw" \n`,
      c: 'tab\tA é',
      d: [1, -2.5, 255],
      e: '2024-05-01T10:00:00Z',
      f: [[1], ['x']],
    });
  });

  test('a hostile key is only a key', () => {
    const { root } = parse('[__proto__]\npolluted = true\n');
    expect(textOf(getIn(root, ['__proto__', 'polluted']))).toBe('true');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

test('places are those of the text', () => {
  const { root, file } = parse('[[queues.consumers]]\n  queue = "orders"\n');
  const queue = getIn(root, ['queues', 'consumers', 0, 'queue']);
  expect(file.text.slice(queue?.start, queue?.end)).toBe('"orders"');
});

test('a broken line is a problem, the others are read', () => {
  const { root, problems } = parse('name = \n[queues\nx = "open\nlimit = 3\n');
  expect(problems.map(({ range, message }) => [range.start.line, message])).toEqual([
    [0, 'Not valid TOML: expected a value.'],
    [1, 'Not valid TOML: expected ].'],
    [2, 'Not valid TOML: the text is never closed.'],
  ]);
  expect(textOf(get(root, 'limit'))).toBe('3');
});

test('no beginning of a text throws', () => {
  const text = '[[a.b]]\nc = { d = ["x", """y"""], "e" = 1 }\n';
  for (let end = 0; end <= text.length; end++) expect(parse(text.slice(0, end)).root.kind).toBe('map');
  expect(parse(`a = ${'['.repeat(5000)}`).problems).toHaveLength(1);
});

test('new entries stand behind the last one of their table', () => {
  const document = parse('[[queues.consumers]]\n  queue = "orders" # all of them\n\n[vars]\nA = 1\n');
  const table = getIn(document.root, ['queues', 'consumers', 0]);
  const edits =
    table?.kind === 'map' ? insertTomlEntries(document, table, [['dead_letter_queue', 'orders-dlq']]) : null;
  expect(edits).toEqual([
    {
      file: 'wrangler.toml',
      range: { start: { line: 1, character: 32 }, end: { line: 1, character: 32 } },
      newText: '\n  dead_letter_queue = "orders-dlq"',
    },
  ]);
});
