import { describe, expect, it } from 'vitest';
import { buildSystem, channel, connection, place, service } from '../../test/panel/system.ts';
import type { Topology } from '../core/model/topology.ts';
import { adjacency, neighbourhood, pathway } from './focus.ts';
import { defaultFolds, foldGraph } from './fold.ts';
import { drawGraph, groupNodeId } from './graph.ts';
import { listTopology, sortRows } from './list.ts';
import { marks, NO_FINDINGS } from './marks.ts';
import { searchTopology } from './search.ts';
import { structureHash } from './structure.ts';
import { step } from './walk.ts';

function topology(parts: Partial<Topology>): Topology {
  return { services: [], channels: [], schemas: [], edges: [], tasks: [], unresolved: [], ...parts };
}

const kitchen = service('kitchen', 'kitchen', 'restaurant');
const waiter = service('waiter', 'waiter', 'restaurant');
const till = service('till', 'till', 'front');
const dishes = channel('dishes', 'dishes', 'restaurant');
const bills = channel('bills', 'bills', 'front');
const restaurant = topology({
  services: [kitchen, till, waiter],
  channels: [bills, dishes],
  edges: [
    connection('sends', kitchen.id, dishes.id),
    connection('receives', dishes.id, waiter.id),
    connection('sends', waiter.id, bills.id),
    connection('receives', bills.id, till.id),
  ],
});

describe('drawGraph', () => {
  it('draws connections that differ in subscription as one line that stands for all', () => {
    const twice = topology({
      ...restaurant,
      edges: [
        ...restaurant.edges,
        {
          ...connection('receives', dishes.id, waiter.id),
          id: 'edge:second' as never,
          subscription: 'night shift',
          confidence: 'inferred' as const,
        },
      ],
    });
    const graph = drawGraph(twice);
    expect(graph.edges).toHaveLength(4);
    const line = graph.edges.find((edge) => edge.to === waiter.id);
    expect(line?.stands).toEqual(['edge:receives:channel:dishes:service:waiter', 'edge:second']);
    expect(line?.confidence).toBe('declared');
    expect(line?.id).toBe(drawGraph(restaurant).edges.find((edge) => edge.to === waiter.id)?.id);
  });

  it('frames groups of two and more where there is more than one', () => {
    expect(drawGraph(restaurant).groups.map((group) => group.name)).toEqual(['front', 'restaurant']);
    const alone = topology({ services: [kitchen, waiter], channels: [dishes] });
    expect(drawGraph(alone).groups).toEqual([]);
  });

  it('keeps control characters and direction overrides of a name off the map', () => {
    const [node] = drawGraph(topology({ services: [service('x', 'pay\u202eroll\n2', '')] })).nodes;
    expect(node?.name).toBe('pay\ufffdroll\ufffd2');
  });
});

describe('structureHash', () => {
  it('changes with nodes, edges and groups only', () => {
    const hash = structureHash(drawGraph(restaurant));
    const moved = {
      ...restaurant,
      edges: restaurant.edges.map((edge) => ({ ...edge, at: [place('elsewhere.ts', 3)], why: 'other' })),
    };
    const shuffled = {
      ...restaurant,
      edges: restaurant.edges.toReversed(),
      services: restaurant.services.toReversed(),
    };
    expect(structureHash(drawGraph(moved))).toBe(hash);
    expect(structureHash(drawGraph(shuffled))).toBe(hash);
    expect(structureHash(drawGraph({ ...restaurant, edges: restaurant.edges.slice(1) }))).not.toBe(hash);
    expect(structureHash(drawGraph({ ...restaurant, services: restaurant.services.slice(1) }))).not.toBe(hash);
    expect(
      structureHash(
        drawGraph({ ...restaurant, services: restaurant.services.map((each) => ({ ...each, group: 'one' })) }),
      ),
    ).not.toBe(hash);
  });
});

