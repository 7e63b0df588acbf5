// The linked picture of a whole workspace: what the map draws, what rules judge and what the command line prints.
import type { ChannelId, EdgeId, SchemaId, ServiceId } from './ids.ts';
import type { Handle, RetryFacts, SchemaFormat, Settings } from './declaration.ts';
import type { Location } from './source.ts';

/** What a channel is, in the broker's own word. */
export type ChannelKind = 'topic' | 'queue' | 'exchange' | 'stream' | 'bus' | 'subject' | 'other';

/** The system that carries a channel. Open: an AsyncAPI protocol that is not listed stands as written, in lower case. */
export type Broker =
  | 'sqs'
  | 'sns'
  | 'eventbridge'
  | 'kinesis'
  | 'dynamodb'
  | 's3'
  | 'scheduler'
  | 'kafka'
  | 'amqp'
  | 'mqtt'
  | 'nats'
  | 'encore'
  | 'pubsub'
  | (string & {});

export type Confidence = 'declared' | 'resolved' | 'inferred';
export type Backoff = 'none' | 'fixed' | 'exponential' | 'unknown';
export type Then = 'dead-letters' | 'drops' | 'loops' | 'blocks' | 'unknown';
export type DeadLetterState = 'configured' | 'built-in' | 'missing' | 'unknown' | 'not-applicable';
export type ChangeMark = 'added' | 'removed' | 'changed';

export interface Service {
  readonly id: ServiceId;
  readonly name: string;
  readonly group: string;
  /** Every declaration, sorted. */
  readonly at: readonly Location[];
  readonly change?: ChangeMark;
}

export interface Channel {
  readonly id: ChannelId;
  /** The broker's own literal; else its template with `${NAME}` for what is open; else the logical id. */
  readonly name: string;
  readonly group: string;
  readonly kind: ChannelKind;
  readonly broker: Broker;
  /** Something names it as its dead-letter channel, or its own file does. */
  readonly deadLetter: boolean;
  readonly platformSource: boolean;
  /** The channel's own dead-letter setting where the system has one there (SQS, RabbitMQ); else null. */
  readonly failure: Failure | null;
  readonly settings: Settings;
  readonly schemas: readonly SchemaId[];
  readonly at: readonly Location[];
  readonly change?: ChangeMark;
}

export interface Schema {
  readonly id: SchemaId;
  readonly name: string;
  readonly format: SchemaFormat;
  /** The declaration's key: JSON pointer or type name within the file of `at[0]`. */
  readonly key: string;
  readonly at: readonly Location[];
  readonly change?: ChangeMark;
}

/** What happens to a poisoned message. */
export interface Failure {
  readonly deadLetter: DeadLetterState;
  /** The dead-letter channel where it is known; null otherwise. */
  readonly to: ChannelId | null;
  /** Set where a dead-letter target is written but declared nowhere in the workspace: the name as written, and where. */
  readonly dangling: { readonly name: string; readonly at: Location } | null;
  /** Why the verdict: the key that is absent, the platform that has its own. */
  readonly why: string;
  readonly attempts: number | 'unbounded' | null;
  readonly backoff: Backoff;
  readonly then: Then;
  readonly story: string;
  readonly retry: RetryFacts;
  readonly handle: Handle;
}

export type EdgeKind = 'sends' | 'receives' | 'routes' | 'dead-letters';

export interface Edge {
  readonly id: EdgeId;
  readonly kind: EdgeKind;
  readonly from: ServiceId | ChannelId;
  readonly to: ServiceId | ChannelId;
  /** Empty where there is none. */
  readonly subscription: string;
  readonly schemas: readonly SchemaId[];
  /** Every site that declares it, sorted. */
  readonly at: readonly Location[];
  readonly confidence: Confidence;
  readonly why: string;
  /** On `receives` and `routes`; null on the others. */
  readonly failure: Failure | null;
  readonly settings: Settings;
  readonly change?: ChangeMark;
}

/** Work with retries of its own that reads no channel (a Step Functions task). */
export interface Task {
  readonly name: string;
  readonly service: ServiceId | null;
  readonly retry: RetryFacts;
  readonly handle: Handle;
  readonly at: Location;
}

export interface Unresolved {
  readonly what: string;
  readonly why: string;
  readonly role: 'send' | 'receive' | 'route' | 'dead-letter' | 'schema' | 'other';
  /** A person's word for the channel would resolve it. */
  readonly pinnable?: true;
  readonly at: Location;
}

/** The whole system. Every list is sorted by id (edges also by kind), so equal input gives equal bytes. */
export interface Topology {
  readonly services: readonly Service[];
  readonly channels: readonly Channel[];
  readonly schemas: readonly Schema[];
  readonly edges: readonly Edge[];
  readonly tasks: readonly Task[];
  readonly unresolved: readonly Unresolved[];
}

/** A topology of nothing. */
export const EMPTY_TOPOLOGY: Topology = {
  services: [],
  channels: [],
  schemas: [],
  edges: [],
  tasks: [],
  unresolved: [],
};
