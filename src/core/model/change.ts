// What differs between two versions of a contract: facts only. Whether a fact breaks anything is contracts/policy.ts's to say.
import type { JsonValue } from './json.ts';
import type { Location } from './source.ts';
import type { Witness, Certainty } from './finding.ts';

/** What a contract is judged against. */
export type Mode =
  | 'additive'
  | 'backward'
  | 'forward'
  | 'full'
  | 'backward_transitive'
  | 'forward_transitive'
  | 'full_transitive';
/** What a change can break. */
export type Breaks = 'backward' | 'forward' | 'additive';
/** Where a break shows. */
export type Surface = 'wire' | 'json' | 'source' | 'document';

/** A judged change, as `eventscape diff` prints it and the editor shows it. */
export interface JudgedChange {
  /** A kind of contracts/change.ts: `field-removed`, `type-narrowed`, … */
  readonly kind: string;
  /** JSON pointer into the message (properties by name), `""` for the whole. */
  readonly path: string;
  readonly breaks: readonly Breaks[];
  readonly certainty: Certainty;
  readonly surface: readonly Surface[];
  /** What changed, why it matters, what to do. */
  readonly message: string;
  readonly witness: Witness | null;
  /** Where it stands in the new text (for something removed: its surviving parent) and in the old one. */
  readonly at: Location | null;
  readonly before: Location | null;
}

/** The answer of a comparison. */
export interface Comparison {
  readonly compatible: { readonly backward: boolean; readonly forward: boolean; readonly additive: boolean };
  readonly changes: readonly JudgedChange[];
}

/** What the killable worker is asked: find a message that breaks the pair in one direction, near `focus` where given. Plain data, structured-clone safe. */
export interface WitnessRequest {
  readonly format: 'json-schema' | 'avro';
  readonly old: JsonValue;
  readonly new: JsonValue;
  readonly direction: 'backward' | 'forward';
  /** JSON pointer into the message that the change touches; null: anywhere. */
  readonly focus: string | null;
  /** Paths of other changes: a message that fails only there proves nothing for this one. `*` is any step. */
  readonly avoid?: readonly string[];
  /** How many candidate messages may be tried. */
  readonly steps: number;
}

/** The worker's answer. `exhausted`: the bound was reached without a proof. `refuted` is never claimed: no witness is not compatibility. */
export interface WitnessAnswer {
  readonly witness: Witness | null;
  readonly tried: number;
  readonly exhausted: boolean;
  /** Why no search was possible (a schema that does not compile); null otherwise. */
  readonly failed: string | null;
}
