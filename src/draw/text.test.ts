import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { buildSystem, channel, connection, service } from '../../test/panel/system.ts';
import type { Stats } from '../core/model/hop.ts';
import { drawGraph } from './graph.ts';
import { duration, statsLabel, timings } from './latency.ts';
import { fitText, textWidth } from './measure.ts';
import { topologyMermaid } from './mermaid.ts';
import { pathData, routeAround, straighten } from './route.ts';
import { topologySvg } from './svg.ts';

const elk = new ELK();
const HOSTILE = '"]; click n0 "javascript:alert(1)" <script>alert(1)</script> `x` #quot; end\n%%{init: {}}%%';

function hostileTopology() {
  const sender = service('a', HOSTILE, HOSTILE);
  const other = service('b', 'clerk', 'office');
  const bus = channel('c', HOSTILE, HOSTILE);
  return {
    services: [sender, other],
    channels: [bus],
    schemas: [],
    edges: [connection('sends', sender.id, bus.id), connection('receives', bus.id, other.id)],
    tasks: [],
    unresolved: [],
  };
}

describe('topologyMermaid', () => {
  it('writes channels as pills, dead letters in colour, groups as frames', () => {
    const text = topologyMermaid(buildSystem(20).topology);
    expect(text).toMatch(/^flowchart LR\n {2}subgraph g0\["orders"\]\n/);
    expect(text).toContain('(["order-placed<br/><small>Kafka topic</small>"])');
    expect(text).toMatch(/n\d+ -->\|"dead letters"\| n\d+\n/);
    expect(text).toMatch(/linkStyle \d+ stroke:#bf8700/);
    expect(text).toContain(':::changed');
  });

  it('lets no name out of its quotes', () => {
    const text = topologyMermaid(hostileTopology());
    expect(text.replaceAll(/"[^"]*"/g, '')).not.toMatch(/click|script|`|init/);
    for (const [, label] of text.matchAll(/"([^"]*)"/g))
      expect(label?.replaceAll(/<br\/><small>|<\/small>/g, '')).not.toMatch(/[<>`[\]"\n]/);
  });

  it('draws groups for members beyond 400 connections, and says so', () => {
    const { topology } = buildSystem(400);
    expect(topology.edges.length).toBeGreaterThan(400);
    const text = topologyMermaid(topology);
    expect(text).toContain(`%% ${topology.edges.length} connections are too many`);
    expect(text.split('\n').length).toBeLessThan(500);
    expect(text).toMatch(/note\["Grouped: /);
  });
});

describe('topologySvg', () => {
  it('is a standalone, named, escaped picture, the same each time', async () => {
    const draw = (): Promise<string> => topologySvg(hostileTopology(), (graph) => elk.layout(graph));
    const svg = await draw();
    expect(await draw()).toBe(svg);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" class="eventscape" role="img"/);
    expect(svg).toContain('<desc id="eventscape-about">2 services, 1 channel, 2 connections.</desc>');
    expect(svg).not.toContain('<script');
    expect(svg).not.toMatch(/tabindex|NaN|undefined|Infinity/);
    expect(svg.replaceAll(/<[^>]*>/g, '')).not.toContain('<');
  });

  it('has every node and every line of the system, and is well formed', async () => {
    const { topology, ...rest } = buildSystem(20);
    const svg = await topologySvg(topology, (graph) => elk.layout(graph), { findings: rest, hops: rest });
    expect(svg.match(/data-id="/g)).toHaveLength(topology.services.length + topology.channels.length);
    expect(svg.match(/<g class="line /g)).toHaveLength(drawGraph(topology).edges.length);
    const depth = Array.from(svg.matchAll(/<(\/?)[a-z][^>]*?(\/?)>/g)).reduce(
      (open, [, closes, selfCloses]) => open + (closes ? -1 : selfCloses ? 0 : 1),
      0,
    );
    expect(depth).toBe(0);
  });
});

describe('latency', () => {
  const stats = (n: number, p50: number | null, p95: number | null): Stats => ({ n, p50, p95, p99: p95, max: p95 });

  it('writes both figures in one unit, three digits, not finer than the clock', () => {
    expect(statsLabel(stats(96, 12.345, 80.1), 0.001)).toBe('12.3 / 80.1 ms');
    expect(statsLabel(stats(96, 12.345, 80.1), 1)).toBe('12 / 80 ms');
    expect(statsLabel(stats(96, 240, 1800), 1)).toBe('0.24 / 1.8 s');
    expect(statsLabel(stats(96, -3.5, 2), 0.1)).toBe('−3.5 / 2 ms');
    expect(statsLabel(stats(3, null, null), 1)).toBe('too few');
    expect(duration(125_000, 1)).toBe('2.08 min');
    expect(duration(null, 1)).toBe('–');
  });

  it('puts publish on sends, process on receives, transit on the channel, the slowest hop first', () => {
    const system = buildSystem(20);
    const graph = drawGraph(system.topology);
    const timed = timings(graph, system);
    const segments = (kind: string): ReadonlySet<string> =>
      new Set(graph.edges.filter((edge) => edge.kind === kind).flatMap((edge) => timed.get(edge.id)?.segment ?? []));
    expect([...segments('sends')]).toEqual(['publish']);
    expect([...segments('receives')]).toEqual(['process']);
    expect([...segments('dead-letters')]).toEqual([]);
    for (const node of graph.nodes) expect(timed.get(node.id)?.segment ?? 'transit').toBe('transit');
    for (const timing of timed.values()) {
      const p95s = timing.hops.map((hop) => system.report.hops[hop]?.[timing.segment].p95 ?? -1);
      expect(system.report.hops[timing.hop]?.[timing.segment].p95 ?? -1).toBe(Math.max(...p95s));
    }
    expect(timings(graph, null).size).toBe(0);
  });
});

describe('labels and lines', () => {
  it('fits a label into its room by its middle', () => {
    const long = 'arn:aws:sns:eu-central-1:123456789012:warehouse-stock-level-changed-v2.fifo';
    const fitted = fitText(long, 160, 13);
    expect(textWidth(fitted, 13)).toBeLessThanOrEqual(160);
    expect(fitted.startsWith('arn:aws')).toBe(true);
    expect(fitted.endsWith('v2.fifo')).toBe(true);
    expect(fitText('short', 160, 13)).toBe('short');
    expect(fitText('', 160, 13)).toBe('');
  });

  it('goes around a box that stands in the way', () => {
    const from = { x: 0, y: 0, width: 100, height: 40 };
    const to = { x: 400, y: 0, width: 100, height: 40 };
    const wall = { x: 200, y: -30, width: 80, height: 100 };
    expect(routeAround(from, to, [from, to])).toEqual([
      { x: 100, y: 20 },
      { x: 400, y: 20 },
    ]);
    const around = routeAround(from, to, [from, to, wall]);
    expect(around.length).toBeGreaterThan(2);
    for (const [index, point] of around.entries()) {
      const previous = around[index - 1] ?? point;
      expect(point.x === previous.x || point.y === previous.y).toBe(true);
      const inside =
        Math.min(point.x, previous.x) < 280 &&
        Math.max(point.x, previous.x) > 200 &&
        point.y > -30 &&
        point.y < 70 &&
        point.y === previous.y;
      expect(inside).toBe(false);
    }
    expect(routeAround(to, from, [from, to]).at(-1)).toEqual({ x: 0, y: 20 });
  });

  it('writes rounded corners and leaves out points that say nothing', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 50, y: 0 },
      { x: 100, y: 0 },
      { x: 100, y: 60 },
    ];
    expect(straighten(points)).toEqual([
      { x: 0, y: 0 },
      { x: 100, y: 0 },
      { x: 100, y: 60 },
    ]);
    expect(pathData(straighten(points))).toBe('M0 0L92 0Q100 0 100 8L100 60');
    expect(pathData(straighten(points), 8, true)).toMatch(/^M100 60L/);
    expect(pathData([])).toBe('');
  });
});
