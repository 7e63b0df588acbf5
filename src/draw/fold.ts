// Folding: a group drawn as one node with counts, its inner edges gone, its outer edges joined.
import { type DrawEdge, type DrawGraph, type DrawNode, foldedNode, groupNodeId, joinLines } from './graph.ts';

/** More nodes than this, and groups arrive folded. */
export const READABLE_NODES = 150;

/** The groups that are folded as long as nobody said otherwise: all that have a frame where the map is too large to read, else none. */
export function defaultFolds(graph: DrawGraph): ReadonlySet<string> {
  if (graph.nodes.length <= READABLE_NODES) return new Set();
  return new Set(graph.groups.map((group) => group.name));
}

/** The graph with these groups folded. Names that are no framed group of the graph are ignored. O(nodes + edges). */
export function foldGraph(graph: DrawGraph, folded: ReadonlySet<string>): DrawGraph {
  const groups = graph.groups.filter((group) => folded.has(group.name));
  if (groups.length === 0) return graph;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const into = new Map<string, string>();
  const nodes: DrawNode[] = [];
  for (const group of groups) {
    const members = group.members.flatMap((id) => byId.get(id) ?? []);
    for (const member of members) into.set(member.id, groupNodeId(group.name));
    nodes.push(foldedNode(group.name, members));
  }
  for (const node of graph.nodes) if (!into.has(node.id)) nodes.push(node);
  const foldedIds = new Set(into.values());
  const lines = graph.edges
    .map((edge) => ({ ...edge, from: into.get(edge.from) ?? edge.from, to: into.get(edge.to) ?? edge.to }))
    .filter((edge) => edge.from !== edge.to || !foldedIds.has(edge.from))
    .map((edge) => (foldedIds.has(edge.from) || foldedIds.has(edge.to) ? outerLine(edge) : edge));
  return { nodes, edges: joinLines(lines), groups: graph.groups.filter((group) => !folded.has(group.name)) };
}

/** Between two nodes of which one is a folded group the difference of sends, receives and routes says little: one kind of line. */
function outerLine(edge: DrawEdge): DrawEdge {
  return edge.kind === 'dead-letters' ? edge : { ...edge, kind: 'sends' };
}
