// A measured pathway as a sequence diagram. Mermaid is large and loads when this view is opened for the first time, never before.
import { el } from './dom.ts';

export interface SequenceView {
  readonly element: HTMLElement;
  /** Draws Mermaid source; empty source says what to do. */
  readonly show: (source: string) => Promise<void>;
}

export function createSequence(onImport: () => void): SequenceView {
  const element = el('div', { class: 'sequence' });
  let drawn: string | null = null;
  let count = 0;

  async function show(source: string): Promise<void> {
    const key = `${document.body.className}\n${source}`;
    if (drawn === key) return;
    drawn = key;
    if (source === '') {
      const start = el('button', { type: 'button', class: 'link' }, 'Import a trace file');
      start.addEventListener('click', onImport);
      element.replaceChildren(
        el(
          'div',
          { class: 'empty' },
          el('h2', {}, 'No measured pathway yet'),
          el('p', {}, start, ' to see who called whom, hop by hop.'),
        ),
      );
      return;
    }
    const target = el('div', { class: 'diagram' }, source);
    target.id = `sequence-${++count}`;
    element.replaceChildren(target);
    try {
      const { default: mermaid } = await import('mermaid');
      mermaid.initialize({
        startOnLoad: false,
        securityLevel: 'strict',
        theme:
          document.body.classList.contains('vscode-light') ||
          document.body.classList.contains('vscode-high-contrast-light')
            ? 'neutral'
            : 'dark',
        fontFamily: 'inherit',
        sequence: { useMaxWidth: false },
      });
      await mermaid.run({ nodes: [target] });
      target.setAttribute('role', 'img');
      target.setAttribute('aria-label', 'Sequence diagram of the longest measured pathway');
    } catch (error) {
      // A newer source may have been drawn meanwhile; then this failure concerns nobody.
      if (drawn !== key) return;
      drawn = null;
      element.replaceChildren(
        el(
          'div',
          { class: 'empty', role: 'alert' },
          el('h2', {}, 'The diagram cannot be drawn'),
          el('p', {}, error instanceof Error ? error.message : String(error)),
          el('pre', {}, source),
        ),
      );
    }
  }

  return { element, show };
}
