// Resources of the Azure provider: Service Bus, Event Grid, Event Hubs. Every Service Bus queue and subscription has a dead-letter queue of its own.
// Who reads an event hub's consumer group, or a queue, only code knows.
import type { FailureFacts } from '../../model/declaration.ts';
import { duration } from '../../model/aws-failure.ts';
import { literal } from '../../model/name.ts';
import { declareService, route } from './aws.ts';
import { deadLetterAt, handleOf, isTrue, notApplicable } from './failure.ts';
import type { Gathering, Target } from './gathering.ts';
import { NO_SETTINGS, settingsOf } from './gathering.ts';
import type { Node } from './modules.ts';
import type { Value } from './values.ts';
import { display, nameOf, numberOf } from './values.ts';

const QUEUE_SETTINGS = {
  max_delivery_count: 'MaxDeliveryCount',
  lock_duration: 'LockDuration',
  default_message_ttl: 'DefaultMessageTimeToLive',
  dead_lettering_on_message_expiration: 'DeadLetteringOnMessageExpiration',
  forward_dead_lettered_messages_to: 'ForwardDeadLetteredMessagesTo',
  requires_session: 'RequiresSession',
};

export function readAzure(gathering: Gathering, node: Node): void {
  switch (node.type) {
    case 'azurerm_servicebus_queue':
      gathering.channel(node, busFailure(gathering, node, 10), settingsOf(node, QUEUE_SETTINGS));
      forwardTo(gathering, node);
      return;
    case 'azurerm_servicebus_topic':
    case 'azurerm_eventgrid_topic':
    case 'azurerm_eventgrid_domain':
    case 'azurerm_eventgrid_domain_topic':
    case 'azurerm_storage_queue':
    case 'azurerm_eventhub':
      gathering.channel(node, null, NO_SETTINGS);
      return;
    case 'azurerm_servicebus_subscription': {
      const settings = settingsOf(node, QUEUE_SETTINGS);
      gathering.channel(node, null, settings);
      const topic = gathering.target(
        node,
        node.attribute('topic_id') ?? node.attribute('topic_name'),
        'azurerm_servicebus_topic',
      );
      route(
        gathering,
        node,
        topic,
        self(node),
        null,
        busFailure(gathering, node, null),
        settings,
        `subscription ${node.name}`,
      );
      forwardTo(gathering, node);
      return;
    }
    case 'azurerm_eventgrid_event_subscription':
    case 'azurerm_eventgrid_system_topic_event_subscription':
      readEventSubscription(gathering, node);
      return;
    default:
  }
}

function self(node: Node): Target {
  return { ref: { kind: 'key', key: node.key }, carrier: null, node, service: null };
}

function busFailure(gathering: Gathering, node: Node, attempts: number | null): FailureFacts {
  const forwarded = node.attribute('forward_dead_lettered_messages_to');
  const count = node.attribute('max_delivery_count');
  return {
    deadLetter:
      forwarded === undefined
        ? {
            kind: 'built-in',
            why: `Service Bus gives every ${node.type.endsWith('queue') ? 'queue' : 'subscription'} a dead-letter queue`,
          }
        : deadLetterAt(gathering, node, forwarded, 'azurerm_servicebus_queue'),
    attempts: count === undefined ? attempts : numberOf(count),
    backoff: 'none',
    then: 'dead-letters',
    story: '',
    retry: { kind: 'default' },
    handle: handleOf(node, 'servicebus'),
  };
}

/** Messages that are passed on to another queue or topic of the namespace. */
function forwardTo(gathering: Gathering, node: Node): void {
  const next = node.attribute('forward_to');
  if (next === undefined) return;
  const queue = gathering.target(node, next, 'azurerm_servicebus_queue');
  const target = queue.node === null ? gathering.target(node, next, 'azurerm_servicebus_topic') : queue;
  route(
    gathering,
    node,
    self(node),
    target.node === null ? queue : target,
    null,
    notApplicable(node, 'what cannot be forwarded goes to the dead-letter queue of its source'),
    NO_SETTINGS,
    `forward_to of ${node.name}`,
  );
}

function readEventSubscription(gathering: Gathering, node: Node): void {
  const source = gathering.target(
    node,
    node.attribute('scope') ?? node.attribute('system_topic'),
    'azurerm_eventgrid_system_topic',
  );
  const failure = gridFailure(node);
  const settings = settingsOf(node.blocks('retry_policy')[0]?.body ?? node, {
    max_delivery_attempts: 'MaxDeliveryAttempts',
    event_time_to_live: 'EventTimeToLive',
  });
  const name = node.attribute('name');
  const subscription = name === undefined ? literal(node.address) : nameOf(name);
  const why = `event subscription ${node.name}`;
  for (const [argument, type] of [
    ['service_bus_queue_endpoint_id', 'azurerm_servicebus_queue'],
    ['service_bus_topic_endpoint_id', 'azurerm_servicebus_topic'],
    ['eventhub_endpoint_id', 'azurerm_eventhub'],
  ] as const) {
    const endpoint = node.attribute(argument);
    if (endpoint !== undefined)
      route(gathering, node, source, gathering.target(node, endpoint, type), subscription, failure, settings, why);
  }
  const queue = node.blocks('storage_queue_endpoint')[0]?.body.attribute('queue_name');
  if (queue !== undefined)
    route(
      gathering,
      node,
      source,
      gathering.target(node, queue, 'azurerm_storage_queue'),
      subscription,
      failure,
      settings,
      why,
    );
  const code: Value | undefined =
    node.blocks('azure_function_endpoint')[0]?.body.attribute('function_id') ??
    node.blocks('webhook_endpoint')[0]?.body.attribute('url');
  if (code === undefined) return;
  const service = gathering.service(node, code, true);
  if (service.ref.kind === 'unknown') {
    gathering.add(node, {
      kind: 'unresolved',
      what: `the endpoint ${display(code)}`,
      why: service.ref.kind === 'unknown' ? service.ref.reason : 'it is outside of these files',
      role: 'receive',
      at: node.at,
    });
    return;
  }
  if (service.node !== null) declareService(gathering, service.node);
  gathering.add(node, {
    kind: 'receive',
    service: service.ref,
    channel: source.ref,
    subscription,
    schemas: [],
    failure,
    settings,
    confidence: 'declared',
    why,
    at: node.at,
  });
}

