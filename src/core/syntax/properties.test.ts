import { expect, test } from 'vitest';
import { makeSourceFile, offsetAt } from '../model/source.ts';
import { insertLines, parseProperties } from './properties.ts';

const pairs = (text: string): readonly (readonly [string, string])[] =>
  parseProperties(text).map(({ key, value }) => [key, value] as const);

test('separators, comments, escapes and continued lines', () => {
  expect(
    pairs(
      [
        '# orders',
        '! refunds',
        'a=1',
        'b : two words ',
        'c  three',
        String.raw`d\:e=\u00e9\=`,
        'list=orders,\\',
        '   refunds',
        'empty=',
      ].join('\n'),
    ),
  ).toEqual([
    ['a', '1'],
    ['b', 'two words'],
    ['c', 'three'],
    ['d:e', 'é='],
    ['list', 'orders,refunds'],
    ['empty', ''],
  ]);
});

test('places are those of the text, whatever ends its lines', () => {
  const text = 'topic = orders\r\ngroup=billing\r\n';
  const [topic, group] = parseProperties(text);
  expect(text.slice(topic?.keyStart, topic?.keyEnd)).toBe('topic');
  expect(text.slice(topic?.valueStart, topic?.valueEnd)).toBe('orders');
  expect(text.slice(group?.valueStart, group?.valueEnd)).toBe('billing');
});

test('a line of #--- begins a document', () => {
  expect(parseProperties('a=1\n#---\nb=2\n').map(({ document }) => document)).toEqual([0, 1]);
});

test('new lines stand behind the whole of a continued one', () => {
  const file = makeSourceFile('application.properties', 'list=orders,\\\n  refunds\nlast=1');
  const edit = insertLines(file, 2, ['enable-dlq=true']);
  expect(offsetAt(file, edit.range.start)).toBe('list=orders,\\\n  refunds'.length);
  expect(edit.newText).toBe('\nenable-dlq=true');
});
