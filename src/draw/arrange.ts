// Where everything stands after a change of structure. A new map is laid out whole, part by part (a part: what edges or a common frame connect); on a
// map that is already drawn nothing moves: new nodes are laid out among themselves and placed beside their neighbours, in the nearest free spot.
// Only where no spot is free, and where a group unfolds, the rest makes room: everything beyond moves by the same amount.
import { fromElk, toElk } from './elk-graph.ts';
import { around, type Box, overlaps, type Point, spanned } from './geometry.ts';
import { type DrawEdge, type DrawGraph, type DrawNode, groupNodeId } from './graph.ts';
import { EMPTY_PLACEMENT, type ElkLayout, type Flow, FRAME_PADDING, type Padding, type Placement } from './layout.ts';
import { routeAround } from './route.ts';

const GAP = 22;
const LAYER_GAP = 84;
const PART_GAP = 48;

/** What is on the screen. */
export interface Drawn {
  readonly graph: DrawGraph;
  readonly placement: Placement;
}

/**
 * Places `graph`. `previous` is what is on the screen, drawn with the same flow; without it, or where most of the graph is new, all is laid out anew.
 * Downwards is the same with both axes exchanged.
 */
export async function arrange(
  graph: DrawGraph,
  previous: Drawn | null,
  layout: ElkLayout,
  flow: Flow = 'right',
): Promise<Placement> {
  if (flow === 'right') return arrangeRight(graph, previous, layout, FRAME_PADDING);
  const before =
    previous === null ? null : { graph: turned(previous.graph), placement: turnedBack(previous.placement) };
  return turnedBack(await arrangeRight(turned(graph), before, layout, TURNED_PADDING));
}

const TURNED_PADDING: Padding = {
  top: FRAME_PADDING.left,
  left: FRAME_PADDING.top,
  right: FRAME_PADDING.bottom,
  bottom: FRAME_PADDING.right,
};

/** Width to height of a comfortable picture; downwards the place is tall, and the axes are exchanged. */
const RATIO = 1.7;
const TURNED_RATIO = 1.3;

function turned(graph: DrawGraph): DrawGraph {
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, width: node.height, height: node.width })) };
}

function turnedBack(placement: Placement): Placement {
  return {
    positions: new Map(Array.from(placement.positions, ([id, at]) => [id, { x: at.y, y: at.x }])),
    routes: new Map(
      Array.from(placement.routes, ([id, points]) => [id, points.map((point) => ({ x: point.y, y: point.x }))]),
    ),
  };
}

async function arrangeRight(
  graph: DrawGraph,
  previous: Drawn | null,
  layout: ElkLayout,
  padding: Padding,
): Promise<Placement> {
  if (previous === null) return layOut(graph, layout, padding);
  const { positions } = previous.placement;
  const folded = foldings(graph, previous, padding);
  const unfolded = unfoldings(graph, previous);
  const unfolding = new Set(unfolded.flatMap((group) => group.members));
  const kept = new Map<string, Point>();
  for (const node of graph.nodes) {
    const at = positions.get(node.id);
    if (at && !unfolding.has(node.id)) kept.set(node.id, at);
  }
  if ((kept.size + unfolding.size + folded.length) * 2 < graph.nodes.length) return layOut(graph, layout, padding);

  const board = new Board(graph, kept, previous.placement.routes, padding);
  for (const { node, frame } of folded) board.fold(node, frame);
  for (const group of unfolded) {
    board.unfold(group.name, group.from, await layOut(induced(graph, group.members), layout, padding));
  }
  for (const part of freshParts(graph, board)) {
    board.place(part, part.length === 1 ? alone(part) : await layOut(induced(graph, part), layout, padding));
  }
  return board.placement();
}

/** Every part of the graph laid out by itself, the parts then set in rows, largest first. */
async function layOut(graph: DrawGraph, layout: ElkLayout, padding: Padding): Promise<Placement> {
  if (graph.nodes.length === 0) return EMPTY_PLACEMENT;
  const blocks: Block[] = [];
  for (const part of parts(graph)) {
    const piece = induced(graph, part);
    const placement = piece.edges.length === 0 ? grid(piece) : fromElk(piece, await layout(toElk(piece, padding)));
    blocks.push({
      placement,
      box: extent(piece, placement, padding),
      size: piece.edges.length === 0 ? 0 : part.length,
    });
  }
  return pack(blocks, padding === TURNED_PADDING ? TURNED_RATIO : RATIO);
}

