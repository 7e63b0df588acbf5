// Source code as tree-sitter syntax trees: which grammars exist, and the narrow view of a tree that readers use.
// Node offsets (`startIndex`, `endIndex`) are UTF-16 indices into the file's text.

/** A grammar shipped beside the bundles. */
export type GrammarId = 'go' | 'typescript' | 'tsx' | 'java' | 'python' | 'c-sharp' | 'terraform';

/** The `.wasm` file of each grammar in the grammars folder. */
export const GRAMMAR_FILES = {
  go: 'tree-sitter-go.wasm',
  typescript: 'tree-sitter-typescript.wasm',
  tsx: 'tree-sitter-tsx.wasm',
  java: 'tree-sitter-java.wasm',
  python: 'tree-sitter-python.wasm',
  'c-sharp': 'tree-sitter-c-sharp.wasm',
  terraform: 'tree-sitter-terraform.wasm',
} satisfies Record<GrammarId, string>;

/** The part of tree-sitter's node that readers may use. */
export interface SyntaxNode {
  readonly id: number;
  readonly type: string;
  readonly text: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly isNamed: boolean;
  readonly hasError: boolean;
  readonly parent: SyntaxNode | null;
  readonly children: readonly (SyntaxNode | null)[];
  readonly namedChildren: readonly (SyntaxNode | null)[];
  readonly childForFieldName: (name: string) => SyntaxNode | null;
  readonly childrenForFieldName: (name: string) => readonly (SyntaxNode | null)[];
  readonly descendantsOfType: (types: string | string[]) => readonly (SyntaxNode | null)[];
}

/** A parsed file. Valid only while `read` runs: keep no nodes in facts. */
export interface SyntaxTree {
  readonly rootNode: SyntaxNode;
}
