// The words people read on the map, in its table and in its details: the broker's own word for a channel, what becomes of a failed message.
import type { Channel, Edge, EdgeKind, Failure } from '../core/model/topology.ts';
import { plainText } from './measure.ts';

/** "SQS queue", "Kafka topic", "RabbitMQ exchange", "EventBridge bus". */
export function channelWord(channel: Pick<Channel, 'broker' | 'kind'>): string {
  const broker = BROKERS.get(channel.broker) ?? plainText(channel.broker);
  const kind = channel.kind === 'other' ? 'channel' : channel.kind;
  // S3 and the schedulers have no word of their own for what carries their events.
  return broker === ''
    ? kind
    : `${broker} ${channel.kind === 'other' ? (OTHER_WORDS.get(channel.broker) ?? 'channel') : kind}`;
}

const BROKERS = new Map<string, string>([
  ['sqs', 'SQS'],
  ['sns', 'SNS'],
  ['eventbridge', 'EventBridge'],
  ['kinesis', 'Kinesis'],
  ['dynamodb', 'DynamoDB'],
  ['s3', 'S3'],
  ['scheduler', 'Scheduler'],
  ['kafka', 'Kafka'],
  ['amqp', 'AMQP'],
  ['rabbitmq', 'RabbitMQ'],
  ['mqtt', 'MQTT'],
  ['nats', 'NATS'],
  ['encore', 'Encore'],
  ['pubsub', 'Pub/Sub'],
  ['unknown', ''],
  ['other', ''],
]);

const OTHER_WORDS = new Map<string, string>([
  ['s3', 'notifications'],
  ['scheduler', 'schedule'],
  ['eventbridge', 'schedule'],
]);

/** The verb between the two ends of an edge, as a person reads it from left to right. */
export function edgeVerb(kind: EdgeKind): string {
  return VERBS[kind];
}

const VERBS = {
  sends: 'sends to',
  receives: 'is received by',
  routes: 'routes to',
  'dead-letters': 'dead-letters to',
} satisfies Record<EdgeKind, string>;

/** "configured", "built in", "missing", "unknown", "not applicable": whether a dead-letter queue stands behind a consumption. */
export function deadLetterWord(failure: Failure | null): string {
  if (failure === null) return '';
  if (failure.dangling !== null) return 'dangling';
  return DEAD_LETTER_WORDS[failure.deadLetter];
}

const DEAD_LETTER_WORDS = {
  configured: 'configured',
  'built-in': 'built in',
  missing: 'missing',
  unknown: 'unknown',
  'not-applicable': 'not applicable',
} satisfies Record<Failure['deadLetter'], string>;

/** "5 attempts, exponential backoff"; empty where nothing is known. */
export function retryWords(failure: Failure | null): string {
  if (failure === null) return '';
  const parts: string[] = [];
  if (failure.retry.kind === 'none') parts.push('no retry');
  else if (failure.attempts === 'unbounded') parts.push('unbounded attempts');
  else if (failure.attempts !== null)
    parts.push(`${failure.attempts} ${failure.attempts === 1 ? 'attempt' : 'attempts'}`);
  if (failure.backoff === 'fixed' || failure.backoff === 'exponential') parts.push(`${failure.backoff} backoff`);
  return parts.join(', ');
}

/** One sentence: what becomes of a message that keeps failing. */
export function failureStory(failure: Failure): string {
  if (failure.dangling !== null) {
    return `A message that keeps failing is meant for ${plainText(failure.dangling.name)}, which is declared nowhere.`;
  }
  const story = plainText(failure.story);
  // A story is a whole verb ("is dropped after 2 retries") or what follows one ("after 2 retries").
  if (story !== '' && !/^(?:after|until|within|for|at|when)\b/.test(story))
    return `A message that keeps failing ${story}.`;
  const how = story === '' ? '' : ` ${story}`;
  switch (failure.then) {
    case 'dead-letters':
      return `A message that keeps failing is dead-lettered${how}.`;
    case 'drops':
      return `A message that keeps failing is dropped${how}.`;
    case 'loops':
      return `A message that keeps failing comes back${how}.`;
    case 'blocks':
      return `A message that keeps failing blocks those behind it${how}.`;
    case 'unknown':
      return story === '' ? 'What becomes of a message that keeps failing cannot be told from the files.' : `${story}.`;
  }
}

/** Where something is declared, for tooltips and lists: "orders/template.yaml:12". Lines are 1-based here. */
export function placeWords(at: Edge['at'][number]): string {
  return `${plainText(at.file)}:${at.range.start.line + 1}`;
}

/** "1 service", "2 services". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
