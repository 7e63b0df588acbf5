// What a person does in VS Code, as functions over a page: open a file, run a command, read the problems, take a fix.
import { basename } from 'node:path';
import { expect } from 'vitest';
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** Opens a file of the workspace by its relative path and waits for its editor. */
export async function openFile(page: Page, path: string): Promise<void> {
  await pick(page, 'ControlOrMeta+P', path, basename(path));
  await page.locator(`.tab.active[data-resource-name="${basename(path)}"]`).waitFor();
  await page.locator('.editor-instance .monaco-editor .view-line').first().waitFor();
}

/** Runs a command of the palette by its whole title, `Eventscape: Show Topology`. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await pick(page, 'F1', `>${title}`, title);
}

/** Puts the cursor at a place; line and column are 1-based, as the editor shows them. */
export async function goTo(page: Page, line: number, column = 1): Promise<void> {
  await summon(page, 'Control+G', input(page));
  await input(page).fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await input(page).waitFor({ state: 'hidden' });
  await expect.poll(() => page.locator('.statusbar-item', { hasText: `Ln ${line}` }).count()).toBeGreaterThan(0);
}

/** Selects the whole of a line, without its end. */
export async function selectLine(page: Page, line: number): Promise<void> {
  await goTo(page, line);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+End');
}

/** The rows of the Problems panel, files and findings, opened where it is not. */
export async function problems(page: Page): Promise<Locator> {
  const list = page.locator('.markers-panel');
  if (!(await list.isVisible())) await page.keyboard.press('ControlOrMeta+Shift+M');
  await list.waitFor();
  return list.locator('.monaco-list-row');
}

/** Waits until the Problems panel shows, or no longer shows, a row with this text. */
export async function expectProblem(page: Page, text: string | RegExp, shown = true, timeout = 20_000): Promise<void> {
  const rows = (await problems(page)).filter({ hasText: text });
  const isShown = async (): Promise<boolean> => (await rows.count()) > 0;
  await expect.poll(isShown, { timeout, message: `problem ${text} is shown` }).toBe(shown);
}

/** Squiggles of the open editor. */
export function squiggles(page: Page, severity: 'error' | 'warning' | 'info' | 'any' = 'any'): Locator {
  const classes = (severity === 'any' ? ['error', 'warning', 'info'] : [severity]).map((name) => `.squiggly-${name}`);
  return page.locator(classes.map((name) => `.editor-instance .view-overlays ${name}`).join(', '));
}

/** Opens the menu of quick fixes at the cursor, with this one in it. */
export async function quickFixMenu(page: Page, title: string | RegExp): Promise<Locator> {
  const menu = page.locator('.action-widget:not(.action-list-submenu-panel)');
  await summon(page, 'ControlOrMeta+.', menu);
  await menu.locator('.monaco-list-row', { hasText: title }).first().waitFor();
  return menu;
}

/** Takes the quick fix with this title at the cursor. */
export async function quickFix(page: Page, title: string | RegExp): Promise<void> {
  const menu = await quickFixMenu(page, title);
  await menu.locator('.monaco-list-row', { hasText: title }).first().click();
  await menu.waitFor({ state: 'hidden' });
}

/** The titles that the lightbulb offers at the cursor. */
export async function quickFixes(page: Page): Promise<readonly string[]> {
  const menu = page.locator('.action-widget:not(.action-list-submenu-panel)');
  await page.keyboard.press('ControlOrMeta+.');
  await menu.waitFor();
  const titles = await menu.locator('.monaco-list-row.action').allInnerTexts();
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'hidden' });
  return titles.map((title) => title.trim());
}

/** The document of the panel that is shown. */
export function panel(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

/** Takes an entry of a context menu. A menu ignores a button that is let go just after it opened, as the one that opened it. */
export async function chooseInMenu(page: Page, on: Locator, title: string): Promise<void> {
  await on.click({ button: 'right' });
  const entry = page.locator('.monaco-menu .action-item', { hasText: title });
  await entry.hover();
  await entry.click({ delay: 250 });
  await entry.waitFor({ state: 'hidden' });
}

/** Waits for a notification; the list of them closes by itself when it runs empty, and is opened again. */
export async function expectNotification(page: Page, text: string): Promise<void> {
  const item = page.locator('.notification-list-item', { hasText: text }).first();
  const shown = async (): Promise<boolean> => {
    if (await item.isVisible()) return true;
    await runCommand(page, 'Notifications: Show Notifications');
    return item.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(shown, { timeout: 40_000, message: `${text} is told` }).toBe(true);
}

/** Closes notifications, so that they cover nothing. */
export async function dismissNotifications(page: Page): Promise<void> {
  await runCommand(page, 'Notifications: Clear All Notifications');
}

/** Fills the quick input that `key` opens and takes the row with this label; again where something else took the focus meanwhile. */
async function pick(page: Page, key: string, text: string, label: string): Promise<void> {
  const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: label }).first();
  const picked = async (): Promise<boolean> => {
    try {
      await page.keyboard.press(key);
      await input(page).fill(text, { timeout: 3_000 });
      await row.click({ timeout: 5_000 });
      return true;
    } catch {
      // A palette that was opened before the extension was there does not learn of its commands.
      await page.keyboard.press('Escape');
      return false;
    }
  };
  await expect.poll(picked, { timeout: 45_000, message: `${label} is picked` }).toBe(true);
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Presses a key until what it brings is there: one that comes while the focus is on its way is lost. */
async function summon(page: Page, key: string, wanted: Locator): Promise<void> {
  const shown = async (): Promise<boolean> => {
    await page.keyboard.press(key);
    return wanted.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(shown, { timeout: 20_000, message: `${key} is answered` }).toBe(true);
}

function input(page: Page): Locator {
  return page.locator('.quick-input-widget:not(.quick-input-widget-closing) .quick-input-box input');
}
