// Elastic APM transactions and spans → spans: documents of Elasticsearch (nested or flat), and the intake API's lines (v2).
import type { JsonValue } from '../../model/json.ts';
import { Losses, listOf, member, objectOf } from '../fields.ts';
import { flatten } from '../flatten.ts';
import { peek } from '../head.ts';
import { hexSpanId, hexTraceId } from '../ids.ts';
import type { Bytes, Span, SpanBatch, SpanKind, SpanLink, TraceImporter } from '../importer.ts';
import { parseElements } from '../json-elements.ts';
import type { Step } from '../json-slicer.ts';
import { hasKeys, reach, sniff, type Shape } from '../sniff.ts';
import { fromIso, fromMicros, type Moment } from '../times.ts';

export const elasticApm = {
  id: 'elastic-apm',
  title: 'Elastic APM',
  docs: {
    summary: 'Transactions and spans of Elastic APM.',
    reads: [
      'documents of the `traces-apm*` indices: a search result, an array, or JSON lines; nested or with dotted keys',
      'the agents’ intake lines (`{"metadata": …}`, `{"transaction": …}`, `{"span": …}`)',
      'span links, and the queue of messaging transactions and spans',
    ],
    doesNotRead: [
      'errors, metrics and logs in the same file',
      'message ages: they do not say which clock stamped the message',
    ],
  },
  recognises: (head) => pathOf(head) !== null,
  spans: readSpans,
} satisfies TraceImporter;

async function* readSpans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  const { head, all } = await peek(chunks);
  const losses = new Losses();
  let service = '';
  for await (const batch of parseElements(all, { path: pathOf(head) ?? [] })) {
    for (const { message, count } of batch.problems) losses.note(message, count);
    const spans: Span[] = [];
    for (const value of batch.values) {
      const outer = objectOf(value);
      const metadata = objectOf(
        member(objectOf(member(objectOf(member(outer, 'metadata')), 'service')), 'name') === undefined
          ? undefined
          : member(outer, 'metadata'),
      );
      if (metadata !== null) {
        const name = member(objectOf(member(metadata, 'service')), 'name');
        service = typeof name === 'string' ? name : '';
        continue;
      }
      const source = objectOf(member(outer, '_source')) ?? outer;
      const transaction = objectOf(member(source, 'transaction'));
      const span = objectOf(member(source, 'span'));
      const isIntake = [transaction, span].some((each) => each !== null && member(each, 'trace_id') !== undefined);
      if (isIntake) readIntake(transaction ?? span, transaction !== null, service, spans, losses);
      else if (transaction === null && span === null && OTHERS.some((key) => objectOf(member(source, key)) !== null)) {
        losses.note('an entry is an error, a metric or a log, not a span');
      } else readDocument(source, spans, losses);
    }
    yield losses.batch(spans);
  }
}

const OTHERS = ['error', 'metricset', 'log'];

function pathOf(head: Bytes): readonly Step[] | null {
  const shape = sniff(head);
  if (isDocument(shape) || isIntakeLine(shape)) return [];
  if (isDocument(reach(shape, 0))) return ['*'];
  if (isDocument(reach(shape, 'hits', 'hits', 0, '_source'))) return [['hits'], ['hits'], '*'];
  if (isDocument(reach(shape, '_source'))) return [];
  return isDocument(reach(shape, 0, '_source')) ? ['*'] : null;
}

function isDocument(shape: Shape | null): boolean {
  const hasTrace = hasKeys(shape, 'trace.id') || hasKeys(reach(shape, 'trace'), 'id');
  const hasSpan =
    ['transaction.id', 'span.id'].some((key) => hasKeys(shape, key)) ||
    ['transaction', 'span'].some((key) => hasKeys(reach(shape, key), 'id'));
  return hasTrace && hasSpan;
}

function isIntakeLine(shape: Shape | null): boolean {
  if (hasKeys(reach(shape, 'metadata', 'service'), 'name') && reach(shape, 'metadata', 'service', 'agent') !== null)
    return true;
  return ['transaction', 'span'].some((key) => hasKeys(reach(shape, key), 'id', 'trace_id'));
}

interface Facts {
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly parent: JsonValue | undefined;
  readonly service: string;
  readonly name: string;
  readonly isTransaction: boolean;
  readonly type: string;
  readonly subtype: string;
  readonly action: string;
  readonly queue: string;
  readonly outcome: string;
  readonly start: Moment | null;
  readonly durationNanos: number;
  readonly links: readonly SpanLink[];
  readonly attributes: Map<string, JsonValue>;
}

