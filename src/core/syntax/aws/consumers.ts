// Functions and state machines as services, and what brings them messages: SAM events and event source mappings.
import type { FailureFacts, ReceiveDeclaration, Ref, Settings } from '../../model/declaration.ts';
import { duration } from '../../model/aws-failure.ts';
import { literal } from '../../model/name.ts';
import type { FilePath, Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataEntry, DataNode } from '../data.ts';
import { entriesOf, get, getIn, itemsOf, resolvePath, stringOf, textOf } from '../data.ts';
import { settingsOf } from './channels.ts';
import { schemasOfPattern } from './event-schemas.ts';
import type { Delivery } from './failure.ts';
import {
  asynchronousFailure,
  deliveryFailure,
  handleOf,
  ofChannel,
  secondLayer,
  streamFailure,
  subscriptionDelivery,
  targetDelivery,
  unknownFailure,
  wholeNumber,
} from './failure.ts';
import { definitionFile } from './machines.ts';
import type { Gathering } from './targets.ts';
import {
  NO_SETTINGS,
  channelTarget,
  defaultBus,
  display,
  isFunction,
  isStateMachine,
  serviceTarget,
  textProperty,
} from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import type { Value } from './values.ts';
import { chosen, evaluate, literalOf } from './values.ts';

const MAPPING_SETTINGS = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'ParallelizationFactor',
  'StartingPosition',
  'Enabled',
  'TumblingWindowInSeconds',
];
const RULE_SETTINGS = ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'State', 'Enabled'];
/** Events that bring no messages: synchronous calls and kinds that are not read. */
const SYNCHRONOUS = new Set(['Api', 'HttpApi', 'AlexaSkill', 'Cognito', 'WebSocketApi', 'CloudWatchLogs']);

/** Declares the functions and state machines of a template. */
export function declareServices(gathering: Gathering): void {
  const { template, declarations } = gathering;
  for (const resource of template.resources.values()) {
    const machine = isStateMachine(resource);
    if (!machine && !isFunction(resource)) continue;
    const definition = machine ? definitionFile(gathering, resource) : null;
    declarations.push({
      kind: 'service',
      key: resource.id,
      name: resource.name ?? resource.id,
      group: template.group,
      scope: 'file',
      covers: 'nothing',
      code: machine ? (definition === null ? [] : [definition]) : codeOf(gathering, resource),
      at: resource.at,
    });
  }
}

/** Files that may hold a function's handler, by the habits of its runtime; its code folder where the handler names no file. */
function codeOf(gathering: Gathering, service: Resource): readonly FilePath[] {
  const { template } = gathering;
  const globals =
    service.type === 'AWS::Serverless::Function' ? getIn(template.root, ['Globals', 'Function']) : undefined;
  const setting = (key: string): string | undefined =>
    textProperty(template, property(service, key) ?? get(globals, key));
  const uri =
    service.type === 'AWS::Serverless::Function'
      ? setting('CodeUri')
      : textProperty(template, property(service, 'Code'));
  if (uri === undefined || /\.zip$/i.test(uri)) return [];
  const folder = resolvePath(template.file.path, uri);
  if (folder === null) return [];
  const below = (path: string): FilePath | null => resolvePath(`${folder === '' ? '' : `${folder}/`}x`, path);
  const entryPoints = itemsOf(getIn(service.node, ['Metadata', 'BuildProperties', 'EntryPoints'])).flatMap(
    (item) => below(stringOf(item) ?? '') ?? [],
  );
  if (entryPoints.length > 0) return entryPoints;
  const handler = setting('Handler');
  const runtime = setting('Runtime') ?? '';
  const extensions = runtime.startsWith('nodejs')
    ? ['.js', '.mjs', '.cjs', '.ts', '.mts']
    : runtime.startsWith('python')
      ? ['.py']
      : runtime.startsWith('ruby')
        ? ['.rb']
        : [];
  const module =
    handler === undefined || !handler.includes('.') ? null : below(handler.slice(0, handler.lastIndexOf('.')));
  if (module === null || extensions.length === 0) return folder === '' ? [] : [folder];
  return extensions.map((extension) => module + extension);
}

