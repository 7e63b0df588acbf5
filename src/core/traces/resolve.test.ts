// Hops on a declared topology: over routes, subscriptions and dead-letter edges, and what is declared but not seen or seen but not declared.
import { describe, expect, test } from 'vitest';
import type { ChannelId, EdgeId, ServiceId } from '../model/ids.ts';
import type { Channel, Edge, EdgeKind, Service, Topology } from '../model/topology.ts';
import { importTraces } from './import-traces.ts';
import type { Bytes } from './importer.ts';
import { layHops, type NamedHop } from './resolve.ts';

/** `name` or `broker/name`, `!` in front of a dead-letter channel. */
function topology(channels: readonly string[], edges: readonly string[]): Topology {
  const channelOf = (written: string): Channel => {
    const bare = written.replace('!', '');
    const [broker, name] = bare.includes('/') ? bare.split('/') : ['kafka', bare];
    return {
      id: name as ChannelId,
      name: name ?? '',
      group: '',
      kind: 'queue',
      broker: broker ?? '',
      deadLetter: written.startsWith('!'),
      platformSource: false,
      failure: null,
      settings: new Map(),
      schemas: [],
      at: [],
    };
  };
  const services = new Set<string>();
  const kinds: Readonly<Record<string, EdgeKind>> = {
    sends: 'sends',
    receives: 'receives',
    routes: 'routes',
    dead: 'dead-letters',
  };
  const made = edges.map((written): Edge => {
    const [from = '', verb = '', to = '', subscription = ''] = written.split(' ');
    if (verb === 'sends') services.add(from);
    if (verb === 'receives') services.add(to);
    return {
      id: `${from} ${verb} ${to}` as EdgeId,
      kind: kinds[verb] ?? 'routes',
      from: from as ServiceId,
      to: to as ServiceId,
      subscription,
      schemas: [],
      at: [],
      confidence: 'declared',
      why: '',
      failure: null,
      settings: new Map(),
    };
  });
  const serviceOf = (name: string): Service => ({ id: name as ServiceId, name, group: '', at: [] });
  return {
    services: [...services].map(serviceOf),
    channels: channels.map(channelOf),
    schemas: [],
    edges: made,
    tasks: [],
    unresolved: [],
  };
}

function hop(
  producer: string,
  channel: string,
  via: readonly string[],
  consumer: string,
  subscription = '',
  system = '',
): NamedHop {
  return { producer, channel, via, subscription, consumer, system };
}

function placed(one: NamedHop, system: Topology): readonly string[] {
  return Object.keys(layHops([one], system));
}

