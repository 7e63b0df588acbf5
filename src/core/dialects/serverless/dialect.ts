// How a serverless.yml writes guards: redrive policies of its queues, destinations of functions and streams, with queues beside the others in
// `resources`. The framework lets its own role write to a destination; where a function has another role, nothing is written.
import type { Dialect, DialectContext, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import { offsetAt } from '../../model/source.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, getIn, itemsOf, stringOf, textOf } from '../../syntax/data.ts';
import type { DataPath, NewEntry, NewValue } from '../../syntax/data-edit.ts';
import { deleteEntry, insertEntries, joinEdits } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';

const FOURTEEN_DAYS = 1_209_600;

export const serverlessDialect: Dialect = {
  id: 'serverless',
  title: 'Serverless Framework',
  write(guard, context) {
    const place = placeOf(guard, context);
    if (place === null) return null;
    switch (guard.kind) {
      case 'dead-letter':
        return writeDeadLetter(place, guard.handle.role);
      case 'declare-dead-letter':
        return declareDeadLetter(place, guard.handle.role, guard.name);
      case 'retry':
        return writeRetry(place, guard.handle.role);
    }
  },
};

interface Place {
  readonly file: SourceFile;
  readonly document: DataDocument;
  readonly root: DataNode;
  readonly path: DataPath;
  /** Where the finding stands. */
  readonly offset: number;
}

function placeOf(guard: Guard, context: DialectContext): Place | null {
  const { handle } = guard;
  const file = context.source(handle.at.file);
  if (file === null) return null;
  const document = parseData(file);
  const [root] = document.roots;
  if (root === undefined || document.roots.length > 1 || document.problems.length > 0) return null;
  return { file, document, root, path: handle.path, offset: offsetAt(file, handle.at.range.start) };
}

function writeDeadLetter(place: Place, role: string): Fix | null {
  switch (role) {
    case 'queue':
      return forQueue(place);
    case 'async-function':
      return forFunction(place);
    case 'stream-mapping':
      return forStream(place);
    default:
      return null;
  }
}

function forQueue(place: Place): Fix | null {
  const { document, path, root } = place;
  const id = String(path.at(-1));
  const container = path.slice(0, -1);
  const properties = getIn(root, [...path, 'Properties']);
  if (stringOf(getIn(root, [...path, 'Type'])) !== 'AWS::SQS::Queue') return null;
  if (properties !== undefined && (properties.kind !== 'map' || properties.tag !== null)) return null;
  if (get(properties, 'RedrivePolicy') !== undefined) return null;
  const fifo = isFifo(place, path);
  if (fifo === null) return null;
  const name = newName(place, container, id);
  const setting = insertEntries(
    document,
    [...path, 'Properties'],
    [{ key: 'RedrivePolicy', value: { deadLetterTargetArn: arnOf(place, name), maxReceiveCount: 5 } }],
  );
  return complete(`Add a dead-letter queue to ${id}`, [setting, newQueue(place, container, name, id, fifo)]);
}

function forFunction(place: Place): Fix | null {
  const { document, path, root } = place;
  const node = getIn(root, path);
  const name = String(path.at(-1));
  if (path[0] !== 'functions' || !hasOurRole(place, node) || get(node, 'onError') !== undefined) return null;
  if (getIn(node, ['destinations', 'onFailure']) !== undefined) return null;
  const container = containerOf(place);
  if (container === null) return null;
  const id = newName(place, container, logicalName(name));
  const setting = insertEntries(document, path.concat('destinations'), [
    { key: 'onFailure', value: { type: 'sqs', arn: arnOf(place, id) } },
  ]);
  return complete(`Add an on-failure queue to the function ${name}`, [
    setting,
    newQueue(place, container, id, null, false),
  ]);
}

function forStream(place: Place): Fix | null {
  const { document, path, root } = place;
  const owner = path.slice(0, path.indexOf('Properties'));
  const found = streamOf(place, owner);
  const node = found === null ? undefined : getIn(root, found);
  if (found === null || owner[0] !== 'functions' || !hasOurRole(place, getIn(root, owner))) return null;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'arn') === undefined) return null;
  if (get(node, 'destinations') !== undefined) return null;
  const container = containerOf(place);
  if (container === null) return null;
  const name = String(owner.at(-1));
  const id = newName(place, container, `${logicalName(name)}Stream`);
  const wished: readonly NewEntry[] = [
    { key: 'maximumRetryAttempts', value: 5 },
    { key: 'bisectBatchOnFunctionError', value: true },
    { key: 'destinations', value: { onFailure: { type: 'sqs', arn: arnOf(place, id) } } },
  ];
  const setting = insertEntries(
    document,
    found,
    wished.filter(({ key }) => get(node, key) === undefined),
  );
  return complete(`Add an on-failure queue to the stream of ${name}`, [
    setting,
    newQueue(place, container, id, null, false),
  ]);
}

function declareDeadLetter(place: Place, role: string, name: string): Fix | null {
  const { path } = place;
  const container = role === 'queue' ? path.slice(0, -1) : containerOf(place);
  if (container === null || !/^[A-Za-z0-9]+$/.test(name)) return null;
  if (getIn(place.root, [...container, name]) !== undefined) return null;
  const fifo = role === 'queue' ? isFifo(place, path) : false;
  if (fifo === null) return null;
  return complete(`Declare the dead-letter queue ${name}`, [
    newQueue(place, container, name, role === 'queue' ? String(path.at(-1)) : null, fifo),
  ]);
}

