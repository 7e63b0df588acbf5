// Schemas of both sides → contract findings with the consumers they hurt. Joins contracts/ (what changed), topology/ (who is in view) and the
// proofs that a worker has found so far.
import type { Config } from './config.ts';
import type { Fix } from './model/edit.ts';
import type { Finding } from './model/finding.ts';
import type { FilePath, SourceFile } from './model/source.ts';
import type { Topology } from './model/topology.ts';
import type { WitnessAnswer } from './model/change.ts';
import type { PendingProof } from './snapshot.ts';

export interface ContractFinding {
  readonly finding: Finding;
  readonly fixes: () => readonly Fix[];
}

export interface JudgeRequest {
  readonly topology: Topology;
  readonly baseTopology: Topology;
  readonly config: Config;
  readonly source: (path: FilePath) => SourceFile | null;
  readonly baseSource: (path: FilePath) => SourceFile | null;
  readonly proofs: ReadonlyMap<string, WitnessAnswer>;
}

/** Contract findings of one pair of sides, and the proofs that would settle them. */
export function judgeContracts(_request: JudgeRequest): { readonly findings: readonly ContractFinding[]; readonly pending: readonly PendingProof[] } {
  return { findings: [], pending: [] };
}
