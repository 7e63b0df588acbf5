// Neighbourhoods on the map: what stands around a node, and the whole way that messages take through it.
import type { DrawEdge, DrawGraph } from './graph.ts';

/** Node and edge ids, in drawing terms. */
export interface Lit {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

/** Edges by the node at either end. Build once per graph. */
export interface Adjacency {
  readonly out: ReadonlyMap<string, readonly DrawEdge[]>;
  readonly in: ReadonlyMap<string, readonly DrawEdge[]>;
}

export function adjacency(graph: DrawGraph): Adjacency {
  const out = new Map<string, DrawEdge[]>();
  const into = new Map<string, DrawEdge[]>();
  for (const edge of graph.edges) {
    push(out, edge.from, edge);
    push(into, edge.to, edge);
  }
  return { out, in: into };
}

function push(map: Map<string, DrawEdge[]>, key: string, edge: DrawEdge): void {
  const list = map.get(key);
  if (list) list.push(edge);
  else map.set(key, [edge]);
}

/** All nodes at most `depth` edges away, in either direction, and the edges among them. Only the node itself for depth 0. */
export function neighbourhood(graph: DrawGraph, id: string, depth: number): DrawGraph {
  const { out, in: into } = adjacency(graph);
  const reached = new Set([id]);
  let rim = [id];
  for (let step = 0; step < depth && rim.length > 0; step++) {
    const next: string[] = [];
    for (const at of rim) {
      for (const edge of [...(out.get(at) ?? []), ...(into.get(at) ?? [])]) {
        const other = edge.from === at ? edge.to : edge.from;
        if (!reached.has(other)) {
          reached.add(other);
          next.push(other);
        }
      }
    }
    rim = next;
  }
  const nodes = graph.nodes.filter((node) => reached.has(node.id));
  return {
    nodes,
    edges: graph.edges.filter((edge) => reached.has(edge.from) && reached.has(edge.to)),
    groups: graph.groups
      .map((group) => ({ name: group.name, members: group.members.filter((member) => reached.has(member)) }))
      .filter((group) => group.members.length > 1),
  };
}

/**
 * What lights up when a person points at a node: a channel shows producers → itself → consumers, through other channels that route to or from it;
 * a service shows what it sends and receives, up to the services on the other side.
 */
export function pathway(lines: Adjacency, id: string, isChannel: (id: string) => boolean): Lit {
  const nodes = new Set([id]);
  const edges = new Set<string>();
  follow(lines.out, (edge) => edge.to);
  follow(lines.in, (edge) => edge.from);
  return { nodes, edges };

  function follow(map: ReadonlyMap<string, readonly DrawEdge[]>, end: (edge: DrawEdge) => string): void {
    const queue = [id];
    const seen = new Set(queue);
    for (const at of queue) {
      // The way goes on behind channels only: what a service does with a message later is another message.
      if (at !== id && !isChannel(at)) continue;
      for (const edge of map.get(at) ?? []) {
        edges.add(edge.id);
        nodes.add(end(edge));
        if (!seen.has(end(edge))) {
          seen.add(end(edge));
          queue.push(end(edge));
        }
      }
    }
  }
}

/** An edge with both ends, and what belongs to it on the far side of a channel is left dark. */
export function edgeLit(edge: DrawEdge): Lit {
  return { nodes: new Set([edge.from, edge.to]), edges: new Set([edge.id]) };
}
