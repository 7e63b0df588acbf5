// A TypeScript or JavaScript syntax tree → what code readers ask of it: imports, exported names and their static values, the function
// around a place, what an expression names, and which functions refer to which. ECMAScript modules and `require` of a literal.
// Nothing is executed. Not followed: reassigned variables, destructured values, namespaces, decorators.
import type { Binding, Call, Value } from '../model/declaration.ts';
import type { Name } from '../model/name.ts';
import { literal } from '../model/name.ts';
import type { SourceFile } from '../model/source.ts';
import { locationAt } from '../model/source.ts';
import type { SyntaxNode } from './code.ts';
import { fieldOf, firstNamed, namedChildren, Nesting, nodesOfType } from './nodes.ts';

/** A name as this file sees it: of another module, or (module null) of this one. An empty path is the module itself. */
export interface SymbolPath {
  readonly module: string | null;
  readonly path: readonly string[];
}

/** What a reader knows of an initialiser that is no plain value, or null. `path` are the names that lead to it: `['topics', 'orders']`. */
export type ValueHook = (node: SyntaxNode, path: readonly string[]) => Value | null;

/** A file of TypeScript, read once per tree. Valid as long as the tree. */
export interface TypeScriptModule {
  /** Imports by local name. */
  readonly imports: ReadonlyMap<string, SymbolPath>;
  /** Names of the module, its exports and re-exports, by static value. The hook is asked first, for every initialiser. */
  readonly bindings: (hook: ValueHook) => readonly Binding[];
  /** References from functions to imported names and to functions of this file, callbacks included; each once. */
  readonly calls: () => readonly Call[];
  /** The function around an offset, as `name`, `Class.method` or `object.member`; closures count as the one that makes them. */
  readonly functionAt: (offset: number) => string | null;
  /** What an expression names, through local variables, typed parameters, `this` and instances; null where it is no name of a module. */
  readonly symbolOf: (node: SyntaxNode | null) => SymbolPath | null;
  /** The static value of an expression; `unknown` with its reason where it has none. */
  readonly nameOf: (node: SyntaxNode) => Name;
  /** What a type names; null for literal and built-in types. */
  readonly typeOf: (node: SyntaxNode | null) => SymbolPath | null;
  /** Interfaces, type aliases and classes that stand at the top level, by name, with the node of the name. */
  readonly types: ReadonlyMap<string, SyntaxNode>;
}

const MAX_DEPTH = 40;
const FUNCTIONS = [
  'function_declaration',
  'generator_function_declaration',
  'function_expression',
  'generator_function',
  'arrow_function',
  'method_definition',
] as const;
const FUNCTION_VALUES: ReadonlySet<string> = new Set(['function_expression', 'generator_function', 'arrow_function']);
const BLOCKS = ['statement_block', 'for_statement', 'for_in_statement', 'catch_clause', 'class_static_block'] as const;
const CLASSES: ReadonlySet<string> = new Set(['class_declaration', 'abstract_class_declaration', 'class']);
const WRAPPERS: ReadonlySet<string> = new Set([
  'parenthesized_expression',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'await_expression',
  'type_assertion',
]);

interface Local {
  readonly start: number;
  readonly end: number;
  readonly init: SyntaxNode | null;
  readonly type: SyntaxNode | null;
  /** Position among the parameters of the function; -1 otherwise. */
  readonly parameter: number;
}

interface ClassInfo {
  readonly name: string;
  readonly parent: SyntaxNode | null;
  readonly methods: ReadonlySet<string>;
  readonly fields: ReadonlyMap<
    string,
    { readonly init: SyntaxNode | null; readonly type: SyntaxNode | null; readonly isStatic: boolean }
  >;
}

interface TopLevel {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly nameNode: SyntaxNode;
  readonly exported: boolean;
}

