// Texts → Snapshot: reads each changed file once, links, judges. The only door the shells use (engine-api.ts has its types).
// Pure apart from its own cache of facts: the same files give the same snapshot, however they came.
import { DEFAULT_CONFIG } from './config.ts';
import type { Config } from './config.ts';
import { CONFIG_FILES, mergeConfig, readConfig } from './config-file.ts';
import { dialects } from './dialects/index.ts';
import type { Changes, Engine, FileChange } from './engine-api.ts';
import { ignoreFix, isIgnored } from './ignore.ts';
import { judgeContracts } from './judge-contracts.ts';
import type { ComparisonCache } from './judge-contracts.ts';
import type { Declaration, FileFacts } from './model/declaration.ts';
import { NO_FACTS } from './model/declaration.ts';
import type { Fix } from './model/edit.ts';
import type { Finding, Severity } from './model/finding.ts';
import type { FilePath, Location, Problem, SourceFile } from './model/source.ts';
import { compareLocations, contains, makeSourceFile, START_OF_FILE } from './model/source.ts';
import type { Topology } from './model/topology.ts';
import { EMPTY_TOPOLOGY } from './model/topology.ts';
import { readers } from './readers/index.ts';
import type { Reader } from './readers/reader.ts';
import { rules } from './rules/index.ts';
import type { FixContext } from './rules/rule.ts';
import type { BaseInfo, Snapshot } from './snapshot.ts';
import type { WitnessAnswer } from './model/change.ts';
import type { GrammarId } from './syntax/code.ts';
import { matchesGlob } from './syntax/glob.ts';
import type { Grammars } from './syntax/tree-sitter.ts';
import { loadGrammars, openTrees } from './syntax/tree-sitter.ts';
import { markChanges } from './topology/compare-topologies.ts';
import { linkTopology } from './topology/link.ts';

const NO_BASE: BaseInfo = { ref: '', commit: '', reason: 'no base was given' };
const MAX_FRAGMENT_ROUNDS = 24;

/** Rules that are not in rules/: contracts and files that no longer parse. */
export const CONTRACT_RULE = 'contract-breaking';
export const UNREADABLE_RULE = 'unreadable';
export const ruleIds: ReadonlySet<string> = new Set([...rules.map((rule) => rule.id), CONTRACT_RULE, UNREADABLE_RULE]);

/** What is known of one file of one side. */
interface Entry {
  readonly source: SourceFile | null;
  readonly given: Problem | null;
  /** Facts by `read`, of all readers that recognise the file; null until it was read. */
  facts: FileFacts | null;
  /** Readers that recognised it. */
  read: readonly Reader[];
  /** Facts as a fragment, by reader and pointers. */
  fragments: Map<string, FileFacts>;
}

type Side = Map<FilePath, Entry>;

