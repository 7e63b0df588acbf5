// What an expression of HCL is worth, as far as files say it: literals, lists, objects, texts with open parts, references to resources.
// Evaluation never fails: what is set outside of the files (variables without value, attributes of other resources, remote modules) is `open`,
// with its reason. Functions beyond the common ones of lists, maps and texts stay open.
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { Location, SourceFile } from '../../model/source.ts';
import { makeSourceFile } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { resolvePath } from '../../syntax/data.ts';
import type { HclExpression, HclSpan } from '../../syntax/hcl.ts';
import { hclLocation } from '../../syntax/hcl.ts';
import { parseData } from '../../syntax/parse-data.ts';
import type { Instance, Node } from './modules.ts';

export type Scalar = string | number | boolean | null;

/** Where a value is written. */
export interface Place extends HclSpan {
  readonly file: SourceFile;
}

export type Value = {
  readonly at: Place;
  /** Whether it is this or nothing depends on values that are not known. */
  readonly maybe?: true;
} & (
  | { readonly kind: 'literal'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | {
      readonly kind: 'object';
      readonly entries: ReadonlyMap<string, Value>;
      readonly keys?: ReadonlyMap<string, Place>;
    }
  /** A text, some parts of which are values that are no literals. */
  | { readonly kind: 'text'; readonly parts: readonly (string | Value)[] }
  /** A text that is the JSON of a value. */
  | { readonly kind: 'json'; readonly value: Value }
  /** An attribute (or, where the path is empty, all) of a resource or data source. */
  | { readonly kind: 'node'; readonly node: Node; readonly path: readonly string[] }
  /** A resource that its module does not declare. */
  | { readonly kind: 'absent'; readonly address: string; readonly instance: Instance }
  /** Instances by key of a resource or module with `count` or `for_each`. */
  | { readonly kind: 'group'; readonly members: ReadonlyMap<string, Value>; readonly numbered: boolean }
  | { readonly kind: 'module'; readonly instance: Instance }
  /** What a file of the workspace holds, by `file` and `templatefile`. */
  | { readonly kind: 'file'; readonly path: string; readonly values: ReadonlyMap<string, Value> }
  | { readonly kind: 'open'; readonly text: string; readonly reason: string; readonly foreign?: Foreign }
);

/** A call of a module from elsewhere: what it makes is not in the workspace, though that it is called is. */
export interface Foreign {
  /** With the prefix of the instance that calls. */
  readonly address: string;
  readonly key: string;
  readonly source: string;
  readonly file: SourceFile;
  readonly at: Location;
}

/** Names that are known at one place. */
export interface Scope {
  readonly instance: Instance;
  readonly file: SourceFile;
  /** `each`, `count`, and the variables of `for` and `dynamic`. */
  readonly names: ReadonlyMap<string, Value>;
}

const MAX_DEPTH = 100;
const MAX_ITEMS = 500;

/** Counts steps over all files, so that hostile ones end. */
export interface Budget {
  left: number;
}

/** The value of an expression at its place. */
export function evaluate(scope: Scope, expression: HclExpression, depth = 0): Value {
  const at: Place = { file: scope.file, start: expression.start, end: expression.end };
  if (depth > MAX_DEPTH || --scope.instance.budget.left < 0)
    return { kind: 'open', text: sourceOf(at), reason: 'it takes too many steps to evaluate', at };
  const of = (inner: HclExpression): Value => evaluate(scope, inner, depth + 1);
  switch (expression.kind) {
    case 'literal':
      return { kind: 'literal', value: expression.value, at };
    case 'template':
      return joined(
        expression.parts.map((part) => (typeof part === 'string' ? part : of(part))),
        at,
      );
    case 'list':
      return { kind: 'list', items: expression.items.slice(0, MAX_ITEMS).map((one) => of(one)), at };
    case 'object': {
      const entries = new Map<string, Value>();
      const keys = new Map<string, Place>();
      for (const { key, value } of expression.entries) {
        const name = textOf(of(key));
        if (name === null) continue;
        entries.set(name, of(value));
        keys.set(name, { file: scope.file, start: key.start, end: key.end });
      }
      return { kind: 'object', entries, keys, at };
    }
    case 'name':
    case 'attribute':
    case 'index':
    case 'splat':
      return { ...traverse(scope, expression, depth + 1), at };
    case 'call':
      return { ...call(scope, expression.name, expression.args, expression.spread, at, depth + 1), at };
    case 'choice': {
      const test = of(expression.test);
      if (
        test.kind === 'literal' &&
        (typeof test.value === 'boolean' || test.value === 'true' || test.value === 'false')
      )
        return { ...of(String(test.value) === 'true' ? expression.yes : expression.no), at };
      const [yes, no] = [of(expression.yes), of(expression.no)];
      if (isNothing(no)) return { ...yes, at, maybe: true };
      if (isNothing(yes)) return { ...no, at, maybe: true };
      if (yes.kind !== 'open' && yes.kind === no.kind && sameText(yes, no)) return { ...yes, at };
      return { kind: 'open', text: sourceOf(at), reason: `it depends on ${sourceOf(test.at)}`, at };
    }
    case 'operation':
      return operate(
        expression.operator,
        expression.operands.map((operand) => of(operand)),
        at,
      );
    case 'for':
      return comprehend(scope, expression, at, depth + 1);
    case 'unread':
      return { kind: 'open', text: sourceOf(at), reason: 'it is an expression that is not read', at };
  }
}

function isNothing(value: Value): boolean {
  return (
    (value.kind === 'literal' && (value.value === null || value.value === '')) ||
    (value.kind === 'list' && value.items.length === 0)
  );
}

function sameText(a: Value, b: Value): boolean {
  const [x, y] = [shown(a), shown(b)];
  return x === y && x !== '…';
}

function traverse(scope: Scope, expression: HclExpression, depth: number): Value {
  const steps: ((value: Value) => Value)[] = [];
  let current = expression;
  for (;;) {
    if (current.kind === 'attribute') {
      const { name } = current;
      const at: Place = { file: scope.file, start: current.start, end: current.end };
      steps.unshift((value) => ({ ...member(value, name), at }));
      current = current.of;
    } else if (current.kind === 'index') {
      const { key } = current;
      const at: Place = { file: scope.file, start: current.start, end: current.end };
      steps.unshift((value) => ({ ...item(value, evaluate(scope, key, depth + 1)), at }));
      current = current.of;
    } else if (current.kind === 'splat') {
      const { path } = current;
      steps.unshift((value) =>
        spread(value, (one) =>
          path.reduce(
            (so, part) => (typeof part === 'string' ? member(so, part) : item(so, evaluate(scope, part, depth + 1))),
            one,
          ),
        ),
      );
      current = current.of;
    } else break;
  }
  const at: Place = { file: scope.file, start: current.start, end: current.end };
  if (current.kind !== 'name') return steps.reduce((value, step) => step(value), evaluate(scope, current, depth + 1));
  const { instance } = scope;
  const apply = (value: Value, used: number): Value => steps.slice(used).reduce((so, step) => step(so), value);
  const local = scope.names.get(current.name);
  if (local !== undefined) return apply(local, 0);
  const path = leadingNames(expression);
  const [, a, b] = path;
  switch (current.name) {
    case 'var':
      return a === undefined ? open(at, 'it is no value') : apply(instance.variable(a, at), 1);
    case 'local':
      return a === undefined ? open(at, 'it is no value') : apply(instance.local(a, at), 1);
    case 'module':
      return a === undefined ? open(at, 'it is no value') : apply(instance.moduleValue(a, at), 1);
    case 'data':
      return a === undefined || b === undefined
        ? open(at, 'it is no value')
        : apply(instance.nodeValue(`data.${a}.${b}`, at), 2);
    case 'path':
      return {
        kind: 'literal',
        value:
          a === 'module'
            ? instance.module.folder === ''
              ? '.'
              : `/${instance.module.folder}`
            : `/${instance.root.module.folder}`,
        at,
      };
    case 'each':
    case 'count':
    case 'self':
    case 'terraform':
      return { kind: 'open', text: path.join('.'), reason: `${path.join('.')} is known at the deployment only`, at };
    default:
      return a === undefined ? open(at, 'it is no value') : apply(instance.nodeValue(`${current.name}.${a}`, at), 1);
  }
}

/** The names of a traversal up to its first index. */
function leadingNames(expression: HclExpression): readonly string[] {
  const steps: (string | null)[] = [];
  let current = expression;
  for (;;) {
    if (current.kind === 'attribute') {
      steps.unshift(current.name);
      current = current.of;
    } else if (current.kind === 'index' || current.kind === 'splat') {
      steps.unshift(null);
      current = current.of;
    } else break;
  }
  if (current.kind === 'name') steps.unshift(current.name);
  const end = steps.indexOf(null);
  return steps.slice(0, end < 0 ? steps.length : end).filter((step) => step !== null);
}

function open(at: Place, reason: string): Value {
  return { kind: 'open', text: sourceOf(at), reason, at };
}

function member(value: Value, name: string): Value {
  switch (value.kind) {
    case 'object':
      return value.entries.get(name) ?? { kind: 'open', text: name, reason: `there is no ${name} in it`, at: value.at };
    case 'node':
      return { ...value, path: [...value.path, name] };
    case 'module':
      return value.instance.output(name, value.at);
    case 'group': {
      // One instance is meant where there is only one (resources that exist or not by `count`).
      const [only] = value.members.values();
      if (value.members.size === 1 && only !== undefined) return member(only, name);
      return (
        value.members.get(name) ?? {
          kind: 'open',
          text: sourceOf(value.at),
          reason: 'it is several instances',
          at: value.at,
        }
      );
    }
    case 'list': {
      const all = value.items.map((one) => member(one, name));
      return { kind: 'list', items: all, at: value.at };
    }
    case 'open':
      return { ...value, text: `${value.text}.${name}` };
    case 'absent':
      return value;
    case 'literal':
    case 'text':
    case 'json':
    case 'file':
      return { kind: 'open', text: sourceOf(value.at), reason: `it has no ${name}`, at: value.at };
  }
}

function item(value: Value, key: Value): Value {
  const name = textOf(key);
  switch (value.kind) {
    case 'list': {
      const [only] = value.items;
      if (name !== null && /^-?\d+$/.test(name))
        return (
          value.items.at(Number(name)) ?? {
            kind: 'open',
            text: sourceOf(value.at),
            reason: 'the list is shorter',
            at: value.at,
          }
        );
      return value.items.length === 1 && only !== undefined
        ? only
        : { kind: 'open', text: sourceOf(value.at), reason: 'which one is meant is not known', at: value.at };
    }
    case 'object':
      if (name !== null)
        return (
          value.entries.get(name) ?? { kind: 'open', text: name, reason: `there is no ${name} in it`, at: value.at }
        );
      return { kind: 'open', text: sourceOf(value.at), reason: 'which one is meant is not known', at: value.at };
    case 'group': {
      const found = name === null ? undefined : value.members.get(name);
      if (found !== undefined) return found;
      const [only] = value.members.values();
      return value.members.size === 1 &&
        only !== undefined &&
        (name === null || value.numbered || value.members.has(''))
        ? only
        : {
            kind: 'open',
            text: sourceOf(value.at),
            reason: name === null ? 'which instance is meant is not known' : `there is no instance "${name}"`,
            at: value.at,
          };
    }
    case 'node':
      // A resource with an instance of its own takes an index that could not be counted.
      return value;
    case 'open':
      return { ...value, text: `${value.text}[…]` };
    case 'absent':
    case 'module':
      return value;
    case 'literal':
    case 'text':
    case 'json':
    case 'file':
      return { kind: 'open', text: sourceOf(value.at), reason: 'it is no list', at: value.at };
  }
}

function spread(value: Value, each: (value: Value) => Value): Value {
  switch (value.kind) {
    case 'list':
      return { ...value, items: value.items.map((one) => each(one)) };
    case 'group':
      return { kind: 'list', items: [...value.members.values()].map((one) => each(one)), at: value.at };
    case 'node':
    case 'object':
    case 'module':
      return { kind: 'list', items: [each(value)], at: value.at };
    case 'absent':
    case 'file':
    case 'json':
    case 'literal':
    case 'open':
    case 'text':
      return value;
  }
}

/** Items of a list, values of an object, instances of a group; null where they are not known. */
export function itemsOf(value: Value): readonly { readonly key: Value; readonly value: Value }[] | null {
  const named = (key: Scalar, one: Value): { readonly key: Value; readonly value: Value } => ({
    key: { kind: 'literal', value: key, at: one.at },
    value: one,
  });
  switch (value.kind) {
    case 'list':
      return value.items.map((one, index) => named(index, one));
    case 'object':
      return [...value.entries].map(([key, one]) => named(key, one));
    case 'group':
      return [...value.members].map(([key, one]) => named(key, one));
    case 'absent':
    case 'file':
    case 'json':
    case 'literal':
    case 'module':
    case 'node':
    case 'open':
    case 'text':
      return null;
  }
}

/** A text of parts; one part alone is that value, neighbouring literals become one. */
function joined(parts: readonly (string | Value)[], at: Place): Value {
  const merged: (string | Value)[] = [];
  for (const part of parts) {
    const flat =
      typeof part === 'string'
        ? [part]
        : part.kind === 'literal'
          ? [String(part.value ?? '')]
          : part.kind === 'text'
            ? part.parts
            : [part];
    for (const piece of flat) {
      const before = merged.at(-1);
      if (typeof piece === 'string' && typeof before === 'string') merged[merged.length - 1] = before + piece;
      else merged.push(piece);
    }
  }
  const [only] = merged;
  if (merged.length === 0) return { kind: 'literal', value: '', at };
  if (merged.length === 1 && only !== undefined)
    return typeof only === 'string' ? { kind: 'literal', value: only, at } : { ...only, at };
  return { kind: 'text', parts: merged, at };
}

function operate(operator: string, operands: readonly Value[], at: Place): Value {
  const [left, right] = operands;
  const result = (value: Scalar): Value => ({ kind: 'literal', value, at });
  const unknown: Value = { kind: 'open', text: sourceOf(at), reason: 'it is computed', at };
  if (left === undefined) return unknown;
  const a = left.kind === 'literal' ? left.value : undefined;
  if (right === undefined) {
    if (operator === '!' && (typeof a === 'boolean' || a === 'true' || a === 'false'))
      return result(String(a) !== 'true');
    return operator === '-' && typeof a === 'number' ? result(-a) : unknown;
  }
  const b = right.kind === 'literal' ? right.value : undefined;
  switch (operator) {
    case '&&':
      return a === false || b === false ? result(false) : a === true && b === true ? result(true) : unknown;
    case '||':
      return a === true || b === true ? result(true) : a === false && b === false ? result(false) : unknown;
    case '==':
    case '!=': {
      const known = (value: Value): boolean =>
        value.kind === 'node' ||
        value.kind === 'json' ||
        value.kind === 'object' ||
        value.kind === 'list' ||
        value.kind === 'text';
      // What a resource gives is never null or empty.
      const differ = (known(left) && (b === null || b === '')) || (known(right) && (a === null || a === ''));
      const equal =
        a !== undefined && b !== undefined
          ? a === null || b === null
            ? a === b
            : String(a) === String(b)
          : differ
            ? false
            : null;
      return equal === null ? unknown : result(equal === (operator === '=='));
    }
    default: {
      const [x, y] = [Number(a ?? Number.NaN), Number(b ?? Number.NaN)];
      if (Number.isNaN(x) || Number.isNaN(y)) return unknown;
      switch (operator) {
        case '+':
          return result(x + y);
        case '-':
          return result(x - y);
        case '*':
          return result(x * y);
        case '/':
          return y === 0 ? unknown : result(x / y);
        case '%':
          return y === 0 ? unknown : result(x % y);
        case '<':
          return result(x < y);
        case '>':
          return result(x > y);
        case '<=':
          return result(x <= y);
        case '>=':
          return result(x >= y);
        default:
          return unknown;
      }
    }
  }
}

function comprehend(
  scope: Scope,
  expression: Extract<HclExpression, { kind: 'for' }>,
  at: Place,
  depth: number,
): Value {
  const source = itemsOf(evaluate(scope, expression.of, depth));
  if (source === null) return { kind: 'open', text: sourceOf(at), reason: 'what it goes over is not known', at };
  const items: Value[] = [];
  const entries = new Map<string, Value>();
  for (const { key, value } of source.slice(0, MAX_ITEMS)) {
    const names = new Map(scope.names);
    if (expression.keyName !== null) names.set(expression.keyName, key);
    names.set(expression.valueName, value);
    const inner = { ...scope, names };
    if (expression.when !== null) {
      const test = evaluate(inner, expression.when, depth + 1);
      if (test.kind === 'literal' && String(test.value) !== 'true') continue;
    }
    const made = evaluate(inner, expression.makes, depth + 1);
    if (expression.makesKey === null) items.push(made);
    else {
      const name = textOf(evaluate(inner, expression.makesKey, depth + 1));
      if (name === null) return { kind: 'open', text: sourceOf(at), reason: 'its keys are not known', at };
      entries.set(name, expression.grouped ? { kind: 'list', items: [made], at } : made);
    }
  }
  return expression.makesKey === null ? { kind: 'list', items, at } : { kind: 'object', entries, at };
}

function call(
  scope: Scope,
  name: string,
  given: readonly HclExpression[],
  isSpread: boolean,
  at: Place,
  depth: number,
): Value {
  let args = given.map((argument) => evaluate(scope, argument, depth));
  if (isSpread) {
    const last = args.at(-1);
    const more = last === undefined ? null : itemsOf(last);
    args = more === null ? args : [...args.slice(0, -1), ...more.map(({ value }) => value)];
  }
  const [first, second, third] = args;
  const unknown: Value = { kind: 'open', text: sourceOf(at), reason: `${name}(…) is not evaluated`, at };
  const result = (value: Scalar): Value => ({ kind: 'literal', value, at });
  if (first === undefined)
    return name === 'concat' || name === 'tolist' || name === 'toset' ? { kind: 'list', items: [], at } : unknown;
  const text = (value: Value | undefined): string | null => (value === undefined ? null : textOf(value));
  const lists = (): readonly Value[] | null => {
    const all: Value[] = [];
    for (const argument of args) {
      const items = itemsOf(argument);
      if (items === null) return null;
      all.push(...items.map(({ value }) => value));
    }
    return all;
  };
  switch (name) {
    case 'jsonencode':
      return { kind: 'json', value: first, at };
    case 'jsondecode':
      return asData(first) ?? unknown;
    case 'tostring':
    case 'nonsensitive':
    case 'sensitive':
    case 'tomap':
    case 'trimspace':
    case 'tonumber':
    case 'tobool':
    case 'chomp':
      return first;
    case 'tolist':
    case 'toset':
    case 'distinct':
    case 'sort':
    case 'reverse': {
      const items = itemsOf(first);
      if (items === null) return first;
      const unique = new Map<string, Value>();
      for (const { value } of items) unique.set(textOf(value) ?? `${unique.size}`, value);
      return {
        kind: 'list',
        items: name === 'toset' || name === 'distinct' ? [...unique.values()] : items.map(({ value }) => value),
        at,
      };
    }
    case 'concat':
    case 'setunion': {
      const items = lists();
      return items === null ? unknown : { kind: 'list', items, at };
    }
    case 'flatten': {
      const flat = (value: Value, level: number): readonly Value[] =>
        value.kind === 'list' && level < 8 ? value.items.flatMap((one) => flat(one, level + 1)) : [value];
      return first.kind === 'list' ? { kind: 'list', items: flat(first, 0), at } : unknown;
    }
    case 'compact': {
      const items = itemsOf(first);
      return items === null
        ? unknown
        : { kind: 'list', items: items.map(({ value }) => value).filter((value) => !isNothing(value)), at };
    }
    case 'merge': {
      const entries = new Map<string, Value>();
      for (const argument of args) {
        if (argument.kind === 'literal' && argument.value === null) continue;
        if (argument.kind !== 'object') return unknown;
        for (const [key, value] of argument.entries) entries.set(key, value);
      }
      return { kind: 'object', entries, at };
    }
    case 'keys':
    case 'values': {
      const items = itemsOf(first);
      return items === null
        ? unknown
        : { kind: 'list', items: items.map(({ key, value }) => (name === 'keys' ? key : value)), at };
    }
    case 'zipmap': {
      const [keys, values] = [itemsOf(first), second === undefined ? null : itemsOf(second)];
      if (keys === null || values === null) return unknown;
      const entries = new Map<string, Value>();
      for (const [index, { value }] of keys.entries()) {
        const key = textOf(value);
        const found = values[index];
        if (key === null || found === undefined) return unknown;
        entries.set(key, found.value);
      }
      return { kind: 'object', entries, at };
    }
    case 'length': {
      const items = itemsOf(first);
      if (items !== null) return result(items.length);
      return first.kind === 'literal' && typeof first.value === 'string' ? result(first.value.length) : unknown;
    }
    case 'one':
    case 'element': {
      const items = itemsOf(first);
      if (items === null) return first.kind === 'node' ? first : unknown;
      const index = name === 'one' ? 0 : Number(text(second) ?? Number.NaN);
      if (items.length === 0) return name === 'one' ? result(null) : unknown;
      return Number.isNaN(index) ? unknown : (items[index % items.length]?.value ?? unknown);
    }
    case 'lookup': {
      const key = text(second);
      if (first.kind !== 'object' || key === null) return unknown;
      return first.entries.get(key) ?? third ?? unknown;
    }
    case 'contains': {
      const items = itemsOf(first);
      const wanted = text(second);
      if (items === null || wanted === null) return unknown;
      const texts = new Set(items.map(({ value }) => textOf(value)));
      return texts.has(wanted) ? result(true) : texts.has(null) ? unknown : result(false);
    }
    case 'try':
    case 'coalesce':
    case 'coalescelist': {
      // The first that is certain to be there; open ones only where nothing better stands behind them.
      const sure = args.find(
        (argument) =>
          argument.kind !== 'open' && argument.kind !== 'absent' && (name === 'try' || !isNothing(argument)),
      );
      const [only] = args;
      if (only !== undefined && only.kind === 'open' && name !== 'try') return only;
      return sure ?? only ?? unknown;
    }
    case 'can':
      return first.kind === 'open' ? unknown : result(true);
    case 'join': {
      const items = second === undefined ? null : itemsOf(second);
      const separator = text(first);
      if (items === null || separator === null) return unknown;
      return joined(
        items.flatMap(({ value }, index) => (index === 0 ? [value] : [separator, value])),
        at,
      );
    }
    case 'split': {
      const [separator, whole] = [text(first), text(second)];
      return separator === null || whole === null
        ? unknown
        : { kind: 'list', items: whole.split(separator).map((part) => result(part)), at };
    }
    case 'format': {
      const pattern = text(first);
      if (pattern === null) return unknown;
      let next = 1;
      const parts: (string | Value)[] = [];
      let last = 0;
      for (const match of pattern.matchAll(/%%|%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]/g)) {
        parts.push(pattern.slice(last, match.index));
        last = match.index + match[0].length;
        const argument = match[0] === '%%' ? '%' : /^%[svdqf]$/.test(match[0]) ? args[next++] : undefined;
        if (argument === undefined) return unknown;
        parts.push(argument);
      }
      return joined([...parts, pattern.slice(last)], at);
    }
    case 'replace': {
      const [whole, from, to] = [text(first), text(second), text(third)];
      return whole === null || from === null || to === null || /^\/.*\/$/.test(from)
        ? unknown
        : result(whole.replaceAll(from, to));
    }
    case 'lower':
    case 'upper': {
      const change = (value: string): string => (name === 'lower' ? value.toLowerCase() : value.toUpperCase());
      if (first.kind === 'text')
        return { ...first, parts: first.parts.map((part) => (typeof part === 'string' ? change(part) : part)) };
      const whole = text(first);
      return whole === null ? first : result(change(whole));
    }
    case 'trimsuffix':
    case 'trimprefix': {
      const [whole, part] = [text(first), text(second)];
      if (whole === null || part === null) return unknown;
      return result(
        name === 'trimsuffix'
          ? whole.endsWith(part)
            ? whole.slice(0, whole.length - part.length)
            : whole
          : whole.startsWith(part)
            ? whole.slice(part.length)
            : whole,
      );
    }
    case 'substr': {
      const whole = text(first);
      const [offset, length] = [Number(text(second) ?? Number.NaN), Number(text(third) ?? Number.NaN)];
      if (whole === null || Number.isNaN(offset) || Number.isNaN(length))
        return first.kind === 'text' ? first : unknown;
      return result(length < 0 ? whole.slice(offset) : whole.slice(offset, offset + length));
    }
    case 'range': {
      const numbers = args.map((argument) => Number(textOf(argument) ?? Number.NaN));
      const [start, limit] = numbers.length === 1 ? [0, numbers[0]] : [numbers[0], numbers[1]];
      if (
        start === undefined ||
        limit === undefined ||
        Number.isNaN(start) ||
        Number.isNaN(limit) ||
        numbers.length > 2
      )
        return unknown;
      return {
        kind: 'list',
        items: Array.from({ length: Math.max(0, Math.min(MAX_ITEMS, limit - start)) }, (_, index) =>
          result(start + index),
        ),
        at,
      };
    }
    case 'file':
    case 'templatefile': {
      const path = text(first);
      const found = path === null ? null : workspacePath(scope.instance, path);
      if (found === null) return unknown;
      return { kind: 'file', path: found, values: second?.kind === 'object' ? second.entries : new Map(), at };
    }
    default:
      return unknown;
  }
}

