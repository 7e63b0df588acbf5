// YAML 1.2 and JSON text → DataDocument. JSON is read leniently (comments, trailing commas) with its errors kept as problems;
// YAML anchors are expanded up to a bound, so that a "billion laughs" file stays small. Not supported: YAML merge keys inside other merge keys.
import * as jsonc from 'jsonc-parser';
import * as yaml from 'yaml';
import type { Problem, SourceFile } from '../model/source.ts';
import { rangeAt } from '../model/source.ts';
import { parseAvroIdl } from './avro-idl.ts';
import type { DataDocument, DataEntry, DataNode } from './data.ts';

const MAX_NODES = 400_000;
const MAX_DEPTH = 200;
const MAX_PROBLEMS = 20;

const cache = new WeakMap<SourceFile, DataDocument>();

/** Parses a file by its name (`.json`, `.jsonc`, `.avsc`… as JSON; `.avdl` as the schema it stands for; all else as YAML). Cached by the SourceFile. Never throws. */
export function parseData(file: SourceFile): DataDocument {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const document = /\.avdl$/i.test(file.path)
    ? parseAvroIdl(file).document
    : isJson(file)
      ? parseJson(file)
      : parseYaml(file);
  cache.set(file, document);
  return document;
}

function isJson(file: SourceFile): boolean {
  if (/\.(json|jsonc|avsc|asl|template)$/i.test(file.path)) return /^\s*([[{"]|\/[/*]|$)/.test(file.text);
  return /\.(ya?ml)$/i.test(file.path) ? false : /^\s*[[{]/.test(file.text);
}

function parseJson(file: SourceFile): DataDocument {
  const errors: jsonc.ParseError[] = [];
  if (jsonDepth(file.text) > MAX_DEPTH) return refused(file, 'json', `nested deeper than ${MAX_DEPTH} levels`);
  const root = jsonc.parseTree(file.text, errors, { allowTrailingComma: true, disallowComments: false });
  let count = 0;
  const convert = (node: jsonc.Node): DataNode => {
    count++;
    const span = { start: node.offset, end: node.offset + node.length, tag: null };
    if (node.type === 'object') {
      const entries: DataEntry[] = [];
      for (const property of node.children ?? []) {
        const [key, value] = property.children ?? [];
        if (key === undefined) continue;
        entries.push({
          key: String(key.value),
          keyStart: key.offset + 1,
          keyEnd: key.offset + Math.max(1, key.length - 1),
          value:
            value === undefined
              ? {
                  kind: 'scalar',
                  value: null,
                  style: 'plain',
                  start: key.offset + key.length,
                  end: key.offset + key.length,
                  tag: null,
                }
              : convert(value),
        });
      }
      return { kind: 'map', entries, flow: true, ...span };
    }
    if (node.type === 'array')
      return { kind: 'seq', items: (node.children ?? []).map((child) => convert(child)), flow: true, ...span };
    const value: unknown = node.value;
    return {
      kind: 'scalar',
      value: typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
      style: node.type === 'string' ? 'double' : 'plain',
      ...span,
    };
  };
  const problems = errors.slice(0, MAX_PROBLEMS).map((error): Problem => ({
    file: file.path,
    range: rangeAt(file, error.offset, error.offset + Math.max(1, error.length)),
    message: `Not valid JSON: ${words(jsonc.printParseErrorCode(error.error))}`,
    syntax: true,
  }));
  if (root === undefined)
    return { file, language: 'json', roots: [], problems: problems.length > 0 ? problems : [emptyProblem(file)] };
  const converted = convert(root);
  return count > MAX_NODES
    ? refused(file, 'json', `more than ${MAX_NODES} values`)
    : { file, language: 'json', roots: [converted], problems };
}

function words(code: string): string {
  return code.replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).toLowerCase();
}

/** Deepest bracket nesting outside strings, so that a recursive parser is never given a stack bomb. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 92) index++;
      else if (code === 34 || code === 10) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}

/** An upper estimate of YAML nesting by flow brackets and indentation steps; exact enough to refuse stack bombs. */
function yamlTooDeep(text: string): boolean {
  if (jsonDepth(text) > MAX_DEPTH) return true;
  const dashes = /^[ ]*(?:- ){200}/m;
  if (dashes.test(text)) return true;
  let previous = 0;
  let depth = 0;
  const indents: number[] = [];
  for (const match of text.matchAll(/^( *)[^\s#]/gm)) {
    const indent = match[1]?.length ?? 0;
    if (indent > previous) {
      indents.push(previous);
      depth++;
    } else
      while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) {
        indents.pop();
        depth--;
      }
    previous = indent;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function parseYaml(file: SourceFile): DataDocument {
  if (yamlTooDeep(file.text)) return refused(file, 'yaml', `nested deeper than ${MAX_DEPTH} levels`);
  let documents: readonly yaml.Document.Parsed[];
  try {
    const parsed = yaml.parseAllDocuments(file.text, {
      logLevel: 'silent',
      uniqueKeys: false,
      merge: true,
      customTags: [],
      prettyErrors: false,
    });
    documents = 'empty' in parsed ? [] : parsed;
  } catch (error) {
    return refused(file, 'yaml', error instanceof Error ? error.message : 'unreadable');
  }
  const problems: Problem[] = [];
  const roots: DataNode[] = [];
  let count = 0;
  for (const document of documents) {
    for (const error of document.errors) {
      if (problems.length >= MAX_PROBLEMS) break;
      problems.push({
        file: file.path,
        range: rangeAt(file, error.pos[0], Math.max(error.pos[1], error.pos[0] + 1)),
        message: `Not valid YAML: ${error.message}`,
        syntax: true,
      });
    }
    const anchors = new Map<string, yaml.Node>();
    yaml.visit(document, {
      Node(_, node) {
        const anchor = yaml.isAlias(node) ? undefined : node.anchor;
        if (anchor !== undefined && anchor !== '') anchors.set(anchor, node);
      },
    });
    const convert = (node: unknown, depth: number, inside: readonly yaml.Node[], fallback: number): DataNode => {
      const empty = (at: number): DataNode => ({
        kind: 'scalar',
        value: null,
        style: 'plain',
        start: at,
        end: at,
        tag: null,
      });
      if (!yaml.isNode(node)) return empty(fallback);
      const range = node.range;
      const start = range?.[0] ?? fallback;
      const end = range?.[1] ?? start;
      if (++count > MAX_NODES || depth > MAX_DEPTH) return empty(start);
      if (yaml.isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined || inside.includes(target)) {
          // The parser itself complains of a bare `*`.
          if (problems.length < MAX_PROBLEMS && node.source !== '')
            problems.push({
              file: file.path,
              range: rangeAt(file, start, end),
              message: `The alias *${node.source} names no anchor before it.`,
            });
          return empty(start);
        }
        return convert(target, depth + 1, [...inside, target], start);
      }
      const tag = node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:') ? node.tag : null;
      if (yaml.isMap(node)) {
        const entries: DataEntry[] = [];
        for (const pair of node.items) {
          const keyNode = pair.key;
          const keyStart = yaml.isNode(keyNode) ? (keyNode.range?.[0] ?? start) : start;
          const keyEnd = yaml.isNode(keyNode) ? (keyNode.range?.[1] ?? keyStart) : keyStart;
          const key = yaml.isScalar(keyNode)
            ? String(keyNode.source ?? keyNode.value)
            : yaml.isNode(keyNode)
              ? file.text.slice(keyStart, keyEnd)
              : String(keyNode);
          const value = convert(pair.value, depth + 1, inside, keyEnd);
          if (key === '<<' && yaml.isScalar(keyNode) && keyNode.type === 'PLAIN') {
            const merged = value.kind === 'seq' ? value.items : [value];
            const own = new Set(
              node.items.map((item) => (yaml.isScalar(item.key) ? String(item.key.source ?? item.key.value) : '')),
            );
            for (const source of merged)
              if (source.kind === 'map')
                for (const entry of source.entries) if (!own.has(entry.key)) entries.push(entry);
            continue;
          }
          const quoted = yaml.isScalar(keyNode) && (keyNode.type === 'QUOTE_DOUBLE' || keyNode.type === 'QUOTE_SINGLE');
          entries.push({
            key: quoted ? String(keyNode.value) : key,
            keyStart: keyStart + (quoted ? 1 : 0),
            keyEnd: keyEnd - (quoted ? 1 : 0),
            value,
          });
        }
        return { kind: 'map', entries, flow: node.flow === true, start, end, tag };
      }
      if (yaml.isSeq(node))
        return {
          kind: 'seq',
          items: node.items.map((item) => convert(item, depth + 1, inside, start)),
          flow: node.flow === true,
          start,
          end,
          tag,
        };
      const value: unknown = yaml.isScalar(node) ? node.value : null;
      const type = yaml.isScalar(node) ? node.type : undefined;
      return {
        kind: 'scalar',
        value:
          typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
            ? value
            : value === null || value === undefined
              ? null
              : typeof value === 'bigint'
                ? Number(value)
                : null,
        style:
          type === 'QUOTE_DOUBLE'
            ? 'double'
            : type === 'QUOTE_SINGLE'
              ? 'single'
              : type === 'BLOCK_LITERAL'
                ? 'literal'
                : type === 'BLOCK_FOLDED'
                  ? 'folded'
                  : 'plain',
        start,
        end,
        tag,
      };
    };
    if (document.contents !== null) roots.push(convert(document.contents, 0, [], document.range[0]));
  }
  if (count > MAX_NODES) return refused(file, 'yaml', `more than ${MAX_NODES} values once its aliases are expanded`);
  if (roots.length === 0 && problems.length === 0) problems.push(emptyProblem(file));
  return { file, language: 'yaml', roots, problems };
}

function refused(file: SourceFile, language: 'yaml' | 'json', why: string): DataDocument {
  return {
    file,
    language,
    roots: [],
    problems: [{ file: file.path, range: rangeAt(file, 0, 1), message: `Not read: ${why}.`, syntax: true }],
  };
}

function emptyProblem(file: SourceFile): Problem {
  return { file: file.path, range: rangeAt(file, 0, 0), message: 'The file is empty.', syntax: true };
}
