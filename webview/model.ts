// What the panel knows: the parts that the host sent, the view that the person chose, and what follows from both.
import type { FindingsPart, LatencyPart, StructurePart, ViewState } from '../src/protocol/panel.ts';
import { unpackTopology } from '../src/protocol/pack.ts';
import type { Finding } from '../src/core/model/finding.ts';
import { EMPTY_TOPOLOGY, type Topology } from '../src/core/model/topology.ts';
import { defaultFolds, foldGraph } from '../src/draw/fold.ts';
import { adjacency, edgeLit, type Lit, neighbourhood, pathway } from '../src/draw/focus.ts';
import { type DrawGraph, drawGraph, groupNodeId } from '../src/draw/graph.ts';
import type { PlacedHops } from '../src/draw/latency.ts';
import { type Marks, marks, NO_FINDINGS, type PlacedFindings } from '../src/draw/marks.ts';
import { searchTopology } from '../src/draw/search.ts';

export type Lens = NonNullable<ViewState['lens']>;

export interface Model {
  readonly structure: StructurePart | null;
  readonly topology: Topology;
  readonly findings: PlacedFindings;
  readonly latency: LatencyPart | null;
  readonly hops: PlacedHops | null;
  readonly view: ViewState;
  readonly progress: string | null;
  /** What went wrong last, for the person; null: nothing. */
  readonly failure: string | null;
}

export const FRESH_VIEW: ViewState = {
  positions: {},
  selected: null,
  focus: null,
  search: '',
  view: 'map',
  zoom: null,
  routes: {},
  folded: null,
  flow: null,
  flowChosen: false,
  lens: 'all',
};

export const FRESH_MODEL: Model = {
  structure: null,
  topology: EMPTY_TOPOLOGY,
  findings: NO_FINDINGS,
  latency: null,
  hops: null,
  view: FRESH_VIEW,
  progress: null,
  failure: null,
};

export function withStructure(model: Model, part: StructurePart): Model {
  return { ...model, structure: part, topology: unpackTopology(part.topology) };
}

export function withFindings(model: Model, part: FindingsPart): Model {
  return { ...model, findings: part };
}

export function withLatency(model: Model, part: LatencyPart): Model {
  return {
    ...model,
    latency: part,
    hops: part.report === null ? null : { report: part.report, hopsByEdge: part.hopsByEdge },
  };
}

/** The names of the groups that are folded now. */
export function foldedGroups(view: ViewState, whole: DrawGraph): ReadonlySet<string> {
  return view.folded === null || view.folded === undefined ? defaultFolds(whole) : new Set(view.folded);
}

export interface Visible {
  readonly whole: DrawGraph;
  /** With groups folded. */
  readonly main: DrawGraph;
  /** What is on the screen: `main`, or the neighbourhood in focus. */
  readonly graph: DrawGraph;
}

const wholes = new WeakMap<Topology, DrawGraph>();

function wholeOf(topology: Topology): DrawGraph {
  const known = wholes.get(topology);
  if (known) return known;
  const made = drawGraph(topology);
  wholes.set(topology, made);
  return made;
}

/** The graphs of a model. A focus on something that is gone is no focus. */
export function visible(topology: Topology, view: ViewState): Visible {
  const whole = wholeOf(topology);
  const main = foldGraph(whole, foldedGroups(view, whole));
  const focus = view.focus;
  const graph =
    focus !== null && whole.nodes.some((node) => node.id === focus.id)
      ? neighbourhood(whole, focus.id, focus.depth)
      : main;
  return { whole, main, graph };
}

/** The node under which an id is on the screen: itself, or the folded group that stands for it; null: not on the screen. */
export function nodeFor(graph: DrawGraph, id: string): string | null {
  return graph.nodes.find((node) => node.id === id || node.stands.includes(id))?.id ?? null;
}

