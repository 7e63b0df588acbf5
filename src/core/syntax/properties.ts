// Java .properties text → entries with positions, and the edits that dialects make in such files.
// Escapes (`\:`, `\u00e9`) and continued lines are resolved; `#---` and `!---` separate documents as Spring Boot has it. No text is invalid.
import type { TextEdit } from '../model/edit.ts';
import type { SourceFile } from '../model/source.ts';
import { rangeAt } from '../model/source.ts';

/** One `key=value`. Offsets are those of the text as written, blanks around excluded; an empty value stands behind its separator. */
export interface PropertyEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: string;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Which document of the file, from 0. */
  readonly document: number;
}

/** The entries in the file's order; a repeated key keeps all of them, the last one counts. O(text). */
export function parseProperties(text: string): readonly PropertyEntry[] {
  const entries: PropertyEntry[] = [];
  let document = 0;
  let offset = 0;
  while (offset < text.length) {
    const lineStart = offset;
    let end = lineEnd(text, offset);
    const trimmed = text.slice(lineStart, end).trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!')) {
      if (/^[#!]---$/.test(trimmed)) document++;
      offset = afterBreak(text, end);
      continue;
    }
    while (isContinued(text, offset, end) && end < text.length) {
      offset = afterBreak(text, end);
      end = lineEnd(text, offset);
    }
    entries.push(readEntry(text, lineStart, end, document));
    offset = afterBreak(text, end);
  }
  return entries;
}

/** Writes lines behind the logical line that `offset` is in. */
export function insertLines(file: SourceFile, offset: number, lines: readonly string[]): TextEdit {
  const { text } = file;
  let end = lineEnd(text, offset);
  let start = text.lastIndexOf('\n', Math.max(0, end - 1)) + 1;
  while (isContinued(text, start, end) && end < text.length) {
    start = afterBreak(text, end);
    end = lineEnd(text, start);
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { file: file.path, range: rangeAt(file, end, end), newText: lines.map((line) => eol + line).join('') };
}

function readEntry(text: string, start: number, end: number, document: number): PropertyEntry {
  let keyStart = start;
  while (keyStart < end && isBlank(text[keyStart])) keyStart++;
  let keyEnd = keyStart;
  while (keyEnd < end && text[keyEnd] !== '=' && text[keyEnd] !== ':' && !isBlank(text[keyEnd]))
    keyEnd += text[keyEnd] === '\\' ? 2 : 1;
  keyEnd = Math.min(keyEnd, end);
  let valueStart = keyEnd;
  while (valueStart < end && isBlank(text[valueStart])) valueStart++;
  if (text[valueStart] === '=' || text[valueStart] === ':') valueStart++;
  while (valueStart < end && isBlank(text[valueStart])) valueStart++;
  valueStart = Math.min(valueStart, end);
  let valueEnd = end;
  while (valueEnd > valueStart && isBlank(text[valueEnd - 1])) valueEnd--;
  return {
    key: unescape(text.slice(keyStart, keyEnd)),
    keyStart,
    keyEnd,
    value: unescape(text.slice(valueStart, valueEnd)),
    valueStart,
    valueEnd,
    document,
  };
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|(\r\n|\r|\n)[ \t\f]*|([\s\S]))/g,
    (_, code?: string, line?: string, char?: string) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (line !== undefined) return '';
      return char === 'n' ? '\n' : char === 't' ? '\t' : char === 'r' ? '\r' : char === 'f' ? '\f' : (char ?? '');
    },
  );
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\f' || char === '\r' || char === '\n';
}

/** Whether a line ends in an odd number of backslashes. */
function isContinued(text: string, start: number, end: number): boolean {
  let count = 0;
  while (end - 1 - count >= start && text[end - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

function lineEnd(text: string, offset: number): number {
  for (let index = offset; index < text.length; index++) if (text[index] === '\n' || text[index] === '\r') return index;
  return text.length;
}

function afterBreak(text: string, offset: number): number {
  if (text[offset] === '\r' && text[offset + 1] === '\n') return offset + 2;
  return offset < text.length ? offset + 1 : offset;
}
