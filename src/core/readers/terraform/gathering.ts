// Collects declarations by the file they stand in, and tells which channel or service a value means: resources and their attributes, outputs of
// local modules, ARNs, names and URLs of what the workspace declares, data sources that look a declared name up. All else is unknown, with its reason.
import type {
  ChannelDeclaration,
  Declaration,
  ReceiveDeclaration,
  Ref,
  Setting,
  Settings,
} from '../../model/declaration.ts';
import type { Broker, ChannelKind } from '../../model/topology.ts';
import type { Body, Instance, Node } from './modules.ts';
import type { Foreign, Value } from './values.ts';
import { display, locationOf, nameOf, shown, textOf, textParts } from './values.ts';

/** How a resource type carries messages. */
export interface Carrier {
  readonly broker: Broker;
  readonly kind: ChannelKind;
  /** The argument that names it. */
  readonly name: string;
  /** Shown only where its messages are used, and never an orphan: the platform itself produces. */
  readonly implied?: true;
  readonly scope?: 'application';
}

export const CARRIERS: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ['aws_sqs_queue', { broker: 'sqs', kind: 'queue', name: 'name' }],
  ['aws_sns_topic', { broker: 'sns', kind: 'topic', name: 'name' }],
  ['aws_cloudwatch_event_bus', { broker: 'eventbridge', kind: 'bus', name: 'name' }],
  ['aws_kinesis_stream', { broker: 'kinesis', kind: 'stream', name: 'name' }],
  ['aws_dynamodb_table', { broker: 'dynamodb', kind: 'stream', name: 'name', implied: true }],
  ['aws_s3_bucket', { broker: 's3', kind: 'other', name: 'bucket', implied: true }],
  ['google_pubsub_topic', { broker: 'pubsub', kind: 'topic', name: 'name' }],
  ['google_pubsub_subscription', { broker: 'pubsub', kind: 'queue', name: 'name' }],
  ['google_storage_bucket', { broker: 'gcs', kind: 'other', name: 'name', implied: true }],
  ['azurerm_servicebus_queue', { broker: 'servicebus', kind: 'queue', name: 'name' }],
  ['azurerm_servicebus_topic', { broker: 'servicebus', kind: 'topic', name: 'name' }],
  ['azurerm_servicebus_subscription', { broker: 'servicebus', kind: 'queue', name: 'name' }],
  ['azurerm_eventgrid_topic', { broker: 'eventgrid', kind: 'topic', name: 'name' }],
  ['azurerm_eventgrid_domain', { broker: 'eventgrid', kind: 'topic', name: 'name' }],
  ['azurerm_eventgrid_domain_topic', { broker: 'eventgrid', kind: 'topic', name: 'name' }],
  ['azurerm_eventgrid_system_topic', { broker: 'eventgrid', kind: 'topic', name: 'name', implied: true }],
  ['azurerm_storage_account', { broker: 'azure-storage', kind: 'other', name: 'name', implied: true }],
  ['azurerm_storage_queue', { broker: 'azure-storage', kind: 'queue', name: 'name' }],
  ['azurerm_eventhub', { broker: 'eventhubs', kind: 'stream', name: 'name' }],
  ['confluent_kafka_topic', { broker: 'kafka', kind: 'topic', name: 'topic_name', scope: 'application' }],
  ['kafka_topic', { broker: 'kafka', kind: 'topic', name: 'name', scope: 'application' }],
  ['aiven_kafka_topic', { broker: 'kafka', kind: 'topic', name: 'topic_name', scope: 'application' }],
  ['google_managed_kafka_topic', { broker: 'kafka', kind: 'topic', name: 'topic_id', scope: 'application' }],
  ['rabbitmq_exchange', { broker: 'amqp', kind: 'exchange', name: 'name', scope: 'application' }],
  ['rabbitmq_queue', { broker: 'amqp', kind: 'queue', name: 'name', scope: 'application' }],
]);

const ARN_TYPES: ReadonlyMap<string, string> = new Map([
  ['sqs', 'aws_sqs_queue'],
  ['sns', 'aws_sns_topic'],
  ['events', 'aws_cloudwatch_event_bus'],
  ['kinesis', 'aws_kinesis_stream'],
  ['dynamodb', 'aws_dynamodb_table'],
  ['s3', 'aws_s3_bucket'],
]);

