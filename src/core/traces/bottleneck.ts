// Measured hops → the one segment that takes the largest share of the time from first publish to last work, why it does, and the figures that say so.
import type { Bottleneck } from '../model/hop.ts';
import { sampleOf, type Measured, type MeasuredHop } from './measure.ts';
import { flowSpan } from './report.ts';
import { nearestRank, statsOf } from './statistics.ts';

const MIN_DELIVERIES = 5;
/** The consumer counts as the reason when it was fully busy for this share of the time that messages waited. */
const BUSY = 0.9;
const MOSTLY = 0.5;

type Segment = Bottleneck['segment'];

interface Interval {
  readonly from: number;
  readonly to: number;
}

interface Candidate {
  readonly hop: number;
  readonly segment: Segment;
  readonly share: number;
  readonly p95: number;
}

/** The bottleneck, or null where no hop has enough deliveries. O(n log n). */
export function findBottleneck(measured: Measured): Bottleneck | null {
  const flows = flowLengths(measured);
  const candidates: Candidate[] = measured.hops.flatMap((hop, index) =>
    hop.deliveries.length < MIN_DELIVERIES ? [] : candidatesOf(measured, hop, index, flows),
  );
  const worst = candidates.toSorted((a, b) => b.share - a.share || b.p95 - a.p95 || a.hop - b.hop)[0];
  const hop = measured.hops[worst?.hop ?? -1];
  if (worst === undefined || hop === undefined || worst.share <= 0) return null;
  const { cause, evidence } = explain(measured, hop, worst.segment);
  const share = Math.round(worst.share * 1000) / 1000;
  return { hop: worst.hop, segment: worst.segment, share, cause, evidence };
}

/** Per flow the time from its first publish to the end of its last work, µs. */
function flowLengths(measured: Measured): Float64Array {
  const { flows, pairing } = measured;
  const members: number[][] = Array.from({ length: flows.count }, () => []);
  for (let index = 0; index < pairing.deliveries.length; index++) members[flows.of[index] ?? 0]?.push(index);
  return Float64Array.from(members, (flow) => {
    const { from, to } = flowSpan(measured, flow);
    return Math.max(0, to - from);
  });
}

function candidatesOf(measured: Measured, hop: MeasuredHop, index: number, flows: Float64Array): readonly Candidate[] {
  const byFlow = new Map<number, number[]>();
  for (const delivery of hop.deliveries) {
    const flow = measured.flows.of[delivery] ?? 0;
    const list = byFlow.get(flow);
    if (list === undefined) byFlow.set(flow, [delivery]);
    else list.push(delivery);
  }
  let whole = 0;
  for (const flow of byFlow.keys()) whole += flows[flow] ?? 0;
  if (whole <= 0) return [];
  return (['publish', 'wait', 'process'] as const).map((segment) => {
    let time = 0;
    for (const deliveries of byFlow.values())
      time += unionLength(deliveries.flatMap((each) => intervalOf(measured, each, segment) ?? []));
    const values = hop.deliveries
      .map((each) => intervalOf(measured, each, segment))
      .map((each) => (each === null ? 0 : each.to - each.from));
    const p95 = nearestRank(
      values.toSorted((a, b) => a - b),
      0.95,
    );
    return { hop: index, segment, share: Math.min(1, time / whole), p95 };
  });
}

/** When a segment of a delivery began and ended, µs; null where it is not measured. */
function intervalOf(measured: Measured, index: number, segment: Segment): Interval | null {
  const { table, pairing } = measured;
  const delivery = pairing.deliveries[index];
  if (delivery === undefined) return null;
  const published = table.columns.start[delivery.publish] ?? 0;
  const acked = table.endOf(delivery.publish);
  switch (segment) {
    case 'publish':
      return { from: published, to: acked };
    case 'wait': {
      const from = delivery.attempt > 1 ? delivery.waitsFrom : Math.min(acked, delivery.delivered);
      return { from, to: Math.max(from, delivery.delivered) };
    }
    case 'process': {
      const { process } = sampleOf(measured, index);
      return Number.isNaN(process) ? null : { from: delivery.delivered, to: delivery.delivered + process * 1000 };
    }
    default:
      return segment satisfies never;
  }
}

function unionLength(intervals: readonly Interval[]): number {
  let length = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    if (to <= end) continue;
    length += to - Math.max(from, end);
    end = to;
  }
  return length;
}

