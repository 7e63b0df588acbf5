// EventCatalog (2.x and 3.x; `producers`/`consumers` of 1.x) front matter → services, channels, who sends and receives which message, schemas.
//
// A message is no channel, but one that no channel is named for travels somewhere. So that its producers and consumers meet:
//   1. `to`/`from` name channels: the edge is with those, and the message is what goes over it.
//   2. Without them, the channel is the one that the message itself names (`channels:`), or the only one that the other side names for it.
//   3. Where nobody names one, the message itself stands for its channel, under its id, of a broker that is not known.
// Not followed: flows, entities, containers; semver ranges (`^1.0.0`) of a pointer carry no schema.
import type {
  ChannelDeclaration,
  Declaration,
  FailureFacts,
  FileFacts,
  Need,
  Ref,
  SchemaFormat,
  Scope,
  Setting,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location, Problem, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entryOf, get, itemsOf, locationOf, resolvePath, stringOf, textOf } from '../../syntax/data.ts';
import type { Reader } from '../reader.ts';
import { brokerOf, UNKNOWN_BROKER } from './brokers.ts';
import { frontMatterOf } from './front-matter.ts';
import type { Place } from './place.ts';
import { placeOf } from './place.ts';

export const eventcatalogReader: Reader = {
  id: 'eventcatalog',
  title: 'EventCatalog',
  docs: {
    summary:
      "An EventCatalog's Markdown files: the front matter of services, agents, domains, channels and messages makes an organisation's map.",
    reads: [
      '`sends` and `receives` of services, agents and domains, with `to` and `from` channels',
      'channels with `address`, `protocols` and `routes`',
      'events, commands and queries with `channels` and `schemaPath`; a message of another version carries the schema of that version',
      '`producers` and `consumers` of events in catalogs of version 1',
      'domains, as the group of the services in them or listed by them',
      'a message that no channel is named for stands for its own channel, so that its producers and consumers meet',
    ],
    doesNotRead: [
      'old versions under `versioned/`, but for their schemas: the map shows the latest',
      'flows, entities, containers, data products',
      'version ranges of a message (`^1.0.0`, `1.x`): no schema is put on such an edge',
      'messages across catalogs: each catalog has ids of its own',
      'what becomes of failed messages: a catalog does not say it',
    ],
  },
  files: ['**/{services,agents,domains,systems,channels,events,commands,queries}/**/index.{md,mdx}'],
  languages: ['markdown', 'mdx'],
  grammars: () => [],
  recognises: (text, path) => {
    const place = placeOf(path);
    if (place === null || !/^\uFEFF?---[ \t]*[\r\n]/.test(text)) return false;
    const start = text.search(/[\r\n]/);
    const end = text.slice(start).search(/^---[ \t]*$/m);
    const head = text.slice(0, Math.min(HEAD, end < 0 ? HEAD : start + end));
    return (
      (/^id[ \t]*:/m.test(head) && /^version[ \t]*:/m.test(head)) ||
      (/^name[ \t]*:/m.test(head) && /^(?:producers|consumers)[ \t]*:/m.test(head))
    );
  },
  read,
  fragment: readSchema,
};

const HEAD = 8192;
const SYSTEMS: ReadonlySet<string> = new Set(['service', 'agent', 'domain', 'system']);

interface Page {
  readonly file: SourceFile;
  readonly place: Place;
  readonly root: DataNode;
  readonly id: string;
  readonly name: string;
  readonly at: Location;
  readonly declarations: Declaration[];
  readonly needs: Need[];
}

