// `services`, `channels` and `pins` of a workspace's own eventscape.yaml → what no other reader can see: a legacy service, a partner, a name that
// is known to people alone. The other keys of the file are settings. docs/schemas/eventscape.schema.json says the same for editors.
//
// Names mean what the workspace calls so already, where that is one thing; else something of its own.
import type { ChannelDeclaration, Declaration, FailureFacts, FileFacts, Need, Ref } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location, Problem, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { ChannelKind } from '../../model/topology.ts';
import type { DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, keyLocation, locationOf, resolvePath, stringOf, textOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';

export const eventscapeYamlReader: Reader = {
  id: 'eventscape-yaml',
  title: 'eventscape.yaml',
  docs: {
    summary:
      "A workspace's own word in its eventscape.yaml, for what no file declares: services and channels elsewhere, and what an unresolved name means.",
    reads: [
      '`services`: a name, its `group`, and the channels that it `sends` to and `receives` from, each by name or with `schema`, `subscription` and `deadLetter`',
      '`channels`: a name, its `broker`, `kind`, `group`, `schema`, `deadLetter`, `routes`, and `outside: true` where messages come from elsewhere',
      '`pins`: the text of an unresolved name, the files in which it stands, and the channel that it means',
      'names that the workspace has already, if they are one thing there: what is written here adds to it',
    ],
    doesNotRead: [
      'files in other folders than the workspace’s own',
      'names that several services or channels of the workspace go by: they are taken for something of their own',
      'code: a `schema` is a file',
    ],
  },
  files: ['eventscape.{yaml,yml}'],
  languages: ['yaml'],
  grammars: () => [],
  recognises: (text, path) =>
    !path.includes('/') && (/^["']?(?:services|channels|pins)["']?\s*:/m.test(text) || /^\s*\{/.test(text)),
  read: (file) => new Manifest(file).read(),
  fragment: readSchema,
};

/** Keys of each part: the same as in the JSON Schema, which a test holds. */
export const MANIFEST_KEYS = {
  service: ['group', 'sends', 'receives'],
  channel: ['broker', 'kind', 'group', 'schema', 'deadLetter', 'routes', 'outside'],
  send: ['channel', 'schema'],
  receive: ['channel', 'schema', 'subscription', 'deadLetter'],
  pin: ['what', 'files', 'channel'],
} as const;

const KINDS: readonly string[] = [
  'topic',
  'queue',
  'exchange',
  'stream',
  'bus',
  'subject',
  'other',
] satisfies ChannelKind[];
const UNKNOWN_BROKER = 'unknown';

class Manifest {
  readonly #file: SourceFile;
  readonly #declarations: Declaration[] = [];
  readonly #needs: Need[] = [];
  readonly #problems: Problem[] = [];
  /** Channels by name, as far as they are spoken of; entries of `channels` first. */
  readonly #channels = new Map<string, ChannelDeclaration>();

  constructor(file: SourceFile) {
    this.#file = file;
  }

  read(): FileFacts {
    // What is no YAML is said where the settings are read.
    const [root] = parseData(this.#file).roots;
    for (const entry of this.#entries(get(root, 'channels'), 'channels')) this.#channel(entry);
    for (const entry of this.#entries(get(root, 'services'), 'services')) this.#service(entry);
    for (const item of this.#items(get(root, 'pins'), 'pins')) this.#pin(item);
    return {
      ...NO_FACTS,
      declarations: [...this.#channels.values(), ...this.#declarations],
      needs: this.#needs,
      problems: this.#problems,
    };
  }

  #channel(entry: DataEntry): void {
    const { value } = entry;
    this.#known(value, MANIFEST_KEYS.channel, 'a channel');
    const at = keyLocation(this.#file, entry);
    const kind = this.#text(value, 'kind');
    if (kind !== null && !KINDS.includes(kind))
      this.#complain(get(value, 'kind') ?? value, `\`kind\` is one of ${KINDS.join(', ')}.`);
    const broker = this.#text(value, 'broker')?.toLowerCase() ?? UNKNOWN_BROKER;
    const deadLetter = this.#text(value, 'deadLetter');
    this.#channels.set(entry.key, {
      ...this.#named(entry.key, at),
      broker,
      channelKind: KINDS.includes(kind ?? '') ? (kind as ChannelKind) : usualKind(broker),
      group: this.#text(value, 'group'),
      platformSource: get(value, 'outside')?.kind === 'scalar' && textOf(get(value, 'outside')) === 'true',
      failure: deadLetter === null ? null : this.#deadLetters(deadLetter, get(value, 'deadLetter') ?? value),
      schemas: this.#schemas(value),
    });
    for (const item of this.#items(get(value, 'routes'), 'routes')) {
      const to = textOf(item);
      if (to === undefined) this.#complain(item, '`routes` takes names of channels.');
      else {
        const place = locationOf(this.#file, item);
        this.#declarations.push({
          kind: 'route',
          from: { kind: 'key', key: entry.key },
          to: this.#to(to, place),
          subscription: null,
          failure: unsaid(place),
          settings: new Map(),
          confidence: 'declared',
          why: 'eventscape.yaml',
          at: place,
        });
      }
    }
  }

  #service(entry: DataEntry): void {
    const { value, key } = entry;
    this.#known(value, MANIFEST_KEYS.service, 'a service');
    this.#declarations.push({
      kind: 'service',
      key,
      name: key,
      group: this.#text(value, 'group'),
      scope: 'workspace',
      covers: 'nothing',
      code: [],
      byName: true,
      at: keyLocation(this.#file, entry),
    });
    const service: Ref = { kind: 'key', key };
    for (const item of this.#items(get(value, 'sends'), 'sends')) {
      const found = this.#exchange(item, 'send');
      if (found === null) continue;
      const { channel, at } = found;
      const schemas = this.#schemas(item);
      this.#declarations.push({
        kind: 'send',
        service,
        channel,
        schemas,
        confidence: 'declared',
        why: 'eventscape.yaml',
        at,
      });
    }
    for (const item of this.#items(get(value, 'receives'), 'receives')) {
      const found = this.#exchange(item, 'receive');
      if (found === null) continue;
      const { channel, at } = found;
      const subscription = this.#text(item, 'subscription');
      const deadLetter = this.#text(item, 'deadLetter');
      this.#declarations.push({
        kind: 'receive',
        service,
        channel,
        subscription: subscription === null ? null : literal(subscription),
        schemas: this.#schemas(item),
        failure:
          deadLetter === null
            ? { ...unsaid(at), deadLetter: { kind: 'of-channel' } }
            : this.#deadLetters(deadLetter, get(item, 'deadLetter') ?? item),
        settings: new Map(),
        confidence: 'declared',
        why: 'eventscape.yaml',
        at,
      });
    }
  }

  /** An entry of `sends` or `receives`: the name of a channel, or a map with it. */
  #exchange(item: DataNode, direction: 'send' | 'receive'): { readonly channel: Ref; readonly at: Location } | null {
    const node = item.kind === 'map' ? get(item, 'channel') : item;
    if (item.kind === 'map')
      this.#known(item, MANIFEST_KEYS[direction], `an entry of \`${direction === 'send' ? 'sends' : 'receives'}\``);
    const name = textOf(node);
    if (node === undefined || name === undefined || name === '') {
      this.#complain(item, `An entry of \`${direction}s\` is the name of a channel, or has one as \`channel\`.`);
      return null;
    }
    const at = locationOf(this.#file, node);
    return { channel: this.#to(name, at), at };
  }

  #pin(item: DataNode): void {
    this.#known(item, MANIFEST_KEYS.pin, 'a pin');
    const what = this.#text(item, 'what');
    const channel = entryOf(item, 'channel');
    const name = textOf(channel?.value);
    if (what === null || channel === undefined || name === undefined || name === '') {
      this.#complain(
        item,
        'A pin has `what`, an unresolved name as it is shown, and `channel`, the name of the channel that it means.',
      );
      return;
    }
    const at = locationOf(this.#file, channel.value);
    this.#declarations.push({ kind: 'pin', what, files: this.#text(item, 'files'), channel: this.#to(name, at), at });
  }

  /** The channel of a name; spoken of only, where `channels` does not list it. */
  #to(name: string, at: Location): Ref {
    if (!this.#channels.has(name)) this.#channels.set(name, { ...this.#named(name, at), byUse: true });
    return { kind: 'key', key: name };
  }

  #named(name: string, at: Location): ChannelDeclaration {
    return {
      kind: 'channel',
      key: name,
      name: literal(name),
      logicalId: name,
      broker: UNKNOWN_BROKER,
      channelKind: 'other',
      scope: { kind: 'workspace', hosts: [] },
      group: null,
      platformSource: false,
      deadLetter: false,
      failure: null,
      settings: new Map(),
      schemas: [],
      byName: true,
      at,
    };
  }

  #deadLetters(name: string, node: DataNode): FailureFacts {
    const at = locationOf(this.#file, node);
    return {
      ...unsaid(at),
      deadLetter: { kind: 'configured', to: this.#to(name, at), at },
      then: 'dead-letters',
    };
  }

  #schemas(node: DataNode): readonly Ref[] {
    const written = node.kind === 'map' ? get(node, 'schema') : undefined;
    if (written === undefined) return [];
    return (written.kind === 'seq' ? written.items : [written]).flatMap((item): readonly Ref[] => {
      const text = stringOf(item) ?? '';
      const hash = text.indexOf('#');
      const path = text === '' ? null : resolvePath(this.#file.path, hash < 0 ? text : text.slice(0, hash));
      if (path === null) {
        this.#complain(item, '`schema` takes the path of a file in the workspace.');
        return [];
      }
      const key = hash < 0 ? '#' : text.slice(hash);
      this.#needs.push({ file: path, pointer: key, at: locationOf(this.#file, item) });
      return [{ kind: 'file', file: path, key }];
    });
  }

  #text(node: DataNode, key: string): string | null {
    const value = node.kind === 'map' ? get(node, key) : undefined;
    if (value === undefined) return null;
    const text = textOf(value);
    if (text === undefined) this.#complain(value, `\`${key}\` takes a text.`);
    return text ?? null;
  }

  #entries(node: DataNode | undefined, key: string): readonly DataEntry[] {
    if (node !== undefined && node.kind !== 'map' && !(node.kind === 'scalar' && node.value === null))
      this.#complain(node, `\`${key}\` takes names, each with what is said of it.`);
    return entriesOf(node);
  }

  #items(node: DataNode | undefined, key: string): readonly DataNode[] {
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
    if (node.kind === 'seq') return node.items;
    this.#complain(node, `\`${key}\` takes a list.`);
    return [];
  }

  #known(node: DataNode, keys: readonly string[], what: string): void {
    if (node.kind !== 'map') {
      if (node.kind !== 'scalar' || node.value !== null)
        this.#complain(node, `What is said of ${what} is a map: ${keys.join(', ')}.`);
      return;
    }
    for (const entry of node.entries)
      if (!keys.includes(entry.key))
        this.#complain(
          { start: entry.keyStart, end: entry.keyEnd },
          `\`${entry.key}\` is nothing that can be said of ${what}: ${keys.join(', ')}.`,
        );
  }

  #complain(node: { readonly start: number; readonly end: number }, message: string): void {
    this.#problems.push({ file: this.#file.path, range: locationAt(this.#file, node.start, node.end).range, message });
  }
}

