// Functions of a serverless.yml with their events → resources as the Serverless Application Model writes them, which say the same things.
// Events that bring no messages (HTTP, authorizers, CloudFront) make none.
import type { SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { Resource } from '../../syntax/aws/template.ts';
import { callOf } from '../../syntax/aws/values.ts';
import type { DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, stringOf, textOf } from '../../syntax/data.ts';
import { entry, map, ref, renamed, seq, text } from './synthetic.ts';
import type { Span } from './synthetic.ts';

/** The role that all functions share which have none of their own. */
export const SHARED_ROLE = 'IamRoleLambdaExecution';

/** What functions take from the rest of the file. */
export interface Surroundings {
  readonly file: SourceFile;
  readonly provider: DataNode | undefined;
  /** `service-stage`, as names of functions begin; null where it is not known. */
  readonly prefix: string | null;
  readonly names: ReadonlySet<string>;
}

/** Resources that functions need besides themselves: topics, buses and buckets that the framework makes by name, brokers. */
export type Extra = (resource: Resource) => void;

const SILENT = new Set([
  'http',
  'httpApi',
  'websocket',
  'alb',
  'alexaSkill',
  'alexaSmartHome',
  'cognitoUserPool',
  'cloudFront',
  'cloudwatchLog',
]);

/** The logical id that the framework gives a function. */
export function logicalId(name: string): string {
  return `${normalised(name)}LambdaFunction`;
}

function normalised(name: string): string {
  const plain = name.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** One function as a resource. */
export function functionResource(
  around: Surroundings,
  item: DataEntry,
  path: readonly (string | number)[],
  extra: Extra,
): Resource {
  const { file, provider } = around;
  const node = item.value;
  const at: Span = { start: item.keyStart, end: item.keyEnd };
  const entries: DataEntry[] = [];
  const name = get(node, 'name') ?? (around.prefix === null ? undefined : text(`${around.prefix}-${item.key}`, at));
  if (name !== undefined) entries.push(entry('FunctionName', name));
  const handler = get(node, 'handler');
  if (handler !== undefined)
    entries.push(
      entry('Handler', handler),
      entry('CodeUri', text('.', at)),
      entry('Runtime', get(node, 'runtime') ?? get(provider, 'runtime') ?? text('nodejs', at)),
    );
  const own = entriesOf(get(node, 'environment'));
  const shared = around.names.size === 1 ? entriesOf(get(provider, 'environment')) : [];
  entries.push(entry('Environment', map([entry('Variables', map([...shared, ...own], at))], at)));
  const statements = get(node, 'iamRoleStatements');
  if (statements !== undefined)
    entries.push(entry('Policies', seq([map([entry('Statement', statements)], statements)], statements)));
  const role = get(node, 'role') ?? roleOf(provider);
  const roleId = stringOf(role);
  // A bare word is the logical id of a role.
  if (role !== undefined)
    entries.push(entry('Role', roleId !== undefined && /^[A-Za-z0-9]+$/.test(roleId) ? ref(roleId, role) : role));
  else if (statements === undefined || textOf(get(node, 'iamRoleStatementsInherit')) === 'true')
    entries.push(entry('Role', ref(SHARED_ROLE, at)));
  const onError = entryOf(node, 'onError');
  if (onError !== undefined)
    entries.push(renamed('DeadLetterQueue', onError, map([renamed('TargetArn', onError)], onError.value)));
  const invoke = invokeConfig(around, node, at);
  if (invoke !== null) entries.push(entry('EventInvokeConfig', invoke));
  entries.push(entry('Events', map(eventsOf(around, item.key, node, extra), at)));
  return {
    id: logicalId(item.key),
    name: item.key,
    type: 'AWS::Serverless::Function',
    node,
    properties: map(entries, node),
    at: locationAt(file, item.keyStart, item.keyEnd),
    path,
  };
}

/** A role that the provider names for all functions; undefined where the framework makes it. */
function roleOf(provider: DataNode | undefined): DataNode | undefined {
  const role = getIn(provider, ['iam', 'role']) ?? get(provider, 'role');
  if (role === undefined) return undefined;
  if (role.kind === 'map' && callOf(role) === null) return undefined;
  return role;
}

function invokeConfig(around: Surroundings, node: DataNode, at: Span): DataNode | null {
  const entries: DataEntry[] = [];
  for (const [from, to] of [
    ['maximumRetryAttempts', 'MaximumRetryAttempts'],
    ['maximumEventAge', 'MaximumEventAgeInSeconds'],
  ] as const) {
    const written = entryOf(node, from);
    if (written !== undefined) entries.push(renamed(to, written));
  }
  const destinations = destinationsOf(around, get(node, 'destinations'));
  if (destinations !== null) entries.push(entry('DestinationConfig', destinations));
  return entries.length === 0 ? null : map(entries, at);
}

/** `destinations` of a function or a stream: names of functions, ARNs, `{type, arn}`. */
function destinationsOf(around: Surroundings, node: DataNode | undefined): DataNode | null {
  if (node === undefined) return null;
  const entries: DataEntry[] = [];
  for (const [from, to] of [
    ['onSuccess', 'OnSuccess'],
    ['onFailure', 'OnFailure'],
  ] as const) {
    const written = entryOf(node, from);
    if (written === undefined) continue;
    const name = stringOf(written.value) ?? '';
    const target = around.names.has(name)
      ? ref(logicalId(name), written.value)
      : callOf(written.value) === null
        ? (get(written.value, 'arn') ?? written.value)
        : written.value;
    entries.push(renamed(to, written, map([entry('Destination', target)], written.value)));
  }
  return entries.length === 0 ? null : map(entries, node);
}

/** The messages that a function's events bring, as entries of `Events`. */
export function eventsOf(around: Surroundings, owner: string, node: DataNode, extra: Extra): readonly DataEntry[] {
  const result: DataEntry[] = [];
  const written = get(node, 'events');
  const items = written?.kind === 'seq' ? written.items : [];
  for (const [index, item] of items.entries()) {
    // A bare name (`- http`) brings nothing that could be read.
    const found = item.kind === 'map' ? item.entries[0] : undefined;
    if (found === undefined || SILENT.has(found.key)) continue;
    for (const event of eventOf(around, owner, index + 1, found, extra)) result.push(event);
  }
  return result;
}

function eventOf(
  around: Surroundings,
  owner: string,
  number: number,
  written: DataEntry,
  extra: Extra,
): readonly DataEntry[] {
  const { value } = written;
  const at: Span = { start: written.keyStart, end: written.keyEnd };
  const isMap = value.kind === 'map' && callOf(value) === null;
  const event = (name: string, type: string, properties: readonly (DataEntry | null)[]): DataEntry => ({
    ...written,
    key: name,
    value: map(
      [
        entry('Type', text(type, at)),
        entry(
          'Properties',
          map(
            properties.filter((property) => property !== null),
            value,
          ),
        ),
      ],
      value,
    ),
  });
  const plain = (type: string, properties: readonly (DataEntry | null)[]): readonly DataEntry[] => [
    event(String(number), type, properties),
  ];
  /** The event's own setting under the name of the template. */
  const setting = (from: string, to: string): DataEntry | null => {
    const found = isMap ? entryOf(value, from) : undefined;
    return found === undefined ? null : renamed(to, found);
  };
  const made = (id: string, type: string, key: string, name: DataNode): void =>
    extra({
      id,
      type,
      node: value,
      properties: map([entry(key, name)], name),
      at: locationAt(around.file, name.start, name.end),
      path: [],
    });
  const named = (key: string, node: DataNode | undefined): DataEntry | null =>
    node === undefined ? null : entry(key, node);
  const batch = [
    setting('batchSize', 'BatchSize'),
    setting('maximumBatchingWindow', 'MaximumBatchingWindowInSeconds'),
    setting('batchWindow', 'MaximumBatchingWindowInSeconds'),
    setting('functionResponseType', 'FunctionResponseTypes'),
    setting('enabled', 'Enabled'),
    setting('startingPosition', 'StartingPosition'),
    setting('parallelizationFactor', 'ParallelizationFactor'),
    setting('tumblingWindowInSeconds', 'TumblingWindowInSeconds'),
  ];
  switch (written.key) {
    case 'sqs':
      return plain('SQS', [named('Queue', isMap ? get(value, 'arn') : value), ...batch]);
    case 'sns': {
      const topic = isMap ? (get(value, 'arn') ?? get(value, 'topicName')) : value;
      const name = stringOf(topic);
      if (
        topic !== undefined &&
        name !== undefined &&
        topic.tag === null &&
        !name.startsWith('arn:') &&
        !name.startsWith('${')
      )
        made(`SNSTopic${name.replaceAll(/[^A-Za-z0-9]/g, '')}`, 'AWS::SNS::Topic', 'TopicName', topic);
      const redrive = isMap ? entryOf(value, 'redrivePolicy') : undefined;
      return plain('SNS', [
        named('Topic', topic),
        redrive === undefined ? null : renamed('RedrivePolicy', redrive, redriveOf(redrive.value)),
        setting('filterPolicyScope', 'FilterPolicyScope'),
      ]);
    }
    case 'stream': {
      const arn = isMap ? get(value, 'arn') : value;
      const destinations = isMap ? destinationsOf(around, get(value, 'destinations')) : null;
      return plain(isTable(isMap ? get(value, 'type') : undefined, arn) ? 'DynamoDB' : 'Kinesis', [
        named('Stream', arn),
        ...batch,
        setting('maximumRetryAttempts', 'MaximumRetryAttempts'),
        setting('maximumRecordAgeInSeconds', 'MaximumRecordAgeInSeconds'),
        setting('bisectBatchOnFunctionError', 'BisectBatchOnFunctionError'),
        destinations === null ? null : entry('DestinationConfig', destinations),
      ]);
    }
    case 'msk':
    case 'kafka': {
      const topics = isMap ? (get(value, 'topic') ?? get(value, 'topics')) : undefined;
      return plain(written.key === 'msk' ? 'MSK' : 'SelfManagedKafka', [
        named('Topics', topics === undefined || topics.kind === 'seq' ? topics : seq([topics], topics)),
        ...batch,
      ]);
    }
    case 'activemq':
    case 'rabbitmq': {
      const queue = isMap ? get(value, 'queue') : undefined;
      const broker = `#${written.key}`;
      made(
        broker,
        'AWS::AmazonMQ::Broker',
        'EngineType',
        text(written.key === 'rabbitmq' ? 'RABBITMQ' : 'ACTIVEMQ', at),
      );
      return plain('MQ', [
        entry('Broker', ref(broker, at)),
        queue === undefined ? null : entry('Queues', seq([queue], queue)),
        ...batch,
      ]);
    }
    case 's3':
    case 'existingS3': {
      const bucket = isMap ? get(value, 'bucket') : value;
      const name = stringOf(bucket);
      if (bucket !== undefined && name !== undefined && bucket.tag === null && !name.startsWith('${'))
        made(`S3Bucket${name.replaceAll(/[^A-Za-z0-9]/g, '')}`, 'AWS::S3::Bucket', 'BucketName', bucket);
      return plain('S3', [named('Bucket', bucket)]);
    }
    case 'schedule': {
      const name = isMap ? (stringOf(get(value, 'name')) ?? null) : null;
      return [event(name ?? `${owner}-schedule-${number}`, 'Schedule', [])];
    }
    case 'cloudwatchEvent':
    case 'eventBridge': {
      const rule = isMap ? (stringOf(get(value, 'name')) ?? null) : null;
      const bus = isMap ? get(value, 'eventBus') : undefined;
      const busName = stringOf(bus);
      if (
        bus !== undefined &&
        busName !== undefined &&
        bus.tag === null &&
        busName !== 'default' &&
        !busName.startsWith('arn:') &&
        !busName.startsWith('${')
      )
        made(`EventBus${busName.replaceAll(/[^A-Za-z0-9]/g, '')}`, 'AWS::Events::EventBus', 'Name', bus);
      const deadLetter = isMap ? entryOf(value, 'deadLetterQueueArn') : undefined;
      const retry = isMap ? entryOf(value, 'retryPolicy') : undefined;
      const common = [
        deadLetter === undefined
          ? null
          : renamed('DeadLetterConfig', deadLetter, map([renamed('Arn', deadLetter)], deadLetter.value)),
        retry === undefined ? null : renamed('RetryPolicy', retry, retryOf(retry.value)),
      ];
      const result: DataEntry[] = [];
      if (isMap && get(value, 'schedule') !== undefined)
        result.push(event(rule ?? `${owner}-schedule-${number}`, 'Schedule', common));
      if (!isMap || get(value, 'pattern') !== undefined || get(value, 'event') !== undefined)
        result.push(
          event(rule ?? `${owner}-rule-${number}`, 'EventBridgeRule', [
            named('EventBusName', bus),
            isMap ? named('Pattern', get(value, 'pattern') ?? get(value, 'event')) : null,
            ...common,
          ]),
        );
      return result;
    }
    default:
      return [event(String(number), written.key, [])];
  }
}

/** The forms of a subscription's dead-letter queue: an ARN, a queue of the template, an export of another stack. */
function redriveOf(node: DataNode): DataNode {
  const arn = get(node, 'deadLetterTargetArn');
  const own = get(node, 'deadLetterTargetRef');
  const imported = get(node, 'deadLetterTargetImport');
  const target =
    arn ??
    (own !== undefined
      ? map([entry('Fn::GetAtt', seq([own, text('Arn', own)], own))], own)
      : imported !== undefined
        ? map([entry('Fn::ImportValue', get(imported, 'arn') ?? imported)], imported)
        : undefined);
  return target === undefined ? node : map([entry('deadLetterTargetArn', target)], node);
}

function retryOf(node: DataNode): DataNode {
  const entries: DataEntry[] = [];
  for (const [from, to] of [
    ['maximumRetryAttempts', 'MaximumRetryAttempts'],
    ['maximumEventAge', 'MaximumEventAgeInSeconds'],
  ] as const) {
    const written = entryOf(node, from);
    if (written !== undefined) entries.push(renamed(to, written));
  }
  return map(entries, node);
}

/** Whether a stream is a table's: by its type, by its ARN, by the attribute that is taken. */
function isTable(type: DataNode | undefined, arn: DataNode | undefined): boolean {
  const written = textOf(type);
  if (written !== undefined) return written.toLowerCase() === 'dynamodb';
  const call = arn === undefined ? null : callOf(arn);
  if (call?.name === 'Fn::GetAtt') {
    const attribute =
      call.argument.kind === 'seq' ? textOf(itemsOf(call.argument)[1]) : textOf(call.argument)?.split('.')[1];
    return attribute === 'StreamArn';
  }
  return /:dynamodb:/.test(stringOf(arn) ?? '');
}
