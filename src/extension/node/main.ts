// The extension on a desktop or a remote machine: the server is a process of its own, beside this bundle.
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind, type NodeModule } from 'vscode-languageclient/node';
import { activateExtension } from '../activate.ts';

export async function activate(context: ExtensionContext): Promise<void> {
  const server: NodeModule = {
    module: join(context.extensionPath, 'dist/server.cjs'),
    transport: TransportKind.ipc,
    // Not the workspace's folder: nothing there is to be found by accident.
    options: { cwd: context.extensionPath },
  };
  const debug: NodeModule = {
    ...server,
    options: { cwd: context.extensionPath, execArgv: ['--nolazy', '--inspect=6009'] },
  };
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  await activateExtension(context, {
    makeClient: (options) =>
      new LanguageClient(
        'eventscape',
        'Eventscape',
        { run: server, debug: process.env['EVENTSCAPE_INSPECT'] === '1' ? debug : server },
        options,
      ),
    schemes: ['file'],
    initialization: { storage },
    traces: true,
  });
}
