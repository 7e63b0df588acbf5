// A Messenger transport's address and options → which broker it is, and what its channel is called there. An address that the environment sets
// says neither: such a transport is a channel of the application, under its own name.
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { Scope } from '../../model/declaration.ts';
import type { Broker, ChannelKind } from '../../model/topology.ts';
import { entriesOf, get, getIn, textOf } from '../../syntax/data.ts';
import type { DataEntry, DataNode } from '../../syntax/data.ts';

export interface Transport {
  readonly name: string;
  readonly entry: DataEntry;
  /** Null for `sync://` and `in-memory://`, which carry nothing. */
  readonly carrier: Carrier | null;
  /** Set where something else than this application may be meant to fill it: a serializer or queues of its own. */
  readonly fromOutside: boolean;
}

/** Where messages of a transport go, and where they are read. */
export interface Carrier {
  readonly broker: Broker;
  readonly scope: Scope;
  readonly written: { readonly kind: ChannelKind; readonly name: Name };
  /** Queues behind an exchange; empty where what is written is what is read. */
  readonly queues: readonly { readonly name: Name; readonly node: { readonly start: number; readonly end: number } }[];
  readonly group: Name | null;
}

const WORKSPACE: Scope = { kind: 'workspace', hosts: [] };
const APPLICATION: Scope = { kind: 'application' };

export function readTransport(entry: DataEntry): Transport {
  const { value } = entry;
  const dsn = value.kind === 'map' ? (textOf(get(value, 'dsn')) ?? '') : (textOf(value) ?? '');
  const options = get(value, 'options');
  return {
    name: entry.key,
    entry,
    carrier: /^(?:sync|in-memory):/.test(dsn) ? null : carrierOf(entry, dsn, options),
    fromOutside: get(value, 'serializer') !== undefined || entriesOf(get(options, 'queues')).length > 0,
  };
}

function carrierOf(entry: DataEntry, dsn: string, options: DataNode | undefined): Carrier {
  const scheme = /^([a-z0-9+-]+):/i.exec(dsn)?.[1]?.toLowerCase() ?? '';
  if (
    /^(?:amqps?|phpamqplib)$/.test(scheme) ||
    (scheme === '' && (get(options, 'exchange') !== undefined || get(options, 'queues') !== undefined))
  ) {
    // amqp://host/vhost/exchange: without any name Symfony calls both the exchange and its queue "messages".
    const path = /^[^:]+:\/\/[^/]*\/[^/?]*\/([^/?]+)/.exec(dsn)?.[1];
    const exchange = textOf(getIn(options, ['exchange', 'name'])) ?? path ?? 'messages';
    const queues = entriesOf(get(options, 'queues')).map(({ key, keyStart, keyEnd }) => ({
      name: nameOf(key),
      node: { start: keyStart, end: keyEnd },
    }));
    const place = { start: entry.keyStart, end: entry.keyEnd };
    return {
      broker: 'amqp',
      scope: WORKSPACE,
      written: { kind: 'exchange', name: nameOf(exchange) },
      queues: queues.length > 0 ? queues : [{ name: nameOf(path ?? 'messages'), node: place }],
      group: null,
    };
  }
  const single = (
    broker: Broker,
    kind: ChannelKind,
    name: string,
    scope: Scope,
    group: Name | null = null,
  ): Carrier => ({
    broker,
    scope,
    written: { kind, name: nameOf(name) },
    queues: [],
    group,
  });
  if (/^rediss?$/.test(scheme)) {
    const [, stream, group] = /^[^:]+:\/\/[^/]*\/([^/?]+)(?:\/([^/?]+))?/.exec(dsn) ?? [];
    return single(
      'redis',
      'stream',
      textOf(get(options, 'stream')) ?? stream ?? 'messages',
      APPLICATION,
      nameOf(textOf(get(options, 'group')) ?? group ?? 'symfony'),
    );
  }
  const sqs =
    /^https:\/\/[^/]*\bsqs[^/]*\/\d+\/([^/?]+)/.exec(dsn)?.[1] ??
    (scheme === 'sqs' ? (/^sqs:\/\/[^/]*\/([^/?]+)/.exec(dsn)?.[1] ?? textOf(get(options, 'queue_name'))) : undefined);
  if (sqs !== undefined) return single('sqs', 'queue', sqs, WORKSPACE);
  return single('symfony', 'queue', entry.key, APPLICATION);
}

/** `%env(ORDERS_QUEUE)%` is the environment's, `%app.queue%` a parameter from elsewhere. */
function nameOf(text: string): Name {
  if (!text.includes('%')) return literal(text);
  const variable = /^%env\((?:[a-z_]+:)*([A-Za-z_]\w*)\)%$/.exec(text)?.[1];
  return variable === undefined
    ? { kind: 'unknown', text, reason: 'a parameter in it is set elsewhere' }
    : { kind: 'env', variable, fallback: null };
}
