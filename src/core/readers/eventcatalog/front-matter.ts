// The YAML between the `---` lines of a Markdown file, parsed with positions of the whole file.
import type { Problem, SourceFile } from '../../model/source.ts';
import { makeSourceFile, rangeAt } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { parseData } from '../../syntax/parse-data.ts';

export interface FrontMatter {
  /** Null where the file has no front matter or it is no map. */
  readonly root: DataNode | null;
  readonly problems: readonly Problem[];
}

/** Parses a file's front matter. A missing end line is a problem. */
export function frontMatterOf(file: SourceFile): FrontMatter {
  const opening = /^---[ \t]*(?:\r?\n|\r)/.exec(file.text);
  if (opening === null) return { root: null, problems: [] };
  const start = opening[0].length;
  const closing = /^---[ \t]*$/m.exec(file.text.slice(start).replaceAll('\r', '\n'));
  if (closing === null) {
    const problem = {
      file: file.path,
      range: rangeAt(file, 0, 3),
      message: 'The front matter has no end: a line with `---` is expected behind it.',
      syntax: true,
    } as const;
    return { root: null, problems: [problem] };
  }
  // Blanks in the place of the first line keep every offset.
  const text = `${opening[0].replaceAll('-', ' ')}${file.text.slice(start, start + closing.index)}`;
  const document = parseData(makeSourceFile(file.path, text));
  const [root] = document.roots;
  return { root: root?.kind === 'map' ? root : null, problems: document.problems };
}
