// How Terraform files write guards: dead-letter queues with their policies, on-failure destinations, dead-letter topics with their access, retries.
// New resources stand behind the one they serve, are called as their neighbours are, and take over `count` and `for_each`. Nothing is written
// where a setting of that name stands already, or where the answer depends on another module.
import type { Dialect, DialectContext, Guard } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { SourceFile } from '../../model/source.ts';
import { offsetAt, rangeAt } from '../../model/source.ts';
import type { HclAttribute, HclBlock, HclBody, HclExpression, HclFile } from '../../syntax/hcl.ts';
import { attributeOf, isHclFile } from '../../syntax/hcl.ts';

export const terraformDialect: Dialect = {
  id: 'terraform',
  title: 'Terraform',
  write(guard, context) {
    const place = placeOf(guard, context);
    if (place === null) return null;
    switch (guard.kind) {
      case 'dead-letter':
        return writeDeadLetter(place, guard.handle.role);
      case 'declare-dead-letter':
        return declareDeadLetter(place, guard.name);
      case 'retry':
        return writeRetry(place, guard.handle.role);
    }
  },
};

/** The block that a guard concerns, and the module around it. */
interface Place {
  readonly file: SourceFile;
  readonly block: HclBlock;
  /** `aws_sqs_queue`, `orders`. */
  readonly type: string;
  readonly name: string;
  /** All files of the folder. */
  readonly module: readonly HclFile[];
  readonly newline: string;
}

const FOURTEEN_DAYS = 1_209_600;

