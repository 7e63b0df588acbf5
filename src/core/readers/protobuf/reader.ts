// Protobuf files (.proto: proto2, proto3, editions) → one schema per file, and its messages and services for those who refer to them by name.
// Imports are found among the workspace's files. Declares no channels: a service of remote calls sends no events; a file named after a registry's
// subject (`orders-value.proto`) says which topic carries it.
import type { Declaration, FileFacts, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { FilePath, Location, SourceFile } from '../../model/source.ts';
import { locationAt, START_OF_FILE } from '../../model/source.ts';
import type { ProtoMessage, ProtoText } from '../../syntax/protobuf.ts';
import {
  candidateNames,
  fileMessage,
  messagesOf,
  nameInPackage,
  parseProtobuf,
  PROTO_SCALARS,
} from '../../syntax/protobuf.ts';
import { nameWithVersion, subjectOf, SUBJECT_SPACE } from '../../syntax/registry-subject.ts';
import type { Reader } from '../reader.ts';

/** The space of exports that name Protobuf messages by their full names (`shop.orders.v1.OrderPlaced`). */
const TYPE_SPACE = 'protobuf-type';

export const protobufReader: Reader = {
  id: 'protobuf',
  title: 'Protobuf',
  docs: {
    summary: 'Protobuf files: proto2, proto3 and editions.',
    reads: [
      'the file as one schema, named by the only message that none of its others uses, else by the file',
      'messages (top-level and nested) and services, where something refers to them by name: `order.proto#OrderPlaced`, `#shop.orders.v1.OrderPlaced`',
      'imports, found where the folders say: below the folder that the package or the import starts from',
      '`<topic>-value.proto` and `<topic>-key.proto`: the schema of the Kafka topic of that name, where one is in view and nothing else says what it carries',
    ],
    doesNotRead: [
      'channels: a service of remote calls sends no events',
      'modules of the Buf registry and the well-known types: what they declare is taken to be there',
      'the values of custom options',
    ],
  },
  files: ['**/*.proto'],
  languages: ['proto', 'proto3', 'protobuf'],
  grammars: () => [],
  recognises: (text) => /\b(?:message|enum|service|extend|import)\b/.test(text),
  read,
  assemble,
};

/** What is kept of a file until all are known. */
interface Part {
  readonly package: string;
  readonly declares: readonly string[];
  readonly imports: readonly { readonly path: string; readonly at: Location }[];
  readonly uses: readonly Use[];
}

/** A type that the file itself does not declare. */
interface Use {
  readonly what: string;
  /** Full names that it may stand for, the first one first. */
  readonly names: readonly string[];
  /** Keys of the schemas that need it. */
  readonly of: readonly string[];
  readonly at: Location;
}

function read(file: SourceFile): FileFacts {
  const proto = parseProtobuf(file);
  const declarations: Declaration[] = [];
  const placed = ({ start, end }: ProtoText): Location => locationAt(file, start, end);
  const messages = messagesOf(proto);
  const main = fileMessage(proto);
  const stem = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.proto$/i, '');
  if (messages.length > 0)
    declarations.push({
      kind: 'schema',
      key: '#',
      name: nameWithVersion(main?.name.text ?? stem, file.path),
      format: 'protobuf',
      at: main === null ? { file: file.path, range: START_OF_FILE } : placed(main.name),
    });
  for (const { fullName, name } of [...messages, ...proto.services])
    declarations.push(
      {
        kind: 'schema',
        key: fullName,
        name: nameInPackage(fullName, proto.package),
        format: 'protobuf',
        byUse: true,
        at: placed(name),
      },
      {
        kind: 'export',
        space: TYPE_SPACE,
        name: literal(fullName),
        value: { kind: 'key', key: fullName },
        at: placed(name),
      },
    );
  const subject = subjectOf(file.path);
  const [first] = proto.messages;
  if (subject !== null && first !== undefined)
    declarations.push({
      kind: 'export',
      space: SUBJECT_SPACE,
      name: literal(subject.subject),
      value: { kind: 'key', key: '#' },
      at: placed((main ?? first).name),
    });
  const enums = [...proto.enums, ...messages.flatMap((message) => message.enums)];
  const declares = [...messages, ...enums].map(({ fullName }) => fullName);
  const own = new Set(declares);
  const uses: Use[] = [];
  const use = (type: ProtoText, scope: string, of: readonly string[]): void => {
    if (PROTO_SCALARS.has(type.text)) return;
    const names = candidateNames(type.text, scope);
    if (!names.some((name) => own.has(name)))
      uses.push({ what: type.text.replace(/^\./, ''), names, of, at: placed(type) });
  };
  const visit = (message: ProtoMessage, around: readonly string[]): void => {
    const of = [...around, message.fullName];
    for (const { type, group } of message.fields) if (!group) use(type, message.fullName, of);
    for (const inner of message.messages) visit(inner, of);
  };
  for (const message of proto.messages) visit(message, ['#']);
  for (const service of proto.services)
    for (const { input, output } of service.methods)
      for (const type of [input, output]) use(type, proto.package, [service.fullName]);
  const part: Part = {
    package: proto.package,
    declares,
    imports: proto.imports
      .filter(({ how }) => how !== 'option')
      .map(({ path, start, end }) => ({ path, at: locationAt(file, start, end) })),
    uses,
  };
  return { ...NO_FACTS, declarations, problems: proto.problems, parts: new Map([['protobuf', part]]) };
}

