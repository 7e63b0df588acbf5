// Which channel or service a value means: logical ids, attributes, ARNs, queue URLs, names, outputs of nested stacks, imports.
// A literal name that this template declares is that resource; any other literal name is a channel of its own in this stack.
import type { ChannelDeclaration, Declaration, Need, Ref, Settings } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { ChannelKind } from '../../model/topology.ts';
import type { DataNode } from '../data.ts';
import { get, resolvePath, stringOf, textOf } from '../data.ts';
import type { Resource, Template } from './template.ts';
import { nameInParts, property } from './template.ts';
import type { Part, Value } from './values.ts';
import { evaluate, literalOf, nameOf, partsOf, shown } from './values.ts';

/** What carries messages on AWS, as far as templates show it. */
export type Carrier = 'sqs' | 'sns' | 'eventbridge' | 'kinesis' | 'dynamodb' | 's3';

export const CHANNEL_KINDS = {
  sqs: 'queue',
  sns: 'topic',
  eventbridge: 'bus',
  kinesis: 'stream',
  dynamodb: 'stream',
  s3: 'other',
} satisfies Record<Carrier, ChannelKind>;

const CARRIERS: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ['AWS::SQS::Queue', 'sqs'],
  ['AWS::SNS::Topic', 'sns'],
  ['AWS::Events::EventBus', 'eventbridge'],
  ['AWS::Kinesis::Stream', 'kinesis'],
  ['AWS::DynamoDB::Table', 'dynamodb'],
  ['AWS::DynamoDB::GlobalTable', 'dynamodb'],
  ['AWS::S3::Bucket', 's3'],
]);

const NAME_PROPERTIES = {
  sqs: 'QueueName',
  sns: 'TopicName',
  eventbridge: 'Name',
  kinesis: 'Name',
  dynamodb: 'TableName',
  s3: 'BucketName',
} satisfies Record<Carrier, string>;
const ARN_SERVICES: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ['sqs', 'sqs'],
  ['sns', 'sns'],
  ['events', 'eventbridge'],
  ['kinesis', 'kinesis'],
  ['dynamodb', 'dynamodb'],
  ['s3', 's3'],
]);

export const DEFAULT_BUS = '#default-bus';
export const NO_SETTINGS: Settings = new Map();

/** Collects a file's facts while its resources are read. */
export interface Gathering {
  readonly template: Template;
  readonly declarations: Declaration[];
  readonly needs: Need[];
  /** Channels that exist because something uses them (streams of tables, notifications of buckets, schedules, the default bus), by key. */
  readonly implied: Map<string, ChannelDeclaration>;
  /** Keys of channels that some setting of this file names for failed messages. */
  readonly deadLetters: Set<string>;
}

/** What a value turned out to mean as a channel. */
export interface ChannelTarget {
  readonly ref: Ref;
  /** Where the channel is declared in this template. */
  readonly resource: Resource | null;
  readonly carrier: Carrier | null;
  /** Known to be no channel but a function or state machine of this template. */
  readonly service: Resource | null;
}

/** The carrier of a resource type; undefined for resources that carry no messages. */
export function carrierOf(resource: Resource): Carrier | undefined {
  return CARRIERS.get(resource.type);
}

export function isFunction(resource: Resource): boolean {
  return resource.type === 'AWS::Serverless::Function' || resource.type === 'AWS::Lambda::Function';
}

export function isStateMachine(resource: Resource): boolean {
  return resource.type === 'AWS::Serverless::StateMachine' || resource.type === 'AWS::StepFunctions::StateMachine';
}

/** The place of a node, its tag included. */
export function placeOf(template: Template, node: DataNode): Location {
  const { file } = template;
  const before = node.tag === null ? '' : file.text.slice(Math.max(0, node.start - 200), node.start).trimEnd();
  const tagged = node.tag !== null && before.endsWith(node.tag);
  const start = tagged ? Math.max(0, node.start - 200) + before.length - node.tag.length : node.start;
  return locationAt(file, start, Math.max(node.start, node.end));
}

