import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { buildSystem, channel, connection, service } from '../../test/panel/system.ts';
import type { Topology } from '../core/model/topology.ts';
import { arrange, frames, nodeBoxes } from './arrange.ts';
import { foldGraph } from './fold.ts';
import { overlaps } from './geometry.ts';
import { drawGraph, groupNodeId, type DrawGraph } from './graph.ts';
import type { ElkLayout, Placement } from './layout.ts';

const elk = new ELK();

/** The real layout, counting its calls. */
function counting(): { layout: ElkLayout; calls: () => number } {
  let calls = 0;
  return {
    layout: async (graph) => {
      calls++;
      return elk.layout(graph);
    },
    calls: () => calls,
  };
}

function expectTidy(graph: DrawGraph, placement: Placement): void {
  const boxes = Array.from(nodeBoxes(graph, placement.positions));
  expect(boxes.map(([id]) => id).toSorted()).toEqual(graph.nodes.map((node) => node.id).toSorted());
  for (const [index, [id, box]] of boxes.entries()) {
    for (const [other, otherBox] of boxes.slice(index + 1)) {
      expect(overlaps(box, otherBox), `${id} lies over ${other}`).toBe(false);
    }
  }
  const framed = Array.from(frames(graph, placement.positions));
  for (const [index, [name, box]] of framed.entries()) {
    for (const [other, otherBox] of framed.slice(index + 1)) {
      expect(overlaps(box, otherBox), `frame ${name} lies over ${other}`).toBe(false);
    }
    const members = new Set(graph.groups.find((group) => group.name === name)?.members);
    for (const [id, nodeBox] of boxes.filter(([each]) => !members.has(each))) {
      expect(overlaps(box, nodeBox), `frame ${name} lies over ${id}`).toBe(false);
    }
  }
  for (const edge of graph.edges) {
    const points = placement.routes.get(edge.id) ?? [];
    const from = placement.positions.get(edge.from);
    const to = placement.positions.get(edge.to);
    const source = graph.nodes.find((node) => node.id === edge.from);
    expect(points.length).toBeGreaterThan(1);
    const leaves = (from?.x ?? 0) + (source?.width ?? 0) / (edge.kind === 'dead-letters' ? 2 : 1);
    expect(points[0]?.x).toBeCloseTo(leaves, 0);
    expect(points.at(-1)?.x).toBeCloseTo(to?.x ?? 0, 0);
  }
}

function moved(before: Placement, after: Placement): readonly string[] {
  return Array.from(before.positions.keys()).filter((id) => {
    const a = before.positions.get(id);
    const b = after.positions.get(id);
    return a && b && (a.x !== b.x || a.y !== b.y);
  });
}

function withConsumer(topology: Topology, from: string, group: string): Topology {
  const added = service(`${group}/returns-desk`, 'returns-desk', group);
  return {
    ...topology,
    services: [...topology.services, added],
    edges: [...topology.edges, connection('receives', from, added.id)],
  };
}

