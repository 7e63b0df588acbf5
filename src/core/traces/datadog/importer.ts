// Datadog spans → spans: the agent's JSON (v0.3, v0.4), agentless payloads, the Spans API (v2) and the trace view's JSON. 64-bit ids are bare
// numbers in most of them: they are turned into text before anything parses them, so none loses its last digits.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, numberOf, objectOf, textOf } from '../fields.ts';
import { flatten } from '../flatten.ts';
import { peek } from '../head.ts';
import { decimalId, hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, SpanLink, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromIso, fromNanos, nanosBetween, type Moment } from '../times.ts';

export const datadog = {
  id: 'datadog',
  title: 'Datadog',
  docs: {
    summary: 'Spans as Datadog’s tracers send them and as its API and trace view return them.',
    reads: [
      'the agent’s arrays of traces (`[[{"trace_id": …}]]`), also one trace',
      'agentless payloads (`{"traces": [{"spans": […]}]}`)',
      'answers of the Spans API v2, and the trace view’s JSON (`{"trace": {"spans": {…}}}`)',
      '64-bit and 128-bit ids exactly, span links in `_dd.span_links`',
    ],
    doesNotRead: ['MessagePack', 'Data Streams Monitoring checkpoints'],
  },
  recognises: (head) => layoutOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  const layout = layoutOf(head) ?? { path: ['*'], decimal: true };
  for await (const batch of parseElements(all, { path: layout.path, rewrite: keepIdsExact })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readTrace(value, layout.decimal, spans, losses);
    yield losses.batch(spans);
  }
}

/** Marks ids that were bare numbers, so that they are never taken for hex. */
const NUMBER_MARK = '#';

/** Only keys with their own quotes match: within a string value they would be escaped. */
function keepIdsExact(text: string): string {
  return text.replaceAll(
    /"(trace_id|span_id|parent_id|trace_id_high|root_id)"(\s*):(\s*)(\d{1,20})(?=[\s,}\]])/g,
    `"$1"$2:$3"${NUMBER_MARK}$4"`,
  );
}

interface Layout {
  readonly path: readonly Step[];
  /** Ids written as text are decimal. */
  readonly decimal: boolean;
}

function layoutOf(head: Bytes): Layout | null {
  const shape = sniff(head);
  if (isSpan(reach(shape, 0, 0))) return { path: ['*'], decimal: true };
  if (isSpan(reach(shape, 0))) return { path: ['*'], decimal: true };
  if (isSpan(reach(shape, 'traces', 0, 'spans', 0))) return { path: [['traces'], '*'], decimal: false };
  if (isSpan(reach(shape, 'spans', 0))) return { path: [], decimal: false };
  if (isSpan(reach(shape, 'data', 0, 'attributes')) || reachesApi(shape))
    return { path: [['data'], '*'], decimal: true };
  const spans = reach(shape, 'trace', 'spans');
  const [first] = spans?.kind === 'object' ? [...spans.members.values()] : [];
  if (isSpan(first ?? null)) return { path: [['trace']], decimal: true };
  return isSpan(shape) ? { path: [], decimal: true } : null;
}

function reachesApi(shape: Shape | null): boolean {
  const attributes = reach(shape, 'data', 0, 'attributes');
  return hasKeys(attributes, 'trace_id', 'span_id') && hasKeys(attributes, 'start_timestamp');
}

function isSpan(shape: Shape | null): boolean {
  if (!hasKeys(shape, 'trace_id', 'span_id')) return false;
  return ['start', 'resource', 'meta', 'start_timestamp', 'resource_name'].some((key) => hasKeys(shape, key));
}

/** One element: a trace as an array, an object with `spans` (a list or by id), or a single span. */
function readTrace(value: JsonValue, decimal: boolean, spans: Span[], losses: Losses): void {
  const holder = objectOf(value);
  const inner = member(holder, 'spans');
  const items: readonly JsonValue[] = Array.isArray(value)
    ? (value as readonly JsonValue[])
    : Array.isArray(inner)
      ? (inner as readonly JsonValue[])
      : inner === undefined
        ? [value]
        : Object.values(objectOf(inner) ?? {});
  // The upper half of a 128-bit trace id may stand on one span of the trace only.
  const upper = new Map<string, string>();
  for (const item of items) {
    const span = spanOf(item);
    const high = textOf(objectOf(member(span, 'meta')), '_dd.p.tid');
    if (/^[0-9a-f]{16}$/i.test(high)) upper.set(idText(member(span, 'trace_id')), high.toLowerCase());
  }
  for (const item of items) readSpan(spanOf(item), decimal, upper, spans, losses);
}

/** The Spans API wraps a span as `attributes`. */
function spanOf(item: JsonValue): JsonObject | null {
  const span = objectOf(item);
  return objectOf(member(span, 'attributes')) ?? span;
}

