// The edit that adds an entry to a list of `eventscape.yaml`, which is made where there is none.
import { CONFIG_FILES } from './config-file.ts';
import type { TextEdit } from './model/edit.ts';
import type { SourceFile } from './model/source.ts';
import { rangeAt, START_OF_FILE } from './model/source.ts';
import { insertEntries } from './syntax/data-edit.ts';
import { get } from './syntax/data.ts';
import { parseData } from './syntax/parse-data.ts';

/** Adds one entry behind the last of the list `key`; `config` null: the workspace has no such file. */
export function addToConfig(
  config: SourceFile | null,
  key: 'ignore' | 'pins',
  entry: Readonly<Record<string, string>>,
): readonly TextEdit[] {
  const lines = Object.entries(entry).map(
    ([name, value], index) => `${index === 0 ? '  - ' : '    '}${name}: ${scalar(value)}`,
  );
  if (config === null)
    return [
      { file: CONFIG_FILES[0] ?? 'eventscape.yaml', range: START_OF_FILE, newText: `${key}:\n${lines.join('\n')}\n` },
    ];
  const document = parseData(config);
  const list = get(document.roots[0], key);
  const last = list?.kind === 'seq' && !list.flow ? list.items.at(-1) : undefined;
  if (last !== undefined && list?.kind === 'seq') {
    const lineStart = config.text.lastIndexOf('\n', last.start) + 1;
    const indent = ' '.repeat(Math.max(0, config.text.slice(lineStart, last.start).indexOf('-')));
    const text = lines.map((line) => `\n${indent}${line.slice(2)}`).join('');
    return [{ file: config.path, range: rangeAt(config, last.end, last.end), newText: text }];
  }
  const edits = document.roots.length === 0 ? null : insertEntries(document, [], [{ key, value: [entry] }]);
  if (edits !== null && list === undefined) return edits;
  const end = rangeAt(config, config.text.length, config.text.length);
  return [
    {
      file: config.path,
      range: end,
      newText: `${config.text === '' || config.text.endsWith('\n') ? '' : '\n'}${key}:\n${lines.join('\n')}\n`,
    },
  ];
}

function scalar(text: string): string {
  return /^[\w./-]+$/.test(text) && !/^(true|false|null|yes|no|~|-?\d.*)$/i.test(text) && !text.startsWith('-')
    ? text
    : JSON.stringify(text);
}
