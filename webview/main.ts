// The panel's page: parts from the host and the person's choices in, the map, its table and its details out. All state is in one Model;
// whatever changes, `repaint` makes the page equal to it. A layout is asked for only when the structure on the screen changes.
import './main.css';
import type { FromWebview, ViewState } from '../src/protocol/panel.ts';
import type { Location } from '../src/core/model/source.ts';
import { arrange, type Drawn, extent, nodeBoxes } from '../src/draw/arrange.ts';
import { adjacency } from '../src/draw/focus.ts';
import { around, type Point } from '../src/draw/geometry.ts';
import type { DrawGraph } from '../src/draw/graph.ts';
import { timings } from '../src/draw/latency.ts';
import type { Flow, Placement } from '../src/draw/layout.ts';
import { marks } from '../src/draw/marks.ts';
import { plainText } from '../src/draw/measure.ts';
import { planLabels, scene } from '../src/draw/scene.ts';
import { searchTopology } from '../src/draw/search.ts';
import { structureHash } from '../src/draw/structure.ts';
import { MAP_STYLE } from '../src/draw/style.ts';
import { connectHost } from './host.ts';
import { layoutClient } from './layout/client.ts';
import { createMap } from './map/map.ts';
import {
  edgeFor,
  FRESH_MODEL,
  FRESH_VIEW,
  foldedGroups,
  groupOfNode,
  litOf,
  type Model,
  nodeFor,
  visible,
  withFindings,
  withLatency,
  withStructure,
} from './model.ts';
import { type DetailsList, showDetails } from './ui/details.ts';
import { el, icon } from './ui/dom.ts';
import { createLegend } from './ui/legend.ts';
import { createOverlay } from './ui/overlay.ts';
import { createSequence } from './ui/sequence.ts';
import { createStatus } from './ui/status.ts';
import { createTable } from './ui/table.ts';
import { createToolbar } from './ui/toolbar.ts';
import { button, registerToolkit } from './ui/toolkit.ts';

interface DrawnMap extends Drawn {
  readonly hash: string;
}

registerToolkit();
const host = connectHost();
let model: Model = FRESH_MODEL;
let hovered: string | null = null;
let current: string | null = null;
let list: DetailsList | null = null;
let restored = false;
let workerAddress = '';
/** The map with groups folded as chosen; its positions are kept. */
let main: DrawnMap | null = null;
/** What is on the screen: `main` or the neighbourhood in focus. */
let shown: DrawnMap | null = null;
let fitPending = true;
/** False once a person moved the map by hand: then a new window size does not fit it again. */
let fitted = true;
const focusLayouts = new Map<string, Placement>();
const client = layoutClient(() => workerAddress);

const map = createMap({
  onSelect: (id) => select(id),
  onOpen: (id) => open(id),
  onFold: (group) => fold(group),
  onHover: (id) => {
    hovered = id;
    repaint();
  },
  onZoom: (zoom) => {
    fitted = false;
    model = { ...model, view: { ...model.view, zoom } };
    saveSoon();
  },
  onCurrent: (id) => {
    if (current === id) return;
    current = id;
    paintMap();
  },
});
const toolbar = createToolbar({
  onView: (view) => change({ view }),
  onSearch: (search) => change({ search }),
  onNext: nextMatch,
  onLens: (lens) => change({ lens }),
  onDepth: (depth) => {
    const { focus } = model.view;
    if (focus !== null && focus.depth !== depth) refocus({ ...focus, depth });
  },
  onLeaveFocus: () => refocus(null),
  onTidy: tidy,
  onTurn: () => {
    change({ flow: flow() === 'right' ? 'down' : 'right', flowChosen: true });
    tidy();
  },
  onCommand: (command) => host.post({ kind: 'command', command }),
});
const table = createTable({ onSelect: (id) => select(id), onOpen: openAt });
const sequence = createSequence(() => host.post({ kind: 'command', command: 'importTrace' }));
const overlay = createOverlay({
  onRefresh: () => host.post({ kind: 'command', command: 'refresh' }),
  onDismiss: () => {
    model = { ...model, failure: null };
    repaint();
  },
});
const status = createStatus((wish) => {
  list = list === wish ? null : wish;
  repaint();
});
const details = el('aside', { class: 'details', 'aria-label': 'Details' });
const zoomButtons = el(
  'div',
  { class: 'zoom' },
  button({ label: 'Zoom in', picture: icon('add'), look: 'icon', onClick: () => map.zoomBy(1.25) }),
  button({ label: 'Zoom out', picture: icon('remove'), look: 'icon', onClick: () => map.zoomBy(0.8) }),
  button({ label: 'Fit the map', picture: icon('fit'), look: 'icon', onClick: () => fit(true) }),
);
const mapView = el('div', { class: 'map-view' }, map.element, createLegend(), zoomButtons, overlay.element);
const stage = el(
  'main',
  { class: 'stage', id: 'stage', role: 'tabpanel', tabindex: '-1' },
  mapView,
  table.element,
  sequence.element,
);
document.head.append(el('style', {}, MAP_STYLE));
document.body.append(toolbar.element, overlay.notice, el('div', { class: 'body' }, stage, details), status.element);

