// Requests and notifications between the extension (client) and the language server, beyond LSP's own.
// Names are `eventscape/…`. Paths in payloads are URIs, as everywhere in LSP, save in parts: there they are relative to a folder of `folders`.
import type { FindingsPart, LatencyPart, StructurePart } from './panel.ts';
import type { Settings } from './generated-ids.ts';

/** `initializationOptions`. All are optional: any LSP client may start the server without them. */
export interface InitializationOptions {
  /** False: git is not started until `trust` comes. Absent: true. */
  readonly trusted?: boolean;
  /** A folder of this workspace alone, where the server may note which file it has in hand. A path of the server's machine. */
  readonly storage?: string;
  /** The client has the commands of `CLIENT_COMMANDS`: lenses and the reasons of ignored findings use them. */
  readonly clientCommands?: boolean;
  /** The base a person chose (null: none chosen), and the trace files imported, as after a restart. */
  readonly base?: string | null;
  readonly traces?: readonly string[];
  /** Where a server in a browser fetches its grammars and its worker. */
  readonly grammars?: string;
  readonly witnessWorker?: string;
  /** Settings for clients that do not answer `workspace/configuration`. */
  readonly settings?: ServerSettings;
}

/** Settings of the section `eventscape`, by the name below it. */
export type ServerSettings = {
  readonly [Id in keyof Settings as Id extends `eventscape.${infer Name}` ? Name : never]?: Settings[Id];
};

/** Server → client: something changed; the client asks for the parts it shows. */
export interface ChangedParams {
  readonly revision: number;
  readonly structure: string;
  readonly findings: string;
  readonly latency: string;
  /** How many files were read (parsed) since the last note. */
  readonly parsed: number;
  readonly counts: {
    readonly services: number;
    readonly channels: number;
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
  };
}

/** A folder of the workspace. `prefix` stands before every path and id of the parts that comes from it: empty where there is one folder. */
export interface PartsFolder {
  readonly uri: string;
  readonly prefix: string;
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
  readonly folders: readonly PartsFolder[];
}

/** Client → server: import these trace files (replaces the set). Cancellable; reports work-done progress. */
export interface ImportTracesParams {
  readonly uris: readonly string[];
  readonly workDoneToken?: string | number;
}
export interface ImportTracesResult {
  readonly files: readonly {
    readonly uri: string;
    readonly format: string;
    readonly spans: number;
    readonly problems: readonly string[];
  }[];
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

/** Client → server: nodes and edges that are declared at a place, as the parts name them. */
export interface IdsAtParams {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
}
export interface IdsAtResult {
  readonly ids: readonly string[];
}

/** Client → server: what may be done about a finding of a part, as LSP code actions; null: `findings` is not the newest part. */
export interface FixesParams {
  /** Hash of the findings part that `finding` counts in. */
  readonly findings: string;
  readonly finding: number;
}

/** Server → client: the first scan or an import is under way (text), or nothing is (null). */
export interface ProgressParams {
  readonly text: string | null;
}

/** Server → client, where the server has no files of its own (in a browser): files below a folder that match a glob, and their texts. */
export interface ListFilesParams {
  readonly folder: string;
  readonly exclude: readonly string[];
}
export interface ListFilesResult {
  readonly uris: readonly string[];
}
export interface ReadFileParams {
  readonly uri: string;
}
/** `base64` null: there is no such file; `problem` says what else keeps it from being read. */
export interface ReadFileResult {
  readonly base64: string | null;
  readonly problem: string;
}

export const METHODS = {
  changed: 'eventscape/changed',
  parts: 'eventscape/parts',
  importTraces: 'eventscape/importTraces',
  export: 'eventscape/export',
  setBase: 'eventscape/setBase',
  rescan: 'eventscape/rescan',
  /** Client → server: the workspace is trusted from now on. */
  trust: 'eventscape/trust',
  idsAt: 'eventscape/idsAt',
  fixes: 'eventscape/fixes',
  progress: 'eventscape/progress',
  listFiles: 'eventscape/listFiles',
  readFile: 'eventscape/readFile',
} as const;

/** Commands that the server names in lenses and code actions and that the client runs. */
export const CLIENT_COMMANDS = {
  /** (uri, position, locations, title): opens one location or lets a person pick. */
  openLocations: 'eventscape.openLocations',
  /** (WorkspaceEdit with `REASON_PLACEHOLDER` in it): asks for the reason, then applies the edit. */
  ignore: 'eventscape.ignoreWithReason',
} as const;

/** What stands for the reason in the edit of "Ignore here, with a reason" until a person wrote one. */
export const REASON_PLACEHOLDER = 'TODO: say why';
