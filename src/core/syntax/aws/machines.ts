// State machines: the messages that their tasks send, and tasks without a second attempt. Definitions within the template are read here, as a map
// or as a JSON text; a definition in a file of its own is asked for, and gets the substitutions that the template gives it.
import type { Location } from '../../model/source.ts';
import { locationAt, makeSourceFile, positionAt } from '../../model/source.ts';
import type { DataNode } from '../data.ts';
import { entriesOf, resolvePath, stringOf } from '../data.ts';
import { parseData } from '../parse-data.ts';
import { isFunction, isStateMachine, mayFailForAMoment, messagesOf, tasksOf } from '../states-language.ts';
import { handleOf } from './failure.ts';
import type { Gathering } from './targets.ts';
import { channelTarget, defaultBus, placeOf } from './targets.ts';
import type { Resource } from './template.ts';
import { property } from './template.ts';
import type { Part, Substitutions, Value } from './values.ts';
import { callOf, evaluate, literalOf, partsOf, shown } from './values.ts';

/** The file that holds a state machine's definition; null where it is written in the template or is not in the workspace. */
export function definitionFile(gathering: Gathering, machine: Resource): string | null {
  const node = property(machine, 'DefinitionUri');
  const text = node === undefined ? null : literalOf(evaluate(gathering.template, node));
  return text === null ? null : resolvePath(gathering.template.file.path, text);
}

/** Reads a state machine's definition. */
export function readMachine(gathering: Gathering, machine: Resource): void {
  const { template, declarations, needs } = gathering;
  const substitutions: Substitutions = new Map(
    entriesOf(property(machine, 'DefinitionSubstitutions')).map((entry) => [entry.key, entry.value]),
  );
  const file = definitionFile(gathering, machine);
  if (file !== null) {
    const uri = property(machine, 'DefinitionUri');
    needs.push({ file, pointer: '', at: uri === undefined ? machine.at : placeOf(template, uri) });
    for (const [name, node] of substitutions) {
      const { ref, carrier } = channelTarget(gathering, evaluate(template, node), null);
      if (carrier === 'dynamodb' || carrier === 's3' || (carrier === null && ref.kind !== 'import')) continue;
      declarations.push({
        kind: 'export',
        space: `states-substitution:${file}`,
        name: { kind: 'literal', value: name },
        value: ref,
        at: placeOf(template, node),
      });
    }
    return;
  }
  const inline = property(machine, 'Definition');
  if (inline !== undefined) {
    const own: (string | number)[] = [...machine.path, 'Properties', 'Definition'];
    readDefinition(gathering, machine, inline, (node) => evaluate(template, node, substitutions), {
      at: (node) => placeOf(template, node),
      key: (entry) => locationAt(template.file, entry.keyStart, entry.keyEnd),
      path: own,
    });
    return;
  }
  const text = property(machine, 'DefinitionString');
  if (text === undefined) return;
  const value = evaluate(template, text, substitutions);
  if (value.kind === 'plain' || value.kind === 'none' || value.kind === 'unknown') {
    if (callOf(text)?.name === 'Fn::ToJsonString')
      readDefinition(gathering, machine, { ...text, tag: null }, (node) => evaluate(template, node, substitutions), {
        at: (node) => placeOf(template, node),
        key: (entry) => locationAt(template.file, entry.keyStart, entry.keyEnd),
        path: null,
      });
    else
      declarations.push({
        kind: 'unresolved',
        what: `the definition of ${machine.name ?? machine.id}`,
        why: value.kind === 'unknown' ? value.reason : 'it is no text',
        role: 'other',
        at: placeOf(template, text),
      });
    return;
  }
  readText(gathering, machine, text, value, substitutions);
}

interface Places {
  readonly at: (node: DataNode) => Location;
  readonly key: (entry: { readonly keyStart: number; readonly keyEnd: number }) => Location;
  /** Keys to the definition, where its states can be edited; else null. */
  readonly path: readonly (string | number)[] | null;
}

