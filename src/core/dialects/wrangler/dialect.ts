// How Wrangler's configuration (TOML, JSON, JSONC) writes guards of a queue consumer: `dead_letter_queue` and `max_retries`. Wrangler makes no
// queue: the dead-letter queue is created with its command before the next deployment.
import type { Dialect } from '../../model/dialect.ts';
import type { TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import { rangeAt } from '../../model/source.ts';
import { entriesOf, get, getIn, itemsOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import type { DataPath } from '../../syntax/data-edit.ts';
import { insertEntries, replaceValue } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { insertTomlEntries, parseToml } from '../../syntax/toml.ts';

const RETRIES = 3;

export const wranglerDialect: Dialect = {
  id: 'wrangler',
  title: 'Cloudflare Wrangler',
  write({ kind, handle, ...guard }, context) {
    const file = context.source(handle.at.file);
    if (file === null || handle.role !== 'consumer') return null;
    const isToml = file.path.endsWith('.toml');
    const root = isToml ? parseToml(file).root : parseData(file).roots[0];
    const queue = textOf(get(getIn(root, handle.path), 'queue'));
    if (root === undefined || queue === undefined) return null;
    if (kind === 'retry') {
      const edits = put(file, isToml, handle.path, 'max_retries', RETRIES);
      return edits === null ? null : { title: `Allow ${RETRIES} retries of ${queue}`, safe: true, edits };
    }
    if (kind !== 'dead-letter' || !('suggestedName' in guard)) return null;
    const edits = put(file, isToml, handle.path, 'dead_letter_queue', queue + suffixOf(root));
    return edits === null
      ? null
      : { title: `Send what fails of ${queue} to ${queue + suffixOf(root)}`, safe: true, edits };
  },
};

function put(
  file: SourceFile,
  isToml: boolean,
  path: DataPath,
  key: string,
  value: string | number,
): readonly TextEdit[] | null {
  if (!isToml) {
    const document = parseData(file);
    return get(getIn(document.roots[0], path), key) === undefined
      ? insertEntries(document, path, [{ key, value }])
      : replaceValue(document, [...path, key], value);
  }
  const document = parseToml(file);
  const table = getIn(document.root, path);
  const known = get(table, key);
  if (known !== undefined)
    return [
      {
        file: file.path,
        range: rangeAt(file, known.start, known.end),
        newText: typeof value === 'string' ? JSON.stringify(value) : String(value),
      },
    ];
  return table?.kind === 'map' ? insertTomlEntries(document, table, [[key, value]]) : null;
}

/** The ending that the file's other dead-letter queues have. */
function suffixOf(root: DataNode): string {
  const tables = [get(root, 'queues'), ...entriesOf(get(root, 'env')).map(({ value }) => get(value, 'queues'))];
  for (const consumer of tables.flatMap((table) => itemsOf(get(table, 'consumers')))) {
    const queue = textOf(get(consumer, 'queue'));
    const dead = textOf(get(consumer, 'dead_letter_queue'));
    if (queue !== undefined && dead !== undefined && dead.startsWith(queue) && dead.length > queue.length)
      return dead.slice(queue.length);
  }
  return '-dlq';
}
