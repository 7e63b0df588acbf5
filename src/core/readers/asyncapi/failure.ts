// Failure handling as far as AsyncAPI can say it: the sqs binding's redrivePolicy, the sns binding's consumers, and `x-deadLetter`/`x-retry` beside
// an operation's `reply` (the keys proposed for the specification as `deadLetter`/`retry`, read under both spellings). Everything else is unknown.
import type { FailureFacts, Handle, Ref, RetryFacts, Scope } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { Backoff, Broker } from '../../model/topology.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entryOf, get, stringOf } from '../../syntax/data.ts';
import type { Here, Path } from '../../syntax/json-reference.ts';
import { keepsNothing } from './brokers.ts';
import type { Context } from './context.ts';
import { at, here, locationOfNode, problem } from './context.ts';

export const DIALECT = 'asyncapi';
const DAY = 86_400;
/** What the sqs binding takes where `maxReceiveCount` is not written. */
const BINDING_RECEIVES = 10;
/** What SNS tries for endpoints that AWS itself runs. */
const SNS_ATTEMPTS = 100_015;

const UNSAID: RetryFacts = {
  kind: 'unknown',
  why: 'the document does not say whether failed messages are tried again',
};

/** The verdict where neither a binding nor an extension says anything. */
export function unknownFailure(broker: Broker, handle: Handle): FailureFacts {
  const nothingKept = keepsNothing(broker);
  return {
    deadLetter: nothingKept
      ? { kind: 'not-applicable', why: `${broker} keeps no messages` }
      : { kind: 'unknown', why: 'the document does not say where failed messages go' },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: nothingKept ? { kind: 'not-applicable' } : UNSAID,
    handle,
  };
}

/** The verdict of consumers whose queue decides. */
export function ofChannel(handle: Handle): FailureFacts {
  return {
    deadLetter: { kind: 'of-channel' },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'default' },
    handle,
  };
}

/** What a Queue Object of the sqs binding says. */
export function queueFailure(context: Context, queue: Here, place: Location, scope: Scope): FailureFacts {
  const handle: Handle = { dialect: DIALECT, at: place, path: queue.path, role: 'queue' };
  const base = { backoff: 'fixed', retry: { kind: 'default' }, handle } as const;
  const fifo = get(queue.node, 'fifoQueue');
  const blocks = fifo?.kind === 'scalar' && fifo.value === true;
  const seconds = numberOf(get(queue.node, 'messageRetentionPeriod')) ?? 4 * DAY;
  const story = blocks
    ? `blocks its message group until its ${spell(seconds)} are over`
    : `returns to the queue until its ${spell(seconds)} are over, then is gone`;
  const policy = at(context, [...queue.path, 'redrivePolicy']);
  if (policy.kind === 'there' || policy.kind === 'refused')
    return {
      ...base,
      deadLetter: { kind: 'unknown', why: 'its redrivePolicy stands in another file' },
      attempts: null,
      then: 'unknown',
      story: '',
    };
  if (policy.kind === 'nowhere' || (policy.node.kind === 'scalar' && policy.node.value === null))
    return {
      ...base,
      deadLetter: { kind: 'missing', why: 'no redrivePolicy' },
      attempts: 'unbounded',
      then: blocks ? 'blocks' : 'loops',
      story,
    };
  const target = deadLetterQueue(context, policy, scope);
  if (target === null)
    return {
      ...base,
      deadLetter: { kind: 'missing', why: 'its redrivePolicy names no deadLetterQueue' },
      attempts: 'unbounded',
      then: blocks ? 'blocks' : 'loops',
      story,
    };
  return {
    ...base,
    deadLetter: { kind: 'configured', ...target },
    attempts: numberOf(get(policy.node, 'maxReceiveCount')) ?? BINDING_RECEIVES,
    then: 'dead-letters',
    story: '',
  };
}

/** What one entry of the sns binding's `consumers` says about messages that SNS cannot deliver. */
export function subscriptionFailure(context: Context, consumer: Here, place: Location, scope: Scope): FailureFacts {
  const handle: Handle = { dialect: DIALECT, at: place, path: consumer.path, role: 'sns-consumer' };
  const protocol = (stringOf(get(consumer.node, 'protocol')) ?? '').toLowerCase();
  const delivery = get(consumer.node, 'deliveryPolicy');
  const retries = numberOf(get(delivery, 'numRetries'));
  const own = protocol === 'sqs' || protocol === 'lambda' || protocol === 'firehose';
  const attempts = own ? SNS_ATTEMPTS : retries === undefined ? null : retries + 1;
  const after = own
    ? 'after 100,015 tries over 23 days'
    : retries === undefined
      ? 'when SNS gives up on its endpoint'
      : `after ${retries} retries`;
  const base = {
    attempts,
    backoff: backoffOf(stringOf(get(delivery, 'backoffFunction'))) ?? 'exponential',
    retry: { kind: 'default' },
    handle,
  } as const;
  const policy = at(context, [...consumer.path, 'redrivePolicy']);
  if (policy.kind === 'there' || policy.kind === 'refused')
    return {
      ...base,
      deadLetter: { kind: 'unknown', why: 'its redrivePolicy stands in another file' },
      then: 'unknown',
      story: '',
    };
  const written = policy.kind === 'here' && !(policy.node.kind === 'scalar' && policy.node.value === null);
  const target = written ? deadLetterQueue(context, policy, scope) : null;
  if (target === null)
    return {
      ...base,
      deadLetter: { kind: 'missing', why: written ? 'its redrivePolicy names no deadLetterQueue' : 'no redrivePolicy' },
      then: 'drops',
      story: `is dropped ${after}`,
    };
  return { ...base, deadLetter: { kind: 'configured', ...target }, then: 'dead-letters', story: '' };
}

