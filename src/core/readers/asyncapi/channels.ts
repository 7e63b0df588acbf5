// Channels and servers of a document → channel declarations. The address is the broker's own name unless a binding gives that name itself
// (kafka `topic`, sqs `queue.name`, sns `name`, amqp `queue.name`, a fanout exchange). Addresses keep their `{parameters}`.
import type { Ref, Scope, Setting } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { Broker, ChannelKind } from '../../model/topology.ts';
import type { DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, keyLocation, stringOf, textOf } from '../../syntax/data.ts';
import type { Here, Path } from '../../syntax/json-reference.ts';
import { keyOf, parseReference, referenceOf } from '../../syntax/json-reference.ts';
import { brokerOf, chooseBroker, hostsOf, UNKNOWN_BROKER, usualKind } from './brokers.ts';
import type { Context } from './context.ts';
import { at, here, locationOfNode, need, placeOf, unresolved } from './context.ts';
import { queueFailure } from './failure.ts';
import { payloadsOf, payloadsOfAll, unique } from './messages.ts';

/** A server as far as it says who carries a channel. */
export interface Server {
  readonly name: string;
  readonly broker: Broker | null;
  readonly hosts: readonly string[];
}

/** A channel that the document declares, as its operations need it. */
export interface Channel {
  readonly ref: Ref;
  readonly broker: Broker;
  readonly kind: ChannelKind;
  readonly scope: Scope;
  /** What to call it in sentences. */
  readonly label: string;
  /** Where the channel stands in this file; null where it stands in another one. */
  readonly path: Path | null;
  /** Payloads of all its messages. */
  readonly schemas: readonly Ref[];
  /** Whether its own binding decides on dead-lettering. */
  readonly decides: boolean;
}

/** The servers of a document by name. */
export function readServers(context: Context): readonly Server[] {
  const servers = here(context, ['servers']);
  return entriesOf(servers?.node).map((entry) => readServer(context, [...(servers?.path ?? []), entry.key], entry));
}

function readServer(context: Context, path: Path, entry: DataEntry): Server {
  const server = at(context, path);
  if (server.kind !== 'here') {
    unresolved(
      context,
      `server ${entry.key}`,
      server.kind === 'there' ? 'its protocol and host stand in another file' : server.why,
      'other',
      keyLocation(context.file, entry),
    );
    return { name: entry.key, broker: null, hosts: [] };
  }
  const address = stringOf(get(server.node, 'host')) ?? stringOf(get(server.node, 'url')) ?? '';
  const written = textOf(get(server.node, 'protocol')) ?? /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1];
  const variable = written === undefined ? undefined : /^\{(.*)\}$/.exec(written)?.[1];
  const protocol = variable === undefined ? written : textOf(getIn(server.node, ['variables', variable, 'default']));
  return {
    name: entry.key,
    broker: protocol === undefined || protocol === '' ? null : brokerOf(protocol),
    hosts: hostsOf(address),
  };
}

/** Servers that a channel names, else all of them. */
function serversOf(channel: DataNode | undefined, servers: readonly Server[]): readonly Server[] {
  const named = new Set(
    itemsOf(get(channel, 'servers')).flatMap((item) => {
      const text = stringOf(item) ?? stringOf(referenceOf(item));
      return text === undefined ? [] : [text.slice(text.lastIndexOf('/') + 1)];
    }),
  );
  const chosen = servers.filter((server) => named.has(server.name));
  return chosen.length > 0 ? chosen : servers;
}

interface Carrier {
  readonly broker: Broker;
  readonly scope: Scope;
}

function carrierOf(channel: DataNode | undefined, servers: readonly Server[], bindings: readonly Broker[]): Carrier {
  const used = serversOf(channel, servers);
  const broker = chooseBroker(
    [...new Set(used.flatMap((server) => (server.broker === null ? [] : [server.broker])))],
    bindings,
  );
  const hosts = [
    ...new Set(
      used.filter((server) => server.broker === broker || server.broker === null).flatMap((server) => server.hosts),
    ),
  ].sort();
  return { broker, scope: { kind: 'workspace', hosts } };
}