/** Deployables that can be the end of an edge. */
const SERVICES =
  /^(?:aws_lambda_function|aws_sfn_state_machine|aws_ecs_task_definition|aws_ecs_service|aws_batch_job_definition|google_cloudfunctions_function|google_cloudfunctions2_function|google_cloud_run_service|google_cloud_run_v2_service|google_cloud_run_v2_job|google_app_engine_standard_app_version|google_workflows_workflow|azurerm_(?:linux_|windows_)?function_app|azurerm_function_app_flex_consumption|azurerm_(?:linux|windows)_web_app|azurerm_container_app|azurerm_logic_app_(?:workflow|standard))$/;

/** Modules from elsewhere that make a deployable, by their source. */
export const MAKES_SERVICE = /lambda|function|cloud-?run|step-?functions|container-?app|app-service|web-?app/i;

export const NO_SETTINGS: Settings = new Map();

/** What a value turned out to mean. */
export interface Target {
  readonly ref: Ref;
  readonly carrier: Carrier | null;
  /** The channel's own resource, where it is one of the workspace. */
  readonly node: Node | null;
  /** Known to be a service and no channel. */
  readonly service: Node | null;
}

export class Gathering {
  readonly nodes: readonly Node[];
  /** Calls of modules from elsewhere. */
  readonly foreign: readonly Node[];
  readonly byFile = new Map<string, Declaration[]>();
  readonly #implied = new Map<string, { readonly file: string; readonly channel: ChannelDeclaration }>();
  readonly #deadLetters = new Set<string>();
  readonly #services = new Set<string>();
  #byKey: Map<string, Node> | null = null;
  #received: Map<string, readonly { readonly file: string; readonly declaration: ReceiveDeclaration }[]> | null = null;
  #byType: Map<string, Map<Instance, Node[]>> | null = null;
  readonly #names = new Map<string, Node[]>();
  readonly #groups = new Map<string, string | null>();
  readonly #attached = new Map<string, Map<Node, Node[]>>();

  constructor(nodes: readonly Node[], foreign: readonly Node[]) {
    this.nodes = nodes;
    this.foreign = foreign;
    for (const node of nodes) {
      const carrier = CARRIERS.get(node.type);
      const argument =
        carrier?.name ??
        (node.type === 'aws_ssm_parameter' || node.type === 'aws_lambda_function'
          ? node.type === 'aws_lambda_function'
            ? 'function_name'
            : 'name'
          : null);
      if (argument === null || node.isData) continue;
      const value = node.attribute(argument);
      if (value === undefined) continue;
      const key = `${node.type}\n${shown(value)}`;
      const list = this.#names.get(key);
      if (list === undefined) this.#names.set(key, [node]);
      else list.push(node);
    }
  }

  add(node: Node, declaration: Declaration): void {
    this.#put(node.file.path, declaration);
  }

