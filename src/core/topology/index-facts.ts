// All files' facts, indexed for linking: declarations by key, names by unit, projects by folder. Built once per link, O(facts).
import type {
  Binding,
  Declaration,
  ExportDeclaration,
  FileFacts,
  PinDeclaration,
  ProjectDeclaration,
  ServiceDeclaration,
} from '../model/declaration.ts';
import type { FilePath } from '../model/source.ts';

/** A declaration with the file that makes it. */
export interface Declared<D extends Declaration = Declaration> {
  readonly file: FilePath;
  readonly declaration: D;
}

/** A binding with the file that makes it. */
export interface Bound {
  readonly file: FilePath;
  readonly binding: Binding;
}

/** Everything the linker looks up. */
export interface FactsIndex {
  /** Files in code unit order: linking never depends on the order in which files came. */
  readonly files: readonly FilePath[];
  readonly facts: ReadonlyMap<FilePath, FileFacts>;
  /** The unit that shares names with a file: the file itself or its directory. */
  readonly unitOf: (file: FilePath) => string;
  readonly declaration: (kind: 'channel' | 'service' | 'schema', file: FilePath, key: string) => Declared | null;
  /** Bindings of a unit under a name; several in a directory unit never share a name in valid code, the first file wins. */
  readonly binding: (unit: string, name: string) => Bound | null;
  /** Star re-exports of a unit. */
  readonly stars: (unit: string) => readonly Bound[];
  readonly exports: (space: string) => readonly Declared<ExportDeclaration>[];
  /** Pins of a name that is shown unresolved. */
  readonly pins: (what: string) => readonly Declared<PinDeclaration>[];
  /** Projects of a folder itself. */
  readonly projectsIn: (folder: string) => readonly Declared<ProjectDeclaration>[];
  readonly projects: readonly Declared<ProjectDeclaration>[];
  /** Services that cover a folder's code, by that folder. */
  readonly coverIn: (folder: string) => Declared<ServiceDeclaration> | null;
  /** Whether a weak service gives way to one in a folder above its own, within its application. */
  readonly yields: (service: Declared<ServiceDeclaration>) => boolean;
  /** The service that covers this one file only. */
  readonly coverOfFile: (file: FilePath) => Declared<ServiceDeclaration> | null;
  /** Whether the workspace has a file of facts under this path. */
  readonly has: (file: FilePath) => boolean;
  /** Files of a folder (not below it). */
  readonly filesIn: (folder: string) => readonly FilePath[];
}

/** The folder of a path; empty for the workspace itself. */
export function folderOf(path: FilePath): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** A folder and all folders above it, nearest first, the workspace ('') last. */
export function foldersUp(folder: string): readonly string[] {
  const result: string[] = [];
  let current = folder;
  while (current !== '') {
    result.push(current);
    current = folderOf(current);
  }
  result.push('');
  return result;
}

/** Indexes the facts of all files. */
export function indexFacts(facts: ReadonlyMap<FilePath, FileFacts>): FactsIndex {
  const files = [...facts.keys()].sort();
  const unitOf = (file: FilePath): string => (facts.get(file)?.unit === 'directory' ? `${folderOf(file)}/` : file);
  const declarations = new Map<string, Declared>();
  const bindings = new Map<string, Bound>();
  const stars = new Map<string, Bound[]>();
  const exports = new Map<string, Declared<ExportDeclaration>[]>();
  const pins = new Map<string, Declared<PinDeclaration>[]>();
  const projectsByFolder = new Map<string, Declared<ProjectDeclaration>[]>();
  const projects: Declared<ProjectDeclaration>[] = [];
  const covers = new Map<string, Declared<ServiceDeclaration>>();
  const fileCovers = new Map<string, Declared<ServiceDeclaration>>();
  const filesByFolder = new Map<string, FilePath[]>();
  const put = (key: string, declared: Declared): void => {
    if (!declarations.has(key)) declarations.set(key, declared);
  };
  for (const file of files) {
    const own = facts.get(file);
    if (own === undefined) continue;
    push(filesByFolder, folderOf(file), file);
    const unit = unitOf(file);
    for (const declaration of own.declarations) {
      switch (declaration.kind) {
        case 'channel':
        case 'service':
        case 'schema':
          put(`${declaration.kind}\n${file}\n${declaration.key}`, { file, declaration });
          if (unit !== file) put(`${declaration.kind}\n${unit}\n${declaration.key}`, { file, declaration });
          // Of several declarations in a folder the one that is not weak names the service.
          if (
            declaration.kind === 'service' &&
            declaration.covers === 'directory' &&
            (covers.get(folderOf(file))?.declaration.weak ?? true)
          ) {
            if (declaration.weak !== true || !covers.has(folderOf(file)))
              covers.set(folderOf(file), { file, declaration });
          }
          if (declaration.kind === 'service' && declaration.covers === 'file' && !fileCovers.has(file))
            fileCovers.set(file, { file, declaration });
          // Handler code that a declaration names elsewhere (a function's file, a state machine's definition) is that service's.
          if (declaration.kind === 'service')
            for (const path of declaration.code) if (!fileCovers.has(path)) fileCovers.set(path, { file, declaration });
          break;
        case 'project':
          push(projectsByFolder, folderOf(file), { file, declaration });
          projects.push({ file, declaration });
          break;
        case 'export':
          push(exports, declaration.space, { file, declaration });
          break;
        case 'pin':
          push(pins, declaration.what, { file, declaration });
          break;
        case 'send':
        case 'receive':
        case 'route':
        case 'task':
        case 'unresolved':
          break;
      }
    }
    for (const binding of own.bindings) {
      if (binding.name === '*') push(stars, unit, { file, binding });
      else {
        const key = `${unit}\n${binding.name}`;
        if (!bindings.has(key)) bindings.set(key, { file, binding });
      }
    }
  }
  // Folders that may be services, then those of them that give way: a weak one never covers below another, whether that one is weak or not.
  const roots = new Set(covers.keys());
  const yields = ({ file, declaration }: Declared<ServiceDeclaration>): boolean => {
    if (declaration.weak !== true) return false;
    if (covers.has(folderOf(file)) && covers.get(folderOf(file))?.declaration.weak !== true) return true;
    for (const folder of foldersUp(folderOf(file))) {
      if (folder !== folderOf(file) && roots.has(folder)) return true;
      if ((projectsByFolder.get(folder) ?? []).some((project) => project.declaration.project === 'encore'))
        return false;
    }
    return false;
  };
  for (const [folder, service] of covers) if (yields(service)) covers.delete(folder);
  return {
    files,
    facts,
    unitOf,
    declaration: (kind, file, key) =>
      declarations.get(`${kind}\n${file}\n${key}`) ?? declarations.get(`${kind}\n${unitOf(file)}\n${key}`) ?? null,
    binding: (unit, name) => bindings.get(`${unit}\n${name}`) ?? null,
    stars: (unit) => stars.get(unit) ?? [],
    exports: (space) => exports.get(space) ?? [],
    pins: (what) => pins.get(what) ?? [],
    projectsIn: (folder) => projectsByFolder.get(folder) ?? [],
    projects,
    coverIn: (folder) => covers.get(folder) ?? null,
    yields,
    coverOfFile: (file) => fileCovers.get(file) ?? null,
    has: (file) => facts.has(file),
    filesIn: (folder) => filesByFolder.get(folder) ?? [],
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
