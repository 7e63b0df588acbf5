import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readText, scanFolder } from './files.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'eventscape-files-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Record<string, string | Buffer>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function scanned(folder = '', more: { exclude?: string[]; named?: string[] } = {}): Promise<readonly string[]> {
  return (await scanFolder(join(root, folder), { wants: (path) => /\.(?:yaml|ts|go|json)$/.test(path), ...more }))
    .files;
}

test('vendored, generated, test and fixture files are out of the scan, and the order is fixed', async () => {
  const kept = [
    'Zeta.yaml',
    'api/asyncapi.yaml',
    'services/billing/contest.ts',
    'services/billing/latest.go',
    'spec/asyncapi.yaml',
  ];
  const left = [
    'node_modules/pkg/asyncapi.yaml',
    'services/billing/vendor/x.go',
    'services/billing/billing_test.go',
    'services/billing/billing.spec.ts',
    'services/billing/__tests__/x.ts',
    'services/billing/testdata/x.json',
    'web/dist/x.json',
    'encore.gen/clients/x.ts',
    'pkg/orders.pb.go',
    'types/env.d.ts',
    '.git/config.json',
    'notes.txt',
  ];
  write(Object.fromEntries([...kept, ...left].map((path) => [path, 'x'])));
  expect(await scanned()).toEqual(kept.toSorted());
});

test('ignore files hold at every level, the nearest decides, and nothing below an ignored folder comes back', async () => {
  write({
    '.gitignore': '*.json\n/secret/\nwork/*\n!work/keep\n',
    'a.json': '',
    'a.yaml': '',
    'secret/.gitignore': '!*.yaml\n',
    'secret/b.yaml': '',
    'work/c.yaml': '',
    'work/keep/d.yaml': '',
    'api/.gitignore': '!events.json\nlocal.yaml\n',
    'api/events.json': '',
    'api/local.yaml': '',
    'api/deep/local.yaml': '',
    'api/deep/events.json': '',
    'local.yaml': '',
  });
  expect(await scanned()).toEqual([
    'a.yaml',
    'api/deep/events.json',
    'api/events.json',
    'local.yaml',
    'work/keep/d.yaml',
  ]);
});

test('a folder inside a repository keeps the rules from above it, unless they ignore the folder itself', async () => {
  write({
    '.git/HEAD': '',
    '.gitignore': 'drafts/\n/sandbox/\n*.tmp.yaml\n',
    'api/drafts/a.yaml': '',
    'api/b.yaml': '',
    'api/c.tmp.yaml': '',
    'sandbox/d.yaml': '',
  });
  expect(await scanned('api')).toEqual(['b.yaml']);
  expect(await scanned('sandbox')).toEqual(['d.yaml']);
  expect(await scanned('api/drafts')).toEqual(['a.yaml']);
});

test('the settings exclude files and whole folders; a file named on purpose is read all the same', async () => {
  write({ 'legacy/old/a.yaml': '', 'b.yaml': '', 'c.yaml': '', 'vendor/d.yaml': '' });
  expect(await scanned('', { exclude: ['**/legacy', 'b.*'], named: ['vendor/d.yaml'] })).toEqual([
    'c.yaml',
    'vendor/d.yaml',
  ]);
});

test('links are not followed while scanning, so a loop ends and nothing outside is read', async () => {
  write({ 'api/a.yaml': '' });
  symlinkSync(root, join(root, 'api/loop'));
  symlinkSync('/etc', join(root, 'etc'));
  symlinkSync(join(root, 'api/a.yaml'), join(root, 'api/link.yaml'));
  symlinkSync('/etc/hostname', join(root, 'api/host.yaml'));
  expect(await scanned()).toEqual(['api/a.yaml']);
  expect(await readText(root, 'api/link.yaml')).toEqual({ path: 'api/link.yaml', text: '' });
  const outside = { text: null, problem: 'this file lies outside the workspace and is not read' };
  expect(await readText(root, 'api/host.yaml')).toEqual({ path: 'api/host.yaml', ...outside });
  expect(await readText(root, '../../etc/hostname')).toEqual({ path: '../../etc/hostname', ...outside });
});

test('what is no text says why; what does not exist says nothing', async () => {
  write({
    'large.json': Buffer.alloc(5 * 1024 * 1024 + 1, 32),
    'fits.json': Buffer.alloc(5 * 1024 * 1024, 32),
    'wide.yaml': Buffer.from('﻿x', 'utf16le'),
    'mark.yaml': '﻿x',
  });
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.yaml')]);
  expect(await readText(root, 'large.json')).toEqual({
    path: 'large.json',
    text: null,
    problem: 'this file has 5.0 MB; declaration files over 5 MB are not read',
  });
  expect((await readText(root, 'fits.json')).text).toHaveLength(5 * 1024 * 1024);
  expect((await readText(root, 'wide.yaml')).problem).toContain('UTF-16');
  expect((await readText(root, 'mark.yaml')).text).toBe('x');
  expect((await readText(root, 'pipe.yaml')).problem).toContain('not a regular file');
  expect(await readText(root, 'gone.yaml')).toEqual({ path: 'gone.yaml', text: null });
  expect(await readText(root, 'large.json/below.yaml')).toEqual({ path: 'large.json/below.yaml', text: null });
  expect(await readText(root, 'bad\0name.yaml')).toEqual({ path: 'bad\0name.yaml', text: null });
});

test('a folder that does not exist rejects', async () => {
  await expect(scanFolder(join(root, 'gone'), { wants: () => true })).rejects.toThrow('ENOENT');
});
