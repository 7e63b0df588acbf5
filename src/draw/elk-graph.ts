// DrawGraph ⇄ the JSON graph of the Eclipse Layout Kernel (ELK 0.11, "layered" algorithm): built here, laid out by whoever holds elkjs, read back here.
// Every node has one port on its left for what comes in, one on its right for what goes out and one below for dead letters,
// so that lines of one end share a trunk.
import { backwardEdges } from './columns.ts';
import type { Point } from './geometry.ts';
import type { DrawGraph, DrawNode } from './graph.ts';
import type { Padding, Placement } from './layout.ts';

/** The part of ELK's JSON graph in use; elkjs's own types fit it. */
export interface ElkGraph {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  layoutOptions?: { [key: string]: string };
  ports?: ElkPortJson[];
  children?: ElkGraph[];
  edges?: ElkEdgeJson[];
}

interface ElkPortJson {
  id: string;
  layoutOptions?: { [key: string]: string };
}

interface ElkEdgeJson {
  id: string;
  sources: string[];
  targets: string[];
  sections?: { id: string; startPoint: Point; endPoint: Point; bendPoints?: Point[] }[];
}

/** Empty room that the layout leaves below each frame, for one more row: then a node that joins later moves nobody. */
const ROOM_TO_GROW = 50;

/** Distances; each frame needs them anew, for it does not inherit them. */
const SPACING = {
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.componentComponent': '44',
  'elk.layered.spacing.nodeNodeBetweenLayers': '68',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
} as const;

const OPTIONS = {
  ...SPACING,
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.considerModelOrder.crossingCounterNodeInfluence': '0.001',
} as const;

/** Ids in the result are numbers in disguise: names of a workspace never reach the layout. */
export function toElk(graph: DrawGraph, padding: Padding): ElkGraph {
  const index = new Map(graph.nodes.map((node, at) => [node.id, at]));
  const framed = new Map(graph.groups.flatMap((group, at) => group.members.map((member) => [member, at] as const)));
  const frames: ElkGraph[] = graph.groups.map((_, at) => ({
    id: `g${at}`,
    layoutOptions: {
      ...SPACING,
      'elk.padding': `[top=${padding.top},left=${padding.left},bottom=${padding.bottom + ROOM_TO_GROW},right=${padding.right}]`,
    },
    children: [],
  }));
  const top: ElkGraph[] = [...frames];
  const dying = new Set(graph.edges.filter((edge) => edge.kind === 'dead-letters').map((edge) => edge.from));
  for (const [at, node] of graph.nodes.entries()) {
    const frame = framed.get(node.id);
    (frame === undefined ? top : (frames[frame]?.children ?? top)).push(elkNode(node, at, dying.has(node.id)));
  }
  const back = backwardEdges(graph);
  const edges = graph.edges.flatMap((edge, at) => {
    const from = index.get(edge.from);
    const to = index.get(edge.to);
    if (from === undefined || to === undefined) return [];
    const leaves = `n${from}.${edge.kind === 'dead-letters' ? 'dead' : 'out'}`;
    const enters = `n${to}.in`;
    // For the layout a line that runs backwards goes from its end to its start: it leaves the other way round the same ports.
    return [
      back.has(edge.id)
        ? { id: `b${at}`, sources: [enters], targets: [leaves] }
        : { id: `e${at}`, sources: [leaves], targets: [enters] },
    ];
  });
  return { id: 'map', layoutOptions: { ...OPTIONS }, children: top, edges };
}

function elkNode(node: DrawNode, at: number, dying: boolean): ElkGraph {
  const port = (name: string, side: string): ElkPortJson => ({
    id: `n${at}.${name}`,
    layoutOptions: { 'elk.port.side': side },
  });
  return {
    id: `n${at}`,
    width: node.width,
    height: node.height,
    layoutOptions: { 'elk.portConstraints': 'FIXED_SIDE' },
    ports: [port('in', 'WEST'), port('out', 'EAST'), ...(dying ? [port('dead', 'SOUTH')] : [])],
  };
}

/** Positions and routes of a laid out graph that `toElk(graph)` built. A node or edge that the layout left out is missing in the result. */
export function fromElk(graph: DrawGraph, laid: ElkGraph): Placement {
  const positions = new Map<string, Point>();
  const routes = new Map<string, readonly Point[]>();
  const visit = (node: ElkGraph): void => {
    const drawn = node.id.startsWith('n') ? graph.nodes[Number(node.id.slice(1))] : undefined;
    if (drawn) positions.set(drawn.id, { x: Math.round(node.x ?? 0), y: Math.round(node.y ?? 0) });
    for (const child of node.children ?? []) visit(child);
  };
  visit(laid);
  for (const edge of laid.edges ?? []) {
    const drawn = graph.edges[Number(edge.id.slice(1))];
    const section = edge.sections?.[0];
    if (!drawn || !section) continue;
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    if (edge.id.startsWith('b')) points.reverse();
    routes.set(
      drawn.id,
      points.map((point) => ({ x: Math.round(point.x), y: Math.round(point.y) })),
    );
  }
  return { positions, routes };
}
