// How an AsyncAPI document (YAML or JSON) writes dead-letter queues: `redrivePolicy` and the queue itself in the sqs and sns bindings, and
// `x-deadLetter` with a channel of its own beside an operation's other keys. Names follow those that the document already uses.
import type { Dialect, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, getIn, itemsOf, stringOf, textOf } from '../../syntax/data.ts';
import type { DataPath, NewEntry, NewValue } from '../../syntax/data-edit.ts';
import { appendItems, insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { keyOf, parseReference } from '../../syntax/json-reference.ts';
import { parseData } from '../../syntax/parse-data.ts';

/** What AWS advises: fewer attempts give up on messages that a short outage would have spared. */
const RECEIVES = 5;
const RETRIES = 3;
/** 14 days, the longest that SQS keeps a message. */
const RETENTION = 1_209_600;
const VARIANT = /(?:[-_.]?(?:dlq|dead[-_.]?letters?(?:[-_.]?queue)?)|Dlq|DLQ|DeadLetters?(?:Queue)?)$/;

export const asyncapiDialect: Dialect = {
  id: 'asyncapi',
  title: 'AsyncAPI',
  write(guard, context) {
    const source = context.source(guard.handle.at.file);
    if (source === null) return null;
    const document = parseData(source);
    if (document.roots.length === 0) return null;
    switch (guard.handle.role) {
      case 'queue':
        return writeQueue(guard, document);
      case 'sns-consumer':
        return writeSubscription(guard, document);
      case 'operation':
        return writeOperation(guard, document);
      default:
        return null;
    }
  },
};

function fixOf(title: string, ...groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits: (readonly TextEdit[])[] = [];
  for (const group of groups) {
    if (group === null) return null;
    edits.push(group);
  }
  return { title, safe: true, edits: joinEdits(...edits) };
}

/** `redrivePolicy` of a Queue Object, and the dead-letter queue where the binding has its place for it. */
function writeQueue(guard: Guard, document: DataDocument): Fix | null {
  const { path } = guard.handle;
  const queue = getIn(document.roots[0], path);
  if (queue?.kind !== 'map' || guard.kind === 'retry') return null;
  const fifo = get(queue, 'fifoQueue');
  const isFifo = fifo?.kind === 'scalar' && fifo.value === true;
  if (guard.kind === 'declare-dead-letter')
    return fixOf(`Declare the dead-letter queue ${guard.name}`, declareQueue(document, path, guard.name, isFifo));
  const owner = stringOf(get(queue, 'name')) ?? guard.suggestedName.replace(/-dlq$/, '');
  const sibling =
    path.at(-1) === 'queue'
      ? stringOf(getIn(document.roots[0], [...path.slice(0, -1), 'deadLetterQueue', 'name']))
      : undefined;
  const name = sibling ?? deadLetterName(owner, writtenQueues(document), isFifo);
  const declared = sibling === undefined ? declareQueue(document, path, name, isFifo) : [];
  return fixOf(`Add a dead-letter queue to ${owner}`, writePolicy(document, path, name, true), declared);
}

/** Writes `redrivePolicy`, or what an existing one lacks. */
function writePolicy(
  document: DataDocument,
  owner: DataPath,
  name: string,
  count: boolean,
): readonly TextEdit[] | null {
  const policy = getIn(document.roots[0], [...owner, 'redrivePolicy']);
  const identifier = get(policy, 'deadLetterQueue');
  if (identifier !== undefined)
    return insertEntries(document, [...owner, 'redrivePolicy', 'deadLetterQueue'], [{ key: 'name', value: name }]);
  const entries: NewEntry[] = [{ key: 'deadLetterQueue', value: { name } }];
  if (count && get(policy, 'maxReceiveCount') === undefined) entries.push({ key: 'maxReceiveCount', value: RECEIVES });
  return insertEntries(document, [...owner, 'redrivePolicy'], entries);
}

/** Declares a queue where the binding around `path` lists queues: `deadLetterQueue` of a channel's binding, `queues` of an operation's. */
function declareQueue(document: DataDocument, path: DataPath, name: string, fifo: boolean): readonly TextEdit[] | null {
  const queue: NewValue = { name, messageRetentionPeriod: RETENTION, fifoQueue: fifo };
  if (path.at(-1) === 'queue')
    return insertEntries(document, path.slice(0, -1), [{ key: 'deadLetterQueue', value: queue }], { after: 'queue' });
  const list = path.lastIndexOf('queues');
  return list < 0 ? null : appendItems(document, path.slice(0, list + 1), [queue]);
}

/** `redrivePolicy` of an SNS subscription, and its queue in the sqs binding of the same operation. */
function writeSubscription(guard: Guard, document: DataDocument): Fix | null {
  const { path } = guard.handle;
  const sns = path.lastIndexOf('sns');
  const consumer = getIn(document.roots[0], path);
  if (sns < 0 || consumer?.kind !== 'map' || guard.kind === 'retry') return null;
  const bindings = path.slice(0, sns);
  const queues = getIn(document.roots[0], [...bindings, 'sqs', 'queues']);
  const endpoint =
    textOf(getIn(consumer, ['endpoint', 'name'])) ??
    textOf(getIn(consumer, ['endpoint', 'arn']))
      ?.split(':')
      .at(-1);
  const owner = endpoint ?? (guard.kind === 'dead-letter' ? guard.suggestedName.replace(/-dlq$/, '') : guard.name);
  const own = itemsOf(queues).find((queue) => stringOf(get(queue, 'name')) === endpoint);
  const fifo = get(own, 'fifoQueue');
  const isFifo = fifo?.kind === 'scalar' && fifo.value === true;
  const name =
    guard.kind === 'declare-dead-letter' ? guard.name : deadLetterName(owner, writtenQueues(document), isFifo);
  const queue: NewValue = { name, messageRetentionPeriod: RETENTION, fifoQueue: isFifo };
  const declared = itemsOf(queues).some((known) => stringOf(get(known, 'name')) === name)
    ? []
    : itemsOf(queues).length > 0
      ? appendItems(document, [...bindings, 'sqs', 'queues'], [queue])
      : insertEntries(document, [...bindings, 'sqs'], [{ key: 'queues', value: [queue] }]);
  if (guard.kind === 'declare-dead-letter') return fixOf(`Declare the dead-letter queue ${name}`, declared);
  return fixOf(
    `Add a dead-letter queue to the subscription of ${owner}`,
    writePolicy(document, path, name, false),
    declared,
  );
}

/** Names of queues that the document writes for dead letters. */
function writtenQueues(document: DataDocument): readonly string[] {
  return [...document.file.text.matchAll(/\bname["']?\s*:\s*["']?([\w.-]+)/g)]
    .flatMap((match) => match[1] ?? [])
    .filter((name) => VARIANT.test(name.replace(/\.fifo$/, '')));
}

/** The owner's name with the suffix that other names have, else with one in its own style. A FIFO queue's name keeps its ending. */
function deadLetterName(owner: string, others: readonly string[], fifo: boolean): string {
  const stem = owner.replace(/\.fifo$/, '');
  const ending = fifo || stem !== owner ? '.fifo' : '';
  const known = others
    .map((name) => VARIANT.exec(name.replace(/\.fifo$/, ''))?.[0])
    .find((suffix) => suffix !== undefined);
  return stem + (known ?? suffixFor(stem)) + ending;
}

function suffixFor(stem: string): string {
  if (stem.includes('_')) return '_dlq';
  if (stem.includes('.')) return '.dlq';
  return /[a-z][A-Z]/.test(stem) || /^[A-Z][a-z]/.test(stem) ? 'Dlq' : '-dlq';
}

/** The proposed `deadLetter` of a receiving operation, in the spelling that the document uses, with a channel of its own. */
function writeOperation(guard: Guard, document: DataDocument): Fix | null {
  const { path } = guard.handle;
  const [root] = document.roots;
  const operation = getIn(root, path);
  if (operation?.kind !== 'map') return null;
  if (guard.kind === 'retry') {
    const key = get(operation, 'x-retry') === undefined ? 'retry' : 'x-retry';
    return fixOf('Allow retries', replaceValue(document, [...path, key, 'maxAttempts'], RETRIES));
  }
  const version2 = textOf(get(root, 'asyncapi'))?.startsWith('2') === true;
  const usage = findUsage(root);
  const owner = version2 ? String(path[1] ?? '') : channelKey(document, operation);
  if (owner === null) return null;
  const channel = getIn(root, ['channels', owner]);
  const messages =
    channel === undefined || version2 ? [] : entriesOf(get(channel, 'messages')).map((entry) => entry.key);

  if (guard.kind === 'declare-dead-letter') {
    const wanted =
      /^#\/channels\/(.+)$/.exec(guard.name)?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? guard.name;
    const written = version2
      ? wanted
      : (addressOf(channel) ?? owner) + addressSuffix(addressOf(channel) ?? owner, usage);
    return fixOf(
      `Declare the channel ${wanted}`,
      insertEntries(
        document,
        ['channels'],
        [{ key: wanted, value: channelValue(channel, owner, written, messages, version2) }],
      ),
    );
  }

  const suffix = usage === null ? 'DeadLetters' : usage.keySuffix;
  const address = (addressOf(channel) ?? owner) + addressSuffix(addressOf(channel) ?? owner, usage);
  const key = version2 ? address : owner + suffix;
  if (getIn(root, ['channels', key]) !== undefined) return null;
  const reference: Record<string, NewValue> = { channel: { $ref: keyOf(['channels', key]) } };
  if (messages.length > 0)
    reference['messages'] = messages.map((message) => ({ $ref: keyOf(['channels', key, 'messages', message]) }));
  const label = version2 ? (stringOf(get(operation, 'operationId')) ?? owner) : String(path.at(-1) ?? owner);
  return fixOf(
    `Add a dead-letter channel to ${label}`,
    // In 2.x the operation stands inside its channel: what belongs to it goes before what follows the channel.
    insertEntries(document, path, [{ key: usage?.spelling ?? 'x-deadLetter', value: reference }]),
    insertEntries(document, ['channels'], [{ key, value: channelValue(channel, owner, address, messages, version2) }], {
      after: owner,
    }),
  );
}

function channelValue(
  channel: DataNode | undefined,
  owner: string,
  address: string,
  messages: readonly string[],
  version2: boolean,
): NewValue {
  if (version2) return { description: `Messages of ${owner} that could not be processed.` };
  const value: Record<string, NewValue> = { address };
  const servers = itemsOf(get(channel, 'servers')).flatMap((server) => stringOf(get(server, '$ref')) ?? []);
  if (servers.length > 0) value['servers'] = servers.map((server) => ({ $ref: server }));
  if (messages.length > 0)
    value['messages'] = Object.fromEntries(
      messages.map((message) => [
        message,
        {
          $ref:
            stringOf(getIn(channel, ['messages', message, '$ref'])) ?? keyOf(['channels', owner, 'messages', message]),
        },
      ]),
    );
  return value;
}

function addressOf(channel: DataNode | undefined): string | null {
  return textOf(get(channel, 'address')) ?? null;
}

/** The key of the root channel that an operation uses. */
function channelKey(document: DataDocument, operation: DataNode): string | null {
  const reference = stringOf(getIn(operation, ['channel', '$ref']));
  if (reference === undefined) return null;
  const target = parseReference(document.file.path, reference);
  return target.kind === 'local' && target.path.length === 2 && target.path[0] === 'channels'
    ? String(target.path[1])
    : null;
}

/** How the document writes its other dead-letter channels. */
interface Usage {
  readonly spelling: 'x-deadLetter' | 'deadLetter';
  readonly keySuffix: string;
  readonly addressSuffix: string | null;
}

function findUsage(root: DataNode | undefined): Usage | null {
  const uses = [
    ...entriesOf(get(root, 'operations')).map(({ value }) => ({
      operation: value,
      own: lastStep(stringOf(getIn(value, ['channel', '$ref']))),
    })),
    ...entriesOf(get(root, 'channels')).flatMap(({ key, value }) => [{ operation: get(value, 'publish'), own: key }]),
  ];
  for (const { operation, own } of uses) {
    for (const spelling of ['x-deadLetter', 'deadLetter'] as const) {
      const target = lastStep(stringOf(getIn(operation, [spelling, 'channel', '$ref'])));
      if (target === null || own === null) continue;
      const [from, to] = [own, target].map((key) => addressOf(getIn(root, ['channels', key])) ?? key);
      return {
        spelling,
        keySuffix:
          target.startsWith(own) && target !== own
            ? target.slice(own.length)
            : (/[-_]?[Dd](?:ead[-_]?[Ll]etters?|lq|LQ)(?:[-_]?[Qq]ueue)?$/.exec(target)?.[0] ?? 'DeadLetters'),
        addressSuffix:
          from !== undefined && to !== undefined && to.startsWith(from) && to !== from ? to.slice(from.length) : null,
      };
    }
  }
  return null;
}

function lastStep(reference: string | undefined): string | null {
  if (reference === undefined) return null;
  return reference
    .slice(reference.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

function addressSuffix(address: string, usage: Usage | null): string {
  if (usage?.addressSuffix !== null && usage !== null) return usage.addressSuffix;
  const separator = ['.', '/', '-', '_'].find((mark) => address.includes(mark)) ?? '.';
  return `${separator}dlq`;
}