function readDocument(source: JsonValue, spans: Span[], losses: Losses): void {
  const flat = new Map<string, JsonValue>();
  flatten(source, flat);
  const text = (key: string): string => {
    const value = flat.get(key);
    return typeof value === 'string' ? value : '';
  };
  const event = text('processor.event');
  if (event !== '' && event !== 'transaction' && event !== 'span') return;
  const isTransaction = event === 'transaction' || (event === '' && !flat.has('span.id'));
  const own = isTransaction ? 'transaction' : 'span';
  const micros = flat.get('timestamp.us');
  add(
    {
      traceId: hexTraceId(text('trace.id')),
      spanId: hexSpanId(text(`${own}.id`)),
      parent: flat.get('parent.id'),
      service: text('service.name'),
      name: text(`${own}.name`),
      isTransaction,
      type: text(`${own}.type`),
      subtype: text('span.subtype'),
      action: text('span.action'),
      queue: text(`${own}.message.queue.name`) || text('span.destination.service.resource').replace(/^[^/]*\/?/, ''),
      outcome: text('event.outcome'),
      start: typeof micros === 'number' ? fromMicros(micros) : fromIso(flat.get('@timestamp')),
      durationNanos: Math.round(Number(flat.get(`${own}.duration.us`) ?? 0) * 1000),
      links: listOf(flat.get('span.links') ?? flat.get('transaction.links')).flatMap(readLink),
      attributes: flat,
    },
    spans,
    losses,
  );
}

function readIntake(item: JsonValue, isTransaction: boolean, service: string, spans: Span[], losses: Losses): void {
  const event = objectOf(item);
  const flat = new Map<string, JsonValue>();
  flatten(item, flat);
  const text = (key: string): string => {
    const value = flat.get(key);
    return typeof value === 'string' ? value : '';
  };
  const micros = flat.get('timestamp');
  add(
    {
      traceId: hexTraceId(text('trace_id')),
      spanId: hexSpanId(text('id')),
      parent: flat.get('parent_id'),
      service: text('context.service.name') || service,
      name: text('name'),
      isTransaction,
      type: text('type').split('.')[0] ?? '',
      subtype: text('subtype') || (text('type').split('.')[1] ?? ''),
      action: text('action') || (text('type').split('.')[2] ?? ''),
      queue: text('context.message.queue.name'),
      outcome: text('outcome'),
      start: typeof micros === 'number' ? fromMicros(micros) : null,
      durationNanos: Math.round(Number(flat.get('duration') ?? 0) * 1_000_000),
      links: listOf(member(event, 'links')).flatMap(readLink),
      attributes: flat,
    },
    spans,
    losses,
  );
}

function add(facts: Facts, spans: Span[], losses: Losses): void {
  const { traceId, spanId, start } = facts;
  if (traceId === null || spanId === null) return losses.drop('a span has no valid trace id and span id');
  if (start === null) return losses.drop('a span has no start time');
  if (!(facts.durationNanos >= 0)) return losses.drop('a span ends before it starts');
  const { attributes } = facts;
  const kind = kindOf(facts);
  if (facts.type === 'messaging') {
    attributes.set('messaging.destination.name', facts.queue);
    if (facts.subtype !== '') attributes.set('messaging.system', facts.subtype);
    if (kind === 'client') attributes.set('messaging.operation.type', 'receive');
  }
  spans.push({
    traceId,
    spanId,
    parentSpanId: hexSpanId(facts.parent),
    service: facts.service,
    name: facts.name,
    kind,
    startMicros: start.micros,
    startNanos: start.nanos,
    durationNanos: facts.durationNanos,
    error: facts.outcome === 'failure',
    links: facts.links,
    attributes,
  });
}

function kindOf(facts: Facts): SpanKind {
  if (facts.type !== 'messaging') return facts.isTransaction ? 'server' : 'internal';
  if (facts.isTransaction) return 'consumer';
  return /^(?:receive|poll|consume)/i.test(facts.action) || /\b(?:RECEIVE|POLL)\b/.test(facts.name)
    ? 'client'
    : 'producer';
}

function readLink(value: JsonValue): readonly SpanLink[] {
  const flat = new Map<string, JsonValue>();
  flatten(value, flat);
  const traceId = hexTraceId(flat.get('trace.id') ?? flat.get('trace_id'));
  const spanId = hexSpanId(flat.get('span.id') ?? flat.get('span_id'));
  return traceId === null || spanId === null ? [] : [{ traceId, spanId, messageId: null }];
}
