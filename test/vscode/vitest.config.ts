// The suites inside a real VS Code: one at a time, each with its own server, user data and workspace.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    fileParallelism: false,
    // What is polled here is an editor in a browser, on a machine that may have other work.
    expect: { poll: { timeout: 20_000, interval: 100 } },
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
