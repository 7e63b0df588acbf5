// `eventscape diff`, judged by an independent ajv.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { eventscape, inScratch } from './run.ts';

interface DiffJson {
  readonly compatible: { readonly backward: boolean; readonly forward: boolean; readonly additive: boolean };
  readonly changes: readonly {
    readonly kind: string;
    readonly path: string;
    readonly breaks: readonly string[];
    readonly certainty: string;
    readonly witness: { readonly direction: string; readonly kind: string; readonly message: unknown } | null;
  }[];
}

const SHIPPED = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['parcel', 'weight'],
  properties: { parcel: { type: 'string' }, weight: { type: 'number', minimum: 0 } },
};

test('a required field that is gone breaks FORWARD, and the witness convinces ajv', () =>
  inScratch(async (folder) => {
    const next = { ...SHIPPED, required: ['parcel'], properties: { parcel: SHIPPED.properties.parcel } };
    await writeFile(join(folder, 'old.json'), JSON.stringify(SHIPPED));
    await writeFile(join(folder, 'new.json'), JSON.stringify(next));
    const ran = await eventscape(['diff', 'old.json', 'new.json', '--format', 'json'], folder);
    const diff = JSON.parse(ran.stdout) as DiffJson;
    expect(ran.code).toBe(1);
    expect(diff.compatible).toEqual({ backward: true, forward: false, additive: false });
    const proof = diff.changes.find((change) => change.certainty === 'proven' && change.breaks.includes('forward'));
    expect(proof?.path).toBe('/weight');
    expect(proof?.witness?.direction).toBe('forward');
    const ajv = new Ajv();
    expect(ajv.validate(next, proof?.witness?.message)).toBe(true);
    expect(ajv.validate(SHIPPED, proof?.witness?.message)).toBe(false);
    expect((await eventscape(['diff', 'old.json', 'new.json', '--mode', 'backward'], folder)).code).toBe(0);
    expect((await eventscape(['diff', 'old.json', 'new.json', '--mode', 'forward'], folder)).code).toBe(1);
  }));

test('references lead up from the file, and a new optional field breaks nothing', () =>
  inScratch(async (folder) => {
    await mkdir(join(folder, 'common'));
    await mkdir(join(folder, 'v1'));
    await writeFile(
      join(folder, 'common/address.json'),
      JSON.stringify({ type: 'object', required: ['city'], properties: { city: { type: 'string' } } }),
    );
    const order = (extra: object): string =>
      JSON.stringify({ type: 'object', properties: { to: { $ref: '../common/address.json' }, ...extra } });
    await writeFile(join(folder, 'v1/old.json'), order({}));
    await writeFile(join(folder, 'v1/new.json'), order({ note: { type: 'string' } }));
    const ran = await eventscape(['diff', 'v1/old.json', 'v1/new.json', '--format', 'json'], folder);
    expect(ran.code).toBe(0);
    expect((JSON.parse(ran.stdout) as DiffJson).compatible).toEqual({ backward: true, forward: true, additive: true });
  }));

test('a channel that is gone from an AsyncAPI document is a break of the document', () =>
  inScratch(async (folder) => {
    const document = (channels: string): string =>
      `asyncapi: 3.0.0\ninfo: { title: Shop, version: 1.0.0 }\nchannels:\n${channels}`;
    await writeFile(
      join(folder, 'old.yaml'),
      document('  placed: { address: orders.placed }\n  paid: { address: orders.paid }\n'),
    );
    await writeFile(join(folder, 'new.yaml'), document('  placed: { address: orders.placed }\n'));
    const ran = await eventscape(['diff', 'old.yaml', 'new.yaml', '--format', 'json'], folder);
    expect(ran.code).toBe(1);
    expect((JSON.parse(ran.stdout) as DiffJson).changes.map((change) => change.kind)).toContain('channel-removed');
  }));

test('an Avro symbol that a reader does not know breaks FORWARD, said by avsc', () =>
  inScratch(async (folder) => {
    const record = (symbols: readonly string[]): string =>
      JSON.stringify({
        type: 'record',
        name: 'Parcel',
        fields: [{ name: 'state', type: { type: 'enum', name: 'State', symbols } }],
      });
    await writeFile(join(folder, 'old.avsc'), record(['PACKED', 'SENT']));
    await writeFile(join(folder, 'new.avsc'), record(['PACKED', 'SENT', 'LOST']));
    const ran = await eventscape(['diff', 'old.avsc', 'new.avsc', '--format', 'json'], folder);
    const diff = JSON.parse(ran.stdout) as DiffJson;
    expect(diff.compatible).toEqual({ backward: true, forward: false, additive: false });
    expect(diff.changes.find((change) => change.breaks.includes('forward'))?.witness?.message).toEqual({
      state: 'LOST',
    });
    await writeFile(join(folder, 'old.proto'), 'syntax = "proto3";\nmessage Parcel { string id = 1; }\n');
    const proto = await eventscape(['diff', 'old.proto', 'old.proto'], folder);
    expect(proto).toMatchObject({ code: 2, stderr: 'eventscape: diff --as protobuf: not supported yet\n' });
  }));
