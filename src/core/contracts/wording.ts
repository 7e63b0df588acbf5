// A fact → what changed, why it matters, what to do: one paragraph for editors, terminals and reviews. Names from files are quoted and clipped.
import { assertNever } from '../model/assert-never.ts';
import type { Witness } from '../model/finding.ts';
import type { JsonValue } from '../model/json.ts';
import type { Change, Effect } from './change.ts';

const OLD = 'a consumer that still has the old schema';
const NEW = 'a consumer on the new schema';
const KEPT = 'older messages';

/** The sentences for a fact. `breaks` are the rules that this entry says are broken. */
export function wording(change: Change, breaks: readonly string[]): string {
  const where = change.subject === '' ? '' : `${change.subject}: `;
  return (
    where +
    (breaks.length === 1 && breaks[0] === 'additive' && !SILENT.has(change.kind)
      ? unproven(change)
      : sentences(change, breaks))
  );
}

/** Facts that no validator notices, which hurt by what they mean. */
const SILENT: ReadonlySet<Change['kind']> = new Set([
  'field-removed',
  'default-changed',
  'meaning-changed',
  'content-changed',
  'binding-changed',
]);

/** For an edit of something published that no message is known to fail on: the sentences without the claim that somebody refuses something. */
function unproven(change: Change): string {
  const all = sentences(change, []);
  const end = all.indexOf(': ', all.lastIndexOf('`') < 0 ? 0 : headEnd(all));
  return `${end < 0 ? all : all.slice(0, end)}. No message is known that a reader refuses for it, but what is published no longer stays as it was.`;
}

/** Where the last quoted name of the first clause ends: names may hold anything. */
function headEnd(text: string): number {
  let inside = false;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '`') inside = !inside;
    else if (!inside && text.startsWith(': ', index)) return index;
  }
  return 0;
}

