// One event's way through the system, as a trace shows it: what a sequence diagram or a waterfall draws.

/** One delivery on the way. Offsets and lengths in milliseconds; offsets count from the first publish. */
export interface PathwayStep {
  readonly producer: string;
  readonly channel: string;
  /** The queue or subscription it was read from; empty where that is the channel itself. */
  readonly via: string;
  readonly consumer: string;
  /** When the publish began. */
  readonly published: number;
  /** How long the publish took, as its client saw it. */
  readonly publish: number;
  /** When the consumer had the message. */
  readonly delivered: number;
  /** How long the consumer worked on it; null where its span does not measure work. */
  readonly process: number | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly error: boolean;
  readonly deadLetter: boolean;
  /** Index into the report's `hops`. */
  readonly hop: number;
}

/** All deliveries that one first publish led to, in the order they were delivered. */
export interface Pathway {
  readonly traceId: string;
  /** From the first publish to the end of the last work, ms. */
  readonly total: number;
  /** Resolution of the coarsest clock involved, ms. */
  readonly resolution: number;
  readonly steps: readonly PathwayStep[];
}