/** The queue that an Identifier names (`{name}` or `{arn}`), or null. A name that slipped out of its `deadLetterQueue:` by one level is taken as meant. */
function deadLetterQueue(
  context: Context,
  policy: Here,
  scope: Scope,
): { readonly to: Ref; readonly at: Location } | null {
  const identifier = identify(context, policy, 'deadLetterQueue');
  if (identifier === null) return null;
  const place = locationOfNode(context, identifier.node);
  return identifier.kind === 'arn'
    ? { to: { kind: 'unknown', text: identifier.text, reason: 'the queue is named by its ARN alone' }, at: place }
    : { to: { kind: 'named', broker: 'sqs', channelKind: 'queue', name: literal(identifier.text), scope }, at: place };
}

/** What an Identifier object under `key` says. Documents that indent its `name` one level too little are common: that name is taken, and said. */
export function identify(
  context: Context,
  parent: Here,
  key: string,
): { readonly kind: 'name' | 'arn' | 'url'; readonly text: string; readonly node: DataNode } | null {
  const entry = entryOf(parent.node, key);
  if (entry === undefined) return null;
  const own = here(context, [...parent.path, key])?.node ?? entry.value;
  const text = stringOf(own);
  if (text !== undefined) return { kind: text.startsWith('arn:') ? 'arn' : 'name', text, node: own };
  const slipped = own.kind === 'scalar' && own.value === null;
  const source = slipped ? parent.node : own;
  for (const kind of ['name', 'arn', 'url'] as const) {
    const value = get(source, kind);
    const found = stringOf(value);
    if (value === undefined || found === undefined) continue;
    if (slipped)
      problem(
        context,
        { start: entry.keyStart, end: entry.keyEnd },
        `\`${key}\` is empty and \`${kind}: ${found}\` stands beside it: it was read as if indented below \`${key}\`.`,
      );
    return { kind, text: found, node: value };
  }
  return null;
}

/** Whether any receiving operation of the document says where its failures go. */
export function findGuard(context: Context, aspects: readonly Path[], key: 'deadLetter' | 'retry'): Here | undefined {
  for (const path of aspects)
    for (const name of [`x-${key}`, key]) {
      const found = at(context, [...path, name]);
      if (found.kind === 'here') return found;
    }
  return undefined;
}

/** What `x-deadLetter` and `x-retry` of one operation say. `used`: whether the document uses them at all; `channelOf` turns their channel into a reference. */
export function operationFailure(
  context: Context,
  aspects: readonly Path[],
  broker: Broker,
  handle: Handle,
  used: boolean,
  channelOf: (path: Path) => Ref | null,
): FailureFacts {
  const unknown = unknownFailure(broker, handle);
  const retry = findGuard(context, aspects, 'retry');
  const guard = findGuard(context, aspects, 'deadLetter');
  if (!used || (keepsNothing(broker) && retry === undefined && guard === undefined)) return unknown;
  const maximum = retry === undefined ? undefined : get(retry.node, 'maxAttempts');
  const retries = numberOf(maximum);
  const base = {
    attempts: retries === undefined ? null : retries + 1,
    backoff:
      (retry === undefined ? undefined : backoffOf(stringOf(get(get(retry.node, 'strategy'), 'type')))) ??
      ('unknown' as const),
    retry: ((): RetryFacts => {
      if (retry === undefined) return UNSAID;
      if (retries === 0 && maximum !== undefined)
        return { kind: 'none', why: 'maxAttempts: 0', at: locationOfNode(context, maximum) };
      return { kind: 'configured' };
    })(),
    handle,
  };
  if (guard === undefined) {
    const story =
      retries === undefined
        ? ''
        : retries === 0
          ? 'has nowhere to go after its only attempt'
          : `has nowhere to go after its ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
    return {
      ...base,
      deadLetter: { kind: 'missing', why: 'no x-deadLetter, which other operations of the document have' },
      then: 'unknown',
      story,
    };
  }
  const to = channelOf(guard.path) ?? { kind: 'unknown' as const, text: 'x-deadLetter', reason: 'it names no channel' };
  const named = get(get(guard.node, 'channel'), '$ref') ?? get(guard.node, 'channel') ?? guard.node;
  return {
    ...base,
    deadLetter: {
      kind: 'configured',
      to,
      at: named.kind === 'scalar' || named.flow ? locationOfNode(context, named) : handle.at,
    },
    then: 'dead-letters',
    story: '',
  };
}

function backoffOf(text: string | undefined): Backoff | undefined {
  switch (text) {
    case 'fixed':
    case 'none':
      return text;
    case 'exponential':
    case 'geometric':
      return 'exponential';
    case undefined:
      return undefined;
    default:
      return 'unknown';
  }
}

function numberOf(node: DataNode | undefined): number | undefined {
  if (node?.kind !== 'scalar') return undefined;
  const value = typeof node.value === 'string' && /^\d+$/.test(node.value) ? Number(node.value) : node.value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** "4 days", "90 seconds": the largest unit that divides it. */
function spell(seconds: number): string {
  for (const [unit, size] of [
    ['day', DAY],
    ['hour', 3600],
    ['minute', 60],
  ] as const)
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}${seconds === size ? '' : 's'}`;
  return `${seconds} seconds`;
}
