// What stands where the map would be as long as there is none, and the notices above it.
import type { Model } from '../model.ts';
import { el, icon } from './dom.ts';
import { button, progressRing } from './toolkit.ts';

export interface OverlayEvents {
  readonly onRefresh: () => void;
  readonly onDismiss: () => void;
}

export interface Overlay {
  readonly element: HTMLElement;
  readonly notice: HTMLElement;
  /** `drawn`: the map shows something. */
  readonly show: (model: Model, drawn: boolean) => void;
}

export function createOverlay(events: OverlayEvents): Overlay {
  const element = el('div', { class: 'overlay' });
  const notice = el('div', { class: 'notice', role: 'alert' });
  let shown = '';

  function fill(name: string, ...parts: Node[]): void {
    if (shown === name) return;
    shown = name;
    element.replaceChildren(...parts);
  }

  return {
    element,
    notice,
    show: (model, drawn) => {
      const empty = model.structure !== null && model.topology.services.length + model.topology.channels.length === 0;
      element.hidden = drawn && !empty;
      if (empty && model.progress === null) fill('empty', nothingYet(events));
      else if (!drawn || empty) {
        const text = model.progress ?? (model.structure === null ? 'Waiting for the first scan…' : 'Laying out…');
        fill(`busy ${text}`, el('div', { class: 'busy', role: 'status' }, progressRing(text), el('p', {}, text)));
      }
      notice.hidden = model.failure === null;
      notice.replaceChildren(
        ...(model.failure === null
          ? []
          : [
              el('span', { class: 'grow' }, model.failure),
              button({ label: 'Dismiss', picture: icon('close'), look: 'icon', onClick: events.onDismiss }),
            ]),
      );
    },
  };
}

function nothingYet(events: OverlayEvents): HTMLElement {
  const formats = [
    'AsyncAPI 2 and 3 documents',
    'Encore services in TypeScript and Go',
    'CloudFormation and SAM templates',
  ];
  return el(
    'div',
    { class: 'empty' },
    el('h2', {}, 'No producers, consumers or channels found yet'),
    el('p', {}, 'Eventscape draws what the files of this workspace declare. It reads:'),
    el('ul', {}, ...formats.map((format) => el('li', {}, format))),
    el(
      'p',
      {},
      'Add a topic, a queue or a subscription to one of them, and it appears here as you type. Folders that .gitignore or the setting ',
      el('code', {}, 'eventscape.exclude'),
      ' name, and tests, are left out.',
    ),
    el('div', { class: 'row centred' }, button({ label: 'Scan again', look: 'primary', onClick: events.onRefresh })),
  );
}
