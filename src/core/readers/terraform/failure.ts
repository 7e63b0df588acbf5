// What Terraform files say about failed messages on AWS, place by place. Dynamic blocks whose existence is not known and policies that are
// parameters are `unknown`, never `missing`. A function behind SNS, EventBridge, S3 or a schedule has two layers: the delivery's own dead-letter
// queue and Lambda's retries; the second decides, and `missing` is said only where neither is written.
import type { FailureFacts, Handle, Ref, RetryFacts } from '../../model/declaration.ts';
import {
  ASYNC_RETRIES,
  DELIVERY_ONLY,
  QUEUE_RETENTION,
  TARGET_AGE,
  TARGET_RETRIES,
  TOPIC_ATTEMPTS,
  TOPIC_STORY,
  asyncStory,
  duration,
  queueStory,
  streamStory,
  targetStory,
} from '../../model/aws-failure.ts';
import type { Location } from '../../model/source.ts';
import type { Gathering } from './gathering.ts';
import type { Body, Member, Node } from './modules.ts';
import type { Value } from './values.ts';
import { asData, locationOf, numberOf, textOf } from './values.ts';

export const DIALECT = 'terraform';

type DeadLetter = FailureFacts['deadLetter'];

const MAYBE = 'whether it is written depends on values of the deployment';

const DEFAULT_RETRY: RetryFacts = { kind: 'default' };

/** A guard at a resource: its type and name as the dialect finds them in the file of `at`. */
export function handleOf(node: Node, role: string): Handle {
  return { dialect: DIALECT, at: node.at, path: [node.type, node.name], role };
}

/** A queue's own setting: written in it, or as a resource of its own. */
export function queueFailure(gathering: Gathering, queue: Node): FailureFacts {
  const isFifo = isTrue(queue.attribute('fifo_queue'));
  const retention = queue.attribute('message_retention_seconds');
  const base = { backoff: 'fixed', retry: DEFAULT_RETRY, handle: handleOf(queue, 'queue') } as const;
  const looping = {
    ...base,
    attempts: 'unbounded',
    then: isFifo ? 'blocks' : 'loops',
    story: queueStory(retention === undefined ? QUEUE_RETENTION : numberOf(retention), isFifo),
  } as const;
  const policy =
    queue.attribute('redrive_policy') ??
    gathering.attached('aws_sqs_queue_redrive_policy', 'queue_url', queue)[0]?.attribute('redrive_policy');
  if (policy === undefined || textOf(policy) === '')
    return { ...looping, deadLetter: { kind: 'missing', why: 'no redrive_policy' } };
  const written = policy.maybe === true ? null : entriesOf(policy);
  if (written === null)
    return {
      ...looping,
      attempts: null,
      then: 'unknown',
      story: '',
      deadLetter: {
        kind: 'unknown',
        why: policy.maybe === true ? MAYBE : 'its redrive_policy is not written out here',
      },
    };
  const target = written.get('deadLetterTargetArn');
  if (target === undefined || (target.kind === 'literal' && target.value === null))
    return { ...looping, deadLetter: { kind: 'missing', why: 'a redrive_policy without deadLetterTargetArn' } };
  const deadLetter = deadLetterAt(gathering, queue, target);
  return {
    ...base,
    deadLetter,
    attempts: numberOf(written.get('maxReceiveCount')),
    then: deadLetter.kind === 'unknown' ? 'unknown' : 'dead-letters',
    story: '',
  };
}

function entriesOf(value: Value): ReadonlyMap<string, Value> | null {
  const data = asData(value);
  return data?.kind === 'object' ? data.entries : null;
}

/** The queue decides; the handle is the queue's where it is in sight. */
export function ofChannel(queue: Node | null, reader: Node): FailureFacts {
  return {
    deadLetter: { kind: 'of-channel' },
    attempts: null,
    backoff: 'fixed',
    then: 'unknown',
    story: '',
    retry: DEFAULT_RETRY,
    handle: queue === null ? handleOf(reader, 'elsewhere') : handleOf(queue, 'queue'),
  };
}