/** A path of Terraform as one of the workspace: `path.module` stands with a slash in front, other paths are relative to the root module. */
function workspacePath(instance: Instance, path: string): string | null {
  if (path.startsWith('/')) return resolvePath('x', path.slice(1));
  const { folder } = instance.root.module;
  return resolvePath(folder === '' ? 'x' : `${folder}/x`, path);
}

/** The literal text of a value; null where any of it is open. Attributes of resources count where they are written. */
export function textOf(value: Value): string | null {
  const parts = textParts(value);
  return parts.every((part) => typeof part === 'string') ? parts.join('') : null;
}

/** The pieces of a value as a text: literals, and values that stay open. */
export function textParts(value: Value, depth = 0): readonly (string | Value)[] {
  if (depth > 12) return [value];
  switch (value.kind) {
    case 'literal':
      return value.value === null ? [] : [String(value.value)];
    case 'text': {
      const merged: (string | Value)[] = [];
      for (const piece of value.parts.flatMap((part) =>
        typeof part === 'string' ? [part] : textParts(part, depth + 1),
      )) {
        const before = merged.at(-1);
        if (typeof piece === 'string' && typeof before === 'string') merged[merged.length - 1] = before + piece;
        else merged.push(piece);
      }
      return merged;
    }
    case 'node': {
      const [attribute] = value.path;
      const written =
        value.path.length === 1 && attribute !== undefined ? writtenAttribute(value.node, attribute) : undefined;
      return written === undefined ? [value] : textParts(written, depth + 1);
    }
    case 'absent':
    case 'file':
    case 'group':
    case 'json':
    case 'list':
    case 'module':
    case 'object':
    case 'open':
      return [value];
  }
}

