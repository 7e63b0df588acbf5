// Small steps over syntax nodes that the readers of every language share.
import type { SyntaxNode } from './code.ts';

/** Named children without comments. */
export function namedChildren(node: SyntaxNode): readonly SyntaxNode[] {
  return node.namedChildren.filter((child): child is SyntaxNode => child !== null && child.type !== 'comment');
}

/** The first named child, comments aside. */
export function firstNamed(node: SyntaxNode): SyntaxNode | null {
  return namedChildren(node)[0] ?? null;
}

/** All nodes of some types at or below a node, in reading order. */
export function nodesOfType(node: SyntaxNode, types: readonly string[]): readonly SyntaxNode[] {
  return node.descendantsOfType([...types]).filter((found): found is SyntaxNode => found !== null);
}

/** The child under a field name, where it has one of the types. */
export function fieldOf(node: SyntaxNode | null, field: string, ...types: readonly string[]): SyntaxNode | null {
  const child = node?.childForFieldName(field) ?? null;
  return child !== null && (types.length === 0 || types.includes(child.type)) ? child : null;
}

/** A stretch of the text with something to say about it. */
export interface Span<T> {
  readonly start: number;
  readonly end: number;
  readonly value: T;
}

/** Looks up the innermost of nested spans around an offset: O(log spans + depth). */
export class Nesting<T> {
  readonly #spans: readonly Span<T>[];
  readonly #parents: readonly number[];

  /** Spans may nest and repeat; they never overlap by halves (they are ranges of syntax nodes). */
  constructor(spans: readonly Span<T>[]) {
    this.#spans = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
    const parents: number[] = [];
    const open: number[] = [];
    for (const [index, span] of this.#spans.entries()) {
      while (open.length > 0 && (this.#spans[open.at(-1) ?? 0]?.end ?? 0) <= span.start) open.pop();
      parents.push(open.at(-1) ?? -1);
      open.push(index);
    }
    this.#parents = parents;
  }

  /** The spans around an offset, innermost first. */
  *around(offset: number): Generator<Span<T>> {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index = this.#parents[index] ?? -1) {
      const span = this.#spans[index];
      if (span !== undefined && span.end > offset) yield span;
    }
  }

  /** The innermost span around an offset, of those that `fits` accepts. */
  innermost(offset: number, fits: (value: T) => boolean = () => true): Span<T> | null {
    for (const span of this.around(offset)) if (fits(span.value)) return span;
    return null;
  }
}
