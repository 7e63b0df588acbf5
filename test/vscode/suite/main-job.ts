// The main job through VS Code's own interfaces: diagnostics of unsaved text, fixes, lenses, and a server that is killed.
import { deepStrictEqual, ok } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { test, until } from './runner.ts';

const schema = 'checkout/schemas/order-created.schema.json';
const template = 'fulfilment/template.yaml';

export function mainJob(): void {
  test('the findings of the example are diagnostics', async () => {
    const found = await until('six findings', () => {
      const all = findings();
      return all.length === 6 ? all : null;
    });
    deepStrictEqual(found, [
      'checkout/email-service.asyncapi.yaml:12 dlq-missing',
      'checkout/email-service.asyncapi.yaml:35 dlq-dangling',
      'fulfilment/template.yaml:12 dlq-missing',
      'fulfilment/template.yaml:24 dlq-dangling',
      'fulfilment/template.yaml:27 orphan-channel',
      'loyalty/rewards/rewards.go:15 retry-missing',
    ]);
  });

  test('the quick fix makes its finding go, and undo brings it back', async () => {
    const document = await open(template);
    const at = new vscode.Position(11, 4);
    const fix = await until('the quick fix', async () => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        new vscode.Range(at, at),
        'quickfix',
      );
      return actions.find(({ title }) => title === 'Add a dead-letter queue to PackingQueue');
    });
    ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
    await until(
      'the finding to go',
      () => !findings().some((finding) => finding.endsWith('dlq-missing') && finding.startsWith(template)),
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('the finding to come back', () => findings().includes(`${template}:12 dlq-missing`));
  });

  test('a killed server is back within 5 seconds with the unsaved buffer’s diagnostics, equal', async () => {
    const document = await open(schema);
    const edit = new vscode.WorkspaceEdit();
    const start = document.getText().indexOf('"total", ');
    edit.delete(
      document.uri,
      new vscode.Range(document.positionAt(start), document.positionAt(start + '"total", '.length)),
    );
    ok(await vscode.workspace.applyEdit(edit));
    const before = await until('the proven break', () => {
      const [diagnostic] = own(document.uri);
      return diagnostic?.message.includes('For example') ? everything() : null;
    });
    const [killed] = serverProcesses();
    ok(killed !== undefined, 'the server runs');
    process.kill(killed, 'SIGKILL');
    await until(
      'another server with the same diagnostics',
      () => serverProcesses().some((pid) => pid !== killed) && everything() === before,
      5_000,
    );
    ok(document.isDirty, 'the buffer is as it was');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('the break to go', () => own(document.uri).length === 0);
  });

  test('copying the topology puts a Mermaid flowchart into the clipboard', async () => {
    await vscode.commands.executeCommand('eventscape.copyMermaid');
    const text = await vscode.env.clipboard.readText();
    ok(text.startsWith('flowchart LR\n'), text.slice(0, 40));
    ok(text.includes('order-service'));
  });
}

async function open(path: string): Promise<vscode.TextDocument> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  ok(folder);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, path));
  await vscode.window.showTextDocument(document);
  return document;
}

function own(uri: vscode.Uri): readonly vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'eventscape');
}

/** `path:line rule` of everything that Eventscape says, sorted. */
function findings(): readonly string[] {
  return vscode.languages
    .getDiagnostics()
    .flatMap(([uri]) =>
      own(uri).map(
        ({ range, code }) =>
          `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1} ${typeof code === 'string' ? code : ''}`,
      ),
    )
    .toSorted();
}

/** All diagnostics of Eventscape with everything in them, as text to compare. */
function everything(): string {
  const all = vscode.languages
    .getDiagnostics()
    .flatMap(([uri]) => own(uri).map((diagnostic) => [uri.toString(), diagnostic] as const));
  return JSON.stringify(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The language servers that this extension host started. */
function serverProcesses(): readonly number[] {
  const isServer = (command: string): boolean => /[\\/]server\.cjs\b/.test(command);
  if (process.platform === 'linux') {
    return readdirSync('/proc').flatMap((name) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
        return Number(parent) === process.pid &&
          isServer(readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '))
          ? [Number(name)]
          : [];
      } catch {
        return [];
      }
    });
  }
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && isServer(command) ? [Number(pid)] : [];
  });
}
