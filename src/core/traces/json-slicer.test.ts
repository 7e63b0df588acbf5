// The slicer finds elements whatever the chunks, and says what is missing.
import { describe, expect, test } from 'vitest';
import type { Bytes } from './importer.ts';
import { parseElements } from './json-elements.ts';
import { JsonSlicer, type Step } from './json-slicer.ts';

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

function slice(
  text: string,
  path: readonly Step[],
  size: number,
): { readonly elements: readonly string[]; readonly slicer: JsonSlicer } {
  const slicer = new JsonSlicer(path, ['status']);
  const bytes = bytesOf(text);
  const elements: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (const element of slicer.push(bytes.subarray(at, at + size))) elements.push(new TextDecoder().decode(element));
  }
  return { elements, slicer };
}

describe.each([1, 2, 3, 7, 1000])('in chunks of %i bytes', (size) => {
  test.each<readonly [string, string, readonly Step[], readonly string[]]>([
    [
      'a list under a key',
      '{"data":[{"a":1},{"b":[2,{}]}],"x":[{"c":3}]}',
      [['data'], '*'],
      ['{"a":1}', '{"b":[2,{}]}'],
    ],
    [
      'a list after other members',
      '{"total":0,"z":{"data":[{"no":0}]},"data" : [ {"a":"}]"} ]}',
      [['data'], '*'],
      ['{"a":"}]"}'],
    ],
    [
      'several documents',
      '{"r":{"d":[{"a":1}]}}\n{"r":{"d":[{"a":2}]}} {"r":{}}',
      [['r'], ['d'], '*'],
      ['{"a":1}', '{"a":2}'],
    ],
    ['the documents themselves', '{"a":1}{"b":2}\n[3]', [], ['{"a":1}', '{"b":2}', '[3]']],
    [
      'either of two keys',
      '{"batches":[{"a":1}],"resourceSpans":[{"a":2}]}',
      [['resourceSpans', 'batches'], '*'],
      ['{"a":1}', '{"a":2}'],
    ],
    ['lists of lists', '[[{"a":1},{"a":2}],[{"a":3}]]', ['*', '*'], ['{"a":1}', '{"a":2}', '{"a":3}']],
    [
      'one object within each',
      '[{"_source":{"a":1},"x":{"a":9}},{"_source":{"a":2}}]',
      ['*', ['_source']],
      ['{"a":1}', '{"a":2}'],
    ],
    [
      'escapes, and quotes at the end of them',
      '{"data":[{"a\\"]}":"\\\\"},{"b":"\\\\\\"}"}]}',
      [['data'], '*'],
      ['{"a\\"]}":"\\\\"}', '{"b":"\\\\\\"}"}'],
    ],
    ['letters of several bytes', '{"däta":[0],"data":[{"ключ":"值 🐇"}]}', [['data'], '*'], ['{"ключ":"值 🐇"}']],
    ['an object where a list is wanted', '{"data":{"a":{"b":1}}}', [['data'], '*'], []],
  ])('%s', (_, text, path, expected) => {
    const { elements, slicer } = slice(text, path, size);
    expect(elements).toEqual(expected);
    expect(slicer.end()).toEqual({ insideElement: false, open: false });
  });

  test('scalars are counted, a cut element is told, watched scalars are kept', () => {
    const { elements, slicer } = slice('{"status":"PARTIAL","data":[null,123,"x",{"a":1},{"b":', [['data'], '*'], size);
    expect(elements).toEqual(['{"a":1}']);
    expect(slicer.scalars).toBe(3);
    expect(slicer.watched.get('status')).toBe('"PARTIAL"');
    expect(slicer.end()).toEqual({ insideElement: true, open: true });
  });
});

async function parse(
  text: string,
  path: readonly Step[],
  size: number,
): Promise<{ readonly values: readonly unknown[]; readonly problems: readonly string[] }> {
  async function* chunks(): AsyncGenerator<Bytes> {
    const bytes = bytesOf(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const values: unknown[] = [];
  const problems: string[] = [];
  for await (const batch of parseElements(chunks(), { path })) {
    values.push(...batch.values);
    problems.push(...batch.problems.map(({ message, count }) => `${count} × ${message}`));
  }
  return { values, problems };
}

describe.each([5, 4096])('documents and lines, in chunks of %i bytes', (size) => {
  test.each<readonly [string, string, readonly unknown[], readonly string[]]>([
    [
      'lines',
      '{"d":[1,{"a":1}]}\n\n{"d":[{"a":2}]}\r\n',
      [{ a: 1 }, { a: 2 }],
      ['1 × an element is neither an object nor an array'],
    ],
    ['a byte order mark', '\uFEFF{"d":[{"a":1}]}\n', [{ a: 1 }], []],
    ['a document over several lines', '{\n "d": [\n  {"a":1},\n  {"a":2}\n ]\n}\n', [{ a: 1 }, { a: 2 }], []],
    ['several documents on one line', '{"d":[{"a":1}]}{"d":[{"a":2}]}', [{ a: 1 }, { a: 2 }], []],
    [
      'a line in between that is broken',
      '{"d":[{"a":1}]}\n{"d":[{"a":\n{"d":[{"a":3}]}\n',
      [{ a: 1 }, { a: 3 }],
      ['1 × a line is not valid JSON and was skipped'],
    ],
    [
      'a line in between of which a part is whole',
      '{"d":[{"a":1}]}\n{"d":[{"a":2},{"a":\n{"d":[{"a":3}]}\n',
      [{ a: 1 }, { a: 2 }, { a: 3 }],
      ['1 × a line is not valid JSON; what was whole in it was read'],
    ],
    [
      'a last line that was cut',
      '{"d":[{"a":1}]}\n{"d":[{"a":',
      [{ a: 1 }],
      ['1 × the file ends inside an element; everything before it was read'],
    ],
    [
      'an element that is broken',
      '{\n"d":[{"a":1},{"b":tru},{"a":3}]}',
      [{ a: 1 }, { a: 3 }],
      ['1 × an element is not valid JSON and was skipped'],
    ],
    [
      'an end within an element',
      '{"d":[{"a":1},{"a":',
      [{ a: 1 }],
      ['1 × the file ends inside an element; everything before it was read'],
    ],
    [
      'an end between elements',
      '{"d":[{"a":1}',
      [{ a: 1 }],
      ['1 × the file ends before its last bracket; everything before the end was read'],
    ],
    ['JSON text sequences', '\u001E{"d":[{"a":1}]}\n\u001E{"d":[{"a":2}]}\n', [{ a: 1 }, { a: 2 }], []],
  ])('%s', async (_, text, values, problems) => {
    const read = await parse(text, [['d'], '*'], size);
    expect(read.values).toEqual(values);
    expect(read.problems).toEqual(problems);
  });
});

test('a line too long to be one is sliced, not held', async () => {
  const element = JSON.stringify({ filler: 'x'.repeat(1000) });
  const many = 6000;
  const { values, problems } = await parse(
    `{"d":[${Array.from({ length: many }, () => element).join(',')}]}`,
    [['d'], '*'],
    65_536,
  );
  expect(values).toHaveLength(many);
  expect(problems).toEqual([]);
});