function placeOf(guard: Guard, context: DialectContext): Place | null {
  const { at, path } = guard.handle;
  const file = context.source(at.file);
  if (file === null) return null;
  const folder = folderOf(at.file);
  const module = [...context.parts('terraform').values()].filter(
    (part): part is HclFile => isHclFile(part) && folderOf(part.file.path) === folder,
  );
  const own = module.find((part) => part.file.path === at.file);
  if (own === undefined || own.problems.length > 0 || own.file.text !== file.text) return null;
  const [type, name] = path;
  const offset = offsetAt(file, at.range.start);
  const block = own.body.blocks.find(
    (candidate) =>
      candidate.labels[0]?.text === type &&
      candidate.labels[1]?.text === name &&
      candidate.start <= offset &&
      offset <= candidate.end,
  );
  if (block === undefined || typeof type !== 'string' || typeof name !== 'string') return null;
  return { file, block, type, name, module, newline: file.text.includes('\r\n') ? '\r\n' : '\n' };
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function writeDeadLetter(place: Place, role: string): Fix | null {
  switch (role) {
    case 'queue':
      return forQueue(place);
    case 'subscription':
      return forSubscription(place);
    case 'rule-target':
      return forEventTarget(place);
    case 'async-function':
      return forFunction(place);
    case 'stream-mapping':
      return forMapping(place);
    case 'schedule-target':
      return forSchedule(place);
    case 'pipe-stream':
      return forPipe(place);
    case 'pubsub-subscription':
      return forPubsub(place);
    default:
      return null;
  }
}

/** A queue of its own for what readers keep failing on; the setting stands where the module's other queues have theirs. */
function forQueue(place: Place): Fix | null {
  const { block, name, module } = place;
  if (attributeOf(block.body, 'redrive_policy') !== undefined) return null;
  const fifo = fifoOf(block);
  if (fifo === null) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const isInline = resourcesOf(module, 'aws_sqs_queue').some(
    (other) => attributeOf(other.body, 'redrive_policy') !== undefined,
  );
  const target = `aws_sqs_queue.${id}${indexOf(place)}.arn`;
  if (isInline) {
    const edits = addAttributes(place, block, [
      ['redrive_policy', [`jsonencode({`, `  deadLetterTargetArn = ${target}`, `  maxReceiveCount     = 5`, `})`]],
    ]);
    return fix(`Add a dead-letter queue to ${name}`, [edits, addBehind(place, [queue(place, id, fifo)])]);
  }
  const policy = resource(place, 'aws_sqs_queue_redrive_policy', name, [
    ['queue_url', `aws_sqs_queue.${name}${indexOf(place)}.id`],
    ['redrive_policy', `jsonencode({ deadLetterTargetArn = ${target}, maxReceiveCount = 5 })`],
  ]);
  return fix(`Add a dead-letter queue to ${name}`, [addBehind(place, [queue(place, id, fifo), policy])]);
}

/** The subscription's own queue, which SNS must be allowed to write to. */
function forSubscription(place: Place): Fix | null {
  const { block, name, module } = place;
  const topic = referenced(attributeOf(block.body, 'topic_arn')?.value, 'aws_sns_topic');
  if (attributeOf(block.body, 'redrive_policy') !== undefined || topic === null) return null;
  const declared = resourcesOf(module, 'aws_sns_topic').find((other) => other.labels[1]?.text === topic.name);
  const isFifo = declared !== undefined && literalOf(attributeOf(declared.body, 'fifo_topic')) === true;
  const id = newName(place, 'aws_sqs_queue', name);
  const edits = addAttributes(place, block, [
    ['redrive_policy', [`jsonencode({ deadLetterTargetArn = aws_sqs_queue.${id}${indexOf(place)}.arn })`]],
  ]);
  return fix(`Add a dead-letter queue to the subscription ${name}`, [
    edits,
    addBehind(place, [queue(place, id, isFifo), queuePolicy(place, id, 'sns.amazonaws.com', `${topic.text}.arn`)]),
  ]);
}

/** A rule target's queue, which EventBridge must be allowed to write to. */
function forEventTarget(place: Place): Fix | null {
  const { block, name } = place;
  const rule = referenced(attributeOf(block.body, 'rule')?.value, 'aws_cloudwatch_event_rule');
  if (hasBlock(block.body, 'dead_letter_config') || rule === null) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const edits = addBlock(place, block, [
    `dead_letter_config {`,
    `  arn = aws_sqs_queue.${id}${indexOf(place)}.arn`,
    `}`,
  ]);
  return fix(`Add a dead-letter queue to the target ${name}`, [
    edits,
    addBehind(place, [queue(place, id, false), queuePolicy(place, id, 'events.amazonaws.com', `${rule.text}.arn`)]),
  ]);
}

/** What is left of an event after Lambda's retries. Lambda checks the right to send when it takes the setting, so the function waits for it. */
function forFunction(place: Place): Fix | null {
  const { block, name, module } = place;
  const role = referenced(attributeOf(block.body, 'role')?.value, 'aws_iam_role');
  if (hasBlock(block.body, 'dead_letter_config') || role === null) return null;
  const isConfigured = resourcesOf(module, 'aws_lambda_function_event_invoke_config').some(
    (other) =>
      referenced(attributeOf(other.body, 'function_name')?.value, 'aws_lambda_function')?.name === name &&
      hasBlock(other.body, 'destination_config'),
  );
  if (isConfigured) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const policy = unused(place, 'aws_iam_role_policy', id);
  const wait = waitFor(place, block, `aws_iam_role_policy.${policy}`);
  if (wait === null) return null;
  const edits = addBlock(
    place,
    block,
    [`dead_letter_config {`, `  target_arn = aws_sqs_queue.${id}${indexOf(place)}.arn`, `}`],
    wait.line,
  );
  return fix(`Add a dead-letter queue to the function ${name}`, [
    edits,
    wait.edits,
    addBehind(place, [queue(place, id, false), rolePolicy(place, policy, role.text, id)]),
  ]);
}

/** A stream mapping stops retrying after a while, splits failing batches, and keeps what is left. */
function forMapping(place: Place): Fix | null {
  const { block, name, module } = place;
  if (hasBlock(block.body, 'destination_config')) return null;
  const called = referenced(attributeOf(block.body, 'function_name')?.value, 'aws_lambda_function');
  const service =
    called === null
      ? undefined
      : resourcesOf(module, 'aws_lambda_function').find((other) => other.labels[1]?.text === called.name);
  const role = service === undefined ? null : referenced(attributeOf(service.body, 'role')?.value, 'aws_iam_role');
  if (role === null) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const policy = unused(place, 'aws_iam_role_policy', id);
  const wait = waitFor(place, block, `aws_iam_role_policy.${policy}`);
  if (wait === null) return null;
  const wished: readonly (readonly [string, readonly string[]])[] = [
    ['maximum_retry_attempts', ['5']],
    ['bisect_batch_on_function_error', ['true']],
  ];
  const missing = wished.filter(([key]) => attributeOf(block.body, key) === undefined);
  const lines = [
    `destination_config {`,
    `  on_failure {`,
    `    destination_arn = aws_sqs_queue.${id}${indexOf(place)}.arn`,
    `  }`,
    `}`,
  ];
  return fix(`Add an on-failure queue to the mapping ${name}`, [
    addAttributes(place, block, missing),
    addBlock(place, block, lines, wait.line),
    wait.edits,
    addBehind(place, [queue(place, id, false), rolePolicy(place, policy, role.text, id)]),
  ]);
}

/** A schedule writes to its queue in the name of its role. */
function forSchedule(place: Place): Fix | null {
  const { block, name } = place;
  const target = block.body.blocks.find((inner) => inner.type === 'target');
  const role = target === undefined ? null : referenced(attributeOf(target.body, 'role_arn')?.value, 'aws_iam_role');
  if (target === undefined || role === null || hasBlock(target.body, 'dead_letter_config')) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const policy = unused(place, 'aws_iam_role_policy', id);
  return fix(`Add a dead-letter queue to the schedule ${name}`, [
    addBlock(place, target, [`dead_letter_config {`, `  arn = aws_sqs_queue.${id}${indexOf(place)}.arn`, `}`]),
    addBehind(place, [queue(place, id, false), rolePolicy(place, policy, role.text, id)]),
  ]);
}

/** A pipe stops retrying after a while and writes what is left to its queue in the name of its role. */
function forPipe(place: Place): Fix | null {
  const { block, name } = place;
  const source = block.body.blocks
    .find((inner) => inner.type === 'source_parameters')
    ?.body.blocks.find((inner) => inner.type.endsWith('_stream_parameters'));
  const role = referenced(attributeOf(block.body, 'role_arn')?.value, 'aws_iam_role');
  if (source === undefined || role === null || hasBlock(source.body, 'dead_letter_config')) return null;
  const id = newName(place, 'aws_sqs_queue', name);
  const policy = unused(place, 'aws_iam_role_policy', id);
  const retries = attributeOf(source.body, 'maximum_retry_attempts') === undefined;
  return fix(`Add a dead-letter queue to the pipe ${name}`, [
    retries ? addAttributes(place, source, [['maximum_retry_attempts', ['5']]]) : [],
    addBlock(place, source, [`dead_letter_config {`, `  arn = aws_sqs_queue.${id}${indexOf(place)}.arn`, `}`]),
    addBehind(place, [queue(place, id, false), rolePolicy(place, policy, role.text, id)]),
  ]);
}

/** A dead-letter topic with a subscription that keeps what arrives, and the access that Pub/Sub needs for both. */
function forPubsub(place: Place): Fix | null {
  const { block, name, module } = place;
  if (hasBlock(block.body, 'dead_letter_policy')) return null;
  const id = newName(place, 'google_pubsub_topic', name);
  const index = indexOf(place);
  const lines = [
    `dead_letter_policy {`,
    `  dead_letter_topic     = google_pubsub_topic.${id}${index}.id`,
    `  max_delivery_attempts = 5`,
    `}`,
  ];
  const more = hasBlock(block.body, 'retry_policy')
    ? []
    : ['', `retry_policy {`, `  minimum_backoff = "10s"`, `  maximum_backoff = "600s"`, `}`];
  const title = nameText(place, 'name', name);
  if (title === null) return null;
  const project = module
    .flatMap((file) => file.body.blocks)
    .find((other) => other.type === 'data' && other.labels[0]?.text === 'google_project');
  const projectName = project?.labels[1]?.text ?? unused(place, 'google_project', 'this', 'data');
  const member = `"serviceAccount:service-\${data.google_project.${projectName}.number}@gcp-sa-pubsub.iam.gserviceaccount.com"`;
  const own = attributeOf(block.body, 'project');
  const inProject: readonly (readonly [string, string])[] =
    own === undefined ? [] : [['project', textAt(place, own.value)]];
  const parts = [
    resource(place, 'google_pubsub_topic', id, [['name', title], ...inProject]),
    resource(place, 'google_pubsub_subscription', unused(place, 'google_pubsub_subscription', id), [
      ['name', title],
      ...inProject,
      ['topic', `google_pubsub_topic.${id}${index}.id`],
    ]),
    resource(place, 'google_pubsub_topic_iam_member', unused(place, 'google_pubsub_topic_iam_member', id), [
      ...inProject,
      ['topic', `google_pubsub_topic.${id}${index}.name`],
      ['role', '"roles/pubsub.publisher"'],
      ['member', member],
    ]),
    resource(
      place,
      'google_pubsub_subscription_iam_member',
      unused(place, 'google_pubsub_subscription_iam_member', name),
      [
        ...inProject,
        ['subscription', `google_pubsub_subscription.${name}${index}.name`],
        ['role', '"roles/pubsub.subscriber"'],
        ['member', member],
      ],
    ),
  ];
  const data =
    project === undefined
      ? [
          `data "google_project" "${projectName}" {${own === undefined ? '' : `\n  project_id = ${textAt(place, own.value)}\n`}}`,
        ]
      : [];
  return fix(`Add a dead-letter topic to the subscription ${name}`, [
    addBlock(place, block, [...lines, ...more]),
    addBehind(place, [...parts, ...data]),
  ]);
}

/** The queue or topic that a setting already names. */
function declareDeadLetter(place: Place, address: string): Fix | null {
  const [type, name, ...more] = address.split('.');
  if (type === undefined || name === undefined || more.length > 0 || !/^[A-Za-z_][\w-]*$/.test(name)) return null;
  if (resourcesOf(place.module, type).some((other) => other.labels[1]?.text === name)) return null;
  const title = `"${name.replaceAll('_', '-')}"`;
  if (type === 'aws_sqs_queue') {
    const fifo = place.type === 'aws_sqs_queue' ? fifoOf(place.block) : false;
    if (fifo === null) return null;
    const rows: (readonly [string, string])[] = [['name', fifo ? `"${name.replaceAll('_', '-')}.fifo"` : title]];
    if (fifo) rows.push(['fifo_queue', 'true']);
    rows.push(['message_retention_seconds', String(FOURTEEN_DAYS)]);
    return fix(`Declare the dead-letter queue ${name}`, [addBehind(place, [plainResource(type, name, rows)])]);
  }
  if (type === 'google_pubsub_topic')
    return fix(`Declare the dead-letter topic ${name}`, [
      addBehind(place, [plainResource(type, name, [['name', title]])]),
    ]);
  return null;
}

/** Without the explicit 0 the platform's default holds again; a function's trigger is told to retry. */
function writeRetry(place: Place, role: string): Fix | null {
  const { block, name, module } = place;
  if (role === 'function-trigger') {
    const trigger = block.body.blocks.find((inner) => inner.type === 'event_trigger');
    if (trigger === undefined) return null;
    const policy = attributeOf(trigger.body, 'retry_policy');
    const edits =
      policy === undefined
        ? addAttributes(place, trigger, [['retry_policy', ['"RETRY_POLICY_RETRY"']]])
        : [replace(place.file, policy.value, '"RETRY_POLICY_RETRY"')];
    return { title: `Let ${name} try again`, safe: true, edits };
  }
  const holders: readonly { readonly file: SourceFile; readonly body: HclBody; readonly around: HclBlock | null }[] = [
    { file: place.file, body: block.body, around: null },
    ...block.body.blocks
      .flatMap((inner) => [inner, ...inner.body.blocks])
      .map((inner) => ({ file: place.file, body: inner.body, around: inner.type === 'retry_policy' ? inner : null })),
    ...(role === 'async-function'
      ? module.flatMap(({ file, body }) =>
          body.blocks
            .filter(
              (other) =>
                other.labels[0]?.text === 'aws_lambda_function_event_invoke_config' &&
                referenced(attributeOf(other.body, 'function_name')?.value, 'aws_lambda_function')?.name === name,
            )
            .map((other) => ({ file, body: other.body, around: null })),
        )
      : []),
  ];
  for (const { file, body, around } of holders) {
    const attempts = attributeOf(body, 'maximum_retry_attempts');
    if (attempts === undefined || literalOf(attempts) !== 0) continue;
    // A retry policy of nothing else goes as a whole.
    const gone = around !== null && body.attributes.length === 1 && body.blocks.length === 0 ? around : attempts;
    return { title: `Let ${name} try again`, safe: true, edits: [deleteLines(file, gone)] };
  }
  return null;
}

function fix(title: string, groups: readonly (readonly TextEdit[])[]): Fix {
  return { title, safe: true, edits: mergeInserts(groups.flat()) };
}

/** Inserts at one place become one edit, in their order. */
function mergeInserts(edits: readonly TextEdit[]): readonly TextEdit[] {
  const merged = new Map<string, TextEdit>();
  for (const edit of edits) {
    const key = JSON.stringify([edit.file, edit.range]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? edit : { ...edit, newText: known.newText + edit.newText });
  }
  return [...merged.values()];
}

function resourcesOf(module: readonly HclFile[], type: string): readonly HclBlock[] {
  return module.flatMap((file) =>
    file.body.blocks.filter((block) => block.type === 'resource' && block.labels[0]?.text === type),
  );
}

function hasBlock(body: HclBody, type: string): boolean {
  return body.blocks.some(
    (block) => block.type === type || (block.type === 'dynamic' && block.labels[0]?.text === type),
  );
}

function literalOf(attribute: HclAttribute | undefined): string | number | boolean | null | undefined {
  return attribute?.value.kind === 'literal' ? attribute.value.value : undefined;
}

/** The resource of a type that an expression means: its name, and how it is written up to its attribute. */
function referenced(
  expression: HclExpression | undefined,
  type: string,
): { readonly name: string; readonly text: string } | null {
  if (expression?.kind === 'template' && expression.parts.length === 1 && typeof expression.parts[0] === 'object')
    return referenced(expression.parts[0], type);
  if (expression?.kind !== 'attribute') return null;
  const write = (inner: HclExpression): string | null => {
    switch (inner.kind) {
      case 'name':
        return inner.name;
      case 'attribute': {
        const of = write(inner.of);
        return of === null ? null : `${of}.${inner.name}`;
      }
      case 'index': {
        const of = write(inner.of);
        const key = inner.key.kind === 'literal' ? JSON.stringify(inner.key.value) : write(inner.key);
        return of === null || key === null ? null : `${of}[${key}]`;
      }
      case 'call':
      case 'choice':
      case 'for':
      case 'list':
      case 'literal':
      case 'object':
      case 'operation':
      case 'splat':
      case 'template':
      case 'unread':
        return null;
    }
  };
  const text = write(expression.of);
  const found = text === null ? null : /^([a-z0-9_]+)\.([\w-]+)(?:\[[^\]]*\])?$/.exec(text);
  return text !== null && found?.[1] === type && found[2] !== undefined ? { name: found[2], text } : null;
}

