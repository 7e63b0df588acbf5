// What the extension's views show, in parts with a hash each: a note when one changed, the parts that the client lacks on demand,
// and the questions that views ask about them.
import type { CodeAction } from 'vscode-languageserver';
import { packTopology } from '../../protocol/pack.ts';
import type { FindingsPart, LatencyPart, StructurePart } from '../../protocol/panel.ts';
import {
  METHODS,
  type ChangedParams,
  type FixesParams,
  type IdsAtParams,
  type IdsAtResult,
  type PartsParams,
  type PartsResult,
} from '../../protocol/server.ts';
import { actionsOf } from './code-actions.ts';
import { guarded } from '../guarded.ts';
import { hashOf } from '../hash.ts';
import type { Disposable } from '../host.ts';
import { mergeFolders, prefixOf, type Merged } from '../merge-folders.ts';
import { placeHops } from '../../core/place-hops.ts';
import type { Traces } from '../traces.ts';
import type { Workspace } from '../workspace.ts';

interface Parts {
  readonly revision: number;
  readonly merged: Merged;
  readonly structure: StructurePart;
  readonly findings: FindingsPart;
  readonly latency: LatencyPart;
}

/** Snapshots of several folders, and a snapshot and its proof, come close together: one note for all. */
const CALM = 20;

export function registerParts(workspace: Workspace, traces: Traces): Disposable {
  const { connection } = workspace;
  let revision = 0;
  let parsed = 0;
  let made: Parts | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function parts(): Parts {
    made ??= makeParts(workspace, traces, revision);
    return made;
  }

  function changed(): void {
    revision++;
    made = null;
    timer ??= setTimeout(() => {
      timer = null;
      tell();
    }, CALM);
  }

  const tell = guarded(connection, 'parts', () => {
    const { structure, findings, latency, merged } = parts();
    const count = (severity: string): number =>
      merged.findings.filter(({ finding }) => finding.severity === severity && finding.certainty !== 'theoretical')
        .length;
    const params: ChangedParams = {
      revision,
      structure: structure.hash,
      findings: findings.hash,
      latency: latency.hash,
      parsed,
      counts: {
        services: merged.topology.services.filter((service) => service.change !== 'removed').length,
        channels: merged.topology.channels.filter((channel) => channel.change !== 'removed').length,
        errors: count('error'),
        warnings: count('warning'),
        infos: count('info'),
      },
    };
    parsed = 0;
    void connection.sendNotification(METHODS.changed, params);
  });

  const answerParts = guarded(connection, 'parts', (known: PartsParams): PartsResult => {
    const { structure, findings, latency } = parts();
    const fresh = <Part extends { readonly hash: string }>(part: Part, hash: string): Part | null =>
      part.hash === hash ? null : part;
    const sessions = workspace.sessions();
    return {
      revision,
      structure: fresh(structure, known.structure),
      findings: fresh(findings, known.findings),
      latency: fresh(latency, known.latency),
      folders: sessions.map((session) => ({ uri: session.uri, prefix: prefixOf(sessions, session) })),
    };
  });

  const answerIds = guarded(connection, 'ids at a place', ({ uri, position }: IdsAtParams): IdsAtResult => {
    const place = workspace.place(uri);
    if (!place) return { ids: [] };
    const prefix = prefixOf(workspace.sessions(), place.session);
    return {
      ids: place.snapshot.at({ file: place.path, range: { start: position, end: position } }).map((id) => prefix + id),
    };
  });

  const answerFixes = guarded(
    connection,
    'fixes',
    ({ findings, finding }: FixesParams): readonly CodeAction[] | null => {
      const current = parts();
      if (current.findings.hash !== findings) return null;
      const wanted = current.merged.findings[finding];
      const snapshot = wanted?.session.snapshot();
      return wanted && snapshot ? actionsOf(workspace, { session: wanted.session, snapshot }, wanted.finding) : [];
    },
  );

  const registered = [
    workspace.onSnapshot((session) => {
      parsed += session.snapshot()?.parsed ?? 0;
      changed();
    }),
    workspace.onClosed(changed),
    traces.onChange(changed),
    connection.onRequest(METHODS.parts, (params: PartsParams) => answerParts(params) ?? null),
    connection.onRequest(METHODS.idsAt, (params: IdsAtParams) => answerIds(params) ?? { ids: [] }),
    connection.onRequest(METHODS.fixes, (params: FixesParams) => answerFixes(params) ?? null),
  ];
  return {
    dispose: () => {
      if (timer) clearTimeout(timer);
      registered.forEach((each) => each.dispose());
    },
  };
}

function makeParts(workspace: Workspace, traces: Traces, revision: number): Parts {
  const merged = mergeFolders(workspace.sessions());
  const byId: Record<string, number[]> = Object.create(null);
  for (const [index, { ids, finding }] of merged.findings.entries()) {
    if (finding.certainty === 'theoretical') continue;
    for (const id of ids) (byId[id] ??= []).push(index);
  }
  const current = traces.current();
  return {
    revision,
    merged,
    structure: hashed({ topology: packTopology(merged.topology), base: merged.base }),
    findings: hashed({ findings: merged.findings.map(({ shown }) => shown), byId }),
    latency: hashed({
      report: current?.report ?? null,
      hopsByEdge: current ? placeHops(merged.topology, current.report.hops) : {},
      sequence: current?.sequence ?? '',
    }),
  };
}

function hashed<Part extends object>(part: Part): Part & { readonly hash: string } {
  return { ...part, hash: hashOf(JSON.stringify(part)) };
}
