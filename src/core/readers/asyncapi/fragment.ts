// Files that documents refer to (`messages.yaml#/OrderPlaced`, `order.avsc`): what each pointer that is asked for stands for, told by its shape.
// Messages, channels' addresses and messages, and schemas are offered under their pointers; operations are attributed to the document whose
// channel they use. Types of Avro and Protobuf files are also found by their names. Servers, parameters and traits of other files are not read.
import type { Binding, Declaration, FileFacts, Ref, SchemaFormat, Value } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { SourceFile } from '../../model/source.ts';
import { locationAt, START_OF_FILE } from '../../model/source.ts';
import { entriesOf, get, itemsOf, parsePointer, stringOf, textOf } from '../../syntax/data.ts';
import type { DataNode } from '../../syntax/data.ts';
import type { Here } from '../../syntax/json-reference.ts';
import { keyOf, referenceOf } from '../../syntax/json-reference.ts';
import { schemaShape } from '../../syntax/json-schema-shape.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { declaredAs, nameInPackage, parseProtobuf } from '../../syntax/protobuf.ts';
import type { Context } from './context.ts';
import {
  at,
  createContext,
  factsOf,
  fileRef,
  fileStem,
  noteSchema,
  placeOf,
  SERVICE_KEY,
  unresolved,
} from './context.ts';
import { DIALECT, unknownFailure } from './failure.ts';
import { payloadsOf, payloadsOfAll, valueOf } from './messages.ts';

/** Schema languages that are no JSON or YAML: such a file is one schema. */
const TEXTS: ReadonlyMap<string, SchemaFormat> = new Map<string, SchemaFormat>([
  ['proto', 'protobuf'],
  ['xsd', 'other'],
  ['raml', 'other'],
]);

/** What only messages have. */
const MESSAGE_KEYS = [
  'headers',
  'contentType',
  'correlationId',
  'messageId',
  'summary',
  'bindings',
  'traits',
  'schemaFormat',
] as const;

/** Reads what stands at pointers of a file. */
export function readFragment(file: SourceFile, pointers: readonly string[]): FileFacts {
  const format = TEXTS.get(/\.([a-z0-9]+)$/i.exec(file.path)?.[1]?.toLowerCase() ?? '');
  if (format !== undefined) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
    const start = { file: file.path, range: START_OF_FILE };
    const declarations: Declaration[] = [{ kind: 'schema', key: '#', name, format, at: start }];
    const bindings: Binding[] = [{ name: '#', exported: true, value: { kind: 'declaration', key: '#' }, at: start }];
    if (format === 'protobuf') offerMessages(file, pointers, declarations, bindings);
    return { ...NO_FACTS, declarations, bindings };
  }
  const document = parseData(file);
  const [root] = document.roots;
  const context = createContext(file, document, textOf(get(root, 'asyncapi'))?.startsWith('2') === true ? 2 : 3);
  for (const pointer of pointers) {
    const path = parsePointer(pointer);
    if (path !== null) answer(context, (isAvro(file) ? avroTypeAt(root, path) : null) ?? path, keyOf(path));
  }
  return factsOf(context);
}

/** Messages of a Protobuf file under the names that are asked for. */
function offerMessages(
  file: SourceFile,
  pointers: readonly string[],
  declarations: Declaration[],
  bindings: Binding[],
): void {
  const proto = parseProtobuf(file);
  for (const pointer of pointers) {
    const path = parsePointer(pointer);
    const message = path === null || path.length !== 1 ? null : declaredAs(proto, path[0] ?? '');
    if (path === null || message === null) continue;
    const key = message.fullName;
    const place = locationAt(file, message.name.start, message.name.end);
    declarations.push({
      kind: 'schema',
      key,
      name: nameInPackage(key, proto.package),
      format: 'protobuf',
      byUse: true,
      at: place,
    });
    bindings.push({ name: keyOf(path), exported: true, value: { kind: 'declaration', key }, at: place });
  }
}

function isAvro(file: SourceFile): boolean {
  return /\.(?:avsc|avdl)$/i.test(file.path);
}

/** Where the type stands that a name means, among the types at the top of an Avro file; null where it is no name. */
function avroTypeAt(root: DataNode | undefined, path: readonly string[]): readonly string[] | null {
  const [name, ...further] = path;
  if (name === undefined || further.length > 0 || get(root, name) !== undefined) return null;
  const named = (node: DataNode | undefined): boolean => {
    const own = stringOf(get(node, 'name')) ?? '';
    const namespace = stringOf(get(node, 'namespace')) ?? '';
    return own !== '' && (own === name || `${namespace}.${own}` === name || own.endsWith(`.${name}`));
  };
  if (named(root)) return [];
  const index = itemsOf(root).findIndex((item) => named(item));
  return index < 0 ? null : [String(index)];
}

