// The identity of channels, in one place: which declarations and names are one broker object, and what its id is.
//   1. A declaration with a literal name is the channel (broker, kind, scope, name); equal ones merge.
//   2. Scope: one file (a stack's template), one application (the nearest project root above the file), or the workspace. Documents of the
//      workspace scope that name disjoint hosts stay apart; one without hosts joins the only cluster there is, else stays by itself.
//   3. A declaration without a literal name is itself: its file and key.
//   4. A literal name that is used but declared nowhere is a channel of its own, by rule 1.
//   5. A workspace-wide name whose broker its document does not tell is the only channel of that name whose broker is known; else itself.
//   6. A declaration by name alone (a person's manifest) is the only channel of that name; else itself.
import type { ChannelDeclaration, Ref, Scope } from '../model/declaration.ts';
import type { ChannelId } from '../model/ids.ts';
import type { FilePath } from '../model/source.ts';
import type { Broker, ChannelKind } from '../model/topology.ts';
import type { Declared, FactsIndex } from './index-facts.ts';
import { folderOf, foldersUp } from './index-facts.ts';
import type { ResolvedName, Resolver } from './resolve.ts';

/** One channel before it is put into the topology. */
export interface ChannelNode {
  readonly id: ChannelId;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly broker: Broker;
  /** Empty for a channel that is only used by name. */
  readonly declarations: readonly Declared<ChannelDeclaration>[];
  /** A file that stands for the channel's place, for its group. */
  readonly file: FilePath;
}

export interface ChannelIdentity {
  readonly nodes: readonly ChannelNode[];
  readonly ofDeclaration: (declared: Declared<ChannelDeclaration>) => ChannelNode;
  readonly ofName: (
    file: FilePath,
    ref: Extract<Ref, { kind: 'named' }>,
  ) => { readonly node: ChannelNode; readonly name: ResolvedName } | null;
}

type GrowingNode = ChannelNode & { readonly declarations: Declared<ChannelDeclaration>[] };

/** What readers say of a broker that their file does not tell. */
const UNKNOWN_BROKER = 'unknown';

interface Draft {
  readonly file: FilePath;
  readonly broker: Broker;
  readonly kind: ChannelKind;
  readonly scope: Scope;
  readonly name: ResolvedName;
  readonly declared: Declared<ChannelDeclaration> | null;
}

/** The folder of the application that a file belongs to: the nearest project root above it, else its own folder. */
export function applicationOf(index: FactsIndex, file: FilePath): string {
  const folders = foldersUp(folderOf(file));
  for (const folder of folders)
    if (index.projectsIn(folder).some(({ declaration }) => declaration.project === 'encore')) return folder;
  for (const folder of folders)
    if (
      index
        .projectsIn(folder)
        .some(({ declaration }) => declaration.project === 'go-module' || declaration.project === 'npm-package')
    )
      return folder;
  return folderOf(file);
}

