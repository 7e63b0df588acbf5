// Project files (encore.app, go.mod, package.json, tsconfig.json) → what names of modules mean below their folder.
// Not read: `extends` of tsconfig files, `replace` of go.mod, go.work, conditional exports other than import, types, node, default and require.
import type { FileFacts, ProjectDeclaration } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Problem, SourceFile } from '../../model/source.ts';
import { locationAt, makeSourceFile, START_OF_FILE } from '../../model/source.ts';
import type { DataDocument, DataNode } from '../../syntax/data.ts';
import { entriesOf, get, itemsOf, textOf } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Reader } from '../reader.ts';

type Aliases = ProjectDeclaration['aliases'];

export const projectReader: Reader = {
  id: 'project',
  title: 'Project files',
  docs: {
    summary:
      'Where applications and modules begin, so that names of channels stay within one application and imports find their files.',
    reads: [
      'encore.app: the root of an Encore application and its id',
      'go.mod: the module path',
      'package.json: name, literal `imports` and `exports`',
      'tsconfig.json, jsconfig.json: `baseUrl` and `paths`',
    ],
    doesNotRead: [
      '`extends` of tsconfig files',
      'go.work and `replace`',
      'workspaces of package managers: packages find each other by name',
    ],
  },
  files: ['**/encore.app', '**/go.mod', '**/package.json', '**/{tsconfig,jsconfig}.json', '**/tsconfig.*.json'],
  languages: ['json', 'jsonc', 'go.mod'],
  grammars: () => [],
  recognises: () => true,
  read(file) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    if (name === 'go.mod') return readGoModule(file);
    if (name === 'encore.app') return readEncoreApp(file);
    return name === 'package.json' ? readPackage(file) : readTsconfig(file);
  },
};

function facts(
  file: SourceFile,
  declaration: Omit<ProjectDeclaration, 'kind' | 'at'> & { readonly node?: DataNode | undefined },
  problems: readonly Problem[] = [],
): FileFacts {
  const { project, name, aliases, node } = declaration;
  const at = locationAt(file, node?.start ?? 0, node?.end ?? 0);
  return { ...NO_FACTS, declarations: [{ kind: 'project', project, name, aliases, at }], problems };
}

function readGoModule(file: SourceFile): FileFacts {
  const match =
    /^[ \t]*module[ \t]+("[^"\n]*"|`[^`\n]*`|[^\s"`()]+)/m.exec(file.text) ??
    /^[ \t]*module[ \t]*\(\s*("[^"\n]*"|[^\s"()]+)/m.exec(file.text);
  const path = match?.[1];
  if (match === null || path === undefined) {
    return {
      ...NO_FACTS,
      problems: [
        {
          file: file.path,
          range: START_OF_FILE,
          message: 'No module path: imports of this module cannot be followed.',
        },
      ],
    };
  }
  const start = match.index + match[0].length - path.length;
  const at = locationAt(file, start, start + path.length);
  return {
    ...NO_FACTS,
    declarations: [{ kind: 'project', project: 'go-module', name: path.replaceAll(/["`]/g, ''), aliases: [], at }],
  };
}

/** An empty or broken encore.app still marks the root of an application. */
function readEncoreApp(file: SourceFile): FileFacts {
  // Its name has no ending that says JSON, and it may begin with a comment.
  const document = parseData(makeSourceFile(`${file.path}.json`, file.text));
  const problems = file.text.trim() === '' ? [] : document.problems.map((problem) => ({ ...problem, file: file.path }));
  const id = get(document.roots[0], 'id');
  return facts(file, { project: 'encore', name: textOf(id) ?? '', aliases: [], node: id }, problems);
}

function readPackage(file: SourceFile): FileFacts {
  const document = parseData(file);
  const root = document.roots[0];
  if (root?.kind !== 'map') return { ...NO_FACTS, problems: problemsOf(document) };
  const name = get(root, 'name');
  const aliases: Aliases = [...entryPoints(get(root, 'imports')), ...exportsOf(get(root, 'exports'))];
  return facts(file, { project: 'npm-package', name: textOf(name) ?? '', aliases, node: name }, problemsOf(document));
}

function exportsOf(node: DataNode | undefined): Aliases {
  if (node === undefined) return [];
  const isMapOfPaths = node.kind === 'map' && node.entries.some((entry) => entry.key.startsWith('.'));
  if (isMapOfPaths) return entryPoints(node);
  const targets = targetsOf(node);
  return targets.length === 0 ? [] : [{ pattern: '.', targets }];
}

function entryPoints(node: DataNode | undefined): Aliases {
  return entriesOf(node).flatMap((entry) => {
    const targets = targetsOf(entry.value);
    return targets.length === 0 ? [] : [{ pattern: entry.key, targets }];
  });
}

/** Source files come before what is built from them, so that `types` and `import` conditions are asked first. */
const CONDITIONS = ['source', 'types', 'import', 'node', 'default', 'require'] as const;

function targetsOf(node: DataNode | undefined, depth = 0): readonly string[] {
  if (node === undefined || depth > 8) return [];
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'seq':
      return node.items.flatMap((item) => targetsOf(item, depth + 1));
    case 'map':
      return [...new Set(CONDITIONS.flatMap((condition) => targetsOf(get(node, condition), depth + 1)))];
  }
}

function readTsconfig(file: SourceFile): FileFacts {
  const document = parseData(file);
  const root = document.roots[0];
  if (root?.kind !== 'map') return { ...NO_FACTS, problems: problemsOf(document) };
  const options = get(root, 'compilerOptions');
  const baseUrl = textOf(get(options, 'baseUrl'));
  const base = (baseUrl ?? '.').replace(/^\.\//, '').replace(/\/+$/, '');
  const below = (target: string): string =>
    base === '' || base === '.' ? target : `${base}/${target.replace(/^\.\//, '')}`;
  const aliases = entriesOf(get(options, 'paths')).flatMap((entry) => {
    const targets = itemsOf(entry.value).flatMap((item) =>
      textOf(item) === undefined ? [] : [below(textOf(item) ?? '')],
    );
    return targets.length === 0 ? [] : [{ pattern: entry.key, targets }];
  });
  // With a baseUrl, every bare name may be a path below it.
  const all = baseUrl === undefined ? aliases : [...aliases, { pattern: '*', targets: [below('*')] }];
  if (all.length === 0) return { ...NO_FACTS, problems: problemsOf(document) };
  return facts(
    file,
    { project: 'tsconfig', name: '', aliases: all, node: get(options, 'paths') ?? get(options, 'baseUrl') },
    problemsOf(document),
  );
}

function problemsOf(document: DataDocument): readonly Problem[] {
  return document.file.text.trim() === '' ? [] : document.problems;
}
