// The map as rows: what the table shows, sorts and reads aloud. Same topology, same marks, same timings as the drawing, nothing folded.
import type { EdgeKind, Topology } from '../core/model/topology.ts';
import type { Location } from '../core/model/source.ts';
import { drawGraph } from './graph.ts';
import { type PlacedHops, timings } from './latency.ts';
import { marks, type PlacedFindings, worst } from './marks.ts';
import { plainText } from './measure.ts';
import { channelWord, deadLetterWord, edgeVerb, retryWords } from './words.ts';

/** One topology edge. */
export interface ConnectionRow {
  readonly id: string;
  readonly kind: EdgeKind;
  readonly from: string;
  readonly verb: string;
  readonly to: string;
  readonly subscription: string;
  readonly schemas: string;
  readonly deadLetter: string;
  readonly retry: string;
  /** "12 / 80 ms · n 96"; empty where nothing was measured. */
  readonly latency: string;
  /** p95 in milliseconds, for sorting; -1 where nothing was measured. */
  readonly p95: number;
  readonly problems: number;
  readonly severity: 'error' | 'warning' | 'info' | null;
  readonly confidence: string;
  readonly change: string;
  readonly at: Location | null;
}

/** One service or channel. */
export interface NodeRow {
  readonly id: string;
  readonly name: string;
  /** "service", or the broker's word. */
  readonly word: string;
  readonly group: string;
  readonly incoming: number;
  readonly outgoing: number;
  readonly latency: string;
  readonly p95: number;
  readonly notes: string;
  readonly problems: number;
  readonly severity: 'error' | 'warning' | 'info' | null;
  readonly change: string;
  readonly at: Location | null;
}

export interface TopologyList {
  readonly nodes: readonly NodeRow[];
  readonly connections: readonly ConnectionRow[];
}

/** Rows in the topology's order. */
export function listTopology(topology: Topology, placed: PlacedFindings, hops: PlacedHops | null): TopologyList {
  const graph = drawGraph(topology);
  // One line per edge here: the drawing joins what differs only in subscription.
  const single = {
    ...graph,
    edges: graph.edges.flatMap((edge) => edge.stands.map((id) => ({ ...edge, id, stands: [id] }))),
  };
  const made = marks(topology, single, placed);
  const timed = timings(single, hops);
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const schemas = new Map(topology.schemas.map((schema) => [schema.id, plainText(schema.name)]));
  const words = new Map<string, string>(topology.channels.map((channel) => [channel.id, channelWord(channel)]));
  const places = new Map<string, Location | undefined>([
    ...topology.services.map((service) => [service.id, service.at[0]] as const),
    ...topology.channels.map((channel) => [channel.id, channel.at[0]] as const),
  ]);
  const count = (end: 'from' | 'to'): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const edge of topology.edges) counts.set(edge[end], (counts.get(edge[end]) ?? 0) + 1);
    return counts;
  };
  const outgoing = count('from');
  const incoming = count('to');
  return {
    nodes: graph.nodes.map((node) => {
      const mark = made.get(node.id);
      const timing = timed.get(node.id);
      const unresolved = mark && mark.unresolved > 0 ? `${mark.unresolved} unresolved` : '';
      return {
        id: node.id,
        name: node.name,
        word: words.get(node.id) ?? 'service',
        group: plainText(node.group),
        incoming: incoming.get(node.id) ?? 0,
        outgoing: outgoing.get(node.id) ?? 0,
        latency: timing ? `${timing.label} · ${timing.count}` : '',
        p95: timing?.stats.p95 ?? -1,
        notes: [node.deadLetter ? 'dead letters' : '', mark?.orphan ?? '', unresolved]
          .filter((note) => note !== '')
          .join(', '),
        problems: mark?.findings.length ?? 0,
        severity: worst(mark),
        change: node.change ?? '',
        at: places.get(node.id) ?? null,
      };
    }),
    connections: topology.edges.map((edge) => {
      const mark = made.get(edge.id);
      const timing = timed.get(edge.id);
      return {
        id: edge.id,
        kind: edge.kind,
        from: names.get(edge.from) ?? plainText(edge.from),
        verb: edgeVerb(edge.kind),
        to: names.get(edge.to) ?? plainText(edge.to),
        subscription: plainText(edge.subscription),
        schemas: edge.schemas
          .map((id) => schemas.get(id) ?? '')
          .filter((name) => name !== '')
          .join(', '),
        deadLetter: deadLetterWord(edge.failure),
        retry: retryWords(edge.failure),
        latency: timing ? `${timing.label} · ${timing.count}` : '',
        p95: timing?.stats.p95 ?? -1,
        problems: mark?.findings.length ?? 0,
        severity: worst(mark),
        confidence: edge.confidence,
        change: edge.change ?? '',
        at: edge.at[0] ?? null,
      };
    }),
  };
}

/** Rows by one column; equal values keep their order. Numbers by size, text by letters without case. */
export function sortRows<R extends object>(rows: readonly R[], column: keyof R, descending: boolean): readonly R[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a[column], b[column]));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = typeof a === 'string' ? a.toLowerCase() : '';
  const right = typeof b === 'string' ? b.toLowerCase() : '';
  return left < right ? -1 : left > right ? 1 : 0;
}
