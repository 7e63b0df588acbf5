// The layout port of the panel: a worker started at the first question. Webviews may start workers from blobs only, so its bundle is fetched as text.
import type { ElkLayout } from '../../src/draw/layout.ts';
import type { LayoutAnswer, LayoutQuestion } from './messages.ts';

export interface LayoutClient {
  readonly layout: ElkLayout;
  /** How many graphs have been laid out so far. */
  readonly calls: () => number;
}

/** `address`: where the worker's bundle is served. A worker that cannot be started rejects each layout with the reason. */
export function layoutClient(address: () => string): LayoutClient {
  const waiting = new Map<number, { resolve: (answer: LayoutAnswer) => void; reject: (error: Error) => void }>();
  let started: Promise<Worker> | null = null;
  let calls = 0;

  async function start(): Promise<Worker> {
    const response = await fetch(address());
    if (!response.ok) throw new Error(`The layout cannot be loaded (${response.status}). Reopen the panel.`);
    const url = URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.addEventListener('message', (event: MessageEvent<LayoutAnswer>) => {
      waiting.get(event.data.id)?.resolve(event.data);
      waiting.delete(event.data.id);
    });
    worker.addEventListener('error', (event) => {
      // A worker that broke answers nobody: the next layout starts another.
      started = null;
      for (const { reject } of waiting.values()) reject(new Error(`The layout failed: ${event.message}`));
      waiting.clear();
    });
    return worker;
  }

  return {
    calls: () => calls,
    layout: async (graph) => {
      const id = ++calls;
      started ??= start();
      const worker = await started.catch((error: unknown) => {
        started = null;
        throw error;
      });
      const answer = await new Promise<LayoutAnswer>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, graph } satisfies LayoutQuestion);
      });
      if (answer.graph === null) throw new Error(`The layout failed: ${answer.error ?? 'no reason given'}`);
      return answer.graph;
    },
  };
}
