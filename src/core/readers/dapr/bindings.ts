// Binding components to brokers and to cron → a channel of the component's name, which is the route that applications get its messages on.
// Direction: as written, else the only one that the type or its settings have; otherwise unresolved. Other bindings carry no messages.
import type { FailureFacts } from '../../model/declaration.ts';
import { get } from '../../syntax/data.ts';
import { plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import { applicationOf, handleOf, metadataOf, scopesOf } from './gathering.ts';

const BROKERS =
  /^bindings\.(?:mqtt3?|kafka|rabbitmq|nats|redis|apns|azure\.(?:servicebusqueues|eventhubs|eventgrid|storagequeues)|aws\.(?:sqs|sns|kinesis)|gcp\.pubsub|alicloud\.(?:dingtalk)|kubernetes|cron)$/;
const INPUT_ONLY = /^bindings\.(?:cron|kubernetes)$/;
const OUTPUT_ONLY = /^bindings\.(?:redis|aws\.sns|apns|nats)$/;

/** Reads a binding component. */
export function readBinding(gathering: Gathering, object: ManifestObject): void {
  const type = plainText(get(object.spec, 'type')) ?? '';
  if (!type.startsWith('bindings.') || object.name === '' || !BROKERS.test(type)) return;
  const { declarations } = gathering;
  const key = `binding/${object.name}`;
  gathering.channels.add(key);
  declarations.push({
    kind: 'channel',
    key,
    name: { kind: 'literal', value: object.name },
    logicalId: object.name,
    broker: 'dapr',
    channelKind: 'other',
    scope: { kind: 'workspace', hosts: [] },
    group: null,
    platformSource: INPUT_ONLY.test(type),
    deadLetter: false,
    failure: null,
    settings: new Map(),
    schemas: [],
    at: object.at,
  });
  const directions = directionsOf(object, type);
  const scopes = scopesOf(gathering, object);
  if (scopes.length === 0 || directions.length === 0) {
    declarations.push({
      kind: 'unresolved',
      what: `the applications of ${object.name}`,
      why:
        scopes.length === 0
          ? 'the binding names no scopes: every application that loads it may use it'
          : 'the binding has no direction: an application may read from it or send to it',
      role: 'other',
      at: object.at,
    });
    return;
  }
  for (const { id, at } of scopes) {
    const service = applicationOf(gathering, id, at);
    const common = {
      service,
      channel: { kind: 'key', key },
      schemas: [],
      confidence: 'declared',
      why: `binding ${object.name}`,
      at: object.at,
    } as const;
    if (directions.includes('input'))
      declarations.push({
        kind: 'receive',
        ...common,
        subscription: null,
        failure: failureOf(object, type),
        settings: new Map(),
      });
    if (directions.includes('output')) declarations.push({ kind: 'send', ...common });
  }
}

function directionsOf(object: ManifestObject, type: string): readonly string[] {
  const written = plainText(metadataOf(object, 'direction'));
  if (written !== undefined)
    return written
      .split(',')
      .map((part) => part.trim().toLowerCase())
      .filter((part) => part === 'input' || part === 'output');
  if (INPUT_ONLY.test(type)) return ['input'];
  if (OUTPUT_ONLY.test(type)) return ['output'];
  const has = (name: string): boolean => metadataOf(object, name) !== undefined;
  const reads = has('topics') || has('consumerGroup') || has('consumerID') || has('subscription') || has('route');
  const writes = has('publishTopic');
  return [...(reads ? ['input'] : []), ...(writes ? ['output'] : [])];
}

function failureOf(object: ManifestObject, type: string): FailureFacts {
  const isTimer = INPUT_ONLY.test(type);
  return {
    deadLetter: isTimer
      ? { kind: 'not-applicable', why: 'the next event comes by itself' }
      : { kind: 'unknown', why: 'the broker behind the binding decides' },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: isTimer ? { kind: 'not-applicable' } : { kind: 'unknown', why: 'the broker behind the binding decides' },
    handle: handleOf(object, ['spec'], 'none'),
  };
}
