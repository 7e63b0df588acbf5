// `eventscape check`: every finding of a folder, and whether any is at or above the level that fails.
import type { Config } from '../../core/config.ts';
import { severityLevel } from '../../core/config-file.ts';
import { ruleIds } from '../../core/engine.ts';
import type { Severity } from '../../core/model/finding.ts';
import { ruleCatalogue } from '../../core/rule-catalogue.ts';
import type { CheckReport } from '../reporters/findings.ts';
import { findingsGithub, findingsJson, findingsSarif, findingsText } from '../reporters/findings.ts';
import type { Outcome } from '../usage.ts';
import { UsageError } from '../usage.ts';
import { VERSION } from '../version.ts';
import { openWorkspace } from '../workspace.ts';

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export const SEVERITIES = ['error', 'warning', 'info'] as const;

export interface CheckOptions {
  readonly dir: string;
  readonly base: string | undefined;
  readonly format: (typeof CHECK_FORMATS)[number];
  readonly failOn: Severity;
  /** `ID=SEVERITY` as typed. */
  readonly rules: readonly string[];
}

/** Runs the command. */
export async function checkCommand(options: CheckOptions): Promise<Outcome> {
  const { engine, snapshot } = await openWorkspace(
    options.dir,
    options.base,
    { rules: ruleLevels(options.rules) },
    true,
  );
  const findings = snapshot.findings.map((finding) => ({
    ...finding,
    fixes: engine.fixes(finding).filter((fix) => !isIgnoreFix(fix.title)),
  }));
  const report: CheckReport = {
    snapshot,
    findings,
    rules: new Map(ruleCatalogue.map(({ id, docs }) => [id, docs])),
    version: VERSION,
  };
  const output =
    options.format === 'json'
      ? findingsJson(report)
      : options.format === 'sarif'
        ? findingsSarif(report)
        : options.format === 'github'
          ? findingsGithub(report)
          : findingsText(report);
  return { output, code: fails(findings, options.failOn) ? 1 : 0 };
}

/** Whether a severity at or above `failOn` occurs. */
export function fails(findings: readonly { readonly severity: Severity }[], failOn: Severity): boolean {
  return findings.some((finding) => SEVERITIES.indexOf(finding.severity) <= SEVERITIES.indexOf(failOn));
}

/** Ignoring is a decision for a person at the finding: the command line never offers it as a fix. */
export function isIgnoreFix(title: string): boolean {
  return title.startsWith('Ignore ');
}

/** `--rule ID=SEVERITY` as configuration. */
export function ruleLevels(texts: readonly string[]): Config['rules'] {
  const levels = new Map<string, Severity | 'off'>();
  for (const text of texts) {
    const [id = '', level = ''] = text.split('=', 2);
    const severity = severityLevel(level);
    if (!ruleIds.has(id))
      throw new UsageError(`--rule: there is no rule "${id}"; the rules are ${[...ruleIds].sort().join(', ')}`);
    if (severity === null)
      throw new UsageError(`--rule ${id} takes error, warning, info or off; "${level}" is none of them`);
    levels.set(id, severity);
  }
  return levels;
}
