// A snapshot's nodes by id, who sends to and receives from each channel, and the way through routes: what lenses, hovers and navigation ask.
import type { Location } from '../core/model/source.ts';
import type { Channel, Edge, Schema, Service } from '../core/model/topology.ts';
import type { Snapshot } from '../core/snapshot.ts';

export interface TopologyIndex {
  readonly services: ReadonlyMap<string, Service>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly edges: ReadonlyMap<string, Edge>;
  /** Edges that leave or enter a node, by its id. */
  readonly leaving: ReadonlyMap<string, readonly Edge[]>;
  readonly entering: ReadonlyMap<string, readonly Edge[]>;
  readonly name: (id: string) => string;
}

const made = new WeakMap<Snapshot, TopologyIndex>();

/** O(topology) the first time, remembered with the snapshot. What was removed since the base is left out. */
export function indexOf(snapshot: Snapshot): TopologyIndex {
  const known = made.get(snapshot);
  if (known) return known;
  const { topology } = snapshot;
  const there = <Node extends { readonly id: string; readonly change?: string }>(
    nodes: readonly Node[],
  ): ReadonlyMap<string, Node> =>
    new Map(nodes.filter((node) => node.change !== 'removed').map((node) => [node.id, node]));
  const services = there(topology.services);
  const channels = there(topology.channels);
  const schemas = there(topology.schemas);
  const edges = there(topology.edges);
  const leaving = new Map<string, Edge[]>();
  const entering = new Map<string, Edge[]>();
  for (const edge of edges.values()) {
    push(leaving, edge.from, edge);
    push(entering, edge.to, edge);
  }
  const name = (id: string): string => channels.get(id)?.name ?? services.get(id)?.name ?? schemas.get(id)?.name ?? id;
  const index = { services, channels, schemas, edges, leaving, entering, name };
  made.set(snapshot, index);
  return index;
}

/** Edges that put messages on a channel, and those that take them off, dead-letter edges left out. */
export function trafficOf(
  index: TopologyIndex,
  channel: string,
): { readonly into: readonly Edge[]; readonly outOf: readonly Edge[] } {
  return {
    into: (index.entering.get(channel) ?? []).filter((edge) => edge.kind === 'sends' || edge.kind === 'routes'),
    outOf: (index.leaving.get(channel) ?? []).filter((edge) => edge.kind === 'receives' || edge.kind === 'routes'),
  };
}

/** Every place that declares one of the edges, in their order, each once. */
export function placesOf(edges: readonly Edge[]): readonly Location[] {
  const seen = new Set<string>();
  return edges
    .flatMap((edge) => edge.at)
    .filter((at) => {
      const key = JSON.stringify(at);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

/** The channels that something at a place is about: the channel itself, or that of an edge. */
export function channelsAt(snapshot: Snapshot, index: TopologyIndex, at: Location): readonly Channel[] {
  const ids = new Set<string>();
  for (const id of snapshot.at(at)) {
    if (index.channels.has(id)) ids.add(id);
    const edge = index.edges.get(id);
    for (const end of edge ? [edge.from, edge.to] : []) if (index.channels.has(end)) ids.add(end);
  }
  return [...ids].flatMap((id) => index.channels.get(id) ?? []);
}

function push(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const list = map.get(key);
  if (list) list.push(edge);
  else map.set(key, [edge]);
}
