// Encore's trace events, in the three spellings they can be got out in (the dashboard's RPC, the MCP tools, the SQLite store) → spans. A publish is
// an event within a span, a handler is a trace of its own: they are joined by topic and message id. Publish times are the broker's: waits are exact.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, member, numberOf, objectOf } from '../fields.ts';
import { peek } from '../head.ts';
import type { Bytes, Span, SpanBatch, SpanKind, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromIso, nanosBetween, type Moment } from '../times.ts';

export const encore = {
  id: 'encore',
  title: 'Encore',
  docs: {
    summary: 'Trace events of Encore’s local development daemon.',
    reads: [
      'the dashboard’s `traces/get` answers (snake_case)',
      'what the MCP tools return (Go’s own JSON)',
      '`event_data` of the daemon’s SQLite store (camelCase), as an array or one event per line',
    ],
    doesNotRead: ['span summaries: they hold no events', 'the SQLite file itself'],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  const events = new Events(losses);
  for await (const batch of parseElements(all, { path: pathOf(head) ?? ['*'], rewrite: keepIdsExact })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    for (const value of batch.values) events.add(value);
  }
  yield losses.batch(events.spans());
}

/** 64-bit numbers stand bare in Go's JSON. Only keys with their own quotes match: within a string value they would be escaped. */
function keepIdsExact(json: string): string {
  return json.replaceAll(
    /"(high|low|span_id|event_id|correlation_event_id|parent_span_id|duration_nanos)"(\s*):(\s*)(\d{1,20})(?=[\s,}\]])/g,
    '"$1"$2:$3"$4"',
  );
}

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isEvent(reach(shape, 0))) return ['*'];
  if (isEvent(shape)) return [];
  for (const key of ['result', 'events', 'trace_events', 'data']) {
    if (isEvent(reach(shape, key, 0))) return [[key], '*'];
    if (isEvent(reach(shape, key, 'events', 0))) return [[key], ['events'], '*'];
  }
  return null;
}

const EVENT_KINDS = ['spanStart', 'spanEnd', 'spanEvent', 'span_start', 'span_end', 'span_event', 'Event'];

function isEvent(shape: Shape | null): boolean {
  const identified = hasKeys(shape, 'traceId', 'eventTime') || hasKeys(shape, 'trace_id', 'event_time');
  return identified && EVENT_KINDS.some((key) => hasKeys(shape, key));
}

