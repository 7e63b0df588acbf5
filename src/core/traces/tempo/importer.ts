// Grafana Tempo's trace answers (v1 `{batches}`, v2 `{trace: {resourceSpans}}`) → spans. Same structure as OTLP, but ids are base64 or hex, also
// mixed, and enums are names. A trace that Tempo cut short is said to be cut.
import { Losses } from '../fields.ts';
import { peek } from '../head.ts';
import type { Bytes, Span, SpanBatch, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { readResourceSpans } from '../otlp-spans.ts';
import { hasKeys, reach, sniff } from '../sniff.ts';

export const tempo = {
  id: 'tempo',
  title: 'Grafana Tempo',
  docs: {
    summary: 'Answers of Tempo’s trace API, as Grafana’s trace view downloads them.',
    reads: [
      '`{"batches": […]}` of `/api/traces/ID`, with base64 or hex ids, also mixed',
      '`{"trace": {"resourceSpans": […]}}` of `/api/v2/traces/ID`',
    ],
    doesNotRead: ['search results: they name traces without their spans', 'protobuf answers'],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  const source = { path: pathOf(head) ?? BATCHES, watch: ['status'] };
  for await (const batch of parseElements(all, source)) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) readResourceSpans(value, spans, losses);
    if (batch.watched.get('status') === '"PARTIAL"')
      losses.note('Tempo cut the trace short (status PARTIAL): spans are missing');
    yield losses.batch(spans);
  }
}

const BATCHES: readonly Step[] = [['batches'], '*'];
const INNER = ['resourceSpans', 'batches'];

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (hasKeys(shape, 'batches')) return BATCHES;
  const trace = reach(shape, 'trace');
  if (INNER.some((key) => hasKeys(trace, key))) return [['trace'], INNER, '*'];
  if (hasKeys(reach(shape, 0), 'batches')) return ['*', ...BATCHES];
  return null;
}
