// Base topology ⇄ current topology → the current one with change marks, and ghosts of what was removed. Lines do not count as change.
import type { Channel, ChangeMark, Edge, Failure, Schema, Service, Topology } from '../model/topology.ts';

/** The current topology with `change` on everything that differs from `base`; removed nodes and edges stand in it as ghosts. O(nodes + edges). */
export function markChanges(base: Topology, current: Topology): Topology {
  return {
    ...current,
    services: mark(base.services, current.services, (service: Service) => [service.name, service.group]),
    channels: mark(base.channels, current.channels, (channel: Channel) => [
      channel.name,
      channel.kind,
      channel.deadLetter,
      channel.schemas,
      failureKey(channel.failure),
    ]),
    schemas: mark(base.schemas, current.schemas, (schema: Schema) => [schema.name, schema.format]),
    edges: mark(
      base.edges,
      current.edges,
      (edge: Edge) => [edge.schemas, edge.confidence, failureKey(edge.failure)],
      (a, b) => (a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1),
    ),
  };
}

function failureKey(failure: Failure | null): unknown {
  return failure === null
    ? null
    : [failure.deadLetter, failure.to, failure.attempts, failure.backoff, failure.then, failure.retry.kind];
}

function mark<T extends { readonly id: string; readonly change?: ChangeMark }>(
  base: readonly T[],
  current: readonly T[],
  facts: (item: T) => unknown,
  before: (a: T, b: T) => number = () => 0,
): readonly T[] {
  const old = new Map(base.map((item) => [item.id, item]));
  const result: T[] = [];
  for (const item of current) {
    const was = old.get(item.id);
    old.delete(item.id);
    if (was === undefined) result.push({ ...item, change: 'added' });
    else
      result.push(JSON.stringify(facts(was)) === JSON.stringify(facts(item)) ? item : { ...item, change: 'changed' });
  }
  for (const ghost of old.values()) result.push({ ...ghost, change: 'removed' });
  return result.sort((a, b) => before(a, b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