/** What stands at a node, on one line and not longer than a line. */
export function sourceOf(template: Template, node: DataNode): string {
  // Where another tool fills in variables, what it made of them is what counts.
  const filled = template.variable !== undefined && node.kind === 'scalar' ? String(node.value) : null;
  const text = (filled ?? template.file.text.slice(node.start, node.end)).replaceAll(/\s+/g, ' ').trim();
  const tagged = node.tag === null ? text : `${node.tag} ${text}`;
  return tagged.length > 120 ? `${tagged.slice(0, 119)}…` : tagged;
}

/** The value's text where all of it is written or open under names, for messages. */
export function display(template: Template, value: Value): string {
  if (value.kind === 'text') return shown(value);
  if (value.kind === 'none') return 'nothing';
  if (value.kind === 'parameter' || value.kind === 'resource') return shown(value).slice(2, -1);
  return sourceOf(template, value.node);
}

/** The channel that a value means. `expected` decides what a bare name is. */
export function channelTarget(gathering: Gathering, value: Value, expected: Carrier | null): ChannelTarget {
  const { template } = gathering;
  const none = { resource: null, carrier: null, service: null };
  switch (value.kind) {
    case 'resource':
      return resourceTarget(gathering, value.id, value.attribute, value.node);
    case 'import':
      return {
        ...none,
        ref: {
          kind: 'import',
          space: value.space,
          name: globalName(template, value.name),
          text: sourceOf(template, value.node),
          otherwise:
            value.space === 'ssm-parameter'
              ? 'no template of the workspace declares this parameter of the Systems Manager'
              : 'no template of the workspace exports it',
        },
      };
    case 'parameter': {
      const fallback = textOf(get(template.parameters.get(value.id)?.value, 'Default'));
      if (expected === 'eventbridge' && fallback === 'default')
        return { ...none, ref: { kind: 'key', key: defaultBus(gathering, value.node) }, carrier: 'eventbridge' };
      const declared = fallback === undefined ? null : declaredByName(template, fallback, expected);
      if (declared !== null)
        return {
          ...none,
          ref: { kind: 'key', key: declared.id },
          resource: declared,
          carrier: carrierOf(declared) ?? null,
        };
      const space = `cloudformation-parameter:${template.file.path}`;
      return {
        ...none,
        ref: {
          kind: 'import',
          space,
          name: { kind: 'literal', value: value.id },
          text: value.id,
          otherwise: `it comes from the parameter ${value.id}`,
        },
      };
    }
    case 'text':
      return textTarget(gathering, value.parts, value, expected);
    case 'pseudo':
      return {
        ...none,
        ref: value.id.startsWith('AWS::')
          ? { kind: 'unknown', text: sourceOf(template, value.node), reason: 'it names no resource' }
          : { kind: 'unknown', text: value.id, reason: 'it stands in the file that includes this one' },
      };
    case 'plain':
    case 'unknown':
      return {
        ...none,
        ref: {
          kind: 'unknown',
          text: sourceOf(template, value.node),
          reason: value.kind === 'unknown' ? value.reason : 'it names no resource',
        },
      };
    case 'none':
      return { ...none, ref: { kind: 'unknown', text: '', reason: 'nothing is written' } };
  }
}

/** A global name as other stacks may say it: a stack's own name is another one in each. */
export function globalName(template: Template, name: Name): Name {
  if (name.kind === 'template')
    return { kind: 'template', parts: name.parts.map((part) => globalName(template, part)) };
  return name.kind === 'env' && name.variable === 'AWS::StackName'
    ? { ...name, variable: `AWS::StackName of ${template.file.path}` }
    : name;
}

