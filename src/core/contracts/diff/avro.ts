// Two Avro schemas → the facts that differ, by Avro's rules of schema resolution (specification 1.12): fields and branches by name, aliases,
// promotions, defaults. What resolution passes over in silence (logical types, defaults, units) is a fact too.
import type { Location } from '../../model/source.ts';
import { encodePointerStep, toJson } from '../../syntax/data.ts';
import type { AvroEnum, AvroField, AvroRecord, AvroType, AvroUnion } from '../avro/model.ts';
import { printAvro, readAvro, shortName } from '../avro/model.ts';
import type { Change, SchemaFact } from '../change.ts';
import { resemblance, unitChange } from '../meaning.ts';
import { printData } from '../schema/flat.ts';
import type { SchemaNode } from '../schema/side.ts';
import { siteOf } from '../schema/side.ts';

/** The facts, outermost first; empty for schemas that mean the same. */
export function diffAvro(oldRoot: SchemaNode, newRoot: SchemaNode): readonly Change[] {
  const changes: Change[] = [];
  const seen = new Map<AvroType, Set<AvroType>>();

  const emit = (path: string, fact: SchemaFact, at: Location | null, before: Location | null): void => {
    changes.push({ path, part: 'payload', subject: '', language: 'avro', at, before, sure: true, ...fact });
  };

  const compare = (old: AvroType, next: AvroType, path: string): void => {
    const known = seen.get(old) ?? new Set<AvroType>();
    if (known.has(next)) return;
    seen.set(old, known.add(next));
    const at = siteOf(next.at);
    const before = siteOf(old.at);
    if (old.kind === 'unknown' || next.kind === 'unknown') {
      if (old.kind !== next.kind || printAvro(old) !== printAvro(next))
        emit(
          path,
          {
            kind: 'reference-unresolved',
            reference: old.kind === 'unknown' ? old.text : printAvro(next),
            side: old.kind === 'unknown' ? 'old' : 'new',
          },
          at,
          before,
        );
      return;
    }
    if (old.kind === 'union' || next.kind === 'union') {
      compareUnions(old, next, path);
      return;
    }
    if (old.kind === 'record' && next.kind === 'record') {
      compareNames(old, next, path);
      compareRecords(old, next, path);
    } else if (old.kind === 'enum' && next.kind === 'enum') {
      compareNames(old, next, path);
      compareEnums(old, next, path);
    } else if (old.kind === 'fixed' && next.kind === 'fixed') {
      compareNames(old, next, path);
      if (old.size !== next.size) emit(path, { kind: 'size-changed', from: old.size, to: next.size }, at, before);
      compareLogical(old.logical, next.logical, path, at, before);
    } else if ((old.kind === 'array' || old.kind === 'map') && next.kind === old.kind)
      compare(old.items, next.items, `${path}/*`);
    else if (old.kind === 'primitive' && next.kind === 'primitive' && old.name === next.name)
      compareLogical(old.logical, next.logical, path, at, before);
    else {
      const from = printAvro(old);
      const to = printAvro(next);
      const forth = promotes(old, next);
      const back = promotes(next, old);
      if (forth && back) emit(path, { kind: 'type-reread', from, to }, at, before);
      else if (forth) emit(path, { kind: 'type-widened', from, to }, at, before);
      else if (back) emit(path, { kind: 'type-narrowed', from, to }, at, before);
      else emit(path, { kind: 'type-changed', from, to, disjoint: true }, at, before);
    }
  };

  const compareLogical = (
    from: string | null,
    to: string | null,
    path: string,
    at: Location,
    before: Location,
  ): void => {
    if (from !== to) emit(path, { kind: 'logical-type-changed', from, to }, at, before);
  };

  const compareNames = (
    old: AvroRecord | AvroEnum | (AvroType & { kind: 'fixed' }),
    next: AvroRecord | AvroEnum | (AvroType & { kind: 'fixed' }),
    path: string,
  ): void => {
    if (old.name === next.name) return;
    emit(
      path,
      {
        kind: 'type-renamed',
        from: old.name,
        to: next.name,
        forth: readsName(next, old.name),
        back: readsName(old, next.name),
      },
      siteOf(next.at),
      siteOf(old.at),
    );
  };

  const compareRecords = (old: AvroRecord, next: AvroRecord, path: string): void => {
    const free = new Set(next.fields);
    const pairs = new Map<AvroField, AvroField>();
    for (const field of old.fields) {
      const twin = next.fields.find((candidate) => candidate.name === field.name);
      if (twin === undefined) continue;
      pairs.set(field, twin);
      free.delete(twin);
    }
    for (const field of old.fields) {
      if (pairs.has(field)) continue;
      const forth = [...free].find((candidate) => candidate.aliases.includes(field.name));
      const back = [...free].find((candidate) => field.aliases.includes(candidate.name));
      const twin = forth ?? back;
      if (twin === undefined) continue;
      pairs.set(field, twin);
      free.delete(twin);
      // Without an alias on its own side a reader sees one field gone and another one come.
      emit(
        `${path}/${encodePointerStep(twin.name)}`,
        {
          kind: 'field-renamed',
          from: field.name,
          to: twin.name,
          forth: forth !== undefined || twin.default !== undefined,
          back: back !== undefined || field.default !== undefined,
        },
        siteOf(twin.at),
        siteOf(field.at),
      );
    }
    const gone = old.fields.filter((field) => !pairs.has(field));
    for (const field of gone) {
      const renamed =
        [...free].find((candidate) => resemblance(field.name, candidate.name) !== null) ??
        (gone.length === 1 && free.size === 1
          ? [...free].find((candidate) => sameShape(field.type, candidate.type))
          : undefined);
      emit(
        `${path}/${encodePointerStep(field.name)}`,
        {
          kind: 'field-removed',
          name: field.name,
          wasRequired: field.default === undefined,
          stillRequired: false,
          content: 'ignored',
          fits: null,
          anything: false,
          renamedTo: renamed?.name ?? null,
        },
        siteOf(next.at),
        siteOf(field.at),
      );
    }
    for (const field of free)
      emit(
        `${path}/${encodePointerStep(field.name)}`,
        {
          kind: 'field-added',
          name: field.name,
          required: field.default === undefined,
          content: 'ignored',
          fits: null,
          anything: false,
          optionalBefore: true,
        },
        siteOf(field.at),
        siteOf(old.at),
      );
    for (const [field, twin] of pairs) {
      const inner = `${path}/${encodePointerStep(twin.name)}`;
      compare(field.type, twin.type, inner);
      const from = field.default === undefined ? undefined : toJson(field.default);
      const to = twin.default === undefined ? undefined : toJson(twin.default);
      if (
        (field.default === undefined ? '' : printData(field.default)) !==
        (twin.default === undefined ? '' : printData(twin.default))
      )
        emit(inner, { kind: 'default-changed', from, to }, siteOf(twin.at), siteOf(field.at));
      const units = unitChange(field.doc, twin.doc);
      if (units !== null)
        emit(inner, { kind: 'meaning-changed', from: units.from, to: units.to }, siteOf(twin.at), siteOf(field.at));
    }
  };

  const compareEnums = (old: AvroEnum, next: AvroEnum, path: string): void => {
    const now = new Set(next.symbols.map((symbol) => symbol.name));
    const then = new Set(old.symbols.map((symbol) => symbol.name));
    const added = next.symbols.filter((symbol) => !then.has(symbol.name));
    for (const symbol of old.symbols) {
      if (now.has(symbol.name)) continue;
      const index = added.findIndex((candidate) => resemblance(symbol.name, candidate.name) !== null);
      const twin = added[index];
      if (twin === undefined)
        emit(
          path,
          { kind: 'enum-value-removed', value: symbol.name, open: false, absorbed: next.default },
          siteOf(next.at),
          siteOf(symbol.at),
        );
      else {
        added.splice(index, 1);
        emit(
          path,
          {
            kind: 'enum-value-renamed',
            from: symbol.name,
            to: twin.name,
            how: resemblance(symbol.name, twin.name) ?? 'replaced',
            open: false,
          },
          siteOf(twin.at),
          siteOf(symbol.at),
        );
      }
    }
    for (const symbol of added)
      emit(
        path,
        { kind: 'enum-value-added', value: symbol.name, open: old.default !== null, absorbed: old.default },
        siteOf(symbol.at),
        siteOf(old.at),
      );
    if (old.default !== next.default)
      emit(
        path,
        { kind: 'default-changed', from: old.default ?? undefined, to: next.default ?? undefined },
        siteOf(next.at),
        siteOf(old.at),
      );
  };

  const compareUnions = (old: AvroType, next: AvroType, path: string): void => {
    const before = branchesOf(old);
    const free = new Set(branchesOf(next));
    const rest: AvroType[] = [];
    const take = (branch: AvroType, twin: AvroType | undefined): boolean => {
      if (twin === undefined) return false;
      free.delete(twin);
      compare(branch, twin, path);
      return true;
    };
    for (const branch of before)
      if (
        !take(
          branch,
          [...free].find((candidate) => sameBranch(branch, candidate)),
        )
      )
        rest.push(branch);
    for (const branch of rest) {
      if (
        take(
          branch,
          [...free].find((candidate) => promotes(branch, candidate) || promotes(candidate, branch)),
        )
      )
        continue;
      // A branch that another one reads is no loss: an int goes into the long that stands there already.
      if (branchesOf(next).some((candidate) => promotes(branch, candidate))) continue;
      // Two single types are one edit.
      if (before.length === 1 && branchesOf(next).length === 1) take(branch, [...free][0]);
      else
        emit(
          path,
          { kind: 'alternative-removed', keyword: 'union', name: printAvro(branch) },
          siteOf(next.at),
          siteOf(branch.at),
        );
    }
    for (const branch of free) {
      if (before.some((candidate) => promotes(branch, candidate))) continue;
      emit(
        path,
        { kind: 'alternative-added', keyword: 'union', name: printAvro(branch) },
        siteOf(branch.at),
        siteOf(old.at),
      );
    }
  };

  compare(readAvro(oldRoot), readAvro(newRoot), '');
  return changes;
}

