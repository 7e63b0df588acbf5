// The contract of a rule: a topology → states (facts) → words → fixes. Rules never look at files' syntax; the dialect of the handle does.
import type { Dialect, DialectContext } from '../model/dialect.ts';
import type { Fix } from '../model/edit.ts';
import type { Severity } from '../model/finding.ts';
import type { Location } from '../model/source.ts';
import type { Topology } from '../model/topology.ts';

/** A rule's page in the docs. Each a few plain sentences. */
export interface RuleDocs {
  readonly title: string;
  readonly what: string;
  readonly why: string;
  readonly do: string;
}

/** One place where the rule applies. */
export interface Match<S> {
  readonly at: Location;
  readonly state: S;
  /** Ids of the nodes and edges that it is about. */
  readonly about?: readonly string[];
  /** By consequence; where absent the rule's default. Settings override both. */
  readonly severity?: Severity;
  readonly related?: readonly { readonly at: Location; readonly message: string }[];
}

/** What a person has said about the whole workspace that a rule may weigh. */
export interface RuleOptions {
  /** `complete: true` in eventscape.yaml: every producer and consumer of the system is in the workspace. */
  readonly complete: boolean;
}

/** What a rule's fix may use. */
export interface FixContext extends DialectContext {
  readonly topology: Topology;
  readonly dialect: (id: string) => Dialect | null;
}

export interface Rule<S = unknown> {
  readonly id: string;
  readonly defaultSeverity: Severity;
  readonly docs: RuleDocs;
  /** Facts only, in any order; O(nodes + edges). */
  readonly find: (topology: Topology, options: RuleOptions) => Iterable<Match<S>>;
  /** What is wrong / why here / what to do, in the broker's own words. */
  readonly message: (state: S) => string;
  readonly fix?: (state: S, context: FixContext) => readonly Fix[];
}

/** Gives a rule its place in the registry, where states of different rules stand side by side. */
export function defineRule<S>(rule: Rule<S>): Rule {
  // Each rule's `message` and `fix` only ever see states of its own `find`, so forgetting S is sound.
  return rule as unknown as Rule;
}