function sentences(change: Change, breaks: readonly string[]): string {
  const place = change.path === '' ? 'the message' : quote(lastOf(change.path));
  const inPart = change.part === 'headers' ? 'header ' : change.part === 'key' ? 'key ' : '';
  const it = inPart + place;
  const backward = breaks.includes('backward');
  const forward = breaks.includes('forward');
  switch (change.kind) {
    case 'field-added': {
      if (change.content === 'ignored' && change.required)
        return `${inPart}${quote(change.name)} was added without a default: ${KEPT} lack it, and ${NEW} refuses them. Give it a default.`;
      if (change.required)
        return `required ${inPart}${quote(change.name)} was added: ${KEPT} lack it, and ${NEW} refuses them.${forward ? ` The old schema forbids the name, so ${OLD} refuses the new messages too.` : ''} Make it optional.`;
      if (change.content === 'closed' && forward)
        return `optional ${inPart}${quote(change.name)} was added to an object that was closed: ${OLD} refuses every message that carries it. Deploy the consumers first, or open the object (additionalProperties) one release ahead.`;
      if (backward)
        return `optional ${inPart}${quote(change.name)} was added${change.content === 'open' ? ': an old message may carry something else under this undeclared name' : `: ${KEPT} may carry another kind of value under this name, and ${NEW} refuses them. Choose a name that was not allowed before`}.`;
      return `optional ${inPart}${quote(change.name)} was added.`;
    }
    case 'field-removed': {
      if (change.content === 'ignored' && forward)
        return `${inPart}${quote(change.name)} was removed${change.renamedTo === null ? '' : ` (looks like a rename to ${quote(change.renamedTo)})`}, which never had a default: ${OLD} cannot read the first message without it. Give it a default one release ahead.`;
      const renamed = change.renamedTo === null ? '' : ` (looks like a rename to ${quote(change.renamedTo)})`;
      const keep =
        change.renamedTo === null
          ? 'Keep it, marked deprecated, until nobody reads it.'
          : 'Keep the old name, marked deprecated, beside the new one.';
      if (change.wasRequired && !change.stillRequired && forward)
        return `required ${inPart}${quote(change.name)} was removed${renamed}: ${OLD} refuses every new message without it. ${keep}`;
      if (backward && change.content === 'closed')
        return `${inPart}${quote(change.name)} was removed${renamed} from a closed object: ${NEW} refuses ${KEPT} that carry it. ${keep}`;
      return `${inPart}${quote(change.name)} was removed${renamed}: consumers that read it get nothing. ${keep}`;
    }
    case 'field-became-required':
      return `${it} became required: ${NEW} refuses ${KEPT} without it${change.hasDefault ? ', for a default is not filled in by validation' : ''}. Leave it optional.`;
    case 'field-became-optional':
      return `${it} is no longer required: ${OLD} refuses the first new message without it. Keep it required, or let every consumer move first.`;
    case 'type-narrowed':
      return `${it} accepts less: from ${change.from} to ${change.to}. ${capital(KEPT)} with another type are refused by ${NEW}. Keep the wider type.`;
    case 'type-widened':
      return `${it} accepts more: from ${change.from} to ${change.to}. ${capital(OLD)} refuses the new kinds of values. Add a new field for them.`;
    case 'type-changed':
      return `${it} changed its type from ${change.from} to ${change.to}: neither side reads the other's messages. Keep the field as it was and add a new one.`;
    case 'enum-introduced':
      return `${it} was limited to ${values(change.values)}: ${KEPT} may hold any other value, and ${NEW} refuses them. Name the known values in the description instead.`;
    case 'enum-dropped':
      return `${it} is no longer limited to ${values(change.values)}: ${OLD} refuses any other value. Keep the list until the consumers have moved.`;
    case 'enum-value-added':
      return change.open
        ? `value ${value(change.value)} was added to ${it}, an open list.`
        : `value ${value(change.value)} was added to ${it}: ${OLD} refuses it, or falls through its switch. Deploy the consumers first, or mark the list open (x-extensible-enum).`;
    case 'enum-value-removed':
      if (change.absorbed !== null)
        return `value ${value(change.value)} of ${it} was removed: ${NEW} reads ${quote(change.absorbed)} where ${KEPT} say so, and nothing fails. Keep the value and stop sending it.`;
      return `value ${value(change.value)} of ${it} was removed: ${KEPT} carry it, and ${NEW} refuses them. Keep the value and stop sending it.`;
    case 'enum-value-renamed': {
      const how =
        change.how === 'case'
          ? ' (only its capitals or separators changed)'
          : change.how === 'typo'
            ? ' (looks like a rename)'
            : '';
      return `value ${value(change.from)} of ${it} became ${value(change.to)}${how}: neither side knows the other's value. Keep the old value beside the new one.`;
    }
    case 'bound-tightened':
      return `${change.keyword} of ${it} ${change.from === null ? `was set to ${change.to}` : `went from ${change.from} to ${change.to}`}: ${NEW} refuses ${KEPT} beyond it. Keep the old limit.`;
    case 'bound-loosened':
      return `${change.keyword} of ${it} ${change.to === null ? `(${change.from}) was dropped` : `went from ${change.from} to ${change.to}`}: ${OLD} refuses new messages beyond the old limit. Deploy the consumers first.`;
    case 'step-changed':
      return `multipleOf of ${it} went from ${change.from ?? 'none'} to ${change.to ?? 'none'}: ${refused(change.effect)} Keep the old step.`;
    case 'pattern-added':
      return `pattern ${quote(change.pattern)} was put on ${it}: ${NEW} refuses ${KEPT} that do not match. Check it in the producer instead.`;
    case 'pattern-removed':
      return `pattern ${quote(change.pattern)} of ${it} was removed: ${OLD} refuses new values that do not match. Deploy the consumers first.`;
    case 'pattern-changed':
      return `the pattern of ${it} went from ${quote(change.from)} to ${quote(change.to)}: values that only one of them matches are refused by the other side. Keep the old pattern.`;
    case 'format-added':
      return `format ${quote(change.format)} was put on ${it}: ${NEW} refuses ${KEPT} that are not written so. Leave the format off, or add a new field.`;
    case 'format-removed':
      return `format ${quote(change.format)} of ${it} was removed: ${OLD} refuses values that are not written so. Keep the format.`;
    case 'format-changed':
      return `the format of ${it} went from ${quote(change.from)} to ${quote(change.to)}: each side refuses, or misreads, the other's values. Add a new field for the new format.`;
    case 'content-changed':
      return `${change.keyword} of ${it} went from ${change.from ?? 'none'} to ${change.to ?? 'none'}: the same text now means other content, and no validator notices. Add a new field.`;
    case 'object-closed':
      return change.to === 'closed'
        ? `${it} no longer accepts names that it does not declare: ${NEW} refuses ${KEPT} that carry one. Leave the object open.`
        : `${it} now restricts what stands under names that it does not declare: ${NEW} refuses ${KEPT} with anything else there. Leave them unrestricted.`;
    case 'object-opened':
      return `${it} now accepts ${change.from === 'closed' ? 'names that it does not declare' : 'anything under names that it does not declare'}: ${OLD} refuses messages that use it. Deploy the consumers first.`;
    case 'names-changed':
      return `${change.keyword}${change.detail === '' ? '' : ` ${quote(change.detail)}`} of ${it} changed: ${refused(change.effect)} Keep the old rule.`;
    case 'dependency-added':
      return `${quote(change.name)} in ${it} now needs ${change.needs === '' ? 'more' : quote(change.needs)}: ${NEW} refuses ${KEPT} that have the one without the other. Leave it optional.`;
    case 'dependency-removed':
      return `${quote(change.name)} in ${it} no longer needs ${change.needs === '' ? 'what it did' : quote(change.needs)}: ${OLD} refuses messages that have the one without the other. Deploy the consumers first.`;
    case 'dependency-changed':
      return `what ${quote(change.name)} in ${it} needs has changed: ${refused(change.effect)} Keep the old rule.`;
    case 'unique-items-added':
      return `the items of ${it} must differ now: ${NEW} refuses ${KEPT} with repeated items. Remove repeats in the consumer instead.`;
    case 'unique-items-removed':
      return `the items of ${it} may repeat now: ${OLD} refuses messages with repeated items. Deploy the consumers first.`;
    case 'contains-changed':
      return `what ${it} must contain has changed: ${refused(change.effect)} Keep the old rule.`;
    case 'value-forbidden':
      return `nothing is accepted in ${it} any more: ${NEW} refuses ${KEPT} that have it. Keep the old schema.`;
    case 'value-allowed':
      return `${it} is accepted now: ${OLD} refuses messages that have it. Deploy the consumers first.`;
    case 'alternative-added':
      return `an alternative${named(change.name)} was added to ${change.keyword} of ${it}: ${OLD} refuses messages of that kind.${backward && change.keyword === 'oneOf' ? ` Where it overlaps with another one, ${NEW} refuses what matches both.` : ''} Deploy the consumers first.`;
    case 'alternative-removed':
      return `the alternative${named(change.name)} was removed from ${change.keyword} of ${it}: ${NEW} refuses ${KEPT} of that kind. Keep it until none is left.`;
    case 'combination-changed':
      return `${change.keyword} of ${it} was rewritten: ${refused(change.effect)} Keep the old alternatives.`;
    case 'condition-changed':
      return `the condition (if/then/else) of ${it} changed: ${refused(change.effect)} Keep the old condition.`;
    case 'exclusion-changed':
      return `what ${it} must not be (not) changed: ${refused(change.effect)} Keep the old exclusion.`;
    case 'default-changed':
      return `the default of ${it} went from ${value(change.from)} to ${value(change.to)}: a message that leaves it out now means something else, and nothing fails. Keep the default; send the new value.`;
    case 'meaning-changed':
      return `${it} seems to mean something else now: ${change.from} became ${change.to}. The same number is read differently, and nothing fails. Add a new field for the new unit.`;
    case 'field-renamed':
      return `${quote(change.from)} is called ${quote(change.to)} now${change.forth ? '' : `, and ${NEW} does not find it under the old name`}${change.back ? '' : `: ${OLD} does not find it under the new name and has no default`}. Keep the old name; add the new one as an alias on the readers' side.`;
    case 'type-renamed':
      return `the type ${quote(change.from)} is called ${quote(change.to)} now: ${change.forth && change.back ? 'most readers match the last part of the name only, some the whole' : change.forth ? `${OLD} does not know the new name` : change.back ? `${NEW} does not know the old name` : 'neither side knows the other name'}. Keep the name, or add the old one as an alias.`;
    case 'size-changed':
      return `${it} went from ${change.from} to ${change.to} bytes: neither side reads the other's messages. Add a new field.`;
    case 'logical-type-changed':
      return `${it} went from ${change.from ?? 'a plain value'} to ${change.to ?? 'a plain value'}: the same bytes are read as another value, and nothing fails. Add a new field.`;
    case 'type-reread':
      return `${it} went from ${change.from} to ${change.to}: readers take the same bytes as the other type, and nothing fails. Keep the type.`;
    case 'annotation-changed':
      return `${change.keyword} of ${it} changed; messages are the same.`;
    case 'reference-unresolved':
      return `${quote(change.reference)} leads nowhere on the ${change.side} side: what it changes cannot be judged. Add the file, or correct the reference.`;
    case 'schema-changed':
      return `${it} changed: ${backward ? `${NEW} refuses a message that the old schema accepts` : `${OLD} refuses a message that the new schema accepts`}. Keep the old schema, or publish the new one as a new version.`;
    case 'channel-added':
      return `channel ${quote(change.channel)} was added.`;
    case 'channel-removed':
      return `channel ${quote(change.address ?? change.channel)} was removed: its consumers wait for messages that do not come, and what is still sent there reaches nobody. Keep it, marked deprecated, until both sides have moved.`;
    case 'channel-address-changed':
      return `channel ${quote(change.channel)} moved from ${value(change.from ?? 'none')} to ${value(change.to ?? 'none')}: consumers of the old address receive nothing more. Send to both addresses until the consumers have moved.`;
    case 'channel-renamed':
      return `channel ${quote(change.from)} is called ${quote(change.to)} in the document; its address is the same.`;
    case 'parameter-added':
      return `parameter ${quote(change.parameter)} was added to channel ${quote(change.channel)}.`;
    case 'parameter-removed':
      return `parameter ${quote(change.parameter)} of channel ${quote(change.channel)} was removed: subscriptions that fill it in listen to addresses nobody sends to. Keep the old address beside the new one.`;
    case 'operation-added':
      return `operation ${quote(change.operation)} (${change.action}) was added.`;
    case 'operation-removed':
      return change.action === 'send'
        ? `operation ${quote(change.operation)} was removed: nothing is sent to ${quote(change.address)} any more, and its consumers wait. Keep sending until they have moved.`
        : `operation ${quote(change.operation)} was removed: what producers send to ${quote(change.address)} is not received any more. Keep receiving until they have stopped.`;
    case 'operation-renamed':
      return `operation ${quote(change.from)} is called ${quote(change.to)} now; it does the same.`;
    case 'operation-action-changed':
      return `operation ${quote(change.operation)} turned from ${change.from} to ${change.to} on ${quote(change.address)}: whoever was on the other side of it has nobody there any more. Add a second operation instead.`;
    case 'operation-channel-changed':
      return `operation ${quote(change.operation)} (${change.action}) moved from ${quote(change.from)} to ${quote(change.to)}: the other side still uses the old address. Serve both until it has moved.`;
    case 'operation-message-added':
      return `operation ${quote(change.operation)} may ${change.action} ${quote(change.message)} too${forward ? `: ${OLD} does not know it` : ''}.`;
    case 'operation-message-removed':
      return `operation ${quote(change.operation)} does not ${change.action} ${quote(change.message)} any more: ${change.action === 'send' ? 'its consumers wait for it' : 'producers still send it'}. Keep it until the other side has moved.`;
    case 'reply-changed':
      return `the reply of operation ${quote(change.operation)} moved from ${quote(change.from)} to ${quote(change.to)}: requesters wait at the old place. Reply to both until they have moved.`;
    case 'message-added':
      return `message ${quote(change.message)} was added to ${quote(change.address)}: consumers there meet a kind of message that they do not know. Use a channel of its own, or make sure that consumers skip what they do not know.`;
    case 'message-removed':
      return `message ${quote(change.message)} was removed from ${quote(change.address)}: consumers wait for it, and those on the new document do not know the ones still there. Keep it, marked deprecated.`;
    case 'message-renamed':
      return `message ${quote(change.from)} is called ${quote(change.to)} in the document; what travels is the same.`;
    case 'message-name-changed':
      return `the message's name went from ${value(change.from ?? 'none')} to ${value(change.to ?? 'none')}: consumers that choose their handler by it find none. Keep the name.`;
    case 'content-type-changed':
      return `the content type went from ${quote(change.from)} to ${quote(change.to)}: consumers decode the bytes as what they were. Send the new encoding on a channel of its own.`;
    case 'schema-format-changed':
      return `the payload's schema language went from ${quote(change.from)} to ${quote(change.to)}: consumers decode by the old one. Send it on a channel of its own.`;
    case 'payload-changed':
      return `the payload (${change.format}) changed in a schema language that is not compared here. Check it with that language's own tool.`;
    case 'correlation-changed':
      return `the correlation id moved from ${change.from ?? 'nowhere'} to ${change.to ?? 'nowhere'}: replies are no longer matched with their requests. Write it in both places.`;
    case 'binding-changed':
      return `${change.protocol} ${change.key} of the ${change.level} went from ${value(change.from)} to ${value(change.to)}: ${bindingWhy(change.class, change.key)}`;
    case 'server-added':
      return `server ${quote(change.server)} was added.`;
    case 'server-removed':
      return `server ${quote(change.server)} (${change.host}) was removed: clients that connect there find nobody. Keep it until they have moved.`;
    case 'server-changed':
      return `${change.field} of server ${quote(change.server)} went from ${quote(change.from)} to ${quote(change.to)}: clients with the old setting cannot connect. Add a second server instead.`;
    default:
      return assertNever(change);
  }
}

