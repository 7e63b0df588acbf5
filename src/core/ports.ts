// What core may ask of the outside. The shells (server, cli, tests) provide these; core itself never touches a file, a clock or a network.
import type { WitnessAnswer, WitnessRequest } from './model/change.ts';

/** Loads a tree-sitter runtime and grammars (bytes of `.wasm` files), once each. Rejects where a grammar is not shipped. */
export interface GrammarPort {
  /** The bytes of a file of the grammars folder: `tree-sitter.wasm`, `tree-sitter-go.wasm`, … */
  readonly load: (fileName: string) => Promise<Uint8Array>;
}

/** Searches a witness in a worker that can be killed. Never rejects: a worker that was killed answers `failed`. */
export interface ValidatePort {
  readonly search: (request: WitnessRequest) => Promise<WitnessAnswer>;
}
