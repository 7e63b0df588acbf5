// The few globals of every JavaScript host that the engine may use beyond ES2023. Deliberately absent: URL, timers,
// console, process, fetch, performance.

/** UTF-8 bytes to text. `fatal: true` throws a TypeError on malformed input; otherwise it becomes U+FFFD. */
declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(input?: ArrayBufferLike | ArrayBufferView, options?: { readonly stream?: boolean }): string;
}

/** Text to UTF-8 bytes. A lone surrogate becomes U+FFFD. */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

/** A deep copy of plain data. Throws on functions. */
declare function structuredClone<T>(value: T): T;
