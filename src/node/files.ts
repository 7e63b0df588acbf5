// A folder on disk → the paths in scope, and texts by path. Symbolic links are not followed while scanning; a link that somebody
// asks for is read where it stays inside the folder. What cannot be given as text is a problem with its reason, never an exception.
import { constants, promises as fs } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { FileChange } from '../core/engine-api.ts';
import type { FilePath } from '../core/model/source.ts';
import { makeScanScope, type ScanScope, type ScopeRules } from '../core/scan-scope.ts';
import { asText, MAX_DECLARATION_BYTES, tooLarge } from './text.ts';

export interface Scan {
  /** Files in scope that `wants` wants, sorted by code units. */
  readonly files: readonly FilePath[];
  /** Folders below (or equal to `''`) that are roots of git repositories of their own. */
  readonly repositories: readonly FilePath[];
  /** Folders that could not be listed, and why. */
  readonly problems: readonly { readonly path: FilePath; readonly message: string }[];
  readonly scope: ScanScope;
}

export interface ScanOptions {
  readonly wants: (path: FilePath) => boolean;
  readonly exclude?: readonly string[];
  /** Read whatever the rules say: files a person named. */
  readonly named?: readonly FilePath[];
  readonly signal?: AbortSignal;
  /** Called now and then with the number of files met so far. */
  readonly onProgress?: (seen: number) => void;
}

/** Lists a folder. Rejects only where the folder itself cannot be read, or with the signal's reason. */
export async function scanFolder(root: string, options: ScanOptions): Promise<Scan> {
  const gitignores = new Map<FilePath, string>();
  const scope = makeScanScope({
    gitignores,
    above: await rulesAbove(root),
    exclude: options.exclude ?? [],
    ignoreCase: process.platform === 'win32' || process.platform === 'darwin',
  });
  const files = new Set(options.named);
  const repositories: FilePath[] = [];
  const problems: { path: FilePath; message: string }[] = [];
  let seen = 0;
  const waiting: FilePath[] = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    options.signal?.throwIfAborted();
    let entries;
    try {
      entries = await fs.readdir(join(root, folder), { withFileTypes: true });
    } catch (error) {
      if (folder === '') throw error;
      problems.push({ path: folder, message: `this folder cannot be listed: ${reasonOf(error)}` });
      continue;
    }
    if (entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) {
      const text = await readText(root, folder === '' ? '.gitignore' : `${folder}/.gitignore`);
      if (text.text !== null) gitignores.set(folder, text.text);
    }
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === '.git') repositories.push(folder);
      if (entry.isDirectory()) {
        if (scope.enters(path)) waiting.push(path);
      } else if (entry.isFile()) {
        seen++;
        if (options.wants(path) && scope.includes(path)) files.add(path);
      }
    }
    options.onProgress?.(seen);
  }
  return { files: [...files].toSorted(), repositories: repositories.toSorted(), problems, scope };
}

/** One file as it is now. A path that leaves the folder, or no longer exists, has `text` null and no problem. */
export async function readText(root: string, path: FilePath): Promise<FileChange> {
  const full = join(root, path);
  try {
    const [realRoot, real] = await Promise.all([fs.realpath(root), fs.realpath(full)]);
    if (!isInside(realRoot, real))
      return { path, text: null, problem: 'this file lies outside the workspace and is not read' };
    const handle = await fs.open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) return { path, text: null };
      if (!stat.isFile()) return { path, text: null, problem: 'this is not a regular file and is not read' };
      if (stat.size > MAX_DECLARATION_BYTES) return { path, text: null, problem: tooLarge(stat.size) };
      return { path, ...asText(await handle.readFile()) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE')
      return { path, text: null };
    return { path, text: null, problem: `this file cannot be read: ${reasonOf(error)}` };
  }
}

/** Many files, a few at a time, in the order asked for. */
export async function readTexts(
  root: string,
  paths: readonly FilePath[],
  signal?: AbortSignal,
): Promise<readonly FileChange[]> {
  const results: FileChange[] = [];
  for (let start = 0; start < paths.length; start += 32) {
    signal?.throwIfAborted();
    results.push(...(await Promise.all(paths.slice(start, start + 32).map((path) => readText(root, path)))));
  }
  return results;
}

/** `.gitignore` files between the root of the surrounding repository and `root`, outermost first, and the repository's own exclude file. */
async function rulesAbove(root: string): Promise<NonNullable<ScopeRules['above']>> {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) break;
    const parent = dirname(folder);
    if (parent === folder) return [];
    folders.unshift(parent);
  }
  const rules: { prefix: string; text: string }[] = [];
  for (const folder of folders) {
    const { text } = await readText(folder, '.gitignore');
    if (text !== null) rules.push({ prefix: relative(folder, root).split(sep).join('/'), text });
  }
  return rules;
}

async function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(way) && !way.startsWith(sep));
}

/** The system's reason without its code and path. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const known = /^[A-Z0-9_]+: ([^,]+)/.exec(message);
  return known?.[1] ?? message.split('\n', 1)[0] ?? message;
}
