// Starting other programs: install output goes to stderr, children end with us, and a failure is one readable line.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Prints one line of progress where it cannot be mistaken for a program's answer. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`);
}

/** Ends a program when its own stdin closes. */
export const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/** Programs under way; they end with us. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});

/** Where the streams of a program go, stdout first. */
const streams = /** @type {const} */ ({
  stderr: [2, 2],
  inherit: ['inherit', 'inherit'],
  capture: ['pipe', 2],
  quiet: ['pipe', 'pipe'],
});

/**
 * Runs a program to its end and resolves to the stdout that was captured. Rejects with the command line when it fails.
 * `output`: 'stderr' (default) sends both streams there, 'inherit' leaves them apart, 'capture' takes stdout, 'quiet' both,
 * shown only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, output?: keyof typeof streams, input?: 'ignore' | 'pipe', title?: string}} options
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  const {
    cwd = root,
    env = process.env,
    output = 'stderr',
    input = 'ignore',
    title = [command, ...args].join(' '),
  } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: [input, ...streams[output]] });
    /** @type {Buffer[]} */
    const said = [];
    /** @type {Buffer[]} */
    const complained = [];
    child.stdout?.on('data', (chunk) => said.push(chunk));
    child.stderr?.on('data', (chunk) => complained.push(chunk));
    children.add(child);
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      children.delete(child);
      if (code === 0) resolve(Buffer.concat(said).toString('utf8'));
      else {
        const shown = output === 'quiet' ? `\n${Buffer.concat([...said, ...complained]).toString('utf8')}` : '';
        reject(new Error(`${title} ended with ${killedBy ?? `exit code ${code}`}${shown}`));
      }
    });
  });
}

/**
 * Runs npm, the same one that started us where there is one. It ends with us at once, however we end: an install that goes on
 * alone would fight with the next one over the same folder.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
export function npm(args, options = {}) {
  const env = { ...(options.env ?? process.env) };
  // A person's or a CI's npm settings for production must not leave the tools out.
  for (const name of ['NODE_ENV', 'npm_config_omit', 'npm_config_production', 'npm_config_only']) delete env[name];
  const cli = process.env['npm_execpath'];
  const [command, first] = cli?.endsWith('.js')
    ? [process.execPath, [cli]]
    : process.platform === 'win32'
      ? ['cmd.exe', ['/d', '/s', '/c', 'npm']]
      : ['npm', []];
  const guarded = JSON.stringify({ command, args: [...first, ...args], grace: 0 });
  return run(process.execPath, [guard, guarded], { ...options, env, input: 'pipe', title: `npm ${args.join(' ')}` });
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