/** Node ids connected by edges or by a common frame, in the graph's order; all nodes that stand entirely alone are one part, the last. */
function parts(graph: DrawGraph): readonly (readonly string[])[] {
  const root = new Map(graph.nodes.map((node) => [node.id, node.id]));
  const find = (id: string): string => {
    let at = id;
    for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) {
      root.set(at, root.get(up) ?? up);
      at = up;
    }
    return at;
  };
  const unite = (a: string, b: string): void => {
    root.set(find(b), find(a));
  };
  for (const edge of graph.edges) unite(edge.from, edge.to);
  for (const group of graph.groups) for (const member of group.members) unite(group.members[0] ?? member, member);
  const byRoot = new Map<string, string[]>();
  for (const node of graph.nodes) {
    const key = find(node.id);
    const list = byRoot.get(key);
    if (list) list.push(node.id);
    else byRoot.set(key, [node.id]);
  }
  const all = Array.from(byRoot.values());
  const loners = all.filter((part) => part.length === 1).flat();
  const rest = all.filter((part) => part.length > 1);
  return loners.length > 0 ? [...rest, loners] : rest;
}

/** The graph of these nodes only. */
function induced(graph: DrawGraph, ids: readonly string[]): DrawGraph {
  const wanted = new Set(ids);
  return {
    nodes: graph.nodes.filter((node) => wanted.has(node.id)),
    edges: graph.edges.filter((edge) => wanted.has(edge.from) && wanted.has(edge.to)),
    groups: graph.groups
      .map((group) => ({ name: group.name, members: group.members.filter((member) => wanted.has(member)) }))
      .filter((group) => group.members.length > 1),
  };
}

/** Nodes without any edge, in columns of equal pitch; members of one frame together. */
function grid(graph: DrawGraph): Placement {
  const positions = new Map<string, Point>();
  const pitch = Math.max(...graph.nodes.map((node) => node.width)) + GAP;
  const columns = Math.max(1, Math.min(5, Math.ceil(Math.sqrt(graph.nodes.length))));
  for (const [index, node] of graph.nodes.entries()) {
    positions.set(node.id, { x: (index % columns) * pitch, y: Math.floor(index / columns) * (node.height + GAP) });
  }
  return { positions, routes: new Map() };
}

interface Block {
  readonly placement: Placement;
  readonly box: Box;
  readonly size: number;
}

/** Blocks in rows, of the width that comes nearest to a picture of this ratio (width to height). */
function pack(blocks: readonly Block[], ratio: number): Placement {
  const order = blocks.toSorted((a, b) => b.size - a.size);
  const widest = Math.max(...order.map(({ box }) => box.width));
  const total = order.reduce((sum, { box }) => sum + box.width + PART_GAP, 0);
  let best = { cost: Infinity, width: widest };
  for (let step = 0; step <= PACKINGS; step++) {
    const width = widest + ((total - widest) * step) / PACKINGS;
    const used = around(rows(order, width)) ?? { x: 0, y: 0, width: 0, height: 0 };
    const cost = Math.max(used.width / ratio, used.height);
    if (cost < best.cost) best = { cost, width };
  }
  const positions = new Map<string, Point>();
  const routes = new Map<string, readonly Point[]>();
  for (const [index, at] of rows(order, best.width).entries()) {
    const block = order[index];
    if (!block) continue;
    const dx = Math.round(at.x - block.box.x);
    const dy = Math.round(at.y - block.box.y);
    for (const [id, point] of block.placement.positions) positions.set(id, { x: point.x + dx, y: point.y + dy });
    for (const [id, points] of block.placement.routes) {
      routes.set(
        id,
        points.map((point) => ({ x: point.x + dx, y: point.y + dy })),
      );
    }
  }
  return { positions, routes };
}

/** How many widths are tried. */
const PACKINGS = 24;

/** Where each block stands when rows end at `width`. */
function rows(order: readonly Block[], width: number): readonly Box[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return order.map(({ box }) => {
    if (x > 0 && x + box.width > width + 0.5) {
      x = 0;
      y += rowHeight + PART_GAP;
      rowHeight = 0;
    }
    const at = { x, y, width: box.width, height: box.height };
    x += box.width + PART_GAP;
    rowHeight = Math.max(rowHeight, box.height);
    return at;
  });
}

