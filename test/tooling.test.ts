// What the tools must keep: the formatter leaves scenario marks alone, the lock file names no registry.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/lib/process.mjs';

const root = dirname(import.meta.dirname);

test('the formatter leaves Markdown alone, where marks must stay below what they mark', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eventscape-format-'));
  try {
    cpSync(join(root, '.oxfmtrc.json'), join(folder, '.oxfmtrc.json'));
    const scenario =
      '# A queue\n\n`template.yaml`:\n```yaml\nResources:\n   Orders:\n#  ^^^^^^ warning[dlq-missing]: …\n```\n';
    const code = 'export const queue = "orders"\n';
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/rule.md'), scenario);
    writeFileSync(join(folder, 'src/rule.ts'), code);
    await run(process.execPath, [join(root, 'node_modules/oxfmt/bin/oxfmt')], { cwd: folder, output: 'capture' });
    expect(readFileSync(join(folder, 'src/rule.md'), 'utf8')).toBe(scenario);
    expect(readFileSync(join(folder, 'src/rule.ts'), 'utf8')).not.toBe(code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the lock file names no download address', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string }>;
  };
  expect(Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

test('the extension asks for no newer VS Code than the types it is written against', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { vscode: string } };
  const types = JSON.parse(readFileSync(join(root, 'node_modules/@types/vscode/package.json'), 'utf8')) as {
    version: string;
  };
  const minor = (version: string): string => version.replace(/^\^/, '').split('.').slice(0, 2).join('.');
  expect(minor(types.version)).toBe(minor(engines.vscode));
});