/** How the new resource of this block's instance is found: the block's own repetition holds for it too. */
function indexOf({ block }: Place): string {
  if (attributeOf(block.body, 'for_each') !== undefined) return '[each.key]';
  return attributeOf(block.body, 'count') === undefined ? '' : '[count.index]';
}

function repetition({ block, file }: Place): readonly string[] {
  return ['for_each', 'count'].flatMap((name) => {
    const attribute = attributeOf(block.body, name);
    return attribute === undefined
      ? []
      : [`  ${name} = ${file.text.slice(attribute.value.start, attribute.value.end)}`, ''];
  });
}

function textAt({ file }: Place, expression: HclExpression): string {
  return file.text.slice(expression.start, expression.end);
}

/** Whether a queue is FIFO; null where that is open. */
function fifoOf(block: HclBlock): boolean | null {
  const fifo = attributeOf(block.body, 'fifo_queue');
  if (fifo === undefined) return false;
  const value = literalOf(fifo);
  return typeof value === 'boolean' ? value : null;
}

/** The name of a new queue or topic as an expression, made of the block's own one. */
function nameText(place: Place, argument: string, id: string): string | null {
  const attribute = attributeOf(place.block.body, argument);
  if (attribute === undefined) return `"${id.replaceAll('_', '-')}-dlq"`;
  const { value } = attribute;
  const text = textAt(place, value);
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  if ((value.kind === 'literal' || value.kind === 'template') && quoted !== undefined)
    return quoted.endsWith('.fifo') ? `"${quoted.slice(0, -5)}-dlq.fifo"` : `"${quoted}${separator(quoted)}dlq"`;
  return value.kind === 'attribute' || value.kind === 'name' || value.kind === 'index' ? `"\${${text}}-dlq"` : null;
}

