// What the signs on the map mean. Folded away until asked for.
import type { Shape } from '../../src/draw/shape.ts';
import { patch } from '../map/patch.ts';
import { el } from './dom.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function createLegend(): HTMLElement {
  const rows = SIGNS.map(([shapes, words]) => {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'eventscape');
    svg.setAttribute('viewBox', '0 0 48 20');
    svg.setAttribute('width', '48');
    svg.setAttribute('height', '20');
    svg.setAttribute('aria-hidden', 'true');
    patch(svg, shapes);
    return el('li', {}, svg, el('span', {}, words));
  });
  return el('details', { class: 'legend' }, el('summary', {}, 'Legend'), el('ul', {}, ...rows));
}

function line(kind: string): readonly Shape[] {
  return [
    {
      tag: 'g',
      attrs: { class: `line ${kind}` },
      children: [
        { tag: 'path', attrs: { class: 'stroke', d: 'M2 10H42' } },
        { tag: 'path', attrs: { class: 'tip', d: 'M46 10L39 6.5L39 13.5Z' } },
      ],
    },
  ];
}

function node(kind: string, rx: string): readonly Shape[] {
  return [
    {
      tag: 'g',
      attrs: { class: `node ${kind}` },
      children: [{ tag: 'rect', attrs: { class: 'box', x: '4', y: '2', width: '40', height: '16', rx } }],
    },
  ];
}

function badge(kind: string, sign: string): readonly Shape[] {
  return [
    {
      tag: 'g',
      attrs: { class: `badge ${kind}`, transform: 'translate(24 10)' },
      children: [
        { tag: 'circle', attrs: { r: '8' } },
        { tag: 'text', attrs: { y: '3.5', 'text-anchor': 'middle' }, text: sign },
      ],
    },
  ];
}

function pill(kind: string, words: string): readonly Shape[] {
  return [
    {
      tag: 'g',
      attrs: { class: `pill ${kind}`, transform: 'translate(0 2)' },
      children: [
        { tag: 'rect', attrs: { width: '48', height: '16', rx: '8' } },
        { tag: 'text', attrs: { x: '24', y: '11.5', 'text-anchor': 'middle' }, text: words },
      ],
    },
  ];
}

const SIGNS: readonly (readonly [readonly Shape[], string])[] = [
  [node('service', '4'), 'Service'],
  [node('channel', '8'), 'Channel: topic, queue, exchange, …'],
  [node('channel dead', '8'), 'Channel of dead letters'],
  [line('sends'), 'Sends or receives, asynchronous'],
  [line('routes'), 'The broker routes'],
  [line('dead-letters'), 'Dead letters'],
  [line('receives inferred'), 'Inferred, not declared'],
  [pill('warning', 'no DLQ'), 'Failed messages have nowhere to go (no such DLQ: it is declared nowhere)'],
  [badge('error', '1'), 'Problems, by the worst severity'],
  [badge('unresolved', '?'), 'Names that could not be resolved'],
  [badge('change added', '+'), 'Added, changed (~), removed (–) against the base'],
  [pill('timed heat-3', '12 / 80'), 'Measured p50 / p95; warmer is slower'],
];