// ---- What the person does

function change(view: Partial<ViewState>): void {
  model = { ...model, view: { ...model.view, ...view } };
  repaint();
  saveSoon();
}

function select(id: string | null): void {
  list = null;
  change({ selected: id });
  if (id !== null && shown && model.view.view === 'map') {
    const node = nodeFor(shown.graph, id);
    if (node !== null) map.keepInView(node, litOf(shown.graph, model, node)?.nodes);
  }
}

function open(id: string): void {
  const folded = shown && groupOfNode(visible(model.topology, model.view).whole, id);
  if (folded) return fold(folded);
  const node = [...model.topology.services, ...model.topology.channels].find((each) => each.id === id);
  const stands = shown?.graph.edges.find((edge) => edge.id === id)?.stands ?? [id];
  const at = node?.at[0] ?? model.topology.edges.find((edge) => stands.includes(edge.id))?.at[0];
  if (at) openAt(at);
}

function openAt(at: Location): void {
  host.post({ kind: 'open', file: at.file, line: at.range.start.line, character: at.range.start.character });
}

/** Folds an open group, opens a folded one. */
function fold(group: string): void {
  const { whole } = visible(model.topology, model.view);
  const folded = new Set(foldedGroups(model.view, whole));
  if (!folded.delete(group)) folded.add(group);
  change({ folded: Array.from(folded).toSorted(), selected: null });
  void relayout();
}

function refocus(focus: ViewState['focus']): void {
  fitPending = true;
  change({ focus, view: 'map' });
  void relayout();
}

/** Of the map that is drawn; for a first one by the shape of the panel. */
function flow(): Flow {
  const drawn = model.view.flow ?? null;
  if (drawn !== null) return drawn;
  const made = shape() < 1.05 ? 'down' : 'right';
  model = { ...model, view: { ...model.view, flow: made } };
  return made;
}

/** Width to height of the panel. */
function shape(): number {
  const { clientWidth, clientHeight } = document.documentElement;
  return clientHeight > 0 ? clientWidth / clientHeight : 1;
}

/** Whether the panel has become so wide or so tall that the map had better run the other way. A flow that a person chose stays. */
function outgrown(): boolean {
  const { clientWidth, clientHeight } = document.documentElement;
  // A frame that has not got its size yet is 300 by 150; so small a panel says nothing about the map.
  if (model.view.flowChosen === true || clientWidth < 200 || clientHeight < 200) return false;
  return model.view.flow === 'down' ? shape() > 1.2 : model.view.flow === 'right' && shape() < 0.85;
}

/** Forgets all positions and lays out anew. */
function tidy(): void {
  main = null;
  focusLayouts.clear();
  fitPending = true;
  change({ positions: {}, routes: {} });
  void relayout();
}

