// A schema at one place of the message, flattened: references followed, `allOf` and single alternatives spread out, so that moving a
// constraint between a definition, an `allOf` member and the schema itself is no difference. Only what stays conjunctive is flattened.
import type { DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, itemsOf, stringOf } from '../../syntax/data.ts';
import type { Content } from '../change.ts';
import type { SchemaNode, Side } from './side.ts';
import { childAt, itemAt } from './side.ts';

/** The kinds of JSON values; `number` is `integer` + `fraction`. */
export type Kind = 'null' | 'boolean' | 'object' | 'array' | 'string' | 'integer' | 'fraction';

export const KINDS: readonly Kind[] = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'];

export interface Flat {
  readonly side: Side;
  /** Map nodes; their `$ref` and `allOf` are already followed. All hold at once. */
  readonly nodes: readonly SchemaNode[];
  /** Nothing is accepted. */
  readonly never: boolean;
  /** References that lead nowhere, as written. */
  readonly unresolved: readonly string[];
  /** The same for the same conjunction. */
  readonly key: string;
  /** The schemas as they stood before flattening: where findings about the whole stand. */
  readonly origin: readonly SchemaNode[];
  /** Whether `anyOf` and `oneOf` were left as they are written, even where they say the same as something simpler. */
  readonly keepsChoices: boolean;
}

const MAX_CONJUNCTS = 200;

/** Flattens a conjunction of schemas. Cycles end where they close. */
export function flatten(side: Side, schemas: readonly SchemaNode[], keepsChoices = false): Flat {
  const nodes: SchemaNode[] = [];
  const unresolved: string[] = [];
  const seen = new Set<string>();
  let never = false;
  const visit = (schema: SchemaNode): void => {
    const { node } = schema;
    if (node.kind === 'scalar') {
      if (node.value === false) never = true;
      return;
    }
    if (node.kind !== 'map') return;
    const key = `${side.idOf(node)}${schema.orNull ? '?' : ''}`;
    if (seen.has(key) || seen.size > MAX_CONJUNCTS) return;
    seen.add(key);
    const reference = referenceOf(node);
    if (reference !== undefined) {
      const target = side.resolve(schema, reference);
      if (target === null) unresolved.push(reference);
      else visit({ ...target, orNull: schema.orNull });
      if (ignoresSiblings(side)) return;
    }
    nodes.push(schema);
    const values = get(node, 'enum');
    if (values?.kind === 'seq' && values.items.length === 0) never = true;
    const inner = (item: DataNode): SchemaNode => ({ ...itemAt(schema, item), orNull: schema.orNull });
    for (const item of itemsOf(get(node, 'allOf'))) visit(inner(item));
    if (keepsChoices) return;
    for (const keyword of ['anyOf', 'oneOf']) {
      const members = itemsOf(get(node, keyword));
      if (members.length === 1 && members[0] !== undefined) visit(inner(members[0]));
      const nullable = nullableMember(members);
      if (nullable !== null) visit({ ...itemAt(schema, nullable), orNull: true });
    }
  };
  for (const schema of schemas) visit(schema);
  return {
    side,
    nodes,
    never,
    unresolved,
    key: [...seen].toSorted().join(',') + (never ? '!' : '') + (keepsChoices ? '+' : ''),
    origin: schemas,
    keepsChoices,
  };
}

/** `$ref`, or the dynamic forms, as written. */
export function referenceOf(node: DataNode): string | undefined {
  return stringOf(get(node, '$ref')) ?? stringOf(get(node, '$dynamicRef')) ?? stringOf(get(node, '$recursiveRef'));
}

/** Up to draft-07 nothing beside a `$ref` counts. */
export function ignoresSiblings(side: Side): boolean {
  return side.dialect === 'draft-04' || side.dialect === 'draft-07';
}

/** The X of `[X, {type: 'null'}]`, where X itself says nothing of null; else null. */
function nullableMember(members: readonly DataNode[]): DataNode | null {
  if (members.length !== 2) return null;
  const isNull = (node: DataNode | undefined): boolean =>
    node?.kind === 'map' &&
    node.entries.every((entry) => entry.key === 'type' || ANNOTATIONS.has(entry.key)) &&
    stringOf(get(node, 'type')) === 'null';
  const other = isNull(members[0]) ? members[1] : isNull(members[1]) ? members[0] : undefined;
  if (other?.kind !== 'map' || isNull(other)) return null;
  return get(other, 'not') === undefined && get(other, 'if') === undefined ? other : null;
}