describe('foldGraph', () => {
  it('shows a folded group as one node with counts, its outer lines joined, its inner ones gone', () => {
    const graph = foldGraph(drawGraph(restaurant), new Set(['restaurant']));
    expect(graph.nodes.map((node) => node.id).toSorted()).toEqual([
      'channel:bills',
      groupNodeId('restaurant'),
      'service:till',
    ]);
    expect(graph.nodes.find((node) => node.kind === 'group')?.word).toBe('2 services · 1 channel');
    expect(graph.edges.map((edge) => [edge.from, edge.to])).toEqual([
      ['channel:bills', 'service:till'],
      [groupNodeId('restaurant'), 'channel:bills'],
    ]);
    expect(foldGraph(drawGraph(restaurant), new Set(['no such group']))).toEqual(drawGraph(restaurant));
  });

  it('loses no connection between groups', () => {
    const whole = drawGraph(buildSystem(200).topology);
    const folds = defaultFolds(whole);
    const graph = foldGraph(whole, folds);
    expect(graph.nodes.length).toBeLessThan(60);
    const groupOf = new Map(
      whole.groups.flatMap((group) => group.members.map((member) => [member, group.name] as const)),
    );
    const outer = whole.edges.filter(
      (edge) => groupOf.get(edge.from) !== groupOf.get(edge.to) || !groupOf.has(edge.from),
    );
    expect(graph.edges.flatMap((edge) => edge.stands).toSorted()).toEqual(
      outer.flatMap((edge) => edge.stands).toSorted(),
    );
  });

  it('arrives open as long as the map can be read', () => {
    expect(defaultFolds(drawGraph(buildSystem(60).topology)).size).toBe(0);
  });
});

describe('focus', () => {
  it('takes in as many steps as asked, in both directions', () => {
    const graph = drawGraph(restaurant);
    const ids = (depth: number): readonly string[] =>
      neighbourhood(graph, dishes.id, depth)
        .nodes.map((node) => node.id)
        .toSorted();
    expect(ids(0)).toEqual([dishes.id]);
    expect(ids(1)).toEqual([dishes.id, kitchen.id, waiter.id]);
    expect(ids(2)).toEqual([bills.id, dishes.id, kitchen.id, waiter.id]);
    expect(ids(9)).toHaveLength(5);
  });

  it('lights producers, channel and consumers, and does not run on through a service', () => {
    const graph = drawGraph(restaurant);
    const isChannel = (id: string): boolean => id.startsWith('channel:');
    expect([...pathway(adjacency(graph), dishes.id, isChannel).nodes].toSorted()).toEqual([
      dishes.id,
      kitchen.id,
      waiter.id,
    ]);
    expect([...pathway(adjacency(graph), kitchen.id, isChannel).nodes].toSorted()).toEqual([
      dishes.id,
      kitchen.id,
      waiter.id,
    ]);
  });

  it('steps by arrow along the connections, else to what lies there', () => {
    const graph = drawGraph(restaurant);
    const boxes = new Map([
      [kitchen.id as string, { x: 0, y: 0, width: 100, height: 40 }],
      [dishes.id as string, { x: 200, y: 0, width: 100, height: 40 }],
      [till.id as string, { x: 200, y: 100, width: 100, height: 40 }],
    ]);
    const lines = adjacency(graph);
    expect(step(kitchen.id, 'right', boxes, lines)).toBe(dishes.id);
    expect(step(dishes.id, 'left', boxes, lines)).toBe(kitchen.id);
    expect(step(dishes.id, 'down', boxes, lines)).toBe(till.id);
    expect(step(till.id, 'up', boxes, lines)).toBe(dishes.id);
    expect(step(kitchen.id, 'up', boxes, lines)).toBeNull();
    expect(step('gone', 'up', boxes, lines)).toBeNull();
  });
});

