// HCL 2 (Terraform 1.x, OpenTofu) → a plain tree that outlives the parser's: bodies, blocks, attributes and expressions with their offsets.
// Parsed by tree-sitter. Comments are not kept (edits insert beside them), template directives (`%{ if }`) stay unread, nothing is evaluated.
import type { Location, Problem, SourceFile } from '../model/source.ts';
import { locationAt, rangeAt } from '../model/source.ts';
import type { SyntaxNode, SyntaxTree } from './code.ts';
import { namedChildren } from './nodes.ts';

/** Offsets into the file's text, end exclusive. */
export interface HclSpan {
  readonly start: number;
  readonly end: number;
}

/** One file. */
export interface HclFile {
  readonly kind: 'hcl';
  readonly file: SourceFile;
  readonly body: HclBody;
  readonly problems: readonly Problem[];
}

export interface HclBody extends HclSpan {
  readonly attributes: readonly HclAttribute[];
  readonly blocks: readonly HclBlock[];
}

export interface HclAttribute extends HclSpan {
  readonly name: string;
  /** Where the name ends; it starts where the attribute does. */
  readonly nameEnd: number;
  readonly value: HclExpression;
}

export interface HclLabel extends HclSpan {
  readonly text: string;
}

export interface HclBlock extends HclSpan {
  readonly type: string;
  readonly labels: readonly HclLabel[];
  /** Offsets just behind `{` and at `}`. */
  readonly body: HclBody;
}

export type HclExpression = HclSpan &
  (
    | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
    /** `raw` offsets tell heredocs (line by line as written) from quoted texts. */
    | { readonly kind: 'template'; readonly parts: readonly (string | HclExpression)[]; readonly heredoc: boolean }
    | { readonly kind: 'list'; readonly items: readonly HclExpression[] }
    | {
        readonly kind: 'object';
        readonly entries: readonly { readonly key: HclExpression; readonly value: HclExpression }[];
      }
    /** The first name of a traversal. */
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'attribute'; readonly of: HclExpression; readonly name: string }
    | { readonly kind: 'index'; readonly of: HclExpression; readonly key: HclExpression }
    /** `of[*].a.b`: the path is applied to each item. */
    | { readonly kind: 'splat'; readonly of: HclExpression; readonly path: readonly (string | HclExpression)[] }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly args: readonly HclExpression[];
        readonly spread: boolean;
      }
    | { readonly kind: 'choice'; readonly test: HclExpression; readonly yes: HclExpression; readonly no: HclExpression }
    | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly HclExpression[] }
    /** `makesKey` null: a list; else an object. */
    | {
        readonly kind: 'for';
        readonly keyName: string | null;
        readonly valueName: string;
        readonly of: HclExpression;
        readonly makesKey: HclExpression | null;
        readonly makes: HclExpression;
        readonly when: HclExpression | null;
        readonly grouped: boolean;
      }
    | { readonly kind: 'unread' }
  );

const MAX_DEPTH = 120;
const MAX_PROBLEMS = 20;

/** The plain tree of a file. Broken parts become problems, the rest is read. O(nodes). */
export function readHcl(file: SourceFile, tree: SyntaxTree): HclFile {
  const root = tree.rootNode;
  const problems: Problem[] = [];
  if (root.hasError) collectProblems(file, root, problems);
  const body = namedChildren(root).find((node) => node.type === 'body');
  const empty: HclBody = { start: 0, end: file.text.length, attributes: [], blocks: [] };
  return { kind: 'hcl', file, body: body === undefined ? empty : bodyOf(file, body, 0, file.text.length), problems };
}

/** Whether a kept part is a file of HCL. */
export function isHclFile(value: unknown): value is HclFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'hcl';
}

/** The attribute of a body under a name, or undefined. */
export function attributeOf(body: HclBody, name: string): HclAttribute | undefined {
  return body.attributes.find((attribute) => attribute.name === name);
}

/** Where something of a file stands. */
export function hclLocation(file: SourceFile, span: HclSpan): Location {
  return locationAt(file, span.start, span.end);
}

