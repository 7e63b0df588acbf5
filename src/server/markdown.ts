// Names from files are hostile text: in Markdown they appear as code or with every sign escaped, on one line, of bounded length.
const MAX = 200;

/** As inline code. */
export function code(text: string): string {
  const line = oneLine(text);
  const fence = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return line === '' ? '' : `${fence}${pad}${line}${pad}${fence}`;
}

/** As plain words. */
export function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>()#+\-.!|~$&]/g, (sign) => `\\${sign}`);
}

/** A block of code that nothing inside can end. */
export function block(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  return `${fence}${language}\n${text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text}\n${fence}`;
}

function oneLine(text: string): string {
  // Control and direction signs could make a name look like another one.
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > MAX ? `${line.slice(0, MAX)}…` : line;
}
