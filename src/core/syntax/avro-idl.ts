// Avro IDL (.avdl, specification 1.12) → the tree of the .avsc that says the same, with positions in the IDL: one union of the named types that
// the file declares. Names of fields and types stand where they are written; what IDL implies (`T?`, `date`) stands where its word does.
// Tolerant: a statement that is not understood becomes a problem. Protocols' messages are passed over. Imports are told, not followed.
import type { Problem, SourceFile } from '../model/source.ts';
import { rangeAt } from '../model/source.ts';
import type { DataDocument, DataEntry, DataNode } from './data.ts';
import type { Token } from './tokens.ts';
import { beginsLine, tokenize } from './tokens.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface AvroImport extends Span {
  readonly kind: 'idl' | 'protocol' | 'schema';
  readonly path: string;
}

export interface AvroIdl {
  /** Its only root is a sequence of the named types, in the file's order. */
  readonly document: DataDocument;
  /** The protocol's name; null where the file is no protocol. */
  readonly protocol: string | null;
  /** The type that `schema X;` names, as written; null where there is none. */
  readonly main: (Span & { readonly text: string }) | null;
  readonly imports: readonly AvroImport[];
}

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
/** Words of IDL for logical types: the type that carries each, and its name there. */
const LOGICAL: ReadonlyMap<string, readonly [string, string]> = new Map<string, readonly [string, string]>([
  ['date', ['int', 'date']],
  ['time_ms', ['int', 'time-millis']],
  ['timestamp_ms', ['long', 'timestamp-millis']],
  ['local_timestamp_ms', ['long', 'local-timestamp-millis']],
  ['uuid', ['string', 'uuid']],
]);
const LITERALS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const NAMED: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed']);
const MAX_DEPTH = 64;
const MAX_PROBLEMS = 20;
/** Words before the parameters of a message: its annotations, type and name. */
const MAX_AHEAD = 400;
const cache = new WeakMap<SourceFile, AvroIdl>();

/** Parses an .avdl file. Cached by the SourceFile. Never throws. */
export function parseAvroIdl(file: SourceFile): AvroIdl {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const parsed = new Parser(file).file();
  cache.set(file, parsed);
  return parsed;
}

/** Ends the statement that is being read: its problem is noted already. */
class Unreadable extends Error {}

