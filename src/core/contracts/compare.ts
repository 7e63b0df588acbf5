// Two versions of a contract → judged changes: facts (diff/), judgement (policy.ts), and what a search for witnesses adds. Facts and judgement
// are there at once; the requests may be answered later, elsewhere, in any order, or never: `applyAnswers` works with what it is given.
import type { Breaks, Comparison, JudgedChange, Mode, WitnessAnswer, WitnessRequest } from '../model/change.ts';
import type { Certainty, Witness } from '../model/finding.ts';
import type { JsonValue } from '../model/json.ts';
import { entriesOf, get, getAtPointer, toJson } from '../syntax/data.ts';
import { readAsyncApi } from './asyncapi/model.ts';
import type { Change, ContractFormat } from './change.ts';
import type { PairedChange, SchemaPair } from './diff/asyncapi.ts';
import { diffAsyncApi } from './diff/asyncapi.ts';
import { diffAvro } from './diff/avro.ts';
import { diffJsonSchema } from './diff/json-schema.ts';
import type { Strength, Verdict } from './policy.ts';
import { judge } from './policy.ts';
import { bundle, plainJson } from './schema/bundle.ts';
import { makeSame } from './schema/same.ts';
import type { SchemaSource } from './schema/side.ts';
import { makeSide } from './schema/side.ts';
import { unroutable, wording } from './wording.ts';

export interface CompareOptions {
  readonly format: ContractFormat;
  /** Which direction's witness is shown where both are proven. */
  readonly mode: Mode;
  /** A JSON pointer or the name of a definition: compare that instead of the root. JSON Schema only. */
  readonly root?: string | null;
}

/** A search that would turn a change from `certain` or `possible` into `proven`. */
export interface ProofRequest {
  /** The same for the same pair of texts, change and direction. */
  readonly key: string;
  readonly request: WitnessRequest;
}

interface Entry {
  readonly change: Change;
  readonly verdict: Verdict;
  readonly pair: number | null;
  readonly keys: { readonly backward: string | null; readonly forward: string | null };
}

/** A comparison without any search. Immutable; hand it to `applyAnswers`. */
export interface PairComparison {
  readonly mode: Mode;
  readonly entries: readonly Entry[];
  /** One per change and direction that a validator could show. */
  readonly requests: readonly ProofRequest[];
  /** One per pair of schemas and direction: anything at all that breaks. For where the requests proved nothing. */
  readonly sweeps: readonly (ProofRequest & { readonly pair: number })[];
}

/** Why two documents cannot be compared, as a sentence. */
export interface Incomparable {
  readonly failed: string;
}

const STEPS = 20_000;
const ALL_STEPS = 300_000;
const LEAST_STEPS = 1_500;

