// The one place where a feature's exceptions end: logged with the feature's name, and the feature answers with nothing.
import type { Connection } from 'vscode-languageserver';

/** `handle`, or its promise, that never throws: on a failure it says so in the log and answers `fallback`. */
export function guarded<Args extends readonly unknown[], Result>(
  connection: Pick<Connection, 'console'>,
  feature: string,
  handle: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  const failed = (error: unknown): undefined => {
    connection.console.error(`${feature}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  return (...args) => {
    try {
      const result = handle(...args);
      return result instanceof Promise ? (result.catch(failed) as Result) : result;
    } catch (error) {
      return failed(error);
    }
  };
}
