// The topology as text, for the clipboard: a Mermaid flowchart, or the JSON that the command line prints.
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { topologyMermaid } from '../../draw/mermaid.ts';
import { METHODS, type ExportParams, type ExportResult } from '../../protocol/server.ts';
import type { Disposable } from '../host.ts';
import { mergeFolders } from '../merge-folders.ts';
import type { Workspace } from '../workspace.ts';

export function registerExport(workspace: Workspace): Disposable {
  return workspace.connection.onRequest(METHODS.export, ({ format }: ExportParams): ExportResult => {
    if (format !== 'mermaid')
      throw new ResponseError(
        LSPErrorCodes.RequestFailed,
        `Exporting as ${format} is for the command line: eventscape topology --format ${format}`,
      );
    return { text: topologyMermaid(mergeFolders(workspace.sessions()).topology) };
  });
}
