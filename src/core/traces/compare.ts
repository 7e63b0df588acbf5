// Two sets of traces → what got slower or faster, per hop and segment. Repeats of one system shall stay silent: a change counts only if it is proven
// against the way neighbouring values depend on each other, among all the segments that were looked at, and large enough to matter.
import type { HopComparison, Segment, TraceComparison } from '../model/hop.ts';
import { failed, sampleOf, type Measured, type MeasuredHop } from './measure.ts';
import { logGamma, medianShift, type MedianShift } from './median-shift.ts';
import { seeded, seedOf } from './random.ts';
import { reportCoverage } from './report.ts';
import { statsOf } from './statistics.ts';

/** Share of false discoveries among all segments that are called changed (Benjamini–Hochberg). */
const FALSE_DISCOVERIES = 0.05;
/** No single change counts above this, however few segments there are. */
const MAX_P = 0.003;
const MAX_ERROR_P = 0.01;
const MIN_EFFECTIVE = 20;
const MIN_SHIFT_MS = 2;
const MIN_SHIFT_SHARE = 0.1;
const SEGMENTS: readonly Segment[] = ['publish', 'transit', 'process'];

interface Judged {
  readonly hop: number;
  readonly queue: string;
  readonly segment: Segment;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly shift: MedianShift | null;
  verdict: HopComparison['verdict'];
  /** Judged by what its consumer's work did. */
  follows: boolean;
}

/** `before` and `after` are whole imports; hop numbers are those of `after`. */
export function compareTraces(before: Measured, after: Measured): TraceComparison {
  const oldHops = new Map(before.hops.map((hop) => [hopKey(hop), hop]));
  const newKeys = new Set(after.hops.map(hopKey));
  const judged: Judged[] = [];
  const errors: TraceComparison['errors'][number][] = [];
  after.hops.forEach((hop, index) => {
    const old = oldHops.get(hopKey(hop));
    if (old === undefined) return;
    for (const segment of SEGMENTS)
      judged.push(judge(hop, index, segment, series(before, old, segment), series(after, hop, segment)));
    const change = errorChange(before, old, after, hop);
    if (change !== null) errors.push({ hop: index, ...change });
  });
  decide(judged);
  return {
    hops: judged.map((each) => ({
      hop: each.hop,
      segment: each.segment,
      before: statsOf(each.before),
      after: statsOf(each.after),
      delta: each.shift?.delta ?? null,
      ci: (each.follows ? each.shift?.drawn : each.shift?.ci) ?? null,
      verdict: each.verdict,
      cause: isCause(each, judged),
    })),
    new: after.hops.filter((hop) => !oldHops.has(hopKey(hop))).map(hopName),
    gone: before.hops.filter((hop) => !newKeys.has(hopKey(hop))).map(hopName),
    coverage: { before: reportCoverage(before), after: reportCoverage(after) },
    errors,
  };
}

function hopKey(hop: MeasuredHop): string {
  return JSON.stringify([hop.producer, hop.channel, hop.via, hop.subscription, hop.consumer, hop.deadLetter]);
}

function hopName(hop: MeasuredHop): string {
  const via = hop.via.length === 0 ? '' : ` (${hop.via.join(', ')})`;
  return `${hop.producer} → ${hop.channel}${via} → ${hop.consumer}`;
}

/** What a consumer reads from: hops that share it wait for each other. */
function queueOf(hop: MeasuredHop): string {
  return JSON.stringify([hop.consumer, hop.via[0] ?? hop.channel]);
}

/** The values of a segment in the order they were measured; what several deliveries share (a publish, a batch's span) counts once. */
function series(measured: Measured, hop: MeasuredHop, segment: Segment): readonly number[] {
  const { table, pairing } = measured;
  const rows = hop.deliveries.flatMap((index) => {
    const delivery = pairing.deliveries[index];
    if (delivery === undefined) return [];
    const sample = sampleOf(measured, index);
    const own = segment === 'process' ? delivery.consumer : delivery.publish;
    const value = segment === 'publish' ? sample.publish : segment === 'transit' ? sample.transit : sample.process;
    const key = segment === 'transit' ? -1 - index : own;
    return Number.isNaN(value) ? [] : [{ key, at: table.columns.start[own] ?? 0, value, id: table.idOf(own) }];
  });
  const once = [...new Map(rows.map((row) => [row.key, row])).values()];
  return once
    .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.value - b.value))
    .map((row) => row.value);
}