/** Compares. Never throws on broken input: a document without a root is `failed`. */
export function comparePair(
  old: SchemaSource,
  next: SchemaSource,
  options: CompareOptions,
): PairComparison | Incomparable {
  const found = factsOf(old, next, options);
  if ('failed' in found) return found;
  const { facts, pairs } = found;
  const numbered = new Map(pairs.map((pair, index) => [pair, index]));
  const entries: Entry[] = [];
  const requests: ProofRequest[] = [];
  const wanted = facts.map(({ change, pair }) => ({ change, verdict: judge(change), pair }));
  const searches = wanted.filter(({ verdict, pair }) => verdict.searchable && pair !== null).length * 2;
  const steps = Math.max(LEAST_STEPS, Math.min(STEPS, Math.floor(ALL_STEPS / Math.max(1, searches))));
  // A reference that leads nowhere on one side accepts everything there: what a validator says of it would prove nothing.
  const opaque = new Set(
    pairs.filter(
      (pair) => bundle(pair.old).unresolved.toSorted().join(' ') !== bundle(pair.new).unresolved.toSorted().join(' '),
    ),
  );
  let avroTexts: { readonly old: JsonValue; readonly new: JsonValue } | null = null;
  const avro = (): { readonly old: JsonValue; readonly new: JsonValue } =>
    (avroTexts ??= { old: plainJson(toJson(old.root)), new: plainJson(toJson(next.root)) });
  for (const { change, verdict, pair } of wanted) {
    const ask = (direction: 'backward' | 'forward'): string | null => {
      const strength = verdict[direction];
      if (strength === null || strength === 'theoretical' || !verdict.searchable) return null;
      const texts =
        change.language === 'avro'
          ? avro()
          : pair === null || opaque.has(pair)
            ? null
            : { old: bundle(pair.old).schema, new: bundle(pair.new).schema };
      if (texts === null) return null;
      const others = wanted
        .filter(
          (other) =>
            other.pair === pair &&
            other.change !== change &&
            other.verdict[direction] !== null &&
            other.change.path !== change.path &&
            (other.verdict[direction] === 'theoretical' || other.change.path.startsWith(`${change.path}/`)),
        )
        .map((other) => other.change.path);
      const request: WitnessRequest = {
        format: change.language === 'avro' ? 'avro' : 'json-schema',
        ...texts,
        direction,
        focus: change.path,
        avoid: others,
        steps,
      };
      const key = `${fingerprint(request)}:${direction}:${change.kind}:${change.path}`;
      requests.push({ key, request });
      return key;
    };
    entries.push({
      change,
      verdict,
      pair: pair === null ? null : (numbered.get(pair) ?? null),
      keys: { backward: ask('backward'), forward: ask('forward') },
    });
  }
  const sweeps = pairs.flatMap((pair, index) =>
    (['backward', 'forward'] as const).flatMap((direction) => {
      if (opaque.has(pair)) return [];
      const avoid = wanted
        .filter((entry) => entry.pair === pair && entry.verdict[direction] === 'theoretical')
        .map((entry) => entry.change.path);
      const request: WitnessRequest = {
        format: 'json-schema',
        old: bundle(pair.old).schema,
        new: bundle(pair.new).schema,
        direction,
        focus: null,
        avoid,
        steps: STEPS,
      };
      return [{ pair: index, key: `${fingerprint(request)}:${direction}`, request }];
    }),
  );
  return { mode: options.mode, entries, requests, sweeps };
}

function factsOf(
  old: SchemaSource,
  next: SchemaSource,
  options: CompareOptions,
): { readonly facts: readonly PairedChange[]; readonly pairs: readonly SchemaPair[] } | Incomparable {
  if (options.format === 'asyncapi') {
    const before = readAsyncApi(old);
    const after = readAsyncApi(next);
    if (before === null || after === null)
      return { failed: `The ${before === null ? 'old' : 'new'} document is no AsyncAPI 2.x or 3.x.` };
    const facts = diffAsyncApi(before, after);
    return { facts, pairs: [...new Set(facts.map((fact) => fact.pair).filter((pair) => pair !== null))] };
  }
  const from = rootOf(old, options.root ?? null);
  const to = rootOf(next, options.root ?? null);
  if (from === null || to === null)
    return { failed: `The ${from === null ? 'old' : 'new'} document has no schema ${options.root ?? ''}.` };
  const pair: SchemaPair = { old: makeSide(from), new: makeSide(to) };
  if (options.format === 'avro')
    return { facts: diffAvro(pair.old.root, pair.new.root).map((change) => ({ change, pair: null })), pairs: [] };
  const changes = diffJsonSchema(pair.old, pair.new);
  const same = changes.length === 0 && makeSame(pair.old, pair.new)(pair.old.root, pair.new.root);
  return { facts: changes.map((change) => ({ change, pair })), pairs: same ? [] : [pair] };
}

function rootOf(source: SchemaSource, root: string | null): SchemaSource | null {
  if (root === null || root === '') return source;
  const node =
    root.startsWith('#') || root.startsWith('/')
      ? getAtPointer(source.root, root)
      : (get(get(source.root, '$defs'), root) ??
        get(get(source.root, 'definitions'), root) ??
        (entriesOf(source.root).length === 0 ? undefined : getAtPointer(source.root, `#/components/schemas/${root}`)));
  return node === undefined ? null : { ...source, root: node };
}