/** A new engine with nothing in it. */
export function createEngine(): Engine {
  const current: Side = new Map();
  let base: Side = new Map();
  let baseInfo: BaseInfo = NO_BASE;
  let hasBase = false;
  let settings: Partial<Config> = {};
  let grammars: Grammars | null = null;
  const loaded = new Set<GrammarId>();
  let snapshot: Snapshot = emptySnapshot();
  let makeFixes = new WeakMap<Finding, () => readonly Fix[]>();
  let proofs = new Map<string, WitnessAnswer>();
  const assemblies = new Map<string, readonly Assembly[]>();
  /** What each side's facts came to, so that an edit links the current side only, and a proof neither. */
  const linkedSides = new WeakMap<ReadonlyMap<FilePath, FileFacts>, LinkedSide>();
  let settledBase: ReadSide | null = null;
  const comparisons: ComparisonCache = new Map();
  let absent: readonly FilePath[] = [];
  let needed: ReadonlySet<FilePath> = new Set();

  function emptySnapshot(): Snapshot {
    return {
      revision: 0,
      base: NO_BASE,
      topology: EMPTY_TOPOLOGY,
      findings: [],
      problems: [],
      files: { seen: 0, read: 0 },
      config: DEFAULT_CONFIG,
      pending: [],
      parsed: 0,
      source: () => null,
      at: () => [],
    };
  }

  function readersByName(path: FilePath): readonly Reader[] {
    return readers.filter((reader) => reader.files.some((glob) => matchesGlob(path, glob)));
  }

  function makeEntry(change: FileChange): Entry {
    const given =
      change.problem === undefined ? null : { file: change.path, range: START_OF_FILE, message: change.problem };
    return {
      source: change.text === null ? null : makeSourceFile(change.path, change.text),
      given,
      facts: null,
      read: [],
      fragments: new Map(),
    };
  }

  function withTrees<T>(
    source: SourceFile,
    read: (host: { readonly tree: ReturnType<typeof openTrees>['tree'] }) => T,
  ): { readonly value: T; readonly problems: readonly Problem[] } {
    const trees = openTrees(source, grammars ?? { parse: () => ({ kind: 'failed', reason: 'No grammar is loaded.' }) });
    try {
      const value = read({ tree: (grammar) => trees.tree(grammar) });
      return { value, problems: trees.problems() };
    } finally {
      trees.free();
    }
  }

  function readEntry(entry: Entry): void {
    const { source } = entry;
    if (source === null) {
      entry.facts = NO_FACTS;
      return;
    }
    const recognised = readersByName(source.path).filter((reader) => reader.recognises(source.text, source.path));
    entry.read = recognised;
    if (recognised.length === 0) {
      // An empty text is no text of any data format, whoever was meant to read it.
      entry.facts =
        /^\s*$/.test(source.text) && /\.(ya?ml|json|avsc|asl|template)$/i.test(source.path)
          ? {
              ...NO_FACTS,
              problems: [{ file: source.path, range: START_OF_FILE, message: 'The file is empty.', syntax: true }],
            }
          : NO_FACTS;
      return;
    }
    const { value, problems } = withTrees(source, (host) =>
      recognised.map((reader) => attempt(reader, source, () => reader.read(source, host))),
    );
    entry.facts = joinFacts([...value, ...(problems.length === 0 ? [] : [{ ...NO_FACTS, problems }])]);
  }

  /** Takes over facts of the other side where the text is the same but for line ends. */
  function borrow(entry: Entry, other: Entry | undefined): boolean {
    if (other === undefined || other.facts === null || entry.source === null || other.source === null) return false;
    if (entry.source.text !== other.source.text && normalised(entry.source.text) !== normalised(other.source.text))
      return false;
    entry.facts = other.facts;
    entry.read = other.read;
    entry.fragments = new Map(other.fragments);
    return true;
  }

  /** Reads what has not been read yet on one side, fragments included. Returns how many files were parsed. */
  function* readSide(side: Side, other: Side): Generator<FilePath, ReadSide> {
    let parsed = 0;
    for (const [path, entry] of side) {
      if (entry.facts !== null || borrow(entry, other.get(path))) continue;
      yield path;
      readEntry(entry);
      if (entry.read.length > 0) parsed++;
    }
    const missing = new Set<FilePath>();
    let asked = new Map<FilePath, Map<Reader, Set<string>>>();
    for (const entry of side.values()) for (const reader of entry.read) ask(asked, entry.facts ?? NO_FACTS, reader);
    const all = new Map<FilePath, Map<Reader, Set<string>>>();
    for (let round = 0; round < MAX_FRAGMENT_ROUNDS && asked.size > 0; round++) {
      const next = new Map<FilePath, Map<Reader, Set<string>>>();
      for (const [path, byReader] of withoutFolders(asked, side)) {
        const entry = side.get(path);
        if (entry === undefined) {
          missing.add(path);
          continue;
        }
        for (const [reader, pointers] of byReader) {
          if (reader.fragment === undefined || entry.source === null) continue;
          const known = all.get(path)?.get(reader) ?? new Set<string>();
          const fresh = [...pointers].filter((pointer) => !known.has(pointer));
          if (fresh.length === 0) continue;
          const wanted = new Set([...known, ...fresh]);
          const forReader = all.get(path) ?? new Map<Reader, Set<string>>();
          forReader.set(reader, wanted);
          all.set(path, forReader);
          const list = [...wanted].sort();
          const key = `${reader.id}\n${list.join('\n')}`;
          let facts = entry.fragments.get(key);
          if (facts === undefined) {
            yield path;
            const source = entry.source;
            const { value } = withTrees(source, (host) =>
              attempt(reader, source, () => reader.fragment?.(source, list, host) ?? NO_FACTS),
            );
            facts = value;
            if (entry.read.length === 0) parsed++;
            entry.fragments.set(key, facts);
          }
          ask(next, facts, reader);
        }
      }
      asked = next;
    }
    const facts = new Map<FilePath, FileFacts>();
    for (const [path, entry] of side) {
      const used: FileFacts[] = [];
      for (const [reader, pointers] of all.get(path) ?? []) {
        const fragment = entry.fragments.get(`${reader.id}\n${[...pointers].sort().join('\n')}`);
        if (fragment !== undefined) used.push(fragment);
      }
      const own = entry.facts ?? NO_FACTS;
      if (used.length > 0)
        facts.set(path, joinFacts(used.some(({ replaces }) => replaces === true) ? used : [own, ...used]));
      else if (own !== NO_FACTS) facts.set(path, own);
    }
    return { facts, missing: [...missing].sort(), needed: new Set([...missing, ...all.keys()]), parsed };
  }

  function configOf(): {
    readonly config: Config;
    readonly problems: readonly Problem[];
    readonly file: SourceFile | null;
  } {
    for (const name of CONFIG_FILES) {
      const source = current.get(name)?.source ?? null;
      if (source === null) continue;
      const { config, problems } = readConfig(source, ruleIds);
      return { config: mergeConfig(config, settings), problems, file: source };
    }
    return { config: mergeConfig(settings), problems: [], file: null };
  }

  function* apply(changes: Changes): Generator<FilePath, Snapshot> {
    if (changes.config !== undefined) settings = changes.config;
    for (const change of changes.files ?? []) {
      const known = current.get(change.path);
      if (change.text === null && change.problem === undefined) {
        if (known?.source !== null || known?.given !== null) current.delete(change.path);
        if (known === undefined && absent.includes(change.path)) current.set(change.path, makeEntry(change));
      } else if (
        known === undefined ||
        known.source === null ||
        known.source.text !== stripMark(change.text) ||
        known.given !== null
      )
        current.set(change.path, makeEntry(change));
    }
    if (changes.base !== undefined) {
      const next: Side = new Map();
      for (const change of changes.base.files) {
        const known = base.get(change.path);
        next.set(
          change.path,
          known?.source !== undefined && known.source !== null && known.source.text === stripMark(change.text)
            ? known
            : makeEntry(change),
        );
      }
      base = next;
      settledBase = null;
      baseInfo = changes.base.info;
      hasBase = baseInfo.commit !== '' || changes.base.files.length > 0;
    }
    const now = yield* readSide(current, base);
    // The base stands still while a person types: it is walked again only when another one is given.
    const then = settledBase ?? (hasBase ? yield* readSide(base, current) : NO_SIDE);
    settledBase = { ...then, parsed: 0 };
    absent = now.missing;
    needed = new Set([...now.needed, ...then.needed]);
    yield '';
    snapshot = judge(now.facts, then.facts, now.parsed + then.parsed);
    return snapshot;
  }

  let lastFacts: { readonly now: ReadonlyMap<FilePath, FileFacts>; readonly then: ReadonlyMap<FilePath, FileFacts> } = {
    now: new Map(),
    then: new Map(),
  };

  function judge(
    nowAll: ReadonlyMap<FilePath, FileFacts>,
    thenAll: ReadonlyMap<FilePath, FileFacts>,
    parsed: number,
  ): Snapshot {
    lastFacts = { now: nowAll, then: thenAll };
    const { config, problems: configProblems, file: configFile } = configOf();
    const included = (facts: ReadonlyMap<FilePath, FileFacts>): ReadonlyMap<FilePath, FileFacts> =>
      config.exclude.length === 0
        ? facts
        : new Map(
            [...facts].filter(
              ([path]) =>
                !config.exclude.some(
                  (glob) => matchesGlob(path, glob) || path.startsWith(`${glob.replace(/\/$/, '')}/`),
                ),
            ),
          );
    const link = (all: ReadonlyMap<FilePath, FileFacts>): LinkedSide => {
      const exclude = config.exclude.join('\n');
      const known = linkedSides.get(all);
      if (known?.exclude === exclude) return known;
      const facts = assembled(included(all), assemblies);
      const side = { exclude, facts, topology: linkTopology(facts) };
      linkedSides.set(all, side);
      return side;
    };
    const { facts: nowFacts, topology } = link(nowAll);
    const { facts: thenFacts, topology: baseTopology } = link(thenAll);
    const marked = hasBase ? markChanges(baseTopology, topology) : topology;
    const source = (path: FilePath): SourceFile | null => current.get(path)?.source ?? null;
    const baseSource = (path: FilePath): SourceFile | null => base.get(path)?.source ?? null;

    makeFixes = new WeakMap();
    const findings: Finding[] = [];
    const level = (rule: string, own: Severity): Severity | 'off' => config.rules.get(rule) ?? own;
    const add = (finding: Finding, fixes: () => readonly Fix[]): void => {
      if (isIgnored(finding, config.ignore, source(finding.at.file))) return;
      makeFixes.set(finding, () => [
        ...fixes(),
        ...(finding.rule === UNREADABLE_RULE ? [] : [ignoreFix(finding, source(finding.at.file), configFile)]),
      ]);
      findings.push(finding);
    };
    const context: FixContext = {
      topology,
      source,
      parts: (reader) => partsOf(nowFacts, reader),
      dialect: (id) => dialects.find((dialect) => dialect.id === id) ?? null,
    };
    for (const rule of rules) {
      if (config.rules.get(rule.id) === 'off') continue;
      for (const match of rule.find(topology, { complete: config.complete })) {
        const severity = level(rule.id, match.severity ?? rule.defaultSeverity);
        if (severity === 'off') continue;
        add(
          {
            rule: rule.id,
            severity,
            certainty: 'certain',
            message: rule.message(match.state),
            at: match.at,
            about: match.about ?? [],
            related: match.related ?? [],
            witness: null,
            fixes: [],
          },
          () => rule.fix?.(match.state, context) ?? [],
        );
      }
    }
    let pending: Snapshot['pending'] = [];
    if (hasBase) {
      const contractLevel = config.rules.get(CONTRACT_RULE);
      if (contractLevel !== 'off') {
        const judged = judgeContracts({
          rule: CONTRACT_RULE,
          config,
          now: { topology, facts: nowFacts, source },
          unread: new Set([...current].flatMap(([path, entry]) => (entry.given === null ? [] : [path]))),
          base: { topology: baseTopology, facts: thenFacts, source: baseSource },
          proofs,
          cache: comparisons,
        });
        pending = judged.pending;
        for (const finding of judged.findings)
          add(contractLevel === undefined ? finding : { ...finding, severity: contractLevel }, () => []);
      }
      const given = [...current.values()].flatMap((entry) => (entry.given === null ? [] : [entry.given]));
      const breaks = [
        ...[...nowFacts.values()].flatMap((facts) => facts.problems.find((problem) => problem.syntax === true) ?? []),
        ...given,
      ];
      for (const broken of breaks) {
        const path = broken.file;
        const before = thenFacts.get(path);
        if (
          before === undefined ||
          before.declarations.length === 0 ||
          before.problems.some((problem) => problem.syntax === true)
        )
          continue;
        const severity = level(UNREADABLE_RULE, 'error');
        if (severity === 'off') continue;
        add(
          {
            rule: UNREADABLE_RULE,
            severity,
            certainty: 'certain',
            message: `${path} was readable at ${baseInfo.ref === '' ? 'the base' : baseInfo.ref} and is not any more: what it declares is out of sight. ${broken.message}`,
            at: { file: path, range: broken.range },
            related: [],
            witness: null,
            fixes: [],
          },
          () => [],
        );
      }
    }
    findings.sort(
      (a, b) =>
        compareLocations(a.at, b.at) ||
        (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0) ||
        (a.message < b.message ? -1 : a.message > b.message ? 1 : 0),
    );

    const problems: Problem[] = [...configProblems];
    let seen = 0;
    let read = 0;
    for (const [path, entry] of current) {
      if (entry.source === null && entry.given === null) continue;
      seen++;
      if (entry.given !== null) problems.push(entry.given);
      if (!nowFacts.has(path)) continue;
      if (entry.read.length > 0) read++;
      problems.push(...(nowFacts.get(path)?.problems ?? []));
    }
    problems.sort((a, b) => compareLocations(a, b) || (a.message < b.message ? -1 : 1));
    return {
      revision: snapshot.revision + 1,
      base: baseInfo,
      topology: marked,
      findings,
      problems,
      files: { seen, read },
      config,
      pending,
      parsed,
      source,
      at: placeIndex(topology),
    };
  }

  return {
    wants: (path) => CONFIG_FILES.includes(path) || needed.has(path) || readersByName(path).length > 0,
    async prepare(paths, port) {
      const fresh = new Set<GrammarId>();
      for (const path of paths)
        for (const reader of readersByName(path))
          for (const grammar of reader.grammars(path)) if (!loaded.has(grammar)) fresh.add(grammar);
      if (fresh.size === 0) return;
      for (const grammar of fresh) loaded.add(grammar);
      grammars = await loadGrammars(loaded, port);
    },
    apply,
    missing: () => absent,
    prove(answers) {
      proofs = new Map([...proofs, ...answers.map(({ key, answer }) => [key, answer] as const)]);
      snapshot = judge(lastFacts.now, lastFacts.then, 0);
      return snapshot;
    },
    fixes: (finding) => makeFixes.get(finding)?.() ?? [],
  };
}

