// How CloudFormation and SAM templates write guards, in YAML and JSON: dead-letter queues with their policies, retries of state machine tasks.
// New resources follow the template's naming and never take a name that exists. Places that are references to other stacks are left alone.
import type { Dialect, DialectContext, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, getIn, itemsOf, stringOf, textOf } from '../../syntax/data.ts';
import type { DataPath, NewEntry, NewValue } from '../../syntax/data-edit.ts';
import { deleteEntry, insertEntries, joinEdits } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';

const FOURTEEN_DAYS = 1_209_600;

export const cloudformationDialect: Dialect = {
  id: 'cloudformation',
  title: 'CloudFormation and SAM',
  write(guard, context) {
    const place = placeOf(guard, context);
    if (place === null) return null;
    switch (guard.kind) {
      case 'dead-letter':
        return writeDeadLetter(place, guard.handle.role);
      case 'declare-dead-letter':
        return declareDeadLetter(place, guard.name);
      case 'retry':
        return writeRetry(place, guard.handle.role);
    }
  },
};

/** The template and the place in it that a guard concerns. */
interface Place {
  readonly file: SourceFile;
  readonly document: DataDocument;
  readonly root: DataNode;
  /** Which document of the file the template is. */
  readonly index: number;
  readonly path: DataPath;
  readonly node: DataNode | undefined;
  /** The resource that the place belongs to. */
  readonly resource: string;
  readonly properties: DataNode | undefined;
}

function placeOf(guard: Guard, context: DialectContext): Place | null {
  const file = context.source(guard.handle.at.file);
  if (file === null) return null;
  const document = parseData(file);
  const { path } = guard.handle;
  const found = document.roots.findIndex((candidate) => getIn(candidate, path.slice(0, 2)) !== undefined);
  const index = Math.max(0, found);
  const root = document.roots[index];
  if (root === undefined || document.problems.length > 0) return null;
  const resource = String(path[1] ?? '');
  return {
    file,
    document,
    root,
    index,
    path,
    node: getIn(root, path),
    resource,
    properties: getIn(root, ['Resources', resource, 'Properties']),
  };
}

function writeDeadLetter(place: Place, role: string): Fix | null {
  switch (role) {
    case 'queue':
      return forQueue(place);
    case 'subscription':
      return forSubscription(place);
    case 'rule-target':
      return forTarget(place);
    case 'sam-target':
      return forSamTarget(place);
    case 'async-function':
      return forFunction(place);
    case 'stream-mapping':
      return forMapping(place);
    case 'pipe-stream':
      return forRole(
        place,
        [{ key: 'MaximumRetryAttempts', value: 5 }],
        `Add a dead-letter queue to the pipe ${place.resource}`,
      );
    case 'schedule-target':
      return forRole(place, [], `Add a dead-letter queue to the schedule ${place.resource}`);
    default:
      return null;
  }
}

/** A queue of its own for what readers keep failing on. */
function forQueue(place: Place): Fix | null {
  const { properties, resource } = place;
  if (!isPlainMap(properties) || get(properties, 'RedrivePolicy') !== undefined) return null;
  const fifo = isFifo(place, resource);
  if (fifo === null) return null;
  const id = newName(place, resource);
  const setting = insertEntries(
    place.document,
    ['Resources', resource, 'Properties'],
    [{ key: 'RedrivePolicy', value: { deadLetterTargetArn: attribute(place, id, 'Arn'), maxReceiveCount: 5 } }],
    { root: place.index },
  );
  return complete(place, `Add a dead-letter queue to ${resource}`, [setting, newQueue(place, id, resource, fifo)]);
}

