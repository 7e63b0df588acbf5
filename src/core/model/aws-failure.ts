// What AWS does with messages that fail, in its own numbers: the stories that every reader of AWS resources tells alike.

/** Retention of a queue where none is written: 4 days, in seconds. */
export const QUEUE_RETENTION = 345_600;
/** Attempts of SNS to deliver to a function or queue, over 23 days. */
export const TOPIC_ATTEMPTS = 100_015;
/** Retries of EventBridge and the Scheduler, within 24 hours (in seconds). */
export const TARGET_RETRIES = 185;
export const TARGET_AGE = 86_400;
/** Retries of Lambda for an event that a function was invoked with asynchronously. */
export const ASYNC_RETRIES = 2;

export const TOPIC_STORY = 'is dropped after 100,015 tries over 23 days, or at once where the endpoint refuses it';
/** What a delivery's dead-letter queue leaves open, behind `asyncStory`. */
export const DELIVERY_ONLY = 'the dead-letter queue covers failed deliveries to the function only';

/** A queue without a dead-letter queue. `seconds` null: the retention is not known. */
export function queueStory(seconds: number | null, fifo: boolean): string {
  const time = seconds === null ? 'its retention is over' : `its ${duration(seconds)} are over`;
  return fifo
    ? `blocks its message group until ${time}, then is gone`
    : `returns to the queue until ${time}, then is gone`;
}

/** A target of EventBridge or the Scheduler. Null: not known. */
export function targetStory(retries: number | null, seconds: number | null): string {
  if (retries === 0) return 'is dropped at the first failure';
  return `is dropped after ${retries ?? 'its'} ${retries === 1 ? 'retry' : 'retries'}${seconds === null ? '' : ` within ${duration(seconds)}`}, or at once where the target refuses it`;
}

/** An event that a function was invoked with asynchronously. */
export function asyncStory(retries: number): string {
  return `is dropped after ${times(retries)}`;
}

/** A stream mapping. `retries` null or negative: until the record is too old; `seconds` its age limit where there is one. */
export function streamStory(
  part: 'shard' | 'partition',
  retries: number | null,
  seconds: number | null,
  retention: string,
): { readonly then: 'drops' | 'blocks'; readonly lost: string; readonly blocked: string } {
  const isBounded = retries !== null && retries >= 0;
  const aged = seconds !== null && seconds > 0 ? `it is ${duration(seconds)} old` : retention;
  const blocked = `blocks its ${part} until ${aged}`;
  return {
    then: isBounded ? 'drops' : 'blocks',
    lost: isBounded ? `is dropped after ${times(retries)}` : `${blocked}, then is gone`,
    blocked,
  };
}

/** Actions that put messages on a channel. A bare `sqs:*` says too little. */
export const SENDING_ACTIONS: readonly {
  readonly carrier: 'sqs' | 'sns' | 'eventbridge' | 'kinesis';
  readonly pattern: RegExp;
}[] = [
  { carrier: 'sqs', pattern: /^sqs:Send(?:Message(?:Batch)?)?\*?$/i },
  { carrier: 'sns', pattern: /^sns:Publish(?:Batch)?\*?$/i },
  { carrier: 'eventbridge', pattern: /^events:Put(?:Events)?\*?$/i },
  { carrier: 'kinesis', pattern: /^kinesis:Put(?:Records?)?\*?$/i },
];

/** Actions that take messages from a channel: a statement with one of them is written for a consumer. */
export const READING_ACTION = /^(?:sqs:Receive|kinesis:Get)/i;

/** Seconds in the largest unit that divides them: "4 days", "24 hours", "90 minutes". */
export function duration(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const) {
    if (seconds >= length && seconds % length === 0 && (unit !== 'day' || seconds > length))
      return count(seconds / length, unit);
  }
  return count(seconds, 'second');
}

function times(retries: number): string {
  return retries === 0 ? 'the first failure' : `${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}

function count(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}
