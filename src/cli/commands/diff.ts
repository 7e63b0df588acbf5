// `eventscape diff OLD NEW`: what differs between two contracts, what it breaks, and a message that proves it.
import { readFile, stat } from 'node:fs/promises';
import { join, parse as parsePath, relative, resolve } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { applyAnswers, comparePair, openSweeps } from '../../core/contracts/compare.ts';
import type { ProofRequest } from '../../core/contracts/compare.ts';
import type { SchemaSource } from '../../core/contracts/schema/side.ts';
import type { Breaks, Comparison, WitnessAnswer } from '../../core/model/change.ts';
import { makeSourceFile } from '../../core/model/source.ts';
import type { DataDocument } from '../../core/syntax/data.ts';
import { entryOf } from '../../core/syntax/data.ts';
import { parseData } from '../../core/syntax/parse-data.ts';
import { asText } from '../../node/text.ts';
import { plain } from '../reporters/plain.ts';
import type { Outcome } from '../usage.ts';
import { UsageError } from '../usage.ts';
import { openWitnessPool } from '../workspace.ts';

export const DIFF_LANGUAGES = ['json-schema', 'avro', 'protobuf', 'asyncapi'] as const;
export const DIFF_MODES = ['additive', 'backward', 'forward', 'full'] as const;
export const DIFF_FORMATS = ['text', 'json'] as const;

export interface DiffOptions {
  readonly old: string;
  readonly current: string;
  /** Null: told from names and content. */
  readonly as: (typeof DIFF_LANGUAGES)[number] | null;
  readonly mode: (typeof DIFF_MODES)[number];
  readonly root: string | null;
  readonly format: (typeof DIFF_FORMATS)[number];
}

const BROKEN_BY: Readonly<Record<(typeof DIFF_MODES)[number], readonly Breaks[]>> = { additive: ['additive'], backward: ['backward'], forward: ['forward'], full: ['backward', 'forward'] };

/** Runs the command. */
export async function diffCommand(options: DiffOptions): Promise<Outcome> {
  const old = await openContract(options.old);
  const next = await openContract(options.current);
  const language = options.as ?? languageOf(next) ?? languageOf(old);
  if (language === null) throw new UsageError(`${options.current}: neither AsyncAPI nor JSON Schema; say which with --as`);
  if (language !== 'json-schema' && language !== 'asyncapi') throw new UsageError(`diff --as ${language}: not supported yet`);
  const comparison = comparePair(old, next, { format: language, mode: options.mode, root: options.root });
  if ('failed' in comparison) throw new UsageError(`${options.old}, ${options.current}: ${comparison.failed}`);
  const pool = openWitnessPool();
  const answers = new Map<string, WitnessAnswer>();
  const ask = async (requests: readonly ProofRequest[]): Promise<void> => {
    const fresh = requests.filter(({ key }) => !answers.has(key));
    const found = await Promise.all(fresh.map(async ({ key, request }) => [key, await pool.search(request)] as const));
    for (const [key, answer] of found) answers.set(key, answer);
  };
  try {
    await ask(comparison.requests);
    await ask(openSweeps(comparison, answers));
  } finally {
    await pool.close();
  }
  const result = applyAnswers(comparison, answers);
  const broken = BROKEN_BY[options.mode].some((rule) => !result.compatible[rule]);
  return { output: options.format === 'json' ? diffJson(result) : diffText(result), code: broken ? 1 : 0 };
}

/** A named file as a contract. Files that it refers to are read from beside it, as `$ref` names them; remote ones never. */
async function openContract(name: string): Promise<SchemaSource> {
  const path = resolve(name);
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`${name}: there is no such file`);
  if (found.isDirectory()) throw new UsageError(`${name}: comparing folders (protobuf, avro): not supported yet`);
  // From the root of the drive, so that a `$ref` may lead up from the file's own folder.
  const folder = parsePath(path).root;
  const key = relative(folder, path).replaceAll('\\', '/');
  const opened = new Map<string, DataDocument | undefined>();
  const parse = (file: string, bytes: Uint8Array): DataDocument | string => {
    const text = asText(bytes);
    return text.text === null ? text.problem : parseData(makeSourceFile(file, text.text));
  };
  const own = parse(key, await readFile(path));
  if (typeof own === 'string') throw new UsageError(`${name}: ${own}`);
  const [broken] = own.problems;
  const root = own.roots[0];
  if (root === undefined || (broken?.syntax ?? false)) {
    const where = broken === undefined ? '' : `:${broken.range.start.line + 1}:${broken.range.start.character + 1}`;
    throw new UsageError(`${name}${where}: ${broken?.message ?? 'the file is empty.'}`);
  }
  opened.set(key, own);
  return {
    document: own,
    root,
    lookup: (file) => {
      if (opened.has(file)) return opened.get(file);
      const target = join(folder, file);
      const document = existsSync(target) ? parse(file, readFileSync(target)) : undefined;
      const usable = typeof document === 'string' ? undefined : document;
      opened.set(file, usable);
      return usable;
    },
  };
}

/** What a file is written in: by its name for what is not compared yet, by its content for the rest; null where neither tells. */
function languageOf({ document, root }: SchemaSource): (typeof DIFF_LANGUAGES)[number] | null {
  if (/\.(avsc|avdl|avpr)$/i.test(document.file.path)) return 'avro';
  if (/\.proto$/i.test(document.file.path)) return 'protobuf';
  if (root.kind === 'scalar') return typeof root.value === 'boolean' ? 'json-schema' : null;
  if (root.kind !== 'map') return null;
  if (entryOf(root, 'asyncapi') !== undefined) return 'asyncapi';
  const keywords = ['$schema', 'type', 'properties', '$ref', '$defs', 'definitions', 'allOf', 'anyOf', 'oneOf', 'enum', 'const', 'items', 'not', 'if', 'required', 'additionalProperties', 'patternProperties', 'minimum', 'maximum', 'pattern', 'format', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'multipleOf', 'prefixItems', 'contains', 'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'exclusiveMinimum', 'exclusiveMaximum', 'minProperties', 'maxProperties', '$id', 'id', 'title', 'description'];
  return root.entries.length === 0 || keywords.some((keyword) => entryOf(root, keyword) !== undefined) ? 'json-schema' : null;
}

function diffJson(comparison: Comparison): string {
  const changes = comparison.changes.map(({ kind, path, breaks, certainty, surface, message, witness }) => ({ kind, path, breaks, certainty, surface, message, witness }));
  return `${JSON.stringify({ version: 1, compatible: comparison.compatible, changes }, null, 1)}\n`;
}

function diffText({ compatible, changes }: Comparison): string {
  const lines = changes
    .filter((change) => change.certainty !== 'theoretical')
    .flatMap((change) => [
      `${change.breaks.length === 0 ? 'ok' : `breaks ${change.breaks.join(', ')}`} (${change.certainty})  ${plain(change.path === '' ? '(whole)' : change.path)}  ${plain(change.message)}`,
      ...(change.witness === null ? [] : [`    for example ${plain(JSON.stringify(change.witness.message))}: ${plain(change.witness.error)}`]),
    ]);
  const verdict = (['backward', 'forward', 'additive'] as const).map((rule) => `${rule} ${compatible[rule] ? 'compatible' : 'broken'}`).join(', ');
  return `${[...lines, verdict].join('\n')}\n`;
}
