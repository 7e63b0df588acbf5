// The pin that the fix writes is one that the reader takes: with the channel's name in it, the name is resolved.
import { expect, test } from 'vitest';
import { createEngine } from './engine.ts';
import type { TextEdit } from './model/edit.ts';
import { makeSourceFile, offsetAt } from './model/source.ts';
import { pinFix } from './pin.ts';
import type { Snapshot } from './snapshot.ts';

const TEMPLATE = `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Input: { Type: String }
Resources:
  Shelve:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Input: { Type: SQS, Properties: { Queue: !Ref Input } }
`;

function snapshotOf(files: Readonly<Record<string, string>>): Snapshot {
  const run = createEngine().apply({ files: Object.entries(files).map(([path, text]) => ({ path, text })) });
  let step = run.next();
  while (step.done !== true) step = run.next();
  return step.value;
}

function applied(text: string, edits: readonly TextEdit[]): string {
  const file = makeSourceFile('eventscape.yaml', text);
  let result = text;
  for (const { range, newText } of edits.toReversed())
    result = result.slice(0, offsetAt(file, range.start)) + newText + result.slice(offsetAt(file, range.end));
  return result;
}

test.each([
  ['no file yet', null],
  ['settings alone', 'rules:\n  orphan-channel: off\n'],
  ['pins already', 'pins:\n  - what: Other\n    channel: other\n'],
])('is written and taken: %s', (_, config) => {
  const files = { 'stack/template.yaml': TEMPLATE, ...(config === null ? {} : { 'eventscape.yaml': config }) };
  const before = snapshotOf(files);
  const [open] = before.topology.unresolved;
  expect(before.topology.unresolved.map(({ what }) => what)).toEqual(['Input']);
  const fix = open === undefined ? null : pinFix(open, before.source);
  const text = applied(config ?? '', fix?.edits ?? []).replace(/"?TODO: name the channel"?/, 'goods-in');
  const after = snapshotOf({ ...files, 'eventscape.yaml': text });
  expect(after.problems).toEqual([]);
  expect(after.topology.unresolved).toEqual([]);
  expect(after.topology.channels.map(({ name }) => name)).toContain('goods-in');
});

test('is not offered for what no pin resolves', () => {
  const { topology, source } = snapshotOf({
    'template.yaml': TEMPLATE.replace('Type: SQS, Properties: { Queue: !Ref Input }', 'Type: IoTRule'),
  });
  expect(topology.unresolved).toHaveLength(1);
  for (const open of topology.unresolved) expect(pinFix(open, source)).toBeNull();
});
