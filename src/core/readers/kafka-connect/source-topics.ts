// Which topics a source connector writes, as far as its settings say: Debezium, JDBC, and those with one `topic`. A transformation that renames
// records makes all of them unknown.
import type { Connector, ConnectSetting } from './connector.ts';

/** Topics by name, or why they cannot be known. */
export type SourceTopics =
  | { readonly kind: 'topics'; readonly topics: readonly { readonly name: string; readonly setting: ConnectSetting }[] }
  | { readonly kind: 'unknown'; readonly setting: ConnectSetting; readonly why: string };

const RENAMING = /router|extracttopic|renametopic|topicrename|settopic/i;
const TABLE_LISTS = ['table.include.list', 'table.whitelist', 'collection.include.list', 'collection.whitelist'];
/** A list entry that stands for one table: these lists hold regular expressions, in which a lone dot means itself in practice. */
const PLAIN = /^[\w$-]+(?:\\?\.[\w$-]+)*$/;

export function sourceTopics({ settings }: Connector): SourceTopics {
  const anchor = settings.get('connector.class') ?? [...settings.values()][0];
  if (anchor === undefined) return { kind: 'topics', topics: [] };
  const className = anchor.text;
  for (const [key, setting] of settings)
    if (/^transforms\.[^.]+\.type$/.test(key) && RENAMING.test(setting.text) && !/HeaderTo/.test(setting.text))
      return {
        kind: 'unknown',
        setting,
        why: `the transformation ${setting.text.slice(setting.text.lastIndexOf('.') + 1)} names the topic per record`,
      };
  if (/mirror/i.test(className))
    return { kind: 'unknown', setting: settings.get('topics') ?? anchor, why: 'it mirrors topics of another cluster' };
  const single =
    settings.get('kafka.topic') ?? settings.get('topic') ?? settings.get('kafka.topics') ?? settings.get('topic.name');
  if (single !== undefined && single.text !== '')
    return { kind: 'topics', topics: [{ name: single.text, setting: single }] };
  const prefix = settings.get('topic.prefix') ?? settings.get('database.server.name') ?? settings.get('mongodb.name');
  const list = TABLE_LISTS.map((key) => settings.get(key)).find((setting) => setting !== undefined);
  const debezium = /debezium|Cdc/.test(className);
  if (prefix === undefined) return { kind: 'unknown', setting: anchor, why: 'its settings name no topic' };
  if (!debezium && settings.has('query')) return { kind: 'topics', topics: [{ name: prefix.text, setting: prefix }] };
  if (list === undefined)
    return { kind: 'unknown', setting: prefix, why: `a topic for each table, under ${prefix.text}` };
  const entries = list.text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0 || !entries.every((entry) => PLAIN.test(entry)))
    return { kind: 'unknown', setting: list, why: 'which tables match is known to the database alone' };
  const separator = debezium || /mongo/i.test(className) ? (settings.get('topic.delimiter')?.text ?? '.') : '';
  return {
    kind: 'topics',
    topics: entries.map((entry) => {
      const table = entry.replaceAll('\\.', '.');
      // JDBC takes the table's own name, Debezium the whole of it.
      return {
        name: prefix.text + separator + (debezium || separator !== '' ? table : (table.split('.').at(-1) ?? table)),
        setting: list,
      };
    }),
  };
}
