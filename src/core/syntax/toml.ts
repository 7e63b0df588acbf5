// TOML 1.0 text → the common tree of data documents, with positions; and the lines that dialects add to a table.
// Own code because the parsers on npm give values without places. Read: tables, arrays of tables, dotted keys, all strings, numbers, booleans,
// arrays, inline tables. Dates and special floats stay text. What a line gets wrong is a problem; reading goes on behind it.
import type { TextEdit } from '../model/edit.ts';
import type { Problem, SourceFile } from '../model/source.ts';
import { rangeAt } from '../model/source.ts';
import type { DataEntry, DataMap, DataNode, DataScalar, DataSeq } from './data.ts';

export interface TomlDocument {
  readonly file: SourceFile;
  readonly root: DataMap;
  readonly problems: readonly Problem[];
}

type Mutable = { kind: 'map'; entries: DataEntry[]; flow: boolean; start: number; end: number; tag: null };
type MutableSeq = { kind: 'seq'; items: DataNode[]; flow: boolean; start: number; end: number; tag: null };

const MAX_DEPTH = 60;
const MAX_PROBLEMS = 20;

/** A key with its place, quotes excluded. */
interface Key {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

class Failure extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Parses a text. O(text). Never throws. */
export function parseToml(file: SourceFile): TomlDocument {
  const { text } = file;
  const root = newMap(0, text.length, false);
  const problems: Problem[] = [];
  let table = root;
  let offset = 0;
  while (offset < text.length) {
    offset = skipBlanks(text, offset, true);
    if (offset >= text.length) break;
    try {
      if (text[offset] === '[') {
        const isArray = text[offset + 1] === '[';
        const { keys, next } = readKeys(text, offset + (isArray ? 2 : 1));
        const close = isArray ? ']]' : ']';
        if (!text.startsWith(close, next)) throw new Failure(`expected ${close}`, next);
        table = openTable(root, keys, isArray, offset);
        offset = expectEnd(text, next + close.length);
      } else {
        const { keys, next } = readKeys(text, offset);
        if (text[next] !== '=') throw new Failure('expected = behind the key', next);
        const value = readValue(text, skipBlanks(text, next + 1, false), 0);
        const last = keys.at(-1);
        const owner = keys.slice(0, -1).reduce((map, key) => descend(map, key, offset), table);
        if (last !== undefined) owner.entries.push({ key: last.text, keyStart: last.start, keyEnd: last.end, value });
        if (table !== root) table.end = Math.max(table.end, value.end);
        offset = expectEnd(text, value.end);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (problems.length < MAX_PROBLEMS)
        problems.push({
          file: file.path,
          range: rangeAt(file, error.at, Math.min(text.length, error.at + 1)),
          message: `Not valid TOML: ${error.message}.`,
          syntax: true,
        });
      offset = lineEnd(text, Math.max(error.at, offset)) + 1;
    }
  }
  return { file, root: root, problems };
}

/** Writes `key = value` lines behind the last entry of a table, indented as that one is; null for an inline or an empty table. */
export function insertTomlEntries(
  document: TomlDocument,
  table: DataMap,
  entries: readonly (readonly [string, string | number])[],
): readonly TextEdit[] | null {
  const { file } = document;
  const last = table.entries.findLast(({ value }) => value.kind !== 'map' || value.flow);
  if (last === undefined) return null;
  const written = entries.map(
    ([key, value]) => `${key} = ${typeof value === 'string' ? JSON.stringify(value) : value}`,
  );
  if (table.flow)
    return [
      {
        file: file.path,
        range: rangeAt(file, last.value.end, last.value.end),
        newText: written.map((entry) => `, ${entry}`).join(''),
      },
    ];
  const start = file.text.lastIndexOf('\n', last.keyStart - 1) + 1;
  const indent = /^[ \t]*/.exec(file.text.slice(start, last.keyStart))?.[0] ?? '';
  const end = lineEnd(file.text, last.value.end);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const stop = file.text[end - 1] === '\r' ? end - 1 : end;
  return [
    {
      file: file.path,
      range: rangeAt(file, stop, stop),
      newText: written.map((entry) => eol + indent + entry).join(''),
    },
  ];
}

function newMap(start: number, end: number, flow: boolean): Mutable {
  return { kind: 'map', entries: [], flow, start, end, tag: null };
}

/** The map under a key, made where there is none; of an array of tables the last one. */
function descend(map: Mutable, key: Key, at: number): Mutable {
  const known = map.entries.findLast((entry) => entry.key === key.text)?.value;
  if (known === undefined) {
    const made = newMap(at, key.end, false);
    map.entries.push({ key: key.text, keyStart: key.start, keyEnd: key.end, value: made });
    return made;
  }
  const target = known.kind === 'seq' ? known.items.at(-1) : known;
  if (target?.kind !== 'map' || target.flow) throw new Failure(`${key.text} is no table`, key.start);
  return target as Mutable;
}

function openTable(root: Mutable, keys: readonly Key[], isArray: boolean, at: number): Mutable {
  const last = keys.at(-1);
  if (last === undefined) throw new Failure('expected a name', at);
  const owner = keys.slice(0, -1).reduce((map, key) => descend(map, key, at), root);
  if (!isArray) return descend(owner, last, at);
  const item = newMap(at, last.end, false);
  const known = owner.entries.findLast((entry) => entry.key === last.text)?.value;
  if (known === undefined) {
    const items: MutableSeq = { kind: 'seq', items: [item], flow: false, start: at, end: last.end, tag: null };
    owner.entries.push({ key: last.text, keyStart: last.start, keyEnd: last.end, value: items });
  } else if (known.kind === 'seq' && !known.flow) (known as MutableSeq).items.push(item);
  else throw new Failure(`${last.text} is no list of tables`, last.start);
  return item;
}

function readKeys(text: string, from: number): { readonly keys: readonly Key[]; readonly next: number } {
  const keys: Key[] = [];
  let offset = skipBlanks(text, from, false);
  for (;;) {
    const quote = text[offset];
    if (quote === '"' || quote === "'") {
      const value = readString(text, offset);
      keys.push({ text: String(value.value), start: offset + 1, end: value.end - 1 });
      offset = value.end;
    } else {
      const bare = /^[A-Za-z0-9_-]+/.exec(text.slice(offset, offset + 500))?.[0];
      if (bare === undefined) throw new Failure('expected a key', offset);
      keys.push({ text: bare, start: offset, end: offset + bare.length });
      offset += bare.length;
    }
    offset = skipBlanks(text, offset, false);
    if (text[offset] !== '.') return { keys, next: offset };
    offset = skipBlanks(text, offset + 1, false);
  }
}

function readValue(text: string, offset: number, depth: number): DataNode {
  if (depth > MAX_DEPTH) throw new Failure(`nested deeper than ${MAX_DEPTH} levels`, offset);
  const first = text[offset];
  if (first === '"' || first === "'") return readString(text, offset);
  if (first === '[') return readArray(text, offset, depth);
  if (first === '{') return readInlineTable(text, offset, depth);
  const word = /^[^\s,\]}#]+/.exec(text.slice(offset, offset + 200))?.[0];
  if (word === undefined) throw new Failure('expected a value', offset);
  const end = offset + word.length;
  const scalar = (value: DataScalar['value']): DataScalar => ({
    kind: 'scalar',
    value,
    style: 'plain',
    start: offset,
    end,
    tag: null,
  });
  if (word === 'true' || word === 'false') return scalar(word === 'true');
  const plain = word.replaceAll('_', '');
  if (/^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(plain))
    return scalar(Number(plain.replace(/^\+/, '')));
  if (/^[+-]?(?:inf|nan)$|^\d{2,4}[-:]/.test(word)) return scalar(word);
  throw new Failure(`${word} is no value`, offset);
}

function readArray(text: string, start: number, depth: number): DataSeq {
  const items: DataNode[] = [];
  let offset = skipBlanks(text, start + 1, true);
  while (text[offset] !== ']') {
    const item = readValue(text, offset, depth + 1);
    items.push(item);
    offset = skipBlanks(text, item.end, true);
    if (text[offset] === ',') offset = skipBlanks(text, offset + 1, true);
    else if (text[offset] !== ']') throw new Failure('expected , or ] in the list', offset);
  }
  return { kind: 'seq', items, flow: true, start, end: offset + 1, tag: null };
}

function readInlineTable(text: string, start: number, depth: number): DataMap {
  const map = newMap(start, start, true);
  let offset = skipBlanks(text, start + 1, true);
  while (text[offset] !== '}') {
    const { keys, next } = readKeys(text, offset);
    if (text[next] !== '=') throw new Failure('expected = behind the key', next);
    const value = readValue(text, skipBlanks(text, next + 1, false), depth + 1);
    const [last] = keys.slice(-1);
    let owner = map;
    for (const key of keys.slice(0, -1)) owner = descend(owner, key, offset);
    if (last !== undefined) owner.entries.push({ key: last.text, keyStart: last.start, keyEnd: last.end, value });
    offset = skipBlanks(text, value.end, true);
    if (text[offset] === ',') offset = skipBlanks(text, offset + 1, true);
    else if (text[offset] !== '}') throw new Failure('expected , or } in the table', offset);
  }
  map.end = offset + 1;
  return map;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

function readString(text: string, start: number): DataScalar {
  const quote = text[start] ?? '"';
  const long = text.startsWith(quote.repeat(3), start);
  const mark = long ? quote.repeat(3) : quote;
  let offset = start + mark.length;
  if (long && text[offset] === '\r') offset++;
  if (long && text[offset] === '\n') offset++;
  let value = '';
  for (;;) {
    const char = text[offset];
    if (char === undefined || (!long && (char === '\n' || char === '\r')))
      throw new Failure('the text is never closed', start);
    if (text.startsWith(mark, offset)) {
      // Up to two quotes may stand before the closing three.
      let end = offset + mark.length;
      const most = long ? 5 : 1;
      while (text[end] === quote && end - offset < most) {
        value += quote;
        end++;
      }
      return { kind: 'scalar', value, style: quote === '"' ? 'double' : 'single', start, end, tag: null };
    }
    if (char === '\\' && quote === '"') {
      const code = text[offset + 1] ?? '';
      const digits = code === 'u' ? 4 : code === 'U' ? 8 : 0;
      if (digits > 0) {
        const point = Number.parseInt(text.slice(offset + 2, offset + 2 + digits), 16);
        value += Number.isInteger(point) && point <= 0x10_ff_ff ? String.fromCodePoint(point) : '';
        offset += 2 + digits;
      } else if (long && /\s/.test(code)) {
        offset++;
        while (offset < text.length && /\s/.test(text[offset] ?? '')) offset++;
      } else {
        value += ESCAPES[code] ?? code;
        offset += 2;
      }
      continue;
    }
    value += char;
    offset++;
  }
}

/** The offset of the line's end, behind blanks and a comment. */
function expectEnd(text: string, offset: number): number {
  const next = skipBlanks(text, offset, false);
  const char = text[next];
  if (char !== undefined && char !== '\n' && char !== '\r' && char !== '#')
    throw new Failure('expected the end of the line', next);
  return lineEnd(text, next);
}

/** Behind blanks; with `lines` also behind line breaks and comments. */
function skipBlanks(text: string, offset: number, lines: boolean): number {
  let next = offset;
  for (;;) {
    const char = text[next];
    if (char === ' ' || char === '\t' || (lines && (char === '\n' || char === '\r'))) next++;
    else if (lines && char === '#') next = lineEnd(text, next);
    else return next;
  }
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
