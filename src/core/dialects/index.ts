// The registry of dialects, alphabetical.
import type { Dialect } from '../model/dialect.ts';

export const dialects: readonly Dialect[] = [];
