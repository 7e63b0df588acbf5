// Encore.go code → topics, subscriptions, publishes and services (encore.dev 1.5x: `encore.dev/pubsub`, `//encore:api`, `//encore:service`).
// A topic's schema is its type parameter. Not read: cron jobs, API calls between services, publishes through an interface
// that only the run time fills.
import type {
  Binding,
  ChannelDeclaration,
  Declaration,
  FailureFacts,
  FileFacts,
  Need,
  ReceiveDeclaration,
  Ref,
  RetryFacts,
  ServiceDeclaration,
  Setting,
  Settings,
  Value,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Location, SourceFile } from '../../model/source.ts';
import { locationAt, START_OF_FILE } from '../../model/source.ts';
import type { SyntaxNode } from '../../syntax/code.ts';
import type { GoCall, GoFile } from '../../syntax/go.ts';
import { compositeFields, readGo, unwrapGo } from '../../syntax/go.ts';
import { fieldOf, nodesOfType } from '../../syntax/nodes.ts';
import type { SymbolPath } from '../../syntax/typescript.ts';
import type { Reader, ReadHost } from '../reader.ts';

const PUBSUB = 'encore.dev/pubsub';
const ENCORE = /"encore\.dev(?:\/[^"\n]*)?"|^\/\/\s?encore:/m;
const PUBLISHES = /\.Publish\(/;
const DIRECTIVE = /^\/\/\s?encore:(api|service|authhandler)\b/;
const DEFAULT_RETRIES = 100;
/** Marks a need of Encore code: whatever that package imports may matter too. */
const OF_ENCORE = 'encore';
/** Deepest folder above a file that an import path is tried against. */
const MAX_FOLDERS_UP = 8;

export const encoreGoReader: Reader = {
  id: 'encore-go',
  title: 'Encore.go',
  docs: {
    summary:
      'Pub/Sub of Encore applications written in Go: who publishes to which topic, who subscribes, with which retry policy.',
    reads: [
      '`pubsub.NewTopic[T]("name", …)` as a package-level variable; the name as a literal or a constant',
      '`pubsub.NewSubscription(topic, "name", …)` with a function, a literal or `pubsub.MethodHandler` as handler, AckDeadline, MessageRetention, MaxConcurrency and RetryPolicy',
      '`Topic.Publish(…)` of the same or another package, in functions, methods, closures and goroutines',
      '`pubsub.TopicRef[pubsub.Publisher[T]](Topic)` as a publish of the service that holds the reference',
      'a service for each package with `//encore:service`, an API endpoint or a subscription, its folders below included',
      'publishes in shared packages, attributed to the services that reach them through calls',
      'the type parameter as the schema of a topic',
    ],
    doesNotRead: [
      'cron jobs and API calls between services: they are no channels',
      'publishes through an interface or a parameter (shown as unresolved)',
      'build tags',
    ],
  },
  files: ['**/*.go'],
  languages: ['go'],
  grammars: () => ['go'],
  recognises: (text) => ENCORE.test(text) || PUBLISHES.test(text),
  read,
  fragment,
};

/** A file of a package that Encore code belongs to or imports. One that is recognised by itself has said so already. */
function fragment(file: SourceFile, pointers: readonly string[], host: ReadHost): FileFacts {
  if (!encoreGoReader.recognises(file.text, file.path)) return read(file, host, pointers.includes(OF_ENCORE));
  if (!pointers.includes(OF_ENCORE) || ENCORE.test(file.text)) return NO_FACTS;
  const root = host.tree('go')?.rootNode;
  return root === undefined ? NO_FACTS : { ...NO_FACTS, unit: 'directory', needs: needsOf(file, readGo(file, root)) };
}

function read(file: SourceFile, host: ReadHost, ofEncore = ENCORE.test(file.text)): FileFacts {
  const root = host.tree('go')?.rootNode;
  if (root === undefined) return NO_FACTS;
  const go = readGo(file, root);
  const { declarations, bindings } = new FileReading(file, root, go).facts();
  return {
    declarations,
    bindings,
    calls: go.calls(),
    needs: ofEncore ? needsOf(file, go) : [],
    problems: [],
    unit: 'directory',
  };
}

/** One file in the course of being read. */
class FileReading {
  readonly #file: SourceFile;
  readonly #root: SyntaxNode;
  readonly #go: GoFile;
  readonly #declarations: Declaration[] = [];
  /** Keys of topics by where their call begins. */
  readonly #topics = new Map<number, string>();

  constructor(file: SourceFile, root: SyntaxNode, go: GoFile) {
    this.#file = file;
    this.#root = root;
    this.#go = go;
  }

  facts(): { readonly declarations: readonly Declaration[]; readonly bindings: readonly Binding[] } {
    const bindings = this.#go.bindings((node, path) => this.#variable(node, path));
    for (const [name, node] of this.#go.types) {
      this.#declarations.push({ kind: 'schema', key: name, name, format: 'go', byUse: true, at: this.#at(node) });
    }
    let subscribes = false;
    for (const node of nodesOfType(this.#root, ['call_expression', 'type_conversion_expression'])) {
      const call = this.#go.callOf(node);
      if (call === null) continue;
      const called = this.#pubsub(call);
      if (called === 'NewTopic') this.#declarations.push(this.#topic(node, call));
      else if (called === 'NewSubscription') {
        subscribes = true;
        this.#declarations.push(this.#subscription(call));
      } else if (called === 'TopicRef') this.#reference(call);
      else this.#readPublish(call);
    }
    const services = this.#services(subscribes);
    return { declarations: [...services, ...this.#declarations], bindings };
  }

  #at(node: SyntaxNode): Location {
    return locationAt(this.#file, node.startIndex, node.endIndex);
  }

  /** The name of the `encore.dev/pubsub` function that is called. */
  #pubsub(call: GoCall): string | null {
    const symbol = this.#go.symbolOf(call.callee) ?? this.#go.typeOf(call.callee);
    return symbol?.module === PUBSUB ? (symbol.path[0] ?? null) : null;
  }

  #variable(node: SyntaxNode, path: readonly string[]): Value | null {
    const call = this.#go.callOf(node);
    if (call === null) return null;
    switch (this.#pubsub(call) ?? '') {
      case 'NewTopic': {
        const key = path.join('.');
        this.#topics.set(node.startIndex, key);
        return { kind: 'declaration', key };
      }
      case 'TopicRef': {
        const symbol = this.#go.symbolOf(call.arguments[0] ?? null);
        return symbol === null ? null : { kind: 'symbol', ...symbol };
      }
      default:
        return null;
    }
  }

  #services(subscribes: boolean): readonly ServiceDeclaration[] {
    const name = this.#go.packageName;
    const nameNode = this.#go.packageNode;
    if (name === '' || nameNode === null) return [];
    const service = {
      kind: 'service',
      name,
      group: null,
      scope: 'application',
      covers: 'directory',
      code: [],
    } as const;
    const directives = nodesOfType(this.#root, ['comment']).flatMap((comment) => {
      const directive = DIRECTIVE.exec(comment.text)?.[1];
      return directive === undefined ? [] : [{ directive, comment }];
    });
    const own = directives.find(({ directive }) => directive === 'service');
    if (own !== undefined) return [{ ...service, key: `service ${this.#file.path}`, at: this.#at(nameNode) }];
    if (directives.length === 0 && !subscribes) return [];
    return [{ ...service, key: `package ${this.#file.path}`, weak: true, at: this.#at(nameNode) }];
  }

  #topic(node: SyntaxNode, call: GoCall): ChannelDeclaration {
    const [nameNode, config] = call.arguments;
    const at = this.#place(call, nameNode);
    const key =
      this.#topics.get(node.startIndex) ??
      `${this.#go.functionAt(node.startIndex) ?? 'topic'}@${at.range.start.line + 1}`;
    return {
      kind: 'channel',
      key,
      name:
        nameNode === undefined
          ? { kind: 'unknown', text: '', reason: 'the topic has no name' }
          : this.#go.nameOf(nameNode),
      logicalId: key,
      broker: 'encore',
      channelKind: 'topic',
      scope: { kind: 'application' },
      group: null,
      platformSource: false,
      deadLetter: false,
      failure: null,
      settings: this.#settings(config ?? null, ['DeliveryGuarantee', 'OrderingAttribute']),
      schemas: call.typeArguments.slice(0, 1).flatMap((type) => schemaRefs(this.#go.typeOf(type))),
      at,
    };
  }

  #subscription(call: GoCall): ReceiveDeclaration {
    const [topic, nameNode, config] = call.arguments;
    const policy = compositeFields(config ?? null)?.get('RetryPolicy');
    const at = this.#place(call, nameNode);
    return {
      kind: 'receive',
      service: { kind: 'enclosing', function: null },
      channel: this.#subscribedTopic(topic),
      subscription: nameNode === undefined ? null : this.#go.nameOf(nameNode),
      schemas: [],
      failure: this.#failure(config ?? null, at),
      settings: new Map([
        ...this.#settings(config ?? null, ['AckDeadline', 'MessageRetention', 'MaxConcurrency']),
        ...this.#settings(policy?.value ?? null, ['MinBackoff', 'MaxBackoff', 'MaxRetries']),
      ]),
      confidence: 'declared',
      why: 'subscription',
      at,
    };
  }

  #subscribedTopic(topic: SyntaxNode | undefined): Ref {
    if (topic === undefined) return { kind: 'unknown', text: 'a topic', reason: 'the subscription names none' };
    const symbol = this.#go.symbolOf(topic);
    return symbol === null
      ? { kind: 'unknown', text: topic.text, reason: `\`${topic.text}\` is given at run time` }
      : { kind: 'symbol', ...symbol, sure: true };
  }

  #failure(config: SyntaxNode | null, at: Location): FailureFacts {
    const { retry, attempts, story } = this.#retry(config);
    const endless = attempts === 'unbounded';
    return {
      deadLetter: endless
        ? { kind: 'not-applicable', why: 'with InfiniteRetries no message is ever given up' }
        : { kind: 'built-in', why: 'Encore creates a dead-letter queue for each subscription' },
      attempts,
      backoff: retry.kind === 'none' ? 'none' : 'exponential',
      then: endless ? 'loops' : 'dead-letters',
      story,
      retry,
      handle: { dialect: 'encore-go', at, path: [], role: 'subscription' },
    };
  }

  /** The run time fills in 100 retries only where there is no policy at all; a policy without MaxRetries has 0. */
  #retry(config: SyntaxNode | null): {
    readonly retry: RetryFacts;
    readonly attempts: number | 'unbounded' | null;
    readonly story: string;
  } {
    const byDefault = {
      retry: { kind: 'default' },
      attempts: DEFAULT_RETRIES + 1,
      story: `after ${DEFAULT_RETRIES} retries`,
    } as const;
    const members = compositeFields(config);
    if (members === null)
      return {
        retry: { kind: 'unknown', why: 'the configuration is not written out here' },
        attempts: null,
        story: '',
      };
    const policy = members.get('RetryPolicy');
    if (policy === undefined || policy.value.type === 'nil') return byDefault;
    const policyMembers = compositeFields(policy.value);
    if (policyMembers === null)
      return { retry: { kind: 'unknown', why: 'the retry policy is not written out here' }, attempts: null, story: '' };
    const retries = policyMembers.get('MaxRetries');
    if (retries === undefined) {
      const why = 'RetryPolicy without MaxRetries means 0: NSQ and Azure give the message up at its first error';
      return { retry: { kind: 'none', why, at: this.#at(policy.key) }, attempts: 1, story: 'at the first error' };
    }
    const count = this.#count(retries.value);
    if (count === null)
      return { retry: { kind: 'unknown', why: 'MaxRetries is no plain number' }, attempts: null, story: '' };
    if (count === -1) return { retry: { kind: 'configured' }, attempts: 'unbounded', story: 'never' };
    if (count <= 0)
      return {
        retry: { kind: 'none', why: `MaxRetries: ${retries.value.text}`, at: this.#at(retries.value) },
        attempts: 1,
        story: 'at the first error',
      };
    return {
      retry: { kind: 'configured' },
      attempts: count + 1,
      story: `after ${count} ${count === 1 ? 'retry' : 'retries'}`,
    };
  }

  #count(node: SyntaxNode): number | null {
    const symbol = this.#go.symbolOf(node);
    if (symbol?.module === PUBSUB)
      return symbol.path[0] === 'InfiniteRetries' ? -1 : symbol.path[0] === 'NoRetries' ? -2 : null;
    return integerOf(node);
  }

  #settings(object: SyntaxNode | null, keys: readonly string[]): Settings {
    const settings = new Map<string, Setting>();
    const members = compositeFields(object);
    for (const key of keys) {
      const member = members?.get(key);
      if (member !== undefined)
        settings.set(key, { value: this.#settingValue(member.value), at: this.#at(member.value) });
    }
    return settings;
  }

  #settingValue(node: SyntaxNode): Setting['value'] {
    const symbol = this.#go.symbolOf(node);
    if (symbol?.module === PUBSUB) return symbol.path[0] ?? null;
    const name = this.#go.nameOf(node);
    return integerOf(node) ?? durationOf(node) ?? (name.kind === 'literal' ? name.value : null);
  }

  /** A publisher reference lets the service that holds it publish: Encore's own rule. */
  #reference(call: GoCall): void {
    const [topic] = call.arguments;
    const symbol = this.#go.symbolOf(topic ?? null);
    if (symbol !== null) this.#send(call, symbol, 'publisher reference');
  }

  #readPublish(call: GoCall): void {
    if (call.callee.type !== 'selector_expression' || fieldOf(call.callee, 'field')?.text !== 'Publish') return;
    const operand = fieldOf(call.callee, 'operand');
    const type = this.#go.typeOfExpression(operand);
    // A `Publisher` comes from a reference, and whoever makes the reference is the producer.
    if (type?.module === PUBSUB && type.path[0] === 'Publisher') return;
    if (operand !== null && type?.module === PUBSUB) {
      const what = operand.text;
      this.#declarations.push({
        kind: 'unresolved',
        what: `${what}.Publish`,
        why: `the topic behind \`${what}\` is given at run time`,
        role: 'send',
        at: this.#at(call.callee),
      });
      return;
    }
    if (type !== null) return;
    const symbol = this.#go.symbolOf(this.#referredTo(operand));
    if (symbol !== null) this.#send(call, symbol, 'publish call');
  }

  /** Looks through a reference that is made on the spot: `pubsub.TopicRef[…](Orders).Publish(…)`. */
  #referredTo(operand: SyntaxNode | null): SyntaxNode | null {
    const call = operand === null ? null : this.#go.callOf(operand);
    return call !== null && this.#pubsub(call) === 'TopicRef' ? (call.arguments[0] ?? null) : operand;
  }

  #send(call: GoCall, symbol: SymbolPath, how: string): void {
    const within = this.#go.functionAt(call.callee.startIndex);
    this.#declarations.push({
      kind: 'send',
      service: { kind: 'enclosing', function: within },
      channel: { kind: 'symbol', ...symbol },
      schemas: [],
      confidence: 'declared',
      why: `${how} in ${within ?? 'the package itself'}`,
      at: this.#at(call.callee),
    });
  }

  /** The name, where it stands on the line that the declaration begins on; else the callee: the line is the one a person would name. */
  #place(call: GoCall, name: SyntaxNode | undefined): Location {
    const head = this.#at(call.callee);
    const at = name === undefined ? head : this.#at(name);
    return at.range.start.line === head.range.start.line ? at : head;
  }
}

