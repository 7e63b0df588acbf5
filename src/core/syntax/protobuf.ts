// Protobuf files (.proto: proto2, proto3, editions) as declarations with positions. Tolerant: a statement that is not understood becomes a problem
// and the next one is read. Specification: https://protobuf.dev/reference/protobuf/edition-2023-spec/. Option values are kept as text.
import type { Problem, SourceFile } from '../model/source.ts';
import { rangeAt } from '../model/source.ts';
import type { Token } from './tokens.ts';
import { beginsLine, tokenize } from './tokens.ts';

/** Offsets into the file's text, end exclusive. */
export interface ProtoSpan {
  readonly start: number;
  readonly end: number;
}

/** A name or value as written, where it is written. */
export interface ProtoText extends ProtoSpan {
  readonly text: string;
}

/** `option name = value;` or one of the `[name = value]` behind a field. Custom options keep their brackets: `(shop.unit)`. */
export interface ProtoOption extends ProtoSpan {
  readonly name: string;
  /** Strings without their quotes; a `{…}` as written. */
  readonly value: string;
}

export interface ProtoImport extends ProtoSpan {
  readonly path: string;
  /** Files that import this one see what a public import brings. */
  readonly how: 'plain' | 'public' | 'weak' | 'option';
}

export interface ProtoField extends ProtoSpan {
  readonly name: ProtoText;
  /** Null where it cannot be read. */
  readonly number: number | null;
  readonly numberAt: ProtoSpan;
  readonly label: 'optional' | 'required' | 'repeated' | null;
  /** As written: `int64`, `Money`, `.shop.v1.Money`; the value's type of a map; the group's own name. */
  readonly type: ProtoText;
  /** The key's type of a `map<…>`; null for all else. */
  readonly mapKey: string | null;
  readonly group: boolean;
  readonly oneof: string | null;
  readonly options: readonly ProtoOption[];
  /** The comments before and behind it. */
  readonly doc: string;
}

/** Numbers from `start` to `end`, both included; `max` is Infinity. */
export interface ProtoReservedRange extends ProtoSpan {
  readonly from: number;
  readonly to: number;
}

export interface ProtoReserved {
  readonly ranges: readonly ProtoReservedRange[];
  readonly names: readonly ProtoText[];
}

export interface ProtoOneof extends ProtoSpan {
  readonly name: ProtoText;
  readonly options: readonly ProtoOption[];
}

export interface ProtoEnumValue extends ProtoSpan {
  readonly name: ProtoText;
  readonly number: number | null;
  readonly options: readonly ProtoOption[];
  readonly doc: string;
}

export interface ProtoEnum extends ProtoSpan {
  readonly name: ProtoText;
  /** With its package and the messages around it: `shop.orders.v1.Order.State`. */
  readonly fullName: string;
  readonly values: readonly ProtoEnumValue[];
  readonly reserved: ProtoReserved;
  readonly options: readonly ProtoOption[];
  readonly doc: string;
}

