// The only door the shells use. `engine.ts` implements it; tests and shells see these types.
import type { Config } from './config.ts';
import type { Fix } from './model/edit.ts';
import type { Finding } from './model/finding.ts';
import type { FilePath } from './model/source.ts';
import type { GrammarPort } from './ports.ts';
import type { BaseInfo, PendingProof, Snapshot } from './snapshot.ts';
import type { WitnessAnswer } from './model/change.ts';

/** One file's new state. `text` null: the file is gone. `problem`: it exists but could not be given (too large, an LFS pointer), and why. */
export interface FileChange {
  readonly path: FilePath;
  readonly text: string | null;
  readonly problem?: string;
}

export interface Changes {
  /** Files of the workspace as they are now (open buffers over disk). */
  readonly files?: readonly FileChange[];
  /** Replaces the whole base side: files of the base tree that any reader wants. Unchanged texts are not read again. */
  readonly base?: { readonly info: BaseInfo; readonly files: readonly FileChange[] };
  /** The editor's settings; `eventscape.yaml` of the workspace is read from `files` and laid over them. */
  readonly config?: Partial<Config>;
}

export interface Engine {
  /** Whether any reader may want a file, by name alone, or the facts of another file asked for it (so apply the workspace before its base). */
  readonly wants: (path: FilePath) => boolean;
  /** Loads the grammars that the readers of these files need. Safe to call often. */
  readonly prepare: (paths: readonly FilePath[], port: GrammarPort) => Promise<void>;
  /** Reads what changed, links, judges. Yields the path of each file before it is read and an empty one before it links, so that a shell may pause, note or drop the work; the last value is the snapshot. */
  readonly apply: (changes: Changes) => Generator<FilePath, Snapshot>;
  /** Files that facts asked for (`$ref`, imports) and that were never given: the shell reads and applies them. */
  readonly missing: () => readonly FilePath[];
  /** The latest snapshot with the answers of a proof worked in; no file is read. */
  readonly prove: (
    answers: readonly { readonly key: PendingProof['key']; readonly answer: WitnessAnswer }[],
  ) => Snapshot;
  /** Fixes for a finding of the latest snapshot, "Ignore here, with a reason" included. */
  readonly fixes: (finding: Finding) => readonly Fix[];
}
