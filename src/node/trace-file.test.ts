import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTraceFile } from './trace-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eventscape-trace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = JSON.stringify({
  resourceSpans: Array.from({ length: 50_000 }, (_, index) => ({ scope: `billing-${index * 7919}` })),
});

async function readBack(bytes: Uint8Array): Promise<{ text: string; problem: string | null }> {
  const path = join(folder, 'trace.json');
  writeFileSync(path, bytes);
  const file = await openTraceFile(path);
  if ('unreadable' in file) throw new Error(file.unreadable);
  const parts: Uint8Array[] = [];
  for await (const chunk of file.chunks) parts.push(chunk);
  return { text: Buffer.concat(parts).toString(), problem: file.problem() };
}

test('plain and compressed files give the same bytes', async () => {
  expect(await readBack(Buffer.from(text))).toEqual({ text, problem: null });
  expect(await readBack(gzipSync(text))).toEqual({ text, problem: null });
  // `{"spans":[]}` in one raw zstd block, made by hand: magic, single segment of 12 bytes, last raw block.
  const zstd = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 12, 0x61, 0, 0, ...Buffer.from('{"spans":[]}')];
  expect(await readBack(Buffer.from(zstd))).toEqual({ text: '{"spans":[]}', problem: null });
  expect(await readBack(new Uint8Array())).toEqual({ text: '', problem: null });
});

test('a file that breaks off gives what there is and says so', async () => {
  const whole = gzipSync(text);
  const read = await readBack(whole.subarray(0, whole.length >> 1));
  expect(text.startsWith(read.text)).toBe(true);
  expect(read.text.length).toBeGreaterThan(0);
  expect(read.problem).toBe('the file breaks off: unexpected end of file');
});

test('what cannot be opened says why', async () => {
  expect(await openTraceFile(join(folder, 'gone.json'))).toMatchObject({ unreadable: 'no such file or directory' });
  expect(await openTraceFile(folder)).toMatchObject({ unreadable: 'it is a folder; name a trace file' });
});
