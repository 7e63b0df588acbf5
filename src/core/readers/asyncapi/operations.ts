// Operations → who sends and who receives. 3.x says it in `action`; in 2.x `publish` means that the application RECEIVES and `subscribe` that it
// SENDS, and a document whose words point the other way is suspected in the edge's `why`, never turned round. Traits are merged as each version has it.
import type { FailureFacts, Handle, ReceiveDeclaration, Ref } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { Broker } from '../../model/topology.ts';
import type { DataEntry } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, itemsOf, keyLocation, stringOf, textOf } from '../../syntax/data.ts';
import type { Here, Path } from '../../syntax/json-reference.ts';
import { keyOf, referenceOf } from '../../syntax/json-reference.ts';
import { brokerOf } from './brokers.ts';
import type { Channel, Server } from './channels.ts';
import { bindingsOf, declareChannel, declareQueue, referredPath } from './channels.ts';
import type { Context } from './context.ts';
import { at, fileRef, here, locationOfNode, need, problem, SERVICE_KEY, stringAt, unresolved } from './context.ts';
import { DIALECT, findGuard, identify, ofChannel, operationFailure, subscriptionFailure } from './failure.ts';
import { payloadsOf, unique } from './messages.ts';

const SERVICE: Ref = { kind: 'key', key: SERVICE_KEY };
const NO_SETTINGS: ReceiveDeclaration['settings'] = new Map();

type Direction = 'send' | 'receive';

/** One operation of either version. */
interface Operation {
  readonly direction: Direction;
  /** The operation's own node first or last, as the version ranks it, and its traits. */
  readonly aspects: readonly Path[];
  readonly path: Path;
  /** What a reviewer would point at. */
  readonly place: Location;
  readonly why: string;
}

/** Reads all channels and operations of a document. */
export function readOperations(context: Context, servers: readonly Server[]): void {
  if (context.version === 2) readVersion2(context, servers);
  else readVersion3(context, servers);
}

function readVersion2(context: Context, servers: readonly Server[]): void {
  const root = here(context, ['channels']);
  const channels = new Map<string, Channel | null>();
  const found: { readonly operation: Operation; readonly channel: Channel; readonly message: Path }[] = [];
  for (const entry of distinct(entriesOf(root?.node))) {
    const path: Path = [...(root?.path ?? []), entry.key];
    const item = here(context, path);
    const verbs = (['publish', 'subscribe'] as const).flatMap((verb) => {
      const written = entryOf(item?.node, verb);
      const operation = written === undefined || item === undefined ? undefined : here(context, [...item.path, verb]);
      return operation === undefined || written === undefined
        ? []
        : [{ verb, written, operation, aspects: aspectsOf(context, operation.path) }];
    });
    const hints = verbs.flatMap(({ aspects }) => aspects.flatMap((aspect) => bindingsOf(context, aspect)));
    const channel = declareChannel(context, keyOf(['channels', entry.key]), path, entry, servers, hints);
    channels.set(keyOf(['channels', entry.key]), channel);
    if (channel === null) continue;
    for (const { verb, written, operation, aspects } of verbs) {
      const direction = verb === 'publish' ? 'receive' : 'send';
      const words =
        direction === 'receive'
          ? '`publish` in AsyncAPI 2.x: this application receives'
          : '`subscribe` in AsyncAPI 2.x: this application sends';
      const id = stringAt(context, [...operation.path, 'operationId']);
      const place = keyLocation(context.file, written);
      found.push({
        operation: { direction, aspects, path: operation.path, place, why: words + suspicion(verb, id) },
        channel,
        message: [...operation.path, 'message'],
      });
    }
  }
  const used = usesGuards(
    context,
    found.map(({ operation }) => operation),
  );
  for (const { operation, channel, message } of found)
    declareEdge(context, operation, channel, payloadsOf(context, message, channel.label), used, (path) =>
      guardChannel(context, path, channels, servers),
    );
}

/** A sentence for edges of 2.x documents whose operationId says the opposite of what the verb means; empty where it does not. */
function suspicion(verb: 'publish' | 'subscribe', operationId: string | undefined): string {
  if (operationId === undefined) return '';
  const opposite =
    verb === 'subscribe'
      ? /^(?:on|handle|consume|receive|process|listen)(?=[A-Z_\d-]|$)/
      : /^(?:send|emit|produce|dispatch|raise)(?=[A-Z_\d-]|$)/;
  if (!opposite.test(operationId)) return '';
  return `; but its operationId \`${operationId}\` sounds like the opposite: the document may have \`publish\` and \`subscribe\` the wrong way round`;
}

