// How Dapr manifests write guards: a dead-letter topic on the subscription, and a Resiliency that retries the component's deliveries before it.
// Charts' templates are left alone; a Resiliency of another file is out of sight here.
import type { Dialect } from '../../model/dialect.ts';
import type { Fix, TextEdit } from '../../model/edit.ts';
import { get, getIn, stringOf } from '../../syntax/data.ts';
import { insertEntries, joinEdits } from '../../syntax/data-edit.ts';
import { appendDocuments, manifestOf } from '../../syntax/manifest.ts';
import type { Manifest, ManifestObject } from '../../syntax/manifest.ts';

export const daprDialect: Dialect = {
  id: 'dapr',
  title: 'Dapr manifests',
  write(guard, context) {
    const file = context.source(guard.handle.at.file);
    const [index] = guard.handle.path;
    if (file === null || guard.handle.role !== 'dapr-subscription' || typeof index !== 'number') return null;
    const manifest = manifestOf(file);
    const object = manifest.objects.find(({ path }) => path.length === 1 && path[0] === index);
    if (object === undefined || manifest.templated || manifest.document.problems.length > 0) return null;
    const topic = stringOf(get(object.spec, 'topic'));
    const component = stringOf(get(object.spec, 'pubsubname'));
    if (topic === undefined || component === undefined) return null;
    switch (guard.kind) {
      case 'dead-letter': {
        if (get(object.spec, 'deadLetterTopic') !== undefined) return null;
        const name = newTopic(manifest, topic);
        const setting = insertEntries(manifest.document, ['spec'], [{ key: 'deadLetterTopic', value: name }], {
          root: index,
          after: 'topic',
        });
        if (setting === null) return null;
        return fix(`Add a dead-letter topic to ${topic}`, setting, retries(manifest, object, component));
      }
      case 'retry': {
        const added = retries(manifest, object, component);
        return added.length === 0 ? null : fix(`Retry deliveries of ${component}`, added);
      }
      case 'declare-dead-letter':
        return null;
    }
  },
};

/** As the file's other dead-letter topics are called: behind the topic, or one word for all. */
function newTopic(manifest: Manifest, topic: string): string {
  for (const { spec } of manifest.objects) {
    const other = stringOf(get(spec, 'topic'));
    const dead = stringOf(get(spec, 'deadLetterTopic'));
    if (other !== undefined && dead?.startsWith(other)) return `${topic}${dead.slice(other.length)}`;
  }
  return `${topic}${topic.includes('.') ? '.dlq' : '-dlq'}`;
}

/** A Resiliency for the component, where the file has none for it: without one the first failure is the last. */
function retries(manifest: Manifest, { namespace }: ManifestObject, component: string): readonly TextEdit[] {
  const known = manifest.objects.some(
    ({ kind, spec }) =>
      kind === 'Resiliency' && getIn(spec, ['targets', 'components', component, 'inbound']) !== undefined,
  );
  if (known || !/^[\w.-]+$/.test(component)) return [];
  const clean = component.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  const policy = `${component.replaceAll(/[-._]+(\w)/g, (_, letter: string) => letter.toUpperCase())}Retry`;
  return appendDocuments(manifest.document, [
    `apiVersion: dapr.io/v1alpha1
kind: Resiliency
metadata:
  name: ${clean}-retry${namespace === '' ? '' : `\n  namespace: ${namespace}`}
spec:
  policies:
    retries:
      ${policy}:
        policy: exponential
        maxInterval: 60s
        maxRetries: 5
  targets:
    components:
      ${component}:
        inbound:
          retry: ${policy}
`,
  ]);
}

function fix(title: string, ...edits: readonly (readonly TextEdit[])[]): Fix {
  return { title, safe: true, edits: joinEdits(...edits) };
}