describe('arrange', () => {
  for (const size of [20, 60, 140]) {
    it(`lays out ${size} nodes without any overlap`, async () => {
      const graph = drawGraph(buildSystem(size).topology);
      const placement = await arrange(graph, null, counting().layout);
      expectTidy(graph, placement);
    });
  }

  it('gives the same picture for the same system', async () => {
    const graph = drawGraph(buildSystem(60).topology);
    const first = await arrange(graph, null, counting().layout);
    const second = await arrange(graph, null, counting().layout);
    expect(second).toEqual(first);
  });

  it('moves nothing when a consumer joins a map of 60 nodes, wherever it joins', async () => {
    const { topology } = buildSystem(60);
    const graph = drawGraph(topology);
    const placement = await arrange(graph, null, counting().layout);
    for (const each of topology.channels) {
      for (const group of [each.group, 'notifications']) {
        const grown = drawGraph(withConsumer(topology, each.id, group));
        const { layout, calls } = counting();
        const after = await arrange(grown, { graph, placement }, layout);
        expect(calls()).toBe(0);
        expectTidy(grown, after);
        expect(moved(placement, after)).toEqual([]);
      }
    }
  });

  it('runs downwards where asked, and keeps still there too', async () => {
    const { topology } = buildSystem(60);
    const graph = drawGraph(topology);
    const placement = await arrange(graph, null, counting().layout, 'down');
    const boxes = nodeBoxes(graph, placement.positions);
    const forward = graph.edges.filter((edge) => {
      const from = boxes.get(edge.from);
      const to = boxes.get(edge.to);
      return from && to && from.y + from.height <= to.y;
    });
    expect(forward.length).toBeGreaterThan(graph.edges.length / 2);
    for (const edge of graph.edges) {
      const to = boxes.get(edge.to);
      const end = placement.routes.get(edge.id)?.at(-1);
      expect(end?.y).toBeCloseTo(to?.y ?? 0, 0);
      expect(end?.x).toBeCloseTo((to?.x ?? 0) + (to?.width ?? 0) / 2, 0);
    }
    const [first] = topology.channels;
    const grown = drawGraph(withConsumer(topology, first?.id ?? '', 'orders'));
    const after = await arrange(grown, { graph, placement }, counting().layout, 'down');
    expect(moved(placement, after)).toEqual([]);
    const all = nodeBoxes(grown, after.positions);
    const added = all.get('service:orders/returns-desk');
    expect(
      Array.from(all)
        .filter(([, box]) => added && overlaps(box, added))
        .map(([id]) => id),
    ).toEqual(['service:orders/returns-desk']);
  });

  it('keeps the routes of lines whose ends stay', async () => {
    const { topology } = buildSystem(60);
    const graph = drawGraph(topology);
    const placement = await arrange(graph, null, counting().layout);
    const [first] = topology.channels;
    const grown = drawGraph(withConsumer(topology, first?.id ?? '', 'orders'));
    const after = await arrange(grown, { graph, placement }, counting().layout);
    const same = Array.from(placement.routes).filter(
      ([id, points]) => JSON.stringify(after.routes.get(id)) === JSON.stringify(points),
    );
    expect(same.length).toBeGreaterThanOrEqual(placement.routes.size - 3);
  });

  it('leaves a hole where a node goes', async () => {
    const { topology } = buildSystem(20);
    const graph = drawGraph(topology);
    const placement = await arrange(graph, null, counting().layout);
    const gone = topology.services[1]?.id;
    const rest = drawGraph({
      ...topology,
      services: topology.services.filter((each) => each.id !== gone),
      edges: topology.edges.filter((edge) => edge.from !== gone && edge.to !== gone),
    });
    const after = await arrange(rest, { graph, placement }, counting().layout);
    expect(after.positions.size).toBe(placement.positions.size - 1);
    expect(moved(placement, after)).toEqual([]);
  });

  it('lays out a new domain by itself and puts it where there is room', async () => {
    const { topology } = buildSystem(60);
    const graph = drawGraph(topology);
    const placement = await arrange(graph, null, counting().layout);
    const desk = service('returns/desk', 'desk', 'returns');
    const clerk = service('returns/clerk', 'clerk', 'returns');
    const claims = channel('returns/claims', 'claims', 'returns');
    const grown = drawGraph({
      ...topology,
      services: [...topology.services, desk, clerk],
      channels: [...topology.channels, claims],
      edges: [...topology.edges, connection('sends', desk.id, claims.id), connection('receives', claims.id, clerk.id)],
    });
    const { layout, calls } = counting();
    const after = await arrange(grown, { graph, placement }, layout);
    expect(calls()).toBe(1);
    expect(moved(placement, after)).toEqual([]);
    expectTidy(grown, after);
    expect(after.positions.get(claims.id)?.x).toBeGreaterThan(after.positions.get(desk.id)?.x ?? 0);
  });

  it('makes room where a group unfolds and closes it again where it folds', async () => {
    const whole = drawGraph(buildSystem(60).topology);
    const all = new Set(whole.groups.map((group) => group.name));
    const folded = foldGraph(whole, all);
    const placement = await arrange(folded, null, counting().layout);
    expectTidy(folded, placement);
    for (const name of all) {
      const open = foldGraph(whole, new Set([...all].filter((each) => each !== name)));
      const unfolded = await arrange(open, { graph: folded, placement }, counting().layout);
      expectTidy(open, unfolded);
      const closed = await arrange(folded, { graph: open, placement: unfolded }, counting().layout);
      expectTidy(folded, closed);
      expect(closed.positions.get(groupNodeId(name))).toEqual(placement.positions.get(groupNodeId(name)));
    }
  });

  it('says nothing about an empty system', async () => {
    const graph = drawGraph({ services: [], channels: [], schemas: [], edges: [], tasks: [], unresolved: [] });
    const { layout, calls } = counting();
    expect((await arrange(graph, null, layout)).positions.size).toBe(0);
    expect(calls()).toBe(0);
  });
});