/** An attribute that a resource's own block writes, under the names by which others ask for it. */
function writtenAttribute(node: Node, name: string): Value | undefined {
  const isIdOfName =
    name === 'id' &&
    /^(?:aws_cloudwatch_event_bus|aws_s3_bucket|aws_dynamodb_table|aws_cloudwatch_event_rule)$/.test(node.type);
  return node.attribute(isIdOfName ? (node.type === 'aws_s3_bucket' ? 'bucket' : 'name') : name);
}

/** A value as a text, open parts as `${…}`. */
export function shown(value: Value): string {
  const parts = textParts(value);
  return parts.map((part) => (typeof part === 'string' ? part : `\${${label(part)}}`)).join('');
}

function label(value: Value): string {
  switch (value.kind) {
    case 'open':
      return value.text;
    case 'node':
      return [value.node.address, ...value.path].join('.');
    case 'absent':
      return value.address;
    case 'file':
    case 'group':
    case 'json':
    case 'list':
    case 'literal':
    case 'module':
    case 'object':
    case 'text':
      return '…';
  }
}

/** A value for messages: literals as they are, all else as its label. */
export function display(value: Value): string {
  if (value.kind === 'open') return value.text;
  if (value.kind === 'node' || value.kind === 'absent') return label(value);
  const text = shown(value);
  return text === '${…}' ? sourceOf(value.at) : text;
}

