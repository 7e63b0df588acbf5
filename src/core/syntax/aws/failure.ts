// What a template says about failed messages, place by place, in the words of AWS.
//
// A function that SNS, EventBridge, S3 or a schedule invokes has two layers: the delivery to Lambda (the subscription's or target's own
// dead-letter queue) and Lambda's asynchronous retries (the function's dead-letter queue or on-failure destination). A poisoned message meets
// the second, so its setting is the verdict of the consumption; a dead-letter queue of the delivery alone counts as configured too, with a
// story that says what it does not cover; `missing` is said only where neither is written. The guard is offered at the function.
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
  queueStory,
  streamStory,
  targetStory,
} from '../../model/aws-failure.ts';
import type { Location } from '../../model/source.ts';
import { locationAt, makeSourceFile } from '../../model/source.ts';
import type { DataNode } from '../data.ts';
import { entryOf, get, getIn, stringOf, textOf } from '../data.ts';
import { parseData } from '../parse-data.ts';
import type { Gathering } from './targets.ts';
import { channelTarget, placeOf, serviceTarget } from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import type { Value } from './values.ts';
import { chosen, evaluate, partsOf } from './values.ts';

export const DIALECT = 'cloudformation';

type DeadLetter = FailureFacts['deadLetter'];

const DEFAULT_RETRY: RetryFacts = { kind: 'default' };

export function handleOf(at: Location, path: readonly (string | number)[], role: string): Handle {
  return { dialect: DIALECT, at, path, role };
}

/** A queue's own setting. */
export function queueFailure(gathering: Gathering, queue: Resource): FailureFacts {
  const { template } = gathering;
  const fifo = isTrue(property(queue, 'FifoQueue'));
  const policy = chosen(template, property(queue, 'RedrivePolicy'));
  const handle = handleOf(queue.at, queue.path, 'queue');
  const base = { backoff: 'fixed', retry: DEFAULT_RETRY, handle } as const;
  const looping = {
    ...base,
    attempts: 'unbounded',
    then: fifo ? 'blocks' : 'loops',
    story: loopStory(gathering, queue, fifo),
  } as const;
  if (policy === undefined) return { ...looping, deadLetter: { kind: 'missing', why: 'no RedrivePolicy' } };
  if (policy === null)
    return {
      ...looping,
      attempts: null,
      then: 'unknown',
      story: '',
      deadLetter: { kind: 'unknown', why: 'its RedrivePolicy depends on a condition' },
    };
  const written = redriveOf(gathering, policy);
  if (written === null)
    return {
      ...looping,
      attempts: null,
      then: 'unknown',
      story: '',
      deadLetter: { kind: 'unknown', why: 'its RedrivePolicy is not written out here' },
    };
  const deadLetter = deadLetterAt(gathering, written.target, placeOf(template, written.node));
  if (deadLetter === null)
    return { ...looping, deadLetter: { kind: 'missing', why: 'a RedrivePolicy without deadLetterTargetArn' } };
  return { ...base, deadLetter, attempts: written.attempts, then: 'dead-letters', story: '' };
}

function redriveOf(
  gathering: Gathering,
  policy: DataNode,
): { readonly target: Value; readonly node: DataNode; readonly attempts: number | null } | null {
  const { template } = gathering;
  const value = evaluate(template, policy);
  if (value.kind === 'plain' && value.node.kind === 'map') {
    const node = get(value.node, 'deadLetterTargetArn');
    return {
      target: evaluate(template, node),
      node: node ?? value.node,
      attempts: wholeNumber(get(value.node, 'maxReceiveCount')),
    };
  }
  if (value.kind !== 'text') return null;
  // A JSON text, open parts of which are references: they stand in it as marks while it is parsed.
  const parts = partsOf(value);
  const text = parts.map((part, index) => (part.kind === 'fixed' ? part.text : `\uE000${index}\uE001`)).join('');
  const [root] = parseData(makeSourceFile('redrive-policy.json', text)).roots;
  const target = stringOf(get(root, 'deadLetterTargetArn'));
  if (target === undefined) return null;
  const mark = /^\uE000(\d+)\uE001$/.exec(target)?.[1];
  const open = mark === undefined ? undefined : parts[Number(mark)];
  const whole: Value =
    open?.kind === 'open'
      ? open.value
      : {
          kind: 'text',
          node: policy,
          parts: target
            .split(/[\uE000\uE001]/)
            .flatMap((piece, index) =>
              index % 2 === 0
                ? piece === ''
                  ? []
                  : [{ kind: 'fixed' as const, text: piece }]
                : parts.slice(Number(piece), Number(piece) + 1),
            ),
        };
  return { target: whole, node: policy, attempts: wholeNumber(get(root, 'maxReceiveCount')) };
}

