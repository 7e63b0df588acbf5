// Branded identifiers. They are opaque: unique over the workspace, the same for any order of files, never parsed.

/** Names one service of a topology. */
export type ServiceId = string & { readonly __brand: 'ServiceId' };
/** Names one channel of a topology. */
export type ChannelId = string & { readonly __brand: 'ChannelId' };
/** Names one schema of a topology. */
export type SchemaId = string & { readonly __brand: 'SchemaId' };
/** Names one edge of a topology. */
export type EdgeId = string & { readonly __brand: 'EdgeId' };
