// A real VS Code with the extension in it, for tests: opened as a person would see it, or running a suite in its host.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { copyExample } from '../../scripts/lib/example.mjs';
import { locked } from '../../scripts/lib/lock.mjs';
import { root, run } from '../../scripts/lib/process.mjs';
import { suiteBundle } from '../../scripts/lib/suite-bundle.mjs';
import { startVscode } from '../../scripts/lib/vscode-server.mjs';
import { launchBrowser } from './browser.ts';
import type { SuiteResults } from './suite/runner.ts';

/** How the extension gets into the window: as it is built now, from a folder, or from a package as a user installs it. */
type ExtensionSource = { readonly development: string } | { readonly vsix: string } | 'development' | 'none';

interface OpenOptions {
  /** The workspace, absolute. */
  readonly folder: string;
  /** Laid over the calm settings of the harness. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly extension?: ExtensionSource;
  /** Reaches the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders to remove at the end. */
  readonly remove?: readonly string[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

export interface Window {
  readonly page: Page;
  readonly folder: string;
  /** Ends browser and server and removes their folders. */
  readonly close: () => Promise<void>;
}

/** A scratch copy of `examples/<name>`, a git repository with one commit. Remove `scratch` at the end. */
export const exampleWorkspace: (name: string) => Promise<{ scratch: string; folder: string }> = copyExample;

/** Opens a workspace and waits until the window stands. Rejects with the reason and leaves nothing behind. */
export async function openWindow(options: OpenOptions): Promise<Window> {
  const { server, browser, development, close } = await start(options);
  try {
    const page = await newPage(browser, options);
    await page.goto(server.address(options.folder, development));
    await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
    return { page, folder: options.folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens any address of a VS Code that somebody else started, in a browser of our own. */
export async function openAddress(address: string): Promise<Omit<Window, 'folder'>> {
  const browser = await launchBrowser();
  const page = await newPage(browser, {});
  await page.goto(address);
  await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
  return { page, close: () => browser.close() };
}

/** Runs `suite/index.ts` inside the extension host of a window on `folder`. Rejects when it does not end in time. */
export async function runInHost(options: OpenOptions, timeoutMs = 180_000): Promise<SuiteResults> {
  const scratch = mkdtempSync(join(tmpdir(), 'eventscape-suite-'));
  const results = join(scratch, 'results.json');
  const env = { ...options.env, EVENTSCAPE_TEST_RESULTS: results };
  const tests = suiteBundle.outfile;
  await build(suiteBundle);
  try {
    const { server, browser, development, close } = await start({ ...options, env });
    const said: string[] = [];
    try {
      const page = await newPage(browser, options);
      const ended = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`The suite did not end within ${timeoutMs} ms\n${said.slice(-40).join('\n')}`)),
          timeoutMs,
        );
        void page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
          const line = args.map(String).join(' ');
          if (type === 'error' || line.includes('[eventscape]')) said.push(`${type}: ${line}`);
        });
        void page.exposeFunction('codeAutomationExit', () => {
          clearTimeout(timer);
          resolve();
        });
      });
      await page.goto(server.address(options.folder, { ...development, tests }));
      await ended;
    } finally {
      await close();
    }
    if (!existsSync(results)) throw new Error(`The suite ended without results\n${said.slice(-40).join('\n')}`);
    return JSON.parse(readFileSync(results, 'utf8')) as SuiteResults;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Packages the extension as a user installs it and returns the file. */
export async function packageExtension(): Promise<string> {
  await run(process.execPath, [join(root, 'scripts/package.mjs')]);
  return join(root, 'dist/eventscape.vsix');
}

/** Saves what is seen under test-results/screenshots. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(root, 'test-results/screenshots', `${name}.png`) });
}

/** Whether the pictures of the README are to be made anew. */
export const makesPictures = process.env['EVENTSCAPE_MEDIA'] === '1';

/** Saves a picture of the README as media/<name>.png and returns its size in bytes. */
export async function picture(page: Page, name: string): Promise<number> {
  const path = join(root, 'media', `${name}.png`);
  await page.screenshot({ path });
  return statSync(path).size;
}

type Server = Awaited<ReturnType<typeof startVscode>>;

async function start(options: OpenOptions): Promise<{
  server: Server;
  browser: Browser;
  development: { development?: string };
  close: () => Promise<void>;
}> {
  const { extension = 'development' } = options;
  const built = extension === 'development' ? await builtExtension() : null;
  const folder = built ?? (typeof extension === 'object' && 'development' in extension ? extension.development : null);
  const server = await startVscode({
    settings: { ...options.settings },
    ...(typeof extension === 'object' && 'vsix' in extension ? { vsix: extension.vsix } : {}),
    env: { ...options.env },
    remove: [...(options.remove ?? []), ...(built === null ? [] : [built])],
  });
  try {
    const browser = await launchBrowser();
    return {
      server,
      browser,
      development: folder === null ? {} : { development: folder },
      close: async () => {
        await browser.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The extension as it is built now, in a folder of its own: a build that runs meanwhile would take files from under the window. */
async function builtExtension(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'eventscape-extension-'));
  await locked(`the bundles of ${root}`, async () => {
    for (const part of ['package.json', 'dist', 'media', 'docs/schemas']) {
      cpSync(join(root, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith('.vsix') });
    }
  });
  return folder;
}

async function newPage(browser: Browser, options: Pick<OpenOptions, 'viewport'>): Promise<Page> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1400, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  return context.newPage();
}