/** Reads the `Events` of SAM functions and state machines. */
export function readEvents(gathering: Gathering, service: Resource): void {
  const events = chosen(gathering.template, property(service, 'Events')) ?? undefined;
  for (const entry of entriesOf(events)) {
    const event = chosen(gathering.template, entry.value);
    if (event === null || event === undefined) continue;
    readEvent(gathering, service, entry, stringOf(get(event, 'Type')) ?? '', get(event, 'Properties'));
  }
}

interface Site {
  readonly service: Resource;
  readonly name: string;
  readonly at: Location;
  /** Keys to the event's `Properties`. */
  readonly path: readonly (string | number)[];
  readonly properties: DataNode | undefined;
}

function readEvent(
  gathering: Gathering,
  service: Resource,
  entry: DataEntry,
  type: string,
  properties: DataNode | undefined,
): void {
  const { template, declarations } = gathering;
  const site: Site = {
    service,
    name: entry.key,
    at: locationAt(template.file, entry.keyStart, entry.keyEnd),
    path: [...service.path, 'Properties', 'Events', entry.key, 'Properties'],
    properties,
  };
  switch (type) {
    case 'SQS':
      readQueue(gathering, site, get(properties, 'Queue'));
      return;
    case 'SNS':
      readTopic(gathering, site);
      return;
    case 'Kinesis':
    case 'DynamoDB': {
      const { ref, resource } = channelTarget(
        gathering,
        evaluate(template, get(properties, 'Stream')),
        type === 'Kinesis' ? 'kinesis' : 'dynamodb',
      );
      const failure = streamFailure(
        gathering,
        properties,
        handleOf(site.at, site.path, 'stream-mapping'),
        retentionOf(resource),
        `${service.id}${site.name}OnFailureQueue`,
      );
      receive(
        gathering,
        site,
        ref,
        failure,
        settingsOf(gathering, properties, MAPPING_SETTINGS),
        `${type} event ${site.name}`,
      );
      return;
    }
    case 'MSK':
    case 'SelfManagedKafka': {
      const failure = streamFailure(
        gathering,
        properties,
        handleOf(site.at, site.path, 'kafka-mapping'),
        'the topic drops it',
        null,
      );
      readNames(gathering, site, get(properties, 'Topics'), 'kafka', 'topic', failure, `${type} event ${site.name}`);
      return;
    }
    case 'MQ':
      readNames(
        gathering,
        site,
        get(properties, 'Queues'),
        brokerEngine(gathering, get(properties, 'Broker')),
        'queue',
        unknownFailure(site.at, site.path, 'the settings of the broker decide'),
        `MQ event ${site.name}`,
      );
      return;
    case 'EventBridgeRule':
    case 'CloudWatchEvent':
      readRuleEvent(gathering, site);
      return;
    case 'Schedule':
    case 'ScheduleV2':
      readSchedule(gathering, {
        key: `${service.id}.${site.name}`,
        name: site.name,
        at: site.at,
        target: { ref: { kind: 'key', key: service.id }, resource: service },
        delivery: targetDelivery(
          gathering,
          properties,
          handleOf(site.at, site.path, 'sam-target'),
          `${service.id}${site.name}Queue`,
        ),
        path: site.path,
        settings: settingsOf(gathering, properties, RULE_SETTINGS),
      });
      return;
    case 'S3': {
      const { ref } = channelTarget(gathering, evaluate(template, get(properties, 'Bucket')), 's3');
      receive(
        gathering,
        site,
        ref,
        asynchronousFailure(gathering, service, null, site.at, site.path),
        NO_SETTINGS,
        `S3 event ${site.name}`,
      );
      return;
    }
    default:
      if (!SYNCHRONOUS.has(type))
        declarations.push({
          kind: 'unresolved',
          what: `the event ${site.name} of ${service.name ?? service.id}`,
          why: type === '' ? 'it has no Type' : `events of the type ${type} are not read`,
          role: 'receive',
          at: site.at,
        });
  }
}

