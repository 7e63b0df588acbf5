// Kubernetes manifests (YAML, several documents, `kind: List`) → objects with their places. Files of Helm charts are read with their template
// actions masked out: a scalar `{{ .Values.x }}` keeps its meaning, control lines are blanks, everything else an action writes is unknown.
import type { Need } from '../model/declaration.ts';
import type { TextEdit } from '../model/edit.ts';
import type { Name } from '../model/name.ts';
import type { Location, SourceFile } from '../model/source.ts';
import { locationAt, makeSourceFile, rangeAt } from '../model/source.ts';
import type { DataDocument, DataNode } from './data.ts';
import { get, itemsOf, stringOf, textOf } from './data.ts';
import type { DataPath } from './data-edit.ts';
import { parseData } from './parse-data.ts';

/** One object of a manifest file. */
export interface ManifestObject {
  /** The API group without its version (`eventing.knative.dev`); empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** `metadata.name`; empty where it is absent or written by a template. */
  readonly name: string;
  /** `metadata.name` where it has parts that are known at installation only; else null. */
  readonly open: Name | null;
  /** `metadata.namespace`; empty where it is absent or open. */
  readonly namespace: string;
  readonly node: DataNode;
  readonly spec: DataNode | undefined;
  /** Index of the document, then keys from its root. */
  readonly path: DataPath;
  /** The name's value; else the object's kind. */
  readonly at: Location;
}

/** A manifest file. */
export interface Manifest {
  readonly file: SourceFile;
  readonly document: DataDocument;
  readonly objects: readonly ManifestObject[];
  /** Has template actions: its problems are those of the mask, and nothing may be edited in it. */
  readonly templated: boolean;
  /** The values file of the chart that the file is a template of. */
  readonly needs: readonly Need[];
}

const FIRST = '\uE000';
const MORE = '\uE001';
const MASK = /\uE000\uE001*/g;

const cache = new WeakMap<SourceFile, Manifest>();

/** Reads a file's objects. Cached by the SourceFile. Never throws; a broken file has the objects of its whole documents. */
export function manifestOf(file: SourceFile): Manifest {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const templated = file.text.includes('{{');
  const document = parseData(templated ? makeSourceFile(file.path, maskActions(file.text)) : file);
  const objects: ManifestObject[] = [];
  for (const [index, root] of document.roots.entries()) {
    if (stringOf(get(root, 'kind')) === 'List')
      for (const [position, item] of itemsOf(get(root, 'items')).entries())
        addObject(file, item, [index, 'items', position], objects);
    else addObject(file, root, [index], objects);
  }
  const values = templated ? valuesOf(file) : null;
  const needs: Need[] = values === null ? [] : [{ file: values.file, pointer: '', at: locationAt(file, 0, 0) }];
  const manifest = { file, document, objects, templated, needs };
  cache.set(file, manifest);
  return manifest;
}

function addObject(file: SourceFile, node: DataNode, path: DataPath, objects: ManifestObject[]): void {
  const apiVersion = stringOf(get(node, 'apiVersion'));
  const kind = stringOf(get(node, 'kind'));
  if (apiVersion === undefined || kind === undefined) return;
  const metadata = get(node, 'metadata');
  const name = get(metadata, 'name');
  const namespace = textOf(get(metadata, 'namespace')) ?? '';
  const text = textOf(name) ?? '';
  const place = name === undefined || text === '' ? (get(node, 'kind') ?? node) : name;
  objects.push({
    group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
    kind,
    name: isOpen(text) ? '' : text,
    open: isOpen(text) ? nameOf(file, name) : null,
    namespace: isOpen(namespace) ? '' : namespace,
    node,
    spec: get(node, 'spec'),
    path,
    at: locationAt(file, place.start, place.end),
  });
}

