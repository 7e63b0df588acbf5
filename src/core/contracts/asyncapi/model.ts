// An AsyncAPI 2.x or 3.x document as what it promises: servers, channels with their messages, operations from the application's own view
// (2.x `publish` is `receive`). References are followed across files, traits are laid in. Only what a comparison asks about is read.
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, get, itemsOf, stringOf, textOf } from '../../syntax/data.ts';
import { referenceOf } from '../schema/flat.ts';
import type { SchemaNode, SchemaSource, Side } from '../schema/side.ts';
import { childAt, itemAt, makeSide } from '../schema/side.ts';

export interface AsyncMessage {
  readonly key: string;
  readonly at: SchemaNode;
  /** The message itself, references followed: the same node for the same message. */
  readonly node: SchemaNode;
  readonly name: string | null;
  readonly payload: SchemaNode | null;
  readonly headers: SchemaNode | null;
  /** The schema language of the payload; null where it is JSON Schema. */
  readonly language: string | null;
  readonly contentType: { readonly text: string; readonly at: SchemaNode | null; readonly own: boolean };
  readonly correlation: { readonly location: string; readonly at: SchemaNode } | null;
  readonly bindings: SchemaNode | null;
}

export interface AsyncChannel {
  readonly key: string;
  readonly at: SchemaNode;
  readonly node: SchemaNode;
  readonly address: string | null;
  readonly addressAt: SchemaNode;
  readonly parameters: readonly { readonly name: string; readonly at: SchemaNode }[];
  readonly messages: readonly AsyncMessage[];
  readonly bindings: SchemaNode | null;
}

export interface AsyncOperation {
  readonly key: string;
  readonly at: SchemaNode;
  readonly action: 'send' | 'receive';
  readonly actionAt: SchemaNode;
  /** Null where the reference leads nowhere. */
  readonly channel: AsyncChannel | null;
  readonly channelAt: SchemaNode;
  /** Null: all messages of the channel. */
  readonly messages: readonly AsyncMessage[] | null;
  /** Where replies go, as text; null where there is none. */
  readonly reply: { readonly text: string; readonly at: SchemaNode } | null;
  readonly bindings: SchemaNode | null;
}

export interface AsyncServer {
  readonly key: string;
  readonly at: SchemaNode;
  readonly host: string;
  readonly protocol: string;
  /** Printed; empty where none is asked for. */
  readonly security: string;
  readonly bindings: SchemaNode | null;
}

export interface AsyncDocument {
  readonly side: Side;
  readonly major: 2 | 3;
  readonly servers: readonly AsyncServer[];
  readonly channels: readonly AsyncChannel[];
  readonly operations: readonly AsyncOperation[];
  /** Where something that is gone stood: the keys of the root. */
  readonly place: (key: 'channels' | 'operations' | 'servers') => SchemaNode;
}

const MAX_HOPS = 30;

/** Reads a document; null where it is no AsyncAPI 2.x or 3.x. Broken parts are left out. */
export function readAsyncApi(source: SchemaSource): AsyncDocument | null {
  const version = textOf(get(source.root, 'asyncapi'));
  const major = version?.startsWith('3') === true ? 3 : version?.startsWith('2') === true ? 2 : null;
  if (major === null) return null;
  const side = makeSide({ ...source, dialect: 'draft-07' });
  const reader = makeReader(side, major);
  return { side, major, ...reader };
}