function readQueue(gathering: Gathering, site: Site, queue: DataNode | undefined): void {
  const target = channelTarget(gathering, evaluate(gathering.template, queue), 'sqs');
  receive(
    gathering,
    site,
    target.ref,
    ofChannel(gathering, target.resource, site.at, site.path),
    settingsOf(gathering, site.properties, MAPPING_SETTINGS),
    `SQS event ${site.name}`,
  );
}

function readTopic(gathering: Gathering, site: Site): void {
  const { template, declarations } = gathering;
  const { service, properties } = site;
  const topic = channelTarget(gathering, evaluate(template, get(properties, 'Topic')), 'sns').ref;
  const delivery = subscriptionDelivery(gathering, properties ?? null, handleOf(site.at, site.path, 'subscription'));
  const settings = settingsOf(gathering, properties, ['FilterPolicyScope', 'RawMessageDelivery']);
  const between = chosen(template, get(properties, 'SqsSubscription')) ?? undefined;
  if (between === undefined || textOf(between)?.toLowerCase() === 'false') {
    receive(
      gathering,
      site,
      topic,
      asynchronousFailure(gathering, service, delivery, site.at, site.path),
      settings,
      `SNS event ${site.name}`,
      null,
      delivery,
    );
    return;
  }
  const why = `SNS event ${site.name} by way of a queue`;
  const written = get(between, 'QueueArn');
  if (written !== undefined) {
    const queue = channelTarget(gathering, evaluate(template, written), 'sqs');
    declarations.push({
      kind: 'route',
      from: topic,
      to: queue.ref,
      subscription: null,
      failure: deliveryFailure(delivery),
      settings,
      confidence: 'declared',
      why,
      at: site.at,
    });
    receive(
      gathering,
      site,
      queue.ref,
      ofChannel(gathering, queue.resource, site.at, site.path),
      settingsOf(gathering, between, MAPPING_SETTINGS),
      why,
    );
    return;
  }
  // `SqsSubscription: true` makes a bare queue: 30 seconds of visibility, 4 days of retention, no dead-letter queue.
  const key = `${service.id}${site.name}Queue`;
  const failure: FailureFacts = {
    deadLetter: { kind: 'missing', why: 'SqsSubscription: true makes a queue without one' },
    attempts: 'unbounded',
    backoff: 'fixed',
    then: 'loops',
    story: 'returns to the queue until its 4 days are over, then is gone',
    retry: { kind: 'default' },
    handle: handleOf(site.at, site.path, 'generated-queue'),
  };
  gathering.implied.set(key, {
    kind: 'channel',
    key,
    name: null,
    logicalId: key,
    broker: 'sqs',
    channelKind: 'queue',
    scope: { kind: 'file' },
    group: template.group,
    platformSource: false,
    deadLetter: false,
    failure,
    settings: NO_SETTINGS,
    schemas: [],
    at: site.at,
  });
  declarations.push({
    kind: 'route',
    from: topic,
    to: { kind: 'key', key },
    subscription: null,
    failure: deliveryFailure(delivery),
    settings,
    confidence: 'declared',
    why,
    at: site.at,
  });
  receive(gathering, site, { kind: 'key', key }, { ...failure, deadLetter: { kind: 'of-channel' } }, NO_SETTINGS, why);
}

function readRuleEvent(gathering: Gathering, site: Site): void {
  const { template } = gathering;
  const { service, properties } = site;
  const delivery = targetDelivery(
    gathering,
    properties,
    handleOf(site.at, site.path, 'sam-target'),
    `${service.id}${site.name}Queue`,
  );
  const failure = isFunction(service)
    ? asynchronousFailure(gathering, service, delivery, site.at, site.path)
    : deliveryFailure(delivery);
  const bus = busOf(gathering, get(properties, 'EventBusName'), properties ?? service.node);
  const subscription = textProperty(template, get(properties, 'RuleName')) ?? site.name;
  receive(
    gathering,
    site,
    bus,
    failure,
    settingsOf(gathering, get(properties, 'RetryPolicy'), RULE_SETTINGS),
    `${site.name} rule`,
    subscription,
    delivery,
    schemasOfPattern(template, get(properties, 'Pattern')),
  );
}

