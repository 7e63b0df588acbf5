// Builds that register schemas (the `subjects` of Confluent's Maven plugin, `subject(…)` of the Gradle plugin) → which file a registry's subject has.
// The linker joins `<topic>-value` and `<topic>-key` to the Kafka topic of that name. Texts that a build computes are not read.
import type { Binding, Declaration, FileFacts, Need, SchemaFormat } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import { literal } from '../../model/name.ts';
import type { SourceFile } from '../../model/source.ts';
import { locationAt, START_OF_FILE } from '../../model/source.ts';
import { resolvePath } from '../../syntax/data.ts';
import { SUBJECT_SPACE } from '../../syntax/registry-subject.ts';
import type { Reader } from '../reader.ts';

const MAVEN = 'kafka-schema-registry-maven-plugin';

export const schemaRegistryReader: Reader = {
  id: 'schema-registry',
  title: 'Schema registry',
  docs: {
    summary:
      'Builds that register schemas under subjects: the Maven and the Gradle plugin for Confluent-compatible registries.',
    reads: [
      '`<subjects>` of `kafka-schema-registry-maven-plugin` in `pom.xml`',
      '`subject("…", "…")` of the `schemaRegistry` block in `build.gradle` and `build.gradle.kts`',
      '`<topic>-value` and `<topic>-key`: the file is the schema of the Kafka topic of that name, where one is in view and nothing else says what it carries',
    ],
    doesNotRead: [
      'subjects of other strategies (record names): they say nothing of a topic',
      'paths that a property of the build fills in, besides the project’s own folder and texts of the same Gradle file: shown as unresolved',
      'schemas that are downloaded, and registrations by scripts',
    ],
  },
  files: ['**/*pom.xml', '**/*.gradle', '**/*.gradle.kts'],
  languages: ['xml', 'groovy', 'kotlin'],
  grammars: () => [],
  recognises: (text, path) =>
    /\.xml$/i.test(path)
      ? text.includes(MAVEN) && text.includes('<subjects>')
      : text.includes('schemaRegistry') && /\bsubject\s*\(?\s*(?:\w+\s*=\s*)?["']/.test(text),
  read,
  fragment,
};

interface Registration {
  readonly subject: string;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

function read(file: SourceFile): FileFacts {
  const declarations: Declaration[] = [];
  const needs: Need[] = [];
  for (const { subject, path, start, end } of /\.xml$/i.test(file.path) ? mavenSubjects(file) : gradleSubjects(file)) {
    const at = locationAt(file, start, end);
    const written = path.replace(/^\$\{?(?:project\.)?(?:basedir|projectDir|rootDir)\}?\//, '');
    const target = written.includes('$') || written === '' ? null : resolvePath(file.path, written);
    if (target === null) {
      const why = 'a property of the build says where it is';
      declarations.push({ kind: 'unresolved', what: `the schema of ${subject}`, why, role: 'schema', at });
      continue;
    }
    needs.push({ file: target, pointer: '', at });
    declarations.push({
      kind: 'export',
      space: SUBJECT_SPACE,
      name: literal(subject),
      value: { kind: 'file', file: target, key: '#' },
      at,
    });
  }
  return { ...NO_FACTS, declarations, needs };
}

function mavenSubjects({ text: whole }: SourceFile): readonly Registration[] {
  const text = whole.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, (comment) => ' '.repeat(comment.length));
  const result: Registration[] = [];
  const taken = new Set<string>();
  for (let from = text.indexOf(MAVEN), end = 0; from >= 0; from = text.indexOf(MAVEN, end)) {
    const close = text.indexOf('</plugin>', from);
    end = close < 0 ? text.length : close;
    const plugin = text.slice(from, end);
    for (const block of plugin.matchAll(/<subjects>([\s\S]*?)(?:<\/subjects>|$)/g)) {
      const offset = from + block.index + '<subjects>'.length;
      for (const entry of (block[1] ?? '').matchAll(/<([\w.-]+)>([^<>]*)<\/\1>/g)) {
        const [, subject = '', written = ''] = entry;
        const path = written.trim();
        const start = offset + entry.index + 1;
        // Registering and testing name the same subjects again.
        if (taken.has(`${subject} ${path}`)) continue;
        taken.add(`${subject} ${path}`);
        result.push({ subject, path, start, end: start + subject.length });
      }
    }
  }
  return result;
}

/** `subject(…)` with two to four texts, by position or by name; blanks are bounded, so that no text makes the search slow. */
const CALL =
  /\bsubject\s{0,40}(?:\(\s{0,200})?((?:(?:\w{1,40}\s{0,40}=\s{0,40})?(?:"[^"\n]*"|'[^'\n]*')[\s,]{0,200}){2,4})/g;

function gradleSubjects({ text: whole }: SourceFile): readonly Registration[] {
  const text = whole.replaceAll(/\/\*[\s\S]*?(?:\*\/|$)|(?<!:)\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const result: Registration[] = [];
  const taken = new Set<string>();
  const variables = new Map(
    [...text.matchAll(/\b([A-Za-z_]\w*)\s*=\s*(["'])([^"'$\n]*)\2/g)].map(([, name = '', , value = '']) => [
      name,
      value,
    ]),
  );
  for (const call of text.matchAll(CALL)) {
    const args = [...(call[1] ?? '').matchAll(/(?:(\w+)\s*=\s*)?(?:"([^"\n]*)"|'([^'\n]*)')/g)];
    const named = (name: string, index: number): RegExpMatchArray | undefined =>
      args.find((argument) => argument[1] === name) ?? (args[index]?.[1] === undefined ? args[index] : undefined);
    const first = named('inputSubject', 0);
    const second = named('file', 1);
    const subject = first?.[2] ?? first?.[3] ?? '';
    const path = (second?.[2] ?? second?.[3] ?? '').replaceAll(
      /\$\{?([A-Za-z_]\w*)\}?/g,
      (written, name: string) => variables.get(name) ?? written,
    );
    if (subject === '' || taken.has(`${subject} ${path}`) || !/\.(?:avsc|json|proto)$/i.test(path)) continue;
    taken.add(`${subject} ${path}`);
    const start = call.index + call[0].indexOf(subject, 'subject'.length);
    result.push({ subject, path, start, end: start + subject.length });
  }
  return result;
}

const FORMATS: ReadonlyMap<string, SchemaFormat> = new Map<string, SchemaFormat>([
  ['avsc', 'avro'],
  ['json', 'json-schema'],
  ['proto', 'protobuf'],
]);

/** A file that a build registers is one schema, whatever it says of itself. */
function fragment(file: SourceFile): FileFacts {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const format = FORMATS.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
  if (format === undefined) return NO_FACTS;
  const at = { file: file.path, range: START_OF_FILE };
  const bindings: readonly Binding[] = [{ name: '#', exported: true, value: { kind: 'declaration', key: '#' }, at }];
  return {
    ...NO_FACTS,
    declarations: [
      { kind: 'schema', key: '#', name: name.replace(/(?:\.schema)?\.[^.]*$/i, ''), format, byUse: true, at },
    ],
    bindings,
  };
}
