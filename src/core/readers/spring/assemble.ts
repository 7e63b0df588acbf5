// All of a workspace's Spring configuration and build files → per application a service, and what its bindings send and receive.
// An application is the folder around `src/main/resources` (or `config`), else the folder of the file itself.
import type { Binding as Exported, Declaration, FileFacts, Ref, Scope, Setting } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { FilePath, Location } from '../../model/source.ts';
import { START_OF_FILE } from '../../model/source.ts';
import type { BoundBroker } from './brokers.ts';
import { brokerOf, hostsOf } from './brokers.ts';
import type { BuildPart } from './build-file.ts';
import type { ConfigPart, Property } from './config-file.ts';
import { verdictOf } from './failure.ts';
import type { Binding, Module, Ranked } from './module.ts';
import { applicationName, canonical, makeModule, nameOf, splitList, textOfName } from './module.ts';

export type SpringPart = ConfigPart | BuildPart;

const SERVICE = 'spring-application';
const MESSAGING = [
  'spring.cloud.stream.',
  'spring.cloud.function.',
  'spring.kafka.',
  'spring.rabbitmq.',
  'spring.jms.',
  'spring.pulsar.',
];

/** Facts per file. Every fact stands with the file that it comes from, the service with the application's build file. */
export function assembleSpring(parts: ReadonlyMap<FilePath, SpringPart>): ReadonlyMap<FilePath, FileFacts> {
  const builds = buildsOf(parts);
  const modules = new Map<string, Map<FilePath, Ranked>>();
  const repositories = new Map<string, Map<FilePath, ConfigPart>>();
  for (const file of [...parts.keys()].sort()) {
    const part = parts.get(file);
    if (part?.kind === 'config' && !STANDARD.has(part.stem)) group(repositories, folderOf(file)).set(file, part);
  }
  for (const file of [...parts.keys()].sort()) {
    const part = parts.get(file);
    if (part?.kind !== 'config' || !STANDARD.has(part.stem)) continue;
    const repository = repositories.get(folderOf(file));
    // What an application's own file is elsewhere is shared by all of a repository.
    if (repository !== undefined) repository.set(file, part);
    else {
      const root = rootOf(file);
      if (root !== null) group(modules, root).set(file, { part, rank: part.stem === 'bootstrap' ? 0 : 1, profile: '' });
    }
  }
  addRepositories(modules, repositories);
  const facts = new Map<FilePath, Gathered>();
  for (const [root, files] of [...modules].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let binders: readonly string[] = [];
    for (
      let folder: string | null = root;
      folder !== null && binders.length === 0;
      folder = folder === '' ? null : folderOf(folder)
    )
      binders = builds.get(folder)?.part.binders ?? [];
    readModule(makeModule({ root, build: builds.get(root) ?? null, binders }, files), (file) => {
      const own = facts.get(file) ?? { declarations: [], bindings: [], channels: new Set<string>() };
      facts.set(file, own);
      return own;
    });
  }
  return new Map(
    [...facts].map(([file, { declarations, bindings }]) => [file, { ...NO_FACTS, declarations, bindings }]),
  );
}

const STANDARD: ReadonlySet<string> = new Set(['application', 'bootstrap']);

function group<V>(map: Map<string, Map<FilePath, V>>, key: string): Map<FilePath, V> {
  const known = map.get(key) ?? new Map<FilePath, V>();
  map.set(key, known);
  return known;
}

/** Build files by folder. Of pom.xml and build.gradle in one folder both may name binders; the first that has one gives the artifact. */
function buildsOf(
  parts: ReadonlyMap<FilePath, SpringPart>,
): ReadonlyMap<string, { readonly file: FilePath; readonly part: BuildPart }> {
  const builds = new Map<string, { readonly file: FilePath; readonly part: BuildPart }>();
  for (const file of [...parts.keys()].sort()) {
    const part = parts.get(file);
    if (part?.kind !== 'build') continue;
    const known = builds.get(folderOf(file));
    const binders = [...new Set([...(known?.part.binders ?? []), ...part.binders])].sort();
    builds.set(folderOf(file), {
      file: known?.file ?? file,
      part: { ...(known?.part ?? part), artifact: known?.part.artifact ?? part.artifact, binders },
    });
  }
  return builds;
}

