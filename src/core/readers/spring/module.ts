// The configuration files of one Spring application → its effective settings and its Spring Cloud Stream bindings.
// What is always on comes first; a profile adds what nothing else sets, so that the same binding under several profiles stays one binding.
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { FilePath } from '../../model/source.ts';
import type { BuildPart } from './build-file.ts';
import type { ConfigPart, Property } from './config-file.ts';

/** One application: the folder of a build, and what its files say together. */
export interface Module {
  readonly root: FilePath;
  readonly build: { readonly file: FilePath; readonly part: BuildPart } | null;
  /** The nearest build file, at or above the root, that names binders; empty where none does. */
  readonly binders: readonly string[];
  /** Its own, in path order: without those that a repository shares among applications. */
  readonly files: readonly FilePath[];
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Function binding (`audit-in-0`) → the name that it has instead. */
  readonly aliases: ReadonlyMap<string, { readonly of: string; readonly property: Property }>;
  readonly all: readonly Property[];
  /** The effective value of a setting, in any spelling that Spring takes for the same. */
  readonly get: (name: string) => Property | undefined;
  /** Whether any setting begins so. */
  readonly has: (prefix: string) => boolean;
}

/** A Spring Cloud Stream binding: everything below `bindings.<name>`, of the common settings and of one binder's own. */
export interface Binding {
  /** As written first. */
  readonly name: string;
  readonly destination: Property | undefined;
  /** Every place that gives it the same destination. */
  readonly sites: readonly Property[];
  readonly group: Property | undefined;
  readonly binder: Property | undefined;
  /** `consumer` and `producer` settings: the canonical name below them → the setting. */
  readonly consumer: ReadonlyMap<string, Property>;
  readonly producer: ReadonlyMap<string, Property>;
  /** Binders whose own settings the binding has: `kafka`, `rabbit`, `kafka.streams`. */
  readonly families: ReadonlySet<string>;
  readonly first: Property;
}

/** Names that Spring binds to one setting have one canonical form. */
export function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** What the application is called: by its own word, by its build, by its folder. */
export function applicationName(module: Module): { readonly name: string; readonly property: Property | null } {
  const property = module.get('spring.application.name');
  const written = property === undefined ? null : textOfName(nameOf(module, property.text));
  if (property !== undefined && written !== null && written !== '') return { name: written, property };
  return { name: module.build?.part.artifact ?? (module.root.split('/').at(-1) || 'application'), property: null };
}

const TEST_PROFILE = /(?:^|[-_ ,&|])(?:test|tests|it|integration-?tests?)(?:$|[-_ ,&|])/i;
const BINDING =
  /^spring\.cloud\.stream\.(?:(kafka\.streams|[a-z0-9-]+)\.)?bindings\.(.+?)\.(destination|group|binder|content-?type|consumer|producer)(?:\.(.+))?$/i;
const ALIAS = /^spring\.cloud\.stream\.function\.bindings\.(.+)$/i;

/** A configuration file's place among the others: of two settings that are always on the one of the higher rank counts. */
export interface Ranked {
  readonly part: ConfigPart;
  readonly rank: number;
  /** For files of a configuration repository, whose name holds the profile; else empty. */
  readonly profile: string;
  /** Holds for several applications. */
  readonly shared?: true;
}

/** Puts the files of an application together. `root`, `build` and `binders` come from the folders around them. */
export function makeModule(
  place: Pick<Module, 'root' | 'build' | 'binders'>,
  configs: ReadonlyMap<FilePath, Ranked>,
): Module {
  const effective = new Map<string, Property>();
  const all: Property[] = [];
  const sources = [...configs.keys()].sort();
  const always: { readonly order: number; readonly property: Property }[] = [];
  const sometimes: Property[] = [];
  for (const file of sources) {
    const own = configs.get(file);
    if (own === undefined) continue;
    const order = own.rank * 2 + (file.endsWith('.properties') ? 1 : 0);
    for (const { profile: written, properties } of own.part.documents) {
      const profile = own.profile === '' ? written : own.profile;
      if (TEST_PROFILE.test(profile)) continue;
      for (const property of properties) {
        if (profile === '') always.push({ order, property });
        else sometimes.push(property);
      }
    }
  }
  for (const { property } of always.toSorted((a, b) => a.order - b.order)) {
    all.push(property);
    effective.set(canonical(property.name), property);
  }
  for (const property of sometimes) {
    all.push(property);
    if (!effective.has(canonical(property.name))) effective.set(canonical(property.name), property);
  }
  const prefixes = [...effective.keys()];
  const module = {
    ...place,
    files: sources.filter((file) => configs.get(file)?.shared !== true),
    all,
    get: (name: string) => effective.get(canonical(name)),
    has: (prefix: string) => prefixes.some((name) => name.startsWith(canonical(prefix))),
  };
  return { ...module, bindings: bindingsOf(effective, all), aliases: aliasesOf(effective) };
}

