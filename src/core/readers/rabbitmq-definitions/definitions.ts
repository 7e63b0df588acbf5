// A RabbitMQ definitions file → its objects with their places, and the policy that applies to each: of those that match, the one of the highest
// priority. Not read: users, permissions, operator policies, topic permissions.
import type { SourceFile } from '../../model/source.ts';
import type { DataMap, DataNode } from '../../syntax/data.ts';
import { get, itemsOf, textOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';

/** A queue or an exchange. */
export interface BrokerObject {
  readonly kind: 'queue' | 'exchange';
  readonly vhost: string;
  readonly name: string;
  readonly node: DataMap;
  /** The scalar that names it. */
  readonly nameNode: DataNode;
  readonly index: number;
}

/** A policy's definition applies to objects whose name matches. */
interface Policy {
  readonly vhost: string;
  readonly matches: ((name: string) => boolean) | null;
  readonly applyTo: string;
  readonly priority: number;
  readonly definition: DataNode | undefined;
}

export interface Binding {
  readonly vhost: string;
  readonly source: string;
  readonly destination: string;
  readonly toExchange: boolean;
  readonly routingKey: string;
  readonly node: DataMap;
}

/** A runtime parameter: a shovel, a federation upstream. */
export interface Parameter {
  readonly vhost: string;
  readonly component: string;
  readonly name: string;
  readonly node: DataMap;
  readonly value: DataNode | undefined;
}

export interface Definitions {
  readonly file: SourceFile;
  readonly queues: readonly BrokerObject[];
  readonly exchanges: readonly BrokerObject[];
  readonly bindings: readonly Binding[];
  readonly parameters: readonly Parameter[];
  /** The definition of the policy in force; `unknown` where a pattern cannot be judged here. */
  readonly policyOf: (object: BrokerObject) => DataNode | 'unknown' | undefined;
}

export const DEFAULT_VHOST = '/';

export function readDefinitions(file: SourceFile): Definitions {
  const [root] = parseData(file).roots;
  const maps = (key: string): readonly DataMap[] =>
    itemsOf(get(root, key)).filter((item): item is DataMap => item.kind === 'map');
  // A file of one virtual host leaves its name out.
  const vhostOf = (node: DataNode): string => textOf(get(node, 'vhost')) ?? DEFAULT_VHOST;
  const objects = (key: string, kind: BrokerObject['kind']): readonly BrokerObject[] =>
    itemsOf(get(root, key)).flatMap((node, index) => {
      const nameNode = get(node, 'name');
      const name = textOf(nameNode);
      return node.kind !== 'map' || nameNode === undefined || name === undefined || name === ''
        ? []
        : [{ kind, vhost: vhostOf(node), name, node, nameNode, index }];
    });
  const policies = maps('policies').map((node): Policy => ({
    vhost: vhostOf(node),
    matches: compilePattern(textOf(get(node, 'pattern')) ?? ''),
    applyTo: textOf(get(node, 'apply-to')) ?? 'all',
    priority: Number(textOf(get(node, 'priority')) ?? 0) || 0,
    definition: get(node, 'definition'),
  }));
  return {
    file,
    queues: objects('queues', 'queue'),
    exchanges: objects('exchanges', 'exchange'),
    bindings: maps('bindings').flatMap((node) => {
      const source = textOf(get(node, 'source'));
      const destination = textOf(get(node, 'destination'));
      if (source === undefined || source === '' || destination === undefined) return [];
      const toExchange = textOf(get(node, 'destination_type')) === 'exchange';
      return [
        {
          vhost: vhostOf(node),
          source,
          destination,
          toExchange,
          routingKey: textOf(get(node, 'routing_key')) ?? '',
          node,
        },
      ];
    }),
    parameters: maps('parameters').map((node) => ({
      vhost: vhostOf(node),
      component: textOf(get(node, 'component')) ?? '',
      name: textOf(get(node, 'name')) ?? '',
      node,
      value: get(node, 'value'),
    })),
    policyOf(object) {
      let best: Policy | null = null;
      let open = false;
      for (const policy of policies) {
        if (policy.vhost !== object.vhost || !applies(policy.applyTo, object)) continue;
        if (policy.matches === null) open = true;
        else if (policy.matches(object.name) && (best === null || policy.priority > best.priority)) best = policy;
      }
      return open ? 'unknown' : best?.definition;
    },
  };
}

/** `x-queue-type` as written, else the default. */
export function queueType(queue: BrokerObject): string {
  return textOf(get(get(queue.node, 'arguments'), 'x-queue-type')) ?? textOf(get(queue.node, 'type')) ?? 'classic';
}

function applies(applyTo: string, object: BrokerObject): boolean {
  switch (applyTo) {
    case 'all':
      return true;
    case 'exchanges':
      return object.kind === 'exchange';
    case 'queues':
      return object.kind === 'queue';
    case 'classic_queues':
    case 'quorum_queues':
    case 'streams':
      return object.kind === 'queue' && applyTo.startsWith(queueType(object));
    default:
      return false;
  }
}

/** A policy's pattern. Null for one that could take long: repeated groups, back references, look-around, many repetitions. */
function compilePattern(pattern: string): ((name: string) => boolean) | null {
  const repetitions =
    pattern
      .replaceAll(/\\./g, '')
      .replaceAll(/\[[^\]]*\]/g, 'x')
      .match(/[*+{]/g)?.length ?? 0;
  if (pattern.length > 500 || repetitions > 3 || /\)[*+{?]|\\[1-9k]|\(\?[^:]/.test(pattern)) return null;
  try {
    const expression = new RegExp(pattern, 'u');
    return (name) => name.length <= 255 && expression.test(name);
  } catch {
    return null;
  }
}