function separator(name: string): string {
  return /_/.test(name) && !/-/.test(name) ? '_' : '-';
}

/** A queue for failed messages, kept for the longest time that SQS has. */
function queue(place: Place, id: string, fifo: boolean): string {
  const isQueue = place.type === 'aws_sqs_queue';
  const named = isQueue
    ? (nameText(place, attributeOf(place.block.body, 'name') === undefined ? 'name_prefix' : 'name', place.name) ??
      `"${id.replaceAll('_', '-')}"`)
    : `"${id.replaceAll('_', '-')}${repeatedName(place)}${fifo ? '.fifo' : ''}"`;
  const rows: (readonly [string, string])[] = [['name', named]];
  if (fifo) rows.push(['fifo_queue', 'true']);
  rows.push(['message_retention_seconds', String(FOURTEEN_DAYS)]);
  return resource(place, 'aws_sqs_queue', id, rows);
}

/** Several queues cannot have one name. */
function repeatedName({ block }: Place): string {
  if (attributeOf(block.body, 'for_each') !== undefined) return '-${each.key}';
  return attributeOf(block.body, 'count') === undefined ? '' : '-${count.index}';
}

/** Lets a service put failed messages into the queue, for one source only. */
function queuePolicy(place: Place, id: string, principal: string, source: string): string {
  const index = indexOf(place);
  return [
    `resource "aws_sqs_queue_policy" "${unused(place, 'aws_sqs_queue_policy', id)}" {`,
    ...repetition(place),
    `  queue_url = aws_sqs_queue.${id}${index}.id`,
    `  policy = jsonencode({`,
    `    Version = "2012-10-17"`,
    `    Statement = [{`,
    `      Effect    = "Allow"`,
    `      Principal = { Service = "${principal}" }`,
    `      Action    = "sqs:SendMessage"`,
    `      Resource  = aws_sqs_queue.${id}${index}.arn`,
    `      Condition = { ArnEquals = { "aws:SourceArn" = ${source} } }`,
    `    }]`,
    `  })`,
    `}`,
  ].join('\n');
}

