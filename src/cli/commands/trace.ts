// `eventscape trace`: what trace files prove, per hop, on the declared topology where a workspace is named.
import type { Hop, Stats, TraceReport } from '../../core/model/hop.ts';
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
  if (options.compare.length > 0) throw new UsageError('trace --compare: not supported yet');
  if (options.format === 'markdown' || options.format === 'perfetto')
    throw new UsageError(`trace --format ${options.format}: not supported yet`);
  const topology =
    options.workspace === null ? null : (await openWorkspace(options.workspace, 'none', {}, false)).snapshot.topology;
  const { imported, broken } = await importFiles(options.files, topology);
  const { report } = imported;
  const over =
    options.budget === null ? [] : report.hops.filter((hop) => (hop.transit.p95 ?? 0) > (options.budget ?? 0));
  const note = broken;
  // A file that breaks off is told as a failure, with what could be read of it: a comparison in CI must not pass on half the spans.
  const code = broken === '' ? (over.length > 0 ? 1 : 0) : 2;
  switch (options.format) {
    case 'text':
      return { output: traceText(report, options.budget), code, note };
    case 'json':
      return { output: `${JSON.stringify({ version: 1, ...report }, null, 1)}\n`, code, note };
    case 'mermaid': {
      const { sequenceDiagram } = await import('../../draw/sequence.ts');
      return { output: sequenceDiagram(imported.pathway), code, note };
    }
  }
}

/** Imports named files. Throws where none of them holds a span; `broken` names what could not be read beside what could. */
async function importFiles(
  names: readonly string[],
  topology: Topology | null,
): Promise<{ readonly imported: TraceImport; readonly broken: string }> {
  const inputs: TraceInput[] = [];
  const opened = new Map<string, () => string | null>();
  for (const name of names) {
    const file = await openTraceFile(name);
    if ('unreadable' in file) throw new UsageError(`${name}: ${file.unreadable}`);
    opened.set(name, file.problem);
    inputs.push({ name, chunks: file.chunks });
  }
  const imported = await importTraces(inputs, { topology });
  const faults = imported.report.files.flatMap((file) => {
    const cut = file.problems.find((problem) => breaksOff(problem.message))?.message ?? null;
    const reason =
      opened.get(file.file)?.() ??
      cut ??
      (file.spans === 0 ? (file.problems[0]?.message ?? 'the file holds no spans') : null);
    return reason === null ? [] : [`${file.file}: ${reason}`];
  });
  if (imported.report.spans === 0) throw new UsageError(faults[0] ?? 'no spans were found');
  return { imported, broken: faults.join('; ') };
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
  const problems = report.files.flatMap((file) =>
    file.problems.map(
      (problem) =>
        `  ${plain(file.file)}: ${plain(problem.message)}${problem.count > 1 ? ` (${problem.count} times)` : ''}`,
    ),
  );
  if (problems.length > 0) lines.push('', 'Problems', ...problems);
  return `${lines.join('\n')}\n`;
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
