// Two JSON Schemas → the facts that differ, with their places on both sides. Draft-04 to 2020-12, each side in its own dialect.
// Works on flattened schemas (schema/flat.ts): moving or inlining a definition is no difference. Patterns are compared as text, never run;
// what only a search can decide has the effect `unknown`. Cycles are cut where a pair of schemas comes again; steps are bounded.
import type { JsonValue } from '../../model/json.ts';
import type { Location } from '../../model/source.ts';
import type { DataNode } from '../../syntax/data.ts';
import { encodePointerStep, entriesOf, get, itemsOf, stringOf, toJson } from '../../syntax/data.ts';
import type { BoundKeyword, Change, Content, Effect, Part, SchemaFact } from '../change.ts';
import { effectOf, flipEffect, joinEffects } from '../effect.ts';
import { resemblance, unitChange } from '../meaning.ts';
import type { Field, Flat, Kind } from '../schema/flat.ts';
import {
  KINDS,
  arrayItems,
  fieldNames,
  fieldOf,
  flatten,
  hasMeaning,
  isPlain,
  kindsOf,
  kindsOfNode,
  printData,
  printKinds,
  requiredOf,
} from '../schema/flat.ts';
import type { Same } from '../schema/same.ts';
import { makeSame } from '../schema/same.ts';
import type { SchemaNode, Side } from '../schema/side.ts';
import { childAt, itemAt, keywordSite, siteOf } from '../schema/side.ts';

/** Where the facts of a comparison stand. */
export interface DiffContext {
  readonly part: Part;
  readonly subject: string;
}

const MAX_FACTS = 2000;
const MAX_PAIRS = 60_000;

/** The facts, outermost first. Empty for schemas that mean the same. */
export function diffJsonSchema(
  old: Side,
  next: Side,
  context: DiffContext = { part: 'payload', subject: '' },
): readonly Change[] {
  return makeDiffer(old, next, context).run();
}

interface Place {
  readonly path: string;
  readonly sure: boolean;
  /** Where the parent stands on each side: for what exists on one side only. */
  readonly at: Location | null;
  readonly before: Location | null;
}

