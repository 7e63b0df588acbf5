// The layout worker: graphs in, the same graphs with coordinates out. A bundle of its own (elkjs is large), started from a blob.
import ELK from 'elkjs/lib/elk-api.js';
import { Worker as ElkWorker } from 'elkjs/lib/elk-worker.min.js';
import type { LayoutAnswer, LayoutQuestion } from './messages.ts';

const elk = new ELK({ workerFactory: (url) => new ElkWorker(url) });

self.addEventListener('message', (event: MessageEvent<LayoutQuestion>) => {
  const { id, graph } = event.data;
  elk.layout(graph).then(
    (laid) => answer({ id, graph: laid, error: null }),
    (error: unknown) => answer({ id, graph: null, error: error instanceof Error ? error.message : String(error) }),
  );
});

function answer(message: LayoutAnswer): void {
  self.postMessage(message);
}