function readVersion3(context: Context, servers: readonly Server[]): void {
  const operations = here(context, ['operations']);
  const listed = distinct(entriesOf(operations?.node)).map((entry) => ({
    entry,
    path: [...(operations?.path ?? []), entry.key] as Path,
  }));
  const hints = new Map<string, Broker[]>();
  for (const { path } of listed) {
    const target = referredPath(context, [...path, 'channel']);
    if (target === null) continue;
    const key = keyOf(target.path);
    const known = hints.get(key) ?? [];
    for (const aspect of aspectsOf(context, path)) known.push(...bindingsOf(context, aspect));
    hints.set(key, known);
  }

  const channels = new Map<string, Channel | null>();
  const root = here(context, ['channels']);
  if (referenceOf(get(context.document.roots[0], 'channels')) !== undefined && root === undefined) {
    const target = at(context, ['channels']);
    if (target.kind === 'there') need(context, target);
  }
  for (const entry of distinct(entriesOf(root?.node))) {
    const key = keyOf(['channels', entry.key]);
    channels.set(
      key,
      declareChannel(context, key, [...(root?.path ?? []), entry.key], entry, servers, hints.get(key) ?? []),
    );
  }

  const found: { readonly operation: Operation; readonly entry: DataEntry; readonly channel: Channel }[] = [];
  for (const { entry, path } of listed) {
    const place = keyLocation(context.file, entry);
    const operation = at(context, path);
    if (operation.kind === 'there') {
      need(context, operation); // The file that holds the operation says which document's channel it uses.
      continue;
    }
    if (operation.kind !== 'here') {
      unresolved(context, `operation ${entry.key}`, operation.why, 'other', place);
      continue;
    }
    const action = textOf(get(operation.node, 'action'));
    if (action !== 'send' && action !== 'receive') {
      problem(
        context,
        { start: entry.keyStart, end: entry.keyEnd },
        `The operation \`${entry.key}\` needs an \`action\` of \`send\` or \`receive\`${action === undefined ? '' : `; \`${action}\` is neither`}.`,
      );
      continue;
    }
    const channel = channelAt(context, [...operation.path, 'channel'], channels, servers, hints);
    if (typeof channel === 'string') {
      unresolved(context, `channel of ${entry.key}`, channel, action, place);
      continue;
    }
    found.push({
      operation: {
        direction: action,
        aspects: aspectsOf(context, operation.path),
        path: operation.path,
        place,
        why: `operation ${entry.key}, action: ${action}`,
      },
      entry,
      channel,
    });
  }
  const used = usesGuards(
    context,
    found.map(({ operation }) => operation),
  );
  for (const { operation, entry, channel } of found) {
    const guard = (path: Path): Channel | Ref | null => guardChannel(context, path, channels, servers);
    declareEdge(context, operation, channel, messagesOf(context, operation.path, channel), used, guard);
    declareReply(context, operation, entry, channels, servers);
    declareRetry(context, operation, entry, guard);
  }
}

/** The channel that a `{$ref}` at a path means; a string says why there is none. */
function channelAt(
  context: Context,
  path: Path,
  channels: Map<string, Channel | null>,
  servers: readonly Server[],
  hints: ReadonlyMap<string, readonly Broker[]>,
): Channel | string {
  const target = referredPath(context, path);
  const located = at(context, path);
  if (target !== null) {
    const key = keyOf(target.path);
    const known = channels.get(key);
    if (known === null) return 'the channel itself cannot be read';
    if (known !== undefined) return known;
    const found = here(context, target.path);
    if (found?.node.kind !== 'map' || found.entry === null)
      return `${stringOf(target.ref) ?? ''} stands nowhere in this file`;
    const declared = declareChannel(context, key, target.path, found.entry, servers, hints.get(key) ?? []);
    channels.set(key, declared);
    return declared ?? 'the channel itself cannot be read';
  }
  switch (located.kind) {
    case 'there': {
      const label = located.key.slice(located.key.lastIndexOf('/') + 1);
      return {
        ref: fileRef(context, located),
        broker: 'unknown',
        kind: 'other',
        scope: { kind: 'workspace', hosts: [] },
        label,
        path: null,
        schemas: [{ kind: 'file', file: located.file, key: `${located.key}/messages` }],
        decides: false,
      };
    }
    case 'refused':
      return located.why;
    case 'nowhere':
      return located.ref === null ? 'it names none' : located.why;
    case 'here':
      return "its `channel` is no reference to one of the document's channels";
  }
}

/** The messages of an operation: the listed ones, else all of its channel. */
function messagesOf(context: Context, path: Path, channel: Channel): readonly Ref[] {
  const listed = here(context, [...path, 'messages']);
  if (listed?.node.kind !== 'seq') return channel.schemas;
  return unique(listed.node.items.flatMap((_, index) => payloadsOf(context, [...listed.path, index], channel.label)));
}

function declareReply(
  context: Context,
  operation: Operation,
  entry: DataEntry,
  channels: Map<string, Channel | null>,
  servers: readonly Server[],
): void {
  const reply = at(context, [...operation.path, 'reply']);
  if (reply.kind === 'there') need(context, reply);
  if (reply.kind !== 'here') {
    if (reply.ref !== null)
      unresolved(
        context,
        `reply of ${entry.key}`,
        reply.kind === 'there' ? 'it stands in another file' : reply.why,
        'other',
        operation.place,
      );
    return;
  }
  const direction: Direction = operation.direction === 'send' ? 'receive' : 'send';
  const written = entryOf(operationNode(context, operation.path), 'reply');
  const place = written === undefined ? operation.place : keyLocation(context.file, written);
  if (get(reply.node, 'channel') === undefined) {
    const location = textOf(get(here(context, [...reply.path, 'address'])?.node, 'location'));
    const why =
      location === undefined
        ? 'it names neither a channel nor an address'
        : `its address is taken from each message (${location}), known at run time only`;
    unresolved(context, `reply of ${entry.key}`, why, direction, place);
    return;
  }
  const channel = channelAt(context, [...reply.path, 'channel'], channels, servers, new Map());
  if (typeof channel === 'string') {
    unresolved(context, `reply channel of ${entry.key}`, channel, direction, place);
    return;
  }
  const back: Operation = {
    direction,
    aspects: [],
    path: operation.path,
    place,
    why: `reply of operation ${entry.key}`,
  };
  declareEdge(context, back, channel, messagesOf(context, reply.path, channel), false, () => null);
}

function operationNode(context: Context, path: Path): Here['node'] | undefined {
  return here(context, path)?.node;
}

/** A retry route is a channel that this application sends what it could not process to. */
function declareRetry(
  context: Context,
  operation: Operation,
  entry: DataEntry,
  guardOf: (path: Path) => Channel | Ref | null,
): void {
  if (operation.direction !== 'receive') return;
  const retry = findGuard(context, operation.aspects, 'retry');
  if (retry === undefined || get(retry.node, 'channel') === undefined) return;
  const target = guardOf(retry.path);
  if (target === null) return;
  const ref = 'kind' in target && !('ref' in target) ? target : target.ref;
  const place = retry.entry === null ? operation.place : keyLocation(context.file, retry.entry);
  context.declarations.push({
    kind: 'send',
    service: SERVICE,
    channel: ref,
    schemas: guardMessages(context, retry),
    confidence: 'declared',
    why: `retry route of operation ${entry.key}`,
    at: place,
  });
}

function guardMessages(context: Context, guard: Here): readonly Ref[] {
  return unique(
    itemsOf(get(guard.node, 'messages')).flatMap((_, index) =>
      payloadsOf(context, [...guard.path, 'messages', index], 'message'),
    ),
  );
}

/** The channel that `x-deadLetter` or `x-retry` at a path names: `{channel: {$ref}}`, or an address as text. */
function guardChannel(
  context: Context,
  path: Path,
  channels: Map<string, Channel | null>,
  servers: readonly Server[],
): Channel | Ref | null {
  const guard = here(context, path);
  if (guard === undefined) return null;
  const channel = get(guard.node, 'channel');
  const address = stringOf(channel) ?? stringOf(guard.node);
  if (address !== undefined) {
    for (const known of context.declarations)
      if (
        known.kind === 'channel' &&
        (known.logicalId === address || (known.name?.kind === 'literal' && known.name.value === address))
      )
        return { kind: 'key', key: known.key };
    return { kind: 'key', key: address };
  }
  if (channel === undefined) return null;
  const found = channelAt(context, [...guard.path, 'channel'], channels, servers, new Map());
  if (typeof found !== 'string') return found;
  const target = referredPath(context, [...guard.path, 'channel']);
  // A local reference to nothing stays a key, so that the dead-letter channel is known to dangle.
  if (target !== null) return { kind: 'key', key: keyOf(target.path) };
  return { kind: 'unknown', text: stringOf(get(channel, '$ref')) ?? '', reason: found };
}

/** The nodes that make up an operation, the one that wins first: in 3.x the operation over its traits, in 2.x traits over the operation, later ones over earlier. */
function aspectsOf(context: Context, path: Path): readonly Path[] {
  const traits = here(context, [...path, 'traits']);
  const merged = itemsOf(traits?.node).flatMap((_, index): Path[] => {
    const trait = at(context, [...(traits?.path ?? []), index]);
    return trait.kind === 'here' ? [trait.path] : [];
  });
  return context.version === 3 ? [path, ...merged.toReversed()] : [...merged.toReversed(), path];
}

function usesGuards(context: Context, operations: readonly Operation[]): boolean {
  return operations.some(
    ({ direction, aspects }) =>
      direction === 'receive' &&
      (findGuard(context, aspects, 'deadLetter') !== undefined || findGuard(context, aspects, 'retry') !== undefined),
  );
}

function declareEdge(
  context: Context,
  operation: Operation,
  channel: Channel,
  schemas: readonly Ref[],
  used: boolean,
  guardOf: (path: Path) => Channel | Ref | null,
): void {
  const { direction, place, why, aspects } = operation;
  if (direction === 'send') {
    context.declarations.push({
      kind: 'send',
      service: SERVICE,
      channel: channel.ref,
      schemas,
      confidence: 'declared',
      why,
      at: place,
    });
    return;
  }
  if (channel.broker === 'sns' && declareSubscriptions(context, operation, channel, schemas)) return;
  const handle: Handle = { dialect: DIALECT, at: place, path: operation.path, role: 'operation' };
  const failure = channel.decides
    ? ofChannel(handle)
    : operationFailure(context, aspects, channel.broker, handle, used, (path) => {
        const target = guardOf(path);
        return target === null ? null : 'ref' in target ? target.ref : target;
      });
  receive(context, channel.ref, subscriptionOf(context, aspects, channel), schemas, failure, operation);
}

function receive(
  context: Context,
  channel: Ref,
  subscription: Name | null,
  schemas: readonly Ref[],
  failure: FailureFacts,
  { why, place }: Operation,
): void {
  context.declarations.push({
    kind: 'receive',
    service: SERVICE,
    channel,
    subscription,
    schemas,
    failure,
    settings: NO_SETTINGS,
    confidence: 'declared',
    why,
    at: place,
  });
}

/** The first value among an operation's aspects. */
function field(context: Context, aspects: readonly Path[], path: Path): Here | undefined {
  for (const aspect of aspects) {
    const found = here(context, [...aspect, ...path]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The consumer group or queue group that the operation's binding names; behind an AMQP exchange the queue that the channel's binding names. */
function subscriptionOf(context: Context, aspects: readonly Path[], { broker, kind, path }: Channel): Name | null {
  const word: string = broker;
  switch (word) {
    case 'amqp':
      return kind === 'queue' || path === null
        ? null
        : textName(here(context, [...path, 'bindings', 'amqp', 'queue', 'name']));
    case 'kafka':
      return groupOf(context, field(context, aspects, ['bindings', 'kafka', 'groupId']));
    case 'nats':
      return textName(field(context, aspects, ['bindings', 'nats', 'queue']));
    case 'pubsub':
      return textName(field(context, aspects, ['bindings', 'googlepubsub', 'subscription']));
    case 'solace':
      return textName(field(context, aspects, ['bindings', 'solace', 'destinations', '0', 'queue', 'name']));
    default:
      return null;
  }
}

function textName(found: Here | undefined): Name | null {
  const text = stringOf(found?.node);
  return text === undefined || text === '' ? null : literal(text);
}

/** The kafka binding's `groupId` is a schema: it names the group where it allows one text only. */
function groupOf(context: Context, group: Here | undefined): Name | null {
  if (group === undefined) return null;
  const own = textName(group);
  if (own !== null) return own;
  const values = itemsOf(here(context, [...group.path, 'enum'])?.node).flatMap((item) => textOf(item) ?? []);
  const constant = textOf(get(group.node, 'const'));
  const [only] = constant === undefined ? values : [constant];
  if (only !== undefined && (constant !== undefined || values.length === 1)) return literal(only);
  const fallback = textOf(get(group.node, 'default'));
  return fallback === undefined ? null : literal(fallback);
}

/**
 * The sns binding's `consumers`: each is a subscription of the topic. One that delivers to a queue makes a route, and the application reads the
 * queue; any other delivers to the application itself. False where the binding lists none.
 */
function declareSubscriptions(
  context: Context,
  operation: Operation,
  channel: Channel,
  schemas: readonly Ref[],
): boolean {
  const binding = field(context, operation.aspects, ['bindings', 'sns']);
  const list =
    binding?.node.kind === 'seq' ? binding : field(context, operation.aspects, ['bindings', 'sns', 'consumers']);
  const consumers = itemsOf(list?.node)
    .flatMap((_, index) => here(context, [...(list?.path ?? []), index]) ?? [])
    .filter(({ node }) => node.kind === 'map');
  const endpoints = new Map(consumers.map((consumer) => [consumer, identify(context, consumer, 'endpoint')]));
  const queues = field(context, operation.aspects, ['bindings', 'sqs', 'queues']);
  const declared = itemsOf(queues?.node).flatMap((_, index) => {
    const queue = here(context, [...(queues?.path ?? []), index]);
    if (queue === undefined) return [];
    // The binding lists endpoints of subscriptions, and the queues that take what fails there.
    const name = stringOf(get(queue.node, 'name'));
    const isEndpoint =
      consumers.length === 0 ||
      [...endpoints.values()].some((endpoint) => endpoint !== null && nameOfEndpoint(endpoint.text) === name);
    return declareQueue(context, queue, channel.scope, !isEndpoint) ?? [];
  });
  if (consumers.length === 0) return false;
  for (const consumer of consumers) {
    const endpoint = endpoints.get(consumer) ?? null;
    const protocol = get(consumer.node, 'protocol');
    const place = protocol === undefined ? operation.place : locationOfNode(context, protocol);
    const failure = subscriptionFailure(context, consumer, place, channel.scope);
    const name = endpoint === null ? null : nameOfEndpoint(endpoint.text);
    if (brokerOf(stringOf(protocol) ?? '') !== 'sqs') {
      receive(context, channel.ref, consumers.length > 1 && name !== null ? literal(name) : null, schemas, failure, {
        ...operation,
        place,
      });
      continue;
    }
    const known = declared.find((queue) => queue.name === name);
    const queue: Ref =
      known !== undefined
        ? { kind: 'key', key: known.key }
        : name === null
          ? { kind: 'unknown', text: 'the endpoint of an SNS subscription', reason: 'it names no queue' }
          : { kind: 'named', broker: 'sqs', channelKind: 'queue', name: literal(name), scope: channel.scope };
    context.declarations.push({
      kind: 'route',
      from: channel.ref,
      to: queue,
      subscription: null,
      failure,
      settings: NO_SETTINGS,
      confidence: 'declared',
      why: 'SNS subscription with protocol sqs',
      at: place,
    });
    receive(
      context,
      queue,
      null,
      schemas,
      ofChannel({ dialect: DIALECT, at: operation.place, path: operation.path, role: 'operation' }),
      operation,
    );
  }
  return true;
}

/** The last part of an ARN, else the text itself. */
function nameOfEndpoint(text: string): string {
  return text.startsWith('arn:') ? text.slice(text.lastIndexOf(':') + 1) : text;
}

/** Entries under different keys: of a repeated key the last counts. */
function distinct(entries: readonly DataEntry[]): readonly DataEntry[] {
  const last = new Map(entries.map((entry) => [entry.key, entry]));
  return entries.filter((entry) => last.get(entry.key) === entry && !entry.key.startsWith('x-'));
}
