// Findings → text, JSON, SARIF 2.1.0 or GitHub workflow commands: the formats of `eventscape check`.
import type { Fix } from '../../core/model/edit.ts';
import type { Finding, Severity } from '../../core/model/finding.ts';
import type { Range } from '../../core/model/source.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { CataloguedRule } from '../../core/rule-catalogue.ts';
import { plain } from './plain.ts';
import { problemsJson } from './topology-json.ts';
import { count } from './topology-report.ts';

export type FindingWithFixes = Finding & { readonly fixes: readonly Fix[] };

export interface CheckReport {
  readonly snapshot: Snapshot;
  readonly findings: readonly FindingWithFixes[];
  /** Rules by id, for SARIF. */
  readonly rules: ReadonlyMap<string, CataloguedRule['docs']>;
  readonly version: string;
}

/** For a terminal: one finding a paragraph, the clickable place first. */
export function findingsText({ snapshot, findings }: CheckReport): string {
  const lines: string[] = [];
  for (const finding of findings) {
    const { start } = finding.at.range;
    lines.push(
      `${plain(finding.at.file)}:${start.line + 1}:${start.character + 1}: ${finding.severity} [${finding.rule}] ${plain(finding.message)}`,
    );
    for (const related of finding.related)
      lines.push(`    ${plain(related.at.file)}:${related.at.range.start.line + 1}: ${plain(related.message)}`);
    if (finding.witness !== null)
      lines.push(`    for example ${plain(JSON.stringify(finding.witness.message))}: ${plain(finding.witness.error)}`);
    for (const fix of finding.fixes) lines.push(`    fix: ${plain(fix.title)}`);
  }
  for (const problem of snapshot.problems)
    lines.push(
      `${plain(problem.file)}:${problem.range.start.line + 1}:${problem.range.start.character + 1}: problem: ${plain(problem.message)}`,
    );
  const of = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const { base } = snapshot;
  const against =
    base.commit === ''
      ? `contracts not compared (${base.reason})`
      : `contracts compared with ${plain(base.ref)} (${base.commit.slice(0, 10)})`;
  lines.push(
    `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}, ${of('info')} info in ${count(snapshot.files.read, 'file')}; ${against}`,
  );
  return `${lines.join('\n')}\n`;
}

/** Version 1 of the stable JSON (docs/schemas/check.schema.json). */
export function findingsJson({ snapshot, findings }: CheckReport): string {
  return `${JSON.stringify(
    {
      version: 1,
      base: snapshot.base,
      files: { ...snapshot.files, problems: problemsJson(snapshot.problems) },
      findings: findings.map((finding) => ({
        rule: finding.rule,
        severity: finding.severity,
        certainty: finding.certainty,
        message: finding.message,
        file: finding.at.file,
        range: finding.at.range,
        related: finding.related.map((related) => ({
          file: related.at.file,
          range: related.at.range,
          message: related.message,
        })),
        witness: finding.witness,
        fixes: finding.fixes,
      })),
    },
    null,
    1,
  )}\n`;
}

const LEVEL = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>;

/** SARIF 2.1.0 for code scanning. */
export function findingsSarif({ findings, rules, version }: CheckReport): string {
  const used = [...new Set(findings.map((finding) => finding.rule))].sort();
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'eventscape',
              semanticVersion: version,
              rules: used.map((id) => {
                const docs = rules.get(id);
                return {
                  id,
                  ...(docs === undefined
                    ? {}
                    : {
                        shortDescription: { text: docs.title },
                        fullDescription: { text: `${docs.what} ${docs.why}` },
                        help: { text: docs.do },
                      }),
                };
              }),
            },
          },
          columnKind: 'utf16CodeUnits',
          originalUriBaseIds: { SRCROOT: { description: { text: 'The folder that was checked.' } } },
          results: findings.map((finding) => ({
            ruleId: finding.rule,
            ruleIndex: used.indexOf(finding.rule),
            level: LEVEL[finding.severity],
            message: { text: finding.message },
            locations: [{ physicalLocation: physical(finding.at.file, finding.at.range) }],
            ...(finding.related.length === 0
              ? {}
              : {
                  relatedLocations: finding.related.map((related, id) => ({
                    id,
                    physicalLocation: physical(related.at.file, related.at.range),
                    message: { text: related.message },
                  })),
                }),
            ...(finding.fixes.length === 0 ? {} : { fixes: finding.fixes.map((fix) => sarifFix(fix)) }),
            properties: {
              certainty: finding.certainty,
              ...(finding.witness === null ? {} : { witness: finding.witness }),
            },
          })),
        },
      ],
    },
    null,
    1,
  )}\n`;
}

function physical(file: string, range: Range): Record<string, unknown> {
  return { artifactLocation: { uri: uriOf(file), uriBaseId: 'SRCROOT' }, region: region(range) };
}

function region({ start, end }: Range): Record<string, number> {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

function sarifFix(fix: Fix): Record<string, unknown> {
  const files = [...new Set(fix.edits.map((edit) => edit.file))];
  return {
    description: { text: fix.title },
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(file), uriBaseId: 'SRCROOT' },
      replacements: fix.edits
        .filter((edit) => edit.file === file)
        .map((edit) => ({ deletedRegion: region(edit.range), insertedContent: { text: edit.newText } })),
    })),
  };
}

function uriOf(file: string): string {
  return file
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}

/** Workflow commands that GitHub shows as annotations. */
export function findingsGithub({ findings, snapshot }: CheckReport): string {
  const lines = findings.map((finding) => {
    const { start, end } = finding.at.range;
    const place = `file=${property(finding.at.file)},line=${start.line + 1},endLine=${end.line + 1},col=${start.character + 1},endColumn=${end.character + 1}`;
    return `::${finding.severity === 'info' ? 'notice' : finding.severity} ${place},title=${property(finding.rule)}::${data(finding.message)}`;
  });
  lines.push(
    ...snapshot.problems.map(
      (problem) =>
        `::warning file=${property(problem.file)},line=${problem.range.start.line + 1},title=problem::${data(problem.message)}`,
    ),
  );
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function data(text: string): string {
  return plain(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
