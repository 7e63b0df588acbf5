// Markdown scenarios → tests. A heading is a test; prose says why; `` `path`: `` before a fence names a file; a comment line of carets marks
// the line above it with a finding. CONTRIBUTING.md has the format. Comparison is exact both ways.
import { createEngine } from '../src/core/engine.ts';
import type { Engine, FileChange } from '../src/core/engine-api.ts';
import type { Fix, TextEdit } from '../src/core/model/edit.ts';
import type { Finding } from '../src/core/model/finding.ts';
import { makeSourceFile, offsetAt } from '../src/core/model/source.ts';
import type { Snapshot } from '../src/core/snapshot.ts';
import { grammarsOfPackages } from './grammars.ts';
import { topologyText } from '../src/draw/topology-text.ts';

/** A finding that a scenario expects. `to` null: to the end of the marked text. */
interface Mark {
  readonly file: string;
  /** 1-based line in the file without marks. */
  readonly line: number;
  /** 0-based columns; null where only the line counts. */
  readonly from: number | null;
  readonly to: number | null;
  readonly severity: string;
  readonly rule: string;
  readonly message: string;
}

export interface Scenario {
  readonly title: string;
  /** 1-based line of the heading. */
  readonly line: number;
  readonly files: ReadonlyMap<string, string>;
  readonly base: ReadonlyMap<string, string> | null;
  readonly fixed: ReadonlyMap<string, string>;
  readonly marks: readonly Mark[];
  /** The expected dump; null: not compared. */
  readonly topology: string | null;
  /** Expected problems as `file:line: message`; null: none are expected. */
  readonly problems: string | null;
  /** Findings where a caret cannot reach, as `severity[rule] file:line: message`. */
  readonly findings: string | null;
}

const MARK = /^\s*(?:#|\/\/|--|;)?\s*(\^+|<-)\s*(@0)?\s*(error|warning|info)\[([\w-]+)\]:\s?(.*?)\s*(?:\*\/|-->)?$/;

/** The scenarios of a Markdown text; a heading without files is prose. Throws on a fence that is never closed. */
export function parseScenarios(markdown: string): readonly Scenario[] {
  const scenarios: Scenario[] = [];
  let title = '';
  let titleLine = 0;
  let files = new Map<string, string>();
  let base: Map<string, string> | null = null;
  let fixed = new Map<string, string>();
  let marks: Mark[] = [];
  let topology: string | null = null;
  let problems: string | null = null;
  let findings: string | null = null;
  let next: string | null = null;
  const close = (): void => {
    if (files.size > 0 || base !== null)
      scenarios.push({ title, line: titleLine, files, base, fixed, marks, topology, problems, findings });
    files = new Map();
    base = null;
    fixed = new Map();
    marks = [];
    topology = null;
    problems = null;
    findings = null;
  };
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const heading = /^#{1,6} (.+)$/.exec(line);
    if (heading !== null) {
      close();
      title = heading[1] ?? '';
      titleLine = index + 1;
      next = null;
      continue;
    }
    const label = /^`([^`]+)`:\s*$/.exec(line);
    if (label !== null) {
      next = label[1] ?? null;
      continue;
    }
    const fence = /^(`{3,})(\S*)\s*$/.exec(line);
    if (fence === null) {
      if (line.trim() !== '') next = null;
      continue;
    }
    const body: string[] = [];
    for (index++; lines[index] !== fence[1]; index++) {
      if (index >= lines.length) throw new Error(`The fence of "${title}" is never closed.`);
      body.push(lines[index] ?? '');
    }
    const info = fence[2] ?? '';
    if (next !== null) {
      const current = next.startsWith('current/') ? next.slice('current/'.length) : next;
      if (next.startsWith('previous/'))
        (base ??= new Map()).set(next.slice('previous/'.length), `${body.join('\n')}\n`);
      else if (next.startsWith('fixed/')) fixed.set(next.slice('fixed/'.length), `${body.join('\n')}\n`);
      else {
        const read = readMarks(current, body);
        files.set(current, read.text);
        marks.push(...read.marks);
      }
      next = null;
    } else if (info === 'topology') topology = body.join('\n');
    else if (info === 'problems') problems = body.join('\n');
    else if (info === 'findings') findings = body.join('\n');
  }
  close();
  return scenarios;
}

