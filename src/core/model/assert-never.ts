/** Ends an exhaustive switch: a member of the union that no branch handles is a compile error here. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled member: ${JSON.stringify(value)}`);
}
