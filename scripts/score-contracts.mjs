// npm run score:contracts: how often the verdicts on the labelled pairs of test/data/contracts agree with their labels.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
// Beside the sources, so that the packages they leave out are found.
const folder = await mkdtemp(join(root, 'node_modules', '.score-'));
try {
  const outfile = join(folder, 'score.mjs');
  await build({
    entryPoints: [join(root, 'test/contracts/score.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'test/contracts/score.ts')).href) },
    logLevel: 'error',
  });
  const { confirmedRows, readRows, score } = await import(pathToFileURL(outfile).href);
  for (const [name, rows] of [
    ['json-schema', confirmedRows(readRows('json-schema'))],
    ['asyncapi', readRows('asyncapi')],
    ['avro', readRows('avro')],
  ]) {
    const { judged, agreed, disagreements } = score(rows, name);
    console.log(`${name.padEnd(12)} ${agreed} of ${judged} verdicts agree (${((100 * agreed) / judged).toFixed(2)} %)`);
    for (const { id, direction, label } of disagreements)
      console.log(`  ${id} ${direction}: labelled ${label ? 'compatible' : 'breaking'}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
