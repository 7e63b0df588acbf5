// Real trace files: what is in them was counted by hand or logged by the services themselves, apart from any span.
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Hop, TraceReport } from '../model/hop.ts';
import { importTraces } from './import-traces.ts';
import type { Bytes } from './importer.ts';

const folder = join(import.meta.dirname, '../../../test/data/traces');

async function report(...names: readonly string[]): Promise<TraceReport> {
  const files = names.map((name) => ({
    name: 'unknown',
    chunks: createReadStream(join(folder, name), { highWaterMark: 7919 }) as AsyncIterable<Bytes>,
  }));
  return (await importTraces(files)).report;
}

const nameOf = (hop: Hop): string => `${hop.producer} → ${hop.channel} → ${hop.consumer}`;

describe('files, spans, deliveries, hops and half-hops', () => {
  test.each([
    ['rabbitmq-baseline.otlp.jsonl', 'otlp', 281, 96, 4, 0, 0],
    ['rabbitmq-baseline.jaeger.json', 'jaeger', 281, 96, 4, 0, 0],
    ['rabbitmq-baseline.tempo-batches.json', 'tempo', 281, 96, 4, 0, 0],
    ['rabbitmq-regressed.otlp.jsonl', 'otlp', 281, 96, 4, 0, 0],
    ['kafkajs-baseline.otlp-strict.json', 'otlp', 181, 79, 4, 0, 0],
    ['kafkajs-baseline.zipkin.json', 'zipkin', 181, 53, 3, 0, 26],
    ['zipkin-v2-messaging-kafka.json', 'zipkin', 28, 6, 2, 6, 1],
    ['zipkin-v2-messaging.json', 'zipkin', 4, 1, 1, 0, 0],
    ['jaeger-otel-java-kafka-receive-links.json', 'jaeger', 3, 0, 0, 0, 2],
    ['otlp-batch-receive.json', 'otlp', 3, 2, 1, 0, 0],
    ['otlp-topic-with-multiple-consumers.json', 'otlp', 3, 2, 2, 0, 0],
    ['encore-sqlite-event_data.json', 'encore', 3, 1, 1, 0, 0],
  ])('%s', async (name, format, spans, deliveries, hops, producerOnly, consumerOnly) => {
    const { files, coverage, ...rest } = await report(name);
    expect(files.map((file) => [file.format, file.spans])).toEqual([[format, spans]]);
    expect(rest.spans).toBe(spans);
    expect(coverage).toMatchObject({ deliveries, producerOnly, consumerOnly });
    expect(rest.hops.reduce((sum, hop) => sum + hop.deliveries, 0)).toBe(deliveries);
    expect(rest.hops).toHaveLength(hops);
  });
});

test('one run in three formats gives one report', async () => {
  const { files: _, ...otlp } = await report('rabbitmq-baseline.otlp.jsonl');
  for (const name of ['rabbitmq-baseline.jaeger.json', 'rabbitmq-baseline.tempo-batches.json']) {
    const { files, ...other } = await report(name);
    expect(files[0]?.problems).toEqual([]);
    expect(JSON.stringify(other)).toBe(JSON.stringify(otlp));
  }
});

test('the same spans from several files count once', async () => {
  const { files: _, ...alone } = await report('rabbitmq-baseline.otlp.jsonl');
  const { files, ...together } = await report(
    'rabbitmq-baseline.jaeger.json',
    'rabbitmq-baseline.otlp.jsonl',
    'rabbitmq-baseline.tempo-batches.json',
  );
  expect(files.map((file) => file.spans)).toEqual([281, 281, 281]);
  expect(together).toEqual(alone);
});

test('RabbitMQ: redeliveries, a dead letter and deliveries before the ack', async () => {
  const { hops } = await report('rabbitmq-baseline.otlp.jsonl');
  expect(
    hops.map((hop) => [nameOf(hop), hop.via, hop.deliveries, hop.redeliveries, hop.errors, hop.deadLetter]),
  ).toEqual([
    ['order-service → orders:order.created → email-service', ['emails'], 30, 0, 0, false],
    ['order-service → orders:order.created → payment-service', ['payments'], 36, 6, 7, false],
    ['order-service → orders:order.created → dlq-worker', ['payments.dlq'], 1, 0, 0, true],
    ['payment-service → orders:payment.captured → email-service', ['emails'], 29, 0, 0, false],
  ]);
  expect(hops.map((hop) => hop.deliveredBeforeAck)).toEqual([8, 0, 0, 6]);
  expect(hops.map((hop) => hop.resolution)).toEqual([1, 1, 1, 1]);
});