/** Brokers that the bindings under a node speak of, in the file's order. */
export function bindingsOf(context: Context, path: Path): readonly Broker[] {
  const bindings = here(context, [...path, 'bindings']);
  return entriesOf(bindings?.node).flatMap((entry) => (entry.key.startsWith('x-') ? [] : [brokerOf(entry.key)]));
}

/** Declares the channel at a path under `key`. `hints` are brokers that its operations' bindings speak of. */
export function declareChannel(
  context: Context,
  key: string,
  path: Path,
  entry: DataEntry,
  servers: readonly Server[],
  hints: readonly Broker[],
): Channel | null {
  const place = keyLocation(context.file, entry);
  const channel = at(context, path);
  if (channel.kind === 'refused' || channel.kind === 'nowhere') {
    unresolved(
      context,
      channel.text,
      channel.why,
      'other',
      channel.ref === null ? place : locationOfNode(context, channel.ref),
    );
    return null;
  }
  if (channel.kind === 'there') {
    need(context, channel);
    const carrier = carrierOf(undefined, servers, hints);
    const { broker, scope } = carrier;
    const kind = usualKind(broker);
    const address =
      context.version === 2
        ? literal(entry.key)
        : ({ kind: 'symbol', module: channel.module, path: [`${channel.key}/address`] } as const);
    const schemas: readonly Ref[] =
      context.version === 2 ? [] : [{ kind: 'file', file: channel.file, key: `${channel.key}/messages` }];
    if (context.version === 2)
      unresolved(context, `operations of ${entry.key}`, 'they stand in another file', 'other', place);
    const foreign: Ref = { kind: 'file', file: channel.file, key: channel.key };
    // Without servers of its own the document cannot say who carries the channel; the document that the channel belongs to can.
    if (broker === UNKNOWN_BROKER && context.version === 3)
      return { ref: foreign, broker, kind, scope, label: entry.key, path: null, schemas, decides: false };
    context.declarations.push({
      kind: 'channel',
      key,
      name: address,
      logicalId: entry.key,
      broker,
      channelKind: kind,
      scope,
      group: null,
      platformSource: false,
      deadLetter: false,
      failure: null,
      settings: new Map(),
      schemas,
      at: place,
    });
    return { ref: { kind: 'key', key }, broker, kind, scope, label: entry.key, path: null, schemas, decides: false };
  }

  const own = bindingsOf(context, channel.path);
  const { broker, scope } = carrierOf(channel.node, servers, own.length > 0 ? own : hints);
  const written = context.version === 2 ? entry.key : addressOf(channel.node, entry.key);
  const shape = shapeOf(context, channel, broker, written);
  const open = shape.name === null ? whyOpen(channel.node, written, context.version) : null;
  const name: Name | null =
    shape.name !== null
      ? literal(shape.name)
      : written === null
        ? null
        : { kind: 'unknown', text: written, reason: open ?? '' };
  const schemas = schemasOf(context, channel, entry.key);
  const queue = broker === 'sqs' ? here(context, [...channel.path, 'bindings', 'sqs', 'queue']) : undefined;
  const failure =
    queue?.node.kind === 'map' && queue.node.entries.length > 0 ? queueFailure(context, queue, place, scope) : null;
  context.declarations.push({
    kind: 'channel',
    key,
    name,
    logicalId: entry.key,
    broker,
    channelKind: shape.kind,
    scope,
    group: null,
    platformSource: false,
    deadLetter: false,
    failure,
    settings: settingsOf(context, channel, broker),
    schemas,
    at: place,
  });
  if (open !== null) unresolved(context, `address of ${entry.key}`, open, 'other', place);
  if (broker === 'sqs') declareDeadLetterQueue(context, channel, scope);
  return {
    ref: { kind: 'key', key },
    broker,
    kind: shape.kind,
    scope,
    label: shape.name ?? written ?? entry.key,
    path: channel.path,
    schemas,
    decides: failure !== null,
  };
}

