// Measured time on the drawing: publish on sends edges, transit and wait on channels, process on receives edges. Several hops on one line are not merged
// (percentiles cannot be): the slowest one speaks for the line, and the details list them all.
import type { Hop, HopComparison, Stats, TraceReport } from '../core/model/hop.ts';
import type { DrawEdge, DrawGraph } from './graph.ts';

export interface PlacedHops {
  readonly report: TraceReport;
  /** Hop indices by topology edge id. */
  readonly hopsByEdge: Readonly<Record<string, readonly number[]>>;
}

export interface Timing {
  readonly segment: 'publish' | 'transit' | 'process';
  /** The hop that speaks, as an index. */
  readonly hop: number;
  readonly hops: readonly number[];
  readonly stats: Stats;
  /** Milliseconds: coarsest clock involved. */
  readonly resolution: number;
  /** 0 (fastest on the map) to 4 (slowest); null where there are too few deliveries for a p95. */
  readonly heat: 0 | 1 | 2 | 3 | 4 | null;
  readonly bottleneck: boolean;
  /** Against the files of before; null: not compared, or no change. */
  readonly trend: 'slower' | 'faster' | null;
  /** "12 / 80 ms". */
  readonly label: string;
  /** "n 96". */
  readonly count: string;
}

/** Timings by drawn edge id (sends, receives) and channel node id. Folded groups carry none. */
export function timings(graph: DrawGraph, placed: PlacedHops | null): ReadonlyMap<string, Timing> {
  const result = new Map<string, Timing>();
  if (placed === null) return result;
  const { report } = placed;
  const found: { id: string; segment: Timing['segment']; hops: readonly number[] }[] = [];
  const byChannel = new Map<string, Set<number>>();
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  for (const edge of graph.edges) {
    const hops = hopsOf(edge, placed);
    if (hops.length === 0) continue;
    if (edge.kind === 'sends' && kinds.get(edge.from) === 'service')
      found.push({ id: edge.id, segment: 'publish', hops });
    if (edge.kind === 'receives' && kinds.get(edge.to) === 'service') {
      found.push({ id: edge.id, segment: 'process', hops });
      if (kinds.get(edge.from) !== 'channel') continue;
      const all = byChannel.get(edge.from) ?? new Set();
      for (const hop of hops) all.add(hop);
      byChannel.set(edge.from, all);
    }
  }
  for (const [id, hops] of byChannel)
    found.push({ id, segment: 'transit', hops: Array.from(hops).toSorted((a, b) => a - b) });

  const scale = found
    .flatMap(({ segment, hops }) => hops.flatMap((hop) => statsOf(report, hop, segment)?.p95 ?? []))
    .filter((value) => value > 0);
  const low = Math.min(...scale);
  const high = Math.max(...scale);
  for (const { id, segment, hops } of found) {
    const hop = slowest(report, hops, segment);
    const stats = hop === null ? null : statsOf(report, hop, segment);
    if (hop === null || stats === null) continue;
    const { resolution } = report.hops[hop] ?? { resolution: 0 };
    result.set(id, {
      segment,
      hop,
      hops,
      stats,
      resolution,
      heat: stats.p95 === null ? null : heat(stats.p95, low, high),
      bottleneck:
        report.bottleneck !== null &&
        hops.includes(report.bottleneck.hop) &&
        SEGMENT_OF[report.bottleneck.segment] === segment,
      trend: trend(report.comparison?.hops ?? [], hops, segment),
      label: statsLabel(stats, resolution),
      count: `n ${stats.n}`,
    });
  }
  return result;
}

const SEGMENT_OF = { publish: 'publish', wait: 'transit', process: 'process' } as const;

function hopsOf(edge: DrawEdge, placed: PlacedHops): readonly number[] {
  const all = new Set<number>();
  for (const id of edge.stands) {
    if (!Object.hasOwn(placed.hopsByEdge, id)) continue;
    for (const hop of placed.hopsByEdge[id] ?? []) if (placed.report.hops[hop]) all.add(hop);
  }
  return Array.from(all).toSorted((a, b) => a - b);
}

function statsOf(report: TraceReport, index: number, segment: Timing['segment']): Stats | null {
  const hop: Hop | undefined = report.hops[index];
  const stats = hop?.[segment];
  return stats && stats.n > 0 ? stats : null;
}

/** Highest p95; where none has one, the most deliveries. */
function slowest(report: TraceReport, hops: readonly number[], segment: Timing['segment']): number | null {
  let best: { hop: number; p95: number; n: number } | null = null;
  for (const hop of hops) {
    const stats = statsOf(report, hop, segment);
    if (!stats) continue;
    const p95 = stats.p95 ?? -Infinity;
    if (best === null || p95 > best.p95 || (p95 === best.p95 && stats.n > best.n)) best = { hop, p95, n: stats.n };
  }
  return best?.hop ?? null;
}

function trend(
  compared: readonly HopComparison[],
  hops: readonly number[],
  segment: Timing['segment'],
): Timing['trend'] {
  const own = compared.filter((each) => each.segment === segment && hops.includes(each.hop));
  if (own.some((each) => each.verdict === 'slower')) return 'slower';
  return own.some((each) => each.verdict === 'faster') ? 'faster' : null;
}

/** Five steps over the logarithm between the fastest and the slowest p95 on the map; all alike (within a factor of 1.5) is calm. */
function heat(p95: number, low: number, high: number): 0 | 1 | 2 | 3 | 4 {
  if (p95 <= 0 || high / low < 1.5) return 0;
  const share = Math.log(p95 / low) / Math.log(high / low);
  return HEATS[Math.min(4, Math.floor(share * 5))] ?? 0;
}

const HEATS = [0, 1, 2, 3, 4] as const;

/** "12 / 80 ms" (p50 / p95); "too few" under five; one unit for both. */
export function statsLabel(stats: Stats, resolution: number): string {
  if (stats.p50 === null || stats.p95 === null) return stats.n > 0 ? 'too few' : '';
  const unit = unitFor(Math.max(Math.abs(stats.p50), Math.abs(stats.p95)));
  return `${figure(stats.p50, unit, resolution)} / ${figure(stats.p95, unit, resolution)} ${unit.name}`;
}

/** One duration in milliseconds as people write it, not finer than `resolution` (milliseconds). "–" for null. */
export function duration(milliseconds: number | null, resolution: number): string {
  if (milliseconds === null) return '–';
  const unit = unitFor(Math.abs(milliseconds));
  return `${figure(milliseconds, unit, resolution)} ${unit.name}`;
}

interface Unit {
  readonly name: string;
  readonly size: number;
}

function unitFor(milliseconds: number): Unit {
  if (milliseconds < 1000) return { name: 'ms', size: 1 };
  return milliseconds < 60_000 ? { name: 's', size: 1000 } : { name: 'min', size: 60_000 };
}

/** Three significant digits at most. */
function figure(milliseconds: number, unit: Unit, resolution: number): string {
  const step = resolution / unit.size;
  const value = milliseconds / unit.size;
  const size = Math.abs(value);
  let digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  while (digits > 0 && 10 ** -digits < step * 0.999) digits--;
  const text = value.toFixed(digits);
  return (digits > 0 ? text.replace(/\.?0+$/, '') : text).replace('-', '−');
}