function collectProblems(file: SourceFile, root: SyntaxNode, problems: Problem[]): void {
  const queue: SyntaxNode[] = [root];
  for (let node = queue.pop(); node !== undefined && problems.length < MAX_PROBLEMS; node = queue.pop()) {
    const isMissing = node.children.length === 0 && node.startIndex === node.endIndex && node.hasError;
    if (node.type === 'ERROR' || isMissing) {
      const end = Math.min(node.endIndex, endOfLine(file, node.startIndex));
      const seen = file.text.slice(node.startIndex, end).trim();
      problems.push({
        file: file.path,
        range: rangeAt(file, node.startIndex, Math.max(end, node.startIndex)),
        message:
          isMissing || seen === ''
            ? 'Not valid HCL: something is missing here.'
            : `Not valid HCL: "${seen.length > 60 ? `${seen.slice(0, 59)}…` : seen}" was not expected here.`,
        syntax: true,
      });
      continue;
    }
    for (const child of node.children.toReversed()) if (child !== null && child.hasError) queue.push(child);
  }
  problems.sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

function endOfLine(file: SourceFile, offset: number): number {
  const end = file.text.indexOf('\n', offset);
  return end < 0 ? file.text.length : end;
}

function bodyOf(file: SourceFile, node: SyntaxNode | null, start: number, end: number, depth = 0): HclBody {
  const attributes: HclAttribute[] = [];
  const blocks: HclBlock[] = [];
  for (const child of node === null || depth > MAX_DEPTH ? [] : namedChildren(node)) {
    if (child.type === 'attribute') {
      const [name, value] = namedChildren(child);
      if (name === undefined || value === undefined || value.type !== 'expression') continue;
      attributes.push({
        name: name.text,
        nameEnd: name.endIndex,
        value: expressionOf(file, value, depth + 1),
        start: child.startIndex,
        end: child.endIndex,
      });
    } else if (child.type === 'block') {
      const block = blockOf(file, child, depth + 1);
      if (block !== null) blocks.push(block);
    }
  }
  return { start, end, attributes, blocks };
}

function blockOf(file: SourceFile, node: SyntaxNode, depth: number): HclBlock | null {
  const parts = namedChildren(node);
  const [type] = parts;
  const open = parts.find((part) => part.type === 'block_start');
  const close = parts.find((part) => part.type === 'block_end');
  if (type === undefined || open === undefined) return null;
  const labels = parts.slice(1).flatMap((part): HclLabel[] => {
    if (part.startIndex >= open.startIndex) return [];
    if (part.type === 'identifier') return [{ text: part.text, start: part.startIndex, end: part.endIndex }];
    return part.type === 'string_lit'
      ? [{ text: part.text.slice(1, -1), start: part.startIndex + 1, end: part.endIndex - 1 }]
      : [];
  });
  const end = close === undefined ? node.endIndex : close.startIndex;
  const body = bodyOf(
    file,
    parts.find((part) => part.type === 'body') ?? null,
    open.endIndex,
    Math.max(open.endIndex, end),
    depth,
  );
  return { type: type.text, labels, body, start: node.startIndex, end: node.endIndex };
}

function expressionOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  if (depth > MAX_DEPTH || node.hasError) return { kind: 'unread', ...span };
  return (
    termOf(
      file,
      node.children.filter((child): child is SyntaxNode => child !== null && child.type !== 'comment'),
      depth + 1,
    ) ?? { kind: 'unread', ...span }
  );
}

/** A term: its base and what is applied to it, as the grammar strings them in one row. */
function termOf(file: SourceFile, row: readonly SyntaxNode[], depth: number): HclExpression | null {
  let [base] = row;
  let next = 1;
  if (base?.type === '(') {
    base = row[1];
    next = 3;
  }
  if (base === undefined || depth > MAX_DEPTH) return null;
  let result = baseOf(file, base, depth);
  for (const node of row.slice(next)) {
    const span = { start: result.start, end: node.endIndex };
    switch (node.type) {
      case 'get_attr':
        result = { kind: 'attribute', of: result, name: namedChildren(node)[0]?.text ?? '', ...span };
        break;
      case 'index':
        result = { kind: 'index', of: result, key: indexOf(file, node, depth), ...span };
        break;
      case 'splat': {
        const path: (string | HclExpression)[] = [];
        for (const part of namedChildren(namedChildren(node)[0] ?? node)) {
          if (part.type === 'get_attr') path.push(namedChildren(part)[0]?.text ?? '');
          else if (part.type === 'index') path.push(indexOf(file, part, depth));
        }
        result = { kind: 'splat', of: result, path, ...span };
        break;
      }
      default:
        return { kind: 'unread', ...span };
    }
  }
  return result;
}

function indexOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const [inner] = namedChildren(node);
  const key = inner === undefined ? undefined : namedChildren(inner).find((child) => child.type === 'expression');
  if (key !== undefined) return expressionOf(file, key, depth + 1);
  const number = /^\.(\d+)$/.exec(node.text.trim())?.[1];
  const span = { start: node.startIndex, end: node.endIndex };
  return number === undefined ? { kind: 'unread', ...span } : { kind: 'literal', value: Number(number), ...span };
}

function baseOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  const inner = namedChildren(node);
  const [first] = inner;
  switch (node.type) {
    case 'expression':
      return expressionOf(file, node, depth + 1);
    case 'literal_value':
      return literalOf(file, first, span);
    case 'string_lit':
      return literalOf(file, node, span);
    case 'template_expr':
      return first === undefined ? { kind: 'unread', ...span } : templateOf(file, first, depth + 1);
    case 'collection_value':
      return first === undefined ? { kind: 'unread', ...span } : collectionOf(file, first, depth + 1);
    case 'variable_expr':
      return { kind: 'name', name: node.text, ...span };
    case 'function_call': {
      const given = inner.find((child) => child.type === 'function_arguments');
      const args = given === undefined ? [] : namedChildren(given);
      return {
        kind: 'call',
        name: first?.text ?? '',
        args: args.filter((arg) => arg.type === 'expression').map((arg) => expressionOf(file, arg, depth + 1)),
        spread: args.some((arg) => arg.type === 'ellipsis'),
        ...span,
      };
    }
    case 'conditional': {
      const [test, yes, no] = inner
        .filter((child) => child.type === 'expression')
        .map((child) => expressionOf(file, child, depth + 1));
      return test === undefined || yes === undefined || no === undefined
        ? { kind: 'unread', ...span }
        : { kind: 'choice', test, yes, no, ...span };
    }
    case 'operation':
      return first === undefined ? { kind: 'unread', ...span } : operationOf(file, first, depth + 1);
    case 'for_expr':
      return first === undefined ? { kind: 'unread', ...span } : forOf(file, first, depth + 1);
    default:
      return { kind: 'unread', ...span };
  }
}

function literalOf(file: SourceFile, node: SyntaxNode | undefined, span: HclSpan): HclExpression {
  if (node === undefined) return { kind: 'unread', ...span };
  switch (node.type) {
    case 'string_lit':
      return { kind: 'literal', value: unescaped(file.text.slice(node.startIndex + 1, node.endIndex - 1)), ...span };
    case 'numeric_lit':
      return { kind: 'literal', value: Number(node.text), ...span };
    case 'bool_lit':
      return { kind: 'literal', value: node.text === 'true', ...span };
    case 'null_lit':
      return { kind: 'literal', value: null, ...span };
    default:
      return { kind: 'unread', ...span };
  }
}

function templateOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  const heredoc = node.type === 'heredoc_template';
  const inner = namedChildren(node);
  const identifiers = inner.filter((child) => child.type === 'heredoc_identifier');
  // The text between interpolations is taken from the file: the grammar skips blanks in places.
  let from = heredoc ? endOfLine(file, identifiers[0]?.endIndex ?? node.startIndex) + 1 : node.startIndex + 1;
  const until = heredoc ? (identifiers[1]?.startIndex ?? node.endIndex) : node.endIndex - 1;
  const parts: (string | HclExpression)[] = [];
  const text = (end: number): void => {
    if (end <= from) return;
    const written = file.text.slice(from, end);
    parts.push(heredoc ? written.replaceAll('$${', '${').replaceAll('%%{', '%{') : unescaped(written));
  };
  for (const child of inner) {
    if (child.type !== 'template_interpolation' && child.type !== 'template_directive') continue;
    text(child.startIndex);
    from = child.endIndex;
    const expression = namedChildren(child).find((part) => part.type === 'expression');
    parts.push(
      child.type === 'template_interpolation' && expression !== undefined
        ? expressionOf(file, expression, depth + 1)
        : { kind: 'unread', start: child.startIndex, end: child.endIndex },
    );
  }
  text(until);
  return { kind: 'template', parts, heredoc, ...span };
}

