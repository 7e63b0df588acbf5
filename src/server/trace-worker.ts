// A worker thread that reads trace files, so that a file of any size keeps neither the server nor the editor waiting. Ended to cancel.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { importTraces, type TraceInput } from '../core/import-traces.ts';
import { openTraceFile } from '../node/trace-file.ts';
import type { TraceJob, TraceWorkerMessage } from '../node/trace-job.ts';

async function run({ paths, topology }: TraceJob): Promise<void> {
  const say = (message: TraceWorkerMessage): void => parentPort?.postMessage(message);
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const total = Math.max(
    1,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const inputs = await Promise.all(paths.map(inputOf));
  let told = 0;
  const { report, pathway } = await importTraces(inputs, {
    topology,
    onProgress: ({ file, bytes }) => {
      const before = sizes.slice(0, file).reduce((sum, size) => sum + size, 0);
      const share = Math.min(1, (before + Math.min(bytes, sizes[file] ?? 0)) / total);
      if (share - told < 0.01) return;
      told = share;
      say({ kind: 'progress', share });
    },
  });
  say({ kind: 'done', report, pathway });
}

async function inputOf(path: string): Promise<TraceInput> {
  const opened = await openTraceFile(path);
  const name = basename(path);
  return 'unreadable' in opened
    ? { name, chunks: nothing(), problem: () => opened.unreadable }
    : { name, chunks: opened.chunks, problem: opened.problem };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A file that could not be opened has no bytes.
}

// The client of this worker made the data; an error ends the worker, which answers the client.
void run(workerData as TraceJob);
