// The port through which a layout algorithm reaches the drawing code, and what a layout is.
import type { ElkGraph } from './elk-graph.ts';
import type { Point } from './geometry.ts';

/** Where everything stands. Positions are top left corners by node id, routes are corner points by drawn edge id, end to end. */
export interface Placement {
  readonly positions: ReadonlyMap<string, Point>;
  readonly routes: ReadonlyMap<string, readonly Point[]>;
}

/** Which way messages run on the picture: to the right, or down where the place is tall and narrow. */
export type Flow = 'right' | 'down';

/** Room between a frame and its members. */
export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** The top holds the group's name. */
export const FRAME_PADDING: Padding = { top: 36, left: 22, right: 22, bottom: 24 };

export const EMPTY_PLACEMENT: Placement = { positions: new Map(), routes: new Map() };

/**
 * Lays out one graph: the same object with coordinates, or a copy. elkjs's `layout` fits as it is. A rejection is shown to the person, who keeps the
 * previous picture.
 */
export type ElkLayout = (graph: ElkGraph) => Promise<ElkGraph>;