  /** Whether a service is asked for the first time: it is declared once. */
  isFirst(service: Node): boolean {
    const key = `${service.file.path}\n${service.key}`;
    if (this.#services.has(key)) return false;
    this.#services.add(key);
    return true;
  }

  /** The node that a reference of `from` means; undefined where it is none of these. */
  nodeAt(from: string, ref: Ref): Node | undefined {
    if (ref.kind !== 'key' && ref.kind !== 'file') return undefined;
    if (this.#byKey === null) {
      this.#byKey = new Map();
      for (const node of this.nodes)
        if (!node.isData) this.#byKey.set(`${folderOf(node.file.path)}\n${node.key}`, node);
    }
    return this.#byKey.get(`${folderOf(ref.kind === 'file' ? ref.file : from)}\n${ref.key}`);
  }

  /** What a service consumes, as declared so far. Asked for when all of it is. */
  consumptionsOf(service: Node): readonly { readonly file: string; readonly declaration: ReceiveDeclaration }[] {
    if (this.#received === null) {
      this.#received = new Map();
      for (const [file, list] of this.byFile) {
        for (const declaration of list) {
          if (declaration.kind !== 'receive') continue;
          const { service: ref } = declaration;
          if (ref.kind !== 'key' && ref.kind !== 'file') continue;
          const key = `${folderOf(ref.kind === 'file' ? ref.file : file)}\n${ref.key}`;
          this.#received.set(key, [...(this.#received.get(key) ?? []), { file, declaration }]);
        }
      }
    }
    return this.#received.get(`${folderOf(service.file.path)}\n${service.key}`) ?? [];
  }

  /** Nodes of a type within one root. */
  ofType(type: string, root: Instance): readonly Node[] {
    if (this.#byType === null) {
      this.#byType = new Map();
      for (const node of this.nodes) {
        if (node.isData) continue;
        const byRoot = this.#byType.get(node.type) ?? new Map<Instance, Node[]>();
        const list = byRoot.get(node.instance.root);
        if (list === undefined) byRoot.set(node.instance.root, [node]);
        else list.push(node);
        this.#byType.set(node.type, byRoot);
      }
    }
    return this.#byType.get(type)?.get(root.root) ?? [];
  }

  #put(path: string, declaration: Declaration): void {
    const list = this.byFile.get(path);
    if (list === undefined) this.byFile.set(path, [declaration]);
    else list.push(declaration);
  }

  /** The system around a node: the folder of its root module. */
  groupOf(node: Node): string | null {
    const { folder } = node.instance.root.module;
    const known = this.#groups.get(folder);
    if (known !== undefined) return known;
    const segments = folder
      .split('/')
      .filter(
        (segment) =>
          !/^(?:terraform|infra|infrastructure|iac|tf|deploy|deployment|src|stacks?|envs?|environments?|live|dev|test|staging|stage|prod|production|aws|gcp|azure)$/i.test(
            segment,
          ),
      );
    const group = segments.at(-1) ?? null;
    this.#groups.set(folder, group === '' ? null : group);
    return group === '' ? null : group;
  }

  /** How declarations of one node's file refer to another node. */
  refTo(from: Node, to: Node): Ref {
    return folderOf(from.file.path) === folderOf(to.file.path)
      ? { kind: 'key', key: to.key }
      : { kind: 'file', file: to.file.path, key: to.key };
  }

  /** Nodes of a type whose argument means a given node: the policies of a queue, the configuration of a function. */
  attached(type: string, argument: string, to: Node): readonly Node[] {
    const key = `${type}\n${argument}`;
    let index = this.#attached.get(key);
    if (index === undefined) {
      index = new Map();
      for (const node of this.nodes) {
        if (node.type !== type || node.isData) continue;
        const value = node.attribute(argument);
        if (value === undefined) continue;
        const owner = this.nodeOf(value, node.instance);
        if (owner === null) continue;
        index.set(owner, [...(index.get(owner) ?? []), node]);
      }
      this.#attached.set(key, index);
    }
    return index.get(to) ?? [];
  }

  /** The resource that a value means as a whole or by one of its attributes; a text counts by the last resource in it, else by its name. */
  nodeOf(value: Value, instance: Instance): Node | null {
    switch (value.kind) {
      case 'node':
        return value.node.isData ? null : value.node;
      case 'group': {
        const [only] = value.members.values();
        return value.members.size === 1 && only !== undefined ? this.nodeOf(only, instance) : null;
      }
      case 'list':
        return value.items.length === 1 && value.items[0] !== undefined ? this.nodeOf(value.items[0], instance) : null;
      case 'text':
        for (const part of value.parts.toReversed()) {
          const node = typeof part === 'string' || part.kind !== 'node' ? null : this.nodeOf(part, instance);
          if (node !== null && (CARRIERS.has(node.type) || SERVICES.test(node.type))) return node;
        }
        return null;
      case 'absent':
      case 'file':
      case 'json':
      case 'literal':
      case 'module':
      case 'object':
      case 'open': {
        const name = textOf(value);
        return name === null
          ? null
          : this.named('aws_lambda_function', name.replace(/^arn:[^:]*:lambda:[^:]*:[^:]*:function:/, ''), instance);
      }
    }
  }