function read(file: SourceFile): FileFacts {
  const place = placeOf(file.path);
  const { root, problems } = frontMatterOf(file);
  if (place === null || root === null) return { ...NO_FACTS, problems };
  const identity = entryOf(root, 'id') ?? entryOf(root, 'name');
  const id = textOf(identity?.value)?.trim() ?? '';
  if (identity === undefined || id === '') {
    const problem: Problem = {
      file: file.path,
      range: locationAt(file, root.start, root.start).range,
      message: 'The page has no `id`: nothing can refer to it.',
    };
    return { ...NO_FACTS, problems: [...problems, problem] };
  }
  const page: Page = {
    file,
    place,
    root,
    id,
    name: textOf(get(root, 'name'))?.trim() ?? id,
    at: locationOf(file, identity.value),
    declarations: [],
    needs: [],
  };
  if (SYSTEMS.has(place.collection)) {
    if (!place.isOld) readSystem(page);
  } else if (place.collection === 'channel') {
    if (!place.isOld) readChannel(page);
  } else readMessage(page);
  return { ...NO_FACTS, declarations: page.declarations, needs: page.needs, problems };
}

/** Services and agents are services; a domain or a system is one where it sends or receives itself. */
function readSystem(page: Page): void {
  const { place, root, id, name, at, declarations } = page;
  const { collection } = place;
  const isWhole = collection === 'domain' || collection === 'system';
  if (collection === 'domain') {
    for (const item of itemsOf(get(root, 'services'))) {
      const service = textOf(get(item, 'id'));
      if (service === undefined) continue;
      declarations.push({
        kind: 'export',
        space: groupSpace(page, service),
        name: literal(name),
        value: { kind: 'unknown', text: service, reason: 'a service is no channel' },
        at: locationOf(page.file, item),
      });
    }
  }
  const sends = itemsOf(get(root, 'sends'));
  const receives = itemsOf(get(root, 'receives'));
  if (isWhole && sends.length + receives.length === 0) return;
  declarations.push({
    kind: 'service',
    key: id,
    name,
    group: collection === 'domain' ? name : groupOf(place),
    ...(isWhole ? {} : { groupSpace: groupSpace(page, id) }),
    scope: 'workspace',
    covers: 'nothing',
    code: [],
    at,
  });
  const service: Ref = { kind: 'key', key: id };
  for (const item of sends) exchange(page, service, item, 'send');
  for (const item of receives) exchange(page, service, item, 'receive');
}

/** One entry of `sends` or `receives`. */
function exchange(page: Page, service: Ref, item: DataNode, direction: 'send' | 'receive'): void {
  const { file, declarations } = page;
  const entry = entryOf(item, 'id');
  const message = textOf(entry?.value)?.trim() ?? '';
  if (entry === undefined || message === '') {
    declarations.push({
      kind: 'unresolved',
      what: `an entry of ${direction === 'send' ? 'sends' : 'receives'}`,
      why: 'it has no id',
      role: direction,
      at: locationOf(file, item),
    });
    return;
  }
  const at = locationOf(file, entry.value);
  const version = textOf(get(item, 'version'))?.trim() ?? 'latest';
  const schemas: readonly Ref[] = [
    { kind: 'import', space: schemaSpace(page, message), name: literal(version), text: message },
  ];
  const channels = itemsOf(get(item, direction === 'send' ? 'to' : 'from')).flatMap((pointer) => {
    const id = textOf(get(pointer, 'id'))?.trim() ?? '';
    return id === '' ? [] : [channelRef(page, id)];
  });
  for (const channel of channels)
    declarations.push({
      kind: 'export',
      space: pathSpace(page, message, direction),
      name: literal(message),
      value: channel,
      at,
    });
  const why = `${direction === 'send' ? 'sends' : 'receives'} ${message}`;
  for (const channel of channels.length > 0 ? channels : [messageRef(page, message, direction)]) {
    if (direction === 'send')
      declarations.push({ kind: 'send', service, channel, schemas, confidence: 'declared', why, at });
    else
      declarations.push({
        kind: 'receive',
        service,
        channel,
        subscription: null,
        schemas,
        failure: unsaid(at),
        settings: fieldsOf(page, item),
        confidence: 'declared',
        why,
        at,
      });
  }
}

