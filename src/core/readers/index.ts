// The registry of readers, alphabetical.
import type { Reader } from './reader.ts';

export const readers: readonly Reader[] = [];