function explain(
  measured: Measured,
  hop: MeasuredHop,
  segment: Segment,
): { readonly cause: Bottleneck['cause']; readonly evidence: readonly string[] } {
  const samples = hop.deliveries.map((index) => sampleOf(measured, index));
  const process = statsOf(samples.flatMap((sample) => (Number.isNaN(sample.process) ? [] : [sample.process])));
  const transit = statsOf(samples.map((sample) => sample.transit));
  const publish = statsOf(samples.map((sample) => sample.publish));
  const n = `n ${hop.deliveries.length}`;
  if (segment === 'publish') {
    return {
      cause: 'producer-bound',
      evidence: [
        `publishing takes p50 ${ms(publish.p50)}, p95 ${ms(publish.p95)} (${n}); the whole transit p50 ${ms(transit.p50)}`,
      ],
    };
  }
  const consumer = consumerLoad(measured, hop);
  if (segment === 'process') {
    return {
      cause: 'consumer-bound',
      evidence: [
        `the work takes p50 ${ms(process.p50)}, p95 ${ms(process.p95)} (${n}), the transit before it p50 ${ms(transit.p50)}`,
        ...utilisation(consumer),
      ],
    };
  }
  const evidence = [
    `messages wait up to p50 ${ms(transit.p50)}, p95 ${ms(transit.p95)} for work of p50 ${ms(process.p50)} (${n})`,
  ];
  const waits = hop.deliveries.flatMap((index) => {
    const interval = intervalOf(measured, index, 'wait');
    return interval === null ? [] : [{ ...interval, retry: (measured.pairing.deliveries[index]?.attempt ?? 1) > 1 }];
  });
  const total = waits.reduce((sum, wait) => sum + wait.to - wait.from, 0);
  const retried = waits.reduce((sum, wait) => sum + (wait.retry ? wait.to - wait.from : 0), 0);
  if (total <= 0) return { cause: 'unknown', evidence };
  if (retried / total > MOSTLY) {
    return {
      cause: 'retry-bound',
      evidence: [...evidence, `${percent(retried / total)} of the waiting is before second and later attempts`],
    };
  }
  if (consumer === null)
    return { cause: 'unknown', evidence: [...evidence, 'the consumer’s spans do not measure its work'] };
  const busy = waits.reduce((sum, wait) => sum + consumer.busyWithin(wait.from, wait.to), 0) / total;
  evidence.push(
    `while messages waited, the consumer was fully busy (${consumer.concurrency} at a time) for ${percent(busy)} of the time`,
  );
  if (busy >= BUSY) return { cause: 'consumer-bound', evidence: [...evidence, ...utilisation(consumer)] };
  return { cause: busy < MOSTLY ? 'poll-or-broker-bound' : 'unknown', evidence };
}

interface Load {
  /** Pieces of work that the consumer did at the same time when it was busiest. */
  readonly concurrency: number;
  /** Arrivals per second, over the time in which messages arrived. */
  readonly rate: number;
  /** Mean length of a piece of work, ms. */
  readonly mean: number;
  /** µs within an interval in which the consumer was at its concurrency. */
  readonly busyWithin: (from: number, to: number) => number;
}

/** How busy the consumer of a hop's queue was, over all hops that it reads from that queue. */
function consumerLoad(measured: Measured, hop: MeasuredHop): Load | null {
  const queue = hop.via[0] ?? hop.channel;
  const work = new Map<number, Interval>();
  const arrivals: number[] = [];
  for (const other of measured.hops) {
    if (other.consumer !== hop.consumer || (other.via[0] ?? other.channel) !== queue) continue;
    for (const index of other.deliveries) {
      const delivery = measured.pairing.deliveries[index];
      const interval = intervalOf(measured, index, 'process');
      if (delivery === undefined || interval === null) continue;
      work.set(delivery.consumer, interval);
      arrivals.push(delivery.waitsFrom);
    }
  }
  if (work.size < MIN_DELIVERIES) return null;
  const edges = [...work.values()].flatMap(({ from, to }) => [
    { at: from, step: 1 },
    { at: to, step: -1 },
  ]);
  edges.sort((a, b) => a.at - b.at || a.step - b.step);
  const concurrency = usualPeak(edges);
  const times: number[] = [];
  const sums: number[] = [];
  let level = 0;
  let sum = 0;
  let last = edges[0]?.at ?? 0;
  for (const { at, step } of edges) {
    // A consumer takes its next message a moment after the last: gaps of a millisecond are not idleness.
    const gap = at - last;
    if (level >= concurrency || gap <= 1000) sum += gap;
    times.push(at);
    sums.push(sum);
    last = at;
    level += step;
  }
  const until = (at: number): number => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const before = sums[low - 1] ?? 0;
    const after = sums[low];
    if (low === 0 || after === undefined) return before;
    const [t0 = 0, t1 = 0] = [times[low - 1], times[low]];
    return t1 === t0 ? before : before + ((after - before) * (at - t0)) / (t1 - t0);
  };
  arrivals.sort((a, b) => a - b);
  const window = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1e6;
  const total = [...work.values()].reduce((all, { from, to }) => all + to - from, 0);
  return {
    concurrency,
    rate: window > 0 ? (arrivals.length - 1) / window : 0,
    mean: total / work.size / 1000,
    busyWithin: (from, to) => Math.max(0, until(to) - until(from)),
  };
}

/** The highest level that is held for a twentieth of the busy time or longer. */
function usualPeak(edges: readonly { readonly at: number; readonly step: number }[]): number {
  const held = new Map<number, number>();
  let level = 0;
  let last = edges[0]?.at ?? 0;
  let busy = 0;
  for (const { at, step } of edges) {
    if (level > 0) {
      held.set(level, (held.get(level) ?? 0) + at - last);
      busy += at - last;
    }
    last = at;
    level += step;
  }
  let above = 0;
  for (const [each, time] of [...held].toSorted(([a], [b]) => b - a)) {
    above += time;
    if (above >= busy / 20) return each;
  }
  return 1;
}

/** How full that keeps the consumer, and what would keep the queue short, with what is assumed. */
function utilisation(load: Load | null): readonly string[] {
  if (load === null || load.rate <= 0) return [];
  const offered = (load.rate * load.mean) / 1000;
  const needed = Math.max(1, Math.ceil(offered / 0.7));
  const first = `${load.rate.toPrecision(2)} messages a second at ${ms(load.mean)} each keep ${load.concurrency} at a time ${percent(offered / load.concurrency)} busy`;
  if (needed <= load.concurrency) return [first];
  return [
    first,
    `about ${needed} at a time would keep the queue near empty (estimate: the same rate and length of work, at most 70 % busy)`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function ms(value: number | null): string {
  if (value === null) return 'unknown';
  return value >= 10 ? `${Math.round(value)} ms` : `${Math.round(value * 10) / 10} ms`;
}
