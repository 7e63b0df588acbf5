// One process at a time per name, on this machine. A holder that died is noticed: its heartbeat stops.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './process.mjs';

const heartbeat = 1_000;
const dead = 10_000;

/**
 * Runs `work` while holding the lock of `name`; waits for another holder first.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(name, work) {
  const user = process.getuid?.() ?? 'user';
  const folder = join(
    tmpdir(),
    `eventscape-lock-${user}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`,
  );
  for (let waited = 0; !take(folder); waited += 1) {
    if (waited === 0) say(`Waiting for another process that prepares ${name}`);
    await sleep(500);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  const timer = setInterval(() => touch(folder), heartbeat);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.off('exit', release);
    release();
  }
}

/** @param {string} folder */
function take(folder) {
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > dead) rmSync(folder, { recursive: true, force: true });
  return false;
}

/** @param {string} folder */
function touch(folder) {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // Somebody removed the temp folder: the work goes on, only unguarded.
  }
}
