import { afterEach, expect, test } from 'vitest';
import { Client, makeWorkspace, type ClientOptions } from '../../test/server/client.ts';

const running: { stop: () => Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).toReversed()) await each.stop();
});

async function start(files: Readonly<Record<string, string>>, options: ClientOptions = {}) {
  const workspace = makeWorkspace(files);
  running.push({ stop: workspace.remove });
  const client = await Client.start(workspace.folder, options);
  running.push({ stop: () => client.stop() });
  return { client, workspace };
}

const billing = `Resources:
  Orders:
    Type: AWS::SQS::Queue # the shop's own
  Bill:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders:
          Type: SQS
          Properties: { Queue: !GetAtt Orders.Arn }
`;

test('probe', async () => {
  const { client } = await start({ 'template.yaml': billing });
  await client.open('template.yaml', billing);
  await client.calm();
  console.log(client.squiggles(), client.changes, client.log, client.shown);
  console.log(JSON.stringify(await client.actions('template.yaml', { line: 1, character: 4 }), null, 1));
  console.log(JSON.stringify(await client.lenses('template.yaml'), null, 1));
  console.log(await client.hover('template.yaml', { line: 1, character: 4 }));
  console.log(
    await client.definition('template.yaml', { line: 7, character: 10 }),
    await client.references('template.yaml', { line: 1, character: 4 }),
  );
  expect(1).toBe(1);
});
