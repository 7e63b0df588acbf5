// The tree-sitter runtime and grammars as files: beside the bundle (dist/grammars), or where the packages put them.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GrammarPort } from '../core/ports.ts';

/** Loads from the first folder that has the file; each file once. A file that no folder has is tried again when asked again. */
export function nodeGrammars(folders: readonly string[]): GrammarPort {
  const loaded = new Map<string, Promise<Uint8Array>>();
  return {
    load: (fileName) => {
      const known = loaded.get(fileName) ?? firstOf(folders, basename(fileName));
      loaded.set(fileName, known);
      known.catch(() => loaded.delete(fileName));
      return known;
    },
  };
}

/** Where grammars lie: in `grammars` beside the bundle. Never below the current folder: that may be a stranger's workspace. */
export function grammarFolders(bundleFolder: string): readonly string[] {
  return [join(bundleFolder, 'grammars')];
}

async function firstOf(folders: readonly string[], fileName: string): Promise<Uint8Array> {
  for (const folder of folders) {
    try {
      return await readFile(join(folder, fileName));
    } catch {
      // The next folder may have it.
    }
  }
  throw new Error(`${fileName} is not shipped with this build`);
}
