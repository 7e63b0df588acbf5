// The trees of the side bar: services and channels with their connections, problems by file, the imported traces. Items open their source.
import * as vscode from 'vscode';
import type { Finding, Severity } from '../core/model/finding.ts';
import type { Location } from '../core/model/source.ts';
import type { ViewId } from '../protocol/generated-ids.ts';
import type { PackedTopology } from '../protocol/pack.ts';
import type { Memory } from './memory.ts';
import type { Parts, ServerLink } from './server-link.ts';

/** One row. `id` is the node or edge of the topology it stands for; commands of its context menu get it. */
export interface Row {
  readonly id?: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly icon: vscode.ThemeIcon;
  readonly at?: Location;
  readonly uri?: vscode.Uri;
  readonly kind: 'eventscape.node' | 'eventscape.edge' | 'eventscape.finding' | 'eventscape.trace' | 'eventscape.group';
  readonly children: () => readonly Row[];
}

type Roots = (parts: Parts, server: ServerLink, memory: Memory) => readonly Row[];

const ROOTS = {
  'eventscape.services': ({ structure }) => (structure ? serviceRows(structure.topology) : []),
  'eventscape.channels': ({ structure }) => (structure ? channelRows(structure.topology) : []),
  'eventscape.problems': ({ findings }) => (findings ? problemRows(findings.findings) : []),
  'eventscape.traces': ({ latency }, _, memory) => traceRows(latency, memory),
} satisfies Record<ViewId, Roots>;

export function registerViews(server: ServerLink, memory: Memory): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  for (const [id, roots] of Object.entries(ROOTS) as [ViewId, Roots][]) {
    const changed = new vscode.EventEmitter<undefined>();
    const view = vscode.window.createTreeView<Row>(id, {
      treeDataProvider: {
        onDidChangeTreeData: changed.event,
        getChildren: (row) => [...(row ? row.children() : roots(server.parts(), server, memory))],
        getTreeItem: (row) => itemOf(row, server),
      },
    });
    server.look(view, view.visible);
    subscriptions.push(
      changed,
      view,
      view.onDidChangeVisibility(({ visible }) => server.look(view, visible)),
      server.onParts(() => {
        if (view.visible) changed.fire(undefined);
      }),
      server.onChanged(({ counts }) => {
        if (id !== 'eventscape.problems') return;
        const value = counts.errors + counts.warnings;
        view.badge = value > 0 ? { value, tooltip: `${counts.errors} errors, ${counts.warnings} warnings` } : undefined;
      }),
    );
  }
  return vscode.Disposable.from(...subscriptions);
}

