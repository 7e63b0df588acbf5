// What tells a schema from other data: by shape alone, for files that nothing else describes (`$ref` fragments, schema libraries).
import type { DataNode } from './data.ts';
import { get, itemsOf, stringOf } from './data.ts';

const TYPES = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const AVRO_TYPES = new Set(['record', 'enum', 'fixed']);

/** The language of a node that looks like a schema, or null. A map of schemas under names of its own is none. */
export function schemaShape(node: DataNode): 'json-schema' | 'avro' | null {
  if (node.kind !== 'map') return null;
  const type = get(node, 'type');
  const name = stringOf(type);
  if (name !== undefined && AVRO_TYPES.has(name) && stringOf(get(node, 'name')) !== undefined) return 'avro';
  if (name !== undefined && TYPES.has(name)) return 'json-schema';
  if (type?.kind === 'seq' && type.items.length > 0 && type.items.every((item) => TYPES.has(stringOf(item) ?? '')))
    return 'json-schema';
  if (get(node, 'properties')?.kind === 'map' && type === undefined) return 'json-schema';
  if (['allOf', 'anyOf', 'oneOf', 'enum'].some((key) => itemsOf(get(node, key)).length > 0)) return 'json-schema';
  return null;
}
