// A folder of a git repository → the base side: which commit, and the texts of its tree. Plumbing only (rev-parse, merge-base, ls-tree,
// cat-file): nothing that runs a program named in a repository's configuration, nothing that reaches the network, nothing that writes.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { FileChange } from '../core/engine-api.ts';
import type { FilePath } from '../core/model/source.ts';
import type { Base, BaseRequest } from '../core/ports.ts';
import { noBase } from '../core/base-side.ts';
import { asText, MAX_DECLARATION_BYTES, tooLarge } from './text.ts';

/** Finds the base of a folder in the documented order. Never rejects. */
export async function openBase(folder: string, request: BaseRequest): Promise<Base> {
  if (request.kind === 'none') return noBase('turned off');
  const found = await resolveBase(folder, request);
  if (found.kind !== 'resolved') return found;
  const entries = await treeOf(folder, found.commit, found.prefix);
  if (entries === null) {
    const reason = `the tree of ${short(found.commit)} cannot be read here (a partial clone?): fetch it first`;
    return request.kind === 'ref' ? { kind: 'unresolvable', message: reason } : noBase(reason);
  }
  const info = { ref: found.ref, commit: found.commit, reason: '' };
  const paths = [...entries.keys()].toSorted();
  return { kind: 'tree', tree: { info, paths, read: (wanted) => readBlobs(folder, entries, wanted) } };
}

type Resolved = { readonly kind: 'resolved'; readonly ref: string; readonly commit: string; readonly prefix: string };

