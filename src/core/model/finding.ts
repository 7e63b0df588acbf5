// What the engine tells a person, in one shape for editor, terminal and code scanning.
import type { Fix } from './edit.ts';
import type { JsonValue } from './json.ts';
import type { Location } from './source.ts';

export type Severity = 'error' | 'warning' | 'info';

/** How sure a finding is. Findings that are not about contracts are always `certain`. */
export type Certainty = 'proven' | 'certain' | 'possible' | 'theoretical';

/** A concrete message that the writer's side accepts and the reader's side refuses, drops or reads as something else. */
export interface Witness {
  readonly direction: 'backward' | 'forward';
  readonly kind: 'refused' | 'dropped' | 'changed' | 'unroutable';
  readonly message: JsonValue;
  /** What the reader's side makes of it, where it reads at all; else null. */
  readonly reads: JsonValue;
  /** What the reader's side says, in its library's words. */
  readonly error: string;
}

export interface Finding {
  /** A rule's id, a contract rule's id, or `unreadable`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** What is wrong, why it matters here, what to do. */
  readonly message: string;
  readonly at: Location;
  /** Ids of the nodes and edges of the topology that it is about, for marks on the map; absent where only the place tells. */
  readonly about?: readonly string[];
  readonly related: readonly { readonly at: Location; readonly message: string }[];
  readonly witness: Witness | null;
  readonly fixes: readonly Fix[];
}
