// `eventscape trace`: what trace files prove, per hop, on the declared topology where a workspace is named.
import type { Hop, Stats, TraceComparison, TraceReport } from '../../core/model/hop.ts';
import type { Topology } from '../../core/model/topology.ts';
import type { TraceImport, TraceInput } from '../../core/import-traces.ts';
import { breaksOff, importTraces } from '../../core/import-traces.ts';

import { openTraceFile } from '../../node/trace-file.ts';
import { plain } from '../reporters/plain.ts';
import { count } from '../reporters/topology-report.ts';
import type { Outcome } from '../usage.ts';
import { UsageError } from '../usage.ts';
import { openWorkspace } from '../workspace.ts';

export const TRACE_FORMATS = ['text', 'json', 'mermaid', 'markdown', 'perfetto'] as const;

export interface TraceOptions {
  readonly files: readonly string[];
  readonly workspace: string | null;
  /** Files from before. */
  readonly compare: readonly string[];
  /** Milliseconds that no hop's p95 transit may exceed; null: none. */
  readonly budget: number | null;
  readonly format: (typeof TRACE_FORMATS)[number];
}

/** Runs the command. A file that is no trace, or none at all, is a usage error where nothing else could be read. */
export async function traceCommand(options: TraceOptions): Promise<Outcome> {
  const topology =
    options.workspace === null ? null : (await openWorkspace(options.workspace, 'none', {}, false)).snapshot.topology;
  const { imported, broken } = await importFiles(options, topology);
  const { report } = imported;
  const over = options.budget !== null && report.hops.some((hop) => (hop.transit.p95 ?? 0) > (options.budget ?? 0));
  const slower = report.comparison?.hops.some((hop) => hop.verdict === 'slower') ?? false;
  // A file that breaks off is told as a failure, with what could be read of it: a comparison in CI must not pass on half the spans.
  const code = broken === '' ? (over || slower ? 1 : 0) : 2;
  return { output: await render(imported, options), code, note: broken };
}

async function render(imported: TraceImport, options: TraceOptions): Promise<string> {
  const { report } = imported;
  switch (options.format) {
    case 'text':
      return traceText(report, options.budget);
    case 'json':
      return `${JSON.stringify({ version: 1, ...report }, null, 1)}\n`;
    case 'mermaid': {
      const { sequenceDiagram } = await import('../../draw/sequence.ts');
      return sequenceDiagram(imported.pathway);
    }
    case 'markdown': {
      const { traceReportMarkdown } = await import('../../draw/trace-report.ts');
      return traceReportMarkdown(report, imported.pathway);
    }
    case 'perfetto': {
      const { perfettoTrace } = await import('../../draw/perfetto.ts');
      return imported.timeline === null ? '' : perfettoTrace(imported.timeline);
    }
  }
}

/** Imports named files. Throws where a side holds no span; `broken` names what could not be read beside what could. */
async function importFiles(
  { files, compare, format }: TraceOptions,
  topology: Topology | null,
): Promise<{ readonly imported: TraceImport; readonly broken: string }> {
  const inputs = await Promise.all(files.map((name) => openInput(name)));
  const before = await Promise.all(compare.map((name) => openInput(name)));
  const imported = await importTraces(inputs, {
    topology,
    timeline: format === 'perfetto',
    ...(before.length === 0 ? {} : { before }),
  });
  const faults = [...imported.report.files, ...imported.before].flatMap((file) => {
    const cut = file.problems.find((problem) => breaksOff(problem.message))?.message ?? null;
    const reason = cut ?? (file.spans === 0 ? (file.problems[0]?.message ?? 'the file holds no spans') : null);
    return reason === null ? [] : [`${file.file}: ${reason}`];
  });
  const silent = before.length > 0 && imported.before.every((file) => file.spans === 0);
  if (imported.report.spans === 0 || silent) throw new UsageError(faults[0] ?? 'no spans were found');
  return {
    imported,
    broken: [...faults, ...[...inputs, ...before].flatMap((input) => input.problem?.() ?? [])].join('; '),
  };
}

async function openInput(name: string): Promise<TraceInput> {
  const file = await openTraceFile(name);
  if ('unreadable' in file) throw new UsageError(`${name}: ${file.unreadable}`);
  return {
    name,
    chunks: file.chunks,
    problem: () => {
      const problem = file.problem();
      return problem === null ? null : `${name}: ${problem}`;
    },
  };
}

