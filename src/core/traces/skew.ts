// Deliveries that came before their publish → pairs of services whose clocks differ. Suspected on that evidence alone: a short or a long wait proves
// nothing, and a delivery before the acknowledgement is ordinary.
import type { ClockSkew } from '../model/hop.ts';
import { hopResolution, type Measured } from './measure.ts';

/** O(deliveries). */
export function findSkew(measured: Measured): readonly ClockSkew[] {
  const { table, pairing, hops } = measured;
  const shortest = new Map<string, number>();
  const suspects = new Map<string, { producer: string; consumer: string; deliveries: number; least: number }>();
  for (const hop of hops) {
    const resolution = hopResolution(measured, hop);
    const key = JSON.stringify([hop.producer, hop.consumer]);
    for (const index of hop.deliveries) {
      const delivery = pairing.deliveries[index];
      if (delivery === undefined) continue;
      const transit = (delivery.delivered - (table.columns.start[delivery.publish] ?? 0)) / 1000;
      shortest.set(key, Math.min(shortest.get(key) ?? transit, transit));
      if (transit >= -resolution || hop.producer === hop.consumer) continue;
      const suspect = suspects.get(key) ?? { producer: hop.producer, consumer: hop.consumer, deliveries: 0, least: 0 };
      suspect.deliveries++;
      suspect.least = Math.max(suspect.least, -transit);
      suspects.set(key, suspect);
    }
  }
  return [...suspects]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { producer, consumer, deliveries, least }]) => {
      const there = shortest.get(key);
      const back = shortest.get(JSON.stringify([consumer, producer]));
      // As NTP does: the shortest way there and back take equally long but for the clocks.
      const estimate = there === undefined || back === undefined ? null : (back - there) / 2;
      return { producer, consumer, deliveries, atLeast: least, estimate };
    });
}