describe('a hop finds its edges', () => {
  test('a topic: publish, channel and receive', () => {
    const system = topology(['fares'], ['meter sends fares', 'fares receives tariff', 'fares receives audit']);
    expect(placed(hop('meter', 'fares', [], 'tariff'), system)).toEqual([
      'fares',
      'fares receives tariff',
      'meter sends fares',
    ]);
  });

  test('service names are compared without case and separators, and an exact one wins', () => {
    const system = topology(
      ['fares'],
      ['MeterService sends fares', 'fares receives tariff_service', 'fares receives tariff-service'],
    );
    expect(placed(hop('meter-service', 'fares', [], 'tariff-service'), system)).toEqual([
      'MeterService sends fares',
      'fares',
      'fares receives tariff-service',
    ]);
  });

  test('AMQP: exchange and key on one side, the queue on the other', () => {
    const system = topology(
      ['amqp/orders', 'amqp/emails'],
      ['shop sends orders', 'orders routes emails', 'emails receives mailer'],
    );
    expect(placed(hop('shop', 'orders:order.created', ['emails'], 'mailer', '', 'rabbitmq'), system)).toEqual([
      'emails',
      'emails receives mailer',
      'orders',
      'orders routes emails',
      'shop sends orders',
    ]);
  });

  test('SNS to SQS, where the consumer’s span names nothing: the queue that the topic reaches and the consumer reads', () => {
    const system = topology(
      ['sns/fares', 'sqs/bills', 'sqs/other'],
      ['meter sends fares', 'fares routes bills', 'bills receives tariff', 'other receives tariff'],
    );
    expect(placed(hop('meter', 'fares', [], 'tariff', '', 'aws_sns'), system)).toContain('bills receives tariff');
    expect(placed(hop('meter', 'fares', [], 'tariff', '', 'aws_sns'), system)).not.toContain('other receives tariff');
  });

  test('two queues that could be meant: neither is', () => {
    const system = topology(
      ['sns/fares', 'sqs/bills', 'sqs/copies'],
      [
        'meter sends fares',
        'fares routes bills',
        'fares routes copies',
        'bills receives tariff',
        'copies receives tariff',
      ],
    );
    expect(placed(hop('meter', 'fares', [], 'tariff', '', 'aws_sns'), system)).toEqual(['fares', 'meter sends fares']);
  });

  test('a subscription chooses among the receivers of one topic', () => {
    const system = topology(['encore/fares'], ['meter sends fares', 'fares receives tariff calculate']);
    const other = { ...system.edges[1], id: 'second' as EdgeId, subscription: 'archive' } as Edge;
    const both = { ...system, edges: [...system.edges, other] };
    expect(placed(hop('meter', 'fares', ['archive'], 'tariff', 'archive', 'encore'), both)).toEqual([
      'fares',
      'meter sends fares',
      'second',
    ]);
  });

  test('a dead letter goes over the dead-letter edge', () => {
    const system = topology(
      ['sqs/bills', '!sqs/bills-parked'],
      ['meter sends bills', 'bills receives tariff', 'bills dead bills-parked', 'bills-parked receives clerk'],
    );
    expect(placed(hop('meter', 'bills', ['bills-parked'], 'clerk', '', 'aws_sqs'), system)).toEqual([
      'bills',
      'bills dead bills-parked',
      'bills-parked',
      'bills-parked receives clerk',
      'meter sends bills',
    ]);
  });

  test('names that CloudFormation made, and parameters in addresses', () => {
    const system = topology(
      ['sqs/Bills', 'mqtt/house.{id}.light'],
      ['meter sends Bills', 'meter sends house.{id}.light'],
    );
    expect(placed(hop('meter', 'shop-prod-Bills-1ABCDEF2GHIJK', [], 'x'), system)).toContain('meter sends Bills');
    expect(placed(hop('meter', 'house.17.light', [], 'x'), system)).toContain('meter sends house.{id}.light');
    expect(placed(hop('meter', 'house..light', [], 'x'), system)).toEqual([]);
  });

  test('of two channels of one name the broker decides', () => {
    const system = topology(['kafka/fares', 'sqs/bills'], ['meter sends fares']);
    const twin: Channel = { ...(system.channels[0] as Channel), id: 'twin' as ChannelId, broker: 'sqs' };
    const both = { ...system, channels: [...system.channels, twin] };
    expect(placed(hop('x', 'fares', [], 'y', '', 'aws_sqs'), both)).toEqual(['twin']);
    expect(placed(hop('x', 'fares', [], 'y', '', 'kafka'), both)).toEqual(['fares']);
  });

  test('a name from a prototype is a name', () => {
    expect(
      placed(
        hop('__proto__', 'constructor', ['toString'], 'hasOwnProperty'),
        topology(['fares'], ['meter sends fares']),
      ),
    ).toEqual([]);
  });
});

describe('what ran and what is declared', () => {
  const spans = [
    { service: 'meter', id: 'a1', name: 'send fares', kind: 4, at: 0, channel: 'fares' },
    { service: 'tariff', id: 'b1', parent: 'a1', name: 'process fares', kind: 5, at: 10, channel: 'bills' },
    { service: 'meter', id: 'a2', name: 'send tolls', kind: 4, at: 0, channel: 'tolls' },
    { service: 'meter', id: 'a3', name: 'send beats', kind: 4, at: 0, channel: 'beats' },
  ];
  async function* chunks(): AsyncGenerator<Bytes> {
    const resourceSpans = spans.map(({ service, id, parent, name, kind, at, channel }) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '1'.padStart(32, '0'),
              spanId: id.padStart(16, '0'),
              ...(parent === undefined ? {} : { parentSpanId: parent.padStart(16, '0') }),
              name,
              kind,
              startTimeUnixNano: `${1_700_000_000_000 + at}000000`,
              endTimeUnixNano: `${1_700_000_000_002 + at}000000`,
              attributes: [{ key: 'messaging.destination.name', value: { stringValue: channel } }],
            },
          ],
        },
      ],
    }));
    yield new TextEncoder().encode(JSON.stringify({ resourceSpans }));
  }
  const system = topology(
    ['sns/fares', '!sqs/bills', 'beats', 'silence'],
    [
      'meter sends fares',
      'fares routes bills',
      'bills receives tariff',
      'meter sends beats',
      'beats receives nurse',
      'nurse sends silence',
    ],
  );

  test('half-hops count as seen too', async () => {
    const { report } = await importTraces([{ name: 'trace', chunks: chunks() }], { topology: system });
    expect(report.drift).toEqual({
      undeclared: ['meter sends to tolls'],
      unseen: ['nurse receives from beats', 'nurse sends to silence'],
    });
  });

  test('a declared dead-letter channel needs no telling name', async () => {
    const { report } = await importTraces([{ name: 'trace', chunks: chunks() }], { topology: system });
    expect(report.hops.map(({ channel, via, deadLetter }) => [channel, via, deadLetter])).toEqual([
      ['fares', ['bills'], true],
    ]);
    const alone = await importTraces([{ name: 'trace', chunks: chunks() }]);
    expect(alone.report.hops[0]?.deadLetter).toBe(false);
    expect(alone.report.drift).toEqual({ undeclared: [], unseen: [] });
  });
});