export interface ProtoMessage extends ProtoSpan {
  readonly name: ProtoText;
  /** With its package and the messages around it. */
  readonly fullName: string;
  /** Fields of oneofs among them, in the file's order. */
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly ProtoOneof[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly reserved: ProtoReserved;
  /** Numbers kept for extensions. */
  readonly extensions: readonly ProtoReservedRange[];
  readonly options: readonly ProtoOption[];
  readonly doc: string;
}

export interface ProtoMethod extends ProtoSpan {
  readonly name: ProtoText;
  readonly input: ProtoText;
  readonly output: ProtoText;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  readonly options: readonly ProtoOption[];
  readonly doc: string;
}

export interface ProtoService extends ProtoSpan {
  readonly name: ProtoText;
  readonly fullName: string;
  readonly methods: readonly ProtoMethod[];
  readonly options: readonly ProtoOption[];
  readonly doc: string;
}

/** `extend Type { … }`: fields that other files give a message. */
export interface ProtoExtend extends ProtoSpan {
  readonly of: ProtoText;
  readonly fields: readonly ProtoField[];
}

export interface ProtoFile {
  readonly file: SourceFile;
  /** A file that does not say is proto2. */
  readonly syntax: 'proto2' | 'proto3' | 'editions';
  /** `2023`; null but for editions. */
  readonly edition: string | null;
  /** Empty where there is none. */
  readonly package: string;
  readonly imports: readonly ProtoImport[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly services: readonly ProtoService[];
  readonly extends: readonly ProtoExtend[];
  readonly options: readonly ProtoOption[];
  readonly problems: readonly Problem[];
}

/** Types that need no declaration. */
export const PROTO_SCALARS: ReadonlySet<string> = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);

const MAX_DEPTH = 64;
const MAX_PROBLEMS = 20;
const cache = new WeakMap<SourceFile, ProtoFile>();

/** Parses a .proto file. Cached by the SourceFile. Never throws. */
export function parseProtobuf(file: SourceFile): ProtoFile {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const parsed = new Parser(file).file();
  cache.set(file, parsed);
  return parsed;
}

/** Every message of a file, nested ones behind the one around them. */
export function messagesOf(proto: { readonly messages: readonly ProtoMessage[] }): readonly ProtoMessage[] {
  return proto.messages.flatMap((message) => [message, ...messagesOf(message)]);
}

/** The names that a type name may mean within a scope, innermost first (`Money` in `shop.v1.Order`: `shop.v1.Order.Money`, `shop.v1.Money`, …). */
export function candidateNames(type: string, scope: string): readonly string[] {
  if (type.startsWith('.')) return [type.slice(1)];
  const result: string[] = [];
  for (let around = scope; around !== '';) {
    result.push(`${around}.${type}`);
    const dot = around.lastIndexOf('.');
    around = dot < 0 ? '' : around.slice(0, dot);
  }
  result.push(type);
  return result;
}

/** The message that a file is for: the only one at its top that no other of its messages uses; null where that is open. */
export function fileMessage(proto: ProtoFile): ProtoMessage | null {
  /** The message at the top of the file that each message stands in. */
  const tops = new Map(
    proto.messages.flatMap((top) => [top, ...messagesOf(top)].map(({ fullName }) => [fullName, top.fullName] as const)),
  );
  const used = new Set<string>();
  for (const message of messagesOf(proto)) {
    for (const { type } of message.fields) {
      const target = candidateNames(type.text, message.fullName).find((name) => tops.has(name));
      const top = target === undefined ? undefined : tops.get(target);
      if (top !== undefined && top !== tops.get(message.fullName)) used.add(top);
    }
  }
  const [only, ...others] = proto.messages.filter(({ fullName }) => !used.has(fullName));
  return others.length === 0 ? (only ?? null) : null;
}

/** The message or service of a file that a name means: in full, without its package, or the only one of that name; null for none or several. */
export function declaredAs(proto: ProtoFile, name: string): ProtoMessage | ProtoService | null {
  const all = [...messagesOf(proto), ...proto.services];
  const exact = all.find(({ fullName }) => fullName === name || nameInPackage(fullName, proto.package) === name);
  if (exact !== undefined) return exact;
  const [only, ...others] = all.filter((declared) => declared.name.text === name);
  return others.length === 0 ? (only ?? null) : null;
}

/** A full name without its package: `Order.Line`. */
export function nameInPackage(fullName: string, pkg: string): string {
  return pkg !== '' && fullName.startsWith(`${pkg}.`) ? fullName.slice(pkg.length + 1) : fullName;
}

/** Ends the statement that is being read: its problem is noted already. */
class Unreadable extends Error {}

interface Body {
  readonly fields: ProtoField[];
  readonly oneofs: ProtoOneof[];
  readonly messages: ProtoMessage[];
  readonly enums: ProtoEnum[];
  readonly ranges: ProtoReservedRange[];
  readonly names: ProtoText[];
  readonly extensions: ProtoReservedRange[];
  readonly options: ProtoOption[];
}

class Parser {
  readonly #source: SourceFile;
  readonly #tokens: readonly Token[];
  readonly #problems: Problem[] = [];
  readonly #extends: ProtoExtend[] = [];
  #at = 0;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#tokens = tokenize(source.text);
  }

