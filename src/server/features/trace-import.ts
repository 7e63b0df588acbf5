// Imports trace files on the client's wish: read in the background, with progress, until cancelled. The set replaces the one before.
import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver';
import { METHODS, type ImportTracesParams, type ImportTracesResult } from '../../protocol/server.ts';
import { sequenceDiagram } from '../../draw/sequence.ts';
import type { Disposable } from '../host.ts';
import { mergeFolders } from '../merge-folders.ts';
import type { Traces } from '../traces.ts';
import type { Workspace } from '../workspace.ts';

const NOTHING: ImportTracesResult = { files: [], hops: 0, deliveries: 0 };

export function registerTraceImport(workspace: Workspace, traces: Traces): Disposable {
  const { connection, host } = workspace;
  let running: AbortController | null = null;

  async function importTraces(
    { uris, workDoneToken }: ImportTracesParams,
    token?: CancellationToken,
  ): Promise<ImportTracesResult> {
    running?.abort();
    if (uris.length === 0) {
      traces.set(null);
      return NOTHING;
    }
    if (!host.importTraces)
      throw new ResponseError(
        LSPErrorCodes.RequestFailed,
        'Traces cannot be imported here: this editor runs in a browser, without files.',
      );
    const mine = new AbortController();
    running = mine;
    const cancelled = token?.onCancellationRequested(() => mine.abort());
    // A request that was cancelled while it waited brings a token that tells nobody any more.
    if (token?.isCancellationRequested) mine.abort();
    const progress = workDoneToken === undefined ? null : connection.window.attachWorkDoneProgress(workDoneToken);
    progress?.begin('Importing traces', 0, undefined, true);
    workspace.progress('traces', 'Importing traces');
    try {
      mine.signal.throwIfAborted();
      const imported = await host.importTraces({
        uris,
        topology: mergeFolders(workspace.sessions()).topology,
        signal: mine.signal,
        onProgress: (share) => progress?.report(Math.round(share * 100)),
      });
      mine.signal.throwIfAborted();
      const { report } = imported;
      const files = report.files.map((file, index) => ({
        uri: uris[index] ?? file.file,
        format: file.format,
        spans: file.spans,
        problems: file.problems.map(({ message, count }) => (count > 1 ? `${message} (${count}×)` : message)),
      }));
      // Nothing usable in any file: what was there before is worth more.
      if (report.spans > 0) traces.set({ report, sequence: imported.pathway ? sequenceDiagram(imported.pathway) : '' });
      return { files, hops: report.hops.length, deliveries: report.coverage.deliveries };
    } catch (error) {
      if (mine.signal.aborted)
        throw new ResponseError(LSPErrorCodes.RequestCancelled, 'The import was cancelled; the traces before it stay.');
      throw error;
    } finally {
      cancelled?.dispose();
      progress?.done();
      if (running === mine) {
        running = null;
        workspace.progress('traces', null);
      }
    }
  }

  // Files of before a restart: read again as soon as there is a topology to lay them on.
  let replay: readonly string[] = workspace.options.traces ?? [];
  const registered = [
    connection.onRequest(METHODS.importTraces, (params: ImportTracesParams, token: CancellationToken) =>
      importTraces(params, token),
    ),
    workspace.onSnapshot(() => {
      if (replay.length === 0 || workspace.sessions().some((session) => session.snapshot() === null)) return;
      const uris = replay;
      replay = [];
      importTraces({ uris }).catch((error: unknown) =>
        connection.console.error(
          `The traces of before were not read again: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
    }),
  ];
  return { dispose: () => registered.forEach((each) => each.dispose()) };
}
