// `npm run new reader|rule|trace <id>`: the files of a new one, its line in the registry, its first scenario to make true.
// <id> is kebab-case; it names the folder or file, and is what people see in settings and documents.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, run, say, tool } from './lib/process.mjs';

const kinds = { reader: newReader, rule: newRule, trace: newTrace };

const [kind = '', id = ''] = process.argv.slice(2);
if (!Object.hasOwn(kinds, kind) || !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id)) {
  say('npm run new reader|rule|trace <id>, where <id> is kebab-case');
  process.exit(2);
}
const name = id.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
const { registry, entry, files, next } = kinds[/** @type {keyof typeof kinds} */ (kind)]();
const taken = Object.keys(files).find((path) => existsSync(join(root, path)));
if (taken !== undefined) {
  say(`${taken} exists already`);
  process.exit(2);
}
const written = register(registry, entry);
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
writeFileSync(join(root, registry), written);
await tool('oxfmt/bin/oxfmt', [registry, ...Object.keys(files).filter((path) => path.endsWith('.ts'))]);
await run(process.execPath, ['scripts/generate.mjs']);
for (const path of [registry, ...Object.keys(files)]) say(path);
say(next);

/** The registry's text with one more entry, imports and list in the order of their ids.
 * @param {string} path @param {string} module */
function register(path, module) {
  const text = readFileSync(join(root, path), 'utf8');
  const line = /^import \{ (\w+) \} from '(\.\/[^']+)';\n/gm;
  const list = /(export const \w+: readonly \w+\[\] = \[)[^\]]*\]/;
  const entries = [...text.matchAll(line)].map(([, value = '', from = '']) => ({ value, from }));
  const listed =
    /= \[([^\]]*)\]/
      .exec(text)?.[1]
      ?.split(',')
      .map((value) => value.trim()) ?? [];
  // An import that the list does not hold (a helper) is none of the entries.
  const others = entries.filter(({ value }) => !listed.includes(value));
  if (!list.test(text)) throw new Error(`${path} has no list of entries that could be extended`);
  const all = [...entries.filter(({ value }) => listed.includes(value)), { value: name, from: module }];
  const sorted = all.toSorted((a, b) => (idOf(a.from) < idOf(b.from) ? -1 : 1));
  const imports = [...sorted, ...others].map(({ value, from }) => `import { ${value} } from '${from}';\n`).join('');
  const rest = text
    .replaceAll(line, '')
    .replace(list, (_, head) => `${head}${sorted.map(({ value }) => value).join(', ')}]`);
  // The registry opens with what it is; the imports follow.
  return rest.replace(/^(?:\/\/[^\n]*\n)*/, (head) => head + imports);
}

/** `./asyncapi/reader.ts` and `./dlq-missing.ts` → the folder's or the file's name. @param {string} module */
function idOf(module) {
  return module.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

function newReader() {
  const folder = `src/core/readers/${id}`;
  return {
    registry: 'src/core/readers/index.ts',
    entry: `./${id}/reader.ts`,
    next: `Next: write ${folder}/reader.md until it shows what people write, then make it true in reader.ts.`,
    files: {
      [`${folder}/reader.ts`]: `// TODO: which files of which specification and version → which declarations; what is left out on purpose.
import type { FileFacts } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { SourceFile } from '../../model/source.ts';
import { START_OF_FILE } from '../../model/source.ts';
import type { Reader } from '../reader.ts';

export const ${name} = {
  id: '${id}',
  title: 'TODO: the name people know',
  docs: {
    summary: 'TODO: one sentence.',
    reads: ['TODO: what becomes a service, a channel, an edge'],
    doesNotRead: ['TODO: what is left out'],
  },
  files: ['**/${id}.{yaml,yml,json}'],
  languages: ['yaml', 'json'],
  grammars: () => [],
  recognises: (text) => text.includes('${id}'),
  read,
} satisfies Reader;

function read(file: SourceFile): FileFacts {
  return { ...NO_FACTS, problems: [{ file: file.path, range: START_OF_FILE, message: 'TODO' }] };
}
`,
      [`${folder}/reader.md`]: `# TODO: the smallest file that says who sends what to whom

\`${id}.yaml\`:
\`\`\`yaml
${id}: 1
\`\`\`

\`\`\`topology
\`\`\`
`,
    },
  };
}

function newRule() {
  const path = `src/core/rules/${id}`;
  return {
    registry: 'src/core/rules/index.ts',
    entry: `./${id}.ts`,
    next: `Next: write ${path}.md until it shows whom the rule helps and whom it leaves alone, then make it true in ${id}.ts.`,
    files: {
      [`${path}.ts`]: `// TODO: what is found, in which state, and what is never flagged.
import type { Topology } from '../model/topology.ts';
import type { Match } from './rule.ts';
import { defineRule } from './rule.ts';

interface State {
  readonly name: string;
}

export const ${name} = defineRule<State>({
  id: '${id}',
  defaultSeverity: 'warning',
  docs: {
    title: 'TODO: a noun phrase',
    what: 'TODO: what is found.',
    why: 'TODO: what happens to messages.',
    do: 'TODO: what to do about it.',
  },
  *find(topology: Topology): Iterable<Match<State>> {
    for (const { name, at } of topology.channels) {
      const [first] = at;
      if (first !== undefined && name === '${id}') yield { at: first, state: { name } };
    }
  },
  message({ name }) {
    return \`TODO: what is wrong with \${name}, why it matters here, what to do.\`;
  },
});
`,
      [`${path}.md`]: `# TODO: a case that hurts

\`template.yaml\`:
\`\`\`yaml
Resources:
  Orders:
# ^^^^^^ warning[${id}]: TODO …
    Type: AWS::SNS::Topic
\`\`\`

# TODO: a case that looks alike and is fine

\`template.yaml\`:
\`\`\`yaml
Resources:
  Orders:
    Type: AWS::SNS::Topic
\`\`\`
`,
    },
  };
}

function newTrace() {
  const folder = `src/core/traces/${id}`;
  return {
    registry: 'src/core/traces/index.ts',
    entry: `./${id}/importer.ts`,
    next: `Next: put real samples below test/data/traces/, say in ${folder}/importer.md how they were made, then read them in importer.ts.`,
    files: {
      [`${folder}/importer.ts`]: `// TODO: which bytes of which program and version → spans; what is left out on purpose.
import type { Bytes, SpanBatch, TraceImporter } from '../importer.ts';

export const ${name} = {
  id: '${id}',
  title: 'TODO: the name people know',
  docs: {
    summary: 'TODO: one sentence.',
    reads: ['TODO: each form that the file can have'],
    doesNotRead: ['TODO: what is left out'],
  },
  recognises: (head) => new TextDecoder().decode(head).includes('"${id}"'),
  spans,
} satisfies TraceImporter;

async function* spans(chunks: AsyncIterable<Bytes>): AsyncGenerator<SpanBatch, void, undefined> {
  for await (const chunk of chunks) yield { spans: [], problems: [{ message: 'TODO', count: chunk.length }] };
}
`,
      [`${folder}/importer.md`]: `# TODO: how a file of this format comes to be, and what of it becomes a span
`,
    },
  };
}
