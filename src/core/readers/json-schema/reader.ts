// Standalone JSON Schema files (a `$schema` of json-schema.org, or `*.schema.json`) → schema declarations: the root, and what `$defs` and
// `definitions` hold, for those who refer to it. Drafts 4 to 2020-12. Declares no channels: a schema is a contract where something refers to it.
import type { Declaration, FileFacts, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { CLOUD_EVENT_SPACE, cloudEventOf } from '../../syntax/cloud-events.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, keyLocation, locationOf, stringOf } from '../../syntax/data.ts';
import { filesReferencedBy, keyOf, parseReference } from '../../syntax/json-reference.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { nameWithVersion, subjectOf, SUBJECT_SPACE } from '../../syntax/registry-subject.ts';
import type { Reader } from '../reader.ts';

export const jsonSchemaReader: Reader = {
  id: 'json-schema',
  title: 'JSON Schema',
  docs: {
    summary: 'JSON Schema files, drafts 4 to 2020-12, in JSON and YAML.',
    reads: [
      'files whose `$schema` is a draft of json-schema.org, and `*.schema.json`, `*.schema.yaml`',
      'the schema itself, named by its `title`, else by the file',
      'entries of `$defs` and `definitions`, where something refers to them',
      'other files of the workspace that a `$ref` names: a change there is a change of what refers to it',
      '`<topic>-value.json` and `<topic>-key.json`: the schema of the Kafka topic of that name, where one is in view and nothing else says what it carries',
      'envelopes of CloudEvents whose `type` is a `const` or `enum`: consumers that filter for exactly this type read them, or the file that `dataschema` names',
    ],
    doesNotRead: [
      'channels: a schema says nothing of who sends it',
      'anchors (`$anchor`, `$dynamicRef`)',
      'meta-schemas, and schemas that describe the configuration of tools',
    ],
  },
  files: ['**/*.json', '**/*.schema.{yaml,yml}'],
  languages: ['json', 'yaml'],
  grammars: () => [],
  recognises: (text, path) =>
    (/\.schema\.(?:json|ya?ml)$/i.test(path) &&
      /["']?(?:\$schema|type|properties|allOf|anyOf|oneOf|\$ref|enum|\$defs|definitions)["']?\s*:/.test(text)) ||
    (subjectOf(path) !== null && /"(?:properties|allOf|anyOf|oneOf)"\s*:/.test(text) && !AVRO.test(text)) ||
    DRAFT.test(text.slice(0, HEAD)),
  read,
};

/** `$schema` stands at the top wherever people or tools write one. */
const HEAD = 4096;
const DRAFT =
  /["']?\$schema["']?\s*:\s*["']?https?:\/\/json-schema\.org\/(?:draft-0[3-7]|draft\/20\d\d-\d\d)\/(?:hyper-)?schema#?/;
const AVRO = /"type"\s*:\s*"record"/;
const META = /^https?:\/\/json-schema\.org\//;

function read(file: SourceFile): FileFacts {
  const document = parseData(file);
  const [root] = document.roots;
  if (root?.kind !== 'map' || isSomethingElse(root)) return { ...NO_FACTS, problems: document.problems };
  const declarations: Declaration[] = [];
  if (hasBody(root))
    declarations.push({
      kind: 'schema',
      key: '#',
      name: nameWithVersion(nameOf(file, root), file.path),
      format: 'json-schema',
      at: placeOf(file, root),
    });
  const needs = new Map<string, Need>();
  for (const [target, ref] of filesReferencedBy(file, root))
    needs.set(target, { file: target, pointer: '', at: locationOf(file, ref) });
  if (hasBody(root)) declarations.push(...namesOf(file, root, needs));
  for (const library of ['$defs', 'definitions'])
    for (const entry of entriesOf(get(root, library)))
      declarations.push({
        kind: 'schema',
        key: keyOf([library, entry.key]),
        name: stringOf(get(entry.value, 'title')) ?? entry.key,
        format: 'json-schema',
        byUse: true,
        at: keyLocation(file, entry),
      });
  return { ...NO_FACTS, declarations, needs: [...needs.values()], problems: document.problems };
}

/** The names under which others know the root: a registry's subject, the type of a CloudEvent. */
function namesOf(file: SourceFile, root: DataNode, needs: Map<string, Need>): readonly Declaration[] {
  const at = placeOf(file, root);
  const own = { kind: 'key', key: '#' } as const;
  const result: Declaration[] = [];
  const subject = subjectOf(file.path);
  if (subject !== null)
    result.push({ kind: 'export', space: SUBJECT_SPACE, name: literal(subject.subject), value: own, at });
  const envelope = cloudEventOf(root);
  const written = stringOf(envelope?.dataSchema);
  const target = written === undefined ? null : parseReference(file.path, written);
  if (target?.kind === 'there' && envelope?.dataSchema !== undefined)
    needs.set(target.file, {
      file: target.file,
      pointer: keyOf(target.path).slice(1),
      at: locationOf(file, envelope.dataSchema),
    });
  for (const type of envelope?.types ?? [])
    result.push({
      kind: 'export',
      space: CLOUD_EVENT_SPACE,
      name: literal(type),
      value: target?.kind === 'there' ? { kind: 'file', file: target.file, key: keyOf(target.path) } : own,
      at,
    });
  return result;
}

/** Meta-schemas, and data that merely names its schema. */
function isSomethingElse(root: DataNode): boolean {
  const id = stringOf(get(root, '$id')) ?? stringOf(get(root, 'id')) ?? '';
  return META.test(id) || get(root, 'asyncapi') !== undefined || get(root, 'openapi') !== undefined;
}

/** Whether the root constrains anything itself; a file of definitions alone does not. */
function hasBody(root: DataNode): boolean {
  return [
    'type',
    'properties',
    'allOf',
    'anyOf',
    'oneOf',
    'not',
    '$ref',
    'enum',
    'const',
    'items',
    'required',
    'patternProperties',
    'additionalProperties',
    'if',
  ].some((key) => get(root, key) !== undefined);
}

function nameOf(file: SourceFile, root: DataNode): string {
  const title = stringOf(get(root, 'title'))?.trim();
  if (title !== undefined && title !== '') return title;
  return file.path.slice(file.path.lastIndexOf('/') + 1).replace(/(?:\.schema)?\.(?:json|ya?ml)$/i, '');
}

function placeOf(file: SourceFile, root: DataNode): Location {
  const title = entryOf(root, 'title') ?? entriesOf(root)[0];
  return title === undefined ? locationAt(file, root.start, root.end) : keyLocation(file, title);
}
