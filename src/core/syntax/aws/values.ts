// What a property's value is, as far as one template tells: short-form tags and long `Fn::…` forms become one small union.
// Conditions are not evaluated: an `If` has a value only where one side is `AWS::NoValue` or both sides are written alike.
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, get, itemsOf, stringOf, textOf } from '../data.ts';
import type { Template } from './template.ts';

/** A piece of a text: fixed, or open under a name that is shown as `${name}`. */
export type Part =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'open'; readonly name: string; readonly value: Value };

export type Value =
  /** A text; one fixed part where it is literal. */
  | { readonly kind: 'text'; readonly parts: readonly Part[]; readonly node: DataNode }
  | { readonly kind: 'resource'; readonly id: string; readonly attribute: string | null; readonly node: DataNode }
  | { readonly kind: 'parameter'; readonly id: string; readonly node: DataNode }
  | { readonly kind: 'pseudo'; readonly id: string; readonly node: DataNode }
  /** A value that another stack exports, or a parameter of the Systems Manager. */
  | {
      readonly kind: 'import';
      readonly space: 'cloudformation-export' | 'ssm-parameter';
      readonly name: Name;
      readonly node: DataNode;
    }
  /** A map or list that is no function. */
  | { readonly kind: 'plain'; readonly node: DataNode }
  /** `AWS::NoValue`, or nothing written. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly node: DataNode };

/** Names that stand for other values within a text: the second argument of `Fn::Sub`, `DefinitionSubstitutions`. */
export type Substitutions = ReadonlyMap<string, DataNode>;

const NO_SUBSTITUTIONS: Substitutions = new Map();
const MAX_DEPTH = 24;
const SHORT: ReadonlyMap<string, string> = new Map(
  [
    'GetAtt',
    'Sub',
    'ImportValue',
    'Join',
    'Select',
    'If',
    'FindInMap',
    'Split',
    'Base64',
    'Cidr',
    'GetAZs',
    'Transform',
    'ToJsonString',
    'Length',
    'And',
    'Or',
    'Not',
    'Equals',
  ].map((name) => [`!${name}`, `Fn::${name}`]),
);

/** The function that a node calls (`Ref`, `Fn::GetAtt`, …) and its argument; null for plain values. */
export function callOf(node: DataNode): { readonly name: string; readonly argument: DataNode } | null {
  if (node.tag !== null) {
    const name = node.tag === '!Ref' ? 'Ref' : SHORT.get(node.tag);
    return name === undefined ? null : { name, argument: node };
  }
  if (node.kind !== 'map' || node.entries.length !== 1) return null;
  const [entry] = node.entries;
  return entry !== undefined && (entry.key === 'Ref' || entry.key.startsWith('Fn::'))
    ? { name: entry.key, argument: entry.value }
    : null;
}

