// Deliveries → flows: what one first publish led to, through consumers that publish in their turn, across traces.
import type { Delivery, Pairing } from './hops.ts';
import type { SpanTable } from './span-table.ts';

export interface Flows {
  /** Per delivery the number of its flow. */
  readonly of: Int32Array;
  /** Per delivery the delivery whose consumer published it, or −1. */
  readonly before: Int32Array;
  readonly count: number;
}

/** O(deliveries + spans). A message that a batch consumer published belongs to the flow of the last message of its batch. */
export function groupFlows(table: SpanTable, pairing: Pairing): Flows {
  const { deliveries, parents, above } = pairing;
  const byConsumer = new Map<number, number>();
  deliveries.forEach((delivery, index) => {
    const known = deliveries[byConsumer.get(delivery.consumer) ?? -1];
    if (known === undefined || later(table, delivery, known)) byConsumer.set(delivery.consumer, index);
  });

  const before = new Int32Array(deliveries.length).fill(-1);
  deliveries.forEach((delivery, index) => {
    let row = above[delivery.publish] ?? -1;
    for (let steps = 0; row >= 0 && steps < 64; steps++) {
      const cause = byConsumer.get(row);
      if (cause !== undefined) {
        if (cause !== index) before[index] = cause;
        return;
      }
      row = above[row] ?? -1;
    }
  });

  const rootOf = memo(table.count, (row) => parents[row] ?? -1);
  const firstOf = memo(deliveries.length, (index) => before[index] ?? -1);
  const numbers = new Map<number, number>();
  const of = new Int32Array(deliveries.length);
  for (let index = 0; index < deliveries.length; index++) {
    const first = deliveries[firstOf(index)];
    const root = first === undefined ? -1 : rootOf(first.publish);
    let number = numbers.get(root);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(root, number);
    }
    of[index] = number;
  }
  return { of, before, count: numbers.size };
}

function later(table: SpanTable, a: Delivery, b: Delivery): boolean {
  const { start, idHigh, idLow } = table.columns;
  const order =
    (start[a.publish] ?? 0) - (start[b.publish] ?? 0) ||
    (idHigh[a.publish] ?? 0) - (idHigh[b.publish] ?? 0) ||
    (idLow[a.publish] ?? 0) - (idLow[b.publish] ?? 0);
  return order > 0;
}

/** Follows `next` to its end, remembering what it found; a cycle ends at its smallest member. */
function memo(count: number, next: (index: number) => number): (index: number) => number {
  const known = new Int32Array(count).fill(-1);
  return (index) => {
    const walk: number[] = [];
    const walked = new Set<number>();
    let at = index;
    while (known[at] === -1 && !walked.has(at)) {
      walk.push(at);
      walked.add(at);
      const following = next(at);
      if (following < 0) break;
      at = following;
    }
    let end = known[at] ?? -1;
    if (end === -1) end = next(at) < 0 ? at : Math.min(...walk.slice(walk.indexOf(at)));
    for (const each of walk) known[each] = end;
    return end;
  };
}