function loopStory(gathering: Gathering, queue: Resource, fifo: boolean): string {
  const written = property(queue, 'MessageRetentionPeriod');
  const seconds = written === undefined ? QUEUE_RETENTION : wholeNumber(written);
  return queueStory(seconds, fifo);
}

/** A queue that this template only reads: its own setting decides, wherever it is. */
export function ofChannel(
  gathering: Gathering,
  queue: Resource | null,
  at: Location,
  path: readonly (string | number)[],
): FailureFacts {
  const handle = queue === null ? handleOf(at, path, 'elsewhere') : handleOf(queue.at, queue.path, 'queue');
  return {
    deadLetter: { kind: 'of-channel' },
    attempts: null,
    backoff: 'fixed',
    then: 'unknown',
    story: '',
    retry: DEFAULT_RETRY,
    handle,
  };
}

/** A setting that AWS does not have at this place. */
export function notApplicable(at: Location, path: readonly (string | number)[], why: string): FailureFacts {
  return {
    deadLetter: { kind: 'not-applicable', why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'not-applicable' },
    handle: handleOf(at, path, 'none'),
  };
}

/** A verdict out of sight. */
export function unknownFailure(at: Location, path: readonly (string | number)[], why: string): FailureFacts {
  return {
    deadLetter: { kind: 'unknown', why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'unknown', why },
    handle: handleOf(at, path, 'none'),
  };
}

/** The delivery of one subscription, target or schedule to whatever it leads to. */
export interface Delivery {
  /** The setting's dead-letter part; null where nothing is written. */
  readonly deadLetter: DeadLetter | null;
  readonly retry: RetryFacts;
  readonly attempts: number | null;
  /** What becomes of a message that cannot be delivered. */
  readonly story: string;
  /** The absent key. */
  readonly absent: string;
  readonly handle: Handle;
}

/** An SNS subscription's delivery: `node` holds its `RedrivePolicy`, null where the form has none (inline subscriptions). */
export function subscriptionDelivery(gathering: Gathering, node: DataNode | null, handle: Handle): Delivery {
  const { template } = gathering;
  const policy = node === null ? undefined : chosen(template, get(node, 'RedrivePolicy'));
  const base = {
    retry: DEFAULT_RETRY,
    attempts: TOPIC_ATTEMPTS,
    story: TOPIC_STORY,
    absent: 'no RedrivePolicy on the subscription',
    handle,
  };
  if (policy === undefined) return { ...base, deadLetter: null };
  if (policy === null)
    return { ...base, deadLetter: { kind: 'unknown', why: 'the RedrivePolicy depends on a condition' } };
  const written = redriveOf(gathering, policy);
  if (written === null)
    return { ...base, deadLetter: { kind: 'unknown', why: 'the RedrivePolicy is not written out here' } };
  return { ...base, deadLetter: deadLetterAt(gathering, written.target, placeOf(template, written.node)) };
}