test('RabbitMQ: the ways of an order end to end, and the waits before second attempts', async () => {
  const { hops, pathways } = await report('rabbitmq-baseline.otlp.jsonl');
  expect(pathways?.map((way) => [way.hops, way.total.n])).toEqual([
    [[0], 30],
    [[1, 3], 29],
    [[1], 7],
    [[2], 1],
  ]);
  // An order is paid for and mailed about no sooner than it was captured.
  expect(pathways?.[1]?.total.p50).toBeGreaterThan(hops[1]?.transit.p50 ?? 0);
  expect(hops[1]?.retryWait?.n).toBe(6);
  expect(hops[1]?.retryWait?.max).toBeLessThan(hops[1]?.transit.max ?? 0);
});

test('Zipkin says why the batches are missing', async () => {
  const { files, coverage } = await report('kafkajs-baseline.zipkin.json');
  expect(files[0]?.problems).toEqual([{ message: expect.stringContaining('no span links') as string, count: 26 }]);
  expect(coverage.reasons).toEqual([{ reason: expect.stringContaining('no span links') as string, count: 26 }]);
});

test('a poll that began before the send delivers at its end', async () => {
  const { hops } = await report('otlp-batch-receive.json');
  expect(hops[0]).toMatchObject({ deliveries: 2, transit: { n: 2, max: 30 }, process: { n: 0, max: null } });
});

test('Encore knows when the broker took the message', async () => {
  const { hops } = await report('encore-sqlite-event_data.json');
  expect(hops[0]).toMatchObject({
    via: ['send-mail'],
    subscription: 'send-mail',
    wait: { n: 1, exact: 1, low: { max: 52 }, high: { max: 52 } },
  });
});

interface Truth {
  readonly svc: string;
  readonly ev: 'publish' | 'consume';
  readonly key?: string;
  readonly topic?: string;
  readonly id: string;
  readonly attempt?: number;
  readonly redelivered?: boolean;
  readonly start: number;
  readonly end: number;
}

function truthOf(name: string): readonly Truth[] {
  return readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Truth);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? Number.NaN;
}

describe('against what the services logged', () => {
  test.each([
    ['rabbitmq-baseline', 'otlp.jsonl'],
    ['kafkajs-baseline', 'otlp-strict.json'],
  ])('%s: deliveries and median transit and process of every hop', async (run, format) => {
    const { hops } = await report(`${run}.${format}`);
    const truth = truthOf(`${run}.truth.jsonl`);
    const channelOf = (each: Truth): string => each.key ?? each.topic ?? '';
    const published = new Map(
      truth.filter((each) => each.ev === 'publish').map((each) => [`${channelOf(each)} ${each.id}`, each]),
    );
    const byRead = new Map<string, { count: number; transit: number[]; process: number[] }>();
    for (const each of truth) {
      if (each.ev !== 'consume') continue;
      const sent = published.get(`${channelOf(each)} ${each.id}`);
      const key = `${channelOf(each)} → ${each.svc}`;
      const samples = byRead.get(key) ?? { count: 0, transit: [], process: [] };
      samples.count++;
      samples.process.push((each.end - each.start) / 1000);
      // Not every service logged what it published.
      if (sent !== undefined) samples.transit.push((each.start - sent.start) / 1000);
      byRead.set(key, samples);
    }
    const readOf = (hop: Hop): string => `${hop.channel.replace('orders:', '')} → ${hop.consumer}`;
    expect(hops.map(readOf).toSorted()).toEqual([...byRead.keys()].toSorted());
    const off: number[] = [];
    for (const hop of hops) {
      const samples = byRead.get(readOf(hop)) ?? { count: 0, transit: [], process: [] };
      expect(hop.deliveries).toBe(samples.count);
      // Starts are whole milliseconds on both sides; a batch consumer's span lasts as long as its batch.
      if (samples.transit.length >= 5) off.push(Math.abs((hop.transit.p50 ?? 0) - median(samples.transit)));
      if (hop.deliveries >= 5 && hop.consumer !== 'fraud')
        off.push(Math.abs((hop.process.p50 ?? 0) - median(samples.process)));
    }
    expect(off.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...off)).toBeLessThanOrEqual(2);
  });
});
