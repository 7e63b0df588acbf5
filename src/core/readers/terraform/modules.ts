// Files of HCL → modules (one per folder), their instances (one per call, `count` and `for_each` over known values included) and the resources
// of each instance. A folder that no other module calls is a root. Copies of one root for several environments are one: the copy with the most
// resources stands for all, and only what the others have beyond it is added.
import type { Location, SourceFile } from '../../model/source.ts';
import { resolvePath } from '../../syntax/data.ts';
import type { HclAttribute, HclBlock, HclBody, HclFile, HclSpan } from '../../syntax/hcl.ts';
import { attributeOf, hclLocation } from '../../syntax/hcl.ts';
import type { Budget, Foreign, Place, Scope, Value } from './values.ts';
import { evaluate, itemsOf, sourceOf, textOf } from './values.ts';

/** A block and the file it stands in. */
export interface Placed<T> {
  readonly file: SourceFile;
  readonly item: T;
}

/** All files of one folder. */
export interface Module {
  readonly folder: string;
  /** `type.name`, data sources as `data.type.name`. */
  readonly nodes: ReadonlyMap<string, Placed<HclBlock>>;
  readonly variables: ReadonlyMap<string, Placed<HclBlock>>;
  readonly locals: ReadonlyMap<string, Placed<HclAttribute>>;
  readonly outputs: ReadonlyMap<string, Placed<HclBlock>>;
  readonly calls: ReadonlyMap<string, Placed<HclBlock>>;
  /** Values of `terraform.tfvars` and `*.auto.tfvars`, which Terraform loads by itself. */
  readonly assigned: ReadonlyMap<string, Placed<HclAttribute>>;
  /** Values of other `*.tfvars` files, one of which is chosen at the deployment. */
  readonly choices: ReadonlyMap<string, readonly Placed<HclAttribute>[]>;
  readonly choiceFiles: number;
  /** A file of it could not be read in full. */
  readonly broken: boolean;
}

/** How often a block may stand for several things; how much one root may hold, and take to evaluate. */
const MAX_INSTANCES = 64;
const MAX_NODES = 20_000;
const MAX_STEPS = 1_000_000;
const MAX_CHAIN = 12;
const ENVIRONMENT =
  /^(?:dev|develop|development|test|testing|qa|uat|int|integration|stag|stage|staging|preprod|pre-prod|preview|sandbox|demo|perf|prd|prod|production|live)$/i;

/** One use of a module: a root, or what a `module` block makes. */
export interface Instance {
  readonly module: Module;
  readonly root: Instance;
  /** `module.orders.`, or empty for a root. */
  readonly prefix: string;
  readonly budget: Budget;
  readonly nodes: () => readonly Node[];
  readonly children: () => readonly Instance[];
  /** Calls of modules from elsewhere, as nodes of the type "module". */
  readonly foreign: () => readonly Node[];
  readonly variable: (name: string, at: Place) => Value;
  readonly local: (name: string, at: Place) => Value;
  readonly output: (name: string, at: Place) => Value;
  readonly moduleValue: (name: string, at: Place) => Value;
  readonly nodeValue: (address: string, at: Place) => Value;
}

/** One member of a body with `dynamic` blocks expanded. */
export interface Member {
  readonly type: string;
  readonly body: Body;
  /** Whether it exists is decided by values that are not known. */
  readonly maybe: boolean;
  readonly at: Location;
}

/** A body whose attributes can be asked for their values. */
export interface Body {
  readonly scope: Scope;
  readonly span: HclSpan;
  /** Undefined where it is not written, or written as null. */
  readonly attribute: (name: string) => Value | undefined;
  readonly attributeAt: (name: string) => Location | null;
  readonly blocks: (type: string) => readonly Member[];
  readonly names: readonly string[];
}

/** A resource or data source of one instance of its module. */
export interface Node extends Body {
  readonly type: string;
  readonly name: string;
  /** With the module's prefix, and its key where it is one of several. */
  readonly address: string;
  /** Unique over the workspace within its file. */
  readonly key: string;
  readonly isData: boolean;
  readonly instance: Instance;
  readonly block: HclBlock;
  readonly file: SourceFile;
  /** The label that names it. */
  readonly at: Location;
}

