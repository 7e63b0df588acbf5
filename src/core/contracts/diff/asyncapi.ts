// Two AsyncAPI documents → the facts that differ: what travels where (channels, operations, messages, servers, bindings), and what is in it
// (payload, headers, by diff/json-schema.ts). 2.x and 3.x, also one against the other. Payloads in other languages are compared as text.
import type { JsonValue } from '../../model/json.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, toJson } from '../../syntax/data.ts';
import type { AsyncChannel, AsyncDocument, AsyncMessage, AsyncOperation } from '../asyncapi/model.ts';
import type { BindingClass, Change, DocumentFact, Effect, Part } from '../change.ts';
import { hasMeaning, printData } from '../schema/flat.ts';
import { makeSame } from '../schema/same.ts';
import type { SchemaNode, Side } from '../schema/side.ts';
import { dialectOf, makeSide, siteOf } from '../schema/side.ts';
import { diffJsonSchema } from './json-schema.ts';

/** Two schemas of one message: a witness is searched between them. */
export interface SchemaPair {
  readonly old: Side;
  readonly new: Side;
}

/** A fact and the schemas it is about; document facts have none. */
export interface PairedChange {
  readonly change: Change;
  readonly pair: SchemaPair | null;
}

/** The facts, in the order of the new document. Empty for documents that promise the same. */
export function diffAsyncApi(old: AsyncDocument, next: AsyncDocument): readonly PairedChange[] {
  const facts: PairedChange[] = [];
  const emit = (fact: DocumentFact, at: Location | null, before: Location | null, subject = ''): void => {
    facts.push({
      change: { path: '', part: 'document', language: 'asyncapi', subject, at, before, sure: true, ...fact },
      pair: null,
    });
  };
  const same = makeSame(old.side, next.side);
  const samePayload = (a: AsyncMessage, b: AsyncMessage): boolean =>
    a.payload === null || b.payload === null ? a.payload === b.payload : same(a.payload, b.payload);
  const compared = new Set<string>();
  const once = (...nodes: readonly (DataNode | undefined)[]): boolean => {
    const key = nodes
      .map((node, index) => (node === undefined ? '' : (index % 2 === 0 ? old : next).side.idOf(node)))
      .join('|');
    if (compared.has(key)) return false;
    compared.add(key);
    return true;
  };

  // ---- servers
  const freeServers = new Set(next.servers);
  for (const server of old.servers) {
    const twin =
      next.servers.find((candidate) => candidate.key === server.key) ??
      next.servers.find(
        (candidate) =>
          candidate.host === server.host &&
          candidate.protocol === server.protocol &&
          !old.servers.some((other) => other.key === candidate.key),
      );
    if (twin === undefined) {
      emit(
        { kind: 'server-removed', server: server.key, host: server.host },
        siteOf(next.place('servers')),
        siteOf(server.at),
      );
      continue;
    }
    freeServers.delete(twin);
    const changed = (field: 'protocol' | 'host' | 'security', from: string, to: string, effect: Effect): void => {
      if (from !== to)
        emit(
          {
            kind: 'server-changed',
            server: server.key,
            field,
            from: from === '' ? 'none' : from,
            to: to === '' ? 'none' : to,
            effect,
          },
          siteOf(twin.at),
          siteOf(server.at),
        );
    };
    changed('protocol', server.protocol, twin.protocol, server.protocol === '' ? 'widens' : 'incomparable');
    changed('host', server.host, twin.host, server.host === '' ? 'widens' : 'incomparable');
    changed(
      'security',
      server.security,
      twin.security,
      server.security === '' ? 'narrows' : twin.security === '' ? 'widens' : 'incomparable',
    );
    bindings('server', server.bindings, twin.bindings, siteOf(twin.at), siteOf(server.at), '');
  }
  for (const server of freeServers)
    emit({ kind: 'server-added', server: server.key }, siteOf(server.at), siteOf(old.place('servers')));

  // ---- channels
  const twins = matchChannels(old.channels, next.channels);
  const channelOf = new Map<AsyncChannel, AsyncChannel>();
  const messageOf = new Map<AsyncMessage, AsyncMessage>();
  let defaultChanged = false;
  for (const [channel, twin] of twins) {
    if (twin === null) {
      emit(
        { kind: 'channel-removed', channel: channel.key, address: channel.address },
        siteOf(next.place('channels')),
        siteOf(channel.at),
      );
      continue;
    }
    channelOf.set(channel, twin);
    if (channel.address !== twin.address)
      emit(
        { kind: 'channel-address-changed', channel: twin.key, from: channel.address, to: twin.address },
        siteOf(twin.addressAt),
        siteOf(channel.addressAt),
      );
    else if (channel.key !== twin.key && old.major === 3 && next.major === 3)
      emit({ kind: 'channel-renamed', from: channel.key, to: twin.key }, siteOf(twin.at), siteOf(channel.at));
    for (const parameter of channel.parameters)
      if (!twin.parameters.some((other) => other.name === parameter.name))
        emit(
          { kind: 'parameter-removed', channel: twin.key, parameter: parameter.name },
          siteOf(twin.at),
          siteOf(parameter.at),
        );
    for (const parameter of twin.parameters)
      if (!channel.parameters.some((other) => other.name === parameter.name))
        emit(
          { kind: 'parameter-added', channel: twin.key, parameter: parameter.name },
          siteOf(parameter.at),
          siteOf(channel.at),
        );
    bindings(
      'channel',
      channel.bindings,
      twin.bindings,
      siteOf(twin.at),
      siteOf(channel.at),
      `channel \`${twin.address ?? twin.key}\``,
    );
    compareMessages(channel, twin);
  }
  const known = new Set(channelOf.values());
  for (const channel of next.channels)
    if (!known.has(channel))
      emit(
        { kind: 'channel-added', channel: channel.key, address: channel.address },
        siteOf(channel.at),
        siteOf(old.place('channels')),
      );

  // ---- operations
  const silent = new Set<string>();
  const operationTwins = matchOperations(old.operations, next.operations, channelOf);
  const takenOperations = new Set<AsyncOperation>();
  for (const [operation, twin] of operationTwins) {
    const address = addressOf(operation.channel) ?? '';
    if (twin === null) {
      // With its channel gone or adrift there is one edit to speak of: the channel's.
      if (operation.channel === null || !channelOf.has(operation.channel)) continue;
      emit(
        { kind: 'operation-removed', operation: operation.key, action: operation.action, address },
        siteOf(next.place('operations')),
        siteOf(operation.at),
      );
      if (old.major === 2 || next.major === 2) silent.add(address);
      continue;
    }
    takenOperations.add(twin);
    if (operation.key !== twin.key && old.major === next.major)
      emit({ kind: 'operation-renamed', from: operation.key, to: twin.key }, siteOf(twin.at), siteOf(operation.at));
    if (operation.action !== twin.action)
      emit(
        {
          kind: 'operation-action-changed',
          operation: twin.key,
          from: operation.action,
          to: twin.action,
          address: addressOf(twin.channel) ?? address,
        },
        siteOf(twin.actionAt),
        siteOf(operation.actionAt),
      );
    if (
      operation.channel !== null &&
      twin.channel !== null &&
      channelOf.get(operation.channel) !== twin.channel &&
      addressOf(twin.channel) !== addressOf(operation.channel)
    )
      emit(
        {
          kind: 'operation-channel-changed',
          operation: twin.key,
          from: address,
          to: addressOf(twin.channel) ?? '',
          action: twin.action,
        },
        siteOf(twin.channelAt),
        siteOf(operation.channelAt),
      );
    else if (operation.channel !== null && twin.channel !== null && old.major === 3 && next.major === 3)
      compareOperationMessages(operation, twin);
    const from = operation.reply;
    const to = twin.reply;
    if (from !== null && from.text !== to?.text)
      emit(
        { kind: 'reply-changed', operation: twin.key, from: from.text, to: to?.text ?? 'nowhere' },
        siteOf(to?.at ?? twin.at),
        siteOf(from.at),
      );
    bindings(
      'operation',
      operation.bindings,
      twin.bindings,
      siteOf(twin.at),
      siteOf(operation.at),
      `operation \`${twin.key}\``,
    );
  }
  for (const operation of next.operations)
    if (!takenOperations.has(operation) && !(operation.channel !== null && !known.has(operation.channel)))
      emit(
        { kind: 'operation-added', operation: operation.key, action: operation.action },
        siteOf(operation.at),
        siteOf(old.place('operations')),
      );
  return facts.filter(
    ({ change }) =>
      !((change.kind === 'message-removed' || change.kind === 'message-added') && silent.has(change.address)),
  );

  function compareMessages(channel: AsyncChannel, twin: AsyncChannel): void {
    const address = addressOf(twin) ?? twin.key;
    const free = new Set(twin.messages);
    const rest: AsyncMessage[] = [];
    const pairs: [AsyncMessage, AsyncMessage][] = [];
    const take = (message: AsyncMessage, found: AsyncMessage | undefined): boolean => {
      if (found === undefined) return false;
      free.delete(found);
      pairs.push([message, found]);
      return true;
    };
    for (const message of channel.messages)
      if (
        !take(
          message,
          [...free].find((other) => other.key === message.key),
        )
      )
        rest.push(message);
    const alone = rest.length === 1 && free.size === 1 && (old.major === 2 || next.major === 2);
    for (const message of rest) {
      const found =
        [...free].find((other) => message.name !== null && other.name === message.name) ??
        [...free].find((other) => other.name === message.name && samePayload(message, other)) ??
        (alone ? [...free][0] : undefined);
      if (!take(message, found))
        emit(
          { kind: 'message-removed', message: message.name ?? message.key, address },
          siteOf(twin.at),
          siteOf(message.at),
        );
      else if (found !== undefined && old.major === 3 && next.major === 3)
        emit({ kind: 'message-renamed', from: message.key, to: found.key }, siteOf(found.at), siteOf(message.at));
    }
    // In 2.x the messages come with the operation: one that is new breaks no promise, for there was none.
    if (channel.messages.length > 0 || old.major === 3)
      for (const message of free)
        emit(
          { kind: 'message-added', message: message.name ?? message.key, address },
          siteOf(message.at),
          siteOf(channel.at),
        );
    for (const [from, to] of pairs) {
      messageOf.set(from, to);
      if (once(from.node.node, to.node.node)) compareMessage(from, to, address);
    }
  }

  function compareMessage(from: AsyncMessage, to: AsyncMessage, address: string): void {
    const subject = `${labelOf(to)} on \`${address.slice(0, 80)}\``;
    if (from.name !== null && to.name !== null && from.name !== to.name)
      emit(
        { kind: 'message-name-changed', from: from.name, to: to.name, address },
        siteOf(to.at),
        siteOf(from.at),
        subject,
      );
    if (from.contentType.text !== to.contentType.text) {
      const shared = !from.contentType.own && !to.contentType.own;
      if (!shared || !defaultChanged)
        emit(
          { kind: 'content-type-changed', from: from.contentType.text, to: to.contentType.text, address },
          siteOf(to.contentType.at ?? to.at),
          siteOf(from.contentType.at ?? from.at),
          shared ? '' : subject,
        );
      defaultChanged ||= shared;
    }
    const moved = from.correlation;
    const place = to.correlation;
    if (moved?.location !== place?.location)
      emit(
        { kind: 'correlation-changed', from: moved?.location ?? null, to: place?.location ?? null },
        siteOf(place?.at ?? to.at),
        siteOf(moved?.at ?? from.at),
        subject,
      );
    bindings('message', from.bindings, to.bindings, siteOf(to.at), siteOf(from.at), subject);
    if (from.language !== to.language && family(from.language) !== family(to.language))
      emit(
        { kind: 'schema-format-changed', from: from.language ?? 'JSON Schema', to: to.language ?? 'JSON Schema' },
        siteOf(to.payload ?? to.at),
        siteOf(from.payload ?? from.at),
        subject,
      );
    else if (from.language !== null && to.language !== null) {
      if (
        (from.payload === null ? '' : printData(from.payload.node)) !==
        (to.payload === null ? '' : printData(to.payload.node))
      )
        emit(
          { kind: 'payload-changed', format: to.language },
          siteOf(to.payload ?? to.at),
          siteOf(from.payload ?? from.at),
          subject,
        );
    } else compareSchemas('payload', from, to, from.payload, to.payload, subject);
    compareSchemas('headers', from, to, from.headers, to.headers, subject);
  }

  function compareSchemas(
    part: Part,
    from: AsyncMessage,
    to: AsyncMessage,
    before: SchemaNode | null,
    after: SchemaNode | null,
    subject: string,
  ): void {
    if (before === null && after === null) return;
    if (!once(before?.node ?? from.node.node, after?.node ?? to.node.node)) return;
    const pair: SchemaPair = {
      old: schemaSide(old, before ?? nothing(from.at)),
      new: schemaSide(next, after ?? nothing(to.at)),
    };
    for (const change of diffJsonSchema(pair.old, pair.new, { part, subject })) facts.push({ change, pair });
  }

  function compareOperationMessages(operation: AsyncOperation, twin: AsyncOperation): void {
    const from = new Set(operation.messages ?? operation.channel?.messages ?? []);
    const to = new Set(twin.messages ?? twin.channel?.messages ?? []);
    const carried = new Set([...from].map((message) => messageOf.get(message)));
    const oldKnown = new Set(messageOf.values());
    for (const message of from) {
      const now = messageOf.get(message);
      if (now !== undefined && !to.has(now))
        emit(
          {
            kind: 'operation-message-removed',
            operation: twin.key,
            message: message.name ?? message.key,
            action: twin.action,
          },
          siteOf(twin.at),
          siteOf(operation.at),
        );
    }
    for (const message of to)
      if (oldKnown.has(message) && !carried.has(message))
        emit(
          {
            kind: 'operation-message-added',
            operation: twin.key,
            message: message.name ?? message.key,
            action: twin.action,
          },
          siteOf(twin.at),
          siteOf(operation.at),
        );
  }

  function bindings(
    level: 'server' | 'channel' | 'operation' | 'message',
    before: SchemaNode | null,
    after: SchemaNode | null,
    at: Location,
    was: Location,
    subject: string,
  ): void {
    if (before === null && after === null) return;
    if (!once(before?.node, after?.node)) return;
    const from = leaves(before, old.side);
    const to = leaves(after, next.side);
    for (const key of new Set([...from.keys(), ...to.keys()])) {
      const a = from.get(key);
      const b = to.get(key);
      if (
        a !== undefined &&
        b !== undefined &&
        (isSchema(key) ? same(a.at, b.at) : printData(a.at.node) === printData(b.at.node))
      )
        continue;
      const [protocol = '', ...rest] = key.split('.');
      let kind = bindingClass(protocol, rest.join('.'));
      // A binding that came or went: what it says may have been so all along.
      if (a === undefined || b === undefined)
        kind = a !== undefined && (kind === 'address' || kind === 'key' || kind === 'encoding') ? 'behaviour' : 'other';
      emit(
        { kind: 'binding-changed', protocol, level, key: rest.join('.'), from: a?.value, to: b?.value, class: kind },
        b === undefined ? at : siteOf(b.at),
        a === undefined ? was : siteOf(a.at),
        subject,
      );
    }
  }
}

