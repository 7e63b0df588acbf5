// The status bar: what is in the workspace and what is wrong with it; while something long runs, what.
import * as vscode from 'vscode';
import type { ChangedParams } from '../protocol/server.ts';
import type { ServerLink } from './server-link.ts';

export function registerStatus(server: ServerLink): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('eventscape.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Eventscape';
  item.command = 'eventscape.showTopology';
  let busy: string | null = null;

  function show(): void {
    const changed = server.changed();
    if (busy !== null) item.text = `$(sync~spin) Eventscape: ${busy}`;
    else if (changed && changed.counts.services + changed.counts.channels + problemsOf(changed) > 0)
      item.text = summary(changed.counts);
    else {
      // A workspace without events is none of our business.
      item.hide();
      return;
    }
    item.tooltip = changed ? tooltip(changed.counts) : 'Eventscape';
    item.show();
  }

  const subscriptions = [
    item,
    server.onChanged(show),
    server.onProgress((text) => {
      busy = text;
      show();
    }),
  ];
  return vscode.Disposable.from(...subscriptions);
}

type Counts = ChangedParams['counts'];

function summary({ services, channels, errors, warnings }: Counts): string {
  const problems = `${errors > 0 ? ` $(error) ${errors}` : ''}${warnings > 0 ? ` $(warning) ${warnings}` : ''}`;
  return `$(type-hierarchy) ${services} ⇄ ${channels}${problems}`;
}

function tooltip({ services, channels, errors, warnings, infos }: Counts): string {
  return `Eventscape: ${services} services, ${channels} channels; ${errors} errors, ${warnings} warnings, ${infos} notes. Click for the topology.`;
}

function problemsOf({ counts }: ChangedParams): number {
  return counts.errors + counts.warnings + counts.infos;
}
