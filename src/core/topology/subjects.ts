// Registry subjects → what topics carry: `<topic>-value` and `<topic>-key` name the schemas of the Kafka topic of that literal name. A convention
// gives way to what is declared: it says nothing of a topic whose schemas are known, nor of a schema that something carries already.
import type { Ref } from '../model/declaration.ts';
import type { ChannelId, SchemaId } from '../model/ids.ts';
import type { FilePath } from '../model/source.ts';
import type { Unresolved } from '../model/topology.ts';
import { SUBJECT_SPACE, topicOfSubject } from '../syntax/registry-subject.ts';
import type { ChannelNode } from './channels.ts';
import type { FactsIndex } from './index-facts.ts';
import type { Resolver } from './resolve.ts';

interface SubjectRequest {
  readonly index: FactsIndex;
  readonly resolver: Resolver;
  readonly nodes: readonly ChannelNode[];
  /** Schemas that a channel or an edge carries by declaration. */
  readonly carried: ReadonlySet<SchemaId>;
  readonly schemasOf: (file: FilePath, ref: Ref) => readonly SchemaId[];
  readonly drafts: readonly {
    readonly from: string;
    readonly to: string;
    readonly schemas: readonly SchemaId[];
  }[];
  /** Grows by what the subjects say. */
  readonly channelSchemas: Map<ChannelId, Set<SchemaId>>;
}

/** Adds the schemas of subjects to the topics that they name; returns those that are not there. O(subjects + channels + edges). */
export function joinSubjects(request: SubjectRequest): readonly Unresolved[] {
  const { index, resolver, carried, channelSchemas } = request;
  const subjects = index.exports(SUBJECT_SPACE);
  if (subjects.length === 0) return [];
  const missing: Unresolved[] = [];
  const told = new Set<string>();
  for (const { from, to, schemas } of request.drafts) if (schemas.length > 0) told.add(from).add(to);
  const topics = new Map<string, ChannelNode[]>();
  for (const node of request.nodes) {
    if (node.broker !== 'kafka' || node.kind !== 'topic') continue;
    const known = topics.get(node.name);
    if (known === undefined) topics.set(node.name, [node]);
    else known.push(node);
  }
  const added = new Map<ChannelId, Set<SchemaId>>();
  for (const { file, declaration } of subjects) {
    const name = resolver.name(file, declaration.name);
    const topic = name.open.length > 0 ? null : topicOfSubject(name.text);
    // Topics of one name on several clusters: which of them is meant cannot be told.
    const [node, ...others] = topic === null ? [] : (topics.get(topic) ?? []);
    if (node === undefined || others.length > 0) continue;
    if (told.has(node.id) || (channelSchemas.get(node.id)?.size ?? 0) > 0) continue;
    const ids = request.schemasOf(file, declaration.value);
    if (ids.length === 0 && declaration.value.kind === 'file' && !index.has(declaration.value.file))
      missing.push({
        what: declaration.value.file,
        why: 'the file is not part of the workspace',
        role: 'schema',
        at: declaration.at,
      });
    for (const id of ids) {
      if (carried.has(id)) continue;
      const set = added.get(node.id) ?? new Set<SchemaId>();
      set.add(id);
      added.set(node.id, set);
    }
  }
  for (const [id, schemas] of added) channelSchemas.set(id, schemas);
  return missing;
}
