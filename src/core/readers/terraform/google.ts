// Resources of the Google provider: Pub/Sub topics and subscriptions, functions and Eventarc triggers.
// A push subscription whose endpoint is a service of the workspace is that service's consumption; any other one is a queue of its own behind
// the topic, and the failure verdict stands on the route between them.
import type { FailureFacts, Ref, RetryFacts, SchemaFormat } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import { declareService, route } from './aws.ts';
import { deadLetterAt, handleOf } from './failure.ts';
import type { Gathering, Target } from './gathering.ts';
import { NO_SETTINGS, settingsOf } from './gathering.ts';
import type { Body, Node } from './modules.ts';
import type { Value } from './values.ts';
import { display, locationOf, nameOf, numberOf, shown, textOf } from './values.ts';

const SUBSCRIPTION_SETTINGS = {
  ack_deadline_seconds: 'ackDeadlineSeconds',
  message_retention_duration: 'messageRetentionDuration',
  enable_message_ordering: 'enableMessageOrdering',
  enable_exactly_once_delivery: 'enableExactlyOnceDelivery',
};

export function readGoogle(gathering: Gathering, node: Node): void {
  switch (node.type) {
    case 'google_pubsub_topic':
      gathering.channel(
        node,
        null,
        settingsOf(node, { message_retention_duration: 'messageRetentionDuration' }),
        topicSchemas(gathering, node),
      );
      return;
    case 'google_pubsub_schema':
      gathering.add(node, {
        kind: 'schema',
        key: node.key,
        name: textAt(node, 'name') ?? node.name,
        format: SCHEMA_FORMATS.get(textAt(node, 'type') ?? '') ?? 'other',
        at: node.at,
      });
      return;
    case 'google_pubsub_subscription':
      readSubscription(gathering, node);
      return;
    case 'google_cloudfunctions_function':
    case 'google_cloudfunctions2_function':
      readFunction(gathering, node);
      return;
    case 'google_eventarc_trigger':
      readTrigger(gathering, node);
      return;
    case 'google_cloud_scheduler_job':
      readJob(gathering, node);
      return;
    case 'google_storage_notification':
      route(
        gathering,
        node,
        gathering.target(node, node.attribute('bucket'), 'google_storage_bucket'),
        gathering.target(node, node.attribute('topic'), 'google_pubsub_topic'),
        null,
        built(node, 'not-applicable', 'Cloud Storage has no dead-letter setting for notifications'),
        NO_SETTINGS,
        `notification ${node.name}`,
      );
      return;
    default:
  }
}

const SCHEMA_FORMATS: ReadonlyMap<string, SchemaFormat> = new Map<string, SchemaFormat>([
  ['AVRO', 'avro'],
  ['PROTOCOL_BUFFER', 'protobuf'],
]);

function textAt(node: Node, name: string): string | null {
  const value = node.attribute(name);
  return value === undefined ? null : textOf(value);
}

/** What `schema_settings` say that the topic's messages are checked against. */
function topicSchemas(gathering: Gathering, node: Node): readonly Ref[] {
  const [settings] = node.blocks('schema_settings');
  const value = settings?.body.attribute('schema');
  const schema = value === undefined ? null : gathering.nodeOf(value, node.instance);
  if (schema?.type !== 'google_pubsub_schema' || schema.isData) return [];
  return [
    schema.file.path === node.file.path
      ? { kind: 'key', key: schema.key }
      : { kind: 'file', file: schema.file.path, key: schema.key },
  ];
}