function schemaRefs(symbol: SymbolPath | null): readonly Ref[] {
  const [first] = symbol?.path ?? [];
  if (symbol === null || first === undefined) return [];
  return symbol.module === null ? [{ kind: 'key', key: first }] : [{ kind: 'symbol', ...symbol }];
}

function integerOf(node: SyntaxNode): number | null {
  const text = unwrapGo(node).text.replaceAll(/[_\s]/g, '');
  return /^-?\d+$/.test(text) ? Number(text) : null;
}

const UNITS: ReadonlyMap<string, string> = new Map([
  ['Nanosecond', 'ns'],
  ['Microsecond', 'us'],
  ['Millisecond', 'ms'],
  ['Second', 's'],
  ['Minute', 'm'],
  ['Hour', 'h'],
]);

/** `30 * time.Second` as `30s`, the way Encore.ts writes it. */
function durationOf(node: SyntaxNode): string | null {
  const text = unwrapGo(node).text.replaceAll(/\s/g, '');
  const match = /^(?:(\d+)\*time\.([A-Z][a-z]+)|time\.([A-Z][a-z]+)(?:\*(\d+))?)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? match?.[3] ?? '');
  return match === null || unit === undefined ? null : `${match[1] ?? match[4] ?? '1'}${unit}`;
}

/** The file's own folder, and the folders that its imports may be: which part of an import path is the module is known at link time only. */
function needsOf(file: SourceFile, go: GoFile): readonly Need[] {
  const folders = file.path.split('/').slice(0, -1);
  const at = { file: file.path, range: START_OF_FILE };
  const needs = new Map<string, Need>();
  const add = (folder: string): void => {
    needs.set(folder, { file: `${folder}/`, pointer: OF_ENCORE, at });
  };
  add(folders.join('/'));
  for (const path of go.imports.values()) {
    const [host, ...rest] = path.split('/');
    // A single step is the standard library's; Encore's own packages are not of the workspace.
    if (host === undefined || host === 'encore.dev' || rest.length === 0) continue;
    const inside = /^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(host) ? rest.slice(2) : rest;
    for (let up = Math.max(0, folders.length - MAX_FOLDERS_UP); up <= folders.length; up++)
      add([...folders.slice(0, up), ...inside].join('/'));
  }
  return [...needs.values()];
}
