// dist/ → dist/eventscape.vsix, the extension as people install it. Same sources, same bytes.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitOnSignals, reasonOf, root, run, say, tool } from './lib/process.mjs';
import { ready } from './ready.mjs';

const vsix = join(root, 'dist/eventscape.vsix');
exitOnSignals();
try {
  rmSync(vsix, { force: true });
  await ready(['build']);
  await tool(
    '@vscode/vsce/vsce',
    ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '-o', vsix],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: process.env['SOURCE_DATE_EPOCH'] ?? '1767225600' },
      output: 'inherit',
    },
  );
  await run(process.execPath, ['scripts/budgets.mjs']);
} catch (error) {
  say(`Not packaged: ${reasonOf(error)}`);
  process.exitCode = 1;
}
