// What holds for any input: broken files never throw, order and splitting do not matter, nothing is lost without being counted.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importTraces } from './import-traces.ts';
import type { Bytes } from './importer.ts';
import { importers } from './index.ts';

const folder = join(import.meta.dirname, '../../../test/data/traces');
const small = readdirSync(folder)
  .filter((name) => /\.jsonl?$/.test(name) && !name.includes('truth'))
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));

async function* once(bytes: Bytes, size = 4096): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function reportOf(...files: readonly Bytes[]): Promise<string> {
  const { report } = await importTraces(files.map((bytes) => ({ name: 'unknown', chunks: once(bytes) })));
  return JSON.stringify(report);
}

/** Numbers from a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe.each(small)('$name', ({ bytes }) => {
  test('no prefix throws, and a longer prefix never has fewer spans', async () => {
    let before = 0;
    for (let step = 0; step <= 12; step++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * step) / 12));
      const { report } = await importTraces([{ name: 'unknown', chunks: once(cut) }]);
      expect(report.spans).toBeGreaterThanOrEqual(before);
      before = report.spans;
      expect(report.spans > 0 || report.files[0]?.problems.length !== 0).toBe(true);
    }
  });

  test('no flipped byte throws', async () => {
    const next = random(20_260_301);
    for (let round = 0; round < 10; round++) {
      const broken = bytes.slice();
      const at = Math.floor(next() * broken.length);
      broken[at] = (broken[at] ?? 0) ^ (1 << Math.floor(next() * 8));
      await expect(reportOf(broken)).resolves.toContain('"hops"');
    }
  });

  test('the size of the chunks does not matter', async () => {
    const { report } = await importTraces([{ name: 'unknown', chunks: once(bytes, 1021) }]);
    expect(JSON.stringify(report)).toBe(await reportOf(bytes));
  });
});

describe('spans in another order, in other files', () => {
  const lines = readFileSync(join(folder, 'rabbitmq-baseline.otlp.jsonl'), 'utf8').trim().split('\n');
  const bytesOf = (part: readonly string[]): Bytes => new TextEncoder().encode(`${part.join('\n')}\n`);
  const withoutFiles = (text: string): unknown => ({ ...(JSON.parse(text) as object), files: null });

  test('reversed lines give the same report', async () => {
    expect(withoutFiles(await reportOf(bytesOf(lines.toReversed())))).toEqual(
      withoutFiles(await reportOf(bytesOf(lines))),
    );
  });

  test('every way of dealing the lines to three files gives the same report', async () => {
    const whole = withoutFiles(await reportOf(bytesOf(lines)));
    for (const seed of [1, 2, 3]) {
      const next = random(seed);
      const parts: string[][] = [[], [], []];
      for (const line of lines) parts[Math.floor(next() * 3)]?.push(line);
      expect(withoutFiles(await reportOf(...parts.map(bytesOf)))).toEqual(whole);
    }
  });

  test('spans shuffled within the document give the same report', async () => {
    const next = random(7);
    const document = {
      resourceSpans: lines.flatMap((line) => (JSON.parse(line) as { resourceSpans: Resource[] }).resourceSpans),
    };
    interface Resource {
      readonly resource: unknown;
      readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[];
    }
    const single = document.resourceSpans
      .flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ resource, scopeSpans: [{ spans: [span] }] }))),
      )
      .map((value) => ({ value, key: next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ value }) => value);
    const shuffled = new TextEncoder().encode(JSON.stringify({ resourceSpans: single }));
    expect(withoutFiles(await reportOf(shuffled))).toEqual(withoutFiles(await reportOf(bytesOf(lines))));
  });
});

test.each(importers.map(({ id }) => id))('%s: kept and dropped spans are all there were', async (id) => {
  const importer = importers.find((each) => each.id === id);
  const markdown = readFileSync(join(import.meta.dirname, id, 'importer.md'), 'utf8');
  const samples = [...markdown.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) {
    const text = sample.replaceAll(
      /"(startTimeUnixNano|startTime|start_time|Timestamp|timestamp\.us|timestamp|start_timestamp|start|start_time)":/g,
      '"gone":',
    );
    let kept = 0;
    let dropped = 0;
    let problems = 0;
    for await (const batch of importer?.spans(once(new TextEncoder().encode(text))) ?? []) {
      kept += batch.spans.length;
      dropped += batch.dropped;
      for (const { count } of batch.problems) problems += count;
    }
    expect(problems).toBeGreaterThanOrEqual(dropped);
    let whole = 0;
    for await (const batch of importer?.spans(once(new TextEncoder().encode(sample))) ?? [])
      whole += batch.spans.length + batch.dropped;
    // An event is no span, and below a segment that cannot be used nothing is looked for.
    const comparable = id !== 'encore' && id !== 'xray';
    expect(comparable ? kept + dropped : whole).toBe(whole);
  }
});

describe('files that are no traces', () => {
  test.each([
    ['', 'the file is empty'],
    ['  \n ', 'only blanks'],
    ['null', 'null'],
    ['123', 'a number'],
    ['""', 'a string'],
    ['[]', 'an empty array'],
    ['{}', 'an object without keys'],
    ['<!doctype html><html></html>', 'HTML'],
    ['2026-03-01 10:00:00 INFO started', 'not JSON'],
    ['{"resourceMetrics":[]}', 'metrics'],
    ['{"resourceLogs":[]}', 'logs'],
    ['{"log":{"version":"1.2","entries":[]}}', 'HAR'],
    ['{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}', 'trace not found'],
    ['{"traceEvents":[{"ph":"X","ts":1}]}', 'Chrome trace'],
    ['{"name":"eventscape","version":"1.0.0","scripts":{}}', '"name", "version", "scripts"'],
    ['[{"orderId":1,"total":12}]', '"orderId", "total"'],
    ['\u0000\u0001\u0002', 'binary'],
  ])('%j', async (text, said) => {
    const { report } = await importTraces([{ name: 'unknown', chunks: once(new TextEncoder().encode(text)) }]);
    expect(report.spans).toBe(0);
    expect(report.files[0]).toMatchObject({ format: '', spans: 0, problems: [{ count: 1 }] });
    expect(report.files[0]?.problems[0]?.message).toContain(said);
    expect(report.files[0]?.problems[0]?.message).not.toMatch(/\n/);
  });

  test('a large one is refused from its beginning', async () => {
    let read = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Bytes> {
      try {
        for (;;) {
          read++;
          yield new TextEncoder().encode(
            `${read === 1 ? '{"catalogue":[' : ','}${JSON.stringify({ article: 'lamp'.repeat(5000) })}`,
          );
        }
      } finally {
        closed = true;
      }
    }
    const { report } = await importTraces([{ name: 'unknown', chunks: endless() }]);
    expect(report.files[0]?.problems[0]?.message).toContain('"catalogue"');
    expect(read).toBeLessThan(10);
    expect(closed).toBe(true);
  });

  test('one broken file harms no other', async () => {
    async function* breaking(): AsyncGenerator<Bytes> {
      yield new TextEncoder().encode('{"resourceSpans":[');
      throw new Error('the disk is gone');
    }
    const good = new Uint8Array(readFileSync(join(folder, 'otlp-batch-receive.json')));
    const { report } = await importTraces([
      { name: 'broken', chunks: breaking() },
      { name: 'good', chunks: once(good) },
    ]);
    expect(report.files.map((file) => [file.file, file.spans])).toEqual([
      ['broken', 0],
      ['good', 3],
    ]);
    expect(report.files[0]?.problems[0]?.message).toContain('the disk is gone');
    expect(report.coverage.deliveries).toBe(2);
  });
});

test('an import can be stopped and keeps what it has', async () => {
  const bytes = new Uint8Array(readFileSync(join(folder, 'rabbitmq-baseline.otlp.jsonl')));
  let chunks = 0;
  const { report, stopped } = await importTraces(
    [
      { name: 'a', chunks: once(bytes) },
      { name: 'b', chunks: once(bytes) },
    ],
    { shouldStop: () => ++chunks > 30 },
  );
  expect(stopped).toBe(true);
  expect(report.files).toHaveLength(1);
  expect(report.spans).toBeGreaterThan(0);
  expect(report.spans).toBeLessThan(281);
});
