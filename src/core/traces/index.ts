// The trace formats that can be read, one line each, in alphabetical order. Recognition asks them in this order.
import type { TraceImporter } from './importer.ts';
import { jaeger } from './jaeger/importer.ts';
import { otlp } from './otlp/importer.ts';

/** Every trace importer. */
export const importers: readonly TraceImporter[] = [jaeger, otlp];