function makeReader(side: Side, major: 2 | 3): Omit<AsyncDocument, 'side' | 'major'> {
  const { root } = side;
  const deref = (from: SchemaNode): SchemaNode | null => {
    let current: SchemaNode | null = from;
    for (let hop = 0; current !== null && hop < MAX_HOPS; hop++) {
      const reference = referenceOf(current.node);
      if (reference === undefined) return current;
      current = side.resolve(current, reference);
    }
    return null;
  };
  const child = (of: SchemaNode | null, key: string): SchemaNode | null => {
    const entry = of === null ? undefined : entriesOf(of.node).findLast((candidate) => candidate.key === key);
    return entry === undefined || of === null ? null : childAt(of, entry);
  };
  const members = (of: SchemaNode | null): readonly { key: string; at: SchemaNode }[] =>
    of === null ? [] : entriesOf(of.node).map((entry) => ({ key: entry.key, at: childAt(of, entry) }));
  const text = (of: SchemaNode | null, key: string): string | null => textOf(get(of?.node, key)) ?? null;
  const follow = (of: SchemaNode | null): SchemaNode | null => (of === null ? null : deref(of));

  /** The thing and its traits, the one that wins first: 2.x lets traits win, 3.x the thing itself. */
  const layers = (of: SchemaNode): readonly SchemaNode[] => {
    const list = child(of, 'traits');
    const traits =
      list === null
        ? []
        : itemsOf(list.node)
            .map((item) => deref(itemAt(list, item)))
            .filter((trait) => trait !== null);
    return major === 2 ? [...traits.toReversed(), of] : [of, ...traits.toReversed()];
  };
  const layered = (of: SchemaNode, key: string): SchemaNode | null => {
    for (const layer of layers(of)) {
      const found = child(layer, key);
      if (found !== null) return found;
    }
    return null;
  };
  /** Schemas of several layers hold together. */
  const conjunction = (of: SchemaNode, key: string): SchemaNode | null => {
    const found = layers(of)
      .map((layer) => child(layer, key))
      .filter((schema) => schema !== null);
    const [first] = found;
    if (first === undefined || found.length === 1 || found.some((schema) => schema.document !== first.document))
      return first ?? null;
    const { start, end } = first.node;
    const list: DataNode = {
      kind: 'seq',
      items: found.map((schema) => schema.node),
      flow: false,
      start,
      end,
      tag: null,
    };
    return {
      ...first,
      node: {
        kind: 'map',
        entries: [{ key: 'allOf', keyStart: first.keyStart, keyEnd: first.keyEnd, value: list }],
        flow: false,
        start,
        end,
        tag: null,
      },
    };
  };

  const defaultType = child(root, 'defaultContentType');
  const readMessages = new Map<string, AsyncMessage>();
  const readMessage = (key: string, at: SchemaNode): AsyncMessage | null => {
    const node = deref(at);
    if (node === null || node.node.kind !== 'map') return null;
    const id = `${key}\0${side.idOf(node.node)}`;
    const known = readMessages.get(id);
    if (known !== undefined) return known;
    let payload = child(node, 'payload');
    let format = text(node, 'schemaFormat');
    if (major === 3) {
      const multi = follow(payload);
      if (multi !== null && get(multi.node, 'schema') !== undefined && get(multi.node, 'schemaFormat') !== undefined) {
        format = text(multi, 'schemaFormat');
        payload = child(multi, 'schema');
      }
    }
    let headers = conjunction(node, 'headers');
    if (major === 3) {
      const multi = follow(headers);
      if (multi !== null && get(multi.node, 'schema') !== undefined && get(multi.node, 'schemaFormat') !== undefined)
        headers = child(multi, 'schema');
    }
    const own = layered(node, 'contentType');
    const correlation = follow(layered(node, 'correlationId'));
    const location = text(correlation, 'location');
    const message: AsyncMessage = {
      key,
      at,
      node,
      name: textOf(layered(node, 'name')?.node) ?? null,
      payload,
      headers,
      language: isJsonSchema(format) ? null : format,
      contentType: {
        text: (textOf(own?.node) ?? textOf(defaultType?.node) ?? 'application/json').toLowerCase(),
        at: own ?? defaultType,
        own: own !== null,
      },
      correlation: correlation === null || location === null ? null : { location, at: correlation },
      bindings: follow(layered(node, 'bindings')),
    };
    readMessages.set(id, message);
    return message;
  };

  const channels: AsyncChannel[] = [];
  const operations: AsyncOperation[] = [];
  for (const { key, at } of members(child(root, 'channels'))) {
    const node = deref(at);
    if (node === null || node.node.kind !== 'map') continue;
    const parameters = members(child(node, 'parameters')).map((parameter) => ({
      name: parameter.key,
      at: parameter.at,
    }));
    if (major === 3) {
      const address = child(node, 'address');
      const messages = members(child(node, 'messages'))
        .map((message) => readMessage(message.key, message.at))
        .filter((message) => message !== null);
      channels.push({
        key,
        at,
        node,
        address: textOf(address?.node) ?? null,
        addressAt: address ?? at,
        parameters,
        messages,
        bindings: follow(child(node, 'bindings')),
      });
      continue;
    }
    const found = new Map<DataNode, AsyncMessage>();
    const own: { keyword: 'publish' | 'subscribe'; at: SchemaNode; messages: readonly AsyncMessage[] }[] = [];
    for (const keyword of ['publish', 'subscribe'] as const) {
      const operation = child(node, keyword);
      if (operation === null) continue;
      const holder = child(operation, 'message');
      const several = holder === null ? null : child(holder, 'oneOf');
      const places =
        several === null
          ? holder === null
            ? []
            : [holder]
          : itemsOf(several.node).map((item) => itemAt(several, item));
      const messages = places
        .map((place, index) => readMessage(messageKey(place, deref(place), index), place))
        .filter((message) => message !== null);
      for (const message of messages) if (!found.has(message.node.node)) found.set(message.node.node, message);
      own.push({ keyword, at: operation, messages });
    }
    const channel: AsyncChannel = {
      key,
      at,
      node,
      address: key,
      addressAt: at,
      parameters,
      messages: [...found.values()],
      bindings: follow(child(node, 'bindings')),
    };
    channels.push(channel);
    for (const operation of own) {
      const action = operation.keyword === 'publish' ? 'receive' : 'send';
      operations.push({
        key: text(operation.at, 'operationId') ?? `${key} ${operation.keyword}`,
        at: operation.at,
        action,
        actionAt: operation.at,
        channel,
        channelAt: at,
        messages: operation.messages,
        reply: null,
        bindings: follow(layered(operation.at, 'bindings')),
      });
    }
  }
  if (major === 3) {
    const byNode = new Map(channels.map((channel) => [channel.node.node, channel]));
    for (const { key, at } of members(child(root, 'operations'))) {
      const node = deref(at);
      const action = text(node, 'action');
      if (node === null || (action !== 'send' && action !== 'receive')) continue;
      const reference = child(node, 'channel');
      const target = follow(reference);
      const channel = target === null ? null : (byNode.get(target.node) ?? null);
      const list = child(node, 'messages');
      const messages =
        list === null
          ? null
          : itemsOf(list.node).map((item) => {
              const place = itemAt(list, item);
              const found = deref(place);
              return (
                channel?.messages.find(
                  (message) =>
                    message.node.node === found?.node && (lastStep(place) === message.key || lastStep(place) === null),
                ) ??
                channel?.messages.find((message) => message.node.node === found?.node) ??
                null
              );
            });
      const reply = follow(child(node, 'reply'));
      const replyAddress = follow(child(reply, 'address'));
      const replyChannel = follow(child(reply, 'channel'));
      const replyText = text(replyAddress, 'location') ?? text(replyChannel, 'address');
      operations.push({
        key,
        at,
        action,
        actionAt: child(node, 'action') ?? at,
        channel,
        channelAt: reference ?? at,
        messages: messages?.filter((message) => message !== null) ?? null,
        reply: reply === null || replyText === null ? null : { text: replyText, at: reply },
        bindings: follow(layered(node, 'bindings')),
      });
    }
  }
  const servers = members(child(root, 'servers')).flatMap(({ key, at }): readonly AsyncServer[] => {
    const node = deref(at);
    if (node === null || node.node.kind !== 'map') return [];
    const host =
      major === 3
        ? `${text(node, 'host') ?? ''}${text(node, 'pathname') ?? ''}`
        : (text(node, 'url') ?? '').replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
    return [
      {
        key,
        at,
        host,
        protocol: text(node, 'protocol') ?? '',
        security: printSecurity(child(node, 'security'), deref, child(child(root, 'components'), 'securitySchemes')),
        bindings: follow(child(node, 'bindings')),
      },
    ];
  });
  const place = (key: 'channels' | 'operations' | 'servers'): SchemaNode =>
    child(root, key) ?? child(root, 'asyncapi') ?? root;
  return { servers, channels, operations, place };
}

