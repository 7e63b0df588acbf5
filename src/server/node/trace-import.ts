// Trace files → a report, read by a worker thread that is ended when the person cancels.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ImportedReport, TraceImport } from '../host.ts';
import type { TraceJob, TraceWorkerMessage } from '../../node/trace-job.ts';

/** Rejects with the signal's reason when cancelled, else with why the worker ended. */
export function importInWorker(
  script: string,
  { uris, topology, signal, onProgress }: TraceImport,
): Promise<ImportedReport> {
  return new Promise((resolve, reject) => {
    const paths = uris.map((uri) => (uri.startsWith('file:') ? fileURLToPath(uri) : uri));
    const worker = new Worker(script, {
      workerData: { paths, topology } satisfies TraceJob,
      env: {},
      stdout: true,
      stderr: true,
    });
    const end = (): void => void worker.terminate();
    signal.addEventListener('abort', end, { once: true });
    worker.on('message', (message: TraceWorkerMessage) => {
      if (message.kind === 'progress') onProgress(message.share);
      else resolve({ report: message.report, pathway: message.pathway });
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', end);
      reject(signal.aborted ? signal.reason : new Error('the import ended early'));
    });
  });
}
