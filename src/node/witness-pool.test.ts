import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WitnessRequest } from '../core/model/change.ts';
import { witnessPool, type WitnessPool } from './witness-pool.ts';

let folder: string;
let pool: WitnessPool;

/** A worker that answers with the number of steps, hangs at 13, dies at 66. */
const script = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ id, request }) => {
  if (request.steps === 13) for (;;);
  if (request.steps === 66) process.exit(3);
  parentPort.postMessage({ id, answer: { witness: null, tried: request.steps, exhausted: true, failed: null } });
});`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eventscape-witness-'));
  writeFileSync(join(folder, 'worker.cjs'), script);
  pool = witnessPool({ script: join(folder, 'worker.cjs'), timeout: 1_500, queue: 3 });
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each number of steps is about a pair of schemas of its own, unless one is given. */
function request(steps: number, pair = steps): WitnessRequest {
  return { format: 'json-schema', old: { const: pair }, new: {}, direction: 'forward', focus: null, steps };
}

test('a search that hangs or dies costs itself alone', async () => {
  const answers = await Promise.all([13, 1, 66, 2].map((steps) => pool.search(request(steps))));
  expect(answers.map(({ tried, failed }) => failed ?? tried)).toEqual([
    'no answer within 1.5 s',
    1,
    'the search ended early',
    2,
  ]);
});

test('a pair that stuck once is not waited for again, others are', async () => {
  const answers = await Promise.all([request(13, 7), request(1, 7), request(2, 8)].map((one) => pool.search(one)));
  expect(answers.map(({ tried, failed }) => failed ?? tried)).toEqual([
    'no answer within 1.5 s',
    'an earlier search of this pair did not end',
    2,
  ]);
});

test('the queue is bounded, and closing answers everybody', async () => {
  const searches = [13, 1, 2, 3, 4].map((steps) => pool.search(request(steps)));
  expect((await searches.at(-1))?.failed).toBe('too many searches are waiting');
  await pool.close();
  expect((await Promise.all(searches)).map(({ failed }) => failed).slice(0, 4)).toEqual(
    Array.from({ length: 4 }, () => 'the search is closed'),
  );
  expect((await pool.search(request(5))).failed).toBe('the search is closed');
});

test('a worker that does not exist answers failed', async () => {
  const lost = witnessPool({ script: join(folder, 'gone.cjs') });
  expect((await lost.search(request(1))).failed).toContain('the search failed');
  await lost.close();
});
