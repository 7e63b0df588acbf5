// A bundled schema → a validator of its dialect by ajv, formats asserted. One fresh instance per schema: an instance keeps all it compiled.
import { Ajv } from 'ajv';
import type { ErrorObject, Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import type { JsonValue } from '../../model/json.ts';
import { isObject } from './accepts.ts';

export interface Validator {
  readonly accepts: (message: JsonValue) => boolean;
  /** Why the last message was refused. */
  readonly errors: () => readonly ErrorObject[];
}

/** Compiles; throws what ajv throws where the schema makes no sense to it. */
export function compileValidator(schema: JsonValue): Validator {
  try {
    return compile(schema, true);
  } catch {
    // Patterns that are no Unicode expressions still are expressions.
    return compile(schema, false);
  }
}

function compile(schema: JsonValue, unicodeRegExp: boolean): Validator {
  const options: Options = {
    strict: false,
    allErrors: true,
    validateSchema: false,
    logger: false,
    unicodeRegExp,
    ownProperties: true,
    addUsedSchema: false,
    inlineRefs: false,
  };
  const address = isObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  const ajv = address.includes('draft-04')
    ? new Ajv04(options)
    : address.includes('2019-09')
      ? new Ajv2019(options)
      : address.includes('2020-12')
        ? new Ajv2020(options)
        : new Ajv(options);
  addFormats.default(ajv);
  const validate = ajv.compile(typeof schema === 'boolean' ? schema : (schema as Record<string, unknown>));
  return { accepts: (message) => validate(message), errors: () => validate.errors ?? [] };
}