/** The drawn edge that stands for a topology edge. */
export function edgeFor(graph: DrawGraph, id: string): string | null {
  return graph.edges.find((edge) => edge.stands.includes(id))?.id ?? null;
}

/** What stays bright: under the pointer, else what is searched for, else the lens; null: everything. */
export function litOf(graph: DrawGraph, model: Model, hovered: string | null): Lit | null {
  if (hovered !== null) return around(graph, hovered);
  if (model.view.search.trim() !== '') {
    const found = searchTopology(model.topology, model.view.search).flatMap((id) => nodeFor(graph, id) ?? []);
    return { nodes: new Set(found), edges: new Set() };
  }
  const lens = lensLit(graph, model);
  if (lens !== null) return lens;
  return model.view.selected === null ? null : around(graph, model.view.selected);
}

function around(graph: DrawGraph, id: string): Lit | null {
  const edge = graph.edges.find((each) => each.id === id);
  if (edge) return edgeLit(edge);
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  return kinds.has(id) ? pathway(adjacency(graph), id, (other) => kinds.get(other) === 'channel') : null;
}

function lensLit(graph: DrawGraph, model: Model): Lit | null {
  const lens = model.view.lens ?? 'all';
  if (lens === 'all') return null;
  const made = marks(model.topology, graph, model.findings);
  const measured = model.hops?.hopsByEdge ?? {};
  const edges = graph.edges.filter((edge) => {
    switch (lens) {
      case 'lost':
        return edge.kind === 'dead-letters' || isLossy(made.get(edge.id));
      case 'changed':
        return edge.change !== null;
      case 'time':
        return edge.stands.some((id) => Object.hasOwn(measured, id));
      case 'unresolved':
        return edge.confidence === 'inferred';
    }
  });
  const nodes = graph.nodes.filter((node) => {
    const mark = made.get(node.id);
    switch (lens) {
      case 'lost':
        return isLossy(mark);
      case 'changed':
        return node.change !== null;
      case 'time':
        return false;
      case 'unresolved':
        return (mark?.unresolved ?? 0) > 0;
    }
  });
  return {
    nodes: new Set([...nodes.map((node) => node.id), ...edges.flatMap((edge) => [edge.from, edge.to])]),
    edges: new Set(edges.map((edge) => edge.id)),
  };
}

function isLossy(mark: Marks | undefined): boolean {
  return mark !== undefined && (mark.noDeadLetter || mark.danglingDeadLetter);
}

/** What is selected, in the topology's terms. */
export type Selected =
  | { readonly kind: 'service'; readonly service: Topology['services'][number] }
  | { readonly kind: 'channel'; readonly channel: Topology['channels'][number] }
  | { readonly kind: 'edges'; readonly edges: readonly Topology['edges'][number][] }
  | { readonly kind: 'group'; readonly name: string; readonly members: readonly string[] };

export function selectedOf(model: Model, graph: DrawGraph): Selected | null {
  const id = model.view.selected;
  if (id === null) return null;
  const service = model.topology.services.find((each) => each.id === id);
  if (service) return { kind: 'service', service };
  const channel = model.topology.channels.find((each) => each.id === id);
  if (channel) return { kind: 'channel', channel };
  const drawn = graph.edges.find((edge) => edge.id === id);
  const stands = new Set(drawn?.stands ?? [id]);
  const edges = model.topology.edges.filter((edge) => stands.has(edge.id));
  if (edges.length > 0) return { kind: 'edges', edges };
  const group = graph.nodes.find((node) => node.kind === 'group' && node.id === id);
  return group ? { kind: 'group', name: group.name, members: group.stands } : null;
}

/** A finding by its index. */
export function findingAt(model: Model, index: number): Finding | null {
  return model.findings.findings[index] ?? null;
}

/** The group whose folded node has this id. */
export function groupOfNode(whole: DrawGraph, id: string): string | null {
  return whole.groups.find((group) => groupNodeId(group.name) === id)?.name ?? null;
}
