// Failed work that is explicitly never tried again. A default that retries is no finding, nor is a setting out of sight.
import type { Handle, RetryFacts } from '../model/declaration.ts';
import type { Topology } from '../model/topology.ts';
import { consumptions, groupBy, namesOf } from './consequence.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly subject: string;
  readonly why: string;
  readonly after: string;
  readonly handle: Handle;
}

export const retryMissing = defineRule<State>({
  id: 'retry-missing',
  defaultSeverity: 'warning',
  docs: {
    title: 'Failed work is never tried again',
    what: 'A consumer or a task is configured so that its first failure is final.',
    why: 'Most failures pass: a time-out, a lock, a deployment. Without a second attempt each of them costs a message, or fills the dead-letter queue with messages that would have gone through.',
    do: 'Allow a few attempts with exponential back-off before the message is given up.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const names = namesOf(topology);
    const places: {
      readonly retry: Extract<RetryFacts, { kind: 'none' }>;
      readonly about: readonly string[];
      readonly state: State;
    }[] = [];
    for (const edge of consumptions(topology)) {
      const { retry, deadLetter, handle } = edge.failure;
      if (retry.kind !== 'none') continue;
      const subject =
        edge.kind === 'receives'
          ? `\`${names.name(edge.to)}\` reads \`${names.name(edge.from)}\``
          : `\`${names.name(edge.from)}\` delivers to \`${names.name(edge.to)}\``;
      const after =
        deadLetter === 'configured' || deadLetter === 'built-in'
          ? 'goes to the dead-letter queue'
          : deadLetter === 'missing'
            ? 'is lost'
            : 'is given up';
      places.push({
        retry,
        about: [edge.id, edge.to],
        state: {
          subject: `${subject} without a second attempt`,
          why: retry.why,
          after: `the first failure ${after === 'is lost' ? 'loses the message' : `is final and the message ${after}`}`,
          handle,
        },
      });
    }
    for (const task of topology.tasks) {
      if (task.retry.kind === 'none')
        places.push({
          retry: task.retry,
          about: task.service === null ? [] : [task.service],
          state: {
            subject: `The task \`${task.name}\` is never tried again`,
            why: task.retry.why,
            after: 'one failure ends the whole execution',
            handle: task.handle,
          },
        });
    }
    for (const same of groupBy(places, ({ retry }) => `${retry.at.file} ${JSON.stringify(retry.at.range)}`).values()) {
      const [first] = same;
      if (first !== undefined)
        yield { at: first.retry.at, about: [...new Set(same.flatMap((one) => one.about))], state: first.state };
    }
  },
  message: ({ subject, why, after }) =>
    `${subject} (${why}): ${after}, even where a moment later it would have worked. Allow a few attempts with back-off.`,
  fix: ({ handle }, context) => {
    const fix = context.dialect(handle.dialect)?.write({ kind: 'retry', handle }, context) ?? null;
    return fix === null ? [] : [fix];
  },
});
