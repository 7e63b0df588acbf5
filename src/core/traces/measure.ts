// Deliveries → hops with their samples: publish, transit, wait and process of every attempt, in milliseconds as measured.
import { effectiveEnds } from './effective.ts';
import { groupFlows, type Flows } from './flows.ts';
import { pairDeliveries, type CanReach, type Delivery, type Pairing } from './hops.ts';
import { placeLabel, soundsDead, type Place } from './messaging.ts';
import { ERROR, FINE, type SpanTable } from './span-table.ts';

/** A hop and the samples behind its figures; `deliveries` are indices into the pairing. */
export interface MeasuredHop {
  readonly producer: string;
  readonly channel: string;
  readonly via: readonly string[];
  readonly subscription: string;
  readonly consumer: string;
  readonly deadLetter: boolean;
  /** As the spans name it; empty: not named. */
  readonly system: string;
  readonly deliveries: number[];
}

/** One attempt's figures, ms. NaN: not measured. */
export interface Sample {
  readonly publish: number;
  readonly transit: number;
  readonly waitLow: number;
  readonly waitHigh: number;
  readonly exact: boolean;
  readonly process: number;
  readonly effective: number;
}

export interface Measured {
  readonly table: SpanTable;
  readonly pairing: Pairing;
  readonly flows: Flows;
  /** Sorted by their names. */
  readonly hops: readonly MeasuredHop[];
  /** Per delivery the index of its hop. */
  readonly hopOf: Int32Array;
  /** Per row the end of its subtree, microseconds. */
  readonly ends: Float64Array;
  /** Per service (index into `table.services`) the resolution of its clock, ms. */
  readonly resolution: Float64Array;
  readonly failedBelow: ReadonlySet<number>;
}

/** What the declared topology adds to the names in the spans. */
export interface Declared {
  readonly canReach: CanReach;
  /** Whether reading `read` of what was sent to `sent` goes over a dead-letter channel; null: not declared. */
  readonly isDeadLetter: (sent: Place, read: Place) => boolean | null;
}

/** O(spans + deliveries), apart from sorting hops. */
export function measure(table: SpanTable, declared: Declared): Measured {
  const pairing = pairDeliveries(table, declared.canReach);
  const ends = effectiveEnds(table, pairing);
  const flows = groupFlows(table, pairing);
  const byKey = new Map<string, MeasuredHop>();
  const keyOf: MeasuredHop[] = [];
  // Few pairs of places and services make up many deliveries: names are looked at once per pair.
  const known = new Map<string, MeasuredHop>();
  const { service, message } = table.columns;
  const placeIn = (row: number): number => table.messages.place[(message[row] ?? 0) - 1] ?? -1;
  pairing.deliveries.forEach((delivery, index) => {
    const { publish, producer, consumer } = delivery;
    const pair = `${service[publish]}:${service[consumer]}:${placeIn(publish)}:${placeIn(producer)}:${placeIn(consumer)}`;
    const hop = known.get(pair) ?? hopFor(table, delivery, declared, byKey);
    known.set(pair, hop);
    hop.deliveries.push(index);
    keyOf.push(hop);
  });
  const hops = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, hop]) => hop);
  const numbers = new Map(hops.map((hop, index) => [hop, index]));
  const hopOf = Int32Array.from(keyOf, (hop) => numbers.get(hop) ?? -1);
  return {
    table,
    pairing,
    flows,
    hops,
    hopOf,
    ends,
    resolution: clockResolution(table),
    failedBelow: rowsWithFailedChild(table, pairing.parents),
  };
}

function hopFor(
  table: SpanTable,
  delivery: Delivery,
  declared: Declared,
  byKey: Map<string, MeasuredHop>,
): MeasuredHop {
  const sent = sentPlace(table, delivery);
  const read = table.placeOf(delivery.consumer);
  const producer = table.serviceOf(delivery.publish);
  const consumer = table.serviceOf(delivery.consumer);
  const channel = placeLabel(sent) || placeLabel(read) || '(unnamed)';
  const deadLetter = declared.isDeadLetter(sent, read) ?? namesSoundDead(sent, read);
  const from =
    read.queue || (read.channel !== sent.channel && sent.channel !== '' ? read.channel : '') || read.subscription;
  const via = from === '' || from === channel ? [] : [from];
  const subscription = read.subscription;
  const system = sent.system || read.system;
  const key = JSON.stringify([producer, channel, via, subscription, consumer, deadLetter, system]);
  let hop = byKey.get(key);
  if (hop === undefined) {
    hop = { producer, channel, via, subscription, consumer, deadLetter, system, deliveries: [] };
    byKey.set(key, hop);
  }
  return hop;
}

