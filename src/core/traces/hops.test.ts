// Pairing, one messaging habit per test. Each trace is written as short lines: what a library really emits, reduced to the spans that matter.
import { describe, expect, test } from 'vitest';
import type { TraceReport } from '../model/hop.ts';
import { importTraces } from './import-traces.ts';
import type { Bytes } from './importer.ts';
import { messagingFacts, placeLabel, soundsDead } from './messaging.ts';

interface Written {
  readonly id: string;
  readonly trace?: string;
  readonly parent?: string;
  /** `trace/span`, or a span of trace 1. */
  readonly links?: readonly string[];
  readonly service: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Start and end, ms. */
  readonly at: readonly [number, number];
  readonly error?: boolean;
  readonly [attribute: `${string}.${string}`]: string | number;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

async function report(spans: readonly Written[]): Promise<TraceReport> {
  const span = (each: Written): unknown => ({
    traceId: hexOf(each.trace ?? '1').padStart(32, '0'),
    spanId: hexOf(each.id),
    ...(each.parent === undefined ? {} : { parentSpanId: hexOf(each.parent) }),
    name: each.name,
    kind: KINDS.indexOf(each.kind),
    startTimeUnixNano: nanos(each.at[0]),
    endTimeUnixNano: nanos(each.at[1]),
    status: { code: each.error === true ? 2 : 0 },
    links: (each.links ?? []).map((link) => {
      const [trace, id] = link.includes('/') ? link.split('/') : ['1', link];
      return { traceId: hexOf(trace ?? '').padStart(32, '0'), spanId: hexOf(id ?? '') };
    }),
    attributes: Object.entries(each)
      .filter(([key]) => key.includes('.'))
      .map(([key, value]) => ({
        key,
        value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
      })),
  });
  const resourceSpans = spans.map((each) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: each.service } }] },
    scopeSpans: [{ spans: [span(each)] }],
  }));
  async function* chunks(): AsyncGenerator<Bytes> {
    yield new TextEncoder().encode(JSON.stringify({ resourceSpans }));
  }
  return (await importTraces([{ name: 'trace', chunks: chunks() }])).report;
}

function hexOf(id: string): string {
  return Array.from(id, (character) => character.charCodeAt(0).toString(16))
    .join('')
    .padStart(16, '0');
}

function nanos(milliseconds: number): string {
  return `${1_700_000_000_000 + milliseconds}000000`;
}

function summary({ hops, coverage }: TraceReport): readonly string[] {
  return [
    ...hops.map((hop) => {
      const via = hop.via.length === 0 ? '' : ` (${hop.via.join(', ')})`;
      const notes = [
        hop.redeliveries > 0 ? ` redelivered ${hop.redeliveries}` : '',
        hop.deadLetter ? ' dead' : '',
        hop.inferred > 0 ? ` inferred ${hop.inferred}` : '',
      ].join('');
      return `${hop.producer} → ${hop.channel}${via} → ${hop.consumer}: ${hop.deliveries}${notes}, publish ${hop.publish.max}, transit ${hop.transit.max}, process ${hop.process.max}`;
    }),
    ...(coverage.producerOnly === 0 ? [] : [`no consumer: ${coverage.producerOnly}`]),
    ...(coverage.consumerOnly === 0 ? [] : [`no producer: ${coverage.consumerOnly}`]),
  ];
}

const kafka = { 'messaging.system': 'kafka', 'messaging.destination.name': 'fares' } as const;

