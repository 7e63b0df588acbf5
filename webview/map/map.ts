// The live map: one SVG that shows a scene, pans, zooms, and tells what a person points at, chooses, opens or folds.
import { step } from '../../src/draw/walk.ts';
import type { Adjacency } from '../../src/draw/focus.ts';
import { around, type Box } from '../../src/draw/geometry.ts';
import type { Flow } from '../../src/draw/layout.ts';
import type { Scene } from '../../src/draw/scene.ts';
import { patch } from './patch.ts';
import { bringIntoView, fitTo, zoomAt, type Zoom } from './viewport.ts';

export interface MapEvents {
  /** A node or edge id; null: the ground. */
  readonly onSelect: (id: string | null) => void;
  readonly onOpen: (id: string) => void;
  readonly onFold: (group: string) => void;
  readonly onHover: (id: string | null) => void;
  readonly onZoom: (zoom: Zoom) => void;
  /** The keyboard moved to a node. */
  readonly onCurrent: (id: string) => void;
}

export interface Painting {
  readonly scene: Scene;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly lines: Adjacency;
  /** Everything drawn. */
  readonly extent: Box;
  readonly current: string | null;
  readonly flow: Flow;
}

export interface TopologyMap {
  readonly element: HTMLElement;
  readonly paint: (painting: Painting) => void;
  readonly fit: (glide: boolean) => void;
  readonly setZoom: (zoom: Zoom) => void;
  readonly zoomBy: (factor: number) => void;
  /** Moves the map as little as shows the node, with what is around it where that fits. */
  readonly keepInView: (id: string, company?: Iterable<string>) => void;
  /** Brings a node into view at a size that can be read; with `focus` the keyboard goes there too. */
  readonly reveal: (id: string, focus: boolean) => void;
}

const SVG = 'http://www.w3.org/2000/svg';
const LAYERS = ['frames', 'lines', 'titles', 'labels', 'nodes'] as const;