/** Lets a role put failed messages into the queue. */
function rolePolicy(place: Place, name: string, role: string, id: string): string {
  const index = indexOf(place);
  return [
    `resource "aws_iam_role_policy" "${name}" {`,
    ...repetition(place),
    `  role = ${role}.id`,
    `  policy = jsonencode({`,
    `    Version = "2012-10-17"`,
    `    Statement = [{`,
    `      Effect   = "Allow"`,
    `      Action   = "sqs:SendMessage"`,
    `      Resource = aws_sqs_queue.${id}${index}.arn`,
    `    }]`,
    `  })`,
    `}`,
  ].join('\n');
}

/** What makes a resource wait for another one: a line for its block, or an item of the list that it has. */
function waitFor(
  place: Place,
  block: HclBlock,
  address: string,
): { readonly line: string | null; readonly edits: readonly TextEdit[] } | null {
  const written = attributeOf(block.body, 'depends_on');
  if (written === undefined) return { line: `depends_on = [${address}]`, edits: [] };
  if (written.value.kind !== 'list') return null;
  const last = written.value.items.at(-1);
  const at = last === undefined ? written.value.start + 1 : last.end;
  return {
    line: null,
    edits: [
      {
        file: place.file.path,
        range: rangeAt(place.file, at, at),
        newText: last === undefined ? address : `, ${address}`,
      },
    ],
  };
}