/** The subscription's own queue, which SNS must be allowed to write to. */
function forSubscription(place: Place): Fix | null {
  const { node, path } = place;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'RedrivePolicy') !== undefined) return null;
  const topic = referenced(get(node, 'TopicArn') ?? get(node, 'Topic'));
  if (topic === null || stringOf(getIn(place.root, ['Resources', topic, 'Type'])) !== 'AWS::SNS::Topic') return null;
  const fifo = textOf(getIn(place.root, ['Resources', topic, 'Properties', 'FifoTopic']))?.toLowerCase() === 'true';
  const base = path.length > 3 ? `${place.resource}${String(path.at(-2))}` : place.resource;
  const id = newName(place, base);
  const setting = insertEntries(
    place.document,
    path,
    [{ key: 'RedrivePolicy', value: { deadLetterTargetArn: attribute(place, id, 'Arn') } }],
    { root: place.index },
  );
  return complete(place, `Add a dead-letter queue to the subscription of ${topic}`, [
    setting,
    newQueue(place, id, place.resource, fifo, newPolicy(place, id, 'sns.amazonaws.com', reference(place, topic))),
  ]);
}

/** A rule target's queue, which EventBridge must be allowed to write to. */
function forTarget(place: Place): Fix | null {
  const { node, path } = place;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'DeadLetterConfig') !== undefined) return null;
  const id = newName(place, place.resource);
  const setting = insertEntries(
    place.document,
    path,
    [{ key: 'DeadLetterConfig', value: { Arn: attribute(place, id, 'Arn') } }],
    { root: place.index },
  );
  return complete(place, `Add a dead-letter queue to the target of ${place.resource}`, [
    setting,
    newQueue(
      place,
      id,
      place.resource,
      false,
      newPolicy(place, id, 'events.amazonaws.com', attribute(place, place.resource, 'Arn')),
    ),
  ]);
}

/** SAM makes the queue and its policy by itself. */
function forSamTarget(place: Place): Fix | null {
  const { node, path } = place;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'DeadLetterConfig') !== undefined) return null;
  const event = String(path.at(-2));
  const id = newName(place, `${place.resource}${event}`);
  const setting = insertEntries(
    place.document,
    path,
    [{ key: 'DeadLetterConfig', value: { Type: 'SQS', QueueLogicalId: id } }],
    { root: place.index },
  );
  return complete(place, `Add a dead-letter queue to the event ${event}`, [setting]);
}

/**
 * What is left of an event after Lambda's retries. SAM adds the permission to the function's role by itself, unless the role is the template's own;
 * a plain function's role gets a policy where the role stands in this template.
 */
function forFunction(place: Place): Fix | null {
  const { properties, resource, root } = place;
  const isSam = stringOf(getIn(root, ['Resources', resource, 'Type'])) === 'AWS::Serverless::Function';
  const key = isSam ? 'DeadLetterQueue' : 'DeadLetterConfig';
  if (!isPlainMap(properties) || get(properties, key) !== undefined) return null;
  const id = newName(place, resource);
  const target = attribute(place, id, 'Arn');
  const value: NewValue = isSam ? { Type: 'SQS', TargetArn: target } : { TargetArn: target };
  const setting = insertEntries(place.document, ['Resources', resource, 'Properties'], [{ key, value }], {
    root: place.index,
  });
  const written = get(properties, 'Role') ?? (isSam ? getIn(root, ['Globals', 'Function', 'Role']) : undefined);
  const permission = written === undefined && isSam ? NO_PERMISSION : permit(place, written, id, resource);
  if (permission === null) return null;
  return complete(place, `Add a dead-letter queue to the function ${resource}`, [
    setting,
    permission.wait,
    newQueue(place, id, resource, false, permission.resources),
  ]);
}

