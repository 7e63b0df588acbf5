import { describe, expect, test } from 'vitest';
import type { TextEdit } from '../model/edit.ts';
import { makeSourceFile, offsetAt } from '../model/source.ts';
import type { DataDocument } from './data.ts';
import { appendItems, deleteEntry, insertEntries, joinEdits, replaceValue } from './data-edit.ts';
import { parseData } from './parse-data.ts';

function parse(text: string, path = 'template.yaml'): DataDocument {
  return parseData(makeSourceFile(path, text));
}

/** The text after the edits; it must parse without a problem. */
function applied(document: DataDocument, edits: readonly TextEdit[] | null): string {
  expect(edits).not.toBeNull();
  let { text } = document.file;
  for (const edit of (edits ?? []).toReversed()) {
    text =
      text.slice(0, offsetAt(document.file, edit.range.start)) +
      edit.newText +
      text.slice(offsetAt(document.file, edit.range.end));
  }
  expect(parse(text, document.file.path).problems).toEqual([]);
  return text;
}

const redrive = [
  {
    key: 'RedrivePolicy',
    value: { deadLetterTargetArn: { $tag: '!GetAtt', $value: 'OrdersDlq.Arn' }, maxReceiveCount: 5 },
  },
];

describe('block YAML', () => {
  test('goes behind the last entry, before comments of what follows', () => {
    const document = parse(`Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30 # seconds
      # kept short on purpose

  # who bills
  Bill:
    Type: AWS::Lambda::Function
`);
    const edits = joinEdits(
      insertEntries(document, ['Resources', 'Orders', 'Properties'], redrive) ?? [],
      insertEntries(document, ['Resources'], [{ key: 'OrdersDlq', value: { Type: 'AWS::SQS::Queue' } }], {
        after: 'Orders',
      }) ?? [],
    );
    expect(applied(document, edits)).toBe(`Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30 # seconds
      # kept short on purpose
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDlq.Arn
        maxReceiveCount: 5

  OrdersDlq:
    Type: AWS::SQS::Queue

  # who bills
  Bill:
    Type: AWS::Lambda::Function
`);
  });

  test('makes missing maps and keeps a missing final line break missing', () => {
    const document = parse('Resources:\r\n    Orders:\r\n        Type: AWS::SQS::Queue');
    expect(
      applied(
        document,
        insertEntries(document, ['Resources', 'Orders', 'Properties'], [{ key: 'VisibilityTimeout', value: 60 }]),
      ),
    ).toBe(
      'Resources:\r\n    Orders:\r\n        Type: AWS::SQS::Queue\r\n        Properties:\r\n            VisibilityTimeout: 60',
    );
  });

  test.each([
    ['Orders:\n  Properties: # none yet\nBill: 1\n', 'Orders:\n  Properties: # none yet\n    Delay: 1\nBill: 1\n'],
    ['Orders:\n  Properties: {}\nBill: 1\n', 'Orders:\n  Properties:\n    Delay: 1\nBill: 1\n'],
    ['Orders:\n  Properties: {} # none yet\nBill: 1\n', 'Orders:\n  Properties: # none yet\n    Delay: 1\nBill: 1\n'],
    ['Orders:\n  Properties: ~\nBill: 1\n', 'Orders:\n  Properties:\n    Delay: 1\nBill: 1\n'],
    ['Orders:\n  Properties:', 'Orders:\n  Properties:\n    Delay: 1'],
    [
      'Orders:\n  Properties:\n    Text: |\n      one\n\n      two\n\nBill: 1\n',
      'Orders:\n  Properties:\n    Text: |\n      one\n\n      two\n    Delay: 1\n\nBill: 1\n',
    ],
    [
      'Orders:\n  Properties:\n    Tags:\n    - Key: a\n      Value: b\n    # end of tags\nBill: 1\n',
      'Orders:\n  Properties:\n    Tags:\n    - Key: a\n      Value: b\n    # end of tags\n    Delay: 1\nBill: 1\n',
    ],
    ['Orders:\n  Properties: {Name: a}\n', 'Orders:\n  Properties: {Name: a, Delay: 1}\n'],
    [
      'Orders:\n  Properties: {\n    Name: a, # shown\n    Size: 2 # small\n  }\n',
      'Orders:\n  Properties: {\n    Name: a, # shown\n    Size: 2, # small\n    Delay: 1\n  }\n',
    ],
    ['Orders:\n  Properties: {Name: a, }\n', 'Orders:\n  Properties: {Name: a, Delay: 1, }\n'],
  ])('fills %j', (before, after) => {
    const document = parse(before);
    expect(applied(document, insertEntries(document, ['Orders', 'Properties'], [{ key: 'Delay', value: 1 }]))).toBe(
      after,
    );
  });

  test('writes into an item of a sequence', () => {
    const document = parse('Targets:\n  - Id: bill\n    Arn: x\n  - Id: ship\n    Arn: y\n');
    expect(
      applied(document, insertEntries(document, ['Targets', 0], [{ key: 'DeadLetterConfig', value: { Arn: 'z' } }])),
    ).toBe('Targets:\n  - Id: bill\n    Arn: x\n    DeadLetterConfig:\n      Arn: z\n  - Id: ship\n    Arn: y\n');
  });

  test('follows the place of dashes and quotes strings that would read as something else', () => {
    const document = parse("Statement:\n- Effect: 'Allow'\n  Action: 'sqs:*'\n");
    const text = applied(
      document,
      insertEntries(
        document,
        ['PolicyDocument'],
        [
          { key: 'Version', value: '2012-10-17' },
          { key: 'Statement', value: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Active: 'on' }] },
        ],
      ),
    );
    expect(text).toBe(
      "Statement:\n- Effect: 'Allow'\n  Action: 'sqs:*'\nPolicyDocument:\n  Version: '2012-10-17'\n  Statement:\n  - Effect: Allow\n    Action: sqs:SendMessage\n    Active: 'on'\n",
    );
  });

  test('refuses what it cannot place', () => {
    const merged = parse(
      'base: &base\n  a: 1\nOrders:\n  <<: *base\nBill: *base\nShip: [1]\nPlan: !Ref Parameter\nKnown: {a: 1}\n',
    );
    for (const key of ['Orders', 'Bill', 'Ship', 'Plan', 'Known'])
      expect(insertEntries(merged, [key], [{ key: 'a', value: 1 }])).toBeNull();
  });
});