function labelOf(message: AsyncMessage): string {
  const name = message.name ?? message.key;
  return name.startsWith('#') ? 'the message' : `message \`${name.slice(0, 60)}\``;
}

function schemaSide(document: AsyncDocument, schema: SchemaNode): Side {
  const { source } = document.side;
  const declared =
    schema.node.kind === 'map' ? entriesOf(schema.node).find((entry) => entry.key === '$schema')?.value : undefined;
  const dialect = declared?.kind === 'scalar' ? dialectOf(String(declared.value)) : null;
  return makeSide({
    document: schema.document,
    root: schema.node,
    key: { start: schema.keyStart, end: schema.keyEnd },
    lookup: (file) => (file === source.document.file.path ? source.document : source.lookup(file)),
    dialect: dialect ?? 'draft-07',
  });
}

/** A schema that accepts everything, at a place that has none. */
function nothing(at: SchemaNode): SchemaNode {
  return {
    ...at,
    node: { kind: 'map', entries: [], flow: false, start: at.node.start, end: at.node.start, tag: null },
  };
}

function addressOf(channel: AsyncChannel | null): string | null {
  return channel === null ? null : (channel.address ?? channel.key);
}

/** By key, then by address. */
function matchChannels(
  old: readonly AsyncChannel[],
  next: readonly AsyncChannel[],
): readonly (readonly [AsyncChannel, AsyncChannel | null])[] {
  const byKey = new Map(next.map((channel) => [channel.key, channel]));
  const oldKeys = new Set(old.map((channel) => channel.key));
  const byAddress = new Map(
    next
      .filter((channel) => channel.address !== null && !oldKeys.has(channel.key))
      .map((channel) => [channel.address, channel]),
  );
  return old.map(
    (channel) =>
      [
        channel,
        byKey.get(channel.key) ?? (channel.address === null ? null : (byAddress.get(channel.address) ?? null)),
      ] as const,
  );
}

