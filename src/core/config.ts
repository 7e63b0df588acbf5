// What a person says about the analysis: settings of the editor and `eventscape.yaml` of the workspace, in one shape.
import type { Mode } from './model/change.ts';
import type { Severity } from './model/finding.ts';
import type { Location } from './model/source.ts';

/** A finding that somebody decided to live with. */
export interface Ignore {
  readonly rule: string;
  /** Glob over workspace-relative paths. */
  readonly path: string;
  /** JSON pointer (or declaration key) below which it holds; empty: the whole file. */
  readonly pointer: string;
  readonly reason: string;
  readonly at: Location | null;
}

export interface Config {
  /** Rule id → severity, or `off`. */
  readonly rules: ReadonlyMap<string, Severity | 'off'>;
  /** A git revision, `none`, or null: the default order. */
  readonly base: string | null;
  readonly exclude: readonly string[];
  /** The first glob that matches decides; else `additive`. */
  readonly modes: readonly { readonly path: string; readonly mode: Mode }[];
  /** Globs of schema files that are judged though no channel reaches them. */
  readonly contracts: readonly string[];
  readonly complete: boolean;
  readonly ignore: readonly Ignore[];
}

export const DEFAULT_CONFIG: Config = {
  rules: new Map(),
  base: null,
  exclude: [],
  modes: [],
  contracts: [],
  complete: false,
  ignore: [],
};
