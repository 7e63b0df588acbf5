// What other files say of a consumption's failures: a broker's policy for a queue, a platform's component for its subscriptions.
// Exports with a `failure` are looked up by space and name; a name that ends in `*` stands for all that begin like it, the longest first. Of
// several of one name (copies for several environments) the one in the nearest folder counts.
import type { ExportDeclaration, FailureFacts } from '../model/declaration.ts';
import type { FilePath } from '../model/source.ts';
import type { Declared, FactsIndex } from './index-facts.ts';
import type { Resolver } from './resolve.ts';

/** Failure facts with what others add to them; `file` is where the references of the verdict are resolved. */
export interface CompletedFailure {
  readonly facts: FailureFacts;
  readonly file: FilePath;
}

interface Published {
  readonly exact: ReadonlyMap<string, readonly Declared<ExportDeclaration>[]>;
  /** Beginnings, the longest first. */
  readonly prefixes: readonly { readonly prefix: string; readonly declared: Declared<ExportDeclaration> }[];
}

/** Completes failure facts. O(exports of the name + patterns) per place. */
export function createElsewhere(
  index: FactsIndex,
  resolver: Resolver,
): (own: FailureFacts, file: FilePath) => CompletedFailure {
  const spaces = new Map<string, Published>();
  function published(space: string): Published {
    const known = spaces.get(space);
    if (known !== undefined) return known;
    const exact = new Map<string, Declared<ExportDeclaration>[]>();
    const prefixes: { readonly prefix: string; readonly declared: Declared<ExportDeclaration> }[] = [];
    for (const declared of index.exports(space)) {
      const { name, failure } = declared.declaration;
      const { text } = resolver.name(declared.file, name);
      if (failure === undefined) continue;
      if (text.endsWith('*')) prefixes.push({ prefix: text.slice(0, -1), declared });
      else {
        const same = exact.get(text);
        if (same === undefined) exact.set(text, [declared]);
        else same.push(declared);
      }
    }
    const made = { exact, prefixes: prefixes.toSorted((a, b) => b.prefix.length - a.prefix.length) };
    spaces.set(space, made);
    return made;
  }

  return (own, file) => {
    let result: CompletedFailure = { facts: own, file };
    for (const { space, name } of own.elsewhere ?? []) {
      const { exact, prefixes } = published(space);
      const declared =
        nearest(exact.get(name) ?? [], file) ?? prefixes.find(({ prefix }) => name.startsWith(prefix))?.declared;
      if (declared?.declaration.failure === undefined) continue;
      const { failure } = declared.declaration;
      const { facts } = result;
      if (failure.deadLetter === undefined) result = { facts: { ...facts, ...failure }, file: result.file };
      else if (facts.deadLetter.kind === 'missing' || facts.deadLetter.kind === 'unknown')
        result = { facts: { ...facts, ...failure }, file: declared.file };
    }
    return result;
  };
}

/** The one that shares most folders with a file; the first of equals. */
function nearest(
  candidates: readonly Declared<ExportDeclaration>[],
  file: FilePath,
): Declared<ExportDeclaration> | undefined {
  let best: { readonly declared: Declared<ExportDeclaration>; readonly shared: number } | undefined;
  const folders = file.split('/').slice(0, -1);
  for (const declared of candidates) {
    const steps = declared.file.split('/').slice(0, -1);
    let shared = 0;
    while (shared < folders.length && folders[shared] === steps[shared]) shared++;
    if (best === undefined || shared > best.shared) best = { declared, shared };
  }
  return best?.declared;
}
