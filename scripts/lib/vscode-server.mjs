// A real VS Code, served to a browser on this machine: fresh user data and extensions each time, gone when closed.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, run } from './process.mjs';
import { vscodeNode, vscodeServerFolder } from './vscode-install.mjs';

/** Settings for a calm window: nothing opens by itself, nothing is offered. */
const calm = {
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'workbench.colorTheme': 'Default Light Modern',
};

/**
 * @typedef {object} VscodeOptions
 * @property {Record<string, unknown>} [settings] laid over the calm ones
 * @property {string} [vsix] an extension to install as a user would
 * @property {NodeJS.ProcessEnv} [env] reaches the extension host
 * @property {readonly string[]} [remove] further folders to remove at the end
 * @property {string} [token] what a browser must know to be let in; without it anyone on this machine is
 */

/**
 * Starts VS Code's server and waits until it answers.
 * @param {VscodeOptions} [options]
 */
export async function startVscode(options = {}) {
  const home = mkdtempSync(join(tmpdir(), 'eventscape-vscode-'));
  const data = join(home, 'data');
  const extensions = join(home, 'extensions');
  mkdirSync(join(data, 'data/Machine'), { recursive: true });
  mkdirSync(extensions);
  writeFileSync(join(data, 'data/Machine/settings.json'), JSON.stringify({ ...calm, ...options.settings }, null, 2));
  const main = join(vscodeServerFolder(), 'out/server-main.js');
  if (!existsSync(main))
    throw new Error(`No VS Code server in ${vscodeServerFolder()}: run node scripts/ready.mjs vscode`);
  const folders = ['--server-data-dir', data, '--extensions-dir', extensions, '--accept-server-license-terms'];
  const log = join(home, 'server.log');
  if (options.vsix) {
    await run(vscodeNode(), [main, '--install-extension', options.vsix, ...folders], { output: 'quiet' });
  }

  const port = await freePort();
  const access = options.token ? ['--connection-token', options.token] : ['--without-connection-token'];
  const args = [main, '--host', '127.0.0.1', '--port', String(port), ...access, ...folders];
  args.push('--enable-smoke-test-driver', '--telemetry-level', 'off', '--disable-workspace-trust');
  const output = openSync(log, 'w');
  const child = spawn(
    process.execPath,
    [guard, JSON.stringify({ command: vscodeNode(), args, remove: [home, ...(options.remove ?? [])] })],
    { stdio: ['pipe', output, output], env: serverEnvironment(options.env), detached: process.platform !== 'win32' },
  );
  closeSync(output);
  /** @type {Promise<void>} */
  const gone = new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });

  /** Ends the server with all its processes and removes its folders. Safe to call twice. */
  async function close() {
    child.stdin?.end();
    await gone;
  }

  const origin = `http://127.0.0.1:${port}`;
  const state = { ended: false };
  void gone.then(() => (state.ended = true));
  for (let tries = 0; ; tries += 1) {
    if (await answers(origin)) break;
    if (state.ended || tries > 300) {
      const said = existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '';
      await close();
      throw new Error(`VS Code's server did not start\n${said}`);
    }
    await sleep(100);
  }

  return {
    port,
    close,
    /** Settles when the server ended, for whatever reason. */
    gone,
    /**
     * The address that opens `folder`, with the extension in `development` loaded from its folder, and `tests` run in it.
     * @param {string} folder
     * @param {{development?: string, tests?: string}} [payload]
     */
    address(folder, payload = {}) {
      const remote = (/** @type {string} */ path) => `vscode-remote://127.0.0.1:${port}${encodeURI(path)}`;
      const pairs = [];
      if (payload.development) pairs.push(['extensionDevelopmentPath', remote(payload.development)]);
      if (payload.tests) pairs.push(['extensionTestsPath', remote(payload.tests)]);
      const query = [`folder=${encodeURIComponent(folder).replaceAll('%2F', '/')}`];
      if (pairs.length > 0) query.push(`payload=${encodeURIComponent(JSON.stringify(pairs))}`);
      if (options.token) query.push(`tkn=${options.token}`);
      return `${origin}/?${query.join('&')}`;
    },
  };
}

/** What the server inherits: nothing of the VS Code, the npm or the git hook that started us.
 * @param {NodeJS.ProcessEnv} [more] */
function serverEnvironment(more = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:VSCODE_|ELECTRON_|GIT_|npm_|NODE_OPTIONS$|NODE_ENV$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...more };
}

/** @param {string} origin */
async function answers(origin) {
  try {
    return (await fetch(`${origin}/version`)).ok;
  } catch {
    return false;
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