describe('create and send', () => {
  test('the message’s own span is the create, the publish is the send that links to it', async () => {
    const spans: readonly Written[] = [
      {
        id: 'c1',
        service: 'meter',
        name: 'fares create',
        kind: 'producer',
        at: [0, 1],
        ...kafka,
        'messaging.operation': 'create',
      },
      {
        id: 'c2',
        service: 'meter',
        name: 'fares create',
        kind: 'producer',
        at: [1, 2],
        ...kafka,
        'messaging.operation': 'create',
      },
      {
        id: 's1',
        trace: '2',
        links: ['c1', 'c2'],
        service: 'meter',
        name: 'publish',
        kind: 'client',
        at: [5, 9],
        ...kafka,
        'messaging.operation': 'publish',
        'messaging.batch.message_count': 2,
      },
      {
        id: 'd1',
        parent: 'c1',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [20, 25],
        ...kafka,
        'messaging.operation': 'process',
      },
      {
        id: 'd2',
        parent: 'c2',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [30, 33],
        ...kafka,
        'messaging.operation': 'process',
      },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 2, publish 4, transit 25, process 5']);
  });

  test('Google Pub/Sub: create, send, subscribe and an inner process span are one delivery', async () => {
    const topic = { 'messaging.system': 'gcp_pubsub', 'messaging.destination.name': 'fares' } as const;
    const subscription = { 'messaging.system': 'gcp_pubsub', 'messaging.destination.name': 'tariff-sub' } as const;
    const spans: readonly Written[] = [
      {
        id: 'c1',
        service: 'meter',
        name: 'fares create',
        kind: 'producer',
        at: [0, 40],
        ...topic,
        'messaging.operation': 'create',
      },
      {
        id: 's1',
        trace: '9',
        links: ['c1'],
        service: 'meter',
        name: 'fares send',
        kind: 'producer',
        at: [10, 38],
        ...topic,
      },
      {
        id: 'r1',
        parent: 'c1',
        service: 'tariff',
        name: 'tariff-sub subscribe',
        kind: 'consumer',
        at: [60, 90],
        ...subscription,
        'messaging.operation': 'receive',
      },
      { id: 'p1', parent: 'r1', service: 'tariff', name: 'tariff-sub process', kind: 'internal', at: [70, 88] },
      {
        id: 'a1',
        parent: 'r1',
        service: 'tariff',
        name: 'tariff-sub ack',
        kind: 'client',
        at: [89, 90],
        ...subscription,
        'messaging.operation': 'ack',
      },
    ];
    expect(summary(await report(spans))).toEqual([
      'meter → fares (tariff-sub) → tariff: 1, publish 28, transit 50, process 30',
    ]);
  });

  test('a send within a send of the same channel is one publish', async () => {
    const spans: readonly Written[] = [
      { id: 'o1', service: 'meter', name: 'fares send', kind: 'producer', at: [0, 9], ...kafka },
      { id: 'i1', parent: 'o1', service: 'meter', name: 'fares publish', kind: 'producer', at: [1, 8], ...kafka },
      { id: 'd1', parent: 'i1', service: 'tariff', name: 'fares process', kind: 'consumer', at: [20, 22], ...kafka },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 1, publish 7, transit 19, process 2']);
  });
});

describe('receive and process', () => {
  const send: Written = { id: 'a1', service: 'meter', name: 'send fares', kind: 'producer', at: [0, 2], ...kafka };

  test('a batch: the poll is no delivery, its linked process spans are', async () => {
    const spans: readonly Written[] = [
      send,
      { id: 'a2', trace: '2', service: 'meter', name: 'send fares', kind: 'producer', at: [1, 3], ...kafka },
      {
        id: 'b0',
        trace: '3',
        service: 'tariff',
        name: 'poll fares',
        kind: 'client',
        at: [0, 20],
        ...kafka,
        'messaging.operation.type': 'receive',
        links: ['a1', '2/a2'],
      },
      {
        id: 'b1',
        trace: '3',
        parent: 'b0',
        service: 'tariff',
        name: 'process fares',
        kind: 'consumer',
        at: [12, 20],
        ...kafka,
        links: ['a1'],
      },
      {
        id: 'b2',
        trace: '3',
        parent: 'b0',
        service: 'tariff',
        name: 'process fares',
        kind: 'consumer',
        at: [12, 20],
        ...kafka,
        links: ['2/a2'],
      },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 2, publish 2, transit 12, process 8']);
  });

  test('a process span without links below a receive of one message takes over its reference', async () => {
    const spans: readonly Written[] = [
      send,
      {
        id: 'b0',
        trace: '3',
        service: 'tariff',
        name: 'fares receive',
        kind: 'consumer',
        at: [0, 10],
        ...kafka,
        'messaging.operation': 'receive',
        links: ['a1'],
      },
      {
        id: 'b1',
        trace: '3',
        parent: 'b0',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [11, 19],
        ...kafka,
        'messaging.operation': 'process',
      },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 1, publish 2, transit 11, process 8']);
  });

  test('a batch receive in a trace of its own beside process spans below the producers', async () => {
    const spans: readonly Written[] = [
      send,
      {
        id: 'b0',
        trace: '3',
        service: 'tariff',
        name: 'fares receive',
        kind: 'consumer',
        at: [5, 10],
        ...kafka,
        'messaging.operation': 'receive',
        links: ['a1'],
      },
      {
        id: 'b1',
        parent: 'a1',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [11, 19],
        ...kafka,
        'messaging.operation': 'process',
      },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 1, publish 2, transit 11, process 8']);
  });

  test('Spring calls its processing "receive": as a child of the producer it began when the message was there', async () => {
    const spans: readonly Written[] = [
      send,
      {
        id: 'b0',
        parent: 'a1',
        service: 'tariff',
        name: 'fares receive',
        kind: 'consumer',
        at: [15, 40],
        'messaging.system': 'kafka',
        'messaging.source.name': 'fares',
        'messaging.operation': 'receive',
      },
      { id: 'b1', parent: 'b0', service: 'tariff', name: 'calculate', kind: 'internal', at: [16, 39] },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 1, publish 2, transit 15, process 25']);
  });

  test('two instrumentations of one consumer count once', async () => {
    const spans: readonly Written[] = [
      send,
      {
        id: 'b0',
        parent: 'a1',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [15, 40],
        ...kafka,
        'messaging.operation': 'process',
      },
      {
        id: 'b1',
        parent: 'b0',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [16, 39],
        ...kafka,
        'messaging.operation': 'process',
        links: ['a1'],
      },
      {
        id: 'b2',
        parent: 'b1',
        service: 'tariff',
        name: 'fares process',
        kind: 'consumer',
        at: [17, 38],
        ...kafka,
        'messaging.operation': 'process',
      },
    ];
    expect(summary(await report(spans))).toEqual(['meter → fares → tariff: 1, publish 2, transit 15, process 25']);
  });

  test('empty polls and acknowledgements are nothing', async () => {
    const spans: readonly Written[] = [
      {
        id: 'b0',
        service: 'tariff',
        name: 'fares receive',
        kind: 'consumer',
        at: [0, 20_000],
        'messaging.system': 'AmazonSQS',
        'messaging.operation': 'receive',
        'messaging.destination.name': 'fares',
      },
      {
        id: 'b1',
        service: 'tariff',
        name: 'fares receive',
        kind: 'consumer',
        at: [0, 20_000],
        'messaging.system': 'aws_sqs',
        'messaging.url': 'https://sqs.eu-west-1.amazonaws.com/1/fares',
      },
      {
        id: 'b2',
        service: 'tariff',
        name: 'settle',
        kind: 'client',
        at: [5, 6],
        ...kafka,
        'messaging.operation.type': 'settle',
      },
    ];
    expect(summary(await report(spans))).toEqual([]);
  });
});

describe('attempts', () => {
  const attempt = (id: string, at: readonly [number, number], error: boolean): Written => ({
    id,
    parent: 'a1',
    service: 'tariff',
    name: 'fares process',
    kind: 'consumer',
    at,
    error,
    ...kafka,
  });

  test('the same message to the same consumer again is a redelivery', async () => {
    const spans: readonly Written[] = [
      { id: 'a1', service: 'meter', name: 'send fares', kind: 'producer', at: [0, 2], ...kafka },
      attempt('b1', [10, 12], true),
      attempt('b2', [30, 32], true),
      attempt('b3', [70, 75], false),
      { ...attempt('b4', [10, 11], false), service: 'audit' },
    ];
    const { hops } = await report(spans);
    expect(
      hops.map(({ consumer, deliveries, redeliveries, errors }) => [consumer, deliveries, redeliveries, errors]),
    ).toEqual([
      ['audit', 1, 0, 0],
      ['tariff', 3, 2, 2],
    ]);
  });

  test('messages of one batch send are not repeats of each other', async () => {
    const spans: readonly Written[] = [
      {
        id: 'a1',
        service: 'meter',
        name: 'addBulk fares',
        kind: 'producer',
        at: [0, 2],
        ...kafka,
        'messaging.batch.message_count': 2,
      },
      attempt('b1', [10, 12], false),
      attempt('b2', [30, 32], false),
    ];
    expect((await report(spans)).hops[0]).toMatchObject({ deliveries: 2, redeliveries: 0 });
  });
});

describe('by message id', () => {
  const sent = (id: string, channel: string, message: string, at: number): Written => ({
    id,
    trace: id,
    service: 'meter',
    name: `${channel} send`,
    kind: 'producer',
    at: [at, at + 2],
    'messaging.system': 'aws_sqs',
    'messaging.destination.name': channel,
    'messaging.message.id': message,
  });
  const read = (id: string, channel: string, message: string, at: number): Written => ({
    id,
    trace: id,
    service: 'tariff',
    name: `${channel} process`,
    kind: 'consumer',
    at: [at, at + 5],
    'messaging.system': 'aws_sqs',
    'messaging.destination.name': channel,
    'messaging.message.id': message,
  });

  test('a consumer without context is paired with the only producer of its message', async () => {
    expect(
      summary(
        await report([sent('a1', 'fares', 'm-17', 0), sent('a2', 'fares', 'm-18', 1), read('b1', 'fares', 'm-18', 9)]),
      ),
    ).toEqual(['meter → fares → tariff: 1, publish 2, transit 8, process 5', 'no consumer: 1']);
  });

  test('an id that two channels use proves nothing', async () => {
    expect(
      summary(await report([sent('a1', 'fares', '1', 0), sent('a2', 'tolls', '1', 1), read('b1', 'parking', '1', 9)])),
    ).toEqual(['no consumer: 2', 'no producer: 1']);
  });

  test('under unlike names a counter proves nothing, an id of its kind does', async () => {
    const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
    expect(summary(await report([sent('a1', 'fares', '1', 0), read('b1', 'bills', '1', 9)]))).toEqual([
      'no consumer: 1',
      'no producer: 1',
    ]);
    expect(summary(await report([sent('a1', 'fares', uuid, 0), read('b1', 'bills', uuid, 9)]))).toEqual([
      'meter → fares (bills) → tariff: 1, publish 2, transit 9, process 5',
    ]);
  });

  test('a message that was read before it was sent is another one', async () => {
    expect(summary(await report([sent('a1', 'fares', 'm-17', 100), read('b1', 'fares', 'm-17', 9)]))).toEqual([
      'no consumer: 1',
      'no producer: 1',
    ]);
  });
});

describe('flows and half-hops', () => {
  test('what a consumer publishes in its turn is not its own work', async () => {
    const spans: readonly Written[] = [
      { id: 'a1', service: 'meter', name: 'send fares', kind: 'producer', at: [0, 2], ...kafka },
      { id: 'b1', parent: 'a1', service: 'tariff', name: 'process fares', kind: 'consumer', at: [10, 20], ...kafka },
      { id: 'b2', parent: 'b1', service: 'tariff', name: 'price', kind: 'internal', at: [11, 25] },
      {
        id: 'b3',
        parent: 'b2',
        service: 'tariff',
        name: 'send prices',
        kind: 'producer',
        at: [12, 13],
        'messaging.system': 'kafka',
        'messaging.destination.name': 'prices',
      },
      {
        id: 'c1',
        parent: 'b3',
        service: 'display',
        name: 'process prices',
        kind: 'consumer',
        at: [500, 600],
        'messaging.system': 'kafka',
        'messaging.destination.name': 'prices',
      },
    ];
    expect(summary(await report(spans))).toEqual([
      'meter → fares → tariff: 1, publish 2, transit 10, process 10',
      'tariff → prices → display: 1, publish 1, transit 488, process 100',
    ]);
  });

  test('a producer further up is an inference, and says so', async () => {
    const spans: readonly Written[] = [
      { id: 'a1', service: 'meter', name: 'send fares', kind: 'producer', at: [0, 2], ...kafka },
      { id: 'h1', parent: 'a1', service: 'gateway', name: 'POST', kind: 'server', at: [1, 2] },
      { id: 'b1', parent: 'h1', service: 'tariff', name: 'process fares', kind: 'consumer', at: [10, 20], ...kafka },
    ];
    expect(summary(await report(spans))).toEqual([
      'meter → fares → tariff: 1 inferred 1, publish 2, transit 10, process 10',
    ]);
  });

  test('parents in a circle end the walk', async () => {
    const spans: readonly Written[] = [
      { id: 'a1', parent: 'b1', service: 'meter', name: 'send fares', kind: 'producer', at: [0, 2], ...kafka },
      { id: 'b1', parent: 'a1', service: 'tariff', name: 'process fares', kind: 'consumer', at: [10, 20], ...kafka },
      { id: 'x1', parent: 'x2', service: 'tariff', name: 'one', kind: 'internal', at: [10, 20] },
      { id: 'x2', parent: 'x1', service: 'tariff', name: 'two', kind: 'internal', at: [10, 20] },
      { id: 'x3', parent: 'x3', service: 'tariff', name: 'three', kind: 'consumer', at: [10, 20], ...kafka },
    ];
    expect(summary(await report(spans))).toEqual([
      'meter → fares → tariff: 1, publish 2, transit 10, process 10',
      'no producer: 1',
    ]);
  });

  test('a delivery before its publish is a clock that is behind, and is shown as measured', async () => {
    const spans: readonly Written[] = [
      { id: 'a1', service: 'meter', name: 'send fares', kind: 'producer', at: [100, 102], ...kafka },
      { id: 'b1', parent: 'a1', service: 'tariff', name: 'process fares', kind: 'consumer', at: [60, 70], ...kafka },
      {
        id: 'b2',
        parent: 'b1',
        service: 'tariff',
        name: 'send prices',
        kind: 'producer',
        at: [65, 66],
        'messaging.system': 'kafka',
        'messaging.destination.name': 'prices',
      },
      {
        id: 'c1',
        parent: 'b2',
        service: 'meter',
        name: 'process prices',
        kind: 'consumer',
        at: [117, 120],
        'messaging.system': 'kafka',
        'messaging.destination.name': 'prices',
      },
    ];
    const { hops, skew } = await report(spans);
    expect(hops[0]).toMatchObject({ deliveries: 1, deliveredBeforeAck: 1, transit: { max: -40 } });
    expect(skew).toEqual([{ producer: 'meter', consumer: 'tariff', deliveries: 1, atLeast: 40, estimate: 46 }]);
  });
});

describe('names', () => {
  const factsOf = (
    kind: 'producer' | 'consumer',
    name: string,
    attributes: Readonly<Record<string, string>>,
  ): string => {
    const facts = messagingFacts({
      traceId: '',
      spanId: '',
      parentSpanId: null,
      service: '',
      name,
      kind,
      startMicros: 0,
      startNanos: 0,
      durationNanos: 0,
      error: false,
      links: [],
      attributes: new Map(Object.entries(attributes)),
    });
    return facts === null
      ? 'none'
      : `${facts.role} ${placeLabel(facts.place)} | ${facts.place.queue} | ${facts.place.subscription}`;
  };

  test.each([
    [
      'amqplib: exchange and key',
      'producer',
      'publish orders',
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination': 'orders',
        'messaging.rabbitmq.routing_key': 'order.created',
      },
      'send orders:order.created |  | ',
    ],
    [
      'amqplib: default exchange',
      'producer',
      'publish <default>',
      { 'messaging.system': 'rabbitmq', 'messaging.destination': '', 'messaging.rabbitmq.routing_key': 'mails' },
      'send mails |  | ',
    ],
    [
      'amqplib: queue in the span name',
      'consumer',
      'emails process',
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination': 'orders',
        'messaging.rabbitmq.routing_key': 'order.created',
        'messaging.operation': 'process',
      },
      'process orders:order.created | emails | ',
    ],
    [
      'conventions: exchange:key',
      'producer',
      'send orders:order.created',
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'orders:order.created',
        'messaging.rabbitmq.destination.routing_key': 'order.created',
      },
      'send orders:order.created |  | ',
    ],
    [
      'conventions: exchange:key:queue',
      'consumer',
      'consume',
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'orders:order.created:emails',
        'messaging.rabbitmq.destination.routing_key': 'order.created',
        'messaging.operation.type': 'process',
      },
      'process orders:order.created | emails | ',
    ],
    [
      'SNS by ARN',
      'producer',
      'fares send',
      { 'messaging.system': 'aws.sns', 'messaging.destination.name': 'arn:aws:sns:eu-west-1:123456789012:fares' },
      'send fares |  | ',
    ],
    [
      'SQS by URL',
      'producer',
      'fares send',
      { 'messaging.system': 'AmazonSQS', 'messaging.url': 'https://sqs.eu-west-1.amazonaws.com/123456789012/fares' },
      'send fares |  | ',
    ],
    [
      'Kafka group, old name',
      'consumer',
      'fares process',
      {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'fares',
        'messaging.kafka.consumer_group': 'tariff',
      },
      'process fares |  | tariff',
    ],
    [
      'the newest name wins',
      'consumer',
      'x',
      {
        'messaging.system': 'kafka',
        'messaging.destination': 'old',
        'messaging.destination.name': 'new',
        'messaging.operation': 'receive',
        'messaging.operation.type': 'process',
      },
      'process new |  | ',
    ],
    [
      'a template stands for its many names',
      'producer',
      'x',
      {
        'messaging.system': 'mqtt',
        'messaging.destination.name': 'house/17/light',
        'messaging.destination.template': 'house/{id}/light',
      },
      'send house/{id}/light |  | ',
    ],
    [
      'reply queues are one',
      'producer',
      'x',
      {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'amq.gen-JzTY20BRgKO',
        'messaging.operation.type': 'send',
      },
      'send (temporary) |  | ',
    ],
  ] as const)('%s', (_, kind, name, attributes, expected) => {
    expect(factsOf(kind, name, attributes)).toBe(expected);
  });

  test.each([
    ['orders.dlq', true],
    ['OrdersDLQ', true],
    ['orders-dead-letter', true],
    ['orders.DLT', true],
    ['invoices-poison', true],
    ['deadline-reminders', false],
    ['idle-orders', false],
  ])('%s sounds dead: %s', (name, dead) => {
    expect(soundsDead(name)).toBe(dead);
  });
});
