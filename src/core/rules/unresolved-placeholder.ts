// A name that keeps a placeholder which its own file should have filled: `${self:…}` of the Serverless Framework that leads nowhere. Variables that are
// given from outside (options, the environment, other stacks) are open on purpose and are not judged.
import type { Location } from '../model/source.ts';
import type { Topology } from '../model/topology.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly text: string;
  readonly placeholder: string;
}

const OWN = /\$\{self:[^},]*\}/;

export const unresolvedPlaceholder = defineRule<State>({
  id: 'unresolved-placeholder',
  defaultSeverity: 'warning',
  docs: {
    title: 'Placeholder that nothing fills',
    what: 'The name of a channel keeps a placeholder of its own file, and nothing stands in the file under that path.',
    why: 'The deployment fails, or the placeholder becomes part of the name and two sides that mean one channel never meet.',
    do: 'Correct the path in the placeholder, or add what it names.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const told = new Set<string>();
    const fresh = (at: Location): boolean => {
      const key = `${at.file} ${at.range.start.line}:${at.range.start.character}`;
      return told.size < told.add(key).size;
    };
    for (const channel of topology.channels) {
      const placeholder = OWN.exec(channel.name)?.[0];
      const [at] = channel.at;
      if (placeholder !== undefined && at !== undefined && channel.change !== 'removed' && fresh(at))
        yield { at, about: [channel.id], state: { text: channel.name, placeholder } };
    }
    for (const item of topology.unresolved) {
      const placeholder = OWN.exec(item.what)?.[0];
      if (placeholder !== undefined && fresh(item.at)) yield { at: item.at, state: { text: item.what, placeholder } };
    }
  },
  message: ({ text, placeholder }) =>
    `\`${text}\` keeps the placeholder \`${placeholder}\`, and nothing stands under that path in the file: whoever reads or writes it under its real name is somewhere else. Correct the path, or add what it names.`,
});
