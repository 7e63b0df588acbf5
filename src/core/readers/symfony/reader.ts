// Symfony Messenger configuration (config/packages/messenger.yaml, 4.3 to 7) → the application as a service, what it routes to its transports, what
// its workers take from them, and the failure transport. An application is the folder above `config`, named by its composer.json.
// Not read: configuration in PHP or XML, files and sections of one environment, attributes on message classes.
import type {
  Declaration,
  FailureFacts,
  FileFacts,
  Handle,
  Ref,
  RetryFacts,
  ServiceDeclaration,
  Setting,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { FilePath, Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, keyLocation, locationOf, textOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import type { Carrier, Transport } from './transports.ts';
import { readTransport } from './transports.ts';

const ID = 'symfony';
const SERVICE = 'application';
const DEFAULT_RETRIES = 3;

/** What is kept of a file until the application around it is known. */
type SymfonyPart =
  | { readonly kind: 'messenger'; readonly at: Location; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'composer'; readonly name: string | null; readonly at: Location };

export const symfonyReader: Reader = {
  id: ID,
  title: 'Symfony Messenger',
  docs: {
    summary: 'Configuration of Symfony Messenger in YAML: one service per application.',
    reads: [
      'messenger.yaml and framework.yaml: transports with their DSN and options, `routing`',
      'AMQP exchanges with their queues, Redis streams, SQS queues where the DSN or the options name them; else the transport under its own name',
      '`failure_transport` of all transports or of one, `retry_strategy`',
      'composer.json: the name of the application',
    ],
    doesNotRead: [
      'configuration in PHP or XML',
      'sections and files of one environment (`when@prod`): a failure transport there makes the verdict unknown',
      '`#[AsMessage]` and other attributes; transports that nothing is routed to',
    ],
  },
  files: ['**/{messenger,framework}.{yaml,yml}', '**/composer.json'],
  languages: ['yaml', 'json'],
  grammars: () => [],
  recognises: (text, path) =>
    path.endsWith('.json') ? text.includes('"symfony/') : text.includes('messenger') && text.includes('transports'),
  read(file): FileFacts {
    const document = parseData(file);
    const [root] = document.roots;
    if (file.path.endsWith('.json')) {
      const node = get(root, 'name');
      return keep({
        kind: 'composer',
        name: textOf(node) ?? null,
        at: locationAt(file, node?.start ?? 0, node?.end ?? 0),
      });
    }
    // Files of one environment repeat the application.
    if (/(?:^|\/)packages\/[^/]+\/[^/]+$/.test(file.path)) return NO_FACTS;
    const messenger = getIn(root, ['framework', 'messenger']);
    const entry = entryOf(get(root, 'framework'), 'messenger');
    if (entry === undefined || entriesOf(get(messenger, 'transports')).length === 0)
      return root?.kind === 'map' ? NO_FACTS : { ...NO_FACTS, problems: document.problems };
    return {
      ...keep({ kind: 'messenger', at: keyLocation(file, entry), declarations: declare(file, root, messenger) }),
      problems: document.problems,
    };
  },
  assemble: (parts) => assembleSymfony(parts as ReadonlyMap<FilePath, SymfonyPart>),
};

function keep(part: SymfonyPart): FileFacts {
  return { ...NO_FACTS, parts: new Map<string, unknown>([[ID, part]]) };
}

/** Puts each configuration into its application. */
function assembleSymfony(parts: ReadonlyMap<FilePath, SymfonyPart>): ReadonlyMap<FilePath, FileFacts> {
  const facts = new Map<FilePath, Declaration[]>();
  const add = (file: FilePath, ...more: readonly Declaration[]): void => {
    facts.set(file, [...(facts.get(file) ?? []), ...more]);
  };
  const named = new Set<FilePath>();
  for (const [file, part] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (part.kind !== 'messenger') continue;
    const root = /^(?:(.*)\/)?config\//.exec(file)?.[1] ?? (file.startsWith('config/') ? '' : folderOf(file));
    const composerFile = root === '' ? 'composer.json' : `${root}/composer.json`;
    const composer = parts.get(composerFile);
    const home = composer?.kind === 'composer' ? composerFile : file;
    const name = composer?.kind === 'composer' ? composer.name : null;
    if (!named.has(home))
      add(home, {
        kind: 'service',
        key: SERVICE,
        name: name?.split('/').at(-1) ?? (root.split('/').at(-1) || 'application'),
        group: null,
        scope: 'file',
        covers: home === file ? 'nothing' : 'directory',
        code: [],
        at: composer !== undefined && name !== null ? composer.at : part.at,
      } satisfies ServiceDeclaration);
    named.add(home);
    const service: Ref = { kind: 'file', file: home, key: SERVICE };
    add(
      file,
      ...part.declarations.map((declaration) =>
        declaration.kind === 'send' || declaration.kind === 'receive' ? { ...declaration, service } : declaration,
      ),
    );
  }
  return new Map([...facts].map(([file, declarations]) => [file, { ...NO_FACTS, declarations }]));
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function declare(
  file: SourceFile,
  root: DataNode | undefined,
  messenger: DataNode | undefined,
): readonly Declaration[] {
  const transports = entriesOf(get(messenger, 'transports')).map((entry) => readTransport(entry));
  const failures = new Set([
    textOf(get(messenger, 'failure_transport')),
    ...transports.map(({ entry }) => textOf(get(entry.value, 'failure_transport'))),
  ]);
  const sites = routedTo(get(messenger, 'routing'));
  const service: Ref = { kind: 'key', key: SERVICE };
  const declarations: Declaration[] = [];
  for (const transport of transports) {
    const { name, entry, carrier } = transport;
    if (carrier === null) continue;
    const at = keyLocation(file, entry);
    const routed = sites.get(name) ?? [];
    const isFailure = failures.has(name);
    declareChannels(file, transport, carrier, isFailure, declarations);
    for (const node of routed)
      declarations.push({
        kind: 'send',
        service,
        channel: { kind: 'key', key: keyOf(name) },
        schemas: [],
        confidence: 'declared',
        why: `routing to ${name}`,
        at: locationOf(file, node),
      });
    // What has failed for the last time waits for a person.
    if (isFailure ? routed.length === 0 : routed.length === 0 && !transport.fromOutside) continue;
    const failure = failureOf(file, root, messenger, transport, transports);
    const sources =
      carrier.queues.length > 0
        ? carrier.queues.map((queue, index) => ({ key: keyOf(name, index), place: locationOf(file, queue.node) }))
        : [{ key: keyOf(name), place: at }];
    for (const { key, place } of sources)
      declarations.push({
        kind: 'receive',
        service,
        channel: { kind: 'key', key },
        subscription: carrier.group,
        schemas: [],
        failure,
        settings: settingsOf(file, get(entry.value, 'retry_strategy')),
        // That the workers of the same application take what it routes is the rule, and written nowhere.
        confidence: 'inferred',
        why: `workers of the transport ${name}`,
        at: place,
      });
  }
  return declarations;
}

function keyOf(transport: string, queue?: number): string {
  return queue === undefined ? `transport:${transport}` : `transport:${transport}:${queue}`;
}

function declareChannels(
  file: SourceFile,
  { name, entry }: Transport,
  carrier: Carrier,
  deadLetter: boolean,
  declarations: Declaration[],
): void {
  const at = keyLocation(file, entry);
  const base = {
    kind: 'channel',
    logicalId: name,
    broker: carrier.broker,
    scope: carrier.scope,
    group: null,
    platformSource: false,
    deadLetter,
    failure: null,
    settings: new Map<string, Setting>(),
    schemas: [],
  } as const;
  declarations.push({ ...base, key: keyOf(name), name: carrier.written.name, channelKind: carrier.written.kind, at });
  for (const [index, queue] of carrier.queues.entries()) {
    const place = locationOf(file, queue.node);
    declarations.push(
      { ...base, key: keyOf(name, index), name: queue.name, channelKind: 'queue', at: place },
      {
        kind: 'route',
        from: { kind: 'key', key: keyOf(name) },
        to: { kind: 'key', key: keyOf(name, index) },
        subscription: null,
        failure: {
          deadLetter: { kind: 'not-applicable', why: 'the broker forwards within itself' },
          attempts: null,
          backoff: 'unknown',
          then: 'unknown',
          story: '',
          retry: { kind: 'not-applicable' },
          handle: { dialect: ID, at: place, path: [], role: 'none' },
        },
        settings: new Map(),
        confidence: 'declared',
        why: 'binding of the transport',
        at: place,
      },
    );
  }
}

/** Transport → the places in `routing` that name it. */
function routedTo(routing: DataNode | undefined): ReadonlyMap<string, readonly DataNode[]> {
  const sites = new Map<string, DataNode[]>();
  for (const { value } of entriesOf(routing)) {
    const senders = value.kind === 'map' ? get(value, 'senders') : value;
    for (const node of senders?.kind === 'seq' ? itemsOf(senders) : senders === undefined ? [] : [senders]) {
      const name = textOf(node);
      if (name !== undefined) sites.set(name, [...(sites.get(name) ?? []), node]);
    }
  }
  return sites;
}

function settingsOf(file: SourceFile, strategy: DataNode | undefined): ReadonlyMap<string, Setting> {
  return new Map(
    entriesOf(strategy).map(({ key, value }) => [
      key,
      { value: value.kind === 'scalar' ? value.value : null, at: locationOf(file, value) },
    ]),
  );
}

function failureOf(
  file: SourceFile,
  root: DataNode | undefined,
  messenger: DataNode | undefined,
  { name, entry }: Transport,
  transports: readonly Transport[],
): FailureFacts {
  const strategy = get(entry.value, 'retry_strategy');
  const own = get(strategy, 'service') === undefined || textOf(get(strategy, 'service')) === undefined;
  const written = get(strategy, 'max_retries');
  const count = Number(written === undefined ? DEFAULT_RETRIES : (textOf(written) ?? Number.NaN));
  const retries = own && Number.isInteger(count) && count >= 0 ? count : null;
  const multiplier = textOf(get(strategy, 'multiplier'));
  const retry: RetryFacts =
    own && written !== undefined && retries === 0
      ? { kind: 'none', why: 'max_retries: 0', at: locationOf(file, written) }
      : strategy === undefined
        ? { kind: 'default' }
        : { kind: 'configured' };
  const handle: Handle = {
    dialect: ID,
    at: keyLocation(file, entry),
    path: ['framework', 'messenger', 'transports', name],
    role: 'transport',
  };
  const base = {
    attempts: retries === null ? null : retries + 1,
    backoff: own ? (multiplier === '1' ? ('fixed' as const) : ('exponential' as const)) : ('unknown' as const),
    retry,
    handle,
  };
  const target = get(entry.value, 'failure_transport') ?? get(messenger, 'failure_transport');
  const failed = textOf(target);
  if (target !== undefined && failed !== undefined && failed !== '') {
    const known = transports.find((transport) => transport.name === failed);
    // A failure transport that carries nothing keeps nothing.
    if (known !== undefined && known.carrier === null)
      return {
        ...base,
        deadLetter: { kind: 'missing', why: `the failure transport ${failed} keeps nothing` },
        then: 'drops',
        story: story(retries),
      };
    return {
      ...base,
      deadLetter: {
        kind: 'configured',
        to: { kind: 'key', key: known === undefined ? failed : keyOf(failed) },
        at: locationOf(file, target),
      },
      then: 'dead-letters',
      story: '',
    };
  }
  const elsewhere = entriesOf(root).find(
    ({ key, value }) =>
      key.startsWith('when@') &&
      key !== 'when@test' &&
      getIn(value, ['framework', 'messenger', 'failure_transport']) !== undefined,
  );
  if (elsewhere !== undefined)
    return {
      ...base,
      deadLetter: { kind: 'unknown', why: `only ${elsewhere.key} has a failure transport` },
      then: 'unknown',
      story: '',
    };
  return {
    ...base,
    deadLetter: { kind: 'missing', why: 'no `failure_transport`' },
    then: 'drops',
    story: story(retries),
  };
}

function story(retries: number | null): string {
  if (retries === null) return 'is lost for good after its last attempt';
  return retries === 0
    ? 'is lost for good after its only attempt'
    : `is lost for good after ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}
