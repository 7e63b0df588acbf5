// How Symfony Messenger's YAML writes guards: a failure transport for all transports, kept in the database as Symfony's own recipe has it, and
// retries. The transport is declared where no transport has its name.
import type { Dialect } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import type { DataDocument } from '../../syntax/data.ts';
import { getIn } from '../../syntax/data.ts';
import { insertEntries, joinEdits, replaceValue } from '../../syntax/data-edit.ts';
import { parseData } from '../../syntax/parse-data.ts';

const RETRIES = 3;
const MESSENGER = ['framework', 'messenger'];

export const symfonyDialect: Dialect = {
  id: 'symfony',
  title: 'Symfony Messenger',
  write(guard, context) {
    const { handle } = guard;
    const file = context.source(handle.at.file);
    if (file === null || handle.role !== 'transport') return null;
    const document = parseData(file);
    if (document.problems.length > 0) return null;
    const transport = String(handle.path.at(-1) ?? '');
    switch (guard.kind) {
      case 'retry':
        return fixOf(
          `Allow ${RETRIES} retries of ${transport}`,
          replaceValue(document, [...handle.path, 'retry_strategy', 'max_retries'], RETRIES),
        );
      case 'declare-dead-letter':
        return fixOf(`Declare the failure transport ${guard.name}`, declare(document, guard.name));
      case 'dead-letter': {
        if (getIn(document.roots[0], [...MESSENGER, 'failure_transport']) !== undefined) return null;
        const setting = insertEntries(document, MESSENGER, [{ key: 'failure_transport', value: 'failed' }]);
        const exists = getIn(document.roots[0], [...MESSENGER, 'transports', 'failed']) !== undefined;
        return fixOf('Add a failure transport', setting, ...(exists ? [] : [declare(document, 'failed')]));
      }
      default:
        return null;
    }
  },
};

function declare(document: DataDocument, name: string): readonly TextEdit[] | null {
  return insertEntries(
    document,
    [...MESSENGER, 'transports'],
    [{ key: name, value: `doctrine://default?queue_name=${name}` }],
  );
}

function fixOf(title: string, ...groups: readonly (readonly TextEdit[] | null)[]): Fix | null {
  const edits = groups.flatMap((group) => (group === null ? [] : [group]));
  return edits.length < groups.length ? null : { title, safe: true, edits: joinEdits(...edits) };
}
