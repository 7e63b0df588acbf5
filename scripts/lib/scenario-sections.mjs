// A scenario file → its sections, one per heading. Headings inside a fence are content.

/**
 * @param {string} markdown
 * @returns {readonly {title: string, body: string}[]} what stands before the first heading is not part of any
 */
export function scenarioSections(markdown) {
  /** @type {{title: string, lines: string[]}[]} */
  const sections = [];
  let fence = '';
  for (const line of markdown.split('\n')) {
    const [, ticks] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
    if (ticks !== undefined) {
      if (fence === '') fence = ticks;
      else if (ticks.startsWith(fence) && line.trim() === ticks) fence = '';
    }
    const heading = fence === '' ? /^#+\s+(.*)$/.exec(line) : null;
    if (heading) sections.push({ title: heading[1] ?? '', lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, lines }) => ({ title, body: lines.join('\n').trim() }));
}