function readChannel(page: Page): void {
  const { file, root, id, at, declarations } = page;
  const address = textOf(get(root, 'address'))?.trim() ?? '';
  const written = get(root, 'protocols');
  const protocols = (written?.kind === 'seq' ? written.items : written === undefined ? [] : [written]).flatMap(
    (item) => stringOf(item) ?? [],
  );
  const { broker, kind } = brokerOf(protocols);
  declarations.push(
    {
      kind: 'channel',
      key: id,
      name: literal(address === '' ? id : address),
      logicalId: id,
      broker,
      channelKind: kind,
      // Where neither an address nor a protocol is told, the id means something within the catalog only.
      scope: address === '' || broker === UNKNOWN_BROKER ? catalogScope(page) : { kind: 'workspace', hosts: [] },
      group: groupOf(page.place),
      platformSource: false,
      deadLetter: false,
      failure: null,
      settings: new Map(),
      schemas: [],
      at,
    },
    { kind: 'export', space: channelSpace(page, id), name: literal(id), value: { kind: 'key', key: id }, at },
  );
  for (const item of itemsOf(get(root, 'routes'))) {
    const target = entryOf(item, 'id');
    const to = textOf(target?.value)?.trim() ?? '';
    if (target === undefined || to === '') continue;
    const place = locationOf(file, target.value);
    declarations.push({
      kind: 'route',
      from: { kind: 'key', key: id },
      to: channelRef(page, to),
      subscription: null,
      failure: unsaid(place),
      settings: new Map(),
      confidence: 'declared',
      why: `routes of ${id}`,
      at: place,
    });
  }
}

function readMessage(page: Page): void {
  const { file, place, root, id, at, declarations, needs } = page;
  const version = textOf(get(root, 'version'))?.trim() ?? '';
  const schemaEntry = entryOf(root, 'schemaPath');
  const path = schemaEntry === undefined ? null : resolvePath(file.path, stringOf(schemaEntry.value) ?? '');
  const schema: Ref | null = path === null ? null : { kind: 'file', file: path, key: '#' };
  if (schema !== null && path !== null && schemaEntry !== undefined) {
    const where = locationOf(file, schemaEntry.value);
    needs.push({ file: path, pointer: '', at: where });
    for (const name of new Set(place.isOld ? [version] : [version, 'latest']))
      declarations.push({
        kind: 'export',
        space: schemaSpace(page, id),
        name: literal(name),
        value: schema,
        at: where,
      });
  }
  if (place.isOld) return;
  const channel: ChannelDeclaration = {
    kind: 'channel',
    key: id,
    name: literal(id),
    logicalId: id,
    broker: UNKNOWN_BROKER,
    channelKind: 'other',
    scope: catalogScope(page),
    group: groupOf(place),
    // Commands and queries are asked for by people and programs that no catalog lists.
    platformSource: place.collection !== 'event',
    deadLetter: false,
    failure: null,
    settings: new Map(),
    schemas: schema === null ? [] : [schema],
    byUse: true,
    at,
  };
  declarations.push(channel);
  for (const pointer of itemsOf(get(root, 'channels'))) {
    const name = textOf(get(pointer, 'id'))?.trim() ?? '';
    if (name === '') continue;
    for (const direction of ['send', 'receive'] as const)
      declarations.push({
        kind: 'export',
        space: pathSpace(page, id, direction),
        name: literal(id),
        value: channelRef(page, name),
        at: locationOf(file, pointer),
      });
  }
  for (const [key, direction] of [
    ['producers', 'send'],
    ['consumers', 'receive'],
  ] as const) {
    for (const item of itemsOf(get(root, key))) {
      const name = (stringOf(item) ?? '').trim();
      if (name === '') continue;
      const where = locationOf(file, item);
      const service: Ref = { kind: 'key', key: `${key} ${name}` };
      declarations.push({
        kind: 'service',
        key: service.key,
        name,
        group: groupOf(place),
        groupSpace: groupSpace(page, name),
        scope: 'workspace',
        covers: 'nothing',
        code: [],
        at: where,
      });
      const to = messageRef(page, id, direction);
      const schemas = schema === null ? [] : [schema];
      const why = `${key} of ${id}`;
      if (direction === 'send')
        declarations.push({ kind: 'send', service, channel: to, schemas, confidence: 'declared', why, at: where });
      else
        declarations.push({
          kind: 'receive',
          service,
          channel: to,
          subscription: null,
          schemas,
          failure: unsaid(where),
          settings: new Map(),
          confidence: 'declared',
          why,
          at: where,
        });
    }
  }
}

