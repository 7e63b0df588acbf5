// Each importer's documentation runs: the sample is read under the name `unknown`, and what comes out is compared with the dump below it.
// `UPDATE=1` rewrites the dumps.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenarioSections } from '../../../scripts/lib/scenario-sections.mjs';
import { importTraces } from './import-traces.ts';
import type { Bytes, Span } from './importer.ts';
import { importers } from './index.ts';
import { messagingFacts, placeLabel } from './messaging.ts';

interface Sample {
  readonly title: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly dump: string;
}

const DUMP = /```dump\n([\s\S]*?)\n?```/;

function samplesOf(markdown: string): readonly Sample[] {
  return scenarioSections(markdown).flatMap(({ title, body }) => {
    const files = [...body.matchAll(/^`([^`]+)`:\n```\w*\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({
      name,
      text,
    }));
    return files.length === 0 ? [] : [{ title, files, dump: DUMP.exec(body)?.[1] ?? '' }];
  });
}

async function* inChunks(text: string, size = 61): AsyncGenerator<Bytes> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

for (const importer of importers) {
  const path = join(import.meta.dirname, importer.id, 'importer.md');
  describe(importer.id, () => {
    test.each(samplesOf(readFileSync(path, 'utf8')).map((sample) => [sample.title, sample] as const))(
      '%s',
      async (_, sample) => {
        const lines: string[] = [];
        for (const { text } of sample.files) {
          const head = new TextEncoder().encode(text);
          expect(importers.filter((each) => each.recognises(head)).map(({ id }) => id)).toEqual([importer.id]);
          lines.push(...(await dumpOf(importer, text)));
        }
        const { report } = await importTraces(
          sample.files.map(({ text }) => ({ name: 'unknown', chunks: inChunks(text) })),
        );
        for (const hop of report.hops) {
          const via = hop.via.length === 0 ? '' : ` (${hop.via.join(', ')})`;
          lines.push(
            `hop ${hop.producer} → ${hop.channel}${via} → ${hop.consumer}: n ${hop.deliveries}, publish ${hop.publish.max}, transit ${hop.transit.max}, wait ${hop.wait.low.max} to ${hop.wait.high.max}${hop.wait.exact > 0 ? ' (exact)' : ''}, process ${hop.process.max}`,
          );
        }
        for (const { reason, count } of report.coverage.reasons) lines.push(`unpaired ×${count}: ${reason}`);
        const dump = lines.join('\n');
        if (process.env['UPDATE'] === '1' && dump !== sample.dump) {
          const markdown = readFileSync(path, 'utf8');
          const from = markdown.indexOf(`# ${sample.title}`);
          writeFileSync(
            path,
            markdown.slice(0, from) + markdown.slice(from).replace(DUMP, () => `\`\`\`dump\n${dump}\n\`\`\``),
          );
        }
        expect(dump).toBe(sample.dump);
      },
    );
  });
}

async function dumpOf(importer: (typeof importers)[number], text: string): Promise<readonly string[]> {
  const spans: Span[] = [];
  const problems = new Map<string, number>();
  const late: string[] = [];
  for await (const batch of importer.spans(inChunks(text))) {
    spans.push(...batch.spans);
    for (const { message, count } of batch.problems) problems.set(message, (problems.get(message) ?? 0) + count);
    for (const { spanId, link } of batch.lateLinks ?? []) late.push(`link ${spanId} → ${link.traceId} ${link.spanId}`);
  }
  const first = Math.min(...spans.map((span) => span.startMicros));
  return [
    ...spans.map((span) => {
      const facts = messagingFacts(span);
      const offset = span.startMicros - first + span.startNanos / 1000;
      const place =
        facts === null
          ? ''
          : ` @ ${[placeLabel(facts.place), facts.place.queue, facts.place.subscription].filter((name) => name !== '').join(' / ')}`;
      return [
        `${span.traceId} ${span.spanId}${span.parentSpanId === null ? '' : ` < ${span.parentSpanId}`}`,
        ` ${span.service}: ${span.name}, ${span.kind}${facts === null ? '' : ` ${facts.role}`}${place}`,
        ` +${offset} µs, ${span.durationNanos / 1000} µs${span.error ? ', error' : ''}${facts === null || facts.messageId === '' ? '' : `, message ${facts.messageId}`}`,
        ...span.links.map((link) => ` link ${link.traceId} ${link.spanId}`),
      ].join('\n');
    }),
    ...late,
    ...[...problems].map(([message, count]) => `problem ×${count}: ${message}`),
  ];
}
