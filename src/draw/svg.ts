// A topology as a standalone SVG 1.1 picture: named, described, readable on light and dark ground, no script, no font, no reference to anything outside.
import type { Topology } from '../core/model/topology.ts';
import { arrange, extent } from './arrange.ts';
import { grow } from './geometry.ts';
import { drawGraph } from './graph.ts';
import { defaultFolds, foldGraph } from './fold.ts';
import { type PlacedHops, timings } from './latency.ts';
import type { ElkLayout } from './layout.ts';
import { marks, NO_FINDINGS, type PlacedFindings } from './marks.ts';
import { planLabels, scene } from './scene.ts';
import { escapeXml, shapeText } from './shape.ts';
import { DARK_COLOURS, MAP_STYLE } from './style.ts';
import { counted } from './words.ts';

/** The picture as text, ending in a line break. Same input and same layout, same bytes. Rejects only where `layout` does. */
export async function topologySvg(
  topology: Topology,
  layout: ElkLayout,
  more: { readonly findings?: PlacedFindings; readonly hops?: PlacedHops | null } = {},
): Promise<string> {
  const whole = drawGraph(topology);
  const graph = foldGraph(whole, defaultFolds(whole));
  const placement = await arrange(graph, null, layout);
  const known = {
    graph,
    placement,
    marks: marks(topology, graph, more.findings ?? NO_FINDINGS),
    timings: timings(graph, more.hops ?? null),
  };
  const drawn = scene({ ...known, lit: null, selected: null, current: null }, planLabels(known));
  const box = grow(extent(graph, placement), 24);
  const title = 'Topology';
  const words = `${counted(topology.services.length, 'service')}, ${counted(topology.channels.length, 'channel')}, ${counted(topology.edges.length, 'connection')}${
    graph === whole ? '' : '; groups are folded'
  }.`;
  const shapes = [...drawn.frames, ...drawn.lines, ...drawn.titles, ...drawn.labels, ...drawn.nodes]
    .map(shapeText)
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" class="eventscape" role="img" aria-labelledby="eventscape-title eventscape-about" width="${box.width}" height="${box.height}" viewBox="${box.x} ${box.y} ${box.width} ${box.height}">
<title id="eventscape-title">${escapeXml(title)}</title>
<desc id="eventscape-about">${escapeXml(words)}</desc>
<style>${escapeXml(`${MAP_STYLE}@media (prefers-color-scheme: dark) { .eventscape { ${DARK_COLOURS} } }`).replaceAll('&quot;', '"')}</style>
<rect class="ground" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="var(--es-ground, #ffffff)"/>
${shapes}
</svg>
`;
}