/** The bus that a rule listens to: the default one where none is written. */
export function busOf(gathering: Gathering, node: DataNode | undefined, place: DataNode): Ref {
  const { template } = gathering;
  const written = chosen(template, node);
  if (written === null && node !== undefined)
    return { kind: 'unknown', text: display(template, evaluate(template, node)), reason: 'it depends on a condition' };
  const value = evaluate(template, written ?? undefined);
  return value.kind === 'none'
    ? { kind: 'key', key: defaultBus(gathering, place) }
    : channelTarget(gathering, value, 'eventbridge').ref;
}

/** A schedule is a source of its own: nobody sends, one target receives. */
export function readSchedule(
  gathering: Gathering,
  schedule: {
    readonly key: string;
    readonly name: string;
    readonly at: Location;
    readonly target: { readonly ref: Ref; readonly resource: Resource | null };
    readonly delivery: Delivery;
    readonly path: readonly (string | number)[];
    readonly settings: Settings;
    /** Where the schedule itself stands, if not at its target. */
    readonly source?: Location;
  },
): void {
  const { key, name, at, target, delivery, path, settings } = schedule;
  declareSchedule(gathering, key, name, schedule.source ?? at);
  const failure =
    target.resource === null
      ? unknownFailure(at, path, 'the target is declared elsewhere')
      : isFunction(target.resource)
        ? asynchronousFailure(gathering, target.resource, delivery, at, path)
        : deliveryFailure(delivery);
  consume(
    gathering,
    {
      kind: 'receive',
      service: target.ref,
      channel: { kind: 'key', key },
      subscription: null,
      schemas: [],
      failure,
      settings,
      confidence: 'declared',
      why: `schedule ${name}`,
      at,
    },
    delivery,
  );
}

/** The channel that a schedule is. */
export function declareSchedule(gathering: Gathering, key: string, name: string, at: Location): void {
  if (gathering.implied.has(key)) return;
  gathering.implied.set(key, {
    kind: 'channel',
    key,
    name: null,
    logicalId: name,
    broker: 'scheduler',
    channelKind: 'other',
    scope: { kind: 'file' },
    group: gathering.template.group,
    platformSource: true,
    deadLetter: false,
    failure: null,
    settings: NO_SETTINGS,
    schemas: [],
    at,
  });
}

/** Reads an `AWS::Lambda::EventSourceMapping`. */
export function readMapping(gathering: Gathering, mapping: Resource): void {
  const { template } = gathering;
  const service = serviceTarget(gathering, evaluate(template, property(mapping, 'FunctionName')));
  const path = [...mapping.path, 'Properties'];
  const settings = settingsOf(gathering, mapping.properties, MAPPING_SETTINGS);
  const push = (channel: Ref, failure: FailureFacts, why: string): void => {
    gathering.declarations.push({
      kind: 'receive',
      service: service.ref,
      channel,
      subscription: null,
      schemas: [],
      failure,
      settings,
      confidence: 'declared',
      why,
      at: mapping.at,
    });
  };
  const topics = property(mapping, 'Topics');
  const queues = property(mapping, 'Queues');
  if (topics !== undefined || property(mapping, 'SelfManagedEventSource') !== undefined) {
    const failure = streamFailure(
      gathering,
      mapping.properties,
      handleOf(mapping.at, path, 'kafka-mapping'),
      'the topic drops it',
      null,
    );
    for (const topic of namesIn(gathering, topics))
      push(namedRef(gathering, topic, 'kafka', 'topic'), failure, `event source mapping ${mapping.id}`);
    return;
  }
  if (queues !== undefined) {
    const broker = brokerEngine(gathering, property(mapping, 'EventSourceArn'));
    for (const queue of namesIn(gathering, queues))
      push(
        namedRef(gathering, queue, broker, 'queue'),
        unknownFailure(mapping.at, path, 'the settings of the broker decide'),
        `event source mapping ${mapping.id}`,
      );
    return;
  }
  const source = property(mapping, 'EventSourceArn');
  const target = channelTarget(gathering, evaluate(template, source), null);
  const at = mapping.at;
  const why = `event source mapping ${mapping.id}`;
  if (target.carrier === 'sqs') push(target.ref, ofChannel(gathering, target.resource, at, path), why);
  else if (target.carrier === 'kinesis' || target.carrier === 'dynamodb') {
    push(
      target.ref,
      streamFailure(
        gathering,
        mapping.properties,
        handleOf(at, path, 'stream-mapping'),
        retentionOf(target.resource),
        null,
      ),
      why,
    );
  } else if (target.carrier === null && property(mapping, 'StartingPosition') !== undefined) {
    // Only streams have a starting position, so the mapping's own setting decides, wherever the stream is.
    push(
      target.ref,
      streamFailure(gathering, mapping.properties, handleOf(at, path, 'stream-mapping'), 'it leaves the stream', null),
      why,
    );
  } else push(target.ref, ofChannel(gathering, null, at, path), why);
}

