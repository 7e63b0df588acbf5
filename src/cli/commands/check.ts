// `eventscape check`: every finding of a folder, and whether any is at or above the level that fails.
import type { Config } from '../../core/config.ts';
import { severityLevel } from '../../core/config-file.ts';
import { CONTRACT_RULE, ruleIds, UNREADABLE_RULE } from '../../core/engine.ts';
import type { Severity } from '../../core/model/finding.ts';
import type { RuleDocs } from '../../core/rules/rule.ts';
import { rules } from '../../core/rules/index.ts';
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

const OTHER_RULES: readonly (readonly [string, RuleDocs])[] = [
  [
    CONTRACT_RULE,
    {
      title: 'Breaking contract edit',
      what: 'A published message contract changed in a way that breaks the chosen compatibility.',
      why: 'Consumers that rely on the old contract fail on, or misread, the messages written under the new one.',
      do: 'Only add optional things. Keep what is published, mark it deprecated, and raise the version for anything else.',
    },
  ],
  [
    UNREADABLE_RULE,
    {
      title: 'Declaration file no longer parses',
      what: 'A file that was readable at the base is not any more.',
      why: 'Everything that it declares has dropped out of the topology, and nothing about it can be judged.',
      do: 'Mend the syntax error at the place named.',
    },
  ],
];

/** Runs the command. */
export async function checkCommand(options: CheckOptions): Promise<Outcome> {
  const { engine, snapshot } = await openWorkspace(options.dir, options.base, { rules: ruleLevels(options.rules) }, true);
  const findings = snapshot.findings.map((finding) => ({ ...finding, fixes: engine.fixes(finding).filter((fix) => !isIgnoreFix(fix.title)) }));
  const report: CheckReport = { snapshot, findings, rules: new Map([...rules.map((rule) => [rule.id, rule.docs] as const), ...OTHER_RULES]), version: VERSION };
  const output = options.format === 'json' ? findingsJson(report) : options.format === 'sarif' ? findingsSarif(report) : options.format === 'github' ? findingsGithub(report) : findingsText(report);
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
    if (!ruleIds.has(id)) throw new UsageError(`--rule: there is no rule "${id}"; the rules are ${[...ruleIds].sort().join(', ')}`);
    if (severity === null) throw new UsageError(`--rule ${id} takes error, warning, info or off; "${level}" is none of them`);
    levels.set(id, severity);
  }
  return levels;
}
