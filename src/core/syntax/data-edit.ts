// Edits of YAML and JSON files that keep everything they do not concern: comments, blank lines, quoting, line ends, order.
// Each function takes a parsed document and a path and gives text edits, or null where the place cannot be edited by position
// (it is an alias, a merge key, or not the kind of value that the edit needs). Not supported: complex keys (`? …`), edits inside aliases.
import type { TextEdit } from '../model/edit.ts';
import { comparePositions, rangeAt } from '../model/source.ts';
import type { DataDocument, DataEntry, DataMap, DataNode, DataSeq } from './data.ts';

/**
 * A value to write: JSON, plus YAML tags. Keys of objects are written in insertion order (JavaScript moves keys that are whole numbers to the front).
 * Strings are quoted where plain style would read as something else.
 */
export type NewValue =
  | string
  | number
  | boolean
  | null
  | TaggedValue
  | readonly NewValue[]
  | { readonly [key: string]: NewValue };

/** A value behind a YAML tag: `!GetAtt OrdersDlq.Arn`. In JSON the tag is left out, so give JSON files the long form instead. */
interface TaggedValue {
  readonly $tag: string;
  readonly $value: NewValue;
}

/** An entry to write into a map. */
export interface NewEntry {
  readonly key: string;
  readonly value: NewValue;
}

/** Keys and indices from the document's root. */
export type DataPath = readonly (string | number)[];

interface InsertOptions {
  /** Insert behind this sibling instead of at the map's end; ignored where there is no such sibling. */
  readonly after?: string;
  /** Which document of a YAML file with several; the first by default. */
  readonly root?: number;
}

/**
 * Writes entries into the map at `path`, at its end or behind a sibling, in the map's own style (block, flow, JSON) and indentation.
 * Maps missing on the way are made; an empty value (`Properties:`) or `{}` is filled. Comments directly below the last entry that are indented
 * as part of it stay with it, others stay with what follows; a blank line is put between entries where the siblings have one.
 * Null where a key already exists there, where the way leads through something that is no map, or through an alias.
 */
export function insertEntries(
  document: DataDocument,
  path: DataPath,
  entries: readonly NewEntry[],
  options: InsertOptions = {},
): readonly TextEdit[] | null {
  const root = document.roots[options.root ?? 0];
  if (root === undefined || entries.length === 0) return null;
  const place = findPlace(document, root, path);
  if (place === null) return null;
  let wanted = entries;
  for (const step of place.missing.toReversed()) {
    if (typeof step === 'number') return null;
    wanted = [{ key: step, value: Object.fromEntries(wanted.map((entry) => [entry.key, entry.value])) }];
  }
  const { node, owner } = place;
  if (node.kind === 'seq' || node.tag !== null || !hasBraces(document, node)) return null;
  if (node.kind === 'scalar')
    return node.value === null && owner !== null ? fillEmpty(document, node, owner, wanted) : null;
  if (node.entries.some((known) => wanted.some((entry) => entry.key === known.key))) return null;
  const own = node.entries.filter((entry) => isWithin(entry, node));
  if (own.length === 0) {
    if (node.entries.length > 0 || !node.flow) return null;
    return document.language === 'yaml' && owner !== null && !owner.map.flow
      ? fillEmpty(document, node, owner, wanted)
      : fillBraces(document, node, wanted);
  }
  const index = options.after === undefined ? -1 : own.findIndex((entry) => entry.key === options.after);
  const at = index < 0 || place.missing.length > 0 ? own.length - 1 : index;
  return node.flow ? insertFlow(document, node, own, at, wanted) : insertBlock(document, own, at, wanted);
}

