// A regular expression → texts that match it, unlike each other: shortest, longer, each alternative, unlike characters of each class, and
// where it is not anchored with something around it. Literals, classes, groups, alternatives, quantifiers, anchors; lookarounds and back
// references are read as empty, so a sample is only a guess until the expression itself has been asked.
import { compilePattern } from './accepts.ts';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'class'; readonly picks: readonly string[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number };

const ALPHABET = ['aAzZ0159_- .,:;/@!#$%&*+=?^|~<>()[]{}\'"\\'.split(''), '`', '\t', '\n', 'é', 'ß', '中'].flat();
const MAX_SAMPLES = 48;
const MAX_REPEAT = 4000;

/** Up to 48 matching texts, simplest first. Empty where the pattern cannot be read or sampled. `lengths`: lengths worth reaching. */
export function regexSamples(pattern: string, lengths: readonly number[] = []): readonly string[] {
  const expression = compilePattern(pattern);
  if (expression === null) return [];
  const tree = parse(pattern);
  if (tree === null) return [];
  const results = new Set<string>();
  const offer = (text: string): void => {
    if (results.size < MAX_SAMPLES && text.length <= 20_000 && expression.test(text)) results.add(text);
  };
  for (let alternative = 0; alternative < 4; alternative++) {
    for (let pick = 0; pick < 6; pick++) {
      for (const repeat of [0, 1, 2]) offer(write(tree, { pick, repeat, alternative, turn: 0 }));
      if (pick === 0) offer(write(tree, { pick: 0, repeat: 0, alternative, turn: 1 }));
    }
  }
  for (const length of lengths) {
    const shortest = write(tree, { pick: 0, repeat: 0, alternative: 0, turn: 0 }).length;
    const room = length - shortest;
    if (room > 0 && room <= MAX_REPEAT)
      for (const repeat of new Set([room, Math.max(1, Math.floor(room / 2)), room + 1]))
        offer(write(tree, { pick: 0, repeat, alternative: 0, turn: 0 }));
  }
  const simple = [...results].slice(0, 3);
  for (const text of simple)
    for (const around of ['!', 'X', 'x', '0', ' ', '-'])
      for (const padded of [text + around, around + text, around + text + around]) offer(padded);
  offer('');
  for (const length of lengths)
    if (length <= MAX_REPEAT) for (const filler of ['a', '0', ' ', 'A']) offer(filler.repeat(length));
  for (const text of simple)
    for (const length of lengths)
      if (length > text.length && length <= MAX_REPEAT) offer(text + 'a'.repeat(length - text.length));
  return [...results];
}

interface Choices {
  readonly pick: number;
  readonly repeat: number;
  readonly alternative: number;
  turn: number;
}

function write(node: Node, choices: Choices): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'class': {
      const index = choices.pick === 5 ? choices.turn++ : choices.pick;
      return node.picks[index % Math.max(1, node.picks.length)] ?? '';
    }
    case 'sequence':
      return node.parts.map((part) => write(part, choices)).join('');
    case 'choice': {
      const option = node.options[choices.alternative % node.options.length];
      return option === undefined ? '' : write(option, choices);
    }
    case 'repeat': {
      const times = Math.min(node.most, Math.max(node.least, Math.min(MAX_REPEAT, node.least + choices.repeat)));
      let text = '';
      for (let index = 0; index < times && text.length < 20_000; index++) text += write(node.of, choices);
      return text;
    }
  }
}

function parse(pattern: string): Node | null {
  let at = 0;
  let depth = 0;
  const choice = (): Node => {
    const options: Node[] = [sequence()];
    while (pattern[at] === '|') {
      at++;
      options.push(sequence());
    }
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
  };
  const sequence = (): Node => {
    const parts: Node[] = [];
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const before = at;
      parts.push(quantified(atom()));
      if (at === before) at++;
    }
    return { kind: 'sequence', parts };
  };
  const atom = (): Node => {
    const char = pattern[at] ?? '';
    if (char === '^' || char === '$') {
      at++;
      return { kind: 'text', text: '' };
    }
    if (char === '.') {
      at++;
      return { kind: 'class', picks: ['a', 'Z', '0', '-', ' ', '!'] };
    }
    if (char === '(') return group();
    if (char === '[') return characterClass();
    if (char === '\\') return escape();
    at++;
    return { kind: 'text', text: char };
  };
  const group = (): Node => {
    at++;
    let silent = false;
    if (pattern[at] === '?') {
      const head = /^\?(?::|=|!|<=|<!|<[^>]*>)/.exec(pattern.slice(at, at + 80))?.[0];
      silent = head === '?=' || head === '?!' || head === '?<=' || head === '?<!';
      at += head?.length ?? 1;
    }
    if (++depth > 60) throw new RangeError();
    const inner = choice();
    depth--;
    if (pattern[at] === ')') at++;
    return silent ? { kind: 'text', text: '' } : inner;
  };
  const escape = (): Node => {
    const token =
      /^\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[pP]\{[^}]*\}|k<[^>]*>|\d+|c[A-Z]|[\s\S])/i.exec(
        pattern.slice(at, at + 40),
      )?.[0] ?? '\\';
    at += token.length;
    if (/^\\(?:[bB]|k<|[1-9])/.test(token)) return { kind: 'text', text: '' };
    return { kind: 'class', picks: picksOf(token) };
  };
  const characterClass = (): Node => {
    const start = at++;
    if (pattern[at] === '^') at++;
    while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
    at++;
    return { kind: 'class', picks: picksOf(pattern.slice(start, at)) };
  };
  const quantified = (of: Node): Node => {
    const match = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})\??/.exec(pattern.slice(at, at + 24));
    if (match === null) return of;
    at += match[0].length;
    const [, sign, low, comma, high] = match;
    if (sign !== undefined)
      return { kind: 'repeat', of, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
    const least = Math.min(Number(low), MAX_REPEAT);
    return {
      kind: 'repeat',
      of,
      least,
      most: high !== undefined ? Number(high) : comma === undefined ? least : Number.POSITIVE_INFINITY,
    };
  };
  try {
    return choice();
  } catch {
    return null;
  }
}

/** Unlike characters that a class accepts: lower case, upper case, digits, signs. */
function picksOf(source: string): readonly string[] {
  const expression = compilePattern(`^(?:${source})$`);
  if (expression === null) return [];
  const picks = ALPHABET.filter((char) => expression.test(char));
  if (picks.length > 0) return picks;
  for (let code = 0; code < 0x3000; code++)
    if (expression.test(String.fromCharCode(code))) return [String.fromCharCode(code)];
  for (const char of ['가', '😀', '０', 'Ａ']) if (expression.test(char)) return [char];
  return [];
}
