// Knative references and `delivery` settings (eventing.knative.dev/v1, messaging.knative.dev/v1) → references and verdicts.
// A dead-letter sink that is a service gets a channel of the service's name, which the service reads.
import type { FailureFacts, Handle, Ref } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Broker, ChannelKind } from '../../model/topology.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { get, textOf } from '../../syntax/data.ts';
import { isOpen, nameOf, namespaceHosts, plainText, shownText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import { declareChannel, plainFailure, serviceOf, placeOf, labelOf, textOfName } from './gathering.ts';
import type { Gathering } from './gathering.ts';

/** What a Knative reference leads to. */
export type Destination =
  | { readonly kind: 'channel'; readonly ref: Ref; readonly name: string; readonly at: Location }
  | { readonly kind: 'service'; readonly ref: Ref; readonly name: string; readonly at: Location }
  | { readonly kind: 'unknown'; readonly text: string; readonly reason: string; readonly at: Location };

/** How a Knative object stands as a channel. */
export interface ChannelForm {
  readonly broker: Broker;
  readonly channelKind: ChannelKind;
}

/**
 * The form of an addressable object: null for what is no channel. A Sequence often bears the name of the Channel that feeds it, and a KafkaSink
 * that of its topic: unlike forms keep them apart.
 */
export function addressableForm(kind: string): ChannelForm | null {
  if (kind === 'Broker') return { broker: 'knative', channelKind: 'bus' };
  if (kind === 'KafkaSink') return { broker: 'knative', channelKind: 'topic' };
  if (kind === 'Sequence' || kind === 'Parallel') return { broker: 'knative-flows', channelKind: 'other' };
  return kind.endsWith('Channel') ? { broker: 'knative', channelKind: 'other' } : null;
}

/** The form of any object that stands as a channel: a source is what it brings events from; bindings deliver by HTTP. */
export function formOf(kind: string): ChannelForm {
  const form = addressableForm(kind);
  if (form !== null) return form;
  if (kind === 'PingSource' || kind === 'CronJobSource') return { broker: 'scheduler', channelKind: 'other' };
  if (kind === 'SinkBinding' || kind === 'ContainerSource') return { broker: 'http', channelKind: 'other' };
  return { broker: kind.replace(/Source$/, '').toLowerCase() || 'knative', channelKind: 'other' };
}

/** The channel of a Knative object by its kind, name and namespace. */
export function knativeChannel(form: ChannelForm, name: Name, namespace: string): Ref {
  return { kind: 'named', ...form, name, scope: { kind: 'workspace', hosts: namespaceHosts(namespace) } };
}

/** The Broker of a name. */
export function brokerChannel(name: Name, namespace: string): Ref {
  return knativeChannel({ broker: 'knative', channelKind: 'bus' }, name, namespace);
}

/** Follows `{ref: {kind, name, namespace}, uri}` or, in old manifests, `{kind, name}` itself. Null where nothing is written. */
export function destinationOf(
  gathering: Gathering,
  owner: ManifestObject,
  node: DataNode | undefined,
): Destination | null {
  if (node?.kind !== 'map') return null;
  const target = get(node, 'ref') ?? (get(node, 'name') === undefined ? undefined : node);
  if (target === undefined) {
    const uri = get(node, 'uri');
    return uri === undefined ? null : addressOf(gathering, uri);
  }
  const nameNode = get(target, 'name');
  const kind = plainText(get(target, 'kind')) ?? '';
  const name = plainText(nameNode);
  const form = addressableForm(kind);
  const namespace = plainText(get(target, 'namespace')) ?? owner.namespace;
  const open = nameOf(gathering.manifest.file, nameNode);
  const place = placeOf(gathering, nameNode ?? target);
  if (form !== null && open !== null)
    return { kind: 'channel', ref: knativeChannel(form, open, namespace), name: textOfName(open), at: place };
  if (name === undefined || name === '')
    return {
      kind: 'unknown',
      text: shownText(gathering.manifest.file, nameNode) || 'ref',
      reason: nameNode === undefined ? 'the reference has no name' : 'the name is set when the manifest is applied',
      at: place,
    };
  return { kind: 'service', ref: serviceOf(gathering, name, place), name, at: place };
}

/** An address within the cluster names its service: `http://orders.shop.svc.cluster.local/events`. */
function addressOf(gathering: Gathering, node: DataNode): Destination {
  const text = textOf(node) ?? '';
  const place = placeOf(gathering, node);
  const unknown = (reason: string): Destination => ({
    kind: 'unknown',
    text: shownText(gathering.manifest.file, node) || 'uri',
    reason,
    at: place,
  });
  if (text === '' || isOpen(text)) return unknown('the address is set when the manifest is applied');
  const host = /^https?:\/\/([^/:?#]+)/.exec(text)?.[1] ?? '';
  const name = /^([a-z0-9-]+)(?:\.[a-z0-9-]+\.svc(?:\.cluster\.local)?|\.svc)?$/.exec(host)?.[1];
  if (name === 'broker-ingress' || name === 'kafka-broker-ingress') {
    const [, namespace, broker] = /^https?:\/\/[^/]+\/([^/?#]+)\/([^/?#]+)/.exec(text) ?? [];
    if (namespace !== undefined && broker !== undefined)
      return {
        kind: 'channel',
        ref: brokerChannel({ kind: 'literal', value: broker }, namespace),
        name: broker,
        at: place,
      };
  }
  return name === undefined || host === 'localhost'
    ? unknown('the address is outside the cluster')
    : { kind: 'service', ref: serviceOf(gathering, name, place), name, at: place };
}

/** How one kind of object delivers where it says nothing. */
export interface DeliveryDefaults {
  /** Attempts in all. */
  readonly attempts: number | null;
  readonly backoff: FailureFacts['backoff'];
  /** What stands in for the missing key: "no delivery.deadLetterSink". */
  readonly why: string;
  /** A verdict of the object that is read holds where the own delivery names no sink. */
  readonly inherits: boolean;
}

/** Reads a `delivery` block: `retry` counts attempts after the first; without a sink the event is dropped after the last. */
export function deliveryFailure(
  gathering: Gathering,
  owner: ManifestObject,
  delivery: DataNode | undefined,
  handle: Handle,
  defaults: DeliveryDefaults,
): FailureFacts {
  const retryNode = get(delivery, 'retry');
  const retries = retryNode?.kind === 'scalar' && typeof retryNode.value === 'number' ? retryNode.value : null;
  const policy = plainText(get(delivery, 'backoffPolicy'));
  const written = delivery?.kind === 'map' && delivery.entries.length > 0;
  const attempts = retryNode === undefined ? (written ? 1 : defaults.attempts) : retries === null ? null : retries + 1;
  const backoff =
    attempts === 1
      ? 'none'
      : policy === 'exponential'
        ? 'exponential'
        : policy === 'linear'
          ? 'fixed'
          : written
            ? 'none'
            : defaults.backoff;
  const common = {
    attempts,
    backoff,
    retry:
      retries === 0 && retryNode !== undefined
        ? { kind: 'none', why: 'retry: 0', at: placeOf(gathering, retryNode) }
        : { kind: retries === null ? 'default' : 'configured' },
  } satisfies Partial<FailureFacts>;
  const sink = get(delivery, 'deadLetterSink');
  const target = destinationOf(gathering, owner, sink);
  if (sink !== undefined && target !== null) {
    const to = deadLetterChannel(gathering, owner, target);
    return plainFailure({ kind: 'configured', to, at: target.at }, handle, { ...common, then: 'dead-letters' });
  }
  if (sink !== undefined && sink.kind === 'scalar' && sink.value !== null)
    return plainFailure({ kind: 'unknown', why: 'the sink is set when the manifest is applied' }, handle, common);
  if (defaults.inherits) return plainFailure({ kind: 'of-channel' }, handle, common);
  const after =
    attempts === null
      ? 'is dropped after the last attempt'
      : attempts <= 1
        ? 'is dropped at the first failure'
        : `is dropped after ${attempts - 1} retries`;
  return plainFailure({ kind: 'missing', why: defaults.why }, handle, { ...common, then: 'drops', story: after });
}

function deadLetterChannel(gathering: Gathering, owner: ManifestObject, target: Destination): Ref {
  switch (target.kind) {
    case 'channel':
      return target.ref;
    case 'unknown':
      return { kind: 'unknown', text: target.text, reason: target.reason };
    case 'service': {
      const key = `dead-letter-sink/${target.name}`;
      if (!gathering.channels.has(key)) {
        declareChannel(gathering, {
          key,
          name: { kind: 'literal', value: target.name },
          logicalId: target.name,
          broker: 'knative',
          channelKind: 'other',
          scope: { kind: 'workspace', hosts: namespaceHosts(owner.namespace) },
          deadLetter: true,
          settings: new Map(),
          at: target.at,
        });
        gathering.declarations.push({
          kind: 'receive',
          service: target.ref,
          channel: { kind: 'key', key },
          subscription: null,
          schemas: [],
          failure: plainFailure(
            { kind: 'not-applicable', why: 'it takes dead letters' },
            { dialect: 'kubernetes', at: target.at, path: [], role: 'none' },
            { retry: { kind: 'not-applicable' } },
          ),
          settings: new Map(),
          confidence: 'declared',
          why: `dead-letter sink of ${labelOf(owner)}`,
          at: target.at,
        });
      }
      return { kind: 'key', key };
    }
  }
}
