// Which broker a Spring Cloud Stream binding talks to: its binder, the default binder, the only one there is, the class path, the settings.
import type { Broker, ChannelKind } from '../../model/topology.ts';
import type { Binding, Module } from './module.ts';
import { nameOf, textOfName } from './module.ts';

/** How a binder treats failures and what it calls things. */
export interface BoundBroker {
  readonly broker: Broker;
  readonly kind: ChannelKind;
  readonly family: 'kafka' | 'kafka-streams' | 'rabbit' | 'other';
}

const UNKNOWN: BoundBroker = { broker: 'unknown', kind: 'topic', family: 'other' };
const KAFKA: BoundBroker = { broker: 'kafka', kind: 'topic', family: 'kafka' };
const STREAMS: BoundBroker = { broker: 'kafka', kind: 'topic', family: 'kafka-streams' };
const RABBIT: BoundBroker = { broker: 'amqp', kind: 'exchange', family: 'rabbit' };

/** A binder by its type: `kafka`, `rabbit`, `kstream`, `pubsub`, …; null where the word says nothing. */
function binderOf(type: string): BoundBroker | null {
  const word = type.toLowerCase();
  if (/k(?:afka-?)?streams?$|ktable$/.test(word)) return STREAMS;
  if (word.includes('kafka')) return KAFKA;
  if (word.includes('rabbit')) return RABBIT;
  const other = (broker: Broker, kind: ChannelKind): BoundBroker => ({ broker, kind, family: 'other' });
  if (word.includes('pubsub')) return other('pubsub', 'topic');
  if (word.includes('kinesis')) return other('kinesis', 'stream');
  if (word.includes('eventhub')) return other('eventhubs', 'stream');
  if (word.includes('servicebus')) return other('servicebus', word.includes('queue') ? 'queue' : 'topic');
  if (word.includes('pulsar')) return other('pulsar', 'topic');
  if (word.includes('nats')) return other('nats', 'subject');
  if (word.includes('solace')) return other('solace', 'topic');
  if (word.includes('redis')) return other('redis', 'stream');
  if (word.includes('rocketmq')) return other('rocketmq', 'topic');
  return null;
}

export function brokerOf(module: Module, binding: Binding): BoundBroker {
  const named = binding.binder ?? module.get('spring.cloud.stream.default-binder');
  if (named !== undefined) {
    const name = textOfName(nameOf(module, named.text));
    if (name === null || name === '') return UNKNOWN;
    const type = module.get(`spring.cloud.stream.binders.${name}.type`);
    return binderOf(type === undefined ? name : (textOfName(nameOf(module, type.text)) ?? name)) ?? UNKNOWN;
  }
  // Settings for two binders leave it to the class path which of them counts.
  const own = [...binding.families].flatMap((family) => binderOf(family.replace('.', '-')) ?? []);
  if (own.length === 1 && own[0] !== undefined) return own[0];
  const types = module.all.flatMap(({ name, text }) =>
    /^spring\.cloud\.stream\.binders\.[^.]+\.type$/i.test(name) ? [text] : [],
  );
  for (const words of [types, module.binders, signsOf(module)]) {
    const found = new Map(
      words.flatMap((word) => binderOf(word) ?? []).map((bound) => [bound.family + bound.broker, bound]),
    );
    // The Kafka and the Kafka Streams binder on one class path: the broker is certain, the treatment of failures is not.
    if (found.size === 2 && [...found.values()].every(({ broker }) => broker === 'kafka')) return STREAMS;
    const [only] = found.values();
    if (found.size === 1 && only !== undefined) return only;
    if (found.size > 1) return UNKNOWN;
  }
  return UNKNOWN;
}

/** Binders that the settings speak of. */
function signsOf(module: Module): readonly string[] {
  const signs: string[] = [];
  if (module.has('spring.cloud.stream.kafka.streams.')) signs.push('kafka-streams');
  if (module.has('spring.cloud.stream.kafka.binder') || module.has('spring.cloud.stream.kafka.bindings'))
    signs.push('kafka');
  if (module.has('spring.cloud.stream.rabbit.')) signs.push('rabbit');
  for (const other of ['pubsub', 'kinesis', 'eventhubs', 'servicebus', 'pulsar', 'solace', 'nats', 'rocketmq'])
    if (
      module.has(`spring.cloud.stream.${other}.`) ||
      module.has(`spring.cloud.${other}.`) ||
      module.has(`spring.cloud.gcp.${other}.`) ||
      module.has(`spring.cloud.stream.gcp.${other}.`)
    )
      signs.push(other);
  if (signs.length > 0) return signs;
  if (module.has('spring.kafka.')) signs.push('kafka');
  if (module.has('spring.rabbitmq.')) signs.push('rabbit');
  return signs;
}

/** Full host names of the cluster, where they are literal. A local or a container's name says nothing of which cluster it is. */
export function hostsOf(module: Module, family: BoundBroker['family']): readonly string[] {
  // A RabbitMQ host says nothing of the virtual host, which is what sets names apart there.
  if (family !== 'kafka' && family !== 'kafka-streams') return [];
  const keys = [
    'spring.cloud.stream.kafka.binder.brokers',
    'spring.cloud.stream.kafka.streams.binder.brokers',
    'spring.kafka.bootstrap-servers',
  ];
  for (const key of keys) {
    const property = module.get(key);
    const text = property === undefined ? null : textOfName(nameOf(module, property.text));
    if (text === null) continue;
    const hosts = text
      .split(',')
      .map((part) =>
        part
          .trim()
          .replace(/^[a-z_]+:\/\/(?:[^@/]*@)?/i, '')
          .replace(/[:/].*$/, '')
          .toLowerCase(),
      )
      .filter(
        (host) => host.includes('.') && !/^[\d.]+$/.test(host) && !/(?:^|\.)(?:local|localhost|internal)$/.test(host),
      );
    return [...new Set(hosts)].sort();
  }
  return [];
}
