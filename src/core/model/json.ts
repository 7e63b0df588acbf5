// Plain JSON data as the engine passes it around. Objects come from parsers that never set a prototype from the text.

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. Keys are hostile text: look them up with `Object.hasOwn`, never by bare index on an untrusted key. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