/** A stream mapping stops retrying after a while, splits failing batches, and keeps what is left. */
function forMapping(place: Place): Fix | null {
  const { node, path, root } = place;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'DestinationConfig') !== undefined) return null;
  const isEvent = path.length > 3;
  const owner = isEvent ? place.resource : referenced(get(node, 'FunctionName'));
  if (owner === null || stringOf(getIn(root, ['Resources', owner, 'Type'])) === undefined) return null;
  const isSam = stringOf(getIn(root, ['Resources', owner, 'Type'])) === 'AWS::Serverless::Function';
  const base = isEvent ? `${place.resource}${String(path.at(-2))}` : place.resource;
  const id = newName(place, base);
  const target = attribute(place, id, 'Arn');
  const wished: readonly NewEntry[] = [
    { key: 'MaximumRetryAttempts', value: 5 },
    { key: 'BisectBatchOnFunctionError', value: true },
    {
      key: 'DestinationConfig',
      value: { OnFailure: isEvent ? { Type: 'SQS', Destination: target } : { Destination: target } },
    },
  ];
  const setting = insertEntries(
    place.document,
    path,
    wished.filter(({ key }) => get(node, key) === undefined),
    { root: place.index },
  );
  const written =
    getIn(root, ['Resources', owner, 'Properties', 'Role']) ??
    (isSam ? getIn(root, ['Globals', 'Function', 'Role']) : undefined);
  // SAM writes the permission for an event of its own function; not for a mapping, and not for a role that it did not make.
  const permission =
    isEvent && isSam && written === undefined ? NO_PERMISSION : permit(place, written, id, place.resource);
  if (permission === null) return null;
  return complete(
    place,
    `Add an on-failure queue to ${isEvent ? `the event ${String(path.at(-2))}` : place.resource}`,
    [setting, permission.wait, newQueue(place, id, place.resource, false, permission.resources)],
  );
}

interface Permission {
  readonly resources: readonly NewEntry[];
  readonly wait: readonly TextEdit[] | null;
}

const NO_PERMISSION: Permission = { resources: [], wait: [] };

/**
 * Lets a role write to the queue. Lambda checks that when it makes the function or the mapping, so that one waits for the policy; null where the role
 * is not in this template or the resource waits for others already.
 */
function permit(place: Place, role: DataNode | undefined, queue: string, waiting: string): Permission | null {
  const { root, document } = place;
  const id = referenced(role);
  if (id === null || stringOf(getIn(root, ['Resources', id, 'Type'])) !== 'AWS::IAM::Role') return null;
  if (getIn(root, ['Resources', waiting, 'DependsOn']) !== undefined) return null;
  const key = unused(place, `${queue}SendPolicy`);
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: attribute(place, queue, 'Arn') };
  const value = {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: `${queue}-send`,
      Roles: [reference(place, id)],
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    },
  };
  return {
    resources: [{ key, value }],
    wait: insertEntries(document, ['Resources', waiting], [{ key: 'DependsOn', value: key }], {
      after: 'Type',
      root: place.index,
    }),
  };
}

/** Pipes and schedules write to their queue in the name of their role. */
function forRole(place: Place, more: readonly NewEntry[], title: string): Fix | null {
  const { node, path, document, index, resource, properties } = place;
  if (node?.kind !== 'map' || node.tag !== null || get(node, 'DeadLetterConfig') !== undefined) return null;
  const id = newName(place, resource);
  const permission = permit(place, get(properties, 'RoleArn') ?? get(node, 'RoleArn'), id, resource);
  if (permission === null) return null;
  const wished: readonly NewEntry[] = [
    ...more,
    { key: 'DeadLetterConfig', value: { Arn: attribute(place, id, 'Arn') } },
  ];
  const setting = insertEntries(
    document,
    path,
    wished.filter(({ key }) => get(node, key) === undefined),
    { root: index },
  );
  return complete(place, title, [setting, permission.wait, newQueue(place, id, resource, false, permission.resources)]);
}

/** The queue that a setting already names. */
function declareDeadLetter(place: Place, name: string): Fix | null {
  const { resource, root } = place;
  if (!/^[A-Za-z0-9]+$/.test(name) || getIn(root, ['Resources', name]) !== undefined) return null;
  const isQueue = stringOf(getIn(root, ['Resources', resource, 'Type'])) === 'AWS::SQS::Queue';
  const fifo = isQueue ? isFifo(place, resource) : false;
  return fifo === null
    ? null
    : complete(place, `Declare the dead-letter queue ${name}`, [newQueue(place, name, resource, fifo)]);
}

