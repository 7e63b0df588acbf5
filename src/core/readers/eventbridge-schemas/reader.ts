// Schema files of EventBridge's registry (OpenAPI 3 or JSON Schema draft 4 with `x-amazon-events-detail-type`) → the schema of each event's detail,
// and the source and detail type under which rules ask for it. Says nothing of channels: rules' patterns do.
import type { Declaration, FileFacts } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { SourceFile } from '../../model/source.ts';
import { DETAIL_TYPE_SPACE, EVENT_SPACE } from '../../syntax/aws/event-schemas.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, itemsOf, keyLocation, locationOf, stringOf } from '../../syntax/data.ts';
import type { Here, Path } from '../../syntax/json-reference.ts';
import { filesReferencedBy, keyOf, locate } from '../../syntax/json-reference.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';

const DETAIL_TYPE = 'x-amazon-events-detail-type';
/** People who write such files by hand spell it in several ways. */
const SOURCE = /^x-amazon-events?-sources?$/;

export const eventbridgeSchemasReader: Reader = {
  id: 'eventbridge-schemas',
  title: 'EventBridge schemas',
  docs: {
    summary: 'Schema files of the EventBridge schema registry, as it exports them.',
    reads: [
      'OpenAPI 3 and JSON Schema draft 4 files with `x-amazon-events-detail-type` and `x-amazon-events-source`, in JSON and YAML',
      'the schema of `detail`, named by its definition, else by the detail type',
      'rules of CloudFormation, SAM and `serverless.yml` whose pattern writes out the detail type (and, where it asks for a source, the source): their consumers read that schema',
    ],
    doesNotRead: [
      'schemas within a template (`AWS::EventSchemas::Schema`) or within code',
      'patterns that ask by prefix, suffix, wildcard or exclusion, or by the source alone',
      'versions that only the registry knows',
    ],
  },
  files: ['**/*.{json,yaml,yml}'],
  languages: ['json', 'yaml'],
  grammars: () => [],
  recognises: (text) => text.includes(DETAIL_TYPE) && /["']?(?:openapi|\$schema|properties)["']?\s*:/.test(text),
  read,
};

function read(file: SourceFile): FileFacts {
  const document = parseData(file);
  const [root] = document.roots;
  const declarations: Declaration[] = [];
  const keys = new Set<string>();
  for (const { path, node } of eventsOf(root)) {
    const detailType = stringOf(get(node, DETAIL_TYPE));
    const source = stringOf(entriesOf(node).find((entry) => SOURCE.test(entry.key))?.value);
    const place = entryOf(node, DETAIL_TYPE);
    if (detailType === undefined || place === undefined) continue;
    const detail = detailOf(document, path, node);
    const schema: Pick<Here, 'path' | 'entry'> = detail ?? { path, entry: null };
    const key = keyOf(schema.path);
    const last = schema.path.at(-1);
    const named = typeof last === 'string' && last !== 'detail' && schema.entry !== null;
    if (!keys.has(key))
      declarations.push({
        kind: 'schema',
        key,
        name: named ? last : detailType,
        format: 'json-schema',
        at: keyLocation(file, schema.entry ?? place),
      });
    keys.add(key);
    const at = keyLocation(file, place);
    const value = { kind: 'key', key } as const;
    declarations.push({ kind: 'export', space: DETAIL_TYPE_SPACE, name: literal(detailType), value, at });
    if (source !== undefined)
      declarations.push({
        kind: 'export',
        space: EVENT_SPACE,
        name: literal(`${source}@${detailType}`),
        value,
        at,
      });
  }
  const needs =
    root === undefined || keys.size === 0
      ? []
      : [...filesReferencedBy(file, root)].map(([target, ref]) => ({
          file: target,
          pointer: '',
          at: locationOf(file, ref),
        }));
  return { ...NO_FACTS, declarations, needs, problems: document.problems };
}

/** The schema of what an envelope carries: its own, or that of the part which adds it to a common header. */
function detailOf(document: DataDocument, path: Path, node: DataNode): Here | null {
  const places = [path, ...itemsOf(get(node, 'allOf')).map((_, index) => [...path, 'allOf', index])];
  for (const place of places) {
    const detail = locate(document, [...place, 'properties', 'detail']);
    if (detail.kind === 'here') return detail;
  }
  return null;
}

/** The envelopes of a file: the root of a JSON Schema, the schemas of an OpenAPI document. */
function eventsOf(root: DataNode | undefined): readonly { readonly path: Path; readonly node: DataNode }[] {
  const parts = entriesOf(getIn(root, ['components', 'schemas'])).map(({ key, value }) => ({
    path: ['components', 'schemas', key],
    node: value,
  }));
  return root === undefined ? parts : [{ path: [], node: root }, ...parts];
}
