// Graph, placement and everything known about it → the drawing: frames, lines, nodes, labels and badges as shapes. Pure; the same for panel and file.
import type { Severity } from '../core/model/finding.ts';
import type { Confidence } from '../core/model/topology.ts';
import { frames, nodeBoxes } from './arrange.ts';
import { type Lit } from './focus.ts';
import type { Box, Point } from './geometry.ts';
import type { DrawEdge, DrawGraph, DrawNode } from './graph.ts';
import { type LabelWish, placeLabels } from './labels.ts';
import type { Timing } from './latency.ts';
import type { Placement } from './layout.ts';
import { type Marks, worst } from './marks.ts';
import { fitText, plainText, textWidth } from './measure.ts';
import { pathData } from './route.ts';
import type { Shape } from './shape.ts';
import { counted } from './words.ts';

export interface SceneInput {
  readonly graph: DrawGraph;
  readonly placement: Placement;
  readonly marks: ReadonlyMap<string, Marks>;
  readonly timings: ReadonlyMap<string, Timing>;
  /** What stays bright while the rest steps back; null: everything. */
  readonly lit: Lit | null;
  readonly selected: string | null;
  /** The node that the keyboard is on; it alone can be reached by Tab. Null in files, which take no keys. */
  readonly current: string | null;
}

/** Layers from the ground up. */
export interface Scene {
  readonly frames: readonly Shape[];
  readonly lines: readonly Shape[];
  readonly titles: readonly Shape[];
  readonly labels: readonly Shape[];
  readonly nodes: readonly Shape[];
}

/** Where the labels of lines found room. Depends on everything but what is lit, selected and current: plan once, paint often. */
export interface LabelPlan {
  readonly labels: readonly LineLabel[];
  readonly boxes: ReadonlyMap<string, Box>;
}

const FRAME_TITLE = 22;

export function planLabels(input: Pick<SceneInput, 'graph' | 'placement' | 'marks' | 'timings'>): LabelPlan {
  const boxes = nodeBoxes(input.graph, input.placement.positions);
  const labels = lineLabels(input, boxes);
  const solid = solidBoxes(input, boxes, frames(input.graph, input.placement.positions));
  return { labels, boxes: placeLabels(labels, solid, input.placement.routes) };
}

export function scene(input: SceneInput, plan: LabelPlan): Scene {
  const { graph, placement } = input;
  const boxes = nodeBoxes(graph, placement.positions);
  const frameBoxes = frames(graph, placement.positions);
  const framed = graph.groups.flatMap((group) => {
    const box = frameBoxes.get(group.name);
    return box ? [{ group, box }] : [];
  });
  return {
    frames: framed.map(({ group, box }) => frameShape(group.name, box)),
    lines: drawOrder(input).flatMap((edge) => {
      const points = placement.routes.get(edge.id);
      return points ? [lineShape(edge, points, input)] : [];
    }),
    titles: framed.map(({ group, box }) => titleShape(group.name, group.members.length, box)),
    labels: plan.labels.flatMap((label) => {
      const box = plan.boxes.get(label.id);
      return box ? [pill(label, box, input)] : [];
    }),
    nodes: graph.nodes.flatMap((node) => {
      const box = boxes.get(node.id);
      return box ? [nodeShape(node, box, input)] : [];
    }),
  };
}

/** What line labels must keep off: nodes with their outer badges, names of frames. */
function solidBoxes(
  input: Pick<SceneInput, 'graph' | 'marks' | 'timings'>,
  boxes: ReadonlyMap<string, Box>,
  frameBoxes: ReadonlyMap<string, Box>,
): readonly Box[] {
  const solid: Box[] = [];
  for (const node of input.graph.nodes) {
    const box = boxes.get(node.id);
    if (!box) continue;
    const below = tagBelow(node, input) === null ? 0 : 18;
    solid.push({ x: box.x - 2, y: box.y - 8, width: box.width + 8, height: box.height + 8 + below });
  }
  for (const [name, box] of frameBoxes) {
    solid.push({ x: box.x, y: box.y, width: textWidth(frameLabel(name, box), 12, true) + 44, height: FRAME_TITLE });
  }
  return solid;
}

