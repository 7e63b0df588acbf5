// The trace formats that can be read, one line each, in alphabetical order. What recognises a file is its content; the first that does reads it.
import { datadog } from './datadog/importer.ts';
import { elasticApm } from './elastic-apm/importer.ts';
import { encore } from './encore/importer.ts';
import { honeycomb } from './honeycomb/importer.ts';
import type { TraceImporter } from './importer.ts';
import { jaeger } from './jaeger/importer.ts';
import { otlp } from './otlp/importer.ts';
import { pythonConsole } from './python-console/importer.ts';
import { tempo } from './tempo/importer.ts';
import { xray } from './xray/importer.ts';
import { zipkin } from './zipkin/importer.ts';

/** Every trace importer. */
export const importers: readonly TraceImporter[] = [
  datadog,
  elasticApm,
  encore,
  honeycomb,
  jaeger,
  otlp,
  pythonConsole,
  tempo,
  xray,
  zipkin,
];
