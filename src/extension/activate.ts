// Starts the language client and puts the panel, the trees, the commands and the status on it. Parses nothing: the server does.
import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import type { InitializationOptions } from '../protocol/server.ts';
import { registerCommands } from './commands.ts';
import { memory } from './memory.ts';
import { registerPanel } from './panel.ts';
import { connectServer } from './server-link.ts';
import { registerStatus } from './status.ts';
import { registerViews } from './views.ts';

/** What differs between a desktop and a browser. */
export interface Platform {
  readonly makeClient: (options: LanguageClientOptions) => BaseLanguageClient;
  /** Documents that the server may be told of: any file whose name a reader or a reference could mean. */
  readonly schemes: readonly string[] | null;
  readonly initialization: InitializationOptions;
  /** Whether trace files can be read here. */
  readonly traces: boolean;
}

const FILES =
  '**/*.{yaml,yml,json,jsonc,go,mod,ts,tsx,mts,cts,js,jsx,mjs,cjs,template,avsc,proto,asl,tf,py,java,cs,app}';

export async function activateExtension(context: vscode.ExtensionContext, platform: Platform): Promise<void> {
  const log = vscode.window.createOutputChannel('Eventscape', { log: true });
  const kept = memory(context.workspaceState);
  const client = platform.makeClient({
    documentSelector: platform.schemes
      ? platform.schemes.map((scheme) => ({ scheme, pattern: FILES }))
      : [{ pattern: FILES }],
    outputChannel: log,
    // A function: after a crash the new server gets what is true then.
    initializationOptions: (): InitializationOptions => ({
      ...platform.initialization,
      trusted: vscode.workspace.isTrusted,
      clientCommands: true,
      base: kept.base(),
      traces: kept.traces(),
    }),
    markdown: { isTrusted: false, supportHtml: false },
  });
  const server = connectServer(client, log);
  const panel = registerPanel(context, server, kept);
  context.subscriptions.push(
    log,
    client,
    server,
    panel,
    registerViews(server, kept),
    registerStatus(server),
    registerCommands({ context, server, panel, memory: kept, log, traces: platform.traces }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.notify('trust')),
  );
  await vscode.commands.executeCommand('setContext', 'eventscape.active', true);
  await server.start();
}