/** Keywords that say nothing about which messages are accepted. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  'id',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$comment',
  '$defs',
  'definitions',
  '$vocabulary',
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'externalDocs',
  'contentSchema',
  'discriminator',
  'xml',
  'x-unit',
  'x-units',
  'unit',
]);

const RESTRICTIONS: ReadonlySet<string> = new Set([
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'patternProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
  'anyOf',
  'oneOf',
  'not',
  'if',
]);

/** Whether no other restriction than the allowed ones stands in the conjunction. */
export function isPlain(flat: Flat, allowed: ReadonlySet<string> = NOTHING): boolean {
  if (flat.never || flat.unresolved.length > 0) return false;
  return flat.nodes.every((schema) =>
    entriesOf(schema.node).every(({ key, value }) => {
      if (!RESTRICTIONS.has(key) || allowed.has(key)) return true;
      return (
        (key === 'anyOf' || key === 'oneOf') && (itemsOf(value).length === 1 || nullableMember(itemsOf(value)) !== null)
      );
    }),
  );
}

const NOTHING: ReadonlySet<string> = new Set();

/** The kinds of values that the `type` keywords leave. */
export function kindsOf(flat: Flat): ReadonlySet<Kind> {
  let kinds = new Set<Kind>(flat.never ? [] : KINDS);
  for (const schema of flat.nodes) {
    const own = kindsOfNode(schema.node);
    const folded = flat.keepsChoices ? null : typeAlternatives(schema.node);
    for (const set of [own, folded]) {
      if (set === null) continue;
      const allowed = new Set(set);
      if (schema.orNull) allowed.add('null');
      kinds = new Set([...kinds].filter((kind) => allowed.has(kind)));
    }
  }
  return kinds;
}

/** What `type` says; null where it says nothing. */
export function kindsOfNode(node: DataNode): ReadonlySet<Kind> | null {
  const type = get(node, 'type');
  const names = type?.kind === 'seq' ? type.items.map((item) => stringOf(item)) : [stringOf(type)];
  const kinds = new Set<Kind>();
  for (const name of names) {
    if (name === 'number') kinds.add('integer').add('fraction');
    else if (
      name === 'null' ||
      name === 'boolean' ||
      name === 'object' ||
      name === 'array' ||
      name === 'string' ||
      name === 'integer'
    )
      kinds.add(name);
  }
  return kinds.size === 0 ? null : kinds;
}

/** `anyOf`/`oneOf` of bare types says the same as a list of types. Null where it is none. */
function typeAlternatives(node: DataNode): ReadonlySet<Kind> | null {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const members = itemsOf(get(node, keyword));
    if (!isTypeList(members, keyword)) continue;
    const kinds = new Set<Kind>();
    for (const member of members) for (const kind of kindsOfNode(member) ?? []) kinds.add(kind);
    return kinds;
  }
  return null;
}

function isTypeList(members: readonly DataNode[], keyword: 'anyOf' | 'oneOf'): boolean {
  if (members.length < 2) return false;
  const seen = new Set<Kind>();
  for (const member of members) {
    if (member.kind !== 'map' || !member.entries.every((entry) => entry.key === 'type' || ANNOTATIONS.has(entry.key)))
      return false;
    const kinds = kindsOfNode(member);
    if (kinds === null) return false;
    for (const kind of kinds) {
      if (keyword === 'oneOf' && seen.has(kind)) return false;
      seen.add(kind);
    }
  }
  return true;
}

/** How kinds read: `integer`, `number or null`; `anything`. */
export function printKinds(kinds: ReadonlySet<Kind>): string {
  if (kinds.size === KINDS.length) return 'anything';
  const names: string[] = [];
  for (const kind of KINDS) {
    if (!kinds.has(kind)) continue;
    if (kind === 'integer') names.push(kinds.has('fraction') ? 'number' : 'integer');
    else if (kind === 'fraction') {
      if (!kinds.has('integer')) names.push('number');
    } else names.push(kind);
  }
  return names.length === 0
    ? 'nothing'
    : names.toSorted((a, b) => (a === 'null' ? 1 : 0) - (b === 'null' ? 1 : 0)).join(' or ');
}

/** What stands under one name of an object. */
export interface Field {
  readonly schemas: readonly SchemaNode[];
  /** Whether `properties` names it. */
  readonly declared: boolean;
  readonly content: Content;
  /** A `false` schema or a closed object forbids it. */
  readonly never: boolean;
}

/** The declared names of an object, in the order of the text. */
export function fieldNames(flat: Flat): ReadonlySet<string> {
  const names = new Set<string>();
  for (const schema of flat.nodes) for (const entry of entriesOf(get(schema.node, 'properties'))) names.add(entry.key);
  return names;
}

