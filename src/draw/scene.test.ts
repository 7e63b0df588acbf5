import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { buildSystem, channel, connection, service } from '../../test/panel/system.ts';
import { arrange, frames, nodeBoxes } from './arrange.ts';
import { type Box, overlaps } from './geometry.ts';
import { drawGraph } from './graph.ts';
import { timings } from './latency.ts';
import type { Placement } from './layout.ts';
import { marks, NO_FINDINGS } from './marks.ts';
import { planLabels, scene, type SceneInput } from './scene.ts';
import type { Shape } from './shape.ts';

const elk = new ELK();

async function drawn(size: number): Promise<SceneInput> {
  const system = buildSystem(size);
  const graph = drawGraph(system.topology);
  return {
    graph,
    placement: await arrange(graph, null, (json) => elk.layout(json)),
    marks: marks(system.topology, graph, system),
    timings: timings(graph, system),
    lit: null,
    selected: null,
    current: null,
  };
}

describe('scene', () => {
  for (const size of [50, 200]) {
    it(`lets no two labels of ${size} nodes intersect, and none cover a node`, { timeout: 60_000 }, async () => {
      const input = await drawn(size);
      const boxes: (readonly [string, Box])[] = [
        ...planLabels(input).boxes,
        ...nodeBoxes(input.graph, input.placement.positions),
        ...Array.from(
          frames(input.graph, input.placement.positions),
          ([name, box]) => [`title ${name}`, { ...box, width: 60, height: 22 }] as const,
        ),
      ];
      expect(boxes.length).toBeGreaterThan(size * 1.5);
      for (const [index, [id, box]] of boxes.entries()) {
        for (const [other, otherBox] of boxes.slice(index + 1))
          expect(overlaps(box, otherBox), `${id} over ${other}`).toBe(false);
      }
    });
  }

  it('marks a consumer that loses messages on its line, and what was removed as a ghost', async () => {
    const input = await drawn(20);
    const { labels, lines, nodes } = scene(input, planLabels(input));
    const lossy = input.graph.edges.filter(
      (edge) => input.marks.get(edge.id)?.noDeadLetter && edge.change !== 'removed',
    );
    expect(lossy.length).toBeGreaterThan(0);
    expect(labels.filter((label) => texts(label).some((text) => text === 'no DLQ' || text === '!')).length).toBe(
      lossy.length,
    );
    expect(lines.filter((line) => line.attrs['class']?.includes('change-removed'))).toHaveLength(1);
    expect(nodes.filter((node) => node.attrs['class']?.includes('change-changed'))).toHaveLength(1);
  });

  it('dims what is not lit and keeps the rest', async () => {
    const input = await drawn(20);
    const [edge] = input.graph.edges;
    const lit = { nodes: new Set([edge?.from ?? '', edge?.to ?? '']), edges: new Set([edge?.id ?? '']) };
    const plan = planLabels(input);
    const { nodes, lines } = scene({ ...input, lit }, plan);
    expect(nodes.filter((node) => !node.attrs['class']?.includes('dim'))).toHaveLength(2);
    expect(lines.filter((line) => line.attrs['class']?.includes(' lit'))).toHaveLength(1);
  });

  it('shows what is wrong on every line it concerns', { timeout: 60_000 }, async () => {
    const input = await drawn(140);
    const { boxes } = planLabels(input);
    const lossy = input.graph.edges.filter(
      (edge) => input.marks.get(edge.id)?.noDeadLetter && edge.change !== 'removed',
    );
    expect(lossy.length).toBeGreaterThan(20);
    expect(lossy.filter((edge) => !boxes.has(`guard ${edge.id}`))).toEqual([]);
  });

  it('leaves a label out rather than over something else', () => {
    const sender = service('till', 'till', '');
    const bus = channel('sales', 'sales', '');
    const topology = {
      services: [sender],
      channels: [bus],
      schemas: [],
      edges: [connection('sends', sender.id, bus.id)],
      tasks: [],
      unresolved: [],
    };
    const graph = drawGraph(topology);
    const [edge] = graph.edges;
    const near: Placement = {
      positions: new Map([
        [sender.id as string, { x: 0, y: 0 }],
        [bus.id as string, { x: 112, y: 0 }],
      ]),
      routes: new Map([
        [
          edge?.id ?? '',
          [
            { x: 104, y: 20 },
            { x: 112, y: 20 },
          ],
        ],
      ]),
    };
    const input = { graph, placement: near, marks: new Map([[edge?.id ?? '', lossyMarks]]), timings: new Map() };
    expect(planLabels(input).boxes.size).toBe(0);
    const far: Placement = {
      positions: new Map([...near.positions, [bus.id as string, { x: 300, y: 0 }]]),
      routes: new Map([
        [
          edge?.id ?? '',
          [
            { x: 104, y: 20 },
            { x: 300, y: 20 },
          ],
        ],
      ]),
    };
    expect(planLabels({ ...input, placement: far }).boxes.size).toBe(1);
    expect(marks(topology, graph, NO_FINDINGS).size).toBe(0);
  });
});

const lossyMarks = {
  findings: [],
  errors: 0,
  warnings: 0,
  infos: 0,
  noDeadLetter: true,
  danglingDeadLetter: false,
  orphan: null,
  unresolved: 0,
  inferred: false,
};

function texts(shape: Shape): readonly string[] {
  return [...(shape.text === undefined ? [] : [shape.text]), ...(shape.children ?? []).flatMap(texts)];
}
