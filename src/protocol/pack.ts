// A topology as JSON carries it and back: neither LSP nor a webview's messages know Maps, so settings travel as entries.
import type { Setting, Settings } from '../core/model/declaration.ts';
import type { Channel, Edge, Topology } from '../core/model/topology.ts';

type Packed<Node extends { readonly settings: Settings }> = Omit<Node, 'settings'> & {
  readonly settings: readonly (readonly [string, Setting])[];
};

/** JSON-safe; everything but `settings` is as in `Topology`. */
export type PackedTopology = Omit<Topology, 'channels' | 'edges'> & {
  readonly channels: readonly Packed<Channel>[];
  readonly edges: readonly Packed<Edge>[];
};

/** For sending. */
export function packTopology(topology: Topology): PackedTopology {
  return { ...topology, channels: topology.channels.map(packed), edges: topology.edges.map(packed) };
}

/** For using what was received. */
export function unpackTopology(topology: PackedTopology): Topology {
  return { ...topology, channels: topology.channels.map(whole), edges: topology.edges.map(whole) };
}

function packed<Node extends { readonly settings: Settings }>(node: Node): Packed<Node> {
  return { ...node, settings: [...node.settings] };
}

function whole<Node extends { readonly settings: readonly (readonly [string, Setting])[] }>(
  node: Node,
): Omit<Node, 'settings'> & { readonly settings: Settings } {
  return { ...node, settings: new Map(node.settings) };
}