function readMarks(file: string, body: readonly string[]): { readonly text: string; readonly marks: readonly Mark[] } {
  const kept: string[] = [];
  const marks: Mark[] = [];
  for (const line of body) {
    const match = MARK.exec(line);
    if (match === null) {
      kept.push(line);
      continue;
    }
    const [, pointer = '', zero, severity = '', rule = '', message = ''] = match;
    const above = kept.at(-1) ?? '';
    const whole = pointer === '<-';
    const from = zero !== undefined ? 0 : whole ? above.length - above.trimStart().length : line.indexOf('^');
    const to = whole ? above.trimEnd().length : from + pointer.length;
    marks.push({ file, line: kept.length, from, to, severity, rule, message });
  }
  return { text: `${kept.join('\n')}\n`, marks };
}

/** Analyses files as the shells do, witnesses included. */
export async function analyse(
  engine: Engine,
  files: ReadonlyMap<string, string>,
  base: ReadonlyMap<string, string> | null,
): Promise<Snapshot> {
  const toChanges = (map: ReadonlyMap<string, string>): FileChange[] =>
    [...map].map(([path, text]) => ({ path, text }));
  await engine.prepare([...files.keys(), ...(base?.keys() ?? [])], grammarsOfPackages);
  const run = engine.apply({
    files: toChanges(files),
    ...(base === null
      ? {}
      : { base: { info: { ref: 'main', commit: '0'.repeat(40), reason: '' }, files: toChanges(base) } }),
  });
  let step = run.next();
  while (step.done !== true) step = run.next();
  const snapshot = step.value;
  if (snapshot.pending.length === 0) return snapshot;
  const { searchWitness } = await import('../src/core/witness.ts');
  const { searchAvroWitness } = await import('../src/core/witness-avro.ts');
  return engine.prove(
    snapshot.pending.map(({ key, request }) => ({
      key,
      answer: request.format === 'avro' ? searchAvroWitness(request) : searchWitness(request),
    })),
  );
}

/** Runs a scenario; resolves to what differs from its text, empty where it holds. */
export async function runScenario(
  scenario: Scenario,
): Promise<{ readonly differences: readonly string[]; readonly topology: string }> {
  const engine = createEngine();
  const snapshot = await analyse(engine, scenario.files, scenario.base);
  const differences: string[] = [];
  const dump = topologyText(snapshot.topology);
  if (scenario.topology !== null && dump !== scenario.topology)
    differences.push(`topology is\n${dump}\nand not\n${scenario.topology}`);

  const problems = snapshot.problems.map(
    (problem) => `${problem.file}:${problem.range.start.line + 1}: ${problem.message}`,
  );
  for (const line of difference(problems, linesOf(scenario.problems))) differences.push(`problem ${line}`);

  // A scenario that marks nothing of a rule and is not of that rule's file still fails on it: findings are compared whole, orphan notes apart
  // (most scenarios show one side of a system only) unless the scenario speaks of them.
  const speaksOfOrphans =
    scenario.marks.some((mark) => mark.rule === 'orphan-channel') ||
    (scenario.findings ?? '').includes('orphan-channel') ||
    /orphan/i.test(scenario.title);
  const findings = snapshot.findings.filter(
    (finding) => speaksOfOrphans || finding.rule !== 'orphan-channel' || finding.severity !== 'info',
  );
  const unmatched = [...scenario.marks];
  const listed = linesOf(scenario.findings);
  for (const finding of findings) {
    const position = unmatched.findIndex((mark) => matches(mark, finding));
    if (position >= 0) {
      unmatched.splice(position, 1);
      continue;
    }
    const text = findingLine(finding);
    const listing = listed.findIndex((line) => sameText(line, text));
    if (listing >= 0) listed.splice(listing, 1);
    else
      differences.push(
        `unexpected: ${text} (columns ${finding.at.range.start.character}–${finding.at.range.end.character})`,
      );
  }
  for (const mark of unmatched)
    differences.push(
      `missing: ${mark.severity}[${mark.rule}] ${mark.file}:${mark.line} (columns ${mark.from}–${mark.to}): ${mark.message}`,
    );
  for (const line of listed) differences.push(`missing: ${line}`);
  if (scenario.fixed.size > 0) differences.push(...(await checkFixes(scenario, engine, snapshot)));
  return { differences, topology: dump };
}

