// Bytes of a file, possibly compressed → the bytes within. gzip goes through the shell's inflate, zstd is done here (RFC 1952, RFC 8878).
import { Decompress } from 'fzstd';
import { peek } from './head.ts';
import type { Bytes } from './importer.ts';

/** Undoes gzip. The engine has no such function of its own: the shell gives it one. Throws on a broken stream. */
export type Inflate = (chunks: AsyncIterable<Bytes>) => AsyncIterable<Bytes>;

/** Told by the first bytes; anything else passes unchanged. Throws where the stream is broken or `inflate` is missing. */
export async function* decompress(
  chunks: AsyncIterable<Bytes>,
  inflate: Inflate | null,
): AsyncGenerator<Bytes, void, undefined> {
  const { head, all } = await peek(chunks);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    if (inflate === null) throw new Error('the file is compressed with gzip, which this program cannot open: unpack it first');
    yield* inflate(all);
  } else if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) yield* unzstd(all);
  else yield* all;
}

async function* unzstd(chunks: AsyncIterable<Bytes>): AsyncGenerator<Bytes, void, undefined> {
  let parts: Bytes[] = [];
  const stream = new Decompress((part) => {
    parts.push(part);
  });
  for await (const chunk of chunks) {
    stream.push(chunk);
    const ready = parts;
    parts = [];
    yield* ready;
  }
}
