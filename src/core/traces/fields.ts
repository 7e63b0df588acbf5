// Safe looks into parsed JSON whose keys are hostile text.
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Span, SpanBatch } from './importer.ts';

/** The value where it is an object that is no array. */
export function objectOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The items where the value is an array, else nothing. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** An own member of an object. */
export function member(object: JsonObject | null, key: string): JsonValue | undefined {
  return object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An own member where it is a string, else empty. */
export function textOf(object: JsonObject | null, key: string): string {
  const value = member(object, key);
  return typeof value === 'string' ? value : '';
}

/** An own member where it is a finite number, or text that is one; else null. */
export function numberOf(object: JsonObject | null, key: string): number | null {
  const value = member(object, key);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return null;
  return Number(value);
}

/** Sums of equal reasons, in the order they first came. */
export class Losses {
  #counts = new Map<string, number>();
  #dropped = 0;

  /** A span that cannot be used. */
  drop(message: string): void {
    this.#dropped++;
    this.note(message);
  }

  /** Something worth telling that loses no span. */
  note(message: string, count = 1): void {
    this.#counts.set(message, (this.#counts.get(message) ?? 0) + count);
  }

  /** All since the last call, with the spans. */
  batch(spans: readonly Span[]): SpanBatch {
    const problems = [...this.#counts].map(([message, count]) => ({ message, count }));
    const batch = { spans, problems, dropped: this.#dropped };
    this.#counts = new Map();
    this.#dropped = 0;
    return batch;
  }
}