/** The comparison with the answers there are, by request key. Answers to unknown keys are ignored. */
export function applyAnswers(comparison: PairComparison, answers: ReadonlyMap<string, WitnessAnswer>): Comparison {
  const strengths: Strengths[] = comparison.entries.map((entry) => strengthsOf(entry, answers));
  const extra: { change: Change; strengths: Strengths }[] = [];
  for (const { key, pair, request } of comparison.sweeps) {
    const witness = answers.get(key)?.witness;
    if (witness === null || witness === undefined) continue;
    const { direction } = request;
    const own = comparison.entries.map((entry, index) => ({ entry, index })).filter(({ entry }) => entry.pair === pair);
    if (own.some(({ index }) => strengths[index]?.[direction]?.strength === 'proven')) continue;
    const place = /^(\/\S*)/.exec(witness.error)?.[1] ?? '';
    const candidates = own
      .filter(({ index }) => strengths[index]?.[direction]?.strength === 'possible')
      .toSorted((a, b) => nearness(b.entry.change.path, place) - nearness(a.entry.change.path, place));
    const [nearest] = candidates;
    const target = nearest === undefined ? undefined : strengths[nearest.index];
    if (target !== undefined) target[direction] = { strength: 'proven', witness };
    else {
      const [first] = own;
      const base = first?.entry.change;
      const change: Change = {
        kind: 'schema-changed',
        path: '',
        part: base?.part ?? 'payload',
        language: base?.language ?? 'json-schema',
        subject: base?.subject ?? '',
        at: base?.at ?? null,
        before: base?.before ?? null,
        sure: false,
      };
      extra.push({
        change,
        strengths: {
          backward: null,
          forward: null,
          additive: { strength: 'proven', witness: null },
          [direction]: { strength: 'proven', witness },
        },
      });
    }
  }
  const changes = [
    ...comparison.entries.flatMap((entry, index) =>
      spread(entry.change, strengths[index] ?? NONE, entry.verdict, comparison.mode),
    ),
    ...extra.flatMap(({ change, strengths: own }) => spread(change, own, judge(change), comparison.mode)),
  ];
  const broken = (rule: Breaks): boolean =>
    changes.some(
      (change) =>
        (change.certainty === 'proven' || change.certainty === 'certain') &&
        change.breaks.includes(rule) &&
        (rule === 'additive' || change.surface.some((surface) => surface !== 'source')),
    );
  return {
    compatible: { backward: !broken('backward'), forward: !broken('forward'), additive: !broken('additive') },
    changes,
  };
}

/** Facts, judgement and search in one go, for callers that may block: `search` is called for each request, and for sweeps where they are needed. */
export function compareWithWitness(
  old: SchemaSource,
  next: SchemaSource,
  options: CompareOptions,
  search: (request: WitnessRequest) => WitnessAnswer,
): Comparison | Incomparable {
  const comparison = comparePair(old, next, options);
  if ('failed' in comparison) return comparison;
  const answers = new Map<string, WitnessAnswer>();
  for (const { key, request } of comparison.requests) if (!answers.has(key)) answers.set(key, search(request));
  for (const { key, request } of openSweeps(comparison, answers)) answers.set(key, search(request));
  return applyAnswers(comparison, answers);
}

/** The sweeps that still matter: of pairs and directions in which nothing is proven or certain. */
export function openSweeps(
  comparison: PairComparison,
  answers: ReadonlyMap<string, WitnessAnswer>,
): readonly ProofRequest[] {
  const strengths = comparison.entries.map((entry) => strengthsOf(entry, answers));
  return comparison.sweeps.filter(
    ({ pair, request }) =>
      !comparison.entries.some((entry, index) => {
        const strength = strengths[index]?.[request.direction]?.strength;
        return entry.pair === pair && (strength === 'proven' || strength === 'certain');
      }),
  );
}

