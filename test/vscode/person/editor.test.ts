// The main job as a person does it, on the example: squiggles, a fix, a broken contract, the map and its latency.
import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exampleWorkspace, openWindow, screenshot, type Window } from '../harness.ts';
import {
  chooseInMenu,
  dismissNotifications,
  expectNotification,
  expectProblem,
  goTo,
  openFile,
  panel,
  problems,
  quickFix,
  runCommand,
  squiggles,
} from '../person.ts';

const template = 'fulfilment/template.yaml';
const schema = 'checkout/schemas/order-created.schema.json';
const emails = 'checkout/email-service.asyncapi.yaml';

let scratch: string;
let window: Window;
let page: Page;

beforeAll(async () => {
  const example = await exampleWorkspace('orders');
  scratch = example.scratch;
  window = await openWindow({ folder: example.folder, settings: { 'files.autoSave': 'off' } });
  page = window.page;
});
afterAll(async () => {
  await window?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** What a person saw when something failed. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await screenshot(page, `failed ${task.name.slice(0, 60)}`);
});

/** The map over the whole window's width, laid out for it, all of it in sight. */
async function giveRoom(): Promise<void> {
  await runCommand(page, 'Eventscape: Show Topology');
  await runCommand(page, 'View: Hide Panel');
  await runCommand(page, 'View: Join All Editor Groups');
  await runCommand(page, 'Eventscape: Show Topology');
  await panel(page).locator('.map[data-flow="right"]').waitFor();
  await panel(page).getByTitle('Fit the map').click();
  await expect.poll(() => panel(page).locator('svg.far').count()).toBe(0);
}

test('what is wrong with the shop is in the Problems panel and under the code', async () => {
  await openFile(page, template);
  await expectProblem(page, 'packing', true, 40_000);
  await expectProblem(page, 'LabelsDlq');
  await expect.poll(() => squiggles(page, 'warning').count()).toBeGreaterThan(0);
  await screenshot(page, 'problems');
});

test('the status bar counts, the trees list', async () => {
  await expect.poll(() => page.locator('.statusbar-item', { hasText: '12 ⇄ 10' }).count()).toBe(1);
  await runCommand(page, 'View: Show Eventscape');
  await expect
    .poll(() => page.locator('.pane-body .monaco-list-row', { hasText: 'order-service' }).count())
    .toBeGreaterThan(0);
  await runCommand(page, 'View: Show Explorer');
});

test('lenses stand above the channels', async () => {
  await openFile(page, emails);
  await expect.poll(() => page.locator('.codelens-decoration', { hasText: '1 producer' }).count()).toBeGreaterThan(0);
  await page.locator('.codelens-decoration a', { hasText: '1 producer' }).first().click();
  await page.locator('.tab.active[data-resource-name="order-service.asyncapi.yaml"]').waitFor();
});

test('the lightbulb adds the dead-letter queue, and the finding goes', async () => {
  await openFile(page, template);
  await goTo(page, 12, 4);
  await quickFix(page, /Add a dead-letter queue to PackingQueue/);
  await expectProblem(page, /PackFunction.* keeps failing/, false);
  await screenshot(page, 'fixed');
});

test('a broken contract shows in the unsaved buffer, with its consumers and the message that proves it', async () => {
  await openFile(page, schema);
  await goTo(page, 6, 41);
  for (let key = 0; key < '"total", '.length; key++) await page.keyboard.press('Delete');
  await expectProblem(page, /total.*no longer required/);
  await expectProblem(page, /email-service/);
  await expectProblem(page, /For example/);
  const rows = await problems(page);
  await expect.poll(() => rows.filter({ hasText: 'email-service.asyncapi.yaml' }).count()).toBeGreaterThan(0);
  await goTo(page, 10, 8);
  await runCommand(page, 'Show or Focus Hover');
  await page.locator('.monaco-hover', { hasText: 'A message that proves the break' }).first().waitFor();
  await screenshot(page, 'break');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Z');
});