class Parser {
  readonly #source: SourceFile;
  readonly #tokens: readonly Token[];
  readonly #problems: Problem[] = [];
  readonly #types: DataNode[] = [];
  readonly #imports: AvroImport[] = [];
  #main: AvroIdl['main'] = null;
  #protocol: string | null = null;
  /** Of the file, or of the protocol. */
  #namespace: Token | null = null;
  #at = 0;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#tokens = tokenize(source.text);
  }

  file(): AvroIdl {
    this.#statements('end', () => this.#statement());
    const last = this.#tokens.at(-1)?.end ?? 0;
    const root: DataNode = { kind: 'seq', items: this.#types, flow: true, start: 0, end: last, tag: null };
    return {
      document: { file: this.#source, language: 'json', roots: [root], problems: this.#problems },
      protocol: this.#protocol,
      main: this.#main,
      imports: this.#imports,
    };
  }

  #statements(close: '}' | 'end', read: () => void): Token {
    for (;;) {
      const token = this.#peek();
      if (close === '}' && is(token, '}')) return this.#next();
      if (token.kind === 'end') {
        if (close === '}') this.#note(token, 'A `}` is missing at the end.');
        return token;
      }
      if (is(token, ';')) {
        this.#at++;
        continue;
      }
      const before = this.#at;
      try {
        read();
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        this.#recover(before);
      }
      if (this.#at === before) this.#at++;
    }
  }

  /** Goes on behind the `;` or the block of a statement. */
  #recover(from: number): void {
    let depth = 0;
    this.#at = Math.max(this.#at, from);
    for (let token = this.#peek(); token.kind !== 'end'; token = this.#peek()) {
      if (depth === 0 && is(token, '}')) return;
      if (depth === 0 && this.#at > from && token.kind === 'name' && beginsLine(this.#source.text, token.start)) return;
      this.#at++;
      if (is(token, '{')) depth++;
      if (is(token, '}') && --depth <= 0) return;
      if (is(token, ';') && depth === 0) return;
    }
  }

  #statement(): void {
    const start = this.#peek();
    const annotations = this.#annotations();
    const first = this.#peek();
    const second = this.#tokens[this.#at + 1];
    switch (second?.kind === 'name' || first.text === 'protocol' || first.text === 'schema' ? first.text : '') {
      case 'protocol': {
        if (this.#protocol !== null) this.#fail(first, 'no second protocol');
        this.#at++;
        this.#protocol = this.#name().text;
        this.#namespace = tokenOf(annotations.get('namespace')) ?? this.#namespace;
        this.#expect('{');
        this.#statements('}', () => this.#statement());
        return;
      }
      case 'namespace':
        this.#at++;
        this.#namespace = this.#dotted();
        this.#expect(';');
        return;
      case 'schema': {
        this.#at++;
        const name = this.#peek();
        const type = this.#type(0);
        if (type.kind === 'scalar') this.#main = { text: String(type.value), start: name.start, end: type.end };
        this.#expect(';');
        return;
      }
      case 'import': {
        this.#at++;
        const kind = this.#next();
        if (kind.text !== 'idl' && kind.text !== 'protocol' && kind.text !== 'schema')
          this.#fail(kind, '`idl`, `protocol` or `schema`');
        const path = this.#next();
        if (path.kind !== 'string') this.#fail(path, 'a file in quotes');
        this.#expect(';');
        this.#imports.push({ kind: kind.text, path: path.text, start: path.start, end: path.end });
        return;
      }
      case 'record':
      case 'error':
        if (NAMED.has(first.text) && second !== undefined && !this.#isMessage()) {
          this.#types.push(this.#record(start, annotations));
          return;
        }
        break;
      case 'enum':
        this.#types.push(this.#enum(start, annotations));
        return;
      case 'fixed':
        this.#types.push(this.#fixed(start, annotations));
        return;
      default:
    }
    if (this.#protocol === null || !this.#isMessage())
      this.#fail(first, first.kind === 'name' ? 'a type, an import or a namespace' : 'a declaration');
    while (!is(this.#peek(), ';') && this.#peek().kind !== 'end') this.#at++;
  }

  /** Whether a message of a protocol stands here: it has parameters. */
  #isMessage(): boolean {
    for (let ahead = this.#at; ahead < this.#at + MAX_AHEAD; ahead++) {
      const token = this.#tokens[ahead];
      if (token === undefined || token.kind === 'end' || is(token, ';') || is(token, '{')) return false;
      if (is(token, '(')) return true;
    }
    return false;
  }

  #record(start: Token, annotations: ReadonlyMap<string, DataEntry>): DataNode {
    const word = this.#next();
    const name = this.#dotted();
    const fields: DataNode[] = [];
    const open = this.#expect('{');
    const close = this.#statements('}', () => this.#fields(fields));
    return map(
      [
        entry('type', word, text(word.text, word)),
        ...this.#identity(name, annotations),
        ...docOf(start),
        entry('fields', open, { kind: 'seq', items: fields, flow: true, start: open.start, end: close.end, tag: null }),
        ...others(annotations),
      ],
      start.start,
      close.end,
    );
  }

  /** `type a = 1, b;` */
  #fields(fields: DataNode[]): void {
    const start = this.#peek();
    const type = this.#type(0, true);
    for (;;) {
      const annotations = this.#annotations();
      const name = this.#name();
      let value: DataNode | null = null;
      if (is(this.#peek(), '=')) {
        this.#at++;
        value = this.#json(0);
      }
      const end = this.#tokens[this.#at - 1]?.end ?? name.end;
      fields.push(
        map(
          [
            entry('name', name, text(name.text, name)),
            entry('type', type, defaultFirst(type, value)),
            ...(value === null ? [] : [entry('default', value, value)]),
            ...docOf(start),
            ...annotations.values(),
          ],
          start.start,
          end,
        ),
      );
      if (!is(this.#peek(), ',')) break;
      this.#at++;
    }
    this.#expect(';');
  }

  #enum(start: Token, annotations: ReadonlyMap<string, DataEntry>): DataNode {
    const word = this.#next();
    const name = this.#dotted();
    const symbols: DataNode[] = [];
    const open = this.#expect('{');
    while (!is(this.#peek(), '}')) {
      const symbol = this.#name();
      symbols.push(text(symbol.text, symbol));
      const after = this.#peek();
      if (is(after, ',')) this.#at++;
      else if (after.kind === 'name')
        this.#note(after, `Not valid Avro IDL: \`,\` is expected before \`${after.text}\`.`);
      else if (!is(this.#peek(), '}')) this.#fail(this.#peek(), '`,` or `}`');
    }
    const close = this.#next();
    let value: Token | null = null;
    if (is(this.#peek(), '=')) {
      this.#at++;
      value = this.#name();
      this.#expect(';');
    }
    return map(
      [
        entry('type', word, text('enum', word)),
        ...this.#identity(name, annotations),
        ...docOf(start),
        entry('symbols', open, {
          kind: 'seq',
          items: symbols,
          flow: true,
          start: open.start,
          end: close.end,
          tag: null,
        }),
        ...(value === null ? [] : [entry('default', value, text(value.text, value))]),
        ...others(annotations),
      ],
      start.start,
      value?.end ?? close.end,
    );
  }

  #fixed(start: Token, annotations: ReadonlyMap<string, DataEntry>): DataNode {
    const word = this.#next();
    const name = this.#dotted();
    this.#expect('(');
    const size = this.#next();
    if (size.kind !== 'number') this.#fail(size, 'a number of bytes');
    this.#expect(')');
    const end = this.#expect(';');
    return map(
      [
        entry('type', word, text('fixed', word)),
        ...this.#identity(name, annotations),
        ...docOf(start),
        entry('size', size, scalar(Number(size.text), size)),
        ...others(annotations),
      ],
      start.start,
      end.end,
    );
  }

  /** The name and namespace of a named type. */
  #identity(name: Token, annotations: ReadonlyMap<string, DataEntry>): readonly DataEntry[] {
    const own = annotations.get('namespace');
    const around = this.#namespace;
    return [
      entry('name', name, text(name.text, name)),
      ...(own !== undefined
        ? [own]
        : around === null || name.text.includes('.')
          ? []
          : [entry('namespace', around, text(around.text, around))]),
    ];
  }

  #type(depth: number, ofField = false): DataNode {
    if (depth > MAX_DEPTH) this.#fail(this.#peek(), `no more than ${MAX_DEPTH} types within each other`);
    const start = this.#peek();
    const annotations = this.#annotations();
    const first = this.#peek();
    let type: DataNode;
    if (first.text === 'array' || first.text === 'map') {
      this.#at++;
      this.#expect('<');
      const items = this.#type(depth + 1);
      const close = this.#expect('>');
      type = map(
        [
          entry('type', first, text(first.text, first)),
          entry(first.text === 'array' ? 'items' : 'values', items, items),
        ],
        first.start,
        close.end,
      );
    } else if (first.text === 'union' && is(this.#tokens[this.#at + 1], '{')) {
      this.#at += 2;
      const items: DataNode[] = [];
      while (!is(this.#peek(), '}')) {
        items.push(this.#type(depth + 1));
        if (is(this.#peek(), ',')) this.#at++;
        else if (!is(this.#peek(), '}')) this.#fail(this.#peek(), '`,` or `}`');
      }
      const close = this.#next();
      type = { kind: 'seq', items, flow: true, start: first.start, end: close.end, tag: null };
    } else if (first.text === 'decimal' && is(this.#tokens[this.#at + 1], '(')) {
      this.#at += 2;
      const numbers: Token[] = [];
      while (!is(this.#peek(), ')')) {
        const number = this.#next();
        if (number.kind === 'number') numbers.push(number);
        else if (!is(number, ',')) this.#fail(number, 'a number');
      }
      const close = this.#next();
      const [precision, scale] = numbers;
      type = map(
        [
          entry('type', first, text('bytes', first)),
          entry('logicalType', first, text('decimal', first)),
          ...(precision === undefined
            ? []
            : [entry('precision', precision, scalar(Number(precision.text), precision))]),
          ...(scale === undefined ? [] : [entry('scale', scale, scalar(Number(scale.text), scale))]),
        ],
        first.start,
        close.end,
      );
    } else {
      const name = this.#dotted();
      const logical = first.end === name.end ? LOGICAL.get(name.text) : undefined;
      type =
        logical === undefined
          ? text(name.text, name)
          : map(
              [entry('type', name, text(logical[0], name)), entry('logicalType', name, text(logical[1], name))],
              name.start,
              name.end,
            );
    }
    if (annotations.size > 0) {
      const written = [...annotations.values()];
      // What is written before a named type says something of the field or of this use: only what changes the value's meaning counts.
      if (type.kind === 'map') type = { ...type, entries: [...type.entries, ...written] };
      else if (type.kind === 'scalar' && (PRIMITIVES.has(String(type.value)) || !ofField))
        type = map([entry('type', type, type), ...written], start.start, type.end);
    }
    if (is(this.#peek(), '?')) {
      const mark = this.#next();
      type = {
        kind: 'seq',
        items: [text('null', mark), type],
        flow: true,
        start: type.start,
        end: mark.end,
        tag: OPTIONAL,
      };
    }
    return type;
  }

  /** `@name(json)` by name. */
  #annotations(): ReadonlyMap<string, DataEntry> {
    const result = new Map<string, DataEntry>();
    while (is(this.#peek(), '@')) {
      const start = this.#next();
      let name = '';
      let { end } = start;
      for (let token = this.#peek(); token.kind === 'name' || is(token, '-') || is(token, '.'); token = this.#peek()) {
        name += token.text;
        end = token.end;
        this.#at++;
      }
      this.#expect('(');
      const value = this.#json(0);
      this.#expect(')');
      result.set(name, { key: name, keyStart: start.start, keyEnd: end, value });
    }
    return result;
  }

  #json(depth: number): DataNode {
    const first = this.#next();
    if (depth > MAX_DEPTH) this.#fail(first, `no more than ${MAX_DEPTH} values within each other`);
    if (first.kind === 'string') return text(first.text, first);
    if (first.kind === 'number') return scalar(Number(first.text.replace(/[fFlL]$/, '')), first);
    if (is(first, '-')) {
      const number = this.#next();
      const span = { start: first.start, end: number.end };
      return number.kind === 'number' ? scalar(-Number(number.text), span) : text(`-${number.text}`, span);
    }
    if (first.kind === 'name') {
      const value = LITERALS.get(first.text);
      // `NaN` and `Infinity` are strings in an .avsc.
      return value === undefined ? text(first.text, first) : scalar(value, first);
    }
    if (is(first, '[')) {
      const items: DataNode[] = [];
      while (!is(this.#peek(), ']')) {
        items.push(this.#json(depth + 1));
        if (is(this.#peek(), ',')) this.#at++;
        else if (!is(this.#peek(), ']')) this.#fail(this.#peek(), '`,` or `]`');
      }
      const close = this.#next();
      return { kind: 'seq', items, flow: true, start: first.start, end: close.end, tag: null };
    }
    if (!is(first, '{')) this.#fail(first, 'a JSON value');
    const entries: DataEntry[] = [];
    while (!is(this.#peek(), '}')) {
      const key = this.#next();
      if (key.kind !== 'string') this.#fail(key, 'a name in quotes');
      this.#expect(':');
      entries.push(entry(key.text, key, this.#json(depth + 1)));
      if (is(this.#peek(), ',')) this.#at++;
      else if (!is(this.#peek(), '}')) this.#fail(this.#peek(), '`,` or `}`');
    }
    return map(entries, first.start, this.#next().end);
  }

  /** A name, with its namespace where it is written. */
  #dotted(): Token {
    const first = this.#name();
    const parts = [first.text];
    let { end } = first;
    while (is(this.#peek(), '.')) {
      this.#at++;
      const part = this.#name();
      parts.push(part.text);
      ({ end } = part);
    }
    return { ...first, text: parts.join('.'), end };
  }

  #name(): Token {
    const token = this.#next();
    if (token.kind !== 'name') this.#fail(token, 'a name');
    return token;
  }

  #expect(mark: string): Token {
    const token = this.#next();
    if (!is(token, mark)) this.#fail(token, `\`${mark}\``);
    return token;
  }

  #fail(token: Token, wanted: string): never {
    // What was run into may be the next statement.
    if (this.#tokens[this.#at - 1] === token) this.#at--;
    const seen = token.kind === 'end' ? 'the end of the file' : `\`${token.text.slice(0, 40)}\``;
    this.#note(token, `Not valid Avro IDL: ${wanted} is expected before ${seen}.`);
    throw new Unreadable();
  }

  #note(token: Token, message: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const range = rangeAt(this.#source, token.start, token.end);
    this.#problems.push({ file: this.#source.path, range, message, syntax: true });
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }
}

/** Marks the union that a `?` stands for, while its order is open. */
const OPTIONAL = '?';

/** A `?` puts the branch of the default first, as Avro wants it: null unless something else is written. */
function defaultFirst(type: DataNode, value: DataNode | null): DataNode {
  if (type.kind !== 'seq' || type.tag !== OPTIONAL) return type;
  const other = value !== null && !(value.kind === 'scalar' && value.value === null);
  return { ...type, items: other ? type.items.toReversed() : type.items, tag: null };
}

function is(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.text === mark;
}

/** Annotations that are no part of a type's identity. */
function others(annotations: ReadonlyMap<string, DataEntry>): readonly DataEntry[] {
  return [...annotations.values()].filter(({ key }) => key !== 'namespace');
}

function docOf(start: Token): readonly DataEntry[] {
  return start.lead === '' ? [] : [entry('doc', start, text(start.lead, start))];
}

function tokenOf(annotation: DataEntry | undefined): Token | null {
  const node = annotation?.value;
  return node?.kind === 'scalar' && typeof node.value === 'string'
    ? { kind: 'name', text: node.value, start: node.start, end: node.end, lead: '', trail: '' }
    : null;
}

function entry(key: string, at: Span, value: DataNode): DataEntry {
  return { key, keyStart: at.start, keyEnd: at.end, value };
}

function text(value: string, at: Span): DataNode {
  return scalar(value, at);
}

function scalar(value: string | number | boolean | null, { start, end }: Span): DataNode {
  return { kind: 'scalar', value, style: typeof value === 'string' ? 'double' : 'plain', start, end, tag: null };
}

function map(entries: readonly DataEntry[], start: number, end: number): DataNode {
  return { kind: 'map', entries, flow: true, start, end, tag: null };
}
