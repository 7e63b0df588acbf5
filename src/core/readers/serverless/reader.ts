// serverless.yml (Serverless Framework v2 to v4, provider `aws`) → the template that the framework writes, as far as it matters: functions,
// their events, the resources beside them. Parts in files of their own are asked for, and meet by logical id.
import type { ChannelDeclaration, Declaration, FileFacts, Handle, Need } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { FilePath, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import { openVariable, openVariableOfPart, stackOutput } from '../../syntax/aws/framework-variables.ts';
import { gatherTemplate } from '../../syntax/aws/gather-template.ts';
import { carrierOf, implyChannel } from '../../syntax/aws/targets.ts';
import type { Resource, Template } from '../../syntax/aws/template.ts';
import { aroundPart, nameInParts } from '../../syntax/aws/template.ts';
import type { Value } from '../../syntax/aws/values.ts';
import { callOf } from '../../syntax/aws/values.ts';
import type { DataDocument, DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf, entryOf, get, getIn, resolvePath, stringOf, textOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';
import type { Surroundings } from './functions.ts';
import { eventsOf, functionResource, SHARED_ROLE } from './functions.ts';
import { entry, map, seq, text as scalar } from './synthetic.ts';
import { expandVariables, includeOf, valuesForParts } from './variables.ts';

export const serverlessReader: Reader = {
  id: 'serverless',
  title: 'Serverless Framework',
  docs: {
    summary:
      'serverless.yml, .yaml and .json of the Serverless Framework for AWS, with the CloudFormation resources in them.',
    reads: [
      'events of functions: sqs, sns, eventBridge, stream, msk, kafka, activemq, rabbitmq, s3, schedule, cloudwatchEvent',
      '`resources` as the CloudFormation reader does: queues, topics, buses, rules, subscriptions, mappings, outputs',
      'variables: `self`, `sls:stage`, `param`, and what stands behind the comma for `opt` and `env`; `ssm` and `cf` lead to other files of the workspace',
      '`${file(…)}` for resources and functions, whole or one by one',
      'failure handling: `onError`, `destinations.onFailure`, `redrivePolicy`, `deadLetterQueueArn`, `retryPolicy`, queues’ own redrive policies',
      'producers by permission (`provider.iam.role.statements`, `iamRoleStatements`): inferred, and with several functions only where a function’s own environment names the channel',
      'state machines of the step functions plugin, queues of the Lift plugin',
    ],
    doesNotRead: [
      'serverless.ts and serverless.js, and files that compute: they are programs',
      'providers other than aws',
      'values that `${file(…)}` puts into texts: the names stay open',
      'what plugins add on their own; events of plugins are shown as unresolved',
    ],
  },
  files: ['**/serverless*.{yml,yaml,json}'],
  languages: ['yaml', 'json', 'serverless'],
  grammars: () => [],
  recognises: (text) =>
    /^["'{\s]*(?:functions|provider)["']?\s*:/m.test(text) && /^["'{\s]*service["']?\s*:/m.test(text),
  read,
  fragment,
};

const STAGE = '${sls:stage}';

function read(file: SourceFile): FileFacts {
  const document = parseData(file);
  const written = document.roots.find((root) => root.kind === 'map');
  if (written === undefined) return { ...NO_FACTS, problems: document.problems };
  const { root, problems } = expandVariables(file, written);
  const provider = get(root, 'provider');
  const platform = textOf(get(provider, 'name')) ?? textOf(provider);
  if (platform !== undefined && platform !== 'aws' && !platform.includes('${'))
    return { ...NO_FACTS, problems: document.problems };
  const name = textOf(get(root, 'service')) ?? textOf(getIn(root, ['service', 'name'])) ?? '';
  const stage = textOf(get(provider, 'stage')) ?? 'dev';
  const parts = collect(file, root, name, stage === '' ? STAGE : stage);
  return finish(file, document, parts, {
    group: name === '' ? null : name,
    stack: textOf(get(provider, 'stackName')) ?? `${name}-${stage}`,
    problems,
  });
}

/** The resources of a document, and what it includes. */
interface Parts {
  readonly root: DataNode;
  readonly resources: Map<string, Resource>;
  readonly includes: readonly Include[];
  readonly declarations: readonly Declaration[];
}

interface Include {
  readonly file: FilePath;
  readonly pointer: string;
  readonly at: DataNode;
}

function collect(file: SourceFile, root: DataNode, service: string, stage: string): Parts {
  const resources = new Map<string, Resource>();
  const includes: Include[] = [];
  const declarations: Declaration[] = [];
  const values = JSON.stringify([...valuesForParts(root)]);
  /** Whether a node stands in another file. What is computed there, or stands outside of the workspace, is said. */
  const included = (node: DataNode, role: string): boolean => {
    const found = includeOf(node);
    if (found === null) return false;
    const path = resolvePath(file.path, found.path);
    if (path === null || path.includes('${') || /\.[cm]?[jt]s$/.test(path))
      declarations.push({
        kind: 'unresolved',
        what: `the file ${found.path}`,
        why:
          path === null
            ? 'it is outside of the workspace'
            : path.includes('${')
              ? 'its name is known when it is deployed'
              : 'it is a program',
        role: 'other',
        at: locationAt(file, node.start, node.end),
      });
    else includes.push({ file: path, pointer: `${role}:${found.address}\n${values}`, at: node });
    return true;
  };
  const sections = sectionsOf(get(root, 'resources'));
  const merged: { readonly name: string; readonly entries: DataEntry[] }[] = [
    'Resources',
    'Outputs',
    'Mappings',
    'Conditions',
  ].map((name) => ({ name, entries: [] }));
  for (const { node, path } of sections) {
    if (included(node, 'template')) continue;
    for (const { name, entries } of merged) {
      const section = get(node, name);
      if (section === undefined) continue;
      if (name === 'Resources') {
        if (included(section, 'resources')) continue;
        for (const item of entriesOf(section)) {
          if (included(item.value, `resource ${item.key}`)) continue;
          entries.push(item);
          addResource(file, resources, item, [...path, 'Resources', item.key]);
        }
      } else entries.push(...entriesOf(section));
    }
  }
  const provider = get(root, 'provider');
  const statements = getIn(provider, ['iam', 'role', 'statements']) ?? get(provider, 'iamRoleStatements');
  if (statements !== undefined && !resources.has(SHARED_ROLE)) {
    const policy = map([entry('PolicyDocument', map([entry('Statement', statements)], statements))], statements);
    resources.set(SHARED_ROLE, {
      id: SHARED_ROLE,
      type: 'AWS::IAM::Role',
      node: statements,
      properties: map([entry('Policies', seq([policy], statements))], statements),
      at: locationAt(file, statements.start, statements.end),
      path: [],
    });
  }
  const functions: { readonly item: DataEntry; readonly path: readonly (string | number)[] }[] = [];
  const written = get(root, 'functions');
  const lists =
    written?.kind === 'seq' ? [...written.items.entries()] : written === undefined ? [] : [[null, written] as const];
  for (const [index, list] of lists) {
    if (included(list, 'functions')) continue;
    for (const item of entriesOf(list))
      if (!included(item.value, `function ${item.key}`))
        functions.push({ item, path: index === null ? ['functions', item.key] : ['functions', index, item.key] });
  }
  for (const item of entriesOf(get(root, 'constructs'))) {
    const worker = addQueueConstruct(file, resources, item);
    if (worker !== null) functions.push({ item: worker, path: ['constructs', item.key, 'worker'] });
  }
  addFunctions(file, resources, functions, provider, service === '' ? null : `${service}-${stage}`);
  for (const item of entriesOf(getIn(root, ['stepFunctions', 'stateMachines']))) {
    const definition = entryOf(item.value, 'definition');
    const around = { file, provider, prefix: null, names: new Set<string>() };
    const extra = (resource: Resource): void => addExtra(resources, resource);
    resources.set(`${item.key}StateMachine`, {
      id: `${item.key}StateMachine`,
      name: item.key,
      type: 'AWS::Serverless::StateMachine',
      node: item.value,
      properties: map(
        [
          ...(definition === undefined ? [] : [{ ...definition, key: 'Definition' }]),
          entry('Events', map(eventsOf(around, item.key, item.value, extra), item.value)),
        ],
        item.value,
      ),
      at: locationAt(file, item.keyStart, item.keyEnd),
      path: ['stepFunctions', 'stateMachines', item.key],
    });
  }
  return {
    root: map(
      merged.map(({ name, entries }) => entry(name, map(entries, root))),
      root,
    ),
    resources,
    includes,
    declarations,
  };
}

/** A queue of the Lift plugin: with a dead-letter queue, and a function that reads it. The function, or null for other constructs. */
function addQueueConstruct(file: SourceFile, resources: Map<string, Resource>, item: DataEntry): DataEntry | null {
  const worker = entryOf(item.value, 'worker');
  if (stringOf(get(item.value, 'type')) !== 'queue' || worker?.value.kind !== 'map') return null;
  const at = { start: item.keyStart, end: item.keyEnd };
  const [queue, dead] = [`${item.key}Queue`, `${item.key}Dlq`];
  const arnOf = (id: string): DataNode => map([entry('Fn::GetAtt', seq([scalar(id, at), scalar('Arn', at)], at))], at);
  const policy = map(
    [
      entry('deadLetterTargetArn', arnOf(dead)),
      entry('maxReceiveCount', get(item.value, 'maxRetries') ?? scalar('3', at)),
    ],
    at,
  );
  for (const [id, properties] of [
    [queue, [entry('RedrivePolicy', policy)]],
    [dead, []],
  ] as const)
    addResource(
      file,
      resources,
      entry(id, map([entry('Type', scalar('AWS::SQS::Queue', at)), entry('Properties', map(properties, at))], at), at),
      ['constructs', item.key],
    );
  const event = map([entry('sqs', arnOf(queue), at)], at);
  return {
    ...worker,
    key: `${item.key}Worker`,
    value: { ...worker.value, entries: [...worker.value.entries, entry('events', seq([event], at))] },
  };
}

/** The queue that a variable of the Lift plugin means; null for all others. */
function constructVariable(resources: ReadonlyMap<string, Resource>, name: string, node: DataNode): Value | null {
  const [, id = '', attribute = ''] = /^construct:([\w-]+)\.(queueArn|queueUrl)$/.exec(name) ?? [];
  if (!resources.has(`${id}Queue`)) return null;
  return { kind: 'resource', id: `${id}Queue`, attribute: attribute === 'queueArn' ? 'Arn' : null, node };
}

/** `resources` is a map, or a list of maps. */
function sectionsOf(
  node: DataNode | undefined,
): readonly { readonly node: DataNode; readonly path: readonly (string | number)[] }[] {
  if (node === undefined) return [];
  return node.kind === 'seq'
    ? node.items.map((item, index) => ({ node: item, path: ['resources', index] }))
    : [{ node, path: ['resources'] }];
}

function addResource(
  file: SourceFile,
  resources: Map<string, Resource>,
  item: DataEntry,
  path: readonly (string | number)[],
): void {
  if (item.value.kind !== 'map') return;
  resources.set(item.key, {
    id: item.key,
    type: stringOf(get(item.value, 'Type')) ?? '',
    node: item.value,
    properties: get(item.value, 'Properties'),
    at: locationAt(file, item.keyStart, item.keyEnd),
    path,
  });
}

function addFunctions(
  file: SourceFile,
  resources: Map<string, Resource>,
  functions: readonly { readonly item: DataEntry; readonly path: readonly (string | number)[] }[],
  provider: DataNode | undefined,
  prefix: string | null,
): void {
  const around: Surroundings = { file, provider, prefix, names: new Set(functions.map(({ item }) => item.key)) };
  for (const { item, path } of functions) {
    if (item.value.kind !== 'map' || callOf(item.value) !== null) continue;
    const resource = functionResource(around, item, path, (extra) => addExtra(resources, extra));
    resources.set(resource.id, resource);
  }
}

/** What the framework makes by name is made once, and not where the resources declare it. */
function addExtra(resources: Map<string, Resource>, extra: Resource): void {
  const nameOf = (resource: Resource): string | undefined =>
    ['TopicName', 'Name', 'BucketName']
      .map((key) => stringOf(get(resource.properties, key)))
      .find((name) => name !== undefined);
  for (const known of resources.values())
    if (known.type === extra.type && (known.id === extra.id || nameOf(known) === nameOf(extra))) return;
  resources.set(extra.id, extra);
}

/** Facts from resources, those of other files referred to by logical id. */
function finish(
  file: SourceFile,
  document: DataDocument,
  parts: Parts,
  about: { readonly group: string | null; readonly stack: string; readonly problems: FileFacts['problems'] },
): FileFacts {
  const { root, resources, includes } = parts;
  const whole = `serverless-whole:${file.path}`;
  const template: Template = {
    file,
    document,
    root,
    resources,
    parameters: new Map(),
    macros: false,
    group: about.group,
    variable: (name, node) => constructVariable(resources, name, node) ?? openVariable(name, node),
    ...(includes.length === 0
      ? {}
      : {
          elsewhere: (id) => ({
            kind: 'import',
            space: whole,
            name: literal(id),
            text: id,
            otherwise: `nothing is declared as ${id}, neither here nor in the files that are included`,
          }),
        }),
  };
  const gathered = gatherTemplate(template);
  const declarations = [...parts.declarations, ...gathered.declarations];
  const needs: Need[] = [...gathered.needs];
  for (const declaration of gathered.declarations)
    if (
      declaration.kind === 'export' &&
      declaration.space === `cloudformation-output:${file.path}` &&
      declaration.name.kind === 'literal'
    )
      declarations.push({
        ...declaration,
        space: 'cloudformation-export',
        name: literal(stackOutput(`${about.stack}.${declaration.name.value}`)),
      });
  if (includes.length > 0)
    for (const declaration of gathered.declarations)
      if (declaration.kind === 'channel') declarations.push(...exportsOf(whole, declaration));
  const seen = new Set<FilePath>();
  for (const include of includes) {
    const at = locationAt(file, include.at.start, include.at.end);
    needs.push({ file: include.file, pointer: include.pointer, at });
    if (seen.has(include.file)) continue;
    seen.add(include.file);
    const all = literal('*');
    declarations.push(
      {
        kind: 'export',
        space: whole,
        name: all,
        value: { kind: 'import', space: partSpace(include.file), name: all, text: '*' },
        at,
      },
      {
        kind: 'export',
        space: `template-around:${include.file}`,
        name: all,
        value: { kind: 'import', space: whole, name: all, text: '*' },
        at,
      },
    );
    if (about.group !== null)
      declarations.push({
        kind: 'export',
        space: groupSpace(include.file),
        name: literal(about.group),
        value: { kind: 'unknown', text: about.group, reason: 'a group is no channel' },
        at,
      });
  }
  return {
    ...NO_FACTS,
    declarations: declarations.map((declaration) => inOurDialect(declaration)),
    needs,
    problems: [...document.problems, ...about.problems],
  };
}

/** A channel for the other parts of the template: by its logical id, and by its name. */
function exportsOf(space: string, { key, broker, name, at }: ChannelDeclaration): readonly Declaration[] {
  const written = name === null ? null : writtenName(name);
  const names = [key, ...(written === null ? [] : [nameInParts(broker, written)])];
  return names.map((one) => ({ kind: 'export', space, name: literal(one), value: { kind: 'key', key }, at }));
}

/** A name with its open parts as they are written; null where it is not known at all. */
function writtenName(name: Name): string | null {
  if (name.kind === 'literal') return name.value;
  if (name.kind === 'env') return `\${${name.variable}}`;
  return name.kind === 'template' ? name.parts.map((part) => writtenName(part) ?? '${…}').join('') : null;
}

function partSpace(file: FilePath): string {
  return `serverless-part:${file}`;
}

function groupSpace(file: FilePath): string {
  return `serverless-group:${file}`;
}

/** Guards are written into a serverless.yml by the dialect of its own. */
function inOurDialect(declaration: Declaration): Declaration {
  // A part with `Resources` at its root is written as a template is.
  const ours = <H extends { readonly handle: Handle }>(holder: H): H =>
    holder.handle.path[0] === 'Resources' ? holder : { ...holder, handle: { ...holder.handle, dialect: 'serverless' } };
  if (declaration.kind === 'receive' || declaration.kind === 'route')
    return { ...declaration, failure: ours(declaration.failure) };
  if (declaration.kind === 'channel' && declaration.failure !== null)
    return { ...declaration, failure: ours(declaration.failure) };
  return declaration.kind === 'task' ? ours(declaration) : declaration;
}

/** What one pointer asks of an included file. */
interface Wish {
  readonly role: string;
  readonly id: string;
  readonly steps: readonly string[];
  /** Values of the whole, by variable. */
  readonly values: ReadonlyMap<string, string>;
}

function wishOf(pointer: string): Wish {
  const [head = '', json = '[]'] = pointer.split('\n');
  const colon = head.indexOf(':');
  const [role = '', id = ''] = head.slice(0, colon).split(' ');
  const steps = head
    .slice(colon + 1)
    .split('.')
    .filter((step) => step !== '');
  return { role, id, steps, values: new Map(JSON.parse(json) as [string, string][]) };
}

/** The resources that a wish asks for, as entries with their paths. */
function resourcesOf(
  root: DataNode,
  { role, id, steps }: Wish,
): readonly { readonly item: DataEntry; readonly path: readonly string[] }[] {
  const node = getIn(root, steps);
  if (node === undefined) return [];
  const listed = (list: DataNode | undefined, path: readonly string[]) =>
    entriesOf(list).map((item) => ({ item, path: [...path, item.key] }));
  if (role === 'template') return listed(get(node, 'Resources'), [...steps, 'Resources']);
  if (role === 'resources') return listed(node, steps);
  const start = { start: node.start, end: node.start + 1 };
  return role === 'resource' ? [{ item: entry(id, node, start), path: steps }] : [];
}

/**
 * A file that a serverless.yml includes, in the role that each pointer gives it: `template:`, `resources:`, `resource ID:`, `functions:`,
 * `function ID:`. Its variables are filled with what the whole has for them.
 */
function fragment(file: SourceFile, pointers: readonly string[]): FileFacts {
  const document = parseData(file);
  const [written] = document.roots;
  if (written === undefined) return { ...NO_FACTS, problems: document.problems };
  const wishes = pointers.map((pointer) => wishOf(pointer));
  // Services that share a part each fill it in their own way: then its variables stay open.
  const told = new Set(pointers.map((pointer) => pointer.split('\n')[1] ?? ''));
  const { root } = expandVariables(file, written, told.size === 1 ? (wishes[0]?.values ?? new Map()) : new Map());
  const resources = new Map<string, Resource>();
  const functions: { readonly item: DataEntry; readonly path: readonly (string | number)[] }[] = [];
  let outputs: DataNode | undefined;
  for (const wish of wishes) {
    const { role, id, steps } = wish;
    const node = getIn(root, steps);
    if (node === undefined) continue;
    if (role === 'template') outputs = get(node, 'Outputs');
    for (const { item, path } of resourcesOf(root, wish)) addResource(file, resources, item, path);
    if (role === 'functions') for (const item of entriesOf(node)) functions.push({ item, path: [...steps, item.key] });
    else if (role === 'function')
      functions.push({ item: entry(id, node, { start: node.start, end: node.start + 1 }), path: steps });
  }
  addFunctions(file, resources, functions, undefined, null);
  const template: Template = {
    file,
    document,
    root: map(outputs === undefined ? [] : [entry('Outputs', outputs)], root),
    resources,
    parameters: new Map(),
    macros: false,
    group: null,
    variable: openVariableOfPart,
    elsewhere: (id) => aroundPart(file.path, id),
  };
  const byUse = new Set<string>();
  const { declarations, needs } = gatherTemplate(template, (gathering) => {
    for (const resource of resources.values()) {
      const carrier = carrierOf(resource);
      if (carrier !== 'dynamodb' && carrier !== 's3') continue;
      if (!gathering.implied.has(resource.id)) byUse.add(resource.id);
      implyChannel(gathering, resource);
    }
  });
  const exports = declarations.flatMap((declaration) =>
    declaration.kind === 'channel' ? exportsOf(partSpace(file.path), declaration) : [],
  );
  return {
    ...NO_FACTS,
    declarations: [
      ...declarations.map((declaration): Declaration => {
        if (declaration.kind === 'service') return { ...declaration, groupSpace: groupSpace(file.path) };
        if (declaration.kind === 'channel' && byUse.has(declaration.key)) return { ...declaration, byUse: true };
        return declaration;
      }),
      ...exports,
    ].map((declaration) => inOurDialect(declaration)),
    needs,
    problems: document.problems,
    ...(wishes.some(({ role, steps }) => role === 'template' && steps.length === 0) ? { replaces: true as const } : {}),
  };
}
