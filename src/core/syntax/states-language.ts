// The Amazon States Language (states-language.net, 2016 and its JSONata variant) as far as messaging goes: task states with their retries,
// and the integrations that send messages. Expressions (`.$` keys, `{% … %}`) are not evaluated.
import type { DataEntry, DataNode } from './data.ts';
import { entriesOf, get, itemsOf, stringOf } from './data.ts';

/** A `Task` state. */
interface TaskState {
  /** The entry in `States`: its key is the state's name. */
  readonly entry: DataEntry;
  /** Keys from the definition's root to the state. */
  readonly path: readonly (string | number)[];
  readonly resource: DataNode | undefined;
  /** It, or a Map or Parallel state around it, has `Retry`. */
  readonly retried: boolean;
  /** It, or a Map or Parallel state around it, has `Catch`. */
  readonly caught: boolean;
}

/** A message that a task sends. `target` undefined: nothing is written (the default bus). */
export interface SentMessage {
  readonly carrier: 'sqs' | 'sns' | 'eventbridge';
  readonly target: DataNode | undefined;
  /** The target is computed while the execution runs. */
  readonly computed: boolean;
}

const MAX_DEPTH = 30;

/** Whether a node looks like a definition. */
export function isStateMachine(node: DataNode | undefined): boolean {
  return get(node, 'StartAt') !== undefined && get(node, 'States')?.kind === 'map';
}

/** All task states of a definition, in the order of the text, those in branches and iterations included. */
export function tasksOf(definition: DataNode): readonly TaskState[] {
  const found: TaskState[] = [];
  const visit = (
    machine: DataNode | undefined,
    path: readonly (string | number)[],
    retried: boolean,
    caught: boolean,
    depth: number,
  ): void => {
    if (depth > MAX_DEPTH) return;
    for (const entry of entriesOf(get(machine, 'States'))) {
      const here = [...path, 'States', entry.key];
      const state = entry.value;
      const hasRetry = retried || itemsOf(get(state, 'Retry')).length > 0 || isOpaque(get(state, 'Retry'));
      const hasCatch = caught || itemsOf(get(state, 'Catch')).length > 0 || isOpaque(get(state, 'Catch'));
      if (stringOf(get(state, 'Type')) === 'Task')
        found.push({ entry, path: here, resource: get(state, 'Resource'), retried: hasRetry, caught: hasCatch });
      for (const [index, branch] of itemsOf(get(state, 'Branches')).entries())
        visit(branch, [...here, 'Branches', index], hasRetry, hasCatch, depth + 1);
      for (const key of ['ItemProcessor', 'Iterator'])
        visit(get(state, key), [...here, key], hasRetry, hasCatch, depth + 1);
    }
  };
  visit(definition, [], false, false, 0);
  return found;
}

/** What a task with this resource (open parts as `${…}`) sends. */
export function messagesOf(resource: string, state: DataNode): readonly SentMessage[] {
  const integration = integrationOf(resource);
  if (integration === null) return [];
  const input = get(state, 'Parameters') ?? get(state, 'Arguments');
  switch (integration.action) {
    case 'sqs:sendMessage':
    case 'sqs:sendMessageBatch':
      return [messageTo('sqs', input, 'QueueUrl')];
    case 'sns:publish':
    case 'sns:publishBatch':
      return [messageTo('sns', input, 'TopicArn')];
    case 'events:putEvents':
    case 'eventbridge:putEvents': {
      const entries = get(input, 'Entries');
      if (entries?.kind !== 'seq') return [{ carrier: 'eventbridge', target: undefined, computed: true }];
      return entries.items.map((entry) => messageTo('eventbridge', entry, 'EventBusName'));
    }
    default:
      return [];
  }
}

/**
 * Whether a task's failures may pass by themselves, so that a second attempt is due: a function or a request to a service. Activities, jobs that
 * are waited for (`.sync`) and callbacks (`.waitForTaskToken`) are left to those who wrote them.
 */
export function mayFailForAMoment(resource: string): boolean {
  if (/:activity:/.test(resource)) return false;
  const integration = integrationOf(resource);
  return integration === null ? isFunction(resource) : integration.pattern === '';
}

/** Whether a task invokes a Lambda function. */
export function isFunction(resource: string): boolean {
  return /^arn:[^:]*:lambda:/.test(resource) || integrationOf(resource)?.action === 'lambda:invoke';
}

function integrationOf(resource: string): { readonly action: string; readonly pattern: string } | null {
  const match =
    /^arn:(?:\$\{[^}]*\}|[^:])*:states:(?:\$\{[^}]*\}|[^:])*:(?:\$\{[^}]*\}|[^:])*:(?:aws-sdk:)?([a-z0-9]+:[A-Za-z]+)(?:\.(.+))?$/.exec(
      resource,
    );
  return match?.[1] === undefined ? null : { action: match[1], pattern: match[2] ?? '' };
}

function messageTo(carrier: SentMessage['carrier'], input: DataNode | undefined, key: string): SentMessage {
  const target = get(input, key);
  if (target !== undefined) return { carrier, target, computed: (stringOf(target) ?? '').startsWith('{%') };
  const isComputed = get(input, `${key}.$`) !== undefined;
  return { carrier, target: undefined, computed: isComputed || carrier !== 'eventbridge' };
}

/** A function call or placeholder in a list's place: something is written, though not here. */
function isOpaque(node: DataNode | undefined): boolean {
  return (
    node !== undefined && (node.tag !== null || node.kind === 'map' || (node.kind === 'scalar' && node.value !== null))
  );
}
