// Decides how wide a map becomes: which column each node aims at, and so which lines run forwards. Systems are full of long chains and of cycles (a service
// answers what it asked for); laid out by their longest path they make a picture of one row and many screens. Here the number of columns follows from the
// number of nodes, groups stay together, and as few lines as possible run backwards.
import type { DrawGraph } from './graph.ts';

interface Link {
  readonly from: number;
  readonly to: number;
}

const PASSES = 12;

/** Ids of the edges that should run from right to left. Equal graphs, equal answers; O((nodes + edges) × columns). */
export function backwardEdges(graph: DrawGraph): ReadonlySet<string> {
  const column = columns(graph);
  return new Set(graph.edges.filter((edge) => (column.get(edge.to) ?? 0) < (column.get(edge.from) ?? 0)).map((edge) => edge.id));
}

/** The column of each node, counted over the whole map; no two ends of a line share one. */
function columns(graph: DrawGraph): ReadonlyMap<string, number> {
  const units = new Map<string, string[]>();
  const unitOf = new Map<string, string>();
  for (const group of graph.groups) {
    units.set(group.name, [...group.members]);
    for (const member of group.members) unitOf.set(member, group.name);
  }
  // What has no frame belongs together as if it had one.
  const loose = graph.nodes.filter((node) => !unitOf.has(node.id)).map((node) => node.id);
  if (loose.length > 0) units.set('', loose);
  for (const id of loose) unitOf.set(id, '');

  const names = Array.from(units.keys());
  const between = graph.edges
    .filter((edge) => unitOf.get(edge.from) !== unitOf.get(edge.to))
    .map((edge) => ({ from: names.indexOf(unitOf.get(edge.from) ?? ''), to: names.indexOf(unitOf.get(edge.to) ?? '') }));
  const unitColumn = assign(names.length, between, Math.max(1, Math.round(Math.sqrt(names.length * 0.75))));
  const order = new Map(graph.nodes.map((node, index) => [node.id, index]));
  const result = new Map<string, number>();
  for (const [at, name] of names.entries()) {
    const members = (units.get(name) ?? []).toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    const index = new Map(members.map((id, position) => [id, position]));
    const inner = graph.edges.flatMap((edge) => {
      const from = index.get(edge.from);
      const to = index.get(edge.to);
      return from !== undefined && to !== undefined ? [{ from, to }] : [];
    });
    const count = names.length === 1 ? Math.max(4, Math.round(Math.sqrt(members.length * 1.1))) : Math.max(3, Math.round(Math.sqrt(members.length * 1.5)));
    const local = assign(members.length, inner, count);
    for (const [position, id] of members.entries()) {
      result.set(id, (local[position] ?? 0) + 1000 * (unitColumn[at] ?? 0));
    }
  }
  // A line between two nodes of one column would need a column more: the later node gives way by a fraction, in a fixed order.
  return new Map(Array.from(result, ([id, value]) => [id, value + (order.get(id) ?? 0) / (graph.nodes.length + 1)]));
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
  const sourcesFirst = Array.from({ length: count }, (_, node) => node).toSorted((a, b) => (incoming[a] ?? 0) - (incoming[b] ?? 0) || a - b);
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
