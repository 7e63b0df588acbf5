// A topology as a Mermaid flowchart (Mermaid 10 and later) for Markdown and pull requests. Names are hostile text and leave here as entities.
// More edges than a renderer takes (Mermaid's default limit is 500) are drawn between groups, and a note says so.
import type { ChangeMark, EdgeKind, Topology } from '../core/model/topology.ts';
import { type DrawEdge, type DrawGraph, type DrawNode, drawGraph, foldedNode, joinLines } from './graph.ts';
import { fitText, plainText } from './measure.ts';
import { counted } from './words.ts';

/** More edges than this, and groups stand for their members. */
export const MERMAID_EDGES = 400;

/** The flowchart as text, ending in a line break. Same topology, same bytes. */
export function topologyMermaid(topology: Topology): string {
  const whole = drawGraph(topology);
  const grouped = whole.edges.length > MERMAID_EDGES;
  const graph = grouped ? byGroup(whole) : whole;
  const ids = new Map(graph.nodes.map((node, index) => [node.id, `n${index}`]));
  const lines = ['flowchart LR'];
  if (grouped) {
    lines.push(
      `  %% ${whole.edges.length} connections are too many for one flowchart: each node is a group, each arrow all connections between two groups.`,
    );
    lines.push(
      `  note["${quoted(`Grouped: ${counted(whole.nodes.length, 'node')} and ${counted(whole.edges.length, 'connection')} as ${counted(graph.nodes.length, 'group')}`)}"]:::note`,
    );
  }
  const framed = new Set(graph.groups.flatMap((group) => group.members));
  for (const [index, group] of graph.groups.entries()) {
    lines.push(`  subgraph g${index}["${quoted(group.name)}"]`);
    for (const node of graph.nodes) if (group.members.includes(node.id)) lines.push(`    ${nodeText(node, ids)}`);
    lines.push('  end');
  }
  for (const node of graph.nodes) if (!framed.has(node.id)) lines.push(`  ${nodeText(node, ids)}`);
  const styles: string[] = [];
  let count = 0;
  for (const edge of graph.edges) {
    const from = ids.get(edge.from);
    const to = ids.get(edge.to);
    if (from === undefined || to === undefined) continue;
    lines.push(`  ${from} ${edgeText(edge, grouped)} ${to}`);
    const style = linkStyle(edge.kind, edge.change);
    if (style !== '') styles.push(`  linkStyle ${count} ${style}`);
    count++;
  }
  lines.push(...styles, ...classLines(graph, grouped));
  return `${lines.join('\n')}\n`;
}

function nodeText(node: DrawNode, ids: ReadonlyMap<string, string>): string {
  const id = ids.get(node.id) ?? '';
  const word = node.word === '' ? '' : `<br/><small>${quoted(node.word)}</small>`;
  const label = `"${quoted(node.name)}${word}"`;
  const mark = node.change === null ? (node.deadLetter ? ':::dead' : '') : `:::${node.change}`;
  return `${id}${node.kind === 'channel' ? `([${label}])` : `[${label}]`}${mark}`;
}

function edgeText(edge: DrawEdge, grouped: boolean): string {
  const label = grouped && edge.stands.length > 1 ? `|"×${edge.stands.length}"|` : '';
  switch (edge.kind) {
    case 'sends':
    case 'receives':
      return `-.->${label}`;
    case 'routes':
      return `-->${label}`;
    case 'dead-letters':
      return label === '' ? '-->|"dead letters"|' : `-->${label}`;
  }
}

function linkStyle(kind: EdgeKind, change: ChangeMark | null): string {
  switch (change) {
    case 'added':
      return 'stroke:#1a7f37,stroke-width:2px';
    case 'removed':
      return 'stroke:#cf222e,stroke-width:1px,opacity:0.6';
    case 'changed':
      return 'stroke:#8250df,stroke-width:2px';
    case null:
      return kind === 'dead-letters' ? 'stroke:#bf8700' : '';
  }
}

function classLines(graph: DrawGraph, grouped: boolean): readonly string[] {
  const used = new Set<string>(
    graph.nodes.map((node) => (node.change === null ? (node.deadLetter ? 'dead' : '') : node.change)),
  );
  if (grouped) used.add('note');
  return CLASSES.flatMap(([name, style]) => (used.has(name) ? [`  classDef ${name} ${style}`] : []));
}

const CLASSES = [
  ['dead', 'stroke:#bf8700'],
  ['added', 'stroke:#1a7f37,stroke-width:2px'],
  ['removed', 'stroke:#cf222e,stroke-dasharray:4 3'],
  ['changed', 'stroke:#8250df,stroke-width:2px'],
  ['note', 'stroke-dasharray:2 3,fill:none'],
] as const;

/** Each group as one node; nodes without a group stay themselves. */
function byGroup(whole: DrawGraph): DrawGraph {
  const members = new Map<string, DrawNode[]>();
  for (const node of whole.nodes) {
    if (node.group === '') continue;
    const list = members.get(node.group);
    if (list) list.push(node);
    else members.set(node.group, [node]);
  }
  const into = new Map<string, string>();
  const nodes = Array.from(members, ([group, list]) => {
    const node = foldedNode(group, list);
    for (const member of list) into.set(member.id, node.id);
    return node;
  });
  for (const node of whole.nodes) if (node.group === '') nodes.push(node);
  const edges = whole.edges
    .map((edge) => ({ ...edge, from: into.get(edge.from) ?? edge.from, to: into.get(edge.to) ?? edge.to }))
    .filter((edge) => edge.from !== edge.to)
    .map((edge) => (edge.kind === 'dead-letters' ? edge : { ...edge, kind: 'sends' as const }));
  return { nodes, edges: joinLines(edges), groups: [] };
}

/** Text for a quoted Mermaid label: everything that Mermaid, Markdown or HTML could read as more than text becomes an entity. */
function quoted(name: string): string {
  return Array.from(fitText(plainText(name), 420, 13))
    .map((character) => (SAFE.test(character) ? character : `#${character.codePointAt(0) ?? 0xfffd};`))
    .join('');
}

const SAFE = /[\p{L}\p{N} .,/:$(){}\-×·…_+@?!]/u;