function built(node: Node, kind: 'not-applicable' | 'unknown', why: string): FailureFacts {
  return {
    deadLetter: { kind, why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: kind === 'unknown' ? { kind, why } : { kind },
    handle: handleOf(node, 'none'),
  };
}

function readSubscription(gathering: Gathering, node: Node): void {
  const topic = gathering.target(node, node.attribute('topic'), 'google_pubsub_topic');
  const failure = subscriptionFailure(gathering, node);
  const settings = settingsOf(node, SUBSCRIPTION_SETTINGS);
  const name = node.attribute('name');
  const subscription = name === undefined ? literal(node.address) : nameOf(name);
  const [push] = node.blocks('push_config');
  const endpoint = push?.body.attribute('push_endpoint');
  const service = endpoint === undefined ? null : gathering.service(node, endpoint, true);
  if (service !== null && service.ref.kind !== 'unknown') {
    if (service.node !== null) declareService(gathering, service.node);
    gathering.add(node, {
      kind: 'receive',
      service: service.ref,
      channel: topic.ref,
      subscription,
      schemas: [],
      failure,
      settings,
      confidence: 'declared',
      why: `push subscription ${node.name}`,
      at: node.at,
    });
    return;
  }
  const [table] = node.blocks('bigquery_config');
  const [storage] = node.blocks('cloud_storage_config');
  const written = table?.body.attribute('table') ?? storage?.body.attribute('bucket');
  if (written !== undefined) {
    // The platform itself writes what arrives into the table or bucket: nobody else has to read it.
    const broker = table === undefined ? 'gcs' : 'bigquery';
    const sink = gathering.nodeOf(written, node.instance);
    const label =
      sink === null
        ? display(written)
        : (textOf(sink.attribute(broker === 'gcs' ? 'name' : 'table_id') ?? written) ?? sink.address);
    const to: Target = { ref: gathering.sink(node, broker, label), carrier: null, node: null, service: null };
    route(
      gathering,
      node,
      topic,
      to,
      subscription,
      failure,
      settings,
      `${broker === 'gcs' ? 'Cloud Storage' : 'BigQuery'} subscription ${node.name}`,
    );
    return;
  }
  gathering.channel(node, null, settings);
  if (endpoint !== undefined)
    gathering.add(node, {
      kind: 'unresolved',
      what: `the endpoint ${display(endpoint)}`,
      why: service?.ref.kind === 'unknown' ? service.ref.reason : 'it is outside of these files',
      role: 'receive',
      at: locationOf(endpoint.at),
    });
  route(
    gathering,
    node,
    topic,
    { ref: { kind: 'key', key: node.key }, carrier: null, node, service: null },
    null,
    failure,
    settings,
    `subscription ${node.name}`,
  );
}

/** A subscription without a dead-letter topic redelivers until the message is acknowledged or too old. */
function subscriptionFailure(gathering: Gathering, node: Node): FailureFacts {
  const [policy] = node.blocks('dead_letter_policy');
  const [retry] = node.blocks('retry_policy');
  const backoff = retry === undefined ? 'none' : retry.maybe ? 'unknown' : 'exponential';
  const base = {
    backoff,
    retry: { kind: retry === undefined ? 'default' : 'configured' },
    handle: handleOf(node, 'pubsub-subscription'),
  } as const;
  const retention = node.attribute('message_retention_duration');
  const seconds =
    retention === undefined ? 604_800 : Number(/^(\d+)(?:\.\d+)?s$/.exec(textOf(retention) ?? '')?.[1] ?? Number.NaN);
  const days = seconds / 86_400;
  const time = Number.isNaN(seconds)
    ? 'its retention is over'
    : Number.isInteger(days)
      ? `its ${days} ${days === 1 ? 'day is' : 'days are'} over`
      : `its ${seconds} seconds are over`;
  const looping = {
    ...base,
    attempts: 'unbounded',
    then: 'loops',
    story: `is delivered again${backoff === 'none' ? ' at once' : ''} until ${time}, then is gone`,
  } as const;
  if (policy === undefined) return { ...looping, deadLetter: { kind: 'missing', why: 'no dead_letter_policy' } };
  if (policy.maybe)
    return {
      ...base,
      attempts: null,
      then: 'unknown',
      story: '',
      deadLetter: { kind: 'unknown', why: 'whether it has a dead_letter_policy depends on values of the deployment' },
    };
  const topic = policy.body.attribute('dead_letter_topic');
  if (topic === undefined)
    return { ...looping, deadLetter: { kind: 'missing', why: 'a dead_letter_policy without dead_letter_topic' } };
  const attempts = policy.body.attribute('max_delivery_attempts');
  const deadLetter = deadLetterAt(gathering, node, topic, 'google_pubsub_topic');
  return {
    ...base,
    deadLetter,
    attempts: attempts === undefined ? 5 : numberOf(attempts),
    then: deadLetter.kind === 'unknown' ? 'unknown' : 'dead-letters',
    story: '',
  };
}

function readFunction(gathering: Gathering, node: Node): void {
  declareService(gathering, node);
  const [trigger] = node.blocks('event_trigger');
  if (trigger === undefined) return;
  const type = shown(trigger.body.attribute('event_type') ?? text(node, ''));
  const topic = trigger.body.attribute('pubsub_topic');
  const resource = trigger.body.attribute('resource');
  const filters = trigger.body.blocks('event_filters');
  const filter = filters
    .find(({ body }) => textOf(body.attribute('attribute') ?? text(node, '')) === 'bucket')
    ?.body.attribute('value');
  const isPubsub = topic !== undefined || /pubsub/i.test(type);
  const isStorage = /storage/i.test(type);
  const source = isPubsub
    ? gathering.target(node, topic ?? resource, 'google_pubsub_topic')
    : isStorage
      ? gathering.target(node, filter ?? resource, 'google_storage_bucket')
      : null;
  if (source === null) {
    gathering.add(node, {
      kind: 'unresolved',
      what: `events of the type ${type}`,
      why: 'their source is no channel that is read',
      role: 'receive',
      at: trigger.at,
    });
    return;
  }
  const failure =
    node.type === 'google_cloudfunctions2_function'
      ? functionFailure(node, trigger.body)
      : firstGeneration(node, trigger.body);
  gathering.add(node, {
    kind: 'receive',
    service: { kind: 'key', key: node.key },
    channel: source.ref,
    subscription: null,
    schemas: [],
    failure,
    settings: NO_SETTINGS,
    confidence: 'declared',
    why: `event trigger of ${node.name}`,
    at: trigger.at,
  });
}

/** Retries are off by default: one error is the end. A dead-letter topic cannot be given to a function's subscription here. */
function functionFailure(node: Node, trigger: Body): FailureFacts {
  const policy = trigger.attribute('retry_policy');
  const value = policy === undefined ? 'RETRY_POLICY_DO_NOT_RETRY' : textOf(policy);
  if (value === null) return built(node, 'unknown', 'its retry_policy is set at the deployment');
  const isRetried = value === 'RETRY_POLICY_RETRY';
  const retry: RetryFacts = isRetried
    ? { kind: 'configured' }
    : {
        kind: 'none',
        why: policy === undefined ? 'no retry_policy: RETRY_POLICY_DO_NOT_RETRY' : 'RETRY_POLICY_DO_NOT_RETRY',
        at: trigger.attributeAt('retry_policy') ?? node.at,
      };
  return triggerFailure(node, isRetried, retry, 'function-trigger');
}

function firstGeneration(node: Node, trigger: Body): FailureFacts {
  const [policy] = trigger.blocks('failure_policy');
  const isRetried = textOf(policy?.body.attribute('retry') ?? text(node, 'false')) === 'true';
  return triggerFailure(
    node,
    isRetried,
    isRetried ? { kind: 'configured' } : { kind: 'none', why: 'no failure_policy', at: node.at },
    'function-trigger-1',
  );
}

function triggerFailure(node: Node, isRetried: boolean, retry: RetryFacts, role: string): FailureFacts {
  return {
    deadLetter: { kind: 'missing', why: 'the trigger has no dead-letter topic' },
    attempts: isRetried ? null : 1,
    backoff: isRetried ? 'exponential' : 'none',
    then: 'drops',
    story: isRetried ? 'is dropped when it is 24 hours old' : 'is dropped at the first failure',
    retry,
    handle: handleOf(node, role),
  };
}

/** An Eventarc trigger brings events of a topic or bucket to a service. */
function readTrigger(gathering: Gathering, node: Node): void {
  const [destination] = node.blocks('destination');
  const run = destination?.body.blocks('cloud_run_service')[0]?.body.attribute('service');
  const target = run ?? destination?.body.attribute('workflow') ?? destination?.body.attribute('cloud_function');
  const service = gathering.service(node, target, true);
  const byName = service.node ?? runByName(gathering, node, target);
  const transport = node.blocks('transport')[0]?.body.blocks('pubsub')[0]?.body.attribute('topic');
  const criteria = new Map(
    node.blocks('matching_criteria').flatMap(({ body }) => {
      const [key, value] = [body.attribute('attribute'), body.attribute('value')];
      return key === undefined || value === undefined ? [] : [[textOf(key) ?? '', value] as const];
    }),
  );
  const type = shown(criteria.get('type') ?? text(node, ''));
  const bucket = criteria.get('bucket');
  if (transport === undefined && bucket === undefined) {
    gathering.add(node, {
      kind: 'unresolved',
      what: `events of the type ${type}`,
      why: /pubsub/.test(type)
        ? 'Eventarc makes a topic of its own for them'
        : 'their source is no channel that is read',
      role: 'receive',
      at: node.at,
    });
    return;
  }
  const source =
    transport === undefined
      ? gathering.target(node, bucket, 'google_storage_bucket')
      : gathering.target(node, transport, 'google_pubsub_topic');
  if (byName !== null) declareService(gathering, byName);
  const failure = triggerFailure(node, true, { kind: 'default' }, 'eventarc-trigger');
  gathering.add(node, {
    kind: 'receive',
    service: byName === null ? service.ref : gathering.refTo(node, byName),
    channel: source.ref,
    subscription: null,
    schemas: [],
    failure,
    settings: NO_SETTINGS,
    confidence: 'declared',
    why: `trigger ${node.name}`,
    at: node.at,
  });
}

/** Triggers name a Cloud Run service by its name. */
function runByName(gathering: Gathering, node: Node, target: Value | undefined): Node | null {
  const name = target === undefined ? null : textOf(target);
  if (name === null) return null;
  return (
    ['google_cloud_run_service', 'google_cloud_run_v2_service']
      .flatMap((type) => gathering.ofType(type, node.instance))
      .find((one) => textOf(one.attribute('name') ?? text(one, '')) === name) ?? null
  );
}

/** A job of the scheduler that publishes: a source of its own that routes to the topic. */
function readJob(gathering: Gathering, node: Node): void {
  const [target] = node.blocks('pubsub_target');
  if (target === undefined) return;
  gathering.imply(node, { broker: 'scheduler', kind: 'other', name: 'name', implied: true });
  const from: Target = { ref: { kind: 'key', key: node.key }, carrier: null, node: null, service: null };
  route(
    gathering,
    node,
    from,
    gathering.target(node, target.body.attribute('topic_name'), 'google_pubsub_topic'),
    null,
    built(node, 'not-applicable', 'the scheduler publishes and is done'),
    NO_SETTINGS,
    `job ${node.name}`,
  );
}

function text(node: Node, value: string): Value {
  return { kind: 'literal', value, at: { file: node.file, start: node.block.start, end: node.block.end } };
}

/** Where a deployable names the service account that it runs as. */
const ACCOUNTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['google_cloud_run_v2_service', ['template', 'service_account']],
  ['google_cloud_run_v2_job', ['template', 'template', 'service_account']],
  ['google_cloud_run_service', ['template', 'spec', 'service_account_name']],
  ['google_cloudfunctions2_function', ['service_config', 'service_account_email']],
  ['google_cloudfunctions_function', ['service_account_email']],
]);

