// Keyboard steps on the map: along the flow the arrows follow the lines, across it they go to what stands beside.
import type { Adjacency } from './focus.ts';
import type { Box } from './geometry.ts';
import type { Flow } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The node one step from `from`; null: nothing there. Along the flow, of several neighbours the one nearest across; without any line, what stands there. */
export function step(
  from: string,
  direction: Direction,
  boxes: ReadonlyMap<string, Box>,
  lines: Adjacency,
  flow: Flow = 'right',
): string | null {
  const start = boxes.get(from);
  if (!start) return null;
  const vertical = direction === 'up' || direction === 'down';
  const along = (box: Box): number =>
    vertical ? Math.abs(middle(box) - middle(start)) : Math.abs(centre(box) - centre(start));
  const across = (box: Box): number =>
    vertical ? Math.abs(centre(box) - centre(start)) : Math.abs(middle(box) - middle(start));
  if (vertical === (flow === 'down')) {
    const forward = direction === 'right' || direction === 'down';
    const ends = forward
      ? (lines.out.get(from) ?? []).map((edge) => edge.to)
      : (lines.in.get(from) ?? []).map((edge) => edge.from);
    const linked = nearest(
      ends.filter((id) => id !== from),
      (box) => across(box) + along(box) / 8,
    );
    if (linked !== null) return linked;
  }
  const others = Array.from(boxes.keys()).filter((id) => id !== from && beyond(boxes.get(id), start, direction));
  return nearest(others, (box) => along(box) + 3 * across(box));

  function nearest(ids: readonly string[], cost: (box: Box) => number): string | null {
    let best: { id: string; cost: number } | null = null;
    for (const id of ids) {
      const box = boxes.get(id);
      if (!box) continue;
      const price = cost(box);
      if (best === null || price < best.cost) best = { id, cost: price };
    }
    return best?.id ?? null;
  }
}

function beyond(box: Box | undefined, start: Box, direction: Direction): boolean {
  if (!box) return false;
  switch (direction) {
    case 'left':
      return centre(box) < centre(start) - 1;
    case 'right':
      return centre(box) > centre(start) + 1;
    case 'up':
      return middle(box) < middle(start) - 1;
    case 'down':
      return middle(box) > middle(start) + 1;
  }
}

function centre(box: Box): number {
  return box.x + box.width / 2;
}

function middle(box: Box): number {
  return box.y + box.height / 2;
}
