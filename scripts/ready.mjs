// A clone → a clone that can run: packages installed, bundles built, a VS Code to open it in. Each only when needed.
// Node built-ins only; everything printed goes to stderr. A stamp is written last, so what was interrupted is repeated.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fingerprint } from './lib/fingerprint.mjs';
import { locked } from './lib/lock.mjs';
import { exitOnSignals, npm, reasonOf, root, run, say } from './lib/process.mjs';
import { vscodeParts } from './lib/vscode-install.mjs';

/** What can be asked for. `build` includes `install`; `vscode`, with a browser to test in or without, is independent of both. */
const parts = { install, build, vscode: () => vscode(true), 'vscode-server': () => vscode(false) };

/** @param {readonly (keyof typeof parts)[]} wanted */
export async function ready(wanted) {
  await Promise.all(wanted.map((name) => parts[name]()));
}

async function install() {
  const stamp = join(root, 'node_modules/.ready');
  const wanted = packagesFingerprint();
  if (read(stamp) === wanted) return;
  await locked(`the packages of ${root}`, async () => {
    if (read(stamp) === wanted) return;
    if (!isInstalled()) {
      say('Installing packages (npm ci)');
      // Not left to npm, which gives up where an ended install left half a folder.
      rmSync(join(root, 'node_modules'), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
      await npm(['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-progress', '--loglevel=error']);
    }
    write(stamp, wanted);
  });
}

async function build() {
  await install();
  if (read(join(root, 'dist/.ready')) === sourcesFingerprint()) return;
  say('Building');
  await run(process.execPath, [join(root, 'scripts/build.mjs'), '--strict', '--if-stale']);
}

async function vscode(/** @type {boolean} */ withBrowser) {
  const bring = async (/** @type {ReturnType<typeof vscodeParts>[number]} */ part) => {
    const stamp = join(part.folder, '.ready');
    if (read(stamp) === part.version) return;
    await locked(part.folder, async () => {
      if (read(stamp) === part.version) return;
      say(`Installing ${part.title} into ${part.folder}`);
      rmSync(part.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
      mkdirSync(part.folder, { recursive: true });
      await part.install();
      write(stamp, part.version);
    });
  };
  await Promise.all(vscodeParts(withBrowser).map(bring));
}

/** What the installed packages depend on. The rest of package.json may change without an install. */
function packagesFingerprint() {
  const { dependencies, devDependencies, overrides } = JSON.parse(read(join(root, 'package.json')));
  const facts = [
    JSON.stringify([dependencies, devDependencies, overrides]),
    process.version,
    process.platform,
    process.arch,
  ];
  return fingerprint(root, ['package-lock.json', '.npmrc'], facts);
}

/** What the bundles depend on. */
export function sourcesFingerprint() {
  const sources = [
    'src',
    'webview',
    'media',
    'package.json',
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/lib/bundles.mjs',
  ];
  return fingerprint(root, sources, [process.env['EVENTSCAPE_BUILD'] ?? '']);
}

/** Whether somebody's own `npm install` already brought exactly what the lock file says. npm writes its list last. */
function isInstalled() {
  try {
    const wanted = JSON.parse(read(join(root, 'package-lock.json'))).packages;
    const present = JSON.parse(read(join(root, 'node_modules/.package-lock.json'))).packages;
    return Object.entries(wanted).every(
      ([path, entry]) =>
        path === '' ||
        (present[path] === undefined ? entry.optional || entry.devOptional : present[path].version === entry.version),
    );
  } catch {
    return false;
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  exitOnSignals();
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in parts));
  if (unknown === undefined) {
    try {
      await ready(/** @type {(keyof typeof parts)[]} */ (asked.length > 0 ? asked : ['install']));
    } catch (error) {
      say(`Not ready: ${reasonOf(error)}`);
      // Other parts may still be under way: they end with us.
      process.exit(1);
    }
  } else {
    say(`ready.mjs knows ${Object.keys(parts).join(', ')}; not ${unknown}`);
    process.exitCode = 2;
  }
}
