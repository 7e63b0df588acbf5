// The panel in a real browser, outside the editor: what it draws, says to its host, keeps and refuses.
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FromWebview, ViewState } from '../../src/protocol/panel.ts';
import { launchBrowser } from '../vscode/browser.ts';
import { buildPanel, latencyPart, openPanel, type Panel, show, structurePart, until } from './harness.ts';
import { buildSystem, connection, service, type System } from './system.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  [browser, folder] = await Promise.all([launchBrowser(), buildPanel()]);
}, 180_000);

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

const ORDER_PLACED = 'channel:orders/order-placed';
const CHECKOUT = 'service:orders/checkout';

async function withPanel(act: (panel: Panel) => Promise<void>): Promise<void> {
  const panel = await openPanel(browser, folder);
  try {
    await act(panel);
    expect(panel.errors).toEqual([]);
  } finally {
    await panel.page.close();
  }
}

/** Where each node stands, by id. */
async function transforms(panel: Panel): Promise<Readonly<Record<string, string>>> {
  return panel.page.evaluate(
    `Object.fromEntries(Array.from(document.querySelectorAll('.map .node'), (node) => [node.dataset.id, node.getAttribute('transform')]))`,
  );
}

async function layouts(panel: Panel): Promise<number> {
  return Number(await panel.page.getAttribute('.map', 'data-layouts'));
}

async function heard<K extends FromWebview['kind']>(
  panel: Panel,
  kind: K,
): Promise<readonly Extract<FromWebview, { kind: K }>[]> {
  const all = await panel.said();
  return all.filter((message): message is Extract<FromWebview, { kind: K }> => message.kind === kind);
}

/** The state that the panel has saved once it is quiet. */
async function savedState(panel: Panel): Promise<ViewState> {
  await panel.page.waitForTimeout(400);
  const state = (await heard(panel, 'state')).at(-1)?.state;
  if (!state) throw new Error('No state was saved');
  return state;
}

function node(id: string): string {
  return `.map .node[data-id="${id}"]`;
}

