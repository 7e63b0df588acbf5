// Globs over workspace-relative paths (picomatch: `**`, `*`, `{a,b}`, dot files included), compiled once each.
import picomatch from 'picomatch';

const compiled = new Map<string, (path: string) => boolean>();
const MAX_COMPILED = 2000;

/** Whether a path matches a glob. A glob without a slash matches the name at any depth; a broken glob matches nothing. */
export function matchesGlob(path: string, glob: string): boolean {
  let matcher = compiled.get(glob);
  if (matcher === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    try {
      matcher = picomatch(glob.includes('/') ? glob.replace(/^\.?\//, '') : `**/${glob}`, { dot: true });
    } catch {
      matcher = () => false;
    }
    compiled.set(glob, matcher);
  }
  return matcher(path);
}
