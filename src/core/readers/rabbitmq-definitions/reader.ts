// RabbitMQ definitions files (the export of `rabbitmqctl export_definitions` and of the management plugin, 3.x and 4.x) → exchanges, queues,
// bindings as routes, dead letters by argument and policy, shovels and federation. An alternate exchange is a route, never a dead letter.
// Not read: users, permissions, operator policies, definitions split into a folder of files per kind.
import type {
  ChannelDeclaration,
  Declaration,
  FileFacts,
  Ref,
  RouteDeclaration,
  Scope,
  Setting,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location, SourceFile } from '../../model/source.ts';
import { entriesOf, get, itemsOf, locationOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import type { BrokerObject, Definitions, Parameter } from './definitions.ts';
import { DEFAULT_VHOST, queueType, readDefinitions } from './definitions.ts';
import { deadLetterOf, forwarding, namedRef, queueFailure, targetOf } from './failure.ts';

export const rabbitmqDefinitionsReader: Reader = {
  id: 'rabbitmq-definitions',
  title: 'RabbitMQ definitions',
  docs: {
    summary: 'Definitions files of RabbitMQ: what a broker is set up with, in JSON.',
    reads: [
      'exchanges and queues with their arguments; queue types, length limits and time-to-live as settings',
      'bindings, from exchange to queue and from exchange to exchange; alternate exchanges as routes',
      'dead letters: `x-dead-letter-exchange` and its routing key, `x-delivery-limit`, and the same by the policy in force (pattern, `apply-to`, priority)',
      'delay and retry queues: a time-to-live that leads back to a working exchange is a route, not a dead letter',
      'shovels, and federation of exchanges and queues by policy',
    ],
    doesNotRead: [
      'users and permissions',
      'operator policies',
      'policies whose pattern repeats groups: the verdict is unknown then',
    ],
  },
  files: ['**/*.json'],
  languages: ['json', 'jsonc'],
  grammars: () => [],
  recognises: (text) =>
    (text.includes('"queues"') || text.includes('"exchanges"') || text.includes('"policies"')) &&
    (/"rabbit(?:mq)?_version"\s*:/.test(text) ||
      (/"(?:exchanges|bindings)"\s*:\s*\[/.test(text) && /"(?:auto_delete|destination_type)"\s*:/.test(text))) &&
    !text.includes('"$schema"'),
  read(file): FileFacts {
    const document = parseData(file);
    const [root] = document.roots;
    if (root?.kind !== 'map') return { ...NO_FACTS, problems: document.problems };
    return { ...NO_FACTS, declarations: declare(readDefinitions(file)), problems: document.problems };
  },
};

const DEADISH = /dlx|dlq|dead|error|fail|park|poison|undeliver|reject/i;
/** Called what it is: nothing else tells where only code fills it. */
const DEAD_QUEUE = /dlq|dead|parking|poison/i;
const WAITING = /delay|retry|wait|defer|schedul|backoff/i;
const QUEUE_SETTINGS: ReadonlySet<string> = new Set([
  'x-queue-type',
  'x-message-ttl',
  'x-expires',
  'x-max-length',
  'x-max-length-bytes',
  'x-overflow',
  'x-delivery-limit',
  'x-dead-letter-strategy',
  'x-dead-letter-routing-key',
  'x-single-active-consumer',
  'x-max-priority',
]);

type RefOf = (kind: 'queue' | 'exchange', vhost: string, name: string) => Ref;

function declare(definitions: Definitions): readonly Declaration[] {
  const { file, queues, exchanges } = definitions;
  const keys = new Set([...queues, ...exchanges].map((object) => keyOf(object.kind, object.vhost, object.name)));
  const used = new Set<string>();
  const refOf: RefOf = (kind, vhost, name) => {
    const key = keyOf(kind, vhost, name);
    if (keys.has(key)) return { kind: 'key', key };
    if (name.startsWith('amq.')) {
      // The broker has these without being told.
      used.add(key);
      return { kind: 'key', key };
    }
    return namedRef(kind, name);
  };
  const roles = rolesOf(definitions);
  const scopeOf = scopes([...queues, ...exchanges]);
  const declarations: Declaration[] = [];
  for (const exchange of exchanges) {
    if (exchange.name === '' || exchange.name.startsWith('amq.')) continue;
    declarations.push({
      ...channelOf(file, exchange, scopeOf(exchange)),
      deadLetter: roles.deadExchanges.has(keyOf('exchange', exchange.vhost, exchange.name)),
      settings: new Map([
        ['type', { value: textOf(get(exchange.node, 'type')) ?? null, at: locationOf(file, exchange.nameNode) }],
      ]),
    });
    const alternate =
      get(get(exchange.node, 'arguments'), 'alternate-exchange') ??
      policySetting(definitions, exchange, 'alternate-exchange');
    const target = textOf(alternate);
    if (alternate !== undefined && target !== undefined && target !== '')
      declarations.push(
        route(
          refOf('exchange', exchange.vhost, exchange.name),
          refOf('exchange', exchange.vhost, target),
          locationOf(file, alternate),
          'alternate exchange, for what no binding matches',
        ),
      );
  }
  for (const queue of queues) {
    const key = keyOf('queue', queue.vhost, queue.name);
    const waits = roles.waiting.get(key);
    const failure = queueFailure(definitions, queue, refOf);
    declarations.push({
      ...channelOf(file, queue, scopeOf(queue)),
      deadLetter: roles.deadQueues.has(key) || DEAD_QUEUE.test(queue.name),
      failure:
        waits === undefined
          ? failure
          : {
              ...failure,
              deadLetter: { kind: 'not-applicable', why: 'messages only wait here until their time-to-live is over' },
              then: 'unknown',
              story: '',
              retry: { kind: 'not-applicable' },
            },
      settings: settingsOf(file, queue),
    });
    if (waits !== undefined)
      declarations.push(
        route(
          { kind: 'key', key },
          targetOf(queue, waits, refOf),
          waits.at,
          'delivered on when its time-to-live is over',
        ),
      );
  }
  for (const binding of definitions.bindings) {
    const at = locationOf(file, get(binding.node, 'destination') ?? binding.node);
    const to = refOf(binding.toExchange ? 'exchange' : 'queue', binding.vhost, binding.destination);
    const settings = new Map<string, Setting>([
      [
        'routing_key',
        { value: binding.routingKey, at: locationOf(file, get(binding.node, 'routing_key') ?? binding.node) },
      ],
    ]);
    declarations.push({
      ...route(
        refOf('exchange', binding.vhost, binding.source),
        to,
        at,
        binding.routingKey === '' ? 'binding' : `binding with the key ${binding.routingKey}`,
      ),
      settings,
    });
  }
  for (const parameter of definitions.parameters)
    if (parameter.component === 'shovel') declarations.push(...shovel(definitions, parameter, keys, refOf));
  declarations.push(...federations(definitions));
  for (const key of used) {
    const name = key.slice(key.lastIndexOf('|') + 1);
    const user = definitions.bindings.find((binding) => binding.source === name || binding.destination === name);
    declarations.push({
      ...bareChannel(
        key,
        name,
        'exchange',
        locationOf(file, get(user?.node, 'source') ?? user?.node ?? { start: 0, end: 0 }),
      ),
      settings: new Map(),
    });
  }
  return declarations;
}

function keyOf(kind: 'queue' | 'exchange', vhost: string, name: string): string {
  return `${kind}|${vhost}|${name}`;
}

function bareChannel(key: string, name: string, kind: 'queue' | 'exchange', at: Location): ChannelDeclaration {
  return {
    kind: 'channel',
    key,
    name: literal(name),
    logicalId: name,
    broker: 'amqp',
    channelKind: kind,
    scope: { kind: 'workspace', hosts: [] },
    group: null,
    platformSource: false,
    deadLetter: false,
    failure: null,
    settings: new Map(),
    schemas: [],
    at,
  };
}

function channelOf(file: SourceFile, object: BrokerObject, scope: Scope): ChannelDeclaration {
  return {
    ...bareChannel(
      keyOf(object.kind, object.vhost, object.name),
      object.name,
      object.kind,
      locationOf(file, object.nameNode),
    ),
    scope,
  };
}

/** Objects of one name in several virtual hosts are several. The default one is what others mean who name none. */
function scopes(objects: readonly BrokerObject[]): (object: BrokerObject) => Scope {
  const hosts = new Map<string, Set<string>>();
  const key = ({ kind, name }: BrokerObject): string => `${kind} ${name}`;
  for (const object of objects) hosts.set(key(object), (hosts.get(key(object)) ?? new Set<string>()).add(object.vhost));
  return (object) => ({
    kind: 'workspace',
    hosts: object.vhost !== DEFAULT_VHOST || (hosts.get(key(object))?.size ?? 0) > 1 ? [`vhost ${object.vhost}`] : [],
  });
}

interface Roles {
  readonly deadExchanges: ReadonlySet<string>;
  readonly deadQueues: ReadonlySet<string>;
  /** Queues that only hold messages back, with the setting that sends them on. */
  readonly waiting: ReadonlyMap<
    string,
    { readonly exchange: string; readonly routingKey: string | null; readonly at: Location }
  >;
}

/** Which exchanges and queues are there for dead letters, and which queues only delay. */
function rolesOf(definitions: Definitions): Roles {
  const written = definitions.queues.flatMap((queue) => {
    const setting = deadLetterOf(definitions, queue);
    return setting === null || setting === 'unknown'
      ? []
      : [{ queue, setting, key: keyOf('queue', queue.vhost, queue.name) }];
  });
  const targets = new Set(
    written.map(({ queue, setting }) =>
      setting.exchange === ''
        ? keyOf('queue', queue.vhost, setting.routingKey ?? queue.name)
        : keyOf('exchange', queue.vhost, setting.exchange),
    ),
  );
  const sources = new Map<string, Set<string>>();
  for (const { vhost, source, destination, toExchange } of definitions.bindings) {
    const key = keyOf(toExchange ? 'exchange' : 'queue', vhost, destination);
    const set = sources.get(key) ?? new Set<string>();
    set.add(keyOf('exchange', vhost, source));
    sources.set(key, set);
  }
  const fedByDeadLetters = (key: string): boolean =>
    targets.has(key) || [...(sources.get(key) ?? [])].some((source) => targets.has(source));
  const waiting = new Map(
    written
      .filter(({ queue, setting, key }) => {
        const timed =
          get(get(queue.node, 'arguments'), 'x-message-ttl') ?? policySetting(definitions, queue, 'message-ttl');
        return (
          timed !== undefined &&
          !DEADISH.test(setting.exchange + (setting.exchange === '' ? (setting.routingKey ?? '') : '')) &&
          (fedByDeadLetters(key) || WAITING.test(queue.name))
        );
      })
      .map(({ key, setting }) => [key, setting] as const),
  );
  const dead = written.filter(({ key }) => !waiting.has(key));
  const deadExchanges = new Set(
    dead.flatMap(({ queue, setting }) =>
      setting.exchange === '' ? [] : [keyOf('exchange', queue.vhost, setting.exchange)],
    ),
  );
  const direct = new Set(
    dead.flatMap(({ queue, setting }) =>
      setting.exchange === '' && setting.routingKey !== null && setting.routingKey !== queue.name
        ? [keyOf('queue', queue.vhost, setting.routingKey)]
        : [],
    ),
  );
  const deadQueues = new Set(
    definitions.queues
      .map((queue) => keyOf('queue', queue.vhost, queue.name))
      .filter((key) => {
        const from = [...(sources.get(key) ?? [])];
        return (
          !waiting.has(key) &&
          (direct.has(key) || (from.length > 0 && from.every((source) => deadExchanges.has(source))))
        );
      }),
  );
  return { deadExchanges, deadQueues, waiting };
}

function policySetting(definitions: Definitions, object: BrokerObject, name: string): DataNode | undefined {
  const policy = definitions.policyOf(object);
  return policy === 'unknown' ? undefined : get(policy, name);
}

function settingsOf(file: SourceFile, queue: BrokerObject): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const { key, value } of entriesOf(get(queue.node, 'arguments')))
    if (QUEUE_SETTINGS.has(key))
      settings.set(key, { value: value.kind === 'scalar' ? value.value : null, at: locationOf(file, value) });
  if (!settings.has('x-queue-type'))
    settings.set('x-queue-type', { value: queueType(queue), at: locationOf(file, queue.nameNode) });
  return settings;
}

