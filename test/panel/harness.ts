// The panel in a plain browser page: the real bundles, the real content security policy, and a stand-in for the editor that records what the panel says.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { bundles } from '../../scripts/lib/bundles.mjs';
import { packTopology } from '../../src/protocol/pack.ts';
import type { FromWebview, ToWebview, ViewState } from '../../src/protocol/panel.ts';
import type { System } from './system.ts';
import { type Theme, THEMES } from './themes.ts';

const ORIGIN = 'https://panel.test';
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

/** Builds the webview's bundles into a folder of their own and returns it. */
export async function buildPanel(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'eventscape-panel-'));
  for (const bundle of bundles) {
    if (bundle.name !== 'webview' && bundle.name !== 'layout-worker') continue;
    await build({
      entryPoints: [bundle.entry],
      ...(bundle.outdir ? { outdir: folder } : { outfile: join(folder, 'layout-worker.js') }),
      bundle: true,
      minify: true,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
      ...bundle.options,
    });
  }
  return folder;
}

export interface Panel {
  readonly page: Page;
  /** Everything the panel told its host so far. */
  readonly said: () => Promise<readonly FromWebview[]>;
  readonly tell: (message: ToWebview) => Promise<void>;
  /** Errors of the page and what its security policy refused. */
  readonly errors: readonly string[];
}

/** Opens the page as the editor would, up to the panel's `ready`. */
export async function openPanel(
  browser: Browser,
  folder: string,
  theme: Theme = 'dark',
  size = { width: 1400, height: 860 },
): Promise<Panel> {
  const page = await browser.newPage({ viewport: size });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: document(theme) });
    try {
      const body = readFileSync(join(folder, pathname));
      return await route.fulfill({ contentType: TYPES[extname(pathname)] ?? 'text/plain', body });
    } catch {
      return route.fulfill({ status: 404, body: '' });
    }
  });
  await page.goto(`${ORIGIN}/`);
  await until(page, 'window.said.some((message) => message.kind === "ready")');
  return {
    page,
    errors,
    said: () => page.evaluate('window.said'),
    tell: async (message) => page.evaluate(`window.postMessage(${JSON.stringify(message)})`),
  };
}

/** Waits until an expression holds in the page. (Playwright's own waiting evaluates in the page, which its policy forbids.) */
export async function until(page: Page, expression: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await page.evaluate(expression)) return;
    await page.waitForTimeout(25);
  }
  throw new Error(`Never came true: ${expression}`);
}

function document(theme: Theme): string {
  const { body, colours } = THEMES[theme];
  const variables = Object.entries({
    ...colours,
    'font-family': 'system-ui, sans-serif',
    'font-size': '13px',
    'editor-font-family': 'monospace',
  })
    .map(([name, value]) => `--vscode-${name}: ${value};`)
    .join(' ');
  const policy = `default-src 'none'; style-src ${ORIGIN} 'unsafe-inline'; script-src 'nonce-panel'; worker-src blob:; connect-src ${ORIGIN}; img-src ${ORIGIN} data:; font-src ${ORIGIN}`;
  return `<!doctype html><html lang="en" style="${variables}"><head><meta charset="utf-8"><title>Topology</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/main.css">
<script nonce="panel">window.said = []; window.acquireVsCodeApi = () => ({ postMessage: (message) => window.said.push(message) });</script>
</head><body class="${body}" data-vscode-theme-kind="${body}"><script type="module" nonce="panel" src="/main.js"></script></body></html>`;
}

const ADDRESSES = { layoutWorker: `${ORIGIN}/layout-worker.js` };

/** Hands the panel a whole system, as the host does after `ready`, and waits until the map stands. */
export async function show(
  panel: Panel,
  system: System,
  more: { readonly state?: ViewState | null; readonly traces?: boolean } = {},
): Promise<void> {
  await panel.tell({ kind: 'state', state: more.state ?? null, addresses: ADDRESSES });
  await panel.tell({ kind: 'structure', part: structurePart(system) });
  await panel.tell({ kind: 'findings', part: { hash: 'f1', findings: system.findings, byId: system.byId } });
  if (more.traces) await panel.tell(latencyPart(system));
  await panel.page.waitForSelector('.map .node', { state: 'attached' });
}

let structures = 0;

export function structurePart(system: Pick<System, 'topology'>): Extract<ToWebview, { kind: 'structure' }>['part'] {
  return {
    hash: `s${++structures}`,
    topology: packTopology(system.topology),
    base: { ref: 'origin/main', commit: '4f0e', reason: '' },
  };
}

export function latencyPart(system: System, sequence = ''): Extract<ToWebview, { kind: 'latency' }> {
  return { kind: 'latency', part: { hash: 'l1', report: system.report, hopsByEdge: system.hopsByEdge, sequence } };
}
