// What scenarios do not print: suspicions, settings, exact ranges; and that no text makes the reader throw.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseScenarios } from '../../../../test/scenario.ts';
import type { Declaration, FileFacts } from '../../model/declaration.ts';
import { makeSourceFile } from '../../model/source.ts';
import { asyncapiReader } from './reader.ts';

const host = { tree: () => null };

function read(text: string, path = 'asyncapi.yaml'): FileFacts {
  return asyncapiReader.read(makeSourceFile(path, text), host);
}

function only<K extends Declaration['kind']>(facts: FileFacts, kind: K): Extract<Declaration, { kind: K }> {
  const found = facts.declarations.filter(
    (declaration): declaration is Extract<Declaration, { kind: K }> => declaration.kind === kind,
  );
  expect(found).toHaveLength(1);
  const [first] = found;
  if (first === undefined) throw new Error(`No ${kind}.`);
  return first;
}

describe('directions of 2.x', () => {
  const document = (verb: string, operationId: string): string =>
    `asyncapi: 2.6.0\ninfo: {title: Depot, version: 1.0.0}\nchannels:\n  parcels:\n    ${verb}: {operationId: ${operationId}}\n`;

  test.each([
    ['subscribe', 'handleParcel', 'send'],
    ['subscribe', 'onParcelStored', 'send'],
    ['publish', 'sendParcelStored', 'receive'],
  ] as const)('%s with %s is kept, and suspected', (verb, operationId, kind) => {
    const { why } = only(read(document(verb, operationId)), kind);
    expect(why).toContain(operationId);
    expect(why).toContain('the wrong way round');
  });

  test.each([
    ['subscribe', 'sendParcel', 'send'],
    ['subscribe', 'subscribeToParcels', 'send'],
    ['subscribe', 'onlineParcels', 'send'],
    ['publish', 'onParcelStored', 'receive'],
    ['publish', 'publishParcel', 'receive'],
  ] as const)('%s with %s is as it should be', (verb, operationId, kind) => {
    expect(only(read(document(verb, operationId)), kind).why).not.toContain('wrong way');
  });
});

test('parameters with known values and settings of the broker are kept for rules', () => {
  const channel = only(
    read(`asyncapi: 3.0.0
info: {title: Meter, version: 1.0.0}
channels:
  readings:
    address: meter.{zone}.readings
    parameters:
      zone: {enum: [north, south]}
      meter: {location: $message.payload#/meterId}
    bindings:
      kafka: {partitions: 6, topicConfiguration: {retention.ms: 604800000}}
`),
    'channel',
  );
  expect([...channel.settings].map(([name, { value }]) => [name, value])).toEqual([
    ['partitions', 6],
    ['retention.ms', 604_800_000],
    ['parameter zone', 'north | south'],
    ['parameter meter', '$message.payload#/meterId'],
  ]);
  expect(channel.at.range).toEqual({ start: { line: 3, character: 2 }, end: { line: 3, character: 10 } });
});

test('hosts tell clusters apart: ports, placeholders and the own machine do not', () => {
  const channel = only(
    read(`asyncapi: 3.0.0
info: {title: Meter, version: 1.0.0}
servers:
  one: {host: 'KAFKA-1.grid.example:9092,kafka-2.grid.example:9092', protocol: kafka}
  open: {host: '{region}.grid.example', protocol: kafka}
  own: {host: 'localhost:9092', protocol: kafka}
  other: {host: web.grid.example, protocol: https}
channels:
  readings: {address: readings}
`),
    'channel',
  );
  expect(channel.broker).toBe('kafka');
  expect(channel.scope).toEqual({ kind: 'workspace', hosts: ['kafka-1.grid.example', 'kafka-2.grid.example'] });
});

test('two messages that share a schema share its declaration', () => {
  const facts = read(`asyncapi: 3.0.0
info: {title: Meter, version: 1.0.0}
channels:
  readings:
    address: readings
    messages:
      First: {payload: {$ref: '#/components/schemas/Reading'}}
      Last: {payload: {$ref: '#/components/schemas/Reading'}}
      Raw: {payload: {schemaFormat: application/vnd.apache.avro+json;version=1.9.0, schema: {type: record, name: Raw, fields: []}}}
components:
  schemas:
    Reading: {type: object}
`);
  const schemas = facts.declarations.filter((declaration) => declaration.kind === 'schema');
  expect(schemas.map(({ key, name, format }) => [key, name, format])).toEqual([
    ['#/components/schemas/Reading', 'Reading', 'json-schema'],
    ['#/channels/readings/messages/Raw/payload/schema', 'Raw', 'avro'],
  ]);
});

test.each([
  '{"asyncapi":"2.6.0","info":{}}',
  '---\n"asyncapi": 3.0.0',
  "# a comment\nasyncapi: '3.0.0'",
  'info: {}\nasyncapi: 2.0.0',
])('recognises %j', (text) => {
  expect(asyncapiReader.recognises(text, 'events.yaml')).toBe(true);
});

test.each([
  'services:\n  asyncapi:\n    image: studio',
  '{"scripts":{"asyncapi":"asyncapi start"}}',
  'title: asyncapi: 3',
])('does not recognise %j', (text) => {
  expect(asyncapiReader.recognises(text, 'compose.yaml')).toBe(false);
});

test('keys of declarations are unique in every document', () => {
  const scenarios = parseScenarios(readFileSync(join(import.meta.dirname, 'reader.md'), 'utf8'));
  for (const { files, title } of scenarios)
    for (const [path, text] of files) {
      const keys = read(text, path).declarations.flatMap((declaration) =>
        declaration.kind === 'channel' || declaration.kind === 'schema' || declaration.kind === 'service'
          ? [`${declaration.kind} ${declaration.key}`]
          : [],
      );
      expect({ title, keys }).toEqual({ title, keys: [...new Set(keys)] });
    }
});

test('no prefix of any document makes it throw', () => {
  const scenarios = parseScenarios(readFileSync(join(import.meta.dirname, 'reader.md'), 'utf8'));
  let texts = 0;
  for (const { files } of scenarios)
    for (const [path, text] of files)
      for (let end = 0; end <= text.length; end += 7) {
        const file = makeSourceFile(path, text.slice(0, end));
        const facts = [
          asyncapiReader.read(file, host),
          asyncapiReader.fragment?.(file, ['', '/Parcel', '/channels/orders', '/a~1b/%zz'], host),
        ];
        for (const { range } of facts.flatMap((one) => one?.problems ?? []))
          expect(range.start.line).toBeGreaterThanOrEqual(0);
        texts++;
      }
  expect(texts).toBeGreaterThan(500);
});
