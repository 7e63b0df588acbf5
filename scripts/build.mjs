// src/ and webview/ → dist/: every bundle of lib/bundles.mjs, its metafile, the grammars, the notices of what is inside.
// An entry that does not exist is left out with a warning; --strict makes that a failure. --if-stale: only where sources changed. --watch builds at each change,
// unminified, with source maps, and the suite of the extension host too.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, context } from 'esbuild';
import { bundles, grammars } from './lib/bundles.mjs';
import { locked } from './lib/lock.mjs';
import { exitOnSignals, root, say } from './lib/process.mjs';
import { suiteBundle } from './lib/suite-bundle.mjs';
import { treeSitterAnywhere } from './lib/tree-sitter-anywhere.mjs';
import { writeNotices } from './notices.mjs';
import { sourcesFingerprint } from './ready.mjs';

const strict = process.argv.includes('--strict');
const watch = process.argv.includes('--watch');
const ifStale = process.argv.includes('--if-stale');
const dist = join(root, 'dist');
const stamp = join(dist, '.ready');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

exitOnSignals();
if (watch) await watchAll();
else await locked(`the bundles of ${root}`, buildAll);

async function buildAll() {
  // Taken before reading the sources: a change during the build then makes the stamp stale, never falsely fresh.
  const sources = sourcesFingerprint();
  if (ifStale && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  const present = prepare();
  const results = await Promise.allSettled(present.map(built));
  const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [present[index]?.name ?? ''] : []));
  writeNotices();
  const complete = failed.length === 0 && present.length === bundles.length;
  if (complete) writeFileSync(stamp, sources);
  if (failed.length > 0) say(`Build failed: ${failed.join(', ')}`);
  if (failed.length > 0 || (strict && !complete)) process.exitCode = 1;
}

async function watchAll() {
  for (const bundle of prepare()) await (await context({ ...options(bundle), logLevel: 'info' })).watch();
  await (await context({ ...suiteBundle, logLevel: 'info' })).watch();
}

/** Clears what must not stay from an earlier build, copies the grammars; the bundles whose entry exists. */
function prepare() {
  rmSync(stamp, { force: true });
  const present = bundles.filter((bundle) => existsSync(join(root, bundle.entry)));
  for (const bundle of bundles) {
    rmSync(join(dist, 'meta', `${bundle.name}.json`), { force: true });
    if (bundle.outdir) rmSync(join(root, bundle.outdir), { recursive: true, force: true });
    if (present.includes(bundle)) continue;
    rmSync(join(root, bundle.outfile ?? bundle.outdir ?? ''), { recursive: true, force: true });
    say(`WARNING: ${bundle.entry} does not exist, ${bundle.outfile ?? bundle.outdir} is not built`);
  }
  mkdirSync(join(dist, 'meta'), { recursive: true });
  mkdirSync(join(dist, 'grammars'), { recursive: true });
  for (const grammar of grammars) {
    copyFileSync(join(root, 'node_modules', grammar.from), join(dist, 'grammars', basename(grammar.from)));
  }
  return present;
}

/** @param {import('./lib/bundles.mjs').Bundle} bundle */
async function built(bundle) {
  const { metafile } = await build({ ...options(bundle), metafile: true });
  writeFileSync(join(dist, 'meta', `${bundle.name}.json`), JSON.stringify(metafile));
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
    define: { 'process.env.NODE_ENV': '"production"', EVENTSCAPE_VERSION: JSON.stringify(version) },
    plugins: [treeSitterAnywhere],
    ...bundle.options,
  };
}
