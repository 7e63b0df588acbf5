// Resources of the AWS provider → services, channels and edges: queues, topics, buses, rules and their targets, event source mappings, schedules,
// pipes, notifications of buckets, state machines.
import type { FailureFacts, ReceiveDeclaration, Ref, Settings } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Name } from '../../model/name.ts';
import type { FilePath, Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { resolvePath } from '../../syntax/data.ts';
import { isFunction, isStateMachine, mayFailForAMoment, messagesOf, tasksOf } from '../../syntax/states-language.ts';
import type { Delivery } from './failure.ts';
import {
  DIALECT,
  asynchronousFailure,
  asynchronousSetting,
  deadLetterAt,
  deliveryFailure,
  handleOf,
  notApplicable,
  ofChannel,
  queueFailure,
  retentionOf,
  secondLayer,
  streamFacts,
  streamFailure,
  subscriptionDelivery,
  targetDelivery,
  unknownFailure,
} from './failure.ts';
import type { Gathering, Target } from './gathering.ts';
import { CARRIERS, NO_SETTINGS, serviceName, settingsOf } from './gathering.ts';
import type { Body, Node } from './modules.ts';
import type { Value } from './values.ts';
import { asData, display, locationOf, nameOf, numberOf, shown, textOf, toNode, unmarked } from './values.ts';

const QUEUE_SETTINGS = {
  visibility_timeout_seconds: 'VisibilityTimeout',
  message_retention_seconds: 'MessageRetentionPeriod',
  fifo_queue: 'FifoQueue',
  delay_seconds: 'DelaySeconds',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  content_based_deduplication: 'ContentBasedDeduplication',
};
const MAPPING_SETTINGS = {
  batch_size: 'BatchSize',
  maximum_batching_window_in_seconds: 'MaximumBatchingWindowInSeconds',
  function_response_types: 'FunctionResponseTypes',
  maximum_retry_attempts: 'MaximumRetryAttempts',
  maximum_record_age_in_seconds: 'MaximumRecordAgeInSeconds',
  bisect_batch_on_function_error: 'BisectBatchOnFunctionError',
  parallelization_factor: 'ParallelizationFactor',
  starting_position: 'StartingPosition',
  enabled: 'Enabled',
};
const RETRY_SETTINGS = {
  maximum_retry_attempts: 'MaximumRetryAttempts',
  maximum_event_age_in_seconds: 'MaximumEventAgeInSeconds',
};

/** Reads one resource; true where its type is one of AWS that says something. */
export function readAws(gathering: Gathering, node: Node): void {
  switch (node.type) {
    case 'aws_sqs_queue':
      gathering.channel(node, queueFailure(gathering, node), settingsOf(node, QUEUE_SETTINGS));
      return;
    case 'aws_sns_topic':
      gathering.channel(node, null, settingsOf(node, { fifo_topic: 'FifoTopic' }));
      return;
    case 'aws_kinesis_stream':
      gathering.channel(node, null, settingsOf(node, { retention_period: 'RetentionPeriodHours' }));
      return;
    case 'aws_cloudwatch_event_bus':
      gathering.channel(node, null, NO_SETTINGS);
      return;
    case 'aws_lambda_function':
      declareService(gathering, node, codeOf(node));
      asynchronousSetting(gathering, node);
      return;
    case 'aws_sfn_state_machine':
      readMachine(gathering, node);
      return;
    case 'aws_sns_topic_subscription':
      readSubscription(gathering, node);
      return;
    case 'aws_lambda_event_source_mapping':
      readMapping(gathering, node);
      return;
    case 'aws_cloudwatch_event_target':
      readEventTarget(gathering, node);
      return;
    case 'aws_scheduler_schedule':
      readSchedule(gathering, node);
      return;
    case 'aws_pipes_pipe':
      readPipe(gathering, node);
      return;
    case 'aws_s3_bucket_notification':
      readNotification(gathering, node);
      return;
    case 'aws_lambda_function_event_invoke_config':
      readDestinations(gathering, node);
      return;
    case 'aws_dynamodb_kinesis_streaming_destination':
      route(
        gathering,
        node,
        gathering.target(node, node.attribute('table_name'), 'aws_dynamodb_table'),
        gathering.target(node, node.attribute('stream_arn'), 'aws_kinesis_stream'),
        null,
        notApplicable(node, 'DynamoDB has no dead-letter setting here'),
        NO_SETTINGS,
        'streaming destination',
      );
      return;
    default:
  }
}

/** Declares a deployable under its address. */
export function declareService(gathering: Gathering, node: Node, code: readonly FilePath[] = []): void {
  if (!gathering.isFirst(node)) return;
  gathering.add(node, {
    kind: 'service',
    key: node.key,
    name: serviceName(node.address),
    group: gathering.groupOf(node),
    scope: 'file',
    covers: 'nothing',
    code,
    at: node.at,
  });
}

/** Files that may hold a function's handler: below the folder that is packed, by the habits of its runtime. */
function codeOf(node: Node): readonly FilePath[] {
  const packed = node.attribute('filename');
  const archive = packed?.kind === 'node' && packed.node.type === 'archive_file' ? packed.node : null;
  const source = archive === null ? undefined : (archive.attribute('source_file') ?? archive.attribute('source_dir'));
  const text = source === undefined ? null : textOf(source);
  if (archive === null || text === null) return [];
  const root = node.instance.root.module.folder;
  const path = text.startsWith('/')
    ? resolvePath('x', text.slice(1))
    : resolvePath(root === '' ? 'x' : `${root}/x`, text);
  if (path === null || path === '') return [];
  if (archive.attribute('source_file') !== undefined) return [path];
  const handler = textOf(node.attribute('handler') ?? { kind: 'literal', value: '', at: archiveAt(node) });
  const runtime = textOf(node.attribute('runtime') ?? { kind: 'literal', value: '', at: archiveAt(node) }) ?? '';
  const extensions = runtime.startsWith('nodejs')
    ? ['.js', '.mjs', '.cjs', '.ts', '.mts']
    : runtime.startsWith('python')
      ? ['.py']
      : [];
  const module =
    handler === null || !handler.includes('.')
      ? null
      : resolvePath(`${path}/x`, handler.slice(0, handler.lastIndexOf('.')));
  return module === null || extensions.length === 0 ? [path] : extensions.map((extension) => module + extension);
}

function archiveAt(node: Node): Value['at'] {
  return { file: node.file, start: node.block.start, end: node.block.end };
}

function receive(
  gathering: Gathering,
  node: Node,
  channel: Ref,
  service: Ref,
  subscription: Name | null,
  failure: FailureFacts,
  settings: Settings,
  why: string,
  delivery: Delivery | null = null,
): void {
  const declaration: ReceiveDeclaration = {
    kind: 'receive',
    service,
    channel,
    subscription,
    schemas: [],
    failure,
    settings,
    confidence: 'declared',
    why,
    at: node.at,
  };
  gathering.add(node, declaration);
  const more = secondLayer(failure, delivery);
  if (more !== null) gathering.add(node, { ...declaration, failure: more });
}

export function route(
  gathering: Gathering,
  node: Node,
  from: Target,
  to: Target,
  subscription: Name | null,
  failure: FailureFacts,
  settings: Settings,
  why: string,
): void {
  gathering.add(node, {
    kind: 'route',
    from: from.ref,
    to: to.ref,
    subscription,
    failure,
    settings,
    confidence: 'declared',
    why,
    at: node.at,
  });
}

function unresolved(
  gathering: Gathering,
  node: Node,
  what: string,
  why: string,
  role: 'send' | 'receive' | 'route' | 'other',
  at: Location = node.at,
): void {
  gathering.add(node, { kind: 'unresolved', what, why, role, at });
}

function readSubscription(gathering: Gathering, node: Node): void {
  const topic = gathering.target(node, node.attribute('topic_arn'), 'aws_sns_topic');
  const protocol = textOf(node.attribute('protocol') ?? { kind: 'literal', value: '', at: archiveAt(node) }) ?? '';
  const endpoint = node.attribute('endpoint');
  const delivery = subscriptionDelivery(gathering, node);
  const settings = settingsOf(node, {
    filter_policy_scope: 'FilterPolicyScope',
    raw_message_delivery: 'RawMessageDelivery',
  });
  const why = `subscription ${node.address}`;
  switch (protocol) {
    case 'sqs':
      route(
        gathering,
        node,
        topic,
        gathering.target(node, endpoint, 'aws_sqs_queue'),
        null,
        deliveryFailure(delivery),
        settings,
        why,
      );
      return;
    case 'lambda': {
      const service = gathering.service(node, endpoint, true);
      receive(
        gathering,
        node,
        topic.ref,
        service.ref,
        null,
        asynchronousFailure(gathering, service.node, delivery, node),
        settings,
        why,
        delivery,
      );
      return;
    }
    default:
      // People and addresses outside: no part of the system on the map.
      if (/^(?:email|email-json|sms|application)$/.test(protocol)) return;
      unresolved(
        gathering,
        node,
        endpoint === undefined ? `the endpoint of ${node.address}` : display(endpoint),
        protocol === ''
          ? 'its protocol is not known'
          : `endpoints of the protocol ${protocol} are outside of these files`,
        'receive',
      );
  }
}

function readMapping(gathering: Gathering, node: Node): void {
  const service = gathering.service(node, node.attribute('function_name'), true);
  const settings = settingsOf(node, MAPPING_SETTINGS);
  const why = `event source mapping ${node.name}`;
  const source = node.attribute('event_source_arn');
  const topics = node.attribute('topics');
  const kafka =
    node.blocks('self_managed_event_source').length > 0 ||
    node.blocks('amazon_managed_kafka_event_source_config').length > 0 ||
    topics !== undefined;
  const queues = node.attribute('queues');
  if (kafka) {
    const group =
      node.blocks('amazon_managed_kafka_event_source_config')[0]?.body.attribute('consumer_group_id') ??
      node.blocks('self_managed_kafka_event_source_config')[0]?.body.attribute('consumer_group_id');
    const failure = streamFailure(gathering, node, 'kafka-mapping', 'the topic drops it');
    named(gathering, node, topics, 'kafka_topic', (ref) =>
      receive(gathering, node, ref, service.ref, group === undefined ? null : nameOf(group), failure, settings, why),
    );
    return;
  }
  if (queues !== undefined) {
    named(gathering, node, queues, 'rabbitmq_queue', (ref) =>
      receive(
        gathering,
        node,
        ref,
        service.ref,
        null,
        unknownFailure(node, 'the settings of the broker decide'),
        settings,
        why,
      ),
    );
    return;
  }
  const target = gathering.target(node, source, null);
  const failure =
    target.carrier?.broker === 'sqs'
      ? ofChannel(target.node, node)
      : target.carrier?.broker === 'kinesis' || target.carrier?.broker === 'dynamodb'
        ? streamFailure(
            gathering,
            node,
            'stream-mapping',
            retentionOf(target.carrier.broker === 'kinesis' ? target.node : null),
          )
        : unknownFailure(node, 'the source is declared elsewhere');
  if (target.carrier === null && target.ref.kind === 'unknown' && service.ref.kind === 'unknown') {
    unresolved(
      gathering,
      node,
      `the source ${source === undefined ? '' : display(source)} of ${node.address}`,
      target.ref.reason,
      'receive',
    );
    return;
  }
  receive(gathering, node, target.ref, service.ref, null, failure, settings, why);
}

/** Each item of a list of names of channels. */
function named(
  gathering: Gathering,
  node: Node,
  value: Value | undefined,
  type: string,
  use: (ref: Ref) => void,
): void {
  const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  for (const item of items) {
    const carrier = CARRIERS.get(type);
    const text = textOf(item);
    const own = gathering.target(node, item, type);
    if (own.node !== null) use(own.ref);
    else if (text !== null && carrier !== undefined) {
      const declared = [...CARRIERS]
        .filter(([, { broker, kind }]) => broker === carrier.broker && kind === carrier.kind)
        .map(([one]) => gathering.named(one, text, node.instance))
        .find((one) => one !== null);
      use(
        declared === null || declared === undefined
          ? {
              kind: 'named',
              broker: carrier.broker,
              channelKind: carrier.kind,
              name: literal(text),
              scope: { kind: 'application' },
            }
          : gathering.refTo(node, declared),
      );
    } else use(own.ref);
  }
  if (items.length === 0) unresolved(gathering, node, `the source of ${node.address}`, 'it names none', 'receive');
}

function readEventTarget(gathering: Gathering, node: Node): void {
  const ruleValue = node.attribute('rule');
  const byName = ruleValue === undefined ? null : gathering.nodeOf(ruleValue, node.instance);
  const rule = byName?.type === 'aws_cloudwatch_event_rule' ? byName : ruleByName(gathering, node, ruleValue);
  const target = node.attribute('arn');
  const delivery = targetDelivery(gathering, node, node, 'rule-target');
  const settings = settingsOf(node.blocks('retry_policy')[0]?.body ?? node, RETRY_SETTINGS);
  if (rule === null) {
    unresolved(
      gathering,
      node,
      `the rule ${ruleValue === undefined ? '' : display(ruleValue)}`,
      'it is declared outside of these files',
      'receive',
    );
    return;
  }
  const name = rule.attribute('name');
  const subscription = name === undefined ? literal(rule.address) : nameOf(name);
  if (rule.attribute('event_pattern') !== undefined) {
    const bus = rule.attribute('event_bus_name');
    const from: Ref =
      bus === undefined ? gathering.defaultBus(rule) : gathering.target(node, bus, 'aws_cloudwatch_event_bus').ref;
    forward(gathering, node, from, target, delivery, settings, subscription, `rule ${rule.name}`);
  }
  if (rule.attribute('schedule_expression') !== undefined) tick(gathering, rule, node, target, delivery, settings);
}

function ruleByName(gathering: Gathering, node: Node, value: Value | undefined): Node | null {
  const text = value === undefined ? null : textOf(value);
  if (text === null) return null;
  return (
    gathering
      .ofType('aws_cloudwatch_event_rule', node.instance)
      .find((one) => textOf(one.attribute('name') ?? { kind: 'literal', value: null, at: archiveAt(one) }) === text) ??
    null
  );
}

/** One target of a rule. */
function forward(
  gathering: Gathering,
  node: Node,
  from: Ref,
  target: Value | undefined,
  delivery: Delivery,
  settings: Settings,
  subscription: Name | null,
  why: string,
): void {
  const service = serviceTarget(gathering, node, target);
  if (service !== null) {
    const failure =
      service.node === null || service.node.type === 'aws_lambda_function'
        ? asynchronousFailure(gathering, service.node, delivery, node)
        : deliveryFailure(delivery);
    receive(gathering, node, from, service.ref, subscription, failure, settings, why, delivery);
    return;
  }
  const channel = gathering.target(node, target, null);
  if (channel.ref.kind !== 'unknown')
    route(gathering, node, { ...channel, ref: from }, channel, subscription, deliveryFailure(delivery), settings, why);
  else
    unresolved(
      gathering,
      node,
      `the target ${target === undefined ? '' : display(target)}`,
      channel.ref.reason,
      'route',
    );
}

/** The service that a target means; null where it is meant to be a channel, or nothing that is read. */
function serviceTarget(
  gathering: Gathering,
  node: Node,
  target: Value | undefined,
): { readonly ref: Ref; readonly node: Node | null } | null {
  const [ecs] = node.blocks('ecs_target').length > 0 ? node.blocks('ecs_target') : node.blocks('ecs_parameters');
  if (ecs !== undefined) {
    const service = gathering.service(node, ecs.body.attribute('task_definition_arn'));
    if (service.node !== null) declareService(gathering, service.node);
    return service;
  }
  const service = gathering.service(node, target);
  if (service.ref.kind !== 'unknown') return service;
  return target !== undefined && /^arn:[^:]*:(?:lambda|states):/.test(shown(target)) ? service : null;
}

/** A schedule is a source of its own: nobody sends, its targets receive. */
function tick(
  gathering: Gathering,
  source: Node,
  node: Node,
  target: Value | undefined,
  delivery: Delivery,
  settings: Settings,
  body: Body = node,
): void {
  const service = body === node ? serviceTarget(gathering, node, target) : gathering.service(node, target);
  const channel = gathering.target(node, target, null);
  if ((service === null || service.ref.kind === 'unknown') && channel.ref.kind === 'unknown') {
    unresolved(
      gathering,
      node,
      `the target ${target === undefined ? '' : display(target)}`,
      channel.ref.reason,
      'receive',
    );
    return;
  }
  gathering.imply(source, { broker: 'scheduler', kind: 'other', name: 'name', implied: true });
  const from: Ref = gathering.refTo(node, source);
  if (service !== null && service.ref.kind !== 'unknown') {
    const failure =
      service.node === null || service.node.type === 'aws_lambda_function'
        ? asynchronousFailure(gathering, service.node, delivery, node)
        : deliveryFailure(delivery);
    receive(gathering, node, from, service.ref, null, failure, settings, `schedule ${source.name}`, delivery);
  } else
    route(
      gathering,
      node,
      { ...channel, ref: from },
      channel,
      null,
      deliveryFailure(delivery),
      settings,
      `schedule ${source.name}`,
    );
}

function readSchedule(gathering: Gathering, node: Node): void {
  const [target] = node.blocks('target');
  if (target === undefined) return;
  const delivery = targetDelivery(gathering, node, target.body, 'schedule-target');
  const settings = settingsOf(target.body.blocks('retry_policy')[0]?.body ?? node, RETRY_SETTINGS);
  const arn = target.body.attribute('arn');
  // Universal targets name an action; the channel stands in the input.
  const action = /^arn:[^:]*:scheduler:::aws-sdk:(sqs:sendMessage|sns:publish|eventbridge:putEvents)$/.exec(
    arn === undefined ? '' : (textOf(arn) ?? ''),
  )?.[1];
  if (action !== undefined) {
    const input = target.body.attribute('input');
    const data = input === undefined ? null : asData(input);
    const key = action.startsWith('sqs') ? 'QueueUrl' : action.startsWith('sns') ? 'TopicArn' : '';
    const inner = data?.kind === 'object' ? data.entries.get(key) : undefined;
    tick(gathering, node, node, inner ?? arn, delivery, settings, target.body);
    return;
  }
  tick(gathering, node, node, arn, delivery, settings, target.body);
}

function readPipe(gathering: Gathering, node: Node): void {
  const source = gathering.target(node, node.attribute('source'), null);
  const [parameters] = node.blocks('source_parameters');
  const inner = [
    'kinesis_stream_parameters',
    'dynamodb_stream_parameters',
    'sqs_queue_parameters',
    'managed_streaming_kafka_parameters',
    'self_managed_kafka_parameters',
  ].flatMap((type) => parameters?.body.blocks(type) ?? [])[0]?.body;
  const topic = inner?.attribute('topic_name');
  const target = node.attribute('target');
  const why = `pipe ${node.name}`;
  const settings = inner === undefined ? NO_SETTINGS : settingsOf(inner, MAPPING_SETTINGS);
  let failure: FailureFacts;
  if (source.carrier?.broker === 'sqs') failure = ofChannel(source.node, node);
  else if (source.carrier?.broker === 'kinesis' || source.carrier?.broker === 'dynamodb') {
    const attempts = inner?.attribute('maximum_retry_attempts');
    const age = inner?.attribute('maximum_record_age_in_seconds');
    const arn = inner?.blocks('dead_letter_config')[0]?.body.attribute('arn');
    const count = attempts === undefined ? -1 : numberOf(attempts);
    failure = streamFacts(
      node,
      'pipe-stream',
      'shard',
      count,
      age === undefined ? -1 : numberOf(age),
      retentionOf(source.carrier.broker === 'kinesis' ? source.node : null),
      count === 0 && attempts !== undefined
        ? { kind: 'none', why: 'maximum_retry_attempts = 0', at: locationOf(attempts.at) }
        : { kind: 'default' },
      arn === undefined ? null : deadLetterAt(gathering, node, arn),
      'no dead_letter_config on the source',
    );
  } else failure = unknownFailure(node, 'the source is declared elsewhere');
  const go = (from: Ref): void => {
    const service = serviceTarget(gathering, node, target);
    const channel = gathering.target(node, target, null);
    if (service !== null) receive(gathering, node, from, service.ref, null, failure, settings, why);
    else if (channel.ref.kind !== 'unknown')
      route(gathering, node, { ...channel, ref: from }, channel, null, failure, settings, why);
    else
      unresolved(
        gathering,
        node,
        `the target ${target === undefined ? '' : display(target)}`,
        channel.ref.reason,
        'route',
      );
  };
  if (topic !== undefined) named(gathering, node, topic, 'kafka_topic', go);
  else go(source.ref);
}

function readNotification(gathering: Gathering, node: Node): void {
  const bucket = gathering.target(node, node.attribute('bucket'), 'aws_s3_bucket');
  const why = `notification ${node.name}`;
  for (const [type, argument, expected] of [
    ['queue', 'queue_arn', 'aws_sqs_queue'],
    ['topic', 'topic_arn', 'aws_sns_topic'],
    ['lambda_function', 'lambda_function_arn', null],
  ] as const) {
    for (const member of node.blocks(type)) {
      const target = member.body.attribute(argument);
      const site: Node = { ...node, at: member.at };
      if (expected === null) {
        const service = gathering.service(node, target, true);
        receive(
          gathering,
          site,
          bucket.ref,
          service.ref,
          null,
          asynchronousFailure(gathering, service.node, null, node),
          NO_SETTINGS,
          why,
        );
      } else
        route(
          gathering,
          site,
          bucket,
          gathering.target(node, target, expected),
          null,
          notApplicable(node, 'S3 has no dead-letter setting for notifications'),
          NO_SETTINGS,
          why,
        );
    }
  }
  if (textOf(node.attribute('eventbridge') ?? { kind: 'literal', value: false, at: archiveAt(node) }) === 'true')
    route(
      gathering,
      node,
      bucket,
      { ...bucket, ref: gathering.defaultBus(node) },
      null,
      notApplicable(node, 'S3 has no dead-letter setting for notifications'),
      NO_SETTINGS,
      why,
    );
}

/** On-success destinations get a message for each event that went well; a bus for failures is one that others listen to. */
function readDestinations(gathering: Gathering, node: Node): void {
  const service = gathering.service(node, node.attribute('function_name'), true);
  for (const config of node.blocks('destination_config')) {
    for (const type of ['on_success', 'on_failure'] as const) {
      const destination = config.body.blocks(type)[0]?.body.attribute('destination');
      if (destination === undefined) continue;
      const target = gathering.target(node, destination, null);
      if (target.service !== null || (type === 'on_failure' && target.carrier?.broker !== 'eventbridge')) continue;
      gathering.add(node, {
        kind: 'send',
        service: service.ref,
        channel: target.ref,
        schemas: [],
        confidence: 'declared',
        why: `${type} destination`,
        at: locationOf(destination.at),
      });
    }
  }
}

/** A state machine: its definition in the block, as a heredoc, or in a file of its own. */
function readMachine(gathering: Gathering, node: Node): void {
  const definition = node.attribute('definition');
  const file = definition?.kind === 'file' ? definition : null;
  declareService(gathering, node, file === null ? [] : [file.path]);
  if (definition === undefined) return;
  if (file !== null) {
    for (const [name, value] of file.values) {
      const target = gathering.target(node, value, null);
      if (target.carrier === null || target.carrier.implied === true) continue;
      gathering.add(node, {
        kind: 'export',
        space: `states-substitution:${file.path}`,
        name: literal(name),
        value: target.ref,
        at: locationOf(value.at),
      });
    }
    return;
  }
  const data = asData(definition);
  const parts: Value[] = [];
  const root = data === null ? undefined : toNode(data, parts);
  if (root === undefined || !isStateMachine(root)) {
    unresolved(
      gathering,
      node,
      `the definition of ${node.address}`,
      definition.kind === 'open' ? definition.reason : 'its text is no definition in JSON',
      'other',
      locationOf(definition.at),
    );
    return;
  }
  const here = definition.at.file;
  const place = (start: number, end: number): Location => (end > start ? locationAt(here, start, end) : node.at);
  const valueOf = (inner: { readonly kind: string; readonly value?: unknown }): Value =>
    unmarked(inner.kind === 'scalar' ? String(inner.value) : '', parts, definition.at);
  for (const task of tasksOf(root)) {
    // A definition in a text has one place: the text's own.
    const isText = data !== null && data.kind === 'object' && data.keys === undefined;
    const at = isText ? taskAt(node, definition, task.entry.key) : place(task.entry.keyStart, task.entry.keyEnd);
    const resource = task.resource === undefined ? null : valueOf(task.resource);
    const text = resource === null ? '' : shown(resource);
    const invokes = resource?.kind === 'node' && resource.node.type === 'aws_lambda_function';
    for (const message of messagesOf(text, task.entry.value)) {
      const base = {
        kind: 'send',
        service: { kind: 'key', key: node.key },
        schemas: [],
        confidence: 'declared',
        why: `task ${task.entry.key}`,
        at,
      } as const;
      if (message.computed)
        unresolved(
          gathering,
          node,
          `the target of the task ${task.entry.key}`,
          'it is computed while the execution runs',
          'send',
          at,
        );
      else if (message.target === undefined) gathering.add(node, { ...base, channel: gathering.defaultBus(node) });
      else
        gathering.add(node, {
          ...base,
          channel: gathering.target(
            node,
            valueOf(message.target),
            { sqs: 'aws_sqs_queue', sns: 'aws_sns_topic', eventbridge: 'aws_cloudwatch_event_bus' }[message.carrier],
          ).ref,
        });
    }
    if (task.retried || task.caught || !(invokes || isFunction(text) || mayFailForAMoment(text))) continue;
    gathering.add(node, {
      kind: 'task',
      name: task.entry.key,
      service: { kind: 'key', key: node.key },
      retry: { kind: 'none', why: 'no Retry', at },
      handle: { dialect: DIALECT, at, path: handleOf(node, 'none').path, role: 'none' },
      at,
    });
  }
}

/** The line of a text that names a state. */
function taskAt(node: Node, definition: Value, name: string): Location {
  const { file, start, end } = definition.at;
  const found = file.text.slice(start, end).indexOf(`"${name}"`);
  return found < 0 ? node.at : locationAt(file, start + found + 1, start + found + 1 + name.length);
}