export function notApplicable(node: Node, why: string): FailureFacts {
  return {
    deadLetter: { kind: 'not-applicable', why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'not-applicable' },
    handle: handleOf(node, 'none'),
  };
}

export function unknownFailure(node: Node, why: string): FailureFacts {
  return {
    deadLetter: { kind: 'unknown', why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'unknown', why },
    handle: handleOf(node, 'none'),
  };
}

/** The delivery of one subscription, target or schedule to whatever it leads to. */
export interface Delivery {
  /** Null where nothing is written. */
  readonly deadLetter: DeadLetter | null;
  readonly retry: RetryFacts;
  readonly attempts: number | null;
  readonly story: string;
  readonly absent: string;
  readonly handle: Handle;
}

export function subscriptionDelivery(gathering: Gathering, subscription: Node): Delivery {
  const policy = subscription.attribute('redrive_policy');
  const base = {
    retry: DEFAULT_RETRY,
    attempts: TOPIC_ATTEMPTS,
    story: TOPIC_STORY,
    absent: 'no redrive_policy on the subscription',
    handle: handleOf(subscription, 'subscription'),
  };
  if (policy === undefined || textOf(policy) === '') return { ...base, deadLetter: null };
  const written = policy.maybe === true ? null : entriesOf(policy);
  if (written === null)
    return { ...base, deadLetter: { kind: 'unknown', why: 'the redrive_policy is not written out here' } };
  const target = written.get('deadLetterTargetArn');
  return { ...base, deadLetter: target === undefined ? null : deadLetterAt(gathering, subscription, target) };
}

/** `body` holds `dead_letter_config` and `retry_policy` blocks: an event target, or the target of a schedule. */
export function targetDelivery(gathering: Gathering, node: Node, body: Body, role: string): Delivery {
  const [policy] = body.blocks('retry_policy');
  const attempts = policy?.body.attribute('maximum_retry_attempts');
  const age = policy?.body.attribute('maximum_event_age_in_seconds');
  const count = policy?.maybe === true ? null : attempts === undefined ? TARGET_RETRIES : numberOf(attempts);
  const seconds = policy?.maybe === true ? null : age === undefined ? TARGET_AGE : numberOf(age);
  const base = {
    retry: retryOf(policy?.body, 'maximum_retry_attempts', attempts),
    attempts: count === null ? null : count + 1,
    story: targetStory(count, seconds),
    absent: 'no dead_letter_config on the target',
    handle: handleOf(node, role),
  };
  return { ...base, deadLetter: blockDeadLetter(gathering, node, body.blocks('dead_letter_config'), 'arn') };
}

/** An explicit 0 is no retry. */
function retryOf(body: Body | undefined, name: string, value: Value | undefined): RetryFacts {
  if (value === undefined || body === undefined) return DEFAULT_RETRY;
  return numberOf(value) === 0
    ? { kind: 'none', why: `${name} = 0`, at: body.attributeAt(name) ?? locationOf(value.at) }
    : { kind: 'configured' };
}

/** The dead-letter setting of the first of such blocks; null where there is none. */
function blockDeadLetter(
  gathering: Gathering,
  node: Node,
  blocks: readonly Member[],
  argument: string,
): DeadLetter | null {
  const [block] = blocks;
  if (block === undefined) return null;
  if (block.maybe) return { kind: 'unknown', why: MAYBE };
  const arn = block.body.attribute(argument);
  return arn === undefined ? null : deadLetterAt(gathering, node, arn);
}