function itemOf(row: Row, server: ServerLink): vscode.TreeItem {
  const parent = row.children().length > 0;
  const item = new vscode.TreeItem(
    row.label,
    parent ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  item.iconPath = row.icon;
  item.contextValue = row.kind;
  if (row.description !== undefined) item.description = row.description;
  // A plain string: names of the workspace are not to be read as Markdown.
  item.tooltip = row.tooltip ?? row.label;
  const uri = row.uri ?? (row.at ? server.uri(row.at.file) : null);
  // A row with children opens and closes by a click; its source is in its context menu.
  if (uri && !parent) item.command = { title: 'Open', command: 'eventscape.openSource', arguments: [row] };
  return item;
}

function serviceRows(topology: PackedTopology): readonly Row[] {
  const byName = names(topology);
  return topology.services
    .toSorted((a, b) => compare(a.name, b.name))
    .map((service): Row => {
      const edges = topology.edges.filter((edge) => edge.from === service.id || edge.to === service.id);
      return {
        id: service.id,
        label: service.name,
        description: described(service.group, service.change),
        icon: new vscode.ThemeIcon('server-process'),
        kind: 'eventscape.node',
        ...first(service.at),
        children: () =>
          edges.map((edge) =>
            edgeRow(
              edge,
              byName(edge.from === service.id ? edge.to : edge.from),
              edge.from === service.id ? 'sends to' : 'receives from',
            ),
          ),
      };
    });
}

function channelRows(topology: PackedTopology): readonly Row[] {
  const byName = names(topology);
  return topology.channels
    .toSorted((a, b) => compare(a.name, b.name))
    .map((channel): Row => {
      const edges = topology.edges.filter((edge) => edge.from === channel.id || edge.to === channel.id);
      return {
        id: channel.id,
        label: channel.name,
        description: described(
          `${channel.broker} ${channel.kind}${channel.deadLetter ? ', dead-letter' : ''}`,
          channel.change,
        ),
        icon: new vscode.ThemeIcon(channel.deadLetter ? 'archive' : 'arrow-swap'),
        kind: 'eventscape.node',
        ...first(channel.at),
        children: () =>
          edges.map((edge) =>
            edgeRow(
              edge,
              byName(edge.from === channel.id ? edge.to : edge.from),
              VERBS[edge.kind][edge.from === channel.id ? 'out' : 'in'],
            ),
          ),
      };
    });
}

const VERBS = {
  sends: { in: 'sent by', out: 'sends to' },
  receives: { in: 'received from', out: 'received by' },
  routes: { in: 'routed from', out: 'routes to' },
  'dead-letters': { in: 'dead letters of', out: 'dead-letters to' },
} satisfies Record<PackedTopology['edges'][number]['kind'], { readonly in: string; readonly out: string }>;

function edgeRow(edge: PackedTopology['edges'][number], other: string, verb: string): Row {
  const missing = edge.failure?.dangling
    ? 'DLQ is not declared'
    : edge.failure?.deadLetter === 'missing'
      ? 'no DLQ'
      : '';
  return {
    id: edge.id,
    label: `${verb} ${other}`,
    description: described([edge.subscription, missing].filter((word) => word !== '').join(', '), edge.change),
    icon: new vscode.ThemeIcon(missing === '' ? 'arrow-small-right' : 'warning'),
    kind: 'eventscape.edge',
    ...first(edge.at),
    children: () => [],
  };
}

const ICONS = {
  error: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  warning: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  info: new vscode.ThemeIcon('info'),
} satisfies Record<Severity, vscode.ThemeIcon>;
const ORDER = ['error', 'warning', 'info'] satisfies readonly Severity[];

function problemRows(findings: readonly Finding[]): readonly Row[] {
  const shown = findings.filter((finding) => finding.certainty !== 'theoretical');
  return shown
    .toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
    .map((finding): Row => ({
      label: finding.message,
      description: `${finding.rule} · ${placeOf(finding.at)}`,
      tooltip: `${finding.message}\n\n${finding.rule} · ${placeOf(finding.at)}`,
      icon: ICONS[finding.severity],
      kind: 'eventscape.finding',
      at: finding.at,
      children: () =>
        finding.related.map(({ at, message }): Row => ({
          label: message,
          description: placeOf(at),
          icon: new vscode.ThemeIcon('references'),
          kind: 'eventscape.finding',
          at,
          children: () => [],
        })),
    }));
}

function traceRows(latency: Parts['latency'], memory: Memory): readonly Row[] {
  const uris = memory.traces();
  return (latency?.report?.files ?? []).map((file, index): Row => {
    const uri = uris[index] === undefined ? null : vscode.Uri.parse(uris[index]);
    const problems = file.problems.map(({ message, count }) => (count > 1 ? `${message} (${count} times)` : message));
    return {
      label: file.file,
      description: `${file.format}, ${file.spans} spans${problems.length > 0 ? ', with problems' : ''}`,
      tooltip: [file.file, ...problems].join('\n'),
      icon: new vscode.ThemeIcon(problems.length > 0 ? 'warning' : 'graph-line'),
      kind: 'eventscape.trace',
      ...(uri ? { uri } : {}),
      children: () =>
        problems.map((message): Row => ({
          label: message,
          icon: new vscode.ThemeIcon('info'),
          kind: 'eventscape.group',
          children: () => [],
        })),
    };
  });
}

function names(topology: PackedTopology): (id: string) => string {
  const all = new Map<string, string>([...topology.services, ...topology.channels].map((node) => [node.id, node.name]));
  return (id) => all.get(id) ?? id;
}

function first(at: readonly Location[]): { readonly at?: Location } {
  return at[0] ? { at: at[0] } : {};
}

function described(text: string, change: string | undefined): string {
  return change === undefined ? text : `${text}${text === '' ? '' : ' · '}${change}`;
}

function placeOf({ file, range }: Location): string {
  return `${file}:${range.start.line + 1}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
