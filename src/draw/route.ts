// Lines between nodes: corner points of one line around the boxes in its way, and the rounded path that is drawn.
// The layout brings its own routes; this one serves what moved or came afterwards. Bounded in steps: a line that finds no way goes straight through.
import { around, type Box, grow, overlaps, type Point, spanned } from './geometry.ts';

const STUB = 14;
const CLEARANCE = 11;
const BEND = 46;
const MAX_OBSTACLES = 70;
const MAX_STEPS = 40_000;

export type Side = 'right' | 'bottom';

/** Corner points from the right (or bottom) middle of `from` to the left middle of `to`. `boxes` may contain both ends. */
export function routeAround(from: Box, to: Box, boxes: readonly Box[], leaves: Side = 'right'): readonly Point[] {
  const start: Point =
    leaves === 'right'
      ? { x: from.x + from.width, y: from.y + from.height / 2 }
      : { x: from.x + from.width / 2, y: from.y + from.height };
  const end: Point = { x: to.x, y: to.y + to.height / 2 };
  const out: Point = leaves === 'right' ? { x: start.x + STUB, y: start.y } : { x: start.x, y: start.y + STUB };
  const into: Point = { x: end.x - STUB, y: end.y };
  const arena = grow(around([from, to]) ?? from, 160);
  const near = boxes.filter((box) => overlaps(arena, box));
  const obstacles = near.length <= MAX_OBSTACLES ? near : [from, to];
  const inner = search(out, into, obstacles, leaves === 'right' ? 0 : 1) ?? elbow(out, into);
  return straighten([start, ...inner, end]);
}

/** Right, then up or down, then right again. */
function elbow(from: Point, to: Point): readonly Point[] {
  const middle = Math.round((from.x + to.x) / 2);
  return [from, { x: middle, y: from.y }, { x: middle, y: to.y }, to];
}

/** Shortest way with few bends over the lines that run beside the boxes (A* on the sparse grid). `heading` 0 is horizontal, 1 vertical. */
function search(from: Point, to: Point, obstacles: readonly Box[], heading: 0 | 1): readonly Point[] | null {
  const xs = grid([from.x, to.x, ...obstacles.flatMap((box) => [box.x - CLEARANCE, box.x + box.width + CLEARANCE])]);
  const ys = grid([from.y, to.y, ...obstacles.flatMap((box) => [box.y - CLEARANCE, box.y + box.height + CLEARANCE])]);
  const solid = obstacles.map((box) => grow(box, CLEARANCE - 3));
  const columns = xs.length;
  const at = (column: number, row: number, direction: number): number => (row * columns + column) * 2 + direction;
  const startColumn = xs.indexOf(from.x);
  const startRow = ys.indexOf(from.y);
  const goalColumn = xs.indexOf(to.x);
  const goalRow = ys.indexOf(to.y);
  const best = new Map<number, number>();
  const came = new Map<number, number>();
  const open = new Heap();
  const start = at(startColumn, startRow, heading);
  best.set(start, 0);
  open.push(start, 0);
  for (let step = 0; step < MAX_STEPS; step++) {
    const state = open.pop();
    if (state === undefined) return null;
    const direction = state & 1;
    const column = (state >> 1) % columns;
    const row = Math.floor((state >> 1) / columns);
    if (column === goalColumn && row === goalRow && direction === 0) return trace(state);
    const cost = best.get(state) ?? 0;
    for (const [dc, dr] of STEPS) {
      const nextColumn = column + dc;
      const nextRow = row + dr;
      const x = xs[nextColumn];
      const y = ys[nextRow];
      const fromX = xs[column];
      const fromY = ys[row];
      if (x === undefined || y === undefined || fromX === undefined || fromY === undefined) continue;
      const piece = spanned({ x: fromX, y: fromY }, { x, y });
      if (solid.some((box) => overlaps(box, piece))) continue;
      const turned = (dr === 0 ? 0 : 1) === direction ? 0 : BEND;
      const next = at(nextColumn, nextRow, dr === 0 ? 0 : 1);
      const total = cost + piece.width + piece.height + turned;
      if (total >= (best.get(next) ?? Infinity)) continue;
      best.set(next, total);
      came.set(next, state);
      open.push(next, total + Math.abs(x - to.x) + Math.abs(y - to.y));
    }
  }
  return null;

  function trace(goal: number): readonly Point[] {
    const points: Point[] = [];
    for (let state: number | undefined = goal; state !== undefined; state = came.get(state)) {
      points.push({ x: xs[(state >> 1) % columns] ?? 0, y: ys[Math.floor((state >> 1) / columns)] ?? 0 });
    }
    return points.toReversed();
  }
}

const STEPS = [
  [1, 0],
  [0, 1],
  [0, -1],
  [-1, 0],
] as const;

function grid(values: readonly number[]): readonly number[] {
  return Array.from(new Set(values)).toSorted((a, b) => a - b);
}

/** A binary heap of numbers by priority; among equals the one pushed first comes first, so that equal input gives equal routes. */
class Heap {
  readonly #items: { state: number; priority: number; order: number }[] = [];
  #pushed = 0;

  push(state: number, priority: number): void {
    const item = { state, priority, order: this.#pushed++ };
    let at = this.#items.length;
    this.#items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || !comesFirst(item, above)) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): number | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#items.length === 0) return first.state;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const leftItem = this.#items[left];
      const rightItem = this.#items[right];
      if (leftItem === undefined) break;
      const child = rightItem !== undefined && comesFirst(rightItem, leftItem) ? right : left;
      const childItem = child === right && rightItem !== undefined ? rightItem : leftItem;
      if (!comesFirst(childItem, last)) break;
      this.#items[at] = childItem;
      at = child;
    }
    this.#items[at] = last;
    return first.state;
  }
}

function comesFirst(a: { priority: number; order: number }, b: { priority: number; order: number }): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.order < b.order);
}

/** Without points that lie on the straight line between their neighbours, and without repeated ones. */
export function straighten(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    const beforeLast = kept.at(-2);
    if (last && last.x === point.x && last.y === point.y) continue;
    if (
      last &&
      beforeLast &&
      ((beforeLast.x === last.x && last.x === point.x) || (beforeLast.y === last.y && last.y === point.y))
    ) {
      kept.pop();
    }
    kept.push(point);
  }
  return kept;
}

/** SVG path data of a line with rounded corners; with `reversed` it is written from its end, so that dashes start there. */
export function pathData(points: readonly Point[], radius = 8, reversed = false): string {
  const list = reversed ? points.toReversed() : points;
  const [first, ...rest] = list;
  if (first === undefined) return '';
  let data = `M${number(first.x)} ${number(first.y)}`;
  let previous = first;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) {
      data += `L${number(point.x)} ${number(point.y)}`;
      break;
    }
    const before = Math.hypot(point.x - previous.x, point.y - previous.y);
    const after = Math.hypot(next.x - point.x, next.y - point.y);
    const cut = Math.min(radius, before / 2, after / 2);
    const enter = towards(point, previous, cut, before);
    const leave = towards(point, next, cut, after);
    data += `L${number(enter.x)} ${number(enter.y)}Q${number(point.x)} ${number(point.y)} ${number(leave.x)} ${number(leave.y)}`;
    previous = point;
  }
  return data;
}

function towards(from: Point, to: Point, by: number, distance: number): Point {
  if (distance === 0) return from;
  return { x: from.x + ((to.x - from.x) * by) / distance, y: from.y + ((to.y - from.y) * by) / distance };
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
