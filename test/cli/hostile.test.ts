// What a broken operand or a broken file in a folder does: the first is exit code 2 and one line, the second a problem beside healthy files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asRepository, eventscape, inScratch, root, run } from './run.ts';

const BIG = 50 * 1024 * 1024;
const HEALTHY = `Resources:
  Parcels: { Type: AWS::SQS::Queue }
  Pack:
    Type: AWS::Serverless::Function
    Properties: { Events: { In: { Type: SQS, Properties: { Queue: !GetAtt Parcels.Arn } } } }
`;

/** Fifty megabytes of valid JSON that declares nothing. */
function bigJson(): string {
  const row = `${JSON.stringify({ id: 1, text: 'x'.repeat(1000) })},`;
  return `{"rows":[${row.repeat(Math.ceil(BIG / row.length))}{}]}`;
}

function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 7;
  for (let index = 0; index < length; index++)
    bytes[index] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  return bytes;
}

const CONTENTS: readonly (readonly [string, string | Buffer])[] = [
  ['truncated', '{"asyncapi": "3.0.0", "info": {"title": "Sho'],
  ['empty', ''],
  ['random bytes', randomBytes(4096)],
  ['fifty megabytes of the wrong kind', bigJson()],
];

function expectRefusal(ran: { readonly code: number; readonly stderr: string }): void {
  expect(ran.stderr.trim().split('\n')).toHaveLength(1);
  expect(ran.stderr).toMatch(/^eventscape: /);
  expect(ran.stderr).not.toMatch(/\n\s+at |Error:/);
  expect(ran.code).toBe(2);
}

describe.each(CONTENTS)('%s', (_, content) => {
  test(
    'as an operand is refused in one line',
    () =>
      inScratch(async (folder) => {
        const file = join(folder, 'orders.json');
        await writeFile(file, content);
        for (const args of [
          ['topology', file],
          ['check', file],
          ['fix', file, '--dry-run'],
          ['diff', file, file],
          ['trace', file],
        ])
          expectRefusal(await eventscape(args));
      }),
    60_000,
  );

  test(
    'in a folder is a problem, and the rest is unharmed',
    () =>
      inScratch(async (folder) => {
        await mkdir(join(folder, 'shop'));
        await writeFile(join(folder, 'shop/asyncapi.json'), content);
        await writeFile(join(folder, 'template.yaml'), HEALTHY);
        const topology = await eventscape(['topology', folder, '--format', 'json']);
        expect(topology.code).toBe(0);
        expect(topology.stderr).toBe('');
        const parsed = JSON.parse(topology.stdout) as {
          readonly edges: readonly unknown[];
          readonly files: { readonly problems: readonly { readonly file: string }[] };
        };
        expect(parsed.edges).toHaveLength(1);
        expect([...new Set(parsed.files.problems.map((problem) => problem.file))]).toEqual(['shop/asyncapi.json']);
        const check = await eventscape(['check', folder, '--format', 'json']);
        expect(check.code).toBe(0);
        expect(
          (JSON.parse(check.stdout) as { readonly findings: readonly { readonly rule: string }[] }).findings.map(
            (finding) => finding.rule,
          ),
        ).toContain('dlq-missing');
        const fix = await eventscape(['fix', folder, '--dry-run']);
        expect(fix.stderr).toBe('');
        expect(fix.stdout).toContain('+++ b/template.yaml');
      }),
    60_000,
  );
});

test('a missing path is refused in one line', async () => {
  const missing = join(root, 'no-such-folder');
  for (const args of [
    ['topology', missing],
    ['check', missing],
    ['fix', missing],
    ['diff', missing, missing],
    ['trace', missing],
  ])
    expectRefusal(await eventscape(args));
});

test.each([
  [['fly']],
  [['check', '--format', 'xml']],
  [['check', '--rule', 'no-such-rule=error']],
  [['check', '--fail-on', 'never']],
  [['topology', 'a', 'b']],
  [['topology', '--no-such-option']],
  [['diff', 'one']],
  [['trace']],
  [['fix', '--only', 'no-such-rule']],
  [['check', '.', '--base', 'no-such-revision']],
  [['check', '.', '--base', '']],
  [['trace', 'examples/orders/traces/checkout.otlp.jsonl', '--budget', '']],
  [['trace', 'examples/orders/traces/checkout.otlp.jsonl', '--compare']],
])('%j is wrong usage', async (args) => expectRefusal(await eventscape(args)));

test('a name cannot drive a terminal, a log or the direction of a line', () =>
  inScratch(async (folder) => {
    const name = 'Orders\u001B[31m\u0007\u202Egnp.\u2066';
    const queue = { Type: 'AWS::SQS::Queue' };
    const reader = {
      Type: 'AWS::Serverless::Function',
      Properties: { Events: { Mail: { Type: 'SQS', Properties: { Queue: { 'Fn::GetAtt': [name, 'Arn'] } } } } },
    };
    await writeFile(join(folder, 'template.json'), JSON.stringify({ Resources: { [name]: queue, Bill: reader } }));
    for (const args of [
      ['check', '--format', 'text'],
      ['check', '--format', 'github'],
      ['topology', '--format', 'text'],
      ['topology', '--format', 'mermaid'],
      ['topology', '--format', 'svg'],
    ]) {
      const { stdout } = await eventscape([...args, folder]);
      expect(stdout).toContain('Orders');
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
    }
  }));

test('a declaration that cannot be read any more is unreadable, not gone', () =>
  inScratch(async (scratch) => {
    const folder = join(scratch, 'shop');
    await asRepository(join(root, 'examples/orders'), folder);
    const contract = 'checkout/schemas/order-created.schema.json';
    await writeFile(join(folder, contract), Buffer.from([0, 1, 2, 3]));
    const { stdout } = await eventscape(['check', folder, '--base', 'HEAD', '--format', 'json']);
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; file: string; severity: string }[] };
    expect(findings.filter(({ rule }) => rule === 'unreadable')).toMatchObject([{ file: contract, severity: 'error' }]);
    expect(findings.filter(({ rule }) => rule === 'contract-breaking')).toEqual([]);
  }));

test('the dry run of a file with a byte order mark applies', () =>
  inScratch(async (folder) => {
    await run('git', ['init', '-q'], folder);
    await writeFile(join(folder, 'template.yaml'), `\uFEFF${HEALTHY}`);
    const { stdout } = await eventscape(['fix', '--dry-run', folder]);
    expect(stdout).toContain('+++ b/template.yaml');
    expect(await run('git', ['apply', '-'], folder, stdout)).toMatchObject({ code: 0, stderr: '' });
  }));