function makeDiffer(oldSide: Side, newSide: Side, context: DiffContext) {
  let pairs = 0;
  const same = makeSame(oldSide, newSide);

  /** One run over a pair, with its own sink: the real one, or a scratch one that only asks for the effect. */
  const comparer = (sink: Change[], seen: Set<string>) => {
    const emit = (
      place: Place,
      fact: SchemaFact,
      sites: { at?: Location | null; before?: Location | null; sure?: boolean } = {},
    ): void => {
      if (sink.length >= MAX_FACTS) return;
      sink.push({
        path: place.path,
        part: context.part,
        language: 'json-schema',
        subject: context.subject,
        at: sites.at === undefined ? place.at : sites.at,
        before: sites.before === undefined ? place.before : sites.before,
        sure: place.sure && (sites.sure ?? false),
        ...fact,
      });
    };

    const compare = (first: Flat, second: Flat, outer: Place): void => {
      // A choice that shrank to one, or grew from one, is compared as a choice.
      const chosen = (['anyOf', 'oneOf'] as const).some(
        (keyword) => groupsOf(first, keyword).length > 0 !== groupsOf(second, keyword).length > 0,
      );
      const old = chosen ? flatten(oldSide, first.origin, true) : first;
      const next = chosen ? flatten(newSide, second.origin, true) : second;
      const key = `${old.key}|${next.key}`;
      if (seen.has(key) || pairs++ > MAX_PAIRS) return;
      seen.add(key);
      const place: Place = {
        path: outer.path,
        sure: outer.sure,
        at: siteOfFlat(next) ?? outer.at,
        before: siteOfFlat(old) ?? outer.before,
      };
      for (const reference of old.unresolved)
        if (!next.unresolved.includes(reference)) emit(place, { kind: 'reference-unresolved', reference, side: 'old' });
      for (const reference of next.unresolved)
        if (!old.unresolved.includes(reference)) emit(place, { kind: 'reference-unresolved', reference, side: 'new' });
      // What one side's reference would have said is out of sight: to compare the rest would take it for an empty schema.
      if (!sameMembers(old.unresolved, next.unresolved)) return;
      if (old.never || next.never) {
        if (!old.never) emit(place, { kind: 'value-forbidden' }, { sure: isPlain(old) });
        if (!next.never) emit(place, { kind: 'value-allowed' }, { sure: isPlain(next) });
        return;
      }
      const oldKinds = kindsWithValues(old);
      const newKinds = kindsWithValues(next);
      compareKinds(old, next, oldKinds, newKinds, place);
      compareValues(old, next, oldKinds, newKinds, place);
      const both = (...kinds: Kind[]): boolean => kinds.some((kind) => oldKinds.has(kind) && newKinds.has(kind));
      if (both('integer', 'fraction')) compareNumbers(old, next, oldKinds, newKinds, place);
      if (both('string')) compareStrings(old, next, place);
      if (both('array')) compareArrays(old, next, place);
      if (both('object')) compareObjects(old, next, place);
      compareCombinations(old, next, place);
      compareAnnotations(old, next, place);
    };

    const compareKinds = (
      old: Flat,
      next: Flat,
      oldKinds: ReadonlySet<Kind>,
      newKinds: ReadonlySet<Kind>,
      place: Place,
    ): void => {
      const lost = [...oldKinds].filter((kind) => !newKinds.has(kind));
      const gained = [...newKinds].filter((kind) => !oldKinds.has(kind));
      if (lost.length === 0 && gained.length === 0) return;
      const from = printKinds(oldKinds);
      const to = printKinds(newKinds);
      const sites = { at: holderSite(next, 'type') ?? place.at, before: holderSite(old, 'type') ?? place.before };
      const sureOld = isPlain(old, ANY_VALUE);
      const sureNew = isPlain(next, ANY_VALUE);
      if (gained.length === 0) emit(place, { kind: 'type-narrowed', from, to }, { ...sites, sure: sureOld });
      else if (lost.length === 0) emit(place, { kind: 'type-widened', from, to }, { ...sites, sure: sureNew });
      else {
        // Whatever else the two sides say: no value is of both kinds.
        const disjoint = [...oldKinds].every((kind) => !newKinds.has(kind));
        emit(place, { kind: 'type-changed', from, to, disjoint }, { ...sites, sure: disjoint || (sureOld && sureNew) });
      }
    };

    const compareValues = (
      old: Flat,
      next: Flat,
      oldKinds: ReadonlySet<Kind>,
      newKinds: ReadonlySet<Kind>,
      place: Place,
    ): void => {
      const before = valuesOf(old, oldKinds);
      const after = valuesOf(next, newKinds);
      if (before === null && after === null) return;
      const sites = { at: valueSite(next) ?? place.at, before: valueSite(old) ?? place.before };
      if (before === null) {
        // Left out where the old kinds leave no other values than the list has: `type: boolean` and both booleans.
        const enough = [...oldKinds].every(
          (kind) => (kind === 'null' || kind === 'boolean') && covers(after ?? [], kind),
        );
        if (!enough)
          emit(
            place,
            { kind: 'enum-introduced', values: (after ?? []).map(([, value]) => value) },
            { ...sites, sure: isPlain(old) },
          );
        return;
      }
      if (after === null) {
        const enough = [...newKinds].every((kind) => (kind === 'null' || kind === 'boolean') && covers(before, kind));
        if (!enough)
          emit(
            place,
            { kind: 'enum-dropped', values: before.map(([, value]) => value) },
            { ...sites, sure: isPlain(next) },
          );
        return;
      }
      const now = new Set(after.map(([text]) => text));
      const then = new Set(before.map(([text]) => text));
      const removed = before.filter(([text]) => !now.has(text));
      const added = after.filter(([text]) => !then.has(text));
      const open = isOpenEnum(next);
      const sureOld = isPlain(old, ENUMS);
      const sureNew = isPlain(next, ENUMS);
      const single = before.length === 1 && after.length === 1;
      for (const [, value] of removed) {
        const index = added.findIndex(
          ([, candidate]) =>
            typeof value === 'string' && typeof candidate === 'string' && resemblance(value, candidate) !== null,
        );
        const renamed = single ? added[0] : added[index];
        if (renamed === undefined) {
          emit(
            place,
            { kind: 'enum-value-removed', value, open, absorbed: null },
            { ...sites, before: enumItemSite(old, value) ?? sites.before, sure: sureOld },
          );
          continue;
        }
        added.splice(single ? 0 : index, 1);
        const how =
          typeof value === 'string' && typeof renamed[1] === 'string'
            ? (resemblance(value, renamed[1]) ?? 'replaced')
            : 'replaced';
        emit(
          place,
          { kind: 'enum-value-renamed', from: value, to: renamed[1], how, open },
          {
            at: enumItemSite(next, renamed[1]) ?? sites.at,
            before: enumItemSite(old, value) ?? sites.before,
            sure: sureOld && sureNew,
          },
        );
      }
      for (const [, value] of added)
        emit(
          place,
          { kind: 'enum-value-added', value, open, absorbed: null },
          { ...sites, at: enumItemSite(next, value) ?? sites.at, sure: sureNew },
        );
    };

    const bound = (
      old: Flat,
      next: Flat,
      keyword: BoundKeyword,
      place: Place,
      before: Limit | null,
      after: Limit | null,
      family: ReadonlySet<string>,
    ): void => {
      if (before === null && after === null) return;
      const order =
        before !== null && after !== null
          ? compareLimits(before, after, keyword.startsWith('max'))
          : before === null
            ? 1
            : -1;
      if (order === 0) return;
      const upper = keyword.startsWith('max');
      // `order` > 0: the limit rose, or came. A risen lower limit and a fallen upper limit are tighter; a new one is always tighter.
      const tighter = before === null ? true : after === null ? false : upper ? order < 0 : order > 0;
      const sites = {
        at: holderSite(next, ...limitKeywords(keyword)) ?? place.at,
        before: holderSite(old, ...limitKeywords(keyword)) ?? place.before,
      };
      if (tighter && after !== null)
        emit(
          place,
          {
            kind: 'bound-tightened',
            keyword,
            from: before === null ? null : printLimit(before),
            to: printLimit(after),
          },
          { ...sites, sure: isPlain(old, family) },
        );
      else if (before !== null)
        emit(
          place,
          { kind: 'bound-loosened', keyword, from: printLimit(before), to: after === null ? null : printLimit(after) },
          { ...sites, sure: isPlain(next, family) },
        );
    };

    const compareNumbers = (
      old: Flat,
      next: Flat,
      oldKinds: ReadonlySet<Kind>,
      newKinds: ReadonlySet<Kind>,
      place: Place,
    ): void => {
      for (const keyword of ['minimum', 'maximum'] as const)
        bound(
          old,
          next,
          keyword,
          place,
          numberLimit(old, keyword, oldKinds),
          numberLimit(next, keyword, newKinds),
          NUMBERS,
        );
      const before = numbers(old, 'multipleOf')[0] ?? null;
      const after = numbers(next, 'multipleOf')[0] ?? null;
      if (before === after) return;
      const bare = (flat: Flat, kinds: ReadonlySet<Kind>, step: number | null): boolean =>
        step === null || (step === 1 && !kinds.has('fraction')) || numbers(flat, 'multipleOf').length === 0;
      if (bare(old, oldKinds, before) && bare(next, newKinds, after)) return;
      const effect: Effect =
        before === null
          ? 'narrows'
          : after === null
            ? 'widens'
            : isMultiple(after, before)
              ? 'narrows'
              : isMultiple(before, after)
                ? 'widens'
                : 'incomparable';
      emit(
        place,
        { kind: 'step-changed', from: before, to: after, effect },
        { at: holderSite(next, 'multipleOf') ?? place.at, before: holderSite(old, 'multipleOf') ?? place.before },
      );
    };

    const compareStrings = (old: Flat, next: Flat, place: Place): void => {
      bound(old, next, 'minLength', place, count(old, 'minLength'), count(next, 'minLength'), LENGTHS);
      bound(old, next, 'maxLength', place, count(old, 'maxLength'), count(next, 'maxLength'), LENGTHS);
      const oldPatterns = texts(old, 'pattern');
      const newPatterns = texts(next, 'pattern');
      const gone = oldPatterns.filter((pattern) => !newPatterns.includes(pattern));
      const come = newPatterns.filter((pattern) => !oldPatterns.includes(pattern));
      const sites = { at: holderSite(next, 'pattern') ?? place.at, before: holderSite(old, 'pattern') ?? place.before };
      for (let index = 0; index < Math.max(gone.length, come.length); index++) {
        const from = gone[index];
        const to = come[index];
        if (from !== undefined && to !== undefined) emit(place, { kind: 'pattern-changed', from, to }, sites);
        else if (to !== undefined) emit(place, { kind: 'pattern-added', pattern: to }, sites);
        else if (from !== undefined) emit(place, { kind: 'pattern-removed', pattern: from }, sites);
      }
      const before = texts(old, 'format')[0];
      const after = texts(next, 'format')[0];
      const formatSites = {
        at: holderSite(next, 'format') ?? place.at,
        before: holderSite(old, 'format') ?? place.before,
      };
      if (before !== after) {
        if (before === undefined) emit(place, { kind: 'format-added', format: after ?? '' }, formatSites);
        else if (after === undefined) emit(place, { kind: 'format-removed', format: before }, formatSites);
        else emit(place, { kind: 'format-changed', from: before, to: after }, formatSites);
      }
      for (const keyword of ['contentEncoding', 'contentMediaType']) {
        const from = texts(old, keyword)[0] ?? null;
        const to = texts(next, keyword)[0] ?? null;
        if (from !== to)
          emit(
            place,
            { kind: 'content-changed', keyword, from, to },
            { at: holderSite(next, keyword) ?? place.at, before: holderSite(old, keyword) ?? place.before, sure: true },
          );
      }
    };

    const compareArrays = (old: Flat, next: Flat, place: Place): void => {
      bound(old, next, 'minItems', place, count(old, 'minItems'), count(next, 'minItems'), COUNTS);
      bound(old, next, 'maxItems', place, count(old, 'maxItems'), count(next, 'maxItems'), COUNTS);
      const uniqueBefore = old.nodes.some((schema) => isTrue(get(schema.node, 'uniqueItems')));
      const uniqueAfter = next.nodes.some((schema) => isTrue(get(schema.node, 'uniqueItems')));
      if (!uniqueBefore && uniqueAfter)
        emit(
          place,
          { kind: 'unique-items-added' },
          { at: holderSite(next, 'uniqueItems') ?? place.at, sure: isPlain(old) },
        );
      if (uniqueBefore && !uniqueAfter)
        emit(
          place,
          { kind: 'unique-items-removed' },
          { before: holderSite(old, 'uniqueItems') ?? place.before, sure: isPlain(next) },
        );
      const before = arrayItems(old);
      const after = arrayItems(next);
      const inner = (step: string, sure: boolean): Place => ({
        path: `${place.path}/${step}`,
        sure: place.sure && sure,
        at: holderSite(next, 'prefixItems', 'items', 'additionalItems') ?? place.at,
        before: holderSite(old, 'prefixItems', 'items', 'additionalItems') ?? place.before,
      });
      const sure = isPlain(old, COUNTS) && isPlain(next, COUNTS);
      for (let index = 0; index < Math.min(Math.max(before.places, after.places), 200); index++)
        compareParts(before.at(index), after.at(index), inner(String(index), sure && index === 0));
      compareParts(before.rest, after.rest, inner('*', sure && before.places === 0 && after.places === 0));
      compareSubSchemas('contains', old, next, (effect) =>
        emit(
          place,
          { kind: 'contains-changed', effect },
          { at: holderSite(next, 'contains') ?? place.at, before: holderSite(old, 'contains') ?? place.before },
        ),
      );
      const hasContains =
        old.nodes.some((schema) => get(schema.node, 'contains') !== undefined) &&
        next.nodes.some((schema) => get(schema.node, 'contains') !== undefined);
      if (hasContains) {
        bound(
          old,
          next,
          'minContains',
          place,
          count(old, 'minContains') ?? { value: 1, exclusive: false },
          count(next, 'minContains') ?? { value: 1, exclusive: false },
          COUNTS,
        );
        bound(old, next, 'maxContains', place, count(old, 'maxContains'), count(next, 'maxContains'), COUNTS);
      }
      compareSubSchemas('unevaluatedItems', old, next, (effect) =>
        emit(
          place,
          { kind: 'names-changed', keyword: 'unevaluatedItems', detail: '', effect },
          {
            at: holderSite(next, 'unevaluatedItems') ?? place.at,
            before: holderSite(old, 'unevaluatedItems') ?? place.before,
          },
        ),
      );
    };

    const compareParts = (
      before: { schemas: readonly SchemaNode[]; never: boolean },
      after: { schemas: readonly SchemaNode[]; never: boolean },
      place: Place,
    ): void => {
      const flatOld = flatten(oldSide, before.schemas);
      const flatNew = flatten(newSide, after.schemas);
      if (before.never || after.never) {
        if (before.never !== after.never)
          emit(place, after.never ? { kind: 'value-forbidden' } : { kind: 'value-allowed' }, { sure: true });
        return;
      }
      compare(flatOld, flatNew, place);
    };

    const compareObjects = (old: Flat, next: Flat, place: Place): void => {
      const sure = isPlain(old, NO_LIMITS) && isPlain(next, NO_LIMITS);
      const oldNames = fieldNames(old);
      const newNames = fieldNames(next);
      const oldRequired = requiredOf(old);
      const newRequired = requiredOf(next);
      const removed = [...oldNames].filter((name) => !newNames.has(name));
      const added = [...newNames].filter((name) => !oldNames.has(name));
      const renames = matchNames(removed, added, (name, twin) => {
        const [from] = fieldOf(old, name).schemas;
        const [to] = fieldOf(next, twin).schemas;
        return from !== undefined && to !== undefined && entriesOf(from.node).length > 1 && same(from, to);
      });

      for (const name of oldNames) {
        const before = fieldOf(old, name);
        const path = `${place.path}/${encodePointerStep(name)}`;
        const beforeSite = before.schemas[0] === undefined ? place.before : siteOf(before.schemas[0]);
        if (newNames.has(name)) {
          const after = fieldOf(next, name);
          const afterSite = after.schemas[0] === undefined ? place.at : siteOf(after.schemas[0]);
          const field: Place = { path, sure: place.sure && sure, at: afterSite, before: beforeSite };
          compareField(before, after, field);
          if (!oldRequired.has(name) && newRequired.has(name))
            emit(
              field,
              { kind: 'field-became-required', name, hasDefault: hasDefault(next, name) },
              { at: requiredSite(next, name) ?? afterSite, sure },
            );
          if (oldRequired.has(name) && !newRequired.has(name))
            emit(
              field,
              { kind: 'field-became-optional', name },
              { before: requiredSite(old, name) ?? beforeSite, sure },
            );
          continue;
        }
        const after = fieldOf(next, name);
        const flatOld = flatten(oldSide, before.schemas);
        emit(
          { ...place, path },
          {
            kind: 'field-removed',
            name,
            wasRequired: oldRequired.has(name),
            stillRequired: newRequired.has(name),
            content: contentOf(after),
            fits:
              after.content === 'typed'
                ? effectBetween(flatOld, flatten(newSide, after.schemas))
                : after.content === 'patterns'
                  ? 'unknown'
                  : null,
            anything: acceptsAnything(flatOld),
            renamedTo: renames.get(name) ?? null,
          },
          { at: holderSite(next, 'properties') ?? place.at, before: beforeSite, sure: sure && !flatOld.never },
        );
      }
      for (const name of added) {
        const after = fieldOf(next, name);
        const before = fieldOf(old, name);
        const flatNew = flatten(newSide, after.schemas);
        const required = newRequired.has(name);
        const site = after.schemas[0] === undefined ? place.at : siteOf(after.schemas[0]);
        emit(
          { ...place, path: `${place.path}/${encodePointerStep(name)}` },
          {
            kind: 'field-added',
            name,
            required: required && !oldRequired.has(name),
            content: contentOf(before),
            fits:
              before.content === 'typed'
                ? effectBetween(flatten(oldSide, before.schemas), flatNew)
                : before.content === 'patterns'
                  ? 'unknown'
                  : null,
            anything: acceptsAnything(flatNew),
            optionalBefore: !oldRequired.has(name),
          },
          { at: site, before: holderSite(old, 'properties') ?? place.before, sure: sure && !flatNew.never },
        );
        if (oldRequired.has(name) && !required)
          emit(
            { ...place, path: `${place.path}/${encodePointerStep(name)}` },
            { kind: 'field-became-optional', name },
            { at: site, before: requiredSite(old, name) ?? place.before, sure },
          );
      }
      // Names that are required and declared on neither side.
      for (const name of newRequired) {
        if (oldRequired.has(name) || newNames.has(name) || oldNames.has(name)) continue;
        emit(
          { ...place, path: `${place.path}/${encodePointerStep(name)}` },
          { kind: 'field-became-required', name, hasDefault: false },
          { at: requiredSite(next, name) ?? place.at, sure },
        );
      }
      for (const name of oldRequired) {
        if (newRequired.has(name) || newNames.has(name) || oldNames.has(name)) continue;
        emit(
          { ...place, path: `${place.path}/${encodePointerStep(name)}` },
          { kind: 'field-became-optional', name },
          { before: requiredSite(old, name) ?? place.before, sure },
        );
      }
      for (const name of oldNames) {
        if (newNames.has(name) || oldRequired.has(name) || !newRequired.has(name)) continue;
        emit(
          { ...place, path: `${place.path}/${encodePointerStep(name)}` },
          { kind: 'field-became-required', name, hasDefault: false },
          { at: requiredSite(next, name) ?? place.at, sure },
        );
      }
      compareOthers(old, next, place, sure);
      bound(old, next, 'minProperties', place, count(old, 'minProperties'), count(next, 'minProperties'), NO_LIMITS);
      bound(old, next, 'maxProperties', place, count(old, 'maxProperties'), count(next, 'maxProperties'), NO_LIMITS);
      compareSubSchemas('propertyNames', old, next, (effect) =>
        emit(
          place,
          { kind: 'names-changed', keyword: 'propertyNames', detail: '', effect },
          {
            at: holderSite(next, 'propertyNames') ?? place.at,
            before: holderSite(old, 'propertyNames') ?? place.before,
          },
        ),
      );
      compareDependencies(old, next, place);
    };

    const compareField = (before: Field, after: Field, place: Place): void => {
      if (before.never || after.never) {
        if (before.never === after.never) return;
        emit(place, after.never ? { kind: 'value-forbidden' } : { kind: 'value-allowed' }, { sure: true });
        return;
      }
      compare(flatten(oldSide, before.schemas), flatten(newSide, after.schemas), place);
    };

    /** Names that nothing declares: `additionalProperties`, `patternProperties`, `unevaluatedProperties`. */
    const compareOthers = (old: Flat, next: Flat, place: Place, sure: boolean): void => {
      const before = fieldOf(old, null);
      const after = fieldOf(next, null);
      const sites = {
        at: holderSite(next, 'additionalProperties', 'unevaluatedProperties') ?? place.at,
        before: holderSite(old, 'additionalProperties', 'unevaluatedProperties') ?? place.before,
      };
      const closed = (field: Field): boolean =>
        field.never || field.schemas.some((schema) => schema.node.kind === 'scalar' && schema.node.value === false);
      if (closed(before) !== closed(after))
        emit(
          place,
          closed(after) ? { kind: 'object-closed', to: 'closed' } : { kind: 'object-opened', from: 'closed' },
          { ...sites, sure },
        );
      else if (!closed(before)) {
        const typedBefore = before.schemas.length > 0;
        const typedAfter = after.schemas.length > 0;
        if (typedBefore && typedAfter)
          compare(flatten(oldSide, before.schemas), flatten(newSide, after.schemas), {
            path: `${place.path}/*`,
            sure: place.sure && sure,
            ...sites,
          });
        else if (typedAfter && !acceptsAnything(flatten(newSide, after.schemas)))
          emit(place, { kind: 'object-closed', to: 'typed' }, { ...sites, sure: false });
        else if (typedBefore && !acceptsAnything(flatten(oldSide, before.schemas)))
          emit(place, { kind: 'object-opened', from: 'typed' }, { ...sites, sure: false });
      }
      const oldPatterns = entriesByKey(old, 'patternProperties');
      const newPatterns = entriesByKey(next, 'patternProperties');
      for (const pattern of new Set([...oldPatterns.keys(), ...newPatterns.keys()])) {
        const from = oldPatterns.get(pattern);
        const to = newPatterns.get(pattern);
        const where = {
          at: to?.[0] === undefined ? (holderSite(next, 'patternProperties') ?? place.at) : siteOf(to[0]),
          before: from?.[0] === undefined ? (holderSite(old, 'patternProperties') ?? place.before) : siteOf(from[0]),
        };
        if (from !== undefined && to !== undefined)
          compare(flatten(oldSide, from), flatten(newSide, to), { path: `${place.path}/*`, sure: false, ...where });
        else
          emit(
            place,
            {
              kind: 'names-changed',
              keyword: 'patternProperties',
              detail: pattern,
              effect: closed(to === undefined ? after : before) ? (to === undefined ? 'narrows' : 'widens') : 'unknown',
            },
            where,
          );
      }
      const evaluated = (flat: Flat): boolean =>
        flat.nodes.some((schema) => get(schema.node, 'unevaluatedProperties') !== undefined);
      if ((evaluated(old) || evaluated(next)) && !(closed(before) && closed(after)))
        compareSubSchemas('unevaluatedProperties', old, next, (effect) =>
          emit(place, { kind: 'names-changed', keyword: 'unevaluatedProperties', detail: '', effect }, sites),
        );
    };

    const compareDependencies = (old: Flat, next: Flat, place: Place): void => {
      const before = dependenciesOf(old);
      const after = dependenciesOf(next);
      const sites = {
        at: holderSite(next, ...DEPENDENCIES) ?? place.at,
        before: holderSite(old, ...DEPENDENCIES) ?? place.before,
      };
      for (const name of new Set([...before.keys(), ...after.keys()])) {
        const from = before.get(name);
        const to = after.get(name);
        const needsBefore = from?.names ?? new Set<string>();
        const needsAfter = to?.names ?? new Set<string>();
        for (const needed of needsAfter)
          if (!needsBefore.has(needed)) emit(place, { kind: 'dependency-added', name, needs: needed }, sites);
        for (const needed of needsBefore)
          if (!needsAfter.has(needed)) emit(place, { kind: 'dependency-removed', name, needs: needed }, sites);
        const schemasBefore = from?.schemas ?? [];
        const schemasAfter = to?.schemas ?? [];
        if (schemasBefore.length === 0 && schemasAfter.length === 0) continue;
        if (schemasBefore.length === 0) emit(place, { kind: 'dependency-added', name, needs: '' }, sites);
        else if (schemasAfter.length === 0) emit(place, { kind: 'dependency-removed', name, needs: '' }, sites);
        else {
          const effect = effectBetween(flatten(oldSide, schemasBefore), flatten(newSide, schemasAfter));
          if (effect !== null) emit(place, { kind: 'dependency-changed', name, effect }, sites);
        }
      }
    };

    /** A keyword with one schema on each side, compared for its effect alone. */
    const compareSubSchemas = (keyword: string, old: Flat, next: Flat, report: (effect: Effect) => void): void => {
      const of = (flat: Flat): SchemaNode[] =>
        flat.nodes.flatMap((schema) =>
          entriesOf(schema.node)
            .filter((entry) => entry.key === keyword)
            .map((entry) => childAt(schema, entry)),
        );
      const before = of(old);
      const after = of(next);
      if (before.length === 0 && after.length === 0) return;
      if (before.length === 0)
        report(keyword === 'contains' || after.some((schema) => hasMeaning(schema.node)) ? 'narrows' : 'unknown');
      else if (after.length === 0) report('widens');
      else {
        const effect = effectBetween(flatten(oldSide, before), flatten(newSide, after));
        if (effect !== null) report(effect);
      }
    };

    const effectBetween = (old: Flat, next: Flat): Effect | null => {
      const scratch: Change[] = [];
      comparer(scratch, new Set()).compare(old, next, { path: '', sure: false, at: null, before: null });
      let effect: Effect | null = null;
      for (const change of scratch) effect = joinEffects(effect, effectOf(change));
      return effect;
    };

    const compareCombinations = (old: Flat, next: Flat, place: Place): void => {
      const bare = flatWithout(old, next, same);
      for (const keyword of ['anyOf', 'oneOf'] as const) {
        const before = groupsOf(old, keyword);
        const after = groupsOf(next, keyword);
        const gone = [...before];
        const changed = after.filter((group) => {
          const index = gone.findIndex(
            (candidate) => candidate.length === group.length && without(candidate, group, same).length === 0,
          );
          if (index >= 0) gone.splice(index, 1);
          return index < 0;
        });
        const sites = { at: holderSite(next, keyword) ?? place.at, before: holderSite(old, keyword) ?? place.before };
        for (let index = 0; index < Math.max(gone.length, changed.length); index++) {
          const from = gone[index];
          const to = changed[index];
          if (from !== undefined && to !== undefined) compareAlternatives(keyword, from, to, place, sites);
          else
            emit(
              place,
              {
                kind: 'combination-changed',
                keyword,
                effect: bare ? (to === undefined ? 'widens' : 'narrows') : 'unknown',
              },
              sites,
            );
        }
      }
      const exclusions = (flat: Flat): SchemaNode[] =>
        flat.nodes.flatMap((schema) =>
          entriesOf(schema.node)
            .filter((entry) => entry.key === 'not')
            .map((entry) => childAt(schema, entry)),
        );
      const oldNots = exclusions(old);
      const newNots = exclusions(next);
      const goneNots = without(oldNots, newNots, same);
      const addedNots = without(newNots, oldNots, (a, b) => same(b, a));
      const notSites = { at: holderSite(next, 'not') ?? place.at, before: holderSite(old, 'not') ?? place.before };
      if (goneNots.length > 0 || addedNots.length > 0) {
        const [goneNot] = goneNots;
        const [addedNot] = addedNots;
        const effect: Effect | null =
          goneNot === undefined
            ? 'narrows'
            : addedNot === undefined
              ? 'widens'
              : goneNots.length === 1 && addedNots.length === 1
                ? flipEffect(effectBetween(flatten(oldSide, [goneNot]), flatten(newSide, [addedNot])))
                : 'unknown';
        if (effect !== null) emit(place, { kind: 'exclusion-changed', effect }, notSites);
      }
      const conditions = (flat: Flat): SchemaNode[] =>
        flat.nodes.filter(
          (schema) =>
            get(schema.node, 'if') !== undefined &&
            (get(schema.node, 'then') !== undefined || get(schema.node, 'else') !== undefined),
        );
      const part = (schema: SchemaNode, keyword: string): SchemaNode | undefined => {
        const entry = entriesOf(schema.node).findLast((candidate) => candidate.key === keyword);
        return entry === undefined ? undefined : childAt(schema, entry);
      };
      const sameCondition = (a: SchemaNode, b: SchemaNode): boolean =>
        ['if', 'then', 'else'].every((keyword) => {
          const [from, to] = [part(a, keyword), part(b, keyword)];
          return from === undefined || to === undefined ? from === to : same(from, to);
        });
      const oldConditions = conditions(old);
      const newConditions = conditions(next);
      const lost = without(oldConditions, newConditions, sameCondition).length;
      const won = without(newConditions, oldConditions, (a, b) => sameCondition(b, a)).length;
      if (lost > 0 || won > 0)
        emit(
          place,
          { kind: 'condition-changed', effect: lost === 0 ? 'narrows' : won === 0 ? 'widens' : 'unknown' },
          {
            at: holderSite(next, 'if', 'then', 'else') ?? place.at,
            before: holderSite(old, 'if', 'then', 'else') ?? place.before,
          },
        );
    };

    const compareAlternatives = (
      keyword: 'anyOf' | 'oneOf',
      from: readonly SchemaNode[],
      to: readonly SchemaNode[],
      place: Place,
      sites: { at: Location | null; before: Location | null },
    ): void => {
      const after = [...to];
      const rest: SchemaNode[] = [];
      for (const member of from) {
        const index = after.findIndex((candidate) => same(member, candidate));
        if (index < 0) rest.push(member);
        else after.splice(index, 1);
      }
      const removed: SchemaNode[] = [];
      const single = rest.length === 1 && after.length === 1;
      for (const member of rest) {
        const name = alternativeName(member, oldSide);
        const index = single
          ? 0
          : after.findIndex((candidate) => alternativeName(candidate, newSide) === name && name !== '');
        const match = after[index];
        if (match === undefined) {
          removed.push(member);
          continue;
        }
        after.splice(index, 1);
        compare(flatten(oldSide, [member]), flatten(newSide, [match]), {
          path: place.path,
          sure: false,
          at: siteOf(match),
          before: siteOf(member),
        });
      }
      for (const member of removed)
        emit(
          place,
          { kind: 'alternative-removed', keyword, name: alternativeName(member, oldSide) },
          { at: sites.at, before: siteOf(member) },
        );
      for (const member of after)
        emit(
          place,
          { kind: 'alternative-added', keyword, name: alternativeName(member, newSide) },
          { at: siteOf(member), before: sites.before },
        );
    };

    const compareAnnotations = (old: Flat, next: Flat, place: Place): void => {
      const data = (flat: Flat, keyword: string): DataNode | undefined =>
        flat.nodes.map((schema) => get(schema.node, keyword)).find((node) => node !== undefined);
      const before = data(old, 'default');
      const after = data(next, 'default');
      const oldText = before === undefined ? undefined : printData(before);
      const newText = after === undefined ? undefined : printData(after);
      if (oldText !== newText && !(oldText === undefined && place.path === ''))
        emit(
          place,
          {
            kind: 'default-changed',
            from: before === undefined ? undefined : toJson(before),
            to: after === undefined ? undefined : toJson(after),
          },
          {
            at: holderSite(next, 'default') ?? place.at,
            before: holderSite(old, 'default') ?? place.before,
            sure: true,
          },
        );
      let meaning = false;
      for (const keyword of ['x-unit', 'x-units', 'unit', 'title', 'description']) {
        const from = stringOf(data(old, keyword));
        const to = stringOf(data(next, keyword));
        if (from === to) continue;
        const declared = keyword.startsWith('x-') || keyword === 'unit';
        const units = from === undefined || to === undefined ? null : declared ? { from, to } : unitChange(from, to);
        const where = { at: holderSite(next, keyword) ?? place.at, before: holderSite(old, keyword) ?? place.before };
        if (units !== null && !meaning) {
          meaning = true;
          emit(place, { kind: 'meaning-changed', from: units.from, to: units.to }, { ...where, sure: true });
        } else emit(place, { kind: 'annotation-changed', keyword }, where);
      }
      for (const keyword of ['deprecated', 'readOnly', 'writeOnly', 'examples']) {
        const from = data(old, keyword);
        const to = data(next, keyword);
        if ((from === undefined ? '' : printData(from)) !== (to === undefined ? '' : printData(to)))
          emit(
            place,
            { kind: 'annotation-changed', keyword },
            { at: holderSite(next, keyword) ?? place.at, before: holderSite(old, keyword) ?? place.before },
          );
      }
    };

    return { compare };
  };

  return {
    run: (): readonly Change[] => {
      const sink: Change[] = [];
      comparer(sink, new Set()).compare(flatten(oldSide, [oldSide.root]), flatten(newSide, [newSide.root]), {
        path: '',
        sure: true,
        at: siteOf(newSide.root),
        before: siteOf(oldSide.root),
      });
      return dedupe(sink);
    },
  };
}

