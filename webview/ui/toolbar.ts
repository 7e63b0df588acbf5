// The bar above the map: which view, what to look for, what to stress, and what to do.
import type { FromWebview, ViewState } from '../../src/protocol/panel.ts';
import type { Lens, Model } from '../model.ts';
import { el, icon } from './dom.ts';
import { button, choice, textField } from './toolkit.ts';

export interface ToolbarEvents {
  readonly onView: (view: ViewState['view']) => void;
  readonly onSearch: (text: string) => void;
  /** Enter in the search field: go to the next match. */
  readonly onNext: (backwards: boolean) => void;
  readonly onLens: (lens: Lens) => void;
  readonly onDepth: (depth: number) => void;
  readonly onLeaveFocus: () => void;
  readonly onTidy: () => void;
  /** Left to right ⇄ top down. */
  readonly onTurn: () => void;
  readonly onCommand: (command: Extract<FromWebview, { kind: 'command' }>['command']) => void;
}

export interface Toolbar {
  readonly element: HTMLElement;
  readonly show: (model: Model, focusName: string | null, matches: number) => void;
  readonly focusSearch: () => void;
}

const VIEWS = [
  { view: 'map', label: 'Map' },
  { view: 'table', label: 'Table' },
  { view: 'sequence', label: 'Sequence' },
] as const;

const LENSES: readonly { readonly value: Lens; readonly label: string }[] = [
  { value: 'all', label: 'Everything' },
  { value: 'lost', label: 'What can get lost' },
  { value: 'changed', label: 'What changed' },
  { value: 'time', label: 'Where is the time' },
  { value: 'unresolved', label: 'What is unsure' },
];

export function createToolbar(events: ToolbarEvents): Toolbar {
  const tabs = VIEWS.map(({ view, label }) => {
    const tab = el('button', { type: 'button', role: 'tab', id: `tab-${view}`, 'aria-controls': 'stage' }, label);
    tab.addEventListener('click', () => events.onView(view));
    return { view, tab };
  });
  const tablist = el('div', { role: 'tablist', class: 'tabs', 'aria-label': 'View' }, ...tabs.map(({ tab }) => tab));
  tablist.addEventListener('keydown', (event) => {
    const at = tabs.findIndex(({ tab }) => tab === document.activeElement);
    const next =
      tabs[(at + (event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0) + tabs.length) % tabs.length];
    if (at < 0 || !next || next === tabs[at]) return;
    event.preventDefault();
    next.tab.focus();
    events.onView(next.view);
  });

  const search = textField('Search the topology', 'Search  /', events.onSearch);
  search.element.classList.add('search');
  search.element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') events.onNext(event.shiftKey);
  });
  const found = el('span', { class: 'found muted', role: 'status' });
  const lens = choice('Stress on the map', LENSES, events.onLens);
  lens.element.classList.add('lens');

  const focusName = el('span', { class: 'focus-name' });
  const depth = choice(
    'Depth of the focus',
    ['1', '2', '3', '4'].map((value) => ({ value, label: `${value} ${value === '1' ? 'step' : 'steps'}` })),
    (value) => events.onDepth(Number(value)),
  );
  const leave = button({ label: 'Leave focus', picture: icon('close'), look: 'icon', onClick: events.onLeaveFocus });
  const focus = el('div', { class: 'focus-chip' }, icon('focus'), focusName, depth.element, leave);

  const clearTraces = button({
    label: 'Clear imported traces',
    picture: icon('clear'),
    look: 'icon',
    onClick: () => events.onCommand('clearTraces'),
  });
  const element = el(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': 'Topology' },
    tablist,
    search.element,
    found,
    lens.element,
    focus,
    el('span', { class: 'grow' }),
    button({ label: 'Import trace…', onClick: () => events.onCommand('importTrace') }),
    clearTraces,
    button({
      label: 'Copy as Mermaid',
      picture: icon('copy'),
      look: 'icon',
      onClick: () => events.onCommand('copyMermaid'),
    }),
    button({
      label: 'Turn the layout: left to right or top down',
      picture: icon('turn'),
      look: 'icon',
      onClick: events.onTurn,
    }),
    button({ label: 'Tidy the layout', picture: icon('tidy'), look: 'icon', onClick: events.onTidy }),
    button({
      label: 'Scan the workspace again',
      picture: icon('refresh'),
      look: 'icon',
      onClick: () => events.onCommand('refresh'),
    }),
  );

  return {
    element,
    focusSearch: search.focus,
    show: (model, name, matches) => {
      for (const { view, tab } of tabs) {
        const active = model.view.view === view;
        tab.setAttribute('aria-selected', String(active));
        tab.tabIndex = active ? 0 : -1;
      }
      search.set(model.view.search);
      found.textContent = model.view.search.trim() === '' ? '' : matches === 0 ? 'No match' : `${matches} found`;
      lens.set(model.view.lens ?? 'all');
      focus.hidden = name === null;
      focusName.textContent = name ?? '';
      depth.set(String(model.view.focus?.depth ?? 1));
      clearTraces.hidden = model.hops === null;
    },
  };
}
