// Decides how wide a map becomes: which column each node aims at, and so which lines run forwards. Systems are full of long chains and of cycles (a service
// answers what it asked for); laid out by their longest path they make a picture of one row and many screens. Here the number of columns follows from the
// number of nodes, groups stay together, and as few lines as possible run backwards.
import type { DrawGraph } from './graph.ts';

interface Link {
  readonly from: number;
  readonly to: number;
}

const PASSES = 12;

/** How generous with columns: the first is more than any system of that size needs. */
const SCALES = [3, 2, 1.4, 1, 0.7, 0.5] as const;

/** Ids of the edges that should run from right to left. Equal graphs, equal answers; O((nodes + edges) × columns). */
export function backwardEdges(graph: DrawGraph): ReadonlySet<string> {
  const comfortable = Math.max(5, Math.sqrt(graph.nodes.length * 0.8));
  let best: { back: readonly string[]; cost: number } | null = null;
  for (const scale of SCALES) {
    const column = columns(graph, scale);
    const back = graph.edges
      .filter((edge) => (column.get(edge.to) ?? 0) < (column.get(edge.from) ?? 0))
      .map((edge) => edge.id);
    const depth = layers(graph, column);
    const cost = back.length / Math.max(1, graph.edges.length) + LAYER_PRICE * Math.max(0, depth / comfortable - 1);
    if (best === null || cost < best.cost) best = { back, cost };
  }
  return new Set(best?.back);
}

/** Which share of all lines may run backwards rather than have a picture twice as wide as is comfortable. */
const LAYER_PRICE = 0.6;

/**
 * How many columns the picture has when every line runs from the smaller to the larger number. The layout sets a frame as one thing: frames that a
 * line connects stand side by side with all their columns, so the longest way through frames counts, not the longest way through nodes.
 */
function layers(graph: DrawGraph, column: ReadonlyMap<string, number>): number {
  const frame = frameOf(graph);
  const inside = new Map<string, [string, string][]>();
  const between: [string, string][] = [];
  for (const edge of graph.edges) {
    if (edge.from === edge.to) continue;
    const forward = (column.get(edge.from) ?? 0) < (column.get(edge.to) ?? 0);
    const ends: [string, string] = forward ? [edge.from, edge.to] : [edge.to, edge.from];
    const unit = frame(ends[0]);
    if (unit !== frame(ends[1])) between.push([unit, frame(ends[1])]);
    else inside.set(unit, [...(inside.get(unit) ?? []), ends]);
  }
  const order = Array.from(column).toSorted((a, b) => a[1] - b[1]);
  const units = Array.from(new Set(order.map(([id]) => frame(id))));
  const widths = new Map(
    units.map((unit) => [
      unit,
      longest(
        order.filter(([id]) => frame(id) === unit).map(([id]) => id),
        inside.get(unit) ?? [],
        () => 1,
      ),
    ]),
  );
  return longest(units, between, (unit) => widths.get(unit) ?? 1);
}

/** The heaviest way through links that all run forwards in `order`. */
function longest(
  order: readonly string[],
  links: readonly (readonly [string, string])[],
  weight: (id: string) => number,
): number {
  const after = new Map<string, string[]>();
  for (const [from, to] of links) after.set(from, [...(after.get(from) ?? []), to]);
  const reached = new Map<string, number>();
  let heaviest = 0;
  for (const id of order) {
    const own = (reached.get(id) ?? 0) + weight(id);
    heaviest = Math.max(heaviest, own);
    for (const next of after.get(id) ?? []) reached.set(next, Math.max(reached.get(next) ?? 0, own));
  }
  return heaviest;
}

/** Without frames the whole graph is one unit; with frames a loose node is a unit of its own. */
function frameOf(graph: DrawGraph): (id: string) => string {
  const unitOf = new Map(graph.groups.flatMap((group) => group.members.map((member) => [member, group.name] as const)));
  return (id) => unitOf.get(id) ?? (graph.groups.length === 0 ? '' : `node ${id}`);
}

