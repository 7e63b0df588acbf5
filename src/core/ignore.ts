// Findings that somebody decided to live with: which entry of `ignore:` covers a finding, and the edit that writes one.
import type { Ignore } from './config.ts';
import { addToConfig } from './config-entry.ts';
import type { Fix } from './model/edit.ts';
import type { Finding } from './model/finding.ts';
import type { SourceFile } from './model/source.ts';
import { offsetAt } from './model/source.ts';
import { pointerAt } from './syntax/data.ts';
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
  return {
    title: `Ignore ${finding.rule} here, with a reason`,
    safe: false,
    edits: addToConfig(config, 'ignore', entry),
  };
}
