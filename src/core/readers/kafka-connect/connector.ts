// A connector's configuration, wherever it is written: JSON as the REST API takes it (`{name, config}`), JSON with the keys alone, a list of
// either, or a .properties file of a standalone worker → its settings with their places.
import type { Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { entriesOf, get, itemsOf, locationOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { parseProperties } from '../../syntax/properties.ts';

/** A setting as written. */
export interface ConnectSetting {
  readonly text: string;
  readonly at: Location;
}

export interface Connector {
  readonly name: string;
  readonly nameAt: Location;
  /** Keys from the document's root to the map of settings; empty in .properties files. */
  readonly path: readonly (string | number)[];
  readonly settings: ReadonlyMap<string, ConnectSetting>;
  readonly direction: 'sink' | 'source' | null;
}

/** The connectors of a file, in its order. */
export function readConnectors(file: SourceFile): readonly Connector[] {
  if (file.path.endsWith('.properties')) {
    const settings = new Map<string, ConnectSetting>();
    for (const { key, value, valueStart, valueEnd } of parseProperties(file.text))
      settings.set(key, { text: value, at: locationAt(file, valueStart, valueEnd) });
    return connectorOf(file, settings, [], undefined);
  }
  const [root] = parseData(file).roots;
  if (root === undefined) return [];
  const lists: readonly { readonly node: DataNode; readonly path: readonly (string | number)[] }[] =
    root.kind === 'seq'
      ? root.items.map((node, index) => ({ node, path: [index] }))
      : root.kind === 'map' && get(root, 'connectors')?.kind === 'seq'
        ? itemsOf(get(root, 'connectors')).map((node, index) => ({ node, path: ['connectors', index] }))
        : [{ node: root, path: [] }];
  return lists.flatMap(({ node, path }) => {
    const inner = get(node, 'config');
    const isWrapped = inner?.kind === 'map' && get(inner, 'connector.class') !== undefined;
    const settings = new Map<string, ConnectSetting>();
    for (const { key, value } of entriesOf(isWrapped ? inner : node)) {
      const text = textOf(value);
      if (text !== undefined) settings.set(key, { text, at: locationOf(file, value) });
    }
    return connectorOf(
      file,
      settings,
      isWrapped ? [...path, 'config'] : path,
      isWrapped ? get(node, 'name') : undefined,
    );
  });
}

function connectorOf(
  file: SourceFile,
  settings: ReadonlyMap<string, ConnectSetting>,
  path: readonly (string | number)[],
  outer: DataNode | undefined,
): readonly Connector[] {
  const kind = settings.get('connector.class');
  if (kind === undefined) return [];
  const written = textOf(outer);
  const own = settings.get('name');
  const named = outer !== undefined && written !== undefined ? { text: written, at: locationOf(file, outer) } : own;
  const stem = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.(?:json|jsonc|properties)$/, '');
  return [
    {
      name: named === undefined || named.text === '' ? stem : named.text,
      nameAt: named?.at ?? kind.at,
      path,
      settings,
      direction: directionOf(kind.text, settings),
    },
  ];
}

/** By the class's name; a class of another name by whether it has topics to read or one to write. */
function directionOf(className: string, settings: ReadonlyMap<string, ConnectSetting>): Connector['direction'] {
  const name = className.slice(className.lastIndexOf('.') + 1);
  if (/sink/i.test(name)) return 'sink';
  if (/source|mirror/i.test(name) || className.startsWith('io.debezium.connector.')) return 'source';
  if (/sink/i.test(className)) return 'sink';
  if (/source/i.test(className)) return 'source';
  if (settings.has('topics') || settings.has('topics.regex')) return 'sink';
  return settings.has('kafka.topic') || settings.has('topic.prefix') ? 'source' : null;
}
