// Makes the children of an SVG element equal to a list of shapes, touching only what differs: an edit that changes one label changes one text node,
// and an element that has the keyboard keeps it.
import type { Shape } from '../../src/draw/shape.ts';

const SVG = 'http://www.w3.org/2000/svg';
const drawn = new WeakMap<Element, Shape>();

/** Elements are recognised by `key`, else by their place in the list. */
export function patch(parent: Element, shapes: readonly Shape[]): void {
  const old = new Map<string, Element>();
  for (const [index, child] of Array.from(parent.children).entries()) old.set(keyOf(drawn.get(child), index), child);
  const wanted = new Set(shapes.map((shape, index) => keyOf(shape, index)));
  for (const [key, child] of old) if (!wanted.has(key)) child.remove();
  let cursor = parent.firstElementChild;
  for (const [index, shape] of shapes.entries()) {
    const known = old.get(keyOf(shape, index));
    const kept = known && drawn.get(known)?.tag === shape.tag ? known : undefined;
    if (known && !kept) {
      if (cursor === known) cursor = known.nextElementSibling;
      known.remove();
    }
    const element = kept ?? document.createElementNS(SVG, shape.tag);
    update(element, shape);
    if (element === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(element, cursor);
  }
}

function keyOf(shape: Shape | undefined, index: number): string {
  return shape?.key ?? `#${index}`;
}

function update(element: Element, shape: Shape): void {
  const before = drawn.get(element);
  for (const [name, value] of Object.entries(shape.attrs))
    if (before?.attrs[name] !== value) element.setAttribute(name, value);
  if (before) for (const name of Object.keys(before.attrs)) if (!(name in shape.attrs)) element.removeAttribute(name);
  if (shape.text !== undefined && before?.text !== shape.text) element.textContent = shape.text;
  drawn.set(element, shape);
  if (shape.children || before?.children) patch(element, shape.children ?? []);
}
