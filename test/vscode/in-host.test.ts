// Runs the suite inside the extension host, on the orders example, and reports each of its tests as one of ours.
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { exampleWorkspace, runInHost } from './harness.ts';

const { scratch, folder } = await exampleWorkspace('orders');
const { tests } = await runInHost({ folder, settings: { 'files.autoSave': 'off' } }).finally(() =>
  rm(scratch, { recursive: true, force: true }),
);

test.each(tests.map(({ name, error }) => [name, error] as const))('in the extension host: %s', (_, error) => {
  expect(error).toBeNull();
});
