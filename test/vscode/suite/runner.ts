// A runner for the suite inside the extension host: tests one after the other, their results as JSON in the file that
// EVENTSCAPE_TEST_RESULTS names. Free of packages, because it is loaded into somebody else's process.
import { writeFileSync } from 'node:fs';

export interface SuiteResults {
  readonly tests: readonly { readonly name: string; readonly error: string | null }[];
}

interface Test {
  readonly name: string;
  readonly work: () => Promise<void> | void;
}

const tests: Test[] = [];
const timeoutMs = 45_000;

/** Adds a test. Its name is a sentence of what holds. */
export function test(name: string, work: Test['work']): void {
  tests.push({ name, work });
}

/** Asks again until `look` answers something; rejects with what was waited for. */
export async function until<T>(what: string, look: () => T | Promise<T>, ms = 20_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await look();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs every test that was added. Rejects when one failed, so that VS Code's own exit code says so too. */
export async function runTests(): Promise<void> {
  const results: { name: string; error: string | null }[] = [];
  for (const { name, work } of tests) {
    results.push({ name, error: await errorOf(work) });
    console.log(`[eventscape] ${results.at(-1)?.error === null ? 'passed' : 'FAILED'} ${name}`);
  }
  const path = process.env['EVENTSCAPE_TEST_RESULTS'];
  if (path !== undefined) writeFileSync(path, JSON.stringify({ tests: results } satisfies SuiteResults));
  const failed = results.filter((result) => result.error !== null);
  if (failed.length > 0 || results.length === 0) {
    throw new Error(
      `${failed.length} of ${results.length} failed\n${failed.map(({ name, error }) => `${name}: ${error}`).join('\n')}`,
    );
  }
}

async function errorOf(work: Test['work']): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${timeoutMs} ms`)), timeoutMs);
    });
    await Promise.race([Promise.resolve().then(work), late]);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(timer);
  }
}