function branchesOf(type: AvroType): readonly AvroType[] {
  return type.kind === 'union' ? flatBranches(type) : [type];
}

function flatBranches(union: AvroUnion): readonly AvroType[] {
  return union.branches.flatMap((branch) => (branch.kind === 'union' ? branch.branches : [branch]));
}

/** Whether a reader of the second type takes values of the first one for its own: the same type, or a promotion. */
function promotes(writer: AvroType, reader: AvroType): boolean {
  if (writer.kind !== 'primitive' || reader.kind !== 'primitive') return false;
  return PROMOTIONS.get(writer.name)?.includes(reader.name) === true;
}

const PROMOTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['int', ['long', 'float', 'double']],
  ['long', ['float', 'double']],
  ['float', ['double']],
  ['string', ['bytes']],
  ['bytes', ['string']],
]);

function readsName(reader: { readonly name: string; readonly aliases: readonly string[] }, written: string): boolean {
  return (
    shortName(reader.name) === shortName(written) ||
    reader.aliases.some((alias) => alias === written || shortName(alias) === shortName(written))
  );
}

/** Whether two branches of unions are meant to be one. */
function sameBranch(a: AvroType, b: AvroType): boolean {
  if (a.kind === 'primitive' && b.kind === 'primitive') return a.name === b.name;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'record' || a.kind === 'enum' || a.kind === 'fixed') {
    const other = b as typeof a;
    return readsName(other, a.name) || readsName(a, other.name);
  }
  return true;
}

function sameShape(a: AvroType, b: AvroType): boolean {
  return a.kind === b.kind && printAvro(a) === printAvro(b);
}
