// Wrangler configuration of Cloudflare Workers (wrangler.toml, .json, .jsonc) → one service per Worker and the Cloudflare Queues that it sends to
// and consumes. Environments repeat a Worker: the top level counts, else `production`, else the first one that has queues.
// Not read: bindings other than queues, queues that only the dashboard knows.
import type {
  ChannelDeclaration,
  Declaration,
  FailureFacts,
  FileFacts,
  Handle,
  Ref,
  RetryFacts,
  Scope,
  Setting,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location, Problem, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, locationOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { parseToml } from '../../syntax/toml.ts';
import type { Reader } from '../reader.ts';

const DIALECT = 'wrangler';
const SERVICE = 'worker';
const DEFAULT_RETRIES = 3;
/** What Cloudflare takes for a queue's name. */
const NAME = /^[a-z0-9][a-z0-9-]*$/i;
const OPEN = 'it is a placeholder that somebody fills in before the deployment';
/** Queues are an account's, not a Worker's. */
const ACCOUNT: Scope = { kind: 'workspace', hosts: [] };

export const wranglerReader: Reader = {
  id: 'wrangler',
  title: 'Cloudflare Wrangler',
  docs: {
    summary: 'Configuration of Cloudflare Workers: each Worker that has queues is a service.',
    reads: [
      'wrangler.toml, wrangler.json and wrangler.jsonc',
      '`queues.producers` and `queues.consumers`, at the top level or of one environment',
      'failures: `max_retries` (3 where nothing is written), `dead_letter_queue`; `max_batch_size`, `retry_delay` and the like as settings',
    ],
    doesNotRead: [
      'further environments of a Worker: they repeat it',
      'consumers that pull over HTTP: the queue is shown, who pulls is unresolved',
      'Workers without queues',
    ],
  },
  files: ['**/wrangler.{toml,json,jsonc}', '**/wrangler.*.{toml,json,jsonc}'],
  languages: ['toml', 'json', 'jsonc'],
  grammars: () => [],
  recognises: (text) => text.includes('queues') && (text.includes('consumers') || text.includes('producers')),
  read(file): FileFacts {
    const { root, problems } = parse(file);
    return { ...NO_FACTS, declarations: root === undefined ? [] : declare(file, root), problems };
  },
};

function parse(file: SourceFile): { readonly root: DataNode | undefined; readonly problems: readonly Problem[] } {
  if (file.path.endsWith('.toml')) return parseToml(file);
  const { roots, problems } = parseData(file);
  return { root: roots[0], problems };
}

/** Where the queues stand: the path to a `queues` table. */
function queuesPath(root: DataNode): readonly string[] | null {
  const holds = (path: readonly string[]): boolean =>
    itemsOf(getIn(root, [...path, 'producers'])).length + itemsOf(getIn(root, [...path, 'consumers'])).length > 0;
  const names = ['production', 'prod', ...entriesOf(get(root, 'env')).map(({ key }) => key)];
  return [['queues'], ...names.map((name) => ['env', name, 'queues'])].find((path) => holds(path)) ?? null;
}

function declare(file: SourceFile, root: DataNode): readonly Declaration[] {
  const path = queuesPath(root);
  if (path === null) return [];
  const title = get(root, 'name');
  const name = textOf(title);
  const anchor = entryOf(root, path[0] ?? '');
  const declarations: Declaration[] = [
    {
      kind: 'service',
      key: SERVICE,
      name: name === undefined || name === '' ? (file.path.split('/').at(-2) ?? 'worker') : name,
      group: null,
      scope: 'application',
      covers: 'directory',
      code: [],
      at: title === undefined ? locationAt(file, anchor?.keyStart ?? 0, anchor?.keyEnd ?? 0) : locationOf(file, title),
    },
  ];
  const service: Ref = { kind: 'key', key: SERVICE };
  const named = new Set<string>();
  for (const producer of itemsOf(getIn(root, [...path, 'producers']))) {
    const queue = get(producer, 'queue');
    const text = textOf(queue);
    if (queue === undefined || text === undefined || text === '') continue;
    if (!NAME.test(text)) {
      declarations.push({ kind: 'unresolved', what: text, why: OPEN, role: 'send', at: locationOf(file, queue) });
      continue;
    }
    const binding = textOf(get(producer, 'binding'));
    declarations.push({
      kind: 'send',
      service,
      channel: queueRef(text),
      schemas: [],
      confidence: 'declared',
      why: binding === undefined ? 'producer binding' : `producer binding ${binding}`,
      at: locationOf(file, queue),
    });
  }
  for (const [index, consumer] of itemsOf(getIn(root, [...path, 'consumers'])).entries()) {
    const queue = get(consumer, 'queue');
    const text = textOf(queue);
    if (queue === undefined || text === undefined || text === '') continue;
    const at = locationOf(file, queue);
    if (!NAME.test(text)) {
      declarations.push({ kind: 'unresolved', what: text, why: OPEN, role: 'receive', at });
      continue;
    }
    const failure = failureOf(
      file,
      consumer,
      { dialect: DIALECT, at, path: [...path, 'consumers', index], role: 'consumer' },
      declarations,
      named,
    );
    if (textOf(get(consumer, 'type')) === 'http_pull') {
      declarations.push({ ...channelOf(`queue:${text}`, text, at), failure });
      declarations.push({
        kind: 'unresolved',
        what: `who reads ${text}`,
        why: 'it is pulled over HTTP, by whoever has the token',
        role: 'receive',
        at,
      });
      continue;
    }
    declarations.push({
      kind: 'receive',
      service,
      channel: queueRef(text),
      subscription: null,
      schemas: [],
      failure,
      settings: settingsOf(file, consumer),
      confidence: 'declared',
      why: 'queue consumer',
      at,
    });
  }
  return declarations;
}

function channelOf(key: string, name: string, at: Location): ChannelDeclaration {
  return {
    kind: 'channel',
    key,
    name: literal(name),
    logicalId: name,
    broker: 'cloudflare',
    channelKind: 'queue',
    scope: ACCOUNT,
    group: null,
    platformSource: false,
    deadLetter: false,
    failure: null,
    settings: new Map(),
    schemas: [],
    at,
  };
}

function queueRef(name: string): Ref {
  return { kind: 'named', broker: 'cloudflare', channelKind: 'queue', name: literal(name), scope: ACCOUNT };
}

const SETTINGS: ReadonlySet<string> = new Set([
  'max_batch_size',
  'max_batch_timeout',
  'max_retries',
  'max_concurrency',
  'retry_delay',
  'visibility_timeout_ms',
]);

function settingsOf(file: SourceFile, consumer: DataNode): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const { key, value } of entriesOf(consumer))
    if (SETTINGS.has(key))
      settings.set(key, { value: value.kind === 'scalar' ? value.value : null, at: locationOf(file, value) });
  return settings;
}

