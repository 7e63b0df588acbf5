// Terraform 1.x and OpenTofu: folders of `.tf` files with their `.tfvars` → services, channels, edges and failure handling of AWS, Google Cloud,
// Azure, Kafka and RabbitMQ resources. A file by itself says little: `read` keeps its plain tree, `assemble` evaluates the modules of the workspace.
// Not read: state, plans, `.tf.json`, provider functions, modules of a registry or of other repositories.
import type { Binding, Declaration, FileFacts, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { FilePath, SourceFile } from '../../model/source.ts';
import { resolvePath } from '../../syntax/data.ts';
import type { HclFile } from '../../syntax/hcl.ts';
import { hclLocation, isHclFile, readHcl } from '../../syntax/hcl.ts';
import type { ReadHost, Reader } from '../reader.ts';
import { readAws } from './aws.ts';
import { readAzure, readBrokers } from './azure.ts';
import { Gathering } from './gathering.ts';
import { readGoogle, readPublishers } from './google.ts';
import type { Module } from './modules.ts';
import { instancesOf, modulesOf, sourceText } from './modules.ts';
import { readSenders } from './senders.ts';

const ID = 'terraform';
/** Modules from elsewhere that are about messages, by their source. */
const ABOUT_MESSAGES =
  /sqs|sns|event-?bridge|event-?bus|pub-?sub|service-?bus|event-?grid|event-?hub|kafka|msk|kinesis|queue|topic|rabbitmq|amqp/i;

export const terraformReader: Reader = {
  id: ID,
  title: 'Terraform and OpenTofu',
  docs: {
    summary:
      'Resources of AWS, Google Cloud, Azure, Confluent, Kafka and RabbitMQ providers, over all files of a module and the local modules that it calls.',
    reads: [
      'AWS: SQS queues with their redrive policies (within the queue or as a resource of their own), SNS topics and subscriptions, EventBridge buses, rules and targets, Lambda functions, event source mappings, event invoke configurations, schedules, pipes, Kinesis and DynamoDB streams, bucket notifications, state machines and the messages their tasks send.',
      'Google Cloud: Pub/Sub topics with their schemas and subscriptions (pull, push to a service of the workspace, BigQuery, Cloud Storage), functions of both generations, Eventarc triggers, scheduler jobs.',
      'Azure: Service Bus queues, topics and subscriptions with forwarding, Event Grid topics and event subscriptions, Event Hubs.',
      'Topics of the Kafka, Confluent, Aiven and Google providers; queues, exchanges and bindings of RabbitMQ.',
      'Local modules with their inputs and outputs, one instance per call; `count` and `for_each` over known values, `dynamic` blocks, locals, variables with defaults, `terraform.tfvars` and `*.auto.tfvars`, `jsonencode`, heredocs and the common functions.',
      'Producers by permission: policies of a role that one function has, or that several share where the environment names the channel; service accounts of one deployable that may publish to a topic. These edges are inferred.',
      'Folders that are copies for several environments (`dev`, `staging`, `prod`) count once.',
    ],
    doesNotRead: [
      'State and plans, outputs of other states (`terraform_remote_state`), `.tf.json`, Terragrunt, CDK for Terraform.',
      'Modules of a registry or another repository: what they make is unresolved, with the module as the reason.',
      'Variables without a value in the workspace and data sources that look up what no file declares: unresolved, and their dead-letter verdicts unknown.',
      'Consumer groups of Event Hubs and readers of pull subscriptions: only the code that reads knows them.',
    ],
  },
  files: ['**/*.{tf,tofu,tfvars}'],
  languages: ['terraform', 'terraform-vars', 'opentofu', 'opentofu-vars', 'hcl'],
  grammars: () => ['terraform'],
  recognises: (text, path) =>
    path.endsWith('.tfvars') || /^[ \t]*(?:resource|data|module|variable|output|locals)\b/m.test(text),
  read,
  assemble,
};

function read(file: SourceFile, host: ReadHost): FileFacts {
  const tree = host.tree('terraform');
  if (tree === null) return NO_FACTS;
  const part = readHcl(file, tree);
  return {
    ...NO_FACTS,
    needs: definitionsOf(file),
    problems: part.problems,
    parts: new Map([[ID, part]]),
    unit: 'directory',
  };
}

/** Definitions of state machines that stand in files of their own. */
function definitionsOf(file: SourceFile): readonly Need[] {
  const needs: Need[] = [];
  for (const match of file.text.matchAll(
    /\b(?:templatefile|file)\s*\(\s*"\$\{path\.module\}\/([^"$]+\.(?:json|ya?ml|tftpl|tpl))"/g,
  )) {
    const path = resolvePath(file.path, match[1] ?? '');
    if (path !== null && /\.(?:json|ya?ml)$/.test(path))
      needs.push({
        file: path,
        pointer: '',
        at: hclLocation(file, { start: match.index, end: match.index + match[0].length }),
      });
  }
  return needs;
}

function assemble(parts: ReadonlyMap<FilePath, unknown>): ReadonlyMap<FilePath, FileFacts> {
  const files = [...parts.values()]
    .filter((part): part is HclFile => isHclFile(part))
    .sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const modules = modulesOf(files);
  const instances = instancesOf(modules);
  const nodes = instances.flatMap((instance) => instance.nodes());
  const gathering = new Gathering(
    nodes,
    instances.flatMap((instance) => instance.foreign()),
  );
  for (const node of nodes) {
    if (node.isData) continue;
    readAws(gathering, node);
    readGoogle(gathering, node);
    readAzure(gathering, node);
    readBrokers(gathering, node);
  }
  readPublishers(gathering);
  const bindings: ReadonlyMap<string, readonly Binding[]> = readSenders(gathering);
  const declarations = gathering.result();
  const foreign = foreignModules(files, modules);
  const facts = new Map<FilePath, FileFacts>();
  for (const path of new Set([...declarations.keys(), ...bindings.keys(), ...foreign.keys()])) {
    facts.set(path, {
      ...NO_FACTS,
      declarations: [...(declarations.get(path) ?? []), ...(foreign.get(path) ?? [])],
      bindings: bindings.get(path) ?? [],
      unit: 'directory',
    });
  }
  return facts;
}

/** Calls of modules from elsewhere that are about messages, and of folders that are not in the workspace. */
function foreignModules(
  files: readonly HclFile[],
  modules: ReadonlyMap<string, Module>,
): ReadonlyMap<FilePath, readonly Declaration[]> {
  const found = new Map<FilePath, Declaration[]>();
  for (const { file, body } of files) {
    for (const block of body.blocks) {
      const [label] = block.labels;
      const source = block.type === 'module' ? sourceText(block) : null;
      if (source === null || label === undefined || !ABOUT_MESSAGES.test(source)) continue;
      const isLocal = /^\.\.?(?:\/|$)/.test(source);
      const folder = isLocal ? resolvePath(file.path, source.replace(/\/+$/, '')) : null;
      if (folder !== null && modules.has(folder)) continue;
      const why = `the module comes from ${source}, ${isLocal ? 'which is not part of' : 'outside'} the workspace`;
      const list = found.get(file.path) ?? [];
      list.push({
        kind: 'unresolved',
        what: `module.${label.text}`,
        why,
        role: 'other',
        at: hclLocation(file, label),
      });
      found.set(file.path, list);
    }
  }
  return found;
}
