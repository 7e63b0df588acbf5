// Which services run a piece of code: the one that covers its file; else, for shared code, those that reach the function through calls.
import type { Ref } from '../model/declaration.ts';
import type { FilePath } from '../model/source.ts';
import type { Declared, FactsIndex } from './index-facts.ts';
import { folderOf, foldersUp } from './index-facts.ts';
import type { ServiceDeclaration } from '../model/declaration.ts';
import type { Resolver } from './resolve.ts';

const MAX_REACHED = 5000;

export interface Attribution {
  /** Services that run `function` of `file`, in the order of their files; empty where none does. */
  readonly services: (
    file: FilePath,
    enclosing: Extract<Ref, { kind: 'enclosing' }>,
  ) => readonly Declared<ServiceDeclaration>[];
}

/** Attribution over indexed facts. The reverse call graph is built when the first shared function asks for it. */
export function createAttribution(index: FactsIndex, resolver: Resolver): Attribution {
  let callers: ReadonlyMap<string, readonly { readonly file: FilePath; readonly function: string | null }[]> | null =
    null;
  const memo = new Map<string, readonly Declared<ServiceDeclaration>[]>();

  function covering(file: FilePath): Declared<ServiceDeclaration> | null {
    const own = index.coverOfFile(file);
    if (own !== null) return own;
    for (const folder of foldersUp(folderOf(file))) {
      const service = index.coverIn(folder);
      if (service !== null) return service;
      // A service never reaches above the application that it belongs to.
      if (
        index
          .projectsIn(folder)
          .some(({ declaration }) => declaration.project === 'encore' || declaration.project === 'go-module')
      )
        return null;
    }
    return null;
  }

  function services(
    file: FilePath,
    enclosing: Extract<Ref, { kind: 'enclosing' }>,
  ): readonly Declared<ServiceDeclaration>[] {
    const cover = covering(file);
    if (cover !== null) return [cover];
    const start = `${index.unitOf(file)}\n${enclosing.function ?? ''}`;
    const known = memo.get(start);
    if (known !== undefined) return known;
    callers ??= reverseCalls();
    const found = new Map<string, Declared<ServiceDeclaration>>();
    const queue = enclosing.function === null ? [] : [start];
    const seen = new Set(queue);
    for (let at = 0; at < queue.length && at < MAX_REACHED; at++) {
      for (const caller of callers.get(queue[at] ?? '') ?? []) {
        const service = covering(caller.file);
        if (service !== null) found.set(`${service.file}\n${service.declaration.key}`, service);
        else if (caller.function !== null) {
          const next = `${index.unitOf(caller.file)}\n${caller.function}`;
          if (!seen.has(next)) {
            seen.add(next);
            queue.push(next);
          }
        }
      }
    }
    const answer = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, service]) => service);
    memo.set(start, answer);
    return answer;
  }

  function reverseCalls(): ReadonlyMap<
    string,
    readonly { readonly file: FilePath; readonly function: string | null }[]
  > {
    const reverse = new Map<string, { readonly file: FilePath; readonly function: string | null }[]>();
    for (const file of index.files) {
      for (const call of index.facts.get(file)?.calls ?? []) {
        const target = resolver.symbol(file, call.module, call.path);
        if (target.kind !== 'function') continue;
        const key = `${target.unit}\n${target.function}`;
        const list = reverse.get(key) ?? [];
        list.push({ file, function: call.within });
        reverse.set(key, list);
      }
    }
    return reverse;
  }

  return { services };
}
