// The corpora against the thresholds. Lowering one is a change of its own, with its reason.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Score } from './score.ts';
import { percent, score, total } from './score.ts';

const folder = import.meta.dirname;
const corpora = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
const thresholds = JSON.parse(readFileSync(join(folder, 'thresholds.json'), 'utf8')) as Readonly<Record<string, number>>;

describe('the corpora', async () => {
  const scores: readonly Score[] = await Promise.all(corpora.map((name) => score(join(folder, name))));
  const all = total(scores);
  const row = (name: string, one: Omit<Score, 'corpus' | 'faults'>): string =>
    `${name.padEnd(24)} tier 1 ${percent(one.tiers[1])}  2 ${percent(one.tiers[2])}  3 ${percent(one.tiers[3])}  4 ${percent(one.tiers[4])}  precision ${percent(one.precision)}  lines ${percent(one.lines)}  verdicts ${percent(one.verdicts)}`;
  process.stderr.write(`${[...scores.map((one) => row(one.corpus, one)), row('all', all)].join('\n')}\n`);

  test.each(scores.map((one) => [one.corpus, one] as const))('%s is read', (_, one) => {
    expect(one.precision.all, one.faults.join('\n')).toBeGreaterThan(0);
  });

  test.each([
    ['tier1', all.tiers[1]],
    ['tier2', all.tiers[2]],
    ['tier3', all.tiers[3]],
    ['tier4', all.tiers[4]],
    ['precision', all.precision],
    ['lines', all.lines],
    ['verdicts', all.verdicts],
  ] as const)('%s holds', (name, share) => {
    expect(percent(share), scores.flatMap((one) => one.faults.map((fault) => `${one.corpus}: ${fault}`)).join('\n')).toBeGreaterThanOrEqual(thresholds[name] ?? 100);
  });
});
