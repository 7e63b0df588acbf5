// The bundler's metafiles → dist/THIRD_PARTY_NOTICES.txt: each package that is really inside, with its own licence text.
// A package without a licence file is named with its licence and authors as its manifest states them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { grammars } from './lib/bundles.mjs';
import { root } from './lib/process.mjs';

/** Writes the notices of what stands in dist/. Same packages, same bytes. */
export function writeNotices() {
  const folders = [...new Set([...bundledPackages(), ...grammars.map((grammar) => `node_modules/${grammar.package}`)])];
  const notices = folders.map(noticeOf).toSorted((a, b) => (a.title < b.title ? -1 : 1));
  // The same package may lie in several folders of node_modules.
  const unique = notices.filter((notice, index) => notice.title !== notices[index - 1]?.title);
  const rule = '='.repeat(80);
  const head = `Eventscape contains the following third-party software, each under its own licence.\n\n${unique
    .map((notice) => `- ${notice.title} (${notice.licence})`)
    .join('\n')}\n`;
  const body = unique.map(
    (notice) => `${rule}\n${notice.title} (${notice.licence})\n${notice.source}${rule}\n\n${notice.text}\n`,
  );
  writeFileSync(join(root, 'dist/THIRD_PARTY_NOTICES.txt'), [head, ...body].join('\n'));
}

/** Folders of the packages whose bytes are in a bundle. */
function bundledPackages() {
  const meta = join(root, 'dist/meta');
  return readdirSync(meta).flatMap((name) => {
    /** @type {import('esbuild').Metafile} */
    const { outputs } = JSON.parse(readFileSync(join(meta, name), 'utf8'));
    return Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs)
        .filter(([, input]) => input.bytesInOutput > 0)
        .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
    );
  });
}

/** @param {string} folder relative to the project */
function noticeOf(folder) {
  const path = join(root, folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const files = readdirSync(path)
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name))
    .toSorted();
  const text = files.map((name) => readFileSync(join(path, name), 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n');
  const author = typeof manifest.author === 'string' ? manifest.author : (manifest.author?.name ?? 'its authors');
  const source = manifest.repository?.url ?? manifest.repository ?? manifest.homepage ?? '';
  return {
    title: `${manifest.name} ${manifest.version}`,
    licence: manifest.license ?? 'see below',
    source: source === '' ? '' : `Source code: ${source}\n`,
    text:
      text === ''
        ? `Copyright ${author}. Published under ${manifest.license}; the package carries no licence text.`
        : text,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (existsSync(join(root, 'dist/meta'))) writeNotices();
  else process.exitCode = 1;
}
