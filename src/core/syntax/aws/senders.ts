// Who may send, from permissions: SAM policy templates, IAM statements of a function's own role, SAM connectors, on-success destinations.
// A permission is no proof, so these edges are `inferred`. A role that several functions share says nothing of any one of them unless the
// function's environment names the channel too; a permission to write to one's own dead-letter queue is no producer.
import { READING_ACTION, SENDING_ACTIONS } from '../../model/aws-failure.ts';
import type { FailureFacts, Ref } from '../../model/declaration.ts';
import type { Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { Confidence } from '../../model/topology.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, get, getIn, itemsOf, stringOf } from '../data.ts';
import { queueFailure } from './failure.ts';
import type { Carrier, Gathering } from './targets.ts';
import { carrierOf, channelTarget, display, isFunction, placeOf, serviceTarget } from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import type { Value } from './values.ts';
import { chosen, evaluate, literalOf, shown } from './values.ts';

const POLICY_TEMPLATES: ReadonlyMap<string, { readonly carrier: Carrier; readonly parameter: string }> = new Map([
  ['SQSSendMessagePolicy', { carrier: 'sqs', parameter: 'QueueName' }],
  ['SNSPublishMessagePolicy', { carrier: 'sns', parameter: 'TopicName' }],
  ['EventBridgePutEventsPolicy', { carrier: 'eventbridge', parameter: 'EventBusName' }],
]);

/** A permission to send, as written. */
interface Permission {
  readonly carrier: Carrier;
  readonly action: string;
  readonly target: Value;
  readonly at: Location;
  /** The same statement allows to read: it is written for a consumer. */
  readonly reads: boolean;
}

/** Reads what every function may send to. */
export function readSenders(gathering: Gathering): void {
  const { template } = gathering;
  const functions = [...template.resources.values()].filter((resource) => isFunction(resource));
  const byRole = new Map<string, Resource[]>();
  for (const service of functions) {
    const role = roleOf(gathering, service);
    if (role === null) continue;
    byRole.set(role, [...(byRole.get(role) ?? []), service]);
  }
  const rolePolicies = policiesByRole(gathering);
  for (const service of functions) {
    const environment = environmentOf(gathering, service);
    const own = ownChannels(gathering, service);
    for (const permission of policiesOf(gathering, service))
      send(gathering, service, permission, own, environment, false);
    const role = roleOf(gathering, service);
    if (role !== null)
      for (const permission of rolePolicies.get(role) ?? [])
        send(gathering, service, permission, own, environment, (byRole.get(role) ?? []).length > 1);
    readSuccess(gathering, service);
  }
  readConnectors(gathering);
}

function send(
  gathering: Gathering,
  service: Resource,
  permission: Permission,
  own: OwnChannels,
  environment: ReadonlyMap<string, string>,
  isShared: boolean,
): void {
  const { template, declarations } = gathering;
  const { carrier, action, target, at, reads } = permission;
  const text = shown(target);
  if (
    text === '*' ||
    /^arn:[^:]*:[a-z]+:(?:\$\{[^}]*\}|[^:])*:(?:\$\{[^}]*\}|[^:])*:(?:event-bus\/|stream\/)?\*$/.test(text)
  ) {
    // Any channel: the environment says which ones are meant.
    const meant = [...environment.keys()].filter((id) => {
      const resource = template.resources.get(id);
      return (
        resource !== undefined &&
        !own.deadLetters.has(id) &&
        channelTarget(gathering, { kind: 'resource', id, attribute: null, node: resource.node }, null).carrier ===
          carrier
      );
    });
    for (const id of meant)
      push(
        gathering,
        service,
        { kind: 'key', key: id },
        'inferred',
        `${action} on any, and ${environment.get(id) ?? ''} names it`,
        at,
      );
    if (meant.length === 0 && !isShared)
      declarations.push({
        kind: 'unresolved',
        what: `${action} of ${service.name ?? service.id}`,
        why: 'the policy allows any target',
        role: 'send',
        at,
      });
    return;
  }
  const channel = channelTarget(gathering, target, carrier);
  if (channel.carrier !== null && channel.carrier !== carrier) return;
  if (channel.ref.kind === 'key') {
    if (own.deadLetters.has(identity(channel.ref)) || (reads && own.read.has(channel.ref.key))) return;
    if (isShared && !environment.has(channel.ref.key)) return;
    push(gathering, service, channel.ref, 'inferred', `the policy allows ${action}`, at);
    return;
  }
  if (isShared || own.deadLetters.has(identity(channel.ref))) return;
  if (channel.ref.kind === 'unknown')
    declarations.push({
      kind: 'unresolved',
      what: `${action} of ${service.name ?? service.id} on ${channel.ref.text}`,
      why: channel.ref.reason,
      role: 'send',
      at,
    });
  else push(gathering, service, channel.ref, 'inferred', `the policy allows ${action}`, at);
}

