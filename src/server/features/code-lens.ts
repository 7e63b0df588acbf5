// Above each channel: who produces and consumes it. Above each consumption and publish: the other side, a missing dead-letter queue, what was measured.
// A click opens the other side, where the client has the command for it.
import { CodeLensRefreshRequest, type CodeLens, type CodeLensParams } from 'vscode-languageserver';
import type { Hop } from '../../core/model/hop.ts';
import type { Location } from '../../core/model/source.ts';
import { comparePositions } from '../../core/model/source.ts';
import type { Channel, Edge } from '../../core/model/topology.ts';
import { duration } from '../../draw/latency.ts';
import { channelWord, counted } from '../../draw/words.ts';
import { CLIENT_COMMANDS } from '../../protocol/server.ts';
import { guarded } from '../guarded.ts';
import type { Disposable } from '../host.ts';
import { indexOf, placesOf, trafficOf, type TopologyIndex } from '../topology-index.ts';
import type { Traces } from '../traces.ts';
import type { Place, Workspace } from '../workspace.ts';

/** Longest name that a lens shows whole. */
const MAX_NAME = 40;

export function registerCodeLens(workspace: Workspace, traces: Traces, canRefresh: boolean): Disposable {
  const { connection } = workspace;
  const answer = guarded(connection, 'code lenses', async (params: CodeLensParams): Promise<CodeLens[]> => {
    const place = workspace.place(params.textDocument.uri);
    if (!place || (await workspace.setting(place.session.uri, 'codeLens')) === false) return [];
    return lensesOf(workspace, traces, place);
  });
  const shown = new Map<string, string>();
  const refresh = (): void => {
    if (canRefresh) void connection.sendRequest(CodeLensRefreshRequest.type);
  };
  const registered = [
    connection.onCodeLens(async (params) => (await answer(params)) ?? []),
    workspace.onSnapshot((session) => {
      // A lens of one file may change by an edit of another one; an edit that moves nothing asks for nothing.
      const now = JSON.stringify(
        session.snapshot()?.topology.edges.map(({ id, change, failure }) => [id, change, failure?.deadLetter]),
      );
      if (shown.get(session.uri) !== now) refresh();
      shown.set(session.uri, now);
    }),
    traces.onChange(refresh),
  ];
  return { dispose: () => registered.forEach((each) => each.dispose()) };
}

interface Lens {
  readonly at: Location;
  readonly title: string;
  readonly opens: readonly Location[];
}

function lensesOf(workspace: Workspace, traces: Traces, { session, snapshot, path }: Place): CodeLens[] {
  const index = indexOf(snapshot);
  const here = (at: readonly Location[]): readonly Location[] => at.filter((location) => location.file === path);
  const hops = (edges: readonly Edge[]): readonly Hop[] => edges.flatMap((edge) => traces.hopsOn(snapshot, edge.id));
  const lenses: Lens[] = [];
  for (const channel of index.channels.values())
    for (const at of here(channel.at)) lenses.push(...channelLenses(index, channel, at, hops));
  for (const edge of index.edges.values())
    for (const at of here(edge.at)) lenses.push(...edgeLens(index, edge, at, hops));
  const seen = new Set<string>();
  const uri = workspace.uri(session, path);
  return lenses
    .filter((lens) => {
      const key = `${lens.at.range.start.line} ${lens.title}`;
      return !seen.has(key) && seen.add(key);
    })
    .toSorted((a, b) => comparePositions(a.at.range.start, b.at.range.start))
    .map(({ at, title, opens }) => ({
      range: at.range,
      command: command(
        workspace,
        title,
        uri,
        at,
        opens.map(({ file, range }) => ({ uri: workspace.uri(session, file), range })),
      ),
    }));
}

function command(
  workspace: Workspace,
  title: string,
  uri: string,
  at: Location,
  locations: readonly object[],
): NonNullable<CodeLens['command']> {
  // Without a command a client still shows the title.
  if (workspace.options.clientCommands !== true || locations.length === 0) return { title, command: '' };
  return { title, command: CLIENT_COMMANDS.openLocations, arguments: [uri, at.range.start, locations, title] };
}

function channelLenses(
  index: TopologyIndex,
  channel: Channel,
  at: Location,
  hops: (edges: readonly Edge[]) => readonly Hop[],
): readonly Lens[] {
  const { into, outOf } = trafficOf(index, channel.id);
  const sides = [
    { edges: into, title: into.length === 0 ? 'no producer in view' : counted(into.length, 'producer') },
    {
      edges: outOf,
      title: `${outOf.length === 0 ? 'no consumer in view' : counted(outOf.length, 'consumer')}${guardOf(channel, outOf)}${figures(hops(outOf))}`,
    },
  ];
  return sides.map(({ edges, title }) => ({ at, title, opens: placesOf(edges) }));
}

function edgeLens(
  index: TopologyIndex,
  edge: Edge,
  at: Location,
  hops: (edges: readonly Edge[]) => readonly Hop[],
): readonly Lens[] {
  const channel = index.channels.get(edge.kind === 'receives' ? edge.from : edge.to);
  if (!channel || edge.kind === 'routes' || edge.kind === 'dead-letters') return [];
  const { into, outOf } = trafficOf(index, channel.id);
  const named = `${channelWord(channel)} ${shortened(channel.name)}`;
  if (edge.kind === 'sends') {
    const sent = hops([edge]).map(({ publish, resolution }) => ({ p95: publish.p95, n: publish.n, resolution }));
    const measured =
      sent.length === 0 ? '' : ` · publish p95 ${slowest(sent)} · n ${sum(sent.map((stats) => stats.n))}`;
    return [
      {
        at,
        title: `→ ${named} · ${outOf.length === 0 ? 'no consumer in view' : counted(outOf.length, 'consumer')}${measured}`,
        opens: outOf.length > 0 ? placesOf(outOf) : channel.at,
      },
    ];
  }
  const guard = edge.failure?.dangling
    ? ' · DLQ is not declared'
    : edge.failure?.deadLetter === 'missing'
      ? ' · no DLQ'
      : '';
  return [
    {
      at,
      title: `← ${named} · ${into.length === 0 ? 'no producer in view' : counted(into.length, 'producer')}${guard}${figures(hops([edge]))}`,
      opens: into.length > 0 ? placesOf(into) : channel.at,
    },
  ];
}

function guardOf(channel: Channel, outOf: readonly Edge[]): string {
  const missing =
    outOf.some((edge) => edge.failure?.deadLetter === 'missing') ||
    (!channel.deadLetter && channel.failure?.deadLetter === 'missing');
  return missing ? ' · no DLQ' : '';
}

/** " · p95 120 ms · wait 80 ms · n 96": the slowest of several hops speaks, deliveries add up. */
function figures(hops: readonly Hop[]): string {
  if (hops.length === 0) return '';
  const process = slowest(hops.map(({ process: own, resolution }) => ({ p95: own.p95, resolution })));
  const wait = slowest(hops.map(({ wait: own, resolution }) => ({ p95: own.high.p95, resolution })));
  return ` · p95 ${process} · wait ${wait} · n ${sum(hops.map((hop) => hop.deliveries))}`;
}

function slowest(all: readonly { readonly p95: number | null; readonly resolution: number }[]): string {
  const best = all.reduce<(typeof all)[number] | null>(
    (found, stats) => (stats.p95 !== null && (found?.p95 ?? -Infinity) < stats.p95 ? stats : found),
    null,
  );
  return best ? duration(best.p95, best.resolution) : 'too few';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function shortened(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return line.length > MAX_NAME ? `${line.slice(0, MAX_NAME)}…` : line;
}