/** Gives each application what a configuration repository (a folder of files named by applications) holds for it, and for all. */
function addRepositories(
  modules: Map<string, Map<FilePath, Ranked>>,
  repositories: ReadonlyMap<string, ReadonlyMap<FilePath, ConfigPart>>,
): void {
  if (repositories.size === 0) return;
  const named = new Map<string, string>();
  for (const [root, files] of modules) {
    const name = makeModule({ root, build: null, binders: [] }, files).get('spring.application.name')?.text;
    if (name !== undefined && !named.has(name)) named.set(name, root);
  }
  for (const [folder, files] of repositories) {
    const stems = new Set([...files.values()].map(({ stem }) => stem));
    const shared = [...files].filter(([, { stem }]) => STANDARD.has(stem));
    for (const [file, part] of files) {
      if (STANDARD.has(part.stem)) continue;
      const name = applicationIn(part.stem, (candidate) => named.has(candidate) || stems.has(candidate));
      const target = group(modules, named.get(name) ?? `${folder}/${name}`);
      target.set(file, { part, rank: 3, profile: part.stem.slice(name.length + 1) });
      for (const [other, common] of shared) target.set(other, { part: common, rank: 2, profile: '', shared: true });
    }
  }
}

/** `orders` of `orders-prod` where there are files or an application of that name. */
function applicationIn(stem: string, isKnown: (name: string) => boolean): string {
  for (let end = stem.indexOf('-'); end > 0; end = stem.indexOf('-', end + 1))
    if (isKnown(stem.slice(0, end)) && !isKnown(stem)) return stem.slice(0, end);
  for (let end = stem.lastIndexOf('-'); end > 0; end = stem.lastIndexOf('-', end - 1))
    if (
      isKnown(stem.slice(0, end)) &&
      /^(?:dev|prod|production|docker|local|staging|stage|test|k8s|kubernetes|cloud|qa|uat)$/i.test(stem.slice(end + 1))
    )
      return stem.slice(0, end);
  return stem;
}

/** What is found for one file. */
interface Gathered {
  readonly declarations: Declaration[];
  readonly bindings: Exported[];
  /** Keys of the channels among the declarations. */
  readonly channels: Set<string>;
}

type Sink = (file: FilePath) => Gathered;

