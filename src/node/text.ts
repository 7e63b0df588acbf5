// Bytes of a declaration file → text, or the reason why they are none.
import { constants } from 'node:buffer';

/** Larger declaration files are a problem, not text. Trace files have no such limit. */
export const MAX_DECLARATION_BYTES = 5 * 1024 * 1024;

/** The sentence for a file over the limit. */
export function tooLarge(bytes: number): string {
  return `this file has ${(bytes / 1024 / 1024).toFixed(1)} MB; declaration files over 5 MB are not read`;
}

const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text without NUL characters, or null with the reason. */
export function asText(
  bytes: Uint8Array,
): { readonly text: string } | { readonly text: null; readonly problem: string } {
  if (bytes.length > Math.min(MAX_DECLARATION_BYTES, constants.MAX_STRING_LENGTH))
    return { text: null, problem: tooLarge(bytes.length) };
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { text: null, problem: 'this file is UTF-16; save it as UTF-8 to have it read' };
  }
  if (bytes.includes(0)) return { text: null, problem: 'this file is binary and is not read' };
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { text: null, problem: 'this file is not UTF-8 text; save it as UTF-8 to have it read' };
  }
  if (text.startsWith(LFS_POINTER))
    return { text: null, problem: 'this is a Git LFS pointer, not the file: run `git lfs pull`' };
  return { text };
}
