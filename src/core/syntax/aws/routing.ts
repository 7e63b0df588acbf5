// What forwards messages between channels and to services: SNS subscriptions, EventBridge rules, schedules, pipes, bucket notifications.
import type { FailureFacts, Ref, Settings } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, textOf } from '../data.ts';
import { settingsOf } from './channels.ts';
import { busOf, consume, declareSchedule, readSchedule } from './consumers.ts';
import { schemasOfPattern } from './event-schemas.ts';
import type { Delivery } from './failure.ts';
import {
  asynchronousFailure,
  deliveryFailure,
  handleOf,
  notApplicable,
  ofChannel,
  streamFailure,
  subscriptionDelivery,
  targetDelivery,
} from './failure.ts';
import type { Carrier, ChannelTarget, Gathering } from './targets.ts';
import {
  globalName,
  NO_SETTINGS,
  channelTarget,
  defaultBus,
  display,
  isFunction,
  placeOf,
  serviceTarget,
  textProperty,
} from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import { chosen, evaluate, nameOf, shown } from './values.ts';

const RETRY_SETTINGS = ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds'];

/** Reads an `AWS::SNS::Subscription`. */
export function readSubscription(gathering: Gathering, subscription: Resource): void {
  const { template } = gathering;
  const topic = channelTarget(gathering, evaluate(template, property(subscription, 'TopicArn')), 'sns').ref;
  const handle = handleOf(subscription.at, [...subscription.path, 'Properties'], 'subscription');
  const settings = settingsOf(gathering, subscription.properties, ['RawMessageDelivery', 'FilterPolicyScope']);
  subscribe(
    gathering,
    topic,
    subscription.properties,
    subscriptionDelivery(gathering, subscription.properties ?? null, handle),
    settings,
    subscription.at,
    `subscription ${subscription.id}`,
  );
}

/** Reads the inline `Subscription` list of a topic. */
export function readInlineSubscriptions(gathering: Gathering, topic: Resource): void {
  const list = chosen(gathering.template, property(topic, 'Subscription')) ?? undefined;
  for (const [index, item] of itemsOf(list).entries()) {
    const node = chosen(gathering.template, item);
    if (node === null || node === undefined) continue;
    const at = placeOfEntry(gathering, node, 'Endpoint');
    const handle = handleOf(at, [...topic.path, 'Properties', 'Subscription', index], 'inline-subscription');
    subscribe(
      gathering,
      { kind: 'key', key: topic.id },
      node,
      subscriptionDelivery(gathering, null, handle),
      NO_SETTINGS,
      at,
      `subscription of ${topic.id}`,
    );
  }
}

function subscribe(
  gathering: Gathering,
  topic: Ref,
  node: DataNode | undefined,
  delivery: Delivery,
  settings: Settings,
  at: Location,
  why: string,
): void {
  const { template, declarations } = gathering;
  const protocol = (textProperty(template, get(node, 'Protocol')) ?? '').toLowerCase();
  const endpoint = evaluate(template, get(node, 'Endpoint'));
  if (protocol === 'lambda') {
    const service = serviceTarget(gathering, endpoint);
    const failure = asynchronousFailure(gathering, service.resource, delivery, at, delivery.handle.path);
    consume(
      gathering,
      {
        kind: 'receive',
        service: service.ref,
        channel: topic,
        subscription: null,
        schemas: [],
        failure,
        settings,
        confidence: 'declared',
        why,
        at,
      },
      delivery,
    );
  } else if (protocol === 'sqs') {
    const queue = channelTarget(gathering, endpoint, 'sqs').ref;
    declarations.push({
      kind: 'route',
      from: topic,
      to: queue,
      subscription: null,
      failure: deliveryFailure(delivery),
      settings,
      confidence: 'declared',
      why,
      at,
    });
  } else {
    declarations.push({
      kind: 'unresolved',
      what: `${protocol === '' ? 'a subscriber' : `a subscriber by ${protocol}`} (${display(template, endpoint)})`,
      why: 'it is no queue or function of a template',
      role: 'receive',
      at,
    });
  }
}