export function createMap(events: MapEvents): TopologyMap {
  const element = document.createElement('div');
  element.className = 'map';
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'eventscape');
  svg.setAttribute('role', 'group');
  svg.setAttribute(
    'aria-label',
    'Topology map. Arrow keys follow the connections, Enter opens the source, slash searches.',
  );
  const viewport = document.createElementNS(SVG, 'g');
  viewport.setAttribute('class', 'viewport');
  const layers = LAYERS.map((name) => {
    const layer = document.createElementNS(SVG, 'g');
    layer.setAttribute('class', name);
    viewport.append(layer);
    return { name, layer };
  });
  svg.append(viewport);
  element.append(svg);

  let zoom: Zoom = { x: 0, y: 0, scale: 1 };
  let painting: Painting | null = null;

  function apply(next: Zoom, glide = false): void {
    zoom = next;
    viewport.classList.toggle('gliding', glide);
    viewport.style.transform = `translate(${next.x}px, ${next.y}px) scale(${next.scale})`;
    svg.classList.toggle('far', next.scale < 0.42);
    svg.classList.toggle('very-far', next.scale < 0.2);
    events.onZoom(next);
  }

  function screen(): { width: number; height: number } {
    return { width: element.clientWidth, height: element.clientHeight };
  }

  function idAt(target: EventTarget | null): { node: string | null; edge: string | null; group: string | null } {
    const found = target instanceof Element ? target.closest('[data-id], [data-edge], [data-group]') : null;
    return {
      node: found?.getAttribute('data-id') ?? null,
      edge: found?.getAttribute('data-edge') ?? null,
      group: found?.getAttribute('data-group') ?? null,
    };
  }

  let press: { x: number; y: number; zoom: Zoom; moved: boolean; pointer: number } | null = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    press = { x: event.clientX, y: event.clientY, zoom, moved: false, pointer: event.pointerId };
  });
  element.addEventListener('pointermove', (event) => {
    if (!press || press.pointer !== event.pointerId) return;
    const dx = event.clientX - press.x;
    const dy = event.clientY - press.y;
    if (!press.moved && Math.hypot(dx, dy) < 4) return;
    if (!press.moved) {
      element.setPointerCapture(event.pointerId);
      element.classList.add('panning');
    }
    press.moved = true;
    apply({ ...press.zoom, x: press.zoom.x + dx, y: press.zoom.y + dy });
  });
  const release = (): void => {
    element.classList.remove('panning');
    // The click that ends a drag is not a choice; it comes before the next task.
    const held = press;
    if (held) setTimeout(() => (press = press === held ? null : press), 0);
  };
  element.addEventListener('pointerup', release);
  element.addEventListener('pointercancel', release);
  element.addEventListener('click', (event) => {
    if (press?.moved) return;
    const { node, edge, group } = idAt(event.target);
    if (group !== null) events.onFold(group);
    else events.onSelect(node ?? edge);
    if (node !== null) events.onCurrent(node);
  });
  element.addEventListener('dblclick', (event) => {
    const { node, edge } = idAt(event.target);
    const id = node ?? edge;
    if (id !== null) events.onOpen(id);
  });
  let hovered: string | null = null;
  const hover = (id: string | null): void => {
    if (hovered === id) return;
    hovered = id;
    events.onHover(id);
  };
  element.addEventListener('pointerover', (event) => {
    const { node, edge } = idAt(event.target);
    if (!press?.moved) hover(node ?? edge);
  });
  element.addEventListener('pointerleave', () => hover(null));
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      // Two fingers that also move sideways pan; a wheel, a pinch or control zoom.
      if (event.shiftKey || (event.deltaX !== 0 && !event.ctrlKey)) {
        apply({
          ...zoom,
          x: zoom.x - (event.deltaX || event.deltaY) * unit,
          y: zoom.y - (event.shiftKey ? 0 : event.deltaY * unit),
        });
      } else apply(zoomAt(zoom, at, Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0016))));
    },
    { passive: false },
  );

  svg.addEventListener('focusin', (event) => {
    const { node } = idAt(event.target);
    if (node === null || !(event.target instanceof Element)) return;
    if (event.target.matches(':focus-visible')) keepInView(node);
    if (painting && painting.current !== node) events.onCurrent(node);
  });
  svg.addEventListener('keydown', (event) => {
    const { node } = idAt(event.target);
    const direction = ARROWS.get(event.key);
    if (node !== null && direction && painting && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const next = step(node, direction, painting.boxes, painting.lines, painting.flow);
      if (next !== null) focusNode(next);
      event.preventDefault();
    } else if (node !== null && event.key === 'Enter') {
      events.onOpen(node);
      event.preventDefault();
    } else if (node !== null && event.key === ' ') {
      events.onSelect(node);
      event.preventDefault();
    }
  });

  function focusNode(id: string): void {
    events.onCurrent(id);
    const target = svg.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (target instanceof SVGElement) target.focus({ preventScroll: true });
    keepInView(id);
  }

  function keepInView(id: string, company: Iterable<string> = []): void {
    const box = painting?.boxes.get(id);
    if (!box) return;
    const together = around([box, ...Array.from(company, (other) => painting?.boxes.get(other) ?? box)]) ?? box;
    const { width, height } = screen();
    const fits = together.width * zoom.scale < width - 80 && together.height * zoom.scale < height - 80;
    const next = bringIntoView(zoom, fits ? together : box, screen());
    if (next !== zoom) apply(next, true);
  }

  return {
    element,
    paint: (next) => {
      painting = next;
      for (const { name, layer } of layers) patch(layer, next.scene[name]);
      squeeze(svg);
    },
    fit: (glide) => {
      if (painting && element.clientWidth > 0) apply(fitTo(painting.extent, screen()), glide);
    },
    setZoom: (next) => apply(next),
    zoomBy: (factor) => apply(zoomAt(zoom, { x: element.clientWidth / 2, y: element.clientHeight / 2 }, factor), true),
    keepInView,
    reveal: (id, focus) => {
      // A map seen from far away shows nothing of one node.
      const box = painting?.boxes.get(id);
      if (box && zoom.scale < 0.6) {
        const { width, height } = screen();
        apply({ scale: 1, x: width / 2 - (box.x + box.width / 2), y: height / 2 - (box.y + box.height / 2) }, true);
      } else keepInView(id);
      if (focus) focusNode(id);
    },
  };
}

const ARROWS = new Map([
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['ArrowUp', 'up'],
  ['ArrowDown', 'down'],
] as const) as ReadonlyMap<string, 'left' | 'right' | 'up' | 'down'>;

/** Labels are fitted by estimated widths; where the editor's font runs wider, the text is squeezed into its room. Once per text. */
function squeeze(svg: SVGSVGElement): void {
  for (const label of svg.querySelectorAll<SVGTextElement>('text[data-room]')) {
    const mark = `${label.dataset['room']} ${label.textContent}`;
    if (label.dataset['fits'] === mark) continue;
    const room = Number(label.dataset['room']);
    label.removeAttribute('textLength');
    if (label.getComputedTextLength() > room) {
      label.setAttribute('textLength', String(room));
      label.setAttribute('lengthAdjust', 'spacingAndGlyphs');
    }
    // Without a size on screen there is nothing to measure yet.
    if (svg.clientWidth > 0) label.dataset['fits'] = mark;
  }
}