function failureOf(
  file: SourceFile,
  consumer: DataNode,
  handle: Handle,
  declarations: Declaration[],
  named: Set<string>,
): FailureFacts {
  const written = get(consumer, 'max_retries');
  const count = written === undefined ? DEFAULT_RETRIES : Number(textOf(written) ?? Number.NaN);
  const retries = Number.isInteger(count) && count >= 0 ? count : null;
  const retry: RetryFacts =
    written === undefined
      ? { kind: 'default' }
      : retries === 0
        ? { kind: 'none', why: 'max_retries: 0', at: locationOf(file, written) }
        : { kind: 'configured' };
  const base = {
    attempts: retries === null ? null : retries + 1,
    backoff: get(consumer, 'retry_delay') === undefined ? ('none' as const) : ('fixed' as const),
    retry,
    handle,
  };
  const target = get(consumer, 'dead_letter_queue');
  const name = textOf(target);
  if (target === undefined || name === undefined || name === '') {
    const after =
      retries === null
        ? 'its retries'
        : retries === 0
          ? 'its only attempt'
          : `${retries} ${retries === 1 ? 'retry' : 'retries'}`;
    return {
      ...base,
      deadLetter: { kind: 'missing', why: 'no `dead_letter_queue`' },
      then: 'drops',
      story: `is deleted for good after ${after}`,
    };
  }
  const at: Location = locationOf(file, target);
  const key = `dlq:${name}`;
  if (!named.has(key)) declarations.push({ ...channelOf(key, name, at), deadLetter: true });
  named.add(key);
  return { ...base, deadLetter: { kind: 'configured', to: { kind: 'key', key }, at }, then: 'dead-letters', story: '' };
}
