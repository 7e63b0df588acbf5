// The imported traces of the workspace, and which of their hops lie on which edges of each folder's topology as it is now.
import type { Hop, TraceReport } from '../core/model/hop.ts';
import { placeHops } from '../core/place-hops.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Disposable } from './host.ts';

/** What an import leaves behind. */
export interface ImportedTraces {
  readonly report: TraceReport;
  /** Mermaid source of the longest pathway; empty without deliveries. */
  readonly sequence: string;
}

export interface Traces {
  /** Null: none imported. */
  readonly current: () => ImportedTraces | null;
  readonly set: (traces: ImportedTraces | null) => void;
  /** The hops on an edge or channel of a snapshot. */
  readonly hopsOn: (snapshot: Snapshot, id: string) => readonly Hop[];
  readonly onChange: (listener: () => void) => Disposable;
}

export function makeTraces(): Traces {
  const listeners = new Set<() => void>();
  let current: ImportedTraces | null = null;
  let placed = new WeakMap<Snapshot, Readonly<Record<string, readonly number[]>>>();
  return {
    current: () => current,
    set: (traces) => {
      current = traces;
      placed = new WeakMap();
      for (const listener of listeners) listener();
    },
    hopsOn: (snapshot, id) => {
      if (!current) return [];
      const { hops } = current.report;
      const byEdge = placed.get(snapshot) ?? placeHops(snapshot.topology, hops);
      placed.set(snapshot, byEdge);
      return Object.hasOwn(byEdge, id) ? (byEdge[id] ?? []).flatMap((index) => hops[index] ?? []) : [];
    },
    onChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
