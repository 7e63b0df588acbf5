// Everything that can be said of the project without running a test, cheapest first. Stops at nothing: each step that
// fails is named at the end, after its own output. `npm run check -- types lint` runs these steps alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ready } from './ready.mjs';
import { exitOnSignals, npm, reasonOf, root, run, say, tool } from './lib/process.mjs';

const node = process.execPath;
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** @type {Record<string, {title: string, work: () => Promise<unknown>}>} */
const steps = {
  generated: { title: 'generated files are current', work: () => run(node, ['scripts/generate.mjs', '--check']) },
  format: { title: 'format (npm run format)', work: () => tool('oxfmt/bin/oxfmt', ['--check']) },
  lint: { title: 'lint', work: () => tool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']) },
  types: { title: 'types per layer', work: () => tool('typescript/bin/tsc', ['-b']) },
  knip: { title: 'nothing unused (knip)', work: () => tool('knip/bin/knip.js', ['--no-progress']) },
  lock: {
    title: 'package-lock.json is whole',
    work: () =>
      npm(['ci', '--dry-run', '--include=dev', '--ignore-scripts', '--loglevel=error'], { output: 'capture' }),
  },
  build: { title: 'every bundle builds', work: () => ready(['build']) },
  budgets: { title: 'bundle budgets', work: () => run(node, ['scripts/budgets.mjs']) },
  cli: { title: 'the built command line starts', work: checkCli },
};

exitOnSignals();
const asked = process.argv.slice(2);
/** @type {string[]} */
const failed = [];
for (const [name, step] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  say(`check ${name}: ${step.title}`);
  try {
    await step.work();
  } catch (error) {
    failed.push(`${name}: ${step.title}. ${reasonOf(error)}`);
  }
}
for (const line of failed) say(`FAILED ${line}`);
if (failed.length > 0) process.exitCode = 1;

async function checkCli() {
  const answer = await run(node, ['dist/cli.js', '--version'], { output: 'capture' });
  if (!answer.includes(version)) throw new Error(`--version says ${JSON.stringify(answer.trim())}, not ${version}`);
}