/** A member in any of the three spellings, looked for below Go's oneof wrappers too. */
function get(object: JsonObject | null, name: string): JsonValue | undefined {
  const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const pascal = camel.charAt(0).toUpperCase() + camel.slice(1);
  for (const key of [name, camel, pascal]) {
    const found = member(object, key);
    if (found !== undefined && found !== null) return found;
  }
  for (const wrapper of ['Event', 'Data']) {
    const inner = objectOf(member(object, wrapper));
    const found = member(inner, pascal);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

function part(object: JsonObject | null, name: string): JsonObject | null {
  return objectOf(get(object, name));
}

function text(object: JsonObject | null, name: string): string {
  const value = get(object, name);
  return typeof value === 'string' ? value : '';
}

/** An unsigned 64-bit number as 16 hex characters; null for zero and for anything else. */
function id64(value: JsonValue | undefined): string | null {
  const digits = typeof value === 'number' ? String(value) : value;
  if (typeof digits !== 'string' || !/^\d{1,20}$/.test(digits)) return null;
  const number = BigInt(digits);
  return number === 0n ? null : BigInt.asUintN(64, number).toString(16).padStart(16, '0');
}

function traceOf(value: JsonValue | undefined): string | null {
  const id = objectOf(value);
  const high = id64(get(id, 'high'));
  const low = id64(get(id, 'low'));
  return high === null && low === null ? null : (high ?? '0'.repeat(16)) + (low ?? '0'.repeat(16));
}

function momentOf(value: JsonValue | undefined): Moment | null {
  const split = objectOf(value);
  if (split === null) return fromIso(value);
  const seconds = numberOf(split, 'seconds');
  if (seconds === null) return null;
  const nanos = numberOf(split, 'nanos') ?? 0;
  return { micros: seconds * 1_000_000 + Math.floor(nanos / 1000), nanos: nanos % 1000 };
}

interface Started {
  readonly traceId: string;
  readonly spanId: string;
  readonly begin: Moment;
  readonly start: JsonObject | null;
}

interface Publish {
  readonly traceId: string;
  readonly spanId: string;
  readonly eventId: string;
  readonly begin: Moment;
  readonly topic: string;
}

class Events {
  readonly #losses: Losses;
  readonly #started = new Map<string, Started>();
  readonly #ended = new Map<string, { readonly at: Moment; readonly nanos: number | null; readonly error: boolean }>();
  readonly #publishes = new Map<string, Publish>();
  readonly #published = new Map<string, { readonly at: Moment; readonly messageId: string; readonly error: boolean }>();

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  add(value: JsonValue): void {
    const event = objectOf(value);
    const traceId = traceOf(get(event, 'trace_id'));
    const spanId = id64(get(event, 'span_id'));
    const at = momentOf(get(event, 'event_time'));
    if (traceId === null || spanId === null) return this.#losses.drop('an event has no valid trace id and span id');
    if (at === null) return this.#losses.drop('an event has no time');
    const key = `${traceId}:${spanId}`;
    const start = part(event, 'span_start');
    const end = part(event, 'span_end');
    const within = part(event, 'span_event');
    if (start !== null) this.#started.set(key, { traceId, spanId, begin: at, start });
    else if (end !== null) {
      const status = text(end, 'status_code') || idText(get(end, 'status_code'));
      const failed =
        get(end, 'error') !== undefined ||
        (status !== '' && status !== 'STATUS_CODE_OK' && status !== '0' && status !== 'STATUS_CODE_UNSPECIFIED');
      this.#ended.set(key, { at, nanos: numberText(get(end, 'duration_nanos')), error: failed });
    } else if (within !== null) this.#addWithin(within, key, traceId, spanId, idText(get(event, 'event_id')), at);
  }

  spans(): readonly Span[] {
    const spans: Span[] = [];
    for (const [key, { traceId, spanId, begin, start }] of this.#started) {
      const end = this.#ended.get(key);
      if (end === undefined) this.#losses.note('a span has no end event and counts as 0 ms long');
      const duration = end === undefined ? 0 : (end.nanos ?? nanosBetween(begin, end.at));
      if (duration < 0) {
        this.#losses.drop('a span ends before it starts');
        continue;
      }
      spans.push({
        ...described(start),
        traceId,
        spanId,
        parentSpanId: id64(get(start, 'parent_span_id')),
        startMicros: begin.micros,
        startNanos: begin.nanos,
        durationNanos: duration,
        error: end?.error ?? false,
        links: [],
      });
    }
    for (const [key, publish] of this.#publishes) this.#addPublish(key, publish, spans);
    return spans;
  }

  #addWithin(within: JsonObject, key: string, traceId: string, spanId: string, eventId: string, begin: Moment): void {
    const start = part(within, 'pubsub_publish_start');
    const end = part(within, 'pubsub_publish_end');
    if (start !== null)
      this.#publishes.set(`${key}:${eventId}`, { traceId, spanId, eventId, begin, topic: text(start, 'topic') });
    else if (end !== null) {
      const started = idText(get(within, 'correlation_event_id'));
      this.#published.set(`${key}:${started}`, {
        at: begin,
        messageId: text(end, 'message_id'),
        error: get(end, 'err') !== undefined,
      });
    }
  }

  /** A publish becomes a producer span below the span it happened in. */
  #addPublish(key: string, publish: Publish, spans: Span[]): void {
    const end = this.#published.get(key);
    const owner = this.#started.get(`${publish.traceId}:${publish.spanId}`);
    spans.push({
      traceId: publish.traceId,
      spanId: mixed(publish.spanId, publish.eventId),
      parentSpanId: publish.spanId,
      service: owner === undefined ? '' : described(owner.start).service,
      name: `${publish.topic} publish`,
      kind: 'producer',
      startMicros: publish.begin.micros,
      startNanos: publish.begin.nanos,
      durationNanos: end === undefined ? 0 : Math.max(0, nanosBetween(publish.begin, end.at)),
      error: end?.error ?? false,
      links: [],
      attributes: new Map<string, JsonValue>([
        ['messaging.system', 'encore'],
        ['messaging.destination.name', publish.topic],
        ['messaging.message.id', end?.messageId ?? ''],
      ]),
    });
  }
}

function idText(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function numberText(value: JsonValue | undefined): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' ? number : null;
}

/** What a span is, by what its start event holds. */
function described(start: JsonObject | null): {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Map<string, JsonValue>;
} {
  const message = part(start, 'pubsub_message');
  if (message !== null) {
    const topic = text(message, 'topic_name');
    const published = momentOf(get(message, 'publish_time'));
    const attributes = new Map<string, JsonValue>([
      ['messaging.system', 'encore'],
      ['messaging.operation.type', 'process'],
      ['messaging.destination.name', topic],
      ['messaging.destination.subscription.name', text(message, 'subscription_name')],
      ['messaging.message.id', text(message, 'message_id')],
    ]);
    if (published !== null) attributes.set('eventscape.broker_micros', published.micros);
    return { service: text(message, 'service_name'), name: `${topic} process`, kind: 'consumer', attributes };
  }
  for (const kind of ['request', 'auth', 'test']) {
    const request = part(start, kind);
    if (request === null) continue;
    return {
      service: text(request, 'service_name'),
      name: text(request, 'endpoint_name') || text(request, 'test_name'),
      kind: 'server',
      attributes: new Map(),
    };
  }
  return { service: '', name: '', kind: 'internal', attributes: new Map() };
}

/** A span id of its own for an event of a span, the same each time. */
function mixed(spanId: string, eventId: string): string {
  const event = /^\d{1,20}$/.test(eventId) ? BigInt(eventId) : 1n;
  const made = BigInt.asUintN(64, BigInt(`0x${spanId}`) ^ ((event + 1n) * 0x9e3779b97f4a7c15n));
  return (made === 0n ? 1n : made).toString(16).padStart(16, '0');
}
