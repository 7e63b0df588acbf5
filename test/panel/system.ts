// A believable shop of any size as a Topology, with findings and measured hops: for tests of the drawing and for pages of the panel. Deterministic.
import type { Finding } from '../../src/core/model/finding.ts';
import type { Hop, Stats, TraceReport } from '../../src/core/model/hop.ts';
import type { ChannelId, EdgeId, SchemaId, ServiceId } from '../../src/core/model/ids.ts';
import type { Location } from '../../src/core/model/source.ts';
import type { Channel, Edge, Failure, Schema, Service, Topology, Unresolved } from '../../src/core/model/topology.ts';

export interface System {
  readonly topology: Topology;
  readonly findings: readonly Finding[];
  readonly byId: Readonly<Record<string, readonly number[]>>;
  readonly report: TraceReport;
  readonly hopsByEdge: Readonly<Record<string, readonly number[]>>;
}

interface Domain {
  readonly name: string;
  readonly services: readonly string[];
  readonly channels: readonly string[];
}

const DOMAINS: readonly Domain[] = [
  {
    name: 'orders',
    services: ['checkout', 'order-api', 'order-projector', 'order-history'],
    channels: ['order-placed', 'order-cancelled', 'order-commands'],
  },
  {
    name: 'payments',
    services: ['payment-gateway', 'fraud-screen', 'refunds', 'ledger'],
    channels: ['payment-authorized', 'payment-declined', 'refund-requests'],
  },
  {
    name: 'shipping',
    services: ['label-printer', 'carrier-sync', 'tracking'],
    channels: ['parcel-dispatched', 'parcel-delivered', 'carrier-webhooks'],
  },
  {
    name: 'inventory',
    services: ['stock-keeper', 'reservation', 'replenishment'],
    channels: ['stock-changed', 'reservation-expired'],
  },
  {
    name: 'notifications',
    services: ['mailer', 'sms-sender', 'push-relay'],
    channels: ['customer-messages', 'mail-bounces'],
  },
  {
    name: 'catalogue',
    services: ['product-editor', 'search-indexer', 'price-engine'],
    channels: ['product-updated', 'price-changed'],
  },
  {
    name: 'customers',
    services: ['profile', 'loyalty', 'consent-keeper'],
    channels: ['customer-registered', 'points-earned'],
  },
  {
    name: 'analytics',
    services: ['event-lake', 'funnel-report', 'anomaly-watch'],
    channels: ['clickstream', 'report-ready'],
  },
];

/** A system with about `nodes` services and channels in all. */
export function buildSystem(nodes: number): System {
  const random = generator(nodes);
  const services: Service[] = [];
  const channels: Channel[] = [];
  const edges: Edge[] = [];
  const schemas: Schema[] = [];
  const domains: { services: Service[]; channels: Channel[] }[] = [];
  for (let copy = 0; services.length + channels.length < nodes; copy++) {
    for (const domain of DOMAINS) {
      if (services.length + channels.length >= nodes) break;
      const group =
        copy === 0
          ? domain.name
          : `${domain.name}-${REGIONS[copy % REGIONS.length]}${copy > REGIONS.length ? copy : ''}`;
      const own: { services: Service[]; channels: Channel[] } = { services: [], channels: [] };
      for (const name of domain.services) own.services.push(service(`${group}/${name}`, name, group));
      for (const name of domain.channels)
        own.channels.push(channel(`${group}/${name}`, name, group, KINDS[channels.length % KINDS.length] ?? KINDS[0]));
      services.push(...own.services);
      channels.push(...own.channels);
      domains.push(own);
      for (const each of own.channels) schemas.push(schema(each, group));
    }
  }
  const link = (kind: Edge['kind'], from: string, to: string, more: Partial<Edge> = {}): void => {
    const id = `edge:${kind}:${from}:${to}:${more.subscription ?? ''}` as EdgeId;
    if (edges.some((edge) => edge.id === id)) return;
    edges.push({
      id,
      kind,
      from: from as ServiceId,
      to: to as ServiceId,
      subscription: '',
      schemas: schemas
        .filter((each) => each.id === `schema:${from}` || each.id === `schema:${to}`)
        .map((each) => each.id),
      at: [place(`${from.split(':')[1] ?? 'root'}/events.ts`, 10 + edges.length)],
      confidence: random() < 0.08 ? 'inferred' : random() < 0.4 ? 'resolved' : 'declared',
      why: `${kind} in events.ts`,
      failure: null,
      settings: new Map(),
      ...more,
    });
  };
  for (const [index, domain] of domains.entries()) {
    for (const [at, each] of domain.channels.entries()) {
      const producer = domain.services[at % domain.services.length];
      if (producer) link('sends', producer.id, each.id);
      const inside = domain.services[(at + 1) % domain.services.length];
      if (inside && inside !== producer)
        link('receives', each.id, inside.id, {
          subscription: `${inside.name}-sub`,
          failure: failureOf(random(), null),
        });
      const foreign = 1 + Math.floor(random() * 2);
      for (let count = 0; count < foreign; count++) {
        const other = domains[(index + 1 + Math.floor(random() * 3)) % domains.length];
        const reader = other?.services[Math.floor(random() * other.services.length)];
        if (reader && other !== domain)
          link('receives', each.id, reader.id, {
            subscription: `${reader.name}-${each.name}`,
            failure: failureOf(random(), null),
          });
      }
    }
    const first = domain.channels[0];
    if (first && index % 2 === 0) {
      const dead = channel(`${first.id.slice(8)}-dlq`, `${first.name}-dlq`, first.group, ['queue', 'sqs'], true);
      channels.push(dead);
      link('dead-letters', first.id, dead.id);
      const queue = domain.channels[1];
      if (queue) link('routes', first.id, queue.id, { failure: failureOf(0.1, null) });
    }
  }
  const lonely = channel('legacy/nightly-export', 'nightly-export', domains[0]?.services[0]?.group ?? 'orders', [
    'topic',
    'kafka',
  ]);
  channels.push(lonely);
  const marked = edges.map((edge, at) =>
    at === 4 ? { ...edge, change: 'added' as const } : at === 9 ? { ...edge, change: 'removed' as const } : edge,
  );
  const topology: Topology = {
    services: services.map((each, at) => (at === 2 ? { ...each, change: 'changed' as const } : each)).toSorted(byId),
    channels: channels.toSorted(byId),
    schemas: schemas.toSorted(byId),
    edges: marked.toSorted(byId),
    tasks: [],
    unresolved: [
      unresolved(
        'checkout/publish.ts',
        'process.env.AUDIT_TOPIC',
        'the variable AUDIT_TOPIC has no default in the workspace',
      ),
    ],
  };
  return { topology, ...findingsOf(topology), ...hopsOf(topology, random) };
}

