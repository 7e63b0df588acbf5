// Unit tests, scenarios, server and command-line tests. The suites inside a real VS Code run apart (test/vscode).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two cores run builds, browsers and tests side by side: the limit is there for what hangs, not for what is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['{src,webview,test}/**/*.test.ts'],
    exclude: ['test/vscode/**', '**/node_modules/**'],
    passWithNoTests: false,
  },
});
