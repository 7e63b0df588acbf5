// Writes large trace files: node bench/traces/generate.mjs FORMAT MEGABYTES FILE   (FORMAT: otlp-lines | otlp | jaeger)
// Orders go from a shop over an exchange to two consumers, one of which publishes again; every 20th consumer reads in batches over links.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const [format, megabytes, file] = process.argv.slice(2);
if (!['otlp-lines', 'otlp', 'jaeger'].includes(format) || !(Number(megabytes) > 0) || !file) {
  console.error('usage: node bench/traces/generate.mjs otlp-lines|otlp|jaeger MEGABYTES FILE');
  process.exit(2);
}

let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 4294967296;
};
const hex = (digits) => Array.from({ length: digits / 8 }, () => Math.floor(random() * 4294967296).toString(16).padStart(8, '0')).join('');

const SERVICES = ['shop', 'billing', 'stock'];
let clock = 1_790_000_000_000_000;

/** Spans of one order: [service, span]. */
function order(number) {
  const trace = hex(32);
  const at = (clock += 20_000 + Math.floor(random() * 5000));
  const root = { trace, id: hex(16), name: 'POST /orders', kind: 2, start: at, duration: 9000, attributes: { 'http.request.method': 'POST', 'http.route': '/orders' } };
  const sent = { trace, id: hex(16), parent: root.id, name: 'publish orders', kind: 4, start: at + 2000, duration: 1200, attributes: { ...amqp('orders', 'order.created'), 'messaging.message_id': `o${number}` } };
  const bill = { trace, id: hex(16), parent: sent.id, name: 'billing process', kind: 5, start: at + 9000 + Math.floor(random() * 90_000), duration: 18_000, attributes: { ...amqp('orders', 'order.created'), 'messaging.operation': 'process', 'messaging.message_id': `o${number}` } };
  const work = { trace, id: hex(16), parent: bill.id, name: 'capture payment', kind: 1, start: bill.start + 500, duration: 15_000, attributes: {} };
  const paid = { trace, id: hex(16), parent: bill.id, name: 'publish orders', kind: 4, start: bill.start + 16_000, duration: 1100, attributes: { ...amqp('orders', 'payment.captured'), 'messaging.message_id': `p${number}` } };
  const linked = number % 20 === 0;
  const stock = { trace: linked ? hex(32) : trace, id: hex(16), ...(linked ? { links: [{ trace, id: sent.id }] } : { parent: sent.id }), name: 'stock process', kind: 5, start: at + 5000, duration: 4000, attributes: { ...amqp('orders', 'order.created'), 'messaging.operation': 'process' } };
  return [[0, root], [0, sent], [1, bill], [1, work], [1, paid], [2, stock]];
}

function amqp(exchange, key) {
  return { 'messaging.system': 'rabbitmq', 'messaging.destination': exchange, 'messaging.rabbitmq.routing_key': key, 'messaging.protocol': 'AMQP', 'server.address': '127.0.0.1', 'server.port': 5672 };
}

const otlpValue = (value) => (typeof value === 'number' ? { intValue: String(value) } : { stringValue: value });
const otlpSpan = (s) => ({
  traceId: s.trace, spanId: s.id, parentSpanId: s.parent ?? '', name: s.name, kind: s.kind, startTimeUnixNano: `${s.start}000`, endTimeUnixNano: `${s.start + s.duration}417`,
  attributes: Object.entries(s.attributes).map(([key, value]) => ({ key, value: otlpValue(value) })), droppedAttributesCount: 0, events: [], droppedEventsCount: 0, status: { code: 0 },
  links: (s.links ?? []).map((link) => ({ traceId: link.trace, spanId: link.id, attributes: [] })), droppedLinksCount: 0, flags: 257,
});
const resourceSpans = (service, spans) => ({ resource: { attributes: [{ key: 'service.name', value: { stringValue: SERVICES[service] } }, { key: 'host.name', value: { stringValue: 'vm-1' } }], droppedAttributesCount: 0 }, scopeSpans: [{ scope: { name: 'amqplib', version: '0.70.0' }, spans: spans.map(otlpSpan) }] });

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const jaegerTrace = (spans) => ({
  traceID: spans[0][1].trace,
  spans: spans.map(([service, s]) => ({
    traceID: s.trace, spanID: s.id, operationName: s.name,
    references: [...(s.parent ? [{ refType: 'CHILD_OF', traceID: s.trace, spanID: s.parent }] : []), ...(s.links ?? []).map((link) => ({ refType: 'FOLLOWS_FROM', traceID: link.trace, spanID: link.id }))],
    startTime: s.start, duration: s.duration, tags: [...Object.entries(s.attributes).map(([key, value]) => ({ key, type: typeof value === 'number' ? 'int64' : 'string', value })), { key: 'span.kind', type: 'string', value: KINDS[s.kind] }], logs: [], processID: `p${service}`, warnings: null,
  })),
  processes: Object.fromEntries(SERVICES.map((serviceName, index) => [`p${index}`, { serviceName, tags: [] }])),
  warnings: null,
});

const out = createWriteStream(file);
let written = 0;
async function write(text) {
  written += Buffer.byteLength(text);
  if (!out.write(text)) await once(out, 'drain');
}

const limit = Number(megabytes) * 1e6;
if (format === 'otlp') await write('{"resourceSpans":[');
if (format === 'jaeger') await write('{"data":[');
let number = 0;
for (let first = true; written < limit; first = false) {
  const orders = Array.from({ length: format === 'jaeger' ? 1 : 40 }, () => order(number++));
  if (format === 'jaeger') await write(`${first ? '' : ','}${JSON.stringify(jaegerTrace(orders[0]))}`);
  else {
    const groups = SERVICES.map((_, service) => resourceSpans(service, orders.flat().flatMap(([of, span]) => (of === service ? [span] : []))));
    if (format === 'otlp') await write(`${first ? '' : ','}${groups.map((group) => JSON.stringify(group)).join(',')}`);
    else for (const group of groups) await write(`${JSON.stringify({ resourceSpans: [group] })}\n`);
  }
}
if (format === 'otlp') await write(']}');
if (format === 'jaeger') await write('],"total":0,"limit":0,"offset":0,"errors":null}');
out.end();
await once(out, 'finish');
console.log(`${file}: ${(written / 1e6).toFixed(1)} MB, ${number} orders, ${number * 6} spans, ${number * 2} deliveries`);