function unescaped(text: string): string {
  if (!/[\\$%]/.test(text)) return text;
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{/gs,
    (whole, short?: string, long?: string, char?: string, sign?: string) => {
      if (sign !== undefined) return `${sign}{`;
      const code = short ?? long;
      if (code !== undefined) {
        const point = Number.parseInt(code, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
      }
      return char === 'n' ? '\n' : char === 't' ? '\t' : char === 'r' ? '\r' : (char ?? whole);
    },
  );
}

function collectionOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  if (node.type === 'tuple')
    return {
      kind: 'list',
      items: namedChildren(node)
        .filter((child) => child.type === 'expression')
        .map((child) => expressionOf(file, child, depth + 1)),
      ...span,
    };
  if (node.type !== 'object') return { kind: 'unread', ...span };
  const entries: { readonly key: HclExpression; readonly value: HclExpression }[] = [];
  for (const child of namedChildren(node)) {
    if (child.type !== 'object_elem') continue;
    const key = child.childForFieldName('key');
    const value = child.childForFieldName('val');
    if (key === null || value === null) continue;
    const name = expressionOf(file, key, depth + 1);
    // A bare word is a key by its own name; in brackets it would be a reference.
    const isBare = name.kind === 'name' && !key.text.startsWith('(');
    entries.push({
      key: isBare ? { kind: 'literal', value: name.name, start: name.start, end: name.end } : name,
      value: expressionOf(file, value, depth + 1),
    });
  }
  return { kind: 'object', entries, ...span };
}

function operationOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  const row = node.children.filter((child): child is SyntaxNode => child !== null && child.type !== 'comment');
  const [first] = row;
  if (node.type === 'unary_operation') {
    const operand = termOf(file, row.slice(1), depth + 1);
    return operand === null
      ? { kind: 'unread', ...span }
      : { kind: 'operation', operator: first?.text ?? '', operands: [operand], ...span };
  }
  const at = row.findIndex((child, index) => index > 0 && !child.isNamed && child.type !== '(' && child.type !== ')');
  const left = at < 0 ? null : termOf(file, row.slice(0, at), depth + 1);
  const right = at < 0 ? null : termOf(file, row.slice(at + 1), depth + 1);
  return left === null || right === null
    ? { kind: 'unread', ...span }
    : { kind: 'operation', operator: row[at]?.text ?? '', operands: [left, right], ...span };
}

function forOf(file: SourceFile, node: SyntaxNode, depth: number): HclExpression {
  const span = { start: node.startIndex, end: node.endIndex };
  const inner = namedChildren(node);
  const intro = inner.find((child) => child.type === 'for_intro');
  const names = intro === undefined ? [] : namedChildren(intro).filter((child) => child.type === 'identifier');
  const source = intro === undefined ? undefined : namedChildren(intro).find((child) => child.type === 'expression');
  const made = inner
    .filter((child) => child.type === 'expression')
    .map((child) => expressionOf(file, child, depth + 1));
  const condition = inner.find((child) => child.type === 'for_cond');
  const when =
    condition === undefined ? undefined : namedChildren(condition).find((child) => child.type === 'expression');
  const [makesKey, makesValue] = node.type === 'for_object_expr' ? [made[0] ?? null, made[1]] : [null, made[0]];
  const valueName = names.at(-1)?.text;
  if (source === undefined || makesValue === undefined || valueName === undefined) return { kind: 'unread', ...span };
  return {
    kind: 'for',
    keyName: names.length > 1 ? (names[0]?.text ?? null) : null,
    valueName,
    of: expressionOf(file, source, depth + 1),
    makesKey,
    makes: makesValue,
    when: when === undefined ? null : expressionOf(file, when, depth + 1),
    grouped: inner.some((child) => child.type === 'ellipsis'),
    ...span,
  };
}
