// The shells' door to the traces: files of spans → measured hops on a topology.
export { importTraces } from './traces/import-traces.ts';
export type { TraceImport, TraceInput } from './traces/import-traces.ts';

export { breaksOff } from './traces/json-elements.ts';