/** Lit and problematic lines lie above the others. */
function drawOrder(input: SceneInput): readonly DrawEdge[] {
  const rank = (edge: DrawEdge): number =>
    (input.lit?.edges.has(edge.id) ? 4 : 0) +
    (input.selected === edge.id ? 8 : 0) +
    (edge.kind === 'dead-letters' ? 1 : 0);
  return input.graph.edges.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

function frameLabel(name: string, box: Box): string {
  return fitText(plainText(name), box.width - 70, 12, true);
}

function frameShape(name: string, box: Box): Shape {
  return {
    tag: 'g',
    key: name,
    attrs: { class: 'frame', transform: translate(box) },
    children: [
      { tag: 'rect', attrs: { class: 'frame-box', width: text(box.width), height: text(box.height), rx: '10' } },
    ],
  };
}

function titleShape(name: string, members: number, box: Box): Shape {
  const label = frameLabel(name, box);
  const width = text(textWidth(label, 12, true) + 34);
  return {
    tag: 'g',
    key: name,
    attrs: { class: 'title', 'data-group': name, transform: translate(box) },
    children: [
      { tag: 'rect', attrs: { class: 'title-plate', x: '4', y: '4', width, height: '22', rx: '6' } },
      { tag: 'path', attrs: { class: 'title-fold', d: 'M11.5 13l4 4 4-4' } },
      { tag: 'text', attrs: { class: 'title-name', x: '25', y: '19.5' }, text: label },
      { tag: 'title', attrs: {}, text: `${plainText(name)}: ${counted(members, 'node')}. Click to fold.` },
    ],
  };
}

function nodeShape(node: DrawNode, box: Box, input: SceneInput): Shape {
  const made = input.marks.get(node.id);
  const tag = tagBelow(node, input);
  const children: Shape[] = [
    {
      tag: 'rect',
      key: 'ring',
      attrs: {
        class: 'ring',
        x: '-4',
        y: '-4',
        width: text(node.width + 8),
        height: text(node.height + 8),
        rx: text(radius(node) + 4),
      },
    },
    ...body(node),
    ...labelShapes(node),
  ];
  if (tag !== null) {
    const width = textWidth(tag.text, 10.5, tag.class !== 'orphan') + 10;
    children.push({
      tag: 'g',
      key: 'tag',
      attrs: { class: `tag ${tag.class}`, transform: `translate(${text(node.width / 2)} ${text(node.height + 4)})` },
      children: [
        { tag: 'rect', attrs: { x: text(-width / 2), width: text(width), height: '15', rx: '4' } },
        { tag: 'text', attrs: { y: '11', 'text-anchor': 'middle' }, text: `${tag.text} ` },
      ],
    });
  }
  children.push(...badges(node, made));
  const spoken = nodeWords(node, made, tag?.text ?? '', input);
  return {
    tag: 'g',
    key: node.id,
    attrs: {
      class: classes('node', node.kind, {
        dead: node.deadLetter,
        [`change-${node.change}`]: node.change !== null,
        dim: input.lit !== null && !input.lit.nodes.has(node.id),
        selected: input.selected === node.id,
      }),
      'data-id': node.id,
      transform: translate(box),
      ...(input.current === null
        ? {}
        : {
            role: 'button',
            tabindex: input.current === node.id ? '0' : '-1',
            'aria-label': spoken,
            'aria-pressed': String(input.selected === node.id),
          }),
    },
    children: [...children, { tag: 'title', key: 'title', attrs: {}, text: spoken }],
  };
}

function radius(node: DrawNode): number {
  return node.kind === 'channel' ? node.height / 2 : 6;
}

function body(node: DrawNode): readonly Shape[] {
  const rect = (name: string, x: number, y: number): Shape => ({
    tag: 'rect',
    key: name,
    attrs: {
      class: name,
      x: text(x),
      y: text(y),
      width: text(node.width),
      height: text(node.height),
      rx: text(radius(node)),
    },
  });
  // A folded group shows the edges of what lies below it.
  return node.kind === 'group'
    ? [rect('stack', 6, 6), rect('stack', 3, 3), rect('box', 0, 0)].map((shape, at) => ({ ...shape, key: `box${at}` }))
    : [rect('box', 0, 0)];
}

function labelShapes(node: DrawNode): readonly Shape[] {
  const x = text(node.width / 2);
  const line = (name: string, y: number, words: string): Shape => ({
    tag: 'text',
    key: name,
    attrs: {
      class: name,
      x,
      y: text(y),
      'text-anchor': 'middle',
      'data-room': text(node.width - (node.kind === 'channel' ? 26 : 16)),
    },
    // The space does not show; it keeps name and word apart where the whole node is read as one text.
    text: `${words} `,
  });
  if (node.word === '') return [line('name', node.height / 2 + 4.5, node.label)];
  return [line('name', node.height / 2 - 1.5, node.label), line('word', node.height / 2 + 12.5, node.word)];
}

/** Discs on the top right corner: problems by their worst severity with their number, unresolved names, the mark of a change. */
function badges(node: DrawNode, made: Marks | undefined): readonly Shape[] {
  const shapes: Shape[] = [];
  const problems = problemBadge(made);
  let x = node.width - 4;
  if (problems) {
    shapes.push(disc(`badge ${problems.severity}`, x, problems.count));
    x -= 19;
  }
  if (made && made.unresolved > 0) {
    shapes.push(disc('badge unresolved', x, '?'));
    x -= 19;
  }
  if (node.change !== null) shapes.push(disc(`badge change ${node.change}`, x, CHANGE_SIGNS[node.change]));
  return shapes;
}

/** The worst severity and how often; null: nothing to show beyond what stands below the node already. */
function problemBadge(made: Marks | undefined): { severity: Severity; count: string; words: string } | null {
  const severity = worst(made);
  if (!made || severity === null || (severity === 'info' && made.orphan !== null && made.infos === 1)) return null;
  const number = severity === 'error' ? made.errors : severity === 'warning' ? made.warnings : made.infos;
  const count = number > 9 ? '9+' : String(number);
  const word = severity === 'info' ? 'note' : severity;
  return { severity, count, words: `${count} ${word}${number === 1 ? '' : 's'}` };
}

const CHANGE_SIGNS = { added: '+', removed: '–', changed: '~' } as const;

function disc(name: string, x: number, words: string): Shape {
  return {
    tag: 'g',
    key: name,
    attrs: { class: name, transform: `translate(${text(x)} 0)` },
    children: [
      { tag: 'circle', attrs: { r: '8' } },
      { tag: 'text', attrs: { y: '3.5', 'text-anchor': 'middle' }, text: words },
    ],
  };
}

/** The short line below a node: what a channel lacks, or how long messages stay in it. */
function tagBelow(
  node: DrawNode,
  input: Pick<SceneInput, 'marks' | 'timings'>,
): { class: string; text: string } | null {
  const timing = input.timings.get(node.id);
  if (timing) return { class: heatClass(timing), text: `${timing.label} · ${timing.count}` };
  const orphan = input.marks.get(node.id)?.orphan ?? null;
  return orphan === null ? null : { class: 'orphan', text: orphan };
}

/** What a screen reader says and a tooltip shows: first what is written on the node, in its order, then the rest. */
function nodeWords(node: DrawNode, made: Marks | undefined, tag: string, input: SceneInput): string {
  const out = input.graph.edges.filter((edge) => edge.from === node.id).length;
  const into = input.graph.edges.filter((edge) => edge.to === node.id).length;
  const problems = problemBadge(made);
  const written = [node.label, node.word, tag, problems?.words ?? ''].filter((words) => words !== '').join(' ');
  const parts = [written];
  if (node.label !== node.name) parts.push(`in full ${node.name}`);
  if (node.kind !== 'channel') parts.push(node.kind === 'group' ? 'folded group' : 'service');
  if (into > 0) parts.push(`${into} in`);
  if (out > 0) parts.push(`${out} out`);
  if (node.change !== null) parts.push(`${node.change} against the base`);
  if (made) {
    if (problems?.severity === 'error' && made.warnings > 0) parts.push(counted(made.warnings, 'warning'));
    if (made.unresolved > 0) parts.push(counted(made.unresolved, 'unresolved name'));
  }
  if (input.timings.has(node.id)) parts.push('measured from send to receive: p50 / p95');
  return parts.join(', ');
}

function lineShape(edge: DrawEdge, points: readonly Point[], input: SceneInput): Shape {
  const made = input.marks.get(edge.id);
  const timing = input.timings.get(edge.id);
  // Dashes start at the channel, so that lines which share a trunk there share their dashes.
  const reversed = edge.kind === 'sends';
  const data = pathData(points, 8, reversed);
  return {
    tag: 'g',
    key: edge.id,
    attrs: {
      class: classes('line', edge.kind, {
        [CONFIDENCE_CLASS[edge.confidence]]: true,
        lossy: (made?.noDeadLetter ?? false) || (made?.danglingDeadLetter ?? false),
        [`change-${edge.change}`]: edge.change !== null,
        [timing ? heatClass(timing) : 'unmeasured']: true,
        dim: input.lit !== null && !input.lit.edges.has(edge.id),
        lit: input.lit?.edges.has(edge.id) ?? false,
        selected: input.selected === edge.id,
      }),
      'data-edge': edge.id,
    },
    children: [
      { tag: 'path', key: 'hit', attrs: { class: 'hit', d: data } },
      { tag: 'path', key: 'stroke', attrs: { class: 'stroke', d: data } },
      { tag: 'path', key: 'tip', attrs: { class: 'tip', d: arrow(points) } },
      { tag: 'title', key: 'title', attrs: {}, text: lineWords(edge, input) },
    ],
  };
}

const CONFIDENCE_CLASS = { declared: 'declared', resolved: 'resolved', inferred: 'inferred' } satisfies Record<
  Confidence,
  string
>;

/** A small arrow head at the last point, along the last piece. */
function arrow(points: readonly Point[]): string {
  const tip = points.at(-1);
  const from = points.at(-2);
  if (!tip || !from) return '';
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const ux = (tip.x - from.x) / length;
  const uy = (tip.y - from.y) / length;
  const back = { x: tip.x - 7 * ux, y: tip.y - 7 * uy };
  return `M${round(tip.x)} ${round(tip.y)}L${round(back.x - 3.5 * uy)} ${round(back.y + 3.5 * ux)}L${round(back.x + 3.5 * uy)} ${round(back.y - 3.5 * ux)}Z`;
}

function lineWords(edge: DrawEdge, input: SceneInput): string {
  const name = (id: string): string => input.graph.nodes.find((node) => node.id === id)?.name ?? id;
  const parts = [`${name(edge.from)} → ${name(edge.to)}`];
  if (edge.stands.length > 1) parts.push(`${edge.stands.length} connections`);
  if (edge.confidence !== 'declared') parts.push(edge.confidence);
  if (edge.change !== null) parts.push(`${edge.change} against the base`);
  const made = input.marks.get(edge.id);
  if (made?.noDeadLetter) parts.push('no dead-letter queue');
  else if (made?.danglingDeadLetter) parts.push('its dead-letter queue is declared nowhere');
  const timing = input.timings.get(edge.id);
  if (timing) parts.push(`${timing.segment} p50 / p95 ${timing.label}, ${timing.count}`);
  return parts.join(', ');
}

interface LineLabel extends LabelWish {
  readonly words: string;
  /** Instead of `words` where only the narrow width found room. */
  readonly sign: string;
  readonly style: string;
}

/** Labels on lines, most important first: what is lost, other problems, measured time, how many connections a line stands for. */
function lineLabels(
  input: Pick<SceneInput, 'graph' | 'placement' | 'marks' | 'timings'>,
  boxes: ReadonlyMap<string, Box>,
): readonly LineLabel[] {
  const problems: LineLabel[] = [];
  const times: LineLabel[] = [];
  const counts: LineLabel[] = [];
  for (const edge of input.graph.edges) {
    const points = input.placement.routes.get(edge.id);
    if (!points || !boxes.has(edge.from) || !boxes.has(edge.to)) continue;
    const made = input.marks.get(edge.id);
    const timing = input.timings.get(edge.id);
    const label = (key: string, words: string, style: string, near: LabelWish['near']): LineLabel => {
      const width = Math.ceil(textWidth(words, 10, true) + 12);
      // What is wrong shows on every line it concerns, if only as a sign; figures may be left to the details.
      const narrow = key === 'guard' || key === 'problem' ? 16 : null;
      return {
        id: `${key} ${edge.id}`,
        edge: edge.id,
        words,
        sign: '!',
        style,
        points,
        width,
        height: 16,
        near,
        narrow,
      };
    };
    const severity = worst(made);
    // What is gone loses nothing any more.
    const present = edge.change !== 'removed';
    if (made?.danglingDeadLetter && present) {
      problems.push(label('guard', 'no such DLQ', severity ?? 'warning', 'end'));
    } else if (made?.noDeadLetter && present) problems.push(label('guard', 'no DLQ', severity ?? 'warning', 'end'));
    else if (made && severity !== null)
      problems.push(label('problem', counted(made.findings.length, 'problem'), severity, 'end'));
    if (timing) {
      const trend = timing.trend === 'slower' ? ' ▲' : timing.trend === 'faster' ? ' ▼' : '';
      times.push(
        label(
          'time',
          `${timing.label} · ${timing.count}${trend}`,
          heatClass(timing),
          edge.kind === 'sends' ? 'start' : 'end',
        ),
      );
    } else if (edge.stands.length > 1) counts.push(label('count', `×${edge.stands.length}`, 'plain', 'middle'));
  }
  return [...problems, ...times, ...counts];
}

function pill(label: LineLabel, box: Box, input: SceneInput): Shape {
  const dim = input.lit !== null && !input.lit.edges.has(label.edge);
  return {
    tag: 'g',
    key: label.id,
    attrs: { class: classes('pill', label.style, { dim }), 'data-edge': label.edge, transform: translate(box) },
    children: [
      { tag: 'rect', attrs: { width: text(box.width), height: text(box.height), rx: '8' } },
      {
        tag: 'text',
        attrs: { x: text(box.width / 2), y: '11.5', 'text-anchor': 'middle' },
        text: box.width < label.width ? label.sign : label.words,
      },
    ],
  };
}

function heatClass(timing: Timing): string {
  return `timed ${timing.heat === null ? 'heat-few' : `heat-${timing.heat}`}${timing.bottleneck ? ' bottleneck' : ''}`;
}

function classes(first: string, second: string, more: Readonly<Record<string, boolean>>): string {
  return [first, second, ...Object.keys(more).filter((name) => more[name])].join(' ');
}

function translate(at: Point): string {
  return `translate(${text(at.x)} ${text(at.y)})`;
}

function text(value: number): string {
  return String(round(value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