/** The function or state machine that a value means; `ref` is unknown where it is not one of this template. */
export function serviceTarget(
  gathering: Gathering,
  value: Value,
): { readonly ref: Ref; readonly resource: Resource | null } {
  const { template } = gathering;
  if (value.kind === 'resource') {
    const resource = behindAlias(template, template.resources.get(value.id));
    if (resource !== undefined && (isFunction(resource) || isStateMachine(resource)))
      return { ref: { kind: 'key', key: resource.id }, resource };
    const reason = resource === undefined ? `nothing is declared as ${value.id}` : `${value.id} is an ${resource.type}`;
    return { ref: { kind: 'unknown', text: value.id, reason }, resource: null };
  }
  if (value.kind === 'text') {
    for (const part of value.parts.toReversed()) {
      if (part.kind !== 'open' || part.value.kind !== 'resource') continue;
      const found = serviceTarget(gathering, part.value);
      if (found.resource !== null) return found;
    }
    const name =
      shown(value)
        .replace(/^arn:[^:]*:lambda:[^:]*:[^:]*:function:/, '')
        .split(':')[0] ?? '';
    for (const resource of template.resources.values()) {
      if (!isFunction(resource) && !isStateMachine(resource)) continue;
      const own = property(
        resource,
        isFunction(resource)
          ? 'FunctionName'
          : resource.type === 'AWS::Serverless::StateMachine'
            ? 'Name'
            : 'StateMachineName',
      );
      if (own !== undefined && shown(evaluate(template, own)) === name)
        return { ref: { kind: 'key', key: resource.id }, resource };
    }
    return {
      ref: { kind: 'unknown', text: shown(value), reason: 'the function is declared outside this template' },
      resource: null,
    };
  }
  if (value.kind === 'parameter')
    return {
      ref: { kind: 'unknown', text: value.id, reason: `the function comes from the parameter ${value.id}` },
      resource: null,
    };
  const text = value.kind === 'none' ? '' : sourceOf(template, value.node);
  return {
    ref: {
      kind: 'unknown',
      text,
      reason:
        value.kind === 'import'
          ? 'the function is declared in another stack'
          : value.kind === 'unknown'
            ? value.reason
            : 'it names no function',
    },
    resource: null,
  };
}

/** The key of the account's default bus, which exists wherever it is used. */
export function defaultBus(gathering: Gathering, node: DataNode): string {
  if (!gathering.implied.has(DEFAULT_BUS)) {
    gathering.implied.set(DEFAULT_BUS, {
      kind: 'channel',
      key: DEFAULT_BUS,
      name: { kind: 'literal', value: 'default' },
      logicalId: 'default',
      broker: 'eventbridge',
      channelKind: 'bus',
      scope: { kind: 'file' },
      group: gathering.template.group,
      platformSource: true,
      deadLetter: false,
      failure: null,
      settings: NO_SETTINGS,
      schemas: [],
      at: placeOf(gathering.template, node),
    });
  }
  return DEFAULT_BUS;
}

/** The name that a resource's own property gives it; null where there is none or where all of it is open. */
export function nameOfResource(
  template: Template,
  resource: Resource,
  carrier: Carrier,
): ReturnType<typeof nameOf> | null {
  const node = property(resource, NAME_PROPERTIES[carrier]);
  if (node === undefined) return null;
  const value = evaluate(template, node);
  return value.kind === 'text' && partsOf(value).some((part) => part.kind === 'fixed' && /[^-_./:]/.test(part.text))
    ? nameOf(value)
    : null;
}

/** The file that a nested stack's template stands in; null where it is not in the workspace. */
export function nestedTemplate(template: Template, resource: Resource): string | null {
  const location = property(resource, resource.type === 'AWS::CloudFormation::Stack' ? 'TemplateURL' : 'Location');
  const text = location === undefined ? null : literalOf(evaluate(template, location));
  if (text === null || /^[a-z][a-z0-9+.-]*:/i.test(text)) return null;
  // Paths are often written from a build folder deeper than the template: steps above the workspace are left out.
  let path = text;
  for (let found = resolvePath(template.file.path, path); ; found = resolvePath(template.file.path, path)) {
    if (found !== null) return found;
    if (!path.startsWith('../')) return null;
    path = path.slice(3);
  }
}

export function isNested(resource: Resource): boolean {
  return resource.type === 'AWS::CloudFormation::Stack' || resource.type === 'AWS::Serverless::Application';
}

