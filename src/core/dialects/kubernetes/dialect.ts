// How Kubernetes manifests write guards: Knative `delivery` with its sink, `errors.*` keys of Strimzi connectors, a RabbitMQ policy with exchange,
// queue and binding. Templates of charts and objects in a `List` are left alone, and so is JetStream, which has no dead-letter setting.
import type { Dialect, DialectContext, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import { entryOf, get, getIn, stringOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import type { NewEntry } from '../../syntax/data-edit.ts';
import { insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { appendDocuments, manifestOf } from '../../syntax/manifest.ts';
import type { Manifest, ManifestObject } from '../../syntax/manifest.ts';

export const kubernetesDialect: Dialect = {
  id: 'kubernetes',
  title: 'Kubernetes manifests',
  write(guard, context) {
    const place = placeOf(guard, context);
    if (place === null) return null;
    switch (guard.kind) {
      case 'dead-letter':
        if (guard.handle.role === 'knative-delivery') return forDelivery(place, guard.suggestedName);
        if (guard.handle.role === 'connector') return forConnector(place);
        return guard.handle.role === 'rabbitmq-queue' ? forQueue(place) : null;
      case 'declare-dead-letter':
        return guard.handle.role === 'rabbitmq-queue' ? declareExchange(place, guard.name) : null;
      case 'retry':
        return guard.handle.role === 'knative-delivery' ? withRetry(place) : null;
    }
  },
};

interface Place {
  readonly manifest: Manifest;
  readonly object: ManifestObject;
  /** Which document of the file the object is. */
  readonly index: number;
  /** Keys behind it. */
  readonly keys: readonly (string | number)[];
  readonly node: DataNode | undefined;
}

function placeOf(guard: Guard, context: DialectContext): Place | null {
  const file = context.source(guard.handle.at.file);
  if (file === null) return null;
  const manifest = manifestOf(file);
  const [index, ...keys] = guard.handle.path;
  if (typeof index !== 'number' || manifest.templated || manifest.document.problems.length > 0) return null;
  const object = manifest.objects.find(({ path }) => path.length === 1 && path[0] === index);
  return object === undefined || object.name === ''
    ? null
    : { manifest, object, index, keys, node: getIn(object.node, keys) };
}

/** A name in the cluster: lower case letters, digits and hyphens, that no object of the file has. */
function freeName({ manifest }: Place, wished: string): string {
  const clean = wished
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  const taken = (name: string): boolean => manifest.objects.some((object) => object.name === name);
  if (!taken(clean)) return clean;
  for (let number = 2; ; number++) if (!taken(`${clean}-${number}`)) return `${clean}-${number}`;
}

/** How the file calls what is for dead letters: `orders-dlq`, `orders-dls`, `orders-dead-letter`. */
function endingOf({ manifest }: Place, usual: string): string {
  for (const { name } of manifest.objects) {
    const ending = /-(?:dlq|dls|dlc|dead-letters?)$/.exec(name)?.[0];
    if (ending !== undefined) return ending;
  }
  return usual;
}

function metadata({ object }: Place, name: string): string {
  const namespace = object.namespace === '' ? '' : `\n  namespace: ${object.namespace}`;
  return `metadata:\n  name: ${name}${namespace}\n`;
}

/**
 * A channel for failed events. One on Kafka keeps them by itself, so where the file uses such channels the fix is complete; any other channel
 * still needs somebody who subscribes to it, which only the person can name.
 */
function forDelivery(place: Place, wished: string): Fix | null {
  const { manifest, object, index, keys, node } = place;
  // A Broker may have no spec at all.
  const empty = node === undefined || (node.kind === 'scalar' && node.value === null);
  if ((!empty && node.kind !== 'map') || getIn(node, ['delivery', 'deadLetterSink']) !== undefined) return null;
  const base = keys.length > 1 ? object.name : wished.replace(/-dlq$/, '');
  const scope = object.kind === 'Broker' || object.kind === 'Trigger' ? object.name : base;
  const name = freeName(place, `${scope}${endingOf(place, '-dlq')}`);
  const kafka = manifest.objects.find(
    (other) => other.kind === 'KafkaChannel' && other.group === 'messaging.knative.dev',
  );
  const version = stringOf(get(kafka?.node, 'apiVersion'));
  const kind = kafka === undefined ? 'Channel' : 'KafkaChannel';
  const apiVersion = kafka === undefined || version === undefined ? 'messaging.knative.dev/v1' : version;
  const sink: NewEntry = { key: 'deadLetterSink', value: { ref: { apiVersion, kind, name } } };
  const delivery = get(node, 'delivery');
  const wishedEntries: readonly NewEntry[] = [
    { key: 'retry', value: 5 },
    { key: 'backoffPolicy', value: 'exponential' },
    { key: 'backoffDelay', value: 'PT1S' },
  ];
  const retried = get(delivery, 'retry') !== undefined;
  const setting = insertEntries(
    manifest.document,
    [...keys, 'delivery'],
    [...(retried ? [] : wishedEntries.filter(({ key }) => get(delivery, key) === undefined)), sink],
    { root: index },
  );
  const spec =
    kafka === undefined
      ? ''
      : `spec:\n  numPartitions: ${textOf(getIn(kafka.spec, ['numPartitions'])) ?? '1'}\n  replicationFactor: ${textOf(getIn(kafka.spec, ['replicationFactor'])) ?? '1'}\n`;
  const channel = appendDocuments(manifest.document, [
    `apiVersion: ${apiVersion}\nkind: ${kind}\n${metadata(place, name)}${spec}`,
  ]);
  const title =
    kafka === undefined
      ? `Send failed events of ${object.name} to a channel ${name} (subscribe to it)`
      : `Send failed events of ${object.name} to the channel ${name}`;
  return complete(title, kafka !== undefined, [setting, channel]);
}

/** `retry: 0` becomes five attempts with growing pauses. */
function withRetry({ manifest, object, index, keys, node }: Place): Fix | null {
  const delivery = get(node, 'delivery');
  if (textOf(get(delivery, 'retry')) !== '0') return null;
  const more: readonly NewEntry[] = [
    { key: 'backoffPolicy', value: 'exponential' },
    { key: 'backoffDelay', value: 'PT1S' },
  ];
  const missing = more.filter(({ key }) => get(delivery, key) === undefined);
  const groups = [replaceValue(manifest.document, [...keys, 'delivery', 'retry'], 5, index)];
  if (missing.length > 0)
    groups.push(insertEntries(manifest.document, [...keys, 'delivery'], missing, { root: index, after: 'retry' }));
  return complete(`Let ${object.name} try again`, true, groups);
}

/** Connect makes the topic itself; a record that fails goes there with its error in the headers. */
function forConnector({ manifest, object, index, keys, node }: Place): Fix | null {
  if (node?.kind !== 'map' || entryOf(node, 'errors.deadletterqueue.topic.name') !== undefined) return null;
  const wished: readonly NewEntry[] = [
    { key: 'errors.tolerance', value: 'all' },
    { key: 'errors.deadletterqueue.topic.name', value: `${object.name}-dlq` },
    { key: 'errors.deadletterqueue.topic.replication.factor', value: 3 },
    { key: 'errors.deadletterqueue.context.headers.enable', value: true },
    { key: 'errors.log.enable', value: true },
  ];
  const groups: (readonly TextEdit[] | null)[] = [];
  const tolerance = get(node, 'errors.tolerance');
  if (tolerance !== undefined && textOf(tolerance) !== 'all')
    groups.push(replaceValue(manifest.document, [...keys, 'errors.tolerance'], 'all', index));
  groups.push(
    insertEntries(
      manifest.document,
      keys,
      wished.filter(({ key }) => get(node, key) === undefined),
      { root: index },
    ),
  );
  return complete(`Add a dead-letter topic to ${object.name}`, true, groups);
}

/** Arguments of a queue that runs cannot change; a policy can. It names an exchange, and a queue bound to that keeps the messages. */
function forQueue(place: Place): Fix | null {
  const { manifest, object } = place;
  const queue = stringOf(get(object.spec, 'name'));
  if (queue === undefined || !/^[\w.-]+$/.test(queue)) return null;
  // Only one policy applies to a queue: another one that may match it has to be extended by hand.
  if (manifest.objects.some((other) => other.group === 'rabbitmq.com' && other.kind === 'Policy')) return null;
  const cluster = clusterOf(object);
  if (cluster === null) return null;
  const vhost = textOf(get(object.spec, 'vhost'));
  const dotted = queue.includes('.') || !queue.includes('-');
  const exchange = dotted ? `${queue}.dlx` : `${queue}-dlx`;
  const dead = dotted ? `${queue}.dlq` : `${queue}-dlq`;
  const version = stringOf(get(object.node, 'apiVersion')) ?? 'rabbitmq.com/v1beta1';
  const document = (kind: string, name: string, lines: readonly string[]): string =>
    `apiVersion: ${version}\nkind: ${kind}\n${metadata(place, freeName(place, name))}spec:\n${lines
      .concat(vhost === undefined ? [] : [`vhost: ${JSON.stringify(vhost)}`], cluster)
      .map((line) => `  ${line}\n`)
      .join('')}`;
  const base = object.name;
  const edits = appendDocuments(manifest.document, [
    document('Exchange', `${base}-dlx`, [`name: ${exchange}`, 'type: fanout', 'durable: true']),
    document('Queue', `${base}-dlq`, [`name: ${dead}`, 'type: quorum', 'durable: true']),
    document('Binding', `${base}-dlq-binding`, [
      `source: ${exchange}`,
      `destination: ${dead}`,
      'destinationType: queue',
    ]),
    document('Policy', `${base}-dead-letters`, [
      `name: ${base}-dead-letters`,
      `pattern: ^${queue.replaceAll('.', '\\.')}$`,
      'applyTo: queues',
      'definition:',
      `  dead-letter-exchange: ${exchange}`,
    ]),
  ]);
  return { title: `Add a dead-letter queue to ${queue}`, safe: true, edits };
}

/** The exchange that a queue's arguments name, with a queue that keeps what arrives there. */
function declareExchange(place: Place, name: string): Fix | null {
  const { manifest, object } = place;
  if (!/^[\w.-]+$/.test(name)) return null;
  const cluster = clusterOf(object);
  const named = stringOf(getIn(object.spec, ['arguments', 'x-dead-letter-exchange']));
  if (cluster === null || named !== name) return null;
  const vhost = textOf(get(object.spec, 'vhost'));
  const version = stringOf(get(object.node, 'apiVersion')) ?? 'rabbitmq.com/v1beta1';
  const queue = `${stringOf(get(object.spec, 'name')) ?? object.name}${name.includes('.') ? '.' : '-'}dlq`;
  const document = (kind: string, label: string, lines: readonly string[]): string =>
    `apiVersion: ${version}\nkind: ${kind}\n${metadata(place, freeName(place, label))}spec:\n${lines
      .concat(vhost === undefined ? [] : [`vhost: ${JSON.stringify(vhost)}`], cluster)
      .map((line) => `  ${line}\n`)
      .join('')}`;
  const edits = appendDocuments(manifest.document, [
    document('Exchange', name, [`name: ${name}`, 'type: fanout', 'durable: true']),
    document('Queue', queue, [`name: ${queue}`, 'type: quorum', 'durable: true']),
    document('Binding', `${queue}-binding`, [`source: ${name}`, `destination: ${queue}`, 'destinationType: queue']),
  ]);
  return { title: `Declare the dead-letter exchange ${name} with a queue`, safe: true, edits };
}

/** The reference to the cluster, as lines; null where it is more than a name and a namespace. */
function clusterOf(object: ManifestObject): readonly string[] | null {
  const reference = get(object.spec, 'rabbitmqClusterReference');
  const name = stringOf(get(reference, 'name'));
  if (name === undefined || reference?.kind !== 'map') return null;
  const namespace = stringOf(get(reference, 'namespace'));
  if (reference.entries.length > (namespace === undefined ? 1 : 2)) return null;
  return [
    'rabbitmqClusterReference:',
    `  name: ${name}`,
    ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
  ];
}

function complete(title: string, safe: boolean, groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits: (readonly TextEdit[])[] = [];
  for (const group of groups) {
    if (group === null) return null;
    edits.push(group);
  }
  return { title, safe, edits: joinEdits(...edits) };
}
