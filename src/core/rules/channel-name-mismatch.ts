// Two channels of one broker, one with producers only and one with consumers only, whose names look meant to be one.
import type { Topology } from '../model/topology.ts';
import { channelWord, oneSided } from './channel-sides.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly name: string;
  readonly kind: string;
  readonly lacks: 'producer' | 'consumer';
  readonly other: string;
}

export const channelNameMismatch = defineRule<State>({
  id: 'channel-name-mismatch',
  defaultSeverity: 'warning',
  docs: {
    title: 'Names that miss each other',
    what: 'A channel is consumed under a name that nothing produces to, while something produces to a name that differs by a letter, a case or a separator.',
    why: 'Brokers create what is asked for: the producer succeeds, the consumer waits, and no error tells anybody.',
    do: 'Make the two names one. Where they really are two channels, ignore the finding with that reason.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    for (const { channel, lacks, nearMiss } of oneSided(topology)) {
      const [at] = channel.at;
      if (at === undefined || nearMiss === null || lacks === 'both') continue;
      const there = nearMiss.at[0];
      const has = lacks;
      yield {
        at,
        about: [channel.id, nearMiss.id],
        state: { name: channel.name, kind: channelWord(channel), lacks, other: nearMiss.name },
        ...(there === undefined ? {} : { related: [{ at: there, message: `\`${nearMiss.name}\` has a ${has} only` }] }),
      };
    }
  },
  message: ({ name, kind, lacks, other }) =>
    `The ${kind} \`${name}\` has no ${lacks}, while \`${other}\` has a ${lacks} only: the two names look meant to be one, and the messages never arrive. Correct one of them.`,
});
