// `npm start`: the orders example, a copy of it in a scratch folder that is a git repository, first in the terminal
// (findings and hops, by the built command line), then in VS Code: the desktop's where there is a display and `code`
// on the PATH, else VS Code in the browser at the printed address. Ctrl+C ends it and leaves nothing behind.
// EVENTSCAPE_NO_DESKTOP=1 always serves the browser.
// The manifest runs this by `exec`: a shell in between would keep an interrupt of npm to itself. Where there is no `exec`, on
// Windows, what stands behind `||` runs.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { copyExample } from './lib/example.mjs';
import { reasonOf, root, say } from './lib/process.mjs';
import { startVscode } from './lib/vscode-server.mjs';
import { ready } from './ready.mjs';

/** What to undo at the end, last first. @type {(() => unknown)[]} */
const undo = [];
const stop = new AbortController();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop.abort());
const stopped = new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));

try {
  await Promise.race([main(), stopped]);
} catch (error) {
  if (!stop.signal.aborted) {
    say(reasonOf(error));
    process.exitCode = 1;
  }
}
for (const step of undo.toReversed()) await step();
// What is still under way (an install, a listing) ends with us.
process.exit();

async function main() {
  const code = desktop();
  await ready(code === undefined ? ['build', 'vscode-server'] : ['build']);
  const { scratch, folder } = await copyExample('orders');
  undo.push(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

  await show('The findings', ['check', folder]);
  await show('The hops of its trace', ['trace', join(folder, 'traces/checkout.otlp.jsonl'), '--workspace', folder]);
  if (stop.signal.aborted) return;
  await (code === undefined ? serve(folder) : openDesktop(code, scratch, folder));
}

/** @param {string} folder */
async function serve(folder) {
  const vscode = await startVscode({ token: randomBytes(16).toString('hex') });
  undo.push(vscode.close);
  if (stop.signal.aborted) return;
  process.stdout.write(
    `\nVS Code with Eventscape and the orders example, until Ctrl+C:\n${vscode.address(folder, { development: root })}\n`,
  );
  await vscode.gone;
  throw new Error("VS Code's server ended by itself");
}

/** Opens a window of its own, with its own user data, and waits until it is closed.
 * @param {string} code @param {string} scratch @param {string} folder */
async function openDesktop(code, scratch, folder) {
  const data = join(scratch, 'user-data');
  mkdirSync(join(data, 'User'), { recursive: true });
  writeFileSync(
    join(data, 'User/settings.json'),
    JSON.stringify({ 'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off' }),
  );
  const args = [
    '--new-window',
    '--wait',
    '--disable-workspace-trust',
    '--user-data-dir',
    data,
    '--extensions-dir',
    join(scratch, 'extensions'),
  ];
  const child = spawn(code, [...args, `--extensionDevelopmentPath=${root}`, folder], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  undo.push(() => {
    child.kill();
    // The window's process is not our child; VS Code notes its id in its user data.
    const lock = join(data, 'code.lock');
    if (existsSync(lock)) kill(Number(readFileSync(lock, 'utf8')));
  });
  process.stdout.write(
    '\nVS Code opens the orders example with Eventscape; close its window or press Ctrl+C to end.\n',
  );
  await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

/** Runs the built command line for its output. What it finds in the example is no failure of ours.
 * @param {string} title @param {readonly string[]} args */
async function show(title, args) {
  process.stdout.write(`\n${title}: eventscape ${args[0]} …\n\n`);
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  undo.push(() => child.kill());
  await new Promise((resolve) => child.once('close', resolve));
}

/** The `code` program to open a window with, where a person can see one. */
function desktop() {
  if (process.env['EVENTSCAPE_NO_DESKTOP'] || process.env['CI']) return undefined;
  const display =
    process.platform === 'linux'
      ? process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']
      : !process.env['SSH_CONNECTION'];
  if (!display) return undefined;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** @param {number} pid */
function kill(pid) {
  try {
    if (pid > 1) process.kill(pid);
  } catch {
    // Already closed.
  }
}
