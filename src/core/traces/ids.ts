// Trace and span ids of all formats → lower-case hex, 32 and 16 characters. Ids of zeros mean "none".
import type { JsonValue } from '../model/json.ts';

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** A trace id written in hex, with or without its leading zeros, `0x` and dashes; null for anything else and for zero. */
export function hexTraceId(value: JsonValue | undefined): string | null {
  return hex(value, TRACE_DIGITS);
}

/** A span id written in hex; null for anything else and for zero. */
export function hexSpanId(value: JsonValue | undefined): string | null {
  return hex(value, SPAN_DIGITS);
}

/** A trace id in hex or base64, told apart by its length (24 or 22 characters are base64). */
export function traceId(value: JsonValue | undefined): string | null {
  if (typeof value === 'string' && (value.length === 24 || value.length === 22)) return base64(value, TRACE_DIGITS);
  return hexTraceId(value);
}

/** A span id in hex or base64, told apart by its length (12 or 11 characters are base64). */
export function spanId(value: JsonValue | undefined): string | null {
  if (typeof value === 'string' && (value.length === 12 || value.length === 11)) return base64(value, SPAN_DIGITS);
  return hexSpanId(value);
}

/** An unsigned 64-bit number written in decimal → 16 hex characters; null for anything else and for zero. */
export function decimalId(value: JsonValue | undefined): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0)
    return value.toString(16).padStart(16, '0');
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return null;
  const number = BigInt(value);
  return number === 0n || number > 0xffffffffffffffffn ? null : number.toString(16).padStart(SPAN_DIGITS, '0');
}

function hex(value: JsonValue | undefined, digits: number): string | null {
  if (typeof value !== 'string') return null;
  let clean = value;
  if (clean.length !== digits) {
    if (clean.startsWith('0x')) clean = clean.slice(2);
    if (clean.includes('-')) clean = clean.replaceAll('-', '');
    if (clean.length === 0 || clean.length > digits) return null;
  }
  let lower = true;
  let zero = true;
  for (let index = 0; index < clean.length; index++) {
    const code = clean.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      if (code !== 48) zero = false;
    } else if (code >= 97 && code <= 102) zero = false;
    else if (code >= 65 && code <= 70) {
      zero = false;
      lower = false;
    } else return null;
  }
  if (zero) return null;
  const padded = clean.length === digits ? clean : clean.padStart(digits, '0');
  return lower ? padded : padded.toLowerCase();
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(value: string, digits: number): string | null {
  let bits = 0;
  let held = 0;
  let out = '';
  for (const char of value) {
    if (char === '=') break;
    const six = ALPHABET.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
    if (six < 0) return null;
    bits = ((bits << 6) | six) & 0xffff;
    held += 6;
    while (held >= 4) {
      held -= 4;
      out += ((bits >> held) & 15).toString(16);
    }
  }
  const id = out.slice(0, digits);
  return id.length < digits || /^0+$/.test(id) ? null : id;
}
