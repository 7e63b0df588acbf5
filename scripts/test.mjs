// `npm test`: check, then unit tests and scenarios, then the suites in a real VS Code. Every one runs whatever the others
// said. Progress goes to stderr; the last line of stdout is `N passed, N failed`, the sum of all (a failed check counts as one).
// `npm test -- unit` runs some of: check, unit, vscode. Further arguments after `--` go to vitest.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitOnSignals, reasonOf, root, run, say, tool } from './lib/process.mjs';
import { ready } from './ready.mjs';

const sum = { passed: 0, failed: 0 };
const parts = { check, unit: () => vitest('unit', []), vscode };

exitOnSignals();
const given = process.argv.slice(2);
const chosen = given.filter((name) => name in parts);
const further = given.filter((name) => !(name in parts));
for (const [name, work] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    await work();
  } catch (error) {
    say(`FAILED ${name}: ${reasonOf(error)}`);
    sum.failed += 1;
  }
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

async function check() {
  await run(process.execPath, ['scripts/check.mjs']);
}

async function vscode() {
  await ready(['build', 'vscode']);
  await vitest('vscode', ['--config', 'test/vscode/vitest.config.ts']);
}

/** Runs vitest and adds what it counted. Rejects when it says that something failed which no test's count shows.
 * @param {string} name @param {readonly string[]} args */
async function vitest(name, args) {
  const report = join(root, 'test-results', `${name}.json`);
  mkdirSync(join(root, 'test-results'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ended = await tool('vitest/vitest.mjs', ['run', ...args, ...reporters, ...further]).then(
    () => null,
    (error) => reasonOf(error),
  );
  const { numPassedTests, numFailedTests } = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0 };
  sum.passed += numPassedTests;
  sum.failed += numFailedTests;
  if (ended !== null && numFailedTests === 0) throw new Error(ended);
  if (ended === null && numPassedTests === 0) throw new Error('no test ran');
}