function idText(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const KINDS: ReadonlyMap<string, SpanKind> = new Map([
  ['producer', 'producer'],
  ['consumer', 'consumer'],
  ['client', 'client'],
  ['server', 'server'],
  ['internal', 'internal'],
]);

function readSpan(
  span: JsonObject | null,
  decimal: boolean,
  upper: ReadonlyMap<string, string>,
  spans: Span[],
  losses: Losses,
): void {
  const low = id64(member(span, 'trace_id'), decimal);
  const whole = hexWide(member(span, 'trace_id'));
  const spanId = id64(member(span, 'span_id'), decimal);
  if ((low === null && whole === null) || spanId === null)
    return losses.drop('a span has no valid trace id and span id');
  const start = fromIso(member(span, 'start_timestamp')) ?? nanosOf(span);
  if (start === null || start.micros === 0) return losses.drop('a span has no start time');
  const end = fromIso(member(span, 'end_timestamp'));
  const duration = end === null ? (numberOf(span, 'duration') ?? 0) : nanosBetween(start, end);
  if (!(duration >= 0)) return losses.drop('a span ends before it starts');

  const attributes = new Map<string, JsonValue>();
  flatten(member(span, 'custom'), attributes);
  for (const tag of listOf(member(span, 'tags'))) {
    if (typeof tag !== 'string') continue;
    const colon = tag.indexOf(':');
    if (colon > 0) attributes.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const group of ['metrics', 'meta'])
    for (const [key, value] of Object.entries(objectOf(member(span, group)) ?? {})) attributes.set(key, value);
  const name = textOf(span, 'name') || textOf(span, 'operation_name');
  const resource = textOf(span, 'resource') || textOf(span, 'resource_name');
  const kind = kindOf(attributes.get('span.kind'), name);
  if (
    (kind === 'producer' || kind === 'consumer') &&
    !NAMED.some((key) => attributes.has(key)) &&
    /^[^\s]+$/.test(resource)
  ) {
    attributes.set('messaging.destination.name', resource);
  }
  const links: SpanLink[] = [];
  readLinks(attributes.get('_dd.span_links'), links);
  readLinks(member(span, 'span_links'), links);
  spans.push({
    traceId: whole ?? (upper.get(idText(member(span, 'trace_id'))) ?? '0'.repeat(16)) + (low ?? ''),
    spanId,
    parentSpanId: id64(member(span, 'parent_id'), decimal),
    service: textOf(span, 'service'),
    name: resource === '' || resource === name ? name : `${name} ${resource}`,
    kind,
    startMicros: start.micros,
    startNanos: start.nanos,
    durationNanos: Math.round(duration),
    error: numberOf(span, 'error') === 1 || textOf(span, 'status') === 'error' || attributes.has('error.type'),
    links,
    attributes,
  });
}

const NAMED = [
  'messaging.destination.name',
  'kafka.topic',
  'topicname',
  'queuename',
  'messaging.destination',
  'amqp.queue',
  'amqp.exchange',
];

function nanosOf(span: JsonObject | null): Moment | null {
  return fromNanos(member(span, 'start'));
}

/** A 64-bit id: a marked number, decimal text, or hex. */
function id64(value: JsonValue | undefined, decimal: boolean): string | null {
  if (typeof value === 'number') return decimalId(value);
  if (typeof value !== 'string') return null;
  if (value.startsWith(NUMBER_MARK)) return decimalId(value.slice(1));
  if (value.length === 32) return hexSpanId(value.slice(16));
  return decimal && /^\d+$/.test(value) ? decimalId(value) : hexSpanId(value);
}

function hexWide(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value.length === 32 ? hexTraceId(value) : null;
}

function kindOf(value: JsonValue | undefined, name: string): SpanKind {
  const said = typeof value === 'string' ? KINDS.get(value.toLowerCase()) : undefined;
  if (said !== undefined) return said;
  if (/\.(?:produce|publish|send)$/.test(name)) return 'producer';
  return /\.(?:consume|receive|deliver|process)$/.test(name) ? 'consumer' : 'unspecified';
}

/** Links as a list, or as that list in JSON text. */
function readLinks(value: JsonValue | undefined, into: SpanLink[]): void {
  let list: JsonValue | undefined = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value) as JsonValue;
    } catch {
      return;
    }
  }
  for (const item of listOf(list)) {
    const link = objectOf(item);
    const spanId = id64(member(link, 'span_id'), false);
    const low = id64(member(link, 'trace_id'), false);
    const high = id64(member(link, 'trace_id_high'), false);
    const traceId = hexWide(member(link, 'trace_id')) ?? (low === null ? null : (high ?? '0'.repeat(16)) + low);
    if (spanId !== null && traceId !== null) into.push({ traceId, spanId, messageId: null });
  }
}