function judge(
  hop: MeasuredHop,
  index: number,
  segment: Segment,
  before: readonly number[],
  after: readonly number[],
): Judged {
  const enough = Math.min(before.length, after.length) >= MIN_EFFECTIVE;
  const shift = enough ? medianShift(before, after, seeded(seedOf(`${hopKey(hop)}${segment}`))) : null;
  return {
    hop: index,
    queue: queueOf(hop),
    segment,
    before,
    after,
    shift,
    verdict: enough ? 'same' : 'too-few',
    follows: false,
  };
}

/** Sets the verdicts. */
function decide(judged: readonly Judged[]): void {
  const tested = judged.filter((each) => each.shift !== null && each.shift.effective >= MIN_EFFECTIVE);
  // A shift that would not matter needs no proof; one that would cannot be told from chance by so few independent values.
  for (const each of judged)
    if (each.shift !== null && each.shift.effective < MIN_EFFECTIVE && isLarge(each)) each.verdict = 'too-few';
  const limit = Math.min(MAX_P, discoveryLimit(tested.flatMap((each) => each.shift?.p ?? [])));
  for (const each of tested) if ((each.shift?.p ?? 1) <= limit && matters(each)) each.verdict = direction(each);
  // A queue's waits depend on each other so much that they prove little by themselves. They need not: where the work of the queue's own consumer is
  // proven to have changed, a wait that moved the same way is what follows from it.
  const causes = new Map<string, HopComparison['verdict']>();
  for (const each of tested)
    if (each.segment === 'process' && each.verdict !== 'same') causes.set(each.queue, each.verdict);
  for (const each of judged) {
    if (each.segment !== 'transit' || each.verdict !== 'too-few' || each.shift === null) continue;
    const follows = causes.get(each.queue);
    if (follows !== undefined && direction(each) === follows && excludesZero(each.shift.drawn)) {
      each.verdict = follows;
      each.follows = true;
    }
  }
}

/** The largest p that may still count as a discovery; 0: none. */
function discoveryLimit(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  let limit = 0;
  sorted.forEach((p, index) => {
    if (p <= (FALSE_DISCOVERIES * (index + 1)) / sorted.length) limit = p;
  });
  return limit;
}

/** Large enough to matter, and not within what chance makes of it. */
function matters(each: Judged): boolean {
  return each.shift !== null && isLarge(each) && excludesZero(each.shift.ci);
}

function isLarge(each: Judged): boolean {
  const floor = Math.max(MIN_SHIFT_MS, MIN_SHIFT_SHARE * Math.abs(statsOf(each.before).p50 ?? 0));
  return Math.abs(each.shift?.delta ?? 0) > floor;
}

function excludesZero(interval: readonly [number, number]): boolean {
  return interval[0] > 0 || interval[1] < 0;
}

function direction(each: Judged): 'slower' | 'faster' {
  return (each.shift?.delta ?? 0) > 0 ? 'slower' : 'faster';
}

/** Slower or faster work explains the waits at the same consumer; a change without one stands for itself. */
function isCause(each: Judged, all: readonly Judged[]): boolean {
  if (each.verdict !== 'slower' && each.verdict !== 'faster') return false;
  const together = all.filter((other) => other.queue === each.queue && other.verdict === each.verdict);
  return each.segment === 'process' || !together.some((other) => other.segment === 'process');
}

/** Error rates that differ beyond chance (Fisher's exact test, two-sided). */
function errorChange(
  before: Measured,
  old: MeasuredHop,
  after: Measured,
  hop: MeasuredHop,
): { readonly before: number; readonly after: number; readonly p: number } | null {
  const count = (measured: Measured, each: MeasuredHop): number =>
    each.deliveries.filter((index) => failed(measured, measured.pairing.deliveries[index]?.consumer ?? -1)).length;
  const [oldErrors, newErrors] = [count(before, old), count(after, hop)];
  const p = fisher(oldErrors, old.deliveries.length, newErrors, hop.deliveries.length);
  if (p >= MAX_ERROR_P) return null;
  return { before: oldErrors / old.deliveries.length, after: newErrors / hop.deliveries.length, p };
}

/** Two-sided probability of a split at least as unlikely, given the totals. O(errors). */
export function fisher(a: number, n: number, b: number, m: number): number {
  const total = a + b;
  const choose = (k: number, of: number): number => logGamma(of + 1) - logGamma(k + 1) - logGamma(of - k + 1);
  const chance = (k: number): number => Math.exp(choose(k, n) + choose(total - k, m) - choose(total, n + m));
  const seen = chance(a);
  let p = 0;
  for (let k = Math.max(0, total - m); k <= Math.min(n, total); k++) {
    const each = chance(k);
    if (each <= seen * (1 + 1e-7)) p += each;
  }
  return Math.min(1, p);
}
