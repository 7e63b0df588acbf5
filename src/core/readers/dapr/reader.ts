// Dapr manifests (dapr.io/v1alpha1, v2alpha1): Component pubsub.* and bindings.*, Subscription, Resiliency, and workloads with an application id →
// services, topics, bindings, dead-letter verdicts. Components of other building blocks carry no messages; code is read by other readers.
import type { Declaration, FileFacts } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { SourceFile } from '../../model/source.ts';
import { manifestOf } from '../../syntax/manifest.ts';
import type { Reader } from '../reader.ts';
import { readBinding } from './bindings.ts';
import { readPubsub, readResiliency } from './components.ts';
import type { Gathering } from './gathering.ts';
import { readSubscription } from './subscriptions.ts';
import { readWorkload } from './workloads.ts';

export const daprReader: Reader = {
  id: 'dapr',
  title: 'Dapr',
  docs: {
    summary:
      'Dapr components for publish and subscribe and for bindings, declarative subscriptions, resiliency policies, and workloads with an application id.',
    reads: [
      '`publishingScopes` of a pub/sub component as inferred producers.',
      'Subscription v1alpha1 and v2alpha1: its topic, its scopes as consumers, its dead-letter topic.',
      'Retries from a Resiliency of any file, by the component that it targets.',
      'Dead-letter queues of the component itself: Azure Service Bus, `enableDeadLetter` of RabbitMQ, `sqsDeadLettersQueueName`, `deadLetterTopic` of Google Pub/Sub.',
      'Bindings to brokers and to cron under the name of their component, with the direction written there or the only one that the type has.',
      'Application ids in `dapr.io/app-id` annotations.',
    ],
    doesNotRead: [
      'Subscriptions and publishing in code: those are in the code of the service.',
      'Consumers of a Subscription or binding without scopes: every application that loads it may be meant.',
      'Bindings to things that are no channels: mail, HTTP, databases, object stores.',
      'Application ids in Docker Compose files, `dapr run` commands and `dapr.yaml`.',
      'Values that Helm sets at installation, and secrets.',
    ],
  },
  files: ['**/*.{yaml,yml}'],
  languages: ['yaml', 'helm'],
  grammars: () => [],
  recognises: (text) =>
    (/apiVersion["']?\s*:\s*["']?dapr\.io\//.test(text) &&
      /kind["']?\s*:\s*["']?(?:Subscription|Resiliency)\b|type["']?\s*:\s*["']?(?:pubsub|bindings)\./.test(text)) ||
    /dapr\.io\/app-id/.test(text),
  read: (file) => readFile(file),
};

function readFile(file: SourceFile): FileFacts {
  const manifest = manifestOf(file);
  const declarations: Declaration[] = [];
  const gathering: Gathering = { manifest, declarations, services: new Set(), channels: new Set() };
  for (const object of manifest.objects) {
    if (object.group !== 'dapr.io') readWorkload(gathering, object);
    else if (object.kind === 'Subscription') readSubscription(gathering, object);
    else if (object.kind === 'Resiliency') readResiliency(gathering, object);
    else if (object.kind === 'Component') {
      readPubsub(gathering, object);
      readBinding(gathering, object);
    }
  }
  return {
    ...NO_FACTS,
    declarations,
    // What a template makes of its text is seen at installation only: its own errors are no problems of the file.
    problems: manifest.templated ? [] : manifest.document.problems,
  };
}