/**
 * Who may publish: a service account with the publisher role on a topic, where one deployable alone runs as it. Pub/Sub's own agent publishes failed
 * messages and is no producer.
 */
export function readPublishers(gathering: Gathering): void {
  const byAccount = new Map<Node, Node[]>();
  for (const node of gathering.nodes) {
    const path = ACCOUNTS.get(node.type);
    if (path === undefined || node.isData) continue;
    let body: Body | undefined = node;
    for (const type of path.slice(0, -1)) body = body?.blocks(type)[0]?.body;
    const value = body?.attribute(path.at(-1) ?? '');
    const account = value === undefined ? null : accountOf(value);
    if (account !== null) byAccount.set(account, [...(byAccount.get(account) ?? []), node]);
  }
  for (const node of gathering.nodes) {
    if (!/^google_pubsub_topic_iam_(?:member|binding)$/.test(node.type) || node.isData) continue;
    const role = textOf(node.attribute('role') ?? text(node, '')) ?? '';
    if (role !== 'roles/pubsub.publisher' && role !== 'roles/pubsub.editor') continue;
    const topic = gathering.target(node, node.attribute('topic'), 'google_pubsub_topic');
    const members = node.attribute('member') ?? node.attribute('members');
    for (const member of members?.kind === 'list' ? members.items : members === undefined ? [] : [members]) {
      const account = accountOf(member);
      const services = account === null ? [] : (byAccount.get(account) ?? []);
      const [service] = services;
      if (service === undefined || services.length > 1) continue;
      // An editor may read too: one that does is a consumer.
      const reads = gathering
        .consumptionsOf(service)
        .some(
          ({ file, declaration }) => topic.node !== null && gathering.nodeAt(file, declaration.channel) === topic.node,
        );
      if (reads && role === 'roles/pubsub.editor') continue;
      declareService(gathering, service);
      gathering.add(node, {
        kind: 'send',
        service: gathering.refTo(node, service),
        channel: topic.ref,
        schemas: [],
        confidence: 'inferred',
        why: `its service account has ${role}`,
        at: node.at,
      });
    }
  }
}

/** The service account that a value means, by its email or as a member. */
function accountOf(value: Value): Node | null {
  if (value.kind === 'node') return value.node.type === 'google_service_account' ? value.node : null;
  if (value.kind !== 'text') return null;
  for (const part of value.parts) {
    const found = typeof part === 'string' ? null : accountOf(part);
    if (found !== null) return found;
  }
  return null;
}
