// The validate port in a browser: one web worker, ended when a search takes too long and started again for the next one.
import type { WitnessAnswer, WitnessRequest } from '../../core/model/change.ts';
import type { ValidatePort } from '../../core/ports.ts';

const TIMEOUT = 3_000;

export function webWitness(address: string | null): ValidatePort & { readonly close: () => void } {
  let worker: Promise<Worker> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function search(request: WitnessRequest): Promise<WitnessAnswer> {
    if (address === null) return failed('the client named no worker');
    try {
      worker ??= start(address);
      const own = await worker;
      const answer = await new Promise<WitnessAnswer | null>((resolve) => {
        const timer = setTimeout(() => resolve(null), TIMEOUT);
        own.onmessage = ({ data }: MessageEvent<{ readonly answer: WitnessAnswer }>) => {
          clearTimeout(timer);
          resolve(data.answer);
        };
        own.onerror = () => {
          clearTimeout(timer);
          resolve(null);
        };
        own.postMessage({ id: 1, request });
      });
      if (answer) return answer;
      own.terminate();
    } catch {
      // The next search tries to start it again.
    }
    worker = null;
    return failed(`no answer within ${TIMEOUT / 1000} s`);
  }

  return {
    search: (request) => {
      const answer = last.then(() => search(request));
      last = answer;
      return answer;
    },
    close: () => {
      void worker?.then((own) => own.terminate());
      worker = null;
    },
  };
}

/** From a blob, because the address may be another origin's. */
async function start(address: string): Promise<Worker> {
  const response = await fetch(address);
  return new Worker(URL.createObjectURL(await response.blob()));
}

function failed(reason: string): WitnessAnswer {
  return { witness: null, tried: 0, exhausted: false, failed: reason };
}
