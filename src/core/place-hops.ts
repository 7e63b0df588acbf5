// Measured hops → the edges and channels of a topology, again for each topology: the files of the traces are not read again.
import type { Hop } from './model/hop.ts';
import type { Topology } from './model/topology.ts';
import { layHops } from './traces/resolve.ts';

/** Indices into `hops` by the id of the edge or channel that they belong to. */
export function placeHops(topology: Topology, hops: readonly Hop[]): Readonly<Record<string, readonly number[]>> {
  return layHops(hops, topology);
}