/** All modules of the workspace, by folder. */
export function modulesOf(files: readonly HclFile[]): ReadonlyMap<string, Module> {
  const byFolder = new Map<string, HclFile[]>();
  for (const file of files) {
    const folder = folderOf(file.file.path);
    const list = byFolder.get(folder);
    if (list === undefined) byFolder.set(folder, [file]);
    else list.push(file);
  }
  return new Map([...byFolder].map(([folder, list]) => [folder, moduleOf(folder, list)]));
}

function moduleOf(folder: string, files: readonly HclFile[]): Module {
  const nodes = new Map<string, Placed<HclBlock>>();
  const variables = new Map<string, Placed<HclBlock>>();
  const locals = new Map<string, Placed<HclAttribute>>();
  const outputs = new Map<string, Placed<HclBlock>>();
  const calls = new Map<string, Placed<HclBlock>>();
  const assigned = new Map<string, Placed<HclAttribute>>();
  const choices = new Map<string, Placed<HclAttribute>[]>();
  let choiceFiles = 0;
  const put = <T>(map: Map<string, Placed<T>>, name: string | undefined, file: SourceFile, item: T): void => {
    if (name !== undefined && !map.has(name)) map.set(name, { file, item });
  };
  for (const { file, body } of files.toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1))) {
    if (file.path.endsWith('.tfvars')) {
      const isAuto = /(?:^|\/)terraform\.tfvars$|\.auto\.tfvars$/.test(file.path);
      if (!isAuto) choiceFiles++;
      for (const attribute of body.attributes) {
        // Of the files that are loaded by themselves the last one wins, `*.auto.tfvars` over `terraform.tfvars`.
        if (isAuto && (file.path.endsWith('.auto.tfvars') || !assigned.has(attribute.name)))
          assigned.set(attribute.name, { file, item: attribute });
        else if (!isAuto)
          choices.set(attribute.name, [...(choices.get(attribute.name) ?? []), { file, item: attribute }]);
      }
      continue;
    }
    for (const block of body.blocks) {
      const [first, second] = block.labels;
      switch (block.type) {
        case 'resource':
          if (first !== undefined && second !== undefined) put(nodes, `${first.text}.${second.text}`, file, block);
          break;
        case 'data':
          if (first !== undefined && second !== undefined) put(nodes, `data.${first.text}.${second.text}`, file, block);
          break;
        case 'variable':
          put(variables, first?.text, file, block);
          break;
        case 'output':
          put(outputs, first?.text, file, block);
          break;
        case 'module':
          put(calls, first?.text, file, block);
          break;
        case 'locals':
          for (const attribute of block.body.attributes) put(locals, attribute.name, file, attribute);
          break;
        default:
      }
    }
  }
  return {
    folder,
    nodes,
    variables,
    locals,
    outputs,
    calls,
    assigned,
    choices,
    choiceFiles,
    broken: files.some((file) => file.problems.length > 0),
  };
}

/** Every instance of every module, roots first. */
export function instancesOf(modules: ReadonlyMap<string, Module>): readonly Instance[] {
  const called = new Set<string>();
  for (const module of modules.values()) {
    for (const call of module.calls.values()) {
      const folder = calledFolder(module, call.item);
      if (folder !== null && !isExampleOf(module.folder, folder)) called.add(folder);
    }
  }
  const roots = [...modules.values()].filter((module) => !called.has(module.folder));
  // Modules that call each other in a circle have no root: they are read on their own.
  const reached = new Set<string>();
  const instances: Instance[] = [];
  const visit = (instance: Instance, depth: number): void => {
    reached.add(instance.module.folder);
    instances.push(instance);
    if (depth < MAX_CHAIN) for (const child of instance.children()) visit(child, depth + 1);
  };
  for (const group of environments(roots)) {
    const [first, ...copies] = group;
    if (first === undefined) continue;
    const canonical = makeRoot(modules, first, null);
    visit(canonical, 0);
    for (const copy of copies) visit(makeRoot(modules, copy, canonical), 0);
  }
  for (const module of modules.values())
    if (!reached.has(module.folder) && called.has(module.folder)) visit(makeRoot(modules, module, null), 0);
  return instances;
}