  /** The node of a type with a literal name: of the same root, else the only one of the workspace. */
  named(type: string, name: string, instance: Instance): Node | null {
    const all = this.#names.get(`${type}\n${name}`) ?? [];
    const own = all.filter((node) => node.instance.root === instance.root);
    const [only] = own.length > 0 ? own : all;
    return (own.length > 0 ? own : all).length === 1 ? (only ?? null) : null;
  }

  /** The channel or service that a value means, as declarations of `from` say it. `expected` is the type that a bare name is of. */
  target(from: Node, value: Value | undefined, expected: string | null, depth = 0): Target {
    const unknown = (text: string, reason: string): Target => ({
      ref: { kind: 'unknown', text, reason },
      carrier: null,
      node: null,
      service: null,
    });
    if (value === undefined) return unknown('', 'nothing is written');
    if (depth > 12) return unknown(display(value), 'the references lead in a circle');
    switch (value.kind) {
      case 'node':
        return this.#ofNode(from, value, depth);
      case 'absent': {
        const carrier = CARRIERS.get(value.address.split('.')[0] ?? '') ?? null;
        const isHere = folderOf(from.file.path) === value.instance.module.folder;
        if (carrier === null || !isHere) return unknown(value.address, `nothing is declared as ${value.address}`);
        return { ref: { kind: 'key', key: value.address }, carrier, node: null, service: null };
      }
      case 'group': {
        const [only] = value.members.values();
        return value.members.size === 1 && only !== undefined
          ? this.target(from, only, expected, depth + 1)
          : unknown(display(value), value.members.size === 0 ? 'it is created nowhere' : 'it means several instances');
      }
      case 'list': {
        const [only] = value.items;
        return value.items.length === 1 && only !== undefined
          ? this.target(from, only, expected, depth + 1)
          : unknown(display(value), 'it is a list');
      }
      case 'text':
        for (const part of value.parts.toReversed()) {
          if (typeof part === 'string' || part.kind !== 'node') continue;
          const isWhole =
            typeof value.parts[0] !== 'string' ||
            /^(?:arn:|https?:|projects\/|\/\/)/.test(value.parts[0]) ||
            (expected !== null && part.node.type === expected);
          const found = isWhole ? this.#ofNode(from, part, depth) : null;
          if (found !== null && (found.carrier !== null || found.service !== null)) return found;
        }
        return this.#ofText(from, value, expected);
      case 'literal':
        return this.#ofText(from, value, expected);
      case 'open':
        return unknown(value.text, value.reason);
      case 'file':
      case 'json':
      case 'module':
      case 'object':
        return unknown(display(value), 'it names no resource');
    }
  }

