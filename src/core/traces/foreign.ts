// A file that no importer knows → one sentence: what it seems to be, and what to export instead.
import type { Bytes } from './importer.ts';
import { hasKeys, reach, sniff, type Shape } from './sniff.ts';

const INSTEAD = 'export OTLP JSON or Jaeger JSON instead';

/** O(head). Never quotes more than a few keys of the file. */
export function describeForeign(head: Bytes): string {
  if (head.length === 0) return `the file is empty; ${INSTEAD}`;
  const start = startOf(head);
  if (head[0] === 0x1f && head[1] === 0x8b) return 'the file is compressed with gzip; unpack it first';
  if (head.includes(0)) return `the file is binary, not JSON text (protobuf?); ${INSTEAD}`;
  if (start === '') return `the file holds only blanks; ${INSTEAD}`;
  if (start.startsWith('<'))
    return `the file is HTML or XML, not trace JSON; save the answer of the query API itself, or ${INSTEAD}`;
  const shape = sniff(head);
  if (shape === null || (shape.kind !== 'object' && shape.kind !== 'array' && !isScalar(head)))
    return `the file is not JSON (it begins with ${quoted(start)}); ${INSTEAD}`;
  const error = errorAnswer(shape);
  if (error !== null) return error;
  if (hasKeys(shape, 'traceEvents') || hasKeys(reach(shape, 0), 'ph', 'ts')) {
    return `the file is a Chrome trace, which names no messages; ${INSTEAD}`;
  }
  if (hasKeys(shape, 'resourceMetrics'))
    return 'the file holds OpenTelemetry metrics, not traces; export the traces signal instead';
  if (hasKeys(shape, 'resourceLogs'))
    return 'the file holds OpenTelemetry logs, not traces; export the traces signal instead';
  if (hasKeys(reach(shape, 'log'), 'entries')) return `the file is a HAR of browser requests, not a trace; ${INSTEAD}`;
  if (hasKeys(shape, 'panels')) return `the file is a Grafana dashboard, not a trace; export the trace itself as JSON`;
  if (hasKeys(reach(shape, 'data', 0), 'parent', 'child'))
    return 'the file is Jaeger’s dependency graph, not traces; save /api/traces?service=… instead';
  return `the file is JSON but no trace format that is known (${seen(shape)}); ${INSTEAD}`;
}

function errorAnswer(shape: Shape): string | null {
  const message = reach(shape, 'errors', 0, 'msg') ?? reach(shape, 'error', 'message') ?? null;
  if (message?.kind !== 'string' || reach(shape, 'data')?.kind === 'array') return null;
  return `the file is an error answer (${quoted(message.text)}), not a trace; save the trace once the query succeeds`;
}

/** Whether a scalar is all there is, and not the beginning of a line of text. */
function isScalar(head: Bytes): boolean {
  try {
    JSON.parse(new TextDecoder().decode(head));
    return true;
  } catch {
    return false;
  }
}

function seen(shape: Shape): string {
  switch (shape.kind) {
    case 'object': {
      const keys = [...shape.members.keys()].slice(0, 4).map(quoted);
      return keys.length === 0 ? 'an object without keys' : `an object with ${keys.join(', ')}`;
    }
    case 'array': {
      const [first] = shape.items;
      return first === undefined ? 'an empty array' : `an array of ${seen(first).replace(/^an? /, '')}`;
    }
    case 'string':
      return 'a string';
    case 'number':
      return 'a number';
    case 'literal':
      return shape.text;
    default:
      return shape satisfies never;
  }
}

function startOf(head: Bytes): string {
  return new TextDecoder()
    .decode(head.subarray(0, 512))
    .replace(/^\uFEFF/, '')
    .trimStart();
}

function quoted(text: string): string {
  const clean = text
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
    .slice(0, 40)
    .trim();
  return `"${clean}"`;
}
