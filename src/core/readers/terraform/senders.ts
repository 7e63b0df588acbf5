// Who may send, from permissions: policies of a function's own role that allow sqs:SendMessage, sns:Publish, events:PutEvents, kinesis:PutRecord.
// A permission is no proof, so these edges are `inferred`. A role that several functions share says nothing of any one of them unless the function's
// environment names the channel too; a right to write to one's own dead-letter queue, or one that stands beside the right to read, makes no producer.
// API Gateway integrations that send by themselves are declared.
import type { Binding, FailureFacts, Ref, Value as Bound } from '../../model/declaration.ts';
import { READING_ACTION, SENDING_ACTIONS } from '../../model/aws-failure.ts';
import { declareService } from './aws.ts';
import { queueFailure } from './failure.ts';
import type { Gathering } from './gathering.ts';
import { CARRIERS, MAKES_SERVICE } from './gathering.ts';
import type { Node } from './modules.ts';
import { sourceText } from './modules.ts';
import type { Place, Value } from './values.ts';
import { asData, locationOf, nameOf, shown, textOf } from './values.ts';

const TYPES = {
  sqs: 'aws_sqs_queue',
  sns: 'aws_sns_topic',
  eventbridge: 'aws_cloudwatch_event_bus',
  kinesis: 'aws_kinesis_stream',
} as const;
const ROLE_ARGUMENTS: ReadonlyMap<string, string> = new Map([
  ['aws_lambda_function', 'role'],
  ['aws_ecs_task_definition', 'task_role_arn'],
]);

interface Permission {
  readonly carrier: keyof typeof TYPES;
  readonly action: string;
  readonly target: Value;
  readonly at: Place;
  readonly reads: boolean;
}

/** Reads what every function and task may send to. Returns the environment of each function, for code that asks for it. */
export function readSenders(gathering: Gathering): ReadonlyMap<string, readonly Binding[]> {
  const bindings = new Map<string, Binding[]>();
  const byRole = new Map<Node, Node[]>();
  for (const node of gathering.nodes) {
    const argument = ROLE_ARGUMENTS.get(node.type);
    if (argument === undefined || node.isData) continue;
    if (node.type === 'aws_lambda_function')
      bindings.set(node.file.path, [...(bindings.get(node.file.path) ?? []), ...environmentBinding(gathering, node)]);
    const role = node.attribute(argument);
    const found = role === undefined ? null : gathering.nodeOf(role, node.instance);
    if (found?.type === 'aws_iam_role') byRole.set(found, [...(byRole.get(found) ?? []), node]);
  }
  for (const node of gathering.foreign) {
    const source = sourceText(node.block);
    if (source === null || !MAKES_SERVICE.test(source)) continue;
    for (const argument of ['role', 'role_arn', 'lambda_role', 'iam_role_arn']) {
      const role = node.attribute(argument);
      const found = role === undefined ? null : gathering.nodeOf(role, node.instance);
      if (found?.type === 'aws_iam_role') byRole.set(found, [...(byRole.get(found) ?? []), node]);
    }
  }
  const permissions = permissionsByRole(gathering);
  for (const [role, services] of byRole)
    for (const service of services)
      for (const permission of permissions.get(role) ?? []) send(gathering, service, permission, services.length > 1);
  for (const node of gathering.nodes) readApi(gathering, node);
  return bindings;
}

function send(gathering: Gathering, service: Node, permission: Permission, isShared: boolean): void {
  const { carrier, action, target, at, reads } = permission;
  const environment = environmentOf(gathering, service);
  const own = ownChannels(gathering, service);
  const why = `the policy allows ${action}`;
  const text = shown(target);
  if (
    text === '*' ||
    /^arn:[^:]*:[a-z]+:(?:\$\{[^}]*\}|[^:])*:(?:\$\{[^}]*\}|[^:])*:(?:event-bus\/|stream\/)?\*$/.test(text)
  ) {
    const meant = [...environment].filter(
      ([channel]) => CARRIERS.get(channel.type)?.broker === carrier && !own.deadLetters.has(channel),
    );
    for (const [channel, variable] of meant)
      push(gathering, service, gathering.refTo(service, channel), `${action} on any, and ${variable} names it`, at);
    if (meant.length === 0 && !isShared)
      gathering.add(service, {
        kind: 'unresolved',
        what: `${action} of ${service.address}`,
        why: 'the policy allows any target',
        role: 'send',
        at: locationOf(at),
      });
    return;
  }
  const channel = gathering.target(service, target, TYPES[carrier]);
  if (channel.carrier !== null && channel.carrier.broker !== carrier) return;
  if (channel.node !== null) {
    if (
      own.deadLetters.has(channel.node) ||
      (reads && own.read.has(channel.node)) ||
      (isShared && !environment.has(channel.node))
    )
      return;
    push(gathering, service, channel.ref, why, at);
    return;
  }
  if (isShared) return;
  if (channel.ref.kind === 'unknown')
    gathering.add(service, {
      kind: 'unresolved',
      what: `${action} of ${service.address} on ${channel.ref.text}`,
      why: channel.ref.reason,
      role: 'send',
      at: locationOf(at),
    });
  else push(gathering, service, channel.ref, why, at);
}

