// Facts of all files → one Topology. Identity and merging live in this folder only: channels in channels.ts, services here.
// A service is one per (scope, name): titles over the workspace, code services per application, logical ids per file.
// An edge is one per (kind, from, to, subscription); every site that declares it stands in `at`. Same facts in any order, same topology.
import type {
  Declaration,
  ExportDeclaration,
  FailureFacts,
  FileFacts,
  Ref,
  SchemaDeclaration,
  ServiceDeclaration,
  Settings,
  UnresolvedDeclaration,
} from '../model/declaration.ts';
import type { ChannelId, EdgeId, SchemaId, ServiceId } from '../model/ids.ts';
import type { FilePath, Location } from '../model/source.ts';
import { compareLocations } from '../model/source.ts';
import type {
  Channel,
  Confidence,
  Edge,
  EdgeKind,
  Failure,
  Schema,
  Service,
  Task,
  Topology,
  Unresolved,
} from '../model/topology.ts';
import { createAttribution } from './attribute.ts';
import type { ChannelNode } from './channels.ts';
import { applicationOf, identifyChannels } from './channels.ts';
import { createElsewhere } from './elsewhere.ts';
import type { Declared } from './index-facts.ts';
import { indexFacts } from './index-facts.ts';
import { createResolver } from './resolve.ts';
import type { Target } from './resolve.ts';
import { joinSubjects } from './subjects.ts';
import { matchesGlob } from '../syntax/glob.ts';

const NO_SETTINGS: Settings = new Map();
const STRENGTH = { declared: 2, resolved: 1, inferred: 0 } satisfies Record<Confidence, number>;

type ChannelAnswer =
  | { readonly kind: 'channel'; readonly node: ChannelNode; readonly hops: number }
  /** Meant to be a channel, but not to be known. */
  | { readonly kind: 'unresolved'; readonly what: string; readonly why: string; readonly dangling: boolean }
  /** Not a channel of any system that is read: say nothing. */
  | { readonly kind: 'nothing' };

interface EdgeDraft {
  readonly kind: EdgeKind;
  readonly from: ServiceId | ChannelId;
  readonly to: ServiceId | ChannelId;
  readonly subscription: string;
  readonly schemas: readonly SchemaId[];
  readonly at: Location;
  readonly confidence: Confidence;
  readonly why: string;
  readonly failure: { readonly facts: FailureFacts; readonly file: FilePath } | null;
  readonly settings: Settings;
}

