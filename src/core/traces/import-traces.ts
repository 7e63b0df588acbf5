// Trace files → one report, with what the panel needs besides. Each file is read in constant memory; all spans are joined before pairing, so
// that a trace may be spread over lines, files and services. A broken file is a problem of that file, never an exception.
import type { TraceFileReport, TraceReport } from '../model/hop.ts';
import type { Pathway } from '../model/pathway.ts';
import type { Timeline } from '../model/timeline.ts';
import type { Topology } from '../model/topology.ts';
import { findBottleneck } from './bottleneck.ts';
import { compareTraces } from './compare.ts';
import { describeForeign } from './foreign.ts';
import { peek } from './head.ts';
import { REASONS } from './hops.ts';
import type { Bytes, LateLink } from './importer.ts';
import { importers } from './index.ts';
import { measure, type Measured } from './measure.ts';
import { longestPathway, reportCoverage, reportHop, reportPathways } from './report.ts';
import { resolveHops, resolver } from './resolve.ts';
import { findSkew } from './skew.ts';
import { SpanTable } from './span-table.ts';
import { timelineOf } from './timeline.ts';

/** One file's name as it shall be shown, and its bytes. Compression is the shell's business: the engine gets plain bytes. */
export interface TraceInput {
  readonly name: string;
  /** Iterated once. */
  readonly chunks: AsyncIterable<Bytes>;
  /** What went wrong while reading, asked after the last chunk; null or absent: nothing. */
  readonly problem?: () => string | null;
}

export interface ImportOptions {
  /** The declared system that hops are resolved against; null: names stand for themselves. */
  readonly topology?: Topology | null;
  /** Traces from before, to compare with. */
  readonly before?: readonly TraceInput[];
  /** Whether the spans themselves are wanted, for a timeline (up to 50,000). */
  readonly timeline?: boolean;
  /** Called for each chunk: the file's index and name, and its bytes read so far. */
  readonly onProgress?: (progress: { readonly file: number; readonly name: string; readonly bytes: number }) => void;
  /** Asked for each chunk; true ends the import early with what was read. */
  readonly shouldStop?: () => boolean;
}

export interface TraceImport {
  readonly report: TraceReport;
  /** Indices into `report.hops` by the id of the edge or channel of the topology that they belong to. */
  readonly hopsByEdge: Readonly<Record<string, readonly number[]>>;
  /** The event's way that passes the most hops; null without deliveries. */
  readonly pathway: Pathway | null;
  /** The spans, where they were asked for; else null. */
  readonly timeline: Timeline | null;
  /** What was read of the files from before. */
  readonly before: readonly TraceFileReport[];
  /** `shouldStop` ended it: the report holds a part only. */
  readonly stopped: boolean;
}

/** Formats without span links. */
const LINKLESS_FORMATS = new Set(['zipkin']);

/** Reads and reports. Rejects only where a shell's own function does. */
export async function importTraces(files: readonly TraceInput[], options: ImportOptions = {}): Promise<TraceImport> {
  const { measured, reports, stopped } = await readTraces(files, options);
  const topology = options.topology ?? null;
  const earlier = options.before === undefined || stopped ? null : await readTraces(options.before, options);
  const comparison = earlier === null ? null : compareTraces(earlier.measured, measured);
  const { hopsByEdge, drift } = resolveHops(measured, topology);
  const report: TraceReport = {
    files: reports,
    traces: measured.table.traceCount(),
    spans: measured.table.count,
    hops: measured.hops.map((hop) => reportHop(measured, hop)),
    coverage: reportCoverage(measured),
    drift,
    pathways: reportPathways(measured),
    skew: findSkew(measured),
    bottleneck: findBottleneck(measured),
    comparison,
  };
  return {
    report,
    hopsByEdge,
    pathway: longestPathway(measured),
    stopped: stopped || (earlier?.stopped ?? false),
    before: earlier?.reports ?? [],
    timeline: options.timeline === true ? timelineOf(measured) : null,
  };
}

async function readTraces(
  files: readonly TraceInput[],
  options: ImportOptions,
): Promise<{ measured: Measured; reports: readonly TraceFileReport[]; stopped: boolean }> {
  const table = new SpanTable();
  const late: LateLink[] = [];
  const reports: TraceFileReport[] = [];
  let stopped = false;
  for (const [index, file] of files.entries()) {
    const stop = (): boolean => (stopped ||= options.shouldStop?.() ?? false);
    reports.push(await readFile(file, index, table, late, options, stop));
    if (stopped) break;
  }
  table.attach(late);
  const measured = measure(table, resolver(options.topology ?? null));
  return { measured, reports: withLostLinks(reports, measured), stopped };
}

async function readFile(
  file: TraceInput,
  index: number,
  table: SpanTable,
  late: LateLink[],
  options: ImportOptions,
  stop: () => boolean,
): Promise<TraceFileReport> {
  const problems = new Map<string, number>();
  const note = (message: string, count: number): void => {
    problems.set(message, (problems.get(message) ?? 0) + count);
  };
  let format = '';
  let spans = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Bytes, void, undefined> {
    for await (const chunk of file.chunks) {
      bytes += chunk.length;
      options.onProgress?.({ file: index, name: file.name, bytes });
      if (stop()) return;
      yield chunk;
    }
  }
  try {
    const { head, all, close } = await peek(counted());
    const importer = importers.find((each) => each.recognises(head));
    if (importer === undefined) {
      note(describeForeign(head), 1);
      await close();
    } else {
      format = importer.id;
      for await (const batch of importer.spans(all)) {
        for (const { message, count } of batch.problems) note(message, count);
        for (const span of batch.spans) table.add(span, LINKLESS_FORMATS.has(importer.id));
        if (batch.lateLinks) for (const link of batch.lateLinks) late.push(link);
        spans += batch.spans.length;
      }
      if (spans === 0 && problems.size === 0) note('the file holds no spans', 1);
    }
  } catch (error) {
    note(`the file could not be read to its end: ${error instanceof Error ? error.message : 'unknown error'}`, 1);
  }
  const broken = file.problem?.() ?? null;
  if (broken !== null) note(broken, 1);
  return { file: file.name, format, spans, problems: [...problems].map(([message, count]) => ({ message, count })) };
}

/** Says at the file why deliveries are missing where its format cannot carry what pairs them. */
function withLostLinks(reports: readonly TraceFileReport[], measured: Measured): readonly TraceFileReport[] {
  const lost = measured.pairing.halves.filter((half) => half.reason === REASONS.linkless).length;
  if (lost === 0) return reports;
  const message =
    'Zipkin’s format has no span links: messages that were consumed in batches or in a trace of their own cannot be paired; export OTLP instead';
  return reports.map((report) =>
    LINKLESS_FORMATS.has(report.format)
      ? { ...report, problems: [...report.problems, { message, count: lost }] }
      : report,
  );
}
