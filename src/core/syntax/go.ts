// A Go syntax tree → what code readers ask of it: imports, package-level names and their static values, the function around a place,
// what an expression names, and which functions refer to which. Names of a Go package are shared by all files of its directory.
// Nothing is executed. Not followed: reassigned variables, interface dispatch, dot imports, build tags, types inferred from other files.
import type { Binding, Call, Value } from '../model/declaration.ts';
import type { Name } from '../model/name.ts';
import { literal } from '../model/name.ts';
import type { SourceFile } from '../model/source.ts';
import { locationAt } from '../model/source.ts';
import type { SyntaxNode } from './code.ts';
import { fieldOf, firstNamed, namedChildren, Nesting, nodesOfType } from './nodes.ts';
import type { SymbolPath, ValueHook } from './typescript.ts';

/** A call, generic ones included: tree-sitter has several shapes for those. */
export interface GoCall {
  readonly callee: SyntaxNode;
  readonly typeArguments: readonly SyntaxNode[];
  readonly arguments: readonly SyntaxNode[];
}

/** A Go file, read once per tree. Valid as long as the tree. Functions go by `Name`, methods by `Receiver.Name`. */
export interface GoFile {
  readonly packageName: string;
  /** The node of the package's name. */
  readonly packageNode: SyntaxNode | null;
  /** Import paths by local name. */
  readonly imports: ReadonlyMap<string, string>;
  /** Package-level names of this file by static value. The hook is asked first, for every initialiser of a variable. */
  readonly bindings: (hook: ValueHook) => readonly Binding[];
  /** References from functions to package-level functions and methods, function values included; each once. */
  readonly calls: () => readonly Call[];
  /** The function around an offset; closures count as the one that makes them. */
  readonly functionAt: (offset: number) => string | null;
  /** What an expression names: a package-level name of this or another package; null for anything else. */
  readonly symbolOf: (node: SyntaxNode | null) => SymbolPath | null;
  /** The named type of an expression as far as this file tells, pointers dropped; null where it does not. */
  readonly typeOfExpression: (node: SyntaxNode | null) => SymbolPath | null;
  /** What a type names, pointers dropped and type arguments left aside; null for built-in and unnamed types. */
  readonly typeOf: (node: SyntaxNode | null) => SymbolPath | null;
  readonly nameOf: (node: SyntaxNode) => Name;
  readonly callOf: (node: SyntaxNode) => GoCall | null;
  /** Types declared at package level, by name, with the node of the name. */
  readonly types: ReadonlyMap<string, SyntaxNode>;
}

const MAX_DEPTH = 40;
const BLOCKS = [
  'function_declaration',
  'method_declaration',
  'func_literal',
  'block',
  'if_statement',
  'for_statement',
  'expression_switch_statement',
  'type_switch_statement',
  'communication_case',
  'expression_case',
  'type_case',
  'default_case',
] as const;
const BUILT_IN: ReadonlySet<string> = new Set(
  'append cap clear close complex copy delete imag len make max min new panic print println real recover true false nil iota _ any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr'.split(
    ' ',
  ),
);

interface Local {
  /** Where the name begins to mean this: behind its declaration. */
  readonly start: number;
  readonly end: number;
  readonly init: SyntaxNode | null;
  readonly type: SyntaxNode | null;
}

interface TopLevel {
  readonly name: string;
  readonly nameNode: SyntaxNode;
  readonly kind: 'const' | 'var' | 'type' | 'alias' | 'function';
  readonly value: SyntaxNode | null;
  readonly type: SyntaxNode | null;
}

