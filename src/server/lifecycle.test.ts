import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Client, makeWorkspace, type ClientOptions } from '../../test/server/client.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const billing = `Resources:
  Orders: # what the shop sold
    Type: AWS::SQS::Queue
  Bill:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders:
          Type: SQS
          Properties: { Queue: !GetAtt Orders.Arn }
`;
const shipping = billing.replaceAll('Orders', 'Parcels').replaceAll('Bill', 'Ship');

const contract = JSON.stringify(
  { type: 'object', required: ['id', 'total'], properties: { id: { type: 'string' }, total: { type: 'integer' } } },
  null,
  1,
);
const weakened = contract.replace('"id",\n  "total"', '"id"');
const consumer = `asyncapi: 3.0.0
info: { title: billing, version: 1.0.0 }
channels:
  orders:
    address: orders
    messages:
      order:
        payload: { $ref: order.schema.json }
operations:
  bill:
    action: receive
    channel: { $ref: '#/channels/orders' }
`;

const ending: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

function workspaceOf(files: Readonly<Record<string, string>>) {
  const workspace = makeWorkspace(files);
  ending.push(workspace.remove);
  return workspace;
}

async function serve(folder: string, options: ClientOptions = {}): Promise<Client> {
  const client = await Client.start(folder, options);
  ending.push(() => client.stop());
  return client;
}

function git(folder: string, ...args: string[]): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@shop.example', ...args], {
    cwd: folder,
    env,
    stdio: 'pipe',
  });
}

/** A repository whose first commit is what stands in the folder. */
function commitAll(folder: string): void {
  git(folder, 'init', '--quiet', '--initial-branch', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'First');
}

function rules(client: Client, path: string): readonly string[] {
  return client.diagnostics(path).map(({ code }) => String(code));
}

describe('files on disk', () => {
  test('an empty folder wakes with the first file in it', async () => {
    const { folder, write } = workspaceOf({});
    const client = await serve(folder);
    await client.until(() => client.changes.length > 0, 'the first scan');
    write({ 'template.yaml': billing });
    await client.touched('template.yaml', 'created');
    await client.until(() => rules(client, 'template.yaml').length > 0, 'the finding');
    expect(rules(client, 'template.yaml')).toContain('dlq-missing');
  });

  test('created, changed and deleted files and folders are followed; an open buffer speaks for itself', async () => {
    const { folder, write } = workspaceOf({ 'billing/template.yaml': billing });
    const client = await serve(folder);
    await client.until(() => rules(client, 'billing/template.yaml').length > 0, 'the first finding');

    write({ 'shipping/template.yaml': shipping });
    await client.touched('shipping/template.yaml', 'created');
    await client.until(() => rules(client, 'shipping/template.yaml').includes('dlq-missing'), 'the new file');

    await client.open('billing/template.yaml', billing);
    write({ 'billing/template.yaml': 'Resources: {}\n', 'shipping/template.yaml': 'Resources: {}\n' });
    await client.touched('billing/template.yaml', 'changed');
    await client.touched('shipping/template.yaml', 'changed');
    await client.until(() => rules(client, 'shipping/template.yaml').length === 0, 'the changed file');
    expect(rules(client, 'billing/template.yaml')).toContain('dlq-missing');

    await client.close('billing/template.yaml');
    await client.until(
      () => rules(client, 'billing/template.yaml').length === 0,
      'the closed buffer falls back to the disk',
    );

    write({ 'shipping/template.yaml': shipping });
    await client.touched('shipping/template.yaml', 'changed');
    await client.until(() => rules(client, 'shipping/template.yaml').length > 0, 'the finding is back');
    rmSync(join(folder, 'shipping'), { recursive: true });
    await client.touched('shipping', 'deleted');
    await client.until(() => rules(client, 'shipping/template.yaml').length === 0, 'the deleted folder');
  });

  test('.gitignore, exclusions and the scan’s own decide what is in view, and change it', async () => {
    const { folder, write } = workspaceOf({
      'a/template.yaml': billing,
      'b/template.yaml': billing,
      'c/template.yaml': billing,
      'vendor/template.yaml': billing,
    });
    const client = await serve(folder, {
      configuration: { eventscape: { exclude: ['b/**'] }, 'files.exclude': { '**/nothing': true } },
    });
    await client.settled();
    expect(Object.keys(client.squiggles())).toEqual(['a/template.yaml', 'c/template.yaml']);
    write({ '.gitignore': '/a/\n' });
    await client.touched('.gitignore', 'created');
    await client.until(() => rules(client, 'a/template.yaml').length === 0, 'the ignored folder');
    expect(Object.keys(client.squiggles())).toEqual(['c/template.yaml']);
  });

  test('eventscape.yaml says no to a rule and to a place, with a reason', async () => {
    const { folder, write } = workspaceOf({ 'template.yaml': billing });
    const client = await serve(folder);
    await client.until(() => rules(client, 'template.yaml').includes('dlq-missing'), 'the finding');
    write({
      'eventscape.yaml':
        'rules: { orphan-channel: off }\nignore:\n  - { rule: dlq-missing, path: template.yaml, pointer: /Resources/Orders, reason: a test queue }\n',
    });
    await client.touched('eventscape.yaml', 'created');
    await client.until(() => rules(client, 'template.yaml').length === 0, 'nothing is left');
    expect(client.squiggles()).toEqual({});
  });

  test('what cannot be read says why at its file, and the rest goes on', async () => {
    const { folder, write } = workspaceOf({
      'template.yaml': billing,
      'large.asyncapi.json': `"${'x'.repeat(5 * 1024 * 1024)}"`,
    });
    writeFileSync(join(folder, 'latin.asyncapi.yaml'), Buffer.from([0x6e, 0xe9, 0x0a]));
    writeFileSync(join(folder, 'binary.asyncapi.json'), Buffer.from([123, 0, 125]));
    const client = await serve(folder);
    await client.settled();
    expect(rules(client, 'template.yaml')).toContain('dlq-missing');
    expect(client.diagnostics('large.asyncapi.json')[0]?.message).toContain('over 5 MB are not read');
    expect(client.diagnostics('latin.asyncapi.yaml')[0]?.message).toContain('save it as UTF-8');
    expect(client.diagnostics('binary.asyncapi.json')[0]?.message).toContain('binary');
    write({ 'latin.asyncapi.yaml': consumer.replace('order.schema.json', '"#/components/schemas/order"') });
    await client.touched('latin.asyncapi.yaml', 'changed');
    await client.until(() => rules(client, 'latin.asyncapi.yaml').includes('orphan-channel'), 'the mended file');
  });
});

describe('settings', () => {
  test('a rule’s severity, and a new one while the server runs', async () => {
    const { folder } = workspaceOf({ 'template.yaml': billing });
    const configuration: Record<string, unknown> = {
      eventscape: { rules: { 'dlq-missing': 'error', 'orphan-channel': 'off' } },
    };
    const client = await serve(folder, { configuration });
    await client.until(() => client.diagnostics('template.yaml').length > 0, 'the finding');
    expect(client.diagnostics('template.yaml').map(({ severity, code }) => [severity, code])).toEqual([
      [1, 'dlq-missing'],
    ]);
    configuration['eventscape'] = { rules: { 'dlq-missing': 'off', 'orphan-channel': 'off' } };
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    await client.until(() => client.diagnostics('template.yaml').length === 0, 'the rule is off');
  });
});

describe('the base', () => {
  test('a commit, a checkout and a rebase move it without a word from the editor', async () => {
    const { folder, write } = workspaceOf({ 'billing.asyncapi.yaml': consumer, 'order.schema.json': contract });
    commitAll(folder);
    const client = await serve(folder);
    expect(await client.settled()).toMatchObject({ ref: 'HEAD', reason: '' });

    write({ 'order.schema.json': weakened });
    await client.touched('order.schema.json', 'changed');
    await client.until(() => rules(client, 'order.schema.json').includes('contract-breaking'), 'the break on disk');
    git(folder, 'commit', '--quiet', '--all', '--message', 'Weaken');
    await client.until(() => rules(client, 'order.schema.json').length === 0, 'the commit is the base');

    git(folder, 'checkout', '--quiet', '-b', 'older', 'HEAD~1');
    await client.touched('order.schema.json', 'changed');
    await client.until(
      () => client.changes.length > 0 && rules(client, 'order.schema.json').length === 0,
      'the older contract',
    );
    write({ 'order.schema.json': weakened });
    await client.touched('order.schema.json', 'changed');
    await client.until(
      () => rules(client, 'order.schema.json').includes('contract-breaking'),
      'the break against the older one',
    );
    git(folder, 'checkout', '--quiet', '--', 'order.schema.json');
    write({ 'notes.md': 'x' });
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--message', 'Notes');
    git(folder, 'rebase', '--quiet', 'main');
    write({ 'order.schema.json': weakened });
    await client.touched('order.schema.json', 'changed');
    await client.until(
      () => rules(client, 'order.schema.json').length === 0,
      'the rebased branch left the weaker contract',
    );
  });

  test('a folder that becomes a repository gets one', async () => {
    const { folder, write } = workspaceOf({ 'billing.asyncapi.yaml': consumer, 'order.schema.json': contract });
    const client = await serve(folder);
    expect((await client.settled()).reason).toBe('the folder is not in a git repository');
    commitAll(folder);
    write({ 'order.schema.json': weakened });
    await client.touched('order.schema.json', 'changed');
    await client.until(() => rules(client, 'order.schema.json').includes('contract-breaking'), 'the break');
  });

  test('git waits until the workspace is trusted', async () => {
    const { folder, write } = workspaceOf({ 'billing.asyncapi.yaml': consumer, 'order.schema.json': contract });
    commitAll(folder);
    write({ 'order.schema.json': weakened });
    const { folder: programs, write: writeProgram } = workspaceOf({});
    writeProgram({
      git: `#!/bin/sh\ntouch '${programs}/ran'\nexec /usr/bin/env PATH='${process.env['PATH'] ?? ''}' git "$@"\n`,
    });
    chmodSync(join(programs, 'git'), 0o755);
    const client = await serve(folder, { trusted: false, env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
    expect((await client.settled()).reason).toContain('trusted');
    expect(rules(client, 'order.schema.json')).toEqual([]);
    expect(existsSync(join(programs, 'ran'))).toBe(false);
    await client.connection.sendNotification('eventscape/trust');
    await client.until(() => rules(client, 'order.schema.json').includes('contract-breaking'), 'the break');
    expect(existsSync(join(programs, 'ran'))).toBe(true);
  });

  test('one that somebody asked for and that does not resolve is said once, and contracts are not compared', async () => {
    const { folder, write } = workspaceOf({ 'billing.asyncapi.yaml': consumer, 'order.schema.json': contract });
    commitAll(folder);
    write({ 'order.schema.json': weakened });
    const client = await serve(folder, { base: 'v1.0' });
    await client.until(() => client.shown.length > 0, 'the warning');
    expect(client.shown).toEqual([
      'Contract edits are not compared: cannot compare with "v1.0": it is no commit of this repository; fetch it, or name another revision.',
    ]);
    expect(rules(client, 'order.schema.json')).toEqual([]);
    await client.connection.sendNotification('eventscape/setBase', { base: null });
    await client.until(() => rules(client, 'order.schema.json').includes('contract-breaking'), 'the default order');
    await client.connection.sendNotification('eventscape/setBase', { base: 'none' });
    await client.until(() => rules(client, 'order.schema.json').length === 0, 'no base');
  });
});