/** Reads an `AWS::Events::Rule`: an event pattern listens to its bus, a schedule expression is a source of its own. */
export function readRule(gathering: Gathering, rule: Resource): void {
  const { template } = gathering;
  const listens = property(rule, 'EventPattern') !== undefined;
  const scheduled = property(rule, 'ScheduleExpression') !== undefined;
  const bus = listens ? busOf(gathering, property(rule, 'EventBusName'), rule.properties ?? rule.node) : null;
  const name = property(rule, 'Name');
  const subscription = name === undefined ? rule.id : (textProperty(template, name) ?? rule.id);
  const targets = chosen(template, property(rule, 'Targets')) ?? undefined;
  const path = [...rule.path, 'Properties', 'Targets'];
  for (const [index, item] of itemsOf(targets).entries()) {
    const node = chosen(template, item);
    if (node === null || node === undefined) continue;
    const at = placeOfEntry(gathering, node, 'Arn');
    const here = [...path, index];
    const delivery = targetDelivery(gathering, node, handleOf(at, here, 'rule-target'), null);
    const settings = settingsOf(gathering, get(node, 'RetryPolicy'), RETRY_SETTINGS);
    const arn = evaluate(template, get(node, 'Arn'));
    if (bus !== null)
      forward(gathering, {
        from: bus,
        target: arn,
        delivery,
        settings,
        at,
        path: here,
        subscription,
        schemas: schemasOfPattern(template, property(rule, 'EventPattern')),
        why: `rule ${rule.id}`,
      });
    if (scheduled) tick(gathering, rule.id, rule.id, arn, delivery, settings, at, here);
  }
}

interface Forwarding {
  readonly from: Ref;
  readonly target: ReturnType<typeof evaluate>;
  readonly delivery: Delivery;
  readonly settings: Settings;
  readonly at: Location;
  readonly path: readonly (string | number)[];
  readonly subscription: string;
  /** What the rule lets through. */
  readonly schemas: readonly Ref[];
  readonly why: string;
}

/** One target of a rule. */
function forward(gathering: Gathering, forwarding: Forwarding): void {
  const { declarations, template } = gathering;
  const { from, target, delivery, settings, at, path, why } = forwarding;
  const subscription = literal(forwarding.subscription);
  const channel = channelTarget(gathering, target, null);
  const isChannel = channel.carrier !== null || channel.ref.kind === 'key' || channel.ref.kind === 'import';
  if (channel.service !== null || looksLikeFunction(shown(target))) {
    const service = serviceTarget(gathering, target);
    const failure =
      service.resource === null || isFunction(service.resource)
        ? asynchronousFailure(gathering, service.resource, delivery, at, path)
        : deliveryFailure(delivery);
    consume(
      gathering,
      {
        kind: 'receive',
        service: service.ref,
        channel: from,
        subscription,
        schemas: forwarding.schemas,
        failure,
        settings,
        confidence: 'declared',
        why,
        at,
      },
      delivery,
    );
  } else if (isChannel) {
    declarations.push({
      kind: 'route',
      from,
      to: channel.ref,
      subscription,
      failure: deliveryFailure(delivery),
      settings,
      confidence: 'declared',
      why,
      at,
    });
  } else
    declarations.push({
      kind: 'unresolved',
      what: `the target ${display(template, target)}`,
      why: channel.ref.kind === 'unknown' ? channel.ref.reason : 'it is neither a channel nor a function',
      role: 'route',
      at,
    });
}

/** A schedule's target. */
function tick(
  gathering: Gathering,
  key: string,
  name: string,
  target: ReturnType<typeof evaluate>,
  delivery: Delivery,
  settings: Settings,
  at: Location,
  path: readonly (string | number)[],
): void {
  const { declarations, template } = gathering;
  const source = template.resources.get(key)?.at ?? at;
  const channel = channelTarget(gathering, target, null);
  const text = shown(target);
  // The universal target calls a service's API: its input names the channel.
  const action = /:aws-sdk:([a-z]+:[A-Za-z]+)$/.exec(text)?.[1];
  const carrier =
    action === 'sqs:sendMessage'
      ? 'sqs'
      : action === 'sns:publish'
        ? 'sns'
        : action === 'eventbridge:putEvents'
          ? 'eventbridge'
          : null;
  if (channel.service !== null || looksLikeFunction(text)) {
    readSchedule(gathering, {
      key,
      name,
      at,
      target: serviceTarget(gathering, target),
      delivery,
      path,
      settings,
      source,
    });
  } else if (channel.carrier !== null || channel.ref.kind === 'import') {
    declareSchedule(gathering, key, name, source);
    declarations.push({
      kind: 'route',
      from: { kind: 'key', key },
      to: channel.ref,
      subscription: null,
      failure: deliveryFailure(delivery),
      settings,
      confidence: 'declared',
      why: `schedule ${name}`,
      at,
    });
  } else {
    declareSchedule(gathering, key, name, source);
    const why =
      carrier !== null
        ? 'the input of the API call decides'
        : channel.ref.kind === 'unknown'
          ? channel.ref.reason
          : 'it is neither a channel nor a function';
    declarations.push({
      kind: 'unresolved',
      what: `the target ${display(template, target)}`,
      why,
      role: carrier === null ? 'receive' : 'send',
      at,
    });
  }
}

