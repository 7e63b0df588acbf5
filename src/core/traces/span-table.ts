// Spans as columns: what pairing and statistics need of hundreds of thousands of spans, without an object for each. Spans are told apart by
// (trace, span); of two records of one span the same one stays, whatever order they come in. Times are whole microseconds, as coarse as the
// coarsest format, so that two formats of one run give equal figures.
import type { LateLink, Span, SpanKind, SpanLink, SpanRole } from './importer.ts';
import { messagingFacts, type Place } from './messaging.ts';

export const ROLES: readonly SpanRole[] = ['none', 'create', 'send', 'receive', 'process', 'settle'];
const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Bits of `flags`. */
export const ERROR = 1;
/** The span's format has no span links. */
export const LINKLESS = 2;
/** The start is no whole millisecond. */
export const FINE = 4;

const MAX_NAMES = 65_536;

/** Interned text: index 0 is the empty text. */
export class Names {
  readonly list: string[] = [''];
  readonly #index = new Map<string, number>([['', 0]]);
  readonly #limit: number;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** Beyond the limit all new names become "(other)". */
  add(name: string): number {
    const before = this.#index.get(name);
    if (before !== undefined) return before;
    if (this.list.length >= this.#limit && name !== '(other)') return this.add('(other)');
    this.list.push(name);
    this.#index.set(name, this.list.length - 1);
    return this.list.length - 1;
  }

  of(index: number): string {
    return this.list[index] ?? '';
  }
}

type Columns = {
  trace: Uint32Array;
  idHigh: Uint32Array;
  idLow: Uint32Array;
  parentHigh: Uint32Array;
  parentLow: Uint32Array;
  start: Float64Array;
  duration: Float64Array;
  service: Uint32Array;
  name: Uint32Array;
  role: Uint8Array;
  kind: Uint8Array;
  flags: Uint8Array;
  /** Row of the message columns, plus one; 0: the span handles no message. */
  message: Uint32Array;
};

type MessageColumns = {
  place: Uint32Array;
  idHigh: Uint32Array;
  idLow: Uint32Array;
  batch: Uint32Array;
  /** NaN: not said. */
  broker: Float64Array;
  firstLink: Uint32Array;
  links: Uint32Array;
};

type LinkColumns = {
  trace: Uint32Array;
  high: Uint32Array;
  low: Uint32Array;
  idHigh: Uint32Array;
  idLow: Uint32Array;
};

function enlarge<T extends Record<string, Uint32Array | Float64Array | Uint8Array>>(columns: T, capacity: number): T {
  const out: Record<string, Uint32Array | Float64Array | Uint8Array> = {};
  for (const [key, column] of Object.entries(columns)) {
    const wider =
      column instanceof Float64Array
        ? new Float64Array(capacity)
        : column instanceof Uint8Array
          ? new Uint8Array(capacity)
          : new Uint32Array(capacity);
    wider.set(column);
    out[key] = wider;
  }
  return out as T;
}

/** Growing columns of spans. Rows are indices from 0 to `count` − 1. */
export class SpanTable {
  count = 0;
  columns: Columns = enlarge(
    {
      trace: new Uint32Array(0),
      idHigh: new Uint32Array(0),
      idLow: new Uint32Array(0),
      parentHigh: new Uint32Array(0),
      parentLow: new Uint32Array(0),
      start: new Float64Array(0),
      duration: new Float64Array(0),
      service: new Uint32Array(0),
      name: new Uint32Array(0),
      role: new Uint8Array(0),
      kind: new Uint8Array(0),
      flags: new Uint8Array(0),
      message: new Uint32Array(0),
    },
    1024,
  );
  messageCount = 0;
  messages: MessageColumns = enlarge(
    {
      place: new Uint32Array(0),
      idHigh: new Uint32Array(0),
      idLow: new Uint32Array(0),
      batch: new Uint32Array(0),
      broker: new Float64Array(0),
      firstLink: new Uint32Array(0),
      links: new Uint32Array(0),
    },
    256,
  );
  linkCount = 0;
  links: LinkColumns = enlarge(
    {
      trace: new Uint32Array(0),
      high: new Uint32Array(0),
      low: new Uint32Array(0),
      idHigh: new Uint32Array(0),
      idLow: new Uint32Array(0),
    },
    256,
  );
  readonly services = new Names();
  readonly names = new Names(MAX_NAMES);
  readonly places: Place[] = [];
  readonly traces = new TraceIds();
  readonly #placeIndex = new Map<string, number>();
  #slots = new Int32Array(2048).fill(-1);

