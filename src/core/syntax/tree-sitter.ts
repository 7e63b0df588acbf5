// Source text → syntax trees, by web-tree-sitter (ABI 15) and the grammars beside the bundles. The runtime is one WebAssembly
// module per process: it is loaded once, each grammar once. Trees live in that module's memory until they are freed.
// No incremental parsing: a changed file is parsed anew.
import * as treeSitterPackage from '@vscode/tree-sitter-wasm';
import type { Problem, SourceFile } from '../model/source.ts';
import { START_OF_FILE } from '../model/source.ts';
import type { GrammarPort } from '../ports.ts';
import type { GrammarId, SyntaxTree } from './code.ts';
import { GRAMMAR_FILES } from './code.ts';

/** What came of one text. A tree with syntax errors is still a tree: tree-sitter goes on behind them. */
export type Parsed =
  | {
      readonly kind: 'tree';
      readonly tree: SyntaxTree;
      /** Gives the tree's memory back; its nodes are void from then on. Safe to call twice. */ readonly free: () => void;
    }
  /** `reason` is one sentence for a problem. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Loaded grammars. */
export interface Grammars {
  /** Parses a text. O(text), bounded in length and in steps; never throws. Whoever calls frees the tree. */
  readonly parse: (id: GrammarId, text: string) => Parsed;
}

/** Trees of one file while its facts are taken: what `Reader.read` gets as its host. */
export interface FileTrees {
  /** Parsed at the first call, then the same tree; null where it could not be had (then `problems` says why). */
  readonly tree: (grammar: GrammarId) => SyntaxTree | null;
  readonly problems: () => readonly Problem[];
  /** Frees every tree. */
  readonly free: () => void;
}

/** Longest text that is parsed, in UTF-16 units. */
export const MAX_CODE_LENGTH = 2_000_000;

type Runtime = typeof treeSitterPackage;
type Language = InstanceType<Runtime['Language']>;

let runtimeReady: Promise<Runtime> | null = null;
const languages = new Map<GrammarId, Promise<Language>>();

/**
 * Loads the runtime and the grammars named, each once per process however often it is asked for. A grammar that cannot be loaded is tried
 * again at the next call; until then `parse` answers `failed` for it. Never rejects.
 */
export async function loadGrammars(ids: Iterable<GrammarId>, port: GrammarPort): Promise<Grammars> {
  const loaded = new Map<GrammarId, { readonly runtime: Runtime; readonly language: Language }>();
  const failures = new Map<GrammarId, string>();
  await Promise.all(
    [...new Set(ids)].map(async (id) => {
      try {
        const runtime = await loadRuntime(port);
        loaded.set(id, { runtime, language: await loadLanguage(runtime, id, port) });
      } catch (error) {
        failures.set(id, error instanceof Error ? error.message : String(error));
      }
    }),
  );
  return {
    parse(id, text) {
      const grammar = loaded.get(id);
      if (grammar === undefined)
        return {
          kind: 'failed',
          reason: `The grammar "${id}" is not loaded${failures.has(id) ? ` (${failures.get(id)})` : ''}.`,
        };
      if (text.length > MAX_CODE_LENGTH)
        return { kind: 'failed', reason: `Not read: longer than ${MAX_CODE_LENGTH} characters.` };
      return parse(grammar.runtime, grammar.language, text);
    },
  };
}

/** A file's trees by grammar, parsed on demand. The problems stand at the file's start. */
export function openTrees(file: SourceFile, grammars: Grammars): FileTrees {
  const parsed = new Map<GrammarId, Parsed>();
  return {
    tree(grammar) {
      let result = parsed.get(grammar);
      if (result === undefined) {
        result = grammars.parse(grammar, file.text);
        parsed.set(grammar, result);
      }
      return result.kind === 'tree' ? result.tree : null;
    },
    problems: () =>
      [...parsed.values()].flatMap((result) =>
        result.kind === 'failed' ? [{ file: file.path, range: START_OF_FILE, message: result.reason }] : [],
      ),
    free() {
      for (const result of parsed.values()) if (result.kind === 'tree') result.free();
      parsed.clear();
    },
  };
}

function loadRuntime(port: GrammarPort): Promise<Runtime> {
  runtimeReady ??= startRuntime(port).catch((error: unknown) => {
    runtimeReady = null;
    throw error;
  });
  return runtimeReady;
}

async function startRuntime(port: GrammarPort): Promise<Runtime> {
  const runtime = commonJs(treeSitterPackage);
  const wasmBinary = await port.load('tree-sitter.wasm');
  // With the bytes in hand nothing is located or fetched; the option is emscripten's and not in the package's types.
  const options = { wasmBinary, locateFile: (name: string) => name };
  await runtime.Parser.init(options);
  return runtime;
}

/** Node's loader and bundlers put a CommonJS module's exports under `default`, some of them beside it too. */
function commonJs(namespace: Runtime & { readonly default?: Runtime }): Runtime {
  return namespace.default ?? namespace;
}

function loadLanguage(runtime: Runtime, id: GrammarId, port: GrammarPort): Promise<Language> {
  let language = languages.get(id);
  if (language === undefined) {
    language = port
      .load(GRAMMAR_FILES[id])
      .then((bytes) => runtime.Language.load(bytes))
      .catch((error: unknown) => {
        languages.delete(id);
        throw error;
      });
    languages.set(id, language);
  }
  return language;
}

function parse(runtime: Runtime, language: Language, text: string): Parsed {
  // The runtime reports progress every hundred steps or so; well-formed and random texts stay below a twentieth of their length.
  let left = 20_000 + text.length / 4;
  const parser = new runtime.Parser();
  try {
    parser.setLanguage(language);
    const tree = parser.parse(text, null, { progressCallback: () => --left < 0 });
    if (tree === null) return { kind: 'failed', reason: 'Not read: parsing took too many steps.' };
    let freed = false;
    return {
      kind: 'tree',
      tree,
      free() {
        if (!freed) tree.delete();
        freed = true;
      },
    };
  } catch (error) {
    return {
      kind: 'failed',
      reason: `Not read: the parser failed (${error instanceof Error ? error.message : String(error)}).`,
    };
  } finally {
    parser.delete();
  }
}