/** The address; where none is written, a key that is shaped like one (`parcel.shipped`, `light/measured`) is what people mean. Null: not to be known. */
function addressOf(channel: DataNode, key: string): string | null {
  const address = textOf(get(channel, 'address'));
  if (address !== undefined) return address;
  return entryOf(channel, 'address') === undefined && /[^./][./][^./]/.test(key) ? key : null;
}

/** Why an address is no name; null where it is one. */
function whyOpen(channel: DataNode, address: string | null, version: 2 | 3): string {
  if (address !== null) return 'it is made of parameters alone, known at run time only';
  return version === 3 && entryOf(channel, 'address') !== undefined
    ? 'it is null: known at run time only'
    : 'none is written, so it is known at run time only';
}

interface Shape {
  readonly kind: ChannelKind;
  /** The name that the broker knows; null where it is not to be known. */
  readonly name: string | null;
}

/** What the channel is at its broker, by its binding. */
function shapeOf(context: Context, channel: Here, broker: Broker, address: string | null): Shape {
  const kind = usualKind(broker);
  const known = address === null || address === '' || /^(?:\{[^{}]*\}[./_:-]?)+$/.test(address) ? null : address;
  const binding = (...path: readonly string[]): DataNode | undefined =>
    here(context, [...channel.path, 'bindings', ...path])?.node;
  const text = (...path: readonly string[]): string | null => stringOf(binding(...path)) || null;
  const word: string = broker;
  switch (word) {
    case 'kafka':
      return { kind, name: text('kafka', 'topic') ?? known };
    case 'sqs':
      return { kind, name: text('sqs', 'queue', 'name') ?? known };
    case 'sns':
      return { kind, name: text('sns', 'name') ?? known };
    case 'amqp': {
      if (binding('amqp') === undefined || text('amqp', 'is') === 'queue')
        return { kind: 'queue', name: text('amqp', 'queue', 'name') ?? known };
      const exchange = stringOf(binding('amqp', 'exchange', 'name'));
      // The default exchange routes to the queue that the key names.
      if (exchange === '' || text('amqp', 'exchange', 'type') === 'default') return { kind: 'queue', name: known };
      return {
        kind: 'exchange',
        name: text('amqp', 'exchange', 'type') === 'fanout' && exchange !== undefined ? exchange : known,
      };
    }
    case 'jms':
      return {
        kind: text('jms', 'destinationType') === 'topic' ? 'topic' : 'queue',
        name: text('jms', 'destination') ?? known,
      };
    case 'ibmmq':
      return text('ibmmq', 'destinationType') === 'queue'
        ? { kind: 'queue', name: text('ibmmq', 'queue', 'objectName') ?? known }
        : { kind: 'topic', name: text('ibmmq', 'topic', 'string') ?? known };
    case 'anypointmq':
      return {
        kind: text('anypointmq', 'destinationType') === 'exchange' ? 'exchange' : 'queue',
        name: text('anypointmq', 'destination') ?? known,
      };
    case 'pubsub':
      return {
        kind,
        name: (text('googlepubsub', 'topic') ?? known)?.replace(/^projects\/[^/]+\/topics\//, '') ?? null,
      };
    default:
      return { kind, name: known };
  }
}

/** Binding keys that later rules compare, in AWS's words where the binding paraphrases them. */
const SETTINGS: ReadonlyMap<Broker, readonly (readonly [name: string, path: readonly string[]])[]> = new Map<
  Broker,
  readonly (readonly [string, readonly string[]])[]
>([
  [
    'sqs',
    [
      ['VisibilityTimeout', ['sqs', 'queue', 'visibilityTimeout']],
      ['MessageRetentionPeriod', ['sqs', 'queue', 'messageRetentionPeriod']],
      ['FifoQueue', ['sqs', 'queue', 'fifoQueue']],
      ['DelaySeconds', ['sqs', 'queue', 'deliveryDelay']],
      ['maxReceiveCount', ['sqs', 'queue', 'redrivePolicy', 'maxReceiveCount']],
    ],
  ],
  ['sns', [['FifoTopic', ['sns', 'ordering', 'type']]]],
  [
    'kafka',
    [
      ['partitions', ['kafka', 'partitions']],
      ['replicas', ['kafka', 'replicas']],
      ['retention.ms', ['kafka', 'topicConfiguration', 'retention.ms']],
    ],
  ],
  [
    'amqp',
    [
      ['exchange', ['amqp', 'exchange', 'name']],
      ['exchange type', ['amqp', 'exchange', 'type']],
      ['durable', ['amqp', 'queue', 'durable']],
      ['exclusive', ['amqp', 'queue', 'exclusive']],
    ],
  ],
]);

function settingsOf(context: Context, channel: Here, broker: Broker): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const [name, path] of SETTINGS.get(broker) ?? []) {
    const node = here(context, [...channel.path, 'bindings', ...path])?.node;
    if (node?.kind === 'scalar') settings.set(name, { value: node.value, at: locationOfNode(context, node) });
  }
  const parameters = here(context, [...channel.path, 'parameters']);
  for (const entry of entriesOf(parameters?.node)) {
    const parameter = here(context, [...(parameters?.path ?? []), entry.key])?.node;
    const schema = get(parameter, 'schema') ?? parameter;
    const values = itemsOf(get(schema, 'enum')).flatMap((item) => textOf(item) ?? []);
    const value =
      values.length > 0 ? values.join(' | ') : (textOf(get(schema, 'default')) ?? textOf(get(parameter, 'location')));
    if (value !== undefined) settings.set(`parameter ${entry.key}`, { value, at: keyLocation(context.file, entry) });
  }
  return settings;
}

