// What cannot be computed again and must outlive a crash of the server and a reload of the window: the base chosen, the trace files, the panel's view.
import type { Memento } from 'vscode';
import type { ViewState } from '../protocol/panel.ts';

export interface Memory {
  /** Null: none chosen, the settings and the default order hold. */
  readonly base: () => string | null;
  readonly setBase: (base: string | null) => Thenable<void>;
  readonly traces: () => readonly string[];
  readonly setTraces: (uris: readonly string[]) => Thenable<void>;
  readonly view: () => ViewState | null;
  readonly setView: (view: ViewState) => Thenable<void>;
}

export function memory(state: Memento): Memory {
  return {
    base: () => state.get<string | null>('base', null),
    setBase: (base) => state.update('base', base),
    traces: () => state.get<readonly string[]>('traces', []),
    setTraces: (uris) => state.update('traces', uris),
    view: () => state.get<ViewState | null>('view', null),
    setView: (view) => state.update('view', view),
  };
}
