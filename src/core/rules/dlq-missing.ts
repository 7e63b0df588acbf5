// A consumption that has nowhere to put a poisoned message. Silent where a platform has its own dead-letter queue, where the channel is one
// itself, and where the setting is out of sight. A queue that decides for its readers is judged once, at the queue.
import type { Edge, Failure, Topology } from '../model/topology.ts';
import { consumptions, groupBy, handleKey, listOf, namesOf, severityOf } from './consequence.ts';
import { channelWord } from './channel-sides.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly channel: string;
  readonly channelKind: string;
  /** Services that read, or, for a `delivery`, channels that it forwards to. */
  readonly consumers: readonly string[];
  readonly delivery: boolean;
  readonly failure: Failure;
}

export const dlqMissing = defineRule<State>({
  id: 'dlq-missing',
  defaultSeverity: 'warning',
  docs: {
    title: 'Consumer without a dead-letter queue',
    what: 'A consumer reads a channel and nothing is configured that takes a message which it keeps failing on.',
    why: 'Depending on the broker such a message is dropped after the last attempt, returns until its retention is over, or blocks everything behind it. Either way nobody sees it again, and nobody is told.',
    do: 'Give the consumer a dead-letter queue of its own, with an alarm on its size and somebody who processes it. The quick fix writes the queue and the setting in the dialect of the file.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const names = namesOf(topology);
    const missing = consumptions(topology).filter((edge) => edge.failure.deadLetter === 'missing');
    const judged = new Set<string>();
    for (const [key, edges] of groupBy(missing, (edge) => handleKey(edge.failure))) {
      const [edge] = edges;
      if (edge === undefined) continue;
      judged.add(key);
      const channel = names.channel(edge.from);
      yield {
        at: edge.failure.handle.at,
        severity: severityOf(edge.failure.then),
        about: [...new Set(edges.flatMap((one) => [one.id, one.from]))],
        state: {
          channel: names.name(edge.from),
          channelKind: channel === undefined ? 'channel' : channelWord(channel),
          consumers: [...new Set(edges.map((one) => names.name(one.to)))].sort(),
          delivery: edges.every((one) => one.kind === 'routes'),
          failure: edge.failure,
        },
        related: edges.flatMap((one) => relatedSites(one, names.name(one.from), names.name(one.to))),
      };
    }
    const read = new Set(topology.edges.filter((edge) => edge.failure !== null).map((edge) => edge.from as string));
    for (const channel of topology.channels) {
      const { failure } = channel;
      if (
        failure === null ||
        failure.deadLetter !== 'missing' ||
        channel.change === 'removed' ||
        read.has(channel.id) ||
        judged.has(handleKey(failure))
      )
        continue;
      yield {
        at: failure.handle.at,
        severity: 'info',
        about: [channel.id],
        state: { channel: channel.name, channelKind: channelWord(channel), consumers: [], delivery: false, failure },
      };
    }
  },
  message({ channel, channelKind, consumers, delivery, failure }) {
    const how = failure.why === '' ? '' : ` (${failure.why})`;
    if (consumers.length === 0)
      return `The ${channelKind} \`${channel}\` has no dead-letter queue${how}: whoever reads it will find that a message which keeps failing ${ending(failure)}. Give it a dead-letter queue.`;
    if (delivery)
      return `A message that \`${channel}\` cannot deliver to ${listOf(consumers)} ${ending(failure)}: it has no dead-letter queue${how}. Give the delivery one.`;
    return `A message that ${listOf(consumers)} ${consumers.length === 1 ? 'keeps' : 'keep'} failing on ${ending(failure)}: \`${channel}\` has no dead-letter queue for it${how}. Give the consumer one.`;
  },
  fix: ({ failure, channel }, context) => {
    const fix =
      context
        .dialect(failure.handle.dialect)
        ?.write({ kind: 'dead-letter', handle: failure.handle, suggestedName: `${channel}-dlq` }, context) ?? null;
    return fix === null ? [] : [fix];
  },
});

function ending({ story, then }: Failure): string {
  if (story !== '') return story;
  switch (then) {
    case 'drops':
      return 'is dropped';
    case 'loops':
      return 'returns again and again until its retention is over';
    case 'blocks':
      return 'blocks everything behind it';
    case 'dead-letters':
    case 'unknown':
      return 'has nowhere to go';
  }
}

function relatedSites(
  edge: Edge,
  from: string,
  to: string,
): readonly { readonly at: Edge['at'][number]; readonly message: string }[] {
  return edge.at.map((at) => ({
    at,
    message: edge.kind === 'routes' ? `\`${from}\` forwards to \`${to}\` here` : `\`${to}\` reads it here`,
  }));
}
