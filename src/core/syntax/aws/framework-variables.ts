// Variables of the Serverless Framework that stand in a template, or in a file that is a part of one: open, with the reason or the place they lead to.
import { literal } from '../../model/name.ts';
import type { DataNode } from '../data.ts';
import type { Value } from './values.ts';

/** Begins with the type of a variable: `self:`, `ssm(eu-west-1):`; names of CloudFormation have two colons. */
export const VARIABLE = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\([^)]*\)|\.[a-z0-9-]+)?:(?!:)/;
const KNOWN_TYPES = /^(?:self|opt|env|sls|param|file|cf|ssm|s3|aws|git|construct|terraform|vault|doppler|output)\b/;

/** What a variable that stayed open means within a template; null for names of CloudFormation. */
export function openVariable(name: string, node: DataNode): Value | null {
  if (name.startsWith('AWS::')) return { kind: 'pseudo', id: name, node };
  if (!KNOWN_TYPES.test(name) || !VARIABLE.test(name)) return null;
  const [first = name, ...others] = alternativesOf(name);
  const address = first.slice(first.indexOf(':') + 1).trim();
  const type = /^[A-Za-z0-9]+/.exec(first)?.[0] ?? '';
  if (first.includes('(') && !/^(?:ssm|cf|file|s3)\(/.test(first))
    return { kind: 'unknown', reason: `\${${name}} depends on a value that is given from outside`, node };
  switch (type) {
    case 'ssm':
      return {
        kind: 'import',
        space: 'ssm-parameter',
        name: literal(address.replace(/~(?:true|split|raw)$/, '')),
        node,
      };
    case 'cf':
      return { kind: 'import', space: 'cloudformation-export', name: literal(stackOutput(address)), node };
    case 'file':
      return {
        kind: 'unknown',
        reason: `it stands in ${/^file\(([^)]*)\)/.exec(first)?.[1]?.trim() ?? 'another file'}`,
        node,
      };
    case 'opt':
      return { kind: 'unknown', reason: `the option ${address} is given on the command line`, node };
    case 'env':
      return { kind: 'unknown', reason: `the environment variable ${address} is set outside of the file`, node };
    case 'self':
      return {
        kind: 'unknown',
        reason:
          others.length === 0 ? `nothing stands at ${address} in the file` : `none of its alternatives is in the file`,
        node,
      };
    case 'param':
      return { kind: 'unknown', reason: `the parameter ${address} is set outside of the file`, node };
    default:
      return { kind: 'unknown', reason: `${first} is known when it is deployed`, node };
  }
}

/** The same within a part of a template: what `self` has is known to the whole alone, and is no fault of the part. */
export function openVariableOfPart(name: string, node: DataNode): Value | null {
  const own = /^\s*self:\s*([^,\s]+)/.exec(name)?.[1];
  return own === undefined ? openVariable(name, node) : { kind: 'pseudo', id: own, node };
}

/** The name under which a stack's output is exported to variables of other files: no name that CloudFormation allows for exports. */
export function stackOutput(address: string): string {
  return `output ${address}`;
}

/** A variable's alternatives, split at commas outside of quotes and parentheses. */
export function alternativesOf(inner: string): readonly string[] {
  const parts: string[] = [];
  let quote = '';
  let depth = 0;
  let start = 0;
  for (let index = 0; index < inner.length; index++) {
    const char = inner[index] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(inner.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(inner.slice(start).trim());
  return parts;
}
