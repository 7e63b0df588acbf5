// An example of examples/ → a scratch copy that is a git repository with one commit, its base.
import { cpSync, mkdtempSync, realpathSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root, run } from './process.mjs';

/**
 * Copies `examples/<name>`; the caller removes `scratch`.
 * @param {string} name
 * @returns {Promise<{scratch: string, folder: string}>} `folder` is the copy, `scratch` the folder around it
 */
export async function copyExample(name) {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'eventscape-example-')));
  const folder = join(scratch, basename(name));
  cpSync(join(root, 'examples', name), folder, { recursive: true });
  await commitAll(folder, 'The shop as it is');
  return { scratch, folder };
}

/** Makes `folder` a repository, where it is none, and commits everything in it. @param {string} folder @param {string} message */
export async function commitAll(folder, message) {
  const identity = ['-c', 'user.name=Eventscape', '-c', 'user.email=eventscape@example.invalid'];
  const plain = ['-c', 'commit.gpgsign=false', '-c', 'core.autocrlf=false', '-c', `core.hooksPath=${devNull}`];
  await git(folder, ['-c', 'init.defaultBranch=main', 'init', '--quiet']);
  await git(folder, ['add', '--all', '--force']);
  await git(folder, [...identity, ...plain, 'commit', '--quiet', '--message', message]);
}

/** Git on `folder` alone, whatever repository, hook or person's configuration is around. @param {string} folder @param {readonly string[]} args */
function git(folder, args) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(inherited), GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' };
  return run('git', args, { cwd: folder, env });
}
