// When the work that a span began is really over: the end of its subtree, not counting what other consumers do with messages sent from it.
import type { Pairing } from './hops.ts';
import type { SpanTable } from './span-table.ts';

/** Per row the end of its subtree, microseconds since the epoch. A span within a cycle of parents keeps its own end. O(spans). */
export function effectiveEnds(table: SpanTable, pairing: Pairing): Float64Array {
  const { parents, above } = pairing;
  const ends = new Float64Array(table.count);
  const waiting = new Int32Array(table.count);
  for (let row = 0; row < table.count; row++) {
    ends[row] = table.endOf(row);
    const parent = parents[row] ?? -1;
    if (parent >= 0) waiting[parent] = (waiting[parent] ?? 0) + 1;
  }
  const ready: number[] = [];
  for (let row = 0; row < table.count; row++) if (waiting[row] === 0) ready.push(row);
  while (ready.length > 0) {
    const row = ready.pop() ?? 0;
    const parent = parents[row] ?? -1;
    if (parent < 0) continue;
    const role = table.roleOf(row);
    const over = above[row] ?? -1;
    const overRole = over < 0 ? 'none' : table.roleOf(over);
    const readsFromAbove = (role === 'receive' || role === 'process') && (overRole === 'create' || overRole === 'send');
    if (!readsFromAbove) ends[parent] = Math.max(ends[parent] ?? 0, ends[row] ?? 0);
    waiting[parent] = (waiting[parent] ?? 0) - 1;
    if (waiting[parent] === 0) ready.push(parent);
  }
  return ends;
}
