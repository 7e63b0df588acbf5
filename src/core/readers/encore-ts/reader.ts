// Encore.ts code → topics, subscriptions, publishes and services (encore.dev 1.5x: `encore.dev/pubsub`, `encore.dev/service`).
// A topic's schema is its type parameter. Not read: topics handed to functions as arguments, cron jobs, API calls between services,
// JavaScript files.
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
  SchemaDeclaration,
  ServiceDeclaration,
  Setting,
  Settings,
  UnresolvedDeclaration,
  Value,
} from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { GrammarId, SyntaxNode } from '../../syntax/code.ts';
import { resolvePath } from '../../syntax/data.ts';
import { fieldOf, firstNamed, namedChildren, nodesOfType } from '../../syntax/nodes.ts';
import type { SymbolPath, TypeScriptModule } from '../../syntax/typescript.ts';
import { argumentsOf, memberOf, readTypeScript, unwrap } from '../../syntax/typescript.ts';
import type { Reader, ReadHost } from '../reader.ts';

const PUBSUB = 'encore.dev/pubsub';
const ENCORE = /['"](?:encore\.dev|~encore)\//;
const PUBLISHES = /\.publish\s*\(/;
const PASSES_ON = /\bexport\s*(?:type\s*)?(?:\*|\{[^}]*\})\s*(?:as\s+[\w$]+\s*)?from\b/;
const DEFAULT_RETRIES = 100;
/** Members of a union are nested in each other. */
const MAX_TYPE_DEPTH = 60;
/** Marks a need of Encore code: whatever that file imports may matter too. */
const OF_ENCORE = 'encore';

interface ImportedModule {
  readonly module: string;
  readonly at: SyntaxNode;
}

export const encoreTsReader: Reader = {
  id: 'encore-ts',
  title: 'Encore.ts',
  docs: {
    summary:
      'Pub/Sub of Encore applications written in TypeScript: who publishes to which topic, who subscribes, with which retry policy.',
    reads: [
      '`new Topic<T>("name", …)`, exported or not, in an object, a class or as the default export; the name as a literal, a constant or a template',
      '`new Subscription(topic, "name", …)` with ackDeadline, messageRetention, maxConcurrency and retryPolicy',
      '`topic.publish(…)` in any function, method, callback or closure, through imports, re-exports, aliases and `topic.ref<Publisher>()`',
      '`new Service("name")` in encore.service.ts; else the folder that holds an API endpoint or a subscription',
      'publishes in shared code, attributed to the services that reach it through calls',
      'the type parameter as the schema of a topic',
    ],
    doesNotRead: [
      'topics handed to a function as an argument (shown as unresolved)',
      'cron jobs and API calls between services: they are no channels',
      'JavaScript files',
    ],
  },
  files: ['**/*.{ts,mts,cts,tsx}'],
  languages: ['typescript', 'typescriptreact'],
  grammars: (path) => [grammarOf(path)],
  recognises: (text) => ENCORE.test(text) || PUBLISHES.test(text) || PASSES_ON.test(text),
  read,
  fragment,
};

function grammarOf(path: string): GrammarId {
  return path.endsWith('.tsx') ? 'tsx' : 'typescript';
}

/** A file that another one of this reader's imports: its types, constants and functions. One that is recognised by itself has said those already. */
function fragment(file: SourceFile, pointers: readonly string[], host: ReadHost): FileFacts {
  if (ENCORE.test(file.text)) return NO_FACTS;
  const root = host.tree(grammarOf(file.path))?.rootNode;
  if (root === undefined) return NO_FACTS;
  const needs = pointers.includes(OF_ENCORE)
    ? needsOf(file, modulesOf(root), OF_ENCORE)
    : needsOf(file, modulesOf(root, ['export_statement']), '');
  return encoreTsReader.recognises(file.text, file.path)
    ? { ...NO_FACTS, needs }
    : { ...readTree(file, root).facts, needs };
}

function read(file: SourceFile, host: ReadHost): FileFacts {
  const root = host.tree(grammarOf(file.path))?.rootNode;
  if (root === undefined) return NO_FACTS;
  const { facts, publishers } = readTree(file, root);
  const needs = ENCORE.test(file.text) ? needsOf(file, modulesOf(root), OF_ENCORE) : needsOf(file, publishers, '');
  return { ...facts, needs };
}

function readTree(
  file: SourceFile,
  root: SyntaxNode,
): { readonly facts: FileFacts; readonly publishers: readonly ImportedModule[] } {
  const module = readTypeScript(file, root);
  const reading = new FileReading(file, root, module);
  return { facts: { ...NO_FACTS, ...reading.facts(), calls: module.calls() }, publishers: reading.publishers };
}

/** One file in the course of being read. */
class FileReading {
  readonly #file: SourceFile;
  readonly #root: SyntaxNode;
  readonly #module: TypeScriptModule;
  readonly #declarations: Declaration[] = [];
  /** Keys of topics by where their `new` begins. */
  readonly #topics = new Map<number, string>();
  readonly #keys = new Set<string>();
  readonly #publishers: ImportedModule[] = [];

  constructor(file: SourceFile, root: SyntaxNode, module: TypeScriptModule) {
    this.#file = file;
    this.#root = root;
    this.#module = module;
  }

  facts(): { readonly declarations: readonly Declaration[]; readonly bindings: readonly Binding[] } {
    const bindings = this.#module.bindings((node, path) => this.#topicValue(node, path));
    for (const [name, node] of this.#module.types) {
      this.#declarations.push({
        kind: 'schema',
        key: name,
        name,
        format: 'typescript',
        byUse: true,
        at: this.#at(node),
      } satisfies SchemaDeclaration);
    }
    for (const node of nodesOfType(this.#root, ['new_expression'])) this.#readNew(node);
    for (const node of nodesOfType(this.#root, ['call_expression'])) this.#readCall(node);
    return { declarations: [...this.#serviceByFolder(), ...this.#declarations], bindings };
  }

  /** Modules whose exports something is published with. */
  get publishers(): readonly ImportedModule[] {
    return this.#publishers;
  }

  #at(node: SyntaxNode, end: SyntaxNode = node): Location {
    return locationAt(this.#file, node.startIndex, end.endIndex);
  }

  /** The name of an `encore.dev` export that a constructor stands for. */
  #encoreClass(node: SyntaxNode, module: string): string | null {
    const symbol = this.#module.symbolOf(fieldOf(node, 'constructor'));
    return symbol !== null && symbol.module === module ? (symbol.path[0] ?? null) : null;
  }

  #topicValue(node: SyntaxNode, path: readonly string[]): Value | null {
    if (node.type !== 'new_expression' || this.#encoreClass(node, PUBSUB) !== 'Topic') return null;
    const key = path.join('.');
    this.#topics.set(node.startIndex, key);
    return { kind: 'declaration', key };
  }

  #readNew(node: SyntaxNode): void {
    const pubsub = this.#encoreClass(node, PUBSUB);
    if (pubsub === 'Topic') this.#declarations.push(this.#topic(node));
    else if (pubsub === 'Subscription') this.#declarations.push(this.#subscription(node));
    else if (this.#encoreClass(node, 'encore.dev/service') === 'Service') this.#readService(node);
  }

  #readService(node: SyntaxNode): void {
    const [nameNode] = argumentsOf(node);
    if (nameNode === undefined) return;
    const name = this.#module.nameOf(nameNode);
    const at = this.#at(nameNode);
    if (name.kind !== 'literal') {
      this.#declarations.push({
        kind: 'unresolved',
        what: 'the name of a service',
        why: reasonOf(name),
        role: 'other',
        at,
      } satisfies UnresolvedDeclaration);
      return;
    }
    this.#declarations.push({
      kind: 'service',
      key: this.#key('service'),
      name: name.value,
      group: null,
      scope: 'application',
      covers: 'directory',
      code: [],
      at,
    } satisfies ServiceDeclaration);
  }

  /** A folder with an endpoint, a gateway or a subscription is a service by that, unless it lies within another one. */
  #serviceByFolder(): readonly ServiceDeclaration[] {
    const folders = this.#file.path.split('/').slice(0, -1);
    const name = folders.at(-1);
    if (name === undefined) return [];
    const marker =
      nodesOfType(this.#root, ['new_expression']).find(
        (node) =>
          this.#encoreClass(node, PUBSUB) === 'Subscription' || this.#encoreClass(node, 'encore.dev/api') === 'Gateway',
      ) ??
      nodesOfType(this.#root, ['call_expression']).find((node) => {
        const callee = this.#module.symbolOf(fieldOf(node, 'function'));
        return (
          callee !== null &&
          ((callee.module === 'encore.dev/api' && callee.path[0] === 'api') ||
            (callee.module === 'encore.dev/auth' && callee.path[0] === 'authHandler'))
        );
      });
    if (marker === undefined) return [];
    const head = fieldOf(marker, 'constructor') ?? fieldOf(marker, 'function') ?? marker;
    return [
      {
        kind: 'service',
        key: this.#key('folder'),
        name,
        group: null,
        scope: 'application',
        covers: 'directory',
        weak: true,
        code: [],
        at: this.#at(head),
      },
    ];
  }

  #topic(node: SyntaxNode): ChannelDeclaration {
    const [nameNode, config] = argumentsOf(node);
    const known = this.#topics.get(node.startIndex);
    const key = this.#key(
      known ?? `${this.#module.functionAt(node.startIndex) ?? 'topic'}@${this.#at(node).range.start.line + 1}`,
      known !== undefined,
    );
    return {
      kind: 'channel',
      key,
      name:
        nameNode === undefined
          ? { kind: 'unknown', text: '', reason: 'the topic has no name' }
          : this.#module.nameOf(nameNode),
      logicalId: key,
      broker: 'encore',
      channelKind: 'topic',
      scope: { kind: 'application' },
      group: null,
      platformSource: false,
      deadLetter: false,
      failure: null,
      settings: this.#settings(config ?? null, ['deliveryGuarantee', 'orderingAttribute']),
      schemas: this.#schemas(firstTypeArgument(node), key),
      at: this.#place(node, nameNode),
    };
  }

  #subscription(node: SyntaxNode): ReceiveDeclaration {
    const [topic, nameNode, config] = argumentsOf(node);
    const settings = new Map([
      ...this.#settings(config ?? null, ['ackDeadline', 'messageRetention', 'maxConcurrency']),
      ...this.#settings(memberOf(config ?? null, 'retryPolicy'), ['minBackoff', 'maxBackoff', 'maxRetries']),
    ]);
    return {
      kind: 'receive',
      service: { kind: 'enclosing', function: null },
      channel: this.#subscribedTopic(topic),
      subscription: nameNode === undefined ? null : this.#module.nameOf(nameNode),
      schemas: [],
      failure: this.#failure(node, nameNode, config ?? null),
      settings,
      confidence: 'declared',
      why: 'subscription',
      at: this.#place(node, nameNode),
    };
  }

  #subscribedTopic(topic: SyntaxNode | undefined): Ref {
    if (topic === undefined) return { kind: 'unknown', text: 'a topic', reason: 'the subscription names none' };
    const inner = unwrap(topic);
    if (inner.type === 'new_expression' && this.#encoreClass(inner, PUBSUB) === 'Topic') {
      const known = this.#topics.get(inner.startIndex);
      if (known !== undefined) return { kind: 'key', key: known };
    }
    const symbol = this.#module.symbolOf(topic);
    if (symbol === null || symbol.module === PUBSUB)
      return { kind: 'unknown', text: topic.text, reason: `\`${topic.text}\` is given at run time` };
    return { kind: 'symbol', ...symbol, sure: true };
  }

  #failure(node: SyntaxNode, nameNode: SyntaxNode | undefined, config: SyntaxNode | null): FailureFacts {
    const { retry, attempts, story } = this.#retry(config);
    return {
      deadLetter: { kind: 'built-in', why: 'Encore creates a dead-letter queue for each subscription' },
      attempts,
      backoff: retry.kind === 'none' ? 'none' : 'exponential',
      then: 'dead-letters',
      story,
      retry,
      handle: { dialect: 'encore-ts', at: this.#place(node, nameNode), path: [], role: 'subscription' },
    };
  }

  /** `maxRetries` counts the attempts after the first; it is an unsigned number, and 0 means what it says. */
  #retry(config: SyntaxNode | null): {
    readonly retry: RetryFacts;
    readonly attempts: number | null;
    readonly story: string;
  } {
    const policy = config === null ? null : memberOf(config, 'retryPolicy');
    if (policy === null && (config === null || isWhole(config)))
      return { retry: { kind: 'default' }, attempts: DEFAULT_RETRIES + 1, story: `after ${DEFAULT_RETRIES} retries` };
    const retries = memberOf(policy, 'maxRetries');
    if (retries === null) {
      if (policy !== null && isWhole(policy))
        return {
          retry: { kind: 'configured' },
          attempts: DEFAULT_RETRIES + 1,
          story: `after ${DEFAULT_RETRIES} retries`,
        };
      return { retry: { kind: 'unknown', why: 'the retry policy is not written out here' }, attempts: null, story: '' };
    }
    const count = numberOf(retries);
    if (count === null || count < 0)
      return { retry: { kind: 'unknown', why: 'maxRetries is no plain number' }, attempts: null, story: '' };
    if (count === 0)
      return {
        retry: { kind: 'none', why: 'maxRetries: 0', at: this.#at(retries) },
        attempts: 1,
        story: 'at the first error',
      };
    return {
      retry: { kind: 'configured' },
      attempts: count + 1,
      story: `after ${count} ${count === 1 ? 'retry' : 'retries'}`,
    };
  }

  #settings(object: SyntaxNode | null, keys: readonly string[]): Settings {
    const settings = new Map<string, Setting>();
    for (const key of keys) {
      const node = memberOf(object, key);
      if (node === null) continue;
      const name = this.#module.nameOf(node);
      settings.set(key, { value: numberOf(node) ?? (name.kind === 'literal' ? name.value : null), at: this.#at(node) });
    }
    return settings;
  }

  /** References to a topic's type parameter; a type that is written in place is a schema under the topic's key. */
  #schemas(type: SyntaxNode | null, key: string, depth = 0): readonly Ref[] {
    if (type === null || depth > MAX_TYPE_DEPTH) return [];
    if (type.type === 'union_type' || type.type === 'intersection_type' || type.type === 'parenthesized_type') {
      return namedChildren(type).flatMap((part) => this.#schemas(part, key, depth + 1));
    }
    if (type.type === 'object_type') {
      if (!this.#declarations.some((declaration) => declaration.kind === 'schema' && declaration.key === key)) {
        this.#declarations.push({
          kind: 'schema',
          key,
          name: key,
          format: 'typescript',
          byUse: true,
          at: this.#at(type),
        });
      }
      return [{ kind: 'key', key }];
    }
    const symbol = this.#module.typeOf(type);
    return symbol === null ? [] : [schemaRef(symbol)];
  }

  #readCall(node: SyntaxNode): void {
    const callee = fieldOf(node, 'function', 'member_expression');
    if (callee === null) return;
    const method = fieldOf(callee, 'property')?.text;
    const isReference = method === 'ref' && this.#isPublisher(firstTypeArgument(node));
    if (method !== 'publish' && !isReference) return;
    const object = fieldOf(callee, 'object');
    const symbol = this.#module.symbolOf(object);
    if (object === null || symbol === null) return;
    const within = this.#module.functionAt(node.startIndex);
    const at = this.#at(callee);
    if (symbol.module === PUBSUB) {
      // A `Publisher` comes from a reference, and whoever makes the reference is the producer.
      if (isReference || symbol.path[0] === 'Publisher') return;
      this.#declarations.push({
        kind: 'unresolved',
        what: `${object.text}.publish`,
        why: `the topic behind \`${object.text}\` is given at run time`,
        role: 'send',
        at,
      });
      return;
    }
    if (symbol.module !== null) this.#publishers.push({ module: symbol.module, at: object });
    this.#declarations.push({
      kind: 'send',
      service: { kind: 'enclosing', function: within },
      channel: { kind: 'symbol', ...symbol },
      schemas: [],
      confidence: 'declared',
      why: `${isReference ? 'publisher reference' : 'publish call'} in ${within ?? 'the module itself'}`,
      at,
    });
  }

  #isPublisher(type: SyntaxNode | null): boolean {
    if (type === null) return false;
    return [type, ...nodesOfType(type, ['type_identifier', 'nested_type_identifier'])].some((part) => {
      const symbol = this.#module.typeOf(part);
      return symbol?.module === PUBSUB && symbol.path[0] === 'Publisher';
    });
  }

  /** The name, where it stands on the line that the declaration begins on; else `new Topic`: the line is the one a person would name. */
  #place(node: SyntaxNode, name: SyntaxNode | undefined): Location {
    const head = this.#at(node, fieldOf(node, 'constructor') ?? node);
    const at = name === undefined ? head : this.#at(name);
    return at.range.start.line === head.range.start.line ? at : head;
  }

  #key(wanted: string, isGiven = false): string {
    let key = wanted;
    if (!isGiven) for (let count = 2; this.#keys.has(key); count++) key = `${wanted}~${count}`;
    this.#keys.add(key);
    return key;
  }
}

