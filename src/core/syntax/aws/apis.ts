// APIs that put messages on a channel by themselves, without a function between: integrations of API Gateway with SQS, SNS, EventBridge and Kinesis,
// as resources or within an OpenAPI body. The API is the producer; it is a service only where it sends.
import type { DataNode } from '../data.ts';
import { get } from '../data.ts';
import type { Location } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { Carrier, Gathering } from './targets.ts';
import { channelTarget, defaultBus, placeOf } from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import { callOf, evaluate, partsOf, shown } from './values.ts';

const MAX_DEPTH = 40;
const SERVICES: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ['sqs', 'sqs'],
  ['sns', 'sns'],
  ['events', 'eventbridge'],
  ['kinesis', 'kinesis'],
]);
const SUBTYPES: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  ['SQS-SendMessage', 'sqs'],
  ['EventBridge-PutEvents', 'eventbridge'],
  ['Kinesis-PutRecord', 'kinesis'],
]);

/** Reads the integrations of every API. */
export function readApis(gathering: Gathering): void {
  const { template } = gathering;
  for (const resource of template.resources.values()) {
    switch (resource.type) {
      case 'AWS::ApiGateway::Method':
        readIntegration(
          gathering,
          ownerOf(gathering, resource, 'RestApiId'),
          property(resource, 'Integration'),
          resource.at,
        );
        break;
      case 'AWS::ApiGatewayV2::Integration':
        readIntegration(gathering, ownerOf(gathering, resource, 'ApiId'), resource.properties, resource.at);
        break;
      case 'AWS::Serverless::Api':
      case 'AWS::Serverless::HttpApi':
        readBody(gathering, resource, property(resource, 'DefinitionBody'), 0);
        break;
      case 'AWS::ApiGateway::RestApi':
      case 'AWS::ApiGatewayV2::Api':
        readBody(gathering, resource, property(resource, 'Body'), 0);
        break;
      default:
    }
  }
}

function ownerOf({ template }: Gathering, resource: Resource, key: string): Resource {
  const value = evaluate(template, property(resource, key));
  return (value.kind === 'resource' ? template.resources.get(value.id) : undefined) ?? resource;
}

function readBody(gathering: Gathering, api: Resource, node: DataNode | undefined, depth: number): void {
  if (node === undefined || node.kind === 'scalar' || depth > MAX_DEPTH) return;
  if (node.kind === 'seq') {
    for (const item of node.items) readBody(gathering, api, item, depth + 1);
    return;
  }
  for (const entry of node.entries) {
    if (entry.key !== 'x-amazon-apigateway-integration') readBody(gathering, api, entry.value, depth + 1);
    else
      readIntegration(gathering, api, entry.value, locationAt(gathering.template.file, entry.keyStart, entry.keyEnd));
  }
}

function readIntegration(gathering: Gathering, api: Resource, integration: DataNode | undefined, at: Location): void {
  const { template, declarations } = gathering;
  const uriNode = get(integration, 'Uri') ?? get(integration, 'uri');
  const uri = uriNode === undefined ? '' : shown(evaluate(template, uriNode));
  const subtype = get(integration, 'IntegrationSubtype') ?? get(integration, 'integrationSubtype');
  const service = /^arn:(?:\$\{[^}]*\}|[^:])*:apigateway:(?:\$\{[^}]*\}|[^:])*:([a-z]+):(path|action)\/(.+)$/.exec(uri);
  const name = service?.[1] ?? '';
  const sends =
    name === 'sqs'
      ? (service?.[3] ?? '').startsWith('SendMessage') || (service?.[2] === 'path' && !isRead(gathering, integration))
      : /^(?:Publish|PutEvents|PutRecords?)/.test(service?.[3] ?? '');
  const carrier =
    SUBTYPES.get(subtype === undefined ? '' : shown(evaluate(template, subtype))) ??
    (sends ? SERVICES.get(name) : undefined);
  if (carrier === undefined || integration === undefined) return;
  const found = new Set<string>();
  collect(gathering, integration, carrier, found, 0);
  const place = uriNode === undefined ? at : placeOf(template, uriNode);
  const base = {
    kind: 'send',
    service: { kind: 'key', key: api.id },
    schemas: [],
    confidence: 'declared',
    why: `integration of ${api.id}`,
    at: place,
  } as const;
  if (!declarations.some((declaration) => declaration.kind === 'service' && declaration.key === api.id)) {
    declarations.push({
      kind: 'service',
      key: api.id,
      name: api.id,
      group: template.group,
      scope: 'file',
      covers: 'nothing',
      code: [],
      at: api.at,
    });
  }
  for (const key of found) declarations.push({ ...base, channel: { kind: 'key', key } });
  if (found.size > 0) return;
  const literal = carrier === 'sqs' && service?.[2] === 'path' ? (service[3] ?? '').split('/').at(-1) : undefined;
  if (literal !== undefined && !literal.includes('${')) {
    declarations.push({
      ...base,
      channel: channelTarget(
        gathering,
        { kind: 'text', parts: [{ kind: 'fixed', text: literal }], node: uriNode ?? integration },
        'sqs',
      ).ref,
    });
  } else if (
    carrier === 'eventbridge' &&
    !/EventBusName/.test(template.file.text.slice(integration.start, integration.end))
  ) {
    declarations.push({ ...base, channel: { kind: 'key', key: defaultBus(gathering, integration) } });
  } else
    declarations.push({
      kind: 'unresolved',
      what: `the target of an integration of ${api.id}`,
      why: 'its name is made at run time or elsewhere',
      role: 'send',
      at: place,
    });
}

/** SQS behind a path does what the request's `Action` says: an API may read a queue, too. */
function isRead({ template }: Gathering, integration: DataNode | undefined): boolean {
  const text = integration === undefined ? '' : template.file.text.slice(integration.start, integration.end);
  return !text.includes('SendMessage') && /(?:Receive|Delete)Message|GetQueue|PurgeQueue/.test(text);
}

/** Channels of one kind that a part of the template refers to. */
function collect(gathering: Gathering, node: DataNode, carrier: Carrier, found: Set<string>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (node.kind === 'scalar' || callOf(node) !== null) {
    for (const part of partsOf(evaluate(gathering.template, node))) {
      if (part.kind !== 'open' || part.value.kind !== 'resource') continue;
      const target = channelTarget(gathering, part.value, null);
      if (target.resource !== null && target.carrier === carrier) found.add(target.resource.id);
    }
    return;
  }
  for (const inner of node.kind === 'seq' ? node.items : node.entries.map((entry) => entry.value))
    collect(gathering, inner, carrier, found, depth + 1);
}
