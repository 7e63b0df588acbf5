// Where things stand in files. Positions follow LSP 3.17: 0-based lines, UTF-16 characters, end exclusive.

/** A path relative to the workspace directory, with `/` as separator on every platform and no leading `./`. */
export type FilePath = string;

/** 0-based line, 0-based UTF-16 code unit within the line. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** From `start` up to but not including `end`. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A range in a file of the workspace. */
export interface Location {
  readonly file: FilePath;
  readonly range: Range;
}

/** Something in a file that could not be read as meant: the rest of the file and of the workspace goes on. */
export interface Problem {
  readonly file: FilePath;
  readonly range: Range;
  /** One sentence: what was seen, and what was expected instead. */
  readonly message: string;
  /** The text is not of its language: what stands behind may be lost. */
  readonly syntax?: true;
}

/** The text of one file. Compare by identity: a new text is a new `SourceFile`. */
export interface SourceFile {
  readonly path: FilePath;
  /** The text as the editor or the disk has it, line ends included. A byte order mark has been removed. */
  readonly text: string;
  /** Offset of the first character of each line; the first entry is 0. */
  readonly lineStarts: readonly number[];
}

/** The empty range at the start of a file: for problems that concern the whole file. */
export const START_OF_FILE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Makes a `SourceFile`, O(text). Lines end at `\n`, `\r\n` or a lone `\r`, as LSP has it. */
export function makeSourceFile(path: FilePath, text: string): SourceFile {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const lineStarts = [0];
  for (let index = 0; index < clean.length; index++) {
    const code = clean.charCodeAt(index);
    if (code === 10 || (code === 13 && clean.charCodeAt(index + 1) !== 10)) lineStarts.push(index + 1);
  }
  return { path, text: clean, lineStarts };
}

/** The position of an offset (UTF-16 index into `file.text`), clamped to the text. O(log lines). */
export function positionAt(file: SourceFile, offset: number): Position {
  const clamped = Math.max(0, Math.min(offset, file.text.length));
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: clamped - (file.lineStarts[low] ?? 0) };
}

/** The offset of a position, clamped to its line and to the text. */
export function offsetAt(file: SourceFile, position: Position): number {
  const start = file.lineStarts[position.line];
  if (start === undefined) return position.line < 0 ? 0 : file.text.length;
  const next = file.lineStarts[position.line + 1] ?? file.text.length;
  return Math.max(start, Math.min(start + position.character, next));
}

/** The range between two offsets. */
export function rangeAt(file: SourceFile, start: number, end: number): Range {
  return { start: positionAt(file, start), end: positionAt(file, end) };
}

/** The location between two offsets of a file. */
export function locationAt(file: SourceFile, start: number, end: number): Location {
  return { file: file.path, range: rangeAt(file, start, end) };
}

/** Orders positions in reading order: negative, zero or positive. */
export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

/** Orders locations by file (code unit order), then by start, then by end. */
export function compareLocations(a: Location, b: Location): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return comparePositions(a.range.start, b.range.start) || comparePositions(a.range.end, b.range.end);
}

/** Whether a position lies within a range, both ends included (a caret behind the last character counts). */
export function contains(range: Range, position: Position): boolean {
  return comparePositions(range.start, position) <= 0 && comparePositions(position, range.end) <= 0;
}
