// A trace report → a Markdown design document to start a remediation from: the bottleneck with its figures, the way of an event, what changed, what could
// be done by its cause, what is not known. Figures are no finer than the clock that took them.
import type { Bottleneck, Hop, HopComparison, Stats, TraceReport } from '../core/model/hop.ts';
import type { Pathway } from '../core/model/pathway.ts';
import { duration } from './latency.ts';
import { sequenceDiagram } from './sequence.ts';

/** Markdown, ending in a line break. */
export function traceReportMarkdown(report: TraceReport, pathway: Pathway | null): string {
  const sections = [
    `# Latency of events: ${report.bottleneck === null ? 'what the traces show' : headline(report, report.bottleneck)}`,
    intro(report),
    ...(report.bottleneck === null ? [] : ['## The bottleneck', bottleneckText(report, report.bottleneck)]),
    '## Every hop',
    hopTable(report),
    ...(pathway === null
      ? []
      : [
          '## The way of one event',
          `Trace \`${code(pathway.traceId)}\`, ${duration(pathway.total, pathway.resolution)} from first publish to last work.`,
          `\`\`\`mermaid\n${sequenceDiagram(pathway).trimEnd()}\n\`\`\``,
        ]),
    ...(report.comparison === null ? [] : ['## Against the traces from before', comparisonText(report)]),
    ...(report.bottleneck === null
      ? []
      : [
          '## What could be done',
          actions(report.bottleneck)
            .map((action) => `- [ ] ${action}`)
            .join('\n'),
        ]),
    '## Open questions',
    questions(report)
      .map((question) => `- ${question}`)
      .join('\n'),
    '## How this was measured',
    method(report),
  ];
  return `${sections.join('\n\n')}\n`;
}

function headline(report: TraceReport, bottleneck: Bottleneck): string {
  const hop = report.hops[bottleneck.hop];
  if (hop === undefined) return 'what the traces show';
  switch (bottleneck.segment) {
    case 'publish':
      return `publishing by ${text(hop.producer)}`;
    case 'wait':
      return `waiting for ${text(hop.consumer)}`;
    case 'process':
      return `the work of ${text(hop.consumer)}`;
    default:
      return bottleneck.segment satisfies never;
  }
}

function intro(report: TraceReport): string {
  const files = report.files
    .filter((file) => file.spans > 0)
    .map((file) => `\`${code(file.file)}\` (${file.format}, ${file.spans} spans)`);
  return `${report.coverage.deliveries} deliveries over ${report.hops.length} hops, from ${report.spans} spans of ${report.traces} traces: ${files.join(', ') || 'no file'}.`;
}

const CAUSES: Readonly<Record<Bottleneck['cause'], string>> = {
  'consumer-bound': 'The consumer is the limit: messages wait for it, or it is slow itself.',
  'poll-or-broker-bound':
    'The consumer is idle while messages wait: it polls too seldom, or the broker is slow to hand them out.',
  'producer-bound': 'The producer is the limit: publishing takes longer than what follows.',
  'retry-bound': 'Most of the waiting is before second and later attempts: messages fail and come back.',
  unknown: 'The traces do not tell why.',
};

function bottleneckText(report: TraceReport, bottleneck: Bottleneck): string {
  const hop = report.hops[bottleneck.hop];
  if (hop === undefined) return '';
  return [
    `**${hopText(hop)}**, segment *${bottleneck.segment}*: ${Math.round(bottleneck.share * 100)} % of the time from first publish to last work, over all the ways that pass this hop.`,
    CAUSES[bottleneck.cause],
    bottleneck.evidence.map((line) => `- ${text(line)}`).join('\n'),
  ].join('\n\n');
}

function hopTable(report: TraceReport): string {
  const rows = report.hops.map((hop) => {
    const notes = [
      hop.deadLetter ? 'dead letters' : '',
      hop.redeliveries > 0 ? `${hop.redeliveries} redelivered` : '',
      hop.errors > 0 ? `${hop.errors} failed` : '',
      hop.deliveredBeforeAck > 0 ? `${hop.deliveredBeforeAck} delivered before the ack` : '',
      hop.inferred > 0 ? `${hop.inferred} inferred` : '',
    ].filter((note) => note !== '');
    const wait =
      hop.wait.exact > 0 && hop.wait.exact === hop.wait.n
        ? p(hop.wait.high, hop)
        : `${p(hop.wait.low, hop)} to ${p(hop.wait.high, hop)}`;
    return `| ${hopText(hop)} | ${hop.deliveries} | ${p(hop.publish, hop)} | ${wait} | ${p(hop.transit, hop)} | ${p(hop.process, hop)} | ${notes.join(', ')} |`;
  });
  return ['| hop | n | publish | wait | transit | process | |', '|---|---:|---:|---:|---:|---:|---|', ...rows]
    .join('\n')
    .concat(
      '\n\nMedian (p95). Transit is from the start of the publish to the delivery; wait lies between the figures given.',
    );
}

function p(stats: Stats, hop: Hop): string {
  if (stats.n === 0) return '–';
  if (stats.p50 === null || stats.p95 === null) return `≤ ${duration(stats.max, hop.resolution)}`;
  return `${duration(stats.p50, hop.resolution)} (${duration(stats.p95, hop.resolution)})`;
}