/** Roots that are copies of each other for several environments together, the one that stands for all in front. */
function environments(roots: readonly Module[]): readonly (readonly Module[])[] {
  const groups = new Map<string, Module[]>();
  for (const root of roots) {
    const shape = root.folder
      .split('/')
      .map((segment) => (ENVIRONMENT.test(segment) ? '*' : segment))
      .join('/');
    const list = groups.get(shape);
    if (list === undefined) groups.set(shape, [root]);
    else list.push(root);
  }
  const result: Module[][] = [];
  for (const [shape, list] of groups) {
    if (list.length < 2 || !shape.includes('*')) {
      result.push(...list.map((root) => [root]));
      continue;
    }
    const size = (root: Module): number => root.nodes.size + root.calls.size;
    const [first, ...others] = list.toSorted(
      (a, b) =>
        size(b) - size(a) ||
        Number(/prod|prd|live/i.test(b.folder)) - Number(/prod|prd|live/i.test(a.folder)) ||
        (a.folder < b.folder ? -1 : 1),
    );
    if (first === undefined) continue;
    const names = new Set([...first.nodes.keys(), ...first.calls.keys()]);
    const alike = others.filter((other) => {
      const own = [...other.nodes.keys(), ...other.calls.keys()];
      return own.filter((name) => names.has(name)).length * 2 >= own.length;
    });
    result.push([first, ...alike], ...others.filter((other) => !alike.includes(other)).map((other) => [other]));
  }
  return result;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** A caller in a folder of examples below the module it calls shows how to use it: the module stands for itself. */
function isExampleOf(caller: string, callee: string): boolean {
  if (caller === callee || !(callee === '' || caller.startsWith(`${callee}/`))) return false;
  return caller
    .slice(callee.length)
    .split('/')
    .some((segment) => /^(?:examples?|samples?|tests?|fixtures?|usage|wrappers?)$/i.test(segment));
}

/** The `source` of a call. */
export function sourceText(block: HclBlock): string | null {
  const source = attributeOf(block.body, 'source')?.value;
  return source?.kind === 'literal' && typeof source.value === 'string' ? source.value : null;
}

function calledFolder(module: Module, block: HclBlock): string | null {
  const source = sourceText(block);
  if (source === null || !/^\.\.?(?:\/|$)/.test(source)) return null;
  return resolvePath(module.folder === '' ? 'x' : `${module.folder}/x`, source.replace(/\/+$/, ''));
}

function makeRoot(modules: ReadonlyMap<string, Module>, module: Module, canonical: Instance | null): Instance {
  return new ModuleInstance({
    modules,
    module,
    budget: { left: MAX_STEPS },
    count: { left: MAX_NODES },
    canonical,
    parent: null,
    prefix: '',
    call: null,
  });
}

interface Making {
  readonly modules: ReadonlyMap<string, Module>;
  readonly module: Module;
  readonly budget: Budget;
  readonly count: { left: number };
  /** The root that this one is a copy of. */
  readonly canonical: Instance | null;
  readonly parent: Instance | null;
  readonly prefix: string;
  /** The body of the call, in the caller's scope. */
  readonly call: Body | null;
}

class ModuleInstance implements Instance {
  readonly module: Module;
  readonly root: Instance;
  readonly prefix: string;
  readonly budget: Budget;
  readonly #making: Making;
  readonly #values = new Map<string, Value>();
  readonly #running = new Set<string>();
  readonly #groups = new Map<string, Value>();
  readonly #children = new Map<string, readonly Instance[]>();

  constructor(making: Making) {
    this.#making = making;
    this.module = making.module;
    this.root = making.parent?.root ?? this;
    this.prefix = making.prefix;
    this.budget = making.budget;
  }

  /** Remembers a value; one that asks for itself is open. */
  #once(key: string, at: Place, make: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#running.has(key)) return { kind: 'open', text: sourceOf(at), reason: 'it refers to itself', at };
    this.#running.add(key);
    const value = make();
    this.#running.delete(key);
    this.#values.set(key, value);
    return value;
  }

  #scope(file: SourceFile): Scope {
    return { instance: this, file, names: new Map() };
  }

  readonly variable = (name: string, at: Place): Value =>
    this.#once(`var.${name}`, at, () => {
      const { call } = this.#making;
      const declared = this.module.variables.get(name);
      const unset = (reason: string): Value => ({ kind: 'open', text: `var.${name}`, reason, at });
      const fallback = declared === undefined ? undefined : attributeOf(declared.item.body, 'default');
      const byDefault =
        declared === undefined || fallback === undefined ? null : evaluate(this.#scope(declared.file), fallback.value);
      if (call !== null) {
        if (call.names.includes(name)) return call.attribute(name) ?? byDefault ?? { kind: 'literal', value: null, at };
        return byDefault ?? unset(`the variable ${name} has no value`);
      }
      const assigned = this.module.assigned.get(name);
      if (assigned !== undefined) return evaluate(this.#scope(assigned.file), assigned.item.value);
      const choices = (this.module.choices.get(name) ?? []).map((choice) =>
        evaluate(this.#scope(choice.file), choice.item.value),
      );
      const [first] = choices;
      if (first === undefined) return byDefault ?? unset(`the variable ${name} has no value in the workspace`);
      const all = choices.length < this.module.choiceFiles && byDefault !== null ? [...choices, byDefault] : choices;
      const texts = new Set(all.map((value) => textOf(value) ?? sourceOf(value.at)));
      return texts.size === 1
        ? first
        : unset(`the variable ${name} has several values (${[...texts].slice(0, 3).join(', ')})`);
    });

  readonly local = (name: string, at: Place): Value =>
    this.#once(`local.${name}`, at, () => {
      const found = this.module.locals.get(name);
      return found === undefined
        ? { kind: 'open', text: `local.${name}`, reason: `no local value ${name} is declared`, at }
        : evaluate(this.#scope(found.file), found.item.value);
    });

  readonly output = (name: string, at: Place): Value =>
    this.#once(`output.${name}`, at, () => {
      const found = this.module.outputs.get(name);
      const value = found === undefined ? undefined : attributeOf(found.item.body, 'value');
      return found === undefined || value === undefined
        ? { kind: 'open', text: `${this.prefix}${name}`, reason: `the module has no output ${name}`, at }
        : evaluate(this.#scope(found.file), value.value);
    });

  readonly moduleValue = (name: string, at: Place): Value => {
    const call = this.module.calls.get(name);
    const { canonical } = this.#making;
    if (canonical !== null && canonical.module.calls.has(name)) return canonical.moduleValue(name, at);
    if (call === undefined) return { kind: 'open', text: `module.${name}`, reason: `no module ${name} is called`, at };
    this.#call(name);
    return (
      this.#groups.get(`module.${name}`) ?? { kind: 'open', text: `module.${name}`, reason: 'it refers to itself', at }
    );
  };

  readonly nodeValue = (address: string, at: Place): Value => {
    const { canonical } = this.#making;
    if (canonical !== null && canonical.module.nodes.has(address)) return canonical.nodeValue(address, at);
    const found = this.module.nodes.get(address);
    if (found === undefined) {
      if (this.module.broken)
        return { kind: 'open', text: address, reason: `nothing is declared as ${address} in what could be read`, at };
      return address.includes('_')
        ? { kind: 'absent', address, instance: this, at }
        : { kind: 'open', text: address, reason: `nothing is declared as ${address}`, at };
    }
    return this.#once(address, at, () => this.#expand(address, found));
  };

  #call(name: string): readonly Instance[] {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const call = this.module.calls.get(name);
    if (call === undefined) return [];
    const { modules, budget, count } = this.#making;
    const at: Place = { file: call.file, start: call.item.start, end: call.item.end };
    const folder = calledFolder(this.module, call.item);
    const target = folder === null ? undefined : modules.get(folder);
    this.#children.set(name, []);
    const isExample = folder !== null && isExampleOf(this.module.folder, folder);
    if (target === undefined || isExample || this.#chain() > MAX_CHAIN || this.#isAround(target)) {
      const source = sourceText(call.item);
      const reason = isExample
        ? `the module ${name} is the one that this folder is an example of`
        : target !== undefined
          ? `the module ${name} calls itself`
          : folder !== null
            ? `the folder of the module ${name} has no Terraform files in the workspace`
            : `the module ${name} comes from ${source ?? 'elsewhere'}, outside the workspace`;
      const address = `${this.prefix}module.${name}`;
      const foreign: Foreign | null =
        folder !== null || source === null
          ? null
          : {
              address,
              key: this.prefix === '' ? address : `${this.root.module.folder}:${address}`,
              source,
              file: call.file,
              at: hclLocation(call.file, call.item.labels[0] ?? call.item),
            };
      this.#groups.set(`module.${name}`, {
        kind: 'open',
        text: `module.${name}`,
        reason,
        at,
        ...(foreign === null ? {} : { foreign }),
      });
      return [];
    }
    const made: Instance[] = [];
    const value = this.#repeat(call, at, (suffix, names) => {
      const scope: Scope = { instance: this, file: call.file, names };
      const instance = new ModuleInstance({
        modules,
        module: target,
        budget,
        count,
        canonical: null,
        parent: this,
        prefix: `${this.prefix}module.${name}${suffix}.`,
        call: bodyOf(scope, call.item.body),
      });
      made.push(instance);
      return { kind: 'module', instance, at };
    });
    this.#groups.set(`module.${name}`, value);
    this.#children.set(name, made);
    return made;
  }

  #chain(): number {
    return this.prefix.split('module.').length - 1;
  }

  #isAround(target: Module): boolean {
    if (target === this.module) return true;
    const { parent } = this.#making;
    return parent instanceof ModuleInstance && parent.#isAround(target);
  }

  #expand(address: string, { file, item: block }: Placed<HclBlock>): Value {
    const at: Place = { file, start: block.start, end: block.end };
    return this.#repeat({ file, item: block }, at, (suffix, names) => {
      const scope: Scope = { instance: this, file, names };
      return { kind: 'node', node: nodeOf(this, `${address}${suffix}`, block, scope), path: [], at };
    });
  }

  /** One value for a block, or a group of them where `count` or `for_each` says so. */
  #repeat(
    { file, item: block }: Placed<HclBlock>,
    at: Place,
    make: (suffix: string, names: ReadonlyMap<string, Value>) => Value,
  ): Value {
    const counted = attributeOf(block.body, 'count');
    const each = attributeOf(block.body, 'for_each');
    const scope = this.#scope(file);
    const open = (text: string): Value => ({
      kind: 'open',
      text,
      reason: `${text} is known at the deployment only`,
      at,
    });
    const take = (): boolean => --this.#making.count.left >= 0;
    if (!take()) return { kind: 'open', text: sourceOf(at), reason: 'there are too many resources', at };
    if (counted !== undefined) {
      const value = evaluate(scope, counted.value);
      const number =
        value.kind === 'literal' && typeof value.value === 'boolean'
          ? Number(value.value)
          : Number(textOf(value) ?? Number.NaN);
      const index = (position: number): ReadonlyMap<string, Value> =>
        new Map([
          ['count', { kind: 'object', entries: new Map([['index', { kind: 'literal', value: position, at }]]), at }],
        ]);
      if (Number.isNaN(number) || number > MAX_INSTANCES) {
        const unknown: ReadonlyMap<string, Value> = new Map([
          ['count', { kind: 'object', entries: new Map([['index', open('count.index')]]), at }],
        ]);
        return { kind: 'group', members: new Map([['', make('', unknown)]]), numbered: true, at };
      }
      const members = new Map<string, Value>();
      for (let position = 0; position < number && take(); position++)
        members.set(String(position), make(number === 1 ? '' : `[${position}]`, index(position)));
      return { kind: 'group', members, numbered: true, at };
    }
    if (each === undefined) return make('', new Map());
    const value = evaluate(scope, each.value);
    const items = itemsOf(value);
    const naming = (key: Value, one: Value): ReadonlyMap<string, Value> =>
      new Map([
        [
          'each',
          {
            kind: 'object',
            entries: new Map([
              ['key', key],
              ['value', one],
            ]),
            at,
          },
        ],
      ]);
    const keys =
      items === null ? null : items.map(({ key, value: one }) => (value.kind === 'list' ? textOf(one) : textOf(key)));
    if (items === null || keys === null || keys.includes(null) || items.length > MAX_INSTANCES)
      return {
        kind: 'group',
        members: new Map([['', make('', naming(open('each.key'), open('each.value')))]]),
        numbered: false,
        at,
      };
    const members = new Map<string, Value>();
    for (const [position, { value: one }] of items.entries()) {
      const key = keys[position] ?? '';
      if (take()) members.set(key, make(`["${key}"]`, naming({ kind: 'literal', value: key, at: one.at }, one)));
    }
    return { kind: 'group', members, numbered: false, at };
  }

  readonly nodes = (): readonly Node[] => {
    const { canonical } = this.#making;
    const found: Node[] = [];
    for (const [address, { file, item: block }] of this.module.nodes) {
      if (canonical !== null && canonical.module.nodes.has(address)) continue;
      const value = this.nodeValue(address, { file, start: block.start, end: block.end });
      for (const one of value.kind === 'group' ? value.members.values() : [value])
        if (one.kind === 'node') found.push(one.node);
    }
    return found;
  };

  readonly foreign = (): readonly Node[] => {
    const { canonical } = this.#making;
    return [...this.module.calls].flatMap(([name, { file, item: block }]) => {
      const isCopy = canonical !== null && canonical.module.calls.has(name);
      if (isCopy || calledFolder(this.module, block) !== null || sourceText(block) === null) return [];
      const node = nodeOf(this, `module.${name}`, block, this.#scope(file));
      return [{ ...node, type: 'module', name, at: hclLocation(file, block.labels[0] ?? block) }];
    });
  };

  readonly children = (): readonly Instance[] => {
    const { canonical } = this.#making;
    return [...this.module.calls.keys()].flatMap((name) =>
      canonical !== null && canonical.module.calls.has(name) ? [] : this.#call(name),
    );
  };
}