/** A value as a name: fixed parts as they are, open ones with their reason. */
export function nameOf(value: Value): Name {
  const parts = textParts(value).map((part): Name =>
    typeof part === 'string'
      ? literal(part)
      : {
          kind: 'unknown',
          text: `\${${label(part)}}`,
          reason: part.kind === 'open' ? part.reason : `${label(part)} is known at the deployment only`,
        },
  );
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return parts.length === 0 ? { kind: 'unknown', text: '', reason: 'it is empty' } : { kind: 'template', parts };
}

/** What stands at a place, on one line and not longer than a line. */
export function sourceOf(at: Place): string {
  const text = at.file.text.slice(at.start, at.end).replaceAll(/\s+/g, ' ').trim();
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

export function locationOf(at: Place): Location {
  return hclLocation(at.file, at);
}

/** A number as written, quoted or not; null for anything else. */
export function numberOf(value: Value | undefined): number | null {
  const text = value === undefined ? null : textOf(value);
  return text !== null && /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}

/** A value as data: what `jsonencode` was given, or what a text of JSON holds, references in it included. Null where it is neither. */
export function asData(value: Value): Value | null {
  if (value.kind === 'object' || value.kind === 'list') return value;
  if (value.kind === 'json') return value.value;
  if (value.kind !== 'literal' && value.kind !== 'text') return null;
  const { text, parts } = marked(value);
  if (!/^\s*[[{]/.test(text)) return null;
  const document = parseData(makeSourceFile('value.json', text));
  const [root] = document.roots;
  return root === undefined || document.problems.length > 0 ? null : fromNode(root, parts, value.at, 0);
}

/** A text with marks in the place of its open parts. */
export function marked(value: Value): { readonly text: string; readonly parts: readonly Value[] } {
  const parts: Value[] = [];
  const text = (value.kind === 'text' ? value.parts : [textOf(value) ?? ''])
    .map((part) => (typeof part === 'string' ? part : `\uE000${parts.push(part) - 1}\uE001`))
    .join('');
  return { text, parts };
}

/** A text with marks as the value that it was. */
export function unmarked(text: string, parts: readonly Value[], at: Place): Value {
  const pieces = text
    .split(/[\uE000\uE001]/)
    .flatMap((piece, index): readonly (string | Value)[] =>
      index % 2 === 0 ? [piece] : parts.slice(Number(piece), Number(piece) + 1),
    );
  return joined(
    pieces.filter((piece) => piece !== ''),
    at,
  );
}

function fromNode(node: DataNode, parts: readonly Value[], at: Place, depth: number): Value {
  if (depth > MAX_DEPTH) return { kind: 'open', text: '…', reason: 'it is nested too deeply', at };
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string'
        ? unmarked(node.value, parts, at)
        : { kind: 'literal', value: node.value, at };
    case 'seq':
      return { kind: 'list', items: node.items.map((one) => fromNode(one, parts, at, depth + 1)), at };
    case 'map': {
      const entries = new Map<string, Value>();
      for (const entry of node.entries) entries.set(entry.key, fromNode(entry.value, parts, at, depth + 1));
      return { kind: 'object', entries, at };
    }
  }
}

/** A value as a node of data, for what walks those; values that are no literals are marks, to be looked up in `parts`. */
export function toNode(value: Value, parts: Value[], depth = 0): DataNode {
  const span = { start: value.at.start, end: value.at.end, tag: null };
  if (depth > MAX_DEPTH) return { kind: 'scalar', value: null, style: 'plain', ...span };
  switch (value.kind) {
    case 'literal':
      return { kind: 'scalar', value: value.value, style: 'double', ...span };
    case 'list':
      return { kind: 'seq', items: value.items.map((one) => toNode(one, parts, depth + 1)), flow: false, ...span };
    case 'object':
      return {
        kind: 'map',
        entries: [...value.entries].map(([key, one]) => ({
          key,
          keyStart: value.keys?.get(key)?.start ?? one.at.start,
          keyEnd: value.keys?.get(key)?.end ?? one.at.start,
          value: toNode(one, parts, depth + 1),
        })),
        flow: false,
        ...span,
      };
    case 'text':
      return {
        kind: 'scalar',
        value: value.parts
          .map((part) => (typeof part === 'string' ? part : `\uE000${parts.push(part) - 1}\uE001`))
          .join(''),
        style: 'double',
        ...span,
      };
    case 'absent':
    case 'file':
    case 'group':
    case 'json':
    case 'module':
    case 'node':
    case 'open':
      return { kind: 'scalar', value: `\uE000${parts.push(value) - 1}\uE001`, style: 'double', ...span };
  }
}