/** Without the explicit 0 the platform's default holds again; a task gets the retries that AWS advises. */
function writeRetry(place: Place, role: string): Fix | null {
  const { document, path, root } = place;
  if (role === 'task' || role === 'function-task') {
    if (place.node?.kind !== 'map' || get(place.node, 'Retry') !== undefined) return null;
    const errors =
      role === 'function-task'
        ? [
            'Lambda.ServiceException',
            'Lambda.AWSLambdaException',
            'Lambda.SdkClientException',
            'Lambda.TooManyRequestsException',
          ]
        : ['States.TaskFailed'];
    const edits = insertEntries(
      document,
      path,
      [{ key: 'Retry', value: [{ ErrorEquals: errors, IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }] }],
      { root: place.index },
    );
    return edits === null ? null : { title: `Retry the task ${String(path.at(-1))}`, safe: true, edits };
  }
  for (const holder of zeroHolders(place, role)) {
    const policy = getIn(root, holder);
    const node = get(policy, 'MaximumRetryAttempts');
    if (node?.tag !== null || textOf(node) !== '0') continue;
    // A retry policy of nothing else goes as a whole.
    const whole = holder.at(-1) === 'RetryPolicy' && entriesOf(policy).length === 1;
    const edits = deleteEntry(document, whole ? holder : [...holder, 'MaximumRetryAttempts'], place.index);
    return edits === null ? null : { title: `Let ${place.resource} try again`, safe: true, edits };
  }
  return null;
}

/** Where an explicit 0 may stand, for a role. */
function zeroHolders(place: Place, role: string): readonly DataPath[] {
  const { path, resource, root } = place;
  if (role !== 'async-function') return [[...path, 'RetryPolicy'], path];
  const holders: DataPath[] = [
    ['Resources', resource, 'Properties', 'EventInvokeConfig'],
    ['Globals', 'Function', 'EventInvokeConfig'],
  ];
  for (const entry of entriesOf(get(root, 'Resources'))) {
    if (
      stringOf(get(entry.value, 'Type')) === 'AWS::Lambda::EventInvokeConfig' &&
      referenced(getIn(entry.value, ['Properties', 'FunctionName'])) === resource
    )
      holders.push(['Resources', entry.key, 'Properties']);
  }
  for (const event of entriesOf(getIn(root, ['Resources', resource, 'Properties', 'Events'])))
    holders.push(['Resources', resource, 'Properties', 'Events', event.key, 'Properties', 'RetryPolicy']);
  for (const entry of entriesOf(get(root, 'Resources'))) {
    const type = stringOf(get(entry.value, 'Type'));
    if (type === 'AWS::Events::Rule') {
      for (const [index, target] of itemsOf(getIn(entry.value, ['Properties', 'Targets'])).entries())
        if (referenced(get(target, 'Arn')) === resource)
          holders.push(['Resources', entry.key, 'Properties', 'Targets', index, 'RetryPolicy']);
    } else if (
      type === 'AWS::Scheduler::Schedule' &&
      referenced(getIn(entry.value, ['Properties', 'Target', 'Arn'])) === resource
    )
      holders.push(['Resources', entry.key, 'Properties', 'Target', 'RetryPolicy']);
  }
  return holders;
}

function complete(place: Place, title: string, groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits: (readonly TextEdit[])[] = [];
  for (const group of groups) {
    if (group === null) return null;
    edits.push(group);
  }
  return { title, safe: true, edits: joinEdits(...edits) };
}

/** A queue for failed messages behind a resource, and what belongs to it. Kept for the longest time that SQS has. */
function newQueue(
  place: Place,
  id: string,
  behind: string,
  fifo: boolean,
  more: readonly NewEntry[] = [],
): readonly TextEdit[] | null {
  const properties: NewValue = fifo
    ? { FifoQueue: true, MessageRetentionPeriod: FOURTEEN_DAYS }
    : { MessageRetentionPeriod: FOURTEEN_DAYS };
  return insertEntries(
    place.document,
    ['Resources'],
    [{ key: id, value: { Type: 'AWS::SQS::Queue', Properties: properties } }, ...more],
    { after: behind, root: place.index },
  );
}