/** Reads a file's names. O(nodes). `root` may hold syntax errors: what is whole is read. */
export function readGo(file: SourceFile, root: SyntaxNode): GoFile {
  const text = (node: SyntaxNode): string => file.text.slice(node.startIndex, node.endIndex);
  const imports = new Map<string, string>();
  /** Imports that bring no name of their own. */
  const unnamed = new Set<string>();
  const misnamed = new Map<string, string | null>();
  const topLevel = new Map<string, TopLevel>();
  const entries: TopLevel[] = [];
  const types = new Map<string, SyntaxNode>();
  const fields = new Map<string, ReadonlyMap<string, SyntaxNode>>();
  const results = new Map<string, SyntaxNode>();
  const units: { readonly start: number; readonly end: number; readonly value: string }[] = [];
  let packageNode: SyntaxNode | null = null;

  for (const statement of namedChildren(root)) {
    switch (statement.type) {
      case 'package_clause':
        packageNode = firstNamed(statement);
        break;
      case 'import_declaration':
        for (const spec of nodesOfType(statement, ['import_spec'])) readImport(spec);
        break;
      case 'const_declaration':
      case 'var_declaration':
        for (const spec of nodesOfType(statement, ['const_spec', 'var_spec']))
          readSpec(spec, statement.type === 'const_declaration' ? 'const' : 'var');
        break;
      case 'type_declaration':
        for (const spec of namedChildren(statement)) readType(spec);
        break;
      case 'function_declaration':
      case 'method_declaration':
        readFunction(statement);
        break;
      default:
    }
  }
  const unitAt = new Nesting(units);
  /** Where locals are declared: no references. */
  const declaring = new Set<number>();
  const locals = readLocals();

  function readImport(spec: SyntaxNode): void {
    const path = fieldOf(spec, 'path');
    if (path === null) return;
    const module = stringValue(path);
    const name = fieldOf(spec, 'name');
    if (name === null) {
      imports.set(packageNameOf(module), module);
      unnamed.add(module);
    }
    if (name?.type === 'package_identifier') imports.set(text(name), module);
  }

  function readSpec(spec: SyntaxNode, kind: 'const' | 'var'): void {
    const names = spec
      .childrenForFieldName('name')
      .filter((name): name is SyntaxNode => name !== null && name.type === 'identifier');
    const list = fieldOf(spec, 'value');
    const values = list === null ? [] : namedChildren(list);
    for (const [index, nameNode] of names.entries()) {
      // One call may give several values: then none of the names has an initialiser of its own.
      const value = values.length === names.length ? (values[index] ?? null) : null;
      add({ name: text(nameNode), nameNode, kind, value, type: fieldOf(spec, 'type') });
      if (value !== null) units.push({ start: value.startIndex, end: value.endIndex, value: text(nameNode) });
    }
  }

  function readType(spec: SyntaxNode): void {
    const nameNode = fieldOf(spec, 'name');
    if (nameNode === null) return;
    const name = text(nameNode);
    const type = fieldOf(spec, 'type');
    add({ name, nameNode, kind: spec.type === 'type_alias' ? 'alias' : 'type', value: null, type });
    if (spec.type !== 'type_alias') types.set(name, nameNode);
    if (type?.type !== 'struct_type') return;
    const own = new Map<string, SyntaxNode>();
    for (const field of nodesOfType(type, ['field_declaration'])) {
      const fieldType = fieldOf(field, 'type');
      if (fieldType === null) continue;
      for (const fieldName of field.childrenForFieldName('name'))
        if (fieldName !== null) own.set(text(fieldName), fieldType);
    }
    fields.set(name, own);
  }

  function readFunction(node: SyntaxNode): void {
    const nameNode = fieldOf(node, 'name');
    if (nameNode === null) return;
    const receiver = node.type === 'method_declaration' ? fieldOf(node, 'receiver') : null;
    const owner = receiver === null ? null : typeOf(fieldOf(firstNamed(receiver), 'type'));
    if (node.type === 'method_declaration' && owner === null) return;
    const name = owner === null ? text(nameNode) : `${owner.path[0] ?? ''}.${text(nameNode)}`;
    units.push({ start: node.startIndex, end: node.endIndex, value: name });
    add({ name, nameNode, kind: 'function', value: null, type: null });
    const result = fieldOf(node, 'result');
    const first = result?.type === 'parameter_list' ? fieldOf(firstNamed(result), 'type') : result;
    if (first !== null) results.set(name, first);
  }

  function add(entry: TopLevel): void {
    entries.push(entry);
    if (!topLevel.has(entry.name)) topLevel.set(entry.name, entry);
  }

  function readLocals(): ReadonlyMap<string, Nesting<Local>> {
    const scopeNodes = nodesOfType(root, BLOCKS);
    const scopes = new Nesting(scopeNodes.map((node) => ({ start: node.startIndex, end: node.endIndex, value: node })));
    const found = new Map<string, Local[]>();
    const put = (
      nameNode: SyntaxNode,
      from: number,
      scope: SyntaxNode,
      init: SyntaxNode | null,
      type: SyntaxNode | null,
    ): void => {
      if (nameNode.type !== 'identifier') return;
      declaring.add(nameNode.startIndex);
      const name = text(nameNode);
      const local = { start: from, end: scope.endIndex, init, type };
      const list = found.get(name);
      if (list === undefined) found.set(name, [local]);
      else list.push(local);
    };
    for (const node of scopeNodes) {
      if (node.type !== 'function_declaration' && node.type !== 'method_declaration' && node.type !== 'func_literal')
        continue;
      for (const field of ['receiver', 'parameters', 'result']) {
        const list = fieldOf(node, field, 'parameter_list');
        for (const parameter of list === null ? [] : namedChildren(list)) {
          for (const nameNode of parameter.childrenForFieldName('name'))
            if (nameNode !== null)
              put(
                nameNode,
                node.startIndex,
                node,
                null,
                parameter.type === 'parameter_declaration' ? fieldOf(parameter, 'type') : null,
              );
        }
      }
    }
    for (const node of nodesOfType(root, [
      'short_var_declaration',
      'var_spec',
      'const_spec',
      'range_clause',
      'type_switch_statement',
    ])) {
      const scope = scopes.innermost(
        node.startIndex,
        (one) => one.id !== node.id || node.type === 'type_switch_statement',
      )?.value;
      if (scope === undefined) continue;
      const isSpec = node.type === 'var_spec' || node.type === 'const_spec';
      const left = fieldOf(node, node.type === 'type_switch_statement' ? 'alias' : 'left');
      const names = isSpec ? node.childrenForFieldName('name') : left === null ? [] : namedChildren(left);
      const right = fieldOf(node, isSpec ? 'value' : 'right');
      const values = right === null || node.type === 'range_clause' ? [] : namedChildren(right);
      const type = isSpec ? fieldOf(node, 'type') : null;
      for (const [index, nameNode] of names.entries()) {
        // `x, err := call()`: the first name has the call's first result.
        const value =
          values.length === names.length
            ? (values[index] ?? null)
            : index === 0 && values.length === 1
              ? (values[0] ?? null)
              : null;
        if (nameNode !== null)
          put(nameNode, node.type === 'type_switch_statement' ? nameNode.endIndex : node.endIndex, scope, value, type);
      }
    }
    return new Map(
      [...found].map(([name, list]) => [
        name,
        new Nesting(list.map((local) => ({ start: local.start, end: local.end, value: local }))),
      ]),
    );
  }

  function localAt(name: string, offset: number): Local | null {
    return locals.get(name)?.innermost(offset)?.value ?? null;
  }

  function symbolOf(node: SyntaxNode | null, depth = 0): SymbolPath | null {
    if (node === null || depth > MAX_DEPTH) return null;
    const inner = unwrapGo(node);
    switch (inner.type) {
      case 'identifier': {
        const name = text(inner);
        const local = localAt(name, inner.startIndex);
        if (local !== null)
          return local.init === null || local.init.startIndex >= inner.startIndex
            ? null
            : symbolOf(local.init, depth + 1);
        return imports.has(name) || BUILT_IN.has(name) ? null : { module: null, path: [name] };
      }
      case 'selector_expression': {
        const operand = fieldOf(inner, 'operand');
        const field = fieldOf(inner, 'field');
        if (operand === null || field === null) return null;
        const module = packageOf(operand);
        if (module !== null) return { module, path: [text(field)] };
        const type = typeOfExpression(operand, depth + 1);
        const [owner] = type?.path ?? [];
        // What a field holds, only the run time knows.
        if (
          type === null ||
          owner === undefined ||
          (type.module === null && fields.get(owner)?.has(text(field)) === true)
        )
          return null;
        return { module: type.module, path: [`${owner}.${text(field)}`] };
      }
      default:
        return null;
    }
  }

  /** The import path where an operand is the name of a package. */
  function packageOf(operand: SyntaxNode): string | null {
    if (operand.type !== 'identifier') return null;
    const name = text(operand);
    return localAt(name, operand.startIndex) === null ? (imports.get(name) ?? misnamedImport(name)) : null;
  }

  /** A package may be named unlike its folder: the one import without a name of its own that has the name somewhere else in its path. */
  function misnamedImport(name: string): string | null {
    if (topLevel.has(name) || BUILT_IN.has(name)) return null;
    const known = misnamed.get(name);
    if (known !== undefined) return known;
    const candidates = [...unnamed].filter((path) => path.split('/').includes(name));
    const answer = candidates.length === 1 ? (candidates[0] ?? null) : null;
    misnamed.set(name, answer);
    return answer;
  }

  function typeOfExpression(node: SyntaxNode | null, depth = 0): SymbolPath | null {
    if (node === null || depth > MAX_DEPTH) return null;
    const inner = unwrapGo(node);
    switch (inner.type) {
      case 'identifier': {
        const name = text(inner);
        const local = localAt(name, inner.startIndex);
        if (local !== null)
          return (
            typeOf(local.type) ??
            (local.init === null || local.init.startIndex >= inner.startIndex
              ? null
              : typeOfExpression(local.init, depth + 1))
          );
        const declared = topLevel.get(name);
        if (declared?.kind === 'var') return typeOf(declared.type) ?? typeOfExpression(declared.value, depth + 1);
        // `Service.Method` and `(*Service).Method` name a method of a type.
        if (declared?.kind === 'type' || declared?.kind === 'alias') return { module: null, path: [name] };
        return null;
      }
      case 'selector_expression': {
        const operand = fieldOf(inner, 'operand');
        const field = fieldOf(inner, 'field');
        if (operand === null || field === null || packageOf(operand) !== null) return null;
        const owner = typeOfExpression(operand, depth + 1);
        return owner === null || owner.module !== null
          ? null
          : typeOf(fields.get(owner.path[0] ?? '')?.get(text(field)) ?? null);
      }
      case 'composite_literal':
        return typeOf(fieldOf(inner, 'type'));
      case 'call_expression': {
        const callee = callOf(inner)?.callee ?? null;
        if (callee !== null && text(callee) === 'new')
          return typeOf(namedChildren(fieldOf(inner, 'arguments') ?? inner)[0] ?? null);
        const called = symbolOf(callee, depth + 1);
        return called === null || called.module !== null ? null : typeOf(results.get(called.path[0] ?? '') ?? null);
      }
      default:
        return null;
    }
  }

  function typeOf(node: SyntaxNode | null, depth = 0): SymbolPath | null {
    if (node === null || depth > MAX_DEPTH) return null;
    switch (node.type) {
      case 'type_identifier':
      case 'identifier': {
        const name = text(node);
        return BUILT_IN.has(name) ? null : { module: null, path: [name] };
      }
      case 'qualified_type':
      case 'selector_expression': {
        const owner = fieldOf(node, 'package') ?? fieldOf(node, 'operand');
        const name = fieldOf(node, 'name') ?? fieldOf(node, 'field');
        const module = owner === null ? null : (imports.get(text(owner)) ?? misnamedImport(text(owner)));
        return module === null || name === null ? null : { module, path: [text(name)] };
      }
      case 'generic_type':
        return typeOf(fieldOf(node, 'type'), depth + 1);
      case 'pointer_type':
      case 'parenthesized_type':
      case 'type_elem':
      case 'unary_expression':
      case 'parenthesized_expression':
        return typeOf(firstNamed(node), depth + 1);
      case 'index_expression':
      case 'type_instantiation_expression':
        return typeOf(fieldOf(node, 'operand') ?? firstNamed(node), depth + 1);
      default:
        return null;
    }
  }

  function nameOf(node: SyntaxNode, depth = 0): Name {
    if (depth > MAX_DEPTH) return unknown(node, 'the expression is nested too deeply');
    const inner = unwrapGo(node);
    switch (inner.type) {
      case 'interpreted_string_literal':
      case 'raw_string_literal':
        return literal(stringValue(inner));
      case 'binary_expression': {
        const left = fieldOf(inner, 'left');
        const right = fieldOf(inner, 'right');
        if (left !== null && right !== null && fieldOf(inner, 'operator')?.type === '+')
          return { kind: 'template', parts: [nameOf(left, depth + 1), nameOf(right, depth + 1)] };
        break;
      }
      case 'call_expression': {
        const call = callOf(inner);
        const called = call === null ? null : symbolOf(call.callee);
        const argument = call?.arguments[0];
        if (called?.module === 'os' && called.path[0] === 'Getenv' && argument !== undefined) {
          const variable = nameOf(argument, depth + 1);
          if (variable.kind === 'literal') return { kind: 'env', variable: variable.value, fallback: null };
        }
        // A conversion: `string(TopicOrders)`.
        if (call !== null && argument !== undefined && call.arguments.length === 1 && text(call.callee) === 'string')
          return nameOf(argument, depth + 1);
        break;
      }
      case 'identifier': {
        const local = localAt(text(inner), inner.startIndex);
        if (local !== null && local.init !== null && local.init.startIndex < inner.startIndex)
          return nameOf(local.init, depth + 1);
        const symbol = symbolOf(inner);
        if (symbol !== null) return { kind: 'symbol', ...symbol };
        break;
      }
      case 'selector_expression': {
        const symbol = symbolOf(inner);
        if (symbol !== null) return { kind: 'symbol', ...symbol };
        break;
      }
      default:
    }
    const shown = shortened(text(inner));
    return unknown(inner, `it comes from \`${shown}\``);
  }

  function unknown(node: SyntaxNode, reason: string): Name {
    return { kind: 'unknown', text: shortened(text(node)), reason };
  }

  function stringValue(node: SyntaxNode): string {
    const source = text(node);
    if (source.startsWith('`')) return source.slice(1, -1).replaceAll('\r', '');
    return source
      .slice(1, source.length > 1 && source.endsWith('"') ? -1 : undefined)
      .replaceAll(
        /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
        (
          _,
          x: string | undefined,
          u: string | undefined,
          w: string | undefined,
          octal: string | undefined,
          one: string | undefined,
        ) => {
          const code = x ?? u ?? w;
          const point =
            code === undefined ? (octal === undefined ? -1 : Number.parseInt(octal, 8)) : Number.parseInt(code, 16);
          if (point >= 0) return point <= 0x10ffff ? String.fromCodePoint(point) : '';
          return (
            ({ n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' } as Readonly<Record<string, string>>)[
              one ?? ''
            ] ??
            one ??
            ''
          );
        },
      );
  }

  function bindings(hook: ValueHook): readonly Binding[] {
    return entries.map((entry): Binding => {
      const last = entry.name.slice(entry.name.lastIndexOf('.') + 1);
      return {
        name: entry.name,
        exported: /^\p{Lu}/u.test(last),
        value: valueOf(entry, hook),
        at: locationAt(file, entry.nameNode.startIndex, entry.nameNode.endIndex),
      };
    });
  }

  function valueOf({ kind, name, value, type, nameNode }: TopLevel, hook: ValueHook): Value {
    switch (kind) {
      case 'function':
        return { kind: 'function', function: name };
      case 'type':
        return { kind: 'declaration', key: name };
      case 'alias': {
        const symbol = typeOf(type);
        return symbol === null ? { kind: 'declaration', key: name } : { kind: 'symbol', ...symbol };
      }
      case 'const':
        return value === null ? unknown(nameNode, 'it has no value of its own') : nameOf(value);
      case 'var': {
        if (value === null) return unknown(nameNode, 'it is assigned at run time');
        const special = hook(value, [name]);
        if (special !== null) return special;
        return value.type === 'func_literal' ? { kind: 'function', function: name } : nameOf(value);
      }
    }
  }

  function calls(): readonly Call[] {
    const found = new Map<string, Call>();
    const seen = new Set<number>();
    for (const node of nodesOfType(root, ['selector_expression', 'identifier'])) {
      const start = node.startIndex;
      const within = functionAt(start);
      let symbol: SymbolPath | null;
      if (node.type === 'selector_expression') {
        symbol = symbolOf(node);
        const operand = fieldOf(node, 'operand', 'identifier');
        // The name of a package or of a value with methods is no reference of its own.
        if (operand !== null && symbol !== null) seen.add(operand.startIndex);
      } else {
        if (seen.has(start) || declaring.has(start) || BUILT_IN.has(text(node))) continue;
        symbol = symbolOf(node);
      }
      if (symbol === null || (symbol.module === null && symbol.path[0] === within)) continue;
      // Declarations themselves, constants and types of this file are no functions.
      const own = symbol.module === null ? topLevel.get(symbol.path[0] ?? '') : undefined;
      if (
        own !== undefined &&
        (own.kind === 'const' || own.kind === 'type' || own.kind === 'alias' || own.nameNode.startIndex === start)
      )
        continue;
      found.set(`${within ?? ''}\n${symbol.module ?? ''}\n${symbol.path.join('\n')}`, {
        within,
        module: symbol.module,
        path: symbol.path,
      });
    }
    return [...found.values()];
  }

  function functionAt(offset: number): string | null {
    return unitAt.innermost(offset)?.value ?? null;
  }

  return {
    packageName: packageNode === null ? '' : text(packageNode),
    packageNode,
    imports,
    bindings,
    calls,
    functionAt,
    symbolOf: (node) => symbolOf(node),
    typeOfExpression: (node) => typeOfExpression(node),
    typeOf: (node) => typeOf(node),
    nameOf: (node) => nameOf(node),
    callOf,
    types,
  };
}

/** The name that an import path goes by where the file gives it none: its last step, without a version. */
export function packageNameOf(path: string): string {
  const steps = path.split('/').filter((step) => step !== '');
  const last = steps.at(-1) ?? '';
  const step = /^v\d+$/.test(last) ? (steps.at(-2) ?? last) : last;
  return step
    .replace(/\.v\d+$/, '')
    .replace(/^go-/, '')
    .replaceAll('-', '_');
}

/** The members of a composite literal by field name; null for anything else, and for literals without names. */
export function compositeFields(
  node: SyntaxNode | null,
): ReadonlyMap<string, { readonly key: SyntaxNode; readonly value: SyntaxNode }> | null {
  const inner = node === null ? null : unwrapGo(node);
  const body = inner?.type === 'composite_literal' ? fieldOf(inner, 'body') : null;
  if (body === null) return null;
  const members = new Map<string, { readonly key: SyntaxNode; readonly value: SyntaxNode }>();
  for (const element of namedChildren(body)) {
    const key = fieldOf(element, 'key') ?? (element.type === 'keyed_element' ? firstNamed(element) : null);
    const value =
      fieldOf(element, 'value') ?? (element.type === 'keyed_element' ? (namedChildren(element)[1] ?? null) : null);
    const inside = value === null ? null : value.type === 'literal_element' ? firstNamed(value) : value;
    if (key === null || inside === null) return null;
    members.set(key.text.trim(), { key, value: inside });
  }
  return members;
}

/** The expression inside parentheses, `&` and `*`. */
export function unwrapGo(node: SyntaxNode): SyntaxNode {
  let current = node;
  for (let step = 0; step < MAX_DEPTH; step++) {
    const operator = current.type === 'unary_expression' ? fieldOf(current, 'operator')?.type : undefined;
    if (
      current.type !== 'parenthesized_expression' &&
      current.type !== 'literal_element' &&
      operator !== '&' &&
      operator !== '*'
    )
      break;
    const inner: SyntaxNode | null = fieldOf(current, 'operand') ?? firstNamed(current);
    if (inner === null) break;
    current = inner;
  }
  return current;
}

/** A call in any of its shapes: `f(x)`, `f[T](x, y)`, and `f[T](x)`, which reads as a conversion. */
function callOf(node: SyntaxNode): GoCall | null {
  if (node.type === 'type_conversion_expression') {
    const type = fieldOf(node, 'type', 'generic_type');
    const operand = fieldOf(node, 'operand');
    const callee = fieldOf(type, 'type');
    const list = fieldOf(type, 'type_arguments');
    return callee === null || operand === null
      ? null
      : { callee, typeArguments: list === null ? [] : namedChildren(list), arguments: [operand] };
  }
  if (node.type !== 'call_expression') return null;
  const callee = fieldOf(node, 'function');
  const list = fieldOf(node, 'arguments');
  if (callee === null || list === null) return null;
  const given = namedChildren(list);
  const types = fieldOf(node, 'type_arguments');
  if (types !== null) return { callee, typeArguments: namedChildren(types), arguments: given };
  if (callee.type === 'index_expression') {
    const operand = fieldOf(callee, 'operand');
    const index = fieldOf(callee, 'index');
    return operand === null
      ? null
      : { callee: operand, typeArguments: index === null ? [] : [index], arguments: given };
  }
  if (callee.type === 'type_instantiation_expression') {
    const [operand, ...indices] = namedChildren(callee);
    return operand === undefined ? null : { callee: operand, typeArguments: indices, arguments: given };
  }
  return { callee, typeArguments: [], arguments: given };
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
