// The extension wakes up in this workspace and has a handler for each command of its manifest.
import { ok, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { test } from './runner.ts';

const id = 'eventscape.eventscape';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

export function activation(): void {
  test('the extension activates', async () => {
    const extension = vscode.extensions.getExtension(id);
    ok(extension, `${id} is not installed`);
    await extension.activate();
    strictEqual(extension.isActive, true);
  });

  test('every contributed command has a handler', async () => {
    const manifest = vscode.extensions.getExtension(id)?.packageJSON as Manifest;
    const registered = new Set(await vscode.commands.getCommands(true));
    const commands = manifest.contributes.commands.map(({ command }) => command);
    strictEqual(commands.filter((command) => !registered.has(command)).join(', '), '');
  });
}
