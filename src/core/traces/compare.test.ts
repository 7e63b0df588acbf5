// Comparisons of whole imports: a real regression, a file against itself, and many pairs of repeats of one simulated system.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TraceComparison } from '../model/hop.ts';
import { fisher } from './compare.ts';
import { importTraces, type TraceInput } from './import-traces.ts';
import type { Bytes } from './importer.ts';
import { correlationTime, medianShift, studentTail } from './median-shift.ts';
import { seeded } from './random.ts';

const folder = join(import.meta.dirname, '../../../test/data/traces');

function file(name: string): TraceInput {
  return { name, chunks: createReadStream(join(folder, name)) as AsyncIterable<Bytes> };
}

async function compare(before: TraceInput, after: TraceInput): Promise<TraceComparison> {
  const { report } = await importTraces([after], { before: [before] });
  if (report.comparison === null) throw new Error('not compared');
  return report.comparison;
}

function changed(comparison: TraceComparison): readonly (readonly [number, string, string, boolean])[] {
  return comparison.hops
    .filter(({ verdict }) => verdict === 'slower' || verdict === 'faster')
    .map(({ hop, segment, verdict, cause }) => [hop, segment, verdict, cause] as const);
}

describe('a payment service that became three times as slow', () => {
  test('its work and the wait for it are slower, its work is the cause, and nothing else is flagged', async () => {
    const comparison = await compare(file('rabbitmq-baseline.otlp.jsonl'), file('rabbitmq-regressed.otlp.jsonl'));
    expect(changed(comparison)).toEqual([
      [1, 'transit', 'slower', false],
      [1, 'process', 'slower', true],
    ]);
    const transit = comparison.hops.find(({ hop, segment }) => hop === 1 && segment === 'transit');
    expect([transit?.before.p50, transit?.after.p50]).toEqual([151, 662]);
    expect(comparison).toMatchObject({ new: [], gone: [], errors: [] });
    expect(comparison.hops.filter(({ hop }) => hop === 2).map(({ verdict }) => verdict)).toEqual([
      'too-few',
      'too-few',
      'too-few',
    ]);
  });

  test('the other way round they are faster', async () => {
    expect(changed(await compare(file('rabbitmq-regressed.otlp.jsonl'), file('rabbitmq-baseline.otlp.jsonl')))).toEqual(
      [
        [1, 'transit', 'faster', false],
        [1, 'process', 'faster', true],
      ],
    );
  });

  test('across formats the verdict is the same', async () => {
    const otlp = await compare(file('rabbitmq-baseline.otlp.jsonl'), file('rabbitmq-regressed.otlp.jsonl'));
    expect(await compare(file('rabbitmq-baseline.jaeger.json'), file('rabbitmq-regressed.otlp.jsonl'))).toEqual(otlp);
  });
});

test.each(['rabbitmq-baseline.otlp.jsonl', 'kafkajs-baseline.otlp-strict.json', 'zipkin-v2-messaging-kafka.json'])(
  '%s against itself: no change',
  async (name) => {
    expect(changed(await compare(file(name), file(name)))).toEqual([]);
  },
);

test('new and vanished hops, and error rates', async () => {
  const before = simulated(60, seeded(1), { process: 20, errors: 0 });
  const after = simulated(60, seeded(2), { process: 20, errors: 0.5, queue: 'parcels' });
  const comparison = await compare(before, after);
  expect([comparison.new, comparison.gone]).toEqual([['shop → parcels → courier'], ['shop → letters → courier']]);
  const failing = await compare(
    simulated(60, seeded(3), { process: 20, errors: 0 }),
    simulated(60, seeded(4), { process: 20, errors: 0.5 }),
  );
  expect(failing.errors).toHaveLength(1);
  expect(failing.errors[0]).toMatchObject({ hop: 0, before: 0 });
  expect(failing.errors[0]?.p).toBeLessThan(0.001);
});

interface System {
  /** Mean work per message, ms. */
  readonly process: number;
  readonly errors: number;
  /** Arrivals × work; near 1 the queue grows long, and each wait resembles the one before. */
  readonly load?: number;
  readonly queue?: string;
}

