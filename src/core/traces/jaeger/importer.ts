// Jaeger's query API and UI JSON, and Jaeger's span documents of Elasticsearch → spans.
// Jaeger 1.x and 2.x model (`internal/uimodel`). Undoes the clock-skew adjustment that a span's warnings admit to.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, numberOf, objectOf, textOf } from '../fields.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, SpanLink, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromGoDuration, fromMicros } from '../times.ts';

export const jaeger = {
  id: 'jaeger',
  title: 'Jaeger',
  docs: {
    summary: 'Traces as Jaeger’s query service, its UI’s "JSON" buttons and its Elasticsearch storage hold them.',
    reads: [
      '`{"data": [trace, …]}` of `/api/traces`, one bare trace, an array of traces',
      'the UI’s own form, with `services` and processed spans',
      'span documents of the Elasticsearch storage: an array, JSON lines, or a search result with `hits`',
      'references to other traces (`FOLLOWS_FROM`) as span links',
      'spans that Jaeger moved to hide clock skew: they are moved back',
    ],
    doesNotRead: ['answers of `/api/v3`: these are OTLP'],
  },
  recognises: (head) => layoutOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  for await (const batch of parseElements(all, { path: layoutOf(head) ?? [['data'], '*'] })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readElement(objectOf(value), spans, losses);
    yield losses.batch(spans);
  }
}

/** The way to traces or span documents; null where the text is not Jaeger's. */
function layoutOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isTrace(reach(shape, 'data', 0))) return [['data'], '*'];
  const data = reach(shape, 'data');
  if (isTrace(data)) return [['data']];
  if (data?.kind === 'array' && data.items.length === 0 && hasKeys(shape, 'total', 'limit', 'offset'))
    return [['data'], '*'];
  if (isTrace(shape) || isDocument(shape)) return [];
  if (isTrace(reach(shape, 0)) || isDocument(reach(shape, 0))) return ['*'];
  if (isDocument(reach(shape, 'hits', 'hits', 0, '_source'))) return [['hits'], ['hits'], '*', ['_source']];
  if (isDocument(reach(shape, '_source'))) return [['_source']];
  if (isDocument(reach(shape, 0, '_source'))) return ['*', ['_source']];
  return null;
}

function isTrace(shape: Shape | null): boolean {
  if (hasKeys(shape, 'traceID', 'spans')) return true;
  return (
    hasKeys(reach(shape, 'spans', 0), 'spanID', 'operationName') ||
    (hasKeys(shape, 'spans') && hasKeys(shape, 'processes'))
  );
}

function isDocument(shape: Shape | null): boolean {
  return hasKeys(shape, 'traceID', 'spanID', 'operationName') || hasKeys(shape, 'traceID', 'spanID', 'startTime');
}

interface Process {
  readonly service: string;
  readonly tags: ReadonlyMap<string, JsonValue>;
}

const NO_PROCESS: Process = { service: '', tags: new Map() };

function readElement(element: JsonObject | null, spans: Span[], losses: Losses): void {
  if (Array.isArray(member(element, 'spans'))) {
    const processes = new Map<string, Process>();
    for (const [key, value] of Object.entries(objectOf(member(element, 'processes')) ?? {})) {
      processes.set(key, readProcess(objectOf(value)));
    }
    const trace = hexTraceId(member(element, 'traceID'));
    for (const item of listOf(member(element, 'spans'))) readSpan(objectOf(item), trace, processes, spans, losses);
  } else readSpan(element, null, new Map(), spans, losses);
}

function readProcess(process: JsonObject | null): Process {
  const tags = new Map<string, JsonValue>();
  readTags(member(process, 'tags'), tags);
  readTags(member(process, 'tag'), tags);
  return { service: textOf(process, 'serviceName'), tags };
}