/** Reads an `AWS::Scheduler::Schedule`. */
export function readScheduleResource(gathering: Gathering, schedule: Resource): void {
  const { template } = gathering;
  const node = chosen(template, property(schedule, 'Target')) ?? undefined;
  if (node === undefined) return;
  const at = placeOfEntry(gathering, node, 'Arn');
  const path = [...schedule.path, 'Properties', 'Target'];
  const delivery = targetDelivery(gathering, node, handleOf(schedule.at, path, 'schedule-target'), null);
  tick(
    gathering,
    schedule.id,
    schedule.id,
    evaluate(template, get(node, 'Arn')),
    delivery,
    settingsOf(gathering, get(node, 'RetryPolicy'), RETRY_SETTINGS),
    at,
    path,
  );
}

/** Reads an `AWS::Pipes::Pipe`: from its source to its target; an enrichment is a synchronous step between. */
export function readPipe(gathering: Gathering, pipe: Resource): void {
  const { template, declarations } = gathering;
  const path = [...pipe.path, 'Properties', 'SourceParameters'];
  const parameters = property(pipe, 'SourceParameters');
  const source = channelTarget(gathering, evaluate(template, property(pipe, 'Source')), null);
  const from = pipeSource(gathering, source, parameters);
  const failure = pipeFailure(gathering, pipe, source, parameters, path);
  const targetNode = property(pipe, 'Target');
  const target = evaluate(template, targetNode);
  const channel = channelTarget(gathering, target, null);
  const at = pipe.at;
  const why = `pipe ${pipe.id}`;
  const settings = settingsOf(
    gathering,
    entriesOf(parameters).find((entry) => entry.key.endsWith('Parameters'))?.value,
    [
      'BatchSize',
      'MaximumBatchingWindowInSeconds',
      'MaximumRetryAttempts',
      'MaximumRecordAgeInSeconds',
      'StartingPosition',
    ],
  );
  for (const ref of from) {
    if (channel.service !== null || looksLikeFunction(shown(target))) {
      declarations.push({
        kind: 'receive',
        service: serviceTarget(gathering, target).ref,
        channel: ref,
        subscription: null,
        schemas: [],
        failure,
        settings,
        confidence: 'declared',
        why,
        at,
      });
    } else if (channel.carrier !== null || channel.ref.kind === 'import') {
      declarations.push({
        kind: 'route',
        from: ref,
        to: channel.ref,
        subscription: null,
        failure,
        settings,
        confidence: 'declared',
        why,
        at,
      });
    } else
      declarations.push({
        kind: 'unresolved',
        what: `the target ${display(template, target)}`,
        why: channel.ref.kind === 'unknown' ? channel.ref.reason : 'it is neither a channel nor a function',
        role: 'route',
        at,
      });
  }
}

function pipeSource(gathering: Gathering, source: ChannelTarget, parameters: DataNode | undefined): readonly Ref[] {
  const { template } = gathering;
  for (const [key, inner, broker, kind] of [
    ['ManagedStreamingKafkaParameters', 'TopicName', 'kafka', 'topic'],
    ['SelfManagedKafkaParameters', 'TopicName', 'kafka', 'topic'],
    ['ActiveMQBrokerParameters', 'QueueName', 'activemq', 'queue'],
    ['RabbitMQBrokerParameters', 'QueueName', 'amqp', 'queue'],
  ] as const) {
    const node = getIn(parameters, [key, inner]);
    if (node === undefined) continue;
    const name = textProperty(template, node);
    return [
      name === undefined
        ? {
            kind: 'unknown',
            text: display(template, evaluate(template, node)),
            reason: parameterIn(template, node) ?? 'its name is not written out here',
          }
        : { kind: 'named', broker, channelKind: kind, name: literal(name), scope: { kind: 'application' } },
    ];
  }
  return [source.ref];
}

