// CloudEvents 1.0 envelopes as JSON Schema: the event types that a schema is for, and the schema that its `dataschema` names.
// Only what is written out: a `const`, or an `enum` of texts. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
import type { DataNode } from './data.ts';
import { get, getIn, itemsOf, stringOf } from './data.ts';

/** The space of exports that name an event's schema by its CloudEvents `type`. */
export const CLOUD_EVENT_SPACE = 'cloudevents-type';

export interface CloudEventEnvelope {
  readonly types: readonly string[];
  /** Where the schema of `data` is, as written; undefined where nothing fixes it. */
  readonly dataSchema: DataNode | undefined;
}

/** The envelope that a schema describes, or null: it has a `specversion` and fixes the `type`. */
export function cloudEventOf(schema: DataNode | undefined): CloudEventEnvelope | null {
  for (const part of [schema, ...itemsOf(get(schema, 'allOf'))]) {
    const properties = get(part, 'properties');
    const fixed = fixedTexts(get(properties, 'type'));
    const names = ['specversion', 'source', 'id'].some((key) => get(properties, key) !== undefined);
    if (fixed.length === 0 || !(names || refersToCloudEvents(schema))) continue;
    const written = getIn(properties, ['dataschema', 'const']);
    return { types: fixed, dataSchema: stringOf(written) === undefined ? undefined : written };
  }
  return null;
}

/** `allOf: [{ $ref: …/cloudevents.json }, …]`. */
function refersToCloudEvents(schema: DataNode | undefined): boolean {
  return itemsOf(get(schema, 'allOf')).some((part) => /cloud-?events?[^/]*$/i.test(stringOf(get(part, '$ref')) ?? ''));
}

function fixedTexts(node: DataNode | undefined): readonly string[] {
  const fixed = stringOf(get(node, 'const'));
  if (fixed !== undefined) return [fixed];
  return itemsOf(get(node, 'enum')).flatMap((item) => stringOf(item) ?? []);
}