/** Whether a text has parts that are set when the manifest is applied: a template's, a shell's or a substitution's variables. */
export function isOpen(text: string): boolean {
  return text.includes(FIRST) || /\$\{[^}]*\}|\$\([A-Za-z_]\w*\)|\{\{|<[\w -]+>/.test(text);
}

/** The string of a scalar that is wholly written out; undefined for all else. Numbers and booleans come as their text. */
export function plainText(node: DataNode | undefined): string | undefined {
  const text = textOf(node);
  return text === undefined || isOpen(text) ? undefined : text;
}

/** A scalar's text as a name; its open parts refer to the chart's values or are unknown. Null for anything but a filled scalar. */
export function nameOf(file: SourceFile, node: DataNode | undefined): Name | null {
  const text = textOf(node);
  if (node?.kind !== 'scalar' || text === undefined || text === '') return null;
  if (!isOpen(text)) return { kind: 'literal', value: text };
  const shift = node.start + (node.style === 'plain' ? 0 : 1);
  const parts: Name[] = [];
  let last = 0;
  for (const match of text.matchAll(/\uE000\uE001*|\$\{[^}]*\}|\$\([A-Za-z_]\w*\)|<[\w -]+>/g)) {
    if (match.index > last) parts.push({ kind: 'literal', value: text.slice(last, match.index) });
    last = match.index + match[0].length;
    parts.push(
      match[0].startsWith(FIRST)
        ? actionOf(file, file.text.slice(shift + match.index, shift + last))
        : {
            kind: 'unknown',
            text: `\${${match[0].replaceAll(/[^\w .-]/g, '')}}`,
            reason: `${match[0]} is replaced when the manifest is applied`,
          },
    );
  }
  if (last < text.length) parts.push({ kind: 'literal', value: text.slice(last) });
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'template', parts };
}

/** A text for people: template actions as they stand in the file. */
export function shownText(file: SourceFile, node: DataNode | undefined): string {
  if (node?.kind !== 'scalar') return '';
  return file.text.slice(node.start, node.end).replaceAll(/\s+/g, ' ').slice(0, 120);
}

/** `{{ .Values.topics.orders | quote }}` → the value of the chart; anything else is known at installation only. */
function actionOf(file: SourceFile, action: string): Name {
  const inner = action.replaceAll(/^\{\{-?\s*|\s*-?\}\}$/g, '');
  const values = valuesOf(file);
  const path = /^\$?\.Values\.([\w.]+?)(?:\s*\|\s*(?:quote|squote|toString|trim))*$/.exec(inner)?.[1];
  if (values !== null && path !== undefined)
    return { kind: 'symbol', module: values.module, path: ['Values', ...path.split('.')] };
  const word = /^\$?\.([\w.]+)/.exec(inner)?.[1] ?? /^(?:include|template)\s+"([^"]+)"/.exec(inner)?.[1] ?? '…';
  return { kind: 'unknown', text: `\${${word}}`, reason: 'the chart sets it at installation' };
}

/** A list or map of a chart's values that a template walks, and what it takes of each entry. */
export interface RangedValues {
  /** Keys below the values' root. */
  readonly path: readonly string[];
  /** Fields of an entry, the first that is filled counts; empty: the entry itself. */
  readonly fields: readonly string[];
  /** The entry's key counts instead. */
  readonly byKey: boolean;
}

const STEP = /\$?\.Values\.([\w.]+)/;

/**
 * Which values stand behind a scalar that is one action within `{{ range .Values.topics }}`: `{{ .name }}`, `{{ $topic.name | quote }}`,
 * `{{ .topicName | default .name }}`, `{{ . }}`, `{{ $key }}`. Null for everything else. O(text before).
 */
