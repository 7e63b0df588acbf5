// RabbitMQ messaging topology operator (rabbitmq.com/v1beta1): Queue, Exchange, Binding, Policy, Shovel → queues, exchanges, routes, dead-letter verdicts.
// Federation, users and permissions are not read. A policy's pattern is understood where it is a literal, a beginning, or everything.
import type { FailureFacts, Ref, SharedFailure } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { DataNode } from '../../syntax/data.ts';
import { get, textOf } from '../../syntax/data.ts';
import { nameOf, plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import {
  WORKSPACE,
  declareChannel,
  handleOf,
  noteUnresolved,
  plainFailure,
  settingsOf,
  textOfName,
  placeOf,
} from './gathering.ts';

/** The space in which policies offer their settings to queues of all files. */
const POLICIES = 'amqp-policy';

/** Reads one object; anything that is no queue, exchange, binding or policy is left alone. */
export function readRabbit(gathering: Gathering, object: ManifestObject): void {
  if (object.kind === 'Queue') readQueue(gathering, object);
  else if (object.kind === 'Exchange') readExchange(gathering, object);
  else if (object.kind === 'Binding') readBinding(gathering, object);
  else if (object.kind === 'Shovel') readShovel(gathering, object);
  else if (object.kind === 'Policy' || object.kind === 'OperatorPolicy') readPolicy(gathering, object);
}

function amqp(channelKind: 'queue' | 'exchange', name: Name): Ref {
  return { kind: 'named', broker: 'amqp', channelKind, name, scope: WORKSPACE };
}

function readQueue(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const name = nameOf(gathering.manifest.file, get(spec, 'name'));
  // Without a name of its own the object is a patch of another one.
  if (name === null) return;
  const text = textOfName(name);
  declareChannel(gathering, {
    key: `queue/${text}`,
    name,
    logicalId: object.name === '' ? text : object.name,
    broker: 'amqp',
    channelKind: 'queue',
    scope: WORKSPACE,
    failure: plainText(get(spec, 'type')) === 'stream' ? null : queueFailure(gathering, object, text),
    settings: new Map([
      ...settingsOf(gathering, spec, ['type', 'durable', 'autoDelete', 'vhost']),
      ...settingsOf(gathering, get(spec, 'arguments')),
    ]),
    at: object.at,
  });
}

function queueFailure(gathering: Gathering, object: ManifestObject, name: string): FailureFacts {
  const args = get(object.spec, 'arguments');
  const quorum = plainText(get(object.spec, 'type')) === 'quorum' || plainText(get(args, 'x-queue-type')) === 'quorum';
  const limit = numberOf(get(args, 'x-delivery-limit'));
  const attempts = quorum ? limit : null;
  const handle = handleOf(object, ['spec'], 'rabbitmq-queue');
  const elsewhere = [{ space: POLICIES, name }];
  const common = { attempts: attempts !== null && attempts < 0 ? 'unbounded' : attempts, elsewhere } as const;
  const exchange = get(args, 'x-dead-letter-exchange');
  const target = deadLetterTarget(gathering, exchange, get(args, 'x-dead-letter-routing-key'), name);
  if (exchange !== undefined && target !== null)
    return plainFailure({ kind: 'configured', to: target, at: placeOf(gathering, exchange) }, handle, {
      ...common,
      then: 'dead-letters',
    });
  return plainFailure({ kind: 'missing', why: 'no x-dead-letter-exchange, by argument or policy' }, handle, {
    ...common,
    then: 'drops',
    story: !quorum
      ? 'is dropped as soon as it is rejected, and comes back without end as long as it is requeued'
      : limit === null
        ? 'is dropped when it is rejected or its delivery limit is reached'
        : `is dropped when it is rejected or after ${limit} deliveries`,
  });
}

/** The default exchange leads to the queue that the routing key names. */
function deadLetterTarget(
  gathering: Gathering,
  exchange: DataNode | undefined,
  routingKey: DataNode | undefined,
  queue: string | null,
): Ref | null {
  if (exchange === undefined) return null;
  const { file } = gathering.manifest;
  if (textOf(exchange) === '') {
    const key = nameOf(file, routingKey) ?? (queue === null ? null : ({ kind: 'literal', value: queue } as const));
    return key === null ? null : amqp('queue', key);
  }
  const name = nameOf(file, exchange);
  return name === null ? null : amqp('exchange', name);
}

function readExchange(gathering: Gathering, object: ManifestObject): void {
  const name = nameOf(gathering.manifest.file, get(object.spec, 'name'));
  if (name === null) return;
  const text = textOfName(name);
  declareChannel(gathering, {
    key: `exchange/${text}`,
    name,
    logicalId: object.name === '' ? text : object.name,
    broker: 'amqp',
    channelKind: 'exchange',
    scope: WORKSPACE,
    settings: settingsOf(gathering, object.spec, ['type', 'durable', 'autoDelete', 'vhost']),
    at: object.at,
  });
}

function readBinding(gathering: Gathering, object: ManifestObject): void {
  const { file } = gathering.manifest;
  const { spec } = object;
  const source = nameOf(file, get(spec, 'source'));
  const destination = nameOf(file, get(spec, 'destination'));
  if (source === null || destination === null) return;
  const key = plainText(get(spec, 'routingKey'));
  const kind = plainText(get(spec, 'destinationType')) === 'exchange' ? 'exchange' : 'queue';
  gathering.declarations.push({
    kind: 'route',
    from: amqp('exchange', source),
    to: amqp(kind, destination),
    subscription: null,
    failure: plainFailure(
      { kind: 'not-applicable', why: 'an exchange keeps no messages' },
      handleOf(object, ['spec'], 'none'),
      { retry: { kind: 'not-applicable' } },
    ),
    settings: settingsOf(gathering, spec, ['routingKey']),
    confidence: 'declared',
    why: key === undefined || key === '' ? 'binding' : `binding with the key ${key}`,
    at: object.at,
  });
}

/** A shovel takes messages from one queue or exchange and puts them into another, of this cluster or a far one. */
function readShovel(gathering: Gathering, object: ManifestObject): void {
  const { file } = gathering.manifest;
  const end = (side: 'src' | 'dest'): Ref | null => {
    const queue = nameOf(file, get(object.spec, `${side}Queue`));
    const exchange = nameOf(file, get(object.spec, `${side}Exchange`));
    return queue !== null ? amqp('queue', queue) : exchange !== null ? amqp('exchange', exchange) : null;
  };
  const from = end('src');
  const to = end('dest');
  if (from === null || to === null || JSON.stringify(from) === JSON.stringify(to)) return;
  gathering.declarations.push({
    kind: 'route',
    from,
    to,
    subscription: null,
    failure: plainFailure(
      { kind: 'not-applicable', why: 'a shovel acknowledges what has arrived' },
      handleOf(object, ['spec'], 'none'),
      { retry: { kind: 'not-applicable' } },
    ),
    settings: new Map(),
    confidence: 'declared',
    why: `Shovel ${object.name}`,
    at: object.at,
  });
}

/** Offers its dead-letter settings to the queues that its pattern matches. */
function readPolicy(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const definition = get(spec, 'definition');
  const exchange = get(definition, 'dead-letter-exchange');
  const limit = numberOf(get(definition, 'delivery-limit'));
  const applyTo = plainText(get(spec, 'applyTo')) ?? 'all';
  if (applyTo === 'exchanges' || applyTo === 'streams' || (exchange === undefined && limit === null)) return;
  const pattern = get(spec, 'pattern');
  const name = patternName(plainText(pattern));
  const to = deadLetterTarget(gathering, exchange, get(definition, 'dead-letter-routing-key'), null);
  const sure = name !== null;
  const why = `the pattern of the policy ${object.name} may match it`;
  const failure: SharedFailure = {
    ...(limit === null || !sure ? {} : { attempts: limit }),
    ...(exchange === undefined
      ? {}
      : !sure || to === null
        ? { deadLetter: { kind: 'unknown', why }, then: 'unknown', story: '' }
        : {
            deadLetter: { kind: 'configured', to, at: placeOf(gathering, exchange) },
            then: 'dead-letters',
            story: '',
          }),
  };
  gathering.declarations.push({
    kind: 'export',
    space: POLICIES,
    name: { kind: 'literal', value: name ?? '*' },
    value: { kind: 'unknown', text: object.name, reason: 'a policy is no channel' },
    failure,
    at: object.at,
  });
  if (!sure && pattern !== undefined && exchange !== undefined)
    noteUnresolved(
      gathering,
      `the queues of the policy ${object.name}`,
      'its pattern is more than a name or the beginning of one',
      'dead-letter',
      placeOf(gathering, pattern),
    );
}

/** `^orders$` → `orders`; `^orders.` or `orders.*` … → `orders*`; `.*` → `*`; null for everything else. */
function patternName(pattern: string | undefined): string | null {
  if (pattern === undefined) return null;
  if (/^\^?(?:\.[*+])?\$?$/.test(pattern)) return '*';
  const [, text, end] = /^\^((?:[\w-]|\\\.)+)(\$|\.[*+]\$?|)$/.exec(pattern) ?? [];
  if (text === undefined) return null;
  const literal = text.replaceAll('\\.', '.');
  return end === '$' ? literal : `${literal}*`;
}

function numberOf(node: DataNode | undefined): number | null {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : null;
}