function push(gathering: Gathering, service: Node, channel: Ref, why: string, at: Place): void {
  if (service.type === 'aws_ecs_task_definition') declareService(gathering, service);
  if (service.type === 'module') gathering.declareForeign(service, gathering.groupOf(service));
  gathering.add(service, {
    kind: 'send',
    service: { kind: 'key', key: service.key },
    channel,
    schemas: [],
    confidence: 'inferred',
    why,
    at: locationOf(at),
  });
}

interface OwnChannels {
  readonly read: ReadonlySet<Node>;
  readonly deadLetters: ReadonlySet<Node>;
}

/** What a function reads, and where its own failures go. */
function ownChannels(gathering: Gathering, service: Node): OwnChannels {
  const read = new Set<Node>();
  const deadLetters = new Set<Node>();
  const note = (file: string, { deadLetter }: FailureFacts): void => {
    const found = deadLetter.kind === 'configured' ? gathering.nodeAt(file, deadLetter.to) : undefined;
    if (found !== undefined) deadLetters.add(found);
  };
  for (const { file, declaration } of gathering.consumptionsOf(service)) {
    note(file, declaration.failure);
    const channel = gathering.nodeAt(file, declaration.channel);
    if (channel === undefined) continue;
    read.add(channel);
    if (channel.type === 'aws_sqs_queue') note(channel.file.path, queueFailure(gathering, channel));
  }
  const written = service.blocks('dead_letter_config')[0]?.body.attribute('target_arn');
  const target = written === undefined ? null : gathering.nodeOf(written, service.instance);
  if (target !== null) deadLetters.add(target);
  return { read, deadLetters };
}

/** The variables of a function's environment; a module from elsewhere takes them as an argument. */
function variablesOf(service: Node): Value | undefined {
  return (
    service.blocks('environment')[0]?.body.attribute('variables') ??
    service.attribute('environment_variables') ??
    service.attribute('environment')
  );
}

/** Channels that a function's environment names, with the variable that does. */
function environmentOf(gathering: Gathering, service: Node): ReadonlyMap<Node, string> {
  const named = new Map<Node, string>();
  const variables = variablesOf(service);
  if (variables?.kind !== 'object') return named;
  for (const [variable, value] of variables.entries) {
    const node = gathering.target(service, value, null).node;
    if (node !== null && !named.has(node)) named.set(node, variable);
  }
  return named;
}

function environmentBinding(gathering: Gathering, service: Node): readonly Binding[] {
  const variables = variablesOf(service);
  if (variables?.kind !== 'object') return [];
  const members = new Map<string, Bound>();
  for (const [variable, value] of variables.entries) {
    const node = value.kind === 'node' ? value.node : null;
    const isHere = node !== null && CARRIERS.has(node.type) && gathering.refTo(service, node).kind === 'key';
    members.set(variable, isHere ? { kind: 'declaration', key: node.key } : nameOf(value));
  }
  return [{ name: `${service.key}.environment`, exported: true, value: { kind: 'object', members }, at: service.at }];
}

/** Permissions of roles: policies within the role, of the role, and attached to it. */
function permissionsByRole(gathering: Gathering): ReadonlyMap<Node, readonly Permission[]> {
  const found = new Map<Node, Permission[]>();
  const put = (role: Value | undefined, from: Node, policy: Value | undefined): void => {
    const node =
      role === undefined ? null : (gathering.nodeOf(role, from.instance) ?? roleByName(gathering, from, role));
    if (node?.type !== 'aws_iam_role' || policy === undefined) return;
    found.set(node, [...(found.get(node) ?? []), ...statementsOf(policy, 0)]);
  };
  for (const node of gathering.nodes) {
    if (node.isData) continue;
    switch (node.type) {
      case 'aws_iam_role':
        for (const inline of node.blocks('inline_policy'))
          put(
            {
              kind: 'node',
              node,
              path: ['arn'],
              at: { file: node.file, start: node.block.start, end: node.block.end },
            },
            node,
            inline.body.attribute('policy'),
          );
        break;
      case 'aws_iam_role_policy':
        put(node.attribute('role'), node, node.attribute('policy'));
        break;
      case 'aws_iam_role_policy_attachment': {
        const policy = node.attribute('policy_arn');
        const attached = policy === undefined ? null : gathering.nodeOf(policy, node.instance);
        if (attached?.type === 'aws_iam_policy') put(node.attribute('role'), node, attached.attribute('policy'));
        break;
      }
      case 'aws_iam_policy_attachment': {
        const policy = node.attribute('policy_arn');
        const attached = policy === undefined ? null : gathering.nodeOf(policy, node.instance);
        const roles = node.attribute('roles');
        if (attached?.type === 'aws_iam_policy')
          for (const role of roles?.kind === 'list' ? roles.items : []) put(role, node, attached.attribute('policy'));
        break;
      }
      default:
    }
  }
  return found;
}

