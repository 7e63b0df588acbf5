// The first bytes of a file → the shape of what it holds, as far as they go. Tolerates an end anywhere. Used to tell formats apart
// by content; it never judges whether the rest is well-formed.
import type { Bytes } from './importer.ts';

/** The beginning of a JSON value. Members of an object in the order of the text; at most the first few items of an array. */
export type Shape =
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Shape> }
  | { readonly kind: 'array'; readonly items: readonly Shape[] }
  | { readonly kind: 'string' | 'number'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: 'true' | 'false' | 'null' };

const MAX_DEPTH = 24;
const MAX_ITEMS = 4;
const known = new WeakMap<Bytes, Shape | null>();

/** The shape of the first JSON value; null where the text does not begin with one. O(head), once per head. */
export function sniff(head: Bytes): Shape | null {
  const before = known.get(head);
  if (before !== undefined) return before;
  const shape = new Prefix(new TextDecoder().decode(head)).value(0);
  known.set(head, shape);
  return shape;
}

/** Follows keys (strings) and indices (numbers) into a shape; null where there is nothing. */
export function reach(shape: Shape | null, ...path: readonly (string | number)[]): Shape | null {
  let here: Shape | null = shape;
  for (const step of path) {
    if (here?.kind === 'object' && typeof step === 'string') here = here.members.get(step) ?? null;
    else if (here?.kind === 'array' && typeof step === 'number') here = here.items[step] ?? null;
    else return null;
  }
  return here;
}

/** Whether a shape is an object that has (so far) at least these keys. */
export function hasKeys(shape: Shape | null, ...keys: readonly string[]): boolean {
  return shape?.kind === 'object' && keys.every((key) => shape.members.has(key));
}

class Prefix {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.charCodeAt(0) === 0x1e) this.#at = 1;
  }

  value(depth: number): Shape | null {
    this.#blank();
    const char = this.#text[this.#at];
    if (char === undefined || depth > MAX_DEPTH) return null;
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#array(depth);
    if (char === '"') {
      const text = this.#string();
      return text === null ? null : { kind: 'string', text };
    }
    for (const word of ['true', 'false', 'null'] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return { kind: 'literal', text: word };
      }
    }
    const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = this.#at;
    const match = number.exec(this.#text);
    if (!match) return null;
    this.#at = number.lastIndex;
    return { kind: 'number', text: match[0] };
  }

  #object(depth: number): Shape {
    const members = new Map<string, Shape>();
    this.#at++;
    for (;;) {
      this.#blank();
      if (this.#text[this.#at] !== '"') break;
      const key = this.#string();
      if (key === null) break;
      this.#blank();
      if (this.#text[this.#at] !== ':') break;
      this.#at++;
      const member = this.value(depth + 1);
      if (member === null) break;
      members.set(key, member);
      this.#blank();
      if (this.#text[this.#at] !== ',') break;
      this.#at++;
    }
    if (this.#text[this.#at] === '}') this.#at++;
    else this.#at = this.#text.length;
    return { kind: 'object', members };
  }

  #array(depth: number): Shape {
    const items: Shape[] = [];
    this.#at++;
    for (;;) {
      this.#blank();
      const item = this.value(depth + 1);
      if (item === null) break;
      if (items.length < MAX_ITEMS) items.push(item);
      this.#blank();
      if (this.#text[this.#at] !== ',') break;
      this.#at++;
    }
    if (this.#text[this.#at] === ']') this.#at++;
    else this.#at = this.#text.length;
    return { kind: 'array', items };
  }

  /** The string at the cursor, escapes undone; null where the text ends inside it. */
  #string(): string | null {
    let end = this.#at + 1;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === 92) end++;
      else if (code === 34) break;
    }
    if (end >= this.#text.length) {
      this.#at = this.#text.length;
      return null;
    }
    const raw = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      const parsed: unknown = JSON.parse(raw);
      return typeof parsed === 'string' ? parsed : null;
    } catch {
      return raw.slice(1, -1);
    }
  }

  #blank(): void {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 32) this.#at++;
    if (this.#text.charCodeAt(this.#at) === 0xfeff) this.#at++;
  }
}
