// The pane beside the map: everything known of what is selected, each statement with the place that declares it, each problem with its fix.
import type { Hop, Stats, TraceReport } from '../../src/core/model/hop.ts';
import type { Location } from '../../src/core/model/source.ts';
import type { Channel, Edge, Service, Topology, Unresolved } from '../../src/core/model/topology.ts';
import type { DrawGraph } from '../../src/draw/graph.ts';
import { duration } from '../../src/draw/latency.ts';
import { plainText } from '../../src/draw/measure.ts';
import { channelWord, counted, deadLetterWord, failureStory, placeWords, retryWords } from '../../src/draw/words.ts';
import { findingAt, type Model, selectedOf } from '../model.ts';
import { el, icon, prose, textButton } from './dom.ts';
import { button } from './toolkit.ts';

export interface DetailsEvents {
  readonly onOpen: (at: Location) => void;
  readonly onSelect: (id: string) => void;
  readonly onFix: (finding: number) => void;
  readonly onFocus: (id: string, depth: number) => void;
  readonly onFold: (group: string) => void;
  readonly onCopy: (text: string) => void;
  readonly onClose: () => void;
}

/** What the pane may list instead of a selection. */
export type DetailsList = 'unresolved' | 'measured';

/** Fills `pane`; false: nothing is selected, and the pane is to be hidden. */
export function showDetails(
  pane: HTMLElement,
  model: Model,
  graph: DrawGraph,
  list: DetailsList | null,
  events: DetailsEvents,
): boolean {
  const selected = selectedOf(model, graph);
  const page = new Page(model, events);
  if (list === 'unresolved') {
    page.head(
      counted(model.topology.unresolved.length, 'unresolved name'),
      'What is meant cannot be told from the files',
    );
    page.unresolved(model.topology.unresolved);
  } else if (list === 'measured' && model.hops !== null) {
    page.head('Measured', counted(model.hops.report.traces, 'trace'));
    page.report(model.hops.report);
  } else if (selected === null) return false;
  else if (selected.kind === 'service') page.service(selected.service);
  else if (selected.kind === 'channel') page.channel(selected.channel);
  else if (selected.kind === 'edges') page.edges(selected.edges);
  else page.group(selected.name, selected.members);
  pane.replaceChildren(...page.parts);
  return true;
}

class Page {
  readonly parts: Node[] = [];
  readonly #model: Model;
  readonly #topology: Topology;
  readonly #events: DetailsEvents;
  readonly #names: ReadonlyMap<string, string>;

