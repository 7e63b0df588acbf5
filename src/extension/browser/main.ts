// The extension in a browser: the server is a web worker and gets the workspace's files from here.
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import {
  METHODS,
  type ListFilesParams,
  type ListFilesResult,
  type ReadFileParams,
  type ReadFileResult,
} from '../../protocol/server.ts';
import { activateExtension } from '../activate.ts';

/** More files than this are not asked for: a browser's workspace is read over the network. */
const MAX_FILES = 5_000;
const FILES = '**/{.gitignore,*.{yaml,yml,json,go,mod,ts,tsx,mts,js,template,avsc,proto,asl,tf,py,java,cs,app}}';

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const address = (path: string): string => vscode.Uri.joinPath(context.extensionUri, path).toString(true);
  await activateExtension(context, {
    makeClient: (options) => {
      const client = new LanguageClient(
        'eventscape',
        'Eventscape',
        new Worker(address('dist/server.browser.js')),
        options,
      );
      client.onRequest(METHODS.listFiles, listFiles);
      client.onRequest(METHODS.readFile, readFile);
      return client;
    },
    schemes: null,
    initialization: { grammars: address('dist/grammars'), witnessWorker: address('dist/witness-worker.browser.js') },
    traces: false,
  });
}

async function listFiles({ folder, exclude }: ListFilesParams): Promise<ListFilesResult> {
  const root = vscode.Uri.parse(folder);
  const excluded =
    exclude.length > 0
      ? new vscode.RelativePattern(root, `{${['**/node_modules/**', ...exclude].join(',')}}`)
      : '**/node_modules/**';
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(root, FILES), excluded, MAX_FILES);
  return { uris: found.map((uri) => uri.toString()) };
}

async function readFile({ uri }: ReadFileParams): Promise<ReadFileResult> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.parse(uri));
    let text = '';
    for (let start = 0; start < bytes.length; start += 0x8000)
      text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
    return { base64: btoa(text), problem: '' };
  } catch (error) {
    const gone =
      error instanceof vscode.FileSystemError && (error.code === 'FileNotFound' || error.code === 'FileIsADirectory');
    return { base64: null, problem: gone ? '' : 'this file cannot be read' };
  }
}
