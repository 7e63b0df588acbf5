// Names in spans → the declared topology: which edges a hop runs over, and where what ran and what is declared differ. A queue behind an
// exchange, a queue behind a topic and a subscription are found over declared routes; equal names are only the fallback.
import type { ChannelId, EdgeId } from '../model/ids.ts';
import type { Channel, Edge, Service, Topology } from '../model/topology.ts';
import type { Declared, Measured } from './measure.ts';
import { placeLabel, type Place } from './messaging.ts';

export interface ResolvedHops {
  /** Indices into the hops by edge id and by channel id (publish stands on `sends`, transit and wait on channels and `routes`, process on `receives`). */
  readonly hopsByEdge: Readonly<Record<string, readonly number[]>>;
  readonly drift: { readonly undeclared: readonly string[]; readonly unseen: readonly string[] };
}

/** What a hop is called, all that is needed to find it on the topology. */
export interface NamedHop {
  readonly producer: string;
  readonly channel: string;
  readonly via: readonly string[];
  readonly subscription: string;
  readonly consumer: string;
  readonly system?: string;
}

/** What the topology says about places; without one nothing is known. */
export function resolver(topology: Topology | null): Declared {
  if (topology === null) return { canReach: () => null, isDeadLetter: () => null };
  const map = new DeclaredMap(topology);
  const sentTo = (place: Place): readonly Channel[] => map.find(place.system, sentNames(placeLabel(place)));
  const readFrom = (place: Place): readonly Channel[] => map.find(place.system, placeReadNames(place));
  return {
    canReach: (sent, read) => (map.route(sentTo(sent), readFrom(read)) === null ? null : true),
    isDeadLetter(sent, read) {
      const targets = readFrom(read);
      if (targets.length === 0) return null;
      if (targets.some((channel) => channel.deadLetter)) return true;
      const route = map.route(sentTo(sent), targets);
      return route === null ? null : route.some((edge) => edge.kind === 'dead-letters');
    },
  };
}

/** Lays hops on a topology by their names. O(hops + edges), with bounded searches over routes. */
export function layHops(hops: readonly NamedHop[], topology: Topology): ResolvedHops['hopsByEdge'] {
  return lay(hops, new DeclaredMap(topology)).hopsByEdge;
}

/** Lays measured hops on the topology and says where what ran and what is declared differ. */
export function resolveHops(measured: Measured, topology: Topology | null): ResolvedHops {
  if (topology === null || topology.channels.length + topology.services.length === 0) {
    return { hopsByEdge: {}, drift: { undeclared: [], unseen: [] } };
  }
  const map = new DeclaredMap(topology);
  const { hopsByEdge, undeclared, seen } = lay(measured.hops, map);
  for (const { side, service, place } of onlyOneSide(measured)) {
    const names = side === 'producer' ? sentNames(placeLabel(place)) : placeReadNames(place);
    const channels = map.find(place.system, names);
    const edges =
      side === 'producer' ? map.sends(service, channels) : map.receives(service, channels, place.subscription);
    for (const edge of edges) seen.add(edge.id);
    const name = side === 'producer' ? placeLabel(place) : place.queue || placeLabel(place) || place.subscription;
    if (edges.length === 0 && name !== '')
      undeclared.add(`${service} ${side === 'producer' ? 'sends to' : 'receives from'} ${name}`);
  }
  const unseen = topology.edges
    .filter(
      (edge) => (edge.kind === 'sends' || edge.kind === 'receives') && edge.change !== 'removed' && !seen.has(edge.id),
    )
    .map((edge) => map.describe(edge));
  return { hopsByEdge, drift: { undeclared: [...undeclared].toSorted(), unseen: [...new Set(unseen)].toSorted() } };
}

