// The contract of a trace importer: bytes of one format → spans in one common, columnar-friendly shape.
import type { JsonValue } from '../model/json.ts';

/** What a span does with a message, by operation first and span kind second. */
export type SpanRole = 'create' | 'send' | 'receive' | 'process' | 'settle' | 'none';
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';

/** A reference to another span. Ids are lower-case hex, left-padded (32 and 16 characters). */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  /** Message id on the link where the instrumentation puts one there. */
  readonly messageId: string | null;
}

/** One span. Times are split so that no precision is lost: whole microseconds since the epoch, plus the rest in nanoseconds (0–999). */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMicros: number;
  readonly startNanos: number;
  readonly durationNanos: number;
  readonly error: boolean;
  readonly links: readonly SpanLink[];
  /** Flat attributes as the file has them (span attributes over resource attributes), for messaging.ts to interpret. */
  readonly attributes: ReadonlyMap<string, JsonValue>;
}

/** Spans read so far, and what was lost on the way, by reason. */
export interface SpanBatch {
  readonly spans: readonly Span[];
  readonly problems: readonly { readonly message: string; readonly count: number }[];
  /** Spans that were seen and could not be used; each is counted in `problems` too. */
  readonly dropped: number;
  /** Links that the file holds apart from their spans, in any order. */
  readonly lateLinks?: readonly LateLink[];
}

/** A link and the span it belongs to. */
export interface LateLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly link: SpanLink;
}

export type Bytes = Uint8Array;

export interface TraceImporter {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly docs: {
    readonly summary: string;
    readonly reads: readonly string[];
    readonly doesNotRead: readonly string[];
  };
  /** By content alone (the first 64 KiB or the whole), never by file name. */
  readonly recognises: (head: Bytes) => boolean;
  /** Constant memory in the file's size. A bad span is counted under its reason, never thrown. */
  readonly spans: (chunks: AsyncIterable<Bytes>) => AsyncIterable<SpanBatch>;
}
