// The JSON Schema that editors use says what the reader and the settings take.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseScenarios } from '../../../../test/scenario.ts';
import { readConfig } from '../../config-file.ts';
import { makeSourceFile } from '../../model/source.ts';
import { MANIFEST_KEYS } from './reader.ts';

interface SchemaNode {
  readonly properties: Readonly<Record<string, SchemaNode>>;
  readonly items: { readonly anyOf: readonly [unknown, SchemaNode] };
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../docs/schemas/eventscape.schema.json'), 'utf8'),
) as SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> };
const validate = new Ajv2020({ allErrors: true }).compile(schema);
const scenarios = parseScenarios(readFileSync(join(import.meta.dirname, 'reader.md'), 'utf8'));
const manifests = scenarios.flatMap(({ title, files, problems }) =>
  [...files]
    .filter(([path]) => /^eventscape\.ya?ml$/.test(path))
    .map(([, text]) => ({ title, text, isGood: problems === null })),
);

test.each(manifests.filter(({ isGood }) => isGood))('accepts the manifest of "$title"', ({ text }) => {
  validate(parse(text));
  expect(validate.errors).toBeNull();
});

test('refuses the manifest that the reader complains of', () => {
  const wrong = manifests.find(({ title }) => title.includes('wrongly'));
  expect(wrong).toBeDefined();
  expect(validate(parse(wrong?.text ?? ''))).toBe(false);
});

test('knows the keys that the reader knows', () => {
  const keys = (node: SchemaNode | undefined): readonly string[] => Object.keys(node?.properties ?? {}).sort();
  const { service, channel, pin } = schema.$defs;
  expect(keys(service)).toEqual([...MANIFEST_KEYS.service].sort());
  expect(keys(channel)).toEqual([...MANIFEST_KEYS.channel].sort());
  expect(keys(pin)).toEqual([...MANIFEST_KEYS.pin].sort());
  expect(keys(service?.properties['sends']?.items.anyOf[1])).toEqual([...MANIFEST_KEYS.send].sort());
  expect(keys(service?.properties['receives']?.items.anyOf[1])).toEqual([...MANIFEST_KEYS.receive].sort());
});

test('has only keys that the settings know', () => {
  const text = Object.keys(schema.properties)
    .map((key) => `${key}:\n`)
    .join('');
  const unknown = readConfig(makeSourceFile('eventscape.yaml', text), new Set()).problems.filter(({ message }) =>
    message.includes('no setting'),
  );
  expect(unknown).toEqual([]);
});
