// What OpenTelemetry Python's ConsoleSpanExporter prints, one JSON object after the other → spans. opentelemetry-sdk 1.x.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, objectOf, textOf } from '../fields.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, SpanLink, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromIso, nanosBetween } from '../times.ts';

export const pythonConsole = {
  id: 'python-console',
  title: 'OpenTelemetry Python console exporter',
  docs: {
    summary: 'The spans that Python’s `ConsoleSpanExporter` prints.',
    reads: ['objects one after the other, one per line, or in an array', 'links, status and resource attributes'],
    doesNotRead: [
      'other output of the program between the spans on the same line',
      'the JavaScript console exporter: it prints no JSON',
    ],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  for await (const batch of parseElements(all, { path: pathOf(head) ?? [] })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readSpan(objectOf(value), spans, losses);
    yield losses.batch(spans);
  }
}

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isSpan(shape)) return [];
  return isSpan(reach(shape, 0)) ? ['*'] : null;
}

function isSpan(shape: Shape | null): boolean {
  return hasKeys(reach(shape, 'context'), 'trace_id', 'span_id');
}

const KINDS: ReadonlyMap<string, SpanKind> = new Map([
  ['SpanKind.PRODUCER', 'producer'],
  ['SpanKind.CONSUMER', 'consumer'],
  ['SpanKind.CLIENT', 'client'],
  ['SpanKind.SERVER', 'server'],
  ['SpanKind.INTERNAL', 'internal'],
]);

function readSpan(item: JsonObject | null, spans: Span[], losses: Losses): void {
  const context = objectOf(member(item, 'context'));
  const traceId = hexTraceId(member(context, 'trace_id'));
  const spanId = hexSpanId(member(context, 'span_id'));
  if (traceId === null || spanId === null) return losses.drop('a span has no valid trace id and span id');
  const start = fromIso(member(item, 'start_time'));
  const end = fromIso(member(item, 'end_time')) ?? start;
  if (start === null || end === null) return losses.drop('a span has no start time');
  const duration = nanosBetween(start, end);
  if (duration < 0) return losses.drop('a span ends before it starts');
  const resource = objectOf(member(item, 'resource'));
  const attributes = new Map<string, JsonValue>();
  lay(objectOf(member(resource, 'attributes')) ?? resource, attributes);
  const service = attributes.get('service.name');
  lay(objectOf(member(item, 'attributes')), attributes);
  const parent = member(item, 'parent_id') ?? member(objectOf(member(item, 'parent')), 'span_id');
  spans.push({
    traceId,
    spanId,
    parentSpanId: hexSpanId(parent),
    service: typeof service === 'string' ? service : '',
    name: textOf(item, 'name'),
    kind: KINDS.get(textOf(item, 'kind')) ?? 'unspecified',
    startMicros: start.micros,
    startNanos: start.nanos,
    durationNanos: duration,
    error: textOf(objectOf(member(item, 'status')), 'status_code').endsWith('ERROR'),
    links: listOf(member(item, 'links')).flatMap(readLink),
    attributes,
  });
}

function readLink(value: JsonValue): readonly SpanLink[] {
  const link = objectOf(value);
  const context = objectOf(member(link, 'context'));
  const traceId = hexTraceId(member(context, 'trace_id'));
  const spanId = hexSpanId(member(context, 'span_id'));
  if (traceId === null || spanId === null) return [];
  const message = textOf(objectOf(member(link, 'attributes')), 'messaging.message.id');
  return [{ traceId, spanId, messageId: message === '' ? null : message }];
}

function lay(object: JsonObject | null, into: Map<string, JsonValue>): void {
  for (const [key, value] of Object.entries(object ?? {})) into.set(key, value);
}