describe('JSON', () => {
  test('keeps tabs, commas and comments', () => {
    const document = parse(
      '{\n\t"Resources": {\n\t\t"Orders": {\n\t\t\t"Type": "AWS::SQS::Queue" // fast\n\t\t},\n\t\t"Bill": {}\n\t}\n}\n',
      'template.json',
    );
    const edits = joinEdits(
      insertEntries(
        document,
        ['Resources', 'Orders', 'Properties'],
        [{ key: 'RedrivePolicy', value: { deadLetterTargetArn: { 'Fn::GetAtt': ['OrdersDlq', 'Arn'] } } }],
      ) ?? [],
      insertEntries(document, ['Resources'], [{ key: 'OrdersDlq', value: { Type: 'AWS::SQS::Queue' } }], {
        after: 'Orders',
      }) ?? [],
    );
    expect(applied(document, edits)).toBe(
      '{\n\t"Resources": {\n\t\t"Orders": {\n\t\t\t"Type": "AWS::SQS::Queue", // fast\n\t\t\t"Properties": {\n\t\t\t\t"RedrivePolicy": {\n\t\t\t\t\t"deadLetterTargetArn": {\n\t\t\t\t\t\t"Fn::GetAtt": ["OrdersDlq", "Arn"]\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}\n\t\t},\n\t\t"OrdersDlq": {\n\t\t\t"Type": "AWS::SQS::Queue"\n\t\t},\n\t\t"Bill": {}\n\t}\n}\n',
    );
  });

  test.each([
    ['{"a":{"b":1}}', '{"a":{"b":1, "c": 2}}'],
    ['{"a":{}}', '{"a":{"c": 2}}'],
    ['{"a": null}', '{"a": {"c": 2}}'],
    ['{\n  "a": {}\n}', '{\n  "a": {\n    "c": 2\n  }\n}'],
    ['{\n  "z": 1\n}', '{\n  "z": 1,\n  "a": {\n    "c": 2\n  }\n}'],
  ])('inserts into %j', (before, after) => {
    const document = parse(before, 'template.json');
    const text = applied(document, insertEntries(document, ['a'], [{ key: 'c', value: 2 }]));
    expect(text).toBe(after);
  });
});