  file(): ProtoFile {
    const imports: ProtoImport[] = [];
    const messages: ProtoMessage[] = [];
    const enums: ProtoEnum[] = [];
    const services: ProtoService[] = [];
    const options: ProtoOption[] = [];
    let syntax: ProtoFile['syntax'] = 'proto2';
    let edition: string | null = null;
    let pkg = '';
    this.#statements('end', () => {
      const first = this.#next();
      switch (first.text) {
        case 'syntax':
        case 'edition': {
          this.#expect('=');
          const value = this.#strings();
          if (first.text === 'edition') [syntax, edition] = ['editions', value.text];
          else syntax = value.text === 'proto3' ? 'proto3' : 'proto2';
          this.#expect(';');
          break;
        }
        case 'package':
          pkg = this.#typeName().text;
          this.#expect(';');
          break;
        case 'import': {
          const how = this.#peek().kind === 'name' ? this.#next().text : 'plain';
          const path = this.#strings();
          const end = this.#expect(';');
          imports.push({
            path: path.text,
            how: how === 'public' || how === 'weak' || how === 'option' ? how : 'plain',
            start: path.start,
            end: Math.min(path.end, end.start),
          });
          break;
        }
        case 'option':
          options.push(this.#option(first));
          break;
        case 'message':
          messages.push(this.#message(first, pkg, 0));
          break;
        case 'enum':
          enums.push(this.#enum(first, pkg));
          break;
        case 'service':
          services.push(this.#service(first, pkg));
          break;
        case 'extend':
          this.#extend(first, pkg, 0);
          break;
        case 'export':
        case 'local':
          // Visibility of edition 2024: the declaration itself follows.
          break;
        default:
          this.#fail(first, 'a declaration');
      }
    });
    return {
      file: this.#source,
      syntax,
      edition,
      package: pkg,
      imports,
      messages,
      enums,
      services,
      extends: this.#extends,
      options,
      problems: this.#problems,
    };
  }

  /** Reads statements up to the mark that closes them. What cannot be read costs its own statement. */
  #statements(close: '}' | 'end', read: () => void): Token {
    for (;;) {
      const token = this.#peek();
      if (close === '}' && token.text === '}' && token.kind === 'mark') return this.#next();
      if (token.kind === 'end') {
        if (close === '}') this.#note(token, 'A `}` is missing at the end.');
        return token;
      }
      if (token.kind === 'mark' && token.text === ';') {
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

  /** Goes on behind the `;` or the block of a statement, or at the next line that begins like a statement. */
  #recover(from: number): void {
    let depth = 0;
    // A closing brace that was run into closes what is around.
    this.#at = Math.max(this.#at, from);
    for (let token = this.#peek(); token.kind !== 'end'; token = this.#peek()) {
      const mark = token.kind === 'mark' ? token.text : '';
      if (depth === 0 && mark === '}') return;
      if (depth === 0 && this.#at > from && token.kind === 'name' && beginsLine(this.#source.text, token.start)) return;
      this.#at++;
      if (mark === '{') depth++;
      if (mark === '}' && --depth <= 0) return;
      if (mark === ';' && depth === 0) return;
    }
  }

  #message(first: Token, scope: string, depth: number): ProtoMessage {
    const name = this.#name();
    const fullName = joined(scope, name.text);
    const { body, end } = this.#body(fullName, depth);
    return {
      name,
      fullName,
      fields: body.fields,
      oneofs: body.oneofs,
      messages: body.messages,
      enums: body.enums,
      reserved: { ranges: body.ranges, names: body.names },
      extensions: body.extensions,
      options: body.options,
      doc: first.lead,
      start: first.start,
      end,
    };
  }

  #body(fullName: string, depth: number): { readonly body: Body; readonly end: number } {
    const body: Body = {
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      ranges: [],
      names: [],
      extensions: [],
      options: [],
    };
    const open = this.#expect('{');
    if (depth > MAX_DEPTH) this.#fail(open, `no more than ${MAX_DEPTH} messages within each other`);
    const close = this.#statements('}', () => this.#member(body, fullName, depth));
    return { body, end: close.end };
  }

  #member(body: Body, scope: string, depth: number): void {
    const first = this.#peek();
    const second = this.#tokens[this.#at + 1];
    // Each of these words is also a name that a type or a package may have.
    const word = second?.kind === 'name' || second?.kind === 'mark' ? first.text : '';
    switch (first.kind === 'name' ? word : '') {
      case 'message':
        if (this.#opensBlock(2)) {
          this.#at++;
          body.messages.push(this.#message(first, scope, depth + 1));
          return;
        }
        break;
      case 'enum':
        if (this.#opensBlock(2)) {
          this.#at++;
          body.enums.push(this.#enum(first, scope));
          return;
        }
        break;
      case 'oneof':
        if (this.#opensBlock(2)) {
          this.#oneof(body, scope, depth);
          return;
        }
        break;
      case 'extend':
        this.#at++;
        this.#extend(first, scope, depth + 1);
        return;
      case 'option':
        this.#at++;
        body.options.push(this.#option(first));
        return;
      case 'export':
      case 'local':
        if (second?.text === 'message' || second?.text === 'enum') {
          this.#at++;
          return;
        }
        break;
      default:
    }
    if (first.text === 'reserved' && second?.text !== '=' && !this.#looksLikeField(second)) {
      this.#at++;
      this.#reserved(body.ranges, body.names);
      return;
    }
    if (first.text === 'extensions' && second?.kind === 'number') {
      this.#at++;
      this.#ranges(body.extensions);
      if (this.#peek().text === '[') this.#bracketOptions();
      this.#expect(';');
      return;
    }
    body.fields.push(this.#field(body, scope, depth, null));
  }

  /** `reserved name = 1;`: a field of a type that is called so. */
  #looksLikeField(second: Token | undefined): boolean {
    return second?.kind === 'name' && this.#tokens[this.#at + 2]?.text === '=';
  }

  #opensBlock(ahead: number): boolean {
    return this.#tokens[this.#at + ahead]?.text === '{' || this.#tokens[this.#at + ahead]?.kind === 'end';
  }

  #oneof(body: Body, scope: string, depth: number): void {
    const first = this.#next();
    const name = this.#name();
    const options: ProtoOption[] = [];
    this.#expect('{');
    const close = this.#statements('}', () => {
      const token = this.#peek();
      if (token.text === 'option' && this.#tokens[this.#at + 2]?.text !== '=' && token.kind === 'name') {
        this.#at++;
        options.push(this.#option(token));
      } else if (token.text === 'option' && this.#tokens[this.#at + 3]?.kind !== 'number') {
        this.#at++;
        options.push(this.#option(token));
      } else body.fields.push(this.#field(body, scope, depth, name.text));
    });
    body.oneofs.push({ name, options, start: first.start, end: close.end });
  }

  #field(body: Body, scope: string, depth: number, oneof: string | null): ProtoField {
    const first = this.#peek();
    let label: ProtoField['label'] = null;
    if (first.text === 'optional' || first.text === 'required' || first.text === 'repeated') {
      const after = this.#tokens[this.#at + 1];
      if (after?.kind === 'name' || after?.text === '.') {
        label = first.text;
        this.#at++;
      }
    }
    let mapKey: string | null = null;
    let type: ProtoText;
    let group = false;
    if (this.#peek().text === 'map' && this.#tokens[this.#at + 1]?.text === '<') {
      this.#at += 2;
      mapKey = this.#typeName().text;
      this.#expect(',');
      type = this.#typeName();
      this.#expect('>');
    } else if (this.#peek().text === 'group' && this.#tokens[this.#at + 1]?.kind === 'name') {
      this.#at++;
      group = true;
      type = this.#name();
    } else type = this.#typeName();
    const name = group ? { ...type, text: type.text.toLowerCase() } : this.#name();
    this.#expect('=');
    const numberToken = this.#peek();
    const number = this.#integer();
    const options = this.#peek().text === '[' ? this.#bracketOptions() : [];
    let end: Token;
    if (group) {
      const fullName = joined(scope, type.text);
      const inner = this.#body(fullName, depth + 1);
      end = this.#tokens[this.#at - 1] ?? numberToken;
      body.messages.push({
        name: type,
        fullName,
        fields: inner.body.fields,
        oneofs: inner.body.oneofs,
        messages: inner.body.messages,
        enums: inner.body.enums,
        reserved: { ranges: inner.body.ranges, names: inner.body.names },
        extensions: inner.body.extensions,
        options: inner.body.options,
        doc: first.lead,
        start: first.start,
        end: inner.end,
      });
    } else end = this.#expect(';');
    return {
      name,
      number,
      numberAt: numberToken,
      label,
      type,
      mapKey,
      group,
      oneof,
      options,
      doc: docOf(first, end),
      start: first.start,
      end: end.end,
    };
  }

  #enum(first: Token, scope: string): ProtoEnum {
    const name = this.#name();
    const values: ProtoEnumValue[] = [];
    const ranges: ProtoReservedRange[] = [];
    const names: ProtoText[] = [];
    const options: ProtoOption[] = [];
    this.#expect('{');
    const close = this.#statements('}', () => {
      const token = this.#next();
      const after = this.#peek();
      if (token.text === 'option' && after.text !== '=') options.push(this.#option(token));
      else if (token.text === 'reserved' && after.text !== '=') this.#reserved(ranges, names);
      else {
        if (token.kind !== 'name') this.#fail(token, 'a value of the enum');
        this.#expect('=');
        const number = this.#integer();
        const own = this.#peek().text === '[' ? this.#bracketOptions() : [];
        const end = this.#expect(';');
        values.push({
          name: textOf(token),
          number,
          options: own,
          doc: docOf(token, end),
          start: token.start,
          end: end.end,
        });
      }
    });
    return {
      name,
      fullName: joined(scope, name.text),
      values,
      reserved: { ranges, names },
      options,
      doc: first.lead,
      start: first.start,
      end: close.end,
    };
  }

  #service(first: Token, scope: string): ProtoService {
    const name = this.#name();
    const methods: ProtoMethod[] = [];
    const options: ProtoOption[] = [];
    this.#expect('{');
    const close = this.#statements('}', () => {
      const token = this.#next();
      if (token.text === 'option') options.push(this.#option(token));
      else if (token.text === 'rpc') methods.push(this.#method(token));
      else this.#fail(token, '`rpc` or `option`');
    });
    return {
      name,
      fullName: joined(scope, name.text),
      methods,
      options,
      doc: first.lead,
      start: first.start,
      end: close.end,
    };
  }

