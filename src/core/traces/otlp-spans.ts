// One ResourceSpans object in JSON → spans. Shared by every format that carries OpenTelemetry's own structure.
// OpenTelemetry proto 1.x, JSON mapping; tolerates what exporters really write: enum names, numbers for int64, base64 ids.
import type { JsonObject, JsonValue } from '../model/json.ts';
import { Losses, listOf, member, objectOf, textOf } from './fields.ts';
import { spanId, traceId } from './ids.ts';
import type { Span, SpanKind, SpanLink } from './importer.ts';
import { fromNanos, nanosBetween } from './times.ts';

const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Appends the spans of one ResourceSpans; a span that cannot be used is counted in `losses`. */
export function readResourceSpans(value: JsonValue, spans: Span[], losses: Losses): void {
  const resource = objectOf(value);
  const base = new Map<string, JsonValue>();
  readAttributes(member(objectOf(member(resource, 'resource')), 'attributes'), base);
  const named = base.get('service.name');
  const service = typeof named === 'string' ? named : '';
  for (const key of ['scopeSpans', 'instrumentationLibrarySpans']) {
    for (const group of listOf(member(resource, key))) {
      for (const item of listOf(member(objectOf(group), 'spans'))) {
        const span = readSpan(objectOf(item), service, base, losses);
        if (span) spans.push(span);
      }
    }
  }
}

function readSpan(
  item: JsonObject | null,
  service: string,
  base: ReadonlyMap<string, JsonValue>,
  losses: Losses,
): Span | null {
  const trace = traceId(member(item, 'traceId') ?? member(item, 'trace_id'));
  const id = spanId(member(item, 'spanId') ?? member(item, 'span_id'));
  if (trace === null || id === null) {
    losses.drop('a span has no valid trace id and span id');
    return null;
  }
  const start = fromNanos(member(item, 'startTimeUnixNano') ?? member(item, 'start_time_unix_nano'));
  const end = fromNanos(member(item, 'endTimeUnixNano') ?? member(item, 'end_time_unix_nano'));
  if (start === null || start.micros === 0) {
    losses.drop('a span has no start time');
    return null;
  }
  let duration = end === null ? 0 : nanosBetween(start, end);
  if (end === null || end.micros === 0) {
    losses.note('a span has no end time and counts as 0 ms long');
    duration = 0;
  } else if (duration < 0) {
    losses.drop('a span ends before it starts');
    return null;
  }
  const attributes = new Map(base);
  readAttributes(member(item, 'attributes'), attributes);
  const dropped = member(item, 'droppedLinksCount');
  if (typeof dropped === 'number' && dropped > 0) losses.note('span links were cut by the SDK (droppedLinksCount)');
  return {
    traceId: trace,
    spanId: id,
    parentSpanId: spanId(member(item, 'parentSpanId') ?? member(item, 'parent_span_id')),
    service,
    name: textOf(item, 'name'),
    kind: readKind(member(item, 'kind')),
    startMicros: start.micros,
    startNanos: start.nanos,
    durationNanos: duration,
    error: readStatus(objectOf(member(item, 'status'))) || attributes.get('error') === true,
    links: readLinks(member(item, 'links')),
    attributes,
  };
}

function readKind(value: JsonValue | undefined): SpanKind {
  if (typeof value === 'number') return KINDS[value] ?? 'unspecified';
  if (typeof value !== 'string') return 'unspecified';
  const name = value.replace(/^SPAN_KIND_/, '').toLowerCase();
  return KINDS.find((kind) => kind === name) ?? 'unspecified';
}

function readStatus(status: JsonObject | null): boolean {
  const code = member(status, 'code');
  return code === 2 || code === 'STATUS_CODE_ERROR' || code === 'ERROR';
}

function readLinks(value: JsonValue | undefined): readonly SpanLink[] {
  const items = listOf(value);
  if (items.length === 0) return NO_LINKS;
  const links: SpanLink[] = [];
  for (const item of items) {
    const link = objectOf(item);
    const trace = traceId(member(link, 'traceId') ?? member(link, 'trace_id'));
    const id = spanId(member(link, 'spanId') ?? member(link, 'span_id'));
    if (trace === null || id === null) continue;
    const attributes = new Map<string, JsonValue>();
    readAttributes(member(link, 'attributes'), attributes);
    const message = attributes.get('messaging.message.id') ?? attributes.get('messaging.message_id');
    links.push({ traceId: trace, spanId: id, messageId: typeof message === 'string' ? message : null });
  }
  return links;
}

const NO_LINKS: readonly SpanLink[] = [];

/** Lays KeyValue entries over `into`. Also takes a plain object, as some tools write attributes. */
export function readAttributes(value: JsonValue | undefined, into: Map<string, JsonValue>): void {
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      const entry = objectOf(item);
      const key = textOf(entry, 'key');
      if (key !== '') into.set(key, anyValue(member(entry, 'value'), 0));
    }
    return;
  }
  const plain = objectOf(value);
  if (plain) for (const [key, held] of Object.entries(plain)) into.set(key, held);
}

/** An OTLP AnyValue as plain JSON; 64-bit integers beyond 2^53 stay text. */
function anyValue(value: JsonValue | undefined, depth: number): JsonValue {
  const any = objectOf(value);
  if (any === null) return value ?? null;
  for (const [key, held] of Object.entries(any)) {
    switch (key) {
      case 'stringValue':
      case 'boolValue':
      case 'doubleValue':
      case 'bytesValue':
        return held;
      case 'intValue':
        return integer(held);
      case 'arrayValue':
        return depth > 8 ? null : listOf(member(objectOf(held), 'values')).map((item) => anyValue(item, depth + 1));
      case 'kvlistValue':
        return null;
      default:
    }
  }
  return null;
}

function integer(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) && value !== '' ? number : value;
}
