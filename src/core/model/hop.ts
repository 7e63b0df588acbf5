// Measured messaging: what traces prove about the topology. Milliseconds (float) everywhere; percentiles by nearest rank over all attempts.

/** A distribution. Percentiles are null under n = 5; with n = 0 `max` is null too. */
export interface Stats {
  readonly n: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Producer → channel → consumer, over all deliveries that the files prove. */
export interface Hop {
  readonly producer: string;
  /** Where the producer sent (`exchange:key` for AMQP). */
  readonly channel: string;
  /** The queues or subscriptions it was read from. */
  readonly via: readonly string[];
  readonly subscription: string;
  readonly consumer: string;
  /** The messaging system as the spans name it (`kafka`, `rabbitmq`); absent where they do not. */
  readonly system?: string;
  /** Attempts. */
  readonly deliveries: number;
  /** Attempts beyond the first of the same message; included in `deliveries`. */
  readonly redeliveries: number;
  readonly errors: number;
  readonly deadLetter: boolean;
  /** How many of the deliveries were paired by inference rather than by link, parent or message id. */
  readonly inferred: number;
  readonly publish: Stats;
  readonly transit: Stats;
  readonly process: Stats;
  /** Work of the consumer with all that its span began, beyond its own end too. */
  readonly effective?: Stats;
  /** Before attempts beyond the first: from the end of the attempt before to the delivery. */
  readonly retryWait?: Stats;
  /** `low` = deliver − publish end (negative kept), `high` = transit; `exact`: how many came from a broker's clock. */
  readonly wait: { readonly n: number; readonly exact: number; readonly low: Stats; readonly high: Stats };
  /** Resolution of the coarsest clock involved, in ms. */
  readonly resolution: number;
  readonly deliveredBeforeAck: number;
}

export interface Coverage {
  readonly deliveries: number;
  readonly producerOnly: number;
  readonly consumerOnly: number;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

export interface TraceFileReport {
  readonly file: string;
  /** The importer's id, or empty where the file was not recognised. */
  readonly format: string;
  readonly spans: number;
  readonly problems: readonly { readonly message: string; readonly count: number }[];
}

export interface Bottleneck {
  /** Index into `hops`. */
  readonly hop: number;
  readonly segment: 'publish' | 'wait' | 'process';
  /** 0..1 of the end-to-end time of the pathways through it. */
  readonly share: number;
  readonly cause: 'consumer-bound' | 'poll-or-broker-bound' | 'producer-bound' | 'retry-bound' | 'unknown';
  readonly evidence: readonly string[];
}

export type Segment = 'publish' | 'transit' | 'process';

export interface HopComparison {
  readonly hop: number;
  readonly segment: Segment;
  readonly before: Stats;
  readonly after: Stats;
  /** Difference of the medians, after − before, ms. */
  readonly delta: number | null;
  readonly ci: readonly [number, number] | null;
  readonly verdict: 'slower' | 'faster' | 'same' | 'too-few';
  /** Whether this segment explains the others that changed on the same consumer. */
  readonly cause: boolean;
}

export interface TraceComparison {
  readonly hops: readonly HopComparison[];
  readonly new: readonly string[];
  readonly gone: readonly string[];
  readonly coverage: { readonly before: Coverage; readonly after: Coverage };
  readonly errors: readonly {
    readonly hop: number;
    readonly before: number;
    readonly after: number;
    readonly p: number;
  }[];
}

/** A way of events through the system: the hops from a first publish to a delivery after which nothing more was published. */
export interface PathwayReport {
  /** Indices into `hops`, in order. */
  readonly hops: readonly number[];
  /** From the first publish to the end of the last work. */
  readonly total: Stats;
}

/** Two clocks that cannot both be right: a message was delivered before it was sent. */
export interface ClockSkew {
  readonly producer: string;
  readonly consumer: string;
  /** How many deliveries say so. */
  readonly deliveries: number;
  /** The consumer's clock is at least this far behind the producer's, ms. */
  readonly atLeast: number;
  /** An estimate of how far, ms, where messages go both ways; else null. */
  readonly estimate: number | null;
}

/** Everything that an import of one or more trace files yields. Same files in any order, same report (apart from the order of `files`). */
export interface TraceReport {
  readonly files: readonly TraceFileReport[];
  readonly traces: number;
  readonly spans: number;
  readonly hops: readonly Hop[];
  readonly coverage: Coverage;
  readonly drift: { readonly undeclared: readonly string[]; readonly unseen: readonly string[] };
  /** End to end, the most frequent first. */
  readonly pathways?: readonly PathwayReport[];
  /** Empty unless a delivery proves it. Figures are as measured: nothing is corrected. */
  readonly skew?: readonly ClockSkew[];
  readonly bottleneck: Bottleneck | null;
  readonly comparison: TraceComparison | null;
}