function push(
  gathering: Gathering,
  service: Resource,
  channel: Ref,
  confidence: Confidence,
  why: string,
  at: Location,
): void {
  const known = gathering.declarations.some(
    (declaration) =>
      declaration.kind === 'send' &&
      declaration.service.kind === 'key' &&
      declaration.service.key === service.id &&
      JSON.stringify(declaration.channel) === JSON.stringify(channel) &&
      declaration.at.range.start.line === at.range.start.line,
  );
  if (!known)
    gathering.declarations.push({
      kind: 'send',
      service: { kind: 'key', key: service.id },
      channel,
      schemas: [],
      confidence,
      why,
      at,
    });
}

/** What a function itself reads, and where its own failures go: permissions for these are no producers. */
interface OwnChannels {
  readonly read: ReadonlySet<string>;
  readonly deadLetters: ReadonlySet<string>;
}

function ownChannels(gathering: Gathering, service: Resource): OwnChannels {
  const read = new Set<string>();
  const deadLetters = new Set<string>();
  const note = ({ deadLetter }: FailureFacts): void => {
    if (deadLetter.kind === 'configured') deadLetters.add(identity(deadLetter.to));
  };
  for (const declaration of gathering.declarations) {
    if (declaration.kind !== 'receive' || declaration.service.kind !== 'key' || declaration.service.key !== service.id)
      continue;
    note(declaration.failure);
    if (declaration.channel.kind !== 'key') continue;
    read.add(declaration.channel.key);
    const queue = gathering.template.resources.get(declaration.channel.key);
    if (queue !== undefined && carrierOf(queue) === 'sqs') note(queueFailure(gathering, queue));
  }
  const own = ownTarget(gathering, service);
  if (own !== null) deadLetters.add(own);
  return { read, deadLetters };
}

/** Tells references apart as far as one file can: its own by key, imported ones by their global name. */
function identity(ref: Ref): string {
  return ref.kind === 'key'
    ? ref.key
    : ref.kind === 'import'
      ? `${ref.space}\n${JSON.stringify(ref.name)}`
      : JSON.stringify(ref);
}

function ownTarget(gathering: Gathering, service: Resource): string | null {
  const { template } = gathering;
  const node = property(
    service,
    service.type === 'AWS::Serverless::Function' ? 'DeadLetterQueue' : 'DeadLetterConfig',
    'TargetArn',
  );
  const value = evaluate(template, node);
  return value.kind === 'resource' ? value.id : null;
}

/** The role of a function that it does not get from SAM: a logical id. */
function roleOf(gathering: Gathering, service: Resource): string | null {
  const { template } = gathering;
  const value = evaluate(
    template,
    property(service, 'Role') ??
      (service.type === 'AWS::Serverless::Function'
        ? getIn(template.root, ['Globals', 'Function', 'Role'])
        : undefined),
  );
  return value.kind === 'resource' ? value.id : null;
}

/** Channels that a function's environment names, with the variable that does. */
function environmentOf(gathering: Gathering, service: Resource): ReadonlyMap<string, string> {
  const { template } = gathering;
  const named = new Map<string, string>();
  const holders = [
    property(service, 'Environment', 'Variables'),
    service.type === 'AWS::Serverless::Function'
      ? getIn(template.root, ['Globals', 'Function', 'Environment', 'Variables'])
      : undefined,
  ];
  for (const holder of holders) {
    for (const entry of entriesOf(holder)) {
      const value = evaluate(template, entry.value);
      const id =
        value.kind === 'resource'
          ? value.id
          : value.kind === 'text'
            ? value.parts.find((part) => part.kind === 'open' && part.value.kind === 'resource')?.kind === 'open'
              ? resourceIn(value)
              : null
            : null;
      if (id !== null && !named.has(id)) named.set(id, entry.key);
    }
  }
  return named;
}

function resourceIn(value: Extract<Value, { kind: 'text' }>): string | null {
  for (const part of value.parts) if (part.kind === 'open' && part.value.kind === 'resource') return part.value.id;
  return null;
}

function policiesOf(gathering: Gathering, service: Resource): readonly Permission[] {
  if (service.type !== 'AWS::Serverless::Function') return [];
  const { template } = gathering;
  const node = chosen(template, property(service, 'Policies')) ?? undefined;
  const found: Permission[] = [];
  for (const written of node?.kind === 'seq' ? node.items : node === undefined ? [] : [node]) {
    const policy = chosen(template, written);
    if (policy === null || policy === undefined) continue;
    for (const entry of entriesOf(policy)) {
      const known = POLICY_TEMPLATES.get(entry.key);
      if (known === undefined) continue;
      found.push({
        carrier: known.carrier,
        action: entry.key,
        target: evaluate(template, get(entry.value, known.parameter)),
        at: locationAt(template.file, entry.keyStart, entry.keyEnd),
        reads: false,
      });
    }
    found.push(...statementsOf(gathering, policy));
  }
  return found;
}