const ANY_VALUE: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
]);
const ENUMS: ReadonlySet<string> = new Set(['enum', 'const']);
const NUMBERS: ReadonlySet<string> = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);
const LENGTHS: ReadonlySet<string> = new Set(['minLength', 'maxLength']);
const COUNTS: ReadonlySet<string> = new Set(['minItems', 'maxItems']);
const NO_LIMITS: ReadonlySet<string> = new Set(['minProperties']);
const DEPENDENCIES = ['dependencies', 'dependentRequired', 'dependentSchemas'];

/** Members of the first list that have no twin of their own in the second. */
function without(first: readonly SchemaNode[], second: readonly SchemaNode[], same: Same): readonly SchemaNode[] {
  const free = [...second];
  return first.filter((member) => {
    const index = free.findIndex((candidate) => same(member, candidate));
    if (index >= 0) free.splice(index, 1);
    return index < 0;
  });
}

/** Whether apart from their alternatives both sides are the same schema. */
function flatWithout(old: Flat, next: Flat, same: Same): boolean {
  if (old.nodes.length > MAX_BARE || next.nodes.length > MAX_BARE) return false;
  const bare = (flat: Flat): readonly SchemaNode[] =>
    flat.nodes.flatMap((schema) => {
      const entries = entriesOf(schema.node).filter((entry) => !COMBINING.has(entry.key));
      const node: DataNode = { kind: 'map', entries, flow: false, start: 0, end: 0, tag: null };
      return hasMeaning(node) ? [{ ...schema, node }] : [];
    });
  const [before, after] = [bare(old), bare(next)];
  return before.length === after.length && without(before, after, same).length === 0;
}