  /** Adds a span, or merges it with the one of the same id. Amortised O(1). */
  add(span: Span, linkless: boolean): void {
    const trace = this.traces.add(span.traceId);
    const idHigh = hex8(span.spanId, 0);
    const idLow = hex8(span.spanId, 8);
    const slot = this.#slot(trace, idHigh, idLow);
    const before = this.#slots[slot] ?? -1;
    const service = this.services.add(span.service);
    const duration = Math.floor(span.durationNanos / 1000);
    if (before >= 0 && !this.#wins(before, span, duration)) return;

    const row = before >= 0 ? before : this.#newRow(slot);
    const c = this.columns;
    c.trace[row] = trace;
    c.idHigh[row] = idHigh;
    c.idLow[row] = idLow;
    c.parentHigh[row] = span.parentSpanId === null ? 0 : hex8(span.parentSpanId, 0);
    c.parentLow[row] = span.parentSpanId === null ? 0 : hex8(span.parentSpanId, 8);
    c.start[row] = span.startMicros;
    c.duration[row] = duration;
    c.service[row] = service;
    c.name[row] = this.names.add(span.name.length > 200 ? span.name.slice(0, 200) : span.name);
    c.kind[row] = KINDS.indexOf(span.kind);
    c.flags[row] = (span.error ? ERROR : 0) | (linkless ? LINKLESS : 0) | (span.startMicros % 1000 === 0 ? 0 : FINE);
    const facts = messagingFacts(span);
    c.role[row] = facts === null ? 0 : ROLES.indexOf(facts.role);
    c.message[row] = 0;
    if (facts === null) return;

    if (this.messageCount === this.messages.place.length) {
      this.messages = enlarge(this.messages, this.messageCount * 2);
    }
    const message = this.messageCount++;
    c.message[row] = message + 1;
    const m = this.messages;
    m.place[message] = this.#place(facts.place);
    const id = hash64(facts.messageId);
    m.idHigh[message] = id.high;
    m.idLow[message] = id.low;
    m.batch[message] = Math.min(facts.batch, 0xffffffff);
    m.broker[message] = facts.brokerMicros ?? Number.NaN;
    m.firstLink[message] = this.linkCount;
    m.links[message] = span.links.length;
    for (const link of span.links) this.#link(link);
  }

  /** Gives spans their links, once all spans are in. Links of spans that handle no message are of no use. O(links). */
  attach(late: readonly LateLink[]): void {
    const byRow = new Map<number, SpanLink[]>();
    for (const { traceId, spanId, link } of late) {
      const row = this.find(this.traces.add(traceId), hex8(spanId, 0), hex8(spanId, 8));
      if (row < 0 || this.columns.message[row] === 0) continue;
      const list = byRow.get(row);
      if (list === undefined) byRow.set(row, [link]);
      else list.push(link);
    }
    for (const [row, links] of byRow) {
      const message = (this.columns.message[row] ?? 0) - 1;
      const first = this.messages.firstLink[message] ?? 0;
      const before = this.messages.links[message] ?? 0;
      this.messages.firstLink[message] = this.linkCount;
      for (let at = first; at < first + before; at++) {
        this.#reserveLink();
        for (const column of Object.values(this.links)) column[this.linkCount] = column[at] ?? 0;
        this.linkCount++;
      }
      for (const link of links) this.#link(link);
      this.messages.links[message] = before + links.length;
    }
  }

  #link(link: SpanLink): void {
    this.#reserveLink();
    const at = this.linkCount++;
    const linked = hash64(link.messageId ?? '');
    this.links.trace[at] = this.traces.add(link.traceId);
    this.links.high[at] = hex8(link.spanId, 0);
    this.links.low[at] = hex8(link.spanId, 8);
    this.links.idHigh[at] = linked.high;
    this.links.idLow[at] = linked.low;
  }

