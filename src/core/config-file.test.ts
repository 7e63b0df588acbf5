// A setting of the wrong form is said, and the rest of the file holds.
import { expect, test } from 'vitest';
import { readConfig } from './config-file.ts';
import { makeSourceFile } from './model/source.ts';

const RULES = new Set(['dlq-missing']);

function said(text: string): readonly string[] {
  return readConfig(makeSourceFile('eventscape.yaml', text), RULES).problems.map(
    ({ range, message }) => `${range.start.line + 1}: ${message}`,
  );
}

test.each([
  ['rules: 3', '1: `rules` takes a severity by rule.'],
  ['modes: [{ path: a.json, mode: full }]', '1: `modes` takes a mode by glob.'],
  ['ignore: { rule: dlq-missing }', '1: `ignore` takes a list of `rule`, `path` and `reason`.'],
  ['just words', '1: eventscape.yaml takes settings by name, such as `rules`.'],
])('%s', (text, problem) => expect(said(text)).toEqual([problem]));

test('a setting without a value says nothing', () => expect(said('rules:\nmodes: ~\nignore:\n')).toEqual([]));

test('a setting beside a broken one is taken', () => {
  const { config } = readConfig(makeSourceFile('eventscape.yaml', 'modes: 7\nrules: { dlq-missing: off }\n'), RULES);
  expect(config.rules?.get('dlq-missing')).toBe('off');
});
