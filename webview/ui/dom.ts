// Elements without markup: whatever comes from a workspace enters the page as text only.

type Child = Node | string | null;

/** An element with attributes and children. `null` children are left out; strings become text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attrs: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A button of the page itself: a link, a cell, a row. Toolbar and forms take theirs from the toolkit. */
export function textButton(
  label: string,
  onClick: () => void,
  attrs: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const button = el('button', { type: 'button', class: 'link', ...attrs }, label);
  button.addEventListener('click', onClick);
  return button;
}

/** A sentence in which `…` marks code, as findings write it. */
export function prose(text: string, attrs: Readonly<Record<string, string>> = {}): HTMLParagraphElement {
  const paragraph = el('p', attrs);
  for (const [index, piece] of text.split('`').entries()) {
    if (piece !== '') paragraph.append(index % 2 === 1 ? el('code', {}, piece) : piece);
  }
  return paragraph;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A 16 × 16 line drawing in the colour of the text around it; decorative. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({
    viewBox: '0 0 16 16',
    width: '16',
    height: '16',
    'aria-hidden': 'true',
    class: 'icon',
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

const ICONS = {
  add: 'M8 3.5v9M3.5 8h9',
  remove: 'M3.5 8h9',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  tidy: 'M2.5 4.5h4v3h-4zM9.5 2.5h4v3h-4zM9.5 10.5h4v3h-4zM6.5 6h1.5V4h1.5M8 6v6h1.5',
  turn: 'M2.5 5h8.5M8.5 2.5L11 5 8.5 7.5M5 5v8.5M2.5 11L5 13.5 7.5 11',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2.2v2.9h-2.9',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  clock: 'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM8 4.8V8l2.3 1.6',
  clear: 'M4 4l8 8M12 4l-8 8',
  focus: 'M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8 1.5v2.3M8 12.2v2.3M1.5 8h2.3M12.2 8h2.3',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;