  #method(first: Token): ProtoMethod {
    const name = this.#name();
    const side = (): { readonly type: ProtoText; readonly streams: boolean } => {
      this.#expect('(');
      const streams = this.#peek().text === 'stream' && this.#tokens[this.#at + 1]?.text !== ')';
      if (streams) this.#at++;
      const type = this.#typeName();
      this.#expect(')');
      return { type, streams };
    };
    const input = side();
    const returns = this.#next();
    if (returns.text !== 'returns') this.#fail(returns, '`returns`');
    const output = side();
    const options: ProtoOption[] = [];
    const open = this.#next();
    let end = open;
    if (open.text === '{')
      end = this.#statements('}', () => {
        const token = this.#next();
        if (token.text === 'option') options.push(this.#option(token));
        else this.#fail(token, '`option`');
      });
    else if (open.text !== ';') this.#fail(open, '`;`');
    return {
      name,
      input: input.type,
      output: output.type,
      clientStreams: input.streams,
      serverStreams: output.streams,
      options,
      doc: docOf(first, open),
      start: first.start,
      end: end.end,
    };
  }

  #extend(first: Token, scope: string, depth: number): void {
    const of = this.#typeName();
    const { body, end } = this.#body(scope, depth);
    this.#extends.push({ of, fields: body.fields, start: first.start, end });
  }

  #reserved(ranges: ProtoReservedRange[], names: ProtoText[]): void {
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'number' || token.text === '-') ranges.push(...this.#range());
      // Names stand in quotes, in editions without.
      else if (token.kind === 'string' || token.kind === 'name') names.push(textOf(this.#next()));
      else this.#fail(token, 'a number or a name');
      if (this.#peek().text !== ',') break;
      this.#at++;
    }
    this.#expect(';');
  }

  #ranges(ranges: ProtoReservedRange[]): void {
    for (;;) {
      ranges.push(...this.#range());
      if (this.#peek().text !== ',') return;
      this.#at++;
    }
  }

  #range(): readonly ProtoReservedRange[] {
    const { start } = this.#peek();
    const from = this.#integer();
    let to = from;
    if (this.#peek().text === 'to') {
      this.#at++;
      if (this.#peek().text === 'max') {
        this.#at++;
        to = Number.POSITIVE_INFINITY;
      } else to = this.#integer();
    }
    const { end } = this.#tokens[this.#at - 1] ?? { end: start };
    return from === null || to === null ? [] : [{ from, to, start, end }];
  }

  #option(first: Token): ProtoOption {
    const option = this.#assignment();
    const end = this.#expect(';');
    return { ...option, start: first.start, end: end.end };
  }

  #bracketOptions(): readonly ProtoOption[] {
    const options: ProtoOption[] = [];
    this.#expect('[');
    while (this.#peek().text !== ']') {
      options.push(this.#assignment());
      if (this.#peek().text === ',') this.#at++;
      else if (this.#peek().text !== ']') this.#fail(this.#peek(), '`,` or `]`');
    }
    this.#at++;
    return options;
  }

  #assignment(): ProtoOption {
    const { start } = this.#peek();
    let name = '';
    for (let token = this.#peek(); token.text !== '=' || token.kind !== 'mark'; token = this.#peek()) {
      if (token.kind === 'name' || ['(', ')', '.'].includes(token.text)) name += token.text;
      else this.#fail(token, '`=`');
      this.#at++;
    }
    this.#at++;
    const first = this.#peek();
    let value: string;
    if (first.kind === 'string') value = this.#strings().text;
    else if (first.text === '{' || first.text === '[') {
      this.#balanced();
      value = this.#source.text.slice(first.start, this.#tokens[this.#at - 1]?.end ?? first.end);
    } else {
      value = this.#next().text;
      if (value === '-' || value === '+') value += this.#next().text;
    }
    return { name, value, start, end: this.#tokens[this.#at - 1]?.end ?? start };
  }

  /** Passes over what a bracket holds. */
  #balanced(): void {
    const open = this.#peek();
    let depth = 0;
    for (;;) {
      const token = this.#next();
      if (token.kind === 'end') this.#fail(open, 'a closing bracket');
      if (token.kind !== 'mark') continue;
      if (token.text === '{' || token.text === '[' || token.text === '(') depth++;
      if ((token.text === '}' || token.text === ']' || token.text === ')') && --depth <= 0) return;
    }
  }

  #integer(): number | null {
    const sign = this.#peek().text === '-' && this.#peek().kind === 'mark' ? -1 : 1;
    if (sign < 0) this.#at++;
    const token = this.#next();
    if (token.kind !== 'number') this.#fail(token, 'a number');
    const value = /^0[0-7]+$/.test(token.text) ? Number.parseInt(token.text, 8) : Number(token.text);
    return Number.isSafeInteger(value) ? sign * value : null;
  }

  /** Strings side by side are one. */
  #strings(): ProtoText {
    const first = this.#next();
    if (first.kind !== 'string') this.#fail(first, 'a string');
    let { text, end } = first;
    while (this.#peek().kind === 'string') {
      const more = this.#next();
      text += more.text;
      end = more.end;
    }
    return { text, start: first.start, end };
  }

  #name(): ProtoText {
    const token = this.#next();
    if (token.kind !== 'name') this.#fail(token, 'a name');
    return textOf(token);
  }

  #typeName(): ProtoText {
    const first = this.#peek();
    let text = '';
    let { end } = first;
    if (first.text === '.') {
      text = '.';
      this.#at++;
    }
    for (;;) {
      const part = this.#name();
      text += part.text;
      end = part.end;
      if (this.#peek().text !== '.') return { text, start: first.start, end };
      this.#at++;
      text += '.';
    }
  }

  #expect(mark: string): Token {
    const token = this.#next();
    if (token.kind !== 'mark' || token.text !== mark) this.#fail(token, `\`${mark}\``);
    return token;
  }

  #fail(token: Token, wanted: string): never {
    // What was run into may be the next statement.
    if (this.#tokens[this.#at - 1] === token) this.#at--;
    const seen = token.kind === 'end' ? 'the end of the file' : `\`${token.text.slice(0, 40)}\``;
    this.#note(token, `Not valid Protobuf: ${wanted} is expected before ${seen}.`);
    throw new Unreadable();
  }

  #note(token: Token, message: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const range = rangeAt(this.#source, token.start, Math.max(token.end, token.start));
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

function joined(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function textOf({ text, start, end }: Token): ProtoText {
  return { text, start, end };
}

function docOf(first: Token, last: Token): string {
  return [first.lead, last.trail].filter((part) => part !== '').join('\n');
}