const REGIONS = ['home', 'eu', 'us', 'apac', 'latam'];
const KINDS: readonly (readonly [Channel['kind'], string])[] = [
  ['topic', 'kafka'],
  ['queue', 'sqs'],
  ['topic', 'sns'],
  ['exchange', 'rabbitmq'],
  ['topic', 'encore'],
  ['bus', 'eventbridge'],
];

function generator(seed: number): () => number {
  let state = (seed * 2654435761) % 4294967296;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export function place(file: string, line: number): Location {
  return { file, range: { start: { line, character: 2 }, end: { line, character: 12 } } };
}

export function service(key: string, name: string, group: string): Service {
  return { id: `service:${key}` as ServiceId, name, group, at: [place(`${key}/service.yaml`, 3)] };
}

export function channel(
  key: string,
  name: string,
  group: string,
  kind: readonly [Channel['kind'], string] = ['topic', 'kafka'],
  deadLetter = false,
): Channel {
  return {
    id: `channel:${key}` as ChannelId,
    name,
    group,
    kind: kind[0],
    broker: kind[1],
    deadLetter,
    platformSource: false,
    failure: null,
    settings: new Map(),
    schemas: [`schema:channel:${key}` as SchemaId],
    at: [place(`${group}/asyncapi.yaml`, 20)],
  };
}

export function connection(kind: Edge['kind'], from: string, to: string, more: Partial<Edge> = {}): Edge {
  return {
    id: `edge:${kind}:${from}:${to}` as EdgeId,
    kind,
    from: from as ServiceId,
    to: to as ServiceId,
    subscription: '',
    schemas: [],
    at: [place('app/events.ts', 4)],
    confidence: 'declared',
    why: 'declared',
    failure: null,
    settings: new Map(),
    ...more,
  };
}

function schema(each: Channel, group: string): Schema {
  const name = each.name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  return {
    id: `schema:${each.id}` as SchemaId,
    name,
    format: 'json-schema',
    key: `#/components/schemas/${name}`,
    at: [place(`${group}/schemas.json`, 8)],
  };
}

function failureOf(chance: number, to: ChannelId | null): Failure {
  const state: Failure['deadLetter'] =
    chance < 0.18 ? 'missing' : chance < 0.5 ? 'configured' : chance < 0.8 ? 'built-in' : 'unknown';
  return {
    deadLetter: state,
    to,
    dangling: null,
    why: state === 'missing' ? 'no RedrivePolicy' : state === 'built-in' ? 'Encore creates one per subscription' : '',
    attempts: state === 'missing' ? 'unbounded' : 5,
    backoff: 'exponential',
    then: state === 'missing' ? 'loops' : state === 'unknown' ? 'unknown' : 'dead-letters',
    story: state === 'missing' ? 'until its 4 days are over' : state === 'unknown' ? '' : 'after 5 attempts',
    retry: { kind: 'configured' },
    handle: { dialect: 'sam', at: place('template.yaml', 12), path: ['Resources'], role: 'queue' },
  };
}

function unresolved(file: string, what: string, why: string): Unresolved {
  return { what, why, role: 'send', at: place(file, 7) };
}

function findingsOf(topology: Topology): Pick<System, 'findings' | 'byId'> {
  const findings: Finding[] = [];
  const ids: Record<string, number[]> = {};
  const add = (
    id: string,
    finding: Pick<Finding, 'rule' | 'severity' | 'message' | 'at'>,
    fix: string | null,
  ): void => {
    (ids[id] ??= []).push(findings.length);
    findings.push({
      ...finding,
      certainty: 'certain',
      related: [],
      witness: null,
      fixes: fix === null ? [] : [{ title: fix, safe: true, edits: [] }],
    });
  };
  const names = new Map<string, string>(
    [...topology.services, ...topology.channels].map((each) => [each.id, each.name]),
  );
  for (const edge of topology.edges) {
    if (edge.failure?.deadLetter !== 'missing' || edge.change === 'removed') continue;
    const consumer = names.get(edge.to) ?? '';
    add(
      edge.id,
      {
        rule: 'dlq-missing',
        severity: 'warning',
        message: `A message that \`${consumer}\` keeps failing on returns to \`${names.get(edge.from) ?? ''}\` until its 4 days are over, then is gone: no dead-letter queue (no RedrivePolicy). Give the consumer one.`,
        at: edge.at[0] ?? place('template.yaml', 1),
      },
      `Add a dead-letter queue for ${consumer}`,
    );
  }
  for (const each of topology.channels) {
    if (each.name !== 'nightly-export') continue;
    add(
      each.id,
      {
        rule: 'orphan-channel',
        severity: 'info',
        message:
          'The topic `nightly-export` is declared, but nothing in the workspace produces to it or consumes from it. Remove it, or say who uses it.',
        at: place('orders/asyncapi.yaml', 40),
      },
      null,
    );
  }
  const broken = topology.channels.find((each) => each.name === 'order-placed');
  if (broken) {
    add(
      broken.id,
      {
        rule: 'contract-break',
        severity: 'error',
        message:
          '`/customer/email` is no longer required: `fraud-screen` refuses messages without it. Keep the field, or version the event.',
        at: place('orders/asyncapi.yaml', 22),
      },
      'Keep `email` required',
    );
  }
  return { findings, byId: ids };
}

function hopsOf(topology: Topology, random: () => number): Pick<System, 'report' | 'hopsByEdge'> {
  const hops: Hop[] = [];
  const byEdge: Record<string, number[]> = {};
  const names = new Map<string, string>(
    [...topology.services, ...topology.channels].map((each) => [each.id, each.name]),
  );
  for (const edge of topology.edges) {
    if (edge.kind !== 'receives' || random() < 0.35) continue;
    const send = topology.edges.find((each) => each.kind === 'sends' && each.to === edge.from);
    const scale = 10 ** (random() * 3);
    const n = random() < 0.1 ? 3 : 20 + Math.floor(random() * 400);
    const transit = stats(n, 4 * scale);
    hops.push({
      producer: names.get(send?.from ?? '') ?? '',
      channel: names.get(edge.from) ?? '',
      via: [],
      subscription: edge.subscription,
      consumer: names.get(edge.to) ?? '',
      deliveries: n,
      redeliveries: Math.floor(n / 20),
      errors: 0,
      deadLetter: false,
      inferred: 0,
      publish: stats(n, 1.2),
      transit,
      process: stats(n, 2 * scale),
      wait: { n, exact: 0, low: stats(n, 3 * scale), high: transit },
      resolution: 0.001,
      deliveredBeforeAck: 0,
    });
    (byEdge[edge.id] ??= []).push(hops.length - 1);
    if (send) (byEdge[send.id] ??= []).push(hops.length - 1);
  }
  const deliveries = hops.reduce((sum, hop) => sum + hop.deliveries, 0);
  return {
    hopsByEdge: byEdge,
    report: {
      files: [{ file: 'baseline.json', format: 'otlp', spans: deliveries * 2, problems: [] }],
      traces: 96,
      spans: deliveries * 2,
      hops,
      coverage: {
        deliveries,
        producerOnly: 12,
        consumerOnly: 3,
        reasons: [{ reason: 'no consumer span for this message', count: 12 }],
      },
      drift: { undeclared: [], unseen: [] },
      bottleneck:
        hops.length > 0
          ? { hop: 0, segment: 'wait', share: 0.71, cause: 'consumer-bound', evidence: ['wait grows with the backlog'] }
          : null,
      comparison: null,
    },
  };
}

function stats(n: number, scale: number): Stats {
  if (n < 5) return { n, p50: null, p95: null, p99: null, max: scale };
  return { n, p50: scale, p95: scale * 3.1, p99: scale * 4.5, max: scale * 6 };
}
