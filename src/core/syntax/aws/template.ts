// A template's tree with its sections at hand: resources by logical id, parameters, mappings, SAM globals.
import type { Ref } from '../../model/declaration.ts';
import type { FilePath, Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataDocument, DataEntry, DataNode } from '../data.ts';
import { entriesOf, get, getIn, stringOf } from '../data.ts';
import { openVariableOfPart } from './framework-variables.ts';
import type { Value } from './values.ts';

/** One resource as written. `type` is empty where it has none. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  /** What people call it, where that is not its logical id. */
  readonly name?: string;
  readonly node: DataNode;
  readonly properties: DataNode | undefined;
  /** The logical id. */
  readonly at: Location;
  readonly path: readonly (string | number)[];
}

/** A parsed template. */
export interface Template {
  readonly file: SourceFile;
  readonly document: DataDocument;
  readonly root: DataNode;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly parameters: ReadonlyMap<string, DataEntry>;
  /** Whether macros or transforms write resources that the file does not show. */
  readonly macros: boolean;
  /** The stack's name on the map; null where neither file nor folder says one. */
  readonly group: string | null;
  /** What `${name}` means to the tool that writes the template, where it is none of CloudFormation's names; null where it is. */
  readonly variable?: (name: string, node: DataNode) => Value | null;
  /** Where a logical id (or a name, by `nameInParts`) stands that this file does not declare, for files that are part of a larger template. */
  readonly elsewhere?: (id: string) => Ref | null;
}

/** The template that a document holds; null where it is none. */
export function templateOf(document: DataDocument): Template | null {
  const root = document.roots.find((candidate) => isTemplate(candidate));
  if (root === undefined) return null;
  const { file } = document;
  const resources = new Map<string, Resource>();
  for (const entry of entriesOf(get(root, 'Resources'))) {
    if (entry.value.kind !== 'map') continue;
    resources.set(entry.key, {
      id: entry.key,
      type: stringOf(get(entry.value, 'Type')) ?? '',
      node: entry.value,
      properties: get(entry.value, 'Properties'),
      at: locationAt(file, entry.keyStart, entry.keyEnd),
      path: ['Resources', entry.key],
    });
  }
  const parameters = new Map(entriesOf(get(root, 'Parameters')).map((entry) => [entry.key, entry]));
  // Without a version and without transforms, the file may as well be a part that another one includes.
  const isPart = get(root, 'AWSTemplateFormatVersion') === undefined && get(root, 'Transform') === undefined;
  return {
    file,
    document,
    root,
    resources,
    parameters,
    macros: hasMacros(root),
    group: groupOf(file.path),
    ...(isPart ? { variable: openVariableOfPart, elsewhere: (id) => aroundPart(file.path, id) } : {}),
  };
}

/** What stands for a channel's literal name where parts of a template look each other's channels up; no logical id has a colon. */
export function nameInParts(broker: string, name: string): string {
  return `${broker}:${name}`;
}

/** Whatever a logical id means in the template that includes this file. */
export function aroundPart(file: FilePath, id: string): Ref {
  return {
    kind: 'import',
    space: `template-around:${file}`,
    name: { kind: 'literal', value: id },
    text: id,
    otherwise: `nothing is declared as ${id} in this file, which may be a part of a larger template`,
  };
}

/** Transforms of AWS that add no resources under names of their own choosing. */
export const KNOWN_TRANSFORMS = /^AWS::(?:Serverless-|LanguageExtensions|CodeDeploy|SecretsManager-)/;

function hasMacros(root: DataNode): boolean {
  const transform = get(root, 'Transform');
  const listed = transform?.kind === 'seq' ? transform.items : transform === undefined ? [] : [transform];
  if (listed.some((item) => !KNOWN_TRANSFORMS.test(stringOf(item) ?? ''))) return true;
  return entriesOf(get(root, 'Resources')).some((entry) => entry.key.startsWith('Fn::'));
}

/** A property of a resource, by path. */
export function property(resource: Resource, ...path: readonly (string | number)[]): DataNode | undefined {
  return getIn(resource.properties, path);
}

function isTemplate(root: DataNode): boolean {
  const resources = get(root, 'Resources');
  if (resources?.kind !== 'map') return false;
  if (get(root, 'AWSTemplateFormatVersion') !== undefined) return true;
  return resources.entries.some((entry) => /^(?:AWS|Custom|Alexa)::/.test(stringOf(get(entry.value, 'Type')) ?? ''));
}

const GENERIC =
  /^(?:(?:sam|cfn|cloudformation|cf|aws|packaged|serverless)[-_.]?)*(?:template|stack|main|index|infra|infrastructure|resources|deploy|app)?$/i;

/** Templates are named after their file where that says something, else after their folder. */
function groupOf(path: string): string | null {
  const steps = path.split('/');
  const name = (steps.pop() ?? '').replace(/\.(?:ya?ml|json|template)$/i, '').replace(/\.template$/i, '');
  if (!GENERIC.test(name)) return name.replace(/[-_.](?:template|stack|cfn|sam)$/i, '');
  while (steps.length > 0) {
    const folder = steps.pop() ?? '';
    if (!GENERIC.test(folder) && !/^(?:templates?|cfn|src|iac|aws|cloudformation)$/i.test(folder)) return folder;
  }
  return null;
}