function roleByName(gathering: Gathering, from: Node, role: Value): Node | null {
  const text = textOf(role);
  if (text === null || text === '') return null;
  return (
    gathering
      .ofType('aws_iam_role', from.instance)
      .find((node) => node.attribute('name') !== undefined && shown(node.attribute('name') ?? role) === text) ?? null
  );
}

/** Statements of a policy: JSON of any making, or a policy document. */
function statementsOf(policy: Value, depth: number): readonly Permission[] {
  if (depth > 6) return [];
  if (policy.kind === 'node') {
    const { node } = policy;
    if (!node.isData || node.type !== 'aws_iam_policy_document') return [];
    const more = ['source_policy_documents', 'override_policy_documents', 'source_json'].flatMap((name) => {
      const value = node.attribute(name);
      return value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
    });
    return [
      ...node.blocks('statement').flatMap(({ body }) => {
        const effect = body.attribute('effect');
        return effect !== undefined && textOf(effect) === 'Deny'
          ? []
          : permissionsOf(body.attribute('actions'), body.attribute('resources'));
      }),
      ...more.flatMap((value) => statementsOf(value, depth + 1)),
    ];
  }
  const data = asData(policy);
  const statements = data?.kind === 'object' ? data.entries.get('Statement') : undefined;
  return (statements?.kind === 'list' ? statements.items : statements === undefined ? [] : [statements]).flatMap(
    (statement) => {
      if (statement.kind !== 'object') return [];
      const effect = statement.entries.get('Effect');
      return effect !== undefined && textOf(effect) === 'Deny'
        ? []
        : permissionsOf(statement.entries.get('Action'), statement.entries.get('Resource'));
    },
  );
}

function permissionsOf(action: Value | undefined, resource: Value | undefined): readonly Permission[] {
  const actions = listOf(action).map((value) => textOf(value) ?? '');
  const reads = actions.some((text) => READING_ACTION.test(text));
  return SENDING_ACTIONS.flatMap(({ carrier, pattern }) => {
    const found = actions.find((text) => pattern.test(text));
    return found === undefined
      ? []
      : listOf(resource).map((target): Permission => ({ carrier, action: found, target, at: target.at, reads }));
  });
}

function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  if (value.kind === 'list') return value.items.flatMap((item) => listOf(item));
  if (value.kind === 'group') return [...value.members.values()];
  return [value];
}

/** An integration of an API with a service of AWS, in whichever form it is written. */
interface Integration {
  readonly uri: Value | undefined;
  readonly subtype: Value | undefined;
  /** Everything that may name the channel. */
  readonly inputs: readonly Value[];
}

const INTEGRATED: ReadonlyMap<string, string> = new Map([
  ['sqs', TYPES.sqs],
  ['sns', TYPES.sns],
  ['events', TYPES.eventbridge],
  ['kinesis', TYPES.kinesis],
]);
const SUBTYPES: ReadonlyMap<string, string> = new Map([
  ['SQS-SendMessage', TYPES.sqs],
  ['EventBridge-PutEvents', TYPES.eventbridge],
  ['Kinesis-PutRecord', TYPES.kinesis],
]);

/** An API that puts messages on a channel without a function between. */
function readApi(gathering: Gathering, node: Node): void {
  const named = (...names: readonly string[]): readonly Value[] => names.flatMap((name) => node.attribute(name) ?? []);
  switch (node.type) {
    case 'aws_apigatewayv2_integration':
      readIntegration(gathering, node, node.attribute('api_id'), {
        uri: node.attribute('integration_uri'),
        subtype: node.attribute('integration_subtype'),
        inputs: named('request_parameters', 'request_templates'),
      });
      return;
    case 'aws_api_gateway_integration':
      readIntegration(gathering, node, node.attribute('rest_api_id'), {
        uri: node.attribute('uri'),
        subtype: undefined,
        inputs: named('uri', 'request_parameters', 'request_templates'),
      });
      return;
    case 'aws_apigatewayv2_api':
    case 'aws_api_gateway_rest_api': {
      const body = node.attribute('body');
      const data = body === undefined ? null : asData(body);
      if (data === null) return;
      for (const inner of integrationsIn(data, 0)) {
        const own = inner.entries;
        readIntegration(gathering, { ...node, at: locationOf(inner.at) }, undefined, {
          uri: own.get('uri'),
          subtype: own.get('integrationSubtype'),
          inputs: ['uri', 'requestParameters', 'requestTemplates'].flatMap((name) => own.get(name) ?? []),
        });
      }
      return;
    }
    default:
  }
}