function ask(asked: Map<FilePath, Map<Reader, Set<string>>>, facts: FileFacts, reader: Reader): void {
  for (const need of facts.needs) {
    const byReader = asked.get(need.file) ?? new Map<Reader, Set<string>>();
    const pointers = byReader.get(reader) ?? new Set<string>();
    pointers.add(need.pointer);
    byReader.set(reader, pointers);
    asked.set(need.file, byReader);
  }
}

/** Puts the files of a folder that its askers read by name in the place of the folder (a path with a slash at its end); an empty folder is none. */
function withoutFolders(
  asked: ReadonlyMap<FilePath, Map<Reader, Set<string>>>,
  side: Side,
): ReadonlyMap<FilePath, Map<Reader, Set<string>>> {
  const folders = new Map([...asked].filter(([path]) => path.endsWith('/')));
  if (folders.size === 0) return asked;
  const result = new Map([...asked].filter(([path]) => !path.endsWith('/')));
  for (const path of side.keys()) {
    for (const [reader, pointers] of folders.get(`${path.slice(0, Math.max(0, path.lastIndexOf('/')))}/`) ?? []) {
      if (!reader.files.some((glob) => matchesGlob(path, glob))) continue;
      const byReader = result.get(path) ?? new Map<Reader, Set<string>>();
      byReader.set(reader, new Set([...(byReader.get(reader) ?? []), ...pointers]));
      result.set(path, byReader);
    }
  }
  return result;
}