function messageKey(at: SchemaNode, node: SchemaNode | null, index: number): string {
  return lastStep(at) ?? stringOf(get(node?.node, 'messageId')) ?? stringOf(get(node?.node, 'name')) ?? `#${index + 1}`;
}

function lastStep(at: SchemaNode): string | null {
  const reference = referenceOf(at.node);
  return reference === undefined
    ? null
    : reference.slice(Math.max(reference.lastIndexOf('/'), reference.lastIndexOf('#')) + 1);
}

function isJsonSchema(format: string | null): boolean {
  return format === null || /vnd\.aai\.asyncapi|schema\+(?:json|yaml)|vnd\.oai\.openapi|application\/json/.test(format);
}

/** The types of the schemes: 2.x names them, 3.x refers to them. */
function printSecurity(
  security: SchemaNode | null,
  deref: (from: SchemaNode) => SchemaNode | null,
  schemes: SchemaNode | null,
): string {
  if (security === null) return '';
  const typeOf = (at: SchemaNode | null): string | undefined =>
    at === null ? undefined : textOf(get(deref(at)?.node, 'type'));
  const named = (name: string): string => {
    const entry =
      schemes === null ? undefined : entriesOf(schemes.node).findLast((candidate) => candidate.key === name);
    return (entry === undefined || schemes === null ? undefined : typeOf(childAt(schemes, entry))) ?? name;
  };
  return itemsOf(security.node)
    .map(
      (item) =>
        typeOf(itemAt(security, item)) ??
        entriesOf(item)
          .map((entry) => named(entry.key))
          .join('+'),
    )
    .toSorted()
    .join(', ');
}
