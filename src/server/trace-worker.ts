// A worker thread that reads trace files, so that a file of any size keeps neither the server nor the editor waiting. Ended to cancel.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { TraceFileReport } from '../core/model/hop.ts';
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
  const opened = await Promise.all(paths.map(openTraceFile));
  const readable = opened.flatMap((file, index) => ('unreadable' in file ? [] : [{ file, index }]));
  const inputs = readable.map(({ file }): TraceInput => ({
    name: basename(file.path),
    chunks: file.chunks,
    problem: file.problem,
  }));
  let told = 0;
  const { report, pathway } = await importTraces(inputs, {
    topology,
    onProgress: ({ file, bytes }) => {
      const own = readable[file]?.index ?? 0;
      const before = sizes.slice(0, own).reduce((sum, size) => sum + size, 0);
      const share = Math.min(1, (before + Math.min(bytes, sizes[own] ?? 0)) / total);
      if (share - told < 0.01) return;
      told = share;
      say({ kind: 'progress', share });
    },
  });
  const reports = report.files.values();
  const files = opened.flatMap((file): readonly TraceFileReport[] => {
    if ('unreadable' in file)
      return [{ file: basename(file.path), format: '', spans: 0, problems: [{ message: file.unreadable, count: 1 }] }];
    const { value } = reports.next();
    return value ? [value] : [];
  });
  say({ kind: 'done', report: { ...report, files }, pathway });
}

// The client of this worker made the data; an error ends the worker, which answers the client.
void run(workerData as TraceJob);
