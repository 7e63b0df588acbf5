// Import of large trace files against JSON.parse of the same file, each in a process of its own: node bench/traces/run.mjs [MEGABYTES]
// Prints throughput, the ratio and the resident memory. JSON.parse does less: it yields objects, the import yields the report.
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;
const root = dirname(dirname(here));

if (process.argv[2] === '--child') {
  await child(process.argv[3], process.argv[4], process.argv[5]);
} else {
  const megabytes = Number(process.argv[2] ?? 200);
  const folder = mkdtempSync(join(tmpdir(), 'eventscape-bench-'));
  try {
    const bundle = join(folder, 'import.mjs');
    await build({ entryPoints: [join(root, 'src/core/import-traces.ts')], bundle: true, platform: 'node', format: 'esm', outfile: bundle, logLevel: 'error' });
    console.log(`${megabytes} MB each, Node ${process.version}`);
    for (const format of ['otlp-lines', 'otlp', 'jaeger']) {
      const file = join(folder, `${format}.json`);
      await run('node', [join(here, 'generate.mjs'), format, String(megabytes), file]);
      const size = statSync(file).size / 1e6;
      const parse = await measured('parse', file, bundle);
      const imported = await measured('import', file, bundle);
      const rate = (each) => (each.seconds === null ? 'fails' : `${(size / each.seconds).toFixed(0)} MB/s, ${each.resident} MB resident`);
      const ratio = parse.seconds === null || imported.seconds === null ? '–' : (parse.seconds / imported.seconds).toFixed(2);
      console.log(`${format.padEnd(11)} JSON.parse ${rate(parse)} | import ${rate(imported)} (${imported.spans} spans) | ratio ${ratio}`);
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(what, file, bundle) {
  try {
    const { stdout } = await run('node', ['--max-old-space-size=4096', import.meta.filename, '--child', what, file, bundle]);
    return JSON.parse(stdout);
  } catch {
    return { seconds: null, resident: null };
  }
}

async function child(what, file, bundle) {
  const started = performance.now();
  let spans = 0;
  if (what === 'parse') {
    const text = readFileSync(file, 'utf8');
    if (file.includes('lines')) for (const line of text.split('\n')) spans += line === '' ? 0 : JSON.parse(line).resourceSpans.length;
    else spans = Object.keys(JSON.parse(text)).length;
  } else {
    const { createReadStream } = await import('node:fs');
    const { importTraces } = await import(bundle);
    spans = (await importTraces([{ name: file, chunks: createReadStream(file, { highWaterMark: 256 * 1024 }) }])).report.spans;
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ seconds, spans, resident: Math.round(process.resourceUsage().maxRSS / 1024) }));
}
