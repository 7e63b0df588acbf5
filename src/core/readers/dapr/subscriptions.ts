// Declarative subscriptions → the topic, the applications in scope as its consumers, and what becomes of a message that they fail on.
// The topic belongs to its pub/sub component: equal topics of two components are two.
import type { FailureFacts, Ref, Scope } from '../../model/declaration.ts';
import { get, locationOf } from '../../syntax/data.ts';
import { isDeadLetterName, nameOf, plainText, shownText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import { applicationOf, COMPONENTS, handleOf, RESILIENCY, scopesOf, placeOf } from './gathering.ts';

/** Reads a Subscription. */
export function readSubscription(gathering: Gathering, object: ManifestObject): void {
  const { spec } = object;
  const { file } = gathering.manifest;
  const topicNode = get(spec, 'topic');
  const topic = nameOf(file, topicNode);
  const component = plainText(get(spec, 'pubsubname'));
  if (topicNode === undefined || topic === null) return;
  if (component === undefined) {
    const node = get(spec, 'pubsubname');
    if (node !== undefined)
      gathering.declarations.push({
        kind: 'unresolved',
        what: shownText(file, topicNode),
        why: 'its component is set when the manifest is applied',
        role: 'receive',
        at: placeOf(gathering, node),
      });
    return;
  }
  const scope: Scope = { kind: 'workspace', hosts: [component] };
  const shown = plainText(topicNode) ?? shownText(file, topicNode);
  const key = `topic/${component}/${shown}`;
  const failure = failureOf(gathering, object, component, scope);
  const scopes = scopesOf(gathering, object);
  if (!gathering.channels.has(key)) {
    gathering.channels.add(key);
    gathering.declarations.push({
      kind: 'channel',
      key,
      name: topic,
      logicalId: shown,
      broker: 'dapr',
      channelKind: 'topic',
      scope,
      group: null,
      platformSource: false,
      deadLetter: isDeadLetterName(shown),
      // Where the consumers are not told, the topic keeps the verdict for whoever reads it.
      failure: scopes.length === 0 ? failure : null,
      settings: new Map(),
      schemas: [],
      at: placeOf(gathering, topicNode),
    });
  }
  if (get(object.node, 'scopes') === undefined)
    gathering.declarations.push({
      kind: 'unresolved',
      what: `the consumers of ${shown}`,
      why: 'the Subscription names no scopes: every application that loads it reads the topic',
      role: 'receive',
      at: object.at,
    });
  for (const { id, at: place } of scopes)
    gathering.declarations.push({
      kind: 'receive',
      service: applicationOf(gathering, id, place),
      channel: { kind: 'key', key },
      subscription: object.name === '' ? null : { kind: 'literal', value: object.name },
      schemas: [],
      failure,
      settings: new Map(),
      confidence: 'declared',
      why: `Subscription ${object.name}`,
      at: placeOf(gathering, topicNode),
    });
}

/** Without retries of a Resiliency the first failure is final for Dapr; what follows it is the dead-letter topic or the component's own way. */
function failureOf(gathering: Gathering, object: ManifestObject, component: string, scope: Scope): FailureFacts {
  const { file } = gathering.manifest;
  const node = get(object.spec, 'deadLetterTopic');
  const name = nameOf(file, node);
  const common = {
    backoff: 'unknown',
    handle: handleOf(object, ['spec'], 'dapr-subscription'),
    elsewhere: [
      { space: COMPONENTS, name: component },
      { space: RESILIENCY, name: component },
    ],
  } as const;
  if (node === undefined || name === null)
    return {
      ...common,
      deadLetter: { kind: 'missing', why: 'no deadLetterTopic' },
      attempts: 'unbounded',
      then: 'loops',
      story: 'returns to the component, which delivers it again without end',
      retry: { kind: 'default' },
    };
  const shown = plainText(node) ?? shownText(file, node);
  const key = `topic/${component}/${shown}`;
  const to: Ref = { kind: 'key', key };
  if (!gathering.channels.has(key)) {
    gathering.channels.add(key);
    gathering.declarations.push({
      kind: 'channel',
      key,
      name,
      logicalId: shown,
      broker: 'dapr',
      channelKind: 'topic',
      scope,
      group: null,
      platformSource: false,
      deadLetter: true,
      failure: null,
      settings: new Map(),
      schemas: [],
      at: locationOf(file, node),
    });
  }
  return {
    ...common,
    backoff: 'none',
    deadLetter: { kind: 'configured', to, at: locationOf(file, node) },
    attempts: 1,
    then: 'dead-letters',
    story: '',
    retry: { kind: 'none', why: `no Resiliency retries ${component}`, at: locationOf(file, node) },
  };
}