function resourceTarget(gathering: Gathering, id: string, attribute: string | null, node: DataNode): ChannelTarget {
  const { template } = gathering;
  const resource = template.resources.get(id);
  const none = { resource: null, carrier: null, service: null };
  if (resource === undefined) {
    if (!gathering.implied.has(id) && template.macros)
      return {
        ...none,
        ref: { kind: 'unknown', text: id, reason: `nothing is declared as ${id}, though a macro may write it` },
      };
    const elsewhere = gathering.implied.has(id) ? null : (template.elsewhere?.(id) ?? null);
    return { ...none, ref: elsewhere ?? { kind: 'key', key: id } };
  }
  const carrier = carrierOf(resource);
  if (carrier !== undefined) {
    return { ...none, ref: { kind: 'key', key: id }, resource, carrier };
  }
  if (resource.type === 'AWS::Kinesis::StreamConsumer')
    return channelTarget(gathering, evaluate(template, property(resource, 'StreamARN')), 'kinesis');
  const behind = behindAlias(template, resource);
  if (behind !== undefined && (isFunction(behind) || isStateMachine(behind))) {
    return {
      ...none,
      ref: {
        kind: 'unknown',
        text: id,
        reason: `${id} is no channel but a ${isFunction(behind) ? 'function' : 'state machine'}`,
      },
      service: behind,
    };
  }
  if (isNested(resource) && attribute?.startsWith('Outputs.') === true) {
    const file = nestedTemplate(template, resource);
    if (file === null)
      return {
        ...none,
        ref: {
          kind: 'unknown',
          text: `${id}.${attribute}`,
          reason: `the template of the nested stack ${id} is not in the workspace`,
        },
      };
    const output = attribute.slice('Outputs.'.length);
    return {
      ...none,
      ref: {
        kind: 'import',
        space: `cloudformation-output:${file}`,
        name: { kind: 'literal', value: output },
        text: `${id}.${attribute}`,
        otherwise: `${file} has no output ${output} that is a channel`,
      },
    };
  }
  if (resource.type === 'AWS::SSM::Parameter')
    return channelTarget(gathering, evaluate(template, property(resource, 'Value')), null);
  return {
    ...none,
    ref: {
      kind: 'unknown',
      text: sourceOf(template, node),
      reason: `${id} is an ${resource.type === '' ? 'unknown resource' : resource.type}`,
    },
  };
}

/** Tables, buckets and the like are channels only where their messages are used. */
export function implyChannel(gathering: Gathering, resource: Resource): void {
  const carrier = carrierOf(resource);
  if ((carrier !== 'dynamodb' && carrier !== 's3') || gathering.implied.has(resource.id)) return;
  gathering.implied.set(resource.id, {
    kind: 'channel',
    key: resource.id,
    name: nameOfResource(gathering.template, resource, carrier),
    logicalId: resource.id,
    broker: carrier,
    channelKind: CHANNEL_KINDS[carrier],
    scope: { kind: 'file' },
    group: gathering.template.group,
    platformSource: true,
    deadLetter: false,
    failure: null,
    settings: NO_SETTINGS,
    schemas: [],
    at: resource.at,
  });
}

function behindAlias(template: Template, resource: Resource | undefined): Resource | undefined {
  let current = resource;
  for (let hop = 0; hop < 4 && current !== undefined; hop++) {
    const name =
      current.type === 'AWS::Lambda::Alias' || current.type === 'AWS::Lambda::Version'
        ? 'FunctionName'
        : current.type === 'AWS::StepFunctions::StateMachineVersion'
          ? 'StateMachineArn'
          : null;
    if (name === null) return current;
    const value = evaluate(template, property(current, name));
    current = value.kind === 'resource' ? template.resources.get(value.id) : undefined;
  }
  return current;
}

