// How much room a label takes, estimated from a table of advance widths of common user-interface fonts, so that the editor's panel and the
// command line lay out alike without a font at hand. No shaping: scripts that are not Latin count a full em where they are wide.

/** The name as one line of harmless text: control characters, line breaks and direction overrides become a visible mark. */
export function plainText(name: string): string {
  return name.replaceAll(/[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, '\ufffd');
}

/** Estimated width in pixels of one line at a font size in pixels. */
export function textWidth(text: string, size: number, bold = false): number {
  let ems = 0;
  for (const character of text) ems += advance(character);
  return ems * size * (bold ? 1.06 : 1);
}

/** The text, its middle replaced by `…` where it is wider than `width`: names of channels often differ at the end. O(length). */
export function fitText(text: string, width: number, size: number, bold = false): string {
  const characters = Array.from(text);
  if (characters.length <= 400 && textWidth(text, size, bold) <= width) return text;
  const scale = size * (bold ? 1.06 : 1);
  let room = width / scale - advance('…');
  let head = 0;
  let tail = characters.length;
  while (head < tail) {
    const fromHead = head <= characters.length - tail;
    room -= advance(characters[fromHead ? head : tail - 1] ?? '');
    if (room < 0) break;
    if (fromHead) head++;
    else tail--;
  }
  return `${characters.slice(0, head).join('').trimEnd()}…${characters.slice(tail).join('').trimStart()}`;
}

function advance(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x1100 && isWide(code)) return 1;
  if (code > 126) return 0.62;
  if ("ijl|'!.,:;I".includes(character)) return 0.28;
  if ('ftr()[]{}/\\-" '.includes(character)) return 0.37;
  if ('mMW@%'.includes(character)) return 0.9;
  if ('w'.includes(character)) return 0.76;
  if (code >= 65 && code <= 90) return 0.68;
  return 0.57;
}

function isWide(code: number): boolean {
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    code >= 0x1f300
  );
}
