// The verdicts on labelled pairs of others: at least 98 % agreement counted raw, and each pair that is judged otherwise has its line, with the
// reason, in test/data/contracts/disagreements.md; a line too many fails as well.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { confirmedRows, readRows, score } from './score.ts';
import type { Score } from './score.ts';

const listed = new Set(
  [
    ...readFileSync(new URL('../data/contracts/disagreements.md', import.meta.url), 'utf8').matchAll(
      /^\| (\S+) \| (backward|forward) \|/gm,
    ),
  ].map(([, id = '', direction = '']) => `${id} ${direction}`),
);

function disagreements(result: Score): readonly string[] {
  return result.disagreements.map(({ id, direction }) => `${id} ${direction}`).toSorted();
}

test.each([
  ['json-schema', confirmedRows(readRows('json-schema')), 0.98],
  ['asyncapi', readRows('asyncapi'), 0.99],
  ['avro', readRows('avro'), 0.98],
] as const)('%s', (format, rows, least) => {
  const result = score(rows, format);
  expect(result.agreed / result.judged).toBeGreaterThanOrEqual(least);
  const ids = new Set(rows.map((row) => row.id));
  expect(disagreements(result)).toEqual([...listed].filter((line) => ids.has(line.split(' ')[0] ?? '')).toSorted());
});
