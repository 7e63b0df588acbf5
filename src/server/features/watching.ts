// Changes that come from outside the editor's buffers: files on disk, settings, folders, trust, the base.
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type InitializeParams,
} from 'vscode-languageserver';
import { METHODS, type SetBaseParams } from '../../protocol/server.ts';
import { guarded } from '../guarded.ts';
import type { Disposable } from '../host.ts';
import { pathBelow } from '../uris.ts';
import type { Workspace } from '../workspace.ts';

const WHAT = {
  [FileChangeType.Created]: 'created',
  [FileChangeType.Changed]: 'changed',
  [FileChangeType.Deleted]: 'deleted',
} as const;

export function registerWatching(workspace: Workspace, { capabilities }: InitializeParams): Disposable {
  const { connection } = workspace;
  const onFiles = guarded(
    connection,
    'watched files',
    ({ changes }: { readonly changes: readonly { readonly uri: string; readonly type: FileChangeType }[] }) => {
      for (const { uri, type } of changes) {
        for (const session of workspace.sessions()) {
          const path = pathBelow(session.uri, uri);
          // An open document speaks for itself; git's own folder has a watch of its own.
          if (path !== null && path !== '' && !/(?:^|\/)\.git(?:\/|$)/.test(path) && !workspace.document(uri))
            session.touched(path, WHAT[type]);
        }
      }
    },
  );
  const registered = [
    connection.onDidChangeWatchedFiles(onFiles),
    connection.onDidChangeConfiguration(() => workspace.reconfigure()),
    connection.onNotification(METHODS.trust, () => workspace.trust()),
    connection.onNotification(METHODS.setBase, ({ base }: SetBaseParams) => workspace.setBase(base)),
    connection.onNotification(METHODS.rescan, () => workspace.sessions().forEach((session) => session.rescan())),
  ];
  if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
    // Fragments may have any name, and a folder's deletion is told by the folder's name alone.
    void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*' }] });
  }
  if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
    void connection.client.register(DidChangeConfigurationNotification.type, {
      section: ['eventscape', 'files.exclude'],
    });
  }
  if (capabilities.workspace?.workspaceFolders === true) {
    registered.push(
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
        workspace.changeFolders(
          added.map(({ uri }) => uri),
          removed.map(({ uri }) => uri),
        ),
      ),
    );
  }
  return { dispose: () => registered.forEach((each) => each.dispose()) };
}
