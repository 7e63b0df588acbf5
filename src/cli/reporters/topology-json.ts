// Snapshot → the JSON of `eventscape topology`, version 1 (docs/schemas/topology.schema.json). Stable: keys are added, never renamed.
import type { Location, Problem } from '../../core/model/source.ts';
import type { Channel, Edge, Failure, Schema, Service } from '../../core/model/topology.ts';
import type { Snapshot } from '../../core/snapshot.ts';

interface Place {
  readonly file: string;
  readonly line: number;
}

/** The document, sorted as the topology is; same snapshot, same bytes. */
export function topologyJson(snapshot: Snapshot): string {
  const { topology, base, files } = snapshot;
  return `${JSON.stringify(
    {
      version: 1,
      base,
      services: topology.services.map((service: Service) => ({
        id: service.id,
        name: service.name,
        group: service.group,
        at: places(service.at),
        ...change(service),
      })),
      channels: topology.channels.map((channel: Channel) => ({
        id: channel.id,
        name: channel.name,
        group: channel.group,
        kind: channel.kind,
        deadLetter: channel.deadLetter,
        at: places(channel.at),
        broker: channel.broker,
        schemas: channel.schemas,
        ...change(channel),
      })),
      schemas: topology.schemas.map((schema: Schema) => ({
        id: schema.id,
        name: schema.name,
        format: schema.format,
        at: places(schema.at),
        ...change(schema),
      })),
      edges: topology.edges.map((edge: Edge) => ({
        kind: edge.kind,
        from: edge.from,
        to: edge.to,
        subscription: edge.subscription,
        schemas: edge.schemas,
        at: places(edge.at),
        confidence: edge.confidence,
        why: edge.why,
        ...(edge.failure === null ? {} : { failure: failure(edge.failure) }),
        ...change(edge),
      })),
      unresolved: topology.unresolved.map((item) => ({ ...place(item.at), what: item.what, why: item.why })),
      files: { ...files, problems: problemsJson(snapshot.problems) },
    },
    null,
    1,
  )}\n`;
}

/** Problems as every JSON of the command line carries them. */
export function problemsJson(problems: readonly Problem[]): readonly (Place & { readonly message: string })[] {
  return problems.map((problem) => ({ ...place(problem), message: problem.message }));
}

function failure(own: Failure): Record<string, unknown> {
  return {
    deadLetter: own.deadLetter,
    to: own.to,
    attempts: own.attempts === 'unbounded' ? null : own.attempts,
    backoff: own.backoff,
    then: own.then,
    why: own.why,
    unbounded: own.attempts === 'unbounded',
  };
}

function change(item: { readonly change?: string }): { readonly change?: string } {
  return item.change === undefined ? {} : { change: item.change };
}

function places(at: readonly Location[]): readonly Place[] {
  return at.map((location) => place(location));
}

function place(at: Location): Place {
  return { file: at.file, line: at.range.start.line + 1 };
}