/** Everything drawn: nodes, frames and routes. */
export function extent(graph: DrawGraph, placement: Placement, padding = FRAME_PADDING): Box {
  const boxes: Box[] = [
    ...nodeBoxes(graph, placement.positions).values(),
    ...frames(graph, placement.positions, padding).values(),
  ];
  for (const points of placement.routes.values()) {
    for (const [index, point] of points.entries()) boxes.push(spanned(points[index - 1] ?? point, point));
  }
  return around(boxes) ?? { x: 0, y: 0, width: 0, height: 0 };
}

export function nodeBoxes(graph: DrawGraph, positions: ReadonlyMap<string, Point>): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes) {
    const at = positions.get(node.id);
    if (at) boxes.set(node.id, { ...at, width: node.width, height: node.height });
  }
  return boxes;
}

/** The frame of each group by its name: its members' boxes and the padding that holds the name. */
export function frames(
  graph: DrawGraph,
  positions: ReadonlyMap<string, Point>,
  padding = FRAME_PADDING,
): ReadonlyMap<string, Box> {
  const boxes = nodeBoxes(graph, positions);
  const result = new Map<string, Box>();
  for (const group of graph.groups) {
    const box = around(group.members.flatMap((member) => boxes.get(member) ?? []));
    if (box) result.set(group.name, framed(box, padding));
  }
  return result;
}

function framed(box: Box, padding: Padding): Box {
  return {
    x: box.x - padding.left,
    y: box.y - padding.top,
    width: box.width + padding.left + padding.right,
    height: box.height + padding.top + padding.bottom,
  };
}

/** Groups that were one node before and are open now, with the box of that node. */
function unfoldings(
  graph: DrawGraph,
  previous: Drawn,
): readonly { name: string; members: readonly string[]; from: Box }[] {
  const before = nodeBoxes(previous.graph, previous.placement.positions);
  const present = new Set(graph.nodes.map((node) => node.id));
  return graph.groups.flatMap((group) => {
    const from = before.get(groupNodeId(group.name));
    return from && !present.has(groupNodeId(group.name)) ? [{ name: group.name, members: group.members, from }] : [];
  });
}

/** Groups that were open before and are one node now, with the box of their frame. */
function foldings(graph: DrawGraph, previous: Drawn, padding: Padding): readonly { node: DrawNode; frame: Box }[] {
  const before = frames(previous.graph, previous.placement.positions, padding);
  const folded = graph.nodes.filter((node) => node.kind === 'group' && !previous.placement.positions.has(node.id));
  return folded.flatMap((node) => {
    const frame = before.get(node.id.slice(groupNodeId('').length));
    return frame ? [{ node, frame }] : [];
  });
}

/** New nodes in bundles that belong together: connected among themselves, or the members of a new frame. */
function freshParts(graph: DrawGraph, board: Board): readonly (readonly string[])[] {
  const fresh = graph.nodes.filter((node) => !board.has(node.id)).map((node) => node.id);
  const piece = induced(graph, fresh);
  const isNew = new Set(fresh);
  const wholly = new Set(
    graph.groups.filter((group) => group.members.every((id) => isNew.has(id))).map((group) => group.name),
  );
  // Loners come back one by one: each has a spot of its own.
  return parts({ ...piece, groups: piece.groups.filter((group) => wholly.has(group.name)) }).flatMap((part) =>
    piece.edges.some((edge) => part.includes(edge.from)) ||
    piece.groups.some((group) => wholly.has(group.name) && part.includes(group.members[0] ?? ''))
      ? [part]
      : part.map((id) => [id]),
  );
}

function alone(part: readonly string[]): Placement {
  return { positions: new Map(part.map((id) => [id, { x: 0, y: 0 }])), routes: new Map() };
}

/** The map while it is being changed: who stands where, who is in the way. */
class Board {
  readonly #graph: DrawGraph;
  readonly #groupOf: ReadonlyMap<string, string>;
  readonly #positions: Map<string, Point>;
  readonly #routes: Map<string, readonly Point[]>;
  readonly #padding: Padding;