/** The application's folder; null for the resources of tests. */
function rootOf(file: FilePath): string | null {
  const folder = folderOf(file);
  const source = /^(?:(.*)\/)?src\/([^/]+)\/resources(?:\/|$)/.exec(`${folder}/`);
  if (source !== null) return /test/i.test(source[2] ?? '') ? null : (source[1] ?? '');
  return /(?:^|\/)(?:config|conf|resources)$/.test(folder) ? folderOf(folder) : folder;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function readModule(module: Module, sink: Sink): void {
  const { name, property: named } = applicationName(module);
  const consumes = module.bindings.size > 0 || module.aliases.size > 0;
  // A file that names no application and binds nothing may be anybody's, unless it stands in the sources of one.
  const isSource = module.build !== null || module.files.some((file) => /(?:^|\/)src\/[^/]+\/resources\//.test(file));
  if (!consumes && named === null && !(isSource && MESSAGING.some((prefix) => module.has(prefix)))) return;
  const main = mainFile(module);
  const home = module.build?.file ?? main;
  const built = module.build !== null && module.build.part.artifact !== null ? module.build.part.at : null;
  sink(home).declarations.push({
    kind: 'service',
    key: SERVICE,
    name,
    group: null,
    // Applications find each other by this name; copies of one (a chapter's start and end, stages) are that one. A generator's name says nothing.
    scope: named !== null && !/^(?:demo|app|application|service)$/i.test(name) ? 'workspace' : 'file',
    covers: 'directory',
    code: [],
    at: named?.at ?? built ?? { file: main, range: START_OF_FILE },
  });
  const service: Ref = { kind: 'file', file: home, key: SERVICE };
  const own = new Set(module.files);
  for (const property of module.all) {
    if (!own.has(property.at.file)) continue;
    if (
      property.text === '' ||
      property.text.length > 200 ||
      /pass|secret|token|credential|jaas|(?:^|[.-])key/i.test(property.name)
    )
      continue;
    sink(property.at.file).bindings.push({
      name: property.name,
      exported: true,
      value: nameOf(module, property.text),
      at: property.at,
    });
  }
  const names = new Set([...module.bindings.keys(), ...module.aliases.keys()]);
  for (const key of names) readBinding(module, service, key, sink);
}

/** Where the application says most of itself: `application.*` without a profile before others. */
function mainFile(module: Module): FilePath {
  const rank = (file: FilePath): number =>
    /\/?application\.[a-z]+$/.test(file) ? 0 : /\/?bootstrap\.[a-z]+$/.test(file) ? 1 : 2;
  return module.files.toSorted((a, b) => rank(a) - rank(b))[0] ?? '';
}

interface Direction {
  readonly receives: boolean;
  /** How it is known. */
  readonly why: string;
  readonly sure: boolean;
}

/** By a function's binding name, by an alias of one, by settings that only one side has; by the names of the old standard interfaces. */
function directionOf(module: Module, key: string, binding: Binding | undefined): Direction | null {
  const alias = module.aliases.get(key);
  const name = alias?.of ?? binding?.name ?? '';
  const functional = /-(in|out)-\d+$/.exec(name)?.[1];
  if (functional !== undefined)
    return {
      receives: functional === 'in',
      why: alias === undefined ? `binding ${name}` : `binding ${binding?.name ?? alias.property.text} of ${name}`,
      sure: true,
    };
  if (binding === undefined) return null;
  const reads = binding.group !== undefined || binding.consumer.size > 0;
  const writes = binding.producer.size > 0;
  if (reads !== writes)
    return {
      receives: reads,
      why: `binding ${name}, by its ${reads ? (binding.group === undefined ? 'consumer settings' : 'group') : 'producer settings'}`,
      sure: true,
    };
  const standard = /^(?:springCloudBus)?(input|output)$/i.exec(name)?.[1]?.toLowerCase();
  if (!reads && standard !== undefined)
    return { receives: standard === 'input', why: `binding ${name} of the standard interfaces`, sure: false };
  return null;
}

function readBinding(module: Module, service: Ref, key: string, sink: Sink): void {
  const binding = module.bindings.get(key);
  const alias = module.aliases.get(key);
  const direction = directionOf(module, key, binding);
  const written = binding?.destination;
  const anchor = written ?? alias?.property ?? binding?.first;
  if (anchor === undefined) return;
  if (direction === null) {
    // Without a destination there is nothing that could be missed.
    if (written !== undefined && binding !== undefined)
      sink(anchor.at.file).declarations.push({
        kind: 'unresolved',
        what: `the binding ${binding.name} of ${written.text}`,
        why: 'whether it reads or writes stands in the code (`@Input`, `@Output`)',
        role: 'other',
        at: anchor.at,
      });
    return;
  }
  const own: Binding = binding ?? emptyBinding(alias?.property ?? anchor, anchor);
  const bound = brokerOf(module, own);
  const scope: Scope = { kind: 'workspace', hosts: hostsOf(module, bound.family) };
  // A binding without a destination has its own name for one.
  const texts =
    written === undefined
      ? [alias?.property.text ?? own.name]
      : direction.receives
        ? splitList(written.text)
        : [written.text];
  const sites = written === undefined ? [anchor] : own.sites.length > 0 ? own.sites : [written];
  for (const text of texts) {
    const name = written === undefined ? literal(text) : nameOf(module, text);
    for (const site of sites) {
      const at = written === undefined ? (alias === undefined ? site.keyAt : site.at) : site.at;
      const implied = written === undefined || text.includes('${');
      const to = { module, service, bound, scope, direction, binding: own, name, at, implied };
      if (direction.receives) receive(to, sink);
      else
        sink(at.file).declarations.push({
          kind: 'send',
          service,
          channel: { kind: 'named', broker: bound.broker, channelKind: bound.kind, name, scope },
          schemas: [],
          confidence: confidenceOf(to),
          why: direction.why,
          at,
        });
    }
  }
}

interface Use {
  readonly module: Module;
  readonly service: Ref;
  readonly bound: BoundBroker;
  readonly scope: Scope;
  readonly direction: Direction;
  readonly binding: Binding;
  readonly name: Name;
  readonly at: Location;
  /** The destination is not written as such at `at`. */
  readonly implied: boolean;
}

function confidenceOf({ direction, implied }: Use): 'declared' | 'resolved' | 'inferred' {
  return !direction.sure ? 'inferred' : implied ? 'resolved' : 'declared';
}

function receive(use: Use, sink: Sink): void {
  const { module, binding, bound, scope, name, at } = use;
  const facts = sink(at.file);
  const pattern = binding.consumer.get(canonical('destination-is-pattern'));
  if (pattern !== undefined && pattern.text.toLowerCase() === 'true') {
    facts.declarations.push({
      kind: 'unresolved',
      what: textOfName(name) ?? binding.name,
      why: 'it is a pattern: which topics match is known to the broker alone',
      role: 'receive',
      at,
    });
    return;
  }
  const { failure, deadLetter } = verdictOf({ module, binding, destination: name, bound, at });
  if (deadLetter !== null && !facts.channels.has(deadLetter.key)) {
    facts.channels.add(deadLetter.key);
    facts.declarations.push({ ...deadLetter, scope });
  }
  facts.declarations.push({
    kind: 'receive',
    service: use.service,
    channel: { kind: 'named', broker: bound.broker, channelKind: bound.kind, name, scope },
    subscription: subscriptionOf(use),
    schemas: [],
    failure,
    settings: settingsOf(module, binding),
    confidence: confidenceOf(use),
    why: use.direction.why,
    at,
  });
}

/** The group; for Kafka Streams, which has none, the application id of the binding or of its function. */
function subscriptionOf({ module, binding, bound }: Use): Name | null {
  const fun = binding.name.replace(/-in-\d+$/, '');
  const written =
    binding.group ??
    (bound.family === 'kafka-streams'
      ? (binding.consumer.get('applicationid') ??
        module.get(`spring.cloud.stream.kafka.streams.binder.functions.${fun}.application-id`))
      : undefined);
  return written === undefined ? null : nameOf(module, written.text);
}

function settingsOf(module: Module, binding: Binding): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  const add = (property: Property, name: string): void => {
    const text = textOfName(nameOf(module, property.text));
    const value =
      text === null
        ? null
        : /^-?\d+(?:\.\d+)?$/.test(text)
          ? Number(text)
          : text === 'true'
            ? true
            : text === 'false'
              ? false
              : text;
    settings.set(name, { value, at: property.at });
  };
  if (binding.group !== undefined) add(binding.group, 'group');
  for (const property of binding.consumer.values()) add(property, property.name.replace(/^.*\.consumer\./i, ''));
  return settings;
}

function emptyBinding(property: Property, first: Property): Binding {
  return {
    name: property.text,
    destination: undefined,
    sites: [],
    group: undefined,
    binder: undefined,
    consumer: new Map(),
    producer: new Map(),
    families: new Set(),
    first,
  };
}
