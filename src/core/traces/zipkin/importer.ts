// Zipkin's v2 spans, and v1 spans with their annotations → spans. Zipkin API v1 and v2 in JSON. The format has no span links: what was consumed
// in batches or in a trace of its own cannot be paired from it.
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, numberOf, objectOf, textOf } from '../fields.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';

export const zipkin = {
  id: 'zipkin',
  title: 'Zipkin',
  docs: {
    summary: 'Spans as Zipkin’s API and UI give them.',
    reads: [
      'v2: an array of spans, or an array of traces (`/api/v2/trace/ID`, `/api/v2/traces`)',
      'v1: spans with `annotations` (`ms`, `ws`, `wr`, `mr`, `cs`, `sr`, …) and `binaryAnnotations`',
      'consumer spans that mark the arrival only: the work is what is below them',
    ],
    doesNotRead: [
      'span links: the format has none. Batches and consumers with a trace of their own stay unpaired',
      'thrift and protobuf',
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
    for (const value of batch.values) readSpan(objectOf(value), spans, losses);
    yield losses.batch(spans);
  }
}

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isSpan(shape)) return [];
  if (isSpan(reach(shape, 0))) return ['*'];
  return isSpan(reach(shape, 0, 0)) ? ['*', '*'] : null;
}

const OWN_KEYS = ['localEndpoint', 'remoteEndpoint', 'annotations', 'binaryAnnotations', 'timestamp', 'kind'];

function isSpan(shape: Shape | null): boolean {
  return hasKeys(shape, 'traceId', 'id') && OWN_KEYS.some((key) => hasKeys(shape, key));
}

const KINDS: ReadonlyMap<string, SpanKind> = new Map([
  ['PRODUCER', 'producer'],
  ['CONSUMER', 'consumer'],
  ['CLIENT', 'client'],
  ['SERVER', 'server'],
]);

function readSpan(item: JsonObject | null, spans: Span[], losses: Losses): void {
  const trace = hexTraceId(member(item, 'traceId'));
  const id = hexSpanId(member(item, 'id'));
  if (trace === null || id === null) return losses.drop('a span has no valid trace id and span id');
  const marks = readMarks(item);
  const attributes = new Map<string, JsonValue>();
  const remote = textOf(objectOf(member(item, 'remoteEndpoint')), 'serviceName');
  if (remote !== '') attributes.set('peer.service', remote);
  for (const [key, value] of Object.entries(objectOf(member(item, 'tags')) ?? {})) attributes.set(key, value);
  for (const entry of listOf(member(item, 'binaryAnnotations'))) {
    const annotation = objectOf(entry);
    const key = textOf(annotation, 'key');
    const address = textOf(objectOf(member(annotation, 'endpoint')), 'serviceName');
    if (ADDRESSES.has(key)) {
      if (address !== '') attributes.set('peer.service', address);
    } else if (key !== '') attributes.set(key, member(annotation, 'value') ?? null);
  }
  const base = { traceId: trace, attributes, links: [], error: attributes.has('error'), name: textOf(item, 'name') };
  const parent = hexSpanId(member(item, 'parentId'));
  const halves = marks.size > 0 ? halvesOf(marks) : [];
  if (halves.length > 0) {
    halves.forEach((half, index) => {
      spans.push({
        ...base,
        ...timed(numberOf(item, 'timestamp'), numberOf(item, 'duration'), half, halves.length === 1),
        spanId: index === 0 ? id : otherHalf(id),
        parentSpanId: index === 0 ? parent : id,
        service: half.service,
        kind: half.kind,
      });
    });
    return;
  }
  const start = numberOf(item, 'timestamp');
  if (start === null || !(start > 0)) return losses.drop('a span has no start time');
  const duration = numberOf(item, 'duration') ?? 0;
  if (!(duration >= 0)) return losses.drop('a span ends before it starts');
  const local =
    objectOf(member(item, 'localEndpoint')) ??
    objectOf(member(objectOf(listOf(member(item, 'binaryAnnotations'))[0]), 'endpoint'));
  const kind = KINDS.get(textOf(item, 'kind').toUpperCase()) ?? 'internal';
  // The server's half of a call shares the client's id: it becomes a child of it.
  const shared = member(item, 'shared') === true && kind === 'server';
  spans.push({
    ...base,
    spanId: shared ? otherHalf(id) : id,
    parentSpanId: shared ? id : parent,
    service: textOf(local, 'serviceName'),
    kind,
    startMicros: Math.floor(start),
    startNanos: 0,
    durationNanos: Math.round(duration * 1000),
  });
}

const ADDRESSES = new Set(['ca', 'sa', 'ma']);

interface Half {
  readonly kind: SpanKind;
  readonly service: string;
  readonly start: number;
  readonly end: number;
}

interface Mark {
  readonly at: number;
  readonly service: string;
}

/** The two-letter annotations of v1, first of each. */
function readMarks(item: JsonObject | null): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const entry of listOf(member(item, 'annotations'))) {
    const annotation = objectOf(entry);
    const value = textOf(annotation, 'value');
    const at = numberOf(annotation, 'timestamp');
    const endpoint = objectOf(member(annotation, 'endpoint'));
    if (at !== null && endpoint !== null && /^(?:[cs][sr]|m[sr]|w[sr])$/.test(value) && !marks.has(value)) {
      marks.set(value, { at, service: textOf(endpoint, 'serviceName') });
    }
  }
  return marks;
}

/** Which kinds a v1 span stands for: begin mark, end mark. */
const HALVES: readonly (readonly [kind: SpanKind, begins: readonly string[], ends: readonly string[]])[] = [
  ['producer', ['ms'], ['ws']],
  ['consumer', ['wr', 'mr'], ['mr']],
  ['client', ['cs'], ['cr']],
  ['server', ['sr'], ['ss']],
];

function halvesOf(marks: ReadonlyMap<string, Mark>): readonly Half[] {
  return HALVES.flatMap(([kind, begins, ends]) => {
    const begin = begins.flatMap((name) => marks.get(name) ?? [])[0];
    const end = ends.flatMap((name) => marks.get(name) ?? [])[0];
    if (begin === undefined || (kind === 'consumer' && !marks.has('mr'))) return [];
    return [
      {
        kind,
        service: begin.service || (end?.service ?? ''),
        start: begin.at,
        end: Math.max(begin.at, end?.at ?? begin.at),
      },
    ];
  });
}

function timed(
  timestamp: number | null,
  duration: number | null,
  half: Half,
  alone: boolean,
): { readonly startMicros: number; readonly startNanos: number; readonly durationNanos: number } {
  // The span's own times are those of the half that reported it, and finer than its marks.
  if (alone && timestamp !== null && timestamp > 0 && duration !== null && duration >= 0) {
    return { startMicros: Math.floor(timestamp), startNanos: 0, durationNanos: Math.round(duration * 1000) };
  }
  return {
    startMicros: Math.floor(half.start),
    startNanos: 0,
    durationNanos: Math.round((half.end - half.start) * 1000),
  };
}

/** Another id made from one, the same each time. */
function otherHalf(id: string): string {
  return (Number.parseInt(id.charAt(0), 16) ^ 8).toString(16) + id.slice(1);
}