/** What the object says about a name; `null` asks for the names that nothing declares. */
export function fieldOf(flat: Flat, name: string | null): Field {
  const schemas: SchemaNode[] = [];
  let declared = false;
  let never = false;
  let content: Content = 'open';
  for (const schema of flat.nodes) {
    const own = name === null ? undefined : memberOf(get(schema.node, 'properties'), name);
    if (own !== undefined) {
      declared = true;
      schemas.push(childAt(schema, own));
    }
    const patterns = entriesOf(get(schema.node, 'patternProperties'));
    if (patterns.length > 0 && content === 'open') content = 'patterns';
    if (own !== undefined) continue;
    const additional = entriesOf(schema.node).findLast((entry) => entry.key === 'additionalProperties');
    if (additional === undefined) continue;
    if (additional.value.kind === 'scalar') {
      if (additional.value.value === false) {
        content = patterns.length > 0 ? 'patterns' : 'closed';
        if (patterns.length === 0) never = true;
      }
    } else if (additional.value.kind === 'map' && hasMeaning(additional.value)) {
      if (content !== 'closed') content = patterns.length > 0 ? 'patterns' : 'typed';
      schemas.push(childAt(schema, additional));
    }
  }
  if (
    !declared &&
    !never &&
    flat.nodes.some((schema) => isFalse(get(schema.node, 'unevaluatedProperties'))) &&
    !flat.nodes.some((schema) => hasEvaluators(schema.node))
  ) {
    content = 'closed';
    never = true;
  }
  return { schemas, declared, content, never };
}

const indices = new WeakMap<DataNode, ReadonlyMap<string, DataEntry>>();

/** An entry of a map that is asked for all its names, one by one. */
function memberOf(map: DataNode | undefined, name: string): DataEntry | undefined {
  if (map?.kind !== 'map') return undefined;
  let index = indices.get(map);
  if (index === undefined) indices.set(map, (index = new Map(map.entries.map((entry) => [entry.key, entry]))));
  return index.get(name);
}

function hasEvaluators(node: DataNode): boolean {
  return ['anyOf', 'oneOf', 'if', 'dependentSchemas', 'patternProperties', '$dynamicRef', 'not'].some(
    (keyword) => get(node, keyword) !== undefined,
  );
}

function isFalse(node: DataNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === false;
}

/** Whether a schema has any keyword that can refuse something. */
export function hasMeaning(node: DataNode): boolean {
  if (node.kind === 'scalar') return node.value === false;
  return (
    node.kind === 'map' && node.entries.some((entry) => !ANNOTATIONS.has(entry.key) && !entry.key.startsWith('x-'))
  );
}

/** The names that must be there. Draft-04 `required: true` beside a property is not read. */
export function requiredOf(flat: Flat): ReadonlySet<string> {
  const names = new Set<string>();
  for (const schema of flat.nodes) {
    if (schema.orNull) {
      // The other half accepts null, which is no object: what X requires of objects still holds.
    }
    for (const item of itemsOf(get(schema.node, 'required'))) {
      const name = stringOf(item);
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

/** The places of an array: leading schemas, and what holds beyond them. */
export interface Items {
  readonly places: number;
  readonly at: (index: number) => { readonly schemas: readonly SchemaNode[]; readonly never: boolean };
  readonly rest: { readonly schemas: readonly SchemaNode[]; readonly never: boolean };
}

/** The items of an array, whatever the dialect calls them. */
export function arrayItems(flat: Flat): Items {
  interface Own {
    readonly places: readonly SchemaNode[];
    readonly rest: SchemaNode | null;
  }
  const owns: Own[] = [];
  for (const schema of flat.nodes) {
    const entry = (key: string): SchemaNode | null => {
      const found = entriesOf(schema.node).findLast((candidate) => candidate.key === key);
      return found === undefined ? null : childAt(schema, found);
    };
    const items = entry('items');
    const modern = flat.side.dialect === '2020-12' && get(schema.node, 'prefixItems') !== undefined;
    if (modern)
      owns.push({ places: itemsOf(get(schema.node, 'prefixItems')).map((node) => itemAt(schema, node)), rest: items });
    else if (items?.node.kind === 'seq')
      owns.push({ places: items.node.items.map((node) => itemAt(schema, node)), rest: entry('additionalItems') });
    else if (items !== null) owns.push({ places: [], rest: items });
  }
  const pick = (select: (own: Own) => SchemaNode | null): { schemas: readonly SchemaNode[]; never: boolean } => {
    const schemas = owns.map((own) => select(own)).filter((schema) => schema !== null);
    return {
      schemas: schemas.filter((schema) => schema.node.kind === 'map'),
      never: schemas.some((schema) => isFalse(schema.node)),
    };
  };
  return {
    places: Math.max(0, ...owns.map((own) => own.places.length)),
    at: (index) => pick((own) => own.places[index] ?? own.rest),
    rest: pick((own) => own.rest),
  };
}

/** Keywords whose value maps names to schemas. */
export const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'definitions',
  '$defs',
  'dependencies',
]);

/** Data as text, object keys sorted; as a set where the order means nothing. */
export function printData(node: DataNode, asSet = false): string {
  switch (node.kind) {
    case 'scalar':
      return JSON.stringify(node.value);
    case 'seq': {
      const items = node.items.map((item) => printData(item));
      return `[${(asSet ? items.toSorted() : items).join(',')}]`;
    }
    case 'map':
      return `{${node.entries
        .map((entry) => `${JSON.stringify(entry.key)}:${printData(entry.value)}`)
        .toSorted()
        .join(',')}}`;
  }
}
