// What one file says about a name whose value may stand elsewhere. Readers build these; topology/ resolves them over all files.

/** A name as its own file knows it. */
export type Name =
  /** The value itself. */
  | { readonly kind: 'literal'; readonly value: string }
  /**
   * What `path` names in another module (`module` as written: `./topics`, `example.com/shop/orders`, `~encore/…`) or, where `module` is null,
   * in this file (or, for a language whose unit is the directory, in this directory).
   */
  | { readonly kind: 'symbol'; readonly module: string | null; readonly path: readonly string[] }
  /** The value of an environment variable at run time. */
  | { readonly kind: 'env'; readonly variable: string; readonly fallback: Name | null }
  /** The parts one after the other. */
  | { readonly kind: 'template'; readonly parts: readonly Name[] }
  /** The n-th parameter (0-based) of the enclosing function. */
  | { readonly kind: 'parameter'; readonly index: number }
  /** Not to be known from files. `text` is what stands in the file, `reason` ends the sentence "cannot be resolved: …". */
  | { readonly kind: 'unknown'; readonly text: string; readonly reason: string };

/** A literal name. */
export function literal(value: string): Name {
  return { kind: 'literal', value };
}