function resource(place: Place, type: string, name: string, rows: readonly (readonly [string, string])[]): string {
  const repeated = repetition(place);
  return [`resource "${type}" "${name}" {`, ...repeated, ...aligned(rows), '}'].join('\n');
}

function plainResource(type: string, name: string, rows: readonly (readonly [string, string])[]): string {
  return [`resource "${type}" "${name}" {`, ...aligned(rows), '}'].join('\n');
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([key]) => key.length));
  return rows.map(([key, value]) => `  ${key.padEnd(width)} = ${value}`);
}

/** New top-level blocks behind the place's own one, an empty line between. */
function addBehind({ file, block, newline }: Place, blocks: readonly string[]): readonly TextEdit[] {
  const isCrowded = /^[ \t]*\r?\n[ \t]*[^\s]/.test(file.text.slice(block.end, block.end + 200));
  const text = `${blocks.map((one) => `\n\n${one}`).join('')}${isCrowded ? '\n' : ''}`;
  return [{ file: file.path, range: rangeAt(file, block.end, block.end), newText: text.replaceAll('\n', newline) }];
}

/** Attributes behind the last one of a block, aligned with their neighbours where these are; the rest of the block stays as it is. */
function addAttributes(
  { file, newline }: Place,
  block: HclBlock,
  rows: readonly (readonly [string, readonly string[]])[],
): readonly TextEdit[] {
  if (rows.length === 0) return [];
  const { body } = block;
  const last =
    body.attributes.findLast((attribute) => attribute.name !== 'depends_on' && attribute.name !== 'provider') ??
    body.attributes.at(-1);
  const indent = indentOf(file, block);
  const inner = `${indent}  `;
  const isOneLine = !file.text.slice(body.start, body.end).includes('\n');
  const longest = Math.max(...rows.map(([key]) => key.length));
  const isSingle = rows.every(([, lines]) => lines.length === 1);
  const [first] = last === undefined ? [] : run(file, body, last);
  const column = first === undefined ? 0 : equalsColumn(file, first);
  // Keys longer than their neighbours' column would move all of them: they stand for themselves, behind an empty line.
  const isApart = isSingle && column > 0 && longest > column;
  const width = !isSingle ? 0 : column >= longest ? column : longest;
  const lines = rows.flatMap(([key, [head = '', ...more]]) => [
    `${inner}${key.padEnd(width)} = ${head}`,
    ...more.map((line) => `${inner}${line}`),
  ]);
  if (isOneLine) {
    const content = file.text.slice(body.start, body.end).trim();
    const text = `${newline}${content === '' ? '' : `${inner}${content}${newline}`}${lines.join(newline)}${newline}${indent}`;
    return [{ file: file.path, range: rangeAt(file, body.start, body.end), newText: text }];
  }
  const at = endOfLine(file, last === undefined ? body.start : last.end);
  return [
    {
      file: file.path,
      range: rangeAt(file, at, at),
      newText: `${newline}${isApart ? newline : ''}${lines.join(newline)}`,
    },
  ];
}

