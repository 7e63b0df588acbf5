// What the parts of the reader share: the file's declarations so far, services by name, handles, and verdicts that need no reason of their own.
import type {
  ChannelDeclaration,
  Declaration,
  FailureFacts,
  Handle,
  Need,
  Ref,
  Scope,
  Setting,
  Settings,
} from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { entriesOf, locationOf } from '../../syntax/data.ts';
import { isDeadLetterName, isOpen, withoutMask } from '../../syntax/manifest.ts';
import type { Manifest, ManifestObject } from '../../syntax/manifest.ts';

/** The declarations of one manifest file as they are gathered. */
export interface Gathering {
  readonly manifest: Manifest;
  readonly declarations: Declaration[];
  readonly needs: Need[];
  /** Keys of declared services. */
  readonly services: Set<string>;
  /** Keys of declared channels. */
  readonly channels: Set<string>;
}

const NO_NAME: Name = { kind: 'literal', value: '' };

/** Names of brokers' objects mean one thing wherever their manifests stand. */
export const WORKSPACE: Scope = { kind: 'workspace', hosts: [] };

/** The service of a name. It is declared where the file has it, else where it is referred to. */
export function serviceOf(gathering: Gathering, name: string, at: Location): Ref {
  const { manifest, declarations, services } = gathering;
  if (!services.has(name)) {
    services.add(name);
    const own = manifest.objects.find(
      (object) =>
        object.name === name && /^(?:Service|Deployment|StatefulSet|DaemonSet|Job|CronJob)$/.test(object.kind),
    );
    declarations.push({
      kind: 'service',
      key: name,
      name,
      group: null,
      scope: 'workspace',
      covers: 'nothing',
      code: [],
      at: own?.at ?? at,
    });
  }
  return { kind: 'key', key: name };
}

/** Declares a channel once per key and file. */
export function declareChannel(
  gathering: Gathering,
  channel: Omit<ChannelDeclaration, 'kind' | 'group' | 'schemas' | 'platformSource' | 'deadLetter' | 'failure'> &
    Partial<Pick<ChannelDeclaration, 'platformSource' | 'deadLetter' | 'failure'>>,
): Ref {
  if (!gathering.channels.has(channel.key)) {
    gathering.channels.add(channel.key);
    gathering.declarations.push({
      kind: 'channel',
      group: null,
      schemas: [],
      platformSource: false,
      failure: null,
      ...channel,
      deadLetter: channel.deadLetter === true || isDeadLetterName(textOfName(channel.name ?? NO_NAME)),
    });
  }
  return { kind: 'key', key: channel.key };
}

/** Says that something is meant here which cannot be known. */
export function noteUnresolved(
  gathering: Gathering,
  what: string,
  why: string,
  role: 'send' | 'receive' | 'route' | 'dead-letter' | 'other',
  at: Location,
): void {
  gathering.declarations.push({ kind: 'unresolved', what: withoutMask(what), why, role, at });
}

/** The name of an object as others refer to it. */
export function ownName(object: ManifestObject): Name {
  return object.open ?? { kind: 'literal', value: object.name };
}

/** An object for messages: "Trigger bill-orders". */
export function labelOf(object: ManifestObject): string {
  return `${object.kind} ${object.open === null ? object.name : textOfName(object.open)}`;
}

/** A place that the Kubernetes dialect can write at: keys behind the index of the document. */
export function handleOf(object: ManifestObject, keys: readonly (string | number)[], role: string): Handle {
  return { dialect: 'kubernetes', at: object.at, path: [...object.path, ...keys], role };
}

/** Where a node stands. */
export function placeOf(gathering: Gathering, node: DataNode): Location {
  return locationOf(gathering.manifest.file, node);
}

/** A verdict without retries of its own to speak of. */
export function plainFailure(
  deadLetter: FailureFacts['deadLetter'],
  handle: Handle,
  more: Partial<FailureFacts> = {},
): FailureFacts {
  return {
    deadLetter,
    attempts: null,
    backoff: 'unknown',
    then: 'unknown',
    story: '',
    retry: { kind: 'default' },
    handle,
    ...more,
  };
}

/** The scalars of a map by their keys. */
export function settingsOf(gathering: Gathering, node: DataNode | undefined, keys?: readonly string[]): Settings {
  const settings = new Map<string, Setting>();
  for (const { key, value } of entriesOf(node)) {
    if (value.kind !== 'scalar' || (keys !== undefined && !keys.includes(key))) continue;
    const open = typeof value.value === 'string' && isOpen(value.value);
    settings.set(key, { value: open ? null : value.value, at: placeOf(gathering, value) });
  }
  return settings;
}

/** The text of a name for keys and messages. */
export function textOfName(name: Name): string {
  switch (name.kind) {
    case 'literal':
      return name.value;
    case 'symbol':
      return `\${${name.path.slice(1).join('.')}}`;
    case 'template':
      return name.parts.map((part) => textOfName(part)).join('');
    case 'env':
      return `\${${name.variable}}`;
    case 'parameter':
      return '${…}';
    case 'unknown':
      return name.text;
  }
}
