// Manifests of messaging objects in Kubernetes (Knative Eventing 1.x, Strimzi v1beta2, RabbitMQ topology operator v1beta1, NATS JetStream
// controller) → channels, services, edges, failure handling. Charts are read as far as their values are literal; overlays are not applied.
import type { FileFacts, Value } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { manifestOf } from '../../syntax/manifest.ts';
import type { Reader } from '../reader.ts';
import type { Gathering } from './gathering.ts';
import { noteUnresolved } from './gathering.ts';
import { readEnvironment, readKnative } from './knative.ts';
import { readJetStream } from './nack.ts';
import { readRabbit } from './rabbitmq.ts';
import { readStrimzi, topicsOfValues } from './strimzi.ts';

const GROUPS =
  /apiVersion["']?\s*:\s*["']?(?:[\w-]+\.knative\.dev|sources\.[\w.-]+|kafka\.strimzi\.io|rabbitmq\.com|jetstream\.nats\.io)\//;
const KINDS =
  /kind["']?\s*:\s*["']?(?:Broker|Trigger|\w*Channel|Subscription|Sequence|Parallel|\w+Source|SinkBinding|KafkaSink|KafkaTopic|KafkaUser|KafkaConnector|Queue|Exchange|Binding|Shovel|Policy|OperatorPolicy|Stream|Consumer)\b/;

export const kubernetesReader: Reader = {
  id: 'kubernetes',
  title: 'Kubernetes: Knative, Strimzi, RabbitMQ, NATS',
  docs: {
    summary:
      'Manifests of Knative Eventing, Strimzi, the RabbitMQ topology operator and the NATS JetStream controller, found by their API groups; other manifests are not read.',
    reads: [
      'Knative Broker, Trigger with its filters, Channel, Subscription, Sequence, Parallel, sources (Kafka, RabbitMQ, containers and all others), SinkBinding, KafkaSink.',
      'Subscribers by reference or by an address within the cluster; a delivery of the Broker or Channel holds for subscriptions without one of their own, across files.',
      "Workloads with the address of a broker's ingress in their environment, as inferred producers.",
      'Strimzi KafkaTopic, KafkaConnector with its `errors.*` keys, and access rules of KafkaUser as inferred edges.',
      'RabbitMQ Queue, Exchange, Binding, Shovel, and dead-letter settings by arguments or by a Policy of any file.',
      'JetStream Stream with its subjects, and Consumer with its redelivery.',
      'Templates of Helm charts: names that are a plain `.Values` entry, and topics that are made of a list there, are taken from `values.yaml`.',
      'Several documents per file and `kind: List`; copies of one object in overlays and for several environments are one.',
    ],
    doesNotRead: [
      'Kustomize patches and name prefixes: bases are read as they stand.',
      'Events that a subscriber returns to a Broker in its reply.',
      'Access rules for patterns of topics or for all operations: they are shown as unresolved.',
      'Names that a chart builds with helpers or that are set when the manifest is applied.',
      'Camel K bindings, MirrorMaker, federation, and which service pulls from a JetStream consumer.',
    ],
  },
  files: ['**/*.{yaml,yml}'],
  languages: ['yaml', 'helm'],
  grammars: () => [],
  recognises: (text) => (GROUPS.test(text) && KINDS.test(text)) || text.includes('broker-ingress.knative-eventing'),
  read: (file) => readManifest(file),
  fragment: (file, pointers) => readValues(file, pointers),
};

function readManifest(file: SourceFile): FileFacts {
  const manifest = manifestOf(file);
  const gathering: Gathering = { manifest, declarations: [], needs: [], services: new Set(), channels: new Set() };
  for (const object of manifest.objects) {
    if (/^(?:Deployment|StatefulSet|DaemonSet|Job|CronJob|Service)$/.test(object.kind))
      readEnvironment(gathering, object);
    else if (object.group.endsWith('.knative.dev') || object.group.startsWith('sources.'))
      readKnative(gathering, object);
    else if (object.group === 'kafka.strimzi.io') readStrimzi(gathering, object);
    else if (object.group === 'rabbitmq.com') readRabbit(gathering, object);
    else if (object.group === 'jetstream.nats.io') readJetStream(gathering, object);
  }
  // What a template makes of its text is seen at installation only: its own errors are no problems of the file.
  const broken = manifest.document.problems.some((problem) => problem.syntax === true);
  if (manifest.templated && broken && gathering.declarations.length + gathering.needs.length === 0)
    noteUnresolved(
      gathering,
      'the template',
      'its actions write more than single values',
      'other',
      locationAt(file, 0, Math.max(0, file.text.search(/\r?\n|$/))),
    );
  return {
    ...NO_FACTS,
    declarations: gathering.declarations,
    needs: [...(gathering.declarations.length === 0 ? [] : manifest.needs), ...gathering.needs],
    problems: manifest.templated ? [] : manifest.document.problems,
  };
}

/** A chart's values as one object that templates refer to, and the topics that templates make of its lists. */
function readValues(file: SourceFile, pointers: readonly string[]): FileFacts {
  const manifest = manifestOf(file);
  const [root] = manifest.document.roots;
  if (root === undefined) return NO_FACTS;
  const gathering: Gathering = { manifest, declarations: [], needs: [], services: new Set(), channels: new Set() };
  topicsOfValues(gathering, root, pointers);
  return {
    ...NO_FACTS,
    declarations: gathering.declarations,
    bindings: [{ name: 'Values', exported: true, value: valueOf(root), at: locationAt(file, root.start, root.start) }],
  };
}

function valueOf(node: DataNode): Value {
  switch (node.kind) {
    case 'map':
      return { kind: 'object', members: new Map(node.entries.map(({ key, value }) => [key, valueOf(value)])) };
    case 'seq':
      return { kind: 'unknown', text: '', reason: 'the value is a list' };
    case 'scalar':
      return node.value === null || node.value === ''
        ? { kind: 'unknown', text: '', reason: 'the chart leaves the value empty' }
        : { kind: 'literal', value: String(node.value) };
  }
}
