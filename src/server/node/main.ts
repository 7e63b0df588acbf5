// The language server on Node: over IPC, a socket, a pipe or `--stdio`, as its arguments say.
import { runServer } from './run-server.ts';

runServer(__dirname);
