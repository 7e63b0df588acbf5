// `eventscape.yaml` of the workspace → Config, laid over the editor's settings. Unknown keys and broken entries are problems; the rest holds.
import type { Config, Ignore } from './config.ts';
import { DEFAULT_CONFIG } from './config.ts';
import type { Mode } from './model/change.ts';
import type { Severity } from './model/finding.ts';
import type { Problem, SourceFile } from './model/source.ts';
import { rangeAt } from './model/source.ts';
import type { DataEntry, DataNode } from './syntax/data.ts';
import { entriesOf, entryOf, get, itemsOf, locationOf, stringOf } from './syntax/data.ts';
import { parseData } from './syntax/parse-data.ts';

/** The names under which the file is looked for, in the workspace's own folder. */
export const CONFIG_FILES: readonly string[] = ['eventscape.yaml', 'eventscape.yml'];

const MODES = [
  'additive',
  'backward',
  'forward',
  'full',
  'backward_transitive',
  'forward_transitive',
  'full_transitive',
] as const satisfies readonly Mode[];
const SEVERITIES: ReadonlySet<string> = new Set(['error', 'warning', 'info', 'off']);

/** Settings that hold more than a word, and what they take. */
const FORMS = new Map([
  ['rules', { kind: 'map', words: 'a severity by rule' }],
  ['modes', { kind: 'map', words: 'a mode by glob' }],
  ['ignore', { kind: 'seq', words: 'a list of `rule`, `path` and `reason`' }],
]);

const TRANSITIVE =
  'Not supported yet: earlier versions than the base are not compared. The file is judged against the base alone.';

/** A mode by any spelling people use (`BACKWARD_TRANSITIVE`, `full`), or null. */
function modeOf(text: string): Mode | null {
  const plain = text.toLowerCase().replaceAll('-', '_');
  return MODES.find((mode) => mode === plain) ?? null;
}

/** A severity or `off` by any spelling people use (`information`, `warn`), or null. */
export function severityLevel(text: string): Severity | 'off' | null {
  const plain = text.toLowerCase();
  if (plain === 'information' || plain === 'hint') return 'info';
  if (plain === 'warn') return 'warning';
  return SEVERITIES.has(plain) ? (plain as Severity | 'off') : null;
}

