// Bytes of JSON text → parsed elements, a few at a time: one JSON value per line where the text is JSON lines, else the elements
// that the slicer finds in one document or in several documents one after the other. Nothing throws: what cannot be parsed is counted.
import type { JsonValue } from '../model/json.ts';
import type { Bytes } from './importer.ts';
import { JsonSlicer, type Step } from './json-slicer.ts';

/** Problems of a file that breaks off. */
const ENDS_EARLY = 'the file ends inside an element; everything before it was read';
const ENDS_OPEN = 'the file ends before its last bracket; everything before the end was read';

/** Whether a problem says that a file breaks off. */
export function breaksOff(message: string): boolean {
  return message === ENDS_EARLY || message === ENDS_OPEN;
}

export interface ElementSource {
  /** From the root value to the elements; empty: each root value is an element. */
  readonly path: readonly Step[];
  /** Keys of the root object whose scalar value is wanted. */
  readonly watch?: readonly string[];
  /** Applied to an element's text before it is parsed. */
  readonly rewrite?: (text: string) => string;
}

export interface ElementBatch {
  readonly values: readonly JsonValue[];
  readonly problems: readonly { readonly message: string; readonly count: number }[];
  /** JSON text of the watched keys; filled at the end. */
  readonly watched: ReadonlyMap<string, string>;
}

/** A line longer than this is no JSON line but a document of its own: it goes to the slicer. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Reads elements in constant memory (the largest element plus a chunk). */
export async function* parseElements(
  chunks: AsyncIterable<Bytes>,
  source: ElementSource,
): AsyncGenerator<ElementBatch, void, undefined> {
  const reader = new ElementReader(source);
  for await (const chunk of chunks) {
    reader.push(chunk);
    const batch = reader.take();
    if (batch) yield batch;
  }
  reader.end();
  yield reader.take() ?? { values: [], problems: [], watched: new Map() };
}

class ElementReader {
  readonly #source: ElementSource;
  readonly #decoder = new TextDecoder();
  #slicer: JsonSlicer | null = null;
  #carry: Bytes[] = [];
  #carried = 0;
  #lines = 0;
  #values: JsonValue[] = [];
  #problems = new Map<string, number>();
  #watched = new Map<string, string>();
  #first = true;

  constructor(source: ElementSource) {
    this.#source = source;
  }

  push(chunk: Bytes): void {
    let from = 0;
    if (this.#first && chunk.length > 0) {
      this.#first = false;
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) from = 3;
    }
    if (this.#slicer) {
      this.#slice(from === 0 ? chunk : chunk.subarray(from));
      return;
    }
    while (from < chunk.length) {
      const end = chunk.indexOf(10, from);
      if (end < 0) {
        this.#hold(chunk.slice(from));
        if (this.#carried > MAX_LINE_BYTES) this.#useSlicer(null);
        return;
      }
      const line = this.#line(chunk.subarray(from, end));
      from = end + 1;
      if (!this.#parseLine(line)) {
        // The first line is no JSON value of its own: a document written over several lines.
        this.#useSlicer(line);
        this.#slice(chunk.subarray(end));
        return;
      }
    }
  }

  end(): void {
    if (!this.#slicer && this.#carried > 0) {
      const line = this.#line(new Uint8Array(0));
      if (!this.#parseLine(line, true)) this.#useSlicer(line);
    }
    if (!this.#slicer) return;
    this.#close(this.#slicer);
    for (const [key, value] of this.#slicer.watched) this.#watched.set(key, value);
  }

  take(): ElementBatch | null {
    if (this.#values.length === 0 && this.#problems.size === 0 && this.#watched.size === 0) return null;
    const problems = [...this.#problems].map(([message, count]) => ({ message, count }));
    const batch = { values: this.#values, problems, watched: this.#watched };
    this.#values = [];
    this.#problems = new Map();
    this.#watched = new Map();
    return batch;
  }

  #hold(part: Bytes): void {
    if (part.length === 0) return;
    this.#carry.push(part);
    this.#carried += part.length;
  }

  #line(tail: Bytes): Bytes {
    if (this.#carried === 0) return tail;
    const whole = new Uint8Array(this.#carried + tail.length);
    let at = 0;
    for (const part of this.#carry) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(tail, at);
    this.#carry = [];
    this.#carried = 0;
    return whole;
  }

  /** False where the first line is not a whole JSON value: then the text is no JSON lines. */
  #parseLine(line: Bytes, isLast = false): boolean {
    const text = this.#decode(line).trim();
    if (text === '' || text === '\u001E') return true;
    let value: JsonValue;
    try {
      value = JSON.parse(text.charCodeAt(0) === 0x1e ? text.slice(1) : text) as JsonValue;
    } catch {
      if (this.#lines === 0) return false;
      this.#sliceLine(line, isLast);
      return true;
    }
    this.#lines++;
    this.#pick(value, 0);
    return true;
  }

  /** A later line that is not one JSON value: several values on one line, or a line that was cut. */
  #sliceLine(line: Bytes, isLast: boolean): void {
    const slicer = new JsonSlicer(this.#source.path, this.#source.watch);
    const elements = slicer.push(line);
    for (const element of elements) this.#parse(element);
    const { open, insideElement } = slicer.end();
    const isCut = open || insideElement;
    if (isLast ? elements.length > 0 || isCut : !isCut && elements.length > 0) this.#close(slicer);
    else if (elements.length > 0) this.#lost('a line is not valid JSON; what was whole in it was read');
    else this.#lost('a line is not valid JSON and was skipped');
  }

  #useSlicer(line: Bytes | null): void {
    this.#slicer = new JsonSlicer(this.#source.path, this.#source.watch);
    const held = line ?? this.#line(new Uint8Array(0));
    this.#slice(held);
  }

  #slice(chunk: Bytes): void {
    if (!this.#slicer) return;
    for (const element of this.#slicer.push(chunk)) this.#parse(element);
  }

  #parse(element: Bytes): void {
    try {
      this.#values.push(JSON.parse(this.#decode(element)) as JsonValue);
    } catch {
      this.#lost('an element is not valid JSON and was skipped');
    }
  }

  #decode(bytes: Bytes): string {
    const text = this.#decoder.decode(bytes);
    return this.#source.rewrite ? this.#source.rewrite(text) : text;
  }

  #close(slicer: JsonSlicer): void {
    const { insideElement, open } = slicer.end();
    if (insideElement) this.#lost(ENDS_EARLY);
    else if (open) this.#lost(ENDS_OPEN);
    if (slicer.scalars > 0) this.#lost('an element is neither an object nor an array', slicer.scalars);
    if (slicer.oversized > 0) this.#lost('an element is larger than 256 MiB and was skipped', slicer.oversized);
  }

  #pick(value: JsonValue, level: number): void {
    if (level === this.#source.path.length) {
      if (typeof value === 'object' && value !== null) this.#values.push(value);
      else this.#lost('an element is neither an object nor an array');
      return;
    }
    const step = this.#source.path[level];
    if (step === undefined || typeof value !== 'object' || value === null) return;
    if (step === '*') {
      if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) this.#pick(item, level + 1);
      return;
    }
    if (Array.isArray(value)) return;
    for (const [key, member] of Object.entries(value)) {
      if (step.includes(key)) this.#pick(member, level + 1);
      else if (level === 0 && this.#source.watch?.includes(key) && (typeof member !== 'object' || member === null)) {
        this.#watched.set(key, JSON.stringify(member));
      }
    }
  }

  #lost(message: string, count = 1): void {
    this.#problems.set(message, (this.#problems.get(message) ?? 0) + count);
  }
}
