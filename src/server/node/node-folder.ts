// A workspace folder on this machine's disk: files, git's base, and a watch on what moves it.
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noBase } from '../../core/base-side.ts';
import { readTexts, scanFolder } from '../../node/files.ts';
import { gitFolders, openBase } from '../../node/git.ts';
import type { FolderHost } from '../host.ts';

/** How long git must be quiet before its refs are looked at, ms: a rebase writes many. */
const QUIET = 250;

/** The host of a `file:` folder. Folders of other schemes are empty and have no base. */
export function nodeFolder(uri: string): FolderHost {
  const root = uri.startsWith('file:') ? fileURLToPath(uri) : null;
  return {
    scan: async (options) => {
      if (root === null) throw new Error(`${uri} is not on this machine's disk`);
      return scanFolder(root, options);
    },
    read: async (paths) => (root === null ? paths.map((path) => ({ path, text: null })) : readTexts(root, paths)),
    openBase: async (request) => (root === null ? noBase('the folder is not on this disk') : openBase(root, request)),
    watchBase: async (moved) => (root === null ? { dispose: () => undefined } : watchGit(root, moved)),
  };
}

/** Watches the folders that git writes to at a commit, a checkout, a rebase, a fetch or a push. */
async function watchGit(root: string, moved: () => void): Promise<{ readonly dispose: () => void }> {
  const folders = await gitFolders(root);
  if (folders === null) return watchForRepository(root, moved);
  const { own, common } = folders;
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | null = null;
  const note = (_: unknown, name: string | Buffer | null): void => {
    if (String(name ?? '').endsWith('.lock')) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(moved, QUIET);
  };
  for (const folder of new Set([
    own,
    common,
    join(own, 'logs'),
    join(common, 'refs/heads'),
    join(common, 'refs/remotes'),
    join(common, 'refs/remotes/origin'),
  ])) {
    try {
      const watcher = watch(folder, { persistent: false }, note);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // Not every repository has every folder.
    }
  }
  return {
    dispose: () => {
      if (timer) clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** A folder without a repository may get one (`git init`): from then on that is watched. */
function watchForRepository(root: string, moved: () => void): { readonly dispose: () => void } {
  let inner: { readonly dispose: () => void } | null = null;
  let closed = false;
  const watcher = watch(root, { persistent: false }, (_, name) => {
    if (name !== '.git' || inner) return;
    watcher.close();
    inner = { dispose: () => undefined };
    setTimeout(() => {
      void watchGit(root, moved).then((made) => {
        inner = made;
        if (closed) made.dispose();
        moved();
        return undefined;
      });
    }, QUIET);
  });
  watcher.on('error', () => watcher.close());
  return {
    dispose: () => {
      closed = true;
      watcher.close();
      inner?.dispose();
    },
  };
}
