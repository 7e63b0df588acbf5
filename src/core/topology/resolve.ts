// Symbols and names over all files: follows imports, re-exports, constants and object members to a declaration or a text.
// Nothing is executed; every walk is bounded and memoised, and what cannot be resolved carries its reason.
import type { Name } from '../model/name.ts';
import type { Value } from '../model/declaration.ts';
import type { FilePath } from '../model/source.ts';
import type { FactsIndex } from './index-facts.ts';
import { resolveModule } from './modules.ts';

const MAX_HOPS = 24;

/** What a symbol stands for. */
export type Target =
  | { readonly kind: 'declaration'; readonly file: FilePath; readonly key: string }
  | { readonly kind: 'function'; readonly unit: string; readonly function: string }
  | { readonly kind: 'value'; readonly file: FilePath; readonly value: Value }
  | { readonly kind: 'nothing'; readonly reason: string };

/** A name's text. Open parts stand in it as `${NAME}`; `open` says why each is open. */
export interface ResolvedName {
  readonly text: string;
  readonly open: readonly string[];
  /** Whether more than the declaring file was needed. */
  readonly hops: number;
}

export interface Resolver {
  readonly symbol: (file: FilePath, module: string | null, path: readonly string[]) => Target;
  readonly name: (file: FilePath, name: Name) => ResolvedName;
}

/** A resolver over indexed facts. Its answers do not depend on the order of questions. */
export function createResolver(index: FactsIndex): Resolver {
  const memo = new Map<string, Target>();

  function symbol(file: FilePath, module: string | null, path: readonly string[]): Target {
    const key = `${module === null ? index.unitOf(file) : file}\n${module ?? ''}\n${path.join('\n')}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const answer = walk(file, module, path, MAX_HOPS, new Set());
    memo.set(key, answer);
    return answer;
  }

  function walk(
    file: FilePath,
    module: string | null,
    path: readonly string[],
    hops: number,
    seen: ReadonlySet<string>,
  ): Target {
    const [first, ...rest] = path;
    if (hops <= 0) return { kind: 'nothing', reason: 'the chain of names is too long to follow' };
    const unit = module === null ? index.unitOf(file) : resolveModule(index, file, module);
    if (unit === null) return { kind: 'nothing', reason: `"${module ?? ''}" is not part of the workspace` };
    if (first === undefined) return { kind: 'nothing', reason: 'a whole module is no value' };
    const step = `${unit}\n${path.join('\n')}`;
    if (seen.has(step)) return { kind: 'nothing', reason: 'the names refer to each other in a circle' };
    const visited = new Set([...seen, step]);
    const bound = index.binding(unit, first);
    if (bound !== null && (module === null || bound.binding.exported || bound.file === file))
      return follow(bound.file, bound.binding.value, rest, hops - 1, visited);
    const starts = index.stars(unit);
    for (const star of starts) {
      const value = star.binding.value;
      if (value.kind !== 'symbol' || value.module === null) continue;
      const target = walk(star.file, value.module, path, hops - 1, visited);
      if (target.kind !== 'nothing') return target;
    }
    return { kind: 'nothing', reason: `"${first}" is declared nowhere in ${unit}` };
  }

  function follow(
    file: FilePath,
    value: Value,
    rest: readonly string[],
    hops: number,
    seen: ReadonlySet<string>,
  ): Target {
    switch (value.kind) {
      case 'declaration':
        // A member of a topic is no topic.
        return rest.length > 0
          ? { kind: 'nothing', reason: `"${rest.join('.')}" is a member of a declaration` }
          : { kind: 'declaration', file, key: value.key };
      case 'function':
        return { kind: 'function', unit: index.unitOf(file), function: value.function };
      case 'object': {
        const [member, ...deeper] = rest;
        if (member === undefined) return { kind: 'value', file, value };
        const found = value.members.get(member);
        return found === undefined
          ? { kind: 'nothing', reason: `there is no member "${member}"` }
          : follow(file, found, deeper, hops, seen);
      }
      case 'symbol':
        // A namespace import is a symbol without a path: what follows names an export of that module.
        return walk(file, value.module, [...value.path, ...rest], hops, seen);
      case 'literal':
      case 'env':
      case 'template':
      case 'parameter':
      case 'unknown':
        return { kind: 'value', file, value };
    }
  }

  function name(file: FilePath, value: Name, depth = 0): ResolvedName {
    if (depth > MAX_HOPS) return { text: '${…}', open: ['the chain of names is too long to follow'], hops: depth };
    switch (value.kind) {
      case 'literal':
        return { text: value.value, open: [], hops: 0 };
      case 'env':
        if (value.fallback !== null) {
          const fallback = name(file, value.fallback, depth + 1);
          return { ...fallback, hops: fallback.hops + 1 };
        }
        return {
          text: `\${${value.variable}}`,
          open: [`the environment variable ${value.variable} is set outside the code`],
          hops: 0,
        };
      case 'template': {
        const parts = value.parts.map((part) => name(file, part, depth + 1));
        return {
          text: parts.map((part) => part.text).join(''),
          open: parts.flatMap((part) => part.open),
          hops: Math.max(0, ...parts.map((part) => part.hops)),
        };
      }
      case 'parameter':
        return { text: '${…}', open: ['it is a parameter of the function around it'], hops: 0 };
      case 'unknown':
        return { text: value.text === '' ? '${…}' : value.text, open: [value.reason], hops: 0 };
      case 'symbol': {
        const target = symbol(file, value.module, value.path);
        const shown = `\${${value.path.join('.')}}`;
        if (target.kind === 'nothing') return { text: shown, open: [target.reason], hops: 1 };
        if (
          target.kind === 'value' &&
          target.value.kind !== 'object' &&
          target.value.kind !== 'function' &&
          target.value.kind !== 'declaration'
        ) {
          const inner = name(target.file, target.value, depth + 1);
          return { ...inner, hops: inner.hops + 1 };
        }
        return { text: shown, open: [`${value.path.join('.')} is no text`], hops: 1 };
      }
    }
  }

  return { symbol, name: (file, value) => name(file, value) };
}
