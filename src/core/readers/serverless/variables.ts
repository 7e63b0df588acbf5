// Variables of the Serverless Framework (v3 and v4 syntax, `${type:address, fallback}`) put in their places, as far as one file tells.
// Known: `self`, `sls:stage`, `opt` and `env` with fallbacks, `param`. Open, with the reason: everything else (`file`, `cf`, `ssm`, `aws`, …).
import { literal } from '../../model/name.ts';
import type { Problem, SourceFile } from '../../model/source.ts';
import { rangeAt } from '../../model/source.ts';
import type { Value } from '../../syntax/aws/values.ts';
import type { DataNode, DataScalar } from '../../syntax/data.ts';
import { get } from '../../syntax/data.ts';

/** More values than this are not made of a file by putting variables in their places. */
const MAX_SIZE = 200_000;
const MAX_DEPTH = 60;
const MAX_TEXT = 20_000;
const MAX_STEPS = 200;
/** Stand for the braces of a variable that stays open, so that it is not looked at again. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const INNERMOST = /\$\{([^${}]*(?:\$(?!\{)[^${}]*)*)\}/;
const VARIABLE = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\([^)]*\)|\.[a-z0-9-]+)?:(?!:)/;
const KNOWN_TYPES = /^(?:self|opt|env|sls|param|file|cf|ssm|s3|aws|git|construct|terraform|vault|doppler|output)\b/;

type Found =
  | { readonly kind: 'node'; readonly node: DataNode }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'nothing' };

/** A tree whose variables are in their places, with what was odd about them. */
export interface Expanded {
  readonly root: DataNode;
  readonly problems: readonly Problem[];
}

