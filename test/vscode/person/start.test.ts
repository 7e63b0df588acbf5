// `npm start` as a visitor runs it: it prints an address, that very address shows the example with its findings, and an
// interrupt ends it with nothing left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../../scripts/lib/process.mjs';
import { openAddress } from '../harness.ts';
import { openFile, squiggles } from '../person.ts';

// Every process that `npm start` brings about inherits this, so that leftovers can be told from anybody else's.
const mark = `EVENTSCAPE_START_TEST=${process.pid}-${Date.now()}`;
const [name = '', value = ''] = mark.split('=');
const child = spawn('npm', ['start'], {
  cwd: root,
  env: { ...process.env, EVENTSCAPE_NO_DESKTOP: '1', [name]: value },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const printed: string[] = [];
let address = '';

beforeAll(async () => {
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    if (!line.startsWith('http://127.0.0.1:')) continue;
    address = line;
    return;
  }
  throw new Error(`No address was printed\n${printed.join('\n')}`);
}, 180_000);

// Where a test before the interrupt failed: npm passes it on, and what was started ends.
afterAll(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  await exited;
});

test('the example’s findings and hops are printed first', () => {
  const text = printed.join('\n');
  expect(text).toContain('dlq-missing');
  expect(text).toMatch(/wait/i);
});

test('the printed address opens the example with its squiggles', async () => {
  const { page, close } = await openAddress(address);
  try {
    await openFile(page, 'fulfilment/template.yaml');
    await expect.poll(() => squiggles(page).count(), { timeout: 30_000 }).toBeGreaterThan(0);
  } finally {
    await close();
  }
});

test('an interrupt ends it with exit code 0 and no process left', async () => {
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  await expect.poll(marked, { timeout: 10_000 }).toEqual([]);
});

/** Command lines of the living processes that carry the mark. Linux only; elsewhere none are seen. */
function marked(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
          ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1')]
          : [];
      } catch {
        return [];
      }
    });
}