  #reserveLink(): void {
    if (this.linkCount === this.links.trace.length) this.links = enlarge(this.links, this.linkCount * 2);
  }

  /** The row of a span, or −1. */
  find(trace: number, idHigh: number, idLow: number): number {
    return this.#slots[this.#slot(trace, idHigh, idLow)] ?? -1;
  }

  /** The row of a span's parent, or −1. */
  parentOf(row: number): number {
    const c = this.columns;
    const high = c.parentHigh[row] ?? 0;
    const low = c.parentLow[row] ?? 0;
    if (high === 0 && low === 0) return -1;
    return this.find(c.trace[row] ?? 0, high, low);
  }

  /** Whether the span names a parent at all. */
  hasParent(row: number): boolean {
    return this.columns.parentHigh[row] !== 0 || this.columns.parentLow[row] !== 0;
  }

  roleOf(row: number): SpanRole {
    return ROLES[this.columns.role[row] ?? 0] ?? 'none';
  }

  placeOf(row: number): Place {
    const message = (this.columns.message[row] ?? 0) - 1;
    return this.places[this.messages.place[message] ?? -1] ?? NO_PLACE;
  }

  endOf(row: number): number {
    return (this.columns.start[row] ?? 0) + (this.columns.duration[row] ?? 0);
  }

  serviceOf(row: number): string {
    return this.services.of(this.columns.service[row] ?? 0);
  }

  /** The span's id as 16 hex characters. */
  idOf(row: number): string {
    const high = (this.columns.idHigh[row] ?? 0).toString(16).padStart(8, '0');
    return high + (this.columns.idLow[row] ?? 0).toString(16).padStart(8, '0');
  }

  /** How many traces have spans (links may name others). O(spans). */
  traceCount(): number {
    const seen = new Uint8Array(this.traces.count);
    let traces = 0;
    for (let row = 0; row < this.count; row++) {
      const trace = this.columns.trace[row] ?? 0;
      if (seen[trace] === 0) traces++;
      seen[trace] = 1;
    }
    return traces;
  }

