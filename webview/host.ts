// The one seam to the editor: everything the panel says to its host and hears from it goes through here. In a plain page a stand-in answers to the same name.
import type { FromWebview, ToWebview } from '../src/protocol/panel.ts';

/** One handler per kind of message; a new kind that nobody handles is a compile error. */
export type Handlers = { readonly [K in ToWebview['kind']]: (message: Extract<ToWebview, { kind: K }>) => void };

export interface Host {
  readonly post: (message: FromWebview) => void;
  /** Messages of an unknown kind are ignored. A handler that throws is reported to the host and costs nothing else. */
  readonly listen: (handlers: Handlers) => void;
}

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

/** Call once: the editor hands out its interface a single time. */
export function connectHost(): Host {
  const editor = acquireVsCodeApi();
  const post = (message: FromWebview): void => editor.postMessage(message);
  return {
    post,
    listen: (handlers) => {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        try {
          if (isMessage(event.data, handlers)) dispatch(handlers, event.data);
        } catch (error) {
          post({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
        }
      });
    },
  };
}

function isMessage(data: unknown, handlers: Handlers): data is ToWebview {
  return (
    typeof data === 'object' &&
    data !== null &&
    'kind' in data &&
    typeof data.kind === 'string' &&
    Object.hasOwn(handlers, data.kind)
  );
}

function dispatch(handlers: Handlers, message: ToWebview): void {
  switch (message.kind) {
    case 'structure':
      return handlers.structure(message);
    case 'findings':
      return handlers.findings(message);
    case 'latency':
      return handlers.latency(message);
    case 'state':
      return handlers.state(message);
    case 'reveal':
      return handlers.reveal(message);
    case 'progress':
      return handlers.progress(message);
  }
}
