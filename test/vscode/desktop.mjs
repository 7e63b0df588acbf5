// `npm run test:desktop`: the in-host suite in a downloaded desktop VS Code, where it can be downloaded.
// VSCODE_VERSION chooses another one than the newest; the oldest that the manifest allows is worth a run too.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { copyExample } from '../../scripts/lib/example.mjs';
import { reasonOf, root, say } from '../../scripts/lib/process.mjs';
import { suiteBundle } from '../../scripts/lib/suite-bundle.mjs';

const { scratch, folder } = await copyExample('orders');
const results = join(scratch, 'results.json');
try {
  await build(suiteBundle);
  await runTests({
    version: process.env['VSCODE_VERSION'] ?? 'stable',
    cachePath: join(root, '.vscode-test/desktop'),
    extensionDevelopmentPath: root,
    extensionTestsPath: suiteBundle.outfile,
    extensionTestsEnv: { EVENTSCAPE_TEST_RESULTS: results },
    launchArgs: [
      folder,
      '--disable-workspace-trust',
      '--disable-extensions',
      '--user-data-dir',
      join(scratch, 'user-data'),
    ],
  });
} catch (error) {
  say(reasonOf(error));
  process.exitCode = 1;
} finally {
  report();
  rmSync(scratch, { recursive: true, force: true });
}

function report() {
  try {
    const { tests } = JSON.parse(readFileSync(results, 'utf8'));
    const failed = tests.filter((/** @type {{error: string | null}} */ test) => test.error !== null);
    for (const { name, error } of failed) say(`FAILED ${name}: ${error}`);
    process.stdout.write(`${tests.length - failed.length} passed, ${failed.length} failed\n`);
  } catch {
    process.stdout.write('0 passed, 1 failed\n');
    process.exitCode = 1;
  }
}