/** How long a stream keeps a record: 24 hours where nothing else is written. */
function retentionOf(stream: Resource | null): string {
  const hours = stream === null ? null : wholeNumber(property(stream, 'RetentionPeriodHours'));
  return `it is ${duration((hours ?? 24) * 3600)} old`;
}

function receive(
  gathering: Gathering,
  site: Site,
  channel: Ref,
  failure: FailureFacts,
  settings: Settings,
  why: string,
  subscription: string | null = null,
  delivery: Delivery | null = null,
  schemas: readonly Ref[] = [],
): void {
  const service: Ref = { kind: 'key', key: site.service.id };
  consume(
    gathering,
    {
      kind: 'receive',
      service,
      channel,
      subscription: subscription === null ? null : literal(subscription),
      schemas,
      failure,
      settings,
      confidence: 'declared',
      why,
      at: site.at,
    },
    delivery,
  );
}

/** Declares a consumption, and once more for the delivery's own dead-letter queue where both layers have one. */
export function consume(gathering: Gathering, declaration: ReceiveDeclaration, delivery: Delivery | null): void {
  gathering.declarations.push(declaration);
  const second = secondLayer(declaration.failure, delivery);
  if (second !== null) gathering.declarations.push({ ...declaration, failure: second });
}

function readNames(
  gathering: Gathering,
  site: Site,
  list: DataNode | undefined,
  broker: string,
  kind: 'topic' | 'queue',
  failure: FailureFacts,
  why: string,
): void {
  const names = namesIn(gathering, list);
  if (names.length === 0)
    receive(
      gathering,
      site,
      { kind: 'unknown', text: `the ${kind}s of ${site.name}`, reason: 'they are not written out here' },
      failure,
      NO_SETTINGS,
      why,
    );
  for (const name of names)
    receive(
      gathering,
      site,
      namedRef(gathering, name, broker, kind),
      failure,
      settingsOf(gathering, site.properties, MAPPING_SETTINGS),
      why,
    );
}

function namesIn(gathering: Gathering, list: DataNode | undefined): readonly Value[] {
  return list?.kind === 'seq' && list.tag === null
    ? list.items.map((item) => evaluate(gathering.template, item))
    : list === undefined
      ? []
      : [evaluate(gathering.template, list)];
}

function namedRef(gathering: Gathering, value: Value, broker: string, channelKind: 'topic' | 'queue'): Ref {
  const name = literalOf(value);
  if (name !== null && name !== '')
    return { kind: 'named', broker, channelKind, name: literal(name), scope: { kind: 'application' } };
  return {
    kind: 'unknown',
    text: display(gathering.template, value),
    reason: value.kind === 'parameter' ? `it comes from the parameter ${value.id}` : 'its name is not written out here',
  };
}

/** What an Amazon MQ broker speaks; the name of the service where its engine is out of sight. */
function brokerEngine(gathering: Gathering, node: DataNode | undefined): string {
  const { template } = gathering;
  const value = evaluate(template, node);
  const broker = value.kind === 'resource' ? template.resources.get(value.id) : undefined;
  const engine = broker === undefined ? undefined : textProperty(template, property(broker, 'EngineType'));
  return engine?.toUpperCase() === 'RABBITMQ' ? 'amqp' : engine?.toUpperCase() === 'ACTIVEMQ' ? 'activemq' : 'mq';
}