test('the panel shows the map, and a click leads to the source', async () => {
  await runCommand(page, 'Eventscape: Show Topology');
  const map = panel(page);
  const node = map.getByText('packing', { exact: true }).first();
  await node.waitFor({ timeout: 30_000 });
  expect(await map.locator('.map .node').count()).toBe(23);
  await node.click();
  await map
    .getByText(/template\.yaml:12/)
    .first()
    .click();
  await page.locator('.tab.active[data-resource-name="template.yaml"]').waitFor();
});

test('an edit that changes no node leaves the map where it is, and asks for no layout', async () => {
  const map = panel(page).locator('.map');
  await openFile(page, template);
  await runCommand(page, 'Eventscape: Show Topology');
  await panel(page).locator('.map .node').first().waitFor();
  const drawn = (): Promise<string> =>
    map.evaluate((element) => {
      const nodes = Array.from(
        element.querySelectorAll('.node'),
        (node) => `${node.getAttribute('data-id') ?? ''} ${node.getAttribute('transform') ?? ''}`,
      );
      return JSON.stringify([element.getAttribute('data-layouts'), nodes]);
    });
  const before = await drawn();
  expect(JSON.parse(before)[1].length).toBeGreaterThan(20);
  await page.locator('.tab', { hasText: 'template.yaml' }).first().click();
  await goTo(page, 1, 1);
  await page.keyboard.type('# One more line\n');
  await expectProblem(page, /Ln 36, Col 3/);
  expect(await drawn()).toBe(before);
  await page.keyboard.press('ControlOrMeta+Z');
});

test('an imported trace lays its latency on the map and on the lenses', async () => {
  await giveRoom();
  await screenshot(page, 'topology');
  const explorer = page.locator('.explorer-folders-view');
  await runCommand(page, 'View: Show Explorer');
  await explorer.locator('.monaco-list-row', { hasText: /^traces$/ }).click();
  await chooseInMenu(page, explorer.locator('.monaco-list-row', { hasText: 'checkout.otlp.jsonl' }), 'Import Trace…');
  await expectNotification(page, '96 deliveries over 4 hops');
  await dismissNotifications(page);
  await panel(page).locator('svg text').filter({ hasText: /\d ms/ }).first().waitFor();
  await panel(page).getByText('order.created', { exact: true }).first().click();
  await panel(page).locator('th', { hasText: 'p95' }).first().waitFor();
  await screenshot(page, 'latency');
  await openFile(page, emails);
  await expect.poll(() => page.locator('.codelens-decoration', { hasText: /p95 .* n 30/ }).count()).toBeGreaterThan(0);
});

test('a panel that was hidden comes back as it was, without a new layout', async () => {
  const nodes = panel(page).locator('.map .node');
  await runCommand(page, 'Eventscape: Show Topology');
  await nodes.first().waitFor();
  const places = (): Promise<string> =>
    nodes.evaluateAll((all) =>
      JSON.stringify(
        all.map((node) => `${node.getAttribute('data-id') ?? ''} ${node.getAttribute('transform') ?? ''}`).toSorted(),
      ),
    );
  const before = await places();
  await openFile(page, emails);
  await expect.poll(() => page.locator('iframe.webview.ready:visible').count()).toBe(0);
  await runCommand(page, 'Eventscape: Show Topology');
  await nodes.first().waitFor();
  await panel(page).locator('svg text').filter({ hasText: /\d ms/ }).first().waitFor({ state: 'attached' });
  expect(await places()).toBe(before);
  expect(await panel(page).locator('.map').getAttribute('data-layouts')).toBe('0');
});

test('a problem on the map is mended from its details', async () => {
  await panel(page).getByText('payment.captured', { exact: true }).first().click();
  await panel(page).getByText('Fix…', { exact: true }).first().click();
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Declare the channel emails.dlq' }).click();
  await expectProblem(page, /emails\.dlq.*declared/, false);
});
