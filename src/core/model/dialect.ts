// How one kind of file writes a guard. Dialects know syntax and no rules; rules know consequences and no syntax.
import type { Handle } from './declaration.ts';
import type { Fix } from './edit.ts';
import type { FilePath, SourceFile } from './source.ts';

/** What a dialect may look at while it writes: texts of the same snapshot. */
export interface DialectContext {
  /** The file's text as the snapshot has it, or null where it is not part of it. */
  readonly source: (path: FilePath) => SourceFile | null;
  /** What a reader kept of its files (`FileFacts.parts`), by file: where a dialect needs more than one file, or a syntax tree. */
  readonly parts: (reader: string) => ReadonlyMap<FilePath, unknown>;
}

/** A wish that a rule has of a dialect. Every member is answered with a fix or with null ("cannot be written here"). */
export type Guard =
  /** Give the handle's consumption a dead-letter queue of its own, complete: the queue, its policy where the platform needs one, its retention. */
  | { readonly kind: 'dead-letter'; readonly handle: Handle; readonly suggestedName: string }
  /** Declare the dead-letter channel that the handle already names but nothing declares. */
  | { readonly kind: 'declare-dead-letter'; readonly handle: Handle; readonly name: string }
  /** Replace an explicit "no retry" at the handle by the platform's sensible number of attempts. */
  | { readonly kind: 'retry'; readonly handle: Handle };

export interface Dialect {
  readonly id: string;
  /** What a person calls it: "CloudFormation (YAML)". */
  readonly title: string;
  /** Edits that write the guard, comments and formatting kept; null where this dialect has no words for it or the place is not literal. */
  readonly write: (guard: Guard, context: DialectContext) => Fix | null;
}