/** Links the facts of all files of one side (the workspace as it is, or the base). O(facts), apart from sorting. */
export function linkTopology(facts: ReadonlyMap<FilePath, FileFacts>): Topology {
  const index = indexFacts(facts);
  const resolver = createResolver(index);
  const attribution = createAttribution(index, resolver);
  const completed = createElsewhere(index, resolver);
  const unresolved: Unresolved[] = [];

  const named: { readonly file: FilePath; readonly ref: Extract<Ref, { kind: 'named' }> }[] = [];
  const each = function* (): Generator<{ readonly file: FilePath; readonly declaration: Declaration }> {
    for (const file of index.files)
      for (const declaration of facts.get(file)?.declarations ?? []) yield { file, declaration };
  };
  const collect = (file: FilePath, ref: Ref): void => {
    if (ref.kind === 'named') named.push({ file, ref });
    else if (ref.kind === 'import' && ref.orElse !== undefined && exportsOf(file, ref).length === 0)
      collect(file, ref.orElse);
  };
  function exportsOf(
    file: FilePath,
    ref: Extract<Ref, { kind: 'import' }>,
    depth = 0,
  ): readonly Declared<ExportDeclaration>[] {
    const wanted = resolver.name(file, ref.name);
    // A name with open parts matches one that is written alike: `${Stage}-bus` is one thing in the stacks of one stage.
    if (wanted.open.length > 0 && !/[^-_./:]/.test(wanted.text.replaceAll(/\$\{[^}]*\}/g, ''))) return [];
    const found: Declared<ExportDeclaration>[] = [];
    for (const candidate of index.exports(ref.space)) {
      const { name, value } = candidate.declaration;
      if (resolver.name(candidate.file, name).text === wanted.text) found.push(candidate);
      // An export of everything hands on what another space exports.
      else if (value.kind === 'import' && name.kind === 'literal' && name.value === '*' && depth < 4)
        found.push(...exportsOf(candidate.file, { ...value, name: ref.name }, depth + 1));
    }
    return found;
  }
  for (const { file, declaration } of each()) {
    if (declaration.kind === 'send' || declaration.kind === 'receive') collect(file, declaration.channel);
    if (declaration.kind === 'route') {
      collect(file, declaration.from);
      collect(file, declaration.to);
    }
    if (declaration.kind === 'export') collect(file, declaration.value);
  }
  const channels = identifyChannels(index, resolver, named);

  function channelOf(file: FilePath, ref: Ref, depth = 0): ChannelAnswer {
    if (depth > 12)
      return { kind: 'unresolved', what: 'a reference', why: 'the references lead in a circle', dangling: false };
    switch (ref.kind) {
      case 'key':
      case 'file': {
        const target = ref.kind === 'key' ? file : ref.file;
        const declared = index.declaration('channel', target, ref.key);
        if (declared !== null)
          return {
            kind: 'channel',
            node: channels.ofDeclaration(declared as Parameters<typeof channels.ofDeclaration>[0]),
            hops: ref.kind === 'key' ? 0 : 1,
          };
        const bound = index.binding(index.unitOf(target), ref.key);
        if (bound !== null && bound.binding.value.kind === 'symbol')
          return channelOf(
            bound.file,
            { kind: 'symbol', module: bound.binding.value.module, path: bound.binding.value.path },
            depth + 1,
          );
        const why =
          ref.kind === 'file' && !index.has(target)
            ? `the file ${target} is not part of the workspace`
            : `nothing is declared as ${ref.key}${ref.kind === 'file' ? ` in ${target}` : ''}`;
        return {
          kind: 'unresolved',
          what: ref.kind === 'key' ? ref.key : `${target}#${ref.key.replace(/^#/, '')}`,
          why,
          dangling: ref.kind === 'key' || index.has(target),
        };
      }
      case 'symbol': {
        const target = resolver.symbol(file, ref.module, ref.path);
        if (target.kind === 'declaration') {
          const declared = index.declaration('channel', target.file, target.key);
          if (declared !== null)
            return {
              kind: 'channel',
              node: channels.ofDeclaration(declared as Parameters<typeof channels.ofDeclaration>[0]),
              hops: ref.module === null ? 0 : 1,
            };
        }
        if (ref.sure !== true) return { kind: 'nothing' };
        return {
          kind: 'unresolved',
          what: ref.path.join('.'),
          why: target.kind === 'nothing' ? target.reason : `${ref.path.join('.')} is no channel`,
          dangling: false,
        };
      }
      case 'named': {
        const found = channels.ofName(file, ref);
        if (found !== null) return { kind: 'channel', node: found.node, hops: found.name.hops };
        const name = resolver.name(file, ref.name);
        if (name.open.length > 0 || name.text === '')
          return {
            kind: 'unresolved',
            what: name.text,
            why: name.open.join('; ') || 'the name is empty',
            dangling: false,
          };
        return {
          kind: 'unresolved',
          what: name.text,
          why: `no ${ref.channelKind} of that name is declared in the workspace`,
          dangling: true,
        };
      }
      case 'import': {
        const wanted = resolver.name(file, ref.name);
        const matches = exportsOf(file, ref);
        const nodes = new Map<ChannelId, ChannelAnswer>();
        for (const match of matches) {
          const answer = channelOf(match.file, match.declaration.value, depth + 1);
          if (answer.kind === 'channel') nodes.set(answer.node.id, { ...answer, hops: answer.hops + 1 });
        }
        const [only] = nodes.values();
        if (nodes.size === 1 && only !== undefined) return only;
        if (nodes.size > 1)
          return {
            kind: 'unresolved',
            what: ref.text,
            why: ref.several ?? `${nodes.size} stacks of the workspace export ${wanted.text}`,
            dangling: false,
          };
        if (matches.length === 0 && ref.orElse !== undefined) return channelOf(file, ref.orElse, depth + 1);
        return {
          kind: 'unresolved',
          what: ref.text,
          why:
            ref.otherwise ??
            (wanted.open.length > 0 ? wanted.open.join('; ') : `no file of the workspace exports ${wanted.text}`),
          dangling: false,
        };
      }
      case 'unknown':
        return { kind: 'unresolved', what: ref.text, why: ref.reason, dangling: false };
      case 'enclosing':
        return { kind: 'nothing' };
    }
  }

  /** What a reference means, where need be by a person's word. */
  function pinned(file: FilePath, ref: Ref): ChannelAnswer {
    const answer = channelOf(file, ref);
    if (answer.kind !== 'unresolved') return answer;
    const pin = index
      .pins(answer.what)
      .find(({ declaration }) => declaration.files === null || matchesGlob(file, declaration.files));
    if (pin === undefined) return answer;
    const meant = channelOf(pin.file, pin.declaration.channel);
    return meant.kind === 'channel' ? { ...meant, hops: meant.hops + 1 } : answer;
  }

  const services = new Map<ServiceId, { readonly name: string; readonly declared: Declared<ServiceDeclaration>[] }>();
  const called = new Map<string, Set<ServiceId>>();
  const serviceId = ({ file, declaration }: Declared<ServiceDeclaration>): ServiceId => {
    if (declaration.byName === true) {
      const [only, ...others] = called.get(declaration.name) ?? [];
      if (only !== undefined && others.length === 0) return only;
    }
    switch (declaration.scope) {
      case 'workspace':
        return `service:${declaration.name}` as ServiceId;
      case 'application':
        return `service:${applicationOf(index, file)}:${declaration.name}` as ServiceId;
      case 'file':
        return `service:${file}#${declaration.key}` as ServiceId;
    }
  };
  const declaredServices = [...each()].flatMap(({ file, declaration }) =>
    declaration.kind === 'service' && !index.yields({ file, declaration }) ? [{ file, declaration }] : [],
  );
  for (const declared of declaredServices) {
    const { name, byName } = declared.declaration;
    if (byName !== true) called.set(name, (called.get(name) ?? new Set()).add(serviceId(declared)));
  }
  // Those that mean services by name come last, so that what others say of the service comes first.
  for (const { file, declaration } of declaredServices.toSorted(
    (a, b) => Number(a.declaration.byName ?? false) - Number(b.declaration.byName ?? false),
  )) {
    const id = serviceId({ file, declaration });
    const known = services.get(id);
    if (known === undefined) services.set(id, { name: declaration.name, declared: [{ file, declaration }] });
    else known.declared.push({ file, declaration });
  }
  function servicesOf(file: FilePath, ref: Ref): readonly ServiceId[] {
    switch (ref.kind) {
      case 'key':
      case 'file': {
        const declared = index.declaration('service', ref.kind === 'key' ? file : ref.file, ref.key);
        return declared === null ? [] : [serviceId(declared as Declared<ServiceDeclaration>)];
      }
      case 'symbol': {
        const target = resolver.symbol(file, ref.module, ref.path);
        const declared = target.kind === 'declaration' ? index.declaration('service', target.file, target.key) : null;
        return declared === null ? [] : [serviceId(declared as Declared<ServiceDeclaration>)];
      }
      case 'enclosing':
        return attribution.services(file, ref).map((declared) => serviceId(declared));
      case 'named':
      case 'import':
      case 'unknown':
        return [];
    }
  }

  const schemas = new Map<SchemaId, Declared<SchemaDeclaration>>();
  const schemaId = (file: FilePath, key: string): SchemaId => `schema:${file}#${key.replace(/^#/, '')}` as SchemaId;
  for (const { file, declaration } of each())
    if (declaration.kind === 'schema') schemas.set(schemaId(file, declaration.key), { file, declaration });
  function declaredSchemas(file: FilePath, ref: Ref, depth = 0): readonly Declared[] {
    switch (ref.kind) {
      case 'key':
      case 'file': {
        const home = ref.kind === 'key' ? file : ref.file;
        const declared = index.declaration('schema', home, ref.key);
        return declared === null ? schemasOfTarget(resolver.symbol(home, null, [ref.key])) : [declared];
      }
      case 'symbol':
        return schemasOfTarget(resolver.symbol(file, ref.module, ref.path));
      case 'import':
        return depth > 4
          ? []
          : exportsOf(file, ref).flatMap((match) => declaredSchemas(match.file, match.declaration.value, depth + 1));
      case 'named':
      case 'enclosing':
      case 'unknown':
        return [];
    }
  }
  /** One schema, or all that a file offers together under one name (the messages of a channel). */
  function schemasOfTarget(target: Target): readonly Declared[] {
    if (target.kind === 'declaration')
      return [index.declaration('schema', target.file, target.key)].filter((declared) => declared !== null);
    if (target.kind !== 'value' || target.value.kind !== 'object') return [];
    return [...target.value.members.values()].flatMap((member) => {
      if (member.kind === 'declaration')
        return [index.declaration('schema', target.file, member.key)].filter((declared) => declared !== null);
      return member.kind === 'symbol' ? schemasOfTarget(resolver.symbol(target.file, member.module, member.path)) : [];
    });
  }
  function schemasOf(file: FilePath, refs: readonly Ref[]): readonly SchemaId[] {
    const result = new Set<SchemaId>();
    for (const ref of refs)
      for (const { file: home, declaration } of declaredSchemas(file, ref))
        if (declaration.kind === 'schema') result.add(schemaId(home, declaration.key));
    return [...result].sort();
  }
  /** Payloads that other files should hold and do not. */
  function missingSchemas(file: FilePath, refs: readonly Ref[], at: Location): readonly Unresolved[] {
    return refs.flatMap((ref): Unresolved[] => {
      if (ref.kind !== 'file' || ref.key.endsWith('/messages') || declaredSchemas(file, ref).length > 0) return [];
      const what = `${ref.file}${ref.key === '#' ? '' : ref.key}`;
      const bound = index.binding(index.unitOf(ref.file), ref.key);
      if (bound !== null) return [];
      return [
        {
          what,
          why: index.has(ref.file)
            ? `nothing stands at ${ref.key} in that file`
            : 'the file is not part of the workspace',
          role: 'schema',
          at,
        },
      ];
    });
  }

  const drafts: EdgeDraft[] = [];
  const tasks: Task[] = [];
  const channelSchemas = new Map<ChannelId, Set<SchemaId>>();
  /** What schemas need and no file declares: worth a word where the schema is carried. */
  const partsUnknown: Declared<UnresolvedDeclaration>[] = [];
  for (const { file, declaration } of each()) {
    switch (declaration.kind) {
      case 'channel': {
        const node = channels.ofDeclaration({ file, declaration });
        const set = channelSchemas.get(node.id) ?? new Set<SchemaId>();
        for (const id of schemasOf(file, declaration.schemas)) set.add(id);
        channelSchemas.set(node.id, set);
        break;
      }
      case 'send':
      case 'receive': {
        const channel = pinned(file, declaration.channel);
        if (channel.kind === 'nothing') break;
        unresolved.push(...missingSchemas(file, declaration.schemas, declaration.at));
        if (channel.kind === 'unresolved') {
          unresolved.push({
            what: channel.what,
            why: channel.why,
            role: declaration.kind,
            pinnable: true,
            at: declaration.at,
          });
          break;
        }
        const owners = servicesOf(file, declaration.service);
        if (owners.length === 0) {
          const what = `${declaration.kind === 'send' ? 'a producer of' : 'a consumer of'} ${channel.node.name}`;
          unresolved.push({
            what,
            why:
              declaration.service.kind === 'unknown'
                ? declaration.service.reason
                : 'no service of the workspace is found to run this code',
            role: declaration.kind,
            at: declaration.at,
          });
          break;
        }
        const sends = declaration.kind === 'send';
        const subscription =
          declaration.kind === 'receive' && declaration.subscription !== null
            ? resolver.name(file, declaration.subscription).text
            : '';
        for (const owner of owners) {
          drafts.push({
            kind: sends ? 'sends' : 'receives',
            from: sends ? owner : channel.node.id,
            to: sends ? channel.node.id : owner,
            subscription,
            schemas: schemasOf(file, declaration.schemas),
            at: declaration.at,
            confidence:
              declaration.confidence === 'declared' &&
              (channel.hops > 0 || (declaration.service.kind === 'enclosing' && owners.length > 1))
                ? 'resolved'
                : declaration.confidence,
            why: declaration.why,
            failure: declaration.kind === 'receive' ? { facts: declaration.failure, file } : null,
            settings: declaration.kind === 'receive' ? declaration.settings : NO_SETTINGS,
          });
        }
        break;
      }
      case 'route': {
        const from = pinned(file, declaration.from);
        const to = pinned(file, declaration.to);
        for (const end of [from, to])
          if (end.kind === 'unresolved')
            unresolved.push({ what: end.what, why: end.why, role: 'route', pinnable: true, at: declaration.at });
        if (from.kind !== 'channel' || to.kind !== 'channel') break;
        drafts.push({
          kind: 'routes',
          from: from.node.id,
          to: to.node.id,
          subscription: declaration.subscription === null ? '' : resolver.name(file, declaration.subscription).text,
          schemas: [],
          at: declaration.at,
          confidence:
            declaration.confidence === 'declared' && from.hops + to.hops > 0 ? 'resolved' : declaration.confidence,
          why: declaration.why,
          failure: { facts: declaration.failure, file },
          settings: declaration.settings,
        });
        break;
      }
      case 'task': {
        const [owner] = declaration.service === null ? [] : servicesOf(file, declaration.service);
        tasks.push({
          name: declaration.name,
          service: owner ?? null,
          retry: declaration.retry,
          handle: declaration.handle,
          at: declaration.at,
        });
        break;
      }
      case 'unresolved':
        if (declaration.ofSchemas !== undefined) {
          partsUnknown.push({ file, declaration });
          break;
        }
        unresolved.push({ what: declaration.what, why: declaration.why, role: declaration.role, at: declaration.at });
        break;
      case 'service':
      case 'schema':
      case 'project':
      case 'export':
      case 'pin':
        break;
    }
  }

  const lost = joinSubjects({
    index,
    resolver,
    nodes: channels.nodes,
    carried: new Set([...channelSchemas.values(), ...drafts.map((draft) => draft.schemas)].flatMap((ids) => [...ids])),
    schemasOf: (file, ref) => schemasOf(file, [ref]),
    drafts,
    channelSchemas,
  });
  unresolved.push(...lost);
  const usedSchemas = new Set([
    ...drafts.flatMap((draft) => draft.schemas),
    ...[...channelSchemas.values()].flatMap((ids) => [...ids]),
  ]);
  for (const { file, declaration } of partsUnknown)
    if (declaration.ofSchemas?.some((key) => usedSchemas.has(schemaId(file, key))) === true)
      unresolved.push({ what: declaration.what, why: declaration.why, role: declaration.role, at: declaration.at });

  const deadLetters = new Set<ChannelId>();
  const deadLetterEdges: EdgeDraft[] = [];
  function failureOf(
    from: ChannelId,
    written: { readonly facts: FailureFacts; readonly file: FilePath },
    ofChannel: Failure | null,
  ): Failure {
    const { facts: own, file } = completed(written.facts, written.file);
    const base = {
      attempts: own.attempts,
      backoff: own.backoff,
      then: own.then,
      story: own.story,
      retry: own.retry,
      handle: own.handle,
      to: null,
      dangling: null,
    } as const;
    const { deadLetter } = own;
    switch (deadLetter.kind) {
      case 'of-channel':
        return ofChannel ?? { ...base, deadLetter: 'unknown', why: 'the channel is declared outside the workspace' };
      case 'configured': {
        const target = pinned(file, deadLetter.to);
        if (target.kind === 'channel') {
          deadLetters.add(target.node.id);
          deadLetterEdges.push({
            kind: 'dead-letters',
            from,
            to: target.node.id,
            subscription: '',
            schemas: [],
            at: deadLetter.at,
            confidence: target.hops > 0 ? 'resolved' : 'declared',
            why: 'dead-letter setting',
            failure: null,
            settings: NO_SETTINGS,
          });
          return { ...base, deadLetter: 'configured', why: '', to: target.node.id };
        }
        const dangling =
          target.kind === 'unresolved' && target.dangling ? { name: target.what, at: deadLetter.at } : null;
        return { ...base, deadLetter: 'configured', why: target.kind === 'unresolved' ? target.why : '', dangling };
      }
      case 'built-in':
      case 'missing':
      case 'unknown':
      case 'not-applicable':
        return { ...base, deadLetter: deadLetter.kind, why: deadLetter.why };
    }
  }

  const channelFailures = new Map<ChannelId, Failure>();
  for (const node of channels.nodes) {
    for (const { file, declaration } of node.declarations) {
      if (declaration.failure === null) continue;
      const failure = failureOf(node.id, { facts: declaration.failure, file }, null);
      // Of several declarations of one queue the one that says something wins over one that does not.
      const known = channelFailures.get(node.id);
      if (known === undefined || (known.deadLetter !== 'configured' && failure.deadLetter === 'configured'))
        channelFailures.set(node.id, failure);
    }
  }
  const failures = new Map<EdgeDraft, Failure>();
  for (const draft of drafts)
    if (draft.failure !== null)
      failures.set(
        draft,
        failureOf(
          draft.kind === 'receives' || draft.kind === 'routes' ? (draft.from as ChannelId) : (draft.to as ChannelId),
          draft.failure,
          channelFailures.get(draft.from as ChannelId) ?? null,
        ),
      );
  // The right to send to one's own dead-letter queue is what lets the platform put failed messages there: nobody produces to it.
  const ownDeadLetters = new Set<string>();
  for (const [draft, failure] of failures)
    if (draft.kind === 'receives' && failure.to !== null) ownDeadLetters.add(`${draft.to} ${failure.to}`);
  const mere = (draft: EdgeDraft): boolean =>
    draft.kind === 'sends' && draft.confidence === 'inferred' && ownDeadLetters.has(`${draft.from} ${draft.to}`);
  for (const node of channels.nodes)
    if (node.declarations.some(({ declaration }) => declaration.deadLetter)) deadLetters.add(node.id);
  spreadDeadLetters(drafts, deadLetters, channelFailures);

  /** What a dead-letter channel itself lacks, or does not tell, is no fault: its consumer is the last resort. */
  const relaxed = (channel: ChannelId, failure: Failure): Failure =>
    deadLetters.has(channel) && (failure.deadLetter === 'missing' || failure.deadLetter === 'unknown')
      ? { ...failure, deadLetter: 'not-applicable', why: 'it is a dead-letter channel itself' }
      : failure;

  const edges = new Map<EdgeId, Edge>();
  for (const draft of [...drafts.filter((one) => !mere(one)), ...deadLetterEdges]) {
    const id =
      `${draft.kind}:${draft.from}→${draft.to}${draft.subscription === '' ? '' : `?${draft.subscription}`}` as EdgeId;
    const raw = failures.get(draft) ?? null;
    const failure = raw === null ? null : relaxed(draft.from as ChannelId, raw);
    const known = edges.get(id);
    // Where nothing narrows it down, what goes over an edge is what its channel carries.
    const channel = draft.kind === 'sends' ? draft.to : draft.kind === 'receives' ? draft.from : null;
    const carried =
      draft.schemas.length > 0 || channel === null
        ? draft.schemas
        : [...(channelSchemas.get(channel as ChannelId) ?? [])].sort();
    if (known === undefined) {
      edges.set(id, {
        id,
        kind: draft.kind,
        from: draft.from,
        to: draft.to,
        subscription: draft.subscription,
        schemas: carried,
        at: [draft.at],
        confidence: draft.confidence,
        why: draft.why,
        failure,
        settings: draft.settings,
      });
    } else {
      const stronger = STRENGTH[draft.confidence] > STRENGTH[known.confidence];
      edges.set(id, {
        ...known,
        schemas: [...new Set([...known.schemas, ...carried])].sort(),
        at: mergeLocations(known.at, [draft.at]),
        confidence: stronger ? draft.confidence : known.confidence,
        why: stronger ? draft.why : known.why,
        failure: strongerFailure(known.failure, failure),
        settings: joinSettings(known.settings, draft.settings),
      });
    }
  }

  const usedAt = new Map<ChannelId, Location[]>();
  for (const draft of drafts) {
    for (const end of [draft.from, draft.to]) {
      const list = usedAt.get(end as ChannelId);
      if (list === undefined) usedAt.set(end as ChannelId, [draft.at]);
      else list.push(draft.at);
    }
  }

  const groupOf = (file: FilePath): string => {
    const application = applicationOf(index, file);
    const encore = index.projectsIn(application).find(({ declaration }) => declaration.project === 'encore');
    if (encore !== undefined && encore.declaration.name !== '') return encore.declaration.name;
    const slash = file.indexOf('/');
    return slash < 0 ? '' : file.slice(0, slash);
  };

  const listedGroup = (declared: readonly Declared<ServiceDeclaration>[]): string | null => {
    for (const { declaration } of declared) {
      if (declaration.groupSpace === undefined) continue;
      for (const { file, declaration: listed } of index.exports(declaration.groupSpace)) {
        const name = resolver.name(file, listed.name);
        if (name.open.length === 0 && name.text !== '') return name.text;
      }
    }
    return null;
  };

  return {
    services: [...services.entries()]
      .map(([id, { name, declared }]): Service => ({
        id,
        name,
        group:
          listedGroup(declared) ??
          declared.find(({ declaration }) => declaration.group !== null)?.declaration.group ??
          groupOf(declared[0]?.file ?? ''),
        at: mergeLocations(
          [],
          declared.map(({ declaration }) => declaration.at),
        ),
      }))
      .sort(byId),
    channels: channels.nodes
      .filter(
        (node) =>
          node.declarations.length === 0 ||
          node.declarations.some(({ declaration }) => declaration.byUse !== true) ||
          usedAt.has(node.id) ||
          deadLetters.has(node.id),
      )
      .map((node): Channel => {
        const failure = channelFailures.get(node.id) ?? null;
        return {
          id: node.id,
          name: node.name,
          group:
            node.declarations.find(({ declaration }) => declaration.group !== null)?.declaration.group ??
            groupOf(node.file),
          kind: node.kind,
          broker: node.broker,
          deadLetter: deadLetters.has(node.id),
          platformSource: node.declarations.some(({ declaration }) => declaration.platformSource),
          failure: failure === null ? null : relaxed(node.id, failure),
          settings: node.declarations[0]?.declaration.settings ?? NO_SETTINGS,
          schemas: [...(channelSchemas.get(node.id) ?? [])].sort(),
          at: mergeLocations(
            [],
            node.declarations.length > 0
              ? node.declarations.map(({ declaration }) => declaration.at)
              : (usedAt.get(node.id) ?? []),
          ),
        };
      })
      .sort(byId),
    schemas: [...schemas.entries()]
      .filter(([id, { declaration }]) => declaration.byUse !== true || usedSchemas.has(id))
      .map(([id, { declaration }]): Schema => ({
        id,
        name: declaration.name,
        format: declaration.format,
        key: declaration.key,
        at: [declaration.at],
      }))
      .sort(byId),
    edges: [...edges.values()].sort((a, b) => compareText(a.kind, b.kind) || byId(a, b)),
    tasks: tasks.sort((a, b) => compareLocations(a.at, b.at) || compareText(a.name, b.name)),
    unresolved: dedupe(unresolved),
  };
}