/** By key, then by action and channel. */
function matchOperations(
  old: readonly AsyncOperation[],
  next: readonly AsyncOperation[],
  channelOf: ReadonlyMap<AsyncChannel, AsyncChannel>,
): readonly (readonly [AsyncOperation, AsyncOperation | null])[] {
  const byKey = new Map(next.map((operation) => [operation.key, operation]));
  const oldKeys = new Set(old.map((operation) => operation.key));
  const free = next.filter((operation) => !oldKeys.has(operation.key));
  return old.map((operation) => {
    const twin = byKey.get(operation.key);
    if (twin !== undefined) return [operation, twin] as const;
    const moved = operation.channel === null ? undefined : channelOf.get(operation.channel);
    const index = free.findIndex(
      (candidate) => candidate.action === operation.action && candidate.channel === moved && moved !== undefined,
    );
    return [operation, index < 0 ? null : (free.splice(index, 1)[0] ?? null)] as const;
  });
}

function family(language: string | null): string {
  if (language === null) return 'json-schema';
  return /avro/.test(language)
    ? 'avro'
    : /protobuf/.test(language)
      ? 'protobuf'
      : /raml/.test(language)
        ? 'raml'
        : language.replace(/[;\s].*$/, '');
}

interface Leaf {
  readonly at: SchemaNode;
  readonly value: JsonValue;
}