/** One run of one consumer behind one queue, as OTLP: Poisson arrivals, gamma work, waits by Lindley's recursion. */
function simulated(messages: number, random: () => number, system: System): TraceInput {
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  const channel = system.queue ?? 'letters';
  const sends: unknown[] = [];
  const works: unknown[] = [];
  let now = 1_700_000_000_000;
  let free = now;
  for (let number = 1; number <= messages; number++) {
    now += exponential(system.process / (system.load ?? 0.5));
    const start = Math.max(now + 1, free);
    const work = system.process * 0.7 + exponential(system.process * 0.3);
    free = start + work;
    const ids = { traceId: number.toString(16).padStart(32, '0') };
    const attributes = [{ key: 'messaging.destination.name', value: { stringValue: channel } }];
    sends.push({
      ...ids,
      spanId: '00000000000000a1',
      name: 'send',
      kind: 4,
      startTimeUnixNano: nanos(now),
      endTimeUnixNano: nanos(now + 0.8 + random()),
      attributes,
    });
    works.push({
      ...ids,
      spanId: '00000000000000b1',
      parentSpanId: '00000000000000a1',
      name: 'process',
      kind: 5,
      startTimeUnixNano: nanos(start),
      endTimeUnixNano: nanos(free),
      attributes,
      status: { code: random() < system.errors ? 2 : 0 },
    });
  }
  const of = (name: string, spans: readonly unknown[]): unknown => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
    scopeSpans: [{ spans }],
  });
  const bytes = new TextEncoder().encode(JSON.stringify({ resourceSpans: [of('shop', sends), of('courier', works)] }));
  return {
    name: 'simulated',
    chunks: (async function* () {
      yield bytes;
    })(),
  };
}

function nanos(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}

describe('repeats of one system', () => {
  test('of 240 pairs of runs with queues from short to always full, at most 1 % of all segments are flagged', async () => {
    let segments = 0;
    let flagged = 0;
    for (let pair = 0; pair < 240; pair++) {
      const system = { process: 20, errors: 0, load: [0.4, 0.7, 0.9, 1.1][pair % 4] ?? 0.5 };
      const messages = [36, 80][pair % 2] ?? 36;
      const comparison = await compare(
        simulated(messages, seeded(pair), system),
        simulated(messages, seeded(10_000 + pair), system),
      );
      segments += comparison.hops.length;
      flagged += changed(comparison).length;
    }
    expect(segments).toBe(720);
    expect(flagged).toBeLessThanOrEqual(7);
  }, 120_000);

  test('series that remember their past by 0.5 and 0.9 are flagged in at most 1 % of 400 pairs', () => {
    let flagged = 0;
    for (let pair = 0; pair < 400; pair++) {
      const random = seeded(77 + pair);
      const shift = medianShift(
        remembering(36, pair % 2 === 0 ? 0.5 : 0.9, random),
        remembering(36, pair % 2 === 0 ? 0.5 : 0.9, random),
        random,
      );
      if (shift.effective >= 20 && shift.p <= 0.003) flagged++;
    }
    expect(flagged).toBeLessThanOrEqual(4);
  }, 60_000);

  test('power: work twice as slow is found in at least 90 of 100 pairs of 60 messages', async () => {
    let found = 0;
    for (let pair = 0; pair < 100; pair++) {
      const comparison = await compare(
        simulated(60, seeded(pair), { process: 20, errors: 0, load: 0.4 }),
        simulated(60, seeded(5000 + pair), { process: 40, errors: 0, load: 0.8 }),
      );
      if (
        changed(comparison).some(
          ([, segment, verdict, cause]) => segment === 'process' && verdict === 'slower' && cause,
        )
      )
        found++;
    }
    expect(found).toBeGreaterThanOrEqual(90);
  }, 60_000);
});

/** Lognormal values around 150 ms, each like the one before by `memory` (first-order autoregressive). */
function remembering(n: number, memory: number, random: () => number): readonly number[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let state = normal();
  return Array.from({ length: n }, () => {
    state = memory * state + Math.sqrt(1 - memory * memory) * normal();
    return Math.round(150 * Math.exp(0.6 * state));
  });
}

test('the correlation time of independent values is about one, of a ramp nearly all of it', () => {
  const random = seeded(5);
  expect(correlationTime(Float64Array.from({ length: 200 }, random))).toBeLessThan(2);
  expect(correlationTime(Float64Array.from({ length: 60 }, (_, index) => index))).toBeGreaterThan(15);
});

test('tails of known distributions', () => {
  expect(studentTail(2.228, 10)).toBeCloseTo(0.05, 3);
  expect(studentTail(12.706, 1)).toBeCloseTo(0.05, 3);
  expect(studentTail(0, 7)).toBe(1);
  // Fisher's tea: 3 of 4 against 1 of 4.
  expect(fisher(3, 4, 1, 4)).toBeCloseTo(0.4857, 4);
  expect(fisher(0, 20, 10, 20)).toBeCloseTo(0.000436, 5);
});