function lay(
  hops: readonly NamedHop[],
  map: DeclaredMap,
): { readonly hopsByEdge: ResolvedHops['hopsByEdge']; readonly undeclared: Set<string>; readonly seen: Set<EdgeId> } {
  const byId = new Map<string, Set<number>>();
  const undeclared = new Set<string>();
  const seen = new Set<EdgeId>();
  const put = (id: string, hop: number): void => {
    const list = byId.get(id);
    if (list === undefined) byId.set(id, new Set([hop]));
    else list.add(hop);
  };
  hops.forEach((hop, index) => {
    const found = map.layHop(hop);
    if (found.sends.length === 0) undeclared.add(`${hop.producer} sends to ${hop.channel}`);
    if (found.receives.length === 0) undeclared.add(`${hop.consumer} receives from ${hop.via[0] ?? hop.channel}`);
    for (const edge of [...found.sends, ...found.receives, ...found.route]) {
      seen.add(edge.id);
      put(edge.id, index);
    }
    for (const channel of found.channels) put(channel, index);
  });
  const sorted = [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hopsByEdge = Object.fromEntries(sorted.map(([id, list]) => [id, [...list].toSorted((a, b) => a - b)]));
  return { hopsByEdge, undeclared, seen };
}

/** The names that a sent place may have in a declaration: the whole label, the exchange, the routing key. */
function sentNames(label: string): readonly string[] {
  const colon = label.indexOf(':');
  return colon < 0 ? [label] : [label, label.slice(0, colon), label.slice(colon + 1)];
}

function placeReadNames(place: Place): readonly string[] {
  if (place.queue !== '') return [place.queue];
  return [place.subscription, ...sentNames(placeLabel(place))];
}

/** Each (side, service, place) of the half-hops once. */
function onlyOneSide(
  measured: Measured,
): readonly { readonly side: 'producer' | 'consumer'; readonly service: string; readonly place: Place }[] {
  const list = new Map<
    string,
    { readonly side: 'producer' | 'consumer'; readonly service: string; readonly place: Place }
  >();
  for (const { side, span } of measured.pairing.halves) {
    const service = measured.table.serviceOf(span);
    const place = measured.table.placeOf(span);
    list.set(JSON.stringify([side, service, place]), { side, service, place });
  }
  return [...list.values()];
}

/** Trace systems and the brokers of the topology that they are. */
const BROKERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kafka', ['kafka']],
  ['rabbitmq', ['amqp', 'rabbitmq', 'amqps']],
  ['aws_sqs', ['sqs']],
  ['aws_sns', ['sns']],
  ['gcp_pubsub', ['pubsub', 'googlepubsub']],
  ['nats', ['nats']],
  ['mqtt', ['mqtt']],
  ['encore', ['encore']],
]);

const MAX_ROUTE = 6;

/** A route with no edges: sent to and read from the same channel. */
const DIRECT: readonly Edge[] = [];

class DeclaredMap {
  readonly #services = new Map<string, Service[]>();
  readonly #channels = new Map<string, Channel[]>();
  readonly #byId = new Map<string, Channel>();
  readonly #templates: { readonly parts: readonly string[]; readonly channel: Channel }[] = [];
  readonly #onward = new Map<string, Edge[]>();
  readonly #sends = new Map<string, Edge[]>();
  readonly #receives = new Map<string, Edge[]>();
  readonly #names = new Map<string, string>();

