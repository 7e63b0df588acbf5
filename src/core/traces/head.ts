// Looks at the beginning of a stream of chunks and gives the stream back whole.
import type { Bytes } from './importer.ts';

/** As much of a file as importers look at to recognise it. */
export const HEAD_BYTES = 64 * 1024;

export interface Peeked {
  readonly head: Bytes;
  /** All chunks, those of the head included. Iterated once. */
  readonly all: AsyncIterable<Bytes>;
  /** Ends the stream where `all` is not iterated. */
  readonly close: () => Promise<void>;
}

/** The first 64 KiB (or all of a shorter text), and the stream as if nothing had been read. */
export async function peek(chunks: AsyncIterable<Bytes>): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Bytes[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    size += next.value.length;
  }
  const head = new Uint8Array(Math.min(size, HEAD_BYTES));
  let at = 0;
  for (const chunk of first) {
    const part = chunk.subarray(0, head.length - at);
    head.set(part, at);
    at += part.length;
  }
  async function* all(): AsyncGenerator<Bytes, void, undefined> {
    try {
      for (const chunk of first) yield chunk;
      first.length = 0;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  return { head, all: all(), close };
}