/** The place of the publish, or of the create where the send does not say it. */
function sentPlace(table: SpanTable, delivery: Delivery): Place {
  const place = table.placeOf(delivery.publish);
  return placeLabel(place) === '' ? table.placeOf(delivery.producer) : place;
}

function namesSoundDead(sent: Place, read: Place): boolean {
  return [sent.channel, read.channel, read.queue].some((name) => name !== '' && soundsDead(name));
}

/** The figures of one delivery. */
export function sampleOf(measured: Measured, index: number): Sample {
  const { table, pairing, ends } = measured;
  const delivery = pairing.deliveries[index];
  if (delivery === undefined) {
    const none = Number.NaN;
    return {
      publish: none,
      transit: none,
      waitLow: none,
      waitHigh: none,
      exact: false,
      process: none,
      effective: none,
    };
  }
  const published = table.columns.start[delivery.publish] ?? 0;
  const acked = table.endOf(delivery.publish);
  const transit = (delivery.delivered - published) / 1000;
  const low = (delivery.delivered - acked) / 1000;
  const broker = brokerMicros(table, delivery.consumer);
  const exact = !Number.isNaN(broker) && broker <= delivery.delivered && delivery.attempt === 1;
  const span = (table.columns.duration[delivery.consumer] ?? 0) / 1000;
  const effective = ((ends[delivery.consumer] ?? 0) - (table.columns.start[delivery.consumer] ?? 0)) / 1000;
  return {
    publish: (acked - published) / 1000,
    transit,
    waitLow: exact ? (delivery.delivered - broker) / 1000 : low,
    waitHigh: exact ? (delivery.delivered - broker) / 1000 : transit,
    exact,
    process: delivery.processed ? (isMarker(measured, delivery.consumer) ? effective : span) : Number.NaN,
    effective: delivery.processed ? effective : Number.NaN,
  };
}

/** A span that ended before the work below it was well begun marks the arrival only (Brave's consumer spans): the work is its subtree. */
function isMarker(measured: Measured, row: number): boolean {
  const { table, ends } = measured;
  const duration = table.columns.duration[row] ?? 0;
  return duration < 1000 && (ends[row] ?? 0) - table.endOf(row) > duration * 4;
}

function brokerMicros(table: SpanTable, row: number): number {
  const message = (table.columns.message[row] ?? 0) - 1;
  return message < 0 ? Number.NaN : (table.messages.broker[message] ?? Number.NaN);
}

/** A service none of whose spans starts at a fraction of a millisecond has a clock of whole milliseconds. */
function clockResolution(table: SpanTable): Float64Array {
  const resolution = new Float64Array(table.services.list.length).fill(1);
  for (let row = 0; row < table.count; row++) {
    if (((table.columns.flags[row] ?? 0) & FINE) !== 0) resolution[table.columns.service[row] ?? 0] = 0.001;
  }
  return resolution;
}

/** The coarser clock of the two sides of a hop, ms. */
export function hopResolution(measured: Measured, hop: MeasuredHop): number {
  const delivery = measured.pairing.deliveries[hop.deliveries[0] ?? -1];
  if (delivery === undefined) return 1;
  const { service } = measured.table.columns;
  return Math.max(
    measured.resolution[service[delivery.publish] ?? 0] ?? 1,
    measured.resolution[service[delivery.consumer] ?? 0] ?? 1,
  );
}

/** Whether the consumer's span failed; where it marks the arrival only, whether the work right below it did. */
export function failed(measured: Measured, row: number): boolean {
  return hasError(measured.table, row) || (measured.failedBelow.has(row) && isMarker(measured, row));
}

function hasError(table: SpanTable, row: number): boolean {
  return ((table.columns.flags[row] ?? 0) & ERROR) !== 0;
}

/** Rows one of whose children failed. O(spans). */
function rowsWithFailedChild(table: SpanTable, parents: Int32Array): ReadonlySet<number> {
  const rows = new Set<number>();
  for (let row = 0; row < table.count; row++) {
    const parent = parents[row] ?? -1;
    if (parent >= 0 && hasError(table, row) && table.columns.message[row] === 0) rows.add(parent);
  }
  return rows;
}
