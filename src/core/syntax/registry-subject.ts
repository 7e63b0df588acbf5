// Names of schema files by the registries' convention (`orders-value.avsc`: the messages of topic `orders`) → subject and version.
// The TopicNameStrategy of Confluent-compatible registries only; names that say nothing of a topic are no subject.
import type { FilePath } from '../model/source.ts';

/** The space of exports that say which schema a subject has: the linker joins `<topic>-value` and `<topic>-key` to the Kafka topic. */
export const SUBJECT_SPACE = 'kafka-subject';

export interface RegistrySubject {
  /** `orders-value`. */
  readonly subject: string;
  /** `2` of `orders-value-v2.avsc` or of a folder `v2`; null where neither says. */
  readonly version: string | null;
}

/** The subject that a file's name tells, or null. */
export function subjectOf(path: FilePath): RegistrySubject | null {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.schema)?\.(?:avsc|avdl|json|proto)$/i, '');
  const match = /^(?<topic>[\w.-]+)-(?<part>value|key)(?:[-_.]?v(?<version>\d+(?:[._]\d+)*))?$/.exec(name);
  const { topic, part, version } = match?.groups ?? {};
  if (topic === undefined || part === undefined) return null;
  const folder = path.split('/').at(-2) ?? '';
  return {
    subject: `${topic}-${part}`,
    version: version ?? /^v(\d+(?:[._]\d+)*)$/.exec(folder)?.[1] ?? null,
  };
}

/** The topic of a subject, or null where its name follows another strategy. */
export function topicOfSubject(subject: string): string | null {
  return /^(.+)-(?:value|key)$/.exec(subject)?.[1] ?? null;
}

/** A schema's name with its version, where the file is a version of a subject: what keeps `Order` of v1 and of v2 apart on a map. */
export function nameWithVersion(name: string, path: FilePath): string {
  const version = subjectOf(path)?.version ?? null;
  return version === null ? name : `${name} v${version}`;
}
