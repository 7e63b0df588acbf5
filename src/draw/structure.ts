// One short text per shape of a graph: equal exactly (but for hash collisions) when a layout of one is a layout of the other.
import type { DrawGraph } from './graph.ts';

/** Covers ids, sizes, edges and groups; not names, changes, problems or latency. Independent of the order of nodes and edges. */
export function structureHash(graph: DrawGraph): string {
  const nodes = graph.nodes.map((node) => JSON.stringify([node.id, node.width, node.height])).toSorted();
  const edges = graph.edges
    .map((edge) => JSON.stringify([edge.kind === 'dead-letters', edge.from, edge.to]))
    .toSorted();
  const groups = graph.groups.map((group) => JSON.stringify([group.name, group.members])).toSorted();
  return hash(`${nodes.join('\n')}\n\n${edges.join('\n')}\n\n${groups.join('\n')}`);
}

/** 64 bits as hexadecimal digits: two rounds of FNV-1a with different starts. */
function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193) >>> 0;
    b = Math.imul(b ^ (code + 0x9e37), 0x85ebca6b) >>> 0;
  }
  return a.toString(16).padStart(8, '0') + b.toString(16).padStart(8, '0');
}