/** Evaluates a node. Never throws; what cannot be known carries its reason. */
export function evaluate(
  template: Template,
  node: DataNode | undefined,
  substitutions: Substitutions = NO_SUBSTITUTIONS,
  depth = 0,
): Value {
  if (node === undefined) return { kind: 'none' };
  if (depth > MAX_DEPTH) return { kind: 'unknown', reason: 'it is nested too deep', node };
  const call = callOf(node);
  if (call === null) {
    if (node.tag !== null) return { kind: 'unknown', reason: `${node.tag} is no function of CloudFormation`, node };
    if (node.kind !== 'scalar') return { kind: 'plain', node };
    if (node.value === null) return { kind: 'none' };
    const text = String(node.value);
    if (substitutions.size > 0) return substituted(template, text, node, substitutions, depth, false);
    if (template.variable !== undefined && text.includes('${'))
      return substituted(template, text, node, NO_SUBSTITUTIONS, depth, false);
    return dynamicReference(text, node) ?? { kind: 'text', parts: [{ kind: 'fixed', text }], node };
  }
  const { name, argument } = call;
  switch (name) {
    case 'Ref':
      return reference(template, stringOf(argument) ?? '', null, node);
    case 'Fn::GetAtt': {
      const steps =
        argument.kind === 'seq'
          ? argument.items.map((item) => stringOf(item) ?? '')
          : splitAttribute(stringOf(argument) ?? '');
      return reference(template, steps[0] ?? '', steps.slice(1).join('.'), node);
    }
    case 'Fn::Sub': {
      if (argument.kind === 'seq') {
        const names = new Map(entriesOf(argument.items[1]).map((entry) => [entry.key, entry.value]));
        return substituted(template, stringOf(argument.items[0]) ?? '', node, names, depth, true);
      }
      return substituted(template, textOf(argument) ?? '', node, NO_SUBSTITUTIONS, depth, true);
    }
    case 'Fn::Join': {
      const [separator, list] = itemsOf(argument);
      const glue = textOf(separator) ?? '';
      if (list?.kind !== 'seq' || list.tag !== null)
        return { kind: 'unknown', reason: 'the list that is joined is not written out', node };
      const parts: Part[] = [];
      for (const [index, item] of list.items.entries()) {
        if (index > 0 && glue !== '') parts.push({ kind: 'fixed', text: glue });
        parts.push(...partsOf(evaluate(template, item, substitutions, depth + 1)));
      }
      return joined(parts, node);
    }
    case 'Fn::Select': {
      const [index, list] = itemsOf(argument);
      const item = list?.kind === 'seq' && list.tag === null ? list.items[Number(textOf(index))] : undefined;
      return item === undefined
        ? { kind: 'unknown', reason: 'the list that is selected from is not written out', node }
        : evaluate(template, item, substitutions, depth + 1);
    }
    case 'Fn::FindInMap': {
      const steps = itemsOf(argument).map((item) => (item.tag === null ? stringOf(item) : undefined));
      let found: DataNode | undefined = get(template.root, 'Mappings');
      for (const step of steps) found = step === undefined ? undefined : get(found, step);
      return found === undefined
        ? { kind: 'unknown', reason: 'the mapping is looked up by a value of the deployment', node }
        : evaluate(template, found, substitutions, depth + 1);
    }
    case 'Fn::If': {
      const side = chooseSide(template, argument, depth);
      return side === null
        ? { kind: 'unknown', reason: 'it depends on a condition', node }
        : evaluate(template, side, substitutions, depth + 1);
    }
    case 'Fn::ImportValue': {
      const inner =
        argument === node
          ? evaluateUntagged(template, argument, depth)
          : evaluate(template, argument, substitutions, depth + 1);
      return { kind: 'import', space: 'cloudformation-export', name: nameOf(inner), node };
    }
    default:
      return { kind: 'unknown', reason: `${name} is not evaluated`, node };
  }
}

/**
 * The node behind conditions: the one side of an `If` whose other side is `AWS::NoValue`, undefined where both are, the node itself where it is no
 * condition, and null where the sides differ.
 */
export function chosen(template: Template, node: DataNode | undefined, depth = 0): DataNode | undefined | null {
  if (node === undefined || depth > MAX_DEPTH) return node;
  const call = callOf(node);
  if (call?.name === 'Ref' && stringOf(call.argument) === 'AWS::NoValue') return undefined;
  if (call?.name !== 'Fn::If') return node;
  const side = chooseSide(template, call.argument, depth);
  return side === null ? null : chosen(template, side, depth + 1);
}

/** A literal text, or null for everything else. */
export function literalOf(value: Value): string | null {
  return value.kind === 'text' && value.parts.every((part) => part.kind === 'fixed')
    ? value.parts.map((part) => (part.kind === 'fixed' ? part.text : '')).join('')
    : null;
}

/** A value as a name: fixed parts as they are, open ones as variables. */
export function nameOf(value: Value): Name {
  const parts = partsOf(value).map((part): Name =>
    part.kind === 'fixed' ? literal(part.text) : { kind: 'env', variable: part.name, fallback: null },
  );
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return parts.length === 0 ? { kind: 'unknown', text: '', reason: 'it is empty' } : { kind: 'template', parts };
}

/** A value as a text, open parts as `${NAME}`. */
export function shown(value: Value): string {
  return partsOf(value)
    .map((part) => (part.kind === 'fixed' ? part.text : `\${${part.name}}`))
    .join('');
}

/** The pieces of any value. */
export function partsOf(value: Value): readonly Part[] {
  switch (value.kind) {
    case 'text':
      return value.parts;
    case 'resource':
      return [
        {
          kind: 'open',
          name: value.attribute === null || value.attribute === '' ? value.id : `${value.id}.${value.attribute}`,
          value,
        },
      ];
    case 'parameter':
    case 'pseudo':
      return [{ kind: 'open', name: value.id, value }];
    case 'import':
      return [{ kind: 'open', name: value.name.kind === 'literal' ? value.name.value : 'import', value }];
    case 'none':
      return [];
    case 'plain':
    case 'unknown':
      return [{ kind: 'open', name: '…', value }];
  }
}