async function resolveBase(
  folder: string,
  request: Exclude<BaseRequest, { kind: 'none' }>,
): Promise<Resolved | Exclude<Base, { kind: 'tree' }>> {
  const where = await git(folder, ['rev-parse', '--is-inside-work-tree', '--is-shallow-repository', '--show-prefix']);
  const refuse = (reason: string, remedy: string): Exclude<Base, { kind: 'tree' }> =>
    request.kind === 'ref'
      ? { kind: 'unresolvable', message: `cannot compare with ${JSON.stringify(request.ref)}: ${reason}; ${remedy}` }
      : { kind: 'none', info: { ref: '', commit: '', reason } };
  if (where.failed !== null) return refuse(where.failed, 'make the folder a git repository, or leave the base out');
  const [inside, shallow, ...rest] = where.text.split('\n');
  if (inside !== 'true') return refuse('the folder is not inside a work tree', 'name a folder that is checked out');
  // The prefix may itself contain line ends.
  const prefix = rest.join('\n').replace(/\n$/, '');

  if (request.kind === 'ref') {
    const commit = await commitOf(folder, request.ref);
    if (commit !== null) return { kind: 'resolved', ref: request.ref, commit, prefix };
    return shallow === 'true'
      ? refuse('this is a shallow clone without that commit', 'run `git fetch --unshallow` or fetch that revision')
      : refuse('it is no commit of this repository', 'fetch it, or name another revision');
  }

  const head = await commitOf(folder, 'HEAD');
  if (head === null) return refuse('the repository has no commit yet', 'commit first');
  const branch = await git(folder, ['rev-parse', '--symbolic-full-name', 'HEAD']);
  const onBranch = branch.failed === null ? branch.text.trimEnd() : 'HEAD';
  for (const candidate of [
    'refs/remotes/origin/HEAD',
    'refs/remotes/origin/main',
    'refs/remotes/origin/master',
    'refs/heads/main',
    'refs/heads/master',
  ]) {
    // On the default branch itself its merge-base is HEAD, which would hide every local commit: its upstream decides.
    const target = candidate === onBranch ? '@{upstream}' : candidate;
    const commit = await mergeBase(folder, head, target);
    // To fall back to HEAD here would compare what is checked out with itself, and call it clean.
    if (commit === null && shallow === 'true' && (await commitOf(folder, target)) !== null) {
      const other = (await fullName(folder, target)).replace(/^refs\/(?:remotes|heads)\//, '');
      return refuse(
        `this is a shallow clone, and its history ends before it meets ${other}: run \`git fetch --unshallow\``,
        'or name a revision',
      );
    }
    if (commit === null) continue;
    const name = target === '@{upstream}' || candidate.endsWith('/HEAD') ? await fullName(folder, target) : target;
    return { kind: 'resolved', ref: name.replace(/^refs\/(?:remotes|heads)\//, ''), commit, prefix };
  }
  return { kind: 'resolved', ref: 'HEAD', commit: head, prefix };
}

/** The commit a revision names, or null. A revision that looks like an option names none. */
async function commitOf(folder: string, revision: string): Promise<string | null> {
  if (revision.startsWith('-') || /[\0\n]/.test(revision)) return null;
  const answer = await git(folder, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  if (answer.failed !== null) return null;
  const commit = answer.text.trimEnd();
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
  // In a shallow or damaged clone a name can stand for a commit that is not there.
  return (await git(folder, ['cat-file', '-e', commit])).failed === null ? commit : null;
}

async function mergeBase(folder: string, head: string, revision: string): Promise<string | null> {
  const commit = await commitOf(folder, revision);
  if (commit === null) return null;
  const answer = await git(folder, ['merge-base', head, commit]);
  return answer.failed === null ? commitOf(folder, answer.text.trimEnd()) : null;
}

async function fullName(folder: string, revision: string): Promise<string> {
  const answer = await git(folder, ['rev-parse', '--symbolic-full-name', revision]);
  return answer.failed === null && answer.text.trimEnd() !== '' ? answer.text.trimEnd() : revision;
}

/** Blob ids by path below `prefix`; empty where the folder did not exist at that commit; null where the tree is out of reach. */
async function treeOf(folder: string, commit: string, prefix: string): Promise<ReadonlyMap<FilePath, string> | null> {
  const path = prefix.replace(/\/$/, '');
  const treeish = path === '' ? commit : `${commit}:${path}`;
  if (path !== '' && (await git(folder, ['rev-parse', '--verify', '--quiet', treeish])).failed !== null)
    return new Map();
  const listing = await git(folder, ['ls-tree', '-r', '-z', '--full-tree', treeish]);
  if (listing.failed !== null) return null;
  const entries = new Map<FilePath, string>();
  for (const line of listing.text.split('\0')) {
    const tab = line.indexOf('\t');
    const [mode, type, id] = line.slice(0, tab).split(' ');
    // 120000 is a symbolic link, 160000 a submodule.
    if (tab > 0 && type === 'blob' && mode !== '120000' && id) entries.set(line.slice(tab + 1), id);
  }
  return entries;
}

/** Reads blobs through one `cat-file --batch`. Blobs over the limit stream past without being kept. */
function readBlobs(
  folder: string,
  entries: ReadonlyMap<FilePath, string>,
  wanted: readonly FilePath[],
): Promise<readonly FileChange[]> {
  const ids = [...new Set(wanted.flatMap((path) => entries.get(path) ?? []))];
  if (ids.length === 0) return Promise.resolve(wanted.map((path) => ({ path, text: null })));
  type Content = { readonly text: string | null; readonly problem?: string };
  const contents = new Map<string, Content>();
  const finish = (reason: string): readonly FileChange[] =>
    wanted.map((path): FileChange => {
      const id = entries.get(path);
      if (id === undefined) return { path, text: null };
      return {
        path,
        ...(contents.get(id) ?? { text: null, problem: `git could not give the base version: ${reason}` }),
      };
    });

  return new Promise((resolve) => {
    const child = spawn('git', ['-C', folder, ...SAFE_OPTIONS, 'cat-file', '--batch'], {
      cwd: NEUTRAL_FOLDER,
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const reply = batchReader((id, content) => contents.set(id, content));
    child.on('error', (error) => resolve(finish(error.message)));
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', reply);
    child.on('close', (code) => resolve(finish(`cat-file ended with code ${code}`)));
    child.stdin.end(`${ids.join('\n')}\n`);
  });
}

/** Takes the output of `cat-file --batch` in any chunks: `<id> <type> <size>`, the bytes, a line end; or `<id> missing`. */
function batchReader(found: (id: string, content: ReturnType<typeof asText>) => void): (chunk: Buffer) => void {
  let header = '';
  let entry: { id: string; size: number; left: number; parts: Buffer[] } | null = null;
  return (chunk) => {
    let offset = 0;
    while (offset < chunk.length) {
      if (entry === null) {
        const end = chunk.indexOf(10, offset);
        header += chunk.toString('latin1', offset, end < 0 ? chunk.length : end);
        if (end < 0) return;
        offset = end + 1;
        const [id, type, size] = header.split(' ');
        header = '';
        if (id && type === 'blob') entry = { id, size: Number(size), left: Number(size) + 1, parts: [] };
      } else {
        const part = chunk.subarray(offset, offset + entry.left);
        if (entry.size <= MAX_DECLARATION_BYTES) entry.parts.push(part);
        entry.left -= part.length;
        offset += part.length;
      }
      if (entry?.left === 0) {
        const { id, size, parts } = entry;
        found(
          id,
          size > MAX_DECLARATION_BYTES
            ? { text: null, problem: tooLarge(size) }
            : asText(Buffer.concat(parts).subarray(0, size)),
        );
        entry = null;
      }
    }
  };
}

/** Where git keeps what moves when the base moves: the work tree's own git folder and the one it shares. Null outside a repository. */
export async function gitFolders(folder: string): Promise<{ readonly own: string; readonly common: string } | null> {
  const answer = await git(folder, ['rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir']);
  const [own, common] = answer.text.split('\n');
  return answer.failed === null && own && common ? { own, common } : null;
}

// Windows looks for programs in the working folder first: a `git.exe` of the workspace must not be found there.
const NEUTRAL_FOLDER = dirname(process.execPath);

// No file system monitor (a program), no promisor remote (the network), no replaced or rewritten paths in the output.
const SAFE_OPTIONS = [
  '-c',
  'core.fsmonitor=',
  '-c',
  'core.quotePath=false',
  '-c',
  'protocol.allow=never',
  '--no-pager',
  '--no-optional-locks',
  '--literal-pathspecs',
];

/** The environment without what a hook or another git left there (it would point at another repository), quiet and in English. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'));
  return { ...Object.fromEntries(inherited), GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' };
}

/** Runs one git command. `failed` holds the reason in git's words, or null. */
function git(
  folder: string,
  args: readonly string[],
): Promise<{ readonly text: string; readonly failed: string | null }> {
  return new Promise((resolve) => {
    const child = spawn('git', ['-C', folder, ...SAFE_OPTIONS, ...args], {
      cwd: NEUTRAL_FOLDER,
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const output: Buffer[] = [];
    const complaint: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
    child.on('error', (error) => {
      resolve({
        text: '',
        failed: 'code' in error && error.code === 'ENOENT' ? 'git is not installed' : error.message,
      });
    });
    child.on('close', (code) => {
      resolve({
        text: Buffer.concat(output).toString('utf8'),
        failed: code === 0 ? null : inPlainWords(Buffer.concat(complaint).toString('utf8')),
      });
    });
  });
}

function inPlainWords(complaint: string): string {
  const line = complaint.split('\n', 1)[0]?.replace(/^fatal: /, '') ?? '';
  if (line.startsWith('not a git repository')) return 'the folder is not in a git repository';
  if (line.includes('dubious ownership'))
    return 'the repository belongs to somebody else, and git refuses to read it (safe.directory)';
  return line === '' ? 'git refused' : line;
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
