// `eventscape topology`: the declared system as text, JSON, Mermaid or SVG.
import { topologyJson } from '../reporters/topology-json.ts';
import { topologyReport } from '../reporters/topology-report.ts';
import type { Outcome } from '../usage.ts';
import { openWorkspace } from '../workspace.ts';

export const TOPOLOGY_FORMATS = ['text', 'json', 'mermaid', 'svg'] as const;

/** Runs the command. Without `--base` nothing is compared. */
export async function topologyCommand({
  dir,
  format,
  base,
}: {
  readonly dir: string;
  readonly format: (typeof TOPOLOGY_FORMATS)[number];
  readonly base: string | undefined;
}): Promise<Outcome> {
  const { snapshot } = await openWorkspace(dir, base ?? 'none', {}, false);
  switch (format) {
    case 'text':
      return { output: topologyReport(snapshot), code: 0 };
    case 'json':
      return { output: topologyJson(snapshot), code: 0 };
    case 'mermaid': {
      const { topologyMermaid } = await import('../../draw/mermaid.ts');
      return { output: topologyMermaid(snapshot.topology), code: 0 };
    }
    case 'svg': {
      const { drawTopologySvg } = await import('../draw-svg.ts');
      return { output: await drawTopologySvg(snapshot.topology), code: 0 };
    }
  }
}