/** A block (and a closing attribute) at the end of another block, an empty line in front. */
function addBlock(
  { file, newline }: Place,
  block: HclBlock,
  lines: readonly string[],
  closing: string | null = null,
): readonly TextEdit[] {
  const { body } = block;
  const indent = indentOf(file, block);
  const inner = `${indent}  `;
  const all = [...lines, ...(closing === null ? [] : ['', closing])]
    .map((line) => (line === '' ? '' : `${inner}${line}`))
    .join(newline);
  const written = file.text.slice(body.start, body.end);
  if (!written.includes('\n')) {
    const content = written.trim();
    return [
      {
        file: file.path,
        range: rangeAt(file, body.start, body.end),
        newText: `${newline}${content === '' ? '' : `${inner}${content}${newline}${newline}`}${all}${newline}${indent}`,
      },
    ];
  }
  // Behind the last thing that is written, a comment included; what stands in front of the closing brace stays there.
  const at = body.start + written.trimEnd().length;
  const isEmpty = written.trim() === '';
  return [{ file: file.path, range: rangeAt(file, at, at), newText: `${newline}${isEmpty ? '' : newline}${all}` }];
}

/** The attributes around the last one that are aligned as one group: consecutive lines of one-line values. */
function run(file: SourceFile, body: HclBody, last: HclAttribute): readonly HclAttribute[] {
  const group: HclAttribute[] = [];
  let line = lineOf(file, last.start);
  if (file.text.slice(last.start, last.end).includes('\n')) return [];
  for (const attribute of body.attributes.slice(0, body.attributes.indexOf(last) + 1).toReversed()) {
    if (lineOf(file, attribute.end) !== line || file.text.slice(attribute.start, attribute.end).includes('\n')) break;
    group.unshift(attribute);
    line--;
  }
  return group;
}

