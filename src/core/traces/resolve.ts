// stub
import type { Topology } from '../model/topology.ts';
import type { Declared, Measured } from './measure.ts';
export function resolver(_topology: Topology | null): Declared {
  return { canReach: () => null, isDeadLetter: () => null };
}
export function resolveHops(_m: Measured, _t: Topology | null): { hopsByEdge: Record<string, number[]>; drift: { undeclared: string[]; unseen: string[] } } {
  return { hopsByEdge: {}, drift: { undeclared: [], unseen: [] } };
}
