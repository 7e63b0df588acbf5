// Requests and notifications between the extension (client) and the language server, beyond LSP's own.
// Names are `eventscape/…`. Paths in payloads are URIs, as everywhere in LSP.
import type { FindingsPart, LatencyPart, StructurePart } from './panel.ts';

/** Server → client: something changed; the client asks for the parts it shows. */
export interface ChangedParams {
  readonly revision: number;
  readonly structure: string;
  readonly findings: string;
  readonly latency: string;
  readonly counts: { readonly services: number; readonly channels: number; readonly errors: number; readonly warnings: number; readonly infos: number };
}

/** Client → server: the parts whose hash differs from the one the client has; null where it has the current one. */
export interface PartsParams {
  readonly structure: string;
  readonly findings: string;
  readonly latency: string;
}
export interface PartsResult {
  readonly revision: number;
  readonly structure: StructurePart | null;
  readonly findings: FindingsPart | null;
  readonly latency: LatencyPart | null;
}

/** Client → server: import these trace files (replaces the set). Cancellable; reports work-done progress. */
export interface ImportTracesParams {
  readonly uris: readonly string[];
}
export interface ImportTracesResult {
  readonly files: readonly { readonly uri: string; readonly format: string; readonly spans: number; readonly problems: readonly string[] }[];
  readonly hops: number;
  readonly deliveries: number;
}

/** Client → server: the topology as text. */
export interface ExportParams {
  readonly format: 'mermaid' | 'svg' | 'json';
}
export interface ExportResult {
  readonly text: string;
}

/** Client → server: which base to compare with (null: the default order); kept by the client over restarts. */
export interface SetBaseParams {
  readonly base: string | null;
}

export const METHODS = {
  changed: 'eventscape/changed',
  parts: 'eventscape/parts',
  importTraces: 'eventscape/importTraces',
  export: 'eventscape/export',
  setBase: 'eventscape/setBase',
  rescan: 'eventscape/rescan',
  /** Server → client: first scan or import under way (text) or idle (null). */
  progress: 'eventscape/progress',
} as const;
