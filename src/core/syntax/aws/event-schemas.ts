// Event patterns of EventBridge rules → the schemas of the events that they let through, by what schema files say of themselves.
// Only detail types and sources that are written out count: prefixes, wildcards and exclusions say nothing of one schema.
import type { Ref } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { DataNode } from '../data.ts';
import { get, itemsOf } from '../data.ts';
import { textProperty } from './targets.ts';
import type { Template } from './template.ts';
import { chosen } from './values.ts';

/** The space of exports that name an event's schema by `source@detail-type`, as the registry names it. */
export const EVENT_SPACE = 'eventbridge-event';
/** The space of exports that name an event's schema by its detail type, whatever its source. */
export const DETAIL_TYPE_SPACE = 'eventbridge-detail-type';

const MAX_PAIRS = 200;

/** The schemas of the events that a pattern names exactly. */
export function schemasOfPattern(template: Template, pattern: DataNode | undefined): readonly Ref[] {
  const root = chosen(template, pattern) ?? undefined;
  const texts = (key: string): readonly string[] =>
    itemsOf(chosen(template, get(root, key)) ?? undefined).flatMap((item) => textProperty(template, item) ?? []);
  const sources = texts('source');
  return texts('detail-type')
    .flatMap((type) => (get(root, 'source') === undefined ? [type] : sources.map((source) => `${source}@${type}`)))
    .slice(0, MAX_PAIRS)
    .map((text) => ({
      kind: 'import',
      space: get(root, 'source') === undefined ? DETAIL_TYPE_SPACE : EVENT_SPACE,
      name: literal(text),
      text,
    }));
}
