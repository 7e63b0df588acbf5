// Importing trace files: asked for or given, read by the server with progress and a cancel button, remembered for the next start.
import * as vscode from 'vscode';
import type { CommandContext } from './commands.ts';

/** Without `uris` a person is asked for files. */
export async function importTraces(
  { server, memory, traces }: Pick<CommandContext, 'server' | 'memory' | 'traces'>,
  uris: readonly vscode.Uri[] | null,
): Promise<void> {
  if (!traces) {
    void vscode.window.showInformationMessage(
      'Trace files can be imported in VS Code on your machine, not in the browser.',
    );
    return;
  }
  const chosen =
    uris ??
    (await vscode.window.showOpenDialog({
      canSelectMany: true,
      openLabel: 'Import',
      title: 'Trace files: OTLP or Jaeger, as JSON or JSON lines, plain or compressed',
      filters: { Traces: ['json', 'jsonl', 'ndjson', 'gz', 'zst', 'log', 'txt'], 'All files': ['*'] },
    }));
  if (!chosen || chosen.length === 0) return;
  const sent = chosen.map((uri) => server.client.code2ProtocolConverter.asUri(uri));
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Importing traces', cancellable: true },
    async (progress, token) => {
      let told = 0;
      try {
        return await server.importTraces(
          { uris: sent },
          (share) => {
            progress.report({ increment: (share - told) * 100 });
            told = share;
          },
          token,
        );
      } catch (error) {
        if (token.isCancellationRequested) return null;
        throw error;
      }
    },
  );
  if (!result) return;
  const problems = result.files.flatMap(({ uri, problems: all }) =>
    all.map((problem) => `${uri.replace(/^.*\//, '')}: ${problem}`),
  );
  if (result.files.every(({ spans }) => spans === 0)) {
    void vscode.window.showErrorMessage(`No trace was imported. ${problems.join('; ')}`);
    return;
  }
  await memory.setTraces(sent);
  const summary = `${result.deliveries} deliveries over ${result.hops} hops${problems.length > 0 ? `, with problems: ${problems.join('; ')}` : ''}`;
  const show = 'Show Topology';
  const answer =
    problems.length > 0
      ? vscode.window.showWarningMessage(summary, show)
      : vscode.window.showInformationMessage(summary, show);
  void answer.then((clicked) =>
    clicked === show ? vscode.commands.executeCommand('eventscape.showTopology') : undefined,
  );
}
