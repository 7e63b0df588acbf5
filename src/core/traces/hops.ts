// Spans → deliveries: which consumer span read a message of which producer span. Pairs by span link, by parent and by message id, across
// traces and files. A create/send pair and a receive/process chain count once, a parent and a link to the same producer count once, and what
// has only one side is kept as a half-hop with its reason. Nothing is paired by time alone.
import type { Place } from './messaging.ts';
import { isUnique, LINKLESS, type SpanTable } from './span-table.ts';

/** One attempt to hand one message to one consumer. Rows are rows of the span table; moments are microseconds since the epoch. */
export interface Delivery {
  /** The span whose context the message carries. */
  readonly producer: number;
  /** The span that put it on the broker: its times are the publish segment. */
  readonly publish: number;
  readonly consumer: number;
  /** When the consumer had it: start of a process span, end of a receive span that waited for it. */
  readonly delivered: number;
  /** Whether the consumer's span measures the work (a receive span alone does not). */
  readonly processed: boolean;
  readonly inferred: boolean;
  /** Deliveries that share the consumer span. */
  readonly shared: number;
  /** 1 for the first attempt. */
  attempt: number;
  /** End of the attempt before, or the publish start. */
  waitsFrom: number;
}

/** A message with only one side in the files. */
export interface Half {
  readonly side: 'producer' | 'consumer';
  readonly span: number;
  readonly reason: string;
}

export interface Pairing {
  readonly deliveries: readonly Delivery[];
  readonly halves: readonly Half[];
  /** Row of each span's parent, or −1. */
  readonly parents: Int32Array;
  /** Row of the nearest span above that handles a message, or −1. */
  readonly above: Int32Array;
}

/** What pairing by message id may ask of the declared topology: whether a message sent there can be read here. Null: not known. */
export type CanReach = (sent: Place, read: Place) => boolean | null;

export const REASONS = {
  unseen: 'no consumer span in these files refers to this publish',
  outside: 'the span it refers to is not in these files (sampled out, in another export, or not instrumented)',
  contextless: 'the consumer span carries no link to and no parent among producer spans',
  linkless: 'the file’s format has no span links, and nothing else leads to the producer: export OTLP instead',
  foreign: 'the span it refers to does not publish a message',
} as const;

const CREATE = 1;
const SEND = 2;
const RECEIVE = 3;
const PROCESS = 4;

interface Reference {
  /** Row of the producer span; negative: a span that is not in the files, told apart by this number. */
  target: number;
  inferred: boolean;
  /** By link: the consumer span may have begun before the message existed. */
  linked: boolean;
  readonly idHigh: number;
  readonly idLow: number;
  covered: boolean;
}

/** Reference lists up to this length are searched as they are. */
const FEW = 8;

/** O(spans + links), apart from sorting. */
export function pairDeliveries(table: SpanTable, canReach: CanReach): Pairing {
  return new Pairer(table, canReach).run();
}

class Pairer {
  readonly #table: SpanTable;
  readonly #canReach: CanReach;
  readonly #parents: Int32Array;
  readonly #above: Int32Array;
  /** Per `create` span: the send that took it along, or −1. */
  readonly #sendOf: Int32Array;
  /** Per `send` span: the only create or inner send it stands for; −1: none, −2: several. */
  readonly #innerOf: Int32Array;
  readonly #references = new Map<number, Reference[]>();
  readonly #foreign = new Set<number>();
  /** Consumer spans whose work is counted by a span around them. */
  readonly #inside = new Set<number>();
  readonly #outside = new Map<string, number>();
  readonly #deliveries: Delivery[] = [];
  readonly #halves: Half[] = [];
  readonly #hasChild: Uint8Array;
  readonly #index = new Map<number, Map<number, Reference>>();
  readonly #messageIndex = new Map<number, ReadonlyMap<string, Reference>>();