/** An EventBridge target's, schedule's or SAM event's delivery: `node` holds `DeadLetterConfig` and `RetryPolicy`. */
export function targetDelivery(
  gathering: Gathering,
  node: DataNode | undefined,
  handle: Handle,
  generated: string | null,
): Delivery {
  const { template } = gathering;
  const policy = chosen(template, get(node, 'RetryPolicy')) ?? undefined;
  const attempts = chosen(template, get(policy, 'MaximumRetryAttempts')) ?? undefined;
  const count = attempts === undefined ? TARGET_RETRIES : wholeNumber(attempts);
  const age = chosen(template, get(policy, 'MaximumEventAgeInSeconds')) ?? undefined;
  const seconds = age === undefined ? TARGET_AGE : wholeNumber(age);
  const retry: RetryFacts =
    attempts === undefined
      ? DEFAULT_RETRY
      : count === 0
        ? {
            kind: 'none',
            why: 'MaximumRetryAttempts: 0',
            at: entryPlace(gathering, policy, 'MaximumRetryAttempts', attempts),
          }
        : { kind: 'configured' };
  const base = {
    retry,
    attempts: count === null ? null : count + 1,
    story: targetStory(count, seconds),
    absent: 'no DeadLetterConfig on the target',
    handle,
  };
  const config = chosen(template, get(node, 'DeadLetterConfig'));
  if (config === undefined) return { ...base, deadLetter: null };
  if (config === null)
    return { ...base, deadLetter: { kind: 'unknown', why: 'the DeadLetterConfig depends on a condition' } };
  const arn = get(config, 'Arn');
  if (arn !== undefined)
    return { ...base, deadLetter: deadLetterAt(gathering, evaluate(template, arn), placeOf(template, arn)) };
  const type = stringOf(get(config, 'Type'));
  if (type === undefined || generated === null) return { ...base, deadLetter: null };
  // SAM: `Type: SQS` makes a queue, with its policy, under the given or a derived logical id.
  const id = textOf(get(config, 'QueueLogicalId')) ?? generated;
  const at = placeOf(template, get(config, 'QueueLogicalId') ?? config);
  return { ...base, deadLetter: { kind: 'configured', to: generatedQueue(gathering, id, at), at } };
}

/** The layers of a delivery to something else than a function: the delivery's own setting is all there is. */
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

/** What Lambda does with an event that the function fails on, and where it goes. Null for functions out of sight. */
export function asynchronousFailure(
  gathering: Gathering,
  service: Resource | null,
  delivery: Delivery | null,
  at: Location,
  path: readonly (string | number)[],
): FailureFacts {
  if (service === null) {
    const facts = unknownFailure(at, path, 'the function is declared elsewhere');
    return delivery?.deadLetter == null ? facts : { ...facts, deadLetter: delivery.deadLetter };
  }
  const own = asynchronousSetting(gathering, service);
  const retries = own.retries ?? ASYNC_RETRIES;
  const retry: RetryFacts =
    own.retry.kind === 'none' ? own.retry : delivery?.retry.kind === 'none' ? delivery.retry : own.retry;
  const handle = handleOf(service.at, service.path, 'async-function');
  const delivered = delivery?.deadLetter ?? null;
  const dropped = asyncStory(retries);
  const base = {
    attempts: own.retries === null ? null : retries + 1,
    backoff: retries === 0 ? 'none' : 'exponential',
    retry,
    handle,
  } as const;
  if (own.deadLetter !== null) {
    const known = own.deadLetter.kind === 'configured' || own.deadLetter.kind === 'built-in';
    return { ...base, deadLetter: own.deadLetter, then: known ? 'dead-letters' : 'unknown', story: '' };
  }
  if (delivered !== null)
    return {
      ...base,
      deadLetter: delivered,
      then: 'drops',
      story: `${dropped}: ${DELIVERY_ONLY}`,
    };
  return {
    ...base,
    deadLetter: { kind: 'missing', why: 'the function has neither a dead-letter queue nor an on-failure destination' },
    then: 'drops',
    story: dropped,
  };
}

/**
 * The delivery's own dead-letter setting as a second statement of the same consumption, where the function has one too: the verdict is the
 * function's, and both queues are shown. Null where there is nothing more to say.
 */
export function secondLayer(facts: FailureFacts, delivery: Delivery | null): FailureFacts | null {
  const more = delivery?.deadLetter ?? null;
  if (more?.kind !== 'configured' || facts.deadLetter.kind !== 'configured' || facts.deadLetter.at === more.at)
    return null;
  return { ...facts, deadLetter: more };
}

