// Go to definition: where a channel, service or schema is declared. Find references: everybody who sends to it or receives from it.
import type { Location as LspLocation, ReferenceParams, TextDocumentPositionParams } from 'vscode-languageserver';
import type { Location } from '../../core/model/source.ts';
import { compareLocations } from '../../core/model/source.ts';
import { guarded } from '../guarded.ts';
import type { Disposable } from '../host.ts';
import { channelsAt, indexOf, placesOf } from '../topology-index.ts';
import type { Place, Workspace } from '../workspace.ts';

export function registerNavigation(workspace: Workspace): Disposable {
  const { connection } = workspace;
  const definition = guarded(connection, 'definition', (params: TextDocumentPositionParams) =>
    answer(workspace, params, declarations),
  );
  const references = guarded(connection, 'references', (params: ReferenceParams) =>
    answer(workspace, params, (place, at) => [
      ...(params.context.includeDeclaration ? declarations(place, at) : []),
      ...uses(place, at),
    ]),
  );
  const registered = [
    connection.onDefinition((params) => definition(params) ?? null),
    connection.onReferences((params) => references(params) ?? null),
  ];
  return { dispose: () => registered.forEach((each) => each.dispose()) };
}

function answer(
  workspace: Workspace,
  { textDocument, position }: TextDocumentPositionParams,
  find: (place: Place, at: Location) => readonly Location[],
): LspLocation[] | null {
  const place = workspace.place(textDocument.uri);
  if (!place) return null;
  const found = [...find(place, { file: place.path, range: { start: position, end: position } })].toSorted(
    compareLocations,
  );
  const unique = found.filter(
    (location, index) => index === 0 || compareLocations(location, found[index - 1] ?? location) !== 0,
  );
  return unique.map(({ file, range }) => ({ uri: workspace.uri(place.session, file), range }));
}

/** Declarations of the channels that the place is about; else of the services and schemas declared there. */
function declarations({ snapshot }: Place, at: Location): readonly Location[] {
  const index = indexOf(snapshot);
  const channels = channelsAt(snapshot, index, at).flatMap((channel) => channel.at);
  if (channels.length > 0) return channels;
  return snapshot.at(at).flatMap((id) => index.services.get(id)?.at ?? index.schemas.get(id)?.at ?? []);
}

/** Sites of every edge of the channels (or services, or schemas) that the place is about. */
function uses({ snapshot }: Place, at: Location): readonly Location[] {
  const index = indexOf(snapshot);
  const channels = channelsAt(snapshot, index, at).map((channel): string => channel.id);
  const ids = channels.length > 0 ? channels : snapshot.at(at);
  const edges = ids.flatMap((id) => [...(index.entering.get(id) ?? []), ...(index.leaving.get(id) ?? [])]);
  const carrying = [...index.edges.values()].filter((edge) => edge.schemas.some((schema) => ids.includes(schema)));
  return placesOf([...edges, ...carrying]);
}