function bindingsOf(effective: ReadonlyMap<string, Property>, all: readonly Property[]): ReadonlyMap<string, Binding> {
  const drafts = new Map<
    string,
    { -readonly [K in keyof Binding]: Binding[K] } & {
      readonly own: Map<string, Property>;
      readonly out: Map<string, Property>;
      readonly kinds: Set<string>;
      readonly places: Property[];
    }
  >();
  for (const property of effective.values()) {
    const match = BINDING.exec(property.name);
    if (match === null) continue;
    const [, family, name = '', what = '', rest] = match;
    if (name.toLowerCase() === 'default') continue;
    const key = canonical(name);
    let draft = drafts.get(key);
    if (draft === undefined) {
      const own = new Map<string, Property>();
      const out = new Map<string, Property>();
      const kinds = new Set<string>();
      const places: Property[] = [];
      draft = {
        name,
        destination: undefined,
        sites: places,
        places,
        group: undefined,
        binder: undefined,
        consumer: own,
        own,
        producer: out,
        out,
        families: kinds,
        kinds,
        first: property,
      };
      drafts.set(key, draft);
    }
    if (family !== undefined) draft.kinds.add(family.toLowerCase());
    switch (canonical(what)) {
      case 'destination':
        draft.destination = property;
        draft.name = name;
        break;
      case 'group':
        draft.group = property;
        break;
      case 'binder':
        draft.binder = property;
        break;
      case 'consumer':
        if (rest !== undefined) draft.own.set(canonical(rest), property);
        break;
      case 'producer':
        if (rest !== undefined) draft.out.set(canonical(rest), property);
        break;
      default:
    }
  }
  for (const property of all) {
    const match = BINDING.exec(property.name);
    if (match === null || match[3]?.toLowerCase() !== 'destination') continue;
    const draft = drafts.get(canonical(match[2] ?? ''));
    if (draft !== undefined && draft.destination?.text === property.text) draft.places.push(property);
  }
  return drafts;
}

function aliasesOf(effective: ReadonlyMap<string, Property>): Module['aliases'] {
  const aliases = new Map<string, { readonly of: string; readonly property: Property }>();
  for (const property of effective.values()) {
    const match = ALIAS.exec(property.name);
    if (match?.[1] !== undefined && property.text !== '')
      aliases.set(canonical(property.text), { of: match[1], property });
  }
  return aliases;
}

const MAX_DEPTH = 8;

/** A text with placeholders as a name: what the application itself sets is put in, defaults are taken, the rest stays open. */
export function nameOf(module: Module, text: string, depth = 0): Name {
  const parts: Name[] = [];
  let fixed = '';
  const flush = (): void => {
    if (fixed !== '') parts.push(literal(fixed));
    fixed = '';
  };
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith('#{', index))
      return { kind: 'unknown', text, reason: 'it is an expression that runs with the application' };
    if (!text.startsWith('${', index)) {
      fixed += text[index] ?? '';
      continue;
    }
    const close = closing(text, index + 2);
    if (close === null) return { kind: 'unknown', text, reason: 'its placeholder is never closed' };
    flush();
    parts.push(placeholder(module, text.slice(index + 2, close), depth));
    index = close;
  }
  flush();
  if (/^@[^@]+@$/.test(text)) return { kind: 'unknown', text, reason: 'the build puts its value in' };
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? only
    : parts.length === 0
      ? literal('')
      : { kind: 'template', parts };
}

function placeholder(module: Module, body: string, depth: number): Name {
  const colon = topLevel(body, ':');
  const name = (colon < 0 ? body : body.slice(0, colon)).trim();
  const set = depth > MAX_DEPTH ? undefined : module.get(name);
  if (set !== undefined) return nameOf(module, set.text, depth + 1);
  if (colon >= 0 && depth <= MAX_DEPTH)
    return { kind: 'env', variable: name, fallback: nameOf(module, body.slice(colon + 1), depth + 1) };
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return { kind: 'env', variable: name, fallback: null };
  return { kind: 'unknown', text: `\${${name}}`, reason: `no configuration file of the application sets ${name}` };
}

/** The literal text of a name that is known to its end, or null. */
export function textOfName(name: Name): string | null {
  switch (name.kind) {
    case 'literal':
      return name.value;
    case 'env':
      return name.fallback === null ? null : textOfName(name.fallback);
    case 'template': {
      const parts = name.parts.map((part) => textOfName(part));
      return parts.every((part) => part !== null) ? parts.join('') : null;
    }
    case 'symbol':
    case 'parameter':
    case 'unknown':
      return null;
  }
}

/** The parts of a comma list; commas inside placeholders do not count. */
export function splitList(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  for (let comma = topLevel(rest, ','); comma >= 0; comma = topLevel(rest, ',')) {
    parts.push(rest.slice(0, comma));
    rest = rest.slice(comma + 1);
  }
  return [...parts, rest].map((part) => part.trim()).filter((part) => part !== '');
}

/** The offset of a character outside of all placeholders, or -1. */
function topLevel(text: string, char: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith('${', index)) {
      const close = closing(text, index + 2);
      if (close === null) return -1;
      index = close;
    } else if (text[index] === char) return index;
  }
  return -1;
}

function closing(text: string, from: number): number | null {
  let depth = 1;
  for (let index = from; index < text.length; index++) {
    if (text.startsWith('${', index)) {
      depth++;
      index++;
    } else if (text[index] === '}' && --depth === 0) return index;
  }
  return null;
}
