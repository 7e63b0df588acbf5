// Corpora with truth files → recall per tier, precision, line and verdict accuracy. A truth file is written by hand before its corpus is run.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createEngine } from '../../src/core/engine.ts';
import { analyse } from '../scenario.ts';

/** One edge that a person reads out of the files. */
interface TrueEdge {
  readonly kind: 'sends' | 'receives' | 'routes' | 'dead-letters';
  /** Names of services and channels as they are shown. */
  readonly from: string;
  readonly to: string;
  readonly subscription?: string;
  /** `file:line` of the sites that declare it; each must be found to ± 2 lines. */
  readonly at: readonly string[];
  /** What it takes: 1 a literal, 2 one static hop, 3 several hops, 4 a configuration chain. */
  readonly tier: 1 | 2 | 3 | 4;
  /** On `receives` and `routes`. */
  readonly deadLetter?: 'configured' | 'built-in' | 'missing' | 'unknown' | 'not-applicable';
}

/** A part of a whole. */
export interface Share {
  readonly right: number;
  readonly all: number;
}

export interface Score {
  readonly corpus: string;
  readonly tiers: Readonly<Record<1 | 2 | 3 | 4, Share>>;
  readonly precision: Share;
  readonly lines: Share;
  readonly verdicts: Share;
  /** What was expected and not found, found and not expected, or said wrong: one line each. */
  readonly faults: readonly string[];
}

const LINES_OFF = 2;

/** Runs the engine over one corpus and compares. */
export async function score(folder: string): Promise<Score> {
  const truth = (JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as { readonly edges: readonly TrueEdge[] }).edges;
  const engine = createEngine();
  const files = new Map(
    filesBelow(folder)
      .map((path) => relative(folder, path).replaceAll('\\', '/'))
      .filter((path) => path !== 'truth.json' && engine.wants(path))
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')] as const),
  );
  const { topology } = await analyse(engine, files, null);
  const names = new Map<string, string>([...topology.services, ...topology.channels].map((node) => [node.id, node.name]));
  const keyOf = (edge: { readonly kind: string; readonly from: string; readonly to: string; readonly subscription?: string }): string =>
    `${edge.kind} ${edge.from} → ${edge.to}${edge.subscription === undefined || edge.subscription === '' ? '' : ` as ${edge.subscription}`}`;
  const found = new Map(
    topology.edges.map((edge) => {
      const named = { kind: edge.kind, from: names.get(edge.from) ?? edge.from, to: names.get(edge.to) ?? edge.to, subscription: edge.subscription };
      return [keyOf(named), edge] as const;
    }),
  );
  const tiers = { 1: { right: 0, all: 0 }, 2: { right: 0, all: 0 }, 3: { right: 0, all: 0 }, 4: { right: 0, all: 0 } };
  const lines = { right: 0, all: 0 };
  const verdicts = { right: 0, all: 0 };
  const faults: string[] = [];
  const expected = new Set(truth.map((edge) => keyOf(edge)));
  for (const edge of truth) {
    const key = keyOf(edge);
    const match = found.get(key);
    tiers[edge.tier].all++;
    if (match === undefined) {
      faults.push(`missed (tier ${edge.tier}): ${key}`);
      continue;
    }
    tiers[edge.tier].right++;
    for (const place of edge.at) {
      const [file = '', line = '0'] = place.split(/:(?=\d+$)/);
      lines.all++;
      if (match.at.some((at) => at.file === file && Math.abs(at.range.start.line + 1 - Number(line)) <= LINES_OFF)) lines.right++;
      else faults.push(`line: ${key} stands at ${match.at.map((at) => `${at.file}:${at.range.start.line + 1}`).join(', ')} and not at ${place}`);
    }
    if (edge.deadLetter !== undefined) {
      verdicts.all++;
      if (match.failure?.deadLetter === edge.deadLetter) verdicts.right++;
      else faults.push(`verdict: ${key} is ${match.failure?.deadLetter ?? 'none'} and not ${edge.deadLetter}`);
    }
  }
  const wrong = [...found.keys()].filter((key) => !expected.has(key));
  faults.push(...wrong.map((key) => `wrong: ${key}`));
  return { corpus: relative(join(folder, '..'), folder), tiers, precision: { right: found.size - wrong.length, all: found.size }, lines, verdicts, faults };
}

/** Adds scores up, part by part. */
export function total(scores: readonly Score[]): Omit<Score, 'corpus' | 'faults'> {
  const sum = (pick: (one: Score) => Share): Share => ({ right: scores.reduce((all, one) => all + pick(one).right, 0), all: scores.reduce((all, one) => all + pick(one).all, 0) });
  return {
    tiers: { 1: sum((one) => one.tiers[1]), 2: sum((one) => one.tiers[2]), 3: sum((one) => one.tiers[3]), 4: sum((one) => one.tiers[4]) },
    precision: sum((one) => one.precision),
    lines: sum((one) => one.lines),
    verdicts: sum((one) => one.verdicts),
  };
}

/** Percent, rounded down to a tenth; 100 for nothing of nothing. */
export function percent({ right, all }: Share): number {
  return all === 0 ? 100 : Math.floor((right / all) * 1000) / 10;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
