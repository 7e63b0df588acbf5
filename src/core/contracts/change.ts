// Facts: what differs between two versions of a contract. Nothing here says whether a fact breaks anything: policy.ts judges.
// JSON Schema draft-04 to 2020-12, AsyncAPI 2.x and 3.x, Avro 1.12.
import type { JsonValue } from '../model/json.ts';
import type { Location } from '../model/source.ts';

/** What an edit does to the set of accepted messages: fewer, more, both at once, or not to be told from the text alone. */
export type Effect = 'narrows' | 'widens' | 'incomparable' | 'unknown';

/** Which part of what travels a fact is about. `document`: the AsyncAPI document around the messages. */
export type Part = 'payload' | 'headers' | 'key' | 'document';

/** What every fact knows. */
export interface FactBase {
  /**
   * JSON pointer into the message, properties by name: `/customer/email`. `*` stands for any item of an array and for any name that only a
   * wildcard describes (`/lines/*`, `/labels/*`); a tuple's places are indices (`/point/0`). Empty for the whole message and for document facts.
   */
  readonly path: string;
  readonly part: Part;
  /** The language of the contract. */
  readonly language: ContractFormat;
  /** Which message of an AsyncAPI document, for readers: "message `OrderPlaced` on `orders`". Empty for a bare schema. */
  readonly subject: string;
  /** In the new text; for something removed its surviving parent. Null where the new side has no place for it. */
  readonly at: Location | null;
  /** In the old text; for something added the parent it was added to. */
  readonly before: Location | null;
  /**
   * Whether nothing else in either schema can take the fact back: it stands below plain properties, items and references only, and its own
   * schema has no other restriction. What is not sure needs a witness.
   */
  readonly sure: boolean;
}

/** What can be compared. */
export type ContractFormat = 'json-schema' | 'asyncapi' | 'avro';

/** What an object says about names it does not declare. `ignored`: readers of this format skip them. */
export type Content = 'open' | 'typed' | 'closed' | 'patterns' | 'ignored';

/** A limit: `minLength`, `maximum`, `minItems`… `exclusive` limits carry it in the text of `from` and `to`. */
export type BoundKeyword =
  | 'minimum'
  | 'maximum'
  | 'minLength'
  | 'maxLength'
  | 'minItems'
  | 'maxItems'
  | 'minProperties'
  | 'maxProperties'
  | 'minContains'
  | 'maxContains';