/** What one reader kept of its files. */
function partsOf(facts: ReadonlyMap<FilePath, FileFacts>, reader: string): ReadonlyMap<FilePath, unknown> {
  const parts = new Map<FilePath, unknown>();
  for (const [path, own] of facts) {
    const part = own.parts?.get(reader);
    if (part !== undefined) parts.set(path, part);
  }
  return parts;
}

/** What reading one side came to. */
interface ReadSide {
  readonly facts: ReadonlyMap<FilePath, FileFacts>;
  readonly missing: readonly FilePath[];
  readonly needed: ReadonlySet<FilePath>;
  readonly parsed: number;
}

const NO_SIDE: ReadSide = { facts: new Map(), missing: [], needed: new Set(), parsed: 0 };

/** One side linked under the settings' exclusions. */
interface LinkedSide {
  readonly exclude: string;
  readonly facts: ReadonlyMap<FilePath, FileFacts>;
  readonly topology: Topology;
}

/** What a reader made of its parts; an edit elsewhere leaves them as they are. */
interface Assembly {
  readonly parts: ReadonlyMap<FilePath, unknown>;
  readonly facts: ReadonlyMap<FilePath, FileFacts>;
}

/** Facts with those added that readers make of all their files together; `known` holds a reader's last answers, newest first. */
function assembled(
  facts: ReadonlyMap<FilePath, FileFacts>,
  known: Map<string, readonly Assembly[]>,
): ReadonlyMap<FilePath, FileFacts> {
  let result = facts;
  for (const reader of readers) {
    if (reader.assemble === undefined) continue;
    const parts = partsOf(facts, reader.id);
    if (parts.size === 0) continue;
    const before = known.get(reader.id) ?? [];
    const same = before.find(
      (one) => one.parts.size === parts.size && [...parts].every(([path, part]) => one.parts.get(path) === part),
    );
    const answer = same ?? { parts, facts: attemptAll(reader, parts) };
    // One for each side.
    known.set(reader.id, [answer, ...before.filter((one) => one !== same)].slice(0, 2));
    const joined = new Map(result);
    for (const [path, more] of answer.facts) joined.set(path, joinFacts([joined.get(path) ?? NO_FACTS, more]));
    result = joined;
  }
  return result;
}