function matches(mark: Mark, finding: Finding): boolean {
  const { start, end } = finding.at.range;
  return (
    mark.file === finding.at.file &&
    mark.line === start.line + 1 &&
    mark.from === start.character &&
    (mark.to === end.character || end.line > start.line) &&
    mark.severity === finding.severity &&
    mark.rule === finding.rule &&
    sameText(mark.message, finding.message)
  );
}

/** Equal, or a beginning that ends in "…". */
function sameText(expected: string, actual: string): boolean {
  return expected.endsWith('…') ? actual.startsWith(expected.slice(0, -1).trimEnd()) : expected === actual;
}

function findingLine(finding: Finding): string {
  return `${finding.severity}[${finding.rule}] ${finding.at.file}:${finding.at.range.start.line + 1}: ${finding.message}`;
}

function linesOf(block: string | null): string[] {
  return (block ?? '').split('\n').filter((line) => line.trim() !== '');
}

function difference(actual: readonly string[], expected: readonly string[]): readonly string[] {
  const left = [...expected];
  const result: string[] = [];
  for (const line of actual) {
    const position = left.findIndex((one) => sameText(one, line));
    if (position >= 0) left.splice(position, 1);
    else result.push(`unexpected: ${line}`);
  }
  return [...result, ...left.map((line) => `missing: ${line}`)];
}

/** Applies the first real fix of each finding until none is left, and compares. The fixed text must parse, and need no further fix. */
async function checkFixes(scenario: Scenario, engine: Engine, first: Snapshot): Promise<readonly string[]> {
  const differences: string[] = [];
  const files = new Map(scenario.files);
  let snapshot = first;
  const problemsBefore = first.problems.length;
  for (let round = 0; round < 20; round++) {
    const fix = firstFix(engine, snapshot);
    if (fix === null) break;
    for (const [path, text] of applyEdits(files, fix.edits)) files.set(path, text);
    const before = snapshot.findings.length;
    snapshot = await analyse(engine, files, scenario.base);
    if (snapshot.problems.length > problemsBefore)
      differences.push(
        `after "${fix.title}" a file no longer reads: ${snapshot.problems.map((problem) => `${problem.file}: ${problem.message}`).join('; ')}`,
      );
    if (snapshot.findings.length >= before + 1)
      differences.push(
        `"${fix.title}" leaves ${snapshot.findings.length} findings where ${before} stood: ${snapshot.findings.map((finding) => findingLine(finding)).join('; ')}`,
      );
    if (round === 19) differences.push('fixes do not come to an end');
  }
  for (const [path, expected] of scenario.fixed) {
    const actual = files.get(path);
    if (actual !== expected) differences.push(`fixed ${path} is\n${actual ?? '(not there)'}\nand not\n${expected}`);
  }
  for (const [path, text] of files)
    if (!scenario.fixed.has(path) && text !== (scenario.files.get(path) ?? ''))
      differences.push(`the fixes also changed ${path}:\n${text}`);
  return differences;
}

function firstFix(engine: Engine, snapshot: Snapshot): Fix | null {
  for (const finding of snapshot.findings) {
    const fix = engine.fixes(finding).find((one) => !one.title.startsWith('Ignore '));
    if (fix !== undefined) return fix;
  }
  return null;
}

/** The texts of the files that a fix changes. Edits of one fix never overlap. */
function applyEdits(files: ReadonlyMap<string, string>, edits: readonly TextEdit[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const path of new Set(edits.map((edit) => edit.file))) {
    const source = makeSourceFile(path, files.get(path) ?? '');
    const own = edits
      .filter((edit) => edit.file === path)
      .map((edit, order) => ({
        start: offsetAt(source, edit.range.start),
        end: offsetAt(source, edit.range.end),
        text: edit.newText,
        order,
      }));
    let text = source.text;
    let limit = Number.POSITIVE_INFINITY;
    for (const edit of own.toSorted((a, b) => b.start - a.start || b.end - a.end || b.order - a.order)) {
      if (edit.end > limit) throw new Error(`The edits of one fix overlap in ${path}.`);
      limit = edit.start;
      text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
    }
    result.set(path, text);
  }
  return result;
}
