// Finds nodes by what a person types: parts of names, the broker's word, the group, the schemas that travel there, the files that declare it.
import type { Topology } from '../core/model/topology.ts';
import { plainText } from './measure.ts';
import { channelWord } from './words.ts';

/** Ids of services and channels whose words contain every word of `text`, best first (name begins with it, name contains it, the rest). Empty text: none. */
export function searchTopology(topology: Topology, text: string): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first] = words;
  if (first === undefined) return [];
  const schemas = new Map(topology.schemas.map((schema) => [schema.id, schema.name]));
  const travelling = new Map<string, string[]>();
  for (const edge of topology.edges) {
    const names = edge.schemas.flatMap((id) => schemas.get(id) ?? []);
    for (const end of [edge.from, edge.to])
      travelling.set(end, [...(travelling.get(end) ?? []), ...names, edge.subscription]);
  }
  const found: { id: string; name: string; rank: number }[] = [];
  const visit = (id: string, name: string, more: readonly string[]): void => {
    const lower = name.toLowerCase();
    const all = [lower, ...more.map((each) => each.toLowerCase())].join('\n');
    if (!words.every((word) => all.includes(word))) return;
    found.push({ id, name: lower, rank: lower.startsWith(first) ? 0 : lower.includes(first) ? 1 : 2 });
  };
  for (const service of topology.services) {
    visit(service.id, plainText(service.name), [
      'service',
      service.group,
      ...(travelling.get(service.id) ?? []),
      ...service.at.map((at) => at.file),
    ]);
  }
  for (const channel of topology.channels) {
    const own = channel.schemas.flatMap((id) => schemas.get(id) ?? []);
    visit(channel.id, plainText(channel.name), [
      channelWord(channel),
      channel.group,
      ...own,
      ...(travelling.get(channel.id) ?? []),
      ...channel.at.map((at) => at.file),
    ]);
  }
  return found
    .toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}