/** A policy that lets a service put failed messages into the queue, for one source only. */
function newPolicy(place: Place, queue: string, principal: string, source: NewValue): readonly NewEntry[] {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: principal },
    Action: 'sqs:SendMessage',
    Resource: attribute(place, queue, 'Arn'),
    Condition: { ArnEquals: { 'aws:SourceArn': source } },
  };
  return [
    {
      key: unused(place, `${queue}Policy`),
      value: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [reference(place, queue)],
          PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
        },
      },
    },
  ];
}

function attribute({ document }: Place, id: string, name: string): NewValue {
  return document.language === 'json' ? { 'Fn::GetAtt': [id, name] } : { $tag: '!GetAtt', $value: `${id}.${name}` };
}

function reference({ document }: Place, id: string): NewValue {
  return document.language === 'json' ? { Ref: id } : { $tag: '!Ref', $value: id };
}

/** The logical id that a Ref or GetAtt means; null for everything else. */
function referenced(node: DataNode | undefined): string | null {
  if (node === undefined) return null;
  if (node.tag === '!Ref') return stringOf(node) ?? null;
  if (node.tag === '!GetAtt')
    return node.kind === 'seq' ? (stringOf(node.items[0]) ?? null) : (stringOf(node)?.split('.')[0] ?? null);
  if (node.tag === '!Sub') return /^\$\{([A-Za-z0-9]+)(?:\.Arn)?\}$/.exec(stringOf(node) ?? '')?.[1] ?? null;
  if (node.kind !== 'map' || node.entries.length !== 1) return null;
  const ref = stringOf(get(node, 'Ref'));
  if (ref !== undefined) return ref;
  const attributes = get(node, 'Fn::GetAtt');
  return attributes?.kind === 'seq'
    ? (stringOf(attributes.items[0]) ?? null)
    : (stringOf(attributes)?.split('.')[0] ?? null);
}

/** Whether a queue is FIFO; null where that is open. */
function isFifo({ root }: Place, id: string): boolean | null {
  const node = getIn(root, ['Resources', id, 'Properties', 'FifoQueue']);
  if (node === undefined) return false;
  if (node.tag !== null || node.kind !== 'scalar') return null;
  return textOf(node)?.toLowerCase() === 'true';
}

/** Properties that entries can be added to: a map, or nothing yet. */
function isPlainMap(node: DataNode | undefined): boolean {
  if (node === undefined || (node.kind === 'scalar' && node.value === null && node.tag === null)) return true;
  return (
    node.kind === 'map' &&
    node.tag === null &&
    !node.entries.some((entry) => entry.key.startsWith('Fn::') || entry.key === 'Ref')
  );
}

/**
 * A name for the dead-letter queue behind `base`, as the template's other ones are called: what follows their base is kept ("DLQ", "DeadLetterQueue"),
 * and "Queue" is replaced by it where theirs does so.
 */
function newName(place: Place, base: string): string {
  const names = entriesOf(get(place.root, 'Resources')).map((entry) => entry.key);
  const bare = base.length > 5 && base.endsWith('Queue') ? base.slice(0, -5) : base;
  let suffix: string | null = null;
  let whole = false;
  for (const name of names) {
    const found = /^(.+?)(Dlq|DLQ|DLQueue|DeadLetterQueue|DeadLetters?)$/.exec(name);
    const [, before, ending] = found ?? [];
    if (before === undefined || ending === undefined) continue;
    suffix = ending;
    whole = before.endsWith('Queue') && names.includes(before);
    break;
  }
  return unused(place, `${whole ? base : bare}${suffix ?? 'Dlq'}`);
}

/** A logical id that nothing has yet. */
function unused({ root }: Place, wished: string): string {
  const taken = (id: string): boolean =>
    ['Resources', 'Parameters', 'Conditions'].some((section) => getIn(root, [section, id]) !== undefined);
  const clean = wished.replaceAll(/[^A-Za-z0-9]/g, '');
  if (!taken(clean)) return clean;
  for (let number = 2; ; number++) if (!taken(`${clean}${number}`)) return `${clean}${number}`;
}
