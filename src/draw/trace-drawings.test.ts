// What is drawn of traces: hostile names stay names, figures are no finer than the clock, and documents are whole.
import { describe, expect, test } from 'vitest';
import type { Hop, Stats, TraceReport } from '../core/model/hop.ts';
import type { Pathway, PathwayStep } from '../core/model/pathway.ts';
import type { Timeline } from '../core/model/timeline.ts';
import { perfettoTrace } from './perfetto.ts';
import { sequenceDiagram } from './sequence.ts';
import { traceReportMarkdown } from './trace-report.ts';

const HOSTILE = 'pay"ments;\n  participant evil #quot; <script>alert(1)</script> `|` [x](http://example.org)';

function step(changes: Partial<PathwayStep>): PathwayStep {
  return {
    producer: 'shop',
    channel: 'orders:order.created',
    via: 'payments',
    consumer: 'billing',
    published: 0,
    publish: 1.2,
    delivered: 151,
    process: 20.55,
    attempt: 1,
    error: false,
    deadLetter: false,
    hop: 0,
    ...changes,
  };
}

const way: Pathway = {
  traceId: '1ddd197d3788d69ba62d331817268d0d',
  total: 400.4,
  resolution: 1,
  steps: [
    step({ error: true }),
    step({ delivered: 200, attempt: 2 }),
    step({
      channel: 'orders:order.created',
      via: 'payments.dlq',
      consumer: 'clerk',
      delivered: 320,
      deadLetter: true,
      process: null,
      hop: 1,
    }),
  ],
};

