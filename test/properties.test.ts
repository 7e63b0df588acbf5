// Properties that hold for every input: readers never throw, the order of files does not matter, an incremental run equals one from scratch.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../src/core/engine.ts';
import type { FileChange } from '../src/core/engine-api.ts';
import type { Snapshot } from '../src/core/snapshot.ts';
import { grammarsOfPackages } from './grammars.ts';
import { analyse, parseScenarios } from './scenario.ts';

const root = join(import.meta.dirname, '..');

function below(folder: string, ending: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? below(path, ending) : name.endsWith(ending) ? [path] : [];
  });
}

/** Every file of every scenario of the readers, by name. */
const fixtures: readonly (readonly [string, string])[] = below(join(root, 'src/core/readers'), '.md').flatMap((path) =>
  parseScenarios(readFileSync(path, 'utf8')).flatMap((scenario) => [...scenario.files]),
);

const shop = new Map(
  below(join(root, 'examples/orders'), '')
    .filter((path) => !/traces|expected/.test(path))
    .map(
      (path) =>
        [relative(join(root, 'examples/orders'), path).replaceAll('\\', '/'), readFileSync(path, 'utf8')] as const,
    ),
);

/** A small deterministic generator (Numerical Recipes' LCG): the same damage in each run. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
}

async function pump(engine: ReturnType<typeof createEngine>, files: readonly FileChange[]): Promise<Snapshot> {
  await engine.prepare(
    files.map((file) => file.path),
    grammarsOfPackages,
  );
  const run = engine.apply({ files });
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

/** A snapshot as plain data, apart from what counts runs. */
function picture(snapshot: Snapshot): string {
  const { topology, findings, problems, files } = snapshot;
  return JSON.stringify({ topology, findings, problems, files }, (_, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
}

describe('readers never throw', () => {
  test('on any prefix of any fixture', async () => {
    expect(fixtures.length).toBeGreaterThan(40);
    const engine = createEngine();
    for (const [path, text] of fixtures) {
      const step = Math.max(1, Math.floor(text.length / 12));
      for (let length = 0; length < text.length; length += step) {
        const snapshot = await pump(engine, [{ path, text: text.slice(0, length) }]);
        expect(snapshot.files.seen).toBeLessThanOrEqual(1);
      }
      await pump(engine, [{ path, text: null }]);
    }
  }, 120_000);

  test('on damaged fixtures', async () => {
    const engine = createEngine();
    const next = random(20_251_123);
    for (const [path, text] of fixtures) {
      for (let round = 0; round < 6; round++) {
        const at = next() % Math.max(1, text.length);
        const damage =
          ['\u0000', '{', '}', '[', '\t', '"', "'", '&a', '*a', '<<:', '!Ref', '\uD800', ': :', '\n', '- '][
            next() % 15
          ] ?? '';
        const snapshot = await pump(engine, [
          { path, text: text.slice(0, at) + damage + text.slice(at + (next() % 3)) },
        ]);
        expect(snapshot.revision).toBeGreaterThan(0);
      }
      await pump(engine, [{ path, text: null }]);
    }
  }, 120_000);
});

describe('snapshots', () => {
  test('do not depend on the order of files', async () => {
    const forwards = await analyse(createEngine(), shop, null);
    const backwards = await analyse(createEngine(), new Map([...shop].toReversed()), null);
    expect(forwards.topology.edges.length).toBeGreaterThan(8);
    expect(picture(backwards)).toBe(picture(forwards));
  });

  test('are the same after edits as from scratch, and one edit reads one file', async () => {
    const engine = createEngine();
    await analyse(engine, shop, null);
    const path = 'fulfilment/template.yaml';
    const text = shop.get(path) ?? '';
    const edited = text.replace('ReturnsDlq.Arn', 'OtherDlq.Arn');
    expect(edited).not.toBe(text);
    const first = await pump(engine, [{ path, text: edited }]);
    expect(first.parsed).toBe(1);
    expect(picture(first)).toBe(picture(await analyse(createEngine(), new Map([...shop, [path, edited]]), null)));
    const back = await pump(engine, [{ path, text }]);
    expect(picture(back)).toBe(picture(await analyse(createEngine(), shop, null)));
    const gone = await pump(engine, [{ path, text: null }]);
    const without = new Map(shop);
    without.delete(path);
    expect(picture(gone)).toBe(picture(await analyse(createEngine(), without, null)));
  });

  test('read nothing again where nothing changed', async () => {
    const engine = createEngine();
    await analyse(engine, shop, null);
    expect(
      (
        await pump(
          engine,
          [...shop].map(([path, text]) => ({ path, text })),
        )
      ).parsed,
    ).toBe(0);
  });
});
