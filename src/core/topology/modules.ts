// Which unit a module specifier means, from the project files' facts: relative paths, tsconfig paths, package names and imports, Go modules.
// Not supported: conditional exports, node_modules.
import { resolvePath } from '../syntax/data.ts';
import type { FilePath } from '../model/source.ts';
import type { FactsIndex } from './index-facts.ts';
import { folderOf, foldersUp } from './index-facts.ts';

const ENDINGS = [
  '',
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
];

/** The unit (a file, or a directory with a trailing slash) that `module` names when `from` imports it; null where it is not of this workspace. */
export function resolveModule(index: FactsIndex, from: FilePath, module: string): string | null {
  if (index.facts.get(from)?.unit === 'directory') return goPackage(index, from, module);
  if (module.startsWith('.')) {
    const path = resolvePath(from, module);
    return path === null ? null : codeFile(index, path);
  }
  for (const folder of foldersUp(folderOf(from))) {
    for (const { declaration } of index.projectsIn(folder)) {
      if (declaration.project !== 'tsconfig' && declaration.project !== 'npm-package') continue;
      for (const alias of declaration.aliases) {
        if (declaration.project === 'npm-package' && !alias.pattern.startsWith('#')) continue;
        const rest = matchAlias(alias.pattern, module);
        if (rest === null) continue;
        for (const target of alias.targets) {
          const path = resolvePath(`${folder === '' ? '' : `${folder}/`}x`, target.replace('*', rest));
          const file = path === null ? null : codeFile(index, path);
          if (file !== null) return file;
        }
      }
    }
  }
  for (const { file, declaration } of index.projects) {
    if (declaration.project !== 'npm-package' || declaration.name === '') continue;
    if (module !== declaration.name && !module.startsWith(`${declaration.name}/`)) continue;
    const root = folderOf(file);
    const rest = module.slice(declaration.name.length + 1);
    const entry = rest === '' ? '.' : `./${rest}`;
    const candidates = [
      ...declaration.aliases
        .filter((alias) => matchAlias(alias.pattern, entry) !== null)
        .flatMap((alias) => alias.targets.map((target) => target.replace('*', matchAlias(alias.pattern, entry) ?? ''))),
      ...(rest === '' ? ['./src/index', './index'] : [`./${rest}`, `./src/${rest}`]),
    ];
    for (const candidate of candidates) {
      const path = resolvePath(`${root === '' ? '' : `${root}/`}x`, candidate);
      const found = path === null ? null : codeFile(index, path);
      if (found !== null) return found;
    }
  }
  return null;
}

function codeFile(index: FactsIndex, path: string): FilePath | null {
  for (const ending of ENDINGS) if (index.has(path + ending)) return path + ending;
  const typed = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  return typed !== path && index.has(typed) ? typed : null;
}

function matchAlias(pattern: string, module: string): string | null {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === module ? '' : null;
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  if (!module.startsWith(before) || !module.endsWith(after) || module.length < before.length + after.length)
    return null;
  return module.slice(before.length, module.length - after.length);
}

/** The module around the file comes first: unrelated applications of a workspace may go by one module path. */
function goPackage(index: FactsIndex, from: FilePath, module: string): string | null {
  const around = foldersUp(folderOf(from)).flatMap((folder) => index.projectsIn(folder));
  let best: { readonly length: number; readonly folder: string } | null = null;
  for (const candidates of [around, index.projects]) {
    for (const { file, declaration } of candidates) {
      if (declaration.project !== 'go-module' || declaration.name === '') continue;
      if (module !== declaration.name && !module.startsWith(`${declaration.name}/`)) continue;
      const root = folderOf(file);
      const rest = module.slice(declaration.name.length + 1);
      const folder = [root, rest].filter((part) => part !== '').join('/');
      if (index.filesIn(folder).length > 0 && (best === null || declaration.name.length > best.length))
        best = { length: declaration.name.length, folder };
    }
    if (best !== null) break;
  }
  // `unitOf` writes the workspace's own folder as "/".
  return best === null ? null : `${best.folder}/`;
}
