// Fixes of findings → quick fixes at their squiggle, and one action that takes every safe fix of a file.
// Contract breaks are fixed one by one, never by "fix all".
import {
  CodeActionKind,
  type CodeAction,
  type CodeActionParams,
  type Diagnostic,
  type Range,
} from 'vscode-languageserver';
import type { Fix, TextEdit } from '../../core/model/edit.ts';
import type { Finding } from '../../core/model/finding.ts';
import { comparePositions } from '../../core/model/source.ts';
import { pinFix } from '../../core/pin.ts';
import { CLIENT_COMMANDS, REASON_PLACEHOLDER } from '../../protocol/server.ts';
import { workspaceEdit } from '../edits.ts';
import type { FolderSession } from '../folder-session.ts';
import { guarded } from '../guarded.ts';
import type { Disposable } from '../host.ts';
import type { Place, Workspace } from '../workspace.ts';
import { diagnosticOf } from './diagnostics.ts';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.eventscape`;
export const CODE_ACTIONS = { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] };

export function registerCodeActions(workspace: Workspace): Disposable {
  const answer = guarded(workspace.connection, 'code actions', (params: CodeActionParams) =>
    actionsFor(workspace, params),
  );
  return workspace.connection.onCodeAction((params) => [...(answer(params) ?? [])]);
}

function actionsFor(workspace: Workspace, { textDocument, range, context }: CodeActionParams): readonly CodeAction[] {
  const place = workspace.place(textDocument.uri);
  const document = workspace.document(textDocument.uri);
  // What was found stands elsewhere by now, or is gone: the newer text is on its way.
  if (!place || (document && place.session.versionOf(place.path) !== document.version)) return [];
  const wanted = (kind: string): boolean =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const own = place.snapshot.findings.filter(
    (finding) => finding.at.file === place.path && finding.certainty !== 'theoretical',
  );
  const actions: CodeAction[] = [];
  if (wanted(CodeActionKind.QuickFix)) {
    for (const finding of own)
      if (touches(finding.at.range, range)) actions.push(...actionsOf(workspace, place, finding, context.diagnostics));
    actions.push(...pinsAt(workspace, place, range));
  }
  // Offered where it was asked for: a lightbulb at every place of the file would be noise.
  if (context.only !== undefined && wanted(FIX_ALL)) {
    const edit = workspaceEdit(workspace, place, allSafe(place.session, own));
    if (edit?.documentChanges?.length)
      actions.push({ title: 'Fix everything that is safe to fix (Eventscape)', kind: FIX_ALL, edit });
  }
  return actions;
}

/** The quick fixes of one finding, the best one first. */
export function actionsOf(
  workspace: Workspace,
  place: Omit<Place, 'path'>,
  finding: Finding,
  diagnostics: readonly Diagnostic[] = [],
): readonly CodeAction[] {
  const shown = diagnosticOf(workspace, place.session, finding);
  const squiggles = diagnostics.filter(
    (diagnostic) =>
      diagnostic.code === shown.code &&
      diagnostic.message === shown.message &&
      sameRange(diagnostic.range, shown.range),
  );
  let preferred = false;
  return place.session.fixes(finding).flatMap((fix): readonly CodeAction[] => {
    const edit = workspaceEdit(workspace, place, fix.edits);
    if (edit === null || fix.edits.length === 0) return [];
    const action: CodeAction = { title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [...squiggles] };
    if (asksForReason(fix) && workspace.options.clientCommands === true) {
      return [{ ...action, command: { title: fix.title, command: CLIENT_COMMANDS.ignore, arguments: [edit] } }];
    }
    const best = fix.safe && !preferred;
    preferred ||= best;
    return [{ ...action, edit, ...(best ? { isPreferred: true } : {}) }];
  });
}

/** For names that cannot be resolved: the entry that says what they mean. */
function pinsAt(workspace: Workspace, place: Place, range: Range): readonly CodeAction[] {
  const { snapshot, path } = place;
  return snapshot.topology.unresolved.flatMap((open): readonly CodeAction[] => {
    if (open.at.file !== path || !touches(open.at.range, range)) return [];
    const fix = pinFix(open, snapshot.source);
    const edit = fix === null ? null : workspaceEdit(workspace, place, fix.edits);
    return fix === null || edit === null ? [] : [{ title: fix.title, kind: CodeActionKind.QuickFix, edit }];
  });
}

function asksForReason(fix: Fix): boolean {
  return fix.edits.some((edit) => edit.newText.includes(REASON_PLACEHOLDER));
}

/** The first safe fix of each finding; one that would touch what another one touches waits for the next time. */
function allSafe(session: FolderSession, findings: readonly Finding[]): readonly TextEdit[] {
  const taken: TextEdit[] = [];
  for (const finding of findings) {
    if (finding.rule === 'contract-breaking') continue;
    const fix = session.fixes(finding).find(({ safe }) => safe);
    if (
      fix &&
      !fix.edits.some((edit) => taken.some((other) => other.file === edit.file && touches(other.range, edit.range)))
    )
      taken.push(...fix.edits);
  }
  return taken;
}

function touches(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}

function sameRange(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.start) === 0 && comparePositions(a.end, b.end) === 0;
}
