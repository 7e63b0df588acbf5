// Workloads (Deployment, StatefulSet, …, Knative Service) whose pods carry a `dapr.io/app-id` annotation → services of that id.
import { getIn } from '../../syntax/data.ts';
import { plainText } from '../../syntax/manifest.ts';
import type { ManifestObject } from '../../syntax/manifest.ts';
import type { Gathering } from './gathering.ts';
import { applicationOf, placeOf } from './gathering.ts';

const PLACES = [
  ['spec', 'template', 'metadata', 'annotations', 'dapr.io/app-id'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations', 'dapr.io/app-id'],
  ['metadata', 'annotations', 'dapr.io/app-id'],
] as const;

/** Reads a workload. One that is not open to Dapr, or whose id is set at installation, says nothing. */
export function readWorkload(gathering: Gathering, object: ManifestObject): void {
  for (const path of PLACES) {
    const node = getIn(object.node, path);
    const id = plainText(node);
    if (node === undefined || id === undefined || id === '') continue;
    if (plainText(getIn(object.node, [...path.slice(0, -1), 'dapr.io/enabled'])) === 'false') return;
    applicationOf(gathering, id, placeOf(gathering, node));
    return;
  }
}