const MAX_BARE = 20;
const COMBINING: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', '$ref']);

function siteOfFlat(flat: Flat): Location | null {
  const [first] = flat.origin;
  return first === undefined ? null : siteOf(first);
}

/** Where one of the keywords stands in the conjunction; null where none does. */
function holderSite(flat: Flat, ...keywords: readonly string[]): Location | null {
  for (const keyword of keywords)
    for (const schema of flat.nodes) if (get(schema.node, keyword) !== undefined) return keywordSite(schema, keyword);
  return null;
}

function valueSite(flat: Flat): Location | null {
  return holderSite(flat, 'enum', 'const', 'x-extensible-enum');
}

function enumItemSite(flat: Flat, value: JsonValue): Location | null {
  const text = JSON.stringify(value);
  for (const schema of flat.nodes) {
    for (const item of itemsOf(get(schema.node, 'enum')))
      if (JSON.stringify(toJson(item)) === text) return siteOf(itemAt(schema, item));
  }
  return null;
}

function requiredSite(flat: Flat, name: string): Location | null {
  for (const schema of flat.nodes)
    for (const item of itemsOf(get(schema.node, 'required')))
      if (stringOf(item) === name) return siteOf(itemAt(schema, item));
  return null;
}

/** The values that `enum` and `const` leave, keyed by their text; null where neither stands. */
function valuesOf(flat: Flat, kinds: ReadonlySet<Kind>): readonly (readonly [string, JsonValue])[] | null {
  let values: Map<string, JsonValue> | null = null;
  for (const schema of flat.nodes) {
    const lists: (readonly DataNode[])[] = [];
    const list = get(schema.node, 'enum');
    if (list?.kind === 'seq' && list.items.length > 0) lists.push(list.items);
    const single = get(schema.node, 'const');
    if (single !== undefined) lists.push([single]);
    const extensible = get(schema.node, 'x-extensible-enum');
    if (extensible?.kind === 'seq' && lists.length === 0) lists.push(extensible.items);
    for (const items of lists) {
      const own = new Map<string, JsonValue>(items.map((item) => [printData(item), toJson(item)]));
      if (schema.orNull) own.set('null', null);
      if (values === null) values = own;
      else for (const key of values.keys()) if (!own.has(key)) values.delete(key);
    }
  }
  return values === null ? null : [...values].filter(([, value]) => kinds.has(kindOf(value)));
}