/** A stream mapping: Kinesis, DynamoDB and Kafka. `node` holds the mapping's settings. */
export function streamFailure(
  gathering: Gathering,
  node: DataNode | undefined,
  handle: Handle,
  retention: string,
  generated: string | null,
): FailureFacts {
  const { template } = gathering;
  const part = handle.role === 'kafka-mapping' ? 'partition' : 'shard';
  const written = chosen(template, get(node, 'MaximumRetryAttempts')) ?? undefined;
  const count = written === undefined ? -1 : wholeNumber(written);
  const age = chosen(template, get(node, 'MaximumRecordAgeInSeconds')) ?? undefined;
  const seconds = age === undefined ? -1 : wholeNumber(age);
  const retry: RetryFacts =
    written === undefined
      ? DEFAULT_RETRY
      : count === 0
        ? {
            kind: 'none',
            why: 'MaximumRetryAttempts: 0',
            at: entryPlace(gathering, node, 'MaximumRetryAttempts', written),
          }
        : { kind: 'configured' };
  const bounded = count !== null && count >= 0;
  const base = {
    attempts: count === null ? null : bounded ? count + 1 : ('unbounded' as const),
    backoff: 'exponential',
    retry,
    handle,
  } as const;
  const { then, lost, blocked } = streamStory(part, count, seconds, retention);
  const destination = onFailure(gathering, node, generated);
  if (destination === null)
    return {
      ...base,
      then,
      story: lost,
      deadLetter: { kind: 'missing', why: 'no OnFailure destination on the mapping' },
    };
  return {
    ...base,
    deadLetter: destination,
    then:
      destination.kind === 'unknown'
        ? 'unknown'
        : bounded || (seconds !== null && seconds > 0)
          ? 'dead-letters'
          : 'blocks',
    story: destination.kind === 'unknown' ? '' : bounded || (seconds !== null && seconds > 0) ? '' : blocked,
  };
}

/** A setting as it stands, as a dead-letter target; null where the value is nothing. */
function deadLetterAt(gathering: Gathering, value: Value, at: Location): DeadLetter | null {
  if (value.kind === 'none') return null;
  const target = channelTarget(gathering, value, 'sqs');
  if (target.service !== null)
    return { kind: 'built-in', why: `what fails goes to the function ${target.service.name ?? target.service.id}` };
  if (target.ref.kind === 'key') gathering.deadLetters.add(target.ref.key);
  // A literal name that this template does not declare may well exist in the account: it is no dangling reference.
  const outside = (ref: Ref): Ref =>
    ref.kind === 'named'
      ? {
          kind: 'unknown',
          text: ref.name.kind === 'literal' ? ref.name.value : '',
          reason: 'it is declared outside this template',
        }
      : ref;
  const { ref } = target;
  const to = ref.kind === 'import' && ref.orElse !== undefined ? { ...ref, orElse: outside(ref.orElse) } : outside(ref);
  return { kind: 'configured', to, at };
}

/** Marks where a function's failed events go, also where nothing in sight invokes it asynchronously. */
export function noteDeadLetters(gathering: Gathering, service: Resource): void {
  asynchronousSetting(gathering, service);
}

interface AsynchronousSetting {
  readonly deadLetter: DeadLetter | null;
  /** Retries after the first attempt; null where they are not to be known. */
  readonly retries: number | null;
  readonly retry: RetryFacts;
}

