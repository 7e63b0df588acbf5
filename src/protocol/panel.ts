// Messages between the panel's host (the extension) and its webview. Each direction is one union; handlers are mapped types over `kind`.
// The webview always gets whole parts, never deltas; a part that did not change is not sent again (its hash tells).
import type { Finding } from '../core/model/finding.ts';
import type { TraceReport } from '../core/model/hop.ts';
import type { Location } from '../core/model/source.ts';
import type { PackedTopology } from './pack.ts';

/** Every message is JSON: what VS Code carries between host and webview knows no Map. `unpackTopology` (pack.ts) makes a topology whole. */
export interface StructurePart {
  readonly hash: string;
  readonly topology: PackedTopology;
  readonly base: { readonly ref: string; readonly commit: string; readonly reason: string };
}

export interface FindingsPart {
  readonly hash: string;
  readonly findings: readonly Finding[];
  /** Indices into `findings` by the node or edge id they belong to. */
  readonly byId: Readonly<Record<string, readonly number[]>>;
}

export interface LatencyPart {
  readonly hash: string;
  /** Null: no trace file is imported. */
  readonly report: TraceReport | null;
  /** Hop indices by edge id. */
  readonly hopsByEdge: Readonly<Record<string, readonly number[]>>;
  /** Mermaid source of the longest imported pathway as a sequence diagram; empty without traces. */
  readonly sequence: string;
}

/** Where each node stands, in map units, by node id. Kept by the host so that a reload draws without a new layout. */
export type Positions = Readonly<Record<string, { readonly x: number; readonly y: number }>>;

export interface ViewState {
  readonly positions: Positions;
  readonly selected: string | null;
  readonly focus: { readonly id: string; readonly depth: number } | null;
  readonly search: string;
  readonly view: 'map' | 'table' | 'sequence';
  readonly zoom: { readonly x: number; readonly y: number; readonly scale: number } | null;
  /** Corner points of the lines by edge id, flat (x, y, x, y, …), in map units; belongs to `positions`. */
  readonly routes?: Readonly<Record<string, readonly number[]>>;
  /** Groups that a person folded; null: as many as the size of the map asks for. */
  readonly folded?: readonly string[] | null;
  /** Which way messages run on the map that `positions` draw; null: nothing is drawn yet. */
  readonly flow?: 'right' | 'down' | null;
  /** A person chose the flow; else it follows the shape of the panel. */
  readonly flowChosen?: boolean;
  /** What stays bright on the map. */
  readonly lens?: 'all' | 'lost' | 'changed' | 'time' | 'unresolved';
}

export type ToWebview =
  | { readonly kind: 'structure'; readonly part: StructurePart }
  | { readonly kind: 'findings'; readonly part: FindingsPart }
  | { readonly kind: 'latency'; readonly part: LatencyPart }
  /** Sent once after `ready`, and again after the host restored a panel. */
  | { readonly kind: 'state'; readonly state: ViewState | null; readonly addresses: { readonly layoutWorker: string } }
  /** Select and bring into view ("Reveal in Topology"). */
  | { readonly kind: 'reveal'; readonly id: string }
  /** The server is busy with the first scan or an import; null: idle. */
  | { readonly kind: 'progress'; readonly text: string | null };

export type FromWebview =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly file: string; readonly line: number; readonly character: number }
  | { readonly kind: 'state'; readonly state: ViewState }
  | { readonly kind: 'command'; readonly command: 'importTrace' | 'copyMermaid' | 'refresh' | 'clearTraces' }
  /** The finding as it was shown; by now it may count otherwise, or be gone. */
  | { readonly kind: 'fix'; readonly rule: string; readonly message: string; readonly at: Location }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string };
