// Strimzi (kafka.strimzi.io/v1beta2): KafkaTopic → topic; KafkaUser's access rules → inferred edges; KafkaConnector → edges with the
// dead-letter verdict of its `errors.*` keys. Rights over patterns and rights to everything say nothing of single topics.
import type { FailureFacts, Ref } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, keyLocation, textOf } from '../../syntax/data.ts';
import { nameOf, plainText, rangedValues, shownText, valuesOf } from '../../syntax/manifest.ts';
import type { ManifestObject, RangedValues } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import {
  WORKSPACE,
  declareChannel,
  handleOf,
  noteUnresolved,
  plainFailure,
  serviceOf,
  settingsOf,
  textOfName,
  placeOf,
} from './gathering.ts';

/** Reads one object; anything that is no topic, user or connector is left alone. */
export function readStrimzi(gathering: Gathering, object: ManifestObject): void {
  if (object.kind === 'KafkaTopic') readTopic(gathering, object);
  else if (object.kind === 'KafkaUser') readUser(gathering, object);
  else if (object.kind === 'KafkaConnector') readConnector(gathering, object);
}

function topicRef(name: Name): Ref {
  return { kind: 'named', broker: 'kafka', channelKind: 'topic', name, scope: WORKSPACE };
}

function readTopic(gathering: Gathering, object: ManifestObject): void {
  const { file } = gathering.manifest;
  const metadata = get(object.node, 'metadata');
  const node = get(object.spec, 'topicName') ?? get(metadata, 'name');
  const name = nameOf(file, node);
  if (node === undefined || name === null) return;
  const ranged = gathering.manifest.templated ? rangedValues(file, node) : null;
  const values = ranged === null ? null : valuesOf(file);
  if (ranged !== null && values !== null) {
    // One topic per entry of the chart's values: they are declared where those are.
    gathering.needs.push({ file: values.file, pointer: `${TOPICS}${JSON.stringify(ranged)}`, at: object.at });
    return;
  }
  const text = textOfName(name);
  // Topics of Kafka and of the operators themselves carry no messages of the system.
  if (/^(?:__|strimzi-store-topic|consumer-offsets---)/.test(text)) return;
  declareChannel(gathering, {
    key: `topic/${text}`,
    name,
    logicalId: object.name === '' ? text : object.name,
    broker: 'kafka',
    channelKind: 'topic',
    scope: WORKSPACE,
    settings: new Map([
      ...settingsOf(gathering, object.spec, ['partitions', 'replicas']),
      ...settingsOf(gathering, get(object.spec, 'config')),
    ]),
    at: object.at,
  });
}

/** What a template asks of its chart's values: one topic per entry. */
const TOPICS = 'topics:';

/** The topics that templates make of a chart's values, by what they asked for. */
export function topicsOfValues(gathering: Gathering, root: DataNode, pointers: readonly string[]): void {
  for (const pointer of pointers) {
    if (!pointer.startsWith(TOPICS)) continue;
    const { path, fields, byKey } = JSON.parse(pointer.slice(TOPICS.length)) as RangedValues;
    const list = getIn(root, path);
    const entries = [
      ...itemsOf(list).map((value) => ({ value, key: null })),
      ...entriesOf(list).map((entry) => ({ value: entry.value, key: entry })),
    ];
    for (const { value, key } of entries) {
      const node = fields.length === 0 ? value : fields.map((field) => get(value, field)).find((one) => textOf(one));
      const text = byKey ? key?.key : plainText(node);
      if (text === undefined || text === '' || (node === undefined && !byKey)) continue;
      const place =
        byKey && key !== null ? keyLocation(gathering.manifest.file, key) : placeOf(gathering, node ?? value);
      declareChannel(gathering, {
        key: `topic/${text}`,
        name: { kind: 'literal', value: text },
        logicalId: text,
        broker: 'kafka',
        channelKind: 'topic',
        scope: WORKSPACE,
        settings: settingsOf(gathering, value, ['partitions', 'replicas']),
        at: place,
      });
    }
  }
}