/** The kinds that `type` leaves; where it says nothing, those of the listed values. */
function kindsWithValues(flat: Flat): ReadonlySet<Kind> {
  const kinds = kindsOf(flat);
  const values = kinds.size === KINDS.length ? valuesOf(flat, kinds) : null;
  return values === null ? kinds : new Set(values.map(([, value]) => kindOf(value)));
}

function kindOf(value: JsonValue): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return 'object';
}

function covers(values: readonly (readonly [string, JsonValue])[], kind: Kind): boolean {
  const known = new Set(values.map(([text]) => text));
  return kind === 'null' ? known.has('null') : known.has('true') && known.has('false');
}

/** Marked as a list that grows: `x-extensible-enum`, or an alternative that accepts any string beside the list. */
function isOpenEnum(flat: Flat): boolean {
  return flat.nodes.some((schema) => {
    const mark = get(schema.node, 'x-extensible-enum') ?? get(schema.node, 'x-open-enum');
    return mark !== undefined && !(mark.kind === 'scalar' && mark.value === false);
  });
}

interface Limit {
  readonly value: number;
  readonly exclusive: boolean;
}

/** Positive: the limit rose. At the same value an exclusive lower limit is the higher one, an exclusive upper limit the lower one. */
function compareLimits(before: Limit, after: Limit, upper: boolean): number {
  if (before.value !== after.value) return after.value - before.value;
  if (before.exclusive === after.exclusive) return 0;
  return after.exclusive === upper ? -1 : 1;
}

