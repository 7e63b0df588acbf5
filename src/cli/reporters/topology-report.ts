// Snapshot → the topology as a person reads it in a terminal: channel by channel, who sends, who receives, what becomes of failed messages.
import type { Location } from '../../core/model/source.ts';
import type { Channel, Edge, Failure } from '../../core/model/topology.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { plain } from './plain.ts';

/** The report. Ends with a line break. */
export function topologyReport(snapshot: Snapshot): string {
  const { topology } = snapshot;
  const names = new Map<string, string>(
    [...topology.services, ...topology.channels].map((node) => [node.id, node.name]),
  );
  const name = (id: string): string => plain(names.get(id) ?? id);
  const into = new Map<string, Edge[]>();
  const outOf = new Map<string, Edge[]>();
  for (const edge of topology.edges) {
    push(into, edge.to, edge);
    push(outOf, edge.from, edge);
  }
  const lines: string[] = [];
  for (const channel of [...topology.channels].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) {
    lines.push('', `${mark(channel)}${plain(channel.name)}  ${describe(channel)}  ${places(channel.at.slice(0, 1))}`);
    for (const edge of into.get(channel.id) ?? [])
      lines.push(
        `  ${mark(edge)}← ${name(edge.from)}${edge.kind === 'sends' ? '' : ` (${edge.kind})`}${sure(edge)}  ${places(edge.at)}`,
      );
    for (const edge of outOf.get(channel.id) ?? []) {
      const as = edge.subscription === '' ? '' : ` as ${plain(edge.subscription)}`;
      lines.push(
        `  ${mark(edge)}→ ${name(edge.to)}${as}${edge.kind === 'receives' ? '' : ` (${edge.kind})`}${edge.failure === null ? '' : `: ${story(edge.failure, name)}`}${sure(edge)}  ${places(edge.at)}`,
      );
    }
    if (!into.has(channel.id) && !outOf.has(channel.id))
      lines.push('  nothing sends to it or receives from it in this workspace');
  }
  if (topology.unresolved.length > 0) {
    lines.push('', 'Unresolved');
    for (const item of topology.unresolved)
      lines.push(`  ${plain(item.what)}: ${plain(item.why)}  ${places([item.at])}`);
  }
  if (snapshot.problems.length > 0) {
    lines.push('', 'Problems');
    for (const problem of snapshot.problems)
      lines.push(`  ${plain(problem.file)}:${problem.range.start.line + 1}: ${plain(problem.message)}`);
  }
  const counts = `${count(topology.services.length, 'service')}, ${count(topology.channels.length, 'channel')}, ${count(topology.edges.length, 'edge')}, ${count(topology.schemas.length, 'schema')} in ${count(snapshot.files.read, 'file')}`;
  return `${counts}${lines.length === 0 ? '' : `\n${lines.join('\n')}`}\n`;
}

function story(failure: Failure, name: (id: string) => string): string {
  switch (failure.deadLetter) {
    case 'configured':
      return `failed messages go to ${failure.dangling === null ? (failure.to === null ? 'a dead-letter queue out of sight' : name(failure.to)) : `${plain(failure.dangling.name)}, which is declared nowhere`}`;
    case 'built-in':
      return 'the platform keeps failed messages';
    case 'missing':
      return `no dead-letter queue${failure.then === 'unknown' ? '' : `, a poisoned message ${failure.then === 'drops' ? 'is dropped' : failure.then === 'loops' ? 'loops' : failure.then === 'blocks' ? 'blocks the rest' : ''}`}`;
    case 'unknown':
      return 'failure handling out of sight';
    case 'not-applicable':
      return 'failure handling not applicable';
  }
}

function describe(channel: Channel): string {
  return `${channel.kind === 'other' ? 'channel' : channel.kind} (${plain(channel.broker)})${channel.deadLetter ? ', dead-letter' : ''}`;
}

function sure(edge: Edge): string {
  return edge.confidence === 'inferred' ? ` [inferred: ${plain(edge.why)}]` : '';
}

function mark(item: { readonly change?: string }): string {
  return item.change === undefined ? '' : item.change === 'added' ? '+ ' : item.change === 'removed' ? '- ' : '~ ';
}

function places(at: readonly Location[]): string {
  return at.map((location) => `${plain(location.file)}:${location.range.start.line + 1}`).join(', ');
}

/** "1 file", "2 schemas". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
