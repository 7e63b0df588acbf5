// AWS CloudFormation templates (2010-09-09) and the Serverless Application Model (2016-10-31), YAML and JSON → services, channels, edges,
// failure handling. Macros and transforms are not run, conditions are not evaluated, deployed values (parameters, other accounts) stay open.
import type { FileFacts } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Problem, SourceFile } from '../../model/source.ts';
import { gatherTemplate } from '../../syntax/aws/gather-template.ts';
import { placeOf } from '../../syntax/aws/targets.ts';
import type { Template } from '../../syntax/aws/template.ts';
import { templateOf } from '../../syntax/aws/template.ts';
import { get } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';

export const cloudformationReader: Reader = {
  id: 'cloudformation',
  title: 'CloudFormation and SAM',
  docs: {
    summary:
      'Templates of AWS CloudFormation and the Serverless Application Model, in YAML with short-form tags or in JSON, found by their content.',
    reads: [
      'Queues, topics, event buses, Kinesis and DynamoDB streams, bucket notifications, schedules, pipes, rules, subscriptions, event source mappings.',
      'SAM functions and state machines with their events (SQS, SNS, EventBridge, schedules, S3, Kinesis, DynamoDB, MSK, Kafka, MQ), globals and generated queues.',
      'References: Ref, GetAtt, Sub, Join, Select, FindInMap over literals, ARNs and queue URLs built from them, outputs and parameters of nested stacks, exports, Systems Manager parameters.',
      'Failure handling at each place: redrive policies, dead-letter configurations, on-failure destinations, retry policies; a function behind SNS, EventBridge, S3 or a schedule counts as guarded where it or its delivery has a dead-letter queue.',
      'Messages that state machines send, in a definition within the template or in a file of its own.',
      'API Gateway integrations that send to SQS, SNS, EventBridge or Kinesis without a function between.',
      'Producers by permission (policy templates, IAM statements of an own role, connectors): these edges are inferred.',
    ],
    doesNotRead: [
      'Macros and `Fn::Transform`: what they would write is not known.',
      'Conditions: where the two sides of an `Fn::If` differ, the value is unresolved.',
      'Messages that AppSync or an IoT rule puts on a channel, CloudWatch Logs subscriptions, Firehose, DocumentDB.',
      'Two instances of one nested template are one: their channels are not told apart.',
    ],
  },
  files: ['**/*.{yaml,yml,json,template}'],
  languages: ['yaml', 'json', 'jsonc', 'cloudformation'],
  grammars: () => [],
  recognises: (text) =>
    /AWSTemplateFormatVersion|AWS::Serverless-2016-10-31/.test(text) ||
    (/["']?Resources["']?\s*:/.test(text) && /["']?Type["']?\s*:\s*["']?AWS::[A-Za-z0-9]+::/.test(text)),
  read: (file) => readTemplate(file),
};

function readTemplate(file: SourceFile): FileFacts {
  const document = parseData(file);
  const template = templateOf(document);
  if (template === null) {
    const meant =
      document.roots.length === 0 || document.roots.some((root) => get(root, 'AWSTemplateFormatVersion') !== undefined);
    const problems: Problem[] = [...document.problems];
    const [root] = document.roots;
    if (problems.length === 0 && meant && root !== undefined)
      problems.push({
        file: file.path,
        range: placeOf({ file } as Template, root).range,
        message: 'The template has no Resources.',
      });
    return meant || /AWSTemplateFormatVersion/.test(file.text) ? { ...NO_FACTS, problems } : NO_FACTS;
  }
  const { declarations, needs } = gatherTemplate(template);
  return { declarations, bindings: [], calls: [], needs, problems: document.problems, unit: 'file' };
}
