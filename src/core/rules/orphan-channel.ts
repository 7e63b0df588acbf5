// A channel that only one side is known of. Information only, unless a near-miss name stands on the other side. Silent for platform
// sources, for dead-letter channels, and where any unresolved name of the workspace could be the missing side.
import type { Channel, Topology } from '../model/topology.ts';
import { defineRule } from './rule.ts';
import type { Match, RuleOptions } from './rule.ts';

interface State {
  readonly name: string;
  readonly kind: string;
  readonly lacks: 'producer' | 'consumer' | 'both';
  readonly nearMiss: { readonly name: string; readonly has: 'producer' | 'consumer' } | null;
}

export const orphanChannel = defineRule<State>({
  id: 'orphan-channel',
  defaultSeverity: 'info',
  docs: {
    title: 'Channel with one side missing',
    what: 'Nothing in the workspace produces to the channel, or nothing consumes from it.',
    why: 'Messages pile up unread, or a consumer waits for what never comes. Often the name on the other side differs by a letter.',
    do: 'Correct the name where another one is close to it. Where the other side lives in another repository, say so in `eventscape.yaml`, or ignore the finding with that reason.',
  },
  *find(topology: Topology, { complete }: RuleOptions): Iterable<Match<State>> {
    const fed = new Set<string>();
    const read = new Set<string>();
    for (const edge of topology.edges) {
      if (edge.change === 'removed') continue;
      if (edge.kind !== 'receives') fed.add(edge.to);
      if (edge.kind === 'receives' || edge.kind === 'routes') read.add(edge.from);
    }
    // Stacks and code name channels of each other: an open name anywhere in the workspace may be the side that is missing here.
    const mayBe = (side: 'send' | 'receive'): boolean =>
      topology.unresolved.some(({ role }) => role === side || role === 'route' || role === 'other');
    const openSend = mayBe('send');
    const openReceive = mayBe('receive');
    const judged = topology.channels.filter(
      (channel) =>
        channel.change !== 'removed' && !channel.deadLetter && !channel.platformSource && channel.at.length > 0,
    );
    const loose = judged.filter((channel) => fed.has(channel.id) !== read.has(channel.id));
    for (const channel of judged) {
      const hasProducer = fed.has(channel.id);
      const hasConsumer = read.has(channel.id);
      if (hasProducer && hasConsumer) continue;
      if ((!hasProducer && openSend) || (!hasConsumer && openReceive)) continue;
      // A channel with neither side tells more of what is not read than of the system, unless all of it is here.
      if (!hasProducer && !hasConsumer && !complete) continue;
      const [at] = channel.at;
      if (at === undefined) continue;
      const lacks = !hasProducer && !hasConsumer ? 'both' : hasProducer ? 'consumer' : 'producer';
      const near =
        lacks === 'both'
          ? undefined
          : loose.find(
              (other) =>
                other !== channel &&
                other.broker === channel.broker &&
                fed.has(other.id) !== hasProducer &&
                isNear(other.name, channel.name),
            );
      yield {
        at,
        about: [channel.id],
        state: {
          name: channel.name,
          kind: word(channel),
          lacks,
          nearMiss: near === undefined ? null : { name: near.name, has: hasProducer ? 'consumer' : 'producer' },
        },
        severity: near !== undefined || complete ? 'warning' : 'info',
        ...(near?.at[0] === undefined
          ? {}
          : {
              related: [
                {
                  at: near.at[0],
                  message: `\`${near.name}\` has a ${hasProducer ? 'consumer' : 'producer'} but no ${hasProducer ? 'producer' : 'consumer'}`,
                },
              ],
            }),
      };
    }
  },
  message({ name, kind, lacks, nearMiss }) {
    if (nearMiss !== null)
      return `The ${kind} \`${name}\` has no ${lacks}, while \`${nearMiss.name}\` has a ${nearMiss.has} only: the two names look meant to be one, and the messages never arrive. Correct one of them.`;
    if (lacks === 'both')
      return `The ${kind} \`${name}\` is declared, but nothing in the workspace produces to it or consumes from it. Remove it, or say who uses it.`;
    return lacks === 'consumer'
      ? `Nothing in the workspace consumes from the ${kind} \`${name}\`: what is sent there is read by nobody in view. Remove it, or say who reads it.`
      : `Nothing in the workspace produces to the ${kind} \`${name}\`: its consumers wait for messages from out of view. Say who sends them, or correct the name.`;
  },
});

function word(channel: Channel): string {
  return channel.kind === 'other' ? 'channel' : channel.kind;
}

/** One edit apart (insert, delete, replace or swap of neighbours), or equal but for case and separators; short names never are. */
function isNear(a: string, b: string): boolean {
  if (a === b) return false;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.:/\s]/g, '');
  if (plain(a) === plain(b)) return true;
  if (
    Math.min(a.length, b.length) < 6 ||
    Math.abs(a.length - b.length) > 2 ||
    /\d$/.test(a) !== /\d$/.test(b) ||
    /\d/.test(a + b)
  )
    return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  if (restA.length <= 1 && restB.length <= 1) return true;
  if (restA.length === 0 || restB.length === 0) return restA + restB === 'ed';
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}