function hopText(hop: Hop): string {
  const via = hop.via.length === 0 ? '' : ` (${hop.via.map(text).join(', ')})`;
  return `${text(hop.producer)} → ${text(hop.channel)}${via} → ${text(hop.consumer)}`;
}

function comparisonText(report: TraceReport): string {
  const { comparison } = report;
  if (comparison === null) return '';
  const changes = comparison.hops.filter((each) => each.verdict === 'slower' || each.verdict === 'faster');
  const few = comparison.hops.filter((each) => each.verdict === 'too-few').length;
  const lines = changes.map((each) => changeText(report, each));
  return [
    lines.length === 0 ? 'Nothing that can be told from chance became slower or faster.' : lines.join('\n'),
    ...comparison.new.map((name) => `- new: ${text(name)}`),
    ...comparison.gone.map((name) => `- gone: ${text(name)}`),
    ...comparison.errors.map(
      (each) => `- error rate of ${hopTextOf(report, each.hop)}: ${rate(each.before)} → ${rate(each.after)}`,
    ),
    few === 0 ? '' : `\n${few} of ${comparison.hops.length} segments have too few independent values to compare.`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function changeText(report: TraceReport, change: HopComparison): string {
  const resolution = report.hops[change.hop]?.resolution ?? 1;
  const interval =
    change.ci === null
      ? ''
      : `, 95 % interval ${duration(change.ci[0], resolution)} to ${duration(change.ci[1], resolution)}`;
  return `- **${change.verdict}**: ${change.segment} of ${hopTextOf(report, change.hop)}: p50 ${duration(change.before.p50, resolution)} → ${duration(change.after.p50, resolution)}${interval}${change.cause ? ' (the cause)' : ''}`;
}

function hopTextOf(report: TraceReport, index: number): string {
  const hop = report.hops[index];
  return hop === undefined ? 'a hop' : hopText(hop);
}

function rate(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function actions(bottleneck: Bottleneck): readonly string[] {
  switch (bottleneck.cause) {
    case 'consumer-bound':
      return [
        'Profile the handler; look first at its queries (missing index, one query per message) and calls to other services.',
        'Cache what the handler reads again and again.',
        'Let more messages be worked on at a time (prefetch, concurrency, instances), if order does not matter and what the handler calls can bear it.',
        'Work in batches where one call can serve several messages.',
        'Raise an alarm on the age of the oldest message, so that the next backlog is seen while it grows.',
      ];
    case 'poll-or-broker-bound':
      return [
        'Shorten the poll interval, or use long polling or push.',
        'Look at the broker’s own figures (flow control, memory and disk alarms, rebalances, throttling).',
        'Check batch settings that hold messages back until a batch is full.',
      ];
    case 'producer-bound':
      return [
        'Look at what the publish waits for: acknowledgements of all replicas, batching (linger), connection setup per message.',
        'Publish from an outbox, so that the request does not wait for the broker.',
        'Send in batches where messages come together.',
      ];
    case 'retry-bound':
      return [
        'Find out why first attempts fail: the error of the consumer’s spans, grouped.',
        'Retry at once only what can heal at once; send the rest to a dead-letter queue sooner.',
        'Shorten the back-off for errors that pass quickly; keep it growing for those that do not.',
      ];
    case 'unknown':
      return [
        'Instrument the consumer so that its spans measure the work of each message.',
        'Record traces over a longer time, with all services in one export.',
      ];
    default:
      return bottleneck.cause satisfies never;
  }
}

function questions(report: TraceReport): readonly string[] {
  const { coverage } = report;
  const unpaired = coverage.producerOnly + coverage.consumerOnly;
  return [
    ...(unpaired === 0
      ? []
      : [
          `${unpaired} messages have only one side in these files: are their services instrumented and in the export? ${coverage.reasons.map(({ reason, count }) => `(${count} × ${text(reason)})`).join(' ')}`,
        ]),
    ...report.drift.undeclared.map((name) => `Seen but not declared: ${text(name)}. Who owns it?`),
    ...(report.skew ?? []).map(
      (skew) =>
        `The clock of ${text(skew.consumer)} is at least ${duration(skew.atLeast, 0.001)} behind that of ${text(skew.producer)}: which one is right?`,
    ),
    'Are these traces of a usual load, and were all of them kept? Sampling by latency or error makes percentiles look worse than they are.',
    'What latency do the people who wait for this event need?',
  ];
}

function method(report: TraceReport): string {
  const resolution = Math.max(0.001, ...report.hops.map((hop) => hop.resolution));
  return `Spans were paired by span links, parents and message ids, not by time. Percentiles are exact, by nearest rank over all attempts; none is given for fewer than five. The coarsest clock counts in steps of ${duration(resolution, 0.001)}. A delivery before the broker’s acknowledgement is ordinary and is counted, not dropped.`;
}

/** A name as Markdown text: nothing in it is markup, a link or a table's border. */
function text(name: string): string {
  return name
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll(/[\\`*_[\]<>#|~&]/g, (character) => `&#${character.codePointAt(0) ?? 32};`)
    .slice(0, 400);
}

/** A name within backticks. */
function code(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}`|]/gu, ' ').slice(0, 400);
}
