// A drawing as data: elements with attributes, text and children. The panel patches it into the page, the command line writes it out as SVG.

export interface Shape {
  readonly tag: 'g' | 'path' | 'rect' | 'circle' | 'text' | 'title' | 'use';
  /** Unique among its siblings; kept elements are recognised by it. */
  readonly key?: string;
  /** Attribute values as they stand in the page, not escaped. */
  readonly attrs: Readonly<Record<string, string>>;
  /** Text content, not escaped; never markup. */
  readonly text?: string;
  readonly children?: readonly Shape[];
}

/** The shape as SVG text, escaped. Characters that XML 1.0 cannot hold, or that turn the direction of what follows, become U+FFFD. */
export function shapeText(shape: Shape): string {
  const attrs = Object.entries(shape.attrs)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
  const inner =
    (shape.text === undefined ? '' : escapeXml(shape.text)) + (shape.children ?? []).map(shapeText).join('');
  return inner === '' ? `<${shape.tag}${attrs}/>` : `<${shape.tag}${attrs}>${inner}</${shape.tag}>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
