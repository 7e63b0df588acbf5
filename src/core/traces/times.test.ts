import { describe, expect, test } from 'vitest';
import { decimalId, hexSpanId, hexTraceId, spanId, traceId } from './ids.ts';
import { fromGoDuration, fromIso, fromMicros, fromNanos, nanosBetween } from './times.ts';

describe('ids', () => {
  test.each([
    ['1ddd197d3788d69ba62d331817268d0d', '1ddd197d3788d69ba62d331817268d0d'],
    ['1DDD197D3788D69BA62D331817268D0D', '1ddd197d3788d69ba62d331817268d0d'],
    ['Hd0ZfTeI1pumLTMYFyaNDQ==', '1ddd197d3788d69ba62d331817268d0d'],
    ['Hd0ZfTeI1pumLTMYFyaNDQ', '1ddd197d3788d69ba62d331817268d0d'],
    ['abc', '00000000000000000000000000000abc'],
    ['00000000000000000000000000000000', null],
    ['1ddd197d3788d69ba62d331817268d0dff', null],
    ['not an id', null],
    [17, null],
  ])('trace %s', (written, id) => {
    expect(traceId(written)).toBe(id);
  });

  test.each([
    ['44d59beb2da8d2fc', '44d59beb2da8d2fc'],
    ['RNWb6y2o0vw=', '44d59beb2da8d2fc'],
    ['RNWb6y2o0vw', '44d59beb2da8d2fc'],
    ['AAAAAAAAAAA=', null],
    ['*NWb6y2o0vw', null],
    ['', null],
  ])('span %s', (written, id) => {
    expect(spanId(written)).toBe(id);
  });

  test('in a format that has hex only, eleven digits are hex', () => {
    expect(hexSpanId('abcdefabcde')).toBe('00000abcdefabcde');
    expect(hexSpanId('0x1f')).toBe('000000000000001f');
    expect(hexTraceId('6e0c6325-7de3-4c92-6f9e-fcd03927272e')).toBe('6e0c63257de34c926f9efcd03927272e');
  });

  test.each([
    ['18446744073709551615', 'ffffffffffffffff'],
    ['9007199254740993', '0020000000000001'],
    [12, '000000000000000c'],
    ['0', null],
    ['18446744073709551616', null],
    [2 ** 60, null],
  ])('decimal %s', (written, id) => {
    expect(decimalId(written)).toBe(id);
  });
});

describe('moments', () => {
  test.each([
    ['1795420134813704939', 1795420134813704, 939],
    ['939', 0, 939],
    [{ low: -2147483648, high: 0 }, 2147483, 648],
  ])('nanoseconds %j', (written, micros, nanos) => {
    expect(fromNanos(written)).toEqual({ micros, nanos });
  });

  test.each([['-1'], ['1.5'], [''], [null], [true], [{ low: 1 }], [Number.NaN]])('no nanoseconds: %j', (written) => {
    expect(fromNanos(written)).toBeNull();
  });

  test.each([
    ['1970-01-01T00:00:00Z', 0, 0],
    ['2026-03-01T09:00:00.0125Z', Date.UTC(2026, 2, 1, 9) * 1000 + 12_500, 0],
    ['2024-02-29T23:59:59.999999999+05:30', Date.UTC(2024, 1, 29, 18, 29, 59) * 1000 + 999_999, 999],
    ['2026-03-01 09:00:00', Date.UTC(2026, 2, 1, 9) * 1000, 0],
  ])('%s', (written, micros, nanos) => {
    expect(fromIso(written)).toEqual({ micros, nanos });
  });

  test('anything else is no date', () => {
    for (const written of ['yesterday', '2026-3-1T9:00:00Z', '', 5, null]) expect(fromIso(written)).toBeNull();
  });

  test.each([
    ['-39ms', -39_000_000],
    ['12.5µs', 12_500],
    ['1m2.5s', 62_500_000_000],
    ['1h', 3_600_000_000_000],
    ['soon', null],
    ['', null],
  ])('Go duration %s', (written, nanos) => {
    expect(fromGoDuration(written)).toBe(nanos);
  });

  test('differences keep nanoseconds', () => {
    expect(nanosBetween({ micros: 10, nanos: 900 }, { micros: 12, nanos: 100 })).toBe(1200);
    expect(fromMicros(1.5)).toEqual({ micros: 1, nanos: 500 });
  });
});