/** Reads a module's names. O(nodes). `root` may hold syntax errors: what is whole is read. */
export function readTypeScript(file: SourceFile, root: SyntaxNode): TypeScriptModule {
  const text = (node: SyntaxNode): string => file.text.slice(node.startIndex, node.endIndex);
  const imports = new Map<string, SymbolPath>();
  const topLevel = new Map<string, TopLevel>();
  const types = new Map<string, SyntaxNode>();
  const reexports: Binding[] = [];
  const statementsToSkip: { readonly start: number; readonly end: number; readonly value: null }[] = [];
  const classes: { readonly start: number; readonly end: number; readonly value: ClassInfo }[] = [];
  const classByName = new Map<string, ClassInfo>();
  const units: { readonly start: number; readonly end: number; readonly value: string }[] = [];

  for (const statement of namedChildren(root)) {
    if (statement.type === 'import_statement') readImport(statement);
    else if (statement.type === 'export_statement') readExport(statement);
    else readDeclaration(statement, false, null);
  }
  const nothingSaid = new Nesting(statementsToSkip);
  const classAt = new Nesting(classes);
  const unitAt = new Nesting(units);
  const locals = readLocals();

  function readImport(statement: SyntaxNode): void {
    statementsToSkip.push({ start: statement.startIndex, end: statement.endIndex, value: null });
    const source = fieldOf(statement, 'source', 'string');
    const clause = namedChildren(statement).find((child) => child.type === 'import_clause');
    if (source === null || clause === undefined) return;
    const module = stringValue(source);
    for (const part of namedChildren(clause)) {
      if (part.type === 'identifier') imports.set(text(part), { module, path: ['default'] });
      else if (part.type === 'namespace_import') {
        const name = firstNamed(part);
        if (name !== null) imports.set(text(name), { module, path: [] });
      } else if (part.type === 'named_imports') {
        for (const specifier of namedChildren(part)) {
          const name = fieldOf(specifier, 'name');
          if (name !== null)
            imports.set(text(fieldOf(specifier, 'alias') ?? name), { module, path: [exportedName(name)] });
        }
      }
    }
  }

  function readExport(statement: SyntaxNode): void {
    const declaration = fieldOf(statement, 'declaration');
    const isDefault = statement.children.some((child) => child?.type === 'default');
    if (declaration !== null) {
      readDeclaration(declaration, true, isDefault ? statement : null);
      return;
    }
    const value = fieldOf(statement, 'value');
    if (value !== null) {
      addTopLevel({ name: 'default', node: value, nameNode: value, exported: true });
      addUnit(value, 'default');
      return;
    }
    statementsToSkip.push({ start: statement.startIndex, end: statement.endIndex, value: null });
    const source = fieldOf(statement, 'source', 'string');
    const module = source === null ? null : stringValue(source);
    const at = locationAt(file, statement.startIndex, statement.endIndex);
    const clause = namedChildren(statement).find(
      (child) => child.type === 'export_clause' || child.type === 'namespace_export',
    );
    if (clause === undefined) {
      if (module !== null)
        reexports.push({ name: '*', exported: true, value: { kind: 'symbol', module, path: [] }, at });
    } else if (clause.type === 'namespace_export') {
      const name = firstNamed(clause);
      if (name !== null && module !== null)
        reexports.push({ name: exportedName(name), exported: true, value: { kind: 'symbol', module, path: [] }, at });
    } else {
      for (const specifier of namedChildren(clause)) {
        const name = fieldOf(specifier, 'name');
        if (name === null) continue;
        const offered = exportedName(fieldOf(specifier, 'alias') ?? name);
        const imported = module === null ? imports.get(text(name)) : undefined;
        // `export { orders }` of a name of this file: under its own name the declaration itself is marked as exported below.
        const target = imported ?? { module, path: [exportedName(name)] };
        reexports.push({
          name: offered,
          exported: true,
          value: { kind: 'symbol', ...target },
          at: locationAt(file, specifier.startIndex, specifier.endIndex),
        });
      }
    }
  }

  function readDeclaration(node: SyntaxNode, exported: boolean, defaultOf: SyntaxNode | null): void {
    const nameNode = fieldOf(node, 'name');
    if (node.type === 'lexical_declaration' || node.type === 'variable_declaration') {
      for (const declarator of namedChildren(node)) {
        const name = fieldOf(declarator, 'name', 'identifier');
        const value = fieldOf(declarator, 'value');
        if (name === null) continue;
        const required = value === null ? null : requiredModule(value);
        if (required !== null) imports.set(text(name), { module: required, path: [] });
        else addTopLevel({ name: text(name), node: declarator, nameNode: name, exported });
        if (value !== null) addUnit(value, text(name));
      }
    } else if (node.type === 'ambient_declaration') {
      for (const inner of namedChildren(node)) readDeclaration(inner, exported, null);
    } else if (nameNode !== null || defaultOf !== null) {
      const name = nameNode === null ? 'default' : text(nameNode);
      if (CLASSES.has(node.type)) readClass(node, name);
      else if (node.type.includes('function')) addUnit(node, name);
      if (/^(?:interface|type_alias|class|abstract_class)_declaration$/.test(node.type) && nameNode !== null)
        types.set(name, nameNode);
      addTopLevel({ name, node, nameNode: nameNode ?? node, exported });
      if (defaultOf !== null && nameNode !== null) {
        reexports.push({
          name: 'default',
          exported: true,
          value: { kind: 'symbol', module: null, path: [name] },
          at: locationAt(file, nameNode.startIndex, nameNode.endIndex),
        });
      }
    }
  }

  function addTopLevel(entry: TopLevel): void {
    const known = topLevel.get(entry.name);
    // A value and a type may share a name, and functions have overloads: the value wins, then the first.
    if (known === undefined || (isTypeOnly(known.node) && !isTypeOnly(entry.node))) topLevel.set(entry.name, entry);
  }

  /** Functions of a value: the value as a whole under the name, members of an object literal under `name.member`. */
  function addUnit(node: SyntaxNode, name: string, depth = 0): void {
    units.push({ start: node.startIndex, end: node.endIndex, value: name });
    const object = unwrap(node);
    if (CLASSES.has(object.type)) readClass(object, name);
    if (object.type !== 'object' || depth > 4) return;
    for (const member of namedChildren(object)) {
      const key = memberKey(member);
      const value =
        member.type === 'pair' ? fieldOf(member, 'value') : member.type === 'method_definition' ? member : null;
      if (key !== null && value !== null) addUnit(value, `${name}.${key}`, depth + 1);
    }
  }

  function readClass(node: SyntaxNode, name: string): void {
    const fields = new Map<
      string,
      { readonly init: SyntaxNode | null; readonly type: SyntaxNode | null; readonly isStatic: boolean }
    >();
    const methods = new Set<string>();
    const body = fieldOf(node, 'body');
    for (const member of body === null ? [] : namedChildren(body)) {
      const nameNode = fieldOf(member, 'name');
      const key = nameNode === null ? null : text(nameNode);
      if (key === null) continue;
      if (member.type === 'method_definition') {
        methods.add(key);
        units.push({ start: member.startIndex, end: member.endIndex, value: `${name}.${key}` });
        if (key !== 'constructor') continue;
        for (const parameter of namedChildren(fieldOf(member, 'parameters') ?? member)) {
          const pattern = fieldOf(parameter, 'pattern', 'identifier');
          const isProperty = parameter.children.some(
            (child) => child?.type === 'accessibility_modifier' || child?.type === 'readonly',
          );
          if (pattern !== null && isProperty)
            fields.set(text(pattern), { init: null, type: annotation(parameter), isStatic: false });
        }
      } else if (member.type === 'public_field_definition') {
        const init = fieldOf(member, 'value');
        const isStatic = member.children.some((child) => child?.type === 'static');
        if (init !== null) units.push({ start: init.startIndex, end: init.endIndex, value: `${name}.${key}` });
        if (init !== null && FUNCTION_VALUES.has(init.type)) methods.add(key);
        else fields.set(key, { init, type: annotation(member), isStatic });
      }
    }
    const heritage = namedChildren(node).find((child) => child.type === 'class_heritage');
    const extended =
      heritage === undefined ? undefined : namedChildren(heritage).find((child) => child.type === 'extends_clause');
    const info: ClassInfo = { name, methods, fields, parent: fieldOf(extended ?? null, 'value') };
    classes.push({ start: node.startIndex, end: node.endIndex, value: info });
    classByName.set(name, info);
  }

  /** Every name that a function or block declares for itself, by name. */
  function readLocals(): ReadonlyMap<string, Nesting<Local>> {
    const scopeNodes = nodesOfType(root, [...FUNCTIONS, ...BLOCKS]);
    const scopes = new Nesting(scopeNodes.map((node) => ({ start: node.startIndex, end: node.endIndex, value: node })));
    const found = new Map<string, Local[]>();
    const add = (name: string, scope: SyntaxNode, rest: Pick<Local, 'init' | 'type' | 'parameter'>): void => {
      const local = { start: scope.startIndex, end: scope.endIndex, ...rest };
      const list = found.get(name);
      if (list === undefined) found.set(name, [local]);
      else list.push(local);
    };
    const addPattern = (pattern: SyntaxNode, scope: SyntaxNode): void => {
      for (const name of nodesOfType(pattern, ['identifier', 'shorthand_property_identifier_pattern']))
        add(text(name), scope, { init: null, type: null, parameter: -1 });
    };
    for (const node of scopeNodes) {
      if ((FUNCTIONS as readonly string[]).includes(node.type)) {
        const single = fieldOf(node, 'parameter', 'identifier');
        if (single !== null) add(text(single), node, { init: null, type: null, parameter: 0 });
        const parameters = fieldOf(node, 'parameters');
        for (const [index, parameter] of (parameters === null ? [] : namedChildren(parameters)).entries()) {
          const pattern = fieldOf(parameter, 'pattern');
          if (pattern === null) continue;
          if (pattern.type === 'identifier')
            add(text(pattern), node, { init: null, type: annotation(parameter), parameter: index });
          else addPattern(pattern, node);
        }
      } else if (node.type === 'catch_clause') {
        const parameter = fieldOf(node, 'parameter');
        if (parameter !== null) addPattern(parameter, node);
      } else if (node.type === 'for_in_statement' && fieldOf(node, 'kind') !== null) {
        const left = fieldOf(node, 'left');
        if (left !== null) addPattern(left, node);
      }
    }
    for (const node of nodesOfType(root, ['variable_declarator', 'function_declaration', 'class_declaration'])) {
      const name = fieldOf(node, 'name');
      if (name === null) continue;
      // A function's own name belongs to the scope around it.
      const around = scopes.innermost(node.startIndex, (scope) => scope.id !== node.id);
      if (around === null) continue;
      if (node.type !== 'variable_declarator') add(text(name), around.value, { init: null, type: null, parameter: -1 });
      else if (name.type === 'identifier')
        add(text(name), around.value, { init: fieldOf(node, 'value'), type: annotation(node), parameter: -1 });
      else addPattern(name, around.value);
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
    const inner = unwrap(node);
    switch (inner.type) {
      case 'identifier':
      case 'shorthand_property_identifier': {
        const name = text(inner);
        const local = localAt(name, inner.startIndex);
        if (local !== null) return symbolOf(local.init, depth + 1) ?? typeOf(local.type);
        const imported = imports.get(name);
        if (imported !== undefined) return imported;
        return topLevel.has(name) ? { module: null, path: [name] } : null;
      }
      case 'member_expression':
      case 'subscript_expression': {
        const object = fieldOf(inner, 'object');
        const property =
          inner.type === 'member_expression' ? fieldOf(inner, 'property') : fieldOf(inner, 'index', 'string');
        if (object === null || property === null) return null;
        const key = property.type === 'string' ? stringValue(property) : text(property);
        if (object.type === 'this') return memberOfThis(inner.startIndex, key, depth);
        const owner = symbolOf(object, depth + 1);
        return owner === null ? null : { module: owner.module, path: [...owner.path, key] };
      }
      case 'call_expression': {
        // `topic.ref<Publisher>()` is the topic again; `Object.freeze(x)` is x.
        const callee = fieldOf(inner, 'function', 'member_expression');
        if (callee === null) return null;
        if (text(callee) === 'Object.freeze') return symbolOf(firstArgument(inner), depth + 1);
        const property = fieldOf(callee, 'property');
        return property !== null && text(property) === 'ref' ? symbolOf(fieldOf(callee, 'object'), depth + 1) : null;
      }
      case 'new_expression':
        return symbolOf(fieldOf(inner, 'constructor'), depth + 1);
      default:
        return null;
    }
  }

  function memberOfThis(offset: number, key: string, depth: number): SymbolPath | null {
    const info = classAt.innermost(offset)?.value;
    if (info === undefined) return null;
    if (info.methods.has(key)) return { module: null, path: [info.name, key] };
    const field = info.fields.get(key);
    if (field !== undefined) return symbolOf(field.init, depth + 1) ?? typeOf(field.type);
    const parent = symbolOf(info.parent, depth + 1);
    return parent === null ? null : { module: parent.module, path: [...parent.path, key] };
  }

  function typeOf(node: SyntaxNode | null, depth = 0): SymbolPath | null {
    if (depth > MAX_DEPTH) return null;
    switch (node?.type) {
      case 'type_identifier': {
        const name = text(node);
        const imported = imports.get(name);
        if (imported !== undefined) return imported;
        return topLevel.has(name) ? { module: null, path: [name] } : null;
      }
      case 'nested_type_identifier': {
        const steps = text(node).split(/\s*\.\s*/);
        const [first, ...rest] = steps;
        const owner = first === undefined ? undefined : imports.get(first);
        return owner === undefined ? null : { module: owner.module, path: [...owner.path, ...rest] };
      }
      case 'generic_type':
        return typeOf(fieldOf(node, 'name'), depth + 1);
      case 'readonly_type':
      case 'parenthesized_type':
        return typeOf(firstNamed(node), depth + 1);
      case undefined:
      default:
        return null;
    }
  }

  function valueOf(node: SyntaxNode, path: readonly string[], hook: ValueHook, depth = 0): Value {
    const special = hook(node, path);
    if (special !== null) return special;
    const inner = unwrap(node);
    if (inner !== node) return valueOf(inner, path, hook, depth);
    if (FUNCTION_VALUES.has(node.type) || node.type === 'method_definition')
      return { kind: 'function', function: path.join('.') };
    if (node.type === 'object' && depth <= MAX_DEPTH)
      return { kind: 'object', members: objectMembers(node, path, hook, depth) };
    if (CLASSES.has(node.type)) return classValue(path[0] ?? 'default', hook, depth);
    if (node.type === 'new_expression') {
      const symbol = symbolOf(node);
      if (symbol !== null) return { kind: 'symbol', ...symbol };
    }
    if (node.type === 'call_expression') {
      if (text(fieldOf(node, 'function') ?? node) === 'Object.freeze') {
        const frozen = firstArgument(node);
        if (frozen !== null) return valueOf(frozen, path, hook, depth + 1);
      }
      const symbol = symbolOf(node);
      if (symbol !== null) return { kind: 'symbol', ...symbol };
      // A function handed to another one and named: `export const create = api({…}, async () => …)`.
      if (nodesOfType(node, [...FUNCTION_VALUES]).length > 0) return { kind: 'function', function: path.join('.') };
    }
    return nameOf(node, depth);
  }

  function objectMembers(
    node: SyntaxNode,
    path: readonly string[],
    hook: ValueHook,
    depth: number,
  ): ReadonlyMap<string, Value> {
    const members = new Map<string, Value>();
    for (const member of namedChildren(node)) {
      const key = memberKey(member);
      if (key === null) continue;
      const value = member.type === 'pair' ? fieldOf(member, 'value') : member;
      if (value === null) continue;
      if (value.type === 'shorthand_property_identifier') {
        const symbol = symbolOf(value);
        members.set(
          key,
          symbol === null ? unknown(value, 'it is declared nowhere in this file') : { kind: 'symbol', ...symbol },
        );
      } else members.set(key, valueOf(value, [...path, key], hook, depth + 1));
    }
    return members;
  }

  function classValue(name: string, hook: ValueHook, depth: number): Value {
    const info = classByName.get(name);
    const members = new Map<string, Value>();
    for (const method of info?.methods ?? []) members.set(method, { kind: 'function', function: `${name}.${method}` });
    for (const [key, field] of info?.fields ?? [])
      if (field.isStatic && field.init !== null) members.set(key, valueOf(field.init, [name, key], hook, depth + 1));
    return { kind: 'object', members };
  }

  function enumValue(node: SyntaxNode): Value {
    const members = new Map<string, Value>();
    const body = fieldOf(node, 'body');
    for (const member of body === null ? [] : namedChildren(body)) {
      const name = member.type === 'enum_assignment' ? fieldOf(member, 'name') : member;
      const value = member.type === 'enum_assignment' ? fieldOf(member, 'value') : null;
      if (name !== null)
        members.set(exportedName(name), value === null ? unknown(member, 'the enum gives it a number') : nameOf(value));
    }
    return { kind: 'object', members };
  }

  function nameOf(node: SyntaxNode, depth = 0): Name {
    if (depth > MAX_DEPTH) return unknown(node, 'the expression is nested too deeply');
    const inner = unwrap(node);
    switch (inner.type) {
      case 'string':
        return literal(stringValue(inner));
      case 'template_string': {
        const parts: Name[] = [];
        let plain = '';
        for (const part of namedChildren(inner)) {
          if (part.type === 'template_substitution') {
            const value = firstNamed(part);
            if (plain !== '') parts.push(literal(plain));
            plain = '';
            parts.push(value === null ? unknown(part, 'the template has a hole') : nameOf(value, depth + 1));
          } else plain += part.type === 'escape_sequence' ? unescaped(text(part)) : text(part);
        }
        if (parts.length === 0) return literal(plain);
        return { kind: 'template', parts: plain === '' ? parts : [...parts, literal(plain)] };
      }
      case 'binary_expression': {
        const left = fieldOf(inner, 'left');
        const right = fieldOf(inner, 'right');
        const operator = fieldOf(inner, 'operator')?.type;
        if (left === null || right === null) break;
        if (operator === '+') return { kind: 'template', parts: [nameOf(left, depth + 1), nameOf(right, depth + 1)] };
        if (operator === '??' || operator === '||') {
          const value = nameOf(left, depth + 1);
          if (value.kind === 'env' && value.fallback === null) return { ...value, fallback: nameOf(right, depth + 1) };
        }
        break;
      }
      case 'identifier':
      case 'member_expression':
      case 'subscript_expression': {
        const variable = environmentVariable(inner);
        if (variable !== null) return { kind: 'env', variable, fallback: null };
        if (inner.type === 'identifier') {
          const local = localAt(text(inner), inner.startIndex);
          if (local !== null && local.parameter >= 0) return { kind: 'parameter', index: local.parameter };
          if (local !== null && local.init !== null && local.init.startIndex !== inner.startIndex)
            return nameOf(local.init, depth + 1);
        }
        const symbol = symbolOf(inner);
        if (symbol !== null) return { kind: 'symbol', ...symbol };
        break;
      }
      default:
    }
    return unknown(inner, `it comes from \`${shortened(text(inner))}\``);
  }

  function environmentVariable(node: SyntaxNode): string | null {
    const match = /^process\.env(?:\.([A-Za-z_]\w*)|\[\s*['"]([^'"]+)['"]\s*\])$/.exec(text(node));
    return match?.[1] ?? match?.[2] ?? null;
  }

  function unknown(node: SyntaxNode, reason: string): Name {
    return { kind: 'unknown', text: shortened(text(node)), reason };
  }

  function stringValue(node: SyntaxNode): string {
    return namedChildren(node)
      .map((part) => (part.type === 'escape_sequence' ? unescaped(text(part)) : text(part)))
      .join('');
  }

  function exportedName(node: SyntaxNode): string {
    return node.type === 'string' ? stringValue(node) : text(node);
  }

  function memberKey(member: SyntaxNode): string | null {
    if (member.type === 'shorthand_property_identifier') return text(member);
    const key = fieldOf(member, 'key') ?? fieldOf(member, 'name');
    if (key === null) return null;
    if (key.type === 'computed_property_name') {
      const inner = firstNamed(key);
      return inner?.type === 'string' ? stringValue(inner) : null;
    }
    return exportedName(key);
  }

  function requiredModule(node: SyntaxNode): string | null {
    if (node.type !== 'call_expression' || text(fieldOf(node, 'function') ?? node) !== 'require') return null;
    const argument = firstArgument(node);
    return argument?.type === 'string' ? stringValue(argument) : null;
  }

  function bindings(hook: ValueHook): readonly Binding[] {
    const offeredHere = new Set(
      reexports.flatMap(({ name, value }) =>
        value.kind === 'symbol' && value.module === null && value.path[0] === name ? [name] : [],
      ),
    );
    const own = [...topLevel.values()].map(({ name, node, nameNode, exported }): Binding => {
      const at = locationAt(file, nameNode.startIndex, nameNode === node ? nameNode.startIndex : nameNode.endIndex);
      return { name, exported: exported || offeredHere.has(name), value: topLevelValue(name, node, hook), at };
    });
    return [...own, ...reexports.filter(({ name }) => !offeredHere.has(name))];
  }

  function topLevelValue(name: string, node: SyntaxNode, hook: ValueHook): Value {
    if (node.type === 'variable_declarator') {
      const value = fieldOf(node, 'value');
      return value === null ? unknown(node, 'it is assigned later') : valueOf(value, [name], hook);
    }
    if (node.type === 'enum_declaration') return enumValue(node);
    if (isTypeOnly(node)) return { kind: 'declaration', key: name };
    if (CLASSES.has(node.type)) {
      const value = classValue(name, hook, 0);
      return value.kind === 'object' && value.members.size === 0 ? { kind: 'declaration', key: name } : value;
    }
    if (node.type.includes('function'))
      return FUNCTION_VALUES.has(node.type) ? valueOf(node, [name], hook) : { kind: 'function', function: name };
    return valueOf(node, [name], hook);
  }

  function calls(): readonly Call[] {
    const found = new Map<string, Call>();
    const seen = new Set<number>();
    for (const node of nodesOfType(root, ['member_expression', 'identifier', 'shorthand_property_identifier'])) {
      const start = node.startIndex;
      if (seen.has(start) || nothingSaid.innermost(start) !== null) continue;
      let head: SyntaxNode | null = node;
      for (let step = 0; head?.type === 'member_expression' && step < MAX_DEPTH; step++) head = fieldOf(head, 'object');
      if (
        head === null ||
        !(head.type === 'this' || head.type === 'identifier' || head.type === 'shorthand_property_identifier')
      )
        continue;
      // The longest chain that starts here comes first; its own parts are not references of their own.
      seen.add(start);
      if (head.type !== 'this') {
        const name = text(head);
        if (!imports.has(name) && !topLevel.has(name) && !locals.has(name)) continue;
      }
      const symbol = symbolOf(node);
      if (symbol === null) continue;
      const within = functionAt(start);
      if (symbol.module === null && symbol.path.join('.') === within) continue;
      // The name of a declaration is no reference to it.
      if (symbol.module === null && topLevel.get(symbol.path[0] ?? '')?.nameNode.startIndex === start) continue;
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
    imports,
    bindings,
    calls,
    functionAt,
    symbolOf: (node) => symbolOf(node),
    nameOf: (node) => nameOf(node),
    typeOf: (node) => typeOf(node),
    types,
  };
}

/** The arguments of a call or `new`, comments aside. */
export function argumentsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const list = fieldOf(node, 'arguments', 'arguments');
  return list === null ? [] : namedChildren(list);
}

/** The value of a member of an object literal, or null; a shorthand member is its own value. */
export function memberOf(node: SyntaxNode | null, key: string): SyntaxNode | null {
  const object = node === null ? null : unwrap(node);
  if (object?.type !== 'object') return null;
  for (const member of namedChildren(object)) {
    const name =
      member.type === 'shorthand_property_identifier' ? member : (fieldOf(member, 'key') ?? fieldOf(member, 'name'));
    if (name === null || name.text.replaceAll(/^['"]|['"]$/g, '') !== key) continue;
    return member.type === 'pair' ? fieldOf(member, 'value') : member;
  }
  return null;
}

/** The expression inside parentheses, casts, `satisfies`, `!` and `await`. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let current = node;
  for (let step = 0; step < MAX_DEPTH && WRAPPERS.has(current.type); step++) {
    const inner: SyntaxNode | undefined =
      current.type === 'type_assertion' ? namedChildren(current).at(-1) : namedChildren(current)[0];
    if (inner === undefined) break;
    current = inner;
  }
  return current;
}

function firstArgument(node: SyntaxNode): SyntaxNode | null {
  return argumentsOf(node)[0] ?? null;
}

function annotation(node: SyntaxNode): SyntaxNode | null {
  const type = fieldOf(node, 'type', 'type_annotation');
  return type === null ? null : firstNamed(type);
}

function isTypeOnly(node: SyntaxNode): boolean {
  return node.type === 'interface_declaration' || node.type === 'type_alias_declaration';
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['0', '\0'],
]);

function unescaped(sequence: string): string {
  const hex = /^\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))$/i.exec(sequence);
  const code = hex?.[1] ?? hex?.[2] ?? hex?.[3];
  if (code !== undefined) {
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '';
  }
  const character = sequence.slice(1);
  return ESCAPES.get(character) ?? (/^\r?\n/.test(character) ? '' : character);
}