/** For facts about the document: what goes where nobody is, by construction. Null where the fact has none. */
export function unroutable(change: Change): Omit<Witness, 'direction'> | null {
  const made = (message: JsonValue, error: string): Omit<Witness, 'direction'> => ({
    kind: 'unroutable',
    message,
    reads: null,
    error,
  });
  switch (change.kind) {
    case 'channel-address-changed':
      return made(
        { sentTo: change.to, readFrom: change.from },
        `a consumer of the old document reads ${value(change.from)}; it is sent to ${value(change.to)}`,
      );
    case 'channel-removed':
      return made(
        { sentTo: null, readFrom: change.address ?? change.channel },
        `nothing of the new document uses ${value(change.address ?? change.channel)}`,
      );
    case 'parameter-removed':
      return made(
        { channel: change.channel, parameter: change.parameter },
        `the new address has no place for ${quote(change.parameter)}`,
      );
    case 'operation-removed':
      return made(
        change.action === 'send'
          ? { sentTo: null, readFrom: change.address }
          : { sentTo: change.address, readFrom: null },
        `no operation of the new document ${change.action === 'send' ? 'sends to' : 'receives from'} ${value(change.address)}`,
      );
    case 'operation-action-changed':
      return made(
        { address: change.address, before: change.from, now: change.to },
        `both sides ${change.to} on ${value(change.address)} now`,
      );
    case 'operation-channel-changed':
      return made(
        change.action === 'send'
          ? { sentTo: change.to, readFrom: change.from }
          : { sentTo: change.from, readFrom: change.to },
        `the old document says ${value(change.from)}`,
      );
    case 'reply-changed':
      return made({ sentTo: change.to, readFrom: change.from }, `the requester waits at ${value(change.from)}`);
    case 'operation-message-removed':
    case 'operation-message-added':
      return made(
        { operation: change.operation, message: change.message },
        `only one side knows ${quote(change.message)} there`,
      );
    case 'message-added':
    case 'message-removed':
      return made(
        { address: change.address, name: change.message },
        `the ${change.kind === 'message-added' ? 'old' : 'new'} document knows no ${quote(change.message)} on ${value(change.address)}`,
      );
    case 'message-name-changed':
      return made(
        { address: change.address, name: change.to },
        `the old document knows ${value(change.from ?? 'none')} only`,
      );
    case 'content-type-changed':
      return made(
        { address: change.address, contentType: change.to },
        `the old document decodes ${quote(change.from)}`,
      );
    case 'schema-format-changed':
      return made({ schemaFormat: change.to }, `the old document decodes by ${quote(change.from)}`);
    case 'correlation-changed':
      return made({ correlationId: change.to }, `the old document looks for it at ${change.from ?? 'no place'}`);
    case 'binding-changed':
      return made(
        { [`${change.protocol}.${change.key}`]: change.to ?? null },
        `the old document says ${value(change.from)}`,
      );
    case 'server-removed':
      return made({ connectTo: change.host }, 'the new document has no such server');
    case 'server-changed':
      return made({ server: change.server, [change.field]: change.to }, `the old document says ${value(change.from)}`);
    case 'alternative-added':
    case 'alternative-removed':
    case 'annotation-changed':
    case 'field-renamed':
    case 'type-renamed':
    case 'size-changed':
    case 'logical-type-changed':
    case 'type-reread':
    case 'bound-loosened':
    case 'bound-tightened':
    case 'channel-added':
    case 'channel-renamed':
    case 'combination-changed':
    case 'condition-changed':
    case 'contains-changed':
    case 'content-changed':
    case 'default-changed':
    case 'dependency-added':
    case 'dependency-changed':
    case 'dependency-removed':
    case 'enum-dropped':
    case 'enum-introduced':
    case 'enum-value-added':
    case 'enum-value-removed':
    case 'enum-value-renamed':
    case 'exclusion-changed':
    case 'field-added':
    case 'field-became-optional':
    case 'field-became-required':
    case 'field-removed':
    case 'format-added':
    case 'format-changed':
    case 'format-removed':
    case 'meaning-changed':
    case 'message-renamed':
    case 'names-changed':
    case 'object-closed':
    case 'object-opened':
    case 'operation-added':
    case 'operation-renamed':
    case 'parameter-added':
    case 'pattern-added':
    case 'pattern-changed':
    case 'pattern-removed':
    case 'payload-changed':
    case 'reference-unresolved':
    case 'schema-changed':
    case 'server-added':
    case 'step-changed':
    case 'type-changed':
    case 'type-narrowed':
    case 'type-widened':
    case 'unique-items-added':
    case 'unique-items-removed':
    case 'value-allowed':
    case 'value-forbidden':
      return null;
    default:
      return assertNever(change);
  }
}

