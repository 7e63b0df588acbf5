// What a person may say of a name that cannot be resolved: an entry of `pins` in `eventscape.yaml`.
import { addToConfig } from './config-entry.ts';
import { CONFIG_FILES } from './config-file.ts';
import type { Fix } from './model/edit.ts';
import type { FilePath, SourceFile } from './model/source.ts';
import type { Unresolved } from './model/topology.ts';

const PLACEHOLDER = 'TODO: name the channel';

/** The fix "Say which channel … is". The channel's name is the person's to write. Null where no pin would resolve it. */
export function pinFix(unresolved: Unresolved, source: (path: FilePath) => SourceFile | null): Fix | null {
  if (unresolved.pinnable !== true) return null;
  const config = CONFIG_FILES.map((path) => source(path)).find((file) => file !== null) ?? null;
  return {
    title: `Say in eventscape.yaml which channel ${unresolved.what} is`,
    safe: false,
    edits: addToConfig(config, 'pins', {
      what: unresolved.what,
      files: unresolved.at.file,
      channel: PLACEHOLDER,
    }),
  };
}
