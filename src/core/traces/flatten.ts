// Nested objects → one flat map with dotted keys, as attributes are named everywhere.
import type { JsonValue } from '../model/json.ts';

const MAX_DEPTH = 12;
const MAX_KEYS = 2000;

/** Lays the members of nested objects over `into`; arrays and scalars are values. Bounded in depth and number of keys. */
export function flatten(value: JsonValue | undefined, into: Map<string, JsonValue>, prefix = '', depth = 0): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > MAX_DEPTH) return;
  for (const [key, held] of Object.entries(value)) {
    if (into.size > MAX_KEYS) return;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof held === 'object' && held !== null && !Array.isArray(held)) flatten(held, into, name, depth + 1);
    else into.set(name, held as JsonValue);
  }
}
