// Unit tests, scenarios, server and command-line tests. The suites inside a real VS Code run apart (test/vscode).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,webview,test}/**/*.test.ts'],
    exclude: ['test/vscode/**', '**/node_modules/**'],
    passWithNoTests: false,
  },
});
