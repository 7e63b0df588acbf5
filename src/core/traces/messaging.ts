// A span's attributes → what it does with a message, in one vocabulary. Reads the OpenTelemetry messaging conventions (1.x up to 1.44)
// newest name first, then the older ones, and the names of OpenTracing, Zipkin/Brave, Azure, Datadog, BullMQ. Role: operation first, kind second.
import type { JsonValue } from '../model/json.ts';
import type { Span, SpanRole } from './importer.ts';

/** What one span says about the message it handles. Empty text: not said. */
export interface MessagingFacts {
  readonly role: SpanRole;
  readonly place: Place;
  readonly messageId: string;
  /** Messages in one operation; 0: not said. */
  readonly batch: number;
  /** When the broker took the message, by its own clock: microseconds since the epoch; null: not said. */
  readonly brokerMicros: number | null;
}

/** Where the message is, as the instrumentation names it. */
export interface Place {
  readonly system: string;
  /** Topic, subject, stream, exchange or (where nothing else is named) queue. */
  readonly channel: string;
  /** AMQP routing key. */
  readonly key: string;
  /** The queue it was read from, where that is named apart from the channel. */
  readonly queue: string;
  /** Consumer group or subscription. */
  readonly subscription: string;
}

/** The facts of a span that handles a message; null for every other span. */
export function messagingFacts(span: Span): MessagingFacts | null {
  const read: Read = { values: [], ranks: [] };
  for (const [name, value] of span.attributes) {
    const known = NAMES.get(name);
    if (known === undefined) continue;
    const rank = read.ranks[known.field];
    if (rank !== undefined && rank <= known.rank) continue;
    if (value === null || (value === '' && known.field !== CHANNEL)) continue;
    read.values[known.field] = value;
    read.ranks[known.field] = known.rank;
  }
  const role = roleOf(span, read);
  if (role === 'none') return null;
  const system = systemOf(text(read, SYSTEM));
  const count = number(read, BATCH);
  return {
    role,
    place: placeOf(span, role, system, read),
    messageId: text(read, MESSAGE),
    batch: count !== null && count > 0 ? count : 0,
    brokerMicros: brokerMicros(read),
  };
}

const SYSTEM = 0;
const CHANNEL = 1;
const SUBSCRIPTION = 2;
const TYPE = 3;
const NAME = 4;
const GROUP = 5;
const MESSAGE = 6;
const BATCH = 7;
const KEY = 8;
const QUEUE = 9;
const ENQUEUED_SECONDS = 10;
const TEMPORARY = 11;
const TEMPLATE = 12;
const URL_LIKE = 13;
const ARN = 14;
const BROKER_MICROS = 15;

/** Attribute names per meaning, newest first. */
const FIELDS: readonly (readonly [field: number, names: readonly string[]])[] = [
  [SYSTEM, ['messaging.system', 'messaging.system.name', 'component', 'peer.service', 'az.namespace']],
  [
    CHANNEL,
    [
      'messaging.destination.name',
      'messaging.destination',
      'messaging.source.name',
      'messaging.destination_publish.name',
      'message_bus.destination',
      'kafka.topic',
      'rabbit.exchange',
      'amqp.exchange',
      'jms.topic',
      'jms.queue',
      'bullmq.queue.name',
      'topicname',
      'queuename',
    ],
  ],
  [SUBSCRIPTION, ['messaging.destination.subscription.name', 'messaging.servicebus.destination.subscription_name']],
  [TYPE, ['messaging.operation.type', 'messaging.operation', 'bullmq.job.operation']],
  [NAME, ['messaging.operation.name']],
  [
    GROUP,
    [
      'messaging.consumer.group.name',
      'messaging.kafka.consumer.group',
      'messaging.kafka.consumer_group',
      'messaging.eventhubs.consumer.group',
      'messaging.rocketmq.client_group',
      'messaging.consumer_group',
      'kafka.group',
      'kafka.consumer.group',
    ],
  ],
  [
    MESSAGE,
    ['messaging.message.id', 'messaging.message_id', 'bullmq.job.id', 'message_id', 'messageid', 'aws.message_id'],
  ],
  [BATCH, ['messaging.batch.message_count', 'messaging.batch_size', 'bullmq.job.bulk.count']],
  [
    KEY,
    [
      'messaging.rabbitmq.destination.routing_key',
      'messaging.rabbitmq.routing_key',
      'rabbit.routing_key',
      'amqp.routing_key',
    ],
  ],
  [QUEUE, ['rabbit.queue', 'amqp.queue', 'messaging.rabbitmq.queue']],
  [ENQUEUED_SECONDS, ['messaging.servicebus.message.enqueued_time', 'messaging.eventhubs.message.enqueued_time']],
  [TEMPORARY, ['messaging.destination.temporary', 'messaging.temp_destination']],
  [TEMPLATE, ['messaging.destination.template']],
  [URL_LIKE, ['messaging.url', 'aws.queue.url', 'aws.queue_url', 'queue_url', 'aws.sqs.queue_url']],
  [ARN, ['aws.sns.topic.arn', 'aws.topic_arn', 'topic_arn', 'messaging.destination.arn']],
  // Set by importers whose format has the moment in another form.
  [BROKER_MICROS, ['eventscape.broker_micros']],
];