/** Imports: which files each file needs, and types that no file declares. O(imports × files of one name + uses). */
function assemble(parts: ReadonlyMap<FilePath, unknown>): ReadonlyMap<FilePath, FileFacts> {
  const known = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)) as readonly (readonly [FilePath, Part])[];
  const byName = new Map<string, FilePath[]>();
  const declared = new Set<string>();
  for (const [path, part] of known) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [path]);
    else list.push(path);
    for (const type of part.declares) declared.add(type);
  }
  const result = new Map<FilePath, FileFacts>();
  for (const [path, part] of known) {
    const needs: Need[] = [];
    let open = false;
    for (const { path: wanted, at } of part.imports) {
      const found = findImport(wanted, path, byName.get(wanted.slice(wanted.lastIndexOf('/') + 1)) ?? []);
      if (found !== null) needs.push({ file: found, pointer: '', at });
      else if (!wanted.startsWith('google/')) open = true;
    }
    const missing = new Map<string, Use>();
    for (const use of part.uses) {
      // Where every import is found, what remains is a slip that the compiler tells.
      if (use.names.some((name) => declared.has(name)) || !open || isWellKnown(use.what)) continue;
      const before = missing.get(use.what);
      missing.set(use.what, before === undefined ? use : { ...before, of: [...new Set([...before.of, ...use.of])] });
    }
    const declarations = [...missing.values()].map(({ what, of, at }): Declaration => ({
      kind: 'unresolved',
      what,
      why: 'no Protobuf file of the workspace declares this type',
      role: 'schema',
      ofSchemas: of,
      at,
    }));
    if (needs.length > 0 || declarations.length > 0) result.set(path, { ...NO_FACTS, declarations, needs });
  }
  return result;
}

/** Types that come with the compiler. */
function isWellKnown(type: string): boolean {
  return type.startsWith('google.');
}

/**
 * The file that an import means: imports are relative to a root that no file names. It is above the importing file, so of the files that end in the
 * import's path the one that shares most folders with the importing file is meant.
 */
function findImport(wanted: string, from: FilePath, candidates: readonly FilePath[]): FilePath | null {
  const folders = from.split('/').slice(0, -1);
  let best: { readonly file: FilePath; readonly shared: number } | null = null;
  for (const file of candidates) {
    if (file === from || (file !== wanted && !file.endsWith(`/${wanted}`))) continue;
    const root = file.slice(0, Math.max(0, file.length - wanted.length - 1));
    const steps = root === '' ? [] : root.split('/');
    let shared = 0;
    while (shared < folders.length && shared < steps.length && folders[shared] === steps[shared]) shared++;
    if (best === null || shared > best.shared) best = { file, shared };
  }
  return best?.file ?? null;
}
