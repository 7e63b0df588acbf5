// The door for comparing two contracts outside any workspace (`eventscape diff`): texts → facts and judgement → with answers, a Comparison.
// Names cross files through the lookups that the caller gives; remote references are never followed.
import { applyAnswers, comparePair, openSweeps } from './contracts/compare.ts';
import type { PairComparison } from './contracts/compare.ts';
import type { SchemaSource } from './contracts/schema/side.ts';
import type { Comparison, Mode, WitnessAnswer } from './model/change.ts';
import type { FilePath, SourceFile } from './model/source.ts';
import type { PendingProof } from './snapshot.ts';
import type { DataDocument, DataNode } from './syntax/data.ts';
import { entryOf } from './syntax/data.ts';
import { parseData } from './syntax/parse-data.ts';

/** What a contract is written in. */
export type ContractLanguage = 'json-schema' | 'avro' | 'protobuf' | 'asyncapi';

/** One side: its file, and the texts of others by path, null where there is none. */
export interface ContractText {
  readonly file: SourceFile;
  readonly lookup: (path: FilePath) => SourceFile | null;
}

/** A comparison under way. `proofs` are the searches that may settle it; call `result` with the answers there are, as often as wished. */
export interface ContractComparison {
  readonly proofs: readonly PendingProof[];
  /** Further searches that matter once the first are answered. */
  readonly more: (answers: ReadonlyMap<string, WitnessAnswer>) => readonly PendingProof[];
  readonly result: (answers: ReadonlyMap<string, WitnessAnswer>) => Comparison;
}

/** Why nothing can be compared: one sentence, with its 1-based place in one of the files where there is one. */
export interface ContractFailure {
  readonly failed: string;
  readonly file: FilePath | null;
  readonly line: number;
}

/** Tells the language of a contract, by its name for what has one, by its content for the rest; null where neither tells. */
export function contractLanguage({ file }: ContractText): ContractLanguage | null {
  if (/\.(avsc|avdl|avpr)$/i.test(file.path)) return 'avro';
  if (/\.proto$/i.test(file.path)) return 'protobuf';
  const root = parseData(file).roots[0];
  if (root === undefined) return null;
  if (root.kind === 'scalar') return typeof root.value === 'boolean' ? 'json-schema' : null;
  if (entryOf(root, 'asyncapi') !== undefined) return 'asyncapi';
  return isSchema(root) ? 'json-schema' : null;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  '$schema $id id $ref $defs definitions title description type enum const properties required additionalProperties patternProperties propertyNames unevaluatedProperties minProperties maxProperties dependencies dependentRequired dependentSchemas items prefixItems additionalItems contains minItems maxItems uniqueItems unevaluatedItems multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern format allOf anyOf oneOf not if then else default examples'.split(
    ' ',
  ),
);

function isSchema(root: DataNode): boolean {
  return root.kind === 'map' && (root.entries.length === 0 || root.entries.some((entry) => KEYWORDS.has(entry.key)));
}

/** Opens a comparison of two contracts of one language. */
export function compareContracts(
  old: ContractText,
  next: ContractText,
  options: {
    readonly language: 'json-schema' | 'asyncapi' | 'avro';
    readonly mode: Mode;
    readonly root: string | null;
  },
): ContractComparison | ContractFailure {
  const before = sourceOf(old);
  const after = sourceOf(next);
  if ('failed' in before) return before;
  if ('failed' in after) return after;
  const comparison = comparePair(before, after, { format: options.language, mode: options.mode, root: options.root });
  if ('failed' in comparison) return { failed: comparison.failed, file: null, line: 0 };
  return opened(comparison);
}

function opened(comparison: PairComparison): ContractComparison {
  return {
    proofs: comparison.requests,
    more: (answers) => openSweeps(comparison, answers).filter(({ key }) => !answers.has(key)),
    result: (answers) => applyAnswers(comparison, answers),
  };
}

function sourceOf({ file, lookup }: ContractText): SchemaSource | ContractFailure {
  const document = parseData(file);
  const [root] = document.roots;
  const broken = document.problems.find((problem) => problem.syntax === true);
  if (root === undefined || broken !== undefined)
    return {
      failed: broken?.message ?? 'The file is empty.',
      file: file.path,
      line: (broken?.range.start.line ?? 0) + 1,
    };
  const parsed = new Map<FilePath, DataDocument | undefined>([[file.path, document]]);
  return {
    document,
    root,
    lookup: (path) => {
      if (!parsed.has(path)) {
        const source = lookup(path);
        parsed.set(path, source === null ? undefined : parseData(source));
      }
      return parsed.get(path);
    },
  };
}
