// The extension as a user installs it: packaged, installed into a fresh VS Code, and at work there.
import { rm } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { root, run } from '../../../scripts/lib/process.mjs';
import { exampleWorkspace, openWindow, packageExtension } from '../harness.ts';
import { openFile, squiggles } from '../person.ts';

const vsix = await packageExtension();
const { scratch, folder } = await exampleWorkspace('orders');
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('the package holds what it needs and nothing else', async () => {
  const listed = await run(process.execPath, [`${root}/node_modules/@vscode/vsce/vsce`, 'ls', '--no-dependencies'], {
    output: 'capture',
  });
  const files = listed.split('\n').filter((line) => line !== '');
  for (const name of [
    'package.json',
    'LICENSE',
    'README.md',
    'dist/extension.cjs',
    'dist/server.cjs',
    'dist/THIRD_PARTY_NOTICES.txt',
    'dist/grammars/tree-sitter.wasm',
  ]) {
    expect(files).toContain(name);
  }
  expect(
    files.filter(
      (name) => !/^(?:package\.json|LICENSE|README\.md|CHANGELOG\.md|media\/|dist\/|docs\/schemas\/)/.test(name),
    ),
  ).toEqual([]);
  expect(files.filter((name) => /^dist\/(?:meta|\.ready)|\.map$|\.vsix$/.test(name))).toEqual([]);
});

test('installed from its package it marks the example', async () => {
  const { page, close } = await openWindow({ folder, extension: { vsix } });
  try {
    await openFile(page, 'fulfilment/template.yaml');
    await expect.poll(() => squiggles(page).count(), { timeout: 30_000 }).toBeGreaterThan(0);
  } finally {
    await close();
  }
});
