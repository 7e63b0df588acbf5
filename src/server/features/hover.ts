// What is declared under the cursor, told: who sends and receives, what becomes of a poisoned message, what was measured, and the message that proves a break.
import { MarkupKind, type Hover, type HoverParams, type Range } from 'vscode-languageserver';
import type { Hop } from '../../core/model/hop.ts';
import { comparePositions, contains } from '../../core/model/source.ts';
import type { Channel, Edge, Failure, Schema, Service } from '../../core/model/topology.ts';
import { duration } from '../../draw/latency.ts';
import { channelWord, counted, deadLetterWord, failureStory, retryWords } from '../../draw/words.ts';
import { guarded } from '../guarded.ts';
import type { Disposable } from '../host.ts';
import { block, code, plain } from '../markdown.ts';
import { indexOf, trafficOf, type TopologyIndex } from '../topology-index.ts';
import type { Traces } from '../traces.ts';
import type { Place, Workspace } from '../workspace.ts';

/** More names than this in one line, and the rest is a count. */
const MAX_NAMES = 6;

export function registerHover(workspace: Workspace, traces: Traces): Disposable {
  const answer = guarded(workspace.connection, 'hover', (params: HoverParams): Hover | null => {
    const place = workspace.place(params.textDocument.uri);
    return place && hoverAt(traces, place, params.position);
  });
  return workspace.connection.onHover((params) => answer(params) ?? null);
}

function hoverAt(traces: Traces, { snapshot, path }: Place, position: HoverParams['position']): Hover | null {
  const index = indexOf(snapshot);
  const at = { file: path, range: { start: position, end: position } };
  const parts: string[] = [];
  for (const finding of snapshot.findings) {
    if (finding.witness === null || finding.at.file !== path || !contains(finding.at.range, position)) continue;
    const outcome =
      finding.witness.error === '' ? finding.witness.kind : `${finding.witness.kind}: ${finding.witness.error}`;
    parts.push(
      `A message that proves the break (${plain(outcome)}):\n${block(JSON.stringify(finding.witness.message, null, 2), 'json')}`,
    );
  }
  const found = snapshot.at(at);
  for (const id of found) {
    const channel = index.channels.get(id);
    const service = index.services.get(id);
    const edge = index.edges.get(id);
    const schema = index.schemas.get(id);
    if (channel) parts.push(aboutChannel(index, channel));
    else if (service) parts.push(aboutService(index, service));
    else if (edge) parts.push(aboutEdge(index, edge, traces.hopsOn(snapshot, id)));
    else if (schema) parts.push(aboutSchema(index, schema));
  }
  if (parts.length === 0) return null;
  const range = tightest([...found].flatMap((id) => placesAround(index, id, path, position)));
  return {
    contents: { kind: MarkupKind.Markdown, value: [...new Set(parts)].join('\n\n---\n\n') },
    ...(range ? { range } : {}),
  };
}

function aboutChannel(index: TopologyIndex, channel: Channel): string {
  const { into, outOf } = trafficOf(index, channel.id);
  const lines = [
    `**${plain(channelWord(channel))}** ${code(channel.name)}${channel.deadLetter ? ' (dead-letter)' : ''}${mark(channel)}`,
  ];
  lines.push(
    `Sent by ${names(into.map((edge) => index.name(edge.from)))}`,
    `Received by ${names(outOf.map((edge) => withSubscription(index, edge)))}`,
  );
  if (channel.schemas.length > 0) lines.push(`Carries ${names(channel.schemas.map(index.name))}`);
  if (channel.failure) lines.push(...aboutFailure(index, channel.failure));
  for (const edge of outOf)
    if (edge.failure && edge.failure.deadLetter === 'missing')
      lines.push(`${code(index.name(edge.to))} has no dead-letter queue. ${plain(failureStory(edge.failure))}`);
  return lines.join('  \n');
}

function aboutService(index: TopologyIndex, service: Service): string {
  const sends = (index.leaving.get(service.id) ?? []).filter((edge) => edge.kind === 'sends');
  const receives = (index.entering.get(service.id) ?? []).filter((edge) => edge.kind === 'receives');
  return [
    `**Service** ${code(service.name)}${service.group === '' ? '' : ` in ${code(service.group)}`}${mark(service)}`,
    `Sends to ${names(sends.map((edge) => index.name(edge.to)))}`,
    `Receives from ${names(receives.map((edge) => index.name(edge.from)))}`,
  ].join('  \n');
}

