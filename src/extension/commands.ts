// The commands of the manifest, one handler each: a command without a handler, or the other way round, does not compile.
import * as vscode from 'vscode';
import type { CommandId } from '../protocol/generated-ids.ts';
import { REASON_PLACEHOLDER } from '../protocol/server.ts';
import type { Memory } from './memory.ts';
import type { Panel } from './panel.ts';
import { openPlace } from './places.ts';
import type { ServerLink } from './server-link.ts';
import { importTraces } from './trace-import.ts';
import type { Row } from './views.ts';

export interface CommandContext {
  readonly context: vscode.ExtensionContext;
  readonly server: ServerLink;
  readonly panel: Panel;
  readonly memory: Memory;
  readonly log: vscode.LogOutputChannel;
  /** Whether trace files can be read here. */
  readonly traces: boolean;
}

type Handlers = Readonly<Record<CommandId, (...args: never[]) => unknown>>;

export function registerCommands(all: CommandContext): vscode.Disposable {
  const { server, panel, memory, log } = all;
  const handlers: Handlers = {
    'eventscape.showTopology': () => panel.show(),
    'eventscape.importTrace': (clicked?: vscode.Uri, selected?: readonly vscode.Uri[]) =>
      importTraces(all, selected && selected.length > 0 ? selected : clicked ? [clicked] : null),
    'eventscape.clearTraces': async () => {
      await memory.setTraces([]);
      await server.importTraces({ uris: [] }, () => undefined, new vscode.CancellationTokenSource().token);
    },
    'eventscape.copyMermaid': async () => {
      const { text } = await server.request('export', { format: 'mermaid' });
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage('$(check) The topology is in the clipboard, as Mermaid', 4_000);
    },
    'eventscape.refresh': () => server.notify('rescan'),
    'eventscape.restartServer': () => server.restart(),
    'eventscape.showLog': () => log.show(),
    'eventscape.chooseBase': () => chooseBase(server, memory),
    'eventscape.revealInTopology': async (row?: Row | vscode.Uri) => {
      const id = row && 'kind' in row ? row.id : await idAtCursor(server);
      if (id === undefined)
        void vscode.window.showInformationMessage(
          'Nothing at the cursor is part of the topology. Put the cursor on a channel, a service or a handler.',
        );
      else panel.reveal(id);
    },
    'eventscape.openSource': async (row: Row) => {
      if (row.uri) await vscode.commands.executeCommand('vscode.open', row.uri);
      else if (row.at) await openPlace(server, row.at.file, row.at.range.start);
    },
    'eventscape.openLocations': (uri: string, position: LspPosition, locations: readonly LspLocation[]) =>
      openLocations(uri, position, locations),
    'eventscape.ignoreWithReason': (edit: object) => ignoreWithReason(server, edit),
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handle]) =>
      vscode.commands.registerCommand(id, async (...args: never[]) => {
        try {
          await handle(...args);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          log.error(`${id}: ${error instanceof Error ? (error.stack ?? message) : message}`);
          void vscode.window.showErrorMessage(`Eventscape: ${message}`);
        }
      }),
    ),
  );
}

interface LspPosition {
  readonly line: number;
  readonly character: number;
}
interface LspLocation {
  readonly uri: string;
  readonly range: { readonly start: LspPosition; readonly end: LspPosition };
}

/** Goes to the only one, or shows all in place. */
function openLocations(uri: string, position: LspPosition, locations: readonly LspLocation[]): Thenable<unknown> {
  const at = new vscode.Position(position.line, position.character);
  const targets = locations.map(
    ({ uri: target, range: { start, end } }) =>
      new vscode.Location(
        vscode.Uri.parse(target),
        new vscode.Range(start.line, start.character, end.line, end.character),
      ),
  );
  return vscode.commands.executeCommand(
    'editor.action.goToLocations',
    vscode.Uri.parse(uri),
    at,
    targets,
    'peek',
    'Nothing in view',
  );
}

async function idAtCursor(server: ServerLink): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const { line, character } = editor.selection.active;
  const uri = server.client.code2ProtocolConverter.asUri(editor.document.uri);
  return (await server.request('idsAt', { uri, position: { line, character } })).ids[0];
}

/** Asks for the reason, writes it where the placeholder stands, applies the edit and saves the file it made. */
async function ignoreWithReason(server: ServerLink, edit: object): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: 'Ignore here, with a reason',
    prompt: 'Why is this fine? The reason is kept in eventscape.yaml for those who come after you.',
    validateInput: (text) => (text.trim() === '' ? 'Without a reason it is not ignored.' : null),
  });
  if (reason === undefined || reason.trim() === '') return;
  const quoted = JSON.stringify(reason.trim());
  const said = JSON.parse(JSON.stringify(edit), (_, value: unknown) =>
    typeof value === 'string'
      ? value
          .replaceAll(JSON.stringify(REASON_PLACEHOLDER), () => quoted)
          .replaceAll(REASON_PLACEHOLDER, () => reason.trim())
      : value,
  ) as Parameters<typeof server.client.protocol2CodeConverter.asWorkspaceEdit>[0];
  const workspaceEdit = await server.client.protocol2CodeConverter.asWorkspaceEdit(said);
  if (!workspaceEdit || !(await vscode.workspace.applyEdit(workspaceEdit))) {
    void vscode.window.showWarningMessage('The text has changed meanwhile; nothing was ignored. Try again.');
    return;
  }
  for (const [uri] of workspaceEdit.entries()) await (await vscode.workspace.openTextDocument(uri)).save();
}

async function chooseBase(server: ServerLink, memory: Memory): Promise<void> {
  const chosen = memory.base();
  const now = server.parts().structure?.base;
  const options: (vscode.QuickPickItem & { readonly base: string | null | undefined })[] = [
    {
      label: 'Default order',
      description: 'where this branch left the main branch; on it, its upstream; else the last commit',
      base: null,
    },
    { label: 'HEAD', description: 'the last commit', base: 'HEAD' },
    { label: 'origin/main', base: 'origin/main' },
    { label: 'none', description: 'do not compare contracts', base: 'none' },
    { label: 'Another revision…', base: undefined },
  ];
  const marked = options.map((option) =>
    option.base === chosen && option.base !== undefined ? { ...option, label: `$(check) ${option.label}` } : option,
  );
  const placeHolder = now
    ? now.commit === ''
      ? `Nothing is compared: ${now.reason}`
      : `Compared with ${now.ref} (${now.commit.slice(0, 10)})`
    : 'Compare contracts with';
  const picked = await vscode.window.showQuickPick(marked, { title: 'Compare contracts with', placeHolder });
  if (!picked) return;
  const base =
    picked.base === undefined
      ? await vscode.window.showInputBox({ title: 'Compare contracts with', prompt: 'A branch, a tag or a commit' })
      : picked.base;
  if (base === undefined || base === '') return;
  await memory.setBase(base);
  server.notify('setBase', { base });
}
