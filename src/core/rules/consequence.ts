// Words and severities that several rules share: what happens to a message at last, and whose names to print.
import type { Severity } from '../model/finding.ts';
import type { Channel, Edge, Failure, Service, Then, Topology } from '../model/topology.ts';

/** Severity by what really happens: drops → error; loops or blocks → warning; not known → info. */
export function severityOf(then: Then): Severity {
  switch (then) {
    case 'drops':
      return 'error';
    case 'loops':
    case 'blocks':
      return 'warning';
    case 'dead-letters':
    case 'unknown':
      return 'info';
  }
}

/** Channels and services of a topology by id. */
export function namesOf(topology: Topology): {
  readonly channel: (id: string) => Channel | undefined;
  readonly service: (id: string) => Service | undefined;
  readonly name: (id: string) => string;
} {
  const channels = new Map<string, Channel>(topology.channels.map((channel) => [channel.id, channel]));
  const services = new Map<string, Service>(topology.services.map((service) => [service.id, service]));
  return {
    channel: (id) => channels.get(id),
    service: (id) => services.get(id),
    name: (id) => channels.get(id)?.name ?? services.get(id)?.name ?? id,
  };
}

/** Consumptions: the edges that carry a failure verdict, in the topology's order. Ghosts of removed ones are left out. */
export function consumptions(topology: Topology): readonly (Edge & { readonly failure: Failure })[] {
  return topology.edges.filter(
    (edge): edge is Edge & { readonly failure: Failure } => edge.failure !== null && edge.change !== 'removed',
  );
}

/** "`A`, `B` and `C`". */
export function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop();
  return last === undefined ? '' : quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`;
}

/** The places of a list without repetition, told apart by `key`. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Identifies a handle: two consumptions with the same handle are mended by one edit. */
export function handleKey({ handle }: Failure): string {
  return `${handle.dialect}\n${handle.at.file}\n${handle.path.join('\n')}\n${handle.role}`;
}
