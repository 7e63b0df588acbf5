// Honeycomb's flat rows → spans. Rows of spans, and rows of their links (`meta.annotation_type: link`), which may come in any order.
// Field names as documented for OpenTelemetry data; a dataset with renamed fields is not recognised.
import type { JsonValue } from '../../model/json.ts';
import { Losses, objectOf } from '../fields.ts';
import { flatten } from '../flatten.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, LateLink, Span, SpanBatch, SpanKind, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromIso, fromMicros, type Moment } from '../times.ts';

export const honeycomb = {
  id: 'honeycomb',
  title: 'Honeycomb',
  docs: {
    summary: 'Rows of a Honeycomb dataset: query results and events.',
    reads: [
      'query results (`{"data": {"results": [{"data": {…}}]}}`), arrays of rows, JSON lines',
      'events as they are sent (`{"time": …, "data": {…}}`)',
      'link rows, joined with their spans',
    ],
    doesNotRead: [
      'span events',
      'datasets with renamed trace fields',
      'sample rates: counts are of the rows in the file',
    ],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  for await (const batch of parseElements(all, { path: pathOf(head) ?? ['*'] })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    const lateLinks: LateLink[] = [];
    for (const value of batch.values) readRow(value, spans, lateLinks, losses);
    yield { ...losses.batch(spans), lateLinks };
  }
}

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isRow(shape)) return [];
  if (isRow(reach(shape, 0))) return ['*'];
  if (isRow(reach(shape, 'data', 'results', 0))) return [['data'], ['results'], '*'];
  if (isRow(reach(shape, 'results', 0))) return [['results'], '*'];
  return null;
}

function isRow(shape: Shape | null): boolean {
  return hasKeys(shape, 'trace.trace_id') || hasKeys(reach(shape, 'data'), 'trace.trace_id');
}

const KINDS: ReadonlyMap<string, SpanKind> = new Map([
  ['producer', 'producer'],
  ['consumer', 'consumer'],
  ['client', 'client'],
  ['server', 'server'],
  ['internal', 'internal'],
]);

function readRow(value: JsonValue, spans: Span[], lateLinks: LateLink[], losses: Losses): void {
  const outer = objectOf(value);
  const row = new Map<string, JsonValue>();
  flatten(outer, row);
  flatten(objectOf(outer?.['data'] ?? null) ?? undefined, row);
  const text = (...keys: readonly string[]): string => {
    for (const key of keys) {
      const held = row.get(key);
      if (typeof held === 'string' && held !== '') return held;
    }
    return '';
  };
  const traceId = hexTraceId(text('trace.trace_id'));
  const annotation = text('meta.annotation_type', 'meta.annotationtype');
  if (annotation === 'link') {
    const owner = hexSpanId(text('trace.parent_id'));
    const linkedTrace = hexTraceId(text('trace.link.trace_id'));
    const linkedSpan = hexSpanId(text('trace.link.span_id'));
    if (traceId === null || owner === null || linkedTrace === null || linkedSpan === null)
      return losses.drop('a link row lacks one of its ids');
    const messageId = text('messaging.message.id');
    lateLinks.push({
      traceId,
      spanId: owner,
      link: { traceId: linkedTrace, spanId: linkedSpan, messageId: messageId === '' ? null : messageId },
    });
    return;
  }
  if (annotation === 'span_event') return;
  const spanId = hexSpanId(text('trace.span_id'));
  if (traceId === null || spanId === null) return losses.drop('a span has no valid trace id and span id');
  const start = momentOf(row);
  if (start === null) return losses.drop('a span has no start time');
  const duration = Number(row.get('duration_ms') ?? 0);
  if (!(duration >= 0)) return losses.drop('a span ends before it starts');
  const error = row.get('error');
  spans.push({
    traceId,
    spanId,
    parentSpanId: hexSpanId(text('trace.parent_id')),
    service: text('service.name', 'service_name', 'serviceName'),
    name: text('name'),
    kind: KINDS.get(text('span.kind', 'span_kind', 'type').toLowerCase().replace('span_kind_', '')) ?? 'unspecified',
    startMicros: start.micros,
    startNanos: start.nanos,
    durationNanos: Math.round(duration * 1_000_000),
    error: error === true || error === 'true' || row.get('status_code') === 2,
    links: [],
    attributes: row,
  });
}

/** ISO text, or seconds or milliseconds since the epoch. */
function momentOf(row: ReadonlyMap<string, JsonValue>): Moment | null {
  for (const key of ['Timestamp', 'timestamp', 'time']) {
    const held = row.get(key);
    const moment = fromIso(held);
    if (moment !== null) return moment;
    if (typeof held === 'number' && held > 1e8) return fromMicros(held < 1e11 ? held * 1_000_000 : held * 1000);
  }
  return null;
}