function integrationsIn(value: Value, depth: number): readonly Extract<Value, { kind: 'object' }>[] {
  if (depth > 20) return [];
  if (value.kind === 'list') return value.items.flatMap((item) => integrationsIn(item, depth + 1));
  if (value.kind !== 'object') return [];
  return [...value.entries].flatMap(([key, one]) =>
    key === 'x-amazon-apigateway-integration' && one.kind === 'object' ? [one] : integrationsIn(one, depth + 1),
  );
}

function readIntegration(
  gathering: Gathering,
  node: Node,
  api: Value | undefined,
  { uri, subtype, inputs }: Integration,
): void {
  const written = uri === undefined ? '' : shown(uri);
  const [, service = '', form = '', rest = ''] =
    /^arn:(?:\$\{[^}]*\}|[^:])*:apigateway:(?:\$\{[^}]*\}|[^:])*:([a-z]+):(path|action)\/(.+)$/s.exec(written) ?? [];
  const sends =
    service === 'sqs'
      ? form === 'path' || rest.startsWith('SendMessage')
      : /^(?:Publish|PutEvents|PutRecords?)/.test(rest);
  const type =
    SUBTYPES.get(subtype === undefined ? '' : shown(subtype)) ?? (sends ? INTEGRATED.get(service) : undefined);
  if (type === undefined) return;
  const found = api === undefined ? null : gathering.nodeOf(api, node.instance);
  const owner =
    found ??
    (node.type.endsWith('_api') ? (gathering.nodeAt(node.file.path, { kind: 'key', key: node.key }) ?? node) : node);
  declareService(gathering, owner);
  const base = {
    kind: 'send',
    service: gathering.refTo(node, owner),
    schemas: [],
    confidence: 'declared',
    why: `integration of ${owner.address}`,
    at: node.at,
  } as const;
  const meant = new Set<Node>();
  const texts: string[] = [];
  for (const input of inputs) collect(input, type, meant, texts, 0);
  for (const channel of meant) gathering.add(node, { ...base, channel: gathering.refTo(node, channel) });
  if (meant.size > 0) return;
  const all = texts.join('\n');
  const name =
    type === TYPES.sqs && form === 'path'
      ? rest.split('/').at(-1)
      : (/"?(?:EventBusName|StreamName)"?\s*[:=]\s*\\?"([^"\\$]+)\\?"/.exec(all)?.[1] ??
        /(?:QueueUrl|TopicArn)[^a-z]*((?:https|arn):[^"&'\s]+)/.exec(all)?.[1]);
  if (name !== undefined && !name.includes('$'))
    gathering.add(node, {
      ...base,
      channel: gathering.target(
        node,
        { kind: 'literal', value: name, at: { file: node.file, start: node.block.start, end: node.block.end } },
        type,
      ).ref,
    });
  else if (type === TYPES.eventbridge && !all.includes('EventBusName'))
    gathering.add(node, { ...base, channel: gathering.defaultBus(node) });
  else
    gathering.add(node, {
      kind: 'unresolved',
      what: `the target of an integration of ${owner.address}`,
      why: 'its name is made at run time or elsewhere',
      role: 'send',
      at: node.at,
    });
}

/** Channels of a type that a value refers to, and its texts. */
function collect(value: Value, type: string, found: Set<Node>, texts: string[], depth: number): void {
  if (depth > 12) return;
  switch (value.kind) {
    case 'node':
      if (value.node.type === type && !value.node.isData) found.add(value.node);
      return;
    case 'object':
      for (const [key, one] of value.entries) {
        if (one.kind === 'literal') texts.push(`${key}: "${String(one.value)}"`);
        collect(one, type, found, texts, depth + 1);
      }
      return;
    case 'list':
      for (const one of value.items) collect(one, type, found, texts, depth + 1);
      return;
    case 'json':
      collect(value.value, type, found, texts, depth + 1);
      return;
    case 'text':
      texts.push(shown(value));
      for (const part of value.parts) if (typeof part !== 'string') collect(part, type, found, texts, depth + 1);
      return;
    case 'group':
      for (const one of value.members.values()) collect(one, type, found, texts, depth + 1);
      return;
    case 'absent':
    case 'file':
    case 'literal':
    case 'module':
    case 'open':
      texts.push(shown(value));
  }
}
