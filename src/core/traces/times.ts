// Moments and durations as trace formats write them → whole microseconds since the epoch plus 0–999 nanoseconds. No clock, no Date.
import type { JsonValue } from '../model/json.ts';

/** A moment: whole microseconds since the epoch, and the nanoseconds beyond. */
export interface Moment {
  readonly micros: number;
  readonly nanos: number;
}

/** Nanoseconds since the epoch as a decimal string, a number (256 ns steps by now) or `{low, high}`; null for anything else. */
export function fromNanos(value: JsonValue | undefined): Moment | null {
  if (typeof value === 'string') {
    if (!/^\d{1,20}$/.test(value)) return null;
    if (value.length <= 3) return { micros: 0, nanos: Number(value) };
    return { micros: Number(value.slice(0, -3)), nanos: Number(value.slice(-3)) };
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) && value >= 0 ? fromMicros(Math.floor(value) / 1000) : null;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { low, high } = value as { readonly low?: JsonValue; readonly high?: JsonValue };
    if (typeof low !== 'number' || typeof high !== 'number') return null;
    if (!Number.isInteger(low) || !Number.isInteger(high)) return null;
    return fromNanos(((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString());
  }
  return null;
}

/** Microseconds since the epoch, possibly with a fraction. */
export function fromMicros(micros: number): Moment {
  const whole = Math.floor(micros);
  return { micros: whole, nanos: Math.min(999, Math.round((micros - whole) * 1000)) };
}

/** From one moment to another, in nanoseconds; negative where `end` comes first. */
export function nanosBetween(start: Moment, end: Moment): number {
  return (end.micros - start.micros) * 1000 + (end.nanos - start.nanos);
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:(Z|z| UTC)|([+-])(\d\d):?(\d\d))?$/;

/** RFC 3339 text (without a zone: UTC); null for anything else. */
export function fromIso(value: JsonValue | undefined): Moment | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  const match = RFC3339.exec(value);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = match;
  const days = daysSinceEpoch(Number(year), Number(month), Number(day));
  let seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (sign) seconds += (sign === '+' ? -1 : 1) * (Number(zoneHour) * 3600 + Number(zoneMinute) * 60);
  const nanos = Number((fraction ?? '').padEnd(9, '0'));
  return { micros: seconds * 1_000_000 + Math.floor(nanos / 1000), nanos: nanos % 1000 };
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const UNITS = new Map([
  ['h', 3_600_000_000_000],
  ['m', 60_000_000_000],
  ['s', 1_000_000_000],
  ['ms', 1_000_000],
  ['us', 1000],
  ['µs', 1000],
  ['μs', 1000],
  ['ns', 1],
]);

/** A duration as Go prints it (`-1m2.5s`, `12.3µs`), in nanoseconds; null for anything else. */
export function fromGoDuration(text: string): number | null {
  const match = /^([+-]?)((?:\d+(?:\.\d+)?(?:h|ms|µs|μs|us|ns|m|s))+)$/.exec(text);
  if (!match) return null;
  let total = 0;
  for (const part of (match[2] ?? '').matchAll(/(\d+(?:\.\d+)?)(h|ms|µs|μs|us|ns|m|s)/g)) {
    total += Number(part[1]) * (UNITS.get(part[2] ?? '') ?? 0);
  }
  return match[1] === '-' ? -total : total;
}
