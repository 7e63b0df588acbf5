// Runs the built command line as a person would, in a process of its own.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '../..');
const cli = join(root, 'dist/cli.js');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `eventscape ARGS`; resolves whatever the exit code. */
export function eventscape(args: readonly string[], cwd: string = root): Promise<Ran> {
  return run(process.execPath, [cli, ...args], cwd);
}

/** Runs a program; resolves whatever the exit code. */
export function run(program: string, args: readonly string[], cwd: string, input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { cwd, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, GIT_CONFIG_GLOBAL: '', GIT_CONFIG_NOSYSTEM: '1' } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      },
    );
    // A program may well end without reading what it was given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** A scratch folder, removed afterwards. */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'eventscape-test-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A copy of a folder as a git repository with one commit on `main`. */
export async function asRepository(from: string, folder: string): Promise<void> {
  await cp(from, folder, { recursive: true });
  await git(folder, 'init', '-q', '-b', 'main');
  await commit(folder, 'Start');
}

/** Commits everything. */
async function commit(folder: string, message: string): Promise<void> {
  await git(folder, 'add', '-A');
  await git(folder, '-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', 'commit', '-q', '-m', message);
}

/** Runs git and throws with its words where it fails. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('git', args, folder);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}