function bindingWhy(kind: 'address' | 'key' | 'encoding' | 'behaviour' | 'other', key: string): string {
  switch (kind) {
    case 'address':
      return 'the other side still uses the old one. Serve both until it has moved.';
    case 'key':
      return 'messages of one entity land in other partitions, and order, joins and compaction by key break. Use a new topic.';
    case 'encoding':
      return 'consumers cannot decode the messages any more. Send the new encoding on a topic of its own.';
    case 'behaviour':
      return key === 'partitions'
        ? 'keys are spread anew, so that messages of one entity may overtake each other. Drain the topic first.'
        : 'delivery, order or retention change for those who are connected. Tell the consumers first.';
    case 'other':
      return 'nothing that travels changes.';
  }
}

function refused(effect: Effect): string {
  switch (effect) {
    case 'narrows':
      return `${NEW} refuses ${KEPT} that it no longer allows.`;
    case 'widens':
      return `${OLD} refuses what only the new schema allows.`;
    case 'incomparable':
      return "each side refuses some of the other's messages.";
    case 'unknown':
      return "one side may refuse the other's messages.";
  }
}

function lastOf(path: string): string {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.findLastIndex((step) => step !== '*');
  const tail = steps.slice(Math.max(0, last));
  if (tail.length > 1 && last >= 0) return `${tail[0] ?? ''}[]`;
  return steps.at(-1) === '*'
    ? steps.length === 1
      ? 'each entry'
      : `${steps.at(-2) ?? ''}[]`
    : steps.join('.').replaceAll('.*', '[]');
}

function named(name: string): string {
  return name === '' ? '' : ` ${quote(name)}`;
}

function quote(text: string): string {
  return `\`${clip(text).replaceAll('`', "'")}\``;
}

function value(json: JsonValue | undefined): string {
  return json === undefined ? 'none' : `\`${clip(JSON.stringify(json)).replaceAll('`', "'")}\``;
}

function values(list: readonly JsonValue[]): string {
  const shown = list.slice(0, 5).map((item) => value(item));
  return shown.join(', ') + (list.length > 5 ? ` and ${list.length - 5} more` : '');
}

function clip(text: string): string {
  // Control characters of hostile names would break lines and terminals.
  const clean = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
  return clean.length > 60 ? `${clean.slice(0, 59)}…` : clean;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
