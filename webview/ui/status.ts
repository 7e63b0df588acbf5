// The line below the map: how much is shown, what it is compared with, what was measured.
import type { DrawGraph } from '../../src/draw/graph.ts';
import { counted } from '../../src/draw/words.ts';
import type { Model } from '../model.ts';
import type { DetailsList } from './details.ts';
import { el, textButton } from './dom.ts';
import { progressRing } from './toolkit.ts';

export interface Status {
  readonly element: HTMLElement;
  readonly show: (model: Model, graph: DrawGraph | null) => void;
}

export function createStatus(onList: (list: DetailsList) => void): Status {
  const counts = el('span', {});
  const unresolved = textButton('', () => onList('unresolved'));
  const base = el('span', {});
  const measured = textButton('', () => onList('measured'));
  const busy = el('span', { class: 'row' });
  const element = el(
    'footer',
    { class: 'status' },
    counts,
    unresolved,
    base,
    measured,
    el('span', { class: 'grow' }),
    busy,
  );
  let progress: string | null = null;

  return {
    element,
    show: (model, graph) => {
      const { services, channels, edges } = model.topology;
      const hidden =
        graph === null
          ? 0
          : services.length + channels.length - graph.nodes.filter((node) => node.kind !== 'group').length;
      counts.textContent = [
        counted(services.length, 'service'),
        counted(channels.length, 'channel'),
        counted(edges.length, 'connection'),
        ...(hidden > 0 ? [`${hidden} folded or out of focus`] : []),
      ].join(' · ');
      unresolved.textContent = counted(model.topology.unresolved.length, 'unresolved name');
      unresolved.hidden = model.topology.unresolved.length === 0;
      base.textContent = baseWords(model);
      measured.textContent = measuredWords(model);
      measured.hidden = model.hops === null;
      if (progress !== model.progress) {
        progress = model.progress;
        busy.replaceChildren(
          ...(progress === null ? [] : [progressRing(progress), el('span', { role: 'status' }, progress)]),
        );
      }
      element.hidden = model.structure === null;
    },
  };
}

function baseWords(model: Model): string {
  const part = model.structure?.base;
  if (!part || (part.ref === '' && part.reason === '')) return '';
  if (part.ref === '') return `No base: ${part.reason}`;
  const marks = [...model.topology.services, ...model.topology.channels, ...model.topology.edges].flatMap(
    (each) => each.change ?? [],
  );
  const of = (change: string): number => marks.filter((mark) => mark === change).length;
  const words = [
    of('added') > 0 ? `${of('added')} added` : '',
    of('changed') > 0 ? `${of('changed')} changed` : '',
    of('removed') > 0 ? `${of('removed')} removed` : '',
  ].filter((word) => word !== '');
  return `${words.length === 0 ? 'No difference' : words.join(', ')} against ${part.ref}`;
}

function measuredWords(model: Model): string {
  const report = model.hops?.report;
  if (!report) return '';
  const { deliveries, producerOnly, consumerOnly } = report.coverage;
  const unmatched = producerOnly + consumerOnly;
  return `${counted(deliveries, 'delivery', 'deliveries')} measured${unmatched > 0 ? `, ${unmatched} unmatched` : ''}`;
}