const MAX_LEAVES = 500;

/** Bindings as dotted keys: `amqp.exchange.name`. Schemas (`kafka.key`, `groupId`…) stay whole, references followed, annotations left out. */
function leaves(bindings: SchemaNode | null, side: Side): ReadonlyMap<string, Leaf> {
  const found = new Map<string, Leaf>();
  const visit = (at: SchemaNode, path: string, depth: number): void => {
    if (found.size > MAX_LEAVES) return;
    if (at.node.kind !== 'map' || isSchema(path) || depth > 4) {
      if (!isSchema(path) || hasMeaning(at.node)) found.set(path, { at, value: toJson(at.node) });
      return;
    }
    const reference = entriesOf(at.node).find((entry) => entry.key === '$ref');
    const target = reference?.value.kind === 'scalar' ? side.resolve(at, String(reference.value.value)) : null;
    for (const entry of entriesOf((target ?? at).node)) {
      const inner: SchemaNode = {
        ...(target ?? at),
        node: entry.value,
        keyStart: entry.keyStart,
        keyEnd: entry.keyEnd,
      };
      visit(inner, path === '' ? entry.key : `${path}.${entry.key}`, depth + 1);
    }
  };
  if (bindings !== null) visit(bindings, '', 0);
  return found;
}

function isSchema(path: string): boolean {
  return /^(?:kafka\.(?:key|groupId|clientId)|mqtt\.(?:correlationData|responseTopic)|http\.(?:query|headers)|ws\.(?:query|headers))$/.test(
    path,
  );
}

