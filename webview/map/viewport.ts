// Pan and zoom: which piece of the map is seen, and the arithmetic of moving it. Pure.
import type { Box, Point } from '../../src/draw/geometry.ts';

/** Screen = map × scale + (x, y). */
export interface Zoom {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export const MIN_SCALE = 0.05;
export const MAX_SCALE = 3;

export function clampScale(scale: number): number {
  return Math.max(MIN_SCALE, Math.min(MAX_SCALE, scale));
}

/** Scales by `factor` while the map stays under the pointer at `at` (screen). */
export function zoomAt(zoom: Zoom, at: Point, factor: number): Zoom {
  const scale = clampScale(zoom.scale * factor);
  const real = scale / zoom.scale;
  return { scale, x: at.x - (at.x - zoom.x) * real, y: at.y - (at.y - zoom.y) * real };
}

/** Shows all of `box`, centred, never larger than life. */
export function fitTo(box: Box, screen: { readonly width: number; readonly height: number }, margin = 28): Zoom {
  const width = Math.max(1, screen.width - 2 * margin);
  const height = Math.max(1, screen.height - 2 * margin);
  const scale = clampScale(Math.min(1, width / Math.max(1, box.width), height / Math.max(1, box.height)));
  return {
    scale,
    x: (screen.width - box.width * scale) / 2 - box.x * scale,
    y: (screen.height - box.height * scale) / 2 - box.y * scale,
  };
}

/** The smallest move that brings `box` fully into view; centres it where it is far away. The same object where it is in view already. */
export function bringIntoView(
  zoom: Zoom,
  box: Box,
  screen: { readonly width: number; readonly height: number },
  margin = 40,
): Zoom {
  const left = box.x * zoom.scale + zoom.x;
  const top = box.y * zoom.scale + zoom.y;
  const right = left + box.width * zoom.scale;
  const bottom = top + box.height * zoom.scale;
  const far =
    right < -screen.width / 2 || left > screen.width * 1.5 || bottom < -screen.height / 2 || top > screen.height * 1.5;
  if (far) {
    return {
      ...zoom,
      x: screen.width / 2 - (box.x + box.width / 2) * zoom.scale,
      y: screen.height / 2 - (box.y + box.height / 2) * zoom.scale,
    };
  }
  const dx = left < margin ? margin - left : right > screen.width - margin ? screen.width - margin - right : 0;
  const dy = top < margin ? margin - top : bottom > screen.height - margin ? screen.height - margin - bottom : 0;
  return dx === 0 && dy === 0 ? zoom : { ...zoom, x: zoom.x + dx, y: zoom.y + dy };
}
