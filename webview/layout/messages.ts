// What the panel and its layout worker say to each other.
import type { ElkGraph } from '../../src/draw/elk-graph.ts';

export interface LayoutQuestion {
  readonly id: number;
  readonly graph: ElkGraph;
}

/** Exactly one of `graph` and `error` is not null. */
export interface LayoutAnswer {
  readonly id: number;
  readonly graph: ElkGraph | null;
  readonly error: string | null;
}
