// What the language server asks of the platform it runs on: node/main.ts and browser/main.ts each bring one.
import type { FileChange } from '../core/engine-api.ts';
import type { TraceReport } from '../core/model/hop.ts';
import type { Pathway } from '../core/model/pathway.ts';
import type { FilePath } from '../core/model/source.ts';
import type { Topology } from '../core/model/topology.ts';
import type { Base, BaseRequest, GrammarPort, ValidatePort } from '../core/ports.ts';
import type { ScanScope } from '../core/scan-scope.ts';

export interface Disposable {
  readonly dispose: () => void;
}

export interface FolderScan {
  readonly files: readonly FilePath[];
  readonly problems: readonly { readonly path: FilePath; readonly message: string }[];
  readonly scope: ScanScope;
}

export interface FolderScanOptions {
  readonly wants: (path: FilePath) => boolean;
  readonly exclude: readonly string[];
}

/** The files of one workspace folder. */
export interface FolderHost {
  /** Rejects where the folder cannot be listed. */
  readonly scan: (options: FolderScanOptions) => Promise<FolderScan>;
  /** One change per path, in that order. */
  readonly read: (paths: readonly FilePath[]) => Promise<readonly FileChange[]>;
  /** Never rejects. */
  readonly openBase: (request: BaseRequest) => Promise<Base>;
  /** Calls back, a moment after it is over, when a commit, a checkout, a rebase or a fetch may have moved the base. */
  readonly watchBase: (moved: () => void) => Promise<Disposable>;
}

export interface TraceImport {
  readonly uris: readonly string[];
  readonly topology: Topology;
  readonly signal: AbortSignal;
  /** Share of all bytes read so far, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** What an import yields. */
export interface ImportedReport {
  readonly report: TraceReport;
  /** The event's way that passes the most hops; null without deliveries. */
  readonly pathway: Pathway | null;
}

export interface ServerHost {
  readonly grammars: GrammarPort;
  readonly validate: ValidatePort;
  readonly folder: (uri: string) => FolderHost;
  /** Rejects with the signal's reason when cancelled; null where traces cannot be read (in a browser). */
  readonly importTraces: ((request: TraceImport) => Promise<ImportedReport>) | null;
  readonly notes: CrashNotes;
  /** Lets other work of the event loop run. */
  readonly pause: () => Promise<void>;
  /** Milliseconds, from any start. */
  readonly now: () => number;
  /** Ends what the host started. */
  readonly close: () => Promise<void>;
}

/** Remembers over a crash which file was being read. Keys name a file of a folder. */
export interface CrashNotes {
  /** Files that were in hand when the server ended without a goodbye: not read again until `forgive`. */
  readonly skipped: ReadonlySet<string>;
  /** Says which file is in hand now; null: none. Cheap. */
  readonly inHand: (key: string | null) => void;
  readonly forgive: () => void;
}

/** Notes of a server that has nowhere to write. */
export const NO_NOTES: CrashNotes = { skipped: new Set(), inHand: () => undefined, forgive: () => undefined };