  constructor(table: SpanTable, canReach: CanReach) {
    this.#table = table;
    this.#canReach = canReach;
    this.#parents = new Int32Array(table.count);
    this.#hasChild = new Uint8Array(table.count);
    for (let row = 0; row < table.count; row++) {
      const parent = table.parentOf(row);
      this.#parents[row] = parent === row ? -1 : parent;
      if (parent >= 0) this.#hasChild[parent] = 1;
    }
    this.#above = nearestAbove(table, this.#parents);
    this.#sendOf = new Int32Array(table.count).fill(-1);
    this.#innerOf = new Int32Array(table.count).fill(-1);
  }

  run(): Pairing {
    const table = this.#table;
    const consumers: number[] = [];
    const producers: number[] = [];
    for (let row = 0; row < table.count; row++) {
      const role = table.columns.role[row] ?? 0;
      if (role === CREATE || role === SEND) producers.push(row);
      else if (role === RECEIVE || role === PROCESS) consumers.push(row);
    }
    for (const row of producers) if (table.columns.role[row] === SEND) this.#joinCreates(row);
    for (const row of consumers) this.#references.set(row, this.#refer(row));
    for (const row of consumers) this.#coverChain(row);
    this.#coverReceives(consumers);
    for (const row of consumers) this.#inherit(row);
    this.#pairByMessageId(consumers, producers);
    for (const row of consumers) this.#conclude(row);
    this.#numberAttempts();
    this.#unseen(producers);
    return { deliveries: this.#deliveries, halves: this.#halves, parents: this.#parents, above: this.#above };
  }

  /** Finds the creates of a send (linked, above or below it) and sends nested in sends of the same channel. */
  #joinCreates(send: number): void {
    const { columns } = this.#table;
    for (const { row } of this.#linksOf(send)) {
      if (row >= 0 && columns.role[row] === CREATE) this.#join(row, send);
    }
    const above = this.#above[send] ?? -1;
    if (above < 0 || columns.service[above] !== columns.service[send]) return;
    if (columns.role[above] === CREATE && this.#sendOf[above] === -1) this.#join(above, send);
    else if (columns.role[above] === SEND && sameChannel(this.#table, above, send)) this.#nest(send, above);
  }

  #join(create: number, send: number): void {
    const before = this.#sendOf[create] ?? -1;
    if (before === send) return;
    // Sent twice (a retried send): the first one counts.
    if (before >= 0 && !this.#earlier(send, before)) return;
    this.#sendOf[create] = send;
    this.#nest(create, send);
  }

  #nest(inner: number, outer: number): void {
    const before = this.#innerOf[outer] ?? -1;
    this.#innerOf[outer] = before === -1 || before === inner ? inner : -2;
  }

  #earlier(a: number, b: number): boolean {
    const { start, idHigh, idLow } = this.#table.columns;
    const order =
      (start[a] ?? 0) - (start[b] ?? 0) || (idHigh[a] ?? 0) - (idHigh[b] ?? 0) || (idLow[a] ?? 0) - (idLow[b] ?? 0);
    return order < 0;
  }

  /** The span that stands for the message: its create, or the inner of two nested sends. */
  #canonical(row: number): number {
    const inner = this.#innerOf[row] ?? -1;
    if (inner < 0) return row;
    const deeper = this.#innerOf[inner] ?? -1;
    return deeper >= 0 ? deeper : inner;
  }