  #ofNode(from: Node, value: Extract<Value, { kind: 'node' }>, depth: number): Target {
    const { node } = value;
    const unknown = (reason: string): Target => ({
      ref: { kind: 'unknown', text: display(value), reason },
      carrier: null,
      node: null,
      service: null,
    });
    const carrier = CARRIERS.get(node.type);
    if (node.isData) {
      const name = carrier === undefined ? undefined : node.attribute(carrier.name);
      const text = name === undefined ? null : textOf(name);
      const found = text === null ? null : this.named(node.type, text, from.instance);
      if (found !== null && carrier !== undefined) return this.#channel(from, found, carrier);
      if (node.type === 'aws_cloudwatch_event_bus' && text === 'default' && carrier !== undefined)
        return { ref: this.defaultBus(from), carrier, node: null, service: null };
      if (node.type === 'aws_ssm_parameter') {
        const wanted = node.attribute('name');
        const parameter = wanted === undefined ? null : this.named('aws_ssm_parameter', shown(wanted), from.instance);
        if (parameter !== null) return this.target(from, parameter.attribute('value'), null, depth + 1);
      }
      return unknown(
        `${node.address} is looked up at the deployment${text === null ? '' : `, and nothing of the workspace declares "${text}"`}`,
      );
    }
    if (carrier !== undefined) return this.#channel(from, node, carrier);
    if (SERVICES.test(node.type))
      return {
        ref: { kind: 'unknown', text: display(value), reason: `${node.address} is no channel` },
        carrier: null,
        node: null,
        service: node,
      };
    const behind: ReadonlyMap<string, string> = new Map([
      ['aws_lambda_alias', 'function_name'],
      ['aws_kinesis_stream_consumer', 'stream_arn'],
      ['aws_ssm_parameter', 'value'],
      ['aws_sqs_queue_policy', 'queue_url'],
      ['aws_sns_topic_policy', 'arn'],
      ['azurerm_function_app_function', 'function_app_id'],
    ]);
    const argument = behind.get(node.type);
    if (argument !== undefined) return this.target(from, node.attribute(argument), null, depth + 1);
    return unknown(`${node.address} is neither a channel nor a service that is read`);
  }

  #channel(from: Node, node: Node, carrier: Carrier): Target {
    if (carrier.implied === true) this.imply(node, carrier);
    return { ref: this.refTo(from, node), carrier, node, service: null };
  }

  #ofText(from: Node, value: Value, expected: string | null): Target {
    const text = shown(value);
    const unknown = (reason: string): Target => ({
      ref: { kind: 'unknown', text, reason },
      carrier: null,
      node: null,
      service: null,
    });
    const arn = /^arn:(?:\$\{[^}]*\}|[^:])*:([a-z0-9-]+):((?:\$\{[^}]*\}|[^:])*):((?:\$\{[^}]*\}|[^:])*):(.+)$/s.exec(
      text,
    );
    const url = /^https:\/\/sqs\.[^/]*\/(?:\$\{[^}]*\}|[^/])*\/(.+)$/.exec(text);
    const pubsub = /^projects\/(?:\$\{[^}]*\}|[^/])*\/(topics|subscriptions)\/(.+)$/.exec(text);
    let type = expected;
    let name = text;
    if (arn !== null) {
      const service = arn[1] ?? '';
      type = ARN_TYPES.get(service) ?? null;
      name = (arn[4] ?? '').replace(/^(?:event-bus|stream|table|function)[/:]/, '').replace(/\/stream\/.*$/s, '');
      if (service === 'lambda') {
        const found = this.named('aws_lambda_function', name.replace(/:.*$/s, ''), from.instance);
        return { ...unknown('the function is declared outside of these files'), service: found };
      }
      if (service === 'events' && !(arn[4] ?? '').startsWith('event-bus/')) return unknown('it is no channel');
    } else if (url?.[1] !== undefined) {
      type = 'aws_sqs_queue';
      name = url[1];
    } else if (pubsub?.[2] !== undefined) {
      type = pubsub[1] === 'topics' ? 'google_pubsub_topic' : 'google_pubsub_subscription';
      name = pubsub[2];
    } else if (/^(?:arn:|https?:)/.test(text)) type = null;
    const carrier = type === null ? undefined : CARRIERS.get(type);
    if (type === null || carrier === undefined || name === '') return unknown('it names no channel of these files');
    if (type === 'aws_cloudwatch_event_bus' && name === 'default')
      return { ref: this.defaultBus(from), carrier, node: null, service: null };
    const found = this.named(type, name, from.instance);
    if (found !== null) return this.#channel(from, found, carrier);
    const open = textParts(value).find((part) => typeof part !== 'string');
    if (open !== undefined || name.includes('*'))
      return {
        ...unknown(
          typeof open === 'object' && open.kind === 'open' ? open.reason : 'it names nothing that these files declare',
        ),
        carrier,
      };
    return {
      ref: {
        kind: 'named',
        broker: carrier.broker,
        channelKind: carrier.kind,
        name: { kind: 'literal', value: name },
        scope: { kind: carrier.scope === 'application' ? 'application' : 'file' },
      },
      carrier,
      node: null,
      service: null,
    };
  }

  /**
   * The service that a value means; `node` null where its resource is out of sight. In a place where only a service can stand (`sure`), or by its
   * source, a module from elsewhere is one: the deployable that it makes goes by the name of the call.
   */
  service(from: Node, value: Value | undefined, sure = false): { readonly ref: Ref; readonly node: Node | null } {
    const target = this.target(from, value, null);
    const byName = target.service ?? (value === undefined ? null : this.nodeOf(value, from.instance));
    const node = byName !== null && SERVICES.test(byName.type) ? byName : null;
    if (node !== null) return { ref: this.refTo(from, node), node };
    const foreign = foreignOf(value);
    if (foreign !== null && (sure || MAKES_SERVICE.test(foreign.source))) {
      this.declareForeign(foreign, this.groupOf(from));
      const isHere = folderOf(foreign.file.path) === folderOf(from.file.path);
      return {
        ref: isHere ? { kind: 'key', key: foreign.key } : { kind: 'file', file: foreign.file.path, key: foreign.key },
        node: null,
      };
    }
    const reason =
      target.ref.kind === 'unknown'
        ? target.ref.reason
        : `${value === undefined ? 'it' : display(value)} is no service`;
    return { ref: { kind: 'unknown', text: value === undefined ? '' : display(value), reason }, node: null };
  }

  declareForeign(foreign: Pick<Foreign, 'address' | 'key' | 'at'>, group: string | null): void {
    const key = `${foreign.at.file}\n${foreign.key}`;
    if (this.#services.has(key)) return;
    this.#services.add(key);
    this.#put(foreign.at.file, {
      kind: 'service',
      key: foreign.key,
      name: serviceName(foreign.address),
      group,
      scope: 'file',
      covers: 'nothing',
      code: [],
      at: foreign.at,
    });
  }

  /** The account's default bus, one per root. */
  defaultBus(from: Node): Ref {
    const key = `${from.instance.root.module.folder}#default-bus`;
    const known = this.#implied.get(key);
    if (known === undefined) {
      this.#implied.set(key, {
        file: from.file.path,
        channel: {
          kind: 'channel',
          key,
          name: null,
          logicalId: 'default',
          broker: 'eventbridge',
          channelKind: 'bus',
          scope: { kind: 'file' },
          group: this.groupOf(from),
          platformSource: true,
          deadLetter: false,
          failure: null,
          settings: NO_SETTINGS,
          schemas: [],
          at: from.at,
        },
      });
      return { kind: 'key', key };
    }
    return folderOf(known.file) === folderOf(from.file.path)
      ? { kind: 'key', key }
      : { kind: 'file', file: known.file, key };
  }

  /** A source that is a channel only because something uses it: a bucket's notifications, a schedule. */
  imply(node: Node, carrier: Carrier): void {
    if (this.#implied.has(`${node.file.path}\n${node.key}`)) return;
    this.#implied.set(`${node.file.path}\n${node.key}`, {
      file: node.file.path,
      channel: this.#declaration(node, carrier, null, NO_SETTINGS),
    });
  }

  /** What the platform itself writes messages to, so that nobody else has to read it: a table, a bucket. */
  sink(node: Node, broker: Broker, name: string): Ref {
    const key = `${node.key}#sink`;
    this.add(node, {
      kind: 'channel',
      key,
      name: null,
      logicalId: name,
      broker,
      channelKind: 'other',
      scope: { kind: 'file' },
      group: this.groupOf(node),
      platformSource: true,
      deadLetter: false,
      failure: null,
      settings: NO_SETTINGS,
      schemas: [],
      at: node.at,
    });
    return { kind: 'key', key };
  }

  /** Marks a channel as one for failed messages. */
  markDeadLetter(target: Target): void {
    if (target.node !== null) this.#deadLetters.add(`${target.node.file.path}\n${target.node.key}`);
  }

  channel(node: Node, failure: ChannelDeclaration['failure'], settings: Settings, schemas: readonly Ref[] = []): void {
    const carrier = CARRIERS.get(node.type);
    if (carrier !== undefined) this.add(node, { ...this.#declaration(node, carrier, failure, settings), schemas });
  }

  #declaration(
    node: Node,
    carrier: Carrier,
    failure: ChannelDeclaration['failure'],
    settings: Settings,
  ): ChannelDeclaration {
    const value = node.attribute(carrier.name);
    const isNamed =
      value !== undefined && textParts(value).some((part) => typeof part === 'string' && /[^-_./:]/.test(part));
    return {
      kind: 'channel',
      key: node.key,
      name: isNamed ? nameOf(value) : null,
      logicalId: node.address,
      broker: carrier.broker,
      channelKind: carrier.kind,
      scope: { kind: carrier.scope === 'application' ? 'application' : 'file' },
      group: this.groupOf(node),
      platformSource: carrier.implied === true,
      deadLetter:
        isDeadLetterName(`${serviceName(node.address)} ${value === undefined ? '' : shown(value)}`) ||
        (node.type === 'aws_sqs_queue' &&
          (node.attribute('redrive_allow_policy') !== undefined ||
            this.attached('aws_sqs_queue_redrive_allow_policy', 'queue_url', node).length > 0)),
      failure,
      settings,
      schemas: [],
      at: node.at,
    };
  }

  /** All declarations by file, channels marked for what they are. */
  result(): ReadonlyMap<string, readonly Declaration[]> {
    const used = new Set<string>();
    const note = (ref: Ref): void => {
      if (ref.kind === 'key' || ref.kind === 'file') used.add(ref.key);
    };
    for (const list of this.byFile.values()) {
      for (const declaration of list) {
        if (declaration.kind === 'send' || declaration.kind === 'receive') note(declaration.channel);
        if (declaration.kind === 'export') note(declaration.value);
        if (declaration.kind === 'route') {
          note(declaration.from);
          note(declaration.to);
        }
      }
    }
    for (const { file, channel } of this.#implied.values()) {
      if (!used.has(channel.key)) continue;
      const list = this.byFile.get(file);
      if (list === undefined) this.byFile.set(file, [channel]);
      else list.push(channel);
    }
    this.#implied.clear();
    return new Map(
      [...this.byFile].map(([file, list]) => [
        file,
        list.map((declaration) =>
          declaration.kind === 'channel' &&
          !declaration.deadLetter &&
          this.#deadLetters.has(`${file}\n${declaration.key}`)
            ? { ...declaration, deadLetter: true }
            : declaration,
        ),
      ]),
    );
  }
}

