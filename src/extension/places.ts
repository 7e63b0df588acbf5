// Opens places of files in the editor.
import * as vscode from 'vscode';
import type { Location } from '../core/model/source.ts';
import type { ServerLink } from './server-link.ts';

/** Shows a place beside the panel or where files are shown, the cursor at its start. A file that is gone is said, not thrown. */
export async function openPlace(server: ServerLink, path: string, position: Location['range']['start']): Promise<void> {
  const uri = server.uri(path);
  if (!uri) return;
  const at = new vscode.Position(position.line, position.character);
  try {
    await vscode.window.showTextDocument(uri, {
      selection: new vscode.Range(at, at),
      viewColumn: columnOfText(),
      preview: true,
    });
  } catch (error) {
    void vscode.window.showWarningMessage(
      `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The first column that shows text, so that a click in the panel does not cover the panel. */
function columnOfText(): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors
    .map((editor) => editor.viewColumn)
    .filter((column) => column !== undefined);
  return shown.length > 0
    ? Math.min(...shown)
    : vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview
      ? vscode.ViewColumn.Beside
      : vscode.ViewColumn.Active;
}
