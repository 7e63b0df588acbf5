// A folder with nothing in it wakes nothing; the first declaration in it does.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWindow, type Window } from '../harness.ts';
import { expectProblem, openFile } from '../person.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'eventscape-empty-')));
let window: Window;

beforeAll(async () => {
  window = await openWindow({ folder });
});
afterAll(async () => {
  await window?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('diagnostics come with the first asyncapi.yaml', async () => {
  const { page } = window;
  expect(await page.locator('.statusbar-item', { hasText: '⇄' }).count()).toBe(0);
  writeFileSync(
    join(folder, 'asyncapi.yaml'),
    `asyncapi: 3.0.0
info: { title: returns, version: 1.0.0 }
channels:
  parcels:
    address: parcels
    bindings: { sqs: { queue: { name: parcels, fifoQueue: false } } }
operations:
  takeBack:
    action: receive
    channel: { $ref: '#/channels/parcels' }
`,
  );
  await expect
    .poll(() => page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'asyncapi.yaml' }).count(), {
      timeout: 20_000,
    })
    .toBe(1);
  await openFile(page, 'asyncapi.yaml');
  await expectProblem(page, 'parcels', true, 30_000);
  await expect.poll(() => page.locator('.statusbar-item', { hasText: '1 ⇄ 1' }).count()).toBe(1);
});