/** Settings of a body under the words of the broker, by the names that Terraform has for them. */
export function settingsOf(body: Body, names: Readonly<Record<string, string>>): Settings {
  const settings = new Map<string, Setting>();
  for (const [own, name] of Object.entries(names)) {
    const value = body.attribute(own);
    if (value === undefined) continue;
    const items = value.kind === 'list' ? value.items.map((one) => textOf(one)) : null;
    const written =
      value.kind === 'literal'
        ? value.value
        : items !== null && items.every((one) => one !== null)
          ? items.join(', ')
          : textOf(value);
    settings.set(name, { value: written, at: locationOf(value.at) });
  }
  return settings;
}

function foreignOf(value: Value | undefined): Foreign | null {
  if (value?.kind === 'open') return value.foreign ?? null;
  if (value?.kind !== 'text') return null;
  for (const part of value.parts) {
    const found = typeof part === 'string' ? null : foreignOf(part);
    if (found !== null) return found;
  }
  return null;
}

/** Names that people give to dead-letter queues; a queue "with" one is none. */
function isDeadLetterName(text: string): boolean {
  return /dlq|dead[-_]?letter/i.test(text.replaceAll(/with[-_]?(?:dlq|dead[-_]?letters?)/gi, ''));
}

/** Labels that say no more than the type of the resource or the module does. */
const GENERIC = /^(?:this|main|default|function|lambda|lambda_function|aws_lambda_function|cloud_run|service)$/;

/**
 * What a service is called: the label of its resource, or of the call that makes it (`module.a.aws_lambda_function.router[0]` is `router[0]`); one
 * that says nothing gives way to the name of the module around it (`module.refunds.aws_lambda_function.this` is `refunds`).
 */
export function serviceName(address: string): string {
  const steps = address.match(/[^.[]+(?:\[[^\]]*\])?/g) ?? [];
  const last = steps.at(-1) ?? address;
  const modules = steps.slice(0, -1).filter((_, index) => index > 0 && steps[index - 1] === 'module');
  const isGeneric = (step: string): boolean => GENERIC.test(step.replace(/\[.*$/, ''));
  return isGeneric(last) ? (modules.findLast((step) => !isGeneric(step)) ?? last) : last;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
