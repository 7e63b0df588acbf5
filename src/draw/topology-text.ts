// Topology → a compact text, one line per node and edge, sorted by name: for scenarios, goldens and terminals.
import type { Channel, Edge, Failure, Topology } from '../core/model/topology.ts';
import type { Location } from '../core/model/source.ts';

/** The dump. Ids do not occur in it; two nodes of one name are told apart by their place. Lines are 1-based. */
export function topologyText(topology: Topology): string {
  const channels = new Map<string, Channel>(topology.channels.map((channel) => [channel.id, channel]));
  const services = new Map(topology.services.map((service) => [service.id as string, service]));
  const schemas = new Map(topology.schemas.map((schema) => [schema.id as string, schema.name]));
  const name = (id: string): string => channels.get(id)?.name ?? services.get(id)?.name ?? id;
  const lines: string[] = [];
  const mark = (item: { readonly change?: string }): string => (item.change === undefined ? '' : ` (${item.change})`);
  lines.push(
    ...topology.services
      .map(
        (service) =>
          `service ${service.name}${service.group === '' ? '' : ` in ${service.group}`} @ ${places(service.at)}${mark(service)}`,
      )
      .sort(),
  );
  lines.push(
    ...topology.channels
      .map((channel) => {
        const carried = channel.schemas.map((id) => schemas.get(id) ?? id);
        return `${channel.kind === 'other' ? 'channel' : channel.kind} ${channel.name} (${channel.broker})${channel.deadLetter ? ' dead-letter' : ''}${channel.platformSource ? ' platform' : ''}${carried.length === 0 ? '' : ` {${carried.join(', ')}}`} @ ${places(channel.at)}${mark(channel)}`;
      })
      .sort(),
  );
  lines.push(...topology.edges.map((edge) => edgeLine(edge, name, (id) => schemas.get(id) ?? id) + mark(edge)).sort());
  lines.push(
    ...topology.tasks.map(
      (task) =>
        `task ${task.name}${task.service === null ? '' : ` of ${name(task.service)}`}: retry ${task.retry.kind} @ ${place(task.at)}`,
    ),
  );
  lines.push(...topology.unresolved.map((item) => `unresolved ${item.what}: ${item.why} @ ${place(item.at)}`));
  return lines.join('\n');
}

function edgeLine(edge: Edge, name: (id: string) => string, schema: (id: string) => string): string {
  const as = edge.subscription === '' ? '' : ` as ${edge.subscription}`;
  const carried = edge.schemas.length === 0 ? '' : ` {${edge.schemas.map((id) => schema(id)).join(', ')}}`;
  const sure = edge.confidence === 'declared' ? '' : `, ${edge.confidence}`;
  const failure = edge.failure === null ? '' : `: ${failureText(edge.failure, name)}`;
  return `${edge.kind} ${name(edge.from)} → ${name(edge.to)}${as}${carried}${failure} @ ${places(edge.at)}${sure}`;
}

function failureText(failure: Failure, name: (id: string) => string): string {
  const to = failure.to === null ? '' : ` to ${name(failure.to)}`;
  const parts = [
    `dlq ${failure.deadLetter}${to}${failure.dangling === null ? '' : ` to ${failure.dangling.name}, which is declared nowhere`}`,
  ];
  if (failure.attempts !== null) parts.push(`${failure.attempts} attempts`);
  if (failure.backoff !== 'unknown') parts.push(`backoff ${failure.backoff}`);
  if (failure.then !== 'unknown') parts.push(`then ${failure.then}`);
  if (failure.retry.kind === 'none') parts.push('no retry');
  return parts.join(', ');
}

function places(at: readonly Location[]): string {
  return at.length === 0 ? 'nowhere' : at.map((location) => place(location)).join(', ');
}

function place(at: Location): string {
  return `${at.file}:${at.range.start.line + 1}`;
}
