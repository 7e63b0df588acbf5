// Pub/sub components → dead-letter queues of their own; Resiliency → retries. Both are offered to subscriptions of any file by component name.
import type { RetryFacts, SharedFailure } from '../../model/declaration.ts';
import type { DataEntry } from '../../syntax/data.ts';
import { entriesOf, get, getIn, keyLocation } from '../../syntax/data.ts';
import { plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import { applicationOf, COMPONENTS, metadataOf, RESILIENCY, placeOf } from './gathering.ts';

/** Reads a pub/sub component. */
export function readPubsub(gathering: Gathering, object: ManifestObject): void {
  const { declarations } = gathering;
  const type = plainText(get(object.spec, 'type')) ?? '';
  if (!type.startsWith('pubsub.') || object.name === '') return;
  // A component of no particular way stands for itself all the same: a copy of another environment is not meant.
  const failure = ownDeadLetter(object, type) ?? {};
  declarations.push({
    kind: 'export',
    space: COMPONENTS,
    name: { kind: 'literal', value: object.name },
    value: { kind: 'unknown', text: object.name, reason: 'a component is no channel' },
    failure,
    at: object.at,
  });
  readPublishers(gathering, object);
}

/** `publishingScopes` (`shop=orders;billing=invoices,refunds`): who may publish what, told as inferred producers. */
function readPublishers(gathering: Gathering, object: ManifestObject): void {
  const node = metadataOf(object, 'publishingScopes');
  const text = plainText(node);
  if (node === undefined || text === undefined) return;
  const at = placeOf(gathering, node);
  for (const part of text.split(';')) {
    const [id = '', topics = ''] = part.split('=', 2).map((side) => side.trim());
    for (const topic of topics.split(',').map((one) => one.trim())) {
      if (id === '' || topic === '') continue;
      gathering.declarations.push({
        kind: 'send',
        service: applicationOf(gathering, id, at),
        channel: {
          kind: 'named',
          broker: 'dapr',
          channelKind: 'topic',
          name: { kind: 'literal', value: topic },
          scope: { kind: 'workspace', hosts: [object.name] },
        },
        schemas: [],
        confidence: 'inferred',
        why: 'publishingScopes of the component allow it',
        at,
      });
    }
  }
}

/** What the component does with a message that the application keeps failing on; null where that is no more than the usual. */
function ownDeadLetter(object: ManifestObject, type: string): SharedFailure | null {
  const builtIn = (why: string): SharedFailure => ({
    deadLetter: { kind: 'built-in', why },
    attempts: null,
    then: 'dead-letters',
    story: '',
  });
  if (type.startsWith('pubsub.azure.servicebus')) {
    const limit = Number(plainText(metadataOf(object, 'maxDeliveryCount')) ?? 10);
    return {
      ...builtIn('Azure Service Bus has one per subscription'),
      ...(limit > 0 ? { attempts: limit } : {}),
    };
  }
  if (type === 'pubsub.rabbitmq') {
    const own = metadataOf(object, 'enableDeadLetter');
    const requeue = plainText(metadataOf(object, 'requeueInFailure'))?.toLowerCase() === 'true';
    if (own !== undefined && plainText(own)?.toLowerCase() !== 'false')
      return { ...builtIn('enableDeadLetter of the component'), ...(requeue ? {} : { attempts: 1 }) };
    if (requeue) return null;
    return {
      deadLetter: { kind: 'missing', why: 'no deadLetterTopic, and no enableDeadLetter of the component' },
      attempts: 1,
      then: 'drops',
      story: 'is rejected and dropped',
    };
  }
  if (type.startsWith('pubsub.aws.snssqs') && metadataOf(object, 'sqsDeadLettersQueueName') !== undefined) {
    const limit = Number(plainText(metadataOf(object, 'messageReceiveLimit')) ?? 0);
    return {
      ...builtIn('sqsDeadLettersQueueName of the component'),
      ...(limit > 0 ? { attempts: limit } : {}),
    };
  }
  if (type === 'pubsub.gcp.pubsub' && metadataOf(object, 'deadLetterTopic') !== undefined)
    return builtIn('deadLetterTopic of the component');
  return null;
}

/** Default policies that hold for every component's deliveries, the most particular first. */
const DEFAULTS = [
  'DefaultPubsubComponentInboundRetryPolicy',
  'DefaultComponentInboundRetryPolicy',
  'DefaultRetryPolicy',
];

/** Reads a Resiliency. */
export function readResiliency(gathering: Gathering, object: ManifestObject): void {
  const policies = getIn(object.spec, ['policies', 'retries']);
  for (const { key, value } of entriesOf(getIn(object.spec, ['targets', 'components']))) {
    const retry = plainText(getIn(value, ['inbound', 'retry']));
    if (retry !== undefined) offer(gathering, key, find(policies, retry), object);
  }
  const general = DEFAULTS.map((name) => find(policies, name)).find((entry) => entry !== undefined);
  if (general !== undefined) offer(gathering, '*', general, object);
}

function find(policies: ReturnType<typeof get>, name: string): DataEntry | undefined {
  return entriesOf(policies).find(({ key }) => key === name);
}

function offer(gathering: Gathering, component: string, policy: DataEntry | undefined, object: ManifestObject): void {
  gathering.declarations.push({
    kind: 'export',
    space: RESILIENCY,
    name: { kind: 'literal', value: component },
    value: { kind: 'unknown', text: object.name, reason: 'a policy is no channel' },
    failure: retries(gathering, policy),
    at: policy === undefined ? object.at : keyLocation(gathering.manifest.file, policy),
  });
}

/** `maxRetries` counts attempts after the first; absent or -1 is without end. */
function retries(gathering: Gathering, policy: DataEntry | undefined): SharedFailure {
  if (policy === undefined)
    return { attempts: null, retry: { kind: 'unknown', why: 'the retry policy is declared elsewhere' } };
  const node = get(policy.value, 'maxRetries');
  const written = node === undefined ? -1 : Number(plainText(node) ?? Number.NaN);
  const backoff = plainText(get(policy.value, 'policy')) === 'exponential' ? 'exponential' : 'fixed';
  const retry: RetryFacts =
    written === 0 && node !== undefined
      ? { kind: 'none', why: 'maxRetries: 0', at: placeOf(gathering, node) }
      : { kind: 'configured' };
  return { attempts: Number.isNaN(written) ? null : written < 0 ? 'unbounded' : written + 1, backoff, retry };
}