describe('the map', { timeout: 60_000 }, () => {
  test('shows every service, channel and connection of the system, and its table the same', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(60);
      await show(panel, system);
      const ids = [...system.topology.services, ...system.topology.channels]
        .map((each) => each.id as string)
        .toSorted();
      expect(Object.keys(await transforms(panel)).toSorted()).toEqual(ids);
      await panel.page.click('#tab-table');
      const rows = await panel.page
        .locator('[data-row]')
        .evaluateAll((all) => all.map((row) => row.getAttribute('data-row') ?? ''));
      expect(rows.toSorted()).toEqual([...ids, ...system.topology.edges.map((edge) => edge.id as string)].toSorted());
    });
  });

  test('a click shows the details; their links open the source, their button asks for the fix', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(20);
      await show(panel, system);
      await panel.page.locator(node(ORDER_PLACED)).click();
      const details = panel.page.locator('.details');
      await details.locator('h2').waitFor();
      expect(await details.locator('h2').textContent()).toBe('order-placed');
      expect(await details.textContent()).toContain('fraud-screen');
      await details.getByText('Keep `email` required'.replaceAll('`', '`')).click();
      const broken = system.findings.find((finding) => finding.rule === 'contract-break');
      expect(await heard(panel, 'fix')).toEqual([
        { kind: 'fix', rule: 'contract-break', message: broken?.message, at: broken?.at },
      ]);
      await details.getByLabel('Open orders/asyncapi.yaml:21').click();
      expect(await heard(panel, 'open')).toEqual([
        { kind: 'open', file: 'orders/asyncapi.yaml', line: 20, character: 2 },
      ]);
    });
  });

  test('an edit that changes no node and no edge asks for no layout and moves nothing', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(60);
      await show(panel, system);
      const before = await transforms(panel);
      const count = await layouts(panel);
      expect(count).toBeGreaterThan(0);
      const edited = {
        ...system.topology,
        edges: system.topology.edges.map((edge) => ({
          ...edge,
          at: edge.at.map((at) => ({ ...at, file: `${at.file}.moved` })),
        })),
      };
      await panel.tell({ kind: 'structure', part: structurePart({ topology: edited }) });
      await panel.tell({ kind: 'findings', part: { hash: 'f2', findings: [], byId: {} } });
      await until(panel.page, 'document.querySelectorAll(".map .badge.error").length === 0');
      expect(await layouts(panel)).toBe(count);
      expect(await transforms(panel)).toEqual(before);
    });
  });

  test('a new consumer joins without a layout, and nobody moves', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(60);
      await show(panel, system);
      const before = await transforms(panel);
      const count = await layouts(panel);
      const desk = service('orders/returns-desk', 'returns-desk', 'orders');
      const grown = {
        ...system.topology,
        services: [...system.topology.services, desk],
        edges: [...system.topology.edges, connection('receives', ORDER_PLACED, desk.id)],
      };
      await panel.tell({ kind: 'structure', part: structurePart({ topology: grown }) });
      await panel.page.waitForSelector(node(desk.id));
      const { [desk.id]: placed, ...others } = await transforms(panel);
      expect(placed).toMatch(/^translate/);
      expect(others).toEqual(before);
      expect(await layouts(panel)).toBe(count);
    });
  });

  test('a page opened again with the saved state draws the same picture without a layout', async () => {
    const system = buildSystem(60);
    let state: ViewState | null = null;
    let before: Readonly<Record<string, string>> = {};
    let paths: unknown = null;
    const lines = `Array.from(document.querySelectorAll('.map .line .stroke'), (path) => path.getAttribute('d')).toSorted()`;
    await withPanel(async (panel) => {
      await show(panel, system);
      await panel.page.locator(node(CHECKOUT)).click();
      before = await transforms(panel);
      paths = await panel.page.evaluate(lines);
      state = await savedState(panel);
    });
    await withPanel(async (panel) => {
      await show(panel, system, { state });
      expect(await transforms(panel)).toEqual(before);
      expect(await panel.page.evaluate(lines)).toEqual(paths);
      expect(await layouts(panel)).toBe(0);
      expect(await panel.page.locator('.details h2').textContent()).toBe('checkout');
    });
  });

  test('goes by keyboard: arrows follow the connections, Enter opens, slash searches, Escape steps back', async () => {
    await withPanel(async (panel) => {
      await show(panel, buildSystem(20));
      const { keyboard } = panel.page;
      const focused = async (): Promise<string | null> =>
        panel.page.evaluate('document.activeElement.dataset.id ?? null');
      await panel.page.locator(node(CHECKOUT)).focus();
      await keyboard.press('ArrowRight');
      expect(await focused()).toBe(ORDER_PLACED);
      await keyboard.press('ArrowLeft');
      expect(await focused()).toBe(CHECKOUT);
      await keyboard.press('Enter');
      expect(await heard(panel, 'open')).toHaveLength(1);
      await keyboard.press('Space');
      expect(await panel.page.locator('.details h2').textContent()).toBe('checkout');
      await keyboard.press('f');
      await panel.page.locator('.focus-name', { hasText: 'checkout' }).waitFor();
      await keyboard.press('/');
      await keyboard.type('ledger');
      expect(await panel.page.locator('.found').textContent()).toBe('3 found');
      await keyboard.press('Enter');
      await panel.page.locator('.details h2', { hasText: 'ledger' }).waitFor();
      await keyboard.press('Escape');
      expect(await panel.page.locator('.found').textContent()).toBe('');
      await keyboard.press('Escape');
      expect(await panel.page.locator('.details').isVisible()).toBe(false);
    });
  });

  test('focus shows the neighbourhood alone, deeper by choice, and leaves the map as it was', async () => {
    await withPanel(async (panel) => {
      await show(panel, buildSystem(60));
      const before = await transforms(panel);
      await panel.page.locator(node(ORDER_PLACED)).click();
      await panel.page.locator('.details').getByText('Focus').click();
      await until(panel.page, 'document.querySelectorAll(".map .node").length < 12');
      const near = Object.keys(await transforms(panel));
      expect(near).toContain(CHECKOUT);
      await panel.page.locator('vscode-button[title="Leave focus"]').click();
      await until(panel.page, `document.querySelectorAll(".map .node").length === ${Object.keys(before).length}`);
      expect(await transforms(panel)).toEqual(before);
    });
  });

  test('a large system arrives folded, and a group unfolds where it stands', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(200);
      await show(panel, system);
      const folded = Object.keys(await transforms(panel));
      expect(folded.length).toBeLessThan(60);
      expect(folded).toContain('group:orders');
      await panel.page.locator(node('group:orders')).dblclick();
      await panel.page.waitForSelector(node(ORDER_PLACED));
      await panel.tell({ kind: 'reveal', id: 'service:payments-eu/ledger' });
      await panel.page.locator('.details h2', { hasText: 'ledger' }).waitFor();
      await panel.page.waitForSelector(node('service:payments-eu/ledger'));
      await panel.page.locator('.map .title[data-group="orders"] .title-plate').dispatchEvent('click');
      await panel.page.waitForSelector(node(ORDER_PLACED), { state: 'detached' });
    });
  });

  test('runs down in a narrow panel, to the right in a wide one, and as chosen from then on', async () => {
    const panel = await openPanel(browser, folder, 'dark', { width: 620, height: 900 });
    await show(panel, buildSystem(20));
    const runsDown = async (): Promise<boolean> => {
      const [from, to] = await Promise.all(
        [CHECKOUT, ORDER_PLACED].map((id) => panel.page.locator(`${node(id)} .box`).boundingBox()),
      );
      return from !== null && to !== null && from !== undefined && to !== undefined && from.y + from.height < to.y;
    };
    expect(await runsDown()).toBe(true);
    await panel.page.setViewportSize({ width: 1500, height: 800 });
    await expect.poll(runsDown).toBe(false);
    await panel.page.locator('vscode-button[title^="Turn the layout"]').click();
    await expect.poll(runsDown).toBe(true);
    await panel.page.setViewportSize({ width: 1600, height: 800 });
    await panel.page.waitForTimeout(500);
    expect(await runsDown()).toBe(true);
    expect(panel.errors).toEqual([]);
    await panel.page.close();
  });

  test('latency arrives on the lines and moves nothing', async () => {
    await withPanel(async (panel) => {
      const system = buildSystem(20);
      await show(panel, system);
      const before = await transforms(panel);
      await panel.tell(latencyPart(system));
      await panel.page.waitForSelector('.map .line.timed');
      expect(await panel.page.locator('.map .pill.timed').count()).toBeGreaterThan(5);
      expect(await transforms(panel)).toEqual(before);
      const measured = panel.page.locator('.status button', { hasText: 'measured' });
      expect(await measured.textContent()).toBe(
        `${system.report.coverage.deliveries} deliveries measured, 15 unmatched`,
      );
      await measured.click();
      const details = await panel.page.locator('.details').textContent();
      expect(details).toContain('12 × no consumer span for this message');
      expect(details).toContain('71 % of the time');
    });
  });
});

