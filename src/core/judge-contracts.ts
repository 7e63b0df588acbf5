// Schemas and AsyncAPI documents of both sides → contract findings with the consumers they hurt. Joins contracts/ (what changed), the topology
// (who is in view) and the proofs that a worker has found so far. Judged is what a channel reaches or `contracts:` names; nothing that is new.
import type { Config } from './config.ts';
import { applyAnswers, comparePair, openSweeps } from './contracts/compare.ts';
import type { PairComparison } from './contracts/compare.ts';
import type { SchemaSource } from './contracts/schema/side.ts';
import type { Breaks, JudgedChange, Mode, WitnessAnswer } from './model/change.ts';
import type { FileFacts } from './model/declaration.ts';
import type { Finding, Severity } from './model/finding.ts';
import type { FilePath, Location, SourceFile } from './model/source.ts';
import { compareLocations, contains, offsetAt, START_OF_FILE } from './model/source.ts';
import type { Edge, Topology } from './model/topology.ts';
import type { PendingProof } from './snapshot.ts';
import type { DataDocument, DataEntry } from './syntax/data.ts';
import { entriesOf, entryOf, get, getAtPointer, locationOf, stringOf } from './syntax/data.ts';
import { matchesGlob } from './syntax/glob.ts';
import { parseData } from './syntax/parse-data.ts';

const MAX_PENDING = 200;
const MAX_NAMES = 4;

/** One side as the judgement needs it. */
export interface ContractSide {
  readonly topology: Topology;
  readonly facts: ReadonlyMap<FilePath, FileFacts>;
  readonly source: (path: FilePath) => SourceFile | null;
}

export interface JudgeRequest {
  readonly rule: string;
  readonly config: Config;
  readonly now: ContractSide;
  readonly base: ContractSide;
  /** Files of now that are there and could not be given: told elsewhere, and no contract that needs them is judged. */
  readonly unread: ReadonlySet<FilePath>;
  readonly proofs: ReadonlyMap<string, WitnessAnswer>;
  /** Comparisons of earlier calls, kept by the engine: a pair whose texts are the same objects is not compared again. */
  readonly cache: ComparisonCache;
}

/** Comparisons by what was compared, with the texts they rest on. */
export type ComparisonCache = Map<
  string,
  { readonly texts: readonly (SourceFile | null)[]; readonly comparison: PairComparison | null }
>;

/** Contract findings of a pair of sides, and the proofs that would settle them. */
export function judgeContracts(request: JudgeRequest): {
  readonly findings: readonly Finding[];
  readonly pending: readonly PendingProof[];
} {
  const { now, base, config, proofs, unread } = request;
  const changed = changedFiles(now, base);
  if (changed.size === 0) return { findings: [], pending: [] };
  const findings = new Map<string, Finding>();
  const pending = new Map<string, PendingProof>();
  const add = (finding: Finding, key: string): void => {
    if (!findings.has(key)) findings.set(key, finding);
  };
  const moved = movedFiles(now, base);
  const standalone = schemasInView(request, moved);
  const documents = [...now.facts.keys()]
    .filter((path) => {
      const before = moved.get(path) ?? path;
      return base.facts.has(before) && isAsyncApi(now.source(path)) && isAsyncApi(base.source(before));
    })
    .sort();
  // Schema files first: a change in one is told there once, however many documents refer to it.
  const targets = [...standalone, ...documents.map((path) => ({ path, key: '', format: 'asyncapi' as const }))];
  for (const { path, key, format } of targets) {
    const before = moved.get(path) ?? path;
    const reached = closure([path, before], now.facts, base.facts);
    if (![...reached].some((file) => changed.has(file)) || [...reached].some((file) => unread.has(file))) continue;
    const comparison = compareCached(request, path, before, key, format, reached);
    if (comparison === null) continue;
    for (const proof of [...comparison.requests, ...openSweeps(comparison, proofs)])
      if (!proofs.has(proof.key) && pending.size < MAX_PENDING) pending.set(proof.key, proof);
    for (const change of applyAnswers(comparison, proofs).changes) {
      const finding = findingOf(request, path, change);
      if (finding !== null)
        add(
          finding,
          `${change.kind} ${change.path} ${finding.at.file} ${JSON.stringify(finding.at.range)} ${JSON.stringify(change.before?.range ?? null)}`,
        );
    }
  }
  for (const finding of removedFiles(request, new Set(moved.values())))
    add(finding, `${finding.message} ${finding.at.file}`);
  const list = oneFindingAPlace([...findings.values()]);
  return { findings: config.rules.get(request.rule) === 'off' ? [] : list, pending: [...pending.values()] };
}

