// One event's way through the system → a Mermaid sequence diagram: services as participants, the broker's channels between them, and how long each part
// took. Names are data: whatever Mermaid could read as more than text becomes an entity.
import type { Pathway, PathwayStep } from '../core/model/pathway.ts';
import { duration } from './latency.ts';

/** More steps than this are counted, not drawn. */
const MAX_DRAWN = 60;

/** Mermaid source, ending in a line break; empty without a pathway. */
export function sequenceDiagram(pathway: Pathway | null): string {
  if (pathway === null || pathway.steps.length === 0) return '';
  const { resolution } = pathway;
  const steps = pathway.steps.slice(0, MAX_DRAWN);
  const participants = new Map<string, string>();
  const lines: string[] = [];
  const id = (kind: 's' | 'c', name: string): string => {
    const key = `${kind} ${name}`;
    const before = participants.get(key);
    if (before !== undefined) return before;
    const made = `${kind}${participants.size}`;
    participants.set(key, made);
    lines.push(kind === 's' ? `  participant ${made} as ${label(name)}` : `  participant ${made} as ⧉ ${label(name)}`);
    return made;
  };
  for (const step of steps) {
    id('s', step.producer);
    id('c', step.channel);
    id('s', step.consumer);
  }
  const sent = new Set<string>();
  for (const step of inOrder(steps)) {
    const producer = id('s', step.step.producer);
    const channel = id('c', step.step.channel);
    const consumer = id('s', step.step.consumer);
    if (step.kind === 'publish') {
      const key = `${producer} ${channel} ${step.step.published}`;
      if (sent.has(key)) continue;
      sent.add(key);
      lines.push(`  ${producer}-)${channel}: publish ${duration(step.step.publish, resolution)}`);
      continue;
    }
    const { via, attempt, error, deadLetter, published, delivered, process } = step.step;
    const notes = [
      via === '' ? '' : label(via),
      `after ${duration(delivered - published, resolution)}`,
      attempt > 1 ? `attempt ${attempt}` : '',
      deadLetter ? 'dead-lettered' : '',
    ].filter((note) => note !== '');
    lines.push(`  ${channel}${deadLetter ? '--x' : '--)'}${consumer}: ${notes.join(', ')}`);
    if (process !== null)
      lines.push(`  Note over ${consumer}: ${error ? 'failed after' : 'process'} ${duration(process, resolution)}`);
  }
  if (pathway.steps.length > steps.length) {
    lines.push(
      `  Note over ${id('s', steps[0]?.producer ?? '')}: ${pathway.steps.length - steps.length} more deliveries`,
    );
  }
  return `sequenceDiagram\n${lines.join('\n')}\n`;
}

function inOrder(
  steps: readonly PathwayStep[],
): readonly { readonly kind: 'publish' | 'deliver'; readonly step: PathwayStep; readonly at: number }[] {
  return steps
    .flatMap((step) => [
      { kind: 'publish' as const, step, at: step.published },
      { kind: 'deliver' as const, step, at: step.delivered },
    ])
    .toSorted((a, b) => a.at - b.at || (a.kind === b.kind ? 0 : a.kind === 'publish' ? -1 : 1));
}

const MAX_LABEL = 60;

/** A name as Mermaid text. Line breaks, `;`, `#`, quotes, brackets and markup become entities; long names are cut. */
function label(name: string): string {
  const characters = Array.from(name === '' ? '(unnamed)' : name);
  const shown = characters.length > MAX_LABEL ? [...characters.slice(0, MAX_LABEL - 1), '…'] : characters;
  return shown
    .map((character) => {
      if (/[\p{L}\p{N} ._/…-]/u.test(character)) return character;
      const code = character.codePointAt(0) ?? 0xfffd;
      return code < 32 || (code >= 0xd800 && code <= 0xdfff) ? ' ' : `#${code};`;
    })
    .join('')
    .trim();
}
