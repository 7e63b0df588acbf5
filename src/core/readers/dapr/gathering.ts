// What the parts of the reader share: the file's declarations so far, services by application id, and the metadata of components.
import type { Declaration, Handle, Ref } from '../../model/declaration.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { get, itemsOf, locationOf } from '../../syntax/data.ts';
import { plainText, shownText } from '../../syntax/manifest.ts';
import type { Manifest, ManifestObject } from '../../syntax/manifest.ts';

/** The declarations of one file as they are gathered. */
export interface Gathering {
  readonly manifest: Manifest;
  readonly declarations: Declaration[];
  /** Keys of declared services. */
  readonly services: Set<string>;
  /** Keys of declared channels. */
  readonly channels: Set<string>;
}

/** The space in which pub/sub components offer dead-letter queues of their own, by component name. */
export const COMPONENTS = 'dapr-component';
/** The space in which resiliency policies offer retries, by component name. */
export const RESILIENCY = 'dapr-resiliency';

/** The application of an id, declared at the first place that names it. */
export function applicationOf({ declarations, services }: Gathering, id: string, at: Location): Ref {
  if (!services.has(id)) {
    services.add(id);
    declarations.push({
      kind: 'service',
      key: id,
      name: id,
      group: null,
      scope: 'workspace',
      covers: 'nothing',
      code: [],
      at,
    });
  }
  return { kind: 'key', key: id };
}

/** Applications that an object is scoped to, with their places; an id with open parts is said to be one. */
export function scopesOf(
  gathering: Gathering,
  object: ManifestObject,
): readonly { readonly id: string; readonly at: Location }[] {
  return itemsOf(get(object.node, 'scopes')).flatMap((node) => {
    const id = plainText(node);
    if (id !== undefined && id !== '') return [{ id, at: placeOf(gathering, node) }];
    gathering.declarations.push({
      kind: 'unresolved',
      what: shownText(gathering.manifest.file, node),
      why: 'the application id is set when the manifest is applied',
      role: 'other',
      at: placeOf(gathering, node),
    });
    return [];
  });
}

/** The value of a component's metadata by name, which Dapr compares without case. */
export function metadataOf(object: ManifestObject, name: string): DataNode | undefined {
  for (const item of itemsOf(get(object.spec, 'metadata')))
    if (plainText(get(item, 'name'))?.toLowerCase() === name.toLowerCase()) return get(item, 'value');
  return undefined;
}

/** Where a node stands. */
export function placeOf(gathering: Gathering, node: DataNode): Location {
  return locationOf(gathering.manifest.file, node);
}

/** A place that the Dapr dialect can write at: keys behind the index of the document. */
export function handleOf(
  object: ManifestObject,
  keys: readonly (string | number)[],
  role: string,
  place: Location = object.at,
): Handle {
  return { dialect: 'dapr', at: place, path: [...object.path, ...keys], role };
}
