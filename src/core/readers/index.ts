// The registry of readers, alphabetical.
import { asyncapiReader } from './asyncapi/reader.ts';
import { avroReader } from './avro/reader.ts';
import { cloudformationReader } from './cloudformation/reader.ts';
import { daprReader } from './dapr/reader.ts';
import { encoreGoReader } from './encore-go/reader.ts';
import { encoreTsReader } from './encore-ts/reader.ts';
import { eventbridgeSchemasReader } from './eventbridge-schemas/reader.ts';
import { eventcatalogReader } from './eventcatalog/reader.ts';
import { eventscapeYamlReader } from './eventscape-yaml/reader.ts';
import { jsonSchemaReader } from './json-schema/reader.ts';
import { kafkaConnectReader } from './kafka-connect/reader.ts';
import { kubernetesReader } from './kubernetes/reader.ts';
import { projectReader } from './project/reader.ts';
import { protobufReader } from './protobuf/reader.ts';
import { rabbitmqDefinitionsReader } from './rabbitmq-definitions/reader.ts';
import type { Reader } from './reader.ts';
import { schemaRegistryReader } from './schema-registry/reader.ts';
import { serverlessReader } from './serverless/reader.ts';
import { springReader } from './spring/reader.ts';
import { stepFunctionsReader } from './step-functions/reader.ts';
import { symfonyReader } from './symfony/reader.ts';
import { terraformReader } from './terraform/reader.ts';
import { wranglerReader } from './wrangler/reader.ts';

export const readers: readonly Reader[] = [
  asyncapiReader,
  avroReader,
  cloudformationReader,
  daprReader,
  encoreGoReader,
  encoreTsReader,
  eventbridgeSchemasReader,
  eventcatalogReader,
  eventscapeYamlReader,
  jsonSchemaReader,
  kafkaConnectReader,
  kubernetesReader,
  projectReader,
  protobufReader,
  rabbitmqDefinitionsReader,
  schemaRegistryReader,
  serverlessReader,
  springReader,
  stepFunctionsReader,
  symfonyReader,
  terraformReader,
  wranglerReader,
];