describe('beside the map', { timeout: 60_000 }, () => {
  test('the table sorts by each column and keeps the keyboard on the header', async () => {
    await withPanel(async (panel) => {
      await show(panel, buildSystem(20));
      await panel.page.click('#tab-table');
      const names = (): Promise<string[]> =>
        panel.page.locator('table[aria-label="Services and channels"] tbody th').allTextContents();
      const ascending = await names();
      const header = panel.page.locator('table[aria-label="Services and channels"] th', { hasText: 'Name' });
      await header.locator('button').press('Enter');
      expect(await names()).toEqual(ascending.toReversed());
      expect(await header.getAttribute('aria-sort')).toBe('descending');
      expect(await panel.page.evaluate('document.activeElement.textContent')).toContain('Name');
    });
  });

  test('Mermaid loads when the sequence view is opened, not before', async () => {
    await withPanel(async (panel) => {
      const asked: string[] = [];
      panel.page.on('request', (request) => asked.push(request.url()));
      const system = buildSystem(20);
      await show(panel, system);
      await panel.tell(
        latencyPart(
          system,
          'sequenceDiagram\n  participant c as checkout\n  participant o as order-placed\n  c-)o: publish 1.2 ms\n',
        ),
      );
      await panel.page.waitForSelector('.map .line.timed');
      expect(asked.filter((url) => url.includes('/chunks/'))).toEqual([]);
      await panel.page.click('#tab-sequence');
      await panel.page.locator('.sequence svg', { hasText: 'order-placed' }).waitFor({ timeout: 20_000 });
      expect(asked.some((url) => url.includes('/chunks/'))).toBe(true);
    });
  });

  test('says what it reads where nothing is found, and what it is doing meanwhile', async () => {
    await withPanel(async (panel) => {
      await panel.tell({
        kind: 'state',
        state: null,
        addresses: { layoutWorker: 'https://panel.test/layout-worker.js' },
      });
      await panel.tell({ kind: 'progress', text: 'Reading 120 of 400 files' });
      await panel.page.locator('.overlay', { hasText: 'Reading 120 of 400 files' }).waitFor();
      const nothing = { services: [], channels: [], schemas: [], edges: [], tasks: [], unresolved: [] };
      await panel.tell({ kind: 'structure', part: structurePart({ topology: nothing }) });
      await panel.tell({ kind: 'progress', text: null });
      await panel.page.locator('.overlay', { hasText: 'AsyncAPI' }).waitFor();
      await panel.page.getByText('Scan again').click();
      expect(await heard(panel, 'command')).toEqual([{ kind: 'command', command: 'refresh' }]);
    });
  });

  test('a layout that cannot be loaded is said, to the person and to the host', async () => {
    const panel = await openPanel(browser, folder);
    await panel.tell({ kind: 'state', state: null, addresses: { layoutWorker: 'https://panel.test/gone.js' } });
    await panel.tell({ kind: 'structure', part: structurePart(buildSystem(20)) });
    await panel.page.locator('.notice', { hasText: 'The layout cannot be loaded (404)' }).waitFor();
    expect(await heard(panel, 'failed')).toHaveLength(1);
    await panel.page.close();
  });

  test('names are text, whatever they say', async () => {
    await withPanel(async (panel) => {
      const hostile = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>`${1}`';
      const system = buildSystem(20);
      const rename = <N extends { name: string; group: string }>(nodes: readonly N[]): readonly N[] =>
        nodes.map((each, at) => (at === 0 ? { ...each, name: hostile, group: hostile } : each));
      const topology = {
        ...system.topology,
        services: rename(system.topology.services),
        channels: rename(system.topology.channels),
      };
      await show(panel, { ...system, topology } satisfies System);
      const first = topology.services[0]?.id ?? '';
      await panel.page.locator(node(first)).click();
      expect(await panel.page.locator('.details h2').textContent()).toBe(hostile);
      await panel.page.click('#tab-table');
      expect(
        await panel.page.evaluate(
          '[document.querySelectorAll("img").length, document.querySelectorAll("body > script").length, window.hacked ?? null]',
        ),
      ).toEqual([0, 1, null]);
    });
  });
});

describe('for everyone', { timeout: 120_000 }, () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  for (const theme of ['light', 'dark', 'high-contrast'] as const) {
    test(`axe finds nothing serious in ${theme}`, async () => {
      const panel = await openPanel(browser, folder, theme);
      await show(panel, buildSystem(20), { traces: true });
      await panel.page.locator(node(ORDER_PLACED)).click();
      await panel.page.locator('.legend summary').click();
      // The page's policy lets no foreign script in: axe comes through the debugger.
      await panel.page.evaluate(axe);
      for (const view of ['map', 'table'] as const) {
        await panel.page.click(`#tab-${view}`);
        const found: { id: string; impact: string; nodes: string[] }[] = await panel.page.evaluate(
          `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)) })))`,
        );
        expect({ view, found }).toEqual({ view, found: [] });
      }
      await panel.page.close();
    });
  }
});
