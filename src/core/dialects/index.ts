// The registry of dialects, alphabetical.
import { asyncapiDialect } from './asyncapi/dialect.ts';
import { cloudformationDialect } from './cloudformation/dialect.ts';
import { daprDialect } from './dapr/dialect.ts';
import { kafkaConnectDialect } from './kafka-connect/dialect.ts';
import { kubernetesDialect } from './kubernetes/dialect.ts';
import { rabbitmqDefinitionsDialect } from './rabbitmq-definitions/dialect.ts';
import { serverlessDialect } from './serverless/dialect.ts';
import { springDialect } from './spring/dialect.ts';
import { symfonyDialect } from './symfony/dialect.ts';
import { terraformDialect } from './terraform/dialect.ts';
import { wranglerDialect } from './wrangler/dialect.ts';
import type { Dialect } from '../model/dialect.ts';

export const dialects: readonly Dialect[] = [
  asyncapiDialect,
  cloudformationDialect,
  daprDialect,
  kafkaConnectDialect,
  kubernetesDialect,
  rabbitmqDefinitionsDialect,
  serverlessDialect,
  springDialect,
  symfonyDialect,
  terraformDialect,
  wranglerDialect,
];