function nodeOf(instance: Instance, address: string, block: HclBlock, scope: Scope): Node {
  const [type, name] = block.labels;
  const full = `${instance.prefix}${address}`;
  const body = bodyOf(scope, block.body);
  return {
    ...body,
    type: type?.text ?? '',
    name: name?.text ?? '',
    address: full,
    // Instances of one module below different roots are different things of one file.
    key: instance.prefix === '' ? full : `${instance.root.module.folder}:${full}`,
    isData: block.type === 'data',
    instance,
    block,
    file: scope.file,
    at: hclLocation(scope.file, name ?? block),
  };
}

function bodyOf(scope: Scope, body: HclBody): Body {
  const known = new Map<string, Value | undefined>();
  return {
    scope,
    span: body,
    names: body.attributes.map((attribute) => attribute.name),
    attribute(name) {
      if (known.has(name)) return known.get(name);
      known.set(name, undefined);
      const attribute = attributeOf(body, name);
      const value = attribute === undefined ? undefined : evaluate(scope, attribute.value);
      const answer = value?.kind === 'literal' && value.value === null ? undefined : value;
      known.set(name, answer);
      return answer;
    },
    attributeAt(name) {
      const attribute = attributeOf(body, name);
      return attribute === undefined
        ? null
        : hclLocation(scope.file, { start: attribute.start, end: attribute.nameEnd });
    },
    blocks(type) {
      return body.blocks.flatMap((block): readonly Member[] => {
        const [label] = block.labels;
        if (block.type === type)
          return [
            {
              type,
              body: bodyOf(scope, block.body),
              maybe: false,
              at: hclLocation(scope.file, { start: block.start, end: block.start + type.length }),
            },
          ];
        return block.type === 'dynamic' && label?.text === type ? dynamicMembers(scope, block, type) : [];
      });
    },
  };
}

