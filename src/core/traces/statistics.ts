// Exact order statistics over samples in milliseconds.
import type { Stats } from '../model/hop.ts';

/** Fewer values than this have no percentiles. */
const MIN_FOR_PERCENTILES = 5;

/** Percentiles by nearest rank; sorts a copy. O(n log n). */
export function statsOf(samples: readonly number[]): Stats {
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  const at = (quantile: number): number | null => (n < MIN_FOR_PERCENTILES ? null : nearestRank(sorted, quantile));
  return { n, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? null };
}

/** The smallest value that at least the given share of an ascending, non-empty list does not exceed. */
export function nearestRank(sorted: ArrayLike<number>, quantile: number): number {
  const rank = Math.max(1, Math.ceil(quantile * sorted.length - 1e-9));
  return sorted[rank - 1] ?? Number.NaN;
}
