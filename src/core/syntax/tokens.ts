// The words of a C-like declaration language (Protobuf, Avro IDL): names, numbers, strings and single marks, with the comments beside them.
// What is no word of either language becomes a mark of its own; a string or comment that never ends ends with its line or the text. O(text).

/** One word. Offsets are UTF-16 indices into the text, end exclusive. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'end';
  /** As written; for strings without their quotes and escapes, for names without back quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Comments between the word before and this one, beginning on a later line than that one ends; empty where there are none. */
  readonly lead: string;
  /** Comments behind this word that begin on its line. */
  readonly trail: string;
}

const WORD =
  /(?<space>[^\S\n]+|\n)|(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)|(?<number>0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFlL]?)|`(?<quoted>[^`\n]*)`?|(?<name>[\p{L}_$][\p{L}\p{N}_$]*)|(?<mark>[\s\S])/uy;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The words of a text; the last one is of kind `end`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: { -readonly [K in keyof Token]: Token[K] }[] = [];
  const word = new RegExp(WORD.source, WORD.flags);
  let lead = '';
  let newLine = true;
  for (let match = word.exec(text); match !== null && match[0] !== ''; match = word.exec(text)) {
    const groups = match.groups ?? {};
    const [whole] = match;
    const start = match.index;
    if (groups['space'] !== undefined) {
      if (whole === '\n') newLine = true;
      continue;
    }
    if (groups['comment'] !== undefined) {
      const said = commentText(whole);
      const before = tokens.at(-1);
      if (newLine || before === undefined) lead = lead === '' ? said : `${lead}\n${said}`;
      else before.trail = before.trail === '' ? said : `${before.trail} ${said}`;
      if (whole.includes('\n')) newLine = true;
      continue;
    }
    const kind: Token['kind'] =
      groups['string'] !== undefined
        ? 'string'
        : groups['number'] !== undefined
          ? 'number'
          : groups['quoted'] !== undefined || groups['name'] !== undefined
            ? 'name'
            : 'mark';
    const shown = kind === 'string' ? unquoted(whole) : (groups['quoted'] ?? whole);
    tokens.push({ kind, text: shown, start, end: start + whole.length, lead, trail: '' });
    lead = '';
    newLine = false;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length, lead, trail: '' });
  return tokens;
}

/** Whether only blanks stand before an offset on its line: broken statements are given up where the next one may begin. */
export function beginsLine(text: string, offset: number): boolean {
  for (let before = offset - 1; before >= 0; before--) {
    const character = text[before];
    if (character === '\n' || character === '\r') return true;
    if (character !== ' ' && character !== '\t') return false;
  }
  return true;
}

function commentText(comment: string): string {
  if (comment.startsWith('//')) return comment.replace(/^\/+/, '').trim();
  return comment
    .replace(/^\/\*+/, '')
    .replace(/\*+\/$/, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\*+ ?/, ''))
    .join('\n')
    .trim();
}

function unquoted(text: string): string {
  const [quote = ''] = text;
  const body = text.length > 1 && text.endsWith(quote) ? text.slice(1, -1) : text.slice(1);
  if (!body.includes('\\')) return body;
  return body.replaceAll(/\\(u[\da-fA-F]{4}|.)/g, (_, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES.get(code) ?? code),
  );
}
