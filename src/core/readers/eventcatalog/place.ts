// Where a file stands in an EventCatalog: its catalog, the collection that it belongs to, the domain around it, and whether it is an old version.
import type { FilePath } from '../../model/source.ts';

export type Collection = 'service' | 'agent' | 'domain' | 'system' | 'channel' | 'event' | 'command' | 'query';

/** The place of one `index.mdx`. */
export interface Place {
  readonly collection: Collection;
  /** The catalog's folder: ids are unique below it. */
  readonly catalog: FilePath;
  /** The folder's name of the nearest domain or subdomain above; null where there is none. */
  readonly domain: string | null;
  /** Stands in `versioned/x.y.z/`: a later version of the same thing stands beside that folder. */
  readonly isOld: boolean;
}

const COLLECTIONS: ReadonlyMap<string, Collection> = new Map([
  ['services', 'service'],
  ['agents', 'agent'],
  ['domains', 'domain'],
  ['subdomains', 'domain'],
  ['systems', 'system'],
  ['channels', 'channel'],
  ['events', 'event'],
  ['commands', 'command'],
  ['queries', 'query'],
]);

/** The place of a path; null where it is none of a catalog's. */
export function placeOf(path: FilePath): Place | null {
  const folders = path.split('/').slice(0, -1);
  const isOld = folders.at(-2) === 'versioned';
  const inner = isOld ? folders.slice(0, -2) : folders;
  const first = inner.findIndex((folder) => COLLECTIONS.has(folder));
  if (first < 0) return null;
  const direct = COLLECTIONS.get(inner.at(-2) ?? '');
  // Channels alone may be sorted into folders.
  const collection = direct ?? (inner.includes('channels') ? 'channel' : undefined);
  if (collection === undefined) return null;
  let domain: string | null = null;
  for (const [index, folder] of inner.entries())
    if (COLLECTIONS.get(folder) === 'domain') domain = inner[index + 1] ?? domain;
  return { collection, catalog: inner.slice(0, first).join('/'), domain, isOld };
}
