// A fact → which rules it breaks, how surely, and where it shows. The only place that judges. What an edit does to the set of accepted
// messages decides about BACKWARD (fewer) and FORWARD (more); ADDITIVE judges the edit itself: only optional things may be new.
import { assertNever } from '../model/assert-never.ts';
import type { Surface } from '../model/change.ts';
import type { Change } from './change.ts';
import { effectOf } from './effect.ts';

/** How surely a rule is broken, before any search for a witness. */
export type Strength = 'certain' | 'possible' | 'theoretical';

/** Null: the fact does not break the rule. */
export interface Verdict {
  readonly backward: Strength | null;
  readonly forward: Strength | null;
  readonly additive: Strength | null;
  readonly surface: readonly Surface[];
  /** Whether a validator could show it: only then a search for a witness makes sense. */
  readonly searchable: boolean;
}

const FINE: Verdict = { backward: null, forward: null, additive: null, surface: ['document'], searchable: false };
const BROKEN_DOCUMENT: Verdict = {
  backward: 'certain',
  forward: 'certain',
  additive: 'certain',
  surface: ['document'],
  searchable: false,
};

/** Judges a fact. Pure and total: a new kind of fact does not compile until it is judged here. */
export function judge(change: Change): Verdict {
  switch (change.kind) {
    case 'field-added':
      if (change.required) return fromEffect(change, 'certain');
      if (change.content === 'open')
        return { ...FINE, backward: change.anything ? null : 'theoretical', surface: ['json'] };
      return fromEffect(change, null);
    case 'field-removed':
      if (change.content === 'open' && !(change.wasRequired && !change.stillRequired))
        return { ...FINE, forward: change.anything ? null : 'theoretical', additive: 'certain', surface: ['json'] };
      return fromEffect(change, 'certain');
    case 'enum-value-added':
      return fromEffect(change, change.open ? null : 'certain');
    case 'enum-value-removed':
    case 'enum-value-renamed':
    case 'enum-introduced':
    case 'enum-dropped':
    case 'field-became-required':
    case 'field-became-optional':
    case 'type-narrowed':
    case 'type-widened':
    case 'type-changed':
    case 'bound-tightened':
    case 'bound-loosened':
    case 'step-changed':
    case 'pattern-added':
    case 'pattern-removed':
    case 'pattern-changed':
    case 'format-added':
    case 'format-removed':
    case 'format-changed':
    case 'object-closed':
    case 'object-opened':
    case 'dependency-added':
    case 'dependency-removed':
    case 'unique-items-added':
    case 'unique-items-removed':
    case 'value-forbidden':
    case 'value-allowed':
    case 'field-renamed':
    case 'type-renamed':
    case 'size-changed':
    case 'type-reread':
      return fromEffect(change, 'certain');
    case 'names-changed':
    case 'dependency-changed':
    case 'contains-changed':
    case 'alternative-added':
    case 'alternative-removed':
    case 'combination-changed':
    case 'condition-changed':
    case 'exclusion-changed':
      return fromEffect(
        change,
        effectOf(change) === 'unknown' && change.kind !== 'alternative-added' ? 'possible' : 'certain',
      );
    case 'reference-unresolved':
      return { backward: 'possible', forward: 'possible', additive: 'possible', surface: ['json'], searchable: false };
    case 'schema-changed':
      return { backward: 'possible', forward: 'possible', additive: 'possible', surface: ['json'], searchable: true };
    case 'logical-type-changed':
    case 'content-changed':
      // No validator notices, but whoever decodes the text does.
      return { ...fromEffect(change, 'certain'), searchable: false };
    case 'default-changed':
    case 'meaning-changed':
      return { ...FINE, additive: 'certain', surface: change.language === 'avro' ? ['wire', 'json'] : ['json'] };
    case 'annotation-changed':
      return { ...FINE, surface: ['json'] };

    case 'channel-added':
    case 'channel-renamed':
    case 'operation-added':
    case 'operation-renamed':
    case 'message-renamed':
    case 'server-added':
    case 'parameter-added':
      return FINE;
    case 'channel-removed':
    case 'channel-address-changed':
    case 'parameter-removed':
    case 'operation-removed':
    case 'operation-action-changed':
    case 'operation-channel-changed':
    case 'operation-message-removed':
    case 'reply-changed':
    case 'message-removed':
    case 'message-name-changed':
    case 'content-type-changed':
    case 'server-removed':
      return BROKEN_DOCUMENT;
    case 'message-added':
      return { ...FINE, forward: 'certain' };
    case 'operation-message-added':
      return change.action === 'send' ? { ...FINE, forward: 'certain' } : FINE;
    case 'schema-format-changed':
      return BROKEN_DOCUMENT;
    case 'payload-changed':
      return { ...BROKEN_DOCUMENT, backward: 'possible', forward: 'possible', additive: 'possible' };
    case 'correlation-changed':
      return change.from === null ? FINE : BROKEN_DOCUMENT;
    case 'binding-changed':
      switch (change.class) {
        case 'address':
        case 'encoding':
        case 'key':
          return BROKEN_DOCUMENT;
        case 'behaviour':
          return { ...FINE, additive: 'certain' };
        case 'other':
          return FINE;
      }
      return FINE;
    case 'server-changed':
      return change.effect === 'widens' ? FINE : BROKEN_DOCUMENT;
    default:
      return assertNever(change);
  }
}

function fromEffect(change: Change, additive: Strength | null): Verdict {
  const effect = effectOf(change);
  const strength: Strength = change.sure && effect !== 'unknown' ? 'certain' : 'possible';
  const narrower = effect === 'narrows' || effect === 'incomparable' || effect === 'unknown';
  const wider = effect === 'widens' || effect === 'incomparable' || effect === 'unknown';
  return {
    backward: narrower ? strength : null,
    forward: wider ? strength : null,
    additive,
    surface: change.language === 'avro' ? ['wire', 'json'] : ['json'],
    searchable: effect !== null,
  };
}
