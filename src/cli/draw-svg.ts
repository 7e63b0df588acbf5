// Topology → SVG on the command line: elkjs in this process behind draw's layout port.
import Elk from 'elkjs/lib/elk.bundled.js';
import type { Topology } from '../core/model/topology.ts';
import { topologySvg } from '../draw/svg.ts';

/** A standalone picture. */
export async function drawTopologySvg(topology: Topology): Promise<string> {
  const elk = new Elk();
  return topologySvg(topology, async (graph) => elk.layout(graph));
}