function route(from: Ref, to: Ref, at: Location, why: string): RouteDeclaration {
  return {
    kind: 'route',
    from,
    to,
    subscription: null,
    failure: forwarding(at),
    settings: new Map(),
    confidence: 'declared',
    why,
    at,
  };
}

/** A shovel moves from a queue or an exchange of one broker to one of another, or of the same. */
function shovel(
  definitions: Definitions,
  { vhost, name, value }: Parameter,
  keys: ReadonlySet<string>,
  refOf: RefOf,
): readonly Declaration[] {
  const declarations: Declaration[] = [];
  const end = (side: 'src' | 'dest'): { readonly ref: Ref; readonly node: DataNode } | null => {
    const uri = get(value, `${side}-uri`);
    const address = textOf(uri) ?? textOf(itemsOf(uri)[0]) ?? '';
    const place = uriOf(address);
    for (const kind of ['queue', 'exchange'] as const) {
      const node = get(value, `${side}-${kind}`);
      const text = textOf(node);
      if (node === undefined || text === undefined || text === '') continue;
      const home = place.vhost ?? vhost;
      if (place.host === null) return { ref: refOf(kind, home, text), node };
      const key = `remote|${place.host}|${keyOf(kind, home, text)}`;
      if (!declarations.some((known) => known.kind === 'channel' && known.key === key) && !keys.has(key))
        declarations.push({
          ...bareChannel(key, text, kind, locationOf(definitions.file, node)),
          name: null,
          logicalId: `${text} on ${place.host}`,
          platformSource: side === 'src',
        });
      return { ref: { kind: 'key', key }, node };
    }
    return null;
  };
  const from = end('src');
  const to = end('dest');
  if (from === null || to === null) return [];
  return [...declarations, route(from.ref, to.ref, locationOf(definitions.file, to.node), `shovel ${name}`)];
}

