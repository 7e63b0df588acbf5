// How the suite inside the extension host is bundled, for the VS Code in the browser and on the desktop alike.
import { join } from 'node:path';
import { root } from './process.mjs';

export const suiteBundle = {
  absWorkingDir: root,
  entryPoints: ['test/vscode/suite/index.ts'],
  outfile: join(root, 'dist-test/suite.cjs'),
  bundle: true,
  platform: /** @type {const} */ ('node'),
  format: /** @type {const} */ ('cjs'),
  target: 'node20',
  external: ['vscode'],
  sourcemap: /** @type {const} */ ('inline'),
  logLevel: /** @type {const} */ ('warning'),
};
