// Measured hops → the report that people and machines read. The same spans in any order give the same report.
import type { Coverage, Hop, PathwayReport } from '../model/hop.ts';
import type { Pathway, PathwayStep } from '../model/pathway.ts';
import { failed, hopResolution, sampleOf, type Measured, type MeasuredHop } from './measure.ts';
import { statsOf } from './statistics.ts';

/** A hop's figures over all its attempts. O(n log n). */
export function reportHop(measured: Measured, hop: MeasuredHop): Hop {
  const { table, pairing } = measured;
  const samples = hop.deliveries.map((index) => sampleOf(measured, index));
  const deliveries = hop.deliveries.flatMap((index) => pairing.deliveries[index] ?? []);
  const measuredOnly = (values: readonly number[]): readonly number[] => values.filter((value) => !Number.isNaN(value));
  return {
    producer: hop.producer,
    channel: hop.channel,
    via: hop.via,
    subscription: hop.subscription,
    consumer: hop.consumer,
    ...(hop.system === '' ? {} : { system: hop.system }),
    deliveries: deliveries.length,
    redeliveries: deliveries.filter((delivery) => delivery.attempt > 1).length,
    errors: deliveries.filter((delivery) => failed(measured, delivery.consumer)).length,
    deadLetter: hop.deadLetter,
    inferred: deliveries.filter((delivery) => delivery.inferred).length,
    publish: statsOf(samples.map((sample) => sample.publish)),
    transit: statsOf(samples.map((sample) => sample.transit)),
    process: statsOf(measuredOnly(samples.map((sample) => sample.process))),
    effective: statsOf(measuredOnly(samples.map((sample) => sample.effective))),
    retryWait: statsOf(
      deliveries
        .filter((delivery) => delivery.attempt > 1)
        .map((delivery) => (delivery.delivered - delivery.waitsFrom) / 1000),
    ),
    wait: {
      n: samples.length,
      exact: samples.filter((sample) => sample.exact).length,
      low: statsOf(samples.map((sample) => sample.waitLow)),
      high: statsOf(samples.map((sample) => sample.waitHigh)),
    },
    resolution: hopResolution(measured, hop),
    deliveredBeforeAck: deliveries.filter((delivery) => delivery.delivered < table.endOf(delivery.publish)).length,
  };
}

/** What was paired and what was not, with the reasons, most frequent first. */
export function reportCoverage(measured: Measured): Coverage {
  const { deliveries, halves } = measured.pairing;
  const reasons = new Map<string, number>();
  for (const { reason } of halves) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    deliveries: deliveries.length,
    producerOnly: halves.filter((half) => half.side === 'producer').length,
    consumerOnly: halves.filter((half) => half.side === 'consumer').length,
    reasons: [...reasons]
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}

const MAX_LENGTH = 32;
const MAX_PATHWAYS = 200;

/** End to end per way: from each delivery after which nothing was published, back to the first publish. O(deliveries × length, bounded). */
export function reportPathways(measured: Measured): readonly PathwayReport[] {
  const { table, pairing, flows, hopOf, ends } = measured;
  const goesOn = new Uint8Array(pairing.deliveries.length);
  for (const before of flows.before) if (before >= 0) goesOn[before] = 1;
  const ways = new Map<string, { readonly hops: readonly number[]; readonly totals: number[] }>();
  pairing.deliveries.forEach((last, index) => {
    if (goesOn[index] === 1) return;
    const hops: number[] = [];
    let first = last;
    for (let at = index, steps = 0; at >= 0 && steps < MAX_LENGTH; at = flows.before[at] ?? -1, steps++) {
      hops.unshift(hopOf[at] ?? -1);
      first = pairing.deliveries[at] ?? first;
    }
    const end = Math.max(ends[last.consumer] ?? 0, last.delivered);
    const total = (end - (table.columns.start[first.publish] ?? 0)) / 1000;
    const key = hops.join(' ');
    const way = ways.get(key);
    if (way === undefined) ways.set(key, { hops, totals: [total] });
    else way.totals.push(total);
  });
  return [...ways]
    .toSorted(([a, left], [b, right]) => right.totals.length - left.totals.length || (a < b ? -1 : 1))
    .slice(0, MAX_PATHWAYS)
    .map(([, { hops, totals }]) => ({ hops, total: statsOf(totals) }));
}

/** The flow that passes the most hops, of those the one that took longest; null without deliveries. O(deliveries). */
export function longestPathway(measured: Measured): Pathway | null {
  const { table, pairing, flows, hopOf } = measured;
  if (pairing.deliveries.length === 0) return null;
  const members: number[][] = Array.from({ length: flows.count }, () => []);
  for (let index = 0; index < pairing.deliveries.length; index++) members[flows.of[index] ?? 0]?.push(index);
  let best: {
    readonly hops: number;
    readonly pathway: () => Pathway;
    readonly total: number;
    readonly trace: string;
  } | null = null;
  for (const flow of members) {
    const hops = new Set(flow.map((index) => hopOf[index])).size;
    if (flow.length === 0 || (best !== null && hops < best.hops)) continue;
    const { from, to } = flowSpan(measured, flow);
    const total = (to - from) / 1000;
    if (best !== null && hops === best.hops && total < best.total) continue;
    const first = pairing.deliveries[flow[0] ?? 0];
    const trace = table.traces.of(table.columns.trace[first?.publish ?? 0] ?? 0);
    const better = best === null || hops > best.hops || total > best.total || trace < best.trace;
    if (better) best = { hops, total, trace, pathway: () => drawn(measured, flow, from, total, trace) };
  }
  return best?.pathway() ?? null;
}

/** From the first publish to the end of the last work, microseconds since the epoch. */
export function flowSpan(measured: Measured, flow: readonly number[]): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const index of flow) {
    const delivery = measured.pairing.deliveries[index];
    if (delivery === undefined) continue;
    from = Math.min(from, measured.table.columns.start[delivery.publish] ?? 0);
    to = Math.max(to, measured.ends[delivery.consumer] ?? 0, delivery.delivered);
  }
  return { from, to };
}

const MAX_STEPS = 200;

function drawn(measured: Measured, flow: readonly number[], from: number, total: number, trace: string): Pathway {
  const { table, pairing, hops, hopOf } = measured;
  let resolution = 0.001;
  const steps = flow.flatMap((index): readonly { readonly id: string; readonly step: PathwayStep }[] => {
    const delivery = pairing.deliveries[index];
    const number = hopOf[index] ?? -1;
    const hop = hops[number];
    if (delivery === undefined || hop === undefined) return [];
    const sample = sampleOf(measured, index);
    resolution = Math.max(resolution, hopResolution(measured, hop));
    return [
      {
        id: table.idOf(delivery.consumer) + table.idOf(delivery.publish),
        step: {
          producer: hop.producer,
          channel: hop.channel,
          via: hop.via[0] ?? '',
          consumer: hop.consumer,
          published: ((table.columns.start[delivery.publish] ?? 0) - from) / 1000,
          publish: sample.publish,
          delivered: (delivery.delivered - from) / 1000,
          process: Number.isNaN(sample.process) ? null : sample.process,
          attempt: delivery.attempt,
          error: failed(measured, delivery.consumer),
          deadLetter: hop.deadLetter,
          hop: number,
        },
      },
    ];
  });
  const ordered = steps
    .toSorted((a, b) => a.step.delivered - b.step.delivered || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_STEPS);
  return { traceId: trace, total, resolution, steps: ordered.map(({ step }) => step) };
}
