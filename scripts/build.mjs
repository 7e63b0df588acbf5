// src/ and webview/ → dist/: every bundle of lib/bundles.mjs, its metafile, the grammars, the notices of what is inside.
// An entry that does not exist is left out with a warning; --strict makes that a failure. --watch builds at each change,
// unminified, with source maps, and the suite of the extension host too.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, context } from 'esbuild';
import { bundles, grammars } from './lib/bundles.mjs';
import { reasonOf, root, say } from './lib/process.mjs';
import { suiteBundle } from './lib/suite-bundle.mjs';
import { treeSitterAnywhere } from './lib/tree-sitter-anywhere.mjs';
import { writeNotices } from './notices.mjs';
import { sourcesFingerprint } from './ready.mjs';

const strict = process.argv.includes('--strict');
const watch = process.argv.includes('--watch');
const dist = join(root, 'dist');
// Taken before reading the sources: a change during the build then makes the stamp stale, never falsely fresh.
const sources = sourcesFingerprint();

rmSync(join(dist, '.ready'), { force: true });
for (const folder of ['meta', 'webview', 'grammars']) rmSync(join(dist, folder), { recursive: true, force: true });
mkdirSync(join(dist, 'meta'), { recursive: true });
mkdirSync(join(dist, 'grammars'), { recursive: true });

const present = bundles.filter((bundle) => existsSync(join(root, bundle.entry)));
const missing = bundles.filter((bundle) => !present.includes(bundle));
for (const bundle of missing) {
  say(`WARNING: ${bundle.entry} does not exist, ${bundle.outfile ?? bundle.outdir} is not built`);
  if (bundle.outfile) rmSync(join(root, bundle.outfile), { force: true });
}

try {
  for (const grammar of grammars) {
    copyFileSync(join(root, 'node_modules', grammar.from), join(dist, 'grammars', basename(grammar.from)));
  }
  await Promise.all(present.map((bundle) => (watch ? watched(bundle) : built(bundle))));
  if (watch) await (await context({ ...suiteBundle, logLevel: 'info' })).watch();
  else {
    writeNotices();
    if (missing.length === 0) writeFileSync(join(dist, '.ready'), sources);
    else if (strict) throw new Error(`${missing.length} entries do not exist`);
  }
} catch (error) {
  say(`Build failed: ${reasonOf(error)}`);
  process.exitCode = 1;
}

/** @param {import('./lib/bundles.mjs').Bundle} bundle */
async function built(bundle) {
  const { metafile } = await build({ ...options(bundle), metafile: true });
  writeFileSync(join(dist, 'meta', `${bundle.name}.json`), JSON.stringify(metafile));
}

/** @param {import('./lib/bundles.mjs').Bundle} bundle */
async function watched(bundle) {
  await (await context({ ...options(bundle), logLevel: 'info' })).watch();
}

/**
 * @param {import('./lib/bundles.mjs').Bundle} bundle
 * @returns {import('esbuild').BuildOptions}
 */
function options(bundle) {
  return {
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    ...(bundle.outdir ? { outdir: bundle.outdir } : { outfile: bundle.outfile ?? '' }),
    bundle: true,
    minify: !watch,
    sourcemap: watch ? 'linked' : false,
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [treeSitterAnywhere],
    ...bundle.options,
  };
}