/** Permissions of roles: policies inline in the role, and policies attached to it. */
function policiesByRole(gathering: Gathering): ReadonlyMap<string, readonly Permission[]> {
  const { template } = gathering;
  const found = new Map<string, Permission[]>();
  for (const resource of template.resources.values()) {
    if (resource.type === 'AWS::IAM::Role') {
      const own = itemsOf(property(resource, 'Policies')).flatMap((policy) =>
        statementsOf(gathering, get(policy, 'PolicyDocument')),
      );
      found.set(resource.id, [...(found.get(resource.id) ?? []), ...own]);
    } else if (
      resource.type === 'AWS::IAM::Policy' ||
      resource.type === 'AWS::IAM::ManagedPolicy' ||
      resource.type === 'AWS::IAM::RolePolicy'
    ) {
      const statements = statementsOf(gathering, property(resource, 'PolicyDocument'));
      const named = property(resource, 'RoleName');
      for (const role of [...itemsOf(property(resource, 'Roles')), ...(named === undefined ? [] : [named])]) {
        const value = evaluate(template, role);
        if (value.kind === 'resource') found.set(value.id, [...(found.get(value.id) ?? []), ...statements]);
      }
    }
  }
  return found;
}

function statementsOf(gathering: Gathering, document: DataNode | undefined): readonly Permission[] {
  const { template } = gathering;
  const statement = get(document, 'Statement');
  const found: Permission[] = [];
  for (const item of statement?.kind === 'seq' ? statement.items : statement === undefined ? [] : [statement]) {
    const written = chosen(template, item);
    if (written === null || written === undefined || stringOf(get(written, 'Effect')) === 'Deny') continue;
    const actions = listOf(get(written, 'Action'));
    const resources = listOf(get(written, 'Resource'));
    const reads = actions.some((node) => READING_ACTION.test(literalOf(evaluate(template, node)) ?? ''));
    for (const { carrier, pattern } of SENDING_ACTIONS) {
      const action = actions.find((node) => pattern.test(literalOf(evaluate(template, node)) ?? ''));
      if (action === undefined) continue;
      for (const resource of resources) {
        const node = chosen(template, resource);
        if (node === null || node === undefined) continue;
        found.push({
          carrier,
          action: stringOf(action) ?? '',
          target: evaluate(template, node),
          at: placeOf(template, node),
          reads,
        });
      }
    }
  }
  return found;
}

function listOf(node: DataNode | undefined): readonly DataNode[] {
  return node === undefined ? [] : node.kind === 'seq' && node.tag === null ? node.items : [node];
}

/** An on-success destination gets a message for each event that went well. */
function readSuccess(gathering: Gathering, service: Resource): void {
  const { template } = gathering;
  const configs: (DataNode | undefined)[] =
    service.type === 'AWS::Serverless::Function' ? [property(service, 'EventInvokeConfig')] : [];
  for (const resource of template.resources.values()) {
    if (
      resource.type === 'AWS::Lambda::EventInvokeConfig' &&
      serviceTarget(gathering, evaluate(template, property(resource, 'FunctionName'))).resource?.id === service.id
    )
      configs.push(resource.properties);
  }
  for (const config of configs) {
    for (const [key, why] of [
      ['OnSuccess', 'on-success destination'],
      ['OnFailure', 'on-failure destination'],
    ] as const) {
      const node = getIn(config, ['DestinationConfig', key, 'Destination']);
      if (node === undefined) continue;
      const value = evaluate(template, node);
      const target = channelTarget(gathering, value, 'sqs');
      if (target.service !== null) continue;
      // Queues and topics for failures are dead-letter channels; a bus is one that others listen to.
      if (key === 'OnFailure' && target.carrier !== 'eventbridge') continue;
      if (target.ref.kind === 'unknown')
        gathering.declarations.push({
          kind: 'unresolved',
          what: `the ${why} ${display(template, value)}`,
          why: target.ref.reason,
          role: 'send',
          at: placeOf(template, node),
        });
      else push(gathering, service, target.ref, 'declared', why, placeOf(template, node));
    }
  }
}

/** SAM connectors from a function to a channel with the permission to write. */
function readConnectors(gathering: Gathering): void {
  const { template } = gathering;
  const connect = (
    source: Resource | undefined,
    destinations: DataNode | undefined,
    permissions: readonly DataNode[],
    at: Location,
  ): void => {
    if (source === undefined || !isFunction(source) || !permissions.some((node) => stringOf(node) === 'Write')) return;
    for (const destination of listOf(destinations)) {
      const id = stringOf(get(destination, 'Id'));
      const resource = id === undefined ? undefined : template.resources.get(id);
      if (resource === undefined || !/^AWS::(?:SQS::Queue|SNS::Topic|Events::EventBus)$/.test(resource.type)) continue;
      push(gathering, source, { kind: 'key', key: resource.id }, 'inferred', 'the connector allows to write', at);
    }
  };
  for (const resource of template.resources.values()) {
    for (const entry of entriesOf(get(resource.node, 'Connectors'))) {
      const properties = get(entry.value, 'Properties');
      connect(
        resource,
        get(properties, 'Destination'),
        itemsOf(get(properties, 'Permissions')),
        locationAt(template.file, entry.keyStart, entry.keyEnd),
      );
    }
    if (resource.type !== 'AWS::Serverless::Connector') continue;
    const id = stringOf(property(resource, 'Source', 'Id'));
    connect(
      id === undefined ? undefined : template.resources.get(id),
      property(resource, 'Destination'),
      itemsOf(property(resource, 'Permissions')),
      resource.at,
    );
  }
}