  constructor(topology: Topology) {
    for (const service of topology.services) {
      push(this.#services, loose(service.name), service);
      this.#names.set(service.id, service.name);
    }
    for (const channel of topology.channels) {
      push(this.#channels, channel.name, channel);
      this.#byId.set(channel.id, channel);
      this.#names.set(channel.id, channel.name);
      const parts = channel.name.split(/\$\{[^}]*\}|\{[^}]*\}/);
      if (parts.length > 1 && parts.some((part) => /[A-Za-z0-9]/.test(part))) this.#templates.push({ parts, channel });
    }
    for (const edge of topology.edges) {
      if (edge.kind === 'sends') push(this.#sends, edge.from, edge);
      else if (edge.kind === 'receives') push(this.#receives, edge.to, edge);
      else push(this.#onward, edge.from, edge);
    }
  }

  describe(edge: Edge): string {
    const from = this.#names.get(edge.from) ?? edge.from;
    const to = this.#names.get(edge.to) ?? edge.to;
    if (edge.kind === 'sends') return `${from} sends to ${to}`;
    const subscription = edge.subscription === '' || edge.subscription === from ? '' : ` (${edge.subscription})`;
    return `${to} receives from ${from}${subscription}`;
  }

  sends(service: string, channels: readonly Channel[]): readonly Edge[] {
    const ids = new Set<string>(channels.map((channel) => channel.id));
    return this.#serviceIds(service).flatMap((id) => (this.#sends.get(id) ?? []).filter((edge) => ids.has(edge.to)));
  }

  receives(service: string, channels: readonly Channel[], subscription: string): readonly Edge[] {
    const ids = new Set<string>(channels.map((channel) => channel.id));
    const edges = this.#serviceIds(service).flatMap((id) =>
      (this.#receives.get(id) ?? []).filter((edge) => ids.has(edge.from)),
    );
    const named = edges.filter((edge) => subscription !== '' && loose(edge.subscription) === loose(subscription));
    return named.length > 0 ? named : edges;
  }

  layHop(hop: NamedHop): {
    readonly sends: readonly Edge[];
    readonly receives: readonly Edge[];
    readonly route: readonly Edge[];
    readonly channels: readonly ChannelId[];
  } {
    const system = hop.system ?? '';
    const candidates = this.find(system, sentNames(hop.channel));
    const sends = this.sends(hop.producer, candidates);
    const sentIds = sends.length > 0 ? sends.map((edge) => edge.to) : candidates.map((channel) => channel.id);
    const sent = sentIds.flatMap((id) => this.#byId.get(id) ?? []);
    const named = this.find(system, hop.via.length > 0 ? hop.via : sentNames(hop.channel));
    let receives = this.receives(hop.consumer, named, hop.subscription);
    if (receives.length === 0) {
      // The span names no declared channel: the one that the message can reach and that this consumer reads, where there is just one.
      const reachable = this.receives(hop.consumer, this.#reachable(sent), hop.subscription);
      if (new Set(reachable.map((edge) => edge.from)).size === 1) receives = reachable;
    }
    const read = receives.length > 0 ? receives.flatMap((edge) => this.#byId.get(edge.from) ?? []) : named;
    const route = this.route(sent, read) ?? DIRECT;
    const channels = new Set<ChannelId>();
    for (const channel of sent) channels.add(channel.id);
    for (const channel of read) channels.add(channel.id);
    for (const edge of route) if (this.#byId.has(edge.to)) channels.add(edge.to as ChannelId);
    return { sends, receives, route, channels: [...channels] };
  }

  /** The edges from one of `from` to one of `to`, none where they share a channel; null where nothing leads there. Bounded. */
  route(from: readonly Channel[], to: readonly Channel[]): readonly Edge[] | null {
    const goals = new Set<string>(to.map((channel) => channel.id));
    if (goals.size === 0 || from.length === 0) return null;
    if (from.some((channel) => goals.has(channel.id))) return DIRECT;
    const visited = new Set<string>(from.map((channel) => channel.id));
    let front: { readonly at: string; readonly path: readonly Edge[] }[] = from.map((channel) => ({
      at: channel.id,
      path: [],
    }));
    for (let length = 0; length < MAX_ROUTE && front.length > 0; length++) {
      const next: typeof front = [];
      for (const { at, path } of front) {
        for (const edge of this.#onward.get(at) ?? []) {
          if (visited.has(edge.to)) continue;
          visited.add(edge.to);
          const longer = [...path, edge];
          if (goals.has(edge.to)) return longer;
          next.push({ at: edge.to, path: longer });
        }
      }
      front = next;
    }
    return null;
  }

  #reachable(from: readonly Channel[]): readonly Channel[] {
    const found = new Set<string>(from.map((channel) => channel.id));
    let front = [...found];
    for (let length = 0; length < MAX_ROUTE && front.length > 0; length++) {
      front = front
        .flatMap((at) => (this.#onward.get(at) ?? []).map((edge): string => edge.to))
        .filter((id) => !found.has(id));
      for (const id of front) found.add(id);
    }
    return [...found].flatMap((id) => this.#byId.get(id) ?? []);
  }

  #serviceIds(name: string): readonly string[] {
    const list = this.#services.get(loose(name)) ?? [];
    const exact = list.filter((service) => service.name === name);
    return (exact.length > 0 ? exact : list).map((service) => service.id);
  }

  /** The first of the names that the topology knows, of the broker that the trace names where there is a choice. */
  find(system: string, names: readonly string[]): readonly Channel[] {
    const brokers = BROKERS.get(system);
    for (const name of names) {
      if (name === '') continue;
      const found = this.#named(name);
      if (found.length === 0) continue;
      const fitting = brokers === undefined ? [] : found.filter((channel) => brokers.includes(channel.broker));
      return fitting.length > 0 ? fitting : found;
    }
    return [];
  }

  #named(name: string): readonly Channel[] {
    const exact = this.#channels.get(name);
    if (exact !== undefined) return exact;
    // CloudFormation names what has no name of its own `<stack>-<logical id>-<12 or 13 characters>`.
    const generated = /^.+-([A-Za-z0-9]+)-[A-Z0-9a-z]{12,13}(?:\.fifo)?$/.exec(name);
    const byLogicalId = generated?.[1] === undefined ? undefined : this.#channels.get(generated[1]);
    if (byLogicalId !== undefined) return byLogicalId;
    return this.#templates.filter(({ parts }) => fits(name, parts)).map(({ channel }) => channel);
  }
}

/** Whether a name is the fixed parts with something short of a separator in each gap. */
function fits(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const end = part === '' && isLast ? name.length : isLast ? name.length - part.length : name.indexOf(part, at + 1);
    if (end <= at || !name.startsWith(part, end) || /[/:]/.test(name.slice(at, end))) return false;
    at = end + part.length;
  }
  return at === name.length;
}

/** Service names are compared without case and separators. */
function loose(name: string): string {
  const bare = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return bare === '' ? name : bare;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