function pipeFailure(
  gathering: Gathering,
  pipe: Resource,
  source: ChannelTarget,
  parameters: DataNode | undefined,
  path: readonly (string | number)[],
): FailureFacts {
  const carrier: Carrier | null =
    source.carrier ??
    (get(parameters, 'SqsQueueParameters') !== undefined
      ? 'sqs'
      : get(parameters, 'KinesisStreamParameters') !== undefined
        ? 'kinesis'
        : get(parameters, 'DynamoDBStreamParameters') !== undefined
          ? 'dynamodb'
          : null);
  if (carrier === 'sqs') return ofChannel(gathering, source.resource, pipe.at, path);
  if (carrier === 'kinesis' || carrier === 'dynamodb') {
    const key = carrier === 'kinesis' ? 'KinesisStreamParameters' : 'DynamoDBStreamParameters';
    const node = get(parameters, key);
    const handle = handleOf(pipe.at, [...path, key], 'pipe-stream');
    const stream = streamFailure(gathering, node, handle, 'it is 24 hours old', null);
    const delivery = targetDelivery(gathering, node, handle, null);
    if (delivery.deadLetter !== null)
      return {
        ...stream,
        deadLetter: delivery.deadLetter,
        then: stream.attempts === 'unbounded' ? 'blocks' : 'dead-letters',
        story: '',
      };
    return { ...stream, deadLetter: { kind: 'missing', why: `no DeadLetterConfig in ${key}` } };
  }
  return notApplicable(pipe.at, path, 'the source decides');
}

/** Reads a bucket's notifications. S3 itself has no dead-letter setting for queues and topics. */
export function readBucket(gathering: Gathering, bucket: Resource): void {
  const { template, declarations } = gathering;
  const configuration = chosen(template, property(bucket, 'NotificationConfiguration')) ?? undefined;
  if (configuration === undefined) return;
  const path = [...bucket.path, 'Properties', 'NotificationConfiguration'];
  const from = channelTarget(
    gathering,
    { kind: 'resource', id: bucket.id, attribute: null, node: bucket.node },
    's3',
  ).ref;
  for (const [list, key] of [
    ['QueueConfigurations', 'Queue'],
    ['TopicConfigurations', 'Topic'],
    ['LambdaConfigurations', 'Function'],
  ] as const) {
    const items = chosen(template, get(configuration, list)) ?? undefined;
    for (const [index, item] of itemsOf(items).entries()) {
      const node = get(item, key);
      const at = placeOfEntry(gathering, item, key);
      const here = [...path, list, index];
      const target = evaluate(template, node);
      const why = `notification of ${bucket.id}`;
      if (key === 'Function') {
        const service = serviceTarget(gathering, target);
        declarations.push({
          kind: 'receive',
          service: service.ref,
          channel: from,
          subscription: null,
          schemas: [],
          failure: asynchronousFailure(gathering, service.resource, null, at, here),
          settings: NO_SETTINGS,
          confidence: 'declared',
          why,
          at,
        });
      } else {
        const channel = channelTarget(gathering, target, key === 'Queue' ? 'sqs' : 'sns').ref;
        declarations.push({
          kind: 'route',
          from,
          to: channel,
          subscription: null,
          failure: notApplicable(at, here, 'S3 has no dead-letter setting for notifications'),
          settings: NO_SETTINGS,
          confidence: 'declared',
          why,
          at,
        });
      }
    }
  }
  const bridge = chosen(template, get(configuration, 'EventBridgeConfiguration')) ?? undefined;
  const enabled = textOf(get(bridge, 'EventBridgeEnabled'))?.toLowerCase();
  if (bridge !== undefined && (enabled === undefined || enabled === 'true')) {
    const at = placeOfEntry(gathering, configuration, 'EventBridgeConfiguration');
    declarations.push({
      kind: 'route',
      from,
      to: { kind: 'key', key: defaultBus(gathering, bridge) },
      subscription: null,
      failure: notApplicable(at, path, 'S3 has no dead-letter setting for notifications'),
      settings: NO_SETTINGS,
      confidence: 'declared',
      why: `notification of ${bucket.id}`,
      at,
    });
  }
}