  *#linksOf(
    row: number,
  ): Generator<{ row: number; trace: number; high: number; low: number; idHigh: number; idLow: number }> {
    const { columns, messages, links } = this.#table;
    const message = (columns.message[row] ?? 0) - 1;
    if (message < 0) return;
    const first = messages.firstLink[message] ?? 0;
    const count = messages.links[message] ?? 0;
    for (let at = first; at < first + count; at++) {
      const trace = links.trace[at] ?? 0;
      const high = links.high[at] ?? 0;
      const low = links.low[at] ?? 0;
      yield {
        row: this.#table.find(trace, high, low),
        trace,
        high,
        low,
        idHigh: links.idHigh[at] ?? 0,
        idLow: links.idLow[at] ?? 0,
      };
    }
  }

  /** What a consumer span itself points to. */
  #refer(row: number): Reference[] {
    const { columns } = this.#table;
    const list: Reference[] = [];
    for (const link of this.#linksOf(row)) {
      const found = link.row;
      if (found < 0) {
        this.#add(row, list, this.#outsider(link.trace, link.high, link.low), true, false, link.idHigh, link.idLow);
      } else if (isProducer(columns.role[found])) {
        this.#add(row, list, this.#canonical(found), true, false, link.idHigh, link.idLow);
      } else if (!isConsumer(columns.role[found])) this.#foreign.add(row);
    }
    const parent = this.#parents[row] ?? -1;
    const above = this.#above[row] ?? -1;
    if (above >= 0 && isProducer(columns.role[above]) && (above === parent || list.length === 0)) {
      this.#add(row, list, this.#canonical(above), false, above !== parent, 0, 0);
    } else if (above < 0 && list.length === 0 && parent < 0 && this.#table.hasParent(row)) {
      // A receive span under something that was not exported is an ordinary poll, unless it did work of its own.
      if (columns.role[row] === PROCESS || this.#hasChild[row] === 1) {
        const trace = columns.trace[row] ?? 0;
        const target = this.#outsider(trace, columns.parentHigh[row] ?? 0, columns.parentLow[row] ?? 0);
        this.#add(row, list, target, false, false, 0, 0);
      }
    }
    return list;
  }

  #add(
    row: number,
    list: Reference[],
    target: number,
    linked: boolean,
    inferred: boolean,
    idHigh: number,
    idLow: number,
  ): void {
    const same = this.#lookUp(row, list, target);
    if (same === undefined) {
      const made = { target, linked, inferred, idHigh, idLow, covered: false };
      list.push(made);
      this.#index.get(row)?.set(target, made);
    } else if (!linked && !inferred) {
      // A parent proves that the span began after the message came.
      same.linked = false;
      same.inferred = false;
    }
  }

  /** Long lists (a batch) are indexed, so that looking through them for each of their members stays cheap. */
  #lookUp(row: number, list: readonly Reference[], target: number): Reference | undefined {
    if (list.length <= FEW) return list.find((each) => each.target === target);
    let index = this.#index.get(row);
    if (index === undefined) {
      index = new Map(list.map((each) => [each.target, each]));
      this.#index.set(row, index);
    }
    return index.get(target);
  }

  #outsider(trace: number, high: number, low: number): number {
    const key = `${trace}:${high}:${low}`;
    const before = this.#outside.get(key);
    if (before !== undefined) return before;
    const number = -1 - this.#outside.size;
    this.#outside.set(key, number);
    return number;
  }

  /** Of two spans of one consumer for one message, one inside the other, only one counts. */
  #coverChain(row: number): void {
    const own = this.#references.get(row) ?? [];
    if (own.length === 0) return;
    const { columns } = this.#table;
    let outer = this.#above[row] ?? -1;
    for (let steps = 0; outer >= 0 && steps < 32; steps++) {
      if (!isConsumer(columns.role[outer]) || columns.service[outer] !== columns.service[row]) break;
      const theirs = this.#references.get(outer) ?? [];
      for (const mine of own) {
        const other = this.#lookUp(outer, theirs, mine.target);
        if (other === undefined) continue;
        if (columns.role[outer] === RECEIVE && columns.role[row] === PROCESS) other.covered = true;
        else mine.covered = true;
      }
      outer = this.#above[outer] ?? -1;
    }
  }

  /** A receive span and a process span of one service for one message, side by side: the process span counts. */
  #coverReceives(consumers: readonly number[]): void {
    const { columns } = this.#table;
    const received = new Map<string, { readonly row: number; readonly reference: Reference }[]>();
    for (const row of consumers) {
      if (columns.role[row] !== RECEIVE) continue;
      for (const reference of this.#references.get(row) ?? []) {
        if (reference.covered) continue;
        const key = `${reference.target}:${columns.service[row]}`;
        const list = received.get(key);
        if (list === undefined) received.set(key, [{ row, reference }]);
        else list.push({ row, reference });
      }
    }
    if (received.size === 0) return;
    for (const row of consumers) {
      if (columns.role[row] !== PROCESS) continue;
      for (const { target, covered } of this.#references.get(row) ?? []) {
        if (covered) continue;
        for (const other of received.get(`${target}:${columns.service[row]}`) ?? []) {
          if ((columns.start[other.row] ?? 0) <= (columns.start[row] ?? 0)) other.reference.covered = true;
        }
      }
    }
  }

  /** A process span below a receive span that alone carries the references takes one over where it is certain which is its own. */
  #inherit(row: number): void {
    const { columns, messages } = this.#table;
    const own = this.#references.get(row) ?? [];
    const outer = this.#above[row] ?? -1;
    if (own.length > 0 || columns.role[row] !== PROCESS || outer < 0 || !isConsumer(columns.role[outer])) return;
    if (columns.service[outer] !== columns.service[row]) return;
    const theirs = this.#references.get(outer) ?? [];
    if (columns.role[outer] !== RECEIVE) {
      // A second instrumentation inside the first.
      if (theirs.length > 0) this.#inside.add(row);
      return;
    }
    if (theirs.length === 0) return;
    this.#inside.add(row);
    const message = (columns.message[row] ?? 0) - 1;
    const high = messages.idHigh[message] ?? 0;
    const low = messages.idLow[message] ?? 0;
    const named = high !== 0 || low !== 0;
    const match =
      theirs.length === 1 ? theirs[0] : named ? this.#byMessageId(outer, theirs).get(`${high}:${low}`) : undefined;
    if (match === undefined) return;
    match.covered = true;
    this.#references.set(row, [{ ...match, covered: false, linked: false }]);
    this.#inside.delete(row);
  }

  /** The references of a receive span by the id of their message, as the link or the producer's span names it. */
  #byMessageId(row: number, list: readonly Reference[]): ReadonlyMap<string, Reference> {
    const before = this.#messageIndex.get(row);
    if (before !== undefined) return before;
    const { columns, messages } = this.#table;
    const index = new Map<string, Reference>();
    for (const each of list) {
      const message = (columns.message[each.target] ?? 0) - 1;
      if (message >= 0) index.set(`${messages.idHigh[message]}:${messages.idLow[message]}`, each);
      index.set(`${each.idHigh}:${each.idLow}`, each);
    }
    index.delete('0:0');
    this.#messageIndex.set(row, index);
    return index;
  }

  /** Consumers that no reference leads anywhere from may still name a message that exactly one producer sent. */
  #pairByMessageId(consumers: readonly number[], producers: readonly number[]): void {
    const { columns, messages } = this.#table;
    const wanted = consumers.filter((row) => {
      const list = this.#references.get(row) ?? [];
      return !this.#inside.has(row) && (list.length === 0 || list.some((each) => each.target < 0 && !each.covered));
    });
    if (wanted.length === 0) return;
    const byId = new Map<string, number[]>();
    for (const row of producers) {
      const message = (columns.message[row] ?? 0) - 1;
      const key = `${messages.idHigh[message]}:${messages.idLow[message]}`;
      if (key === '0:0') continue;
      const canonical = this.#canonical(row);
      const list = byId.get(key);
      if (list === undefined) byId.set(key, [canonical]);
      else if (!list.includes(canonical) && list.length < 64) list.push(canonical);
    }
    if (byId.size === 0) return;
    for (const row of wanted) {
      const message = (columns.message[row] ?? 0) - 1;
      const own = `${messages.idHigh[message]}:${messages.idLow[message]}`;
      const list = this.#references.get(row) ?? [];
      if (list.length === 0) {
        const found = this.#sender(row, byId.get(own) ?? []);
        const waits = columns.role[row] === RECEIVE;
        if (found >= 0) this.#add(row, list, found, waits, false, 0, 0);
        this.#references.set(row, list);
        continue;
      }
      for (const each of list) {
        if (each.target >= 0 || each.covered) continue;
        const linked = `${each.idHigh}:${each.idLow}`;
        const found = this.#sender(row, byId.get(linked === '0:0' ? (list.length === 1 ? own : '') : linked) ?? []);
        if (found >= 0) each.target = found;
      }
    }
  }

  /** The one producer among those of a message id whose message this consumer can have read. */
  #sender(consumer: number, candidates: readonly number[]): number {
    const table = this.#table;
    const read = table.placeOf(consumer);
    const delivered = table.endOf(consumer);
    const certain: number[] = [];
    const open: number[] = [];
    for (const row of candidates) {
      if ((table.columns.start[row] ?? 0) > delivered) continue;
      const sent = table.placeOf(row);
      const declared = this.#canReach(sent, read);
      if (declared === true || couldBeSame(sent, read)) certain.push(row);
      else if (declared === null && sent.system === read.system && this.#hasUniqueId(row)) open.push(row);
    }
    // Under unlike names only an id that is one of its kind proves anything, and only where one producer has it.
    const list = certain.length > 0 ? certain : open.length === 1 ? open : [];
    let best = -1;
    for (const row of list) if (best < 0 || this.#earlier(best, row)) best = row;
    return best;
  }

  #hasUniqueId(row: number): boolean {
    const message = (this.#table.columns.message[row] ?? 0) - 1;
    return isUnique(this.#table.messages.idLow[message] ?? 0);
  }

  #conclude(row: number): void {
    const table = this.#table;
    const { columns } = table;
    const list = this.#references.get(row) ?? [];
    const open = list.filter((each) => !each.covered);
    const role = columns.role[row];
    const shared = open.filter((each) => each.target >= 0).length;
    for (const each of open) {
      if (each.target < 0) {
        this.#halves.push({ side: 'consumer', span: row, reason: REASONS.outside });
        continue;
      }
      const waited = role === RECEIVE && each.linked;
      const send = this.#sendOf[each.target] ?? -1;
      this.#deliveries.push({
        producer: each.target,
        publish: send >= 0 ? send : each.target,
        consumer: row,
        delivered: waited ? table.endOf(row) : (columns.start[row] ?? 0),
        processed: !waited,
        inferred: each.inferred,
        shared,
        attempt: 1,
        waitsFrom: 0,
      });
    }
    if (list.length > 0 || this.#inside.has(row)) return;
    if (this.#foreign.has(row)) this.#halves.push({ side: 'consumer', span: row, reason: REASONS.foreign });
    else if (role === PROCESS) {
      const linkless = ((columns.flags[row] ?? 0) & LINKLESS) !== 0;
      this.#halves.push({ side: 'consumer', span: row, reason: linkless ? REASONS.linkless : REASONS.contextless });
    }
  }

  #numberAttempts(): void {
    const { columns, messages } = this.#table;
    const last = new Int32Array(this.#table.count).fill(-1);
    const previous = new Int32Array(this.#deliveries.length).fill(-1);
    for (const [index, delivery] of this.#deliveries.entries()) {
      delivery.waitsFrom = columns.start[delivery.publish] ?? 0;
      const sent = (columns.message[delivery.producer] ?? 0) - 1;
      const read = (columns.message[delivery.consumer] ?? 0) - 1;
      // Several messages of one batch share a producer span: without an id they cannot be told from repeats.
      const named = messages.idHigh[read] !== 0 || messages.idLow[read] !== 0;
      if (!named && (messages.batch[sent] ?? 0) > 1) continue;
      previous[index] = last[delivery.producer] ?? -1;
      last[delivery.producer] = index;
    }
    for (const index of last) if (index >= 0 && (previous[index] ?? -1) >= 0) this.#numberRepeats(index, previous);
  }

  /** Deliveries of one producer span, from the last one back: those of the same message to the same consumer are attempts. */
  #numberRepeats(from: number, previous: Int32Array): void {
    const { columns, messages } = this.#table;
    const groups = new Map<string, Delivery[]>();
    for (let index = from; index >= 0; index = previous[index] ?? -1) {
      const delivery = this.#deliveries[index];
      if (delivery === undefined) break;
      const read = (columns.message[delivery.consumer] ?? 0) - 1;
      const key = `${messages.idHigh[read]}:${messages.idLow[read]}:${columns.service[delivery.consumer]}:${messages.place[read]}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [delivery]);
      else group.push(delivery);
    }
    for (const group of groups.values()) {
      if (group.length === 1) continue;
      group.sort((a, b) => a.delivered - b.delivered || (this.#earlier(a.consumer, b.consumer) ? -1 : 1));
      for (let index = 1; index < group.length; index++) {
        const delivery = group[index];
        const before = group[index - 1];
        if (delivery === undefined || before === undefined) continue;
        delivery.attempt = index + 1;
        delivery.waitsFrom = Math.min(delivery.delivered, this.#table.endOf(before.consumer));
      }
    }
  }

  #unseen(producers: readonly number[]): void {
    const { columns } = this.#table;
    const seen = new Set<number>();
    for (const { producer, publish } of this.#deliveries) seen.add(producer).add(publish);
    for (const row of producers) {
      // A send that stands for creates or for sends inside it is judged by those.
      if (seen.has(row) || (this.#innerOf[row] ?? -1) !== -1) continue;
      if (columns.role[row] === CREATE && seen.has(this.#sendOf[row] ?? -1)) continue;
      this.#halves.push({ side: 'producer', span: row, reason: REASONS.unseen });
    }
  }
}

function isProducer(role: number | undefined): boolean {
  return role === CREATE || role === SEND;
}

function isConsumer(role: number | undefined): boolean {
  return role === RECEIVE || role === PROCESS;
}

function sameChannel(table: SpanTable, a: number, b: number): boolean {
  const left = table.placeOf(a);
  const right = table.placeOf(b);
  return left.channel === right.channel && (left.key === right.key || left.key === '' || right.key === '');
}

/** Whether two places may be one by their names alone. */
function couldBeSame(sent: Place, read: Place): boolean {
  if (sent.channel !== '' && (sent.channel === read.channel || sent.channel === read.queue)) return true;
  if (sent.channel !== '' || sent.key === '') return false;
  return sent.key === read.queue || sent.key === read.key || sent.key === read.channel;
}

/** For every span the nearest one above it that handles a message. Cycles of parents end at the span where they close. O(spans). */
function nearestAbove(table: SpanTable, parents: Int32Array): Int32Array {
  const UNKNOWN = -3;
  const RUNNING = -2;
  const above = new Int32Array(table.count).fill(UNKNOWN);
  const { role } = table.columns;
  const SETTLE = 5;
  const walk: number[] = [];
  for (let row = 0; row < table.count; row++) {
    let at = row;
    while (at >= 0 && above[at] === UNKNOWN) {
      above[at] = RUNNING;
      walk.push(at);
      const parent = parents[at] ?? -1;
      if (parent >= 0 && role[parent] !== 0 && role[parent] !== SETTLE) break;
      at = parent;
    }
    let found = -1;
    const top = walk.at(-1);
    if (top !== undefined) {
      const parent = parents[top] ?? -1;
      if (parent >= 0)
        found = role[parent] !== 0 && role[parent] !== SETTLE ? parent : Math.max(-1, above[parent] ?? -1);
    }
    while (walk.length > 0) above[walk.pop() ?? 0] = found;
  }
  return above;
}
