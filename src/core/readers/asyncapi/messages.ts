// Messages → the payload schemas they carry, keyed where the schema really stands, so that messages that share a schema share its declaration.
// Headers are no contract of their own here. Formats: AsyncAPI's JSON Schema superset, Avro and Protobuf by `schemaFormat`.
import type { Ref, SchemaFormat, Value } from '../../model/declaration.ts';
import { get, itemsOf, stringOf } from '../../syntax/data.ts';
import type { Here, Path } from '../../syntax/json-reference.ts';
import type { Context } from './context.ts';
import { at, fileRef, locationOfNode, noteSchema, unresolved } from './context.ts';

const NAMELESS = new Set(['message', 'messages', 'payload', 'oneOf', 'schema']);

/** The payloads of the message at a path (of all its `oneOf` in 2.x). Nothing for a message without a payload. */
export function payloadsOf(context: Context, path: Path, fallbackName: string): readonly Ref[] {
  const message = at(context, path);
  switch (message.kind) {
    case 'there':
      return [fileRef(context, message)];
    case 'refused':
    case 'nowhere':
      if (message.ref !== null)
        unresolved(context, message.text, message.why, 'schema', locationOfNode(context, message.ref));
      return [];
    case 'here':
      break;
  }
  const options = itemsOf(get(message.node, 'oneOf'));
  if (options.length > 0 && get(message.node, 'payload') === undefined)
    return unique(options.flatMap((_, index) => payloadsOf(context, [...message.path, 'oneOf', index], fallbackName)));
  return payloadOf(context, message, fallbackName);
}

function payloadOf(context: Context, message: Here, fallbackName: string): readonly Ref[] {
  if (get(message.node, 'payload') === undefined) return [];
  const name = nameOf(message, fallbackName);
  let format = formatOf(stringOf(get(message.node, 'schemaFormat')));
  let path: Path = [...message.path, 'payload'];
  const outer = at(context, path);
  if (outer.kind === 'here') {
    const declared = stringOf(get(outer.node, 'schemaFormat'));
    if (declared !== undefined && get(outer.node, 'schema') !== undefined) {
      format = formatOf(declared);
      path = [...outer.path, 'schema'];
    }
  }
  const schema = at(context, path);
  switch (schema.kind) {
    case 'there':
      return [fileRef(context, schema)];
    case 'refused':
    case 'nowhere':
      if (schema.ref !== null)
        unresolved(context, schema.text, schema.why, 'schema', locationOfNode(context, schema.ref));
      return [];
    case 'here':
      if (schema.node.kind === 'scalar' && schema.node.value === null) return [];
      return [{ kind: 'key', key: noteSchema(context, schema, format, name) }];
  }
}

/** The payloads of all messages of a map (`messages` of a channel), or nothing where there is no such map. */
export function payloadsOfAll(context: Context, path: Path, fallbackName: string): readonly Ref[] {
  const messages = at(context, path);
  if (messages.kind === 'there') return [fileRef(context, messages)];
  if (messages.kind !== 'here' || messages.node.kind !== 'map') return [];
  return unique(
    messages.node.entries.flatMap((entry) => payloadsOf(context, [...messages.path, entry.key], fallbackName)),
  );
}

/** What refs to schemas stand for when another file asks for them; null where they are none. */
export function valueOf(context: Context, refs: readonly Ref[]): Value | null {
  const values = refs.flatMap((ref): Value[] => {
    if (ref.kind === 'key') return [{ kind: 'declaration', key: ref.key }];
    if (ref.kind === 'file')
      return [{ kind: 'symbol', module: moduleOf(context.file.path, ref.file), path: [ref.key] }];
    return [];
  });
  const [only] = values;
  if (only === undefined) return null;
  return values.length === 1
    ? only
    : { kind: 'object', members: new Map(values.map((member, index) => [String(index), member])) };
}

/** The specifier by which one file of the workspace names another. */
function moduleOf(from: string, to: string): string {
  const here = from.split('/').slice(0, -1);
  const there = to.split('/');
  let shared = 0;
  while (shared < here.length && shared < there.length - 1 && here[shared] === there[shared]) shared++;
  return `${'../'.repeat(here.length - shared) || './'}${there.slice(shared).join('/')}`;
}

function nameOf({ node, path }: Here, fallback: string): string {
  const own = stringOf(get(node, 'name')) ?? stringOf(get(node, 'messageId')) ?? stringOf(get(node, 'title'));
  if (own !== undefined && own.trim() !== '') return own;
  const last = path.at(-1);
  return typeof last === 'string' && !NAMELESS.has(last) ? last : fallback;
}

function formatOf(schemaFormat: string | undefined): SchemaFormat {
  if (schemaFormat === undefined || /schema\+(json|yaml)|asyncapi|openapi/i.test(schemaFormat)) return 'json-schema';
  if (/avro/i.test(schemaFormat)) return 'avro';
  if (/proto/i.test(schemaFormat)) return 'protobuf';
  return 'other';
}

/** Refs without repetition, in order. */
export function unique(refs: readonly Ref[]): readonly Ref[] {
  const seen = new Set<string>();
  return refs.filter((ref) => {
    const key = JSON.stringify(ref);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
