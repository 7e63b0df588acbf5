// `eventscape trace` on recorded runs whose deliveries the applications logged themselves.
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventscape, inScratch, root } from './run.ts';

const samples = join(root, 'test/data/traces');
const shop = join(root, 'examples/orders');

interface TraceJson {
  readonly files: readonly { readonly file: string; readonly format: string }[];
  readonly spans: number;
  readonly hops: readonly {
    readonly producer: string;
    readonly channel: string;
    readonly via: readonly string[];
    readonly consumer: string;
    readonly deliveries: number;
    readonly redeliveries: number;
    readonly deadLetter: boolean;
  }[];
}

async function trace(...args: readonly string[]): Promise<TraceJson> {
  const ran = await eventscape(['trace', ...args, '--format', 'json']);
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout) as TraceJson;
}

test('the RabbitMQ run has four hops and ninety-six deliveries, in OTLP and in Jaeger alike', async () => {
  const otlp = await trace(join(samples, 'rabbitmq-baseline.otlp.jsonl'));
  expect(otlp.hops).toHaveLength(4);
  expect(otlp.hops.reduce((sum, hop) => sum + hop.deliveries, 0)).toBe(96);
  const payments = otlp.hops.find((hop) => hop.consumer === 'payment-service');
  expect(payments).toMatchObject({ producer: 'order-service', deliveries: 36, redeliveries: 6, deadLetter: false });
  expect(otlp.hops.filter((hop) => hop.deadLetter).map((hop) => hop.consumer)).toEqual(['dlq-worker']);
  const jaeger = await trace(join(samples, 'rabbitmq-baseline.jaeger.json'));
  expect(jaeger.files[0]?.format).toBe('jaeger');
  expect({ ...jaeger, files: [] }).toEqual({ ...otlp, files: [] });
});

test('against the declared shop every hop has its channel, and nothing is undeclared', async () => {
  const ran = await eventscape([
    'trace',
    join(shop, 'traces/checkout.otlp.jsonl'),
    '--workspace',
    shop,
    '--format',
    'json',
  ]);
  const report = JSON.parse(ran.stdout) as TraceJson & {
    readonly drift: { readonly undeclared: readonly string[]; readonly unseen: readonly string[] };
  };
  expect(report.drift.undeclared).toEqual([]);
  expect(report.drift.unseen.join(' ')).toContain('cart-changed');
  expect(report.drift.unseen.join(' ')).not.toContain('order.created');
});

test('fifty megabytes of spans import', () =>
  inScratch(async (folder) => {
    const lines = (await readFile(join(samples, 'rabbitmq-baseline.otlp.jsonl'), 'utf8')).trim().split('\n');
    const file = join(folder, 'long.otlp.jsonl');
    const out = createWriteStream(file);
    const digits = '0123456789abcdef';
    let copies = 0;
    for (let bytes = 0; bytes < 50 * 1024 * 1024; copies++) {
      // Every copy is a run of its own: the first digits of each id are replaced by the copy's number.
      const mark = [copies >> 8, (copies >> 4) & 15, copies & 15].map((digit) => digits[digit & 15]).join('');
      const text = `${lines.join('\n').replaceAll(/("(?:traceId|spanId|parentSpanId)":")[0-9a-f]{3}/g, `$1${mark}`)}\n`;
      bytes += text.length;
      if (!out.write(text)) await once(out, 'drain');
    }
    out.end();
    await once(out, 'finish');
    const report = await trace(file);
    expect(report.spans).toBe(281 * copies);
    expect(report.hops.reduce((sum, hop) => sum + hop.deliveries, 0)).toBeGreaterThanOrEqual(95 * copies);
  }));

test('a sequence diagram is mermaid', async () => {
  const ran = await eventscape(['trace', join(samples, 'rabbitmq-baseline.otlp.jsonl'), '--format', 'mermaid']);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^(?:%%.*\n|---[\s\S]*?---\n)*sequenceDiagram\n/);
  expect(ran.stdout).toContain('payment-service');
});

test('a truncated trace keeps what is whole, and says so', () =>
  inScratch(async (folder) => {
    const text = await readFile(join(samples, 'rabbitmq-baseline.jaeger.json'), 'utf8');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(folder, 'half.json'), text.slice(0, text.length / 2));
    const ran = await eventscape(['trace', join(folder, 'half.json'), '--format', 'json']);
    expect(ran.code).toBe(2);
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain('half.json');
    expect((JSON.parse(ran.stdout) as TraceJson).spans).toBeGreaterThan(50);
  }));

interface Comparison {
  readonly comparison: {
    readonly hops: readonly {
      readonly hop: number;
      readonly segment: string;
      readonly verdict: string;
      readonly cause: boolean;
    }[];
  };
}

test('a slower payment service is found, and nothing else; reversed it is faster', async () => {
  const before = join(samples, 'rabbitmq-baseline.otlp.jsonl');
  const after = join(samples, 'rabbitmq-regressed.otlp.jsonl');
  const verdicts = async (
    file: string,
    earlier: string,
  ): Promise<{ readonly code: number; readonly said: readonly string[] }> => {
    const ran = await eventscape(['trace', file, '--compare', earlier, '--format', 'json']);
    const report = JSON.parse(ran.stdout) as TraceJson & Comparison;
    const said = report.comparison.hops
      .filter((hop) => hop.verdict === 'slower' || hop.verdict === 'faster')
      .map(
        (hop) => `${report.hops[hop.hop]?.consumer ?? ''} ${hop.segment} ${hop.verdict}${hop.cause ? ' cause' : ''}`,
      );
    return { code: ran.code, said: said.toSorted() };
  };
  expect(await verdicts(after, before)).toEqual({
    code: 1,
    said: ['payment-service process slower cause', 'payment-service transit slower'],
  });
  expect(await verdicts(before, after)).toMatchObject({
    code: 0,
    said: [expect.stringContaining('process faster'), expect.stringContaining('transit faster')],
  });
  expect(await verdicts(before, before)).toEqual({ code: 0, said: [] });
});

test('a budget that a hop exceeds fails', async () => {
  const file = join(samples, 'rabbitmq-baseline.otlp.jsonl');
  expect((await eventscape(['trace', file, '--budget', '10'])).code).toBe(1);
  expect((await eventscape(['trace', file, '--budget', '10000'])).code).toBe(0);
});

test('a write-up and a Perfetto trace', async () => {
  const file = join(samples, 'rabbitmq-regressed.otlp.jsonl');
  const markdown = await eventscape(['trace', file, '--format', 'markdown']);
  expect(markdown.stdout).toMatch(/^# Latency of events: /);
  expect(markdown.stdout).toContain('## The bottleneck');
  const perfetto = JSON.parse((await eventscape(['trace', file, '--format', 'perfetto'])).stdout) as {
    readonly traceEvents: readonly { readonly ph: string }[];
  };
  expect(perfetto.traceEvents.filter((event) => event.ph === 'X').length).toBeGreaterThanOrEqual(281);
});
