// Every rule that a finding can carry, with its page in the docs: the rules of rules/ and the two that the engine itself finds.
import { CONTRACT_RULE, UNREADABLE_RULE } from './engine.ts';
import type { Severity } from './model/finding.ts';
import { rules } from './rules/index.ts';
import type { RuleDocs } from './rules/rule.ts';

export interface CataloguedRule {
  readonly id: string;
  /** Null: always by consequence. */
  readonly defaultSeverity: Severity | null;
  readonly docs: RuleDocs;
}

/** In alphabetical order of their ids. */
export const ruleCatalogue: readonly CataloguedRule[] = (
  [
    ...rules.map(({ id, defaultSeverity, docs }) => ({ id, defaultSeverity, docs })),
    {
      id: CONTRACT_RULE,
      defaultSeverity: null,
      docs: {
        title: 'Breaking contract edit',
        what: 'A published message contract changed in a way that breaks the chosen compatibility.',
        why: 'Consumers that rely on the old contract fail on, or misread, the messages written under the new one.',
        do: 'Only add optional things. Keep what is published, mark it deprecated, and raise the version for anything else.',
      },
    },
    {
      id: UNREADABLE_RULE,
      defaultSeverity: 'error',
      docs: {
        title: 'Declaration file no longer parses',
        what: 'A file that was readable at the base is not any more.',
        why: 'Everything that it declares has dropped out of the topology, and nothing about it can be judged.',
        do: 'Mend the syntax error at the place named.',
      },
    },
  ] satisfies readonly CataloguedRule[]
).toSorted((a, b) => (a.id < b.id ? -1 : 1));
