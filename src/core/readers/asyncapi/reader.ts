// AsyncAPI 3.x and 2.0–2.6 documents (YAML and JSON) → one service, its channels, what it sends and receives, payload schemas and failure handling;
// and the files that documents refer to → what their pointers stand for. Specification: https://www.asyncapi.com/docs/reference/specification/v3.0.0.
// Not read: AsyncAPI 1.x, security, headers, references to addresses on the network.
import type { FileFacts, ServiceDeclaration } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { SourceFile } from '../../model/source.ts';
import { entriesOf, entryOf, get, getIn, keyLocation, stringOf, textOf } from '../../syntax/data.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import { readServers } from './channels.ts';
import type { Context } from './context.ts';
import { createContext, factsOf, fileStem, here, locationOfNode, problem, SERVICE_KEY } from './context.ts';
import { readFragment } from './fragment.ts';
import { readOperations } from './operations.ts';

export const asyncapiReader: Reader = {
  id: 'asyncapi',
  title: 'AsyncAPI',
  docs: {
    summary: 'AsyncAPI 3.x and 2.x documents, in YAML and JSON: one service per document, named by its `info.title`.',
    reads: [
      'channels with their addresses (`{parameters}` kept), the broker from `servers` or from bindings, names that bindings give (kafka `topic`, sqs `queue.name`, sns `name`, amqp `queue.name`)',
      'operations: `action` in 3.x; in 2.x `publish` means that the application receives and `subscribe` that it sends',
      'replies, traits, messages (`oneOf`, subsets, all of the channel), payload schemas in JSON Schema, Avro and Protobuf',
      '`$ref` within the file and to other files of the workspace, for channels, messages, operations and schemas',
      'several documents of one system, joined where broker, address and hosts agree',
      'consumer groups (kafka `groupId`, nats `queue`), SNS subscriptions with their queues',
      'failure handling: `redrivePolicy` of the sqs and sns bindings, `x-deadLetter` and `x-retry` on operations that receive',
    ],
    doesNotRead: [
      'AsyncAPI 1.x',
      'references to addresses on the network: they are never fetched and stay unresolved',
      'servers and 2.x channel items that stand in another file',
      'addresses that are `null` or a parameter alone: such a channel is known by its key in the document only',
    ],
  },
  files: ['**/*.{yaml,yml,json,jsonc}'],
  languages: ['yaml', 'json', 'jsonc', 'asyncapi'],
  grammars: () => [],
  recognises: (text) => text.includes('asyncapi') && /^[\s{]*["']?asyncapi["']?\s*:\s*["']?\d/m.test(text),
  read,
  fragment: readFragment,
};

function read(file: SourceFile): FileFacts {
  const document = parseData(file);
  const [root] = document.roots;
  const version = textOf(get(root, 'asyncapi'));
  // Without the key at its top a file is no document, however often the word stands in it; a file that is beyond parsing still looks like one.
  if (version === undefined) return root?.kind === 'map' ? NO_FACTS : { ...NO_FACTS, problems: document.problems };
  return readDocument(file, document, root, version);
}

function readDocument(
  file: SourceFile,
  document: DataDocument,
  root: DataNode | undefined,
  version: string,
): FileFacts {
  const major = Number(/^(\d+)/.exec(version)?.[1] ?? 0);
  const context = createContext(file, document, major === 2 ? 2 : 3);
  const key = entryOf(root, 'asyncapi');
  if (major < 2 || major > 3) {
    problem(context, key?.value ?? null, `AsyncAPI ${version} is not read: 2.0 to 2.6 and 3.x are.`);
    return factsOf(context);
  }
  if (document.roots.length > 1)
    problem(context, document.roots[1] ?? null, 'Only the first document of this file is read.');
  // Documents that only hold parts for others are no application: components alone, or channels without a title and without operations.
  const channels = entriesOf(get(root, 'channels'));
  const operates =
    get(root, 'operations') !== undefined ||
    channels.some(({ value }) => get(value, 'publish') !== undefined || get(value, 'subscribe') !== undefined);
  const titled = textOf(getIn(root, ['info', 'title'])) !== undefined;
  if (operates || (titled && (channels.length > 0 || get(root, 'components') === undefined)))
    context.declarations.push(serviceOf(context, root));
  readOperations(context, readServers(context));
  return factsOf(context);
}

function serviceOf(context: Context, root: DataNode | undefined): ServiceDeclaration {
  const info = entryOf(root, 'info');
  const title = here(context, ['info', 'title'])?.node;
  const name = textOf(title)?.trim() ?? '';
  if (name === '')
    problem(
      context,
      info === undefined ? null : { start: info.keyStart, end: info.keyEnd },
      'The document has no `info.title`: the service is named after the file.',
    );
  const start = entryOf(root, 'asyncapi');
  return {
    kind: 'service',
    key: SERVICE_KEY,
    name: name === '' ? fallbackName(context.file.path) : name,
    group: stringOf(getIn(root, ['info', 'x-domain'])) ?? null,
    scope: 'workspace',
    covers: 'nothing',
    code: [],
    at:
      title !== undefined && name !== ''
        ? locationOfNode(context, title)
        : info !== undefined
          ? keyLocation(context.file, info)
          : start === undefined
            ? locationOfNode(context, { start: 0, end: 0 })
            : keyLocation(context.file, start),
  };
}

/** `checkout` of `services/checkout/asyncapi.yaml`, `orders` of `docs/orders.asyncapi.yaml`. */
function fallbackName(path: string): string {
  const stem = fileStem(path).replace(/[.-]?asyncapi$/i, '');
  const folder = path.split('/').at(-2);
  return stem !== '' ? stem : (folder ?? 'asyncapi');
}
