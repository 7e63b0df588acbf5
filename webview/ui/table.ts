// The map as tables: the same data, sortable by each column, for reading in rows and for screen readers.
import type { Location } from '../../src/core/model/source.ts';
import { type ConnectionRow, listTopology, type NodeRow, sortRows } from '../../src/draw/list.ts';
import { plainText } from '../../src/draw/measure.ts';
import { searchTopology } from '../../src/draw/search.ts';
import { placeWords } from '../../src/draw/words.ts';
import type { Model } from '../model.ts';
import { el, textButton } from './dom.ts';

interface Column<R> {
  readonly key: keyof R & string;
  readonly title: string;
  readonly text?: (row: R) => string;
}

interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export interface TableEvents {
  readonly onSelect: (id: string) => void;
  readonly onOpen: (at: Location) => void;
}

const NODES: readonly Column<NodeRow>[] = [
  { key: 'name', title: 'Name' },
  { key: 'word', title: 'Kind' },
  { key: 'group', title: 'Group' },
  { key: 'incoming', title: 'In' },
  { key: 'outgoing', title: 'Out' },
  { key: 'problems', title: 'Problems', text: problemText },
  { key: 'notes', title: 'Notes' },
  { key: 'p95', title: 'Transit p50 / p95', text: (row) => row.latency },
  { key: 'change', title: 'Change' },
];

const CONNECTIONS: readonly Column<ConnectionRow>[] = [
  { key: 'from', title: 'From' },
  { key: 'verb', title: '' },
  { key: 'to', title: 'To' },
  { key: 'subscription', title: 'Subscription' },
  { key: 'schemas', title: 'Schema' },
  { key: 'deadLetter', title: 'DLQ' },
  { key: 'retry', title: 'Retry' },
  { key: 'problems', title: 'Problems', text: problemText },
  { key: 'p95', title: 'p50 / p95', text: (row) => row.latency },
  { key: 'confidence', title: 'Known' },
  { key: 'change', title: 'Change' },
];

export interface TableView {
  readonly element: HTMLElement;
  readonly show: (model: Model) => void;
}

export function createTable(events: TableEvents): TableView {
  const element = el('div', { class: 'tables' });
  let nodeSort: Sorting = { key: 'name', descending: false };
  let edgeSort: Sorting = { key: 'from', descending: false };
  let shown: Model | null = null;

  function show(model: Model): void {
    shown = model;
    const list = listTopology(model.topology, model.findings, model.hops);
    const search = model.view.search.trim();
    const found = search === '' ? null : new Set(searchTopology(model.topology, search));
    const ends = new Map(model.topology.edges.map((edge) => [edge.id as string, [edge.from, edge.to] as const]));
    const nodes = found ? list.nodes.filter((row) => found.has(row.id)) : list.nodes;
    const connections = found
      ? list.connections.filter((row) => ends.get(row.id)?.some((end) => found.has(end)))
      : list.connections;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['sort'] : undefined;
    element.replaceChildren(
      table('Services and channels', NODES, nodes, nodeSort, (next) => (nodeSort = next), model.view.selected, 'name'),
      table(
        'Connections',
        CONNECTIONS,
        connections,
        edgeSort,
        (next) => (edgeSort = next),
        model.view.selected,
        'from',
      ),
      ...unresolved(model),
    );
    if (focused !== undefined) element.querySelector<HTMLElement>(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
  }

  function table<R extends NodeRow | ConnectionRow>(
    caption: string,
    all: readonly Column<R>[],
    rows: readonly R[],
    sorting: Sorting,
    sort: (next: Sorting) => void,
    selected: string | null,
    link: string,
  ): HTMLElement {
    const cell = (row: R, column: Column<R>): string => (column.text ? column.text(row) : String(row[column.key]));
    // A column that says nothing anywhere only takes room.
    const columns = all.filter((each) => each.key === sorting.key || rows.some((row) => cell(row, each) !== ''));
    const column = columns.find((each) => each.key === sorting.key);
    const sorted = column ? sortRows(rows, column.key, sorting.descending) : rows;
    const head = columns.map((each) => {
      const active = each.key === sorting.key;
      const mark = active ? (sorting.descending ? ' ↓' : ' ↑') : '';
      if (each.title === '') return el('th', { scope: 'col', 'aria-label': 'Relation' });
      const sorter = textButton(
        each.title + mark,
        () => {
          sort({ key: each.key, descending: active && !sorting.descending });
          if (shown) show(shown);
        },
        { class: 'link sorter', 'data-sort': `${caption} ${each.key}` },
      );
      return el(
        'th',
        { scope: 'col', 'aria-sort': active ? (sorting.descending ? 'descending' : 'ascending') : 'none' },
        sorter,
      );
    });
    const body = sorted.map((row) =>
      el(
        'tr',
        { 'data-row': row.id, class: row.id === selected ? 'selected' : '' },
        ...columns.map((each) => {
          const text = cell(row, each);
          if (each.key === link)
            return el(
              'th',
              { scope: 'row' },
              textButton(text, () => events.onSelect(row.id)),
            );
          return el('td', { class: cellClass(each.key, row) }, text);
        }),
        el('td', {}, row.at === null ? null : place(row.at)),
      ),
    );
    return el(
      'section',
      {},
      el('h2', {}, `${caption} (${rows.length})`),
      rows.length === 0
        ? el('p', { class: 'muted' }, 'Nothing matches.')
        : el(
            'div',
            { class: 'scroll' },
            el(
              'table',
              { class: 'rows', 'aria-label': caption },
              el('thead', {}, el('tr', {}, ...head, el('th', { scope: 'col' }, 'Declared'))),
              el('tbody', {}, ...body),
            ),
          ),
    );
  }

  function unresolved(model: Model): readonly HTMLElement[] {
    if (model.topology.unresolved.length === 0) return [];
    const body = model.topology.unresolved.map((item) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, el('code', {}, plainText(item.what))),
        el('td', {}, item.role),
        el('td', {}, plainText(item.why)),
        el('td', {}, place(item.at)),
      ),
    );
    const head = ['Name', 'Would be', 'Why it is not known', 'Stands in'].map((title) =>
      el('th', { scope: 'col' }, title),
    );
    return [
      el(
        'section',
        {},
        el('h2', {}, `Unresolved (${model.topology.unresolved.length})`),
        el(
          'div',
          { class: 'scroll' },
          el(
            'table',
            { class: 'rows', 'aria-label': 'Unresolved names' },
            el('thead', {}, el('tr', {}, ...head)),
            el('tbody', {}, ...body),
          ),
        ),
      ),
    ];
  }

  function place(at: Location): HTMLElement {
    const words = placeWords(at);
    return textButton(words.split('/').slice(-2).join('/'), () => events.onOpen(at), {
      class: 'link place',
      title: words,
      'aria-label': `Open ${words}`,
    });
  }

  return { element, show };
}

function problemText(row: { readonly problems: number; readonly severity: string | null }): string {
  return row.severity === null ? '' : `${row.problems} ${row.severity}`;
}

function cellClass(key: string, row: NodeRow | ConnectionRow): string {
  if (key === 'problems') return row.severity ?? '';
  if (key === 'incoming' || key === 'outgoing') return 'number';
  if (key === 'deadLetter' && 'deadLetter' in row && (row.deadLetter === 'missing' || row.deadLetter === 'dangling'))
    return 'warning';
  return key === 'change' ? `change ${row.change}` : '';
}