/** Event Grid tries 30 times within 24 hours unless told otherwise, and drops what then is left. */
function gridFailure(node: Node): FailureFacts {
  const [retry] = node.blocks('retry_policy');
  const attempts = retry?.body.attribute('max_delivery_attempts');
  const life = retry?.body.attribute('event_time_to_live');
  const count = retry?.maybe === true ? null : attempts === undefined ? 30 : numberOf(attempts);
  const minutes = retry?.maybe === true ? null : life === undefined ? 1440 : numberOf(life);
  const base = {
    attempts: count,
    backoff: 'exponential',
    retry: { kind: retry === undefined ? 'default' : 'configured' },
    handle: handleOf(node, 'eventgrid-subscription'),
  } as const;
  const [destination] = node.blocks('storage_blob_dead_letter_destination');
  if (destination?.maybe === true)
    return {
      ...base,
      then: 'unknown',
      story: '',
      deadLetter: {
        kind: 'unknown',
        why: 'whether it has a dead-letter destination depends on values of the deployment',
      },
    };
  if (destination !== undefined) {
    const container = destination.body.attribute('storage_blob_container_name');
    return {
      ...base,
      then: 'dead-letters',
      story: '',
      deadLetter: {
        kind: 'built-in',
        why: `what fails goes to the blob container ${container === undefined ? '' : display(container)}`,
      },
    };
  }
  return {
    ...base,
    then: 'drops',
    story: `is dropped after ${count ?? 'its'} tries${minutes === null ? '' : ` within ${duration(minutes * 60)}`}, or at once where the endpoint refuses it`,
    deadLetter: { kind: 'missing', why: 'no storage_blob_dead_letter_destination' },
  };
}

/** Resources of brokers that are no cloud's own: Kafka topics, RabbitMQ queues, exchanges and bindings. */
export function readBrokers(gathering: Gathering, node: Node): void {
  switch (node.type) {
    case 'confluent_kafka_topic':
    case 'kafka_topic':
    case 'aiven_kafka_topic':
    case 'google_managed_kafka_topic':
      gathering.channel(
        node,
        null,
        settingsOf(node, {
          partitions: 'partitions',
          partitions_count: 'partitions',
          replication_factor: 'replicationFactor',
        }),
      );
      return;
    case 'rabbitmq_exchange':
      gathering.channel(node, null, NO_SETTINGS);
      return;
    case 'rabbitmq_queue':
      gathering.channel(node, rabbitFailure(gathering, node), NO_SETTINGS);
      return;
    case 'rabbitmq_binding': {
      const key = node.attribute('routing_key');
      const toExchange = display(node.attribute('destination_type') ?? textValue(node)) === 'exchange';
      route(
        gathering,
        node,
        gathering.target(node, node.attribute('source'), 'rabbitmq_exchange'),
        gathering.target(node, node.attribute('destination'), toExchange ? 'rabbitmq_exchange' : 'rabbitmq_queue'),
        key === undefined ? null : nameOf(key),
        notApplicable(node, 'a binding delivers within the broker'),
        NO_SETTINGS,
        `binding ${node.name}`,
      );
      return;
    }
    default:
  }
}

function textValue(node: Node): Value {
  return { kind: 'literal', value: 'queue', at: { file: node.file, start: node.block.start, end: node.block.end } };
}

function rabbitFailure(gathering: Gathering, node: Node): FailureFacts {
  const [settings] = node.blocks('settings');
  const written = settings?.body.attribute('arguments');
  const base = { backoff: 'none', retry: { kind: 'default' }, handle: handleOf(node, 'rabbitmq-queue') } as const;
  const unknown = (why: string): FailureFacts => ({
    ...base,
    attempts: null,
    then: 'unknown',
    story: '',
    deadLetter: { kind: 'unknown', why },
  });
  if (settings?.body.attribute('arguments_json') !== undefined || (written !== undefined && written.kind !== 'object'))
    return unknown('its arguments are not written out here');
  const entries = written?.kind === 'object' ? written.entries : new Map<string, Value>();
  const exchange = entries.get('x-dead-letter-exchange');
  const limit = numberOf(entries.get('x-delivery-limit'));
  if (exchange !== undefined)
    return {
      ...base,
      attempts: limit,
      then: 'dead-letters',
      story: '',
      deadLetter: deadLetterAt(gathering, node, exchange, 'rabbitmq_exchange'),
    };
  // A policy of the broker may give it one.
  if (gathering.ofType('rabbitmq_policy', node.instance).length > 0)
    return unknown('a policy of the broker may give it a dead-letter exchange');
  return {
    ...base,
    attempts: limit,
    then: isTrue(settings?.body.attribute('auto_delete')) ? 'unknown' : 'drops',
    story: 'is dropped when it is rejected, or comes back at once where it is requeued',
    deadLetter: { kind: 'missing', why: 'no x-dead-letter-exchange' },
  };
}