function schemasOf(context: Context, channel: Here, label: string): readonly Ref[] {
  if (context.version === 3) return payloadsOfAll(context, [...channel.path, 'messages'], label);
  return unique(
    ['publish', 'subscribe'].flatMap((verb) => payloadsOf(context, [...channel.path, verb, 'message'], label)),
  );
}

/** The dead-letter queue that an sqs channel binding defines beside its queue. */
function declareDeadLetterQueue(context: Context, channel: Here, scope: Scope): void {
  const queue = here(context, [...channel.path, 'bindings', 'sqs', 'deadLetterQueue']);
  if (queue !== undefined) declareQueue(context, queue, scope, true);
}

/** Declares a Queue Object of the sqs binding, or nothing where it has no name. */
export function declareQueue(
  context: Context,
  queue: Here,
  scope: Scope,
  deadLetter: boolean,
): { readonly key: string; readonly name: string } | null {
  const name = stringOf(get(queue.node, 'name'));
  if (name === undefined || name === '') return null;
  const key = keyOf(queue.path);
  const place: Location =
    queue.entry === null ? locationOfNode(context, get(queue.node, 'name') ?? queue.node) : placeOf(context, queue);
  const known = context.queues.has(key);
  context.queues.add(key);
  const retention = get(queue.node, 'messageRetentionPeriod');
  if (!known)
    context.declarations.push({
      kind: 'channel',
      key,
      name: literal(name),
      logicalId: name,
      broker: 'sqs',
      channelKind: 'queue',
      scope,
      group: null,
      platformSource: false,
      deadLetter,
      failure: queueFailure(context, queue, place, scope),
      settings: new Map(
        retention?.kind === 'scalar'
          ? [['MessageRetentionPeriod', { value: retention.value, at: locationOfNode(context, retention) }]]
          : [],
      ),
      schemas: [],
      at: place,
    });
  return { key, name };
}

/** The immediate target of the reference at a path: for channels the key under which they are declared. */
export function referredPath(context: Context, path: Path): { readonly path: Path; readonly ref: DataNode } | null {
  const owner = here(context, path.slice(0, -1));
  const last = path.at(-1);
  const node = owner === undefined || typeof last !== 'string' ? undefined : get(owner.node, last);
  const ref = referenceOf(node);
  if (ref === undefined) return null;
  const target = parseReference(context.file.path, stringOf(ref) ?? '');
  return target.kind === 'local' ? { path: target.path, ref } : null;
}
