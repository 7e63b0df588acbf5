// `eventscape diff OLD NEW`: what differs between two contracts, what it breaks, and a message that proves it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, parse as parsePath, relative, resolve } from 'node:path';
import type { ContractText } from '../../core/compare-contracts.ts';
import { compareContracts, contractLanguage } from '../../core/compare-contracts.ts';
import type { Breaks, Comparison, WitnessAnswer } from '../../core/model/change.ts';
import type { SourceFile } from '../../core/model/source.ts';
import { makeSourceFile } from '../../core/model/source.ts';
import type { PendingProof } from '../../core/snapshot.ts';
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

const BROKEN_BY: Readonly<Record<(typeof DIFF_MODES)[number], readonly Breaks[]>> = {
  additive: ['additive'],
  backward: ['backward'],
  forward: ['forward'],
  full: ['backward', 'forward'],
};

/** Runs the command. */
export async function diffCommand(options: DiffOptions): Promise<Outcome> {
  const old = openContract(options.old);
  const next = openContract(options.current);
  const language = options.as ?? contractLanguage(next) ?? contractLanguage(old) ?? 'json-schema';
  if (language === 'protobuf') throw new UsageError('diff --as protobuf: not supported yet');
  if (language === 'avro' && /\.avdl$/i.test(options.old + options.current))
    throw new UsageError('diff of Avro IDL (.avdl): not supported yet; compare the .avsc files');
  if (options.root !== null && language === 'asyncapi')
    throw new UsageError('diff --root of AsyncAPI documents: not supported yet');
  const comparison = compareContracts(old, next, { language, mode: options.mode, root: options.root });
  if ('failed' in comparison) {
    const name =
      comparison.file === null
        ? `${options.old}, ${options.current}`
        : comparison.file === old.file.path
          ? options.old
          : options.current;
    throw new UsageError(`${name}${comparison.line > 0 ? `:${comparison.line}` : ''}: ${comparison.failed}`);
  }
  if (options.as === null && contractLanguage(next) === null && contractLanguage(old) === null)
    throw new UsageError(`${options.current}: neither AsyncAPI nor JSON Schema; say which with --as`);
  const pool = openWitnessPool();
  const answers = new Map<string, WitnessAnswer>();
  const ask = async (proofs: readonly PendingProof[]): Promise<void> => {
    const found = await Promise.all(proofs.map(async ({ key, request }) => [key, await pool.search(request)] as const));
    for (const [key, answer] of found) answers.set(key, answer);
  };
  try {
    await ask(comparison.proofs);
    await ask(comparison.more(answers));
  } finally {
    await pool.close();
  }
  const result = comparison.result(answers);
  const broken = BROKEN_BY[options.mode].some((rule) => !result.compatible[rule]);
  return { output: options.format === 'json' ? diffJson(result) : diffText(result), code: broken ? 1 : 0 };
}

/** A named file as a contract. Its path counts from the root of the drive, so that a `$ref` may lead up from its own folder. */
function openContract(name: string): ContractText {
  const path = resolve(name);
  const drive = parsePath(path).root;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`${name}: there is no such file`);
  if (stat.isDirectory()) throw new UsageError(`${name}: comparing folders (protobuf, avro): not supported yet`);
  const read = (file: string): SourceFile | string => {
    const text = asText(readFileSync(join(drive, file)));
    return text.text === null ? text.problem : makeSourceFile(file, text.text);
  };
  const own = read(relative(drive, path).replaceAll('\\', '/'));
  if (typeof own === 'string') throw new UsageError(`${name}: ${own}`);
  return {
    file: own,
    lookup: (file) => {
      const found = existsSync(join(drive, file)) && statSync(join(drive, file)).isFile() ? read(file) : null;
      return typeof found === 'string' ? null : found;
    },
  };
}

function diffJson(comparison: Comparison): string {
  const changes = comparison.changes.map(({ kind, path, breaks, certainty, surface, message, witness }) => ({
    kind,
    path,
    breaks,
    certainty,
    surface,
    message,
    witness,
  }));
  return `${JSON.stringify({ version: 1, compatible: comparison.compatible, changes }, null, 1)}\n`;
}

function diffText({ compatible, changes }: Comparison): string {
  const lines = changes.flatMap((change) =>
    change.certainty === 'theoretical'
      ? []
      : [
          `${change.breaks.length === 0 ? 'ok' : `breaks ${change.breaks.join(', ')}`} (${change.certainty})  ${plain(change.path === '' ? '(whole)' : change.path)}  ${plain(change.message)}`,
          ...(change.witness === null
            ? []
            : [`    for example ${plain(JSON.stringify(change.witness.message))}: ${plain(change.witness.error)}`]),
        ],
  );
  const verdict = (['backward', 'forward', 'additive'] as const)
    .map((rule) => `${rule} ${compatible[rule] ? 'compatible' : 'broken'}`)
    .join(', ');
  return `${[...lines, verdict].join('\n')}\n`;
}