  constructor(model: Model, events: DetailsEvents) {
    this.#model = model;
    this.#topology = model.topology;
    this.#events = events;
    this.#names = new Map(
      [...model.topology.services, ...model.topology.channels].map((node) => [node.id, plainText(node.name)]),
    );
  }

  head(name: string, word: string, change?: string): void {
    const close = button({
      label: 'Close details',
      picture: icon('close'),
      look: 'icon',
      onClick: this.#events.onClose,
    });
    this.parts.push(
      el(
        'header',
        { class: 'details-head' },
        el(
          'div',
          { class: 'details-title' },
          el('h2', {}, name),
          el('p', { class: 'muted' }, word),
          change === undefined ? null : el('p', { class: `change ${change}` }, `${change} against the base`),
        ),
        close,
      ),
    );
  }

  service(service: Service): void {
    this.head(
      plainText(service.name),
      service.group === '' ? 'Service' : `Service · ${plainText(service.group)}`,
      service.change,
    );
    this.#actions(service.id, service.name);
    this.#problems([service.id, ...this.#edgesAt(service.id).map((edge) => edge.id)]);
    this.#connections(
      'Sends to',
      this.#topology.edges.filter((edge) => edge.kind === 'sends' && edge.from === service.id),
      'to',
    );
    this.#connections(
      'Receives from',
      this.#topology.edges.filter((edge) => edge.kind === 'receives' && edge.to === service.id),
      'from',
    );
    this.#measured('Latency', this.#edgesAt(service.id));
    this.#declared(service.at);
  }

  channel(channel: Channel): void {
    const group = channel.group === '' ? '' : ` · ${plainText(channel.group)}`;
    this.head(
      plainText(channel.name),
      `${channelWord(channel)}${channel.deadLetter ? ' · dead letters' : ''}${group}`,
      channel.change,
    );
    this.#actions(channel.id, channel.name);
    this.#problems([channel.id, ...this.#edgesAt(channel.id).map((edge) => edge.id)]);
    const at = (kind: Edge['kind'], end: 'from' | 'to'): readonly Edge[] =>
      this.#topology.edges.filter((edge) => edge.kind === kind && edge[end] === channel.id);
    this.#connections('Producers', at('sends', 'to'), 'from');
    this.#connections('Consumers', at('receives', 'from'), 'to');
    this.#connections('Routed from', at('routes', 'to'), 'from');
    this.#connections('Routes to', at('routes', 'from'), 'to');
    this.#connections('Dead letters of', at('dead-letters', 'to'), 'from');
    this.#connections('Dead-letters to', at('dead-letters', 'from'), 'to');
    this.#schemas([...channel.schemas, ...this.#edgesAt(channel.id).flatMap((edge) => edge.schemas)]);
    if (channel.failure !== null) this.#failure(channel.failure);
    this.#measured('Latency', at('receives', 'from'));
    this.#declared(channel.at);
  }

  edges(edges: readonly Edge[]): void {
    const [first] = edges;
    if (!first) return;
    const single = edges.length === 1;
    this.head(
      `${this.#name(first.from)} → ${this.#name(first.to)}`,
      single ? EDGE_WORDS[first.kind] : counted(edges.length, 'connection'),
      single ? first.change : undefined,
    );
    this.#problems(edges.map((edge) => edge.id));
    this.#section('Ends', el('ul', { class: 'plain' }, this.#item(first.from, ''), this.#item(first.to, '')));
    for (const edge of edges.slice(0, 20)) {
      if (!single)
        this.#section(EDGE_WORDS[edge.kind], el('p', {}, `${this.#name(edge.from)} → ${this.#name(edge.to)}`));
      if (edge.subscription !== '') this.#section('Subscription', el('p', {}, plainText(edge.subscription)));
      if (edge.failure !== null) this.#failure(edge.failure);
      this.#schemas(edge.schemas);
      const how =
        edge.confidence === 'declared' ? 'Declared' : edge.confidence === 'resolved' ? 'Resolved' : 'Inferred';
      this.#section('How it is known', prose(edge.why === '' ? how : `${how}: ${plainText(edge.why)}`));
      this.#declared(edge.at);
    }
    this.#measured('Latency', edges);
  }

  group(name: string, members: readonly string[]): void {
    this.head(name, `Folded group · ${counted(members.length, 'node')}`);
    this.parts.push(
      el(
        'div',
        { class: 'details-actions' },
        button({ label: 'Unfold', look: 'primary', onClick: () => this.#events.onFold(name) }),
      ),
    );
    this.#problems(members);
    const items = members.slice(0, 200).map((id) => this.#item(id, ''));
    this.#section('Members', el('ul', { class: 'plain' }, ...items));
  }

  unresolved(list: readonly Unresolved[]): void {
    const items = list
      .slice(0, 500)
      .map((item) =>
        el(
          'li',
          {},
          el('code', {}, plainText(item.what)),
          el('span', { class: 'muted' }, ` ${plainText(item.why)}`),
          el('div', {}, this.#place(item.at)),
        ),
      );
    this.parts.push(el('ul', { class: 'plain spaced' }, ...items));
  }

  /** What the trace files prove, and what they leave open. */
  report(report: TraceReport): void {
    const { bottleneck, coverage, drift, files, comparison } = report;
    const slow = bottleneck === null ? undefined : report.hops[bottleneck.hop];
    if (bottleneck !== null && slow) {
      this.#section(
        'Bottleneck',
        el(
          'div',
          {},
          prose(
            `${bottleneck.segment} of ${plainText(slow.producer)} → ${plainText(slow.channel)} → ${plainText(slow.consumer)}: ${Math.round(bottleneck.share * 100)} % of the time on the pathways through it, ${bottleneck.cause}.`,
          ),
          lines(bottleneck.evidence),
        ),
      );
    }
    this.#section(
      'Coverage',
      el(
        'div',
        {},
        prose(
          `${counted(coverage.deliveries, 'delivery', 'deliveries')} paired; ${coverage.producerOnly} sent without a consumer, ${coverage.consumerOnly} received without a producer.`,
        ),
        lines(coverage.reasons.map(({ reason, count }) => `${count} × ${reason}`)),
      ),
    );
    if (comparison !== null) {
      const changed = comparison.hops.filter(({ verdict }) => verdict === 'slower' || verdict === 'faster');
      const words = changed.map(({ hop, segment, verdict, delta }) => {
        const at = report.hops[hop];
        const by = delta === null ? '' : ` by ${duration(Math.abs(delta), at?.resolution ?? 0)}`;
        return `${segment} of ${at?.channel ?? ''} → ${at?.consumer ?? ''}: ${verdict}${by}`;
      });
      this.#section(
        'Against the files of before',
        words.length === 0 ? prose('Nothing got slower or faster.') : lines(words),
      );
    }
    if (drift.undeclared.length > 0) this.#section('Seen, but not declared', lines(drift.undeclared));
    if (drift.unseen.length > 0) this.#section('Declared, but not seen', lines(drift.unseen));
    this.#section(
      'Files',
      lines(
        files.flatMap((file) => [
          `${file.file}: ${counted(file.spans, 'span')}${file.format === '' ? ', not recognised' : ` (${file.format})`}`,
          ...file.problems.map(({ message, count }) => `${count} × ${message}`),
        ]),
      ),
    );
  }

  #actions(id: string, name: string): void {
    this.parts.push(
      el(
        'div',
        { class: 'details-actions' },
        button({ label: 'Focus', look: 'secondary', onClick: () => this.#events.onFocus(id, 1) }),
        button({ label: 'Copy name', picture: icon('copy'), look: 'icon', onClick: () => this.#events.onCopy(name) }),
      ),
    );
  }

  #problems(ids: readonly string[]): void {
    const { byId } = this.#model.findings;
    const indices = Array.from(
      new Set(ids.flatMap((id) => (Object.hasOwn(byId, id) ? (byId[id] ?? []) : []))),
    ).toSorted((a, b) => a - b);
    const items = indices.slice(0, 50).flatMap((index) => {
      const finding = findingAt(this.#model, index);
      if (!finding) return [];
      const fix = finding.fixes[0];
      const certainty = finding.certainty === 'certain' ? '' : ` · ${finding.certainty}`;
      return [
        el(
          'li',
          { class: `problem ${finding.severity}` },
          el('p', { class: 'rule' }, `${finding.severity} · ${plainText(finding.rule)}${certainty}`),
          prose(plainText(finding.message)),
          el(
            'div',
            { class: 'row' },
            this.#place(finding.at),
            // Fixes are worked out when they are asked for; until then a finding need not know its own.
            finding.rule === 'unreadable'
              ? null
              : button({
                  label: fix === undefined ? 'Fix…' : plainText(fix.title),
                  look: 'primary',
                  onClick: () => this.#events.onFix(index),
                }),
          ),
        ),
      ];
    });
    if (items.length > 0)
      this.#section(counted(indices.length, 'problem'), el('ul', { class: 'plain problems' }, ...items));
  }

  #connections(title: string, edges: readonly Edge[], end: 'from' | 'to'): void {
    if (edges.length === 0) return;
    const items = edges.slice(0, 200).map((edge) => {
      const notes: string[] = [];
      if (edge.subscription !== '') notes.push(plainText(edge.subscription));
      if (edge.failure?.deadLetter === 'missing') notes.push('no DLQ');
      else if (edge.failure && edge.failure.dangling !== null) notes.push('no such DLQ');
      else if (edge.failure?.deadLetter === 'built-in' || edge.failure?.deadLetter === 'configured')
        notes.push(`DLQ ${deadLetterWord(edge.failure)}`);
      if (edge.confidence === 'inferred') notes.push('inferred');
      if (edge.change !== undefined) notes.push(edge.change);
      return this.#item(edge[end], notes.join(' · '), edge);
    });
    this.#section(`${title} (${edges.length})`, el('ul', { class: 'plain' }, ...items));
  }

  #item(id: string, notes: string, edge?: Edge): HTMLLIElement {
    const at = edge?.at[0];
    return el(
      'li',
      { class: 'row' },
      el(
        'span',
        { class: 'grow' },
        textButton(this.#name(id), () => this.#events.onSelect(id)),
        notes === '' ? null : el('span', { class: 'muted' }, ` ${notes}`),
      ),
      at === undefined ? null : this.#place(at, true),
    );
  }

  #schemas(ids: readonly string[]): void {
    const wanted = new Set(ids);
    const schemas = this.#topology.schemas.filter((schema) => wanted.has(schema.id));
    if (schemas.length === 0) return;
    const items = schemas.map((schema) => {
      const at = schema.at[0];
      return el(
        'li',
        { class: 'row' },
        el(
          'span',
          { class: 'grow' },
          el('span', {}, plainText(schema.name)),
          el(
            'span',
            { class: 'muted' },
            ` ${schema.format}${schema.change === undefined ? '' : ` · ${schema.change}`}`,
          ),
        ),
        at === undefined ? null : this.#place(at, true),
      );
    });
    this.#section(schemas.length === 1 ? 'Schema' : 'Schemas', el('ul', { class: 'plain' }, ...items));
  }

  #failure(failure: NonNullable<Edge['failure']>): void {
    const rows: (readonly [string, string])[] = [
      ['Dead-letter queue', deadLetterWord(failure) + (failure.why === '' ? '' : ` (${plainText(failure.why)})`)],
    ];
    if (failure.dangling !== null) rows.push(['Names', plainText(failure.dangling.name)]);
    if (failure.to !== null) rows.push(['Goes to', this.#name(failure.to)]);
    const retry = retryWords(failure);
    if (retry !== '') rows.push(['Retry', retry]);
    const list = el('dl', {}, ...rows.flatMap(([key, value]) => [el('dt', {}, key), el('dd', {}, value)]));
    this.#section(
      'When it fails',
      el('div', {}, prose(failureStory(failure), { class: failure.deadLetter === 'missing' ? 'warn' : '' }), list),
    );
  }

  #measured(title: string, edges: readonly Edge[]): void {
    const { hops } = this.#model;
    if (hops === null) return;
    const indices = Array.from(
      new Set(
        edges.flatMap((edge) => (Object.hasOwn(hops.hopsByEdge, edge.id) ? (hops.hopsByEdge[edge.id] ?? []) : [])),
      ),
    ).toSorted((a, b) => a - b);
    const tables = indices.slice(0, 12).flatMap((index) => {
      const hop = hops.report.hops[index];
      return hop ? [hopTable(hop, hops.report.bottleneck?.hop === index ? hops.report.bottleneck : null)] : [];
    });
    if (tables.length > 0) this.#section(title, el('div', {}, ...tables));
  }

  #declared(at: readonly Location[]): void {
    if (at.length === 0) return;
    this.#section(
      at.length === 1 ? 'Declared' : `Declared in ${at.length} places`,
      el('ul', { class: 'plain' }, ...at.slice(0, 100).map((place) => el('li', {}, this.#place(place)))),
    );
  }

  #place(at: Location, short = false): HTMLElement {
    const words = placeWords(at);
    const label = short ? (words.split('/').at(-1) ?? words) : words;
    return textButton(label, () => this.#events.onOpen(at), {
      class: 'link place',
      title: words,
      'aria-label': `Open ${words}`,
    });
  }

  #section(title: string, content: Node): void {
    this.parts.push(el('section', {}, el('h3', {}, title), content));
  }

  #name(id: string): string {
    return this.#names.get(id) ?? plainText(id);
  }

  #edgesAt(id: string): readonly Edge[] {
    return this.#topology.edges.filter((edge) => edge.from === id || edge.to === id);
  }
}

