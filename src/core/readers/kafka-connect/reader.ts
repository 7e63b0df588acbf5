// Kafka Connect connector configurations (JSON and .properties) → one service per connector, the topics that it reads or writes, and what becomes
// of a record that it fails on. Apache Kafka 2.0 and later.
// Not read: worker configuration, connectors in Kubernetes resources (another reader has them), topics that a transformation names.
import type {
  Declaration,
  FailureFacts,
  FileFacts,
  Handle,
  ReceiveDeclaration,
  Scope,
  Setting,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import type { Connector } from './connector.ts';
import { readConnectors } from './connector.ts';
import { sourceTopics } from './source-topics.ts';

const DIALECT = 'kafka-connect';
const WORKSPACE: Scope = { kind: 'workspace', hosts: [] };

export const kafkaConnectReader: Reader = {
  id: 'kafka-connect',
  title: 'Kafka Connect',
  docs: {
    summary: 'Configurations of Kafka Connect connectors: each connector is a service.',
    reads: [
      'JSON as the REST API takes it (`name` and `config`), JSON of the settings alone, lists of both, .properties files of standalone workers',
      'sinks: `topics`, with the consumer group that Connect gives them; `topics.regex` as unresolved',
      'sources: `topic`, `kafka.topic`, `topic.prefix` with the listed tables (Debezium, JDBC, MongoDB)',
      'failures: `errors.tolerance`, `errors.deadletterqueue.topic.name`, `errors.retry.timeout`',
    ],
    doesNotRead: [
      'topics behind a transformation that renames (RegexRouter, EventRouter): shown as unresolved',
      'topics of sources for all tables of a database: shown as unresolved',
      'MirrorMaker, and connectors that ksqlDB statements or scripts create',
    ],
  },
  files: ['**/*.{json,jsonc,properties}'],
  languages: ['json', 'jsonc', 'properties', 'java-properties'],
  grammars: () => [],
  recognises: (text, path) =>
    path.endsWith('.properties')
      ? /^[ \t]*connector\.class[ \t]*[=:]/m.test(text)
      : text.includes('"connector.class"') && /^\s*(?:[[{]|\/[/*])/.test(text),
  read(file): FileFacts {
    const connectors = readConnectors(file);
    const declarations: Declaration[] = [];
    for (const [index, connector] of connectors.entries()) declare(connector, `connector:${index}`, declarations);
    return { ...NO_FACTS, declarations, problems: file.path.endsWith('.properties') ? [] : parseData(file).problems };
  },
};

function declare(connector: Connector, key: string, declarations: Declaration[]): void {
  const { settings, direction, nameAt } = connector;
  if (direction === null) return;
  declarations.push({
    kind: 'service',
    key,
    name: connector.name,
    group: null,
    scope: 'workspace',
    covers: 'nothing',
    code: [],
    at: nameAt,
  });
  if (direction === 'source') {
    const found = sourceTopics(connector);
    if (found.kind === 'unknown') {
      declarations.push({
        kind: 'unresolved',
        what: `the topics of ${connector.name}`,
        why: found.why,
        role: 'send',
        at: found.setting.at,
      });
      return;
    }
    for (const { name, setting } of found.topics)
      declarations.push({
        kind: 'send',
        service: { kind: 'key', key },
        channel: { kind: 'named', broker: 'kafka', channelKind: 'topic', name: nameOf(name), scope: WORKSPACE },
        schemas: [],
        confidence: setting.text === name ? 'declared' : 'resolved',
        why: 'source connector',
        at: setting.at,
      });
    return;
  }
  const failure = failureOf(connector, key, declarations);
  const topics = settings.get('topics');
  const pattern = settings.get('topics.regex');
  const listed =
    topics?.text
      .split(',')
      .map((topic) => topic.trim())
      .filter((topic) => topic !== '') ?? [];
  if (topics === undefined || listed.length === 0) {
    if (pattern !== undefined && pattern.text !== '')
      declarations.push({
        kind: 'unresolved',
        what: pattern.text,
        why: 'it is a pattern: which topics match is known to the broker alone',
        role: 'receive',
        at: pattern.at,
      });
    return;
  }
  for (const topic of new Set(listed)) {
    declarations.push({
      kind: 'receive',
      service: { kind: 'key', key },
      channel: { kind: 'named', broker: 'kafka', channelKind: 'topic', name: nameOf(topic), scope: WORKSPACE },
      subscription: nameOf(settings.get('consumer.override.group.id')?.text ?? `connect-${connector.name}`),
      schemas: [],
      failure,
      settings: settingsOf(settings),
      confidence: 'declared',
      why: 'sink connector',
      at: topics.at,
    } satisfies ReceiveDeclaration);
  }
}

const KEPT = /^(?:errors\.|tasks\.max$|max\.retries$|retry\.backoff\.ms$|batch\.size$|behavior\.on)/;

function settingsOf(settings: Connector['settings']): ReadonlyMap<string, Setting> {
  const kept = new Map<string, Setting>();
  for (const [name, { text, at }] of settings) {
    if (!KEPT.test(name)) continue;
    const value = /^-?\d+$/.test(text)
      ? Number(text)
      : text === 'true'
        ? true
        : text === 'false'
          ? false
          : isOpen(text)
            ? null
            : text;
    kept.set(name, { value, at });
  }
  return kept;
}

function failureOf(
  { settings, path, nameAt, name: connector }: Connector,
  key: string,
  declarations: Declaration[],
): FailureFacts {
  const handle: Handle = {
    dialect: DIALECT,
    at: settings.get('topics')?.at ?? settings.get('topics.regex')?.at ?? nameAt,
    path: [...path],
    role: 'sink',
  };
  const tolerance = settings.get('errors.tolerance');
  const target = settings.get('errors.deadletterqueue.topic.name');
  const timeout = settings.get('errors.retry.timeout');
  const base = {
    attempts: timeout === undefined || timeout.text === '0' ? 1 : timeout.text === '-1' ? ('unbounded' as const) : null,
    backoff: timeout === undefined || timeout.text === '0' ? ('none' as const) : ('exponential' as const),
    // Many sinks retry on their own: without errors.retry.timeout nothing is known of it.
    retry: { kind: timeout === undefined ? 'default' : 'configured' } as const,
    handle,
  };
  if (tolerance !== undefined && isOpen(tolerance.text))
    return {
      ...base,
      deadLetter: { kind: 'unknown', why: '`errors.tolerance` is set outside of the file' },
      then: 'unknown',
      story: '',
    };
  const tolerant = tolerance?.text.toLowerCase() === 'all';
  if (!tolerant)
    return {
      ...base,
      deadLetter: {
        kind: 'missing',
        why:
          target === undefined || target.text === ''
            ? 'no `errors.deadletterqueue.topic.name`'
            : '`errors.deadletterqueue.topic.name` does nothing while `errors.tolerance` is none',
      },
      then: 'blocks',
      story: 'stops the task of the connector until somebody starts it again',
    };
  if (target === undefined || target.text === '')
    return {
      ...base,
      deadLetter: { kind: 'missing', why: '`errors.tolerance` is all, without `errors.deadletterqueue.topic.name`' },
      then: 'drops',
      story: settings.get('errors.log.enable')?.text === 'true' ? 'is logged and dropped' : 'is dropped without a word',
    };
  const channel = `${key}:dlq`;
  declarations.push({
    kind: 'channel',
    key: channel,
    name: nameOf(target.text),
    logicalId: `dead letters of ${connector}`,
    broker: 'kafka',
    channelKind: 'topic',
    scope: WORKSPACE,
    group: null,
    platformSource: false,
    deadLetter: true,
    failure: null,
    settings: new Map(),
    schemas: [],
    at: target.at,
  });
  return {
    ...base,
    deadLetter: { kind: 'configured', to: { kind: 'key', key: channel }, at: target.at },
    then: 'dead-letters',
    story: '',
  };
}

function isOpen(text: string): boolean {
  return /\$\{|\{\{|<[^>]+>|%\(/.test(text);
}

/** `${ORDERS_TOPIC}` and `${env:ORDERS_TOPIC}` are the environment's; other placeholders stay open. */
function nameOf(text: string): Name {
  if (!isOpen(text)) return literal(text);
  const whole = /^\$\{(?:env:)?([A-Za-z_]\w*)(?::-?([^}]*))?\}$/.exec(text);
  if (whole?.[1] !== undefined)
    return { kind: 'env', variable: whole[1], fallback: whole[2] === undefined ? null : literal(whole[2]) };
  return { kind: 'unknown', text, reason: 'a placeholder in it is filled in outside of the file' };
}
