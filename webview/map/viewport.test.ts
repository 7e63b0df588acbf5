import { describe, expect, it } from 'vitest';
import { bringIntoView, fitTo, MAX_SCALE, zoomAt } from './viewport.ts';

const screen = { width: 1000, height: 600 };

describe('viewport', () => {
  it('zooms around the pointer and stops at its limits', () => {
    const zoom = { x: 30, y: -10, scale: 1 };
    const at = { x: 400, y: 300 };
    const next = zoomAt(zoom, at, 1.5);
    expect((at.x - next.x) / next.scale).toBeCloseTo(at.x - zoom.x);
    expect((at.y - next.y) / next.scale).toBeCloseTo(at.y - zoom.y);
    expect(zoomAt(zoom, at, 1e9).scale).toBe(MAX_SCALE);
  });

  it('fits everything, centred, never larger than life', () => {
    const wide = fitTo({ x: -100, y: 50, width: 4000, height: 300 }, screen);
    expect(wide.scale).toBeCloseTo(944 / 4000);
    expect(-100 * wide.scale + wide.x).toBeCloseTo(28);
    expect(fitTo({ x: 0, y: 0, width: 10, height: 10 }, screen).scale).toBe(1);
  });

  it('moves no more than shows the node, and not at all where it is in view', () => {
    const zoom = { x: 0, y: 0, scale: 1 };
    expect(bringIntoView(zoom, { x: 100, y: 100, width: 80, height: 40 }, screen)).toBe(zoom);
    expect(bringIntoView(zoom, { x: 980, y: 100, width: 80, height: 40 }, screen)).toEqual({ x: -100, y: 0, scale: 1 });
    const far = bringIntoView(zoom, { x: 9000, y: 100, width: 80, height: 40 }, screen);
    expect(9040 + far.x).toBe(500);
  });
});
