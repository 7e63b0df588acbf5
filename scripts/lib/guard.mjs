// Runs a program in a process group of its own and ends the whole group, and removes its scratch folders, as soon as our
// stdin closes. So nothing survives whoever started us, however that one ended.
// Argument: JSON {command, args, remove: folders, grace: ms between asking to end and ending}. A terminal's Ctrl+C does not
// reach the program: the starter decides.
import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const { command, args, remove = [], grace = 3_000 } = JSON.parse(process.argv[2] ?? '{}');
const windows = process.platform === 'win32';
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: !windows });
let status = 1;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => end());
process.stdin.on('end', end).on('error', end).resume();
child.on('error', () => end());
child.on('exit', (code) => {
  status = code ?? 1;
  end();
});

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  kill('SIGTERM');
  const deadline = Date.now() + grace;
  const timer = setInterval(() => {
    if (isAlive() && Date.now() < deadline) return;
    clearInterval(timer);
    kill('SIGKILL');
    // Waited for, so that it does not stay behind as a zombie where nobody else collects it.
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) finish();
    else child.once('exit', finish);
  }, 50);
}

function finish() {
  for (const folder of remove) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(status);
}

/** @param {NodeJS.Signals} signal */
function kill(signal) {
  if (child.pid === undefined) return;
  try {
    if (windows) execFileSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/** Whether any process of the group lives. */
function isAlive() {
  if (child.pid === undefined || windows) return false;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
}