function changedFiles(now: ContractSide, base: ContractSide): ReadonlySet<FilePath> {
  const changed = new Set<FilePath>();
  for (const path of new Set([...now.facts.keys(), ...base.facts.keys()])) {
    const a = now.source(path)?.text;
    const b = base.source(path)?.text;
    if (a !== b && (a === undefined || b === undefined || a.replaceAll('\r\n', '\n') !== b.replaceAll('\r\n', '\n')))
      changed.add(path);
  }
  return changed;
}

/** Files that are new beside files that are gone: the same text, else the only ones that call themselves the same. New path → old path. */
function movedFiles(now: ContractSide, base: ContractSide): ReadonlyMap<FilePath, FilePath> {
  const gone = [...base.facts.keys()].filter((path) => now.source(path) === null).sort();
  const fresh = [...now.facts.keys()].filter((path) => now.source(path) !== null && base.source(path) === null).sort();
  const moved = new Map<FilePath, FilePath>();
  if (gone.length === 0 || fresh.length === 0) return moved;
  const textOf = (side: ContractSide, path: FilePath): string => side.source(path)?.text.replaceAll('\r\n', '\n') ?? '';
  for (const markOf of [textOf, selfOf]) {
    const taken = new Set(moved.values());
    const olds = new Map<string, FilePath[]>();
    for (const path of gone) if (!taken.has(path)) pushTo(olds, markOf(base, path), path);
    const news = new Map<string, FilePath[]>();
    for (const path of fresh) if (!moved.has(path)) pushTo(news, markOf(now, path), path);
    for (const [mark, [path, ...others]] of news) {
      const [before, ...rest] = olds.get(mark) ?? [];
      if (path !== undefined && before !== undefined && others.length === 0 && rest.length === 0)
        moved.set(path, before);
    }
  }
  return moved;
}

/** What a file calls itself: a document its title; a schema its file's name with its title or, lacking one, its folder. */
function selfOf(side: ContractSide, path: FilePath): string {
  const source = side.source(path);
  if (source === null || !/\.(?:json|ya?ml)$/i.test(path)) return path;
  const root = parseData(source).roots[0];
  const ownTitle = stringOf(get(root, 'title'));
  const steps = path.toLowerCase().split('/');
  if (!isAsyncApi(source))
    return ownTitle === undefined ? steps.slice(-2).join('/') : `${steps.at(-1) ?? ''}\n${ownTitle}`;
  const title = stringOf(get(get(root, 'info'), 'title'));
  return title === undefined ? path : `asyncapi\n${title}`;
}

function pushTo(map: Map<string, FilePath[]>, key: string, path: FilePath): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [path]);
  else known.push(path);
}

