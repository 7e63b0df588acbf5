// A message that is published to a RabbitMQ exchange under a key that none of the exchange's bindings takes. Judged only where the exchange is
// declared with its bindings, all of them readable, and has no alternate exchange; headers exchanges are not judged.
import type { Location } from '../model/source.ts';
import type { Channel, Edge, Topology } from '../model/topology.ts';
import { defineRule } from './rule.ts';
import type { Match } from './rule.ts';

interface State {
  readonly key: string;
  readonly exchange: string;
  readonly bound: readonly string[];
}

const KEYS = /^routing_?key(?:#\d+)?$/i;

export const routingKeyUnbound = defineRule<State>({
  id: 'routing-key-unbound',
  defaultSeverity: 'error',
  docs: {
    title: 'Routing key that no binding takes',
    what: 'Messages are published to an exchange under a routing key that matches none of its bindings.',
    why: 'RabbitMQ drops a message that no binding takes, and tells nobody unless the publisher asked for it.',
    do: 'Bind a queue under the key, or publish under a key that is bound.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    const exchanges = new Map<string, Channel>();
    for (const channel of topology.channels)
      if (channel.broker === 'amqp' && channel.kind === 'exchange' && channel.settings.has('type'))
        exchanges.set(channel.name, channel);
    if (exchanges.size === 0) return;
    const bindings = new Map<string, Edge[]>();
    const senders = new Map<string, Edge[]>();
    for (const edge of topology.edges) {
      if (edge.change === 'removed') continue;
      if (edge.kind === 'routes') push(bindings, edge.from, edge);
      if (edge.kind === 'sends') push(senders, edge.to, edge);
    }
    for (const channel of topology.channels) {
      const exchange = exchanges.get(String(channel.settings.get('exchange')?.value ?? ''));
      const sites = senders.get(channel.id);
      if (
        channel.broker !== 'amqp' ||
        exchange === undefined ||
        exchange === channel ||
        sites === undefined ||
        /[{}$]/.test(channel.name)
      )
        continue;
      const keys = boundKeys(String(exchange.settings.get('type')?.value ?? ''), bindings.get(exchange.id) ?? []);
      if (keys === null || keys.some((pattern) => takes(pattern, channel.name))) continue;
      const at = sites[0]?.at[0];
      if (at === undefined) continue;
      const related: { readonly at: Location; readonly message: string }[] = exchange.at.map((place) => ({
        at: place,
        message: `\`${exchange.name}\` is declared here`,
      }));
      yield {
        at,
        about: [channel.id, exchange.id],
        related,
        state: { key: channel.name, exchange: exchange.name, bound: [...new Set(keys)].sort() },
      };
    }
  },
  message: ({ key, exchange, bound }) =>
    `\`${key}\` is published to the exchange \`${exchange}\`, which ${bound.length === 0 ? 'has no binding' : `is bound under ${bound.map((one) => `\`${one}\``).join(', ')} only`}: RabbitMQ drops each of these messages without a word. Bind a queue under \`${key}\`, or publish under a key that is bound.`,
});

/** The patterns under which an exchange is bound; null where they do not decide, or are not all known. */
function boundKeys(type: string, edges: readonly Edge[]): readonly string[] | null {
  if (type !== 'direct' && type !== 'topic') return null;
  const keys: string[] = [];
  for (const edge of edges) {
    const own = [...edge.settings].filter(([name]) => KEYS.test(name));
    // A route without a key is an alternate exchange or one out of sight: it may take anything.
    if (own.length === 0 || own.some(([, setting]) => typeof setting.value !== 'string')) return null;
    keys.push(...own.map(([, setting]) => String(setting.value)));
  }
  return type === 'direct' ? keys.map((key) => key.replaceAll(/[*#]/g, (sign) => `\\${sign}`)) : keys;
}

/** Whether a binding key takes a routing key: words apart by dots, `*` one word, `#` any number. A sign behind a backslash stands for itself. */
function takes(pattern: string, key: string): boolean {
  if (!/(?<!\\)[*#]/.test(pattern)) return pattern.replaceAll('\\', '') === key;
  const words = pattern.split('.');
  const parts = key.split('.');
  // Reachable positions in the key after each word of the pattern: linear in pattern × key.
  let reached = new Set([0]);
  for (const word of words) {
    const next = new Set<number>();
    for (const position of reached) {
      if (word === '#') for (let to = position; to <= parts.length; to++) next.add(to);
      else if (position < parts.length && (word === '*' || word === parts[position])) next.add(position + 1);
    }
    reached = next;
  }
  return reached.has(parts.length);
}

function push(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [edge]);
  else list.push(edge);
}
