// How Spring configuration writes guards of Spring Cloud Stream bindings: the dead-letter settings of the Kafka and the RabbitMQ binder, in YAML
// (nested or with dotted keys, as the file has it) and in .properties. Not supported: files with several documents where the binding is split.
import type { Dialect, Guard } from '../../model/dialect.ts';
import type { TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import { offsetAt, rangeAt } from '../../model/source.ts';
import type { DataDocument, DataMap, DataNode } from '../../syntax/data.ts';
import type { DataPath, NewValue } from '../../syntax/data-edit.ts';
import { insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { insertLines, parseProperties } from '../../syntax/properties.ts';

const ATTEMPTS = 3;

/** A setting to write: the steps of its name (a binding's name is one step, whatever stands in it). */
interface Wanted {
  readonly steps: readonly string[];
  readonly value: string | number | boolean;
}

export const springDialect: Dialect = {
  id: 'spring',
  title: 'Spring configuration',
  write(guard, context) {
    const file = context.source(guard.handle.at.file);
    const wanted = file === null ? null : wishes(guard, file);
    if (file === null || wanted === null) return null;
    const edits = file.path.endsWith('.properties')
      ? inProperties(file, guard, wanted.settings)
      : inYaml(file, guard, wanted.settings);
    return edits === null ? null : { title: wanted.title, safe: wanted.safe, edits };
  },
};

function wishes(
  guard: Guard,
  file: SourceFile,
): { readonly title: string; readonly safe: boolean; readonly settings: readonly Wanted[] } | null {
  const { handle } = guard;
  const [name, group, application] = handle.path.map(String);
  if (name === undefined || (handle.role !== 'kafka-binding' && handle.role !== 'rabbit-binding')) return null;
  const spell = spelling(file.text);
  const common = ['spring', 'cloud', 'stream', 'bindings', name];
  if (guard.kind === 'retry')
    return {
      title: `Allow ${ATTEMPTS} attempts at ${name}`,
      safe: true,
      settings: [{ steps: [...common, 'consumer', spell('max-attempts')], value: ATTEMPTS }],
    };
  if (guard.kind !== 'dead-letter') return null;
  const kafka = handle.role === 'kafka-binding';
  const setting: Wanted = {
    steps: [
      'spring',
      'cloud',
      'stream',
      kafka ? 'kafka' : 'rabbit',
      'bindings',
      name,
      'consumer',
      spell(kafka ? 'enable-dlq' : 'auto-bind-dlq'),
    ],
    value: true,
  };
  const anonymous = group === 'anonymous';
  // Named after the application, so that no other one that reads there shares it. A group makes an anonymous consumer a durable one, which reads what it would have missed: a person should look at that.
  const groups: readonly Wanted[] = anonymous
    ? [{ steps: [...common, 'group'], value: application ?? guard.suggestedName.replace(/-dlq$/, '') }]
    : [];
  return {
    title: `Add a dead-letter ${kafka ? 'topic' : 'queue'} to ${name}`,
    safe: !anonymous,
    settings: [...groups, setting],
  };
}

/** Spring takes `max-attempts` and `maxAttempts` alike: new names follow those of the file. */
function spelling(text: string): (kebab: string) => string {
  const camel =
    /\b(?:contentType|maxAttempts|enableDlq|dlqName|autoBindDlq|republishToDlq|backOff\w+|autoCommit\w*|bindingRoutingKey|routingKeyExpression|applicationId)\b/.test(
      text,
    );
  return (kebab) => (camel ? kebab.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) : kebab);
}

function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

function inProperties(file: SourceFile, guard: Guard, wanted: readonly Wanted[]): readonly TextEdit[] | null {
  const entries = parseProperties(file.text);
  const start = offsetAt(file, guard.handle.at.range.start);
  const near = entries.find((entry) => start >= entry.keyStart && start <= entry.valueEnd);
  if (near === undefined) return null;
  const edits: TextEdit[] = [];
  const lines: string[] = [];
  const separator = file.text.slice(near.keyEnd, near.valueStart);
  for (const { steps, value } of wanted) {
    const known = entries.findLast(
      ({ key, document }) => document === near.document && canonical(key) === canonical(steps.join('.')),
    );
    if (known !== undefined)
      edits.push({ file: file.path, range: rangeAt(file, known.valueStart, known.valueEnd), newText: String(value) });
    else lines.push(`${escapeKey(steps.join('.'))}${separator === '' ? '=' : separator}${value}`);
  }
  return joinEdits(edits, lines.length === 0 ? [] : [insertLines(file, near.valueEnd, lines)]);
}

function escapeKey(key: string): string {
  return key.replaceAll(/[ =:]/g, (char) => `\\${char}`);
}

function inYaml(file: SourceFile, guard: Guard, wanted: readonly Wanted[]): readonly TextEdit[] | null {
  const document = parseData(file);
  const offset = offsetAt(file, guard.handle.at.range.start);
  const root = document.roots.findIndex((node) => node.start <= offset && offset <= node.end);
  if (root < 0 || document.problems.length > 0) return null;
  const groups: (readonly TextEdit[])[] = [];

  for (const { steps, value } of wanted) {
    const place = descend(document.roots[root], steps);
    if (place.rest.length === 0) {
      const edits = replaceValue(document, place.path, value, root);
      if (edits === null) return null;
      groups.push(edits);
      continue;
    }
    const edits = write(document, root, place, value);
    if (edits === null) return null;

    groups.push(edits);
  }
  return joinEdits(...groups);
}

interface Place {
  /** Keys as the file has them. */
  readonly path: DataPath;
  readonly node: DataNode | undefined;
  /** Steps that are not there yet. */
  readonly rest: readonly string[];
}

/** The deepest place on the way to a name, whichever steps share a key. */
function descend(root: DataNode | undefined, steps: readonly string[]): Place {
  let best: Place = { path: [], node: root, rest: steps };
  const visit = (node: DataNode | undefined, path: DataPath, rest: readonly string[]): void => {
    if (rest.length < best.rest.length) best = { path, node, rest };
    if (node?.kind !== 'map' || rest.length === 0) return;
    for (const entry of node.entries) {
      const key = entry.key.replace(/^\[(.*)\]$/, '$1');
      for (let count = 1; count <= rest.length; count++) {
        if (canonical(rest.slice(0, count).join('.')) !== canonical(key)) continue;
        // Values behind an alias belong to their anchor.
        if (entry.value.start >= entry.keyEnd || entry.value.start === entry.value.end)
          visit(entry.value, [...path, entry.key], rest.slice(count));
      }
    }
  };
  visit(root, [], steps);
  return best;
}

function write(document: DataDocument, root: number, place: Place, value: NewValue): readonly TextEdit[] | null {
  const [first, ...deeper] = place.rest;
  if (first === undefined) return null;
  const { node } = place;
  // Where the neighbours have their names in one dotted key each, so has the new one.
  const dotted = node?.kind === 'map' && isDotted(node, place.rest);
  if (dotted) return insertEntries(document, place.path, [{ key: place.rest.join('.'), value }], { root });
  const nested = deeper.toReversed().reduce<NewValue>((inner, step) => ({ [step]: inner }), value);
  return insertEntries(document, place.path, [{ key: first, value: nested }], { root });
}

function isDotted(node: DataMap, rest: readonly string[]): boolean {
  const [first = ''] = rest;
  return (
    rest.length > 1 &&
    node.entries.some(
      ({ key, value }) =>
        value.kind === 'scalar' && key.includes('.') && (key.startsWith(`${first}.`) || rest.length > 2),
    )
  );
}