function asynchronousSetting(gathering: Gathering, service: Resource): AsynchronousSetting {
  const { template } = gathering;
  const isSam = service.type === 'AWS::Serverless::Function';
  const globals = isSam ? getIn(template.root, ['Globals', 'Function']) : undefined;
  const configs: DataNode[] = [];
  if (isSam)
    for (const holder of [service.properties, globals]) {
      const config = chosen(template, get(holder, 'EventInvokeConfig'));
      if (config !== undefined && config !== null) configs.push(config);
    }
  for (const resource of template.resources.values()) {
    if (resource.type !== 'AWS::Lambda::EventInvokeConfig') continue;
    if (
      serviceTarget(gathering, evaluate(template, property(resource, 'FunctionName'))).resource?.id === service.id &&
      resource.properties !== undefined
    )
      configs.push(resource.properties);
  }
  let deadLetter: DeadLetter | null = null;
  for (const config of configs)
    deadLetter ??= onFailure(gathering, config, isSam ? `${service.id}EventInvokeConfigOnFailureQueue` : null);
  const written = isSam
    ? (chosen(template, property(service, 'DeadLetterQueue')) ?? chosen(template, get(globals, 'DeadLetterQueue')))
    : chosen(template, property(service, 'DeadLetterConfig'));
  if (written === null) deadLetter ??= { kind: 'unknown', why: 'its dead-letter queue depends on a condition' };
  else if (written !== undefined) {
    const arn = get(written, 'TargetArn');
    deadLetter ??= arn === undefined ? null : deadLetterAt(gathering, evaluate(template, arn), placeOf(template, arn));
  }
  let retries: number | null = 2;
  let retry: RetryFacts = DEFAULT_RETRY;
  for (const config of configs) {
    const node = chosen(template, get(config, 'MaximumRetryAttempts')) ?? undefined;
    if (node === undefined) continue;
    retries = wholeNumber(node);
    retry =
      retries === 0
        ? {
            kind: 'none',
            why: 'MaximumRetryAttempts: 0',
            at: entryPlace(gathering, config, 'MaximumRetryAttempts', node),
          }
        : { kind: 'configured' };
    break;
  }
  return { deadLetter, retries, retry };
}

/** `DestinationConfig.OnFailure` of a mapping or an invoke configuration. */
function onFailure(gathering: Gathering, node: DataNode | undefined, generated: string | null): DeadLetter | null {
  const { template } = gathering;
  const config = chosen(template, get(node, 'DestinationConfig'));
  if (config === null) return { kind: 'unknown', why: 'its destinations depend on a condition' };
  const failure = chosen(template, get(config, 'OnFailure'));
  if (failure === undefined) return null;
  if (failure === null) return { kind: 'unknown', why: 'its OnFailure destination depends on a condition' };
  const destination = get(failure, 'Destination');
  if (destination !== undefined) {
    const value = evaluate(template, destination);
    const bucket = value.kind === 'resource' && template.resources.get(value.id)?.type === 'AWS::S3::Bucket';
    if (bucket) return { kind: 'built-in', why: `what fails goes to the bucket ${value.id}` };
    const target = channelTarget(gathering, value, 'sqs');
    // A bus takes failed events without being a dead-letter channel: others listen to it.
    if (target.carrier === 'eventbridge')
      return { kind: 'built-in', why: `what fails goes to ${target.resource?.id ?? 'the default bus'}` };
    return deadLetterAt(gathering, value, placeOf(template, destination));
  }
  const type = stringOf(get(failure, 'Type'));
  if (generated === null || (type !== 'SQS' && type !== 'SNS')) return null;
  const at = placeOf(template, failure);
  return type === 'SQS'
    ? { kind: 'configured', to: generatedQueue(gathering, generated, at), at }
    : { kind: 'built-in', why: 'SAM creates a topic for what fails' };
}

/** A queue that SAM makes by itself: declared where the template asks for it. */
function generatedQueue(gathering: Gathering, id: string, at: Location): Ref {
  gathering.deadLetters.add(id);
  if (!gathering.template.resources.has(id) && !gathering.implied.has(id)) {
    gathering.implied.set(id, {
      kind: 'channel',
      key: id,
      name: null,
      logicalId: id,
      broker: 'sqs',
      channelKind: 'queue',
      scope: { kind: 'file' },
      group: gathering.template.group,
      platformSource: false,
      deadLetter: true,
      failure: null,
      settings: new Map(),
      schemas: [],
      at,
    });
  }
  return { kind: 'key', key: id };
}

function entryPlace(gathering: Gathering, map: DataNode | undefined, key: string, node: DataNode): Location {
  const { file } = gathering.template;
  const entry = entryOf(map, key);
  return entry === undefined ? placeOf(gathering.template, node) : locationAt(file, entry.keyStart, entry.keyEnd);
}

function isTrue(node: DataNode | undefined): boolean {
  return textOf(node)?.toLowerCase() === 'true';
}

/** A whole number as written, quoted or not; null for anything else. */
export function wholeNumber(node: DataNode | undefined): number | null {
  const text = node !== undefined && node.tag === null ? textOf(node) : undefined;
  return text !== undefined && /^-?\d+$/.test(text.trim()) ? Number(text) : null;
}
