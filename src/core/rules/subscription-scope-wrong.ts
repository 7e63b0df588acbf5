// A Dapr subscription whose scopes name the very application that publishes to the topic, while nobody else publishes there: the scopes were meant for
// the consumers. An application that reads its own messages beside those of others is not judged.
import type { Edge, Topology } from '../model/topology.ts';
import { namesOf } from './consequence.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly service: string;
  readonly topic: string;
  readonly others: boolean;
}

export const subscriptionScopeWrong = defineRule<State>({
  id: 'subscription-scope-wrong',
  defaultSeverity: 'warning',
  docs: {
    title: 'Subscription scoped to its own producer',
    what: 'The scopes of a Dapr subscription name the only application that publishes to the topic.',
    why: 'Scopes say who consumes. The producer gets its own messages back, and the application that was meant never sees one.',
    do: 'Name the consuming application in `scopes`.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const names = namesOf(topology);
    const producers = new Map<string, Set<string>>();
    const consumers = new Map<string, Edge[]>();
    for (const edge of topology.edges) {
      if (edge.change === 'removed') continue;
      if (edge.kind === 'sends') producers.set(edge.to, (producers.get(edge.to) ?? new Set()).add(edge.from));
      if (edge.kind === 'receives') consumers.set(edge.from, [...(consumers.get(edge.from) ?? []), edge]);
    }
    for (const [channel, edges] of consumers) {
      const from = producers.get(channel);
      if (from?.size !== 1) continue;
      for (const edge of edges) {
        const [at] = edge.at;
        if (
          !from.has(edge.to) ||
          edge.failure?.handle.dialect !== 'dapr' ||
          edge.subscription === '' ||
          at === undefined
        )
          continue;
        yield {
          at,
          about: [edge.id],
          state: { service: names.name(edge.to), topic: names.name(channel), others: edges.length > 1 },
        };
      }
    }
  },
  message: ({ service, topic, others }) =>
    `The subscription to \`${topic}\` is scoped to \`${service}\`, the only application that publishes there: it gets its own messages back${others ? '' : ', and nobody else reads them'}. Name the consuming application in \`scopes\`.`,
});
