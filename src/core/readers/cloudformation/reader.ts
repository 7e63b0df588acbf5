// AWS CloudFormation templates (2010-09-09) and the Serverless Application Model (2016-10-31), YAML and JSON → services, channels, edges,
// failure handling. Macros and transforms are not run, conditions are not evaluated, deployed values (parameters, other accounts) stay open.
import type { Declaration, FileFacts, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Problem, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, get, stringOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import { readApis } from './apis.ts';
import { declareChannels } from './channels.ts';
import { declareServices, readEvents, readMapping } from './consumers.ts';
import { noteDeadLetters } from './failure.ts';
import { readMachine } from './machines.ts';
import {
  exportable,
  readBucket,
  readExports,
  readInlineSubscriptions,
  readPipe,
  readRule,
  readScheduleResource,
  readSubscription,
  readTable,
} from './routing.ts';
import { readSenders } from './senders.ts';
import type { Gathering } from './targets.ts';
import { isFunction, isNested, isStateMachine, nestedTemplate, placeOf } from './targets.ts';
import type { Resource, Template } from './template.ts';
import { KNOWN_TRANSFORMS, property, templateOf } from './template.ts';

export const cloudformationReader: Reader = {
  id: 'cloudformation',
  title: 'CloudFormation and SAM',
  docs: {
    summary:
      'Templates of AWS CloudFormation and the Serverless Application Model, in YAML with short-form tags or in JSON, found by their content.',
    reads: [
      'Queues, topics, event buses, Kinesis and DynamoDB streams, bucket notifications, schedules, pipes, rules, subscriptions, event source mappings.',
      'SAM functions and state machines with their events (SQS, SNS, EventBridge, schedules, S3, Kinesis, DynamoDB, MSK, Kafka, MQ), globals and generated queues.',
      'References: Ref, GetAtt, Sub, Join, Select, FindInMap over literals, ARNs and queue URLs built from them, outputs and parameters of nested stacks, exports, Systems Manager parameters.',
      'Failure handling at each place: redrive policies, dead-letter configurations, on-failure destinations, retry policies; a function behind SNS, EventBridge, S3 or a schedule counts as guarded where it or its delivery has a dead-letter queue.',
      'Messages that state machines send, in a definition within the template or in a file of its own.',
      'API Gateway integrations that send to SQS, SNS, EventBridge or Kinesis without a function between.',
      'Producers by permission (policy templates, IAM statements of an own role, connectors): these edges are inferred.',
    ],
    doesNotRead: [
      'Macros and `Fn::Transform`: what they would write is not known.',
      'Conditions: where the two sides of an `Fn::If` differ, the value is unresolved.',
      'Messages that AppSync or an IoT rule puts on a channel, CloudWatch Logs subscriptions, Firehose, DocumentDB.',
      'Two instances of one nested template are one: their channels are not told apart.',
    ],
  },
  files: ['**/*.{yaml,yml,json,template}'],
  languages: ['yaml', 'json', 'jsonc', 'cloudformation'],
  grammars: () => [],
  recognises: (text) =>
    /AWSTemplateFormatVersion|AWS::Serverless-2016-10-31/.test(text) ||
    (/["']?Resources["']?\s*:/.test(text) && /["']?Type["']?\s*:\s*["']?AWS::[A-Za-z0-9]+::/.test(text)),
  read: (file) => readTemplate(file),
};

function readTemplate(file: SourceFile): FileFacts {
  const document = parseData(file);
  const template = templateOf(document);
  if (template === null) {
    const meant =
      document.roots.length === 0 || document.roots.some((root) => get(root, 'AWSTemplateFormatVersion') !== undefined);
    const problems: Problem[] = [...document.problems];
    const [root] = document.roots;
    if (problems.length === 0 && meant && root !== undefined)
      problems.push({
        file: file.path,
        range: placeOf({ file } as Template, root).range,
        message: 'The template has no Resources.',
      });
    return meant || /AWSTemplateFormatVersion/.test(file.text) ? { ...NO_FACTS, problems } : NO_FACTS;
  }
  const declarations: Declaration[] = [];
  const needs: Need[] = [];
  const gathering: Gathering = { template, declarations, needs, implied: new Map(), deadLetters: new Set() };
  declareServices(gathering);
  for (const resource of template.resources.values()) readResource(gathering, resource);
  readSenders(gathering);
  readApis(gathering);
  readExports(gathering);
  declareChannels(gathering);
  noteTransforms(gathering);
  return { declarations, bindings: [], calls: [], needs, problems: document.problems, unit: 'file' };
}

function readResource(gathering: Gathering, resource: Resource): void {
  if (isFunction(resource)) {
    noteDeadLetters(gathering, resource);
    if (resource.type === 'AWS::Serverless::Function') readEvents(gathering, resource);
    return;
  }
  if (isStateMachine(resource)) {
    if (resource.type === 'AWS::Serverless::StateMachine') readEvents(gathering, resource);
    readMachine(gathering, resource);
    return;
  }
  if (isNested(resource)) {
    readNested(gathering, resource);
    return;
  }
  switch (resource.type) {
    case 'AWS::SNS::Subscription':
      readSubscription(gathering, resource);
      return;
    case 'AWS::SNS::Topic':
      readInlineSubscriptions(gathering, resource);
      return;
    case 'AWS::Events::Rule':
      readRule(gathering, resource);
      return;
    case 'AWS::Scheduler::Schedule':
      readScheduleResource(gathering, resource);
      return;
    case 'AWS::Pipes::Pipe':
      readPipe(gathering, resource);
      return;
    case 'AWS::Lambda::EventSourceMapping':
      readMapping(gathering, resource);
      return;
    case 'AWS::S3::Bucket':
      readBucket(gathering, resource);
      return;
    case 'AWS::DynamoDB::Table':
      readTable(gathering, resource);
      return;
    default:
  }
}

/** Asks for the nested template, and hands it the channels that it gets as parameters. */
function readNested(gathering: Gathering, resource: Resource): void {
  const { template, needs, declarations } = gathering;
  const file = nestedTemplate(template, resource);
  if (file === null) return;
  needs.push({ file, pointer: '', at: resource.at });
  for (const entry of entriesOf(property(resource, 'Parameters'))) {
    const value = exportable(gathering, entry.value);
    if (value === null) continue;
    const at = locationAt(template.file, entry.keyStart, entry.keyEnd);
    declarations.push({
      kind: 'export',
      space: `cloudformation-parameter:${file}`,
      name: { kind: 'literal', value: entry.key },
      value,
      at,
    });
  }
}

/** Macros write what nobody sees: said once per macro. */
function noteTransforms(gathering: Gathering): void {
  const { template, declarations } = gathering;
  const seen = new Set<string>();
  const note = (name: string, node: { readonly start: number; readonly end: number }): void => {
    if (name === '' || KNOWN_TRANSFORMS.test(name) || seen.has(name)) return;
    seen.add(name);
    declarations.push({
      kind: 'unresolved',
      what: name,
      why: 'what this macro writes is not in the file',
      role: 'other',
      at: locationAt(template.file, node.start, Math.max(node.start, node.end)),
    });
  };
  const transform = get(template.root, 'Transform');
  for (const item of transform?.kind === 'seq' ? transform.items : transform === undefined ? [] : [transform])
    note(stringOf(item) ?? stringOf(get(item, 'Name')) ?? '', item);
  for (const entry of entriesOf(get(template.root, 'Resources'))) {
    if (entry.key.startsWith('Fn::'))
      note(entry.key.startsWith('Fn::ForEach') ? entry.key : transformName(entry.value), {
        start: entry.keyStart,
        end: entry.keyEnd,
      });
    else
      for (const part of [entry.value, get(entry.value, 'Properties')]) {
        const inner = get(part, 'Fn::Transform');
        if (inner !== undefined) note(transformName(inner), inner);
      }
  }
}

function transformName(node: DataNode): string {
  return stringOf(get(node, 'Name')) ?? 'Fn::Transform';
}
