// The pictures of the README, made anew with EVENTSCAPE_MEDIA=1: the example shop in a calm window, one of them dark.
import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exampleWorkspace, makesPictures, openWindow, picture, screenshot } from '../harness.ts';
import {
  chooseInMenu,
  dismissNotifications,
  expectNotification,
  expectProblem,
  goTo,
  openFile,
  panel,
  quickFixMenu,
  runCommand,
} from '../person.ts';

const template = 'fulfilment/template.yaml';
const schema = 'checkout/schemas/order-created.schema.json';

/** Bytes: a page with four of them loads in a moment. */
const HEAVIEST = 250 * 1024;

async function shop(theme: string): Promise<Page> {
  const { scratch, folder } = await exampleWorkspace('orders');
  const window = await openWindow({
    folder,
    settings: {
      'files.autoSave': 'off',
      'workbench.colorTheme': theme,
      'workbench.layoutControl.enabled': false,
      'window.commandCenter': false,
      'editor.minimap.enabled': false,
      'breadcrumbs.enabled': false,
    },
  });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await screenshot(window.page, `failed ${task.name}`);
    await window.close();
    await rm(scratch, { recursive: true, force: true });
  });
  const sash = await window.page.locator('.part.sidebar').boundingBox();
  if (sash === null) throw new Error('The explorer is not shown');
  const edge = { x: sash.x + sash.width, y: sash.y + 400 };
  await window.page.mouse.move(edge.x, edge.y);
  await window.page.mouse.down();
  await window.page.mouse.move(edge.x - 40, edge.y, { steps: 4 });
  await window.page.mouse.move(245, edge.y, { steps: 4 });
  await window.page.mouse.up();
  return window.page;
}

/** The map at the whole width, laid out for it, with this channel selected, and the pointer out of the way. */
async function showMap(page: Page, selected: string, flow: 'right' | 'down' = 'right'): Promise<void> {
  await runCommand(page, 'Eventscape: Show Topology');
  await panel(page).locator('.map[data-flow="right"] .node').first().waitFor();
  if (flow === 'down') await panel(page).getByTitle('Turn the layout: left to right or top down').click();
  await panel(page).locator(`.map[data-flow="${flow}"] .node`).first().waitFor();
  await panel(page).getByText(selected, { exact: true }).first().click();
  await panel(page).locator('.details h2', { hasText: selected }).waitFor();
  await panel(page).getByTitle('Fit the map').click();
  // The map glides to its place.
  await panel(page)
    .locator('.map')
    .evaluate((map) =>
      Promise.all(map.getAnimations({ subtree: true }).map(({ finished }) => finished)).then(() => null),
    );
  await calm(page);
}

/** Nothing under the pointer, nothing gliding, no focus ring on a button. */
async function calm(page: Page): Promise<void> {
  await page.mouse.move(700, 8);
  await expect.poll(() => page.locator('.monaco-hover:visible, .notification-toast:visible').count()).toBe(0);
  await page.waitForFunction(() => document.getAnimations().every((each) => each.playState !== 'running'));
}

describe.runIf(makesPictures)('the pictures of the README', () => {
  test('the topology', async () => {
    const page = await shop('Default Light Modern');
    await showMap(page, 'labels');
    expect(await picture(page, 'topology')).toBeLessThan(HEAVIEST);
  });

  test('a broken contract', async () => {
    const page = await shop('Default Light Modern');
    await openFile(page, schema);
    await goTo(page, 6, 41);
    for (let key = 0; key < '"total", '.length; key++) await page.keyboard.press('Delete');
    await expectProblem(page, /total.*no longer required/);
    await expectProblem(page, /For example/);
    await goTo(page, 10, 8);
    await runCommand(page, 'Show or Focus Hover');
    await page.locator('.monaco-hover', { hasText: 'A message that proves the break' }).first().waitFor();
    expect(await picture(page, 'contract')).toBeLessThan(HEAVIEST);
  });

  test('the quick fix', async () => {
    const page = await shop('Default Light Modern');
    await openFile(page, template);
    await expectProblem(page, 'packing');
    await goTo(page, 12, 4);
    await quickFixMenu(page, /Add a dead-letter queue to PackingQueue/);
    expect(await picture(page, 'quick-fix')).toBeLessThan(HEAVIEST);
  });

  test('the latency of a trace', async () => {
    // Top down there is room for a time on every line.
    const page = await shop('Default Dark Modern');
    const explorer = page.locator('.explorer-folders-view');
    await explorer.locator('.monaco-list-row', { hasText: /^traces$/ }).click();
    await chooseInMenu(page, explorer.locator('.monaco-list-row', { hasText: 'checkout.otlp.jsonl' }), 'Import Trace…');
    await expectNotification(page, 'deliveries over');
    await dismissNotifications(page);
    await showMap(page, 'order.created', 'down');
    await panel(page).locator('th', { hasText: 'p95' }).first().waitFor();
    expect(await picture(page, 'latency')).toBeLessThan(HEAVIEST);
  });
});
