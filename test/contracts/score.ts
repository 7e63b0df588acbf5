// Compares the product's verdicts with labelled pairs of schemas (test/data/contracts): per file how many agree, and which do not.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '../../src/core/model/change.ts';
import { makeSourceFile } from '../../src/core/model/source.ts';
import { parseData } from '../../src/core/syntax/parse-data.ts';
import { compareWithWitness } from '../../src/core/contracts/compare.ts';
import type { CompareOptions } from '../../src/core/contracts/compare.ts';
import type { SchemaSource } from '../../src/core/contracts/schema/side.ts';
import { searchAvroWitness } from '../../src/core/witness-avro.ts';
import { searchWitness } from '../../src/core/witness.ts';

/** One labelled pair, as the data files write it. */
export interface Row {
  readonly id: string;
  readonly kind?: string;
  readonly desc?: string;
  readonly old: unknown;
  readonly new: unknown;
  readonly compatible_backward: boolean | null;
  readonly compatible_forward?: boolean | null;
  readonly label_check?: string;
}

/** What a file scored. A row counts once per labelled direction. */
export interface Score {
  readonly judged: number;
  readonly agreed: number;
  readonly disagreements: readonly {
    readonly id: string;
    readonly direction: 'backward' | 'forward';
    readonly label: boolean;
    readonly comparison: Comparison;
  }[];
}

/** The rows of a data file. */
export function readRows(name: string): readonly Row[] {
  const path = fileURLToPath(new URL(`../data/contracts/${name}.jsonl`, import.meta.url));
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Row => JSON.parse(line));
}

/** A schema given as data, as if it stood in a file. */
export function sourceOf(schema: unknown, path = 'schema.json'): SchemaSource {
  const document = parseData(makeSourceFile(path, JSON.stringify(schema, null, 2)));
  const [root] = document.roots;
  if (root === undefined) throw new Error(`${path} is empty`);
  return { document, root, lookup: () => undefined };
}

/** Compares one pair with the search for witnesses. */
export function compareRow(row: Row, format: CompareOptions['format']): Comparison {
  const result = compareWithWitness(
    sourceOf(row.old, 'old.json'),
    sourceOf(row.new, 'new.json'),
    { format, mode: 'full' },
    format === 'avro' ? searchAvroWitness : searchWitness,
  );
  if ('failed' in result) throw new Error(`${row.id}: ${result.failed}`);
  return result;
}

/** Scores a file. */
export function score(rows: readonly Row[], format: CompareOptions['format']): Score {
  let judged = 0;
  const disagreements: Score['disagreements'][number][] = [];
  for (const row of rows) {
    const comparison = compareRow(row, format);
    for (const direction of ['backward', 'forward'] as const) {
      const label = row[`compatible_${direction}`];
      if (label === null || label === undefined) continue;
      judged++;
      if (comparison.compatible[direction] !== label) disagreements.push({ id: row.id, direction, label, comparison });
    }
  }
  return { judged, agreed: judged - disagreements.length, disagreements };
}

/** The rows of the JSON Schema file that its makers could confirm. */
export function confirmedRows(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => row.label_check === 'proved' || row.label_check === 'consistent');
}