const NAMES: ReadonlyMap<string, { readonly field: number; readonly rank: number }> = new Map(
  FIELDS.flatMap(([field, names]) => names.map((name, rank) => [name, { field, rank }] as const)),
);

interface Read {
  readonly values: (JsonValue | undefined)[];
  readonly ranks: (number | undefined)[];
}

function text(read: Read, field: number): string {
  const value = read.values[field];
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

function number(read: Read, field: number): number | null {
  const value = read.values[field];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}

const ROLES: ReadonlyMap<string, SpanRole> = new Map([
  ...roles('create', ['create']),
  ...roles('send', ['send', 'publish', 'produce', 'add', 'enqueue']),
  ...roles('receive', ['receive', 'poll', 'pull', 'fetch', 'get']),
  ...roles('process', ['process', 'deliver', 'consume', 'handle']),
  ...roles('settle', [
    'settle',
    'ack',
    'nack',
    'modack',
    'reject',
    'commit',
    'complete',
    'abandon',
    'defer',
    'delete',
    'extend',
  ]),
]);

function roles(role: SpanRole, names: readonly string[]): readonly (readonly [string, SpanRole])[] {
  return names.map((name) => [name, role] as const);
}

function roleOf(span: Span, read: Read): SpanRole {
  const operation = ROLES.get(text(read, TYPE).toLowerCase()) ?? ROLES.get(text(read, NAME).toLowerCase());
  if (operation !== undefined) return operation;
  switch (span.kind) {
    case 'producer':
      return 'send';
    case 'consumer':
      return / (?:receive|poll)$/i.test(span.name) ? 'receive' : 'process';
    case 'internal':
    case 'server':
    case 'client':
    case 'unspecified':
      return 'none';
    default:
      return span.kind satisfies never;
  }
}

const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['amazonsqs', 'aws_sqs'],
  ['aws.sqs', 'aws_sqs'],
  ['sqs', 'aws_sqs'],
  ['amazonsns', 'aws_sns'],
  ['aws.sns', 'aws_sns'],
  ['sns', 'aws_sns'],
  ['java-kafka', 'kafka'],
  ['kafka.consumer', 'kafka'],
  ['kafka.producer', 'kafka'],
  ['java-rabbitmq', 'rabbitmq'],
  ['amqp', 'rabbitmq'],
  ['google_pubsub', 'gcp_pubsub'],
  ['microsoft.servicebus', 'servicebus'],
  ['microsoft.eventhub', 'eventhubs'],
]);

function systemOf(name: string): string {
  const lower = name.toLowerCase();
  return SYSTEMS.get(lower) ?? lower;
}

const NO_EXCHANGE = new Set(['', 'amq.default', '<default>', '(default)']);
const TEMPORARY_NAME = /^(?:amq\.gen-|amq_|_INBOX\.|spring\.gen-|<generated>|.*-reply-to)/i;