/** The host of an address, null for the broker itself; the virtual host that its path names. */
function uriOf(uri: string): { readonly host: string | null; readonly vhost: string | null } {
  const match = /^amqps?:\/\/(?:[^@/]*@)?([^/:?]*)(?::\d+)?(?:\/([^?]*))?/i.exec(uri);
  const host = match?.[1] ?? '';
  const path = match?.[2];
  const vhost = path === undefined || path === '' ? null : path.replaceAll(/%2f/gi, '/');
  return { host: host === '' || /^(?:localhost|127\.0\.0\.1|\[?::1\]?)$/.test(host) ? null : host, vhost };
}

/** Exchanges and queues that a policy links to upstream brokers. */
function federations(definitions: Definitions): readonly Declaration[] {
  const upstreams = definitions.parameters.filter(({ component }) => component === 'federation-upstream');
  if (upstreams.length === 0) return [];
  const declarations: Declaration[] = [];
  const known = new Set<string>();
  for (const object of [...definitions.exchanges, ...definitions.queues]) {
    if (object.name === '' || object.name.startsWith('amq.')) continue;
    const set = policySetting(definitions, object, 'federation-upstream-set');
    const single = policySetting(definitions, object, 'federation-upstream');
    const anchor = set ?? single;
    if (anchor === undefined) continue;
    for (const upstream of upstreams) {
      if (upstream.vhost !== object.vhost) continue;
      // Named sets may hold some of the upstreams only: without reading them, only `all` is certain.
      if (single === undefined ? textOf(set) !== 'all' : textOf(single) !== upstream.name) continue;
      const uri = get(upstream.value, 'uri');
      const { host } = uriOf(textOf(uri) ?? textOf(itemsOf(uri)[0]) ?? '');
      const name = textOf(get(upstream.value, object.kind)) ?? object.name;
      const key = `remote|${host ?? upstream.name}|${keyOf(object.kind, object.vhost, name)}`;
      const at = locationOf(definitions.file, get(upstream.node, 'name') ?? upstream.node);
      if (!known.has(key))
        declarations.push({
          ...bareChannel(key, name, object.kind, at),
          name: null,
          logicalId: `${name} on ${host ?? upstream.name}`,
          platformSource: true,
        });
      known.add(key);
      declarations.push(
        route(
          { kind: 'key', key },
          { kind: 'key', key: keyOf(object.kind, object.vhost, object.name) },
          at,
          `federation with ${upstream.name}`,
        ),
      );
    }
  }
  return declarations;
}
