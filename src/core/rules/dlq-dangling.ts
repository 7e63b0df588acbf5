// A dead-letter setting that names something which no file of the workspace declares. Imported and parameterised targets are not judged.
import type { Failure, Topology } from '../model/topology.ts';
import { consumptions, groupBy, namesOf } from './consequence.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly channel: string;
  readonly name: string;
  readonly why: string;
  readonly failure: Failure;
}

export const dlqDangling = defineRule<State>({
  id: 'dlq-dangling',
  defaultSeverity: 'error',
  docs: {
    title: 'Dead-letter queue that does not exist',
    what: 'A dead-letter setting names a queue, topic or exchange that is declared nowhere in the workspace.',
    why: 'The deployment fails, or the broker finds no target at the very moment a message has failed for the last time, and drops it.',
    do: 'Declare the dead-letter queue, or correct the name. The quick fix declares it.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const names = namesOf(topology);
    const written = [
      ...consumptions(topology).map((edge) => ({
        failure: edge.failure,
        channel: names.name(edge.from),
        about: [edge.id, edge.from],
      })),
      ...topology.channels.flatMap((channel) =>
        channel.failure === null || channel.change === 'removed'
          ? []
          : [{ failure: channel.failure, channel: channel.name, about: [channel.id] }],
      ),
    ].filter(({ failure }) => failure.dangling !== null);
    for (const same of groupBy(
      written,
      ({ failure }) => `${failure.dangling?.at.file} ${JSON.stringify(failure.dangling?.at.range)}`,
    ).values()) {
      const [first] = same;
      if (first === undefined || first.failure.dangling === null) continue;
      yield {
        at: first.failure.dangling.at,
        about: [...new Set<string>(same.flatMap((one) => one.about))],
        state: {
          channel: first.channel,
          name: first.failure.dangling.name,
          why: first.failure.why,
          failure: first.failure,
        },
      };
    }
  },
  message: ({ channel, name, why }) =>
    `\`${channel}\` sends its failed messages to \`${name}\`, and ${why === '' ? 'nothing of that name is declared' : why}: they are lost at the last attempt, if this deploys at all. Declare \`${name}\` or correct the name.`,
  fix: ({ failure, name }, context) => {
    const fix =
      context
        .dialect(failure.handle.dialect)
        ?.write({ kind: 'declare-dead-letter', handle: failure.handle, name }, context) ?? null;
    return fix === null ? [] : [fix];
  },
});