describe('listTopology', () => {
  it('has a row for every node and every connection of the map', () => {
    const system = buildSystem(60);
    const list = listTopology(system.topology, system, system);
    const graph = drawGraph(system.topology);
    expect(list.nodes.map((row) => row.id)).toEqual(graph.nodes.map((node) => node.id));
    expect(list.connections.map((row) => row.id).toSorted()).toEqual(
      graph.edges.flatMap((edge) => edge.stands).toSorted(),
    );
    const made = marks(system.topology, graph, system);
    for (const row of list.nodes) expect(row.problems).toBe(made.get(row.id)?.findings.length ?? 0);
    expect(list.connections.filter((row) => row.deadLetter === 'missing').length).toBe(
      system.topology.edges.filter((edge) => edge.failure?.deadLetter === 'missing').length,
    );
    expect(list.connections.some((row) => row.latency.includes('ms · n'))).toBe(true);
  });

  it('sorts text without case and figures by size, either way', () => {
    const rows = [
      { id: '1', name: 'beta', p95: 10 },
      { id: '2', name: 'Alpha', p95: 9 },
      { id: '3', name: 'alpha', p95: 100 },
    ];
    expect(sortRows(rows, 'name', false).map((row) => row.id)).toEqual(['2', '3', '1']);
    expect(sortRows(rows, 'p95', true).map((row) => row.id)).toEqual(['3', '1', '2']);
  });
});

describe('searchTopology', () => {
  it('finds by name, kind, group, schema and file, names that begin with it first', () => {
    expect(searchTopology(restaurant, 'DISH')).toEqual([dishes.id]);
    expect(searchTopology(restaurant, 'front')).toEqual([bills.id, till.id]);
    expect(searchTopology(restaurant, 'kafka bill')).toEqual([bills.id]);
    expect(searchTopology(restaurant, 'kitchen/service')).toEqual([kitchen.id]);
    expect(searchTopology(restaurant, '   ')).toEqual([]);
  });
});

describe('marks', () => {
  it('calls a channel an orphan where the rule does, and says which side is empty', () => {
    const lonely = channel('menu', 'menu', 'front');
    const graph = drawGraph(topology({ ...restaurant, channels: [...restaurant.channels, lonely] }));
    const finding = {
      rule: 'orphan-channel',
      severity: 'info',
      certainty: 'certain',
      message: '',
      at: place('a', 1),
      related: [],
      witness: null,
      fixes: [],
    } as const;
    const placed = { findings: [finding], byId: { [lonely.id]: [0], constructor: [0] } };
    expect(marks(restaurant, graph, placed).get(lonely.id)?.orphan).toBe('unused');
    expect(marks(restaurant, graph, NO_FINDINGS).get(lonely.id)).toBeUndefined();
  });

  it('tells a dead-letter queue that is declared nowhere from none at all', () => {
    const failure = buildSystem(20).topology.edges.find((edge) => edge.failure !== null)?.failure ?? null;
    const dangling = { name: 'arn:aws:sqs:…:gone', at: place('a', 1) };
    const edges = restaurant.edges.map((edge) =>
      edge.to === waiter.id && failure
        ? { ...edge, failure: { ...failure, deadLetter: 'configured' as const, dangling } }
        : edge,
    );
    const graph = drawGraph({ ...restaurant, edges });
    const made = marks({ ...restaurant, edges }, graph, NO_FINDINGS);
    expect([...made.values()].map((mark) => [mark.noDeadLetter, mark.danglingDeadLetter])).toEqual([[false, true]]);
  });

  it('counts unresolved names at the one service whose file it is', () => {
    const open = {
      what: 'process.env.TOPIC',
      why: 'not set',
      role: 'send',
      at: place('kitchen/service.yaml', 9),
    } as const;
    const shared = { ...open, at: place('app/events.ts', 2) };
    const graph = drawGraph(restaurant);
    const made = marks({ ...restaurant, unresolved: [open, shared] }, graph, NO_FINDINGS);
    expect(made.get(kitchen.id)?.unresolved).toBe(1);
    expect(made.get(waiter.id)).toBeUndefined();
  });
});