describe('sequence diagram', () => {
  test('publishes once, delivers each attempt, and rounds to the clock', () => {
    expect(sequenceDiagram(way)).toBe(`sequenceDiagram
  participant s0 as shop
  participant c1 as ⧉ orders#58;order.created
  participant s2 as billing
  participant s3 as clerk
  s0-)c1: publish 1 ms
  c1--)s2: payments, after 151 ms
  Note over s2: failed after 21 ms
  c1--)s2: payments, after 200 ms, attempt 2
  Note over s2: process 21 ms
  c1--xs3: payments.dlq, after 320 ms, dead-lettered
`);
  });

  test('a hostile name adds no line and no markup', () => {
    const drawn = sequenceDiagram({
      ...way,
      steps: [step({ producer: HOSTILE, channel: HOSTILE, via: HOSTILE, consumer: HOSTILE })],
    });
    expect(drawn.split('\n')).toHaveLength(7);
    expect(drawn.match(/^ {2}participant/gm)).toHaveLength(2);
    expect(drawn).not.toMatch(/[<>"`|]|\[x\]|http:\/\//);
    expect(drawn.replaceAll(/#\d+;/g, '')).not.toMatch(/[#;]/);
  });

  test('nothing to draw is empty', () => {
    expect(sequenceDiagram(null)).toBe('');
    expect(sequenceDiagram({ ...way, steps: [] })).toBe('');
  });

  test('a long way is cut and says so', () => {
    const drawn = sequenceDiagram({
      ...way,
      steps: Array.from({ length: 150 }, (_, index) => step({ published: index, delivered: index + 1 })),
    });
    expect(drawn).toContain('90 more deliveries');
  });
});

const timeline: Timeline = {
  spans: [
    { service: 'shop', name: 'POST /orders', traceId: '1', spanId: 'a', start: 0, duration: 9000, error: false },
    { service: 'shop', name: 'publish', traceId: '1', spanId: 'b', start: 1000, duration: 2000, error: false },
    { service: 'shop', name: 'overlapping', traceId: '2', spanId: 'c', start: 5000, duration: 9000, error: false },
    { service: HOSTILE, name: 'process', traceId: '1', spanId: 'd', start: 20_000, duration: 4000, error: true },
  ],
  deliveries: [
    { channel: 'orders', producer: 1, consumer: 3, waitFrom: 3000, delivered: 20_000, attempt: 2, deadLetter: false },
  ],
  omitted: 3,
};

interface Event {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id: number;
  readonly name: string;
  readonly args: { readonly name: string };
}

describe('Perfetto', () => {
  const { traceEvents, otherData } = JSON.parse(perfettoTrace(timeline)) as {
    traceEvents: readonly Event[];
    otherData: { omitted: string };
  };
  const of = (phase: string): readonly Event[] => traceEvents.filter(({ ph }) => ph === phase);
  const processName = (pid: number | undefined): string | undefined =>
    of('M').find((event) => event.pid === pid && event.name === 'process_name')?.args.name;

  test('services and channels are processes', () => {
    expect(
      of('M')
        .filter(({ name }) => name === 'process_name')
        .map(({ args }) => args.name),
    ).toEqual(['shop', HOSTILE, '⧉ orders']);
  });

  test('spans that overlap without one within the other lie in different lanes', () => {
    expect(of('X').map(({ name, tid, ts, dur }) => [name, tid, ts, dur])).toEqual([
      ['POST /orders', 1, 0, 9000],
      ['publish', 1, 1000, 2000],
      ['overlapping', 2, 5000, 9000],
      ['process', 1, 20_000, 4000],
    ]);
  });

  test('the wait lies on the channel, an arrow leads from the publish to the work', () => {
    const [begin] = of('b');
    const [end] = of('e');
    expect([processName(begin?.pid), begin?.ts, end?.ts, begin?.id === end?.id]).toEqual([
      '⧉ orders',
      3000,
      20_000,
      true,
    ]);
    expect(begin?.name).toContain('attempt 2');
    const [from] = of('s');
    const [to] = of('f');
    expect([processName(from?.pid), from?.ts, processName(to?.pid), to?.ts, from?.id === to?.id]).toEqual([
      'shop',
      1000,
      HOSTILE,
      20_000,
      true,
    ]);
    expect(otherData.omitted).toContain('3 later spans');
  });
});

function stats(n: number, p50: number): Stats {
  return n < 5
    ? { n, p50: null, p95: null, p99: null, max: n === 0 ? null : p50 }
    : { n, p50, p95: p50 * 2, p99: p50 * 3, max: p50 * 4 };
}

function hop(changes: Partial<Hop>): Hop {
  return {
    producer: 'shop',
    channel: 'orders',
    via: ['payments'],
    subscription: '',
    consumer: 'billing',
    deliveries: 36,
    redeliveries: 6,
    errors: 7,
    deadLetter: false,
    inferred: 0,
    publish: stats(36, 0.937),
    transit: stats(36, 151.2),
    process: stats(36, 20.551),
    wait: { n: 36, exact: 0, low: stats(36, 150.1), high: stats(36, 151.2) },
    resolution: 1,
    deliveredBeforeAck: 2,
    ...changes,
  };
}

const report: TraceReport = {
  files: [{ file: 'run.json', format: 'otlp', spans: 281, problems: [] }],
  traces: 30,
  spans: 281,
  hops: [
    hop({}),
    hop({ consumer: HOSTILE, deliveries: 2, transit: stats(2, 7), process: stats(0, 0), deadLetter: true }),
  ],
  coverage: { deliveries: 38, producerOnly: 1, consumerOnly: 2, reasons: [{ reason: 'sampled out', count: 3 }] },
  drift: { undeclared: ['shop sends to returns'], unseen: [] },
  bottleneck: {
    hop: 0,
    segment: 'wait',
    share: 0.905,
    cause: 'consumer-bound',
    evidence: ['busy for 98 % of the time'],
  },
  comparison: {
    hops: [
      {
        hop: 0,
        segment: 'process',
        before: stats(36, 20.551),
        after: stats(36, 50.889),
        delta: 30.3,
        ci: [28.4, 32],
        verdict: 'slower',
        cause: true,
      },
    ],
    new: ['shop → returns → desk'],
    gone: [],
    coverage: {
      before: { deliveries: 0, producerOnly: 0, consumerOnly: 0, reasons: [] },
      after: { deliveries: 0, producerOnly: 0, consumerOnly: 0, reasons: [] },
    },
    errors: [],
  },
};

describe('report as a document', () => {
  const written = traceReportMarkdown(report, way);

  test('says what the bottleneck is, why, and what could be done', () => {
    expect(written).toMatch(/^# Latency of events: waiting for billing\n/);
    expect(written).toContain('segment *wait*: 91 % of the time');
    expect(written).toContain('- busy for 98 % of the time');
    expect(written).toContain('- [ ] Profile the handler');
    expect(written).toContain(
      '- **slower**: process of shop → orders (payments) → billing: p50 21 ms → 51 ms, 95 % interval 28 ms to 32 ms (the cause)',
    );
    expect(written).toContain('- new: shop → returns → desk');
    expect(written).toContain('Seen but not declared: shop sends to returns.');
    expect(written).toContain('3 messages have only one side');
  });

  test('no figure is finer than the clock', () => {
    expect(written).not.toMatch(/\d\.\d+ ms/);
  });

  test('a hostile name is text: the table keeps its columns, nothing is a link or markup', () => {
    const row = written.split('\n').find((line) => line.startsWith('|') && line.includes('evil'));
    expect(row?.match(/\|/g)?.length).toBe(8);
    expect(written).not.toContain('<script>');
    expect(written).not.toContain('](http');
  });

  test('without a bottleneck and a way it is still a whole document', () => {
    const short = traceReportMarkdown({ ...report, bottleneck: null, comparison: null }, null);
    expect(short.match(/^## /gm)).toEqual(['## ', '## ', '## ']);
    expect(short).not.toContain('```');
  });
});