function schemaRef(symbol: SymbolPath): Ref {
  const [first] = symbol.path;
  return symbol.module === null && symbol.path.length === 1 && first !== undefined
    ? { kind: 'key', key: first }
    : { kind: 'symbol', ...symbol };
}

function firstTypeArgument(node: SyntaxNode): SyntaxNode | null {
  const list = fieldOf(node, 'type_arguments');
  return list === null ? null : firstNamed(list);
}

/** Whether an object literal shows all its members. */
function isWhole(node: SyntaxNode): boolean {
  const object = unwrap(node);
  return object.type === 'object' && namedChildren(object).every((member) => member.type !== 'spread_element');
}

function numberOf(node: SyntaxNode): number | null {
  const text = unwrap(node).text.replaceAll(/[_\s]/g, '');
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

function reasonOf(name: Name): string {
  return name.kind === 'unknown' ? name.reason : 'it is not written as a plain text';
}

/** Every module that the file imports from or passes on, with the node of the specifier. */
function modulesOf(
  root: SyntaxNode,
  statements: readonly string[] = ['import_statement', 'export_statement'],
): readonly ImportedModule[] {
  return namedChildren(root).flatMap((statement) => {
    const source = statements.includes(statement.type) ? fieldOf(statement, 'source', 'string') : null;
    return source === null ? [] : [{ module: source.text.slice(1, -1), at: source }];
  });
}

/** The files that relative modules may be. Whichever exists is read; aliases are resolved only among files that are read anyway. */
function needsOf(file: SourceFile, modules: readonly ImportedModule[], pointer: string): readonly Need[] {
  const needs = new Map<string, Need>();
  for (const { module, at } of modules) {
    const path = module.startsWith('.') ? resolvePath(file.path, module) : null;
    if (path === null) continue;
    const base = path.replace(/\.[cm]?[jt]sx?$/, '');
    const endings = file.path.endsWith('x') ? ['.ts', '.tsx'] : ['.ts'];
    const candidates = /\.[cm]?tsx?$/.test(path)
      ? [path]
      : base !== path
        ? endings.map((ending) => base + ending)
        : [...endings.map((ending) => path + ending), `${path}/index.ts`];
    for (const candidate of candidates)
      needs.set(candidate, { file: candidate, pointer, at: locationAt(file, at.startIndex, at.endIndex) });
  }
  return [...needs.values()];
}
