// How a sink connector's configuration writes a dead-letter queue: tolerance, topic, headers and log, in JSON and in .properties.
import type { Dialect } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import { offsetAt, rangeAt } from '../../model/source.ts';
import { get, getIn, textOf } from '../../syntax/data.ts';
import { insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { insertLines, parseProperties } from '../../syntax/properties.ts';

const TARGET = 'errors.deadletterqueue.topic.name';

export const kafkaConnectDialect: Dialect = {
  id: 'kafka-connect',
  title: 'Kafka Connect',
  write({ kind, handle }, context) {
    const file = context.source(handle.at.file);
    if (file === null || kind !== 'dead-letter' || handle.role !== 'sink') return null;
    return file.path.endsWith('.properties')
      ? inProperties(file, offsetAt(file, handle.at.range.start))
      : inJson(file, handle.path);
  },
};

/** What a dead-letter queue takes, in order; what is written already is left out, a tolerance of none replaced. */
function wanted(connector: string): readonly (readonly [string, string])[] {
  return [
    ['errors.tolerance', 'all'],
    [TARGET, `${connector}-dlq`],
    ['errors.deadletterqueue.topic.replication.factor', '3'],
    ['errors.deadletterqueue.context.headers.enable', 'true'],
    ['errors.log.enable', 'true'],
  ];
}

function inJson(file: SourceFile, path: readonly (string | number)[]): Fix | null {
  const document = parseData(file);
  const [root] = document.roots;
  const settings = getIn(root, path);
  if (document.problems.length > 0 || settings?.kind !== 'map') return null;
  const outer = path.at(-1) === 'config' ? getIn(root, path.slice(0, -1)) : undefined;
  const name = textOf(get(outer, 'name')) ?? textOf(get(settings, 'name')) ?? stemOf(file.path);
  const edits: (readonly TextEdit[] | null)[] = [];
  const fresh: { readonly key: string; readonly value: string }[] = [];
  for (const [key, value] of wanted(name)) {
    const known = get(settings, key);
    if (known === undefined) fresh.push({ key, value });
    else if ((key === 'errors.tolerance' && textOf(known) !== value) || (key === TARGET && textOf(known) === ''))
      edits.push(replaceValue(document, [...path, key], value));
  }
  if (fresh.length > 0) edits.push(insertEntries(document, path, fresh));
  const written = edits.flatMap((edit) => (edit === null ? [] : [edit]));
  return written.length < edits.length || written.length === 0 ? null : fixOf(name, joinEdits(...written));
}

function inProperties(file: SourceFile, offset: number): Fix | null {
  const entries = parseProperties(file.text);
  const name = entries.findLast(({ key }) => key === 'name')?.value ?? stemOf(file.path);
  const edits: TextEdit[] = [];
  const lines: string[] = [];
  for (const [key, value] of wanted(name)) {
    const known = entries.findLast((entry) => entry.key === key);
    if (known === undefined) lines.push(`${key}=${value}`);
    else if ((key === 'errors.tolerance' && known.value !== value) || (key === TARGET && known.value === ''))
      edits.push({ file: file.path, range: rangeAt(file, known.valueStart, known.valueEnd), newText: value });
  }
  const behind = Math.max(
    offset,
    ...entries
      .filter(({ key }) => key.startsWith('errors.') || key.startsWith('topics'))
      .map(({ valueEnd }) => valueEnd),
  );
  const all = joinEdits(edits, lines.length === 0 ? [] : [insertLines(file, behind, lines)]);
  return all.length === 0 ? null : fixOf(name, all);
}

function fixOf(connector: string, edits: readonly TextEdit[]): Fix {
  // A connector that stopped at a bad record goes on past it from now on: that is the guard, and nothing else changes.
  return { title: `Add a dead-letter topic to ${connector}`, safe: true, edits };
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.(?:jsonc?|properties)$/, '');
}
