// `eventscape fix`: applies the first safe fix of each finding, again until nothing changes; contract fixes only where named by `--only`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { CONTRACT_RULE, ruleIds } from '../../core/engine.ts';
import type { Engine } from '../../core/engine-api.ts';
import { drive } from '../../core/drive.ts';
import type { Fix, TextEdit } from '../../core/model/edit.ts';
import type { Severity } from '../../core/model/finding.ts';
import type { FilePath } from '../../core/model/source.ts';
import { comparePositions, makeSourceFile, offsetAt } from '../../core/model/source.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { readTexts } from '../../node/files.ts';
import { grammarFolders, nodeGrammars } from '../../node/grammars.ts';
import { plain } from '../reporters/plain.ts';
import { count } from '../reporters/topology-report.ts';
import type { Outcome } from '../usage.ts';
import { UsageError } from '../usage.ts';
import { bundleFolder, openWorkspace } from '../workspace.ts';
import { fails, isIgnoreFix, ruleLevels } from './check.ts';

const MAX_ROUNDS = 100;

export interface FixOptions {
  readonly dir: string;
  readonly base: string | undefined;
  readonly only: readonly string[];
  readonly dryRun: boolean;
  readonly failOn: Severity;
  readonly rules: readonly string[];
}

/** Runs the command. Files are written at the end, all or, with `--dry-run`, none. */
export async function fixCommand(options: FixOptions): Promise<Outcome> {
  for (const id of options.only)
    if (!ruleIds.has(id))
      throw new UsageError(`--only: there is no rule "${id}"; the rules are ${[...ruleIds].sort().join(', ')}`);
  const opened = await openWorkspace(options.dir, options.base, { rules: ruleLevels(options.rules) }, true);
  const { engine, folder } = opened;
  const ports = {
    grammars: nodeGrammars(grammarFolders(bundleFolder)),
    read: (paths: readonly FilePath[]) => readTexts(folder, paths),
  };
  let { snapshot } = opened;
  const before = new Map<FilePath, string | null>();
  const after = new Map<FilePath, string>();
  const titles: string[] = [];
  const tried = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const edits = nextEdits(engine, snapshot, options.only, tried);
    if (edits.fixes.length === 0) break;
    titles.push(...edits.fixes.map((fix) => fix.title));
    for (const path of new Set(edits.edits.map((edit) => edit.file))) {
      const source = snapshot.source(path);
      const text = source?.text ?? after.get(path) ?? '';
      if (!before.has(path)) before.set(path, source === null ? null : text);
      after.set(path, applyToText(path, text, edits.edits));
    }
    const next = await drive(engine, { files: [...after].map(([path, text]) => ({ path, text })) }, ports);
    if (next === null) break;
    snapshot = next;
  }
  const changed = [...after]
    .filter(([path, text]) => text !== (before.get(path) ?? ''))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  let output = '';
  if (options.dryRun) {
    for (const [path, text] of changed) {
      const old = before.get(path) ?? null;
      const mark = old === null ? '' : await byteOrderMark(join(folder, path));
      output += unifiedDiff(path, old === null ? null : mark + old, mark + text);
    }
  } else {
    for (const [path, text] of changed) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      const mark = before.get(path) === null ? '' : await byteOrderMark(target);
      await writeFile(target, mark + text);
    }
    const left = snapshot.findings.length;
    output = `${titles.map((title) => `fixed: ${plain(title)}`).join('\n')}${titles.length === 0 ? '' : '\n'}${count(changed.length, 'file')} changed, ${count(left, 'finding')} left\n`;
  }
  return { output, code: fails(snapshot.findings, options.failOn) ? 1 : 0 };
}

/** The first safe fix of each finding, leaving out those that overlap one already taken: they have their turn in the next round. */
function nextEdits(
  engine: Engine,
  snapshot: Snapshot,
  only: readonly string[],
  tried: Set<string>,
): { readonly fixes: readonly Fix[]; readonly edits: readonly TextEdit[] } {
  const fixes: Fix[] = [];
  const edits: TextEdit[] = [];
  for (const finding of snapshot.findings) {
    if (only.length > 0 ? !only.includes(finding.rule) : finding.rule === CONTRACT_RULE) continue;
    const fix = engine.fixes(finding).find((one) => one.safe && !isIgnoreFix(one.title));
    if (fix === undefined || fix.edits.some((edit) => edits.some((taken) => overlaps(taken, edit)))) continue;
    // A fix that leaves its own finding standing must not be applied for ever.
    const key = `${finding.rule}\n${finding.at.file}\n${finding.message}\n${fix.title}`;
    if (tried.has(key)) continue;
    tried.add(key);
    fixes.push(fix);
    edits.push(...fix.edits);
  }
  return { fixes, edits };
}

/** Edits that touch count as overlapping: two insertions at one place have no order. */
function overlaps(a: TextEdit, b: TextEdit): boolean {
  return (
    a.file === b.file &&
    comparePositions(a.range.start, b.range.end) <= 0 &&
    comparePositions(b.range.start, a.range.end) <= 0
  );
}

/** The text of one file after the edits that concern it. */
function applyToText(path: FilePath, text: string, edits: readonly TextEdit[]): string {
  const source = makeSourceFile(path, text);
  let result = source.text;
  const own = edits.flatMap((edit, order) =>
    edit.file === path
      ? [
          {
            start: offsetAt(source, edit.range.start),
            end: offsetAt(source, edit.range.end),
            text: edit.newText,
            order,
          },
        ]
      : [],
  );
  for (const edit of own.toSorted((a, b) => b.start - a.start || b.end - a.end || b.order - a.order))
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}

async function byteOrderMark(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).startsWith('\uFEFF') ? '\uFEFF' : '';
}

function unifiedDiff(path: FilePath, before: string | null, after: string): string {
  const quoted = (name: string): string => (/[\u0000-\u001F"\\\u007F]/.test(name) ? JSON.stringify(name) : name);
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : quoted(`a/${path}`),
    quoted(`b/${path}`),
    before ?? '',
    after,
    undefined,
    undefined,
    { context: 3 },
  );
  const body = patch.replace(/^=+\n/, '');
  return before === null
    ? `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\nnew file mode 100644\n${body}`
    : body;
}
