// Badges: what a person must know of a node or a line at a glance. Problems come from findings; the rest from the topology itself.
import type { Finding, Severity } from '../core/model/finding.ts';
import type { Failure, Topology } from '../core/model/topology.ts';
import type { DrawEdge, DrawGraph, DrawNode } from './graph.ts';

/** Findings with the ids of the nodes and edges that each belongs to, as the server sends them. */
export interface PlacedFindings {
  readonly findings: readonly Finding[];
  /** Indices into `findings`. */
  readonly byId: Readonly<Record<string, readonly number[]>>;
}

export interface Marks {
  /** Indices into `findings`, each once, ascending. */
  readonly findings: readonly number[];
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** A consumption that loses or loops its poisoned messages: a node's own setting or this edge's. */
  readonly noDeadLetter: boolean;
  /** A dead-letter target is written, but declared nowhere in the workspace. */
  readonly danglingDeadLetter: boolean;
  /** Channels only. */
  readonly orphan: Orphan | null;
  /** How many names in the files of this service could not be resolved; 0 for channels and edges. */
  readonly unresolved: number;
  /** Edges only: found by a convention, not by a declaration. */
  readonly inferred: boolean;
}

/** Which side of a channel is empty. */
export type Orphan = 'no producer' | 'no consumer' | 'unused';

export const NO_FINDINGS: PlacedFindings = { findings: [], byId: {} };

/** Marks by drawn node id and drawn edge id; nothing of note, no entry. Folded nodes sum up what they stand for. O(topology + findings). */
export function marks(topology: Topology, graph: DrawGraph, placed: PlacedFindings): ReadonlyMap<string, Marks> {
  const channels = new Map(topology.channels.map((channel) => [channel.id as string, channel]));
  const edges = new Map(topology.edges.map((edge) => [edge.id as string, edge]));
  const sides = channelSides(topology);
  const unresolved = unresolvedByService(topology);
  const result = new Map<string, Marks>();
  const failureOf = (id: string): Failure | null => edges.get(id)?.failure ?? channels.get(id)?.failure ?? null;
  const mark = (ids: readonly string[], extra: Pick<Marks, 'orphan' | 'unresolved' | 'inferred'>): Marks => ({
    ...countFindings(placed, ids),
    noDeadLetter: ids.some((id) => failureOf(id)?.deadLetter === 'missing'),
    danglingDeadLetter: ids.some((id) => (failureOf(id)?.dangling ?? null) !== null),
    ...extra,
  });
  for (const node of graph.nodes) add(node.id, nodeMarks(node));
  for (const edge of graph.edges) add(edge.id, edgeMarks(edge));
  return result;

  function nodeMarks(node: DrawNode): Marks {
    const inner = node.kind === 'group' ? innerEdges(topology, new Set(node.stands)) : [];
    return mark([...node.stands, ...inner], {
      orphan: node.kind === 'channel' && isOrphan(placed, node.id) ? sides(node.id) : null,
      unresolved: node.stands.reduce((sum, id) => sum + (unresolved.get(id) ?? 0), 0),
      inferred: false,
    });
  }

  function edgeMarks(edge: DrawEdge): Marks {
    return mark(edge.stands, { orphan: null, unresolved: 0, inferred: edge.confidence === 'inferred' });
  }

  function add(id: string, made: Marks): void {
    if (
      made.findings.length > 0 ||
      made.noDeadLetter ||
      made.danglingDeadLetter ||
      made.orphan !== null ||
      made.unresolved > 0 ||
      made.inferred
    ) {
      result.set(id, made);
    }
  }
}

/** The worst severity among marks; null: no problem. */
export function worst(made: Marks | undefined): Severity | null {
  if (!made) return null;
  if (made.errors > 0) return 'error';
  if (made.warnings > 0) return 'warning';
  return made.infos > 0 ? 'info' : null;
}

function countFindings(
  placed: PlacedFindings,
  ids: readonly string[],
): Pick<Marks, 'findings' | 'errors' | 'warnings' | 'infos'> {
  const indices = new Set<number>();
  for (const id of ids)
    if (Object.hasOwn(placed.byId, id)) for (const index of placed.byId[id] ?? []) indices.add(index);
  const findings = Array.from(indices)
    .filter((index) => placed.findings[index] !== undefined)
    .toSorted((a, b) => a - b);
  const count = (severity: Severity): number =>
    findings.filter((index) => placed.findings[index]?.severity === severity).length;
  return { findings, errors: count('error'), warnings: count('warning'), infos: count('info') };
}

function innerEdges(topology: Topology, members: ReadonlySet<string>): readonly string[] {
  return topology.edges.filter((edge) => members.has(edge.from) && members.has(edge.to)).map((edge) => edge.id);
}

/** The rule decides (it knows platform sources, unresolved names and what a person ignored): the map never says more than the list of problems. */
function isOrphan(placed: PlacedFindings, id: string): boolean {
  const own = Object.hasOwn(placed.byId, id) ? (placed.byId[id] ?? []) : [];
  return own.some((index) => placed.findings[index]?.rule === 'orphan-channel');
}

function channelSides(topology: Topology): (id: string) => Orphan | null {
  const present = topology.edges.filter((edge) => edge.change !== 'removed');
  const fed = new Set<string>(present.filter((edge) => edge.kind !== 'receives').map((edge) => edge.to));
  const read = new Set<string>(
    present.filter((edge) => edge.kind === 'receives' || edge.kind === 'routes').map((edge) => edge.from),
  );
  return (id) => {
    if (!fed.has(id)) return read.has(id) ? 'no producer' : 'unused';
    return read.has(id) ? null : 'no consumer';
  };
}

/** Unresolved names by the one service whose declarations stand in the same file; a file that several share tells nothing. */
function unresolvedByService(topology: Topology): ReadonlyMap<string, number> {
  const byFile = new Map<string, Set<string>>();
  const own = (file: string, service: string): void => {
    const set = byFile.get(file);
    if (set) set.add(service);
    else byFile.set(file, new Set([service]));
  };
  const services = new Set<string>(topology.services.map((service) => service.id));
  for (const service of topology.services) for (const at of service.at) own(at.file, service.id);
  for (const edge of topology.edges) {
    const service = services.has(edge.from) ? edge.from : services.has(edge.to) ? edge.to : null;
    if (service !== null) for (const at of edge.at) own(at.file, service);
  }
  const result = new Map<string, number>();
  for (const item of topology.unresolved) {
    const [service, more] = byFile.get(item.at.file) ?? [];
    if (service !== undefined && more === undefined) result.set(service, (result.get(service) ?? 0) + 1);
  }
  return result;
}
