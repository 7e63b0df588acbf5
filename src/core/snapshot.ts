// What the engine answers: one immutable picture of the workspace at one revision.
import type { Config } from './config.ts';
import type { Finding } from './model/finding.ts';
import type { FilePath, Location, Problem, SourceFile } from './model/source.ts';
import type { Topology } from './model/topology.ts';
import type { WitnessRequest } from './model/change.ts';

/** The side that the workspace is compared with. */
export interface BaseInfo {
  /** As asked for or found (`origin/main`, `HEAD`); empty where there is none. */
  readonly ref: string;
  /** Full commit id; empty where there is none. */
  readonly commit: string;
  /** Why there is no base; empty where there is one. */
  readonly reason: string;
}

/** One contract finding whose proof may still be searched: hand `request` to the validate port, then `engine.prove`. */
export interface PendingProof {
  /** Stable for the same pair of texts and change. */
  readonly key: string;
  readonly request: WitnessRequest;
}

export interface Snapshot {
  readonly revision: number;
  readonly base: BaseInfo;
  /** With change marks (and ghosts of what was removed) where there is a base. */
  readonly topology: Topology;
  /** Sorted by file, position, rule. */
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly files: { readonly seen: number; readonly read: number };
  readonly config: Config;
  /** Proofs that would upgrade findings of this snapshot. */
  readonly pending: readonly PendingProof[];
  /** How many files were read (parsed) to get from the previous snapshot to this one. */
  readonly parsed: number;
  readonly source: (path: FilePath) => SourceFile | null;
  /** Nodes and edges declared at a position, for hover and navigation: ids. */
  readonly at: (location: Location) => readonly string[];
}