function dynamicMembers(scope: Scope, block: HclBlock, type: string): readonly Member[] {
  const content = block.body.blocks.find((inner) => inner.type === 'content');
  const each = attributeOf(block.body, 'for_each');
  if (content === undefined || each === undefined) return [];
  const value = evaluate(scope, each.value);
  const iterator = attributeOf(block.body, 'iterator')?.value;
  const name = iterator?.kind === 'name' ? iterator.name : type;
  const at = hclLocation(scope.file, block.labels[0] ?? block);
  const place: Place = { file: scope.file, start: each.value.start, end: each.value.end };
  const member = (key: Value, one: Value, maybe: boolean): Member => {
    const names = new Map([
      ...scope.names,
      [
        name,
        {
          kind: 'object',
          entries: new Map([
            ['key', key],
            ['value', one],
          ]),
          at: place,
        } satisfies Value,
      ] as const,
    ]);
    return { type, body: bodyOf({ ...scope, names }, content.body), maybe, at };
  };
  const items = itemsOf(value);
  if (items !== null)
    return items.slice(0, MAX_INSTANCES).map(({ key, value: one }) => member(key, one, value.maybe === true));
  if (value.kind === 'literal') return value.value === null ? [] : [member(value, value, false)];
  const open: Value = { kind: 'open', text: `${name}.value`, reason: `it depends on ${sourceOf(place)}`, at: place };
  return [member(open, open, true)];
}