/** Writes items behind the last one of the sequence at `path`, in its own style. Null where there is no such sequence, where it is empty, and for aliases. */
export function appendItems(
  document: DataDocument,
  path: DataPath,
  items: readonly NewValue[],
  root = 0,
): readonly TextEdit[] | null {
  const top = document.roots[root];
  const place = top === undefined ? null : findPlace(document, top, path);
  if (place === null || place.missing.length > 0 || place.node.kind !== 'seq' || items.length === 0) return null;
  const seq = place.node;
  const end = itemsEnd(seq);
  if (end === null) return null;
  const { text } = document.file;
  const style = styleOf(document);
  if (!seq.flow) {
    const column = dashColumn(document, seq);
    const indent = ' '.repeat(column);
    const offset = lineEndBehind(text, end, column + 1);
    const written = items.map((item) => `${style.eol}${indent}- ${renderItem(item, style, `${indent}  `)}`);
    return [replace(document, offset, offset, written.join(''))];
  }
  const first = seq.items[0]?.start ?? seq.start;
  const multiline = text.slice(seq.start, first).includes('\n');
  const indent = leadingBlanks(document, first);
  const separator = multiline ? style.eol + indent : ' ';
  const written = items.map((item) =>
    document.language === 'json' ? renderJson(item, style, indent, multiline) : renderFlow(item, style),
  );
  const comma = findComma(document, end);
  if (comma !== null) return [replace(document, comma + 1, comma + 1, `${separator}${written.join(`,${separator}`)},`)];
  return [replace(document, end, end, `,${separator}${written.join(`,${separator}`)}`)];
}

/** Replaces the value at `path`, its tag included. Null for block scalars, aliases, block collections, and where there is nothing. */
export function replaceValue(
  document: DataDocument,
  path: DataPath,
  value: NewValue,
  root = 0,
): readonly TextEdit[] | null {
  const top = document.roots[root];
  if (top === undefined) return null;
  const place = findPlace(document, top, path);
  if (place === null || place.missing.length > 0) return null;
  const { node } = place;
  if (node.kind === 'scalar' ? node.style === 'literal' || node.style === 'folded' : !node.flow) return null;
  if (node.start === node.end) return null;
  const start = startWithTag(document, node);
  const style = styleOf(document);
  const text = document.language === 'json' ? renderJson(value, style, '', false) : renderFlow(value, style);
  return [replace(document, start, node.end, text)];
}

/**
 * Removes the entry at `path` together with its lines (block) or its comma (flow). A map that would be left empty becomes `{}`.
 * Comment lines above the entry stay. Null for aliases, merged entries, and where there is no such entry.
 */
export function deleteEntry(document: DataDocument, path: DataPath, root = 0): readonly TextEdit[] | null {
  const top = document.roots[root];
  const key = path.at(-1);
  if (top === undefined || typeof key !== 'string') return null;
  const place = findPlace(document, top, path.slice(0, -1));
  if (place === null || place.missing.length > 0 || place.node.kind !== 'map') return null;
  const map = place.node;
  if (map.flow && !hasBraces(document, map)) return null;
  const own = map.entries.filter((entry) => isWithin(entry, map));
  const index = own.findIndex((entry) => entry.key === key);
  const entry = own[index];
  if (entry === undefined) return null;
  const { text } = document.file;
  const start = entryStart(document, entry);
  const end = beforeBlockEnd(text, contentEnd(entry, map));
  if (map.flow) {
    const comma = findComma(document, end);
    const next = own[index + 1];
    if (own.length === 1) return [replace(document, map.start + 1, map.end - 1, '')];
    if (next !== undefined) return [replace(document, start, entryStart(document, next), '')];
    const before = own[index - 1];
    return before === undefined
      ? null
      : [replace(document, contentEnd(before, map), comma === null ? end : comma + 1, '')];
  }
  if (own.length === 1) {
    const owner = place.owner;
    return owner === null
      ? [replace(document, start, end, '{}')]
      : [replace(document, afterColon(document, owner.entry), endOfLine(text, end), ' {}')];
  }
  const lineStart = startOfLine(text, start);
  if (text.slice(lineStart, start).trim() !== '') {
    // The entry shares its line with the dash of a sequence item: the next entry moves up to its place.
    const next = own[index + 1];
    return next === undefined ? null : [replace(document, start, entryStart(document, next), '')];
  }
  const lineEnd = endOfLine(text, end);
  const behind = afterLineBreak(text, lineEnd);
  return behind > lineEnd
    ? [replace(document, lineStart, behind, '')]
    : [replace(document, beforeLineBreak(text, lineStart), lineEnd, '')];
}

