// URIs of clients ↔ workspace-relative paths. Clients escape differently (`%3A`, `:`): comparisons are made on decoded text.
import type { FilePath } from '../core/model/source.ts';

/** The path of a document below a folder, or null where it lies elsewhere. `''` is the folder itself. */
export function pathBelow(folderUri: string, uri: string): FilePath | null {
  const folder = decoded(folderUri).replace(/\/+$/, '');
  const whole = decoded(uri).replace(/\/+$/, '');
  if (whole === folder) return '';
  if (whole.startsWith(`${folder}/`)) return whole.slice(folder.length + 1);
  // Windows drive letters come in either case.
  return /^file:\/\/\/[a-z]:/i.test(folder) && whole.toLowerCase().startsWith(`${folder.toLowerCase()}/`)
    ? whole.slice(folder.length + 1)
    : null;
}

/** The URI of a path below a folder. */
export function uriOf(folderUri: string, path: FilePath): string {
  const base = folderUri.replace(/\/+$/, '');
  return path === '' ? base : `${base}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Equal for two spellings of one URI. */
export function sameUriKey(uri: string): string {
  return decoded(uri);
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
