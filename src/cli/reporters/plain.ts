// Hostile text → text that cannot drive a terminal or a log's command syntax.

/** Control characters (escape sequences, line breaks, bidirectional overrides) become visible stand-ins. */
export function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, (character) =>
    character === '\n' || character === '\r' || character === '\t' ? ' ' : '\uFFFD',
  );
}
