// The example shop against what was written down by hand before the engine saw it: every edge, every finding, every fix.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { asRepository, eventscape, git, inScratch, root, run } from './run.ts';

const shop = join(root, 'examples/orders');

interface Truth {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly subscription?: string;
  readonly at: string;
  readonly confidence: string;
  readonly deadLetter?: string;
  readonly dlq?: string;
}

interface TopologyJson {
  readonly services: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  readonly edges: readonly {
    readonly kind: string;
    readonly from: string;
    readonly to: string;
    readonly subscription: string;
    readonly confidence: string;
    readonly at: readonly { readonly file: string; readonly line: number }[];
    readonly failure?: { readonly deadLetter: string; readonly to: string | null };
  }[];
  readonly files: { readonly problems: readonly unknown[] };
}

interface CheckJson {
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly file: string;
    readonly range: { readonly start: { readonly line: number } };
    readonly fixes: readonly unknown[];
  }[];
}

/** "What there is" of the example's README: `- file:line rule (severity)[, no fix]`. */
async function listedFaults(): Promise<readonly { readonly text: string; readonly fixable: boolean }[]> {
  const readme = await readFile(join(shop, 'README.md'), 'utf8');
  return [...readme.matchAll(/^- `([^`]+):(\d+)` `([\w-]+)` \((error|warning|info)\)(, no fix)?/gm)].map(
    ([, file = '', line = '', rule = '', severity = '', none]) => ({
      text: `${file}:${line} ${rule} ${severity}`,
      fixable: none === undefined,
    }),
  );
}

describe('the example shop', () => {
  test('has exactly the edges of its truth file', async () => {
    const truth = (
      JSON.parse(await readFile(join(shop, 'expected/topology.truth.json'), 'utf8')) as readonly Truth[]
    ).map((edge) => ({ subscription: '', deadLetter: '', dlq: '', ...edge }));
    const ran = await eventscape(['topology', shop, '--format', 'json']);
    expect(ran.code).toBe(0);
    const topology = JSON.parse(ran.stdout) as TopologyJson;
    const names = new Map([...topology.services, ...topology.channels].map((node) => [node.id, node.name]));
    const found = topology.edges.map((edge) => ({
      subscription: edge.subscription,
      deadLetter: edge.failure?.deadLetter ?? '',
      dlq: names.get(edge.failure?.to ?? '') ?? '',
      kind: edge.kind,
      from: names.get(edge.from),
      to: names.get(edge.to),
      at: edge.at.map((place) => `${place.file}:${place.line}`).join(' '),
      confidence: edge.confidence,
    }));
    const sorted = (edges: readonly object[]): readonly string[] =>
      edges.map((edge) => JSON.stringify(Object.entries(edge).toSorted(([a], [b]) => (a < b ? -1 : 1)))).toSorted();
    expect(sorted(found)).toEqual(sorted(truth));
    expect(topology.files.problems).toEqual([]);
  });

  test('has exactly the findings that its README lists, and check --format json says so byte for byte', () =>
    inScratch(async (folder) => {
      await asRepository(shop, folder);
      const ran = await eventscape(['check', folder, '--base', 'HEAD', '--format', 'json']);
      const check = JSON.parse(ran.stdout) as CheckJson;
      const faults = await listedFaults();
      expect(
        check.findings
          .map((finding) => `${finding.file}:${finding.range.start.line + 1} ${finding.rule} ${finding.severity}`)
          .toSorted(),
      ).toEqual(faults.map((fault) => fault.text).toSorted());
      expect(faults.some((fault) => fault.text.endsWith('error'))).toBe(true);
      expect(ran.code).toBe(1);
      const commit = (await git(folder, 'rev-parse', 'HEAD')).trim();
      // The commit is the one thing that differs from machine to machine.
      const expected = (await readFile(join(shop, 'expected/check.json'), 'utf8')).replace(
        '"commit": ""',
        `"commit": "${commit}"`,
      );
      expect(ran.stdout).toBe(expected);
    }));

  test('is mended by fix --dry-run | git apply, but for what has no fix', () =>
    inScratch(async (folder) => {
      await asRepository(shop, folder);
      const patch = await eventscape(['fix', folder, '--dry-run']);
      expect(patch.stdout).toContain('+++ b/fulfilment/template.yaml');
      const applied = await run('git', ['apply', '--whitespace=nowarn', '-'], folder, patch.stdout);
      expect(applied).toEqual({ code: 0, stdout: '', stderr: '' });
      const left = JSON.parse(
        (await eventscape(['check', folder, '--base', 'HEAD', '--format', 'json'])).stdout,
      ) as CheckJson;
      const expected = (await listedFaults())
        .filter((fault) => !fault.fixable)
        .map((fault) => fault.text.replace(/:\d+/, ''));
      expect(left.findings.map((finding) => `${finding.file} ${finding.rule} ${finding.severity}`).toSorted()).toEqual(
        expected.toSorted(),
      );
      expect((await eventscape(['fix', folder, '--dry-run'])).stdout).toBe('');
    }));

  test('prints JSON that its schemas describe', async () => {
    const ajv = new Ajv2020({ allErrors: true });
    for (const [name, args] of [
      ['topology', ['topology', shop, '--format', 'json']],
      ['check', ['check', shop, '--base', 'none', '--format', 'json']],
      [
        'diff',
        [
          'diff',
          join(shop, 'checkout/schemas/order-created.schema.json'),
          join(shop, 'checkout/schemas/payment-captured.schema.json'),
          '--format',
          'json',
        ],
      ],
      ['trace', ['trace', join(shop, 'traces/checkout.otlp.jsonl'), '--workspace', shop, '--format', 'json']],
    ] as const) {
      const validate = ajv.compile(
        JSON.parse(await readFile(join(root, 'docs/schemas', `${name}.schema.json`), 'utf8')) as object,
      );
      const output: unknown = JSON.parse((await eventscape(args)).stdout);
      expect(validate(output), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  test('prints the same bytes each time', async () => {
    const once = await eventscape(['topology', shop, '--format', 'json']);
    const twice = await eventscape(['topology', '.', '--format', 'json'], shop);
    expect(twice.stdout).toBe(once.stdout);
  });
});
