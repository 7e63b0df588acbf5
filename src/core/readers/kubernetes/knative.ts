// Knative Eventing: Broker, Trigger, Channel, Subscription, Sequence, Parallel, sources, SinkBinding, KafkaSink → channels and edges.
// Events that a subscriber's reply puts back on a broker are not declared anywhere and so not read.
import type { FailureFacts, Ref } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import { CLOUD_EVENT_SPACE } from '../../syntax/cloud-events.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, get, getIn, itemsOf } from '../../syntax/data.ts';
import { nameOf, namespaceHosts, plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { DeliveryDefaults, Destination } from './delivery.ts';
import { brokerChannel, deliveryFailure, destinationOf, formOf } from './delivery.ts';
import type { Gathering } from './gathering.ts';
import {
  WORKSPACE,
  declareChannel,
  handleOf,
  labelOf,
  noteUnresolved,
  ownName,
  plainFailure,
  serviceOf,
  settingsOf,
  textOfName,
  placeOf,
} from './gathering.ts';

const NO_SINK = 'no delivery.deadLetterSink';
/** What the eventing configuration of a release gives brokers that have no delivery of their own: 10 retries. */
const BROKER: DeliveryDefaults = { attempts: 11, backoff: 'exponential', why: NO_SINK, inherits: false };
const ONCE: DeliveryDefaults = { attempts: 1, backoff: 'none', why: NO_SINK, inherits: false };
const INHERITED: DeliveryDefaults = { attempts: null, backoff: 'unknown', why: NO_SINK, inherits: true };

/** Reads one object; anything that is no Knative object is left alone. */
export function readKnative(gathering: Gathering, object: ManifestObject): void {
  const { group, kind } = object;
  if (object.name === '' && object.open === null) return;
  if (group === 'eventing.knative.dev') {
    if (kind === 'Broker') readBroker(gathering, object);
    else if (kind === 'Trigger') readTrigger(gathering, object);
    else if (kind === 'KafkaSink') readKafkaSink(gathering, object);
    return;
  }
  if (group === 'messaging.knative.dev') {
    if (kind === 'Subscription') readSubscription(gathering, object);
    else if (kind.endsWith('Channel')) readChannel(gathering, object);
    return;
  }
  if (group === 'flows.knative.dev') {
    if (kind === 'Sequence') readSequence(gathering, object);
    else if (kind === 'Parallel') readParallel(gathering, object);
    return;
  }
  if (kind === 'SinkBinding') readSinkBinding(gathering, object);
  else if (kind === 'ContainerSource') readContainerSource(gathering, object);
  else if (kind.endsWith('Source')) readSource(gathering, object);
}

function readBroker(gathering: Gathering, object: ManifestObject): void {
  const failure = deliveryFailure(
    gathering,
    object,
    get(object.spec, 'delivery'),
    handleOf(object, ['spec'], 'knative-delivery'),
    BROKER,
  );
  declareKnative(gathering, object, failure);
}

function readChannel(gathering: Gathering, object: ManifestObject): void {
  const failure = deliveryFailure(
    gathering,
    object,
    get(object.spec, 'delivery'),
    handleOf(object, ['spec'], 'knative-delivery'),
    ONCE,
  );
  declareKnative(gathering, object, failure);
}

function declareKnative(
  gathering: Gathering,
  object: ManifestObject,
  failure: FailureFacts | null,
  platformSource = false,
): Ref {
  return declareChannel(gathering, {
    key: `${labelOf(object)} ${object.namespace}`,
    name: ownName(object),
    logicalId: textOfName(ownName(object)),
    ...formOf(object.kind),
    scope: { kind: 'workspace', hosts: namespaceHosts(object.namespace) },
    failure,
    platformSource,
    settings: settingsOf(gathering, get(object.spec, 'delivery')),
    at: object.at,
  });
}

function readTrigger(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const broker = get(spec, 'broker');
  const subscriber = get(spec, 'subscriber');
  // A patch of a Trigger names neither or only what it changes.
  if (broker === undefined && (subscriber === undefined || isPatch(gathering))) return;
  const name =
    broker === undefined ? ({ kind: 'literal', value: 'default' } as const) : nameOf(gathering.manifest.file, broker);
  if (name === null) return;
  const target = destinationOf(gathering, object, subscriber);
  if (target === null) {
    if (!isPatch(gathering))
      noteUnresolved(gathering, `the subscriber of ${labelOf(object)}`, 'the Trigger names none', 'receive', object.at);
    return;
  }
  const from = brokerChannel(name, object.namespace);
  const filter = filterText(spec);
  deliver(gathering, {
    object,
    from,
    to: target,
    subscription: ownName(object),
    failure: deliveryFailure(
      gathering,
      object,
      get(spec, 'delivery'),
      handleOf(object, ['spec'], 'knative-delivery'),
      INHERITED,
    ),
    delivery: get(spec, 'delivery'),
    why: filter === '' ? labelOf(object) : `${labelOf(object)} for ${filter}`,
    schemas: wantedSchemas(spec),
  });
}

/** Schemas of the one type of event that a Trigger asks for by name, where a file describes it. */
function wantedSchemas(spec: DataNode | undefined): readonly Ref[] {
  const filters = itemsOf(get(spec, 'filters'));
  const attributes =
    filters.length > 0
      ? filters.map((filter) => get(filter, 'exact'))
      : [get(get(spec, 'filter'), 'attributes') ?? getIn(spec, ['filter', 'sourceAndType'])];
  const types = new Set(attributes.flatMap((one) => plainText(get(one, 'type')) ?? []).filter((text) => text !== ''));
  const [type, ...others] = types;
  if (type === undefined || others.length > 0) return [];
  return [{ kind: 'import', space: CLOUD_EVENT_SPACE, name: { kind: 'literal', value: type }, text: type }];
}

/** Partial objects that an overlay lays over a base. */
function isPatch(gathering: Gathering): boolean {
  return /(?:^|\/)(?:overlays?|patch(?:es)?)\/|patch[^/]*$/i.test(gathering.manifest.file.path);
}

/** The attributes that a Trigger wants: a lone `type` stands for itself. Empty where every event passes. */
function filterText(spec: DataNode | undefined): string {
  const filter = get(spec, 'filter');
  const attributes = entriesOf(get(filter, 'attributes') ?? get(filter, 'sourceAndType'));
  const filters = itemsOf(get(spec, 'filters'));
  const words =
    filters.length > 0
      ? filters.map((one) => dialectText(one)).filter((text) => text !== '')
      : attributes.flatMap(({ key, value }) => {
          const text = plainText(value);
          return text === undefined || text === '' ? [] : [`${key}=${text}`];
        });
  const [only] = words;
  return words.length === 1 && only?.startsWith('type=') ? only.slice(5) : words.join(', ');
}

/** One filter of the newer form: `exact`, `prefix`, `suffix`, `all`, `any`, `not`, `cesql`. */
function dialectText(filter: DataNode, depth = 0): string {
  const [entry] = entriesOf(filter);
  if (entry === undefined || depth > 6) return '';
  const { key, value } = entry;
  const pairs = (form: (attribute: string, text: string) => string): string =>
    entriesOf(value)
      .map((pair) => form(pair.key, plainText(pair.value) ?? '…'))
      .join(', ');
  switch (key) {
    case 'exact':
      return pairs((attribute, text) => `${attribute}=${text}`);
    case 'prefix':
      return pairs((attribute, text) => `${attribute}=${text}*`);
    case 'suffix':
      return pairs((attribute, text) => `${attribute}=*${text}`);
    case 'all':
      return itemsOf(value)
        .map((item) => dialectText(item, depth + 1))
        .join(', ');
    case 'any':
      return itemsOf(value)
        .map((item) => dialectText(item, depth + 1))
        .join(' | ');
    case 'not':
      return `not ${dialectText(value, depth + 1)}`;
    case 'cesql':
    case 'sql':
      return plainText(value) ?? '';
    default:
      return '';
  }
}

interface Delivery {
  readonly object: ManifestObject;
  readonly from: Ref;
  readonly to: Destination;
  readonly subscription: Name | null;
  readonly failure: FailureFacts;
  readonly delivery?: DataNode | undefined;
  readonly why: string;
  readonly schemas?: readonly Ref[];
  readonly at?: Location;
}

/** One delivery: a service receives, a channel is forwarded to, and what cannot be known is said. */
function deliver(
  gathering: Gathering,
  { object, from, to, subscription, failure, delivery, why, ...rest }: Delivery,
): void {
  const place = rest.at ?? object.at;
  const settings = settingsOf(gathering, delivery);
  switch (to.kind) {
    case 'service':
      gathering.declarations.push({
        kind: 'receive',
        service: to.ref,
        channel: from,
        subscription,
        schemas: rest.schemas ?? [],
        failure,
        settings,
        confidence: 'declared',
        why,
        at: place,
      });
      return;
    case 'channel':
      gathering.declarations.push({
        kind: 'route',
        from,
        to: to.ref,
        subscription,
        failure,
        settings,
        confidence: 'declared',
        why,
        at: place,
      });
      return;
    case 'unknown':
      noteUnresolved(gathering, to.text, to.reason, 'receive', to.at);
  }
}

/** What a subscriber answers goes on: it sends to the reply's channel, or the reply's service reads behind it. */
function reply(
  gathering: Gathering,
  object: ManifestObject,
  from: Ref,
  replier: Destination | null,
  to: Destination | null,
  label: string,
): void {
  if (to === null) return;
  if (to.kind === 'channel' && replier?.kind === 'service') {
    gathering.declarations.push({
      kind: 'send',
      service: replier.ref,
      channel: to.ref,
      schemas: [],
      confidence: 'declared',
      why: `reply of ${labelOf(object)}`,
      at: to.at,
    });
    return;
  }
  const failure = plainFailure(
    { kind: 'not-applicable', why: 'the delivery before it decides' },
    handleOf(object, ['spec'], 'none'),
    { retry: { kind: 'not-applicable' } },
  );
  deliver(gathering, {
    object,
    from,
    to,
    subscription: { kind: 'literal', value: label },
    failure,
    why: `reply of ${labelOf(object)}`,
    at: to.at,
  });
}

function readSubscription(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const channel = destinationOf(gathering, object, get(spec, 'channel'));
  const subscriber = destinationOf(gathering, object, get(spec, 'subscriber'));
  const answer = destinationOf(gathering, object, get(spec, 'reply'));
  if (channel === null) return;
  if (channel.kind !== 'channel') {
    const text = channel.kind === 'unknown' ? channel.text : channel.name;
    const reason = channel.kind === 'unknown' ? channel.reason : `${text} is no kind of channel that is known`;
    noteUnresolved(gathering, text, reason, 'receive', channel.at);
    return;
  }
  const failure = deliveryFailure(
    gathering,
    object,
    get(spec, 'delivery'),
    handleOf(object, ['spec'], 'knative-delivery'),
    INHERITED,
  );
  const subscription = ownName(object);
  if (subscriber !== null)
    deliver(gathering, {
      object,
      from: channel.ref,
      to: subscriber,
      subscription,
      failure,
      delivery: get(spec, 'delivery'),
      why: labelOf(object),
    });
  else if (answer !== null) {
    deliver(gathering, {
      object,
      from: channel.ref,
      to: answer,
      subscription,
      failure,
      why: labelOf(object),
    });
    return;
  } else if (!isPatch(gathering))
    noteUnresolved(
      gathering,
      `the subscriber of ${labelOf(object)}`,
      'the Subscription names none',
      'receive',
      object.at,
    );
  reply(gathering, object, channel.ref, subscriber, answer, `${textOfName(subscription)} reply`);
}

/** A Sequence is one channel: its steps read it one after the other, the last one's answer is its reply. */
function readSequence(gathering: Gathering, object: ManifestObject): void {
  const steps = itemsOf(get(object.spec, 'steps'));
  if (steps.length === 0) return;
  const from = declareKnative(gathering, object, null);
  const shared = getIn(object.spec, ['channelTemplate', 'spec', 'delivery']);
  let last: Destination | null = null;
  for (const [index, step] of steps.entries()) {
    const to = destinationOf(gathering, object, step);
    if (to === null) continue;
    last = to;
    deliver(gathering, {
      object,
      from,
      to,
      subscription: { kind: 'literal', value: `step ${index + 1}` },
      failure: deliveryFailure(
        gathering,
        object,
        get(step, 'delivery') ?? shared,
        { ...handleOf(object, ['spec', 'steps', index], 'knative-delivery'), at: to.at },
        ONCE,
      ),
      why: `step ${index + 1} of ${labelOf(object)}`,
      at: to.at,
    });
  }
  reply(gathering, object, from, last, destinationOf(gathering, object, get(object.spec, 'reply')), 'reply');
}

function readParallel(gathering: Gathering, object: ManifestObject): void {
  const branches = itemsOf(get(object.spec, 'branches'));
  if (branches.length === 0) return;
  const from = declareKnative(gathering, object, null);
  const shared = getIn(object.spec, ['channelTemplate', 'spec', 'delivery']);
  const everyReply = get(object.spec, 'reply');
  for (const [index, branch] of branches.entries()) {
    const subscriber = destinationOf(gathering, object, get(branch, 'subscriber'));
    const filter = destinationOf(gathering, object, get(branch, 'filter'));
    for (const [to, label] of [
      [filter, `branch ${index + 1} filter`],
      [subscriber, `branch ${index + 1}`],
    ] as const) {
      if (to === null) continue;
      deliver(gathering, {
        object,
        from,
        to,
        subscription: { kind: 'literal', value: label },
        failure: deliveryFailure(
          gathering,
          object,
          get(branch, 'delivery') ?? shared,
          { ...handleOf(object, ['spec', 'branches', index], 'knative-delivery'), at: to.at },
          ONCE,
        ),
        why: `${label} of ${labelOf(object)}`,
        at: to.at,
      });
    }
    const answer = destinationOf(gathering, object, get(branch, 'reply') ?? everyReply);
    reply(gathering, object, from, subscriber, answer, `branch ${index + 1} reply`);
  }
}

/** The subject's containers get the sink's address as K_SINK: they send there. */
function readSinkBinding(gathering: Gathering, object: ManifestObject): void {
  const sink = destinationOf(gathering, object, get(object.spec, 'sink'));
  const subject = get(object.spec, 'subject');
  if (sink === null || subject === undefined) return;
  const named = get(subject, 'name');
  const labels = getIn(subject, ['selector', 'matchLabels']);
  const label =
    get(labels, 'app') ?? get(labels, 'app.kubernetes.io/name') ?? get(labels, 'app.kubernetes.io/component');
  const node = named ?? label;
  const name = plainText(node);
  if (node === undefined || name === undefined) {
    noteUnresolved(
      gathering,
      `the subject of ${labelOf(object)}`,
      'its selector names no application that could be told by name',
      'send',
      object.at,
    );
    return;
  }
  sendInto(gathering, object, serviceOf(gathering, name, placeOf(gathering, node)), sink, named === undefined);
}

function readContainerSource(gathering: Gathering, object: ManifestObject): void {
  const sink = destinationOf(gathering, object, get(object.spec, 'sink'));
  if (sink !== null && object.name !== '')
    sendInto(gathering, object, serviceOf(gathering, object.name, object.at), sink, false);
}

/** A service sends to a sink; to a service it does so by the binding itself, which then stands for the channel. */
function sendInto(
  gathering: Gathering,
  object: ManifestObject,
  service: Ref,
  sink: Destination,
  byLabel: boolean,
): void {
  if (sink.kind === 'unknown') {
    noteUnresolved(gathering, sink.text, sink.reason, 'send', sink.at);
    return;
  }
  const channel = sink.kind === 'channel' ? sink.ref : declareKnative(gathering, object, null);
  gathering.declarations.push({
    kind: 'send',
    service,
    channel,
    schemas: [],
    confidence: byLabel ? 'resolved' : 'declared',
    why: labelOf(object),
    at: object.at,
  });
  if (sink.kind === 'service')
    deliver(gathering, {
      object,
      from: channel,
      to: sink,
      subscription: null,
      failure: sourceFailure(object),
      why: `sink of ${labelOf(object)}`,
      at: sink.at,
    });
}

/** Workloads that are given the address of a broker's ingress in their environment send there. */
export function readEnvironment(gathering: Gathering, object: ManifestObject): void {
  const pod =
    getIn(object.spec, ['jobTemplate', 'spec', 'template', 'spec']) ?? getIn(object.spec, ['template', 'spec']);
  if (object.name === '') return;
  for (const container of itemsOf(get(pod, 'containers')))
    for (const variable of itemsOf(get(container, 'env'))) {
      const value = get(variable, 'value');
      const text = plainText(value);
      const [, namespace, broker] =
        /^https?:\/\/(?:kafka-)?broker-ingress\.[\w-]+(?:\.svc(?:\.cluster\.local)?)?(?::\d+)?\/([\w-]+)\/([\w.-]+)\/?$/.exec(
          text ?? '',
        ) ?? [];
      if (value === undefined || namespace === undefined || broker === undefined) continue;
      gathering.declarations.push({
        kind: 'send',
        service: serviceOf(gathering, object.name, object.at),
        channel: brokerChannel({ kind: 'literal', value: broker }, namespace),
        schemas: [],
        confidence: 'inferred',
        why: `${plainText(get(variable, 'name')) ?? 'a variable'} holds the broker's address`,
        at: placeOf(gathering, value),
      });
    }
}

function sourceFailure(object: ManifestObject): FailureFacts {
  return plainFailure(
    { kind: 'not-applicable', why: `${object.kind} has no dead-letter setting` },
    handleOf(object, ['spec'], 'none'),
    { retry: { kind: 'not-applicable' } },
  );
}

/** A source brings events from outside: Kafka topics and RabbitMQ queues are channels of their own, every other source is one itself. */
function readSource(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const sink = destinationOf(gathering, object, get(spec, 'sink'));
  if (sink === null) return;
  const isKafka = object.kind === 'KafkaSource';
  const failure = isKafka
    ? deliveryFailure(gathering, object, get(spec, 'delivery'), handleOf(object, ['spec'], 'knative-delivery'), {
        attempts: null,
        backoff: 'exponential',
        why: NO_SINK,
        inherits: false,
      })
    : sourceFailure(object);
  const common = { object, to: sink, failure, delivery: get(spec, 'delivery'), why: labelOf(object) };
  if (isKafka) {
    const group = nameOf(gathering.manifest.file, get(spec, 'consumerGroup'));
    // The first version wrote one topic as a text.
    const topics = get(spec, 'topics');
    for (const topic of topics?.kind === 'scalar' ? [topics] : itemsOf(topics)) {
      const name = nameOf(gathering.manifest.file, topic);
      if (name === null) continue;
      const from: Ref = { kind: 'named', broker: 'kafka', channelKind: 'topic', name, scope: WORKSPACE };
      deliver(gathering, { ...common, from, subscription: group, at: placeOf(gathering, topic) });
    }
    return;
  }
  const queue = get(spec, 'queueName') ?? getIn(spec, ['rabbitmqResourcesConfig', 'queueName']);
  const queueName = object.kind === 'RabbitmqSource' ? nameOf(gathering.manifest.file, queue) : null;
  if (queue !== undefined && queueName !== null) {
    const from: Ref = { kind: 'named', broker: 'amqp', channelKind: 'queue', name: queueName, scope: WORKSPACE };
    deliver(gathering, { ...common, from, subscription: null, at: placeOf(gathering, queue) });
    return;
  }
  deliver(gathering, { ...common, from: declareKnative(gathering, object, null, true), subscription: null });
}

/** Events that are sent to a KafkaSink are records of its topic. */
function readKafkaSink(gathering: Gathering, object: ManifestObject): void {
  const node = get(object.spec, 'topic');
  const name = nameOf(gathering.manifest.file, node);
  if (node === undefined || name === null) return;
  gathering.declarations.push({
    kind: 'route',
    from: declareKnative(gathering, object, null),
    to: { kind: 'named', broker: 'kafka', channelKind: 'topic', name, scope: WORKSPACE },
    subscription: null,
    failure: sourceFailure(object),
    settings: new Map(),
    confidence: 'declared',
    why: labelOf(object),
    at: placeOf(gathering, node),
  });
}
