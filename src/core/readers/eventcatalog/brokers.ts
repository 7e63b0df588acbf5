// Protocols of channels → the broker and its own word for a channel. Protocols that are not listed stand as written, in lower case.
import type { Broker, ChannelKind } from '../../model/topology.ts';

/** What stands for a broker that the catalog does not tell. */
export const UNKNOWN_BROKER = 'unknown';

const BROKERS: ReadonlyMap<string, readonly [Broker, ChannelKind]> = new Map<string, readonly [Broker, ChannelKind]>([
  ['kafka', ['kafka', 'topic']],
  ['kafka-secure', ['kafka', 'topic']],
  ['amqp', ['amqp', 'queue']],
  ['amqps', ['amqp', 'queue']],
  ['amqp1', ['amqp1', 'queue']],
  ['rabbitmq', ['amqp', 'queue']],
  ['mqtt', ['mqtt', 'topic']],
  ['mqtt5', ['mqtt', 'topic']],
  ['mqtts', ['mqtt', 'topic']],
  ['secure-mqtt', ['mqtt', 'topic']],
  ['sqs', ['sqs', 'queue']],
  ['aws-sqs', ['sqs', 'queue']],
  ['sns', ['sns', 'topic']],
  ['aws-sns', ['sns', 'topic']],
  ['eventbridge', ['eventbridge', 'bus']],
  ['aws-eventbridge', ['eventbridge', 'bus']],
  ['kinesis', ['kinesis', 'stream']],
  ['googlepubsub', ['pubsub', 'topic']],
  ['google-pubsub', ['pubsub', 'topic']],
  ['pubsub', ['pubsub', 'topic']],
  ['nats', ['nats', 'subject']],
  ['pulsar', ['pulsar', 'topic']],
  ['jms', ['jms', 'queue']],
  ['redis', ['redis', 'other']],
  ['azure-servicebus', ['servicebus', 'queue']],
  ['azure-eventgrid', ['eventgrid', 'topic']],
  ['azure-eventhub', ['eventhubs', 'stream']],
  ['servicebus', ['servicebus', 'queue']],
  ['solace', ['solace', 'topic']],
  ['https', ['http', 'other']],
  ['wss', ['ws', 'other']],
]);

/** The broker of the first protocol that is one, and what a channel is there. */
export function brokerOf(protocols: readonly string[]): { readonly broker: Broker; readonly kind: ChannelKind } {
  const [first] = protocols;
  if (first === undefined) return { broker: UNKNOWN_BROKER, kind: 'other' };
  const plain = first
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  const [broker, kind] = BROKERS.get(plain) ?? [plain, 'other' as const];
  return { broker, kind };
}