interface Proof {
  readonly strength: Certainty;
  readonly witness: Witness | null;
}

type Strengths = { [rule in Breaks]: Proof | null };

const NONE: Strengths = { backward: null, forward: null, additive: null };

function strengthsOf(entry: Entry, answers: ReadonlyMap<string, WitnessAnswer>): Strengths {
  const of = (direction: 'backward' | 'forward'): Proof | null => {
    const strength: Strength | null = entry.verdict[direction];
    if (strength === null) return null;
    const key = entry.keys[direction];
    const witness = key === null ? null : (answers.get(key)?.witness ?? null);
    if (witness !== null) return { strength: 'proven', witness };
    const built = unroutable(entry.change);
    if (built !== null && strength === 'certain') return { strength: 'proven', witness: { direction, ...built } };
    return { strength, witness: null };
  };
  return {
    backward: of('backward'),
    forward: of('forward'),
    additive: entry.verdict.additive === null ? null : { strength: entry.verdict.additive, witness: null },
  };
}

const RANK: Readonly<Record<Certainty, number>> = { proven: 3, certain: 2, possible: 1, theoretical: 0 };

/** One entry per certainty, the surest first: what is proven in one direction and only possible in the other is said apart. */
function spread(change: Change, strengths: Strengths, verdict: Verdict, mode: Mode): readonly JudgedChange[] {
  const groups = new Map<Certainty, Breaks[]>();
  const add = (certainty: Certainty, rule: Breaks): void => {
    const known = groups.get(certainty);
    if (known === undefined) groups.set(certainty, [rule]);
    else known.push(rule);
  };
  for (const direction of ['backward', 'forward'] as const) {
    const proof = strengths[direction];
    if (proof !== null) add(proof.strength, direction);
  }
  if (strengths.additive !== null) {
    const best = [...groups.keys()].toSorted((a, b) => RANK[b] - RANK[a])[0];
    const { strength } = strengths.additive;
    add(best !== undefined && RANK[best] > RANK[strength] ? best : strength, 'additive');
  }
  if (groups.size === 0) groups.set('certain', []);
  const preferred = mode.startsWith('backward')
    ? (['backward', 'forward'] as const)
    : (['forward', 'backward'] as const);
  return [...groups]
    .toSorted(([a], [b]) => RANK[b] - RANK[a])
    .map(([certainty, breaks]): JudgedChange => {
      const proof = preferred.find((direction) => breaks.includes(direction) && strengths[direction]?.witness != null);
      return {
        kind: change.kind,
        path: change.path,
        breaks,
        certainty,
        surface: verdict.surface,
        message: `${wording(change, breaks)}${certainty === 'possible' ? ' So far no message proves it.' : ''}`,
        witness: proof === undefined ? null : (strengths[proof]?.witness ?? null),
        at: change.at,
        before: change.before,
      };
    });
}

function nearness(path: string, place: string): number {
  const a = path.split('/');
  const b = place.split('/');
  let same = 0;
  while (same < a.length && same < b.length && (a[same] === b[same] || a[same] === '*')) same++;
  return same * 2 - (a.length > same ? 1 : 0);
}

/** FNV-1a over the texts of a request's schemas: a name for the pair, not a secret. */
function fingerprint(request: WitnessRequest): string {
  const known = prints.get(request.old as object)?.get(request.new as object);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (const text of [JSON.stringify(request.old), JSON.stringify(request.new)]) {
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  const print = (hash >>> 0).toString(36);
  if (
    typeof request.old === 'object' &&
    request.old !== null &&
    typeof request.new === 'object' &&
    request.new !== null
  ) {
    const inner = prints.get(request.old) ?? new WeakMap<object, string>();
    inner.set(request.new, print);
    prints.set(request.old, inner);
  }
  return print;
}

const prints = new WeakMap<object, WeakMap<object, string>>();
