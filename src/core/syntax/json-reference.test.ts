import { expect, test } from 'vitest';
import { makeSourceFile } from '../model/source.ts';
import { parseData } from './parse-data.ts';
import { keyOf, locate, parseReference } from './json-reference.ts';
import type { Located, Path } from './json-reference.ts';

function find(text: string, path: Path): Located {
  return locate(parseData(makeSourceFile('orders/asyncapi.yaml', text)), path);
}

test('a path leads through references to where the node really stands', () => {
  const found = find("a: {$ref: '#/b'}\nb: {c: {$ref: '#/d/e~1f'}}\nd: {e/f: [10, {g: 20}]}\n", ['a', 'c', 1, 'g']);
  expect(found.kind === 'here' && [keyOf(found.path), found.node.kind === 'scalar' && found.node.value]).toEqual([
    '#/d/e~1f/1/g',
    20,
  ]);
});

test('what follows a reference to another file is asked of that file', () => {
  const found = find("shop: {$ref: 'shared/channels.yaml#/shop%20orders'}\n", ['shop', 'messages', 'Order']);
  expect(found).toMatchObject({
    kind: 'there',
    file: 'orders/shared/channels.yaml',
    key: '#/shop orders/messages/Order',
    module: './shared/channels.yaml',
  });
});

test.each([
  ['a circle', "a: {$ref: '#/b'}\nb: {$ref: '#/a'}", 'circle'],
  ['a reference into itself', "a: {$ref: '#/a/b'}", 'circle'],
  ['the network', "a: {$ref: 'https://shop.example/a.yaml'}", 'remote'],
  ['an anchor', "a: {$ref: '#order'}", 'pointers'],
  ['a path out of the workspace', "a: {$ref: '../../a.yaml'}", 'out of the workspace'],
])('%s is refused', (_, text, why) => {
  const found = find(text, ['a']);
  expect(found.kind === 'refused' && found.why).toContain(why);
});

test('a reference to nothing says where it stands; an absent path has none', () => {
  expect(find("a: {$ref: '#/b'}", ['a'])).toMatchObject({ kind: 'nowhere', text: '#/b' });
  expect(find('a: 1', ['b'])).toMatchObject({ kind: 'nowhere', ref: null });
});

test('a property of the name $ref is no reference', () => {
  expect(find('a: {$ref: {type: string}}', ['a', '$ref', 'type']).kind).toBe('here');
});

test('a file may refer to itself by name, with either slash', () => {
  expect(parseReference('orders/asyncapi.yaml', './asyncapi.yaml#/a')).toEqual({ kind: 'local', path: ['a'] });
  expect(parseReference('orders/asyncapi.yaml', '.\\shared\\a.yaml')).toMatchObject({
    kind: 'there',
    file: 'orders/shared/a.yaml',
  });
});
