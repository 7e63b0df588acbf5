// Notes in a folder of the workspace's own: `in-hand` names the file being read, `skipped` those that were in hand when a server ended
// without a goodbye. Where nothing can be written, nothing is remembered.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashNotes } from '../host.ts';

/** Opens the notes of a folder, taking over what the last server had in hand. */
export function crashNotes(folder: string): CrashNotes {
  const handPath = join(folder, 'in-hand');
  const skippedPath = join(folder, 'skipped');
  let hand: number | null = null;
  let noted = false;
  const skipped = new Set(linesOf(skippedPath));
  try {
    mkdirSync(folder, { recursive: true });
    for (const key of linesOf(handPath)) skipped.add(key);
    save();
    hand = openSync(handPath, 'w');
  } catch {
    hand = null;
  }

  function save(): void {
    writeFileSync(skippedPath, [...skipped].map((key) => JSON.stringify(key)).join('\n'));
  }

  return {
    skipped,
    inHand: (key) => {
      if (hand === null || (key === null && !noted)) return;
      try {
        ftruncateSync(hand, 0);
        if (key !== null) writeSync(hand, JSON.stringify(key), 0);
        noted = key !== null;
      } catch {
        closeSync(hand);
        hand = null;
      }
    },
    forgive: () => {
      if (skipped.size === 0) return;
      skipped.clear();
      try {
        save();
      } catch {
        // Then they are skipped once more after the next start.
      }
    },
  };
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line): readonly string[] => {
        const key: unknown = line === '' ? null : JSON.parse(line);
        return typeof key === 'string' ? [key] : [];
      });
  } catch {
    return [];
  }
}