describe('replacing and deleting', () => {
  test.each([
    ['a: 1 # one\nb: 2\n', 'a: 5 # one\nb: 2\n'],
    ['a: !Ref Max\nb: 2\n', 'a: 5\nb: 2\n'],
    ['{a: "1", b: 2}\n', '{a: 5, b: 2}\n'],
  ])('replaces the scalar of %j', (before, after) => {
    const document = parse(before);
    expect(applied(document, replaceValue(document, ['a'], 5))).toBe(after);
  });

  test.each([
    ['r:\n  a: 1\n  # about b\n  b: 2 # two\nc: 3\n', ['r', 'b'], 'r:\n  a: 1\n  # about b\nc: 3\n'],
    ['r:\n  b:\n    c: 1\n    d: 2\nc: 3', ['r', 'b'], 'r: {}\nc: 3'],
    ['r:\n  - b: 1\n    c: 2\n', ['r', 0, 'b'], 'r:\n  - c: 2\n'],
    ['r: {a: 1, b: 2}\n', ['r', 'b'], 'r: {a: 1}\n'],
    ['r: {b: 1, a: 2}\n', ['r', 'b'], 'r: {a: 2}\n'],
    ['a: 1\nb: 2', ['b'], 'a: 1'],
    ['a: |\n  one\n  two\nb: 2\n', ['a'], 'b: 2\n'],
    ['a:\n  b: >\n    one\nc: 2\n', ['a', 'b'], 'a: {}\nc: 2\n'],
  ])('deletes from %j', (before, path, after) => {
    const document = parse(before);
    expect(applied(document, deleteEntry(document, path))).toBe(after);
  });

  test('deletes from JSON with its comma', () => {
    const document = parse('{\n  "a": 1,\n  "b": 2\n}\n', 'x.json');
    expect(applied(document, deleteEntry(document, ['b']))).toBe('{\n  "a": 1\n}\n');
  });
});

describe('items of a sequence', () => {
  const queue = { name: 'orders-dlq', fifoQueue: false };

  test('go behind the last item and the comments that belong to it', () => {
    const document = parse(`queues:
  - name: orders
    fifoQueue: false # plain
    # read by billing
# the topic
topic: orders
`);
    expect(applied(document, appendItems(document, ['queues'], [queue]))).toBe(`queues:
  - name: orders
    fifoQueue: false # plain
    # read by billing
  - name: orders-dlq
    fifoQueue: false
# the topic
topic: orders
`);
  });

  test('keep JSON on its lines', () => {
    const document = parse('{\n  "queues": [\n    {\n      "name": "orders"\n    }\n  ]\n}\n', 'asyncapi.json');
    const text = applied(document, appendItems(document, ['queues'], [queue]));
    expect(text).toBe(
      '{\n  "queues": [\n    {\n      "name": "orders"\n    },\n    {\n      "name": "orders-dlq",\n      "fifoQueue": false\n    }\n  ]\n}\n',
    );
  });

  test('are not written into an empty sequence or a map', () => {
    const document = parse('queues: []\ntopic: {}\n');
    expect(appendItems(document, ['queues'], [queue])).toBeNull();
    expect(appendItems(document, ['topic'], [queue])).toBeNull();
  });
});
