// What a real VS Code in a browser is made of, from npm packages alone: VS Code's server, the Node it needs, a Chromium.
// EVENTSCAPE_VSCODE_TEST points several clones at one copy (781 MB); otherwise .vscode-test in the project holds it.
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { npm, root, run } from './process.mjs';

/** code-server's package carries Microsoft's open-source VS Code server as it is: 4.139.1 is VS Code 1.139.1. */
const codeServer = '4.139.1';
const nodeMajor = 24;
/** Exactly this one: the releases that npm prefers on an older Node export none of the helpers used here. */
const chromium = '153.0.0';

/** The folder that holds the installed parts. */
export function vscodeHome() {
  const shared = process.env['EVENTSCAPE_VSCODE_TEST'];
  return shared ? resolve(shared) : join(root, '.vscode-test');
}

/** The folder of VS Code's server. */
export function vscodeServerFolder() {
  return join(vscodeHome(), 'server/node_modules/code-server/lib/vscode');
}

/** The Node that runs VS Code's server. */
export function vscodeNode() {
  if (isRightNode()) return process.execPath;
  const name = `node_modules/${nodePackage()}/bin/node`;
  return join(vscodeHome(), 'node', process.platform === 'win32' ? `${name}.exe` : name);
}

/** The Chromium that npm carries, and the environment that points it at the libraries and fonts beside it. */
export function carriedChromium() {
  const unpacked = join(vscodeHome(), 'chromium/unpacked');
  return {
    executablePath: join(unpacked, 'chromium'),
    env: { LD_LIBRARY_PATH: join(unpacked, 'al2023/lib'), FONTCONFIG_PATH: join(unpacked, 'fonts') },
  };
}

/** Unpacks once, at install: the package itself would do it in the temp folder, shared by all versions and all runs. */
async function unpackChromium(folder) {
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  const carrier = pathToFileURL(join(folder, 'node_modules/@sparticuz/chromium/build/index.js')).href;
  const archive = join(folder, 'node_modules/@sparticuz/chromium/bin/al2023.tar.br');
  const program = `import chromium, { inflate } from ${JSON.stringify(carrier)};
    await chromium.executablePath();
    await inflate(${JSON.stringify(archive)});`;
  await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TMPDIR: unpacked },
  });
  // The package's own fonts.conf names fixed folders elsewhere.
  const fonts = join(unpacked, 'fonts').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const conf = `<dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${fonts}-cache</cachedir>`;
  writeFileSync(join(unpacked, 'fonts/fonts.conf'), `<?xml version="1.0"?>\n<fontconfig>${conf}</fontconfig>\n`);
}

/** A browser of this machine: CHROME_PATH, else one on the PATH or in its usual place. */
export function installedBrowser() {
  const asked = process.env['CHROME_PATH'];
  if (asked) return asked;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ];
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...usual].find(isExecutable);
}

/** The parts to install here: `version` is the stamp, `install` fills the emptied folder. @param {boolean} withBrowser */
export function vscodeParts(withBrowser) {
  const home = vscodeHome();
  const part = (name, title, version, install) => ({ title, version, folder: join(home, name), install });
  const add = (name, spec) =>
    npm(['install', '--prefix', join(home, name), spec, '--ignore-scripts', '--no-save', ...quiet], {
      cwd: join(home, name),
    });
  const parts = [
    part('server', `VS Code's server (code-server ${codeServer})`, codeServer, async () => {
      await add('server', `code-server@${codeServer}`);
      await npm(['install', '--omit=dev', '--ignore-scripts', '--no-save', ...quiet], { cwd: vscodeServerFolder() });
    }),
  ];
  if (!isRightNode()) {
    parts.push(part('node', `Node ${nodeMajor}`, nodePackage(), () => add('node', `${nodePackage()}@${nodeMajor}`)));
  }
  if (withBrowser && installedBrowser() === undefined && process.platform === 'linux') {
    parts.push(
      part('chromium', `Chromium ${chromium}`, chromium, async () => {
        await add('chromium', `@sparticuz/chromium@${chromium}`);
        await unpackChromium(join(home, 'chromium'));
      }),
    );
  }
  return parts;
}

const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--no-package-lock'];

function isRightNode() {
  return Number(process.versions.node.split('.')[0]) === nodeMajor;
}

function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `${platform}-${process.arch}`;
  return name === 'darwin-arm64' ? `node-bin-${name}` : `node-${name}`;
}

/** @param {string} path */
function isExecutable(path) {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
