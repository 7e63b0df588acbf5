// OTLP JSON (one document, JSON lines as the Collector's file exporter writes them, or Jaeger's /api/v3 answers) → spans.
// OpenTelemetry proto 1.x. Deliberately not read: protobuf, and the file exporter's length-framed files.
import { Losses } from '../fields.ts';
import { peek } from '../head.ts';
import type { Bytes, Span, SpanBatch, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff } from '../sniff.ts';
import { readResourceSpans } from '../otlp-spans.ts';

export const otlp = {
  id: 'otlp',
  title: 'OpenTelemetry (OTLP JSON)',
  docs: {
    summary: 'OpenTelemetry trace data in its own JSON form.',
    reads: [
      'one document `{"resourceSpans": […]}`',
      'JSON lines, as the OpenTelemetry Collector’s file exporter writes them',
      'answers of Jaeger’s `/api/v3` (`{"result": {"resourceSpans": […]}}`), also several one after the other',
    ],
    doesNotRead: ['protobuf (`format: proto`)', 'files of the Collector with `compression: zstd` and length frames'],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  for await (const batch of parseElements(all, { path: pathOf(head) ?? RESOURCE_SPANS })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readResourceSpans(value, spans, losses);
    yield losses.batch(spans);
  }
}

const KEYS = ['resourceSpans', 'resource_spans'];
const RESOURCE_SPANS: readonly Step[] = [KEYS, '*'];

/** The way to the ResourceSpans objects; null where the text is no OTLP JSON. */
function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (KEYS.some((key) => hasKeys(shape, key))) return RESOURCE_SPANS;
  if (KEYS.some((key) => hasKeys(reach(shape, 'result'), key))) return [['result'], ...RESOURCE_SPANS];
  if (KEYS.some((key) => hasKeys(reach(shape, 0), key))) return ['*', ...RESOURCE_SPANS];
  if (hasKeys(reach(shape, 0), 'scopeSpans')) return ['*'];
  if (hasKeys(shape, 'scopeSpans')) return [];
  return null;
}