/** Groups all channel declarations and all names in use into channels. O(n log n). */
export function identifyChannels(
  index: FactsIndex,
  resolver: Resolver,
  named: readonly { readonly file: FilePath; readonly ref: Extract<Ref, { kind: 'named' }> }[],
): ChannelIdentity {
  const drafts: Draft[] = [];
  const single: Declared<ChannelDeclaration>[] = [];
  const borrowed: Declared<ChannelDeclaration>[] = [];
  for (const file of index.files) {
    for (const declaration of index.facts.get(file)?.declarations ?? []) {
      if (declaration.kind !== 'channel') continue;
      if (declaration.byName === true) {
        borrowed.push({ file, declaration });
        continue;
      }
      const name = declaration.name === null ? null : resolver.name(file, declaration.name);
      if (name === null || name.open.length > 0) single.push({ file, declaration });
      else
        drafts.push({
          file,
          broker: declaration.broker,
          kind: declaration.channelKind,
          scope: declaration.scope,
          name,
          declared: { file, declaration },
        });
    }
  }
  const names = new Map<string, ResolvedName>();
  for (const { file, ref } of named) {
    const name = resolver.name(file, ref.name);
    names.set(nameKey(file, ref), name);
    if (name.open.length === 0 && name.text !== '')
      drafts.push({ file, broker: ref.broker, kind: ref.channelKind, scope: ref.scope, name, declared: null });
  }

  const nodes: GrowingNode[] = [];
  const byDeclaration = new Map<ChannelDeclaration, ChannelNode>();
  const byName = new Map<string, { readonly hosts: ReadonlySet<string>; readonly node: ChannelNode }[]>();
  const add = (key: string, id: string, members: readonly Draft[]): void => {
    const first = members[0];
    if (first === undefined) return;
    const declarations = members.flatMap((member) => (member.declared === null ? [] : [member.declared]));
    const node: GrowingNode = {
      id: id as ChannelId,
      name: first.name.text,
      kind: first.kind,
      broker: first.broker,
      declarations,
      file: declarations[0]?.file ?? first.file,
    };
    nodes.push(node);
    for (const member of members) if (member.declared !== null) byDeclaration.set(member.declared.declaration, node);
    const parts = byName.get(key) ?? [];
    parts.push({ hosts: new Set(members.flatMap((member) => hostsOf(member.scope))), node });
    byName.set(key, parts);
  };

  const clusters = new Map<string, Draft[]>();
  const known = new Map<string, Set<string>>();
  for (const draft of drafts) {
    if (draft.scope.kind !== 'workspace' || draft.broker === UNKNOWN_BROKER) continue;
    const keys = known.get(draft.name.text) ?? new Set<string>();
    keys.add(draftKey(index, draft));
    known.set(draft.name.text, keys);
  }
  /** Rule 5. */
  const keyOf = (draft: Draft): string => {
    const own = draftKey(index, draft);
    if (draft.scope.kind !== 'workspace' || draft.broker !== UNKNOWN_BROKER) return own;
    const [only, ...others] = known.get(draft.name.text) ?? [];
    return only !== undefined && others.length === 0 ? only : own;
  };
  // Those that know their broker come first, so that they give the channel its word.
  for (const draft of drafts.toSorted(
    (a, b) => Number(a.broker === UNKNOWN_BROKER) - Number(b.broker === UNKNOWN_BROKER),
  )) {
    const key = keyOf(draft);
    const list = clusters.get(key);
    if (list === undefined) clusters.set(key, [draft]);
    else list.push(draft);
  }
  for (const [key, members] of clusters) {
    const parts = splitByHosts(members);
    if (parts.length === 1 && parts[0] !== undefined)
      add(key, `channel:${key.replaceAll('\n', ':')}`, parts[0].members);
    else for (const part of parts) add(key, `channel:${key.replaceAll('\n', ':')}@${part.label}`, part.members);
  }
  for (const declared of single) {
    const { declaration, file } = declared;
    const name = declaration.name === null ? null : resolver.name(file, declaration.name);
    const shown =
      name === null || !/[^${}.…\s]/.test(name.text.replaceAll(/\$\{[^}]*\}/g, '')) ? declaration.logicalId : name.text;
    const node: GrowingNode = {
      id: `channel:${declaration.broker}:${file}#${declaration.key}` as ChannelId,
      name: shown,
      kind: declaration.channelKind,
      broker: declaration.broker,
      declarations: [declared],
      file,
    };
    nodes.push(node);
    byDeclaration.set(declaration, node);
  }
  if (borrowed.length > 0) {
    const called = new Map<string, GrowingNode[]>();
    for (const node of nodes) called.set(node.name, [...(called.get(node.name) ?? []), node]);
    for (const declared of borrowed) {
      const { declaration, file } = declared;
      const text = declaration.name === null ? declaration.logicalId : resolver.name(file, declaration.name).text;
      const same = (called.get(text) ?? []).filter(
        (node) => declaration.broker === UNKNOWN_BROKER || node.broker === declaration.broker,
      );
      const [only, ...others] = same;
      if (only !== undefined && others.length === 0) {
        only.declarations.push(declared);
        byDeclaration.set(declaration, only);
        continue;
      }
      const node: GrowingNode = {
        id: `channel:${declaration.broker}:${file}#${declaration.key}` as ChannelId,
        name: text,
        kind: declaration.channelKind,
        broker: declaration.broker,
        declarations: [declared],
        file,
      };
      nodes.push(node);
      byDeclaration.set(declaration, node);
    }
  }

  return {
    nodes,
    ofDeclaration(declared) {
      const node = byDeclaration.get(declared.declaration);
      if (node === undefined) throw new Error('A channel declaration that was not indexed.');
      return node;
    },
    ofName(file, ref) {
      const name = names.get(nameKey(file, ref)) ?? resolver.name(file, ref.name);
      if (name.open.length > 0 || name.text === '') return null;
      const parts =
        byName.get(
          keyOf({ file, broker: ref.broker, kind: ref.channelKind, scope: ref.scope, name, declared: null }),
        ) ?? [];
      const hosts = hostsOf(ref.scope);
      const part =
        parts.find((candidate) =>
          hosts.length === 0 ? candidate.hosts.size === 0 : hosts.some((host) => candidate.hosts.has(host)),
        ) ?? (parts.length === 1 ? parts[0] : undefined);
      return part === undefined ? null : { node: part.node, name };
    },
  };
}

function nameKey(file: FilePath, ref: Extract<Ref, { kind: 'named' }>): string {
  return `${file}\n${ref.broker}\n${ref.channelKind}\n${JSON.stringify(ref.name)}`;
}

function draftKey(index: FactsIndex, draft: Draft): string {
  const scope =
    draft.scope.kind === 'file'
      ? `file:${draft.file}`
      : draft.scope.kind === 'application'
        ? `application:${applicationOf(index, draft.file)}`
        : 'workspace';
  return `${draft.broker}\n${draft.kind}\n${scope}\n${draft.name.text}`;
}

function hostsOf(scope: Scope): readonly string[] {
  return scope.kind === 'workspace' ? scope.hosts : [];
}

/** Parts of a cluster that share hosts, each with a label made of its hosts. Members of one file always stay together. */
function splitByHosts(
  members: readonly Draft[],
): readonly { readonly label: string; readonly members: readonly Draft[] }[] {
  const root = new Map<string, string>();
  const find = (host: string): string => {
    let current = host;
    for (let up = root.get(current); up !== undefined && up !== current; up = root.get(current)) current = up;
    return current;
  };
  for (const member of members) {
    const [first, ...others] = hostsOf(member.scope);
    if (first === undefined) continue;
    if (!root.has(first)) root.set(first, first);
    for (const other of others) {
      if (!root.has(other)) root.set(other, other);
      const [a, b] = [find(first), find(other)].sort();
      if (a !== undefined && b !== undefined && a !== b) root.set(b, a);
    }
  }
  const labels = new Set([...root.keys()].map((host) => find(host)));
  if (labels.size <= 1) return [{ label: '', members }];
  const parts = new Map<string, Draft[]>();
  for (const member of members) {
    const [first] = hostsOf(member.scope);
    const label = first === undefined ? '' : find(first);
    const list = parts.get(label);
    if (list === undefined) parts.set(label, [member]);
    else list.push(member);
  }
  return [...parts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, list]) => ({ label, members: list }));
}
