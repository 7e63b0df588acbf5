// The extension's line to the language server: its requests and notifications by name, and the newest parts, fetched only while somebody looks.
import * as vscode from 'vscode';
import { State, WorkDoneProgress, type BaseLanguageClient } from 'vscode-languageclient';
import type { FindingsPart, LatencyPart, StructurePart } from '../protocol/panel.ts';
import {
  METHODS,
  type ChangedParams,
  type ExportParams,
  type ExportResult,
  type FixesParams,
  type IdsAtParams,
  type IdsAtResult,
  type ImportTracesParams,
  type ImportTracesResult,
  type PartsFolder,
  type PartsParams,
  type PartsResult,
  type ProgressParams,
  type SetBaseParams,
} from '../protocol/server.ts';

/** Requests by the key of METHODS. */
interface Requests {
  readonly parts: readonly [PartsParams, PartsResult | null];
  readonly export: readonly [ExportParams, ExportResult];
  readonly idsAt: readonly [IdsAtParams, IdsAtResult];
  /** LSP code actions as the server sends them; null: what was asked about is not the newest part. */
  readonly fixes: readonly [FixesParams, readonly object[] | null];
}

interface Notifications {
  readonly setBase: SetBaseParams;
  readonly rescan: undefined;
  readonly trust: undefined;
}

/** What the views show; null where nothing has been fetched yet. */
export interface Parts {
  readonly structure: StructurePart | null;
  readonly findings: FindingsPart | null;
  readonly latency: LatencyPart | null;
  readonly folders: readonly PartsFolder[];
}

export interface ServerLink extends vscode.Disposable {
  readonly client: BaseLanguageClient;
  readonly start: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly request: <Name extends keyof Requests>(name: Name, params: Requests[Name][0]) => Promise<Requests[Name][1]>;
  readonly notify: <Name extends keyof Notifications>(
    name: Name,
    ...params: Notifications[Name] extends undefined ? [] : [Notifications[Name]]
  ) => void;
  /** Reports shares from 0 to 1. */
  readonly importTraces: (
    params: ImportTracesParams,
    onProgress: (share: number) => void,
    token: vscode.CancellationToken,
  ) => Promise<ImportTracesResult>;
  readonly parts: () => Parts;
  /** The parts as they are now, whoever looks. */
  readonly fetch: () => Promise<Parts>;
  /** The last note of a change; null before the first. */
  readonly changed: () => ChangedParams | null;
  /** New parts are fetched while at least one viewer looks. */
  readonly look: (viewer: object, looks: boolean) => void;
  readonly onParts: vscode.Event<Parts>;
  readonly onChanged: vscode.Event<ChangedParams>;
  readonly onProgress: vscode.Event<string | null>;
  /** False while the server is away. */
  readonly onRunning: vscode.Event<boolean>;
  /** Where a path of a part stands. */
  readonly uri: (path: string) => vscode.Uri | null;
}

const NOTHING: Parts = { structure: null, findings: null, latency: null, folders: [] };

export function connectServer(client: BaseLanguageClient, log: vscode.LogOutputChannel): ServerLink {
  const partsEmitter = new vscode.EventEmitter<Parts>();
  const changedEmitter = new vscode.EventEmitter<ChangedParams>();
  const progressEmitter = new vscode.EventEmitter<string | null>();
  const runningEmitter = new vscode.EventEmitter<boolean>();
  const viewers = new Set<object>();
  let parts = NOTHING;
  let changed: ChangedParams | null = null;
  let fetching = false;
  let stale = true;
  let token = 0;

  async function fetchOnce(): Promise<Parts> {
    const known = {
      structure: parts.structure?.hash ?? '',
      findings: parts.findings?.hash ?? '',
      latency: parts.latency?.hash ?? '',
    };
    const answer = await client.sendRequest<PartsResult | null>(METHODS.parts, known);
    if (!answer) return parts;
    parts = {
      structure: answer.structure ?? parts.structure,
      findings: answer.findings ?? parts.findings,
      latency: answer.latency ?? parts.latency,
      folders: answer.folders,
    };
    partsEmitter.fire(parts);
    return parts;
  }

  async function fetchParts(): Promise<void> {
    stale = true;
    if (fetching || viewers.size === 0 || client.state !== State.Running) return;
    fetching = true;
    try {
      while (stale && viewers.size > 0) {
        stale = false;
        await fetchOnce();
      }
    } catch (error) {
      // Whoever looks next asks again.
      stale = true;
      log.warn(`The views are not up to date: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      fetching = false;
    }
  }

  const subscriptions: vscode.Disposable[] = [
    client.onNotification(METHODS.changed, (params: ChangedParams) => {
      changed = params;
      changedEmitter.fire(params);
      void fetchParts();
    }),
    client.onNotification(METHODS.progress, ({ text }: ProgressParams) => progressEmitter.fire(text)),
    client.onDidChangeState(({ newState }) => {
      runningEmitter.fire(newState === State.Running);
      if (newState !== State.Running) progressEmitter.fire(null);
    }),
    partsEmitter,
    changedEmitter,
    progressEmitter,
    runningEmitter,
  ];

  return {
    client,
    start: () => client.start(),
    restart: async () => {
      if (client.state === State.Running) await client.stop();
      await client.start();
    },
    request: (name, params) => client.sendRequest(METHODS[name], params),
    notify: (name, ...params) => {
      client
        .sendNotification(METHODS[name], params[0])
        .catch((error: unknown) => log.warn(`${METHODS[name]}: ${String(error)}`));
    },
    importTraces: async (params, onProgress, cancellation) => {
      const workDoneToken = `eventscape-import-${token++}`;
      const progress = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind === 'report' && value.percentage !== undefined) onProgress(value.percentage / 100);
      });
      try {
        return await client.sendRequest<ImportTracesResult>(
          METHODS.importTraces,
          { ...params, workDoneToken },
          cancellation,
        );
      } finally {
        progress.dispose();
      }
    },
    parts: () => parts,
    fetch: fetchOnce,
    changed: () => changed,
    look: (viewer, looks) => {
      if (looks) viewers.add(viewer);
      else viewers.delete(viewer);
      if (looks && stale) void fetchParts();
    },
    onParts: partsEmitter.event,
    onChanged: changedEmitter.event,
    onProgress: progressEmitter.event,
    onRunning: runningEmitter.event,
    uri: (path) => {
      // The longest prefix: one folder's name may begin another's.
      const folder = parts.folders
        .filter(({ prefix }) => path.startsWith(prefix))
        .toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
      return folder ? vscode.Uri.joinPath(vscode.Uri.parse(folder.uri), path.slice(folder.prefix.length)) : null;
    },
    dispose: () => subscriptions.forEach((each) => each.dispose()),
  };
}