/** One list of edits in file order from several: insertions at the same place become one, in the order given. Groups must not overlap otherwise. */
export function joinEdits(...groups: readonly (readonly TextEdit[])[]): readonly TextEdit[] {
  const sorted = groups.flat().toSorted((a, b) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return comparePositions(a.range.start, b.range.start) || comparePositions(a.range.end, b.range.end);
  });
  const joined: TextEdit[] = [];
  for (const edit of sorted) {
    const last = joined.at(-1);
    const touching =
      last !== undefined &&
      last.file === edit.file &&
      comparePositions(last.range.start, edit.range.start) === 0 &&
      comparePositions(last.range.end, edit.range.start) === 0;
    if (touching)
      joined[joined.length - 1] = { file: edit.file, range: edit.range, newText: last.newText + edit.newText };
    else joined.push(edit);
  }
  return joined;
}

/** How a document is laid out, as far as new text has to follow it. */
interface DataStyle {
  readonly eol: string;
  /** One step of indentation: blanks in YAML, blanks or a tab in JSON. */
  readonly unit: string;
  /** Columns that the dash of a block sequence stands behind its key. */
  readonly dash: number;
  readonly quote: '"' | "'";
  /** `{ a: 1 }` rather than `{a: 1}`. */
  readonly padded: boolean;
}