function readUser(gathering: Gathering, object: ManifestObject): void {
  const rules = itemsOf(get(get(object.spec, 'authorization'), 'acls'));
  if (rules.length === 0 || object.name === '') return;
  const { file } = gathering.manifest;
  const groups = rules.flatMap((rule) => {
    const resource = get(rule, 'resource');
    const name = nameOf(file, get(resource, 'name'));
    const isGroup = plainText(get(resource, 'type')) === 'group';
    return isGroup && name !== null && isLiteral(resource) && textOfName(name) !== '*' ? [name] : [];
  });
  const [group, ...others] = groups;
  const subscription = group !== undefined && others.length === 0 ? group : null;
  const sent = new Set<string>();
  const read = new Set<string>();
  for (const rule of rules) {
    const resource = get(rule, 'resource');
    if (plainText(get(resource, 'type')) !== 'topic' || plainText(get(rule, 'type')) === 'deny') continue;
    const nameNode = get(resource, 'name');
    const name = nameOf(file, nameNode);
    const operations = new Set(
      [...itemsOf(get(rule, 'operations')), get(rule, 'operation')].map((node) => plainText(node)),
    );
    const all = operations.has('All');
    const writes = operations.has('Write');
    const reads = operations.has('Read');
    if (nameNode === undefined || name === null || (!all && !writes && !reads)) continue;
    const text = textOfName(name);
    const place = placeOf(gathering, nameNode);
    if (!isLiteral(resource) || text === '*') {
      const why =
        text === '*' ? 'the right is for every topic' : `the right is for every topic that begins with ${text}`;
      noteUnresolved(gathering, text, why, 'other', place);
      continue;
    }
    if (all && !writes && !reads) {
      noteUnresolved(gathering, text, 'the right is for all operations: it tells neither direction', 'other', place);
      continue;
    }
    const common = {
      service: serviceOf(gathering, object.name, object.at),
      channel: topicRef(name),
      schemas: [],
      confidence: 'inferred',
      why: `access rule of KafkaUser ${object.name}`,
      at: place,
    } as const;
    if (writes && !sent.has(text)) gathering.declarations.push({ kind: 'send', ...common });
    if (reads && !read.has(text))
      gathering.declarations.push({
        kind: 'receive',
        ...common,
        subscription,
        failure: plainFailure(
          {
            kind: 'unknown',
            why: 'an access rule does not tell what the consumer does with a record that it fails on',
          },
          handleOf(object, ['spec'], 'none'),
          { retry: { kind: 'unknown', why: 'the consumer decides' } },
        ),
        settings: new Map(),
      });
    if (writes) sent.add(text);
    if (reads) read.add(text);
  }
}

function isLiteral(resource: DataNode | undefined): boolean {
  return (plainText(get(resource, 'patternType')) ?? 'literal') === 'literal';
}

function readConnector(gathering: Gathering, object: ManifestObject): void {
  const { file } = gathering.manifest;
  const config = get(object.spec, 'config');
  if (config?.kind !== 'map' || object.name === '') {
    if (object.open !== null)
      noteUnresolved(gathering, object.kind, 'its name is set at installation', 'other', object.at);
    return;
  }
  const className = plainText(get(object.spec, 'class')) ?? plainText(get(config, 'connector.class')) ?? '';
  const topics = get(config, 'topics');
  const pattern = get(config, 'topics.regex');
  if (topics !== undefined || pattern !== undefined) {
    if (pattern !== undefined)
      noteUnresolved(
        gathering,
        shownText(file, pattern),
        'the connector reads every topic of a pattern',
        'receive',
        placeOf(gathering, pattern),
      );
    if (topics === undefined) return;
    const failure = connectorFailure(gathering, object, config);
    const subscription: Name = { kind: 'literal', value: `connect-${object.name}` };
    for (const name of topicNames(gathering, topics))
      gathering.declarations.push({
        kind: 'receive',
        service: serviceOf(gathering, object.name, object.at),
        channel: topicRef(name),
        subscription,
        schemas: [],
        failure,
        settings: settingsOf(gathering, config),
        confidence: 'declared',
        why: `sink connector ${object.name}`,
        at: placeOf(gathering, topics),
      });
    return;
  }
  for (const { name, place } of writtenTopics(gathering, object, config, className))
    gathering.declarations.push({
      kind: 'send',
      service: serviceOf(gathering, object.name, object.at),
      channel: topicRef(name),
      schemas: [],
      confidence: 'declared',
      why: `source connector ${object.name}`,
      at: place,
    });
}

