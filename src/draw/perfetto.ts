// A timeline → Chrome trace event JSON, as Perfetto and chrome://tracing open it: a process per service, a process per channel with the waits of its
// messages, an arrow per delivery. Trace Event Format; times in microseconds.
import type { Timeline } from '../core/model/timeline.ts';

/** JSON text, ending in a line break. Names are data in JSON strings. O(spans × lanes in use). */
export function perfettoTrace(timeline: Timeline): string {
  const events: object[] = [];
  const pids = new Map<string, number>();
  const pidOf = (kind: 'service' | 'channel', name: string): number => {
    const key = `${kind} ${name}`;
    const before = pids.get(key);
    if (before !== undefined) return before;
    const pid = pids.size + 1;
    pids.set(key, pid);
    events.push({ ph: 'M', pid, name: 'process_name', args: { name: kind === 'service' ? name : `⧉ ${name}` } });
    events.push({ ph: 'M', pid, name: 'process_sort_index', args: { sort_index: pid } });
    return pid;
  };
  const lanes = new Map<number, number[][]>();
  const placed = timeline.spans.map((span) => {
    const pid = pidOf('service', span.service);
    return { span, pid, tid: laneOf(lanes, pid, span.start, span.start + span.duration) };
  });
  for (const { span, pid, tid } of placed) {
    events.push({
      ph: 'X',
      pid,
      tid,
      ts: span.start,
      dur: span.duration,
      name: span.name,
      cat: span.error ? 'span,error' : 'span',
      args: { trace: span.traceId, span: span.spanId },
      ...(span.error ? { cname: 'terrible' } : {}),
    });
  }
  timeline.deliveries.forEach((delivery, id) => {
    const producer = placed[delivery.producer];
    const consumer = placed[delivery.consumer];
    if (producer === undefined || consumer === undefined) return;
    const pid = pidOf('channel', delivery.channel);
    const wait = {
      cat: 'wait',
      id,
      pid,
      tid: 0,
      name: waitName(delivery.attempt, delivery.deadLetter, consumer.span.service),
    };
    events.push({ ph: 'b', ts: delivery.waitFrom, ...wait }, { ph: 'e', ts: delivery.delivered, ...wait });
    const arrow = { cat: 'delivery', id, name: delivery.channel };
    events.push({ ph: 's', pid: producer.pid, tid: producer.tid, ts: producer.span.start, ...arrow });
    events.push({ ph: 'f', bp: 'e', pid: consumer.pid, tid: consumer.tid, ts: consumer.span.start, ...arrow });
  });
  const omitted =
    timeline.omitted === 0 ? {} : { otherData: { omitted: `${timeline.omitted} later spans are left out` } };
  return `${JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms', ...omitted })}\n`;
}

function waitName(attempt: number, deadLetter: boolean, consumer: string): string {
  const notes = [attempt > 1 ? `attempt ${attempt}` : '', deadLetter ? 'dead-lettered' : ''].filter(
    (note) => note !== '',
  );
  return `wait for ${consumer}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

const MAX_LANES = 200;

/** The first lane in which a span lies beside or wholly within what is there; spans come sorted by start. */
function laneOf(lanes: Map<number, number[][]>, pid: number, start: number, end: number): number {
  const list = lanes.get(pid) ?? [];
  lanes.set(pid, list);
  for (const [index, open] of list.entries()) {
    while (open.length > 0 && (open.at(-1) ?? 0) <= start) open.pop();
    if (open.length === 0 || end <= (open.at(-1) ?? 0)) {
      open.push(end);
      return index + 1;
    }
  }
  if (list.length < MAX_LANES) list.push([end]);
  return list.length;
}