function aboutEdge(index: TopologyIndex, edge: Edge, hops: readonly Hop[]): string {
  const verb = {
    sends: 'sends to',
    receives: 'is received by',
    routes: 'routes to',
    'dead-letters': 'dead-letters to',
  } satisfies Record<Edge['kind'], string>;
  const lines = [
    `${code(index.name(edge.from))} ${verb[edge.kind]} ${code(index.name(edge.to))}${edge.subscription === '' ? '' : ` as ${code(edge.subscription)}`}${mark(edge)}`,
  ];
  if (edge.schemas.length > 0) lines.push(`Carries ${names(edge.schemas.map(index.name))}`);
  if (edge.failure) lines.push(...aboutFailure(index, edge.failure));
  for (const hop of hops) lines.push(measured(edge, hop));
  if (edge.confidence !== 'declared')
    lines.push(`${edge.confidence === 'resolved' ? 'Resolved' : 'Inferred'}: ${plain(edge.why)}`);
  return lines.join('  \n');
}

function aboutSchema(index: TopologyIndex, schema: Schema): string {
  const channels = [...index.channels.values()]
    .filter((channel) => channel.schemas.includes(schema.id))
    .map((channel) => channel.name);
  const users = [...index.edges.values()].filter((edge) => edge.schemas.includes(schema.id));
  return [
    `**Schema** ${code(schema.name)} (${plain(schema.format)})${mark(schema)}`,
    `On ${names([...channels, ...users.map((edge) => index.name(edge.kind === 'receives' ? edge.from : edge.to))])}`,
    `Sent by ${names(users.filter((edge) => edge.kind === 'sends').map((edge) => index.name(edge.from)))}`,
    `Received by ${names(users.filter((edge) => edge.kind === 'receives').map((edge) => index.name(edge.to)))}`,
  ].join('  \n');
}

function aboutFailure(index: TopologyIndex, failure: Failure): readonly string[] {
  const to = failure.dangling?.name ?? (failure.to === null ? '' : index.name(failure.to));
  const retry = retryWords(failure);
  return [
    `Dead-letter queue: ${plain(deadLetterWord(failure))}${to === '' ? '' : ` → ${code(to)}`}${failure.why === '' ? '' : ` (${plain(failure.why)})`}`,
    ...(retry === '' ? [] : [`Retry: ${plain(retry)}`]),
    plain(failureStory(failure)),
  ];
}

function measured(edge: Edge, hop: Hop): string {
  const figure = (name: string, stats: Hop['publish']): string =>
    stats.p95 === null ? '' : `${name} p95 ${duration(stats.p95, hop.resolution)}`;
  const figures =
    edge.kind === 'sends'
      ? [figure('publish', hop.publish)]
      : [figure('wait up to', hop.wait.high), figure('process', hop.process)];
  const words = [
    ...figures.filter((text) => text !== ''),
    `n ${hop.deliveries}`,
    ...(hop.errors > 0 ? [counted(hop.errors, 'error')] : []),
    ...(hop.redeliveries > 0 ? [counted(hop.redeliveries, 'redelivery', 'redeliveries')] : []),
  ];
  return `Measured ${code(`${hop.producer} → ${hop.consumer}`)}: ${plain(words.join(' · '))}`;
}

function withSubscription(index: TopologyIndex, edge: Edge): string {
  return edge.subscription === '' ? index.name(edge.to) : `${index.name(edge.to)} (${edge.subscription})`;
}

function names(all: readonly string[]): string {
  const unique = [...new Set(all)];
  if (unique.length === 0) return 'nobody in view';
  const rest = unique.length - MAX_NAMES;
  return `${unique.slice(0, MAX_NAMES).map(code).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function mark({ change }: { readonly change?: string }): string {
  return change === undefined ? '' : ` (${change} since the base)`;
}

function placesAround(
  index: TopologyIndex,
  id: string,
  path: string,
  position: HoverParams['position'],
): readonly Range[] {
  const node = index.channels.get(id) ?? index.services.get(id) ?? index.edges.get(id) ?? index.schemas.get(id);
  return (node?.at ?? []).filter((at) => at.file === path && contains(at.range, position)).map((at) => at.range);
}

function tightest(ranges: readonly Range[]): Range | null {
  return ranges.reduce<Range | null>(
    (best, range) =>
      best === null || (comparePositions(best.start, range.start) <= 0 && comparePositions(range.end, best.end) <= 0)
        ? range
        : best,
    null,
  );
}