let match = -1;
function nextMatch(backwards: boolean): void {
  const found = searchTopology(model.topology, model.view.search);
  if (found.length === 0) return;
  match = (match + (backwards ? -1 : 1) + found.length) % found.length;
  const id = found[match];
  if (id !== undefined) void reveal(id);
}

/** Asked for before the map stood. */
let wanted: string | null = null;

/** Selects a node or edge and brings it into view, out of its folded group and out of a focus that hides it. */
async function reveal(id: string): Promise<void> {
  if (settled !== ticket || shown === null) {
    wanted = id;
    return;
  }
  const { whole, graph } = visible(model.topology, model.view);
  const edge = whole.edges.find((each) => each.stands.includes(id));
  const node = edge?.from ?? id;
  if (!whole.nodes.some((each) => each.id === node)) return;
  if (!graph.nodes.some((each) => each.id === node)) {
    const group = whole.groups.find((each) => each.members.includes(node))?.name;
    const folded = Array.from(foldedGroups(model.view, whole)).filter((each) => each !== group);
    change({ focus: null, folded });
    await relayout();
  }
  if (model.view.view === 'sequence') change({ view: 'map' });
  const on = shown && edgeFor(shown.graph, id);
  select(on ?? id);
  current = node;
  paintMap();
  map.reveal(node, false);
}

function fit(glide: boolean): void {
  map.fit(glide);
  fitted = true;
}

document.addEventListener('keydown', (event) => {
  const typing =
    event.target instanceof Element &&
    event.target.closest('input, textarea, select, vscode-text-field, vscode-dropdown') !== null;
  if (event.key === 'Escape') {
    if (model.view.search !== '') change({ search: '' });
    else if (list !== null) {
      list = null;
      repaint();
    } else if (model.view.selected !== null) change({ selected: null });
    else if (model.view.focus !== null) refocus(null);
    if (typing && current !== null) map.reveal(current, true);
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = KEYS.get(event.key);
  if (!action) return;
  event.preventDefault();
  action();
});

const KEYS: ReadonlyMap<string, () => void> = new Map([
  ['/', () => toolbar.focusSearch()],
  ['+', () => map.zoomBy(1.25)],
  ['-', () => map.zoomBy(0.8)],
  ['0', () => fit(true)],
  ['f', () => current !== null && refocus(model.view.focus?.id === current ? null : { id: current, depth: 1 })],
  ['g', () => foldCurrent()],
]);

function foldCurrent(): void {
  const { whole } = visible(model.topology, model.view);
  const at = current;
  if (at === null) return;
  const group = groupOfNode(whole, at) ?? whole.groups.find((each) => each.members.includes(at))?.name;
  if (group !== undefined) fold(group);
}

let turning: ReturnType<typeof setTimeout> | null = null;
/** While an edge is dragged, or the frame is only just put in its place, the shape says nothing yet. */
function turnWhereOutgrown(): void {
  if (turning !== null) clearTimeout(turning);
  turning = setTimeout(() => {
    if (!outgrown()) return;
    change({ flow: null });
    tidy();
  }, 300);
}
window.addEventListener('resize', () => {
  if (fitted) fit(false);
  turnWhereOutgrown();
});

// ---- Layout

let ticket = 0;
/** The last layout that is done; equal to `ticket`: the map shows what the model says. */
let settled = -1;

/** Brings `main` and `shown` up to the structure of the model. Does nothing but repaint where they are. */
async function relayout(): Promise<void> {
  if (!restored || model.structure === null) return;
  const mine = ++ticket;
  const seen = visible(model.topology, model.view);
  try {
    const next = await placed(seen.main, main ?? remembered(seen.main));
    if (mine !== ticket) return;
    const first = main === null;
    if (next.hash !== main?.hash) remember(next);
    main = next;
    const focused = seen.graph === seen.main ? main : await placedFocus(seen.graph);
    if (mine !== ticket) return;
    shown = focused;
    model = { ...model, failure: null };
    repaint();
    if (first && model.view.zoom !== null && !fitPending) map.setZoom(model.view.zoom);
    else if (fitPending) fit(!first);
    fitPending = false;
    settled = mine;
    if (wanted !== null) {
      const id = wanted;
      wanted = null;
      void reveal(id);
    }
  } catch (error) {
    if (mine !== ticket) return;
    fail(error instanceof Error ? error.message : String(error));
  }
}

async function placed(graph: DrawGraph, previous: Drawn | null): Promise<DrawnMap> {
  const hash = structureHash(graph);
  if (main !== null && main.hash === hash) return { ...main, graph };
  return { hash, graph, placement: await arrange(graph, previous, client.layout, flow()) };
}

async function placedFocus(graph: DrawGraph): Promise<DrawnMap> {
  const hash = structureHash(graph);
  const placement = focusLayouts.get(hash) ?? (await arrange(graph, null, client.layout, flow()));
  if (focusLayouts.size > 40) focusLayouts.clear();
  focusLayouts.set(hash, placement);
  return { hash, graph, placement };
}

/** What the host kept from an earlier page, as far as it concerns this graph; null: nothing. */
function remembered(graph: DrawGraph): Drawn | null {
  const positions = new Map<string, Point>(Object.entries(model.view.positions));
  if (positions.size === 0) return null;
  const routes = new Map(Object.entries(model.view.routes ?? {}).map(([id, flat]) => [id, pairs(flat)]));
  return { graph, placement: { positions, routes } };
}

function remember(next: DrawnMap): void {
  const positions = Object.fromEntries(next.placement.positions);
  const routes = Object.fromEntries(
    Array.from(next.placement.routes, ([id, points]) => [id, points.flatMap((point) => [point.x, point.y])]),
  );
  model = { ...model, view: { ...model.view, positions, routes } };
  saveSoon();
}

function pairs(flat: readonly number[]): readonly Point[] {
  const points: Point[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) points.push({ x: flat[at] ?? 0, y: flat[at + 1] ?? 0 });
  return points;
}

// ---- Painting

/** The value of a function of identical arguments, computed once. */
function memo<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { args: A; result: R } | null = null;
  return (...args) => {
    if (!last || last.args.some((value, at) => value !== args[at])) last = { args, result: compute(...args) };
    return last.result;
  };
}