/** Without the explicit 0 the platform's default holds again. */
function writeRetry(place: Place, role: string): Fix | null {
  const { document, path, root } = place;
  const owner = path.includes('Properties') ? path.slice(0, path.indexOf('Properties')) : path;
  const holders: DataPath[] = role === 'async-function' ? [owner] : [];
  for (const [index, item] of itemsOf(getIn(root, [...owner, 'events'])).entries())
    for (const entry of entriesOf(item)) {
      const here: DataPath = [...owner, 'events', index, entry.key];
      if (role === 'async-function') holders.push([...here, 'retryPolicy']);
      else if (entry.keyStart === place.offset) holders.push(here, [...here, 'retryPolicy']);
    }
  for (const holder of holders) {
    const policy = getIn(root, holder);
    const node = get(policy, 'maximumRetryAttempts');
    if (node === undefined || node.tag !== null || textOf(node) !== '0') continue;
    const whole = holder.at(-1) === 'retryPolicy' && entriesOf(policy).length === 1;
    const edits = deleteEntry(document, whole ? holder : [...holder, 'maximumRetryAttempts']);
    return edits === null ? null : { title: `Let ${String(owner.at(-1))} try again`, safe: true, edits };
  }
  return null;
}

/** The stream event at which the finding stands. */
function streamOf({ root, offset }: Place, owner: DataPath): DataPath | null {
  for (const [index, item] of itemsOf(getIn(root, [...owner, 'events'])).entries())
    for (const entry of entriesOf(item))
      if (entry.key === 'stream' && entry.keyStart === offset) return [...owner, 'events', index, 'stream'];
  return null;
}

/** Whether the framework's own role runs a function: it alone gets the right to write to a destination. */
function hasOurRole({ root }: Place, node: DataNode | undefined): boolean {
  if (node?.kind !== 'map' || node.tag !== null) return false;
  const provider = get(root, 'provider');
  const shared = getIn(provider, ['iam', 'role']);
  const isOther = shared !== undefined && (shared.kind !== 'map' || shared.tag !== null || isCall(shared));
  return get(node, 'role') === undefined && get(provider, 'role') === undefined && !isOther;
}

function isCall(node: DataNode): boolean {
  return entriesOf(node).some(({ key }) => key === 'Ref' || key.startsWith('Fn::'));
}

/** The map that new resources belong into: the first that there is, else a new one; null where resources stand in other files only. */
function containerOf({ root }: Place): DataPath | null {
  const resources = get(root, 'resources');
  if (resources === undefined) return ['resources', 'Resources'];
  if (resources.kind === 'seq') {
    const index = resources.items.findIndex((item) => get(item, 'Resources')?.kind === 'map');
    return index < 0 ? null : ['resources', index, 'Resources'];
  }
  if (resources.kind !== 'map') return null;
  const inner = get(resources, 'Resources');
  return inner === undefined || inner.kind === 'map' ? ['resources', 'Resources'] : null;
}

/** A queue for failed messages, kept for the longest time that SQS has. */
function newQueue(
  { document }: Place,
  container: DataPath,
  id: string,
  behind: string | null,
  fifo: boolean,
): readonly TextEdit[] | null {
  const properties: NewValue = fifo
    ? { FifoQueue: true, MessageRetentionPeriod: FOURTEEN_DAYS }
    : { MessageRetentionPeriod: FOURTEEN_DAYS };
  return insertEntries(
    document,
    container,
    [{ key: id, value: { Type: 'AWS::SQS::Queue', Properties: properties } }],
    behind === null ? {} : { after: behind },
  );
}

/** The ARN as the file writes references: short where it does so or has none. */
function arnOf({ document, file }: Place, id: string): NewValue {
  const long =
    document.language === 'json' ||
    (/Fn::GetAtt|^\s*(?:- )?Ref:/m.test(file.text) && !/!(?:GetAtt|Ref|Sub)\b/.test(file.text));
  return long ? { 'Fn::GetAtt': [id, 'Arn'] } : { $tag: '!GetAtt', $value: `${id}.Arn` };
}

function isFifo({ root }: Place, path: DataPath): boolean | null {
  const node = getIn(root, [...path, 'Properties', 'FifoQueue']);
  if (node === undefined) return false;
  if (node.tag !== null || node.kind !== 'scalar' || String(node.value).includes('${')) return null;
  return textOf(node)?.toLowerCase() === 'true';
}

function logicalName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** A name as the file's other dead-letter queues have it. */
function newName({ root }: Place, container: DataPath, base: string): string {
  const names = entriesOf(getIn(root, container)).map(({ key }) => key);
  const bare = base.length > 5 && base.endsWith('Queue') ? base.slice(0, -5) : base;
  let name = `${bare}Dlq`;
  for (const known of names) {
    const [, before, ending] = /^(.+?)(Dlq|DLQ|DLQueue|DeadLetterQueue|DeadLetters?)$/.exec(known) ?? [];
    if (before === undefined || ending === undefined) continue;
    name = `${before.endsWith('Queue') && names.includes(before) ? base : bare}${ending}`;
    break;
  }
  let free = name;
  for (let number = 2; names.includes(free); number++) free = `${name}${number}`;
  return free;
}

function complete(title: string, groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits: (readonly TextEdit[])[] = [];
  for (const group of groups) {
    if (group === null) return null;
    edits.push(group);
  }
  return { title, safe: true, edits: joinEdits(...edits) };
}