/** JSON Schema and Avro files (not parts of AsyncAPI documents, which are compared whole) that a channel reaches or a glob names, on both sides. */
function schemasInView(
  { now, base, config }: JudgeRequest,
  moved: ReadonlyMap<FilePath, FilePath>,
): readonly { readonly path: FilePath; readonly key: string; readonly format: 'json-schema' | 'avro' }[] {
  const reached = new Set<string>();
  for (const { topology } of [now, base]) {
    for (const channel of topology.channels) for (const id of channel.schemas) reached.add(id);
    for (const edge of topology.edges) for (const id of edge.schemas) reached.add(id);
  }
  const placeAtBase = (path: FilePath | undefined, key: string): string => `${path ?? ''}\n${key}`;
  const atBase = new Set(base.topology.schemas.map((schema) => placeAtBase(schema.at[0]?.file, schema.key)));
  return now.topology.schemas.flatMap((schema) => {
    const path = schema.at[0]?.file;
    const format = schema.format;
    if (path === undefined || (format !== 'json-schema' && format !== 'avro') || isAsyncApi(now.source(path)))
      return [];
    // Avro's IDL is no data file: what it says is not compared.
    if (format === 'avro' && !path.endsWith('.avsc')) return [];
    if (!atBase.has(placeAtBase(moved.get(path) ?? path, schema.key))) return [];
    if (!reached.has(schema.id) && !config.contracts.some((glob) => matchesGlob(path, glob))) return [];
    return [{ path, key: schema.key.replace(/^#/, ''), format }];
  });
}

function isAsyncApi(source: SourceFile | null): boolean {
  return (
    source !== null &&
    /\basyncapi\b/.test(source.text.slice(0, 4000)) &&
    entryOf(parseData(source).roots[0], 'asyncapi') !== undefined
  );
}

/** Files and all that they refer to, on either side. */
function closure(
  paths: readonly FilePath[],
  ...sides: readonly ReadonlyMap<FilePath, FileFacts>[]
): ReadonlySet<FilePath> {
  const seen = new Set(paths);
  const queue = [...seen];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const facts of sides) {
      for (const need of facts.get(next)?.needs ?? []) {
        if (seen.has(need.file)) continue;
        seen.add(need.file);
        queue.push(need.file);
      }
    }
  }
  return seen;
}

function compareCached(
  { now, base, cache, config }: JudgeRequest,
  path: FilePath,
  before: FilePath,
  key: string,
  format: 'json-schema' | 'asyncapi' | 'avro',
  reached: ReadonlySet<FilePath>,
): PairComparison | null {
  const files = [...reached].sort();
  const texts = [...files.map((file) => now.source(file)), ...files.map((file) => base.source(file))];
  const name = `${format}\n${path}\n${before}\n${key}`;
  const known = cache.get(name);
  if (
    known !== undefined &&
    known.texts.length === texts.length &&
    known.texts.every((text, index) => text === texts[index])
  )
    return known.comparison;
  const broken = [now, base].some(({ facts }) =>
    files.some((file) => facts.get(file)?.problems.some((problem) => problem.syntax === true)),
  );
  // A text that breaks off is told as a problem: what its rest would say is not judged.
  const old = broken ? null : sourceOf(base, before, key);
  const next = broken ? null : sourceOf(now, path, key);
  const result = old === null || next === null ? null : comparePair(old, next, { format, mode: modeFor(config, path) });
  const comparison = result === null || 'failed' in result ? null : result;
  cache.set(name, { texts, comparison });
  return comparison;
}

function sourceOf(side: ContractSide, path: FilePath, key: string): SchemaSource | null {
  const lookup = (file: FilePath): DataDocument | undefined => {
    const source = side.source(file);
    return source === null ? undefined : parseData(source);
  };
  const document = lookup(path);
  const root = getAtPointer(document?.roots[0], key);
  return document === undefined || root === undefined ? null : { document, root, lookup };
}

/** The mode that the settings give a file. */
function modeFor(config: Config, path: FilePath): Mode {
  return config.modes.find((entry) => matchesGlob(path, entry.path))?.mode ?? 'additive';
}

function rulesOf(mode: Mode): readonly Breaks[] {
  switch (mode) {
    case 'additive':
      return ['additive'];
    case 'backward':
    case 'backward_transitive':
      return ['backward'];
    case 'forward':
    case 'forward_transitive':
      return ['forward'];
    case 'full':
    case 'full_transitive':
      return ['backward', 'forward'];
  }
}

function findingOf(request: JudgeRequest, path: FilePath, change: JudgedChange): Finding | null {
  const { now, config } = request;
  const at = change.at !== null && now.source(change.at.file) !== null ? change.at : placeOf(now, path);
  const asked = rulesOf(modeFor(config, at.file));
  if (change.certainty === 'theoretical' || !change.breaks.some((rule) => asked.includes(rule))) return null;
  const hurt = consumersOf(request, change);
  const direct = change.breaks.some((rule) => rule !== 'additive');
  const severity: Severity = change.certainty === 'possible' ? 'info' : direct && hurt.length > 0 ? 'error' : 'warning';
  const moved =
    change.at !== at && change.before !== null
      ? [{ at, message: `at the base it stood in ${change.before.file}, line ${change.before.range.start.line + 1}` }]
      : [];
  return {
    rule: request.rule,
    severity,
    certainty: change.certainty,
    message: `${change.message}${direct ? victims(hurt) : ''}`,
    about: [...new Set<string>(hurt.flatMap(({ edge }) => [edge.id, edge.from]))],
    at,
    related: [
      ...hurt.map(({ edge, consumer, channel }) => ({
        at: edge.at[0] ?? at,
        message: `\`${consumer}\` reads \`${channel}\` here`,
      })),
      ...moved,
    ],
    witness: change.witness,
    fixes: [],
  };
}

/** Where a document stands that has no place for what it lost: its service's name, else its start. */
function placeOf(side: ContractSide, path: FilePath): Location {
  const own = side.topology.services.flatMap((service) => service.at).find((at) => at.file === path);
  return own ?? { file: path, range: START_OF_FILE };
}

interface Hurt {
  readonly edge: Edge;
  readonly consumer: string;
  readonly channel: string;
}

/** Consumers, of either side, of the channels that carry what changed. One that is gone with the same edit is nobody's victim. */
function consumersOf(request: JudgeRequest, change: JudgedChange): readonly Hurt[] {
  const { now, base } = request;
  const channels = new Set<string>([
    ...(change.at === null ? [] : channelsAt(now, change.at)),
    ...(change.before === null ? [] : channelsAt(base, change.before)),
  ]);
  return hurtBy(now.topology, channels);
}

function hurtBy(topology: Topology, channels: ReadonlySet<string>): readonly Hurt[] {
  const names = new Map<string, string>(
    [...topology.services, ...topology.channels].map((node) => [node.id, node.name]),
  );
  return topology.edges
    .filter((edge) => edge.kind === 'receives' && channels.has(edge.from) && edge.at.length > 0)
    .map((edge) => ({ edge, consumer: names.get(edge.to) ?? edge.to, channel: names.get(edge.from) ?? edge.from }))
    .sort((a, b) =>
      a.edge.at[0] === undefined || b.edge.at[0] === undefined ? 0 : compareLocations(a.edge.at[0], b.edge.at[0]),
    );
}

/** The channels that a place in a contract is about: those that carry the schema around it, or that are declared or used around it. */
function channelsAt(side: ContractSide, at: Location): ReadonlySet<string> {
  const source = side.source(at.file);
  const found = new Set<string>();
  if (source === null) return found;
  const document = parseData(source);
  const carried = new Set<string>();
  for (const schema of side.topology.schemas) {
    if (schema.at[0]?.file !== at.file) continue;
    const node = getAtPointer(document.roots[0], schema.key);
    if (node !== undefined && contains(locationOf(source, node).range, at.range.start)) carried.add(schema.id);
  }
  for (const channel of side.topology.channels)
    if (channel.schemas.some((id) => carried.has(id))) found.add(channel.id);
  for (const edge of side.topology.edges)
    if (edge.schemas.some((id) => carried.has(id))) found.add(edge.kind === 'sends' ? edge.to : edge.from);
  if (found.size > 0) return found;
  const around = declarationAround(document, offsetAt(source, at.range.start));
  if (around === null) return found;
  const range = locationOf(source, { start: around.keyStart, end: Math.max(around.keyEnd, around.value.end) }).range;
  const inside = (places: readonly Location[]): boolean =>
    places.some((place) => place.file === at.file && contains(range, place.range.start));
  for (const channel of side.topology.channels) if (inside(channel.at)) found.add(channel.id);
  for (const edge of side.topology.edges) if (inside(edge.at)) found.add(edge.kind === 'sends' ? edge.to : edge.from);
  return found;
}

/** The entry of `channels`, `operations`, … that an offset lies in. */
function declarationAround(document: DataDocument, offset: number): DataEntry | null {
  for (const section of entriesOf(document.roots[0])) {
    if (!['channels', 'operations'].includes(section.key)) continue;
    for (const entry of entriesOf(section.value))
      if (offset >= entry.keyStart && offset <= Math.max(entry.keyEnd, entry.value.end)) return entry;
  }
  return null;
}

function victims(hurt: readonly Hurt[]): string {
  const names = [
    ...new Set(
      hurt.map(
        ({ edge, consumer }) =>
          `\`${consumer}\` (${edge.at[0]?.file ?? ''}:${(edge.at[0]?.range.start.line ?? 0) + 1})`,
      ),
    ),
  ];
  if (names.length === 0) return '';
  const shown = names.slice(0, MAX_NAMES);
  const rest = names.length - shown.length;
  const list =
    rest > 0
      ? `${shown.join(', ')} and ${rest} more`
      : shown.length > 1
        ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
        : (shown[0] ?? '');
  return ` It hurts ${list}.`;
}

/** Contract files that are gone while somebody still relies on them: told at the first reference to the file, else at a consumer. */
function removedFiles({ now, base, rule, unread }: JudgeRequest, moved: ReadonlySet<FilePath>): readonly Finding[] {
  const findings: Finding[] = [];
  // A channel that has a contract of another file now is compared where that file is referred to.
  const readable = new Set<string>(
    now.topology.schemas.flatMap(({ id, at }) => (at[0] !== undefined && now.source(at[0].file) !== null ? [id] : [])),
  );
  const told = new Set<string>();
  const sent = new Set<string>();
  for (const { id, schemas } of now.topology.channels) if (schemas.some((one) => readable.has(one))) told.add(id);
  for (const { kind, from, to, schemas } of now.topology.edges) {
    if (schemas.some((id) => readable.has(id))) told.add(kind === 'sends' ? to : from);
    if (kind === 'sends') sent.add(to);
  }
  for (const path of [...base.facts.keys()].sort()) {
    if (now.source(path) !== null || unread.has(path)) continue;
    const references = [...now.facts]
      .flatMap(([, facts]) => facts.needs.filter((need) => need.file === path).map((need) => need.at))
      .sort(compareLocations);
    // Who still refers to the old place has lost it, wherever the file is now.
    if (moved.has(path) && references.length === 0) continue;
    const declared = new Set(
      base.topology.schemas.filter((schema) => schema.at[0]?.file === path).map((schema) => schema.id as string),
    );
    const document = isAsyncApi(base.source(path));
    if (declared.size === 0 && !document) continue;
    const carriers = new Set<string>();
    const carry = (channel: string): void => {
      if (!told.has(channel)) carriers.add(channel);
    };
    for (const channel of base.topology.channels) if (channel.schemas.some((id) => declared.has(id))) carry(channel.id);
    for (const edge of base.topology.edges) {
      if (edge.schemas.some((id) => declared.has(id))) carry(edge.kind === 'sends' ? edge.to : edge.from);
      // What somebody else still sends does not end with this document.
      if (document && edge.kind === 'sends' && edge.at.some((at) => at.file === path) && !sent.has(edge.to))
        carriers.add(edge.to);
    }
    const hurt = hurtBy(now.topology, carriers);
    const at = references[0] ?? hurt[0]?.edge.at[0];
    if (at === undefined || hurt.length === 0) continue;
    const before = base.topology.schemas.find((schema) => declared.has(schema.id))?.at[0] ?? placeOf(base, path);
    const what = document
      ? `The document ${path}, which sends what is read here, is gone`
      : `The schema ${path} is gone, and with it the contract of what is sent and read here`;
    findings.push({
      rule,
      severity: 'error',
      certainty: 'certain',
      message: `${what}: nobody can tell any more which messages are valid. Put it back, or move its consumers first.${victims(hurt)}`,
      at,
      related: [
        {
          at: { file: at.file, range: at.range },
          message: `at the base it stood in ${path}, line ${before.range.start.line + 1}`,
        },
        ...hurt.map(({ edge, consumer, channel }) => ({
          at: edge.at[0] ?? at,
          message: `\`${consumer}\` reads \`${channel}\` here`,
        })),
      ],
      witness: null,
      fixes: [],
    });
  }
  return findings;
}

const RANK = { error: 0, warning: 1, info: 2 } as const satisfies Record<Severity, number>;

/** Where a schema file and a document that refers to it both tell of one place with one message, the graver stays. */
function oneFindingAPlace(findings: readonly Finding[]): readonly Finding[] {
  const places = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.at.file} ${JSON.stringify(finding.at.range)} ${finding.message}`;
    const known = places.get(key);
    if (
      known === undefined ||
      RANK[finding.severity] < RANK[known.severity] ||
      (finding.witness !== null && known.witness === null)
    )
      places.set(key, finding);
  }
  return [...places.values()];
}