/** `orders,payments`, or one name with open parts. */
function topicNames(gathering: Gathering, node: DataNode): readonly Name[] {
  const text = plainText(node);
  if (text === undefined) {
    const name = nameOf(gathering.manifest.file, node);
    return name === null ? [] : [name];
  }
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((value) => ({ kind: 'literal', value }));
}

/** Where a source connector writes: a topic of its own, or one per table behind a prefix. */
function writtenTopics(
  gathering: Gathering,
  object: ManifestObject,
  config: DataNode,
  className: string,
): readonly { readonly name: Name; readonly place: Location }[] {
  const { file } = gathering.manifest;
  for (const key of ['topic', 'kafka.topic', 'output.data.topic.name']) {
    const node = get(config, key);
    const name = nameOf(file, node);
    if (node !== undefined && name !== null) return [{ name, place: placeOf(gathering, node) }];
  }
  const isDebezium = className.startsWith('io.debezium.');
  const prefixNode = get(config, 'topic.prefix') ?? (isDebezium ? get(config, 'database.server.name') : undefined);
  if (prefixNode === undefined) return [];
  const router = entryOf(config, 'transforms');
  const tables =
    get(config, 'table.include.list') ?? get(config, 'collection.include.list') ?? get(config, 'table.whitelist');
  const prefix = plainText(prefixNode);
  const list = plainText(tables);
  if (router === undefined && tables !== undefined && prefix !== undefined && list !== undefined) {
    const names = list.split(',').map((part) => part.trim().replaceAll('\\.', '.'));
    if (names.every((name) => /^[\w.-]+$/.test(name)))
      return names.map((table) => ({
        name: { kind: 'literal', value: isDebezium ? `${prefix}.${table}` : `${prefix}${table}` },
        place: placeOf(gathering, tables),
      }));
  }
  noteUnresolved(
    gathering,
    shownText(file, prefixNode),
    router === undefined
      ? 'the connector writes one topic per table behind this prefix'
      : 'transforms of the connector name its topics',
    'send',
    placeOf(gathering, prefixNode),
  );
  return [];
}

/** `none`: the task stops at the first record; `all`: the record is skipped, into the dead-letter topic where there is one. */
function connectorFailure(gathering: Gathering, object: ManifestObject, config: DataNode): FailureFacts {
  const handle = handleOf(object, ['spec', 'config'], 'connector');
  const entry = entryOf(config, 'errors.deadletterqueue.topic.name');
  const tolerance = get(config, 'errors.tolerance');
  const written = textOf(tolerance);
  const tolerated = tolerance === undefined ? 'none' : plainText(tolerance);
  const timeout = Number(plainText(get(config, 'errors.retry.timeout')) ?? 0);
  const common = {
    attempts: timeout === 0 ? 1 : null,
    backoff: timeout === 0 ? 'none' : 'exponential',
    retry: { kind: timeout === 0 ? 'default' : 'configured' },
  } satisfies Partial<FailureFacts>;
  const name = entry === undefined ? null : nameOf(gathering.manifest.file, entry.value);
  if (entry !== undefined && name !== null) {
    const text = textOfName(name);
    // Connect makes the topic itself where it is not there.
    const to = declareChannel(gathering, {
      key: `topic/${text}`,
      name,
      logicalId: text,
      broker: 'kafka',
      channelKind: 'topic',
      scope: WORKSPACE,
      deadLetter: true,
      settings: new Map(),
      at: keyLocation(gathering.manifest.file, entry),
    });
    return plainFailure({ kind: 'configured', to, at: placeOf(gathering, entry.value) }, handle, {
      ...common,
      then: tolerated === 'all' ? 'dead-letters' : tolerated === undefined ? 'unknown' : 'blocks',
    });
  }
  if (tolerated === undefined)
    return plainFailure({ kind: 'unknown', why: `errors.tolerance is ${written ?? 'open'}` }, handle, common);
  if (tolerated === 'all')
    return plainFailure(
      { kind: 'missing', why: 'errors.tolerance is all, without errors.deadletterqueue.topic.name' },
      handle,
      { ...common, then: 'drops', story: 'is skipped, and nothing is kept of it' },
    );
  return plainFailure({ kind: 'missing', why: 'no errors.deadletterqueue.topic.name' }, handle, {
    ...common,
    then: 'blocks',
    story: 'stops the task, and everything behind it waits',
  });
}
