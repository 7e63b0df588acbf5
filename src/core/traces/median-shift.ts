// Whether the median of a measured series moved between two runs. Values of one run depend on each other (a wait in a queue is much like the wait
// before it), so blocks of neighbours are drawn, not single values, and a series is worth only as many values as are independent in it.
import { nearestRank } from './statistics.ts';

export interface MedianShift {
  /** Median after − median before. */
  readonly delta: number;
  /** 95 % interval of `delta`, from the block bootstrap, widened for few independent values. */
  readonly ci: readonly [number, number];
  /** The same as drawn: what the values themselves vary, before doubt about so few of them. */
  readonly drawn: readonly [number, number];
  /** Two-sided, of "the medians are equal". */
  readonly p: number;
  /** How many independent values the smaller series is worth. */
  readonly effective: number;
}

const ROUNDS = 400;
const MAX_VALUES = 2000;

/** Both series in the order they were measured, at least two values each. `random` decides the draws. O(rounds × n log n), n capped at 2,000. */
export function medianShift(before: readonly number[], after: readonly number[], random: () => number): MedianShift {
  const old = thinned(before);
  const now = thinned(after);
  const oldTime = correlationTime(old);
  const nowTime = correlationTime(now);
  const effective = Math.min(old.length / oldTime, now.length / nowTime);
  const draws = new Float64Array(ROUNDS);
  const drawOld = blockMedian(old, oldTime, random);
  const drawNow = blockMedian(now, nowTime, random);
  for (let round = 0; round < ROUNDS; round++) draws[round] = drawNow() - drawOld();
  draws.sort();
  const delta = median(now) - median(old);
  const spread = deviation(draws) * Math.max(shortfall(old.length, oldTime), shortfall(now.length, nowTime));
  // Few independent values make the bootstrap too sure of itself: the interval is widened as Student's distribution widens the normal one.
  const freedom = Math.max(1, effective - 1);
  const z = spread === 0 ? (delta === 0 ? 0 : Number.POSITIVE_INFINITY) : delta / spread;
  const p = studentTail(Math.abs(z), freedom);
  const low = nearestRank(draws, 0.025);
  const high = nearestRank(draws, 0.975);
  const widen = Math.sqrt((freedom + 2) / freedom);
  return {
    delta,
    ci: [delta + (low - delta) * widen, delta + (high - delta) * widen],
    drawn: [low, high],
    p,
    effective,
  };
}

/** At most 2,000 values, evenly taken: neighbours that are left out are those that say the least. */
function thinned(series: readonly number[]): Float64Array {
  const step = Math.ceil(series.length / MAX_VALUES);
  return Float64Array.from({ length: Math.ceil(series.length / step) }, (_, index) => series[index * step] ?? 0);
}

function median(series: Float64Array): number {
  return nearestRank(series.slice().sort(), 0.5);
}

function blockLength(n: number, time: number): number {
  return Math.max(1, Math.min(Math.floor(n / 2), Math.ceil(Math.max(Math.cbrt(n), 2.5 * time))));
}

/** Blocks cover less than the whole: by how much their spread falls short. */
function shortfall(n: number, time: number): number {
  return Math.sqrt(n / (n - blockLength(n, time)));
}

/** Draws medians of series made of blocks of neighbours. */
function blockMedian(series: Float64Array, time: number, random: () => number): () => number {
  const n = series.length;
  const block = blockLength(n, time);
  const drawn = new Float64Array(n);
  return () => {
    for (let at = 0; at < n;) {
      const from = Math.floor(random() * (n - block + 1));
      for (let step = 0; step < block && at < n; step++) drawn[at++] = series[from + step] ?? 0;
    }
    return median(drawn);
  };
}

/** After how many values a series has forgotten: 1 for independent ones. By ranks, with the bias of short series put right. */
export function correlationTime(series: Float64Array): number {
  const n = series.length;
  const ranks = ranksOf(series);
  const mean = (n - 1) / 2;
  let variance = 0;
  for (const rank of ranks) variance += (rank - mean) ** 2;
  if (variance === 0) return 1;
  const longest = Math.min(n - 1, Math.floor(n / 3), 200);
  const raw: number[] = [];
  let portmanteau = 0;
  const tested = Math.min(longest, 10);
  for (let lag = 1; lag <= longest; lag++) {
    let covariance = 0;
    for (let index = lag; index < n; index++)
      covariance += ((ranks[index] ?? 0) - mean) * ((ranks[index - lag] ?? 0) - mean);
    const correlation = covariance / variance;
    raw.push(correlation);
    if (lag <= tested) portmanteau += (n * (n + 2) * correlation ** 2) / (n - lag);
    if (correlation <= 0 && lag >= tested) break;
  }
  // Chance alone gives short series some correlation: what it gives in nine of ten cases counts as none (normal; Ljung and Box).
  const first = raw[0] ?? 0;
  if (first < 1.28 / Math.sqrt(n) && portmanteau < tested + 1.28 * Math.sqrt(2 * tested)) return 1;
  const corrected = raw.map((each) => each + (1 + 3 * Math.max(0, each)) / n);
  const end = corrected.findIndex((each) => each <= 0);
  const sum = corrected.slice(0, end < 0 ? corrected.length : end).reduce((all, each) => all + each, 0);
  const chain = Math.min(0.98, Math.max(0, corrected[0] ?? 0));
  return Math.min(n, Math.max(1, 1 + 2 * sum, (1 + chain) / (1 - chain)));
}

/** Ranks from 0; equal values share their mean rank. */
function ranksOf(series: Float64Array): Float64Array {
  const order = Array.from(series.keys()).toSorted((a, b) => (series[a] ?? 0) - (series[b] ?? 0));
  const ranks = new Float64Array(series.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && series[order[to] ?? 0] === series[order[from] ?? 0]) to++;
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

function deviation(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length - 1));
}

/** Two-sided tail of Student's distribution, by the incomplete beta function. */
export function studentTail(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The regularised incomplete beta function, by its continued fraction (Lentz). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * fraction(1 - x, b, a)) / b;
  return (front * fraction(x, a, b)) / a;
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-30;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let result = d;
  for (let m = 1; m <= 200; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-12) break;
  }
  return result;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

const LANCZOS = [
  76.180091729471, -86.505320329417, 24.014098240831, -1.2317395724502, 0.0012086509738662, -5.3952393849e-6,
];

/** ln Γ for positive arguments. */
export function logGamma(value: number): number {
  const base = value + 5.5 - (value + 0.5) * Math.log(value + 5.5);
  const series = LANCZOS.reduce((sum, each, index) => sum + each / (value + index + 1), 1 + 0.00000000019);
  return -base + Math.log((Math.sqrt(2 * Math.PI) * series) / value);
}
