import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { baseRequest } from '../core/base-side.ts';
import type { Base } from '../core/ports.ts';
import { openBase } from './git.ts';

let home: string;
let shop: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'eventscape-git-')));
  shop = join(home, 'shop');
  mkdirSync(shop);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function git(folder: string, ...args: string[]): string {
  const identity = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@shop.example',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@shop.example',
  };
  const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function write(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function commit(folder: string, files: Record<string, string | Buffer>, message = 'Work'): string {
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

function repository(branch = 'main'): string {
  git(shop, 'init', '--quiet', '--initial-branch', branch);
  return commit(shop, { 'orders.yaml': 'one' }, 'First');
}

/** Gives `shop` an `origin` that has what it has now. */
function publish(branch = 'main'): void {
  git(home, 'clone', '--quiet', '--bare', shop, 'origin.git');
  git(shop, 'remote', 'add', 'origin', join(home, 'origin.git'));
  git(shop, 'fetch', '--quiet', 'origin');
  git(shop, 'branch', '--quiet', `--set-upstream-to=origin/${branch}`, branch);
}

async function infoOf(folder: string, asked?: string): Promise<string> {
  const base = await openBase(folder, baseRequest(asked));
  if (base.kind === 'unresolvable') return `refused: ${base.message}`;
  const { ref, commit: id, reason } = base.kind === 'tree' ? base.tree.info : base.info;
  return base.kind === 'tree' ? `${ref} ${id}` : `off: ${reason}`;
}

async function textsOf(base: Base): Promise<Record<string, string | null>> {
  if (base.kind !== 'tree') throw new Error(`no tree: ${JSON.stringify(base)}`);
  const files = await base.tree.read(base.tree.paths);
  return Object.fromEntries(files.map((file) => [file.path, file.text ?? file.problem ?? null]));
}

describe('which commit is the base when nobody asked', () => {
  test('a branch compares with where it left the remote default branch', async () => {
    const first = repository();
    publish();
    git(shop, 'checkout', '--quiet', '-b', 'feature');
    commit(shop, { 'orders.yaml': 'two' });
    expect(await infoOf(shop)).toBe(`origin/main ${first}`);
  });

  test('origin/HEAD names the default branch where it is known', async () => {
    const first = repository('trunk');
    publish('trunk');
    git(shop, 'remote', 'set-head', 'origin', 'trunk');
    git(shop, 'checkout', '--quiet', '-b', 'main');
    commit(shop, { 'orders.yaml': 'two' });
    expect(await infoOf(shop)).toBe(`origin/trunk ${first}`);
  });

  test('unpushed commits on the default branch stay judged', async () => {
    const first = repository();
    publish();
    commit(shop, { 'orders.yaml': 'two' });
    commit(shop, { 'orders.yaml': 'three' });
    expect(await infoOf(shop)).toBe(`origin/main ${first}`);
  });

  test('a default branch whose upstream is on another remote compares with it', async () => {
    const first = repository();
    git(home, 'clone', '--quiet', '--bare', shop, 'forge.git');
    git(shop, 'remote', 'add', 'forge', join(home, 'forge.git'));
    git(shop, 'fetch', '--quiet', 'forge');
    git(shop, 'branch', '--quiet', '--set-upstream-to=forge/main', 'main');
    commit(shop, { 'orders.yaml': 'two' });
    expect(await infoOf(shop)).toBe(`forge/main ${first}`);
  });

  test('a local branch compares with where it left main', async () => {
    const first = repository();
    git(shop, 'checkout', '--quiet', '-b', 'feature');
    commit(shop, { 'orders.yaml': 'two' });
    expect(await infoOf(shop)).toBe(`main ${first}`);
  });

  test('main alone, without a remote, compares with its last commit', async () => {
    repository();
    const second = commit(shop, { 'orders.yaml': 'two' });
    expect(await infoOf(shop)).toBe(`HEAD ${second}`);
  });

  test('a branch of another name, without main, compares with its last commit', async () => {
    const first = repository('work');
    expect(await infoOf(shop)).toBe(`HEAD ${first}`);
  });

  test('a detached head compares with where it left main', async () => {
    const first = repository();
    commit(shop, { 'orders.yaml': 'two' });
    git(shop, 'checkout', '--quiet', '--detach', first);
    expect(await infoOf(shop)).toBe(`main ${first}`);
  });

  test('a shallow clone of one commit compares with that commit', async () => {
    repository();
    const second = commit(shop, { 'orders.yaml': 'two' });
    git(home, 'clone', '--quiet', '--depth', '1', `file://${shop}`, 'shallow');
    expect(await infoOf(join(home, 'shallow'))).toBe(`origin/main ${second}`);
  });

  test('a shallow clone that ends before it meets the default branch has none, and says so', async () => {
    repository();
    git(shop, 'checkout', '--quiet', '-b', 'feature');
    commit(shop, { 'orders.yaml': 'two' });
    commit(shop, { 'orders.yaml': 'three' });
    git(home, 'clone', '--quiet', '--depth', '1', '--no-single-branch', `file://${shop}`, 'shallow');
    git(join(home, 'shallow'), 'branch', '--quiet', '--remotes', '--delete', 'origin/HEAD');
    expect(await infoOf(join(home, 'shallow'))).toBe(
      'off: this is a shallow clone, and its history ends before it meets origin/main: run `git fetch --unshallow`',
    );
  });

  test('a worktree has its own head', async () => {
    const first = repository();
    git(shop, 'worktree', 'add', '--quiet', '-b', 'feature', join(home, 'feature'));
    commit(join(home, 'feature'), { 'orders.yaml': 'two' });
    expect(await infoOf(join(home, 'feature'))).toBe(`main ${first}`);
  });

  test('outside a repository there is none', async () => {
    expect(await infoOf(shop)).toBe('off: the folder is not in a git repository');
  });

  test('before the first commit there is none', async () => {
    git(shop, 'init', '--quiet');
    expect(await infoOf(shop)).toBe('off: the repository has no commit yet');
  });
});

describe('which commit is the base when somebody asked', () => {
  test('the revision itself', async () => {
    const first = repository();
    commit(shop, { 'orders.yaml': 'two' });
    git(shop, 'tag', '--annotate', '--message', 'One', 'v1', first);
    expect(await infoOf(shop, 'HEAD~1')).toBe(`HEAD~1 ${first}`);
    expect(await infoOf(shop, 'v1')).toBe(`v1 ${first}`);
  });

  test('none turns it off', async () => {
    repository();
    expect(await infoOf(shop, 'none')).toBe('off: turned off');
  });

  test.each(['nowhere', '--all', '-q', 'HEAD:orders.yaml', 'main\nmain', '..', '@{u}'])(
    '%j is refused with a remedy',
    async (revision) => {
      repository();
      expect(await infoOf(shop, revision)).toBe(
        `refused: cannot compare with ${JSON.stringify(revision)}: it is no commit of this repository; fetch it, or name another revision`,
      );
    },
  );

  test('a commit that a shallow clone lacks is refused with a remedy', async () => {
    const first = repository();
    commit(shop, { 'orders.yaml': 'two' });
    git(home, 'clone', '--quiet', '--depth', '1', `file://${shop}`, 'shallow');
    expect(await infoOf(join(home, 'shallow'), first)).toContain(
      'shallow clone without that commit; run `git fetch --unshallow`',
    );
  });

  test('no repository is refused', async () => {
    expect(await infoOf(shop, 'HEAD')).toContain('the folder is not in a git repository');
  });
});

describe('the texts of the base', () => {
  test('paths are relative to the folder asked about, whatever they are called', async () => {
    repository();
    const names = [
      'services/billing/ordre é.yaml',
      'services/billing/a\nb.yaml',
      'services/billing/"q" \t.yaml',
      'services/billing/-n.yaml',
      'services/billing/:(top)x.yaml',
    ];
    commit(shop, Object.fromEntries(names.map((name) => [name, name])));
    git(shop, 'checkout', '--quiet', '-b', 'feature');
    const base = await openBase(join(shop, 'services/billing'), baseRequest(undefined));
    expect(await textsOf(base)).toEqual(
      Object.fromEntries(names.map((name) => [name.slice('services/billing/'.length), name])),
    );
  });

  test('a folder that is new has an empty base', async () => {
    repository();
    write(shop, { 'new/orders.yaml': 'x' });
    expect(await textsOf(await openBase(join(shop, 'new'), baseRequest('HEAD')))).toEqual({});
  });

  test('symbolic links are left out; pointers, binaries and large files say why they have no text', async () => {
    repository();
    symlinkSync('/etc/passwd', join(shop, 'link.yaml'));
    commit(shop, {
      'pointer.json': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n',
      'binary.json': Buffer.from([123, 0, 125]),
      'latin.yaml': Buffer.from([0x6e, 0xe9]),
      'large.json': `"${'x'.repeat(6 * 1024 * 1024)}"`,
      'empty.yaml': '',
      'orders.yaml': 'two\r\n',
    });
    expect(await textsOf(await openBase(shop, baseRequest('HEAD')))).toEqual({
      'pointer.json': 'this is a Git LFS pointer, not the file: run `git lfs pull`',
      'binary.json': 'this file is binary and is not read',
      'latin.yaml': 'this file is not UTF-8 text; save it as UTF-8 to have it read',
      'large.json': 'this file has 6.0 MB; declaration files over 5 MB are not read',
      'empty.yaml': '',
      'orders.yaml': 'two\r\n',
    });
  });

  test('a path that the tree lacks has no text and no problem', async () => {
    repository();
    const base = await openBase(shop, baseRequest('HEAD'));
    expect(base.kind === 'tree' && (await base.tree.read(['gone.yaml', 'orders.yaml', '../shop/orders.yaml']))).toEqual(
      [
        { path: 'gone.yaml', text: null },
        { path: 'orders.yaml', text: 'one' },
        { path: '../shop/orders.yaml', text: null },
      ],
    );
  });

  test('nothing that a repository configures is run', async () => {
    const first = repository();
    const trap = join(home, 'ran');
    write(home, { 'trap.sh': `#!/bin/sh\ntouch ${trap}\ncat\n` });
    execFileSync('chmod', ['+x', join(home, 'trap.sh')]);
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'filter.trap.smudge',
      'filter.trap.clean',
      'filter.trap.process',
      'diff.trap.textconv',
      'diff.external',
      'core.sshCommand',
    ]) {
      git(shop, 'config', key, join(home, 'trap.sh'));
    }
    write(shop, { '.gitattributes': '* filter=trap diff=trap\n' });
    expect(await infoOf(shop)).toBe(`HEAD ${first}`);
    expect(await textsOf(await openBase(shop, baseRequest('HEAD')))).toEqual({ 'orders.yaml': 'one' });
    expect(() => execFileSync('ls', [trap], { stdio: 'pipe' })).toThrow('No such file');
  });
});