/** The schema file that the manifest names. */
function readSchema(file: SourceFile, pointers: readonly string[]): FileFacts {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/(?:\.schema)?\.[a-z]+$/i, '');
  const format = /\.(?:avsc|avdl|avro)$/i.test(file.path)
    ? 'avro'
    : /\.proto$/i.test(file.path)
      ? 'protobuf'
      : /\.(?:json|ya?ml)$/i.test(file.path)
        ? 'json-schema'
        : 'other';
  const at = locationAt(file, 0, Math.min(1, file.text.length));
  return {
    ...NO_FACTS,
    declarations: pointers.map((key): Declaration => ({
      kind: 'schema',
      key,
      name: key === '#' ? name : key.slice(key.lastIndexOf('/') + 1),
      format,
      at,
    })),
  };
}

function usualKind(broker: string): ChannelKind {
  switch (broker) {
    case 'kafka':
    case 'sns':
    case 'pubsub':
    case 'mqtt':
    case 'pulsar':
    case 'encore':
      return 'topic';
    case 'sqs':
    case 'amqp':
    case 'jms':
    case 'servicebus':
      return 'queue';
    case 'kinesis':
    case 'eventhubs':
      return 'stream';
    case 'eventbridge':
      return 'bus';
    case 'nats':
      return 'subject';
    default:
      return 'other';
  }
}

function unsaid(at: Location): FailureFacts {
  const why = 'eventscape.yaml does not say it';
  return {
    deadLetter: { kind: 'unknown', why },
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'unknown', why },
    handle: { dialect: '', at, path: [], role: 'none' },
  };
}
