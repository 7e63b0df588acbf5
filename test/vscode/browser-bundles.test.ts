// The bundles for vscode.dev start in a browser: the language server and the witness worker as web workers, the extension
// as VS Code's web host loads it. No VS Code here; what they need from it is a stand-in.
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/process.mjs';
import { launchBrowser } from './browser.ts';

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/')
      return void response.setHeader('content-type', 'text/html').end('<!doctype html><title>bundles</title>');
    try {
      const type = path.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      response.setHeader('content-type', type).end(readFileSync(join(root, 'dist', path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
});

afterAll(async () => {
  await browser.close();
  server.close();
});

test('the server answers initialize in a web worker', async () => {
  const answer = await page.evaluate(
    () =>
      new Promise<{ id?: number; result?: { capabilities?: object } }>((resolve, reject) => {
        const worker = new Worker('/server.browser.js');
        worker.addEventListener('error', (event) => reject(new Error(event.message)));
        worker.addEventListener('message', ({ data }: MessageEvent<{ id?: number }>) => {
          if (data.id === 1) resolve(data);
        });
        worker.postMessage({
          jsonrpc: '2.0',
          id: 1,
          method: 'initialize',
          params: { processId: null, rootUri: null, capabilities: {}, workspaceFolders: [] },
        });
      }),
  );
  expect(answer.result?.capabilities).toBeTypeOf('object');
});

test('the witness worker starts in a web worker', async () => {
  const error = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const worker = new Worker('/witness-worker.browser.js');
        worker.addEventListener('error', (event) => resolve(event.message));
        // A script that throws does so while it is loaded; a message to it is queued until then.
        setTimeout(() => resolve(''), 1_000);
      }),
  );
  expect(error).toBe('');
});

test('the extension loads without node and offers to be activated', async () => {
  const source = readFileSync(join(root, 'dist/extension.browser.cjs'), 'utf8');
  const activate = await page.evaluate((code) => {
    // Anything may be asked of `vscode` while the modules load: classes to extend, enums to read.
    const anything: unknown = new Proxy(Object, {
      get: (target, key) => (key === 'prototype' ? target.prototype : anything),
    });
    const module = { exports: {} as { activate?: unknown } };
    const require = (name: string): unknown => {
      if (name !== 'vscode') throw new Error(`asks for ${name}`);
      // Bundled code looks at own properties first and then at the prototype.
      return Object.create(anything as object);
    };
    // oxlint-disable-next-line typescript/no-implied-eval -- this is how a web extension host loads an extension
    new Function('module', 'exports', 'require', code)(module, module.exports, require);
    return typeof module.exports.activate;
  }, source);
  expect(activate).toBe('function');
});
