// Findings that somebody decided to live with: which entry of `ignore:` covers a finding, and the edit that writes one.
import type { Ignore } from './config.ts';
import { CONFIG_FILES } from './config-file.ts';
import type { Fix } from './model/edit.ts';
import type { Finding } from './model/finding.ts';
import type { SourceFile } from './model/source.ts';
import { offsetAt, rangeAt, START_OF_FILE } from './model/source.ts';
import { insertEntries } from './syntax/data-edit.ts';
import { get, pointerAt } from './syntax/data.ts';
import { matchesGlob } from './syntax/glob.ts';
import { parseData } from './syntax/parse-data.ts';

const REASON = 'TODO: say why';

/** Where in its file a finding stands: a JSON pointer for data files, empty for others. */
function pointerOf(finding: Finding, source: SourceFile | null): string {
  if (source === null || !/\.(ya?ml|json|template|avsc|asl)$/i.test(source.path)) return '';
  return pointerAt(parseData(source).roots[0], offsetAt(source, finding.at.range.start));
}

/** Whether an entry covers a finding: same rule, a path that its glob matches, and a place at or below its pointer. */
export function isIgnored(finding: Finding, ignores: readonly Ignore[], source: SourceFile | null): boolean {
  return ignores.some((ignore) => {
    if (ignore.rule !== finding.rule || !matchesGlob(finding.at.file, ignore.path)) return false;
    if (ignore.pointer === '' || ignore.pointer === '#') return true;
    const pointer = pointerOf(finding, source);
    const wanted = ignore.pointer.replace(/^#/, '').replace(/\/$/, '');
    return pointer === wanted || pointer.startsWith(`${wanted}/`);
  });
}

/** The fix "Ignore here, with a reason": an entry in `eventscape.yaml`, made where there is none. The reason is the person's to write. */
export function ignoreFix(finding: Finding, source: SourceFile | null, config: SourceFile | null): Fix {
  const pointer = pointerOf(finding, source);
  const entry = { rule: finding.rule, path: finding.at.file, ...(pointer === '' ? {} : { pointer }), reason: REASON };
  const title = `Ignore ${finding.rule} here, with a reason`;
  const lines = Object.entries(entry).map(
    ([key, value], index) => `${index === 0 ? '  - ' : '    '}${key}: ${scalar(value)}`,
  );
  if (config === null) {
    return {
      title,
      safe: false,
      edits: [
        { file: CONFIG_FILES[0] ?? 'eventscape.yaml', range: START_OF_FILE, newText: `ignore:\n${lines.join('\n')}\n` },
      ],
    };
  }
  const document = parseData(config);
  const list = get(document.roots[0], 'ignore');
  const last = list?.kind === 'seq' && !list.flow ? list.items.at(-1) : undefined;
  if (last !== undefined && list?.kind === 'seq') {
    const lineStart = config.text.lastIndexOf('\n', last.start) + 1;
    const indent = ' '.repeat(Math.max(0, config.text.slice(lineStart, last.start).indexOf('-')));
    const text = lines.map((line) => `\n${indent}${line.slice(2)}`).join('');
    return {
      title,
      safe: false,
      edits: [{ file: config.path, range: rangeAt(config, last.end, last.end), newText: text }],
    };
  }
  const edits = document.roots.length === 0 ? null : insertEntries(document, [], [{ key: 'ignore', value: [entry] }]);
  if (edits !== null && list === undefined) return { title, safe: false, edits };
  const end = rangeAt(config, config.text.length, config.text.length);
  return {
    title,
    safe: false,
    edits: [
      {
        file: config.path,
        range: end,
        newText: `${config.text === '' || config.text.endsWith('\n') ? '' : '\n'}ignore:\n${lines.join('\n')}\n`,
      },
    ],
  };
}

function scalar(text: string): string {
  return /^[\w./-]+$/.test(text) && !/^(true|false|null|yes|no|~|-?\d.*)$/i.test(text) && !text.startsWith('-')
    ? text
    : JSON.stringify(text);
}
