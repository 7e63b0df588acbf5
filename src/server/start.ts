// The language server on any platform: says what it can do, opens the folders, puts the features on the connection.
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver';
import { registerCodeActions, CODE_ACTIONS } from './features/code-actions.ts';
import { registerCodeLens } from './features/code-lens.ts';
import { registerDiagnostics } from './features/diagnostics.ts';
import { registerExport } from './features/export.ts';
import { registerHover } from './features/hover.ts';
import { registerNavigation } from './features/navigation.ts';
import { registerParts } from './features/parts.ts';
import { registerTraceImport } from './features/trace-import.ts';
import { registerWatching } from './features/watching.ts';
import type { Disposable, ServerHost } from './host.ts';
import { makeTraces } from './traces.ts';
import { DOCUMENT_SYNC, makeWorkspace, type Workspace } from './workspace.ts';

/** Serves a connection until it shuts down. `makeHost` is called once, when the client has said who it is. */
export function startServer(
  connection: Connection,
  makeHost: (params: InitializeParams, connection: Connection) => ServerHost,
): void {
  let workspace: Workspace | null = null;
  let host: ServerHost | null = null;
  let opening: InitializeParams | null = null;
  const registered: Disposable[] = [];

  connection.onInitialize((params): InitializeResult => {
    opening = params;
    host = makeHost(params, connection);
    workspace = makeWorkspace(connection, host, params);
    const traces = makeTraces();
    registered.push(
      registerDiagnostics(workspace),
      registerCodeActions(workspace),
      registerCodeLens(workspace, traces, params.capabilities.workspace?.codeLens?.refreshSupport === true),
      registerHover(workspace, traces),
      registerNavigation(workspace),
      registerParts(workspace, traces),
      registerTraceImport(workspace, traces),
      registerExport(workspace),
    );
    return {
      serverInfo: { name: 'Eventscape' },
      capabilities: {
        textDocumentSync: DOCUMENT_SYNC,
        codeActionProvider: CODE_ACTIONS,
        codeLensProvider: {},
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => {
    if (!workspace || !opening) return;
    registered.push(registerWatching(workspace, opening));
    workspace.start();
  });

  connection.onShutdown(async () => {
    for (const each of registered.splice(0)) each.dispose();
    workspace?.dispose();
    await host?.close();
  });

  connection.listen();
}