/** The schema file that a message names: one schema under `#`, whatever its language. */
function readSchema(file: SourceFile): FileFacts {
  const folders = file.path.split('/');
  const name = folders.pop() ?? file.path;
  const version = folders.at(-2) === 'versioned' ? ` ${folders.at(-1) ?? ''}` : '';
  const owner = version === '' ? folders.at(-1) : folders.at(-3);
  const plain = /^schema\.[a-z]+$/i.test(name) && owner !== undefined ? owner : name;
  return {
    ...NO_FACTS,
    declarations: [
      {
        kind: 'schema',
        key: '#',
        name: `${plain}${version}`,
        format: formatOf(file),
        at: locationAt(file, 0, Math.min(1, file.text.length)),
      },
    ],
  };
}

function formatOf(file: SourceFile): SchemaFormat {
  if (/\.(?:avsc|avro)$/i.test(file.path)) return 'avro';
  if (/\.proto$/i.test(file.path)) return 'protobuf';
  return /\.(?:json|ya?ml)$/i.test(file.path) ? 'json-schema' : 'other';
}

/** The channel of an id; where the catalog has no page for it, a channel of that name. */
function channelRef(page: Page, id: string): Ref {
  return {
    kind: 'import',
    space: channelSpace(page, id),
    name: literal(id),
    text: id,
    several: `several pages of the catalog have the id ${id}`,
    orElse: {
      kind: 'named',
      broker: UNKNOWN_BROKER,
      channelKind: 'other',
      name: literal(id),
      scope: catalogScope(page),
    },
  };
}

/** Where a message goes that this side names no channel for: the channel that the other side names, else the message itself. */
function messageRef(page: Page, message: string, direction: 'send' | 'receive'): Ref {
  return {
    kind: 'import',
    space: pathSpace(page, message, direction === 'send' ? 'receive' : 'send'),
    name: literal(message),
    text: message,
    several: `it travels over several channels, and the catalog does not say which of them is meant here`,
    orElse: {
      kind: 'named',
      broker: UNKNOWN_BROKER,
      channelKind: 'other',
      name: literal(message),
      scope: catalogScope(page),
    },
  };
}

/** Ids mean one thing within one catalog: the catalog stands where a broker's host would. */
function catalogScope({ place }: Page): Scope {
  return { kind: 'workspace', hosts: [`eventcatalog ${place.catalog}`] };
}

/** The domain around a page; without one, the catalog as a whole. */
function groupOf({ domain, catalog }: Place): string {
  return domain ?? catalog.slice(catalog.lastIndexOf('/') + 1);
}

function channelSpace({ place }: Page, id: string): string {
  return `eventcatalog-channel:${place.catalog}:${id}`;
}

function pathSpace({ place }: Page, message: string, direction: 'send' | 'receive'): string {
  return `eventcatalog-${direction}:${place.catalog}:${message}`;
}

function schemaSpace({ place }: Page, message: string): string {
  return `eventcatalog-schema:${place.catalog}:${message}`;
}

function groupSpace({ place }: Page, service: string): string {
  return `eventcatalog-group:${place.catalog}:${service}`;
}

function unsaid(at: Location): FailureFacts {
  const why = 'a catalog does not say what becomes of failed messages';
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

/** The fields that a consumer says it reads. */
function fieldsOf(page: Page, item: DataNode): ReadonlyMap<string, Setting> {
  const entry = entryOf(item, 'fields');
  if (entry === undefined) return new Map();
  const value = itemsOf(entry.value)
    .flatMap((field) => textOf(field) ?? [])
    .join(', ');
  return new Map([['fields', { value, at: locationOf(page.file, entry.value) }]]);
}