function printLimit(limit: Limit): string {
  return limit.exclusive ? `${limit.value} (exclusive)` : String(limit.value);
}

function limitKeywords(keyword: BoundKeyword): readonly string[] {
  return keyword === 'minimum'
    ? ['minimum', 'exclusiveMinimum']
    : keyword === 'maximum'
      ? ['maximum', 'exclusiveMaximum']
      : [keyword];
}

/** The effective limit; whole numbers have inclusive limits only. */
function numberLimit(flat: Flat, keyword: 'minimum' | 'maximum', kinds: ReadonlySet<Kind>): Limit | null {
  const upper = keyword === 'maximum';
  let best: Limit | null = null;
  const offer = (value: number, exclusive: boolean): void => {
    let limit: Limit = { value, exclusive };
    if (!kinds.has('fraction')) {
      const whole = upper ? Math.floor(value) : Math.ceil(value);
      limit = { value: exclusive && whole === value ? value + (upper ? -1 : 1) : whole, exclusive: false };
    }
    if (
      best === null ||
      (upper ? limit.value < best.value : limit.value > best.value) ||
      (limit.value === best.value && limit.exclusive)
    )
      best = limit;
  };
  for (const schema of flat.nodes) {
    const inclusive = numberOf(get(schema.node, keyword));
    const strict = get(schema.node, upper ? 'exclusiveMaximum' : 'exclusiveMinimum');
    const strictFlag = strict?.kind === 'scalar' && strict.value === true;
    if (inclusive !== null) offer(inclusive, strictFlag);
    const strictValue = numberOf(strict);
    if (strictValue !== null) offer(strictValue, true);
  }
  return best;
}