/** Puts the variables of a whole document in their places. Nodes keep the place where they are used; texts keep what stays open as written. */
export function expandVariables(file: SourceFile, root: DataNode): Expanded {
  const problems: Problem[] = [];
  const sizes = new WeakMap<DataNode, number>();
  const memo = new WeakMap<DataNode, DataNode>();
  const busy = new Set<DataNode>();

  function expand(node: DataNode, depth: number): DataNode {
    const known = memo.get(node);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH || busy.has(node)) return node;
    busy.add(node);
    const result = expanded(node, depth);
    busy.delete(node);
    memo.set(node, result);
    return result;
  }

  function expanded(node: DataNode, depth: number): DataNode {
    if (node.kind === 'scalar') {
      if (typeof node.value !== 'string' || !/\$\{|#\{/.test(node.value)) return node;
      return expandScalar({ ...node, value: node.value }, depth);
    }
    const result: DataNode =
      node.kind === 'seq'
        ? { ...node, items: node.items.map((item) => expand(item, depth + 1)) }
        : { ...node, entries: node.entries.map((entry) => ({ ...entry, value: expand(entry.value, depth + 1) })) };
    let size = 1;
    for (const child of result.kind === 'seq' ? result.items : result.entries.map(({ value }) => value))
      size += sizes.get(child) ?? 1;
    sizes.set(result, size);
    return size > MAX_SIZE ? node : result;
  }

  function expandScalar(node: DataScalar & { readonly value: string }, depth: number): DataNode {
    // The old plugin for pseudo parameters writes them with a hash.
    let text = node.value.replaceAll(/#\{(AWS::[A-Za-z]+)\}/g, `${OPEN}$1${CLOSE}`);
    for (let step = 0; step < MAX_STEPS && text.length < MAX_TEXT; step++) {
      const match = INNERMOST.exec(text);
      if (match === null) break;
      const inner = match[1] ?? '';
      const before = text.slice(0, match.index);
      const after = text.slice(match.index + match[0].length);
      const found: Found = VARIABLE.test(inner) ? resolve(inner, node, depth) : { kind: 'open' };
      if (!VARIABLE.test(inner)) noteTypo(inner, node);
      if (found.kind === 'node' && before === '' && after === '')
        return found.node.kind === 'scalar' ? { ...found.node, start: node.start, end: node.end } : found.node;
      const put =
        found.kind === 'text'
          ? found.text
          : found.kind === 'node' && found.node.kind === 'scalar' && found.node.value !== null
            ? String(found.node.value)
            : `${OPEN}${inner.replaceAll(OPEN, '(').replaceAll(CLOSE, ')').trim()}${CLOSE}`;
      text = before + put + after;
    }
    return { ...node, value: text.replaceAll(OPEN, '${').replaceAll(CLOSE, '}') };
  }

  function noteTypo(inner: string, node: DataScalar): void {
    if (!/^(?:self|opt|env|sls|param)\.[\w.-]+$/.test(inner)) return;
    const type = inner.slice(0, inner.indexOf('.'));
    problems.push({
      file: file.path,
      range: rangeAt(file, node.start, node.end),
      message: `\`\${${inner}}\` is no variable and stays as it is written: \`${type}:\` with a colon is expected.`,
    });
  }

  /** The first of a variable's alternatives that has a value. */
  function resolve(inner: string, place: DataScalar, depth: number): Found {
    for (const alternative of alternativesOf(inner)) {
      const found = alternativeOf(alternative, place, depth);
      if (found.kind !== 'nothing') return found;
    }
    return { kind: 'open' };
  }

  function alternativeOf(text: string, place: DataScalar, depth: number): Found {
    const quoted = /^(['"])(.*)\1$/s.exec(text);
    if (quoted !== null) return { kind: 'text', text: quoted[2] ?? '' };
    if (text === '' || /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text)) return { kind: 'text', text };
    if (text === 'null') return { kind: 'nothing' };
    if (text.includes(OPEN)) return { kind: 'open' };
    const colon = text.indexOf(':');
    const type = /^[A-Za-z0-9]+/.exec(text)?.[0] ?? '';
    const address = colon < 0 ? '' : text.slice(colon + 1).trim();
    switch (type) {
      case 'self':
        return selfOf(address, depth);
      case 'sls':
        return address === 'stage' ? stageOf(depth) : { kind: 'open' };
      case 'param':
        return paramOf(address, depth);
      case 'opt':
      case 'env':
        // Given from outside, or not: what is written behind the comma holds by default.
        return { kind: 'nothing' };
      default:
        void place;
        return { kind: 'open' };
    }
  }

  function selfOf(address: string, depth: number): Found {
    let current: DataNode | undefined = root;
    const steps = address.split('.').filter((step) => step !== '');
    if (steps.length === 0) return { kind: 'open' };
    for (const [index, step] of steps.entries()) {
      // The text of a variable on the way is looked into.
      if (current.kind === 'scalar') current = expand(current, depth + 1);
      if (current.kind === 'scalar' && index === 1 && steps[0] === 'service' && step === 'name') break;
      const next: DataNode | undefined =
        current.kind === 'seq' ? (/^\d+$/.test(step) ? current.items[Number(step)] : undefined) : get(current, step);
      if (next === undefined) {
        if (address === 'provider.stage') return { kind: 'text', text: 'dev' };
        if (address === 'provider.region') return { kind: 'text', text: 'us-east-1' };
        // What stands in another file cannot be looked into; what stands nowhere has no value.
        return current.kind === 'scalar' && typeof current.value === 'string' && current.value.includes('${')
          ? { kind: 'open' }
          : { kind: 'nothing' };
      }
      current = next;
    }
    if (steps.length === 1 && steps[0] === 'service' && current.kind === 'map')
      current = get(current, 'name') ?? current;
    if (busy.has(current) || depth > MAX_DEPTH) return { kind: 'open' };
    const node = expand(current, depth + 1);
    if (node.kind === 'scalar' && node.value === null) return { kind: 'nothing' };
    // What stays open there is named by its own variable.
    return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('${')
      ? { kind: 'text', text: node.value.replaceAll('${', OPEN).replaceAll('}', CLOSE) }
      : { kind: 'node', node };
  }

  function stageOf(depth: number): Found {
    const found = selfOf('provider.stage', depth);
    return found.kind === 'nothing' ? { kind: 'text', text: 'dev' } : found;
  }

  function paramOf(name: string, depth: number): Found {
    const found = stageOf(depth);
    const stage =
      found.kind === 'text'
        ? found.text
        : found.kind === 'node' && found.node.kind === 'scalar'
          ? String(found.node.value)
          : '';
    for (const address of [
      `params.${stage}.${name}`,
      `stages.${stage}.params.${name}`,
      `params.default.${name}`,
      `stages.default.params.${name}`,
    ]) {
      const value = selfOf(address, depth);
      if (value.kind !== 'nothing') return value;
    }
    return { kind: 'open' };
  }

  return { root: expand(root, 0), problems };
}

/** What a variable that stayed open means within a template; null for names of CloudFormation. */
export function openVariable(name: string, node: DataNode): Value | null {
  if (name.startsWith('AWS::')) return { kind: 'pseudo', id: name, node };
  if (!KNOWN_TYPES.test(name) || !VARIABLE.test(name)) return null;
  const [first = name, ...others] = alternativesOf(name);
  const address = first.slice(first.indexOf(':') + 1).trim();
  const type = /^[A-Za-z0-9]+/.exec(first)?.[0] ?? '';
  if (first.includes('(') && !/^(?:ssm|cf|file|s3)\(/.test(first))
    return { kind: 'unknown', reason: `\${${name}} depends on a value that is given from outside`, node };
  switch (type) {
    case 'ssm':
      return {
        kind: 'import',
        space: 'ssm-parameter',
        name: literal(address.replace(/~(?:true|split|raw)$/, '')),
        node,
      };
    case 'cf':
      return { kind: 'import', space: 'cloudformation-export', name: literal(stackOutput(address)), node };
    case 'file':
      return {
        kind: 'unknown',
        reason: `it stands in ${/^file\(([^)]*)\)/.exec(first)?.[1]?.trim() ?? 'another file'}`,
        node,
      };
    case 'opt':
      return { kind: 'unknown', reason: `the option ${address} is given on the command line`, node };
    case 'env':
      return { kind: 'unknown', reason: `the environment variable ${address} is set outside of the file`, node };
    case 'self':
      return {
        kind: 'unknown',
        reason:
          others.length === 0 ? `nothing stands at ${address} in the file` : `none of its alternatives is in the file`,
        node,
      };
    case 'param':
      return { kind: 'unknown', reason: `the parameter ${address} is set outside of the file`, node };
    default:
      return { kind: 'unknown', reason: `${first} is known when it is deployed`, node };
  }
}

/** The name under which a stack's output is exported to variables of other files: no name that CloudFormation allows for exports. */
export function stackOutput(address: string): string {
  return `output ${address}`;
}

/** What a variable that includes another file names: its path as written, and the address within. Null for everything else. */
export function includeOf(node: DataNode): { readonly path: string; readonly address: string } | null {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return null;
  const match = /^\$\{\s*file\(\s*['"]?([^'")]+?)['"]?\s*\)(?::([^,}]*))?(?:,[^}]*)?\}$/.exec(node.value.trim());
  return match?.[1] === undefined ? null : { path: match[1], address: (match[2] ?? '').trim() };
}

/** A variable's alternatives, split at commas outside of quotes and parentheses. */
function alternativesOf(inner: string): readonly string[] {
  const parts: string[] = [];
  let quote = '';
  let depth = 0;
  let start = 0;
  for (let index = 0; index < inner.length; index++) {
    const char = inner[index] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(inner.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(inner.slice(start).trim());
  return parts;
}