/**
 * What only dead-letter channels forward to is one itself (the queue bound to a dead-letter exchange), unless it dead-letters in turn or
 * only holds messages back: then it is a stop of a retry loop. O(edges).
 */
function spreadDeadLetters(
  drafts: readonly EdgeDraft[],
  deadLetters: Set<ChannelId>,
  failures: ReadonlyMap<ChannelId, Failure>,
): void {
  const into = new Map<ChannelId, EdgeDraft[]>();
  const behind = new Map<ChannelId, ChannelId[]>();
  for (const draft of drafts) {
    if (draft.kind !== 'routes' && draft.kind !== 'sends') continue;
    const to = draft.to as ChannelId;
    push(into, to, draft);
    if (draft.kind === 'routes') push(behind, draft.from as ChannelId, to);
  }
  const open = [...deadLetters];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const to of behind.get(id) ?? []) {
      const own = failures.get(to)?.deadLetter;
      if (deadLetters.has(to) || own === 'configured' || own === 'not-applicable') continue;
      const only = into.get(to)?.every(({ kind, from }) => kind === 'routes' && deadLetters.has(from as ChannelId));
      if (only !== true) continue;
      deadLetters.add(to);
      open.push(to);
    }
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function strongerFailure(a: Failure | null, b: Failure | null): Failure | null {
  if (a === null || b === null) return a ?? b;
  const rank = { configured: 4, 'built-in': 3, 'not-applicable': 2, unknown: 1, missing: 0 } as const;
  return rank[b.deadLetter] > rank[a.deadLetter] ? b : a;
}

