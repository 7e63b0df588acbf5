// Protocols and bindings → the broker, in one spelling, and what a channel is called there.
// Protocols that are not listed stand as written, in lower case.
import type { Broker, ChannelKind } from '../../model/topology.ts';

/** What stands for a broker that no server and no binding names. */
export const UNKNOWN_BROKER = 'unknown';

const SPELLINGS: ReadonlyMap<string, Broker> = new Map<string, Broker>([
  ['kafka-secure', 'kafka'],
  ['kafka-sasl', 'kafka'],
  ['secure-mqtt', 'mqtt'],
  ['mqtts', 'mqtt'],
  ['mqtt5', 'mqtt'],
  ['mqtt-secure', 'mqtt'],
  ['amqps', 'amqp'],
  ['amqp-0-9-1', 'amqp'],
  ['rabbitmq', 'amqp'],
  ['wss', 'ws'],
  ['websocket', 'ws'],
  ['websockets', 'ws'],
  ['https', 'http'],
  ['stomps', 'stomp'],
  ['ibmmq-secure', 'ibmmq'],
  ['rediss', 'redis'],
  ['pulsar+ssl', 'pulsar'],
  ['googlepubsub', 'pubsub'],
  ['google-pubsub', 'pubsub'],
  ['aws-sqs', 'sqs'],
  ['aws-sns', 'sns'],
  ['nats-secure', 'nats'],
]);

/** Carriers that keep nothing: what fails there is never delivered again. */
const WEB = new Set<Broker>(['http', 'ws', 'sse', 'mercure', 'graphql']);

/** The broker of a protocol or a binding's key. */
export function brokerOf(protocol: string): Broker {
  const text = protocol.trim().toLowerCase();
  return SPELLINGS.get(text) ?? text;
}

/** Whether a broker only passes messages on while both sides are connected. */
export function keepsNothing(broker: Broker): boolean {
  return WEB.has(broker);
}

/**
 * One broker of several, the same for any order: the only one that a server and a binding agree on; a broker before a web protocol; the first by name.
 * `unknown` where neither says anything.
 */
export function chooseBroker(protocols: readonly Broker[], bindings: readonly Broker[]): Broker {
  const agreed = protocols.filter((protocol) => bindings.includes(protocol));
  const kept = [...bindings].filter((broker) => !WEB.has(broker));
  const order = [
    agreed,
    protocols.every((protocol) => WEB.has(protocol)) && kept.length > 0 ? kept : protocols,
    bindings,
  ];
  for (const list of order) {
    const [best] = [...list].sort((a, b) => Number(WEB.has(a)) - Number(WEB.has(b)) || (a < b ? -1 : 1));
    if (best !== undefined) return best;
  }
  return UNKNOWN_BROKER;
}

/** What a channel is in a broker's own word, where its binding says no more. */
export function usualKind(broker: Broker): ChannelKind {
  const word: string = broker;
  switch (word) {
    case 'kafka':
    case 'mqtt':
    case 'sns':
    case 'pubsub':
    case 'pulsar':
    case 'solace':
    case 'mercure':
    case 'ros2':
      return 'topic';
    case 'sqs':
    case 'amqp':
    case 'jms':
    case 'anypointmq':
      return 'queue';
    case 'ibmmq':
      return 'topic';
    case 'nats':
      return 'subject';
    case 'kinesis':
      return 'stream';
    case 'eventbridge':
      return 'bus';
    default:
      return 'other';
  }
}

/** Hosts of a server that are written out: ports and credentials left out; placeholders and the own machine are no hosts to tell clusters by. */
export function hostsOf(address: string): readonly string[] {
  const hosts = address
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .split(',')
    .map((part) => (part.trim().split(/[/?#]/)[0] ?? '').replace(/^.*@/, '').toLowerCase())
    .map((part) => (part.startsWith('[') ? part.slice(0, part.indexOf(']') + 1) : part.replace(/:[^:]*$/, '')))
    .filter(
      (host) =>
        host !== '' &&
        !/[{}$%<>\s]/.test(host) &&
        !/^(localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal$)/.test(host),
    );
  return [...new Set(hosts)].sort();
}
