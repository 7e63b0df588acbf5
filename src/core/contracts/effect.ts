// Fact → what it does to the set of accepted messages. Null: nothing that a validator would notice.
import { assertNever } from '../model/assert-never.ts';
import type { Effect, Fact } from './change.ts';

/** The effect of a fact about a schema, in its own place. Document facts have none: policy.ts judges them by kind. */
export function effectOf(fact: Fact): Effect | null {
  switch (fact.kind) {
    case 'field-added':
      if (fact.required) return fact.content === 'closed' ? 'incomparable' : 'narrows';
      if (fact.content === 'closed') return 'widens';
      if (fact.content === 'open') return fact.anything ? null : 'narrows';
      return fact.fits;
    case 'field-removed': {
      const widens = fact.wasRequired && !fact.stillRequired;
      if (fact.content === 'closed') return widens ? 'incomparable' : 'narrows';
      if (fact.content === 'open') return fact.anything && !widens ? null : 'widens';
      return widens ? joinEffects(fact.fits, 'widens') : fact.fits;
    }
    case 'field-became-required':
    case 'type-narrowed':
    case 'enum-introduced':
    case 'enum-value-removed':
    case 'bound-tightened':
    case 'pattern-added':
    case 'format-added':
    case 'object-closed':
    case 'dependency-added':
    case 'unique-items-added':
    case 'value-forbidden':
    case 'alternative-removed':
      return 'narrows';
    case 'field-became-optional':
    case 'type-widened':
    case 'enum-dropped':
    case 'bound-loosened':
    case 'pattern-removed':
    case 'format-removed':
    case 'object-opened':
    case 'dependency-removed':
    case 'unique-items-removed':
    case 'value-allowed':
      return 'widens';
    case 'alternative-added':
      return fact.keyword === 'oneOf' ? 'unknown' : 'widens';
    case 'enum-value-added':
      return fact.absorbed === null ? 'widens' : null;
    case 'field-renamed':
    case 'type-renamed':
      return fact.forth ? (fact.back ? null : 'widens') : fact.back ? 'narrows' : 'incomparable';
    case 'size-changed':
      return 'incomparable';
    case 'logical-type-changed':
      return fact.from === null || fact.to === null ? null : 'incomparable';
    case 'type-reread':
      return null;
    case 'type-changed':
    case 'enum-value-renamed':
      return 'incomparable';
    case 'pattern-changed':
    case 'format-changed':
    case 'reference-unresolved':
    case 'schema-changed':
      return 'unknown';
    case 'step-changed':
    case 'names-changed':
    case 'dependency-changed':
    case 'contains-changed':
    case 'combination-changed':
    case 'condition-changed':
    case 'exclusion-changed':
      return fact.effect;
    case 'content-changed':
      return fact.from === null ? 'narrows' : fact.to === null ? 'widens' : 'incomparable';
    case 'default-changed':
    case 'meaning-changed':
    case 'annotation-changed':
      return null;
    case 'channel-added':
    case 'channel-removed':
    case 'channel-address-changed':
    case 'channel-renamed':
    case 'parameter-added':
    case 'parameter-removed':
    case 'operation-added':
    case 'operation-removed':
    case 'operation-renamed':
    case 'operation-action-changed':
    case 'operation-channel-changed':
    case 'operation-message-added':
    case 'operation-message-removed':
    case 'reply-changed':
    case 'message-added':
    case 'message-removed':
    case 'message-renamed':
    case 'message-name-changed':
    case 'content-type-changed':
    case 'schema-format-changed':
    case 'payload-changed':
    case 'correlation-changed':
    case 'binding-changed':
    case 'server-added':
    case 'server-removed':
    case 'server-changed':
      return null;
    default:
      return assertNever(fact);
  }
}

/** Two effects at once. */
export function joinEffects(a: Effect | null, b: Effect | null): Effect | null {
  if (a === null || a === b) return b;
  if (b === null) return a;
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return 'incomparable';
}

/** What an effect is under a `not`. */
export function flipEffect(effect: Effect | null): Effect | null {
  return effect === 'narrows' ? 'widens' : effect === 'widens' ? 'narrows' : effect;
}
