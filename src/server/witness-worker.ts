// The killable worker that searches for a message that proves a contract break: a worker thread on Node, a web worker in a browser.
// The only bundle that compiles schemas.
import type { WitnessAnswer } from '../core/model/change.ts';
import { searchWitness } from '../core/witness.ts';
import type { WitnessJob, WitnessResult } from '../node/witness-pool.ts';

function answer({ id, request }: WitnessJob): WitnessResult {
  let found: WitnessAnswer;
  try {
    found = searchWitness(request);
  } catch (error) {
    found = {
      witness: null,
      tried: 0,
      exhausted: false,
      failed: error instanceof Error ? error.message : String(error),
    };
  }
  return { id, answer: found };
}

// A web worker has no `process`; a worker thread has, and node's own module gives it the port.
if (typeof process === 'object' && process.versions?.node !== undefined) {
  void import('node:worker_threads').then(({ parentPort }) => {
    parentPort?.on('message', (job: WitnessJob) => parentPort.postMessage(answer(job)));
    return undefined;
  });
} else {
  globalThis.onmessage = ({ data }: MessageEvent<WitnessJob>) => globalThis.postMessage(answer(data));
}
