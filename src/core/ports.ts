// What core may ask of the outside. The shells (server, cli, tests) provide these; core itself never touches a file, a clock or a network.
import type { FileChange } from './engine-api.ts';
import type { WitnessAnswer, WitnessRequest } from './model/change.ts';
import type { FilePath } from './model/source.ts';
import type { BaseInfo } from './snapshot.ts';

/** Loads a tree-sitter runtime and grammars (bytes of `.wasm` files), once each. Rejects where a grammar is not shipped. */
export interface GrammarPort {
  /** The bytes of a file of the grammars folder: `tree-sitter.wasm`, `tree-sitter-go.wasm`, … */
  readonly load: (fileName: string) => Promise<Uint8Array>;
}

/** Searches a witness in a worker that can be killed. Never rejects: a worker that was killed answers `failed`. */
export interface ValidatePort {
  readonly search: (request: WitnessRequest) => Promise<WitnessAnswer>;
}

/** What a person asked to compare with. `default`: nobody asked. */
export type BaseRequest =
  | { readonly kind: 'default' }
  | { readonly kind: 'none' }
  | { readonly kind: 'ref'; readonly ref: string };

/** The tree of the base commit, below the folder asked about. Texts are read when asked for. */
export interface BaseTree {
  readonly info: BaseInfo;
  /** Regular files, sorted, relative to the folder. Symbolic links are none. */
  readonly paths: readonly FilePath[];
  /** One change per path asked for, in that order; `text` null without a problem: not in the tree. */
  readonly read: (paths: readonly FilePath[]) => Promise<readonly FileChange[]>;
}

export type Base =
  | { readonly kind: 'tree'; readonly tree: BaseTree }
  /** Contract checks are off; `info.reason` says why. */
  | { readonly kind: 'none'; readonly info: BaseInfo }
  /** Asked for and not to be had: one sentence with what to do. */
  | { readonly kind: 'unresolvable'; readonly message: string };
