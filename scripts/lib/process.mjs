// Starting other programs: install output goes to stderr, children end with us, and a failure is one readable line.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Prints one line of progress where it cannot be mistaken for a program's answer. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`);
}

/** Programs under way; they end with us. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});

/**
 * Runs a program to its end. Rejects with the command line when it fails.
 * `output`: 'stderr' (default) sends both streams there, 'inherit' leaves them apart, 'capture' returns stdout.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, output?: 'stderr' | 'inherit' | 'capture', signal?: AbortSignal}} options
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  const { cwd = root, env = process.env, output = 'stderr', signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: [
        'ignore',
        output === 'capture' ? 'pipe' : output === 'inherit' ? 'inherit' : 2,
        output === 'inherit' ? 'inherit' : 2,
      ],
      ...(signal ? { signal } : {}),
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    children.add(child);
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      children.delete(child);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${killedBy ?? `exit code ${code}`}`));
    });
  });
}

/**
 * Runs npm, the same one that started us where there is one.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
export function npm(args, options = {}) {
  const started = process.env['npm_execpath'];
  const env = { ...(options.env ?? process.env) };
  // A person's or a CI's npm settings for production must not leave the tools out.
  delete env['NODE_ENV'];
  delete env['npm_config_omit'];
  delete env['npm_config_production'];
  if (started?.endsWith('.js')) return run(process.execPath, [started, ...args], { ...options, env });
  return process.platform === 'win32'
    ? run('cmd.exe', ['/d', '/s', '/c', 'npm', ...args], { ...options, env })
    : run('npm', args, { ...options, env });
}

/** What went wrong, in a line. @param {unknown} error */
export function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** Lets an interrupt end us in order: what was started ends, what was locked is free again. */
export function exitOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => process.exit(130));
}

/** Runs a tool of ours from node_modules by its package's own bin script, without a shell in between.
 * @param {string} script path inside node_modules
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
export function tool(script, args, options = {}) {
  return run(process.execPath, [`${root}/node_modules/${script}`, ...args], options);
}