/** Reads a table that copies its changes into a Kinesis stream. */
export function readTable(gathering: Gathering, table: Resource): void {
  const node = property(table, 'KinesisStreamSpecification', 'StreamArn');
  if (node === undefined) return;
  const { template, declarations } = gathering;
  const from = channelTarget(
    gathering,
    { kind: 'resource', id: table.id, attribute: null, node: table.node },
    'dynamodb',
  ).ref;
  const at = placeOf(template, node);
  declarations.push({
    kind: 'route',
    from,
    to: channelTarget(gathering, evaluate(template, node), 'kinesis').ref,
    subscription: null,
    failure: notApplicable(at, table.path, 'DynamoDB has no dead-letter setting for it'),
    settings: NO_SETTINGS,
    confidence: 'declared',
    why: `Kinesis stream of ${table.id}`,
    at,
  });
}

/** Publishes what other stacks may import: outputs, exports, parameters of the Systems Manager, parameters of nested stacks. */
export function readExports(gathering: Gathering): void {
  const { template, declarations } = gathering;
  for (const entry of entriesOf(get(template.root, 'Outputs'))) {
    const node = get(entry.value, 'Value');
    const ref = exportable(gathering, node);
    if (ref === null || node === undefined) continue;
    const at = locationAt(template.file, entry.keyStart, entry.keyEnd);
    declarations.push({
      kind: 'export',
      space: `cloudformation-output:${template.file.path}`,
      name: literal(entry.key),
      value: ref,
      at,
    });
    const name = getIn(entry.value, ['Export', 'Name']);
    if (name !== undefined)
      declarations.push({
        kind: 'export',
        space: 'cloudformation-export',
        name: globalName(template, nameOf(evaluate(template, name))),
        value: ref,
        at,
      });
  }
  for (const resource of template.resources.values()) {
    if (resource.type !== 'AWS::SSM::Parameter') continue;
    const name = property(resource, 'Name');
    const ref = exportable(gathering, property(resource, 'Value'));
    if (name !== undefined && ref !== null)
      declarations.push({
        kind: 'export',
        space: 'ssm-parameter',
        name: globalName(template, nameOf(evaluate(template, name))),
        value: ref,
        at: resource.at,
      });
  }
}

function parameterIn(template: Gathering['template'], node: DataNode): string | null {
  const value = evaluate(template, node);
  return value.kind === 'parameter' ? `it comes from the parameter ${value.id}` : null;
}

/** The channel that a value hands on; null where it hands on something else. Never makes a channel of a table or a bucket. */
export function exportable(gathering: Gathering, node: DataNode | undefined): Ref | null {
  const { template } = gathering;
  const value = evaluate(template, node);
  if (value.kind === 'resource') {
    const resource = template.resources.get(value.id);
    const isStream = value.attribute === 'StreamArn';
    if (
      resource === undefined ||
      ((resource.type.startsWith('AWS::DynamoDB::') || resource.type === 'AWS::S3::Bucket') && !isStream)
    )
      return null;
  } else if (value.kind !== 'import' && value.kind !== 'parameter') return null;
  const target = channelTarget(gathering, value, null);
  return target.carrier !== null || target.ref.kind === 'import' ? target.ref : null;
}

/** The place of an entry's key and value together; of the whole node where it has no such entry. */
function placeOfEntry(gathering: Gathering, node: DataNode, key: string): Location {
  const { template } = gathering;
  const entry = entryOf(node, key);
  return entry === undefined
    ? placeOf(template, node)
    : locationAt(template.file, entry.keyStart, Math.max(entry.keyEnd, entry.value.end));
}

function looksLikeFunction(text: string): boolean {
  return /^arn:[^:]*:(?:lambda|states):(?:\$\{[^}]*\}|[^:])*:(?:\$\{[^}]*\}|[^:])*:(?:function|stateMachine):/.test(
    text,
  );
}