function lineOf(file: SourceFile, offset: number): number {
  return rangeAt(file, offset, offset).start.line;
}

/** How far behind the name's start the equals sign stands, without the blank in front of it. */
function equalsColumn(file: SourceFile, attribute: HclAttribute): number {
  const equals = file.text.indexOf('=', attribute.nameEnd);
  return equals < 0 ? 0 : equals - attribute.start - 1;
}

function indentOf(file: SourceFile, block: HclBlock): string {
  const start = file.text.lastIndexOf('\n', block.start - 1) + 1;
  return /^[ \t]*/.exec(file.text.slice(start, block.start))?.[0] ?? '';
}

function endOfLine(file: SourceFile, offset: number): number {
  const end = file.text.indexOf('\n', offset);
  if (end < 0) return file.text.length;
  return file.text[end - 1] === '\r' ? end - 1 : end;
}

function replace(file: SourceFile, span: HclExpression, text: string): TextEdit {
  return { file: file.path, range: rangeAt(file, span.start, span.end), newText: text };
}

/** Deletes something with the lines that it alone stands on, and one empty line in front of a block. */
function deleteLines(file: SourceFile, span: { readonly start: number; readonly end: number }): TextEdit {
  const lineStart = file.text.lastIndexOf('\n', span.start - 1) + 1;
  const next = file.text.indexOf('\n', span.end);
  const lineEnd = next < 0 ? file.text.length : next + 1;
  const isAlone =
    file.text.slice(lineStart, span.start).trim() === '' &&
    /^\s*(?:(?:#|\/\/).*)?$/.test(file.text.slice(span.end, lineEnd));
  if (!isAlone) return { file: file.path, range: rangeAt(file, span.start, span.end), newText: '' };
  const before = /\n[ \t]*\r?\n$/.exec(file.text.slice(0, lineStart));
  const isBlock = file.text.slice(span.start, span.end).includes('{');
  const start = isBlock && before !== null ? lineStart - before[0].length + 1 : lineStart;
  return { file: file.path, range: rangeAt(file, start, lineEnd), newText: '' };
}

/** A name for the dead-letter resource behind `base`, as the module's other ones are called. */
function newName(place: Place, type: string, base: string): string {
  const names = place.module
    .flatMap((file) => file.body.blocks)
    .filter((block) => block.type === 'resource')
    .map((block) => block.labels[1]?.text ?? '');
  const stem = base.length > 6 ? base.replace(/_queue$/, '') : base;
  let suffix: string | null = null;
  let whole = false;
  for (const name of names) {
    const [, before, ending] =
      /^(.+?)(_?dlq|-dlq|Dlq|DLQ|[_-]?dead[_-]?letters?(?:[_-]queue|[_-]topic)?|DeadLetter(?:s|Queue)?)$/.exec(name) ??
      [];
    if (before === undefined || ending === undefined || (type !== 'aws_sqs_queue' && ending.endsWith('_queue')))
      continue;
    suffix = ending;
    whole = before.endsWith('_queue') && names.includes(before);
    break;
  }
  const usual =
    /[A-Z]/.test(stem) && !stem.includes('_') ? 'Dlq' : stem.includes('-') && !stem.includes('_') ? '-dlq' : '_dlq';
  const wished = `${whole ? base : stem}${suffix ?? usual}`;
  // A queue and the delivery to it are often called alike: each has its own.
  return names.includes(wished) && place.type !== 'aws_sqs_queue'
    ? unused(place, type, `${stem}_delivery${suffix ?? usual}`)
    : unused(place, type, wished);
}

/** A name that no resource of the type has yet. */
function unused(place: Place, type: string, wished: string, kind: 'resource' | 'data' = 'resource'): string {
  const taken = new Set(
    place.module
      .flatMap((file) => file.body.blocks)
      .filter((block) => block.type === kind && block.labels[0]?.text === type)
      .map((block) => block.labels[1]?.text),
  );
  if (!taken.has(wished)) return wished;
  for (let number = 2; ; number++) if (!taken.has(`${wished}_${number}`)) return `${wished}_${number}`;
}