/** The delivery's own setting is all there is. */
export function deliveryFailure(delivery: Delivery): FailureFacts {
  const { deadLetter } = delivery;
  return {
    deadLetter: deadLetter ?? { kind: 'missing', why: delivery.absent },
    attempts: delivery.attempts,
    backoff: 'exponential',
    then:
      deadLetter === null
        ? 'drops'
        : deadLetter.kind === 'configured' || deadLetter.kind === 'built-in'
          ? 'dead-letters'
          : 'unknown',
    story: deadLetter === null ? delivery.story : '',
    retry: delivery.retry,
    handle: delivery.handle,
  };
}

interface AsynchronousSetting {
  readonly deadLetter: DeadLetter | null;
  readonly retries: number | null;
  readonly retry: RetryFacts;
}

/** A function's dead-letter queue or on-failure destination, and its retries. */
export function asynchronousSetting(gathering: Gathering, service: Node): AsynchronousSetting {
  const [config] = gathering.attached('aws_lambda_function_event_invoke_config', 'function_name', service);
  let deadLetter: DeadLetter | null = config === undefined ? null : onFailure(gathering, config, 'destination');
  deadLetter ??= blockDeadLetter(gathering, service, service.blocks('dead_letter_config'), 'target_arn');
  const attempts = config?.attribute('maximum_retry_attempts');
  return {
    deadLetter,
    retries: attempts === undefined ? ASYNC_RETRIES : numberOf(attempts),
    retry: retryOf(config, 'maximum_retry_attempts', attempts),
  };
}

/** What Lambda does with an event that the function fails on. `service` null: a function out of sight. */
export function asynchronousFailure(
  gathering: Gathering,
  service: Node | null,
  delivery: Delivery | null,
  at: Node,
): FailureFacts {
  if (service === null) {
    const facts = unknownFailure(at, 'the function is declared elsewhere');
    return delivery?.deadLetter == null ? facts : { ...facts, deadLetter: delivery.deadLetter };
  }
  const own = asynchronousSetting(gathering, service);
  const retries = own.retries ?? ASYNC_RETRIES;
  const base = {
    attempts: own.retries === null ? null : retries + 1,
    backoff: retries === 0 ? 'none' : 'exponential',
    retry: own.retry.kind === 'none' ? own.retry : delivery?.retry.kind === 'none' ? delivery.retry : own.retry,
    handle: handleOf(service, 'async-function'),
  } as const;
  const story = asyncStory(retries);
  const delivered = delivery?.deadLetter ?? null;
  if (own.deadLetter !== null) {
    const isKnown = own.deadLetter.kind === 'configured' || own.deadLetter.kind === 'built-in';
    return { ...base, deadLetter: own.deadLetter, then: isKnown ? 'dead-letters' : 'unknown', story: '' };
  }
  if (delivered !== null) return { ...base, deadLetter: delivered, then: 'drops', story: `${story}: ${DELIVERY_ONLY}` };
  return {
    ...base,
    deadLetter: { kind: 'missing', why: 'the function has neither a dead_letter_config nor an on_failure destination' },
    then: 'drops',
    story,
  };
}

/** The delivery's own dead-letter setting as a second statement of a consumption whose function has one too; null where there is no more to say. */
export function secondLayer(facts: FailureFacts, delivery: Delivery | null): FailureFacts | null {
  const more = delivery?.deadLetter ?? null;
  return more?.kind !== 'configured' || facts.deadLetter.kind !== 'configured' || facts.deadLetter.at === more.at
    ? null
    : { ...facts, deadLetter: more };
}

/** A mapping of Kinesis, DynamoDB or Kafka. */
export function streamFailure(
  gathering: Gathering,
  mapping: Node,
  role: 'stream-mapping' | 'kafka-mapping',
  retention: string,
): FailureFacts {
  const attempts = mapping.attribute('maximum_retry_attempts');
  const age = mapping.attribute('maximum_record_age_in_seconds');
  const count = attempts === undefined ? -1 : numberOf(attempts);
  const seconds = age === undefined ? -1 : numberOf(age);
  return streamFacts(
    mapping,
    role,
    role === 'kafka-mapping' ? 'partition' : 'shard',
    count,
    seconds,
    retention,
    retryOf(mapping, 'maximum_retry_attempts', attempts),
    onFailure(gathering, mapping, 'destination_arn'),
    'no on_failure destination on the mapping',
  );
}