/** The report for a terminal. */
function traceText(report: TraceReport, budget: number | null): string {
  const lines = [
    `${count(report.spans, 'span')} of ${count(report.traces, 'trace')}, ${count(report.coverage.deliveries, 'delivery').replace('deliverys', 'deliveries')} over ${count(report.hops.length, 'hop')}`,
  ];
  for (const hop of report.hops) lines.push('', ...hopLines(hop, budget));
  if (report.coverage.producerOnly + report.coverage.consumerOnly > 0) {
    lines.push(
      '',
      `Not paired: ${report.coverage.producerOnly} without a consumer, ${report.coverage.consumerOnly} without a producer`,
    );
    for (const { reason, count: times } of report.coverage.reasons) lines.push(`  ${times} × ${plain(reason)}`);
  }
  for (const [title, names] of [
    ['Seen but not declared', report.drift.undeclared],
    ['Declared but not seen', report.drift.unseen],
  ] as const) {
    if (names.length > 0) lines.push('', title, ...names.map((name) => `  ${plain(name)}`));
  }
  if (report.bottleneck !== null) {
    const { hop, segment, share, cause, evidence } = report.bottleneck;
    const at = report.hops[hop];
    if (at !== undefined)
      lines.push(
        '',
        `Bottleneck: ${segment} of ${plain(at.producer)} → ${plain(at.channel)} → ${plain(at.consumer)}, ${Math.round(share * 100)} % of the end-to-end time (${cause})`,
        ...evidence.map((line) => `  ${plain(line)}`),
      );
  }
  if (report.comparison !== null) lines.push('', ...comparisonLines(report, report.comparison));
  const problems = report.files.flatMap((file) =>
    file.problems.map(
      (problem) =>
        `  ${plain(file.file)}: ${plain(problem.message)}${problem.count > 1 ? ` (${problem.count} times)` : ''}`,
    ),
  );
  if (problems.length > 0) lines.push('', 'Problems', ...problems);
  return `${lines.join('\n')}\n`;
}

function comparisonLines(report: TraceReport, comparison: TraceComparison): readonly string[] {
  const lines = ['Compared with before'];
  for (const { hop, segment, before, after, delta, ci, verdict, cause } of comparison.hops) {
    const at = report.hops[hop];
    if (at === undefined || verdict === 'same') continue;
    const numbers =
      delta === null || ci === null
        ? ''
        : `: p50 ${before.p50 ?? 0} → ${after.p50 ?? 0} ms, ${delta > 0 ? '+' : ''}${delta.toFixed(1)} ms [${ci[0].toFixed(1)}, ${ci[1].toFixed(1)}]`;
    lines.push(
      `  ${segment} of ${plain(at.producer)} → ${plain(at.channel)} → ${plain(at.consumer)} ${verdict === 'too-few' ? 'has too few deliveries to judge' : `is ${verdict}`}${verdict === 'too-few' ? '' : numbers}${cause ? ' (the cause)' : ''}`,
    );
  }
  if (lines.length === 1) lines.push('  nothing is slower or faster');
  for (const name of comparison.new) lines.push(`  new: ${plain(name)}`);
  for (const name of comparison.gone) lines.push(`  gone: ${plain(name)}`);
  return lines;
}

function hopLines(hop: Hop, budget: number | null): readonly string[] {
  const via = hop.via.filter((name) => name !== hop.channel);
  const notes = [
    hop.redeliveries > 0 ? `${hop.redeliveries} of them redelivered` : '',
    hop.errors > 0 ? count(hop.errors, 'error') : '',
    hop.deadLetter ? 'dead-lettered' : '',
    hop.inferred > 0 ? `${hop.inferred} inferred` : '',
    hop.deliveredBeforeAck > 0 ? `${hop.deliveredBeforeAck} delivered before the ack` : '',
  ].filter((text) => text !== '');
  const over = budget !== null && (hop.transit.p95 ?? 0) > budget ? `  over the budget of ${budget} ms` : '';
  return [
    `${plain(hop.producer)} → ${plain(hop.channel)}${via.length === 0 ? '' : ` (${via.map((name) => plain(name)).join(', ')})`} → ${plain(hop.consumer)}: n ${hop.deliveries}${notes.length === 0 ? '' : `, ${notes.join(', ')}`}${over}`,
    `  publish ${statsText(hop.publish, hop.resolution)}`,
    `  transit ${statsText(hop.transit, hop.resolution)}`,
    `  wait    ${hop.wait.exact === hop.wait.n && hop.wait.n > 0 ? statsText(hop.wait.high, hop.resolution) : `between ${statsText(hop.wait.low, hop.resolution)} and the transit`}`,
    `  process ${statsText(hop.process, hop.resolution)}`,
  ];
}

/** "p50 151 ms, p95 240 ms, max 260 ms (n 36, ±1 ms)"; no figure finer than the clock that took it. */
function statsText(stats: Stats, resolution: number): string {
  if (stats.n === 0) return 'not measured';
  const digits = resolution >= 1 ? 0 : resolution >= 0.1 ? 1 : 2;
  const ms = (value: number | null): string => (value === null ? 'too few' : `${value.toFixed(digits)} ms`);
  return stats.p50 === null
    ? `max ${ms(stats.max)} (n ${stats.n}, too few for percentiles)`
    : `p50 ${ms(stats.p50)}, p95 ${ms(stats.p95)}, p99 ${ms(stats.p99)}, max ${ms(stats.max)} (n ${stats.n}, clock ${resolution} ms)`;
}
