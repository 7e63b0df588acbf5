// NATS JetStream controller (jetstream.nats.io/v1beta1, v1beta2): Stream, Consumer → streams, the subjects they take in, durable consumers.
// A durable consumer is a view of the stream that some service pulls from: it stands as a channel behind the stream, which carries the verdict.
import type { FailureFacts, Ref } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { get, itemsOf } from '../../syntax/data.ts';
import { nameOf, plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import { WORKSPACE, declareChannel, handleOf, plainFailure, settingsOf, textOfName, placeOf } from './gathering.ts';

/** Reads one object; anything that is no stream or consumer is left alone. */
export function readJetStream(gathering: Gathering, object: ManifestObject): void {
  if (object.kind === 'Stream') readStream(gathering, object);
  else if (object.kind === 'Consumer') readConsumer(gathering, object);
}

function nats(channelKind: 'stream' | 'subject', name: Name): Ref {
  return { kind: 'named', broker: 'nats', channelKind, name, scope: WORKSPACE };
}

function readStream(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const { file } = gathering.manifest;
  const name = nameOf(file, get(spec, 'name'));
  if (name === null) return;
  const text = textOfName(name);
  const stream = declareChannel(gathering, {
    key: `stream/${text}`,
    name,
    logicalId: object.name === '' ? text : object.name,
    broker: 'nats',
    channelKind: 'stream',
    scope: WORKSPACE,
    settings: settingsOf(gathering, spec),
    at: object.at,
  });
  for (const item of itemsOf(get(spec, 'subjects'))) {
    const subject = nameOf(file, item);
    if (subject === null) continue;
    gathering.declarations.push({
      kind: 'route',
      from: nats('subject', subject),
      to: stream,
      subscription: null,
      failure: plainFailure(
        { kind: 'not-applicable', why: 'a stream takes in its subjects' },
        handleOf(object, ['spec'], 'none'),
        { retry: { kind: 'not-applicable' } },
      ),
      settings: new Map(),
      confidence: 'declared',
      why: `subjects of Stream ${object.name}`,
      at: placeOf(gathering, item),
    });
  }
}

function readConsumer(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const { file } = gathering.manifest;
  const stream = nameOf(file, get(spec, 'streamName'));
  const durable = nameOf(file, get(spec, 'durableName')) ?? nameOf(file, get(spec, 'name'));
  const name = durable ?? (object.name === '' ? null : ({ kind: 'literal', value: object.name } as const));
  if (stream === null || name === null) return;
  const pushed = nameOf(file, get(spec, 'deliverSubject'));
  const text = textOfName(name);
  const to =
    pushed === null
      ? declareChannel(gathering, {
          key: `consumer/${textOfName(stream)}/${text}`,
          name,
          logicalId: object.name === '' ? text : object.name,
          broker: 'nats',
          channelKind: 'other',
          scope: WORKSPACE,
          settings: new Map(),
          at: object.at,
        })
      : nats('subject', pushed);
  gathering.declarations.push({
    kind: 'route',
    from: nats('stream', stream),
    to,
    subscription: name,
    failure: consumerFailure(object),
    settings: settingsOf(gathering, spec),
    confidence: 'declared',
    why: `Consumer ${object.name}`,
    at: object.at,
  });
}

/** JetStream has no dead-letter queue: what is not acknowledged comes again without end, or stays behind after `maxDeliver`. */
function consumerFailure(object: ManifestObject): FailureFacts {
  const { spec } = object;
  const handle = handleOf(object, ['spec'], 'jetstream-consumer');
  const policy = plainText(get(spec, 'ackPolicy')) ?? 'explicit';
  const node = get(spec, 'maxDeliver');
  const limit = node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : null;
  if (node !== undefined && limit === null)
    return plainFailure({ kind: 'unknown', why: 'maxDeliver is set when the manifest is applied' }, handle);
  const why = 'JetStream has none: a reader of its MAX_DELIVERIES advisories has to keep the message';
  if (policy === 'none')
    return plainFailure({ kind: 'missing', why: 'ackPolicy is none' }, handle, {
      attempts: 1,
      backoff: 'none',
      then: 'drops',
      story: 'is never delivered again',
      retry: { kind: 'default' },
    });
  const backoff = itemsOf(get(spec, 'backoff')).length > 1 ? 'exponential' : 'fixed';
  return limit !== null && limit > 0
    ? plainFailure({ kind: 'missing', why }, handle, {
        attempts: limit,
        backoff,
        then: 'drops',
        story: `stays in the stream unprocessed after ${limit === 1 ? 'one delivery' : `${limit} deliveries`}`,
        retry: { kind: limit === 1 ? 'default' : 'configured' },
      })
    : plainFailure({ kind: 'missing', why }, handle, {
        attempts: 'unbounded',
        backoff,
        then: 'loops',
        story: 'is delivered again without end',
      });
}
