// Spans and deliveries on one axis of time, for viewers of timelines.

/** Times in microseconds from the earliest span. */
export interface TimelineSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly start: number;
  readonly duration: number;
  readonly error: boolean;
}

/** One delivery: `producer` and `consumer` are indices into the spans. */
export interface TimelineDelivery {
  readonly channel: string;
  readonly producer: number;
  readonly consumer: number;
  /** From the publish's end (or the delivery, where that came first) to the delivery. */
  readonly waitFrom: number;
  readonly delivered: number;
  readonly attempt: number;
  readonly deadLetter: boolean;
}

export interface Timeline {
  /** Sorted by start. */
  readonly spans: readonly TimelineSpan[];
  readonly deliveries: readonly TimelineDelivery[];
  /** Spans beyond the limit that are left out. */
  readonly omitted: number;
}