export function streamFacts(
  node: Node,
  role: string,
  part: 'shard' | 'partition',
  count: number | null,
  seconds: number | null,
  retention: string,
  retry: RetryFacts,
  destination: DeadLetter | null,
  absent: string,
): FailureFacts {
  const isBounded = count !== null && count >= 0;
  const { then, lost, blocked } = streamStory(part, count, seconds, retention);
  const base = {
    attempts: count === null ? null : isBounded ? count + 1 : ('unbounded' as const),
    backoff: 'exponential',
    retry,
    handle: handleOf(node, role),
  } as const;
  if (destination === null) return { ...base, then, story: lost, deadLetter: { kind: 'missing', why: absent } };
  if (destination.kind === 'unknown') return { ...base, then: 'unknown', story: '', deadLetter: destination };
  const isEnding = isBounded || (seconds !== null && seconds > 0);
  return {
    ...base,
    then: isEnding ? 'dead-letters' : 'blocks',
    story: isEnding ? '' : blocked,
    deadLetter: destination,
  };
}

/** How long a stream keeps a record. */
export function retentionOf(stream: Node | null): string {
  const hours = stream === null ? undefined : stream.attribute('retention_period');
  return `it is ${duration((numberOf(hours) ?? 24) * 3600)} old`;
}

/** `destination_config { on_failure { … } }`. */
function onFailure(gathering: Gathering, node: Node, argument: string): DeadLetter | null {
  const [config] = node.blocks('destination_config');
  const [failure] = config?.body.blocks('on_failure') ?? [];
  if (config === undefined || failure === undefined) return null;
  if (config.maybe || failure.maybe) return { kind: 'unknown', why: MAYBE };
  const destination =
    failure.body.attribute(argument) ??
    failure.body.attribute('destination_arn') ??
    failure.body.attribute('destination');
  if (destination === undefined) return null;
  const owner = gathering.nodeOf(destination, node.instance);
  if (owner?.type === 'aws_s3_bucket')
    return { kind: 'built-in', why: `what fails goes to the bucket ${owner.address}` };
  const target = gathering.target(node, destination, null);
  // A bus takes failed events without being a dead-letter channel: others listen to it.
  if (target.carrier?.broker === 'eventbridge')
    return { kind: 'built-in', why: `what fails goes to ${target.node?.address ?? 'the default bus'}` };
  return deadLetterAt(gathering, node, destination);
}

/** A setting as it stands, as a dead-letter target. */
export function deadLetterAt(
  gathering: Gathering,
  from: Node,
  value: Value,
  expected: string | null = 'aws_sqs_queue',
): DeadLetter {
  const target = gathering.target(from, value, expected);
  if (value.maybe === true) {
    gathering.markDeadLetter(target);
    return { kind: 'unknown', why: MAYBE };
  }
  if (target.service !== null) return { kind: 'built-in', why: `what fails goes to ${target.service.address}` };
  gathering.markDeadLetter(target);
  const at: Location = locationOf(value.at);
  // What another module, team or account declares may well exist: it is no dangling reference, and not known either.
  if (target.ref.kind === 'unknown') return { kind: 'unknown', why: target.ref.reason };
  const to: Ref =
    target.ref.kind === 'named'
      ? {
          kind: 'unknown',
          text: target.ref.name.kind === 'literal' ? target.ref.name.value : '',
          reason: 'it is declared outside of these files',
        }
      : target.ref;
  return { kind: 'configured', to, at };
}

export function isTrue(value: Value | undefined): boolean {
  return value !== undefined && textOf(value) === 'true';
}
