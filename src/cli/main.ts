// The command line: arguments → one command → stdout and an exit code. Errors for people are one line on stderr; a stack is never shown.
import { parseArgs } from 'node:util';
import { CHECK_FORMATS, checkCommand, SEVERITIES } from './commands/check.ts';
import { diffCommand, DIFF_FORMATS, DIFF_LANGUAGES, DIFF_MODES } from './commands/diff.ts';
import { fixCommand } from './commands/fix.ts';
import { TOPOLOGY_FORMATS, topologyCommand } from './commands/topology.ts';
import { TRACE_FORMATS, traceCommand } from './commands/trace.ts';
import { plain } from './reporters/plain.ts';
import type { Outcome } from './usage.ts';
import { HELP, oneOf, UsageError } from './usage.ts';
import { VERSION } from './version.ts';

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function read<T extends Options>(
  args: readonly string[],
  options: T,
  operands: { readonly least: number; readonly most: number; readonly what: string },
) {
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    } catch (error) {
      throw new UsageError(
        `${error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error)}; "eventscape --help" lists what there is`,
      );
    }
  })();
  if (parsed.positionals.length < operands.least || parsed.positionals.length > operands.most)
    throw new UsageError(`expected ${operands.what}; "eventscape --help" shows how`);
  return parsed;
}

const DIR = { least: 0, most: 1, what: 'one folder at the most' };

async function run(args: readonly string[]): Promise<Outcome> {
  const [command, ...rest] = args;
  switch (command) {
    case undefined:
    case '--help':
    case '-h':
    case 'help':
      return { output: HELP, code: 0 };
    case '--version':
    case '-v':
      return { output: `${VERSION}\n`, code: 0 };
    case 'topology': {
      const { values, positionals } = read(
        rest,
        { format: { type: 'string', default: 'text' }, base: { type: 'string' } },
        DIR,
      );
      return topologyCommand({
        dir: positionals[0] ?? '.',
        format: oneOf('--format', values.format, TOPOLOGY_FORMATS),
        base: values.base,
      });
    }
    case 'check': {
      const { values, positionals } = read(
        rest,
        {
          format: { type: 'string', default: 'text' },
          base: { type: 'string' },
          'fail-on': { type: 'string', default: 'error' },
          rule: { type: 'string', multiple: true, default: [] },
        },
        DIR,
      );
      return checkCommand({
        dir: positionals[0] ?? '.',
        base: values.base,
        format: oneOf('--format', values.format, CHECK_FORMATS),
        failOn: oneOf('--fail-on', values['fail-on'], SEVERITIES),
        rules: values.rule,
      });
    }
    case 'fix': {
      const { values, positionals } = read(
        rest,
        {
          only: { type: 'string', multiple: true, default: [] },
          'dry-run': { type: 'boolean', default: false },
          base: { type: 'string' },
          'fail-on': { type: 'string', default: 'error' },
          rule: { type: 'string', multiple: true, default: [] },
        },
        DIR,
      );
      return fixCommand({
        dir: positionals[0] ?? '.',
        base: values.base,
        only: values.only,
        dryRun: values['dry-run'],
        failOn: oneOf('--fail-on', values['fail-on'], SEVERITIES),
        rules: values.rule,
      });
    }
    case 'diff': {
      const { values, positionals } = read(
        rest,
        {
          as: { type: 'string' },
          mode: { type: 'string', default: 'additive' },
          root: { type: 'string' },
          format: { type: 'string', default: 'text' },
        },
        { least: 2, most: 2, what: 'two files, OLD and NEW' },
      );
      const [old = '', current = ''] = positionals;
      return diffCommand({
        old,
        current,
        as: values.as === undefined ? null : oneOf('--as', values.as, DIFF_LANGUAGES),
        mode: oneOf('--mode', values.mode.toLowerCase(), DIFF_MODES),
        root: values.root ?? null,
        format: oneOf('--format', values.format, DIFF_FORMATS),
      });
    }
    case 'trace': {
      // `--compare FILE…` takes every operand up to the next option: spread it into repeated options for the parser.
      const { values, positionals } = read(
        spread(rest, '--compare'),
        {
          workspace: { type: 'string' },
          compare: { type: 'string', multiple: true, default: [] },
          budget: { type: 'string' },
          format: { type: 'string', default: 'text' },
        },
        { least: 1, most: 10_000, what: 'one trace file at least' },
      );
      if (rest.includes('--compare') && values.compare.length === 0)
        throw new UsageError('--compare names no file; name the trace files from before');
      const budget = values.budget === undefined ? null : Number(values.budget);
      if (budget !== null && !(budget >= 0 && values.budget?.trim() !== ''))
        throw new UsageError(`--budget takes milliseconds; "${values.budget ?? ''}" is no number`);
      return traceCommand({
        files: positionals,
        workspace: values.workspace ?? null,
        compare: values.compare,
        budget,
        format: oneOf('--format', values.format, TRACE_FORMATS),
      });
    }
    case 'lsp': {
      read(rest, { stdio: { type: 'boolean', default: false } }, { least: 0, most: 0, what: 'no operand' });
      if (!rest.includes('--stdio'))
        throw new UsageError('the language server talks over standard input and output: say "eventscape lsp --stdio"');
      const { serveStdio } = await import('./commands/lsp.ts');
      return serveStdio();
    }
    default:
      throw new UsageError(`there is no command "${command}"; "eventscape --help" lists what there is`);
  }
}

function spread(args: readonly string[], option: string): readonly string[] {
  const result: string[] = [];
  let inside = false;
  for (const arg of args) {
    if (arg.startsWith('-')) inside = arg === option;
    else if (inside) {
      result.push(option, arg);
      continue;
    }
    if (arg !== option) result.push(arg);
  }
  return result;
}

async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads us went away (`eventscape check | head`): nothing is left to say.
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
  try {
    const { output, code, note } = await run(process.argv.slice(2));
    if (note !== undefined && note !== '') process.stderr.write(`eventscape: ${plain(note)}\n`);
    process.exitCode = code;
    await new Promise<void>((resolve) => {
      process.stdout.write(output, () => resolve());
    });
  } catch (error) {
    const message =
      error instanceof UsageError
        ? error.message
        : `something went wrong that should not have: ${error instanceof Error ? error.message : String(error)}`;
    process.stderr.write(`eventscape: ${plain(message)}\n`);
    process.exitCode = 2;
  }
}

await main();
