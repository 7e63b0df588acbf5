// A channel that only one side is known of. Information only, a warning where all of the system is said to be here. Names that miss each other
// by a letter are another rule's.
import type { Topology } from '../model/topology.ts';
import { channelWord, oneSided } from './channel-sides.ts';
import { defineRule } from './rule.ts';
import type { Match, RuleOptions } from './rule.ts';

interface State {
  readonly name: string;
  readonly kind: string;
  readonly lacks: 'producer' | 'consumer' | 'both';
}

export const orphanChannel = defineRule<State>({
  id: 'orphan-channel',
  defaultSeverity: 'info',
  docs: {
    title: 'Channel with one side missing',
    what: 'Nothing in the workspace produces to the channel, or nothing consumes from it.',
    why: 'Messages pile up unread, or a consumer waits for what never comes.',
    do: 'Correct the name, or remove the channel. Where the other side lives in another repository, say so in `eventscape.yaml`, or ignore the finding with that reason.',
  },
  *find(topology: Topology, { complete }: RuleOptions): Iterable<Match<State>> {
    for (const { channel, lacks, nearMiss } of oneSided(topology)) {
      const [at] = channel.at;
      // A channel with neither side tells more of what is not read than of the system, unless all of it is here.
      if (at === undefined || nearMiss !== null || (lacks === 'both' && !complete)) continue;
      yield {
        at,
        about: [channel.id],
        state: { name: channel.name, kind: channelWord(channel), lacks },
        severity: complete ? 'warning' : 'info',
      };
    }
  },
  message({ name, kind, lacks }) {
    switch (lacks) {
      case 'both':
        return `The ${kind} \`${name}\` is declared, but nothing in the workspace produces to it or consumes from it. Remove it, or say who uses it.`;
      case 'consumer':
        return `Nothing in the workspace consumes from the ${kind} \`${name}\`: what is sent there is read by nobody in view. Remove it, or say who reads it.`;
      case 'producer':
        return `Nothing in the workspace produces to the ${kind} \`${name}\`: its consumers wait for messages from out of view. Say who sends them, or correct the name.`;
    }
  },
});
