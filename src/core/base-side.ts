// The base side of a comparison: what was asked for in plain words, and which files of the base tree the engine is given.
import type { Engine, FileChange } from './engine-api.ts';
import type { FilePath } from './model/source.ts';
import type { Base, BaseRequest } from './ports.ts';
import type { ScanScope } from './scan-scope.ts';
import type { BaseInfo } from './snapshot.ts';

/** A request as flags and settings write it: null or empty is the default order, `none` turns the base off. */
export function baseRequest(text: string | null | undefined): BaseRequest {
  if (text === null || text === undefined || text === '') return { kind: 'default' };
  return text === 'none' ? { kind: 'none' } : { kind: 'ref', ref: text };
}

/** A base that is none, and why. */
export function noBase(reason: string): Base & { readonly kind: 'none' } {
  return { kind: 'none', info: { ref: '', commit: '', reason } };
}

/** For `Changes.base`: every file of the tree that is in scope and that a reader wants, and those that facts asked for. */
export async function baseChange(
  base: Exclude<Base, { kind: 'unresolvable' }>,
  wants: Engine['wants'],
  scope: Pick<ScanScope, 'includes'>,
  asked: ReadonlySet<FilePath>,
): Promise<{ readonly info: BaseInfo; readonly files: readonly FileChange[] }> {
  if (base.kind === 'none') return { info: base.info, files: [] };
  const { tree } = base;
  return {
    info: tree.info,
    files: await tree.read(tree.paths.filter((path) => asked.has(path) || (wants(path) && scope.includes(path)))),
  };
}
