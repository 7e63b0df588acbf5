// One Spring configuration file (YAML or .properties) → its properties under dotted names, each with its place and its profile.
// Nested maps, dotted keys and mixtures of both become the same names. Lists become comma lists, as Spring binds them.
import type { Location, Problem, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import { parseProperties } from '../../syntax/properties.ts';

/** One setting as written. */
export interface Property {
  readonly name: string;
  readonly text: string;
  readonly keyAt: Location;
  readonly at: Location;
}

/** What the reader keeps of a configuration file. */
export interface ConfigPart {
  readonly kind: 'config';
  /** `application`, `bootstrap`, or in a configuration repository the application that the file is for, profile and all. */
  readonly stem: string;
  readonly documents: readonly {
    /** Profiles that switch the document on; empty: always on. */
    readonly profile: string;
    readonly properties: readonly Property[];
  }[];
}

const FILE_NAME = /(?:^|\/)(?:(application|bootstrap)(?:-([^/]+))?|([^/]+))\.(ya?ml|properties)$/;
const PROFILE_KEYS: ReadonlySet<string> = new Set([
  'spring.config.activate.on-profile',
  'spring.config.activate.onprofile',
  'spring.profiles',
]);
const MAX_PROPERTIES = 20_000;

/** The properties of a file. Text that is no YAML gives problems and what could be read. */
export function readConfigFile(file: SourceFile): { readonly part: ConfigPart; readonly problems: readonly Problem[] } {
  const [, standard, suffix = '', named = '', ending = ''] = FILE_NAME.exec(file.path) ?? [];
  const { documents, problems } = ending === 'properties' ? fromProperties(file) : fromYaml(file);
  return {
    part: {
      kind: 'config',
      stem: standard ?? named,
      documents: documents.map((properties) => {
        const own = properties.find(({ name }) => PROFILE_KEYS.has(name))?.text ?? '';
        return { profile: suffix === '' ? own : suffix, properties };
      }),
    },
    problems,
  };
}

interface Read {
  readonly documents: readonly (readonly Property[])[];
  readonly problems: readonly Problem[];
}

function fromProperties(file: SourceFile): Read {
  const documents: Property[][] = [];
  for (const entry of parseProperties(file.text).slice(0, MAX_PROPERTIES)) {
    const list = (documents[entry.document] ??= []);
    list.push({
      name: entry.key,
      text: entry.value,
      keyAt: locationAt(file, entry.keyStart, entry.keyEnd),
      at: locationAt(file, entry.valueStart, Math.max(entry.valueEnd, entry.valueStart)),
    });
  }
  return { documents: Array.from(documents, (list) => list ?? []), problems: [] };
}

function fromYaml(file: SourceFile): Read {
  const document = parseData(file);
  const documents = document.roots.map((root) => {
    const properties: Property[] = [];
    const walk = (node: DataNode, name: string, keyAt: Location | null): void => {
      if (properties.length >= MAX_PROPERTIES) return;
      if (node.kind === 'map') {
        for (const entry of node.entries) {
          const key = entry.key.replace(/^\[(.*)\]$/, '$1');
          walk(entry.value, name === '' ? key : `${name}.${key}`, locationAt(file, entry.keyStart, entry.keyEnd));
        }
        return;
      }
      if (keyAt === null) return;
      const text =
        node.kind === 'scalar'
          ? node.value === null
            ? ''
            : String(node.value)
          : node.items.flatMap((item) => (item.kind === 'scalar' ? String(item.value ?? '') : [])).join(',');
      const at = node.start < node.end ? locationAt(file, node.start, node.end) : keyAt;
      properties.push({ name, text, keyAt, at });
    };
    walk(root, '', null);
    return properties;
  });
  // An empty file is a fine Spring configuration.
  return { documents, problems: file.text.trim() === '' ? [] : document.problems };
}
