// Fixes of the engine → LSP workspace edits: versioned, so that an edit meant for another text is refused, and making the file where there is none.
import { CreateFile, TextDocumentEdit, type TextEdit as LspEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { TextEdit } from '../core/model/edit.ts';
import type { FilePath } from '../core/model/source.ts';
import type { Place, Workspace } from './workspace.ts';

/** Null where a file has changed since the snapshot: the edit's places are no longer true. */
export function workspaceEdit(
  workspace: Workspace,
  { session, snapshot }: Omit<Place, 'path'>,
  edits: readonly TextEdit[],
): WorkspaceEdit | null {
  const byFile = new Map<FilePath, LspEdit[]>();
  for (const { file, range, newText } of edits) {
    const list = byFile.get(file);
    if (list) list.push({ range, newText });
    else byFile.set(file, [{ range, newText }]);
  }
  const documentChanges: (TextDocumentEdit | CreateFile)[] = [];
  for (const [file, list] of byFile) {
    const uri = workspace.uri(session, file);
    const document = workspace.document(uri);
    if (document && session.versionOf(file) !== document.version) return null;
    if (!document && snapshot.source(file) === null)
      documentChanges.push(CreateFile.create(uri, { ignoreIfExists: true }));
    documentChanges.push(TextDocumentEdit.create({ uri, version: document?.version ?? null }, list));
  }
  return { documentChanges };
}
