// The browser of the person tests: CHROME_PATH, else one that is installed, else the headless Chromium that npm carries
// (with the libraries that a bare Linux lacks).
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { carriedChromium, installedBrowser } from '../../scripts/lib/vscode-install.mjs';

/** Starts a headless browser. Rejects with the reason where there is none. */
export async function launchBrowser(): Promise<Browser> {
  const installed = installedBrowser();
  const { executablePath, env } = installed === undefined ? carriedChromium() : { executablePath: installed, env: {} };
  if (!existsSync(executablePath)) {
    throw new Error('No browser: install Chromium or Chrome, set CHROME_PATH, or run node scripts/ready.mjs vscode');
  }
  return chromium.launch({
    executablePath,
    headless: true,
    env: { ...process.env, ...env },
    args: [
      // Chromium refuses to sandbox what root starts.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
