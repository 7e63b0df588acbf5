import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeSourceFile } from '../model/source.ts';
import type { GrammarPort } from '../ports.ts';
import type { GrammarId } from './code.ts';
import { GRAMMAR_FILES } from './code.ts';
import { loadGrammars, MAX_CODE_LENGTH, openTrees } from './tree-sitter.ts';

const folders = {
  code: fileURLToPath(new URL('../../../node_modules/@vscode/tree-sitter-wasm/wasm/', import.meta.url)),
  terraform: fileURLToPath(new URL('../../../node_modules/@tree-sitter-grammars/tree-sitter-hcl/', import.meta.url)),
};
const port: GrammarPort = {
  load: (name) => readFile((name.includes('terraform') ? folders.terraform : folders.code) + name),
};

describe('parsing', () => {
  test('node offsets are UTF-16 indices, however wide the characters before them', async () => {
    const grammars = await loadGrammars(['go', 'typescript'], port);
    const texts = {
      go: 'package café // 漢字 😀\n\nvar Ωmega = "😀😀" + tail\n',
      typescript: 'const ö = "😀漢"; /* é */ publish(`𝒳${tail}`);\n',
    } as const;
    for (const id of ['go', 'typescript'] as const) {
      const parsed = grammars.parse(id, texts[id]);
      if (parsed.kind !== 'tree') throw new Error(parsed.reason);
      const names = parsed.tree.rootNode
        .descendantsOfType('identifier')
        .flatMap((node) => (node === null ? [] : [node]));
      expect(names.map((node) => texts[id].slice(node.startIndex, node.endIndex))).toEqual(
        names.map((node) => node.text),
      );
      expect(names.map((node) => node.text)).toContain('tail');
      parsed.free();
      parsed.free();
    }
  });

  test('every grammar that ships loads and parses', async () => {
    const samples: Record<GrammarId, string> = {
      go: 'package shop\n',
      typescript: 'export const shop: string = "a";\n',
      tsx: 'export const Shop = () => <p>open</p>;\n',
      java: 'class Shop { }\n',
      python: 'shop = 1\n',
      'c-sharp': 'class Shop { }\n',
      terraform: 'resource "aws_sqs_queue" "orders" {}\n',
    };
    const ids = Object.keys(GRAMMAR_FILES) as GrammarId[];
    const grammars = await loadGrammars(ids, port);
    for (const id of ids) {
      const parsed = grammars.parse(id, samples[id]);
      expect([id, parsed.kind === 'tree' && parsed.tree.rootNode.hasError]).toEqual([id, false]);
      if (parsed.kind === 'tree') parsed.free();
    }
  });

  test('a file without its grammar, and one that is too long, are problems', async () => {
    const grammars = await loadGrammars(['go'], port);
    const trees = openTrees(makeSourceFile('Shop.java', 'class Shop {}'), grammars);
    expect(trees.tree('java')).toBeNull();
    expect(trees.problems().map((problem) => problem.message)).toEqual(['The grammar "java" is not loaded.']);
    const long = grammars.parse('go', ' '.repeat(MAX_CODE_LENGTH + 1));
    expect(long).toEqual({ kind: 'failed', reason: `Not read: longer than ${MAX_CODE_LENGTH} characters.` });
  });

  test('broken input gives a tree with errors in it', async () => {
    const grammars = await loadGrammars(['typescript'], port);
    const trees = openTrees(
      makeSourceFile('orders.ts', 'const orders = new Topic<Order>("orders", {{{ \u0000'),
      grammars,
    );
    const tree = trees.tree('typescript');
    expect(tree?.rootNode.hasError).toBe(true);
    expect(trees.tree('typescript')).toBe(tree);
    expect(trees.problems()).toEqual([]);
    trees.free();
  });
});
