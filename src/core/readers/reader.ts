// The contract of a reader: one file's text → that file's facts.
import type { FileFacts } from '../model/declaration.ts';
import type { FilePath, SourceFile } from '../model/source.ts';
import type { GrammarId, SyntaxTree } from '../syntax/code.ts';

/** What a reader says of itself in the generated docs. Each entry is one plain sentence or phrase. */
export interface ReaderDocs {
  readonly summary: string;
  readonly reads: readonly string[];
  readonly doesNotRead: readonly string[];
}

/** Services that need more than the text. */
export interface ReadHost {
  /** The file's syntax tree, parsed once for all readers of the file and freed when the file's facts are taken; null where the grammar failed to load. */
  readonly tree: (grammar: GrammarId) => SyntaxTree | null;
}

export interface Reader {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly docs: ReaderDocs;
  /** First pass, by name: globs (picomatch, matched against the whole workspace-relative path). */
  readonly files: readonly string[];
  /** Editor language ids whose files may be this reader's. */
  readonly languages: readonly string[];
  /** Grammars that `read` may ask `host.tree` for, per file. */
  readonly grammars: (path: string) => readonly GrammarId[];
  /** Second pass, by content. Cheap: no parsing, a search in the text. Several readers may recognise one file; their facts add up. */
  readonly recognises: (text: string, path: string) => boolean;
  /** Never throws; broken parts become problems and the rest is read. Pure: depends on the file's path and text alone. */
  readonly read: (file: SourceFile, host: ReadHost) => FileFacts;
  /**
   * Facts of a file that a file of this reader needs (`FileFacts.needs`), whatever its name and whether or not it would be recognised:
   * what stands at the pointers asked for. Pure in text, path and pointers; the facts add to those of `read`. May need further files.
   */
  readonly fragment?: (file: SourceFile, pointers: readonly string[], host: ReadHost) => FileFacts;
  /**
   * For formats whose meaning no single file holds (Terraform: the module and its callers): what `read` kept of each file under this reader's id
   * (`FileFacts.parts`) → further facts per file. Never parses and never throws; pure in the parts. Runs each time anything is linked.
   */
  readonly assemble?: (parts: ReadonlyMap<FilePath, unknown>) => ReadonlyMap<FilePath, FileFacts>;
}