function splitAttribute(text: string): readonly string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function reference(template: Template, id: string, attribute: string | null, node: DataNode): Value {
  if (id === 'AWS::NoValue') return { kind: 'none' };
  if (id.startsWith('AWS::')) return { kind: 'pseudo', id, node };
  if (template.resources.has(id)) return { kind: 'resource', id, attribute, node };
  const parameter = template.parameters.get(id);
  if (parameter === undefined) {
    // SAM names the alias and the version of a function `Fn.Alias` and `Fn.Version`, also within Ref.
    const [first, rest] = splitAttribute(id);
    if (first !== undefined && rest !== undefined && template.resources.has(first))
      return { kind: 'resource', id: first, attribute: rest, node };
    return { kind: 'resource', id, attribute, node };
  }
  const type = textOf(get(parameter.value, 'Type')) ?? '';
  if (type.startsWith('AWS::SSM::Parameter::Value')) {
    const fallback = textOf(get(parameter.value, 'Default'));
    if (fallback !== undefined) return { kind: 'import', space: 'ssm-parameter', name: literal(fallback), node };
  }
  return { kind: 'parameter', id, node };
}

function substituted(
  template: Template,
  text: string,
  node: DataNode,
  names: Substitutions,
  depth: number,
  isSub: boolean,
): Value {
  const parts: Part[] = [];
  let last = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    const name = (match[1] ?? '').trim();
    if (match.index > last) parts.push({ kind: 'fixed', text: text.slice(last, match.index) });
    last = match.index + match[0].length;
    const local = names.get(name);
    const variable = local === undefined ? (template.variable?.(name, node) ?? null) : null;
    if (isSub && name.startsWith('!')) parts.push({ kind: 'fixed', text: `\${${name.slice(1)}}` });
    else if (local !== undefined) parts.push(...named(evaluate(template, local, NO_SUBSTITUTIONS, depth + 1), name));
    else if (variable !== null) parts.push(...named(variable, name));
    else if (isSub) {
      const [id = '', attribute] = splitAttribute(name);
      parts.push(
        ...partsOf(
          name.startsWith('AWS::')
            ? reference(template, name, null, node)
            : reference(template, id, attribute ?? null, node),
        ),
      );
    } else parts.push({ kind: 'fixed', text: match[0] });
  }
  if (last < text.length) parts.push({ kind: 'fixed', text: text.slice(last) });
  const value = joined(parts, node);
  const whole = literalOf(value);
  return whole === null ? value : (dynamicReference(whole, node) ?? value);
}

/** Parts of a substituted value; one that is open as a whole keeps the name it has in the text. */
function named(value: Value, name: string): readonly Part[] {
  const parts = partsOf(value);
  const [only] = parts;
  return parts.length === 1 && only?.kind === 'open' && only.name === '…' ? [{ kind: 'open', name, value }] : parts;
}

function joined(parts: readonly Part[], node: DataNode): Value {
  const merged: Part[] = [];
  for (const part of parts) {
    const before = merged.at(-1);
    if (part.kind === 'fixed' && before?.kind === 'fixed')
      merged[merged.length - 1] = { kind: 'fixed', text: before.text + part.text };
    else merged.push(part);
  }
  const [only] = merged;
  if (merged.length === 1 && only?.kind === 'open') return only.value;
  return merged.length === 0
    ? { kind: 'text', parts: [{ kind: 'fixed', text: '' }], node }
    : { kind: 'text', parts: merged, node };
}

function dynamicReference(text: string, node: DataNode): Value | null {
  const match = /^\{\{resolve:ssm:([^:}]+)(?::\d+)?\}\}$/.exec(text);
  return match?.[1] === undefined ? null : { kind: 'import', space: 'ssm-parameter', name: literal(match[1]), node };
}

function evaluateUntagged(template: Template, node: DataNode, depth: number): Value {
  return evaluate(template, { ...node, tag: null }, NO_SUBSTITUTIONS, depth + 1);
}

/** The side of an `If` that holds whatever its condition is; null where that cannot be said. */
function chooseSide(template: Template, argument: DataNode, depth: number): DataNode | null {
  const [, yes, no] = itemsOf(argument);
  if (yes === undefined || no === undefined) return null;
  if (isNoValue(yes)) return no;
  if (isNoValue(no)) return yes;
  const [a, b] = [
    evaluate(template, yes, NO_SUBSTITUTIONS, depth + 1),
    evaluate(template, no, NO_SUBSTITUTIONS, depth + 1),
  ];
  const alike = a.kind !== 'plain' && a.kind !== 'unknown' && a.kind === b.kind && shown(a) === shown(b);
  return alike ? yes : null;
}

function isNoValue(node: DataNode): boolean {
  const call = callOf(node);
  return call?.name === 'Ref' && stringOf(call.argument) === 'AWS::NoValue';
}