/** What the file says; `knownRules` are the ids that may be named. Never throws. */
export function readConfig(
  file: SourceFile,
  knownRules: ReadonlySet<string>,
): { readonly config: Partial<Config>; readonly problems: readonly Problem[] } {
  const document = parseData(file);
  const problems: Problem[] = [...document.problems];
  const complain = (node: { readonly start: number; readonly end: number }, message: string): void => {
    problems.push({ file: file.path, range: rangeAt(file, node.start, node.end), message });
  };
  const root = document.roots[0];
  const rules = new Map<string, Severity | 'off'>();
  const modes: { readonly path: string; readonly mode: Mode }[] = [];
  const ignore: Ignore[] = [];
  const texts = (node: DataNode | undefined, key: string): readonly string[] => {
    if (node === undefined) return [];
    const result: string[] = [];
    for (const item of node.kind === 'seq' ? node.items : [node]) {
      const text = stringOf(item);
      if (text === undefined) complain(item, `\`${key}\` takes a list of globs.`);
      else result.push(text);
    }
    return result;
  };
  let base: string | null = null;
  let complete = false;
  if (root !== undefined && root.kind !== 'map' && !(root.kind === 'scalar' && root.value === null))
    complain(root, 'eventscape.yaml takes settings by name, such as `rules`.');
  for (const entry of entriesOf(root)) {
    const form = FORMS.get(entry.key);
    const isEmpty = entry.value.kind === 'scalar' && entry.value.value === null;
    if (form !== undefined && entry.value.kind !== form.kind && !isEmpty) {
      complain(entry.value, `\`${entry.key}\` takes ${form.words}.`);
      continue;
    }
    switch (entry.key) {
      case 'rules':
        for (const rule of entriesOf(entry.value)) {
          const level = severityLevel(
            rule.value.kind === 'scalar' && rule.value.value === false ? 'off' : (stringOf(rule.value) ?? ''),
          );
          if (!knownRules.has(rule.key)) complain(spanOf(rule), `There is no rule \`${rule.key}\`.`);
          else if (level === null) complain(rule.value, `\`${rule.key}\` takes error, warning, info or off.`);
          else rules.set(rule.key, level);
        }
        break;
      case 'base':
        base = stringOf(entry.value) ?? null;
        if (base === null) complain(entry.value, '`base` takes a git revision or "none".');
        break;
      case 'exclude':
      case 'contracts':
        break;
      case 'complete':
        if (entry.value.kind === 'scalar' && typeof entry.value.value === 'boolean') complete = entry.value.value;
        else complain(entry.value, '`complete` takes true or false.');
        break;
      case 'modes':
        for (const one of entriesOf(entry.value)) {
          const mode = modeOf(stringOf(one.value) ?? '');
          if (mode === null) complain(one.value, `A mode is one of ${MODES.join(', ')}.`);
          else modes.push({ path: one.key, mode });
          if (mode?.endsWith('_transitive') === true) complain(one.value, TRANSITIVE);
        }
        break;
      case 'mode': {
        const mode = modeOf(stringOf(entry.value) ?? '');
        if (mode === null) complain(entry.value, `\`mode\` is one of ${MODES.join(', ')}.`);
        else modes.push({ path: '**', mode });
        if (mode?.endsWith('_transitive') === true) complain(entry.value, TRANSITIVE);
        break;
      }
      case 'ignore':
        for (const item of itemsOf(entry.value)) {
          const rule = stringOf(get(item, 'rule'));
          const path = stringOf(get(item, 'path'));
          const reason = stringOf(get(item, 'reason'))?.trim() ?? '';
          if (rule === undefined || path === undefined)
            complain(item, 'An entry of `ignore` names a `rule`, a `path` and a `reason`.');
          else if (!knownRules.has(rule))
            complain(entryOf(item, 'rule')?.value ?? item, `There is no rule \`${rule}\`.`);
          else if (reason === '')
            complain(
              item,
              `Say why \`${rule}\` is ignored here: an entry of \`ignore\` without a \`reason\` has no effect.`,
            );
          else
            ignore.push({
              rule,
              path,
              pointer: stringOf(get(item, 'pointer')) ?? '',
              reason,
              at: locationOf(file, item),
            });
        }
        break;
      default:
        if (!['services', 'channels', 'pins', 'version', 'budgets', 'same', 'different'].includes(entry.key))
          complain(spanOf(entry), `\`${entry.key}\` is no setting of eventscape.yaml.`);
    }
  }
  // A glob without a wildcard at the end of `modes` decides last: the general `mode` is appended behind the special ones.
  modes.sort((a, b) => Number(a.path === '**') - Number(b.path === '**'));
  return {
    config: {
      rules,
      exclude: texts(get(root, 'exclude'), 'exclude'),
      contracts: texts(get(root, 'contracts'), 'contracts'),
      modes,
      ignore,
      ...(base === null ? {} : { base }),
      ...(entryOf(root, 'complete') === undefined ? {} : { complete }),
    },
    problems,
  };
}

/** Lays configurations over each other, later ones win; lists add up. */
export function mergeConfig(...parts: readonly Partial<Config>[]): Config {
  let result: Config = DEFAULT_CONFIG;
  for (const part of parts) {
    result = {
      rules: new Map([...result.rules, ...(part.rules ?? [])]),
      base: part.base ?? result.base,
      exclude: [...result.exclude, ...(part.exclude ?? [])],
      modes: [...(part.modes ?? []), ...result.modes],
      contracts: [...result.contracts, ...(part.contracts ?? [])],
      complete: part.complete ?? result.complete,
      ignore: [...result.ignore, ...(part.ignore ?? [])],
    };
  }
  return result;
}

function spanOf(entry: DataEntry): { readonly start: number; readonly end: number } {
  return { start: entry.keyStart, end: entry.keyEnd };
}
