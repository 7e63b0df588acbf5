// What the trace worker is started with, and what it says.
import type { TraceReport } from '../core/model/hop.ts';
import type { Pathway } from '../core/model/pathway.ts';
import type { Topology } from '../core/model/topology.ts';

export interface TraceJob {
  readonly paths: readonly string[];
  readonly topology: Topology;
}

/** Shares of the bytes (unpacked bytes of a packed file count more), then one result. */
export type TraceWorkerMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly report: TraceReport; readonly pathway: Pathway | null };