function readSpan(
  item: JsonObject | null,
  traceOfAll: string | null,
  processes: ReadonlyMap<string, Process>,
  spans: Span[],
  losses: Losses,
): void {
  const trace = hexTraceId(member(item, 'traceID')) ?? traceOfAll;
  const id = hexSpanId(member(item, 'spanID'));
  if (trace === null || id === null) return losses.drop('a span has no valid trace id and span id');
  const start = numberOf(item, 'startTime') ?? (numberOf(item, 'startTimeMillis') ?? Number.NaN) * 1000;
  const duration = numberOf(item, 'duration') ?? 0;
  if (!(start > 0)) return losses.drop('a span has no start time');
  if (!(duration >= 0)) return losses.drop('a span ends before it starts');

  const inline = objectOf(member(item, 'process'));
  const process = inline ? readProcess(inline) : (processes.get(textOf(item, 'processID')) ?? NO_PROCESS);
  if (process === NO_PROCESS) losses.note('a span names a process that the trace does not list');
  const attributes = new Map(process.tags);
  readTags(member(item, 'tags'), attributes);
  readTags(member(item, 'tag'), attributes);

  const links: SpanLink[] = [];
  const parent = readReferences(item, trace, links);
  const moment = fromMicros(start - undoneMicros(item, losses));
  const kind = attributes.get('span.kind');
  spans.push({
    traceId: trace,
    spanId: id,
    parentSpanId: parent,
    service: process.service,
    name: textOf(item, 'operationName'),
    kind: typeof kind === 'string' ? (KINDS.get(kind.toLowerCase()) ?? 'unspecified') : 'unspecified',
    startMicros: moment.micros,
    startNanos: moment.nanos,
    durationNanos: Math.round(duration * 1000),
    error: isTrue(attributes.get('error')) || attributes.get('otel.status_code') === 'ERROR',
    links,
    attributes,
  });
}

const KINDS: ReadonlyMap<string, SpanKind> = new Map([
  ['producer', 'producer'],
  ['consumer', 'consumer'],
  ['client', 'client'],
  ['server', 'server'],
  ['internal', 'internal'],
]);

/** The parent within the trace; everything else that is referred to becomes a link. */
function readReferences(item: JsonObject | null, trace: string, links: SpanLink[]): string | null {
  let parent: string | null = null;
  let follows: string | null = null;
  for (const entry of listOf(member(item, 'references'))) {
    const reference = objectOf(entry);
    const id = hexSpanId(member(reference, 'spanID'));
    if (id === null) continue;
    const target = hexTraceId(member(reference, 'traceID')) ?? trace;
    if (target === trace && textOf(reference, 'refType') === 'CHILD_OF' && parent === null) parent = id;
    else {
      if (target === trace) follows ??= id;
      links.push({ traceId: target, spanId: id, messageId: null });
    }
  }
  return parent ?? hexSpanId(member(item, 'parentSpanID')) ?? follows;
}

/** By how much Jaeger says that it moved the span, in microseconds. */
function undoneMicros(item: JsonObject | null, losses: Losses): number {
  for (const warning of listOf(member(item, 'warnings'))) {
    if (typeof warning !== 'string') continue;
    const match = /timestamps were adjusted by (\S+)/.exec(warning);
    const nanos = match?.[1] === undefined ? null : fromGoDuration(match[1]);
    if (nanos !== null) {
      losses.note('Jaeger had moved a span to hide clock skew; it was moved back');
      return nanos / 1000;
    }
  }
  return 0;
}

/** Tags as a list of `{key, type, value}` or, in Elasticsearch, as one object with `@` for dots. */
function readTags(value: JsonValue | undefined, into: Map<string, JsonValue>): void {
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      const tag = objectOf(item);
      const key = textOf(tag, 'key');
      if (key !== '') into.set(key, typed(textOf(tag, 'type'), member(tag, 'value') ?? null));
    }
    return;
  }
  const plain = objectOf(value);
  if (plain) for (const [key, held] of Object.entries(plain)) into.set(key.replaceAll('@', '.'), held);
}

function typed(type: string, value: JsonValue): JsonValue {
  if (typeof value !== 'string' || type === 'string' || type === '') return value;
  if (type === 'bool') return value === 'true';
  const number = Number(value);
  return (type === 'int64' && Number.isSafeInteger(number)) || type === 'float64' ? number : value;
}

function isTrue(value: JsonValue | undefined): boolean {
  return value === true || value === 'true';
}
