// Files → one hash that changes when any of them does.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} base folder that the names are relative to
 * @param {readonly string[]} names files or folders; missing ones count as absent
 * @param {readonly string[]} more further facts to hash
 */
export function fingerprint(base, names, more = []) {
  const hash = createHash('sha256');
  for (const fact of more) hash.update(`${fact}\0`);
  for (const name of names) add(name);
  return hash.digest('hex');

  function add(/** @type {string} */ name) {
    const path = join(base, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) hash.update(`${name}\0absent\0`);
    else if (stat.isDirectory()) {
      for (const entry of readdirSync(path).toSorted()) if (!unbuilt.test(entry)) add(`${name}/${entry}`);
    } else hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
  }
}

/** What stands beside the sources and is in no bundle. */
const unbuilt = /\.(?:test\.ts|md|tsbuildinfo)$/;