function answer(context: Context, path: readonly string[], asked: string): void {
  const target = at(context, path);
  if (target.kind === 'there') {
    fileRef(context, target);
    // Whoever asked for a channel goes on to ask for its address and messages.
    for (const part of ['', '/address', '/messages'])
      offer(
        context,
        `${asked}${part}`,
        { kind: 'symbol', module: target.module, path: [`${target.key}${part}`] },
        target.ref,
      );
    return;
  }
  if (target.kind !== 'here') {
    if (target.ref !== null)
      unresolved(context, target.text, target.why, 'other', {
        file: context.file.path,
        range: placeOf(context, { kind: 'here', path, node: target.ref, entry: null }).range,
      });
    return;
  }
  const { node } = target;
  const label = path.at(-1) ?? fileStem(context.file.path);
  if (isOperation(node)) readOperation(context, target, label);
  else if (isChannel(node)) {
    const address = textOf(get(node, 'address'));
    offer(
      context,
      `${asked}/address`,
      address === undefined ? { kind: 'unknown', text: '', reason: 'its address is not written' } : literal(address),
      node,
    );
    offer(
      context,
      `${asked}/messages`,
      valueOf(context, payloadsOfAll(context, [...target.path, 'messages'], label)),
      node,
    );
  } else if (isMessage(node)) offer(context, asked, valueOf(context, payloadsOf(context, target.path, label)), node);
  else if (isMessageMap(node))
    offer(context, asked, valueOf(context, payloadsOfAll(context, target.path, label)), node);
  else {
    const key = noteSchema(context, target, schemaShape(node) ?? (isAvro(context.file) ? 'avro' : 'json-schema'), null);
    offer(context, asked, { kind: 'declaration', key }, node);
  }
}

function offer(context: Context, name: string, value: Value | null, node: DataNode): void {
  if (value === null) return;
  const { range } = placeOf(context, { kind: 'here', path: [], node, entry: null });
  context.bindings.push({ name, exported: true, value, at: { file: context.file.path, range } });
}

function isMessage(node: DataNode): boolean {
  if (get(node, 'payload') !== undefined) return true;
  if (schemaShape(node) === null) return MESSAGE_KEYS.some((key) => get(node, key) !== undefined);
  const options = itemsOf(get(node, 'oneOf'));
  return options.length > 0 && options.every((option) => get(option, 'payload') !== undefined);
}

function isMessageMap(node: DataNode): boolean {
  const entries = entriesOf(node);
  return (
    entries.length > 0 &&
    schemaShape(node) === null &&
    entries.every(({ value }) => isMessage(value) || referenceOf(value) !== undefined)
  );
}

function isChannel(node: DataNode): boolean {
  return (
    get(node, 'address')?.kind === 'scalar' || (get(node, 'messages')?.kind === 'map' && schemaShape(node) === null)
  );
}

function isOperation(node: DataNode): boolean {
  const action = stringOf(get(node, 'action'));
  return (action === 'send' || action === 'receive') && get(node, 'channel')?.kind === 'map';
}

/** An operation belongs to the document whose channel it uses: the specification lets it use no other. */
function readOperation(context: Context, operation: Here, label: string): void {
  const { node, path } = operation;
  const place = placeOf(context, operation);
  const direction = stringOf(get(node, 'action')) === 'send' ? 'send' : 'receive';
  const channel = at(context, [...path, 'channel']);
  if (channel.kind !== 'there' || !/^#\/channels\/[^/]+$/.test(channel.key)) {
    unresolved(
      context,
      `operation ${label}`,
      'the document that it belongs to cannot be told from this file',
      direction,
      place,
    );
    return;
  }
  const ref = fileRef(context, channel);
  const service: Ref = { kind: 'file', file: channel.file, key: SERVICE_KEY };
  const listed = get(node, 'messages');
  const schemas: readonly Ref[] =
    listed?.kind === 'seq'
      ? listed.items.flatMap((_, index) => payloadsOf(context, [...path, 'messages', index], label))
      : [{ kind: 'file', file: channel.file, key: `${channel.key}/messages` }];
  const why = `operation ${label}, action: ${direction}`;
  if (direction === 'send') {
    context.declarations.push({ kind: 'send', service, channel: ref, schemas, confidence: 'declared', why, at: place });
    return;
  }
  const failure = unknownFailure('unknown', { dialect: DIALECT, at: place, path, role: 'operation' });
  context.declarations.push({
    kind: 'receive',
    service,
    channel: ref,
    subscription: null,
    schemas,
    failure,
    settings: new Map(),
    confidence: 'declared',
    why,
    at: place,
  });
}
