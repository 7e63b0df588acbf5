// Measured traces → spans and deliveries on one axis, the earliest first, up to a limit.
import type { Timeline, TimelineDelivery } from '../model/timeline.ts';
import { failed, type Measured } from './measure.ts';

const MAX_SPANS = 50_000;

/** O(n log n). */
export function timelineOf(measured: Measured): Timeline {
  const { table, pairing, hops, hopOf } = measured;
  const { start, duration, trace, name } = table.columns;
  const rows = Array.from({ length: table.count }, (_, row) => row).toSorted(
    (a, b) =>
      (start[a] ?? 0) - (start[b] ?? 0) ||
      (duration[b] ?? 0) - (duration[a] ?? 0) ||
      (table.idOf(a) < table.idOf(b) ? -1 : 1),
  );
  const shown = rows.slice(0, MAX_SPANS);
  const origin = start[shown[0] ?? -1] ?? 0;
  const positions = new Map(shown.map((row, index) => [row, index]));
  const deliveries = pairing.deliveries.flatMap((delivery, index): readonly TimelineDelivery[] => {
    const producer = positions.get(delivery.publish);
    const consumer = positions.get(delivery.consumer);
    const hop = hops[hopOf[index] ?? -1];
    if (producer === undefined || consumer === undefined || hop === undefined) return [];
    const waited =
      delivery.attempt > 1 ? delivery.waitsFrom : Math.min(table.endOf(delivery.publish), delivery.delivered);
    return [
      {
        channel: hop.channel,
        producer,
        consumer,
        waitFrom: waited - origin,
        delivered: delivery.delivered - origin,
        attempt: delivery.attempt,
        deadLetter: hop.deadLetter,
      },
    ];
  });
  return {
    spans: shown.map((row) => ({
      service: table.serviceOf(row),
      name: table.names.of(name[row] ?? 0),
      traceId: table.traces.of(trace[row] ?? 0),
      spanId: table.idOf(row),
      start: (start[row] ?? 0) - origin,
      duration: duration[row] ?? 0,
      error: failed(measured, row),
    })),
    deliveries: deliveries.toSorted(
      (a, b) => a.delivered - b.delivered || a.producer - b.producer || a.consumer - b.consumer,
    ),
    omitted: rows.length - shown.length,
  };
}
