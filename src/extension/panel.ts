// The topology panel: one webview that gets whole parts while it is visible and nothing while it is hidden. Where its nodes stand is kept
// here, so that a reload draws the same picture.
import * as vscode from 'vscode';
import type { Finding } from '../core/model/finding.ts';
import type { FromWebview, ToWebview } from '../protocol/panel.ts';
import type { Memory } from './memory.ts';
import { openPlace } from './places.ts';
import type { Parts, ServerLink } from './server-link.ts';

export const PANEL_TYPE = 'eventscape.topology';

export interface Panel extends vscode.Disposable {
  readonly show: () => void;
  /** Shows the panel with this node or edge selected. */
  readonly reveal: (id: string) => void;
}

type Handlers = {
  readonly [Kind in FromWebview['kind']]: (message: Extract<FromWebview, { readonly kind: Kind }>) => unknown;
};

export function registerPanel(context: vscode.ExtensionContext, server: ServerLink, memory: Memory): Panel {
  let current: {
    readonly panel: vscode.WebviewPanel;
    ready: boolean;
    sent: { structure: string; findings: string; latency: string };
  } | null = null;
  /** Asked for before the webview was ready. */
  let wanted: string | null = null;
  let busy: string | null = null;

  function post(message: ToWebview): void {
    void current?.panel.webview.postMessage(message);
  }

  function sendParts({ structure, findings, latency }: Parts): void {
    if (!current?.ready || !current.panel.visible) return;
    const { sent } = current;
    if (structure && sent.structure !== structure.hash) {
      sent.structure = structure.hash;
      post({ kind: 'structure', part: structure });
    }
    if (findings && sent.findings !== findings.hash) {
      sent.findings = findings.hash;
      post({ kind: 'findings', part: findings });
    }
    if (latency && sent.latency !== latency.hash) {
      sent.latency = latency.hash;
      post({ kind: 'latency', part: latency });
    }
    if (structure && wanted !== null) {
      post({ kind: 'reveal', id: wanted });
      wanted = null;
    }
  }

  const handlers: Handlers = {
    ready: () => {
      if (!current) return;
      current.ready = true;
      current.sent = { structure: '', findings: '', latency: '' };
      const layoutWorker = current.panel.webview
        .asWebviewUri(vscode.Uri.joinPath(context.extensionUri, 'dist/webview/layout-worker.js'))
        .toString();
      post({ kind: 'state', state: memory.view(), addresses: { layoutWorker } });
      post({ kind: 'progress', text: busy });
      sendParts(server.parts());
    },
    open: ({ file, line, character }) => openPlace(server, file, { line, character }),
    state: ({ state }) => memory.setView(state),
    command: ({ command }) => vscode.commands.executeCommand(`eventscape.${command}`),
    fix: (shown) => applyFix(server, shown),
    copy: ({ text }) => vscode.env.clipboard.writeText(text),
    failed: ({ message }) => server.client.error(`Panel: ${message}`),
  };

  function adopt(panel: vscode.WebviewPanel): void {
    const mine = { panel, ready: false, sent: { structure: '', findings: '', latency: '' } };
    current = mine;
    panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media/icon.svg');
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist/webview')],
    };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isMessage(message, handlers)) dispatch(handlers, message);
    });
    panel.onDidChangeViewState(() => {
      server.look(mine, panel.visible);
      // A webview that was hidden is made anew and says `ready` again, before or after this news: then everything is sent to it once more.
      if (current === mine) sendParts(server.parts());
    });
    panel.onDidDispose(() => {
      server.look(mine, false);
      if (current === mine) current = null;
    });
    panel.webview.html = html(panel.webview, context.extensionUri);
    server.look(mine, panel.visible);
  }

  function show(): void {
    if (current) {
      current.panel.reveal(undefined, false);
      return;
    }
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    adopt(vscode.window.createWebviewPanel(PANEL_TYPE, 'Topology', column, { enableScripts: true }));
  }

  const subscriptions = [
    server.onParts(sendParts),
    server.onProgress((text) => {
      busy = text;
      if (current?.ready && current.panel.visible) post({ kind: 'progress', text });
    }),
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
      deserializeWebviewPanel: async (panel) => {
        if (current) panel.dispose();
        else adopt(panel);
      },
    }),
  ];
  return {
    show,
    reveal: (id) => {
      wanted = id;
      show();
      sendParts(server.parts());
    },
    dispose: () => {
      current?.panel.dispose();
      for (const each of subscriptions) each.dispose();
    },
  };
}

type Shown = Extract<FromWebview, { readonly kind: 'fix' }>;

/** What may be done about a finding that a person sees. Files may change between the picture and the click: it is looked up in the newest list. */
async function fixesOf(server: ServerLink, shown: Shown): Promise<readonly object[]> {
  for (let tries = 0; tries < 5; tries++) {
    const { findings } = await server.fetch();
    if (!findings) return [];
    const finding = indexOf(findings.findings, shown);
    if (finding < 0) return [];
    const answered = await server.request('fixes', { findings: findings.hash, finding });
    if (answered !== null) return answered;
  }
  return [];
}

/** Of findings that read alike the nearest one in the file; -1: it is gone. */
function indexOf(findings: readonly Finding[], { rule, message, at }: Shown): number {
  const distance = (finding: Finding): number => Math.abs(finding.at.range.start.line - at.range.start.line);
  return findings.reduce((best, finding, index) => {
    if (finding.rule !== rule || finding.message !== message || finding.at.file !== at.file) return best;
    const other = findings[best];
    return other && distance(other) <= distance(finding) ? best : index;
  }, -1);
}

/** Takes the one fix of a finding, or lets a person choose. */
async function applyFix(server: ServerLink, shown: Shown): Promise<void> {
  const answered = await fixesOf(server, shown);
  const actions = (await server.client.protocol2CodeConverter.asCodeActionResult([...answered] as never)).filter(
    (action) => action instanceof vscode.CodeAction,
  );
  if (actions.length === 0) {
    void vscode.window.showInformationMessage('There is no fix for this at the moment.');
    return;
  }
  const chosen =
    actions.length === 1
      ? actions[0]
      : (
          await vscode.window.showQuickPick(
            actions.map((action) => ({ label: action.title, action })),
            { placeHolder: 'What shall be done?' },
          )
        )?.action;
  if (chosen?.edit && !(await vscode.workspace.applyEdit(chosen.edit))) {
    void vscode.window.showInformationMessage('The file changed meanwhile. Ask for the fix again.');
    return;
  }
  if (chosen?.command)
    await vscode.commands.executeCommand(chosen.command.command, ...((chosen.command.arguments ?? []) as unknown[]));
}

function isMessage(message: unknown, handlers: Handlers): message is FromWebview {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    typeof message.kind === 'string' &&
    Object.hasOwn(handlers, message.kind)
  );
}

function dispatch<Kind extends FromWebview['kind']>(
  handlers: Handlers,
  message: Extract<FromWebview, { readonly kind: Kind }>,
): void {
  const handle = handlers[message.kind] as (message: FromWebview) => unknown;
  void handle(message);
}

function html(webview: vscode.Webview, extension: vscode.Uri): string {
  const address = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist/webview', name)).toString();
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const own = webview.cspSource;
  const policy = `default-src 'none'; style-src ${own} 'unsafe-inline'; script-src 'nonce-${nonce}'; worker-src blob:; connect-src ${own}; img-src ${own} data:; font-src ${own}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address('main.css')}">
<title>Topology</title>
</head>
<body>
<script type="module" nonce="${nonce}" src="${address('main.js')}"></script>
</body>
</html>`;
}
