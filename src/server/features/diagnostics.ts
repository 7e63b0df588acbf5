// Findings and problems → diagnostics, pushed per file and only where they differ from what the client has.
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import type { Finding, Severity } from '../../core/model/finding.ts';
import type { FilePath } from '../../core/model/source.ts';
import type { FolderSession } from '../folder-session.ts';
import type { Disposable } from '../host.ts';
import { guarded } from '../guarded.ts';
import type { Workspace } from '../workspace.ts';

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} satisfies Record<Severity, DiagnosticSeverity>;

export function registerDiagnostics(workspace: Workspace): Disposable {
  const { connection } = workspace;
  /** What each session's files show now, as text. */
  const shown = new Map<FolderSession, Map<FilePath, string>>();

  function publish(session: FolderSession): void {
    const snapshot = session.snapshot();
    if (!snapshot) return;
    const before = shown.get(session) ?? new Map<FilePath, string>();
    const now = new Map<FilePath, Diagnostic[]>();
    const add = (path: FilePath, diagnostic: Diagnostic): void => {
      const list = now.get(path);
      if (list) list.push(diagnostic);
      else now.set(path, [diagnostic]);
    };
    const unreadable = new Set<FilePath>();
    for (const finding of snapshot.findings) {
      if (finding.rule === 'unreadable') unreadable.add(finding.at.file);
      // True by the letter and of no use to a person: the command line counts these.
      if (finding.certainty === 'theoretical') continue;
      add(finding.at.file, diagnosticOf(workspace, session, finding));
    }
    for (const { file, range, message } of snapshot.problems) {
      if (!unreadable.has(file))
        add(file, {
          range,
          message: sentence(message),
          severity: DiagnosticSeverity.Information,
          source: 'eventscape',
          code: 'not-read',
        });
    }
    for (const path of new Set([...before.keys(), ...now.keys()])) {
      const uri = workspace.uri(session, path);
      const version = session.versionOf(path);
      const document = workspace.document(uri);
      // Positions in a text that is no longer there help nobody; the newer text is on its way.
      if (document && version !== null && document.version !== version) continue;
      const diagnostics = now.get(path) ?? [];
      const text = JSON.stringify(diagnostics);
      if ((before.get(path) ?? '[]') === text) continue;
      if (diagnostics.length === 0) before.delete(path);
      else before.set(path, text);
      void connection.sendDiagnostics({ uri, diagnostics, ...(document && version !== null ? { version } : {}) });
    }
    shown.set(session, before);
  }

  const listeners = [
    workspace.onSnapshot(guarded(connection, 'diagnostics', publish)),
    workspace.onClosed((session) => {
      for (const path of shown.get(session)?.keys() ?? [])
        void connection.sendDiagnostics({ uri: workspace.uri(session, path), diagnostics: [] });
      shown.delete(session);
    }),
  ];
  return { dispose: () => listeners.forEach((listener) => listener.dispose()) };
}

/** One finding as the client shows it. */
export function diagnosticOf(workspace: Workspace, session: FolderSession, finding: Finding): Diagnostic {
  const related = finding.related.map(({ at, message }) => ({
    location: { uri: workspace.uri(session, at.file), range: at.range },
    message,
  }));
  return {
    range: finding.at.range,
    message: messageOf(finding),
    severity: SEVERITIES[finding.severity],
    source: 'eventscape',
    code: finding.rule,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

/** Longest witness that a squiggle's hover can take. */
const MAX_WITNESS = 400;

function messageOf({ message, witness }: Finding): string {
  if (!witness || message.includes(JSON.stringify(witness.message))) return message;
  const text = JSON.stringify(witness.message);
  const shortened = text.length > MAX_WITNESS ? `${text.slice(0, MAX_WITNESS)}…` : text;
  const outcome = witness.error === '' ? `is ${witness.kind}` : `is ${witness.kind}: ${witness.error}`;
  return `${message}\nFor example ${shortened} ${outcome}`;
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
