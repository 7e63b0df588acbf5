// The channels of a template: those declared as resources, and those that exist because something uses them.
import type { ChannelDeclaration, Ref, Setting } from '../../model/declaration.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, get, textOf } from '../data.ts';
import { queueFailure } from './failure.ts';
import type { Gathering } from './targets.ts';
import { CHANNEL_KINDS, carrierOf, nameOfResource, placeOf, DEFAULT_BUS, implyChannel } from './targets.ts';
import { property } from './template.ts';
import { evaluate } from './values.ts';

const SETTINGS = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'FifoQueue',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'FifoTopic',
  'RetentionPeriodHours',
  'KmsMasterKeyId',
  'SqsManagedSseEnabled',
  'ContentBasedDeduplication',
] as const;
/** Principals whose deliveries are declared as subscriptions, targets and mappings, and read as such. */
const DECLARED_SENDERS = new Set([
  'sns.amazonaws.com',
  'events.amazonaws.com',
  'sqs.amazonaws.com',
  'lambda.amazonaws.com',
  'pipes.amazonaws.com',
  'scheduler.amazonaws.com',
]);
const DEAD_LETTER_NAME = /dlq|dead[-_]?(?:letter|queue|message)/i;

/** Declares every channel once; to be called when all of the file's settings that name dead-letter channels are known. */
export function declareChannels(gathering: Gathering): void {
  const { template, declarations, implied, deadLetters } = gathering;
  const fed = fedByPlatform(gathering);
  for (const resource of template.resources.values()) {
    const carrier = carrierOf(resource);
    if (carrier === undefined || carrier === 'dynamodb' || carrier === 's3') continue;
    const failure = carrier === 'sqs' ? queueFailure(gathering, resource) : null;
    const text = textOf(property(resource, carrier === 'sqs' ? 'QueueName' : 'TopicName')) ?? '';
    declarations.push({
      kind: 'channel',
      key: resource.id,
      name: nameOfResource(template, resource, carrier),
      logicalId: resource.id,
      broker: carrier,
      channelKind: CHANNEL_KINDS[carrier],
      scope: { kind: 'file' },
      group: template.group,
      // A partner's events come from outside of every stack.
      platformSource: property(resource, 'EventSourceName') !== undefined || fed.has(resource.id),
      // A queue that allows redrives from certain queues, or is called a dead-letter queue, is one even where the other side is another stack.
      deadLetter:
        deadLetters.has(resource.id) ||
        (carrier === 'sqs' &&
          (property(resource, 'RedriveAllowPolicy') !== undefined ||
            DEAD_LETTER_NAME.test(resource.id) ||
            DEAD_LETTER_NAME.test(text))),
      failure,
      settings: settingsOf(gathering, resource.properties, SETTINGS),
      schemas: [],
      at: resource.at,
    } satisfies ChannelDeclaration);
  }
  const used = usedKeys(gathering);
  for (const key of used) {
    const resource = template.resources.get(key);
    if (resource !== undefined) implyChannel(gathering, resource);
  }
  // The default bus is shown where it is an end of something.
  if (!used.has(DEFAULT_BUS)) implied.delete(DEFAULT_BUS);
  for (const channel of implied.values())
    declarations.push(deadLetters.has(channel.key) ? { ...channel, deadLetter: true } : channel);
  // Queues' own settings name dead-letter channels while they are read: late ones are marked now.
  for (const [index, declaration] of declarations.entries()) {
    if (declaration.kind === 'channel' && !declaration.deadLetter && deadLetters.has(declaration.key))
      declarations[index] = { ...declaration, deadLetter: true };
  }
}

/** Queues and topics that a policy opens to a service of AWS itself, or that an alarm notifies: who sends there is not declared anywhere. */
function fedByPlatform(gathering: Gathering): ReadonlySet<string> {
  const fed = new Set<string>();
  const note = (node: DataNode | undefined): void => {
    for (const item of node === undefined ? [] : node.kind === 'seq' ? node.items : [node]) {
      const value = evaluate(gathering.template, item);
      if (value.kind === 'resource') fed.add(value.id);
    }
  };
  for (const resource of gathering.template.resources.values()) {
    if (resource.type === 'AWS::SNS::TopicPolicy' || resource.type === 'AWS::SQS::QueuePolicy') {
      const statements = property(resource, 'PolicyDocument', 'Statement');
      const open = (statements?.kind === 'seq' ? statements.items : statements === undefined ? [] : [statements]).some(
        (statement) => {
          const service = get(get(statement, 'Principal'), 'Service');
          return (service?.kind === 'seq' ? service.items : [service]).some(
            (one) => one !== undefined && !DECLARED_SENDERS.has(textOf(one) ?? ''),
          );
        },
      );
      if (open) note(property(resource, resource.type === 'AWS::SNS::TopicPolicy' ? 'Topics' : 'Queues'));
    } else if (resource.type === 'AWS::CloudWatch::Alarm' || resource.type === 'AWS::CloudWatch::CompositeAlarm') {
      for (const list of ['AlarmActions', 'OKActions', 'InsufficientDataActions']) note(property(resource, list));
    }
  }
  return fed;
}

/** Keys of channels that some declaration of the file refers to. */
function usedKeys({ declarations }: Gathering): ReadonlySet<string> {
  const used = new Set<string>();
  const note = (ref: Ref): void => {
    if (ref.kind === 'key') used.add(ref.key);
  };
  for (const declaration of declarations) {
    if (declaration.kind === 'send' || declaration.kind === 'receive') note(declaration.channel);
    else if (declaration.kind === 'export') note(declaration.value);
    else if (declaration.kind === 'route') {
      note(declaration.from);
      note(declaration.to);
    }
  }
  return used;
}

/** Settings under their own names; a value that is no literal is kept as null. */
export function settingsOf(
  gathering: Gathering,
  node: DataNode | undefined,
  names: readonly string[],
): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const entry of entriesOf(node)) {
    if (!names.includes(entry.key)) continue;
    const { value } = entry;
    const isLiteral = value.tag === null && value.kind === 'scalar';
    const listed =
      value.kind === 'seq' && value.tag === null ? value.items.map((item) => textOf(item) ?? '').join(', ') : null;
    settings.set(entry.key, { value: isLiteral ? value.value : listed, at: placeOf(gathering.template, value) });
  }
  return settings;
}
