// The killable worker that searches for a message that proves a contract break: a worker thread on Node, a web worker in a browser.
// The only bundle that compiles schemas.
import type { WitnessAnswer, WitnessRequest } from '../core/model/change.ts';
import { searchWitness } from '../core/witness.ts';
import type { WitnessJob, WitnessResult } from '../node/witness-pool.ts';

// A web worker has no `process`; a worker thread has, and node's own module gives it the port.
const onNode = typeof process === 'object' && process.versions?.node !== undefined;

async function answer({ id, request }: WitnessJob): Promise<WitnessResult> {
  try {
    return { id, answer: await search(request) };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    return { id, answer: { witness: null, tried: 0, exhausted: false, failed } };
  }
}

async function search(request: WitnessRequest): Promise<WitnessAnswer> {
  if (request.format === 'json-schema') return searchWitness(request);
  // avsc needs Node's buffers: in a browser Avro breaks are told without a message that proves them.
  if (!onNode) return { witness: null, tried: 0, exhausted: false, failed: 'Avro messages are not tried in a browser' };
  const { searchAvroWitness } = await import('../core/witness-avro.ts');
  return searchAvroWitness(request);
}

if (onNode) {
  void import('node:worker_threads').then(({ parentPort }) => {
    parentPort?.on('message', (job: WitnessJob) => {
      void answer(job).then((result) => parentPort.postMessage(result));
    });
    return undefined;
  });
} else {
  globalThis.onmessage = ({ data }: MessageEvent<WitnessJob>) => {
    void answer(data).then((result) => globalThis.postMessage(result));
  };
}
