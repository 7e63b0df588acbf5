// Changes to files as data: the shells apply them, core never writes.
import type { FilePath, Range } from './source.ts';

/** Replaces a range of a file by a text. An empty range inserts; an empty text deletes. Ranges refer to the text before any edit of the same fix. */
export interface TextEdit {
  readonly file: FilePath;
  readonly range: Range;
  readonly newText: string;
}

/** One thing a person may do about a finding. All edits are applied together or not at all; they never overlap. */
export interface Fix {
  /** In the imperative, naming what is written: "Add a dead-letter queue to Orders". */
  readonly title: string;
  /** Safe to apply without looking: changes nothing that runs today other than the guard it adds. */
  readonly safe: boolean;
  readonly edits: readonly TextEdit[];
}
