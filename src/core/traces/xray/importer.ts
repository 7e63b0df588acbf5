// AWS X-Ray traces (BatchGetTraces) and segment documents → spans. Segments and subsegments become spans; calls that send to SQS, SNS, EventBridge
// or Kinesis become producers; a segment with links, or below such a call, becomes the consumer. X-Ray segment document 1.0.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, numberOf, objectOf, textOf } from '../fields.ts';
import { flatten } from '../flatten.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, SpanLink, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromMicros } from '../times.ts';

export const xray = {
  id: 'xray',
  title: 'AWS X-Ray',
  docs: {
    summary: 'Traces as `aws xray batch-get-traces` prints them, and segment documents.',
    reads: [
      '`{"Traces": [{"Segments": [{"Document": "…"}]}]}`, also several pages one after the other',
      'segment documents: one, an array, or JSON lines',
      'links from a Lambda function’s segment to the traces of the messages it read',
    ],
    doesNotRead: [
      'trace summaries: they hold no segments',
      'inferred segments as services: the broker is the channel, not a service',
    ],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  for await (const batch of parseElements(all, { path: pathOf(head) ?? [['Traces'], '*'] })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readElement(objectOf(value), spans, losses);
    yield losses.batch(spans);
  }
}

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (hasKeys(reach(shape, 'Traces', 0), 'Segments')) return [['Traces'], '*'];
  if (hasKeys(reach(shape, 0), 'Id', 'Segments')) return ['*'];
  if (hasKeys(shape, 'Segments') || isSegment(shape)) return [];
  return isSegment(reach(shape, 0)) ? ['*'] : null;
}

function isSegment(shape: Shape | null): boolean {
  const trace = reach(shape, 'trace_id');
  return (
    trace?.kind === 'string' && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(trace.text) && hasKeys(shape, 'id', 'start_time')
  );
}

interface Draft {
  readonly span: Span;
  readonly broker: boolean;
}

function readElement(element: JsonObject | null, spans: Span[], losses: Losses): void {
  const documents: (JsonObject | null)[] = [];
  if (Array.isArray(member(element, 'Segments'))) {
    for (const item of listOf(member(element, 'Segments'))) {
      const text = member(objectOf(item), 'Document');
      try {
        documents.push(typeof text === 'string' ? objectOf(JSON.parse(text) as JsonValue) : objectOf(text));
      } catch {
        losses.drop('a segment document is not valid JSON');
      }
    }
  } else documents.push(element);
  const drafts: Draft[] = [];
  const trace = hexTraceId(xrayTrace(textOf(element, 'Id')));
  for (const document of documents) readSegment(document, trace, '', null, drafts, losses, 0);

  // Segments below a sending call, or below the broker that X-Ray inferred from it, read what was sent.
  const byId = new Map(drafts.map((draft) => [draft.span.spanId, draft]));
  for (const { span, broker } of drafts) {
    if (broker) continue;
    const above = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
    const reads =
      span.attributes.get(IS_SEGMENT) === true && (above?.broker === true || above?.span.kind === 'producer');
    // Past an inferred broker segment stands the call that sent.
    const parentSpanId = above?.broker === true ? above.span.parentSpanId : span.parentSpanId;
    spans.push(reads ? { ...span, kind: 'consumer', parentSpanId } : span);
  }
}

const IS_SEGMENT = 'eventscape.xray_segment';
const MAX_DEPTH = 32;

function xrayTrace(id: string): string {
  return /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(id) ? id.slice(2) : id;
}

function readSegment(
  item: JsonObject | null,
  traceOfAll: string | null,
  serviceAbove: string,
  parentAbove: string | null,
  drafts: Draft[],
  losses: Losses,
  depth: number,
): void {
  if (depth > MAX_DEPTH) return losses.drop('subsegments are nested too deeply');
  const traceId = hexTraceId(xrayTrace(textOf(item, 'trace_id'))) ?? traceOfAll;
  const spanId = hexSpanId(member(item, 'id'));
  if (traceId === null || spanId === null) return losses.drop('a span has no valid trace id and span id');
  const start = numberOf(item, 'start_time');
  if (start === null || !(start > 0)) return losses.drop('a span has no start time');
  const end = numberOf(item, 'end_time') ?? start;
  if (end < start) return losses.drop('a span ends before it starts');
  if (member(item, 'in_progress') === true) losses.note('a segment was still in progress and counts as 0 ms long');

  const isSegmentItself = parentAbove === null && textOf(item, 'type') !== 'subsegment';
  const name = textOf(item, 'name');
  const service = isSegmentItself ? name : serviceAbove;
  const origin = textOf(item, 'origin');
  const attributes = new Map<string, JsonValue>();
  for (const value of Object.values(objectOf(member(item, 'metadata')) ?? {})) flatten(value, attributes);
  for (const [key, value] of Object.entries(objectOf(member(item, 'annotations')) ?? {})) attributes.set(key, value);
  const aws = objectOf(member(item, 'aws'));
  const sent = sending(name, aws);
  const links = listOf(member(item, 'links')).flatMap(readLink);
  let kind: SpanKind = isSegmentItself ? 'server' : textOf(item, 'namespace') === 'aws' ? 'client' : 'internal';
  if (sent !== null) {
    kind = 'producer';
    attributes.set('messaging.system', sent.system);
    attributes.set('messaging.destination.name', sent.channel);
  } else if (isSegmentItself && links.length > 0) kind = 'consumer';
  attributes.set(IS_SEGMENT, isSegmentItself);
  const begin = fromMicros(Math.round(start * 1_000_000));
  drafts.push({
    broker: isSegmentItself && /^AWS::(?:SQS|SNS|Events|Kinesis)::?/.test(origin) && member(item, 'inferred') !== false,
    span: {
      traceId,
      spanId,
      parentSpanId: hexSpanId(member(item, 'parent_id')) ?? parentAbove,
      service,
      name,
      kind,
      startMicros: begin.micros,
      startNanos: begin.nanos,
      durationNanos: Math.round((end - start) * 1_000_000) * 1000,
      error: ['error', 'fault', 'throttle'].some((key) => member(item, key) === true),
      links,
      attributes,
    },
  });
  for (const child of listOf(member(item, 'subsegments')))
    readSegment(objectOf(child), traceId, service, spanId, drafts, losses, depth + 1);
}

function readLink(value: JsonValue): readonly SpanLink[] {
  const link = objectOf(value);
  const traceId = hexTraceId(xrayTrace(textOf(link, 'trace_id')));
  const spanId = hexSpanId(member(link, 'id') ?? member(link, 'span_id'));
  return traceId === null || spanId === null ? [] : [{ traceId, spanId, messageId: null }];
}

/** Where a call sends a message; null for every other call. */
function sending(name: string, aws: JsonObject | null): { readonly system: string; readonly channel: string } | null {
  const operation = textOf(aws, 'operation').toLowerCase();
  const queue = textOf(aws, 'queue_url');
  const topic = textOf(aws, 'topic_arn');
  if (/^sendmessage(?:batch)?$/.test(operation)) return { system: 'aws_sqs', channel: queue };
  if (/^publish(?:batch)?$/.test(operation) && (topic !== '' || name === 'SNS'))
    return { system: 'aws_sns', channel: topic };
  if (operation === 'putevents') return { system: 'eventbridge', channel: textOf(aws, 'event_bus_name') || 'default' };
  if (/^putrecords?$/.test(operation) && name === 'Kinesis')
    return { system: 'kinesis', channel: textOf(aws, 'stream_name') };
  return null;
}
