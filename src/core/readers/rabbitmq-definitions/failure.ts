// What becomes of a message that leaves a RabbitMQ queue unacknowledged for good: the queue's own arguments before the policy in force.
import type { FailureFacts, Handle, Ref } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import { locationOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import { get, textOf } from '../../syntax/data.ts';
import type { BrokerObject, Definitions } from './definitions.ts';
import { queueType } from './definitions.ts';

export const DIALECT = 'rabbitmq-definitions';

/** A queue's dead-letter setting as written, by its arguments or by policy. */
export interface DeadLetterSetting {
  readonly exchange: string;
  readonly routingKey: string | null;
  readonly at: Location;
}

/** The setting in force; null: none; `unknown`: a policy decides that cannot be judged. */
export function deadLetterOf(definitions: Definitions, queue: BrokerObject): DeadLetterSetting | null | 'unknown' {
  const own = get(queue.node, 'arguments');
  const policy = definitions.policyOf(queue);
  const fromPolicy = policy === 'unknown' ? undefined : policy;
  const node = get(own, 'x-dead-letter-exchange') ?? get(fromPolicy, 'dead-letter-exchange');
  const exchange = textOf(node);
  if (node === undefined || exchange === undefined) return policy === 'unknown' ? 'unknown' : null;
  const key = get(own, 'x-dead-letter-routing-key') ?? get(fromPolicy, 'dead-letter-routing-key');
  return { exchange, routingKey: textOf(key) ?? null, at: locationOf(definitions.file, node) };
}

/** Where a dead letter goes: through the default exchange straight to a queue, else to the exchange. */
export function targetOf(
  queue: BrokerObject,
  setting: DeadLetterSetting,
  refOf: (kind: 'queue' | 'exchange', vhost: string, name: string) => Ref,
): Ref {
  if (setting.exchange !== '') return refOf('exchange', queue.vhost, setting.exchange);
  // Without a key of its own the message keeps the one it came with: back to where it was.
  return refOf('queue', queue.vhost, setting.routingKey ?? queue.name);
}

export function queueFailure(
  definitions: Definitions,
  queue: BrokerObject,
  refOf: (kind: 'queue' | 'exchange', vhost: string, name: string) => Ref,
): FailureFacts {
  const type = queueType(queue);
  const handle: Handle = {
    dialect: DIALECT,
    at: locationOf(definitions.file, queue.nameNode),
    path: ['queues', queue.index],
    role: 'queue',
  };
  const base = { backoff: 'none', retry: { kind: 'default' }, handle } as const;
  if (type === 'stream') {
    return {
      ...base,
      deadLetter: { kind: 'not-applicable', why: 'a stream keeps its messages whatever becomes of them' },
      attempts: null,
      then: 'unknown',
      story: '',
      retry: { kind: 'not-applicable' },
    };
  }
  const setting = deadLetterOf(definitions, queue);
  const limit = limitOf(definitions, queue, type);
  if (setting === 'unknown') {
    return {
      ...base,
      deadLetter: { kind: 'unknown', why: 'a policy decides whose pattern is too involved to judge' },
      attempts: null,
      then: 'unknown',
      story: '',
    };
  }
  if (setting === null) {
    const when =
      limit !== null
        ? `is dropped when it is rejected or after ${limit} deliveries`
        : type === 'quorum'
          ? 'is dropped when it is rejected or its delivery limit is reached'
          : 'is dropped as soon as it is rejected, and comes back without end as long as it is requeued';
    return {
      ...base,
      deadLetter: { kind: 'missing', why: 'no x-dead-letter-exchange, by argument or policy' },
      attempts: limit,
      then: 'drops',
      story: when,
    };
  }
  return {
    ...base,
    deadLetter: { kind: 'configured', to: targetOf(queue, setting, refOf), at: setting.at },
    attempts: limit,
    then: 'dead-letters',
    story: '',
  };
}

/** Deliveries before a quorum queue gives up; null for queues without such a limit. */
function limitOf(definitions: Definitions, queue: BrokerObject, type: string): number | null {
  if (type !== 'quorum') return null;
  const policy = definitions.policyOf(queue);
  const node: DataNode | undefined =
    get(get(queue.node, 'arguments'), 'x-delivery-limit') ??
    (policy === 'unknown' ? undefined : get(policy, 'delivery-limit'));
  const value = Number(textOf(node) ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value + 1 : null;
}

/** A delivery within the broker: it cannot fail on a message. */
export function forwarding(at: Location): FailureFacts {
  return {
    deadLetter: { kind: 'not-applicable', why: 'the broker forwards within itself' },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'not-applicable' },
    handle: { dialect: DIALECT, at, path: [], role: 'none' },
  };
}

/** A name of the broker that no file may declare. */
export function namedRef(kind: 'queue' | 'exchange', name: string): Ref {
  return {
    kind: 'named',
    broker: 'amqp',
    channelKind: kind,
    name: literal(name),
    scope: { kind: 'workspace', hosts: [] },
  };
}