describe('crashes', () => {
  test('a new server has the unsaved buffer’s diagnostics again, the same ones', async () => {
    const { folder } = workspaceOf({
      'billing.asyncapi.yaml': consumer,
      'order.schema.json': contract,
      'storage/x': '',
    });
    commitAll(folder);
    const storage = join(folder, '.git/storage');
    const first = await serve(folder, { storage });
    await first.open('order.schema.json', contract, 'json');
    await first.edit('order.schema.json', '"id",\n  "total"', '"id"');
    await first.until(
      () => first.diagnostics('order.schema.json')[0]?.message.includes('For example') === true,
      'the proven break',
    );
    await first.kill();

    const second = await serve(folder, { storage });
    await second.open('order.schema.json', first.text('order.schema.json'), 'json');
    await second.until(
      () => second.diagnostics('order.schema.json')[0]?.message.includes('For example') === true,
      'the proven break',
    );
    expect(second.squiggles()).toEqual(first.squiggles());
    expect(second.diagnostics('order.schema.json')).toEqual(first.diagnostics('order.schema.json'));
  });

  test('a file that was in hand when a server ended is skipped and said so, until the workspace is read again', async () => {
    const { folder } = workspaceOf({ 'billing/template.yaml': billing, 'shipping/template.yaml': shipping });
    const storage = join(folder, '.storage');
    mkdirSync(storage);
    writeFileSync(join(storage, 'in-hand'), JSON.stringify(`${pathToFileURL(folder).href} billing/template.yaml`));
    for (let start = 0; start < 2; start++) {
      const client = await serve(folder, { storage });
      await client.settled();
      expect(rules(client, 'shipping/template.yaml')).toContain('dlq-missing');
      expect(client.diagnostics('billing/template.yaml').map(({ message }) => message)).toEqual([
        'The language server ended while it was reading this file; it is skipped until the workspace is read again',
      ]);
      if (start === 0) {
        await client.stop();
        continue;
      }
      await client.connection.sendNotification('eventscape/rescan');
      await client.until(() => rules(client, 'billing/template.yaml').includes('dlq-missing'), 'it is read again');
    }
  });
});