/** The layout of a document, from its first lines that show it. O(text). */
function styleOf(document: DataDocument): DataStyle {
  const { text } = document.file;
  const lineBreak = text.indexOf('\n');
  const eol = lineBreak > 0 && text[lineBreak - 1] === '\r' ? '\r\n' : '\n';
  if (document.language === 'json') {
    const unit = /^[{[][^\S\r\n]*\r?\n([ \t]+)\S/.exec(text.trimStart())?.[1] ?? '  ';
    return { eol, unit, dash: 0, quote: '"', padded: /\{ \S/.test(text) };
  }
  let unit: number | null = null;
  let dash: number | null = null;
  const visit = (node: DataNode, column: number | null): void => {
    if (node.kind === 'scalar' || (node.kind !== 'seq' && node.flow) || (unit !== null && dash !== null)) return;
    if (node.kind === 'seq') {
      for (const item of node.items) visit(item, null);
      return;
    }
    const own = node.entries.find((entry) => isWithin(entry, node));
    const here = own === undefined ? null : columnOf(document, own);
    if (unit === null && here !== null && column !== null && here > column) unit = here - column;
    for (const entry of node.entries) {
      if (dash === null && entry.value.kind === 'seq' && !entry.value.flow && here !== null)
        dash = dashColumn(document, entry.value) - here;
      visit(entry.value, here);
    }
  };
  for (const root of document.roots) visit(root, null);
  const width = unit ?? 2;
  const singles = text.split(/[:[{,-] '/, 12).length;
  const doubles = text.split(/[:[{,-] "/, 12).length;
  return {
    eol,
    unit: ' '.repeat(width),
    dash: dash === null || dash < 0 ? width : dash,
    quote: singles > doubles ? "'" : '"',
    padded: /[^$!\s]?\{ [^\s}]/.test(text),
  };
}

/** False for the one entry of a YAML flow sequence that stands without braces of its own: `[a, b: c]`. */
function hasBraces(document: DataDocument, node: DataNode): boolean {
  return node.kind !== 'map' || !node.flow || document.file.text[node.start] === '{';
}

interface Owner {
  readonly map: DataMap;
  readonly entry: DataEntry;
}

interface Place {
  /** The deepest node on the way that exists. */
  readonly node: DataNode;
  /** The entry that holds it; null for the root and for items of sequences. */
  readonly owner: Owner | null;
  readonly missing: DataPath;
}

function findPlace(document: DataDocument, root: DataNode, path: DataPath): Place | null {
  let node = root;
  let owner: Owner | null = null;
  for (const [index, step] of path.entries()) {
    if (node.kind === 'seq') {
      const item = typeof step === 'number' ? node.items[step] : undefined;
      if (item === undefined || item.start < node.start || item.end > node.end) return null;
      node = item;
      owner = null;
    } else if (node.kind === 'map') {
      const map: DataMap = node;
      const entry = map.entries.findLast((candidate) => candidate.key === step);
      if (entry === undefined) return { node, owner, missing: path.slice(index) };
      if (!isWithin(entry, map) || isAlias(document, entry)) return null;
      node = entry.value;
      owner = { map, entry };
    } else return node.value === null ? { node, owner, missing: path.slice(index) } : null;
  }
  return { node, owner, missing: [] };
}

/** False for entries that a merge key brought in from elsewhere. */
function isWithin(entry: DataEntry, map: DataMap): boolean {
  return entry.keyStart >= map.start && entry.keyEnd <= map.end;
}

/** Values behind an alias have the place of their anchor. */
function isAlias(document: DataDocument, entry: DataEntry): boolean {
  return (
    entry.value.start < entry.keyEnd ||
    /^['"]?\s*:\s*\*/.test(document.file.text.slice(entry.keyEnd, entry.keyEnd + 200))
  );
}

function entryStart(document: DataDocument, entry: DataEntry): number {
  const before = document.file.text[entry.keyStart - 1];
  return (before === '"' || before === "'") && document.file.text[entry.keyEnd] === before
    ? entry.keyStart - 1
    : entry.keyStart;
}

function afterColon(document: DataDocument, entry: DataEntry): number {
  const colon = document.file.text.indexOf(':', entry.keyEnd);
  return colon < 0 ? entry.keyEnd : colon + 1;
}

function columnOf(document: DataDocument, entry: DataEntry): number {
  const start = entryStart(document, entry);
  return start - startOfLine(document.file.text, start);
}

function dashColumn(document: DataDocument, seq: DataSeq): number {
  const { text } = document.file;
  return seq.start - startOfLine(text, seq.start);
}

/** The offset behind the last character of an entry's value, without trailing comments and blank lines. */
function contentEnd(entry: DataEntry, map: DataMap): number {
  const { value } = entry;
  if (value.start < entry.keyEnd || value.end > map.end) return entry.keyEnd; // An alias: it stands on the key's line.
  if (value.kind === 'scalar' || value.flow) return Math.max(entry.keyEnd, value.end);
  if (value.kind === 'map') {
    const last = value.entries.findLast((inner) => isWithin(inner, value));
    return last === undefined ? entry.keyEnd : contentEnd(last, value);
  }
  return itemsEnd(value) ?? entry.keyEnd;
}

function itemsEnd(seq: DataSeq): number | null {
  const item = seq.items.at(-1);
  if (item === undefined || item.start < seq.start) return null;
  if (item.kind === 'scalar' || item.flow) return item.end;
  if (item.kind === 'seq') return itemsEnd(item);
  const last = item.entries.findLast((inner) => isWithin(inner, item));
  return last === undefined ? item.end : contentEnd(last, item);
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The offset of the line break that ends the line of `offset`, or the text's end. */
function endOfLine(text: string, offset: number): number {
  const next = text.indexOf('\n', offset);
  if (next < 0) return text.length;
  return next > 0 && text[next - 1] === '\r' && next - 1 >= offset ? next - 1 : next;
}

function afterLineBreak(text: string, offset: number): number {
  if (text[offset] === '\r' && text[offset + 1] === '\n') return offset + 2;
  return text[offset] === '\n' ? offset + 1 : offset;
}

function beforeLineBreak(text: string, offset: number): number {
  if (offset === 0) return 0;
  return text[offset - 2] === '\r' ? offset - 2 : offset - 1;
}

/** The end of a value on its own last line: a block scalar's end lies behind its line break. */
function beforeBlockEnd(text: string, offset: number): number {
  return offset > 0 && text[offset - 1] === '\n' ? beforeLineBreak(text, offset) : offset;
}

/** The end of the line on which a value ends, and of the comment lines below it that are indented at least `column` deep. */
function lineEndBehind(text: string, offset: number, column: number): number {
  let end = endOfLine(text, beforeBlockEnd(text, offset));
  let scan = end;
  for (;;) {
    const start = afterLineBreak(text, scan);
    if (start === scan) return end;
    scan = endOfLine(text, start);
    const line = text.slice(start, scan);
    if (line.trim() === '') continue;
    const indent = line.length - line.trimStart().length;
    if (!line.trimStart().startsWith('#') || indent < column) return end;
    end = scan;
  }
}

function replace(document: DataDocument, start: number, end: number, newText: string): TextEdit {
  return { file: document.file.path, range: rangeAt(document.file, start, end), newText };
}

function insertBlock(
  document: DataDocument,
  own: readonly DataEntry[],
  at: number,
  entries: readonly NewEntry[],
): readonly TextEdit[] | null {
  const { text } = document.file;
  const style = styleOf(document);
  const first = own[0];
  const sibling = own[at];
  if (first === undefined || sibling === undefined) return null;
  const column = columnOf(document, first);
  const map: DataMap = { kind: 'map', entries: own, flow: false, start: 0, end: text.length, tag: null };
  const next = own[at + 1];
  const end = contentEnd(sibling, map);
  const offset = lineEndBehind(text, end, next === undefined ? Math.max(1, column) : column + 1);
  const neighbours: readonly [DataEntry | undefined, DataEntry | undefined] =
    next === undefined ? [own[at - 1], sibling] : [sibling, next];
  const gap =
    neighbours[0] !== undefined &&
    neighbours[1] !== undefined &&
    /\n[ \t]*\r?\n/.test(text.slice(contentEnd(neighbours[0], map) - 1, neighbours[1].keyStart));
  const indent = ' '.repeat(column);
  const separator = style.eol + (gap ? style.eol : '');
  const newText = entries.map((entry) => separator + renderBlockEntry(entry, style, indent)).join('');
  return [replace(document, offset, offset, newText)];
}

function fillEmpty(
  document: DataDocument,
  node: DataNode,
  owner: Owner,
  entries: readonly NewEntry[],
): readonly TextEdit[] | null {
  const style = styleOf(document);
  if (document.language === 'json' || owner.map.flow) {
    const value = Object.fromEntries(entries.map((entry) => [entry.key, entry.value]));
    const indent = leadingBlanks(document, owner.entry.keyStart);
    const written =
      document.language === 'json'
        ? renderJson(value, style, indent, isMultiline(document, owner.map))
        : renderFlow(value, style);
    if (node.start < node.end) return [replace(document, node.start, node.end, written)];
    const colon = afterColon(document, owner.entry);
    return [replace(document, colon, colon, ` ${written}`)];
  }
  const { text } = document.file;
  const colon = afterColon(document, owner.entry);
  const indent = ' '.repeat(columnOf(document, owner.entry)) + style.unit;
  const lines = entries.map((entry) => style.eol + renderBlockEntry(entry, style, indent)).join('');
  const end = endOfLine(text, Math.max(colon, node.end));
  if (node.start >= node.end || node.start < colon) return [replace(document, end, end, lines)];
  const rest = text.slice(node.end, end);
  if (rest.trim() === '') return [replace(document, colon, end, lines)];
  return [replace(document, colon, node.end, ''), replace(document, end, end, lines)];
}

function fillBraces(document: DataDocument, map: DataMap, entries: readonly NewEntry[]): readonly TextEdit[] | null {
  const { text } = document.file;
  const style = styleOf(document);
  const inner = text.slice(map.start + 1, map.end - 1);
  if (inner.trim() !== '') return null;
  const value = Object.fromEntries(entries.map((entry) => [entry.key, entry.value]));
  const written =
    document.language === 'json'
      ? renderJson(
          value,
          style,
          leadingBlanks(document, map.start),
          text.trim().includes('\n') || inner.includes('\n') || map.start === 0,
        )
      : renderFlow(value, style);
  return [replace(document, map.start, map.end, written)];
}

function insertFlow(
  document: DataDocument,
  map: DataMap,
  own: readonly DataEntry[],
  at: number,
  entries: readonly NewEntry[],
): readonly TextEdit[] | null {
  const { text } = document.file;
  const style = styleOf(document);
  const sibling = own[at];
  if (sibling === undefined) return null;
  const end = contentEnd(sibling, map);
  const comma = findComma(document, end);
  const multiline = isMultiline(document, map);
  const indent = leadingBlanks(document, sibling.keyStart);
  const separator = multiline ? style.eol + indent : ' ';
  const written = entries.map((entry) =>
    document.language === 'json'
      ? `${JSON.stringify(entry.key)}: ${renderJson(entry.value, style, indent, multiline)}`
      : `${renderKey(entry.key, style, true)}: ${renderFlow(entry.value, style)}`,
  );
  const joined = written.join(`,${separator}`);
  if (comma !== null) {
    const trailing = restIsComment(document, comma + 1);
    const offset = multiline && trailing ? endOfLine(text, comma + 1) : comma + 1;
    return [replace(document, offset, offset, `${separator}${joined},`)];
  }
  const lineEnd = endOfLine(text, end);
  if (multiline && lineEnd > end && text.slice(end, lineEnd).trim() !== '' && restIsComment(document, end)) {
    return [replace(document, end, end, ','), replace(document, lineEnd, lineEnd, separator + joined)];
  }
  return [replace(document, end, end, `,${separator}${joined}`)];
}

/** Whether the entries of braces stand on lines of their own. */
function isMultiline(document: DataDocument, map: DataMap): boolean {
  const first = map.entries.find((entry) => isWithin(entry, map));
  return first === undefined ? false : document.file.text.slice(map.start, first.keyStart).includes('\n');
}

function leadingBlanks(document: DataDocument, offset: number): string {
  const { text } = document.file;
  return /^[ \t]*/.exec(text.slice(startOfLine(text, offset), offset))?.[0] ?? '';
}

/** The comma that follows a value, behind blanks and comments; null where the collection ends first. */
function findComma(document: DataDocument, offset: number): number | null {
  const { text } = document.file;
  let position = offset;
  while (position < text.length) {
    const rest = text[position];
    if (rest === ',') return position;
    if (rest === '#' && document.language === 'yaml') position = endOfLine(text, position);
    else if (rest === '/' && text[position + 1] === '/') position = endOfLine(text, position);
    else if (rest === '/' && text[position + 1] === '*') {
      const close = text.indexOf('*/', position);
      if (close < 0) return null;
      position = close + 2;
    } else if (rest === ' ' || rest === '\t' || rest === '\r' || rest === '\n') position++;
    else return null;
  }
  return null;
}

function restIsComment(document: DataDocument, offset: number): boolean {
  const { text } = document.file;
  const rest = text.slice(offset, endOfLine(text, offset)).trim();
  return (
    rest === '' ||
    (document.language === 'yaml' ? rest.startsWith('#') : rest.startsWith('//') || /^\/\*.*\*\/$/.test(rest))
  );
}

function startWithTag(document: DataDocument, node: DataNode): number {
  if (node.tag === null) return node.start;
  const before = document.file.text.slice(0, node.start).trimEnd();
  return before.endsWith(node.tag) ? before.length - node.tag.length : node.start;
}

function isTagged(value: NewValue): value is TaggedValue {
  return typeof value === 'object' && value !== null && '$tag' in value;
}

function isList(value: NewValue): value is readonly NewValue[] {
  return Array.isArray(value);
}

function renderBlockEntry(entry: NewEntry, style: DataStyle, indent: string): string {
  return `${indent}${renderKey(entry.key, style, false)}:${renderBlockValue(entry.value, style, indent)}`;
}

/** What follows the colon of a key at `indent`, leading blank or line break included. */
function renderBlockValue(value: NewValue, style: DataStyle, indent: string): string {
  if (value === null || typeof value !== 'object' || isTagged(value)) return ` ${renderFlow(value, style)}`;
  if (isList(value)) {
    if (value.length === 0) return ' []';
    const dash = indent + ' '.repeat(style.dash);
    return value.map((item) => `${style.eol}${dash}- ${renderItem(item, style, `${dash}  `)}`).join('');
  }
  const keys = Object.entries(value);
  if (keys.length === 0) return ' {}';
  return keys
    .map(([key, inner]) => style.eol + renderBlockEntry({ key, value: inner }, style, indent + style.unit))
    .join('');
}

function renderItem(value: NewValue, style: DataStyle, indent: string): string {
  if (value === null || typeof value !== 'object' || isTagged(value) || isList(value)) return renderFlow(value, style);
  const keys = Object.entries(value);
  if (keys.length === 0) return '{}';
  return keys
    .map(([key, inner]) => renderBlockEntry({ key, value: inner }, style, indent))
    .join(style.eol)
    .slice(indent.length);
}

function renderFlow(value: NewValue, style: DataStyle): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return renderString(value, style);
  if (typeof value !== 'object') return String(value);
  if (isTagged(value)) return `${value.$tag} ${renderFlow(value.$value, style)}`;
  if (isList(value)) return `[${value.map((item) => renderFlow(item, style)).join(', ')}]`;
  const inner = Object.entries(value)
    .map(([key, item]) => `${renderKey(key, style, true)}: ${renderFlow(item, style)}`)
    .join(', ');
  return inner === '' ? '{}' : style.padded ? `{ ${inner} }` : `{${inner}}`;
}

function renderKey(key: string, style: DataStyle, flow: boolean): string {
  return flow && key.includes(':') ? quoted(key, style) : renderString(key, style);
}

// Plain where YAML 1.1 and 1.2 both read the same string: dates, `on`, `0x1f` and the like are quoted.
const PLAIN = /^[A-Za-z_/$][\w./+$@:-]*(?: [\w./+$@:()=-]+)*$/;
const WORDS = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

function renderString(value: string, style: DataStyle): string {
  return PLAIN.test(value) && !WORDS.test(value) && !/:(?: |$)/.test(value) ? value : quoted(value, style);
}

function quoted(value: string, style: DataStyle): string {
  return style.quote === "'" && !/\p{Cc}/u.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function renderJson(value: NewValue, style: DataStyle, indent: string, multiline: boolean): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isTagged(value)) return renderJson(value.$value, style, indent, multiline);
  const deeper = indent + style.unit;
  const list = isList(value);
  const parts = list
    ? value.map((item) => renderJson(item, style, deeper, multiline))
    : Object.entries(value).map(
        ([key, item]) => `${JSON.stringify(key)}: ${renderJson(item, style, deeper, multiline)}`,
      );
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const simple = list && value.every((item) => item === null || typeof item !== 'object');
  if (!multiline || simple)
    return list ? `[${parts.join(', ')}]` : style.padded ? `{ ${parts.join(', ')} }` : `{${parts.join(', ')}}`;
  return `${open}${style.eol}${deeper}${parts.join(`,${style.eol}${deeper}`)}${style.eol}${indent}${close}`;
}
