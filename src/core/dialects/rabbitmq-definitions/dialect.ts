// How a RabbitMQ definitions file writes a dead-letter queue: an exchange, a queue, a binding, and a policy that points the source queue at them.
// A policy takes effect on a live queue, while other arguments for an existing one are refused; only where another policy is in force already, or
// the queue has a dead-letter exchange to declare, are arguments and entries written instead. Names follow those of the file.
import type { Dialect, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { get, getIn, itemsOf, textOf } from '../../syntax/data.ts';
import type { NewValue } from '../../syntax/data-edit.ts';
import { appendItems, insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';

const DELIVERIES = 5;
const SUFFIX = /[-_.]?(?:dlq|dead[-_.]?letters?)$/i;

export const rabbitmqDefinitionsDialect: Dialect = {
  id: 'rabbitmq-definitions',
  title: 'RabbitMQ definitions',
  write(guard, context) {
    const file = context.source(guard.handle.at.file);
    if (file === null || guard.handle.role !== 'queue') return null;
    const document = parseData(file);
    if (document.problems.length > 0) return null;
    const [root] = document.roots;
    const queue = getIn(root, guard.handle.path);
    const name = textOf(get(queue, 'name'));
    return root === undefined || queue === undefined || name === undefined
      ? null
      : write(guard, document, root, queue, name);
  },
};

function write(guard: Guard, document: DataDocument, root: DataNode, queue: DataNode, name: string): Fix | null {
  const vhost = textOf(get(queue, 'vhost'));
  // A file of one virtual host leaves its name out.
  const place: Readonly<Record<string, NewValue>> = vhost === undefined ? {} : { vhost };
  const taken = new Set(
    [...itemsOf(get(root, 'queues')), ...itemsOf(get(root, 'exchanges'))]
      .filter((item) => textOf(get(item, 'vhost')) === vhost)
      .flatMap((item) => textOf(get(item, 'name')) ?? []),
  );
  if (guard.kind === 'declare-dead-letter') {
    const stem = guard.name.replace(/[-_.]?dlx$/i, '');
    const dead = free((stem === '' ? name : stem) + suffixOf(root, stem === '' ? name : stem), taken);
    if (dead === null) return null;
    const key = textOf(getIn(queue, ['arguments', 'x-dead-letter-routing-key'])) ?? '#';
    return fixOf(`Declare the exchange ${guard.name} with a queue`, [
      add(document, root, 'exchanges', {
        name: guard.name,
        ...place,
        type: key === '#' ? 'topic' : 'direct',
        durable: true,
        auto_delete: false,
        internal: false,
        arguments: {},
      }),
      add(document, root, 'queues', { name: dead, ...place, durable: true, auto_delete: false, arguments: {} }),
      add(document, root, 'bindings', {
        source: guard.name,
        ...place,
        destination: dead,
        destination_type: 'queue',
        routing_key: key,
        arguments: {},
      }),
    ]);
  }
  if (guard.kind !== 'dead-letter') return null;
  const suffix = suffixOf(root, name);
  const dead = free(name + suffix, taken);
  const separator = /^[-_.]/.exec(suffix)?.[0] ?? '.';
  const exchange = free(`${name}${separator}dlx`, taken);
  if (dead === null || exchange === null) return null;
  const quorum = textOf(getIn(queue, ['arguments', 'x-queue-type'])) === 'quorum';
  const limited = quorum && getIn(queue, ['arguments', 'x-delivery-limit']) === undefined;
  const pointing = !hasPolicy(root, vhost, name)
    ? add(document, root, 'policies', {
        ...place,
        name: exchange,
        pattern: `^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`,
        'apply-to': 'queues',
        definition: {
          'dead-letter-exchange': exchange,
          'dead-letter-routing-key': name,
          ...(limited ? { 'delivery-limit': DELIVERIES } : {}),
        },
        priority: 0,
      })
    : insertEntries(
        document,
        [...guard.handle.path, 'arguments'],
        [
          { key: 'x-dead-letter-exchange', value: exchange },
          { key: 'x-dead-letter-routing-key', value: name },
          ...(limited ? [{ key: 'x-delivery-limit', value: DELIVERIES }] : []),
        ],
      );
  return fixOf(`Add a dead-letter queue to ${name}`, [
    add(document, root, 'queues', {
      name: dead,
      ...place,
      durable: true,
      auto_delete: false,
      arguments: quorum ? { 'x-queue-type': 'quorum' } : {},
    }),
    add(document, root, 'exchanges', {
      name: exchange,
      ...place,
      type: 'direct',
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    }),
    add(document, root, 'bindings', {
      source: exchange,
      ...place,
      destination: dead,
      destination_type: 'queue',
      routing_key: name,
      arguments: {},
    }),
    pointing,
  ]);
}

function fixOf(title: string, groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits: (readonly TextEdit[])[] = [];
  for (const group of groups) {
    if (group === null) return null;
    edits.push(group);
  }
  return { title, safe: true, edits: joinEdits(...edits) };
}

/** Puts an item into a list of the file's root, which may be empty or missing. */
function add(document: DataDocument, root: DataNode, list: string, item: NewValue): readonly TextEdit[] | null {
  const known = get(root, list);
  if (known === undefined) return insertEntries(document, [], [{ key: list, value: [item] }]);
  return itemsOf(known).length > 0 ? appendItems(document, [list], [item]) : replaceValue(document, [list], [item]);
}

/** The ending that the file's dead-letter queues have, else one in the style of the name. */
function suffixOf(root: DataNode, name: string): string {
  for (const queue of itemsOf(get(root, 'queues'))) {
    const found = SUFFIX.exec(textOf(get(queue, 'name')) ?? '')?.[0];
    if (found !== undefined) return found;
  }
  return name.includes('.') ? '.dlq' : name.includes('_') ? '_dlq' : name.includes('-') ? '-dlq' : '.dlq';
}

function free(name: string, taken: ReadonlySet<string>): string | null {
  return taken.has(name) ? null : name;
}

/** Whether a policy may be in force on a queue: true also for those whose pattern is more than a plain word. */
function hasPolicy(root: DataNode, vhost: string | undefined, name: string): boolean {
  return itemsOf(get(root, 'policies')).some((policy) => {
    const applyTo = textOf(get(policy, 'apply-to')) ?? 'all';
    if (textOf(get(policy, 'vhost')) !== vhost || applyTo === 'exchanges') return false;
    const pattern = textOf(get(policy, 'pattern')) ?? '';
    const literal = pattern
      .replace(/^\^/, '')
      .replace(/\$$/, '')
      .replaceAll(/\\([.\-_])/g, '$1');
    if (/[\\*+?()[\]{}|]/.test(literal)) return true;
    return pattern.startsWith('^')
      ? pattern.endsWith('$')
        ? name === literal
        : name.startsWith(literal)
      : name.includes(literal);
  });
}