const marksOf = memo(marks);
const timingsOf = memo(timings);
const planOf = memo(
  (graph: DrawGraph, placement: Placement, made: ReturnType<typeof marks>, timed: ReturnType<typeof timings>) =>
    planLabels({ graph, placement, marks: made, timings: timed }),
);
const boxesOf = memo((graph: DrawGraph, placement: Placement) => nodeBoxes(graph, placement.positions));
/** Everything drawn, labels included. */
const extentOf = memo(
  (graph: DrawGraph, placement: Placement, plan: ReturnType<typeof planLabels>) =>
    around([extent(graph, placement), ...plan.boxes.values()]) ?? extent(graph, placement),
);
const linesOf = memo(adjacency);

function paintMap(): void {
  if (!shown) return;
  const { graph, placement } = shown;
  const made = marksOf(model.topology, graph, model.findings);
  const timed = timingsOf(graph, model.hops);
  const boxes = boxesOf(graph, placement);
  if (current === null || !boxes.has(current)) current = graph.nodes[0]?.id ?? null;
  const plan = planOf(graph, placement, made, timed);
  map.paint({
    scene: scene(
      {
        graph,
        placement,
        marks: made,
        timings: timed,
        lit: litOf(graph, model, hovered),
        selected: model.view.selected,
        current: current ?? '',
      },
      plan,
    ),
    boxes,
    lines: linesOf(graph),
    extent: extentOf(graph, placement, plan),
    current,
    flow: flow(),
  });
  map.element.dataset['layouts'] = String(client.calls());
  map.element.dataset['flow'] = flow();
}

