// A trace file of any size → its bytes in chunks, inflated where it is gzip or zstd (told by content, not by name).
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { reasonOf } from './files.ts';

export interface TraceFile {
  readonly path: string;
  /** May be iterated once. Ends early where the file breaks off; then `problem` says so. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What went wrong while reading; null while all is well. */
  readonly problem: () => string | null;
}

/** Opens a file; where that fails, the reason. */
export async function openTraceFile(
  path: string,
): Promise<TraceFile | { readonly path: string; readonly unreadable: string }> {
  let head: Buffer;
  try {
    const handle = await open(path, 'r');
    try {
      const stat = await handle.stat();
      if (!stat.isFile())
        return {
          path,
          unreadable: stat.isDirectory() ? 'it is a folder; name a trace file' : 'it is not a regular file',
        };
      head = Buffer.alloc(4);
      await handle.read(head, 0, 4, 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { path, unreadable: reasonOf(error) };
  }
  let problem: string | null = null;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
      if (head.readUInt16BE(0) === 0x1f8b) {
        const inflated = createGunzip();
        raw.on('error', (error) => inflated.destroy(error));
        yield* raw.pipe(inflated);
      } else if (head.readUInt32LE(0) === 0xfd2fb528) yield* unzstd(raw);
      else yield* raw;
    } catch (error) {
      problem = `the file breaks off: ${reasonOf(error)}`;
    }
  }
  return { path, chunks: chunks(), problem: () => problem };
}

async function* unzstd(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => ready.push(chunk));
  for await (const chunk of raw) {
    stream.push(chunk);
    yield* ready;
    ready = [];
  }
}
