// Where labels of lines stand: on a straight piece of their line, over no node, no frame's name and no other label. A label that finds no room is left out
// (it still shows while its line is lit). Earlier labels win; the order of the list is the order of importance.
import { around, type Box, overlaps, type Point, spanned } from './geometry.ts';

export interface LabelWish {
  readonly id: string;
  /** Id of the line it belongs to, among all lines. */
  readonly edge: string;
  readonly points: readonly Point[];
  readonly width: number;
  readonly height: number;
  /** Where on the line it would best be: at its start, in the middle, at its end. */
  readonly near: 'start' | 'middle' | 'end';
  /** A width to try where the full one finds no room; null: rather none. */
  readonly narrow: number | null;
}

const STEP = 4;
const MARGIN = 3;

/** Boxes by id, centred on their lines. O(labels × (boxes + lines + candidates × what is near)). */
export function placeLabels(
  wishes: readonly LabelWish[],
  solid: readonly Box[],
  lines: ReadonlyMap<string, readonly Point[]>,
): ReadonlyMap<string, Box> {
  const pieces = Array.from(lines).flatMap(([edge, points]) =>
    points.slice(1).map((point, index) => ({ edge, box: spanned(points[index] ?? point, point) })),
  );
  const placed = new Map<string, Box>();
  const taken: Box[] = [];
  for (const wish of wishes) {
    const box = find(wish) ?? (wish.narrow === null ? null : find({ ...wish, width: wish.narrow }));
    if (!box) continue;
    placed.set(wish.id, box);
    taken.push(box);
  }
  return placed;

  function find(wish: LabelWish): Box | null {
    const reach = around(wish.points.map((point) => boxAt(point, wish)));
    if (!reach) return null;
    const barred = [...solid, ...taken].filter((box) => overlaps(reach, box, MARGIN));
    const foreign = pieces.filter(({ edge, box }) => edge !== wish.edge && overlaps(reach, box));
    let best: { box: Box; cost: number } | null = null;
    for (const { point, cost, free } of candidates(wish)) {
      if (!free || (best && cost >= best.cost)) continue;
      const box = boxAt(point, wish);
      if (barred.some((other) => overlaps(box, other, MARGIN))) continue;
      const total =
        cost + 40 * new Set(foreign.filter((piece) => overlaps(box, piece.box)).map(({ edge }) => edge)).size;
      if (best === null || total < best.cost) best = { box, cost: total };
    }
    return best?.box ?? null;
  }
}

function boxAt(centre: Point, { width, height }: LabelWish): Box {
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

/** Points along the line, with the cost of standing there; `free`: the straight piece is long enough to show on both sides of the label. */
function* candidates(wish: LabelWish): Iterable<{ point: Point; cost: number; free: boolean }> {
  const total = wish.points
    .slice(1)
    .reduce((sum, point, index) => sum + distance(wish.points[index] ?? point, point), 0);
  const ideal = wish.near === 'start' ? 0 : wish.near === 'end' ? total : total / 2;
  let walked = 0;
  for (const [index, to] of wish.points.entries()) {
    const from = wish.points[index - 1];
    if (!from) continue;
    const length = distance(from, to);
    const horizontal = from.y === to.y;
    const need = (horizontal ? wish.width : wish.height) + (wish.width === wish.narrow ? 0 : 6);
    for (let at = need / 2; at <= length - need / 2 + 0.01; at += STEP) {
      const share = at / length;
      yield {
        point: { x: Math.round(from.x + (to.x - from.x) * share), y: Math.round(from.y + (to.y - from.y) * share) },
        cost: Math.abs(walked + at - ideal) + (horizontal ? 0 : 30),
        free: length >= need,
      };
    }
    walked += length;
  }
}

function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}