/** A number for each node, increasing to the right over the whole map; no two nodes share one. */
function columns(graph: DrawGraph, scale: number): ReadonlyMap<string, number> {
  const unit = frameOf(graph);
  const units = new Map<string, string[]>();
  for (const node of graph.nodes) {
    const list = units.get(unit(node.id));
    if (list) list.push(node.id);
    else units.set(unit(node.id), [node.id]);
  }
  const unitAt = new Map(Array.from(units.keys(), (name, index) => [name, index]));
  const between = graph.edges.flatMap((edge) => {
    const from = unitAt.get(unit(edge.from));
    const to = unitAt.get(unit(edge.to));
    return from !== undefined && to !== undefined && from !== to ? [{ from, to }] : [];
  });
  const weight = graph.groups.length + (units.size - graph.groups.length) / 4;
  const unitColumn = assign(units.size, between, Math.max(1, Math.round(Math.sqrt(weight * 0.75) * scale)));

  const position = new Map<string, number>();
  const innerLinks = new Map<string, Link[]>();
  for (const members of units.values()) for (const [at, id] of members.entries()) position.set(id, at);
  for (const edge of graph.edges) {
    const name = unit(edge.from);
    if (name !== unit(edge.to)) continue;
    const link = { from: position.get(edge.from) ?? 0, to: position.get(edge.to) ?? 0 };
    const list = innerLinks.get(name);
    if (list) list.push(link);
    else innerLinks.set(name, [link]);
  }
  const order = new Map(graph.nodes.map((node, index) => [node.id, index]));
  const result = new Map<string, number>();
  for (const [name, members] of units) {
    const limit = Math.max(3, Math.round(Math.sqrt(members.length * 1.3) * scale));
    const local = assign(members.length, innerLinks.get(name) ?? [], limit);
    for (const [at, id] of members.entries()) {
      // A fraction in a fixed order decides between nodes of one column.
      const fraction = (order.get(id) ?? 0) / (graph.nodes.length + 1);
      const unitIndex = unitAt.get(name) ?? 0;
      // All lines between two units run the same way, so units of one column come one after the other.
      result.set(id, (local[at] ?? 0) + fraction + 1000 * (unitIndex + units.size * (unitColumn[unitIndex] ?? 0)));
    }
  }
  return result;
}

/** A column in [0, limit) for each of `count` nodes, few links backwards or within a column. */
function assign(count: number, links: readonly Link[], limit: number): readonly number[] {
  const column = start(count, links).map((layer) => layer % limit);
  if (limit === 1) return column;
  const at: Link[][] = Array.from({ length: count }, () => []);
  for (const link of links) {
    if (link.from === link.to) continue;
    at[link.from]?.push(link);
    at[link.to]?.push(link);
  }
  const load = Array.from({ length: limit }, () => 0);
  for (const value of column) load[value] = (load[value] ?? 0) + 1;
  for (let pass = 0; pass < PASSES; pass++) {
    let changed = false;
    for (let node = 0; node < count; node++) {
      const current = column[node] ?? 0;
      load[current] = (load[current] ?? 1) - 1;
      let best = current;
      let bestCost = Infinity;
      for (let step = 0; step < limit; step++) {
        // The current column first, so that ties change nothing.
        const candidate = (current + step) % limit;
        let cost = 0.25 * (load[candidate] ?? 0);
        for (const link of at[node] ?? []) {
          const other = column[link.from === node ? link.to : link.from] ?? 0;
          cost += price(link.from === node ? other - candidate : candidate - other);
        }
        if (cost < bestCost - 1e-9) {
          best = candidate;
          bestCost = cost;
        }
      }
      load[best] = (load[best] ?? 0) + 1;
      if (best !== current) changed = true;
      column[node] = best;
    }
    if (!changed) break;
  }
  return column;
}

/** What a link over `distance` columns costs the reader. */
function price(distance: number): number {
  if (distance >= 1) return 0.4 * (distance - 1);
  return distance === 0 ? 4 : 3 - 0.3 * distance;
}

/** Longest-path layers after links that close a cycle are left out (depth first, in the order of the nodes). */
function start(count: number, links: readonly Link[]): number[] {
  const out: number[][] = Array.from({ length: count }, () => []);
  const incoming = Array.from({ length: count }, () => 0);
  for (const link of links) {
    if (link.from === link.to) continue;
    out[link.from]?.push(link.to);
    incoming[link.to] = (incoming[link.to] ?? 0) + 1;
  }
  const state = Array.from({ length: count }, () => 0);
  const finished: number[] = [];
  const kept: Link[] = [];
  const sourcesFirst = Array.from({ length: count }, (_, node) => node).toSorted(
    (a, b) => (incoming[a] ?? 0) - (incoming[b] ?? 0) || a - b,
  );
  for (const root of sourcesFirst) {
    if (state[root] !== 0) continue;
    const stack: { node: number; next: number }[] = [{ node: root, next: 0 }];
    state[root] = 1;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = out[top.node]?.[top.next++];
      if (child === undefined) {
        state[top.node] = 2;
        finished.push(top.node);
        stack.pop();
      } else if (state[child] !== 1) {
        kept.push({ from: top.node, to: child });
        if (state[child] === 0) {
          state[child] = 1;
          stack.push({ node: child, next: 0 });
        }
      }
    }
  }
  const after = new Map<number, number[]>();
  for (const link of kept) {
    const list = after.get(link.from);
    if (list) list.push(link.to);
    else after.set(link.from, [link.to]);
  }
  const layer = Array.from({ length: count }, () => 0);
  for (const node of finished.toReversed()) {
    for (const child of after.get(node) ?? []) layer[child] = Math.max(layer[child] ?? 0, (layer[node] ?? 0) + 1);
  }
  return layer;
}
