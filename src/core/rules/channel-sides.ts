// Which channels have both sides in view, and which only one: shared by the rules about orphans and about names that miss each other.
import type { Channel, Topology } from '../model/topology.ts';
import { isNearMiss } from './near-miss.ts';

/** A channel with one side, or none, in view. */
export interface OneSided {
  readonly channel: Channel;
  readonly lacks: 'producer' | 'consumer' | 'both';
  /** A channel of the same broker that has just the other side and a name that looks meant to be this one. */
  readonly nearMiss: Channel | null;
}

/**
 * Channels that lack a side. Left out: platform sources, dead-letter channels, ghosts, and where an unresolved name anywhere in the workspace
 * could be the side that is missing (stacks and code name channels of each other). O(channels²) only over channels that lack a side.
 */
export function oneSided(topology: Topology): readonly OneSided[] {
  const fed = new Set<string>();
  const read = new Set<string>();
  for (const edge of topology.edges) {
    if (edge.change === 'removed') continue;
    if (edge.kind !== 'receives') fed.add(edge.to);
    if (edge.kind === 'receives' || edge.kind === 'routes') read.add(edge.from);
  }
  const mayBe = (side: 'send' | 'receive'): boolean =>
    topology.unresolved.some(({ role }) => role === side || role === 'route' || role === 'other');
  const openSend = mayBe('send');
  const openReceive = mayBe('receive');
  const judged = topology.channels.filter(
    (channel) =>
      channel.change !== 'removed' && !channel.deadLetter && !channel.platformSource && channel.at.length > 0,
  );
  const loose = judged.filter((channel) => fed.has(channel.id) !== read.has(channel.id));
  return judged.flatMap((channel): readonly OneSided[] => {
    const hasProducer = fed.has(channel.id);
    const hasConsumer = read.has(channel.id);
    if ((hasProducer && hasConsumer) || (!hasProducer && openSend) || (!hasConsumer && openReceive)) return [];
    if (!hasProducer && !hasConsumer) return [{ channel, lacks: 'both', nearMiss: null }];
    const nearMiss =
      loose.find(
        (other) =>
          other !== channel &&
          other.broker === channel.broker &&
          fed.has(other.id) !== hasProducer &&
          isNearMiss(other.name, channel.name),
      ) ?? null;
    return [{ channel, lacks: hasProducer ? 'consumer' : 'producer', nearMiss }];
  });
}

/** What a person calls a channel of this kind. */
export function channelWord(channel: Channel): string {
  return channel.kind === 'other' ? 'channel' : channel.kind;
}