function readDefinition(
  gathering: Gathering,
  machine: Resource,
  definition: DataNode,
  valueOf: (node: DataNode) => Value,
  places: Places,
): void {
  const { template, declarations } = gathering;
  if (!isStateMachine(definition)) return;
  for (const task of tasksOf(definition)) {
    const at = places.key(task.entry);
    const resource = task.resource === undefined ? null : valueOf(task.resource);
    const invokes =
      resource?.kind === 'resource' && template.resources.get(resource.id)?.type.endsWith('::Function') === true;
    const text = resource === null ? '' : shown(resource);
    for (const message of messagesOf(text, task.entry.value)) {
      const place = message.target === undefined ? at : places.at(message.target);
      const base = {
        kind: 'send',
        service: { kind: 'key', key: machine.id },
        schemas: [],
        confidence: 'declared',
        why: `task ${task.entry.key}`,
        at: place,
      } as const;
      if (message.target !== undefined && !message.computed) {
        declarations.push({ ...base, channel: channelTarget(gathering, valueOf(message.target), message.carrier).ref });
      } else if (message.computed) {
        declarations.push({
          kind: 'unresolved',
          what: `the target of the task ${task.entry.key}`,
          why: 'it is computed while the execution runs',
          role: 'send',
          at: place,
        });
      } else
        declarations.push({
          ...base,
          channel: { kind: 'key', key: defaultBus(gathering, task.resource ?? machine.node) },
        });
    }
    if (task.retried || task.caught || !(invokes || mayFailForAMoment(text))) continue;
    const role = invokes || isFunction(text) ? 'function-task' : 'task';
    declarations.push({
      kind: 'task',
      name: task.entry.key,
      service: { kind: 'key', key: machine.id },
      retry: { kind: 'none', why: 'no Retry', at },
      handle: handleOf(
        at,
        places.path === null ? machine.path : [...places.path, ...task.path],
        places.path === null ? 'none' : role,
      ),
      at,
    });
  }
}

/** A definition as text, references standing in it: they are marks while the JSON is parsed. */
function readText(
  gathering: Gathering,
  machine: Resource,
  node: DataNode,
  value: Value,
  substitutions: Substitutions,
): void {
  const { template, declarations } = gathering;
  const parts: readonly Part[] = partsOf(value);
  const text = parts.map((part, index) => (part.kind === 'fixed' ? part.text : `\uE000${index}\uE001`)).join('');
  const inner = makeSourceFile('definition.json', text);
  const document = parseData(inner);
  const [root] = document.roots;
  if (root === undefined || !isStateMachine(root)) {
    declarations.push({
      kind: 'unresolved',
      what: `the definition of ${machine.name ?? machine.id}`,
      why: `its text is no definition in JSON`,
      role: 'other',
      at: placeOf(template, node),
    });
    return;
  }
  const raw = template.file.text.slice(node.start, node.end);
  const isBlock = /^[|>]/.test(raw);
  const firstLine = positionAt(template.file, node.start).line + 1;
  const placeAt = (offset: number): Location => {
    if (!isBlock) return placeOf(template, node);
    const line = firstLine + positionAt(inner, offset).line;
    const start = template.file.lineStarts[line];
    if (start === undefined) return placeOf(template, node);
    const end = template.file.lineStarts[line + 1] ?? template.file.text.length;
    const written = template.file.text.slice(start, end);
    const indent = written.length - written.trimStart().length;
    return locationAt(template.file, start + indent, start + Math.max(indent, written.trimEnd().length));
  };
  const valueOf = (inside: DataNode): Value => {
    const written = stringOf(inside);
    if (written === undefined) return evaluate(template, undefined);
    const pieces = written
      .split(/[\uE000\uE001]/)
      .flatMap((piece, index): readonly Part[] =>
        index % 2 === 0
          ? piece === ''
            ? []
            : [{ kind: 'fixed', text: piece }]
          : parts.slice(Number(piece), Number(piece) + 1),
      );
    const [only] = pieces;
    if (pieces.length === 1 && only?.kind === 'open') return only.value;
    // Placeholders that `DefinitionSubstitutions` fills.
    if (pieces.every((piece) => piece.kind === 'fixed') && substitutions.size > 0) {
      const name = /^\$\{([^}]*)\}$/.exec(written)?.[1];
      const replaced = name === undefined ? undefined : substitutions.get(name);
      if (replaced !== undefined) return evaluate(template, replaced);
    }
    return { kind: 'text', parts: pieces, node };
  };
  readDefinition(gathering, machine, root, valueOf, {
    at: (inside) => placeAt(inside.start),
    key: (entry) => placeAt(entry.keyStart),
    path: null,
  });
}
