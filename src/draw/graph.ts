// A Topology as a graph to draw: boxes with sizes, edges between them, groups. Edges that differ only in subscription are one line.
import type { ChangeMark, Channel, Confidence, Edge, EdgeKind, Service, Topology } from '../core/model/topology.ts';
import { fitText, plainText, textWidth } from './measure.ts';
import { channelWord, counted } from './words.ts';

export type DrawNodeKind = 'service' | 'channel' | 'group';

export interface DrawNode {
  /** The topology's id; for a folded group `groupNodeId(name)`. */
  readonly id: string;
  readonly kind: DrawNodeKind;
  /** In full, one line of harmless text. */
  readonly name: string;
  /** The name as it fits the box. */
  readonly label: string;
  /** Second line: the broker's word, the counts of a folded group; empty for services. */
  readonly word: string;
  readonly group: string;
  readonly width: number;
  readonly height: number;
  readonly change: ChangeMark | null;
  readonly deadLetter: boolean;
  /** Ids of the services and channels that a folded group stands for; otherwise the node's own id alone. */
  readonly stands: readonly string[];
}

export interface DrawEdge {
  /** Made of kind and ends, so that it stays the same whichever topology edges it stands for. */
  readonly id: string;
  readonly kind: EdgeKind;
  readonly from: string;
  readonly to: string;
  readonly change: ChangeMark | null;
  readonly confidence: Confidence;
  /** The topology edges it stands for, sorted; more than one where subscriptions differ or groups are folded. */
  readonly stands: readonly string[];
}

export interface DrawGroup {
  readonly name: string;
  /** Node ids, sorted. Groups with a frame have at least two. */
  readonly members: readonly string[];
}

export interface DrawGraph {
  readonly nodes: readonly DrawNode[];
  readonly edges: readonly DrawEdge[];
  /** Groups that get a frame. Empty where all nodes belong to one group: a frame around everything says nothing. */
  readonly groups: readonly DrawGroup[];
}

export const NODE_HEIGHT = 40;
const MIN_WIDTH = 104;
const MAX_LABEL = 190;
const NAME_SIZE = 13;
const WORD_SIZE = 10.5;

/** The node id under which a folded group is drawn. */
export function groupNodeId(group: string): string {
  return `group:${group}`;
}

/** The whole topology, nothing folded. Edges whose end is no node of the topology are left out. Order follows the topology's. */
export function drawGraph(topology: Topology): DrawGraph {
  const nodes: DrawNode[] = [...topology.services.map(serviceNode), ...topology.channels.map(channelNode)];
  const known = new Set(nodes.map((node) => node.id));
  const lines = topology.edges.filter((edge) => known.has(edge.from) && known.has(edge.to)).map(line);
  return { nodes, edges: joinLines(lines), groups: framedGroups(nodes) };
}

/** Frames for groups of two and more, where there is more than one group at all. */
export function framedGroups(nodes: readonly DrawNode[]): readonly DrawGroup[] {
  const members = new Map<string, string[]>();
  for (const node of nodes) {
    const list = members.get(node.group);
    if (list) list.push(node.id);
    else members.set(node.group, [node.id]);
  }
  if (members.size < 2) return [];
  return Array.from(members, ([name, ids]) => ({ name, members: ids.toSorted() }))
    .filter((group) => group.name !== '' && group.members.length > 1)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** One line per (kind, from, to): what differs only in subscription or was folded away is drawn once. */
export function joinLines(lines: readonly DrawEdge[]): readonly DrawEdge[] {
  const joined = new Map<string, DrawEdge>();
  for (const edge of lines) {
    const id = `${edge.kind}: ${edge.from} → ${edge.to}`;
    const other = joined.get(id);
    joined.set(id, other ? join(other, edge) : { ...edge, id });
  }
  return Array.from(joined.values()).toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function join(a: DrawEdge, b: DrawEdge): DrawEdge {
  const stands = [...a.stands, ...b.stands].toSorted();
  return {
    ...a,
    stands,
    change: a.change === b.change ? a.change : 'changed',
    confidence: RANK[a.confidence] <= RANK[b.confidence] ? a.confidence : b.confidence,
  };
}

const RANK = { declared: 0, resolved: 1, inferred: 2 } satisfies Record<Confidence, number>;

/** A folded group as one node. `members` is not empty. */
export function foldedNode(group: string, members: readonly DrawNode[]): DrawNode {
  const services = members.filter((node) => node.kind === 'service').length;
  const channels = members.length - services;
  const words = [services > 0 ? counted(services, 'service') : '', channels > 0 ? counted(channels, 'channel') : ''];
  return {
    ...sized(plainText(group), words.filter((word) => word !== '').join(' · '), 24),
    id: groupNodeId(group),
    kind: 'group',
    group: '',
    change: members.every((node) => node.change === members[0]?.change)
      ? (members[0]?.change ?? null)
      : members.some((node) => node.change !== null)
        ? 'changed'
        : null,
    deadLetter: false,
    stands: members.map((node) => node.id).toSorted(),
  };
}

function serviceNode(service: Service): DrawNode {
  return {
    ...sized(plainText(service.name), '', 0),
    id: service.id,
    kind: 'service',
    group: service.group,
    change: service.change ?? null,
    deadLetter: false,
    stands: [service.id],
  };
}

function channelNode(channel: Channel): DrawNode {
  const word = channel.deadLetter ? `${channelWord(channel)} · dead letters` : channelWord(channel);
  return {
    // The round ends of a pill take room from its label.
    ...sized(plainText(channel.name), word, 12),
    id: channel.id,
    kind: 'channel',
    group: channel.group,
    change: channel.change ?? null,
    deadLetter: channel.deadLetter,
    stands: [channel.id],
  };
}

function sized(
  name: string,
  word: string,
  extra: number,
): Pick<DrawNode, 'name' | 'label' | 'word' | 'width' | 'height'> {
  const label = fitText(name, MAX_LABEL, NAME_SIZE, true);
  const text = Math.max(textWidth(label, NAME_SIZE, true), textWidth(word, WORD_SIZE));
  // Steps of 8 keep small edits of a name from moving the neighbours.
  const width = Math.max(MIN_WIDTH, Math.ceil((text + 28 + extra) / 8) * 8);
  return { name, label, word, width, height: NODE_HEIGHT };
}

function line(edge: Edge): DrawEdge {
  return {
    id: edge.id,
    kind: edge.kind,
    from: edge.from,
    to: edge.to,
    change: edge.change ?? null,
    confidence: edge.confidence,
    stands: [edge.id],
  };
}
