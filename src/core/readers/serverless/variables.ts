// Variables of the Serverless Framework (v3 and v4 syntax, `${type:address, fallback}`) put in their places, as far as one file tells.
// Known: `self`, `sls:stage`, `opt` and `env` with fallbacks, `param`. Open, with the reason: everything else (`file`, `cf`, `ssm`, `aws`, …).
import type { Problem, SourceFile } from '../../model/source.ts';
import { rangeAt } from '../../model/source.ts';
import { alternativesOf, VARIABLE } from '../../syntax/aws/framework-variables.ts';
import type { DataNode, DataScalar } from '../../syntax/data.ts';
import { get, textOf } from '../../syntax/data.ts';

/** More values than this are not made of a file by putting variables in their places. */
const MAX_SIZE = 200_000;
const MAX_DEPTH = 60;
const MAX_TEXT = 20_000;
const MAX_STEPS = 200;
const MAX_VALUES = 80;
/** Stand for the braces of a variable that stays open, so that it is not looked at again. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const INNERMOST = /\$\{([^${}]*(?:\$(?!\{)[^${}]*)*)\}/;

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

/** Puts the variables of a whole document in their places; in a part of one, `part` says what `self` has there. Nodes keep the place where they are used; texts keep what stays open as written. */
export function expandVariables(
  file: SourceFile,
  root: DataNode,
  part: ReadonlyMap<string, string> | null = null,
): Expanded {
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
      const scalar = expandScalar({ ...node, value: node.value }, depth);
      // The old plugin for references in texts writes them with a hash.
      if (scalar.kind !== 'scalar' || scalar.tag !== null || typeof scalar.value !== 'string') return scalar;
      return /#\{[A-Za-z0-9:.]+\}/.test(scalar.value)
        ? { ...scalar, tag: '!Sub', value: scalar.value.replaceAll(/#\{([A-Za-z0-9:.]+)\}/g, '${$1}') }
        : scalar;
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
    let text = node.value;
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
    if (part !== null && /^(?:self|sls|param)$/.test(type)) {
      const known = part.get(type === 'sls' && address === 'stage' ? 'self:provider.stage' : `${type}:${address}`);
      return known === undefined ? { kind: 'open' } : { kind: 'text', text: known };
    }
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

/** What a variable that includes another file names: its path as written, and the address within. Null for everything else. */
export function includeOf(node: DataNode): { readonly path: string; readonly address: string } | null {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return null;
  const match = /^\$\{\s*file\(\s*['"]?([^'")]+?)['"]?\s*\)(?::([^,}]*))?(?:,[^}]*)?\}$/.exec(node.value.trim());
  return match?.[1] === undefined ? null : { path: match[1], address: (match[2] ?? '').trim() };
}

/** Texts of the whole that its parts may ask for, by their variables: the service, the stage, what stands in `custom`. */
export function valuesForParts(root: DataNode): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const note = (address: string, node: DataNode | undefined, depth: number): void => {
    if (node === undefined || values.size >= MAX_VALUES || depth > 4) return;
    if (node.kind === 'map') for (const entry of node.entries) note(`${address}.${entry.key}`, entry.value, depth + 1);
    const text = node.tag === null ? textOf(node) : undefined;
    if (text !== undefined && text.length < 200) values.set(`self:${address}`, text);
  };
  const service = get(root, 'service');
  note('service', service?.kind === 'map' ? get(service, 'name') : service, 0);
  note('service.name', service?.kind === 'map' ? get(service, 'name') : service, 0);
  const provider = get(root, 'provider');
  note('provider.stage', get(provider, 'stage'), 0);
  if (!values.has('self:provider.stage') && get(provider, 'stage') === undefined)
    values.set('self:provider.stage', 'dev');
  note('provider.region', get(provider, 'region'), 0);
  note('custom', get(root, 'custom'), 0);
  return values;
}