/** Settings of several sites of one edge; a value that differs is kept under `name#2`, `name#3`… (the keys of several bindings). */
function joinSettings(known: Settings, added: Settings): Settings {
  if (added.size === 0 || known === added) return known;
  const joined = new Map(known);
  for (const [name, setting] of added) {
    let free = name;
    let taken = joined.get(free);
    for (let number = 2; taken !== undefined && taken.value !== setting.value; number++) {
      free = `${name}#${number}`;
      taken = joined.get(free);
    }
    if (taken === undefined) joined.set(free, setting);
  }
  return joined;
}

function mergeLocations(known: readonly Location[], added: readonly Location[]): readonly Location[] {
  const sorted = [...known, ...added].sort(compareLocations);
  return sorted.filter((location, position) => {
    const before = sorted[position - 1];
    return before === undefined || compareLocations(before, location) !== 0;
  });
}

function dedupe(list: readonly Unresolved[]): readonly Unresolved[] {
  const sorted = [...list].sort(
    (a, b) => compareLocations(a.at, b.at) || compareText(a.what, b.what) || compareText(a.why, b.why),
  );
  return sorted.filter((item, position) => {
    const before = sorted[position - 1];
    return (
      before === undefined ||
      compareLocations(before.at, item.at) !== 0 ||
      before.what !== item.what ||
      before.why !== item.why
    );
  });
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
