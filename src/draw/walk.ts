// Keyboard steps on the map: left and right follow the lines, up and down go to what stands above and below.
import type { Adjacency } from './focus.ts';
import type { Box } from './geometry.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The node one step from `from`; null: nothing there. Sideways, of several neighbours the one nearest in height; without any line, what stands beside. */
export function step(from: string, direction: Direction, boxes: ReadonlyMap<string, Box>, lines: Adjacency): string | null {
  const start = boxes.get(from);
  if (!start) return null;
  if (direction === 'left' || direction === 'right') {
    const ends =
      direction === 'right'
        ? (lines.out.get(from) ?? []).map((edge) => edge.to)
        : (lines.in.get(from) ?? []).map((edge) => edge.from);
    const linked = nearest(
      ends.filter((id) => id !== from),
      (box) => Math.abs(middle(box) - middle(start)) + Math.abs(centre(box) - centre(start)) / 8,
    );
    if (linked !== null) return linked;
  }
  const others = Array.from(boxes.keys()).filter((id) => id !== from && beyond(boxes.get(id), start, direction));
  const vertical = direction === 'up' || direction === 'down';
  return nearest(others, (box) => {
    const along = vertical ? Math.abs(middle(box) - middle(start)) : Math.abs(centre(box) - centre(start));
    const across = vertical ? Math.abs(centre(box) - centre(start)) : Math.abs(middle(box) - middle(start));
    return along + 3 * across;
  });

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