function attemptAll(reader: Reader, parts: ReadonlyMap<FilePath, unknown>): ReadonlyMap<FilePath, FileFacts> {
  try {
    return reader.assemble?.(parts) ?? new Map();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `What ${reader.title} files declare together could not be read: ${reason}. This is a fault of Eventscape.`;
    return new Map(
      [...parts.keys()]
        .slice(0, 1)
        .map((file) => [file, { ...NO_FACTS, problems: [{ file, range: START_OF_FILE, message }] }]),
    );
  }
}

/** A reader's fault costs its own facts of this one file, never the workspace. */
function attempt(reader: Reader, source: SourceFile, read: () => FileFacts): FileFacts {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `What ${reader.title} declares here could not be read: ${reason}. This is a fault of Eventscape.`;
    return { ...NO_FACTS, problems: [{ file: source.path, range: START_OF_FILE, message }] };
  }
}

/** Facts of several readers about one file; a declaration that two of them make is kept once. */
function joinFacts(parts: readonly FileFacts[]): FileFacts {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const keyed = new Set<string>();
  const fresh = (declaration: Declaration): boolean => {
    if (declaration.kind !== 'channel' && declaration.kind !== 'service' && declaration.kind !== 'schema') return true;
    const key = `${declaration.kind}\n${declaration.key}`;
    if (keyed.has(key)) return false;
    keyed.add(key);
    return true;
  };
  const problems = new Map<string, Problem>();
  for (const part of parts) for (const problem of part.problems) problems.set(JSON.stringify(problem), problem);
  const kept = parts.flatMap((part) => [...(part.parts ?? [])]);
  return {
    declarations: parts.flatMap((part) => part.declarations).filter((declaration) => fresh(declaration)),
    bindings: parts.flatMap((part) => part.bindings),
    calls: parts.flatMap((part) => part.calls),
    needs: parts.flatMap((part) => part.needs),
    problems: [...problems.values()],
    ...(kept.length === 0 ? {} : { parts: new Map(kept) }),
    unit: parts.some((part) => part.unit === 'directory') ? 'directory' : 'file',
  };
}

function placeIndex(topology: Topology): (location: Location) => readonly string[] {
  const byFile = new Map<FilePath, { readonly at: Location; readonly id: string }[]>();
  for (const item of [...topology.channels, ...topology.edges, ...topology.services, ...topology.schemas]) {
    for (const at of item.at) {
      const list = byFile.get(at.file);
      if (list === undefined) byFile.set(at.file, [{ at, id: item.id }]);
      else list.push({ at, id: item.id });
    }
  }
  return ({ file, range }) =>
    (byFile.get(file) ?? []).filter(({ at }) => contains(at.range, range.start)).map(({ id }) => id);
}

function normalised(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

function stripMark(text: string | null): string | null {
  return text !== null && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
