// What a person may type, and the one way to say that it was wrong.

/** Wrong usage, or nothing named could be read: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** What a command answers: everything for stdout, and the exit code. */
export interface Outcome {
  readonly output: string;
  readonly code: 0 | 1 | 2;
  /** One line for stderr beside the output; empty for none. */
  readonly note?: string;
}

export const HELP = `eventscape: the topology of an event-driven workspace, what will hurt it, and where its time goes

Usage
  eventscape topology [DIR] [--format text|json|mermaid|svg] [--base REF]
  eventscape check [DIR] [--base REF|none] [--format text|json|sarif|github] [--fail-on error|warning|info] [--rule ID=SEVERITY]…
  eventscape fix [DIR] [--only ID]… [--dry-run] [--base REF|none]
  eventscape diff OLD NEW [--as json-schema|avro|protobuf|asyncapi] [--mode additive|backward|forward|full] [--root MESSAGE] [--format text|json]
  eventscape trace FILE… [--workspace DIR] [--compare FILE…] [--budget MS] [--format text|json|mermaid|markdown|perfetto]
  eventscape lsp --stdio

DIR is the current folder unless named. The first format listed is the default.

Exit codes
  0  clean
  1  check: findings at or above --fail-on (default error); diff: the policy --mode (default additive) is broken;
     trace: a regression or an exceeded budget; fix: such findings remain
  2  wrong usage, or nothing named could be read: one line on stderr says what and what to do
`;

/** One of `values`, or a usage error that lists them. */
export function oneOf<T extends string>(option: string, value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${option} takes ${values.join(', ')}; "${value}" is none of them`);
  return found;
}
