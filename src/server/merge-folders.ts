// The snapshots of all folders as one: where there are several, every id and path gets its folder's prefix, so that equal ones stay apart.
import type { Finding } from '../core/model/finding.ts';
import { EMPTY_TOPOLOGY, type Topology } from '../core/model/topology.ts';
import type { FolderSession } from './folder-session.ts';

export interface Merged {
  readonly topology: Topology;
  readonly base: { readonly ref: string; readonly commit: string; readonly reason: string };
  readonly findings: readonly {
    readonly session: FolderSession;
    readonly finding: Finding;
    readonly shown: Finding;
    readonly ids: readonly string[];
  }[];
}

/** What stands before the ids and paths of a folder: empty where it is the only one, else its name (with a number where names repeat) and `/`. */
export function prefixOf(sessions: readonly FolderSession[], session: FolderSession): string {
  if (sessions.length < 2) return '';
  const nameOf = ({ uri }: FolderSession): string => uri.replace(/\/+$/, '').replace(/^.*\//, '');
  const name = nameOf(session);
  const before = sessions.slice(0, sessions.indexOf(session)).filter((other) => nameOf(other) === name).length;
  return `${before === 0 ? name : `${name}~${before + 1}`}/`;
}

/** O(everything in the snapshots). Folders that have none yet are left out. */
export function mergeFolders(sessions: readonly FolderSession[]): Merged {
  let topology: Topology = EMPTY_TOPOLOGY;
  let base: Merged['base'] | null = null;
  const findings: Merged['findings'][number][] = [];
  for (const session of sessions) {
    const snapshot = session.snapshot();
    if (!snapshot) continue;
    const prefix = prefixOf(sessions, session);
    const own = prefixed(snapshot.topology, prefix);
    topology = {
      services: [...topology.services, ...own.services],
      channels: [...topology.channels, ...own.channels],
      schemas: [...topology.schemas, ...own.schemas],
      edges: [...topology.edges, ...own.edges],
      tasks: [...topology.tasks, ...own.tasks],
      unresolved: [...topology.unresolved, ...own.unresolved],
    };
    base ??= snapshot.base;
    for (const finding of snapshot.findings) {
      const ids = [...new Set([...(finding.about ?? []), ...snapshot.at(finding.at)])].map((id) => prefix + id);
      findings.push({ session, finding, shown: prefix === '' ? finding : relocated(finding, prefix), ids });
    }
  }
  return { topology, base: base ?? { ref: '', commit: '', reason: 'nothing was read yet' }, findings };
}

function prefixed(topology: Topology, prefix: string): Topology {
  if (prefix === '') return topology;
  const id = <Id extends string>(own: Id): Id => `${prefix}${own}` as Id;
  const failure = <F extends { readonly to: string | null } | null>(own: F): F =>
    own && own.to !== null ? { ...own, to: id(own.to) } : own;
  const moved = relocated(topology, prefix);
  return {
    services: moved.services.map((service) => ({ ...service, id: id(service.id) })),
    channels: moved.channels.map((channel) => ({
      ...channel,
      id: id(channel.id),
      schemas: channel.schemas.map(id),
      failure: failure(channel.failure),
    })),
    schemas: moved.schemas.map((schema) => ({ ...schema, id: id(schema.id) })),
    edges: moved.edges.map((edge) => ({
      ...edge,
      id: id(edge.id),
      from: id(edge.from),
      to: id(edge.to),
      schemas: edge.schemas.map(id),
      failure: failure(edge.failure),
    })),
    tasks: moved.tasks.map((task) => ({ ...task, service: task.service === null ? null : id(task.service) })),
    unresolved: moved.unresolved,
  };
}

/** A copy in which every location's file has the prefix. */
function relocated<T>(value: T, prefix: string): T {
  const copy = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(copy);
    if (inner instanceof Map) return new Map([...inner].map(([key, entry]: [unknown, unknown]) => [key, copy(entry)]));
    if (typeof inner !== 'object' || inner === null) return inner;
    const entries = Object.entries(inner).map(([key, entry]: [string, unknown]) => [key, copy(entry)] as const);
    const object = Object.fromEntries(entries);
    return 'file' in inner && 'range' in inner && typeof inner.file === 'string'
      ? { ...object, file: prefix + inner.file }
      : object;
  };
  return copy(value) as T;
}