function textTarget(
  gathering: Gathering,
  parts: readonly Part[],
  value: Value,
  expected: Carrier | null,
): ChannelTarget {
  const { template } = gathering;
  const none = { resource: null, carrier: null, service: null };
  const text = shown(value);
  // `arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Orders.QueueName}`, `${Orders.Arn}/*`: the resource that stands in the text is meant.
  for (const part of parts.toReversed()) {
    if (part.kind !== 'open' || part.value.kind !== 'resource') continue;
    const resource = template.resources.get(part.value.id);
    if (resource === undefined || carrierOf(resource) === undefined) continue;
    const isWhole = text.startsWith(`\${${part.name}}`) || /^(?:arn:|https:\/\/)/.test(text);
    if (isWhole) return resourceTarget(gathering, part.value.id, part.value.attribute, part.value.node);
  }
  const arn = /^arn:[^:]*:([a-z0-9-]+):((?:\$\{[^}]*\}|[^:])*):((?:\$\{[^}]*\}|[^:])*):(.+)$/s.exec(text);
  const url =
    /^https:\/\/(?:sqs\.(?:\$\{[^}]*\}|[^/])*|(?:\$\{[^}]*\}|[^/.])*\.queue\.(?:\$\{[^}]*\}|[^/])*)\/(?:\$\{[^}]*\}|[^/])*\/(.+)$/.exec(
      text,
    );
  let carrier = expected;
  let name = text;
  if (arn !== null) {
    const service = arn[1] ?? '';
    carrier = ARN_SERVICES.get(service) ?? null;
    if (carrier === null) {
      const found = service === 'lambda' || service === 'states' ? serviceTarget(gathering, value) : null;
      return {
        ...none,
        ref: {
          kind: 'unknown',
          text,
          reason:
            service === 'lambda' || service === 'states' ? 'it is no channel' : `${service} is no channel that is read`,
        },
        service: found?.resource ?? null,
      };
    }
    name = (arn[4] ?? '').replace(/^(?:event-bus|stream|table)\//, '').replace(/\/stream\/.*$/s, '');
    if (service === 'events' && !(arn[4] ?? '').startsWith('event-bus/'))
      return { ...none, ref: { kind: 'unknown', text, reason: 'it is no channel' } };
  } else if (url?.[1] !== undefined) {
    carrier = 'sqs';
    name = url[1];
  } else if (/^(?:arn:|https?:)/.test(text)) carrier = null;
  if (carrier === null || name === '')
    return { ...none, ref: { kind: 'unknown', text, reason: 'it names no channel of this template' } };
  if (carrier === 'eventbridge' && name === 'default')
    return {
      ...none,
      ref: { kind: 'key', key: value.kind === 'none' ? DEFAULT_BUS : defaultBus(gathering, value.node) },
      carrier,
    };
  const declared = declaredByName(template, name, carrier);
  if (declared !== null) return resourceTarget(gathering, declared.id, null, declared.node);
  // In a part of a template, another part may declare it; a name with open parts is one thing in all parts that write it alike.
  const elsewhere = /\*|\$\{…\}/.test(name) ? undefined : template.elsewhere?.(nameInParts(carrier, name));
  if (name.includes('${') && elsewhere?.kind === 'import')
    return {
      ...none,
      carrier,
      ref: { ...elsewhere, text: name, otherwise: 'it names nothing that this template declares' },
    };
  if (name.includes('${') || name.includes('*')) {
    const parameter = parts.find((part) => part.kind === 'open' && part.value.kind === 'parameter');
    return {
      ...none,
      carrier,
      ref: {
        kind: 'unknown',
        text: name,
        reason:
          parameter?.kind === 'open'
            ? `it depends on the parameter ${parameter.name} and names nothing that this template declares`
            : 'it names nothing that this template declares',
      },
    };
  }
  const named: Ref = {
    kind: 'named',
    broker: carrier,
    channelKind: CHANNEL_KINDS[carrier],
    name: { kind: 'literal', value: name },
    scope: { kind: 'file' },
  };
  return { ...none, carrier, ref: elsewhere?.kind === 'import' ? { ...elsewhere, text: name, orElse: named } : named };
}

function declaredByName(template: Template, name: string, expected: Carrier | null): Resource | null {
  const bare = name.startsWith('arn:') ? (name.split(':').at(-1) ?? name).replace(/^.*\//, '') : name;
  for (const resource of template.resources.values()) {
    const carrier = carrierOf(resource);
    if (carrier === undefined || (expected !== null && carrier !== expected)) continue;
    const own = property(resource, NAME_PROPERTIES[carrier]);
    if (own === undefined) continue;
    const value = evaluate(template, own);
    if (value.kind === 'text' && shown(value) === bare) return resource;
  }
  return null;
}

/** The text of a property, or undefined where it is no literal. */
export function textProperty(template: Template, node: DataNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  return stringOf(node) !== undefined && node.tag === null
    ? stringOf(node)
    : (literalOf(evaluate(template, node)) ?? undefined);
}
