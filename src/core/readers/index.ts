// The registry of readers, alphabetical.
import { asyncapiReader } from './asyncapi/reader.ts';
import { encoreGoReader } from './encore-go/reader.ts';
import { encoreTsReader } from './encore-ts/reader.ts';
import { jsonSchemaReader } from './json-schema/reader.ts';
import { projectReader } from './project/reader.ts';
import type { Reader } from './reader.ts';

export const readers: readonly Reader[] = [asyncapiReader, encoreGoReader, encoreTsReader, jsonSchemaReader, projectReader];