function repaint(): void {
  const { view } = model;
  const graph = shown?.graph ?? null;
  const focusNode = view.focus === null ? undefined : graph?.nodes.find((node) => node.id === view.focus?.id);
  toolbar.show(
    model,
    view.focus === null ? null : (focusNode?.name ?? plainText(view.focus.id)),
    searchTopology(model.topology, view.search).length,
  );
  mapView.hidden = view.view !== 'map';
  table.element.hidden = view.view !== 'table';
  sequence.element.hidden = view.view !== 'sequence';
  stage.setAttribute('aria-labelledby', `tab-${view.view}`);
  if (view.view === 'map') paintMap();
  else if (view.view === 'table') table.show(model);
  else void sequence.show(model.latency?.sequence ?? '');
  details.hidden = graph === null || !detailsOf(model.topology, model.findings, model.hops, view.selected, list, graph);
  overlay.show(model, shown !== null);
  status.show(model, graph);
}

/** Filled again only where it says something else: a click on its buttons must not lose them halfway. False: nothing to say. */
const detailsOf = memo(
  (
    topology: Model['topology'],
    findings: Model['findings'],
    hops: Model['hops'],
    selected: string | null,
    wish: DetailsList | null,
    graph: DrawGraph,
  ) =>
    showDetails(details, { ...model, topology, findings, hops, view: { ...model.view, selected } }, graph, wish, {
      ...detailEvents,
      onFix: (finding) => {
        const about = findings.findings[finding];
        if (about) host.post({ kind: 'fix', rule: about.rule, message: about.message, at: about.at });
      },
    }),
);

const detailEvents = {
  onOpen: openAt,
  onSelect: (id: string): void => void reveal(id),
  onFocus: (id: string, depth: number): void => refocus({ id, depth }),
  onFold: fold,
  onCopy: (text: string): void => host.post({ kind: 'copy', text }),
  onClose: (): void => {
    list = null;
    change({ selected: null });
  },
};

// ---- The host

let saving: ReturnType<typeof setTimeout> | null = null;

function saveSoon(): void {
  if (!restored) return;
  if (saving !== null) clearTimeout(saving);
  saving = setTimeout(save, 250);
}

function save(): void {
  if (saving === null) return;
  clearTimeout(saving);
  saving = null;
  host.post({ kind: 'state', state: model.view } satisfies FromWebview);
}

// A panel that goes out of sight is thrown away: what is still to be saved is saved when the person turns elsewhere.
window.addEventListener('blur', save);
document.addEventListener('visibilitychange', save);

function fail(message: string): void {
  model = { ...model, failure: message };
  host.post({ kind: 'failed', message });
  repaint();
}

window.addEventListener('error', (event) => fail(event.message));
window.addEventListener('unhandledrejection', (event) =>
  fail(event.reason instanceof Error ? event.reason.message : String(event.reason)),
);

host.listen({
  structure: ({ part }) => {
    if (part.hash === model.structure?.hash) return;
    model = withStructure(model, part);
    void relayout();
    // Until the layout stands the old picture stays; without one the page says what it waits for.
    if (shown === null) repaint();
  },
  findings: ({ part }) => {
    model = withFindings(model, part);
    repaint();
  },
  latency: ({ part }) => {
    model = withLatency(model, part);
    repaint();
  },
  state: ({ state, addresses }) => {
    workerAddress = addresses.layoutWorker;
    if (!restored && state !== null) {
      const drawn = Object.keys(state.positions).length > 0;
      model = { ...model, view: { ...FRESH_VIEW, ...state, flow: state.flow ?? (drawn ? 'right' : null) } };
      fitPending = model.view.zoom === null;
    }
    restored = true;
    repaint();
    void relayout();
    turnWhereOutgrown();
  },
  reveal: ({ id }) => void reveal(id),
  progress: ({ text }) => {
    model = { ...model, progress: text };
    repaint();
  },
});
repaint();
host.post({ kind: 'ready' });