  constructor(
    graph: DrawGraph,
    kept: Map<string, Point>,
    routes: ReadonlyMap<string, readonly Point[]>,
    padding: Padding,
  ) {
    this.#graph = graph;
    this.#padding = padding;
    this.#routes = new Map(routes);
    this.#groupOf = new Map(
      graph.groups.flatMap((group) => group.members.map((member) => [member, group.name] as const)),
    );
    this.#positions = kept;
  }

  #frames(): ReadonlyMap<string, Box> {
    return frames(this.#graph, this.#positions, this.#padding);
  }

  has(id: string): boolean {
    return this.#positions.has(id);
  }

  /** The folded node takes the top left corner of its former frame, and what stood beyond the frame closes up. */
  fold(node: DrawNode, frame: Box): void {
    const before = new Map(this.#positions);
    const dx = node.width - frame.width;
    const dy = node.height - frame.height;
    for (const [x, y] of [
      [dx, dy],
      [0, dy],
      [dx, 0],
    ] as const) {
      this.#positions.set(node.id, { x: frame.x, y: frame.y });
      this.#shift(frame, x, y);
      if (!this.#crowded()) return;
      // Closing up is not always the reverse of making room: then the hole stays.
      for (const [id, at] of before) this.#positions.set(id, at);
    }
    this.#positions.set(node.id, { x: frame.x, y: frame.y });
  }

  /** The inside of a group where its folded node stood; everything to the right and below makes room. */
  unfold(group: string, from: Box, inside: Placement): void {
    const members = this.#graph.groups.find((each) => each.name === group)?.members ?? [];
    const bare = around(nodeBoxes(induced(this.#graph, members), inside.positions).values());
    if (!bare) return;
    const box = framed(bare, this.#padding);
    this.#shift(from, Math.max(0, box.width - from.width), Math.max(0, box.height - from.height));
    this.#settle(inside, from.x - box.x, from.y - box.y);
  }

  /** A bundle of new nodes, laid out among themselves, at the nearest free spot to where its neighbours want it. */
  place(part: readonly string[], inside: Placement): void {
    const piece = induced(this.#graph, part);
    const bare = around(nodeBoxes(piece, inside.positions).values());
    if (!bare) return;
    const group = this.#commonGroup(part);
    const ownFrame =
      group !== null &&
      this.#graph.groups.some((each) => each.name === group && each.members.every((id) => part.includes(id)));
    const block = ownFrame ? framed(bare, this.#padding) : bare;
    const home = ownFrame || group === null ? undefined : this.#frames().get(group);
    const wish = within(home, block, this.#wish(part, block, group), this.#padding);
    const others = this.#obstacles(ownFrame ? null : group);
    const spot =
      this.#free(wish, block, others, ownFrame ? null : group) ?? this.#cleared(block, ownFrame ? null : group);
    this.#settle(inside, spot.x - block.x, spot.y - block.y);
  }

  placement(): Placement {
    const boxes = nodeBoxes(this.#graph, this.#positions);
    const all = Array.from(boxes.values());
    const routes = new Map<string, readonly Point[]>();
    for (const edge of this.#graph.edges) {
      const from = boxes.get(edge.from);
      const to = boxes.get(edge.to);
      if (!from || !to) continue;
      const old = this.#routes.get(edge.id);
      const moved = old && attached(old, edge, from, to);
      routes.set(
        edge.id,
        moved && clear(moved, all, from, to)
          ? moved
          : routeAround(from, to, all, edge.kind === 'dead-letters' ? 'bottom' : 'right'),
      );
    }
    return { positions: this.#positions, routes };
  }

  #settle(inside: Placement, dx: number, dy: number): void {
    for (const [id, at] of inside.positions)
      this.#positions.set(id, { x: Math.round(at.x + dx), y: Math.round(at.y + dy) });
    for (const [id, points] of inside.routes) {
      this.#routes.set(
        id,
        points.map((point) => ({ x: Math.round(point.x + dx), y: Math.round(point.y + dy) })),
      );
    }
  }

  /** Moves all that begins beyond the right side of `box` by `dx`, and all that begins below it by `dy`; frames move as one, so nothing comes to overlap. */
  #shift(box: Box, dx: number, dy: number): void {
    for (const unit of this.#units()) {
      const moveX = unit.box.x >= box.x + box.width - 1 ? dx : 0;
      const moveY = unit.box.y >= box.y + box.height - 1 ? dy : 0;
      if (moveX === 0 && moveY === 0) continue;
      for (const id of unit.ids) {
        const at = this.#positions.get(id);
        if (at) this.#positions.set(id, { x: Math.round(at.x + moveX), y: Math.round(at.y + moveY) });
      }
    }
  }

  #crowded(): boolean {
    const units = this.#units();
    return units.some((unit, index) => units.some((other, at) => at > index && overlaps(unit.box, other.box)));
  }

  /** What moves as one: frames with their members, and nodes without a frame. */
  #units(): readonly { ids: readonly string[]; box: Box }[] {
    const boxes = nodeBoxes(this.#graph, this.#positions);
    const units: { ids: readonly string[]; box: Box }[] = [];
    for (const group of this.#graph.groups) {
      const ids = group.members.filter((id) => boxes.has(id));
      const box = around(ids.flatMap((id) => boxes.get(id) ?? []));
      if (box) units.push({ ids, box: framed(box, this.#padding) });
    }
    for (const [id, box] of boxes) if (!this.#groupOf.has(id)) units.push({ ids: [id], box });
    return units;
  }

  #commonGroup(part: readonly string[]): string | null {
    const groups = new Set(part.map((id) => this.#groupOf.get(id) ?? null));
    const [only] = groups;
    return groups.size === 1 ? (only ?? null) : null;
  }

  /** Nodes of the own group and loose nodes one by one, foreign groups as frames. */
  #obstacles(group: string | null): readonly Box[] {
    const boxes = nodeBoxes(this.#graph, this.#positions);
    const list: Box[] = [];
    for (const [name, frame] of this.#frames()) if (name !== group) list.push(frame);
    for (const [id, box] of boxes) {
      const own = this.#groupOf.get(id);
      if (own === undefined || own === group) list.push(box);
    }
    return list;
  }

  /** Right of who sends to it and in line with siblings; else left of who it sends to; else beside its group; else below the map. */
  #wish(part: readonly string[], block: Box, group: string | null): Point {
    const inside = new Set(part);
    const boxes = nodeBoxes(this.#graph, this.#positions);
    const before = this.#neighbours(inside, (edge) => [edge.to, edge.from], boxes);
    const after = this.#neighbours(inside, (edge) => [edge.from, edge.to], boxes);
    const beforeBox = around(before.map(({ box }) => box));
    const afterBox = around(after.map(({ box }) => box));
    if (beforeBox) {
      const siblings = around(this.#siblings(before, (edge) => [edge.from, edge.to], boxes));
      const x = siblings ? siblings.x : Math.max(...before.map(({ box }) => box.x + box.width)) + LAYER_GAP;
      return { x, y: middle(before.map(({ box }) => box)) - block.height / 2 };
    }
    if (afterBox) {
      const siblings = around(this.#siblings(after, (edge) => [edge.to, edge.from], boxes));
      const x = siblings ? siblings.x + siblings.width - block.width : afterBox.x - LAYER_GAP - block.width;
      return { x, y: middle(after.map(({ box }) => box)) - block.height / 2 };
    }
    const home = group === null ? undefined : this.#frames().get(group);
    if (home) return { x: home.x + this.#padding.left, y: home.y + home.height - this.#padding.bottom + GAP };
    const all = around([...boxes.values(), ...this.#frames().values()]);
    return all ? { x: all.x, y: all.y + all.height + PART_GAP } : { x: 0, y: 0 };
  }

  #neighbours(
    inside: ReadonlySet<string>,
    ends: (edge: DrawEdge) => readonly [string, string],
    boxes: ReadonlyMap<string, Box>,
  ): readonly { id: string; box: Box }[] {
    return this.#graph.edges.flatMap((edge) => {
      const [own, other] = ends(edge);
      const box = boxes.get(other);
      return inside.has(own) && !inside.has(other) && box ? [{ id: other, box }] : [];
    });
  }

  #siblings(
    anchors: readonly { id: string; box: Box }[],
    ends: (edge: DrawEdge) => readonly [string, string],
    boxes: ReadonlyMap<string, Box>,
  ): readonly Box[] {
    const ids = new Map(anchors.map(({ id, box }) => [id, box]));
    return this.#graph.edges.flatMap((edge) => {
      const [own, other] = ends(edge);
      const anchor = ids.get(own);
      const box = boxes.get(other);
      // Lines that run backwards say nothing about the column.
      return anchor && box && !ids.has(other) && forward(edge, own, anchor, box) ? [box] : [];
    });
  }

  /** The free spot nearest to the wish, rows counted half: a column is worth more than a row. Null: none within reach. */
  #free(wish: Point, block: Box, others: readonly Box[], group: string | null): Point | null {
    const own = group === null ? null : (this.#frames().get(group) ?? null);
    const foreign = own === null ? [] : this.#foreign(group);
    const routes = this.#routeBoxes();
    let best: { spot: Point; cost: number } | null = null;
    const stepY = (block.height + GAP) / 2;
    const stepX = 40;
    for (let column = -14; column <= 14; column++) {
      for (let row = -30; row <= 30; row++) {
        const spot = { x: Math.round(wish.x + column * stepX), y: Math.round(wish.y + row * stepY) };
        const cost = Math.abs(row * stepY) + 2.5 * Math.abs(column * stepX) + (column === 0 ? 0 : 60);
        if (best && cost >= best.cost) continue;
        const box = { ...spot, width: block.width, height: block.height };
        if (others.some((other) => overlaps(box, other, GAP))) continue;
        let total = cost;
        if (own !== null) {
          const grown = around([own, framed(box, this.#padding)]);
          if (grown && foreign.some((other) => overlaps(grown, other, 8))) continue;
          if (grown) total += (grown.width - own.width + grown.height - own.height) * 0.4;
        }
        total += 26 * routes.filter((piece) => overlaps(box, piece, 8)).length;
        if (best === null || total < best.cost) best = { spot, cost: total };
      }
    }
    return best?.spot ?? null;
  }

  /** Below the group (or the map), after everything further down has moved by what is needed. */
  #cleared(block: Box, group: string | null): Point {
    const home = group === null ? undefined : this.#frames().get(group);
    if (!home) {
      const all = around([...nodeBoxes(this.#graph, this.#positions).values(), ...this.#frames().values()]);
      return all ? { x: all.x, y: all.y + all.height + PART_GAP } : { x: 0, y: 0 };
    }
    const bottom = home.y + home.height;
    this.#shift(home, 0, block.height + GAP);
    return { x: home.x + this.#padding.left, y: bottom - this.#padding.bottom + GAP };
  }

  /** What a group's frame must not grow over. */
  #foreign(group: string | null): readonly Box[] {
    const list: Box[] = [];
    for (const [name, frame] of this.#frames()) if (name !== group) list.push(frame);
    for (const [id, box] of nodeBoxes(this.#graph, this.#positions)) if (!this.#groupOf.has(id)) list.push(box);
    return list;
  }

  #routeBoxes(): readonly Box[] {
    return Array.from(this.#routes.values()).flatMap((points) =>
      points.slice(1).map((point, index) => spanned(points[index] ?? point, point)),
    );
  }
}

/** The wish, brought into the group's frame or the row below: neighbours may be on the other side of the map. */
function within(home: Box | undefined, block: Box, wish: Point, padding: Padding): Point {
  if (!home) return wish;
  const clamp = (value: number, low: number, high: number): number =>
    Math.max(low, Math.min(value, Math.max(low, high)));
  return {
    x: clamp(wish.x, home.x + padding.left, home.x + home.width - padding.right - block.width),
    y: clamp(wish.y, home.y + padding.top, home.y + home.height - padding.bottom + GAP),
  };
}

function forward(edge: DrawEdge, own: string, anchor: Box, box: Box): boolean {
  return edge.from === own ? box.x >= anchor.x + anchor.width : box.x + box.width <= anchor.x;
}

function middle(boxes: readonly Box[]): number {
  const centres = boxes.map((box) => box.y + box.height / 2).toSorted((a, b) => a - b);
  return centres[Math.floor((centres.length - 1) / 2)] ?? 0;
}

/** The route moved along where both of its ends moved alike; null where it no longer fits its ends. */
function attached(points: readonly Point[], edge: DrawEdge, from: Box, to: Box): readonly Point[] | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  const start =
    edge.kind === 'dead-letters'
      ? { x: from.x + from.width / 2, y: from.y + from.height }
      : { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x, y: to.y + to.height / 2 };
  const dx = start.x - first.x;
  const dy = start.y - first.y;
  if (Math.abs(end.x - last.x - dx) > 1 || Math.abs(end.y - last.y - dy) > 1) return null;
  return Math.abs(dx) < 1 && Math.abs(dy) < 1 ? points : points.map((point) => ({ x: point.x + dx, y: point.y + dy }));
}

/** Whether a route crosses no box other than its ends. */
function clear(points: readonly Point[], boxes: readonly Box[], from: Box, to: Box): boolean {
  return points.slice(1).every((point, index) => {
    const piece = spanned(points[index] ?? point, point);
    return boxes.every((box) => same(box, from) || same(box, to) || !overlaps(box, piece));
  });
}

function same(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