function numberOf(node: DataNode | undefined): number | null {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : null;
}

function numbers(flat: Flat, keyword: string): readonly number[] {
  return flat.nodes.map((schema) => numberOf(get(schema.node, keyword))).filter((value) => value !== null);
}

function texts(flat: Flat, keyword: string): readonly string[] {
  return [
    ...new Set(flat.nodes.map((schema) => stringOf(get(schema.node, keyword))).filter((value) => value !== undefined)),
  ];
}

/** The tightest count; null where none is set. A lower count of 0 says nothing. */
function count(flat: Flat, keyword: BoundKeyword): Limit | null {
  const values = numbers(flat, keyword);
  if (values.length === 0) return null;
  if (keyword.startsWith('min')) {
    const value = Math.max(...values);
    return value <= 0 && keyword !== 'minContains' ? null : { value, exclusive: false };
  }
  return { value: Math.min(...values), exclusive: false };
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.every((member) => b.includes(member)) && b.every((member) => a.includes(member));
}

function isMultiple(a: number, b: number): boolean {
  const ratio = a / b;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

function isTrue(node: DataNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

function acceptsAnything(flat: Flat): boolean {
  return (
    !flat.never &&
    flat.unresolved.length === 0 &&
    flat.nodes.every((schema) => !hasMeaning(schema.node) || onlyWrappers(schema.node))
  );
}

function onlyWrappers(node: DataNode): boolean {
  return entriesOf(node).every(
    (entry) =>
      ['$ref', 'allOf'].includes(entry.key) ||
      !hasMeaning({ kind: 'map', entries: [entry], flow: false, start: 0, end: 0, tag: null }),
  );
}

function contentOf(field: Field): Content {
  return field.never ? 'closed' : field.content === 'closed' ? 'closed' : field.content;
}

function hasDefault(flat: Flat, name: string): boolean {
  return fieldOf(flat, name).schemas.some((schema) => get(schema.node, 'default') !== undefined);
}

function entriesByKey(flat: Flat, keyword: string): ReadonlyMap<string, readonly SchemaNode[]> {
  const found = new Map<string, SchemaNode[]>();
  for (const schema of flat.nodes) {
    for (const entry of entriesOf(get(schema.node, keyword))) {
      const known = found.get(entry.key);
      if (known === undefined) found.set(entry.key, [childAt(schema, entry)]);
      else known.push(childAt(schema, entry));
    }
  }
  return found;
}

function dependenciesOf(
  flat: Flat,
): ReadonlyMap<string, { readonly names: Set<string>; readonly schemas: SchemaNode[] }> {
  const found = new Map<string, { names: Set<string>; schemas: SchemaNode[] }>();
  for (const schema of flat.nodes) {
    for (const keyword of DEPENDENCIES) {
      for (const entry of entriesOf(get(schema.node, keyword))) {
        let known = found.get(entry.key);
        if (known === undefined) found.set(entry.key, (known = { names: new Set(), schemas: [] }));
        if (entry.value.kind === 'seq') for (const item of entry.value.items) known.names.add(stringOf(item) ?? '');
        else if (entry.value.kind === 'scalar' && typeof entry.value.value === 'string')
          known.names.add(entry.value.value);
        else if (hasMeaning(entry.value)) known.schemas.push(childAt(schema, entry));
      }
    }
  }
  return found;
}

/** Groups of alternatives that flattening could not spread out. */
function groupsOf(flat: Flat, keyword: 'anyOf' | 'oneOf'): readonly (readonly SchemaNode[])[] {
  const groups: (readonly SchemaNode[])[] = [];
  for (const schema of flat.nodes) {
    const members = itemsOf(get(schema.node, keyword));
    if (members.length === 0 || (members.length === 1 && !flat.keepsChoices)) continue;
    const list = members.map((node) => itemAt(schema, node));
    if (flat.keepsChoices || !isPlainGroup(list, keyword)) groups.push(list);
  }
  return groups;
}

/** Flattening already covers a list of bare types and `[X, null]`. */
function isPlainGroup(members: readonly SchemaNode[], keyword: 'anyOf' | 'oneOf'): boolean {
  const probe: DataNode = {
    kind: 'map',
    flow: false,
    start: 0,
    end: 0,
    tag: null,
    entries: [
      {
        key: keyword,
        keyStart: 0,
        keyEnd: 0,
        value: { kind: 'seq', items: members.map((member) => member.node), flow: false, start: 0, end: 0, tag: null },
      },
    ],
  };
  const [first] = members;
  if (first === undefined) return true;
  const bare = members.every(
    (member) =>
      member.node.kind === 'map' &&
      member.node.entries.every((entry) => entry.key === 'type') &&
      kindsOfNode(member.node) !== null,
  );
  if (bare && keyword === 'anyOf') return true;
  if (
    bare &&
    new Set(members.flatMap((member) => [...(kindsOfNode(member.node) ?? [])])).size ===
      members.reduce((sum, member) => sum + (kindsOfNode(member.node)?.size ?? 0), 0)
  )
    return true;
  return (
    members.length === 2 &&
    isPlain({
      side: { dialect: '2020-12' } as Side,
      nodes: [{ ...first, node: probe }],
      never: false,
      unresolved: [],
      key: '',
      origin: [],
      keepsChoices: false,
    })
  );
}

/** What a reader calls an alternative: its title, its definition's name, its constant, its type. */
function alternativeName(schema: SchemaNode, side: Side): string {
  const { node } = schema;
  const reference = stringOf(get(node, '$ref'));
  if (reference !== undefined)
    return reference.slice(Math.max(reference.lastIndexOf('/'), reference.lastIndexOf('#')) + 1);
  const title = stringOf(get(node, 'title'));
  if (title !== undefined) return title;
  for (const entry of entriesOf(get(node, 'properties'))) {
    const value =
      get(entry.value, 'const') ??
      (itemsOf(get(entry.value, 'enum')).length === 1 ? itemsOf(get(entry.value, 'enum'))[0] : undefined);
    if (value !== undefined) return `${entry.key} ${printData(value)}`;
  }
  const constant = get(node, 'const');
  if (constant !== undefined) return printData(constant);
  const kinds = kindsOf(flatten(side, [schema]));
  return kinds.size === 7 ? '' : printKinds(kinds);
}

/** Pairs removed with added names that look the same: in case or by a letter with the same schema family, or the only ones with an equal schema. */
function matchNames(
  removed: readonly string[],
  added: readonly string[],
  sameSchema: (name: string, twin: string) => boolean,
): ReadonlyMap<string, string> {
  const matches = new Map<string, string>();
  if (removed.length === 0 || added.length === 0 || removed.length * added.length > 10_000) return matches;
  const free = new Set(added);
  for (const name of removed) {
    const twin = [...free].find((candidate) => resemblance(name, candidate) !== null);
    if (twin === undefined) continue;
    matches.set(name, twin);
    free.delete(twin);
  }
  const rest = removed.filter((name) => !matches.has(name));
  const [only] = rest;
  const [other] = free;
  if (rest.length === 1 && free.size === 1 && only !== undefined && other !== undefined && sameSchema(only, other))
    matches.set(only, other);
  return matches;
}

/** One fact per place and kind: a definition that is used twice says a thing once, as surely as its surest use. */
function dedupe(changes: readonly Change[]): readonly Change[] {
  const known = new Map<string, number>();
  const result: Change[] = [];
  for (const change of changes) {
    const { path: _, sure: __, ...rest } = change;
    const key = JSON.stringify(rest);
    const index = known.get(key);
    const twin = index === undefined ? undefined : result[index];
    if (index === undefined || twin === undefined || twin.path === change.path) {
      if (twin !== undefined && twin.path === change.path && index !== undefined) {
        if (change.sure && !twin.sure) result[index] = change;
        continue;
      }
      known.set(key, result.length);
      result.push(change);
    } else if (change.sure && !twin.sure) result[index] = change;
  }
  return result;
}