const CLASSES: readonly (readonly [RegExp, BindingClass])[] = [
  [/(?:^|\.)(?:bindingVersion|description|summary|x-.*)$|\.(?:x-[^.]*)(?:\.|$)/, 'other'],
  [/^kafka\.key$|orderingKey$|messageGroupId$|^kinesis\.partitionKey$/, 'key'],
  [
    /schemaIdLocation$|schemaIdPayloadEncoding$|schemaLookupStrategy$|contentEncoding$|payloadFormatIndicator$|messageType$|^ibmmq\.type$/,
    'encoding',
  ],
  [
    /^kafka\.topic$|^amqp1?\.(?:is|exchange\.(?:name|type|vhost)|queue\.(?:name|vhost)|routingKey|cc|bcc|replyTo)$|^(?:sqs|sns)\..*\.?(?:name|topic\.name|queue\.name|arn)$|\.topic$|destination(?:s|Name|Type)?$|\.subject$|^(?:ws|http)\.(?:method|query|headers)$|^nats\.queue$|^pulsar\.(?:namespace|persistence|tenant)$|streamName$|queueName$|topicName$|^(?:kafka|mqtt)\.responseTopic$/,
    'address',
  ],
];

function bindingClass(protocol: string, key: string): BindingClass {
  const path = `${protocol}.${key}`;
  return CLASSES.find(([pattern]) => pattern.test(path))?.[1] ?? 'behaviour';
}
