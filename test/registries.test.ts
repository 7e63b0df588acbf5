// What a folder holds and what its registry lists are the same, and each entry is documented and shown by scenarios.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenarioSections } from '../scripts/lib/scenario-sections.mjs';
import { readers } from '../src/core/readers/index.ts';
import { rules } from '../src/core/rules/index.ts';
import { importers } from '../src/core/traces/index.ts';

const core = join(dirname(import.meta.dirname), 'src/core');

describe.each([
  { kind: 'readers', contract: 'reader', entries: readers },
  { kind: 'traces', contract: 'importer', entries: importers },
])('$kind', ({ kind, contract, entries }) => {
  test('the registry lists every folder, in alphabetical order', () => {
    const folders = readdirSync(join(core, kind)).filter((name) =>
      existsSync(join(core, kind, name, `${contract}.ts`)),
    );
    expect(entries.map(({ id }) => id)).toEqual(folders.toSorted());
  });

  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s says what it reads and shows it',
    (id, { title, docs }) => {
      expect(title).not.toBe('');
      expect(docs.summary).not.toBe('');
      expect(docs.reads).not.toEqual([]);
      expect(docs.doesNotRead).not.toEqual([]);
      const scenarios = readdirSync(join(core, kind, id)).filter((name) => name.endsWith('.md'));
      expect(scenarios.flatMap((name) => scenarioSections(textOf(join(core, kind, id, name))))).not.toEqual([]);
    },
  );
});

describe('rules', () => {
  test('the registry lists every rule file, in alphabetical order', () => {
    const files = readdirSync(join(core, 'rules')).flatMap((name) => /^(.+)\.md$/.exec(name)?.[1] ?? []);
    expect(rules.map(({ id }) => id)).toEqual(files.toSorted());
    for (const { id } of rules) expect(existsSync(join(core, 'rules', `${id}.ts`)), `rules/${id}.ts`).toBe(true);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))('%s says what, why and what to do', (_, { docs }) => {
    for (const text of [docs.title, docs.what, docs.why, docs.do]) expect(text.trim()).not.toBe('');
  });

  test.each(rules.map(({ id }) => id))('%s has a scenario with a finding and one without', (id) => {
    const sections = scenarioSections(textOf(join(core, 'rules', `${id}.md`)));
    const finds = (body: string): boolean => new RegExp(`\\b(?:error|warning|info)\\[${id}\\]`).test(body);
    expect(sections.filter(({ body }) => finds(body)).length).toBeGreaterThan(0);
    expect(sections.filter(({ body }) => !finds(body)).length).toBeGreaterThan(0);
  });
});

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
