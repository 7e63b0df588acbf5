// A Maven or Gradle build file → what a Spring application gets from it: its name, and the binders that are on its class path.
// Read by words, not as a build: versions, profiles and platforms do not matter here.
import type { Location, SourceFile } from '../../model/source.ts';
import { locationAt } from '../../model/source.ts';

/** What the reader keeps of a build file. */
export interface BuildPart {
  readonly kind: 'build';
  /** The artifact's id; null for Gradle, whose projects are named by their folder, and for files without one. */
  readonly artifact: string | null;
  /** `kafka`, `rabbit`, `kafka-streams` or another binder's word, sorted. */
  readonly binders: readonly string[];
  readonly at: Location;
}

const BINDERS =
  /spring-cloud-(?:starter-stream-|stream-binder-|gcp-pubsub-stream-binder|azure-stream-binder-)([a-z0-9-]*)/g;

export function readBuildFile(file: SourceFile): BuildPart {
  const isMaven = file.path.endsWith('.xml');
  const text = isMaven ? file.text.replaceAll(/<!--[\s\S]*?-->/g, (comment) => ' '.repeat(comment.length)) : file.text;
  const binders = new Set<string>();
  for (const [word, name = ''] of text.matchAll(BINDERS)) {
    const binder = word.includes('gcp-pubsub') ? 'pubsub' : name.replace(/-(?:core|parent)$/, '');
    if (binder !== '' && !binder.startsWith('test')) binders.add(binder);
  }
  const own = isMaven ? artifactOf(text) : null;
  return {
    kind: 'build',
    artifact: own?.name ?? null,
    binders: [...binders].sort(),
    at: own === null ? locationAt(file, 0, 0) : locationAt(file, own.start, own.start + own.name.length),
  };
}

/** The project's own `artifactId`: the first one that is not inside another element. */
function artifactOf(text: string): { readonly name: string; readonly start: number } | null {
  let inside = 0;
  for (const match of text.matchAll(
    /<(\/?)(parent|dependencies|dependencyManagement|build|profiles|plugins|reporting)\s*>|<artifactId>\s*([\w.-]+)\s*<\/artifactId>/g,
  )) {
    const [whole, closing, element, artifact] = match;
    if (element !== undefined) inside += closing === '/' ? -1 : 1;
    else if (artifact !== undefined && inside === 0)
      return { name: artifact, start: match.index + whole.indexOf(artifact) };
  }
  return null;
}