  /** Of two records of one span: the longer, then the earlier, then the one with more links, then by text. */
  #wins(row: number, span: Span, duration: number): boolean {
    const c = this.columns;
    const message = (c.message[row] ?? 0) - 1;
    const links = message < 0 ? 0 : (this.messages.links[message] ?? 0);
    const order =
      duration - (c.duration[row] ?? 0) ||
      (c.start[row] ?? 0) - span.startMicros ||
      span.links.length - links ||
      Number(span.error) - ((c.flags[row] ?? 0) & ERROR) ||
      compare(span.service, this.services.of(c.service[row] ?? 0)) ||
      compare(span.name, this.names.of(c.name[row] ?? 0)) ||
      KINDS.indexOf(span.kind) - (c.kind[row] ?? 0);
    return order > 0;
  }

  #newRow(slot: number): number {
    if (this.count === this.columns.trace.length) this.columns = enlarge(this.columns, this.count * 2);
    const row = this.count++;
    this.#slots[slot] = row;
    if (this.count * 2 > this.#slots.length) this.#pendingRehash = true;
    return row;
  }

  #pendingRehash = false;

  #rehash(): void {
    this.#pendingRehash = false;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const c = this.columns;
    for (let row = 0; row < this.count; row++) {
      const slot = this.#slot(c.trace[row] ?? 0, c.idHigh[row] ?? 0, c.idLow[row] ?? 0);
      this.#slots[slot] = row;
    }
  }

  #slot(trace: number, idHigh: number, idLow: number): number {
    if (this.#pendingRehash) this.#rehash();
    const mask = this.#slots.length - 1;
    const c = this.columns;
    let slot = mix(Math.imul(trace, 0x9e3779b1) ^ Math.imul(idHigh, 0x85ebca6b) ^ idLow) & mask;
    for (;;) {
      const row = this.#slots[slot] ?? -1;
      if (row < 0 || (c.idLow[row] === idLow && c.idHigh[row] === idHigh && c.trace[row] === trace)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #place(place: Place): number {
    const key = [place.system, place.channel, place.key, place.queue, place.subscription].join('\u0000');
    const before = this.#placeIndex.get(key);
    if (before !== undefined) return before;
    this.places.push(place);
    this.#placeIndex.set(key, this.places.length - 1);
    return this.places.length - 1;
  }
}

const NO_PLACE: Place = { system: '', channel: '', key: '', queue: '', subscription: '' };

/** 128-bit trace ids ↔ small numbers. */
export class TraceIds {
  count = 0;
  #words = new Uint32Array(256);
  #slots = new Int32Array(256).fill(-1);
  #lastText = '';
  #last = -1;

  /** The number of a trace id of 32 hex characters, new or known. */
  add(id: string): number {
    if (id === this.#lastText) return this.#last;
    const a = hex8(id, 0);
    const b = hex8(id, 8);
    const c = hex8(id, 16);
    const d = hex8(id, 24);
    if (this.count * 2 >= this.#slots.length) this.#rehash();
    const slot = this.#slot(a, b, c, d);
    let index = this.#slots[slot] ?? -1;
    if (index < 0) {
      index = this.count++;
      if (index * 4 + 4 > this.#words.length) {
        const wider = new Uint32Array(this.#words.length * 2);
        wider.set(this.#words);
        this.#words = wider;
      }
      this.#words.set([a, b, c, d], index * 4);
      this.#slots[slot] = index;
    }
    this.#lastText = id;
    this.#last = index;
    return index;
  }

  /** Back to 32 hex characters. */
  of(index: number): string {
    let out = '';
    for (let word = 0; word < 4; word++) {
      out += (this.#words[index * 4 + word] ?? 0).toString(16).padStart(8, '0');
    }
    return out;
  }

  #slot(a: number, b: number, c: number, d: number): number {
    const mask = this.#slots.length - 1;
    const w = this.#words;
    let slot = mix(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35)) & mask;
    for (;;) {
      const index = this.#slots[slot] ?? -1;
      const at = index * 4;
      if (index < 0 || (w[at] === a && w[at + 1] === b && w[at + 2] === c && w[at + 3] === d)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const w = this.#words;
    for (let index = 0; index < this.count; index++) {
      const at = index * 4;
      this.#slots[this.#slot(w[at] ?? 0, w[at + 1] ?? 0, w[at + 2] ?? 0, w[at + 3] ?? 0)] = index;
    }
  }
}

/** Eight hex characters as an unsigned 32-bit number. */
function hex8(text: string, from: number): number {
  let value = 0;
  for (let index = from; index < from + 8; index++) {
    const code = text.charCodeAt(index);
    value = (value << 4) | (code <= 57 ? code - 48 : code - 87);
  }
  return value >>> 0;
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whether a message id is long enough to be taken for one of its kind in the world (a UUID, not a counter). */
export function isUnique(idLow: number): boolean {
  return (idLow & 1) === 1;
}

const UNIQUE_LENGTH = 16;

/** 64 bits of a text, zero for the empty text; the last bit says that the text is long. */
function hash64(text: string): { readonly high: number; readonly low: number } {
  if (text === '') return NO_HASH;
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995) ^ (low >>> 13);
  }
  return { high: mix(high), low: ((mix(low) & ~3) | 2 | (text.length >= UNIQUE_LENGTH ? 1 : 0)) >>> 0 };
}

const NO_HASH = { high: 0, low: 0 };

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
