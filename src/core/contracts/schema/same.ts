// Whether two schemas say the same, references followed, annotations and the order of names left out. Circles hold where they close the same way
// on both sides. Linear in the aligned parts: a pair of nodes is looked at once.
import type { DataEntry, DataNode } from '../../syntax/data.ts';
import { entriesOf } from '../../syntax/data.ts';
import { ANNOTATIONS, MAPS, ignoresSiblings, printData, referenceOf } from './flat.ts';
import type { SchemaNode, Side } from './side.ts';
import { RAW, childAt, itemAt } from './side.ts';

/** Equality of schemas of two sides. Unresolved references are the same where they are written the same. */
export type Same = (a: SchemaNode, b: SchemaNode) => boolean;

const MAX_HOPS = 50;

/** Makes the comparison of two sides; what it found out is kept for its next calls. */
export function makeSame(old: Side, next: Side): Same {
  const known = new Map<string, boolean>();

  const followed = (side: Side, schema: SchemaNode): SchemaNode => {
    let current = schema;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const reference = referenceOf(current.node);
      if (reference === undefined) return current;
      if (!ignoresSiblings(side) && meaningful(current.node).some((entry) => !REFERENCES.has(entry.key)))
        return current;
      const target = side.resolve(current, reference);
      if (target === null) return current;
      current = target;
    }
    return current;
  };

  const compare = (first: SchemaNode, second: SchemaNode, assumed: Set<string>): boolean => {
    const a = followed(old, first);
    const b = followed(next, second);
    const key = `${old.idOf(a.node)}|${next.idOf(b.node)}`;
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    if (assumed.has(key)) return true;
    assumed.add(key);
    const same = compareNodes(a, b, assumed);
    if (!same) known.set(key, false);
    return same;
  };

  const compareNodes = (a: SchemaNode, b: SchemaNode, assumed: Set<string>): boolean => {
    const left = meaningful(a.node);
    const right = new Map(meaningful(b.node).map((entry) => [entry.key, entry]));
    if (a.node.kind === 'seq' || b.node.kind === 'seq') {
      const other = b.node;
      return (
        a.node.kind === 'seq' &&
        other.kind === 'seq' &&
        a.node.items.length === other.items.length &&
        a.node.items.every((item, index) => {
          const twin = other.items[index];
          return twin !== undefined && compare(itemAt(a, item), itemAt(b, twin), assumed);
        })
      );
    }
    if (a.node.kind === 'scalar' || b.node.kind === 'scalar') {
      const text = (node: DataNode): string =>
        node.kind === 'map' ? (meaningful(node).length === 0 ? 'true' : '') : printData(node);
      return text(a.node) !== '' && text(a.node) === text(b.node);
    }
    if (left.length !== right.size) return false;
    return left.every((entry) => {
      const twin = right.get(entry.key);
      return twin !== undefined && compareKeyword(a, entry, b, twin, assumed);
    });
  };

  const compareKeyword = (
    a: SchemaNode,
    entry: DataEntry,
    b: SchemaNode,
    twin: DataEntry,
    assumed: Set<string>,
  ): boolean => {
    const { key } = entry;
    if (REFERENCES.has(key)) {
      const [from, to] = [referenceOf(a.node), referenceOf(b.node)];
      const target = from === undefined ? null : old.resolve(a, from);
      const other = to === undefined ? null : next.resolve(b, to);
      return target === null || other === null ? target === other && from === to : compare(target, other, assumed);
    }
    if (RAW.has(key) || key === 'required' || key === 'type')
      return (
        printData(entry.value, key !== 'default' && key !== 'const') ===
        printData(twin.value, key !== 'default' && key !== 'const')
      );
    if (MAPS.has(key) && entry.value.kind === 'map' && twin.value.kind === 'map') {
      const [mine, theirs] = [childAt(a, entry), childAt(b, twin)];
      const members = new Map(entriesOf(twin.value).map((member) => [member.key, member]));
      return (
        entry.value.entries.length === members.size &&
        entry.value.entries.every((member) => {
          const other = members.get(member.key);
          return other !== undefined && compare(childAt(mine, member), childAt(theirs, other), assumed);
        })
      );
    }
    if (entry.value.kind === 'scalar' && twin.value.kind === 'scalar')
      return printData(entry.value) === printData(twin.value);
    return compare(childAt(a, entry), childAt(b, twin), assumed);
  };

  return (a, b) => {
    const assumed = new Set<string>();
    const same = compare(a, b, assumed);
    // What was assumed on the way holds where the whole holds.
    if (same) for (const key of assumed) known.set(key, true);
    return same;
  };
}

const REFERENCES: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

function meaningful(node: DataNode): readonly DataEntry[] {
  return entriesOf(node).filter((entry) => !ANNOTATIONS.has(entry.key) && !entry.key.startsWith('x-'));
}
