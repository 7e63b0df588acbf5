// A template's resources → declarations: what every service that deploys by CloudFormation has in common.
import type { Declaration, Need } from '../../model/declaration.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, get, stringOf } from '../data.ts';
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
import { isFunction, isNested, isStateMachine, nestedTemplate } from './targets.ts';
import type { Resource, Template } from './template.ts';
import { KNOWN_TRANSFORMS, property } from './template.ts';

/** Everything that a template declares. `more` reads what stands beside the resources, before the channels in use are known. */
export function gatherTemplate(template: Template, more: (gathering: Gathering) => void = () => {}): Gathering {
  const declarations: Declaration[] = [];
  const needs: Need[] = [];
  const gathering: Gathering = { template, declarations, needs, implied: new Map(), deadLetters: new Set() };
  declareServices(gathering);
  for (const resource of template.resources.values()) readResource(gathering, resource);
  readSenders(gathering);
  readApis(gathering);
  readExports(gathering);
  more(gathering);
  declareChannels(gathering);
  noteTransforms(gathering);
  return gathering;
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
