// Finds the elements of one array (or of a sequence of documents) inside JSON text that arrives in chunks of bytes, in constant
// memory: only the element in hand is kept. It checks nesting and strings, not grammar; each element is for JSON.parse to judge (RFC 8259).
import type { Bytes } from './importer.ts';

/** One level of the way from the root to the elements: the members of an array, or the listed keys of an object. */
export type Step = '*' | readonly string[];

/** What was lost at the end of the text. */
export interface Unfinished {
  /** The text ended inside an element. */
  readonly insideElement: boolean;
  /** The text ended before the root value was closed. */
  readonly open: boolean;
}

/** Elements larger than this are skipped: no JavaScript string could hold them safely. */
const MAX_ELEMENT_BYTES = 256 * 1024 * 1024;
const MAX_WATCHED_BYTES = 4096;

/** Feed chunks with `push`; each call returns the elements completed by that chunk, as bytes valid until the next call. */
export class JsonSlicer {
  /** Elements that are no object or array (`null`, `123`): counted, never returned. */
  scalars = 0;
  /** Elements over 256 MiB. */
  oversized = 0;
  /** Scalar members of the root object whose key was asked for, as JSON text. */
  readonly watched = new Map<string, string>();

  readonly #path: readonly Step[];
  readonly #watch: readonly string[];
  #depth = 0;
  #matched = 0;
  /** Per matched level: whether it is an object. */
  readonly #isObject: boolean[] = [];
  #selected = true;
  #inString = false;
  #escaped = false;
  #expectKey = false;
  #key: number[] | null = null;
  #capturing = false;
  #carry: Bytes[] = [];
  #carried = 0;
  #skipping = false;
  #watching: { key: string; bytes: number[] } | null = null;

  constructor(path: readonly Step[], watch: readonly string[] = []) {
    this.#path = path;
    this.#watch = watch;
  }

  /** O(chunk). */
  push(chunk: Bytes): Bytes[] {
    const out: Bytes[] = [];
    const size = chunk.length;
    let start = 0;
    let index = 0;
    while (index < size) {
      if (this.#inString) {
        index = this.#string(chunk, index);
        continue;
      }
      if (this.#depth > this.#matched) {
        index = this.#inside(chunk, index);
        if (this.#depth === this.#matched) {
          if (this.#capturing) this.#finish(chunk, start, index, out);
          this.#selected = this.#depth === 0;
        }
        continue;
      }
      const byte = chunk[index] ?? 0;
      switch (byte) {
        case 34: // "
          this.#inString = true;
          if (this.#expectKey) this.#key = [];
          else {
            this.#scalar();
            this.#watching?.bytes.push(34);
          }
          break;
        case 123: // {
        case 91: // [
          this.#watching = null;
          if (this.#selected && this.#matched === this.#path.length) {
            this.#capturing = true;
            start = index;
            this.#depth++;
          } else if (this.#selected && (this.#path[this.#matched] === '*') === (byte === 91)) {
            this.#isObject[this.#matched] = byte === 123;
            this.#matched++;
            this.#depth++;
            this.#expectKey = byte === 123;
            this.#selected = byte === 91;
          } else this.#depth++;
          break;
        case 125: // }
        case 93: // ]
          this.#watched();
          if (this.#depth > 0) {
            this.#depth--;
            this.#matched = this.#depth;
            this.#expectKey = false;
            this.#selected = this.#depth === 0;
          }
          break;
        case 44: // ,
          this.#watched();
          if (this.#matched > 0) {
            this.#expectKey = this.#isObject[this.#matched - 1] === true;
            this.#selected = !this.#expectKey;
          } else this.#selected = true;
          break;
        case 58: // :
          break;
        case 32:
        case 10:
        case 13:
        case 9:
        case 0x1e:
          if (this.#depth === 0) this.#selected = true;
          break;
        default:
          this.#scalar();
          if (this.#watching && this.#watching.bytes.length < MAX_WATCHED_BYTES) this.#watching.bytes.push(byte);
      }
      index++;
    }
    if (this.#capturing) this.#keep(chunk.slice(start));
    return out;
  }

  /** Call once after the last chunk. */
  end(): Unfinished {
    return { insideElement: this.#capturing, open: this.#depth > 0 || this.#inString };
  }

  /** Runs to the end of a value that is captured or skipped, where only nesting and strings matter, or of the chunk; returns where to go on. */
  #inside(chunk: Bytes, from: number): number {
    const size = chunk.length;
    const stop = this.#matched;
    let depth = this.#depth;
    let index = from;
    scan: while (index < size) {
      const byte = chunk[index++] ?? 0;
      if (byte === 34) {
        for (;;) {
          if (index >= size) {
            this.#inString = true;
            this.#escaped = index > size;
            index = size;
            break scan;
          }
          const inner = chunk[index++] ?? 0;
          if (inner === 34) break;
          if (inner === 92) index++;
        }
      } else if ((byte | 32) === 123) depth++;
      else if ((byte | 32) === 125) {
        depth--;
        if (depth === stop) break;
      }
    }
    this.#depth = depth;
    return index;
  }

  /** Runs to the end of a string or of the chunk; returns where to go on. */
  #string(chunk: Bytes, from: number): number {
    const size = chunk.length;
    const collect = this.#depth === this.#matched ? (this.#key ?? this.#watching?.bytes ?? null) : null;
    let index = from;
    let escaped = this.#escaped;
    for (; index < size; index++) {
      const byte = chunk[index] ?? 0;
      if (escaped) escaped = false;
      else if (byte === 92) escaped = true;
      else if (byte === 34) break;
      if (collect && collect.length < MAX_WATCHED_BYTES) collect.push(byte);
    }
    this.#escaped = escaped;
    if (index === size) return index;
    this.#inString = false;
    if (this.#depth === this.#matched) {
      if (this.#key) {
        this.#named(text(this.#key));
        this.#key = null;
        this.#expectKey = false;
      } else this.#watching?.bytes.push(34);
    }
    return index + 1;
  }

  #named(key: string): void {
    const step = this.#path[this.#matched - 1];
    this.#selected = step !== undefined && step !== '*' && step.includes(key);
    this.#watching = this.#depth === 1 && !this.#selected && this.#watch.includes(key) ? { key, bytes: [] } : null;
  }

  #watched(): void {
    if (this.#watching && this.#watching.bytes.length > 0) {
      this.watched.set(this.#watching.key, text(this.#watching.bytes));
    }
    this.#watching = null;
  }

  /** A scalar where an element is wanted: counted once. */
  #scalar(): void {
    if (this.#selected && this.#matched === this.#path.length) {
      this.scalars++;
      this.#selected = false;
    }
  }

  #keep(part: Bytes): void {
    if (this.#skipping) return;
    this.#carried += part.length;
    if (this.#carried > MAX_ELEMENT_BYTES) {
      this.#skipping = true;
      this.#carry = [];
    } else this.#carry.push(part);
  }

  #finish(chunk: Bytes, start: number, end: number, out: Bytes[]): void {
    this.#capturing = false;
    if (this.#skipping) this.oversized++;
    else if (this.#carry.length === 0) out.push(chunk.subarray(start, end));
    else {
      const whole = new Uint8Array(this.#carried + end);
      let at = 0;
      for (const part of this.#carry) {
        whole.set(part, at);
        at += part.length;
      }
      whole.set(chunk.subarray(0, end), at);
      out.push(whole);
    }
    this.#carry = [];
    this.#carried = 0;
    this.#skipping = false;
  }
}

function text(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