export function rangedValues(file: SourceFile, node: DataNode | undefined): RangedValues | null {
  if (node?.kind !== 'scalar') return null;
  const text = file.text.slice(node.start, node.end).replaceAll(/^["']|["']$/g, '');
  const inner = /^\{\{-?\s*([^{}]*?)\s*-?\}\}$/.exec(text)?.[1];
  if (inner === undefined) return null;
  const open: (RangedLoop | null)[] = [];
  for (const match of file.text
    .slice(0, node.start)
    .matchAll(/\{\{-?\s*(range|if|with|define|block|end)\b([^}]*)\}\}/g)) {
    if (match[1] === 'end') open.pop();
    else open.push(match[1] === 'range' ? loopOf(match[2] ?? '') : null);
  }
  const loop = open.findLast((one) => one !== null);
  if (loop === undefined || loop === null) return null;
  const [first = '', ...pipes] = inner.split('|').map((part) => part.trim());
  if (loop.key !== null && first === loop.key && pipes.every((pipe) => HARMLESS.test(pipe)))
    return { path: loop.path, fields: [], byKey: true };
  const fields: string[] = [];
  for (const part of [first, ...pipes.map((pipe) => /^default\s+(\S+)$/.exec(pipe)?.[1] ?? pipe)]) {
    if (part !== first && HARMLESS.test(part)) continue;
    const [, variable, field] = /^(\$\w+)?(?:\.([\w.]*))?$/.exec(part) ?? [];
    if (variable === undefined && field === undefined) return null;
    if (variable !== undefined && variable !== loop.value) return null;
    if (field === undefined || field === '') return { path: loop.path, fields: [], byKey: false };
    if (field.includes('.')) return null;
    fields.push(field);
  }
  return fields.length === 0 ? null : { path: loop.path, fields, byKey: false };
}

const HARMLESS = /^(?:quote|squote|toString|trim)$/;

interface RangedLoop {
  readonly path: readonly string[];
  readonly key: string | null;
  readonly value: string | null;
}

function loopOf(expression: string): RangedLoop | null {
  const [, variables, source] = /^\s*(?:([^:=]+):=\s*)?(\S+)\s*-?$/.exec(expression) ?? [];
  const path = STEP.exec(source ?? '');
  if (path === null || path[0] !== source) return null;
  const names = (variables ?? '').split(',').map((name) => name.trim());
  const [first = '', second] = names;
  return {
    path: (path[1] ?? '').split('.'),
    key: second === undefined ? null : first,
    value: second ?? (first === '' ? null : first),
  };
}

/** The values file of the chart around a file below `templates/`. */
export function valuesOf(file: SourceFile): { readonly file: string; readonly module: string } | null {
  const match = /^(.*\/)?templates\/(.*)$/.exec(file.path);
  if (match === null) return null;
  const depth = (match[2] ?? '').split('/').length;
  return { file: `${match[1] ?? ''}values.yaml`, module: `${'../'.repeat(depth)}values.yaml` };
}

/**
 * The text with template actions replaced by as many other characters: blanks for comments and for lines of actions alone, letters of a private
 * area within a line. Offsets stay what they were. O(text).
 */
function maskActions(text: string): string {
  let result = '';
  let position = 0;
  while (position < text.length) {
    const start = text.indexOf('{{', position);
    if (start < 0) break;
    const close = text.indexOf('}}', start);
    let end = close < 0 ? text.length : close + 2;
    // Several actions on one line count as one where only blanks are between them.
    for (let following = close; following >= 0; end = following < 0 ? end : following + 2) {
      const next = /^[ \t]*\{\{/.exec(text.slice(end, end + 200));
      following = next === null ? -1 : text.indexOf('}}', end + next[0].length);
    }
    result += text.slice(position, start);
    const action = text.slice(start, end);
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    const lineEnd = text.indexOf('\n', end);
    const alone =
      text.slice(lineStart, start).trim() === '' && text.slice(end, lineEnd < 0 ? text.length : lineEnd).trim() === '';
    result +=
      alone || action.includes('\n') ? action.replaceAll(/[^\r\n]/g, ' ') : FIRST + MORE.repeat(action.length - 1);
    position = end;
  }
  return result + text.slice(position);
}

/** Removes masks from a text for people. */
export function withoutMask(text: string): string {
  return text.replaceAll(MASK, '…');
}

/** Words that stand for an environment in a namespace: copies of one system for several of them are one system. */
const ENVIRONMENT =
  /(?:^|[-_.])(?:dev|develop|development|stg|stage|staging|prod|production|prd|preprod|test|testing|qa|uat|integration|sandbox|local|demo|preview)(?=$|[-_.])/g;

/** What tells objects of one name apart: the namespace without its environment; nothing where there is none to speak of. */
export function namespaceHosts(namespace: string): readonly string[] {
  const clean = namespace.replaceAll(ENVIRONMENT, '').replaceAll(/^[-_.]+|[-_.]+$/g, '');
  return clean === '' || clean === 'default' ? [] : [clean];
}

/** Whether a channel's own name says that it is for dead letters: `orders-dlq`, `shop.dlx`, `dead-letter`. */
export function isDeadLetterName(name: string): boolean {
  return /(?:^|[-._])(?:dlq|dlx|dlt|dls|dead[-_.]?letters?(?:[-_.](?:queue|topic|exchange|channel|broker))?)$/i.test(
    name,
  );
}

/** Appends whole documents to a file. Each text is YAML without `---`, indented by two blanks, with `\n` at its end. */
export function appendDocuments(document: DataDocument, texts: readonly string[]): readonly TextEdit[] {
  const { file } = document;
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const body = file.text.replace(/\s+$/, '');
  const bare = /(?:^|\n)---$/.test(body);
  const written = texts.map((text, index) => `${index === 0 && bare ? '' : '---\n'}${text}`).join('');
  // An insertion, so that it may stand where another one ends the last document.
  return [
    {
      file: file.path,
      range: rangeAt(file, body.length, body.length),
      newText: `\n${written.trimEnd()}`.replaceAll('\n', eol),
    },
  ];
}