/** Plain lines of text, at most some hundreds. */
function lines(words: readonly string[]): HTMLElement {
  return el('ul', { class: 'plain' }, ...words.slice(0, 300).map((word) => el('li', {}, plainText(word))));
}

const EDGE_WORDS = { sends: 'Sends', receives: 'Receives', routes: 'Routes', 'dead-letters': 'Dead letters' } as const;

function hopTable(
  hop: Hop,
  bottleneck: { readonly segment: string; readonly share: number; readonly cause: string } | null,
): HTMLElement {
  const row = (name: string, stats: Stats): HTMLElement =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      ...[stats.p50, stats.p95, stats.p99, stats.max].map((value) => el('td', {}, duration(value, hop.resolution))),
      el('td', {}, String(stats.n)),
    );
  const head = ['', 'p50', 'p95', 'p99', 'max', 'n'].map((name) =>
    name === '' ? el('td', {}) : el('th', { scope: 'col' }, name),
  );
  const notes: string[] = [counted(hop.deliveries, 'delivery', 'deliveries')];
  if (hop.redeliveries > 0) notes.push(counted(hop.redeliveries, 'redelivery', 'redeliveries'));
  if (hop.errors > 0) notes.push(counted(hop.errors, 'error'));
  if (hop.inferred > 0) notes.push(`${hop.inferred} paired by inference`);
  if (hop.deliveredBeforeAck > 0) notes.push(`${hop.deliveredBeforeAck} delivered before the ack`);
  return el(
    'div',
    { class: 'hop' },
    el('p', { class: 'hop-name' }, plainText(`${hop.producer} → ${hop.channel} → ${hop.consumer}`)),
    bottleneck === null
      ? null
      : el(
          'p',
          { class: 'warn' },
          `Bottleneck: ${bottleneck.segment}, ${Math.round(bottleneck.share * 100)} % of the time, ${bottleneck.cause}`,
        ),
    el(
      'table',
      { class: 'figures' },
      el('thead', {}, el('tr', {}, ...head)),
      el(
        'tbody',
        {},
        row('publish', hop.publish),
        row('transit', hop.transit),
        row('wait', hop.wait.low),
        row('process', hop.process),
      ),
    ),
    el('p', { class: 'muted' }, notes.join(' · ')),
  );
}