function placeOf(span: Span, role: SpanRole, system: string, read: Read): Place {
  const consumes = role === 'receive' || role === 'process';
  let channel = text(read, TEMPLATE) || text(read, CHANNEL);
  let key = '';
  let queue = text(read, QUEUE);
  let subscription = text(read, SUBSCRIPTION) || text(read, GROUP);
  if (channel === '' || channel.includes(':') || channel.includes('/')) channel = shortName(channel, read);

  if (system === 'rabbitmq' || read.values[KEY] !== undefined) {
    const named = amqpPlace(channel, text(read, KEY), consumes, queue);
    channel = named.channel;
    key = named.key;
    queue = named.queue;
    if (consumes && queue === '') {
      // amqplib names the queue nowhere but in the span's name; other libraries put the queue itself there.
      const match = /^(\S+) (?:process|receive|deliver|consume)$/.exec(span.name);
      if (match?.[1] !== undefined && match[1] !== channel && match[1] !== `${channel}:${key}`) queue = match[1];
      else if (key === '' && match?.[1] === channel) [queue, channel] = [channel, ''];
    }
  } else if (system === 'gcp_pubsub' && consumes && subscription === '') {
    // The client library puts the subscription where the topic belongs.
    [subscription, channel] = [channel, ''];
  }
  const temporary = read.values[TEMPORARY] === true || read.values[TEMPORARY] === 'true';
  if (temporary || TEMPORARY_NAME.test(channel)) channel = '(temporary)';
  if (TEMPORARY_NAME.test(queue)) queue = '(temporary)';
  if (queue === channel) queue = '';
  return { system, channel, key, queue, subscription };
}

/** The last part of an ARN, a URL or a resource path; otherwise the name itself. */
function shortName(channel: string, read: Read): string {
  const written = channel || text(read, ARN) || text(read, URL_LIKE);
  if (written === '') return '';
  if (written.startsWith('arn:')) return last(written, ':');
  if (/^https?:\/\//.test(written)) return last(written.replace(/[?#].*$/, '').replace(/\/$/, ''), '/');
  if (/^projects\/[^/]+\/(?:topics|subscriptions)\/[^/]+$/.test(written)) return last(written, '/');
  // A connection address (`amqp://host`) names no channel.
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? '' : written;
}

function last(name: string, separator: string): string {
  return name.slice(name.lastIndexOf(separator) + 1);
}

/** Takes `{exchange}:{key}:{queue}` apart, parts of which are left out where empty or equal, or pairs an exchange with its key. */
function amqpPlace(
  name: string,
  key: string,
  consumes: boolean,
  queue: string,
): { channel: string; key: string; queue: string } {
  const exchange = (written: string): string => (NO_EXCHANGE.has(written) ? '' : written);
  if (name === key && key !== '') return { channel: '', key, queue };
  if (key !== '' && name.startsWith(`${key}:`) && consumes)
    return { channel: '', key, queue: name.slice(key.length + 1) };
  const joined = key === '' ? -1 : name.indexOf(`:${key}`);
  if (joined > 0) {
    const rest = name.slice(joined + key.length + 1);
    if (rest === '') return { channel: exchange(name.slice(0, joined)), key, queue };
    if (rest.startsWith(':') && consumes)
      return { channel: exchange(name.slice(0, joined)), key, queue: rest.slice(1) };
  }
  if (key === '' && name.includes(':')) {
    const parts = name.split(':');
    if (consumes) {
      const [first = '', second = '', third = ''] = parts;
      return third === ''
        ? { channel: exchange(first), key: '', queue: second }
        : { channel: exchange(first), key: second, queue: third };
    }
    return { channel: exchange(parts[0] ?? ''), key: parts.slice(1).join(':'), queue };
  }
  return { channel: exchange(name), key, queue };
}

/** How a place is shown where the producer sent: `exchange:key`, or the one of them there is. */
export function placeLabel(place: Place): string {
  if (place.channel === '') return place.key;
  return place.key === '' || place.key === place.channel ? place.channel : `${place.channel}:${place.key}`;
}

function brokerMicros(read: Read): number | null {
  const micros = number(read, BROKER_MICROS);
  if (micros !== null) return micros;
  const seconds = number(read, ENQUEUED_SECONDS);
  return seconds === null || seconds <= 0 ? null : seconds * 1_000_000;
}

const DEAD = new Set(['dlq', 'dlt', 'dlx', 'dlqs', 'dead', 'deadletter', 'deadletters', 'deadlettered', 'poison']);

/** Whether a name itself says that it holds dead letters (`orders.dlq`, `OrdersDLQ`, `orders-dead-letter`). */
export function soundsDead(name: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/);
  return words.some((word) => DEAD.has(word.toLowerCase()));
}
