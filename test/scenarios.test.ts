// Every `.md` beside the readers, rules, contracts and traces that holds scenarios is a test suite. `UPDATE=1` rewrites topology dumps.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseScenarios, runScenario } from './scenario.ts';

const root = join(import.meta.dirname, '..');
const only = process.env['SCENARIOS'] ?? '';

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name);
    return item.isDirectory() ? markdownBelow(path) : item.name.endsWith('.md') ? [path] : [];
  });
}

for (const path of [
  'src/core/readers',
  'src/core/rules',
  'src/core/contracts',
  'src/core/topology',
  'src/core/impact',
  'test/scenarios',
]
  .flatMap((folder) => {
    try {
      return markdownBelow(join(root, folder));
    } catch {
      return [];
    }
  })
  .sort()) {
  const name = relative(root, path).replaceAll('\\', '/');
  if (!name.includes(only)) continue;
  const scenarios = parseScenarios(readFileSync(path, 'utf8'));
  describe(name, () => {
    test.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', async (_, scenario) => {
      const { differences, topology } = await runScenario(scenario);
      if (process.env['UPDATE'] === '1' && scenario.topology !== null && topology !== scenario.topology) {
        const text = readFileSync(path, 'utf8');
        const heading = text.indexOf(`# ${scenario.title}\n`);
        const old = `\`\`\`topology\n${scenario.topology}${scenario.topology === '' ? '' : '\n'}\`\`\``;
        writeFileSync(
          path,
          text.slice(0, heading) + text.slice(heading).replace(old, () => `\`\`\`topology\n${topology}\n\`\`\``),
        );
      }
      expect(differences.join('\n\n')).toBe('');
    });
  });
}
