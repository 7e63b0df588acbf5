// Amazon States Language definitions in files of their own (`*.asl.json`, `*.asl.yaml`, or by content) → messages sent, tasks without a retry.
// The template that uses the definition says which state machine it is and what its `${…}` placeholders stand for.
import type { Declaration, FileFacts, Ref } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { stringOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { SentMessage } from '../../syntax/states-language.ts';
import { isFunction, isStateMachine, mayFailForAMoment, messagesOf, tasksOf } from '../../syntax/states-language.ts';
import type { Reader } from '../reader.ts';

const KINDS = { sqs: 'queue', sns: 'topic', eventbridge: 'bus' } as const;

export const stepFunctionsReader: Reader = {
  id: 'step-functions',
  title: 'Step Functions definitions',
  docs: {
    summary: 'State machines in Amazon States Language in files of their own, JSON or YAML.',
    reads: [
      'Tasks that send to SQS, publish to SNS or put events on a bus, by their service integration or the AWS SDK integration.',
      'Placeholders (`${QueueUrl}`) through the substitutions of the template that uses the definition.',
      'Tasks on functions and service requests that have neither `Retry` nor `Catch`, nor a Map or Parallel state around them that has.',
    ],
    doesNotRead: [
      'Targets that are computed while the execution runs (`QueueUrl.$`, JSONata).',
      'Activities, jobs that are waited for (`.sync`) and callbacks: their retries are left to their authors.',
    ],
  },
  files: ['**/*.{json,yaml,yml}'],
  languages: ['json', 'yaml', 'asl', 'asl-yaml'],
  grammars: () => [],
  recognises: (text) => /["']?StartAt["']?\s*:/.test(text) && /["']?States["']?\s*:/.test(text),
  read: (file) => readDefinition(file),
};

function readDefinition(file: SourceFile): FileFacts {
  const document = parseData(file);
  const [root] = document.roots;
  if (root === undefined || !isStateMachine(root))
    return /\.asl\.[a-z]+$/i.test(file.path) ? { ...NO_FACTS, problems: document.problems } : NO_FACTS;
  const declarations: Declaration[] = [];
  const service: Ref = { kind: 'enclosing', function: null };
  for (const task of tasksOf(root)) {
    const at = locationAt(file, task.entry.keyStart, task.entry.keyEnd);
    const resource = stringOf(task.resource) ?? '';
    for (const message of messagesOf(resource, task.entry.value)) {
      const place = message.target === undefined ? at : locationAt(file, message.target.start, message.target.end);
      if (message.computed)
        declarations.push({
          kind: 'unresolved',
          what: `the target of the task ${task.entry.key}`,
          why: 'it is computed while the execution runs',
          role: 'send',
          at: place,
        });
      else
        declarations.push({
          kind: 'send',
          service,
          channel: channelOf(file, message, message.target),
          schemas: [],
          confidence: 'declared',
          why: `task ${task.entry.key}`,
          at: place,
        });
    }
    // A resource that is a placeholder as a whole is a function as a rule: templates put the function's ARN there.
    const invokes = isFunction(resource) || /^\$\{[^}]*\}$/.test(resource);
    if (task.retried || task.caught || !(invokes || mayFailForAMoment(resource))) continue;
    declarations.push({
      kind: 'task',
      name: task.entry.key,
      service: null,
      retry: { kind: 'none', why: 'no Retry', at },
      handle: { dialect: 'cloudformation', at, path: [...task.path], role: invokes ? 'function-task' : 'task' },
      at,
    });
  }
  return { declarations, bindings: [], calls: [], needs: [], problems: document.problems, unit: 'file' };
}

function channelOf(file: SourceFile, message: SentMessage, target: DataNode | undefined): Ref {
  const { carrier } = message;
  const named = (name: string): Ref => ({
    kind: 'named',
    broker: carrier,
    channelKind: KINDS[carrier],
    name: literal(name),
    scope: { kind: 'file' },
  });
  if (target === undefined) return named('default');
  const text = stringOf(target);
  if (text === undefined) return { kind: 'unknown', text: '', reason: 'it is no text' };
  const placeholder = /^\$\{([^}]*)\}$/.exec(text)?.[1];
  if (placeholder !== undefined)
    return {
      kind: 'import',
      space: `states-substitution:${file.path}`,
      name: literal(placeholder),
      text,
      otherwise: `no template of the workspace says what ${text} stands for`,
    };
  const name = /^(?:arn:[^:]*:[a-z]+:[^:]*:[^:]*:|https:\/\/.*\/)?(?:event-bus\/)?([^/:]+)$/.exec(text)?.[1];
  return name === undefined || name.includes('${')
    ? { kind: 'unknown', text, reason: 'it depends on values of the deployment' }
    : named(name);
}
