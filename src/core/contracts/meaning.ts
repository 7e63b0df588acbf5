// What a field means, as far as its words tell: units in titles and descriptions, and values that look like renames of each other.
// English only; a unit counts where a text names exactly one unit of its dimension on each side.

/** The dimension and unit of a word: `ms` and `milliseconds` are the same. */
const UNITS: readonly (readonly [dimension: string, unit: string, words: RegExp])[] = [
  ['time', 'nanoseconds', /\b(?:ns|nanos?|nanoseconds?)\b/i],
  ['time', 'microseconds', /\b(?:us|µs|micros|microseconds?)\b/i],
  ['time', 'milliseconds', /\b(?:ms|millis|milliseconds?|msec)\b/i],
  ['time', 'seconds', /\b(?:secs?|seconds?)\b|\bin s\b|\(s\)/i],
  ['time', 'minutes', /\b(?:mins?|minutes?)\b/i],
  ['time', 'hours', /\b(?:hrs?|hours?)\b/i],
  ['time', 'days', /\bdays?\b/i],
  ['money', 'cents', /\b(?:cents?|minor units?|pence|pennies)\b/i],
  ['money', 'whole units', /\b(?:euros?|dollars?|pounds?|major units?|francs?)\b/i],
  ['size', 'bits', /\bbits?\b/i],
  ['size', 'bytes', /\bbytes?\b/i],
  ['size', 'kilobytes', /\b(?:kb|kib|kilobytes?)\b/i],
  ['size', 'megabytes', /\b(?:mb|mib|megabytes?)\b/i],
  ['size', 'gigabytes', /\b(?:gb|gib|gigabytes?)\b/i],
  ['length', 'millimetres', /\b(?:mm|millimet(?:er|re)s?)\b/i],
  ['length', 'centimetres', /\b(?:cm|centimet(?:er|re)s?)\b/i],
  ['length', 'metres', /\b(?:met(?:er|re)s?)\b/i],
  ['length', 'kilometres', /\b(?:km|kilomet(?:er|re)s?)\b/i],
  ['length', 'inches', /\binch(?:es)?\b/i],
  ['length', 'feet', /\b(?:feet|foot)\b/i],
  ['length', 'miles', /\bmiles?\b/i],
  ['weight', 'grams', /\b(?:grams?|gramm)\b/i],
  ['weight', 'kilograms', /\b(?:kg|kilograms?|kilos?)\b/i],
  ['weight', 'pounds of weight', /\blbs?\b/i],
  ['temperature', 'Celsius', /\b(?:celsius|centigrade)\b|°C/i],
  ['temperature', 'Fahrenheit', /\bfahrenheit\b|°F/i],
  ['temperature', 'Kelvin', /\bkelvin\b/i],
  ['ratio', 'percent', /\b(?:percent|percentage)\b|%/i],
  ['ratio', 'a fraction', /\b(?:fraction|ratio|between 0 and 1|0\.\.1|per mille)\b/i],
  ['clock', 'UTC', /\b(?:utc|gmt)\b/i],
  ['clock', 'local time', /\blocal time\b/i],
  ['tax', 'net', /\b(?:net|excluding (?:vat|tax)|excl\.? (?:vat|tax)|before tax)\b/i],
  ['tax', 'gross', /\b(?:gross|including (?:vat|tax)|incl\.? (?:vat|tax)|after tax)\b/i],
];

/** A unit that was replaced by another one of its dimension; null where the texts tell of none. O(text). */
export function unitChange(before: string, after: string): { readonly from: string; readonly to: string } | null {
  if (before === after) return null;
  const old = unitsIn(before);
  const now = unitsIn(after);
  for (const [dimension, from] of old) {
    const to = now.get(dimension);
    const [was] = from;
    const [is] = to ?? [];
    if (from.length === 1 && to?.length === 1 && was !== undefined && is !== undefined && was.unit !== is.unit)
      return { from: was.word, to: is.word };
  }
  return null;
}

interface Unit {
  readonly unit: string;
  /** As it is written. */
  readonly word: string;
}

function unitsIn(text: string): ReadonlyMap<string, readonly Unit[]> {
  const found = new Map<string, Unit[]>();
  const clipped = text.slice(0, 2000);
  for (const [dimension, unit, words] of UNITS) {
    const word = words.exec(clipped)?.[0];
    if (word === undefined) continue;
    const known = found.get(dimension);
    if (known === undefined) found.set(dimension, [{ unit, word }]);
    else known.push({ unit, word });
  }
  return found;
}

/** How two names or values resemble each other: only in case and separators, within one or two letters, or not at all. */
export function resemblance(a: string, b: string): 'case' | 'typo' | null {
  if (a === b) return null;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_.-]/g, '');
  if (plain(a) === plain(b) && plain(a) !== '') return 'case';
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4 || Math.max(a.length, b.length) > 100) return null;
  return distance(plain(a), plain(b)) <= (shorter < 8 ? 1 : 2) ? 'typo' : null;
}

/** Edits (insert, delete, replace, swap of neighbours) from one text to the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
