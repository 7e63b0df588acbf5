import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CancellationTokenSource, type Position } from 'vscode-languageserver/node';
import { copyExample } from '../../scripts/lib/example.mjs';
import { Client, makeWorkspace, type ClientOptions } from '../../test/server/client.ts';
import type { ImportTracesResult } from '../protocol/server.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const schema = 'checkout/schemas/order-created.schema.json';
const emails = 'checkout/email-service.asyncapi.yaml';
const template = 'fulfilment/template.yaml';
const TRACE = 'traces/checkout.otlp.jsonl';

let scratch: string;
let shop: string;
const running: Client[] = [];

beforeAll(async () => {
  ({ scratch, folder: shop } = await copyExample('orders'));
});
afterEach(async () => {
  for (const client of running.splice(0)) await client.stop();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A server on the shop, first scan and base read. */
async function openShop(options: ClientOptions = {}): Promise<Client> {
  const client = await Client.start(shop, options);
  running.push(client);
  await client.settled();
  return client;
}

async function openFile(client: Client, path: string): Promise<void> {
  await client.open(path, readFileSync(join(shop, path), 'utf8'), path.endsWith('.json') ? 'json' : 'yaml');
}

/** Where a text begins in the shop's file. */
function placeOf(path: string, text: string, skip = 0): Position {
  const before = readFileSync(join(shop, path), 'utf8')
    .split(text)
    .slice(0, skip + 1)
    .join(text);
  return { line: before.split('\n').length - 1, character: before.length - before.lastIndexOf('\n') - 1 };
}

function rulesOf(client: Client, path: string): readonly string[] {
  return client.diagnostics(path).map(({ code, range }) => `${code}:${range.start.line + 1}`);
}

describe('diagnostics', () => {
  test('what is wrong with the shop is said file by file, nothing is said of the rest', async () => {
    const client = await openShop();
    expect(Object.fromEntries(Object.keys(client.squiggles()).map((path) => [path, rulesOf(client, path)]))).toEqual({
      [emails]: ['dlq-missing:12', 'dlq-dangling:35'],
      [template]: ['dlq-missing:12', 'dlq-dangling:24', 'orphan-channel:27'],
      'loyalty/rewards/rewards.go': ['retry-missing:15'],
    });
    const [missing] = client.diagnostics(template);
    expect(missing?.message).toContain('`PackFunction`');
    expect(missing?.relatedInformation?.[0]?.location.uri).toBe(client.uri(template));
  });

  test('an edit reads the one file that changed, and its squiggle goes without a save', async () => {
    const client = await openShop();
    await openFile(client, template);
    const before = client.changes.length;
    await client.edit(
      template,
      '  PackingQueue:\n    Type: AWS::SQS::Queue\n    Properties:\n',
      '  PackingQueue:\n    Type: AWS::SQS::Queue\n    Properties:\n      RedrivePolicy: { deadLetterTargetArn: !GetAtt ReturnsDlq.Arn, maxReceiveCount: 3 }\n',
    );
    await client.until(
      () => !rulesOf(client, template).includes('dlq-missing:12') && client.changes.length > before,
      'the finding is gone',
    );
    expect(client.changes.slice(before).reduce((sum, { parsed }) => sum + parsed, 0)).toBe(1);
  });

  test('a broken contract is told in the unsaved buffer, by who it hurts, then by the message that proves it', async () => {
    const client = await openShop();
    await openFile(client, schema);
    await client.edit(schema, '"total", ', '');
    await client.until(() => client.diagnostics(schema).length > 0, 'the break');
    const first = client.diagnostics(schema)[0];
    expect(first).toMatchObject({ code: 'contract-breaking', severity: 1, range: { start: { line: 9 } } });
    for (const consumer of [
      '`email-service` (checkout/email-service.asyncapi.yaml:12)',
      '`payment-service` (checkout/payment-service.asyncapi.yaml:44)',
    ])
      expect(first?.message).toContain(consumer);
    const places = first?.relatedInformation?.map(
      ({ location }) => `${location.uri.split('/').at(-1)}:${location.range.start.line + 1}`,
    );
    expect(places).toEqual(
      expect.arrayContaining(['email-service.asyncapi.yaml:12', 'payment-service.asyncapi.yaml:44']),
    );

    await client.until(() => client.diagnostics(schema)[0]?.message.includes('For example') === true, 'the witness');
    const [proven] = client.diagnostics(schema);
    expect(proven?.range).toEqual(first?.range);
    const message: unknown = JSON.parse(/For example (\{.*\}) is refused/.exec(proven?.message ?? '')?.[1] ?? 'null');
    expect(accepts(client.text(schema), message)).toBe(true);
    expect(accepts(readFileSync(join(shop, schema), 'utf8'), message)).toBe(false);

    await client.edit(schema, '"required": [', '"required": ["total", ');
    await client.until(() => client.diagnostics(schema).length === 0, 'the break is taken back');
  });

  test('what refers to a changed file is judged as its own buffer stands, saved or not', async () => {
    const client = await openShop();
    await openFile(client, schema);
    await openFile(client, emails);
    await client.edit(emails, 'channels:\n', '# Two more lines,\n# not yet saved.\nchannels:\n');
    await client.until(() => rulesOf(client, emails).includes('dlq-missing:14'), 'the moved finding');
    await client.edit(schema, '"total", ', '');
    await client.until(() => client.diagnostics(schema).length > 0, 'the break');
    expect(client.diagnostics(schema)[0]?.message).toContain(
      '`email-service` (checkout/email-service.asyncapi.yaml:14)',
    );
  });

  test('text that does not parse is a note at its place and costs the others nothing', async () => {
    const client = await openShop();
    await openFile(client, template);
    await client.edit(template, 'Resources:', 'Resources: [');
    await client.until(
      () => rulesOf(client, template).some((rule) => rule.startsWith('unreadable')),
      'the unreadable file',
    );
    expect(rulesOf(client, emails)).toEqual(['dlq-missing:12', 'dlq-dangling:35']);
  });
});

describe('fixes', () => {
  test('the quick fix adds the queue, keeps the comments, and the finding goes', async () => {
    const client = await openShop();
    await openFile(client, template);
    const [fix] = await client.actions(template, placeOf(template, 'PackingQueue:'));
    expect(fix).toMatchObject({
      title: 'Add a dead-letter queue to PackingQueue',
      kind: 'quickfix',
      isPreferred: true,
    });
    expect(fix?.diagnostics?.map(({ code }) => code)).toEqual(['dlq-missing']);
    await client.apply(fix?.edit);
    await client.until(
      () => !rulesOf(client, template).some((rule) => rule.startsWith('dlq-missing')),
      'the finding is gone',
    );
    expect(client.text(template)).toContain('  # Orders that are ready to be packed.\n  PackingQueue:');
    expect(client.text(template).split('RedrivePolicy').length).toBe(
      readFileSync(join(shop, template), 'utf8').split('RedrivePolicy').length + 1,
    );
  });

  test('"fix everything" takes the safe fix of every finding of the file', async () => {
    const client = await openShop();
    await openFile(client, template);
    for (let round = 0; round < 3; round++) {
      const [all] = await client.actions(template, { line: 0, character: 0 }, ['source.fixAll']);
      if (!all) break;
      const before = client.changes.length;
      await client.apply(all.edit);
      await client.until(() => client.changes.length > before, 'the next snapshot');
      await client.calm(300);
    }
    expect(rulesOf(client, template).map((rule) => rule.replace(/:.*/, ''))).toEqual(['orphan-channel']);
  });

  test('nothing is offered for a text that the server has not read yet', async () => {
    const client = await openShop();
    await openFile(client, template);
    await client.edit(template, 'AWSTemplateFormatVersion', '# A comment\nAWSTemplateFormatVersion');
    expect(await client.actions(template, placeOf(template, 'PackingQueue:'))).toEqual([]);
  });

  test('ignoring writes an entry with the place, for a client without commands as an edit', async () => {
    const client = await openShop();
    await openFile(client, template);
    const actions = await client.actions(template, placeOf(template, 'PackingQueue:'));
    const ignore = actions.find(({ title }) => title.startsWith('Ignore'));
    expect(await client.apply(ignore?.edit)).toEqual({
      'eventscape.yaml':
        'ignore:\n  - rule: dlq-missing\n    path: fulfilment/template.yaml\n    pointer: /Resources/PackingQueue\n    reason: "TODO: say why"\n',
    });
  });

  test('a client with commands is asked for the reason', async () => {
    const client = await openShop({ clientCommands: true });
    const actions = await client.actions(template, placeOf(template, 'PackingQueue:'));
    const ignore = actions.find(({ title }) => title.startsWith('Ignore'));
    expect(ignore?.edit).toBeUndefined();
    expect(ignore?.command).toMatchObject({ command: 'eventscape.ignoreWithReason' });
  });
});

describe('reading the code', () => {
  test('lenses say who produces and consumes, and what has no dead-letter queue', async () => {
    const client = await openShop({ clientCommands: true });
    const lenses = await client.lenses(emails);
    expect(lenses.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`)).toEqual([
      '11 1 producer',
      '11 2 consumers · no DLQ',
      '12 ← AMQP exchange order.created · 1 producer · no DLQ',
      '25 1 producer',
      '25 1 consumer',
      '26 ← AMQP exchange payment.captured · 1 producer · DLQ is not declared',
    ]);
    expect(lenses[0]?.command).toMatchObject({
      command: 'eventscape.openLocations',
      arguments: [client.uri(emails), {}, [{ uri: client.uri('checkout/order-service.asyncapi.yaml') }], '1 producer'],
    });
  });

  test('lenses can be turned off', async () => {
    const client = await openShop({ configuration: { eventscape: { codeLens: false } } });
    expect(await client.lenses(emails)).toEqual([]);
  });

  test('a hover tells the story of a poisoned message, and of a break its proof', async () => {
    const client = await openShop();
    const hover = await client.hover(template, placeOf(template, 'PackingQueue:'));
    expect(hover).toContain('**SQS queue** `packing`');
    expect(hover).toContain('Sent by `PickFunction`');
    expect(hover).toContain('Received by `PackFunction`');
    expect(hover).toContain('returns to the queue until its 4 days are over');
    expect(await client.hover(template, { line: 0, character: 0 })).toBe('');

    await openFile(client, schema);
    await client.edit(schema, '"total", ', '');
    await client.until(() => client.diagnostics(schema)[0]?.message.includes('For example') === true, 'the witness');
    expect(await client.hover(schema, { line: 9, character: 6 })).toMatch(
      /proves the break \(refused: .*\):\n```json\n\{\n {2}"orderId"/,
    );
  });

  test('from a consumer to the channel, and from the channel to everybody who uses it', async () => {
    const client = await openShop();
    const event = placeOf(template, 'Type: SQS');
    expect(await client.definition(template, { line: event.line - 1, character: event.character })).toEqual([
      `${template}:12`,
    ]);
    const users = await client.references(template, placeOf(template, 'PackingQueue:'));
    expect(users).toEqual([`${template}:65`, `${template}:100`]);
    expect(await client.references(template, placeOf(template, 'PackingQueue:'), true)).toEqual([
      `${template}:12`,
      ...users,
    ]);
    expect(await client.definition(emails, { line: 0, character: 0 })).toEqual([]);
  });
});

describe('traces', () => {
  async function importTraces(client: Client, ...paths: readonly string[]): Promise<ImportTracesResult> {
    return client.connection.sendRequest('eventscape/importTraces', { uris: paths.map((path) => client.uri(path)) });
  }

  test('an import puts figures on lenses, hovers and edges; clearing takes them away', async () => {
    const client = await openShop();
    expect(await importTraces(client, TRACE)).toMatchObject({
      files: [{ format: 'otlp', problems: [] }],
      hops: 4,
      deliveries: 96,
    });
    const titles = (await client.lenses(emails)).map(({ command }) => command?.title ?? '');
    expect(titles.find((title) => title.startsWith('← AMQP exchange order.created'))).toMatch(
      /no DLQ · p95 \d.* ms · wait \d.* ms · n 30$/,
    );
    expect(await client.hover(emails, { line: 11, character: 5 })).toContain(
      'Measured `order-service → email-service`',
    );
    const { latency } = await client.parts();
    expect(latency?.report?.hops).toHaveLength(4);
    expect(Object.keys(latency?.hopsByEdge ?? {}).length).toBeGreaterThan(4);
    expect(latency?.sequence).toContain('sequenceDiagram');

    await importTraces(client);
    expect((await client.parts()).latency).toMatchObject({ report: null, hopsByEdge: {} });
  });

  test('a file that is none says why, and the traces before it stay', async () => {
    const client = await openShop();
    await importTraces(client, TRACE);
    const { files } = await importTraces(client, schema);
    expect(files[0]).toMatchObject({ spans: 0, problems: [expect.any(String)] });
    expect((await importTraces(client, 'traces/gone.json')).files[0]?.problems).toEqual(['no such file or directory']);
    expect((await client.parts()).latency?.report?.hops).toHaveLength(4);
  });

  test('a cancelled import ends and changes nothing', async () => {
    const client = await openShop();
    const large = join(scratch, 'large.jsonl');
    writeFileSync(large, readFileSync(join(shop, TRACE), 'utf8').repeat(400));
    const cancel = new CancellationTokenSource();
    const importing = client.connection.sendRequest(
      'eventscape/importTraces',
      { uris: [client.uri(large)] },
      cancel.token,
    );
    cancel.cancel();
    await expect(importing).rejects.toThrow(/cancel/i);
    expect((await client.parts()).latency?.report).toBeNull();
  });

  test('a server that starts again reads the traces of before by itself', async () => {
    const client = await openShop({ traces: [`file://${join(shop, TRACE)}`] });
    const { latency } = await client.parts();
    await client.until(
      () => client.changes.at(-1)?.latency !== latency?.hash || latency?.report !== null,
      'the traces',
    );
    expect((await client.parts()).latency?.report?.hops).toHaveLength(4);
  });
});

describe('parts', () => {
  test('only what changed travels again', async () => {
    const client = await openShop();
    const { structure, findings, latency, folders } = await client.parts();
    expect(structure?.topology.services.map(({ name }) => name)).toContain('order-service');
    expect(findings?.findings.length).toBe(6);
    const missing =
      findings?.findings.findIndex((finding) => finding.rule === 'dlq-missing' && finding.at.file === template) ?? -1;
    const packing = structure?.topology.channels.find(({ name }) => name === 'packing');
    expect(findings?.byId[packing?.id ?? '']).toContain(missing);
    expect(folders).toEqual([{ uri: `file://${shop}`, prefix: '' }]);
    const known = { structure: structure?.hash ?? '', findings: findings?.hash ?? '', latency: latency?.hash ?? '' };
    expect(await client.parts(known)).toMatchObject({ structure: null, findings: null, latency: null });
    expect(client.changes.at(-1)).toMatchObject({ ...known, counts: { errors: 2, warnings: 2, infos: 2 } });

    await openFile(client, schema);
    await client.edit(schema, '"total", ', '');
    await client.until(() => client.changes.at(-1)?.findings !== known.findings, 'new findings');
    expect(await client.parts(known)).toMatchObject({
      structure: null,
      findings: { findings: expect.any(Array) },
      latency: null,
    });
  });

  test('a place is found in them, their fixes are code actions, their text is Mermaid', async () => {
    const client = await openShop();
    const { structure, findings } = await client.parts();
    const { ids } = await client.connection.sendRequest<{ ids: string[] }>('eventscape/idsAt', {
      uri: client.uri(template),
      position: placeOf(template, 'PackingQueue:'),
    });
    expect(ids).toContain(structure?.topology.channels.find(({ name }) => name === 'packing')?.id);
    const missing = findings?.findings.findIndex(
      (finding) => finding.rule === 'dlq-missing' && finding.at.file === template,
    );
    const fixes = await client.connection.sendRequest<{ title: string }[]>('eventscape/fixes', {
      findings: findings?.hash,
      finding: missing,
    });
    expect(fixes[0]?.title).toBe('Add a dead-letter queue to PackingQueue');
    expect(await client.connection.sendRequest('eventscape/fixes', { findings: 'older', finding: missing })).toBeNull();
    const { text } = await client.connection.sendRequest<{ text: string }>('eventscape/export', { format: 'mermaid' });
    expect(text).toMatch(/^flowchart LR\n/);
    expect(text).toContain('order-service');
  });
});

test('two folders stand side by side with the same names, and their parts keep them apart', async () => {
  const twin = await copyExample('orders');
  try {
    const client = await Client.start(shop, { folders: [shop, twin.folder] });
    running.push(client);
    await client.until(() => client.changes.at(-1)?.counts.services === 24, 'both folders');
    const { structure, folders } = await client.parts();
    expect(folders.map(({ prefix }) => prefix)).toEqual(['orders/', 'orders~2/']);
    const ids = structure?.topology.services.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(24);
    const edge = structure?.topology.edges.find(({ id }) => id.startsWith('orders~2/'));
    expect(ids.concat(structure?.topology.channels.map(({ id }) => id as never) ?? [])).toContain(edge?.from);
    expect(edge?.at[0]?.file.startsWith('orders~2/')).toBe(true);
    expect(client.diagnostics(join(twin.folder, template)).length).toBe(client.diagnostics(template).length);
  } finally {
    rmSync(twin.scratch, { recursive: true, force: true });
  }
});

test('names from files stay text in a hover', async () => {
  const name = '`](command:evil) <img src=x> **';
  const text = `asyncapi: 3.0.0\ninfo: { title: gate, version: 1.0.0 }\nchannels:\n  gate:\n    address: ${JSON.stringify(name)}\noperations:\n  read:\n    action: receive\n    channel: { $ref: '#/channels/gate' }\n`;
  const workspace = makeWorkspace({ 'gate.asyncapi.yaml': text });
  try {
    const client = await Client.start(workspace.folder);
    running.push(client);
    await client.until(() => client.changes.length > 0, 'the first scan');
    expect(await client.hover('gate.asyncapi.yaml', { line: 3, character: 3 })).toContain(`\`\` ${name} \`\``);
  } finally {
    workspace.remove();
  }
});

function accepts(text: string, message: unknown): boolean {
  return new Ajv({ strict: false }).compile(JSON.parse(text) as object)(message);
}