/** Facts about a schema. */
export type SchemaFact =
  /** `content`: what the old object allowed under that name. `fits`: how the new schema relates to what was allowed before. */
  | {
      readonly kind: 'field-added';
      readonly name: string;
      readonly required: boolean;
      readonly content: Content;
      readonly fits: Effect | null;
      readonly anything: boolean;
      readonly optionalBefore: boolean;
    }
  /** `content`: what the new object allows under that name. `renamedTo`: a field added beside it that looks the same. */
  | {
      readonly kind: 'field-removed';
      readonly name: string;
      readonly wasRequired: boolean;
      readonly stillRequired: boolean;
      readonly content: Content;
      readonly fits: Effect | null;
      readonly anything: boolean;
      readonly renamedTo: string | null;
    }
  | { readonly kind: 'field-became-required'; readonly name: string; readonly hasDefault: boolean }
  | { readonly kind: 'field-became-optional'; readonly name: string }
  | { readonly kind: 'type-narrowed'; readonly from: string; readonly to: string }
  | { readonly kind: 'type-widened'; readonly from: string; readonly to: string }
  | { readonly kind: 'type-changed'; readonly from: string; readonly to: string; readonly disjoint: boolean }
  /** A free value became a list of values, or the other way round. */
  | { readonly kind: 'enum-introduced'; readonly values: readonly JsonValue[] }
  | { readonly kind: 'enum-dropped'; readonly values: readonly JsonValue[] }
  /** `absorbed`: the value that a reader takes in its place (Avro's enum default). */
  | {
      readonly kind: 'enum-value-added';
      readonly value: JsonValue;
      readonly open: boolean;
      readonly absorbed: string | null;
    }
  | {
      readonly kind: 'enum-value-removed';
      readonly value: JsonValue;
      readonly open: boolean;
      readonly absorbed: string | null;
    }
  | {
      readonly kind: 'enum-value-renamed';
      readonly from: JsonValue;
      readonly to: JsonValue;
      readonly how: 'case' | 'typo' | 'replaced';
      readonly open: boolean;
    }
  | {
      readonly kind: 'bound-tightened';
      readonly keyword: BoundKeyword;
      readonly from: string | null;
      readonly to: string;
    }
  | {
      readonly kind: 'bound-loosened';
      readonly keyword: BoundKeyword;
      readonly from: string;
      readonly to: string | null;
    }
  | { readonly kind: 'step-changed'; readonly from: number | null; readonly to: number | null; readonly effect: Effect }
  | { readonly kind: 'pattern-added'; readonly pattern: string }
  | { readonly kind: 'pattern-removed'; readonly pattern: string }
  | { readonly kind: 'pattern-changed'; readonly from: string; readonly to: string }
  | { readonly kind: 'format-added'; readonly format: string }
  | { readonly kind: 'format-removed'; readonly format: string }
  | { readonly kind: 'format-changed'; readonly from: string; readonly to: string }
  /** `contentEncoding`, `contentMediaType`: how the text is to be decoded. */
  | {
      readonly kind: 'content-changed';
      readonly keyword: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | { readonly kind: 'object-closed'; readonly to: 'typed' | 'closed' }
  | { readonly kind: 'object-opened'; readonly from: 'typed' | 'closed' }
  /** `propertyNames`, `patternProperties`, `unevaluated…`: which names are allowed, and what stands under them. */
  | { readonly kind: 'names-changed'; readonly keyword: string; readonly detail: string; readonly effect: Effect }
  | { readonly kind: 'dependency-added'; readonly name: string; readonly needs: string }
  | { readonly kind: 'dependency-removed'; readonly name: string; readonly needs: string }
  | { readonly kind: 'dependency-changed'; readonly name: string; readonly effect: Effect }
  | { readonly kind: 'unique-items-added' }
  | { readonly kind: 'unique-items-removed' }
  | { readonly kind: 'contains-changed'; readonly effect: Effect }
  /** Nothing is accepted here any more; or something is again. */
  | { readonly kind: 'value-forbidden' }
  | { readonly kind: 'value-allowed' }
  | { readonly kind: 'alternative-added'; readonly keyword: 'anyOf' | 'oneOf' | 'union'; readonly name: string }
  | { readonly kind: 'alternative-removed'; readonly keyword: 'anyOf' | 'oneOf' | 'union'; readonly name: string }
  | { readonly kind: 'combination-changed'; readonly keyword: 'anyOf' | 'oneOf'; readonly effect: Effect }
  /** `if`/`then`/`else`. */
  | { readonly kind: 'condition-changed'; readonly effect: Effect }
  /** `not`. */
  | { readonly kind: 'exclusion-changed'; readonly effect: Effect }
  | { readonly kind: 'default-changed'; readonly from: JsonValue | undefined; readonly to: JsonValue | undefined }
  /** A unit or another word of meaning was replaced in a title, a description or a unit keyword. */
  | { readonly kind: 'meaning-changed'; readonly from: string; readonly to: string }
  | { readonly kind: 'annotation-changed'; readonly keyword: string }
  | { readonly kind: 'reference-unresolved'; readonly reference: string; readonly side: 'old' | 'new' }
  /** A name that aliases or defaults bridge: `forth` for new readers of old messages, `back` for old readers of new ones. */
  | {
      readonly kind: 'field-renamed';
      readonly from: string;
      readonly to: string;
      readonly forth: boolean;
      readonly back: boolean;
    }
  /** The name of a record, an enum or a fixed, with its namespace. */
  | {
      readonly kind: 'type-renamed';
      readonly from: string;
      readonly to: string;
      readonly forth: boolean;
      readonly back: boolean;
    }
  | { readonly kind: 'size-changed'; readonly from: number; readonly to: number }
  /** `decimal(10,2)`, `timestamp-millis`: what the same bytes mean. */
  | { readonly kind: 'logical-type-changed'; readonly from: string | null; readonly to: string | null }
  /** Another type that both sides read as their own: string and bytes. */
  | { readonly kind: 'type-reread'; readonly from: string; readonly to: string }
  /** A witness was found, and no fact explains it. */
  | { readonly kind: 'schema-changed' };

/** What a protocol binding's key decides. */
export type BindingClass = 'address' | 'key' | 'encoding' | 'behaviour' | 'other';

/** Facts about an AsyncAPI document. Actions are the application's own: 2.x `publish` is `receive`. */
export type DocumentFact =
  | { readonly kind: 'channel-added'; readonly channel: string; readonly address: string | null }
  | { readonly kind: 'channel-removed'; readonly channel: string; readonly address: string | null }
  | {
      readonly kind: 'channel-address-changed';
      readonly channel: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  /** The key alone: nothing that travels knows it. */
  | { readonly kind: 'channel-renamed'; readonly from: string; readonly to: string }
  | { readonly kind: 'parameter-added'; readonly channel: string; readonly parameter: string }
  | { readonly kind: 'parameter-removed'; readonly channel: string; readonly parameter: string }
  | { readonly kind: 'operation-added'; readonly operation: string; readonly action: 'send' | 'receive' }
  | {
      readonly kind: 'operation-removed';
      readonly operation: string;
      readonly action: 'send' | 'receive';
      readonly address: string;
    }
  | { readonly kind: 'operation-renamed'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'operation-action-changed';
      readonly operation: string;
      readonly from: 'send' | 'receive';
      readonly to: 'send' | 'receive';
      readonly address: string;
    }
  | {
      readonly kind: 'operation-channel-changed';
      readonly operation: string;
      readonly from: string;
      readonly to: string;
      readonly action: 'send' | 'receive';
    }
  | {
      readonly kind: 'operation-message-added';
      readonly operation: string;
      readonly message: string;
      readonly action: 'send' | 'receive';
    }
  | {
      readonly kind: 'operation-message-removed';
      readonly operation: string;
      readonly message: string;
      readonly action: 'send' | 'receive';
    }
  | { readonly kind: 'reply-changed'; readonly operation: string; readonly from: string; readonly to: string }
  | { readonly kind: 'message-added'; readonly message: string; readonly address: string }
  | { readonly kind: 'message-removed'; readonly message: string; readonly address: string }
  /** The key alone, with the same name and payload. */
  | { readonly kind: 'message-renamed'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'message-name-changed';
      readonly from: string | null;
      readonly to: string | null;
      readonly address: string;
    }
  | { readonly kind: 'content-type-changed'; readonly from: string; readonly to: string; readonly address: string }
  | { readonly kind: 'schema-format-changed'; readonly from: string; readonly to: string }
  /** A payload in a language that is not compared here, whose text differs. */
  | { readonly kind: 'payload-changed'; readonly format: string }
  | { readonly kind: 'correlation-changed'; readonly from: string | null; readonly to: string | null }
  | {
      readonly kind: 'binding-changed';
      readonly protocol: string;
      readonly level: 'server' | 'channel' | 'operation' | 'message';
      readonly key: string;
      readonly from: JsonValue | undefined;
      readonly to: JsonValue | undefined;
      readonly class: BindingClass;
    }
  | { readonly kind: 'server-added'; readonly server: string }
  | { readonly kind: 'server-removed'; readonly server: string; readonly host: string }
  | {
      readonly kind: 'server-changed';
      readonly server: string;
      readonly field: 'protocol' | 'host' | 'security';
      readonly from: string;
      readonly to: string;
      readonly effect: Effect;
    };

/** One difference, with its places on both sides. */
export type Change = FactBase & (SchemaFact | DocumentFact);

/** The fact without its places. */
export type Fact = SchemaFact | DocumentFact;
