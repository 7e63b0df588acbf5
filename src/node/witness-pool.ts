// The validate port on Node: one worker thread that is ended when a search takes too long (a schema may bring a regular
// expression that never returns) and started again for the next one. Searches wait in a bounded queue.
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { WitnessAnswer, WitnessRequest } from '../core/model/change.ts';
import type { ValidatePort } from '../core/ports.ts';

/** What passes to the worker and back. */
export interface WitnessJob {
  readonly id: number;
  readonly request: WitnessRequest;
}
export interface WitnessResult {
  readonly id: number;
  readonly answer: WitnessAnswer;
}

/** Pairs that are remembered as stuck; beyond it all are forgotten. */
const MAX_STUCK = 200;

export interface WitnessPoolOptions {
  /** The worker's bundle. */
  readonly script: string;
  /** Longest time for one search, in ms. */
  readonly timeout?: number;
  /** Searches that may wait; one more is answered `failed` at once. */
  readonly queue?: number;
}

export interface WitnessPool extends ValidatePort {
  /** Ends the worker; searches under way and later ones answer `failed`. */
  readonly close: () => Promise<void>;
}

export function witnessPool({ script, timeout = 3_000, queue = 2_000 }: WitnessPoolOptions): WitnessPool {
  interface Waiting {
    readonly job: WitnessJob;
    readonly settle: (answer: WitnessAnswer) => void;
  }
  const waiting: Waiting[] = [];
  let current: (Waiting & { readonly timer: NodeJS.Timeout }) | null = null;
  let worker: Worker | null = null;
  let closed = false;
  const stuckPairs = new Set<string>();
  let nextId = 1;

  function start(): Worker {
    const made = new Worker(script, {
      stdout: true,
      stderr: true,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    // An idle worker must not keep a command line alive; a busy one does through its timer.
    made.unref();
    made.on('message', (result: WitnessResult) => {
      if (worker === made && current?.job.id === result.id) finish(result.answer);
    });
    made.on('error', (error) => lost(made, `the search failed: ${error.message}`));
    made.on('exit', () => lost(made, 'the search ended early'));
    return made;
  }

  function lost(which: Worker, reason: string): void {
    if (worker !== which) return;
    worker = null;
    if (current) finish(failed(reason));
  }

  function finish(answer: WitnessAnswer): void {
    const done = current;
    if (!done) return;
    clearTimeout(done.timer);
    current = null;
    done.settle(answer);
    next();
  }

  function next(): void {
    if (current || closed) return;
    const first = waiting.shift();
    if (!first) return;
    // A pair that stuck once (a pattern that never ends) would stick for each of its changes: one wait is enough.
    if (stuckPairs.size > 0 && stuckPairs.has(pairOf(first.job.request))) {
      first.settle(failed('an earlier search of this pair did not end'));
      next();
      return;
    }
    const timer = setTimeout(() => {
      const stuck = worker;
      worker = null;
      if (stuckPairs.size >= MAX_STUCK) stuckPairs.clear();
      stuckPairs.add(pairOf(first.job.request));
      void stuck?.terminate();
      finish(failed(`no answer within ${timeout / 1000} s`));
    }, timeout);
    current = { ...first, timer };
    worker ??= start();
    worker.postMessage(first.job);
  }

  return {
    search: (request) =>
      new Promise((settle) => {
        if (closed) settle(failed('the search is closed'));
        else if (waiting.length >= queue) settle(failed('too many searches are waiting'));
        else {
          waiting.push({ job: { id: nextId++, request }, settle });
          next();
        }
      }),
    close: async () => {
      closed = true;
      for (const { settle } of waiting.splice(0)) settle(failed('the search is closed'));
      const last = worker;
      worker = null;
      finish(failed('the search is closed'));
      await last?.terminate();
    },
  };
}

function pairOf(request: WitnessRequest): string {
  return createHash('sha1')
    .update(JSON.stringify([request.old, request.new]))
    .digest('base64');
}

function failed(reason: string): WitnessAnswer {
  return { witness: null, tried: 0, exhausted: false, failed: reason };
}
