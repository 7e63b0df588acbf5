// What Spring Cloud Stream does with a message that a binding keeps failing on: the Kafka, Kafka Streams and RabbitMQ binders, each by its own
// settings. Other binders' settings are not read: their verdict is unknown.
import type { ChannelDeclaration, FailureFacts, Handle, RetryFacts } from '../../model/declaration.ts';
import type { Name } from '../../model/name.ts';
import { literal } from '../../model/name.ts';
import type { Location } from '../../model/source.ts';
import type { BoundBroker } from './brokers.ts';
import type { Property } from './config-file.ts';
import type { Binding, Module } from './module.ts';
import { applicationName, canonical, nameOf, textOfName } from './module.ts';

export const DIALECT = 'spring';

export interface Verdict {
  readonly failure: FailureFacts;
  /** The dead-letter channel that the binder makes, where there is one. */
  readonly deadLetter: Omit<ChannelDeclaration, 'scope'> | null;
}

/** What a verdict is about: one destination of one binding. */
export interface Consumption {
  readonly module: Module;
  readonly binding: Binding;
  readonly destination: Name;
  readonly bound: BoundBroker;
  readonly at: Location;
}

/** An effective consumer setting of a binding: its own, or the default for all bindings, of the binder or in common. */
function settingOf({ module, binding }: Consumption, family: string, name: string): Property | undefined {
  return (
    binding.consumer.get(canonical(name)) ??
    module.get(`spring.cloud.stream.${family}.default.consumer.${name}`) ??
    module.get(`spring.cloud.stream.default.consumer.${name}`)
  );
}

function isTrue(module: Module, property: Property | undefined): boolean | null {
  if (property === undefined) return false;
  const text = textOfName(nameOf(module, property.text));
  return text === null ? null : text.toLowerCase() === 'true';
}

function numberOf(module: Module, property: Property | undefined): number | null {
  const text = property === undefined ? null : textOfName(nameOf(module, property.text));
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

export function verdictOf(consumption: Consumption): Verdict {
  if (/^springCloudBus/i.test(consumption.binding.name)) {
    // Every instance hears of a change by a consumer of its own; the next change says it again.
    const { failure } = unknown(consumption, '');
    const why = 'Spring Cloud Bus broadcasts to instances';
    return {
      deadLetter: null,
      failure: { ...failure, deadLetter: { kind: 'not-applicable', why }, retry: { kind: 'not-applicable' } },
    };
  }
  switch (consumption.bound.family) {
    case 'kafka':
      return kafkaVerdict(consumption);
    case 'kafka-streams':
      return streamsVerdict(consumption);
    case 'rabbit':
      return rabbitVerdict(consumption);
    case 'other':
      return unknown(
        consumption,
        consumption.bound.broker === 'unknown'
          ? 'no file says which binder the application has'
          : `the settings of the ${consumption.bound.broker} binder are not read`,
      );
  }
}

function handleOf({ module, binding, at }: Consumption, role: string): Handle {
  const group = binding.group === undefined ? 'anonymous' : 'group';
  return { dialect: DIALECT, at, path: [binding.name, group, applicationName(module).name], role };
}

function unknown(consumption: Consumption, why: string): Verdict {
  return {
    deadLetter: null,
    failure: {
      deadLetter: { kind: 'unknown', why },
      attempts: null,
      backoff: 'unknown',
      then: 'unknown',
      story: '',
      retry: { kind: 'unknown', why },
      handle: handleOf(consumption, 'none'),
    },
  };
}

/** `max-attempts` of the common consumer settings: 3 where nothing is written. */
function attemptsOf(consumption: Consumption): { readonly attempts: number | null; readonly retry: RetryFacts } {
  const property = settingOf(consumption, 'kafka', 'max-attempts');
  if (property === undefined) return { attempts: 3, retry: { kind: 'default' } };
  const attempts = numberOf(consumption.module, property);
  if (attempts === 1) return { attempts, retry: { kind: 'none', why: 'max-attempts: 1', at: property.at } };
  return { attempts, retry: { kind: 'configured' } };
}

function backoffOf(consumption: Consumption): FailureFacts['backoff'] {
  const multiplier = settingOf(consumption, 'kafka', 'back-off-multiplier');
  if (multiplier === undefined) return 'exponential';
  return /^1(?:\.0*)?$/.test(multiplier.text) ? 'fixed' : 'exponential';
}

function kafkaVerdict(consumption: Consumption): Verdict {
  const { module, binding, destination } = consumption;
  const handle = handleOf(consumption, 'kafka-binding');
  const enabled = settingOf(consumption, 'kafka', 'enable-dlq');
  const on = isTrue(module, enabled);
  if (on === null) return unknown(consumption, 'whether `enable-dlq` is set depends on the environment');
  if (!on) {
    return {
      deadLetter: null,
      failure: {
        deadLetter: {
          kind: 'missing',
          why: enabled === undefined ? '`enable-dlq` is not set' : '`enable-dlq` is false',
        },
        // Without a dead-letter topic the listener container's own 10 attempts apply, whatever max-attempts says.
        attempts: 10,
        backoff: 'none',
        then: 'drops',
        story: 'is logged and skipped after 10 attempts',
        retry: { kind: 'default' },
        handle,
      },
    };
  }
  const group = binding.group;
  if (group === undefined || enabled === undefined) {
    return {
      deadLetter: null,
      failure: {
        deadLetter: { kind: 'missing', why: '`enable-dlq` needs a `group`' },
        attempts: null,
        backoff: 'unknown',
        then: 'blocks',
        story:
          'is not read at all, because the binder refuses to start a binding with `enable-dlq` and without a `group`',
        retry: { kind: 'default' },
        handle,
      },
    };
  }
  const named = settingOf(consumption, 'kafka', 'dlq-name');
  const name: Name =
    named === undefined
      ? join(literal('error.'), destination, literal('.'), nameOf(module, group.text))
      : nameOf(module, named.text);
  return configured(consumption, handle, name, 'topic', named ?? enabled, backoffOf(consumption));
}

function streamsVerdict(consumption: Consumption): Verdict {
  const { module, binding, destination } = consumption;
  const handler =
    binding.consumer.get(canonical('deserialization-exception-handler')) ??
    binding.consumer.get(canonical('serde-error')) ??
    module.get('spring.cloud.stream.kafka.streams.default.consumer.deserialization-exception-handler') ??
    module.get('spring.cloud.stream.kafka.streams.binder.deserialization-exception-handler') ??
    module.get('spring.cloud.stream.kafka.streams.binder.serde-error');
  const named = binding.consumer.get(canonical('dlq-name'));
  if (handler === undefined || canonical(handler.text) !== 'sendtodlq')
    return unknown(consumption, 'what becomes of a record that fails is decided in the Kafka Streams code');
  const group =
    binding.group ?? binding.consumer.get(canonical('application-id')) ?? module.get('spring.application.name');
  const name: Name =
    named !== undefined
      ? nameOf(module, named.text)
      : join(
          literal('error.'),
          destination,
          literal('.'),
          group === undefined
            ? { kind: 'unknown', text: '${…}', reason: 'its group is not written' }
            : nameOf(module, group.text),
        );
  return configured(consumption, handleOf(consumption, 'none'), name, 'topic', named ?? handler, 'none', 1);
}

function rabbitVerdict(consumption: Consumption): Verdict {
  const { module, binding, destination } = consumption;
  const handle = handleOf(consumption, 'rabbit-binding');
  const bound = settingOf(consumption, 'rabbit', 'bind-queue');
  if (bound !== undefined && bound.text.toLowerCase() !== 'true')
    return unknown(consumption, 'its queue is declared elsewhere (`bind-queue`)');
  const enabled = settingOf(consumption, 'rabbit', 'auto-bind-dlq');
  const on = isTrue(module, enabled);
  if (on === null) return unknown(consumption, 'whether `auto-bind-dlq` is set depends on the environment');
  const { attempts, retry } = attemptsOf(consumption);
  if (!on || enabled === undefined) {
    const requeues = isTrue(module, settingOf(consumption, 'rabbit', 'requeue-rejected')) === true;
    const republishes =
      settingOf(consumption, 'rabbit', 'dead-letter-queue-name') ??
      settingOf(consumption, 'rabbit', 'republish-to-dlq');
    const why =
      enabled !== undefined
        ? '`auto-bind-dlq` is false'
        : republishes === undefined
          ? '`auto-bind-dlq` is not set'
          : `\`${republishes.name.split('.').at(-1) ?? ''}\` does nothing without \`auto-bind-dlq\``;
    return {
      deadLetter: null,
      failure: {
        deadLetter: { kind: 'missing', why },
        attempts: requeues ? 'unbounded' : attempts,
        backoff: backoffOf(consumption),
        then: requeues ? 'loops' : 'drops',
        story: requeues
          ? 'returns to the queue without end (`requeue-rejected`)'
          : attempts === null
            ? 'is rejected after its last attempt and dropped'
            : `is rejected after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} and dropped`,
        retry,
        handle,
      },
    };
  }
  const named = settingOf(consumption, 'rabbit', 'dead-letter-queue-name');
  const alone = isTrue(module, settingOf(consumption, 'rabbit', 'queue-name-group-only')) === true;
  const prefix = settingOf(consumption, 'rabbit', 'prefix');
  const group: Name =
    binding.group === undefined
      ? { kind: 'unknown', text: 'anonymous', reason: 'the binding has no group, so the broker names its queue' }
      : nameOf(module, binding.group.text);
  const name: Name =
    named !== undefined
      ? nameOf(module, named.text)
      : join(
          ...(prefix === undefined ? [] : [nameOf(module, prefix.text)]),
          ...(alone ? [] : [destination, literal('.')]),
          group,
          literal('.dlq'),
        );
  return {
    ...configured(consumption, handle, name, 'queue', named ?? enabled, backoffOf(consumption), attempts, retry),
  };
}

function configured(
  consumption: Consumption,
  handle: Handle,
  name: Name,
  kind: 'topic' | 'queue',
  property: Property,
  backoff: FailureFacts['backoff'],
  attempts: number | null = attemptsOf(consumption).attempts,
  retry: RetryFacts = attemptsOf(consumption).retry,
): Verdict {
  const text = textOfName(name);
  const key = `dlq:${consumption.binding.name}:${text ?? textOfName(consumption.destination) ?? ''}`;
  return {
    deadLetter: {
      kind: 'channel',
      key,
      name,
      logicalId: `dead letters of ${consumption.binding.name}`,
      broker: consumption.bound.broker,
      channelKind: kind,
      group: null,
      platformSource: false,
      deadLetter: true,
      failure: null,
      settings: new Map(),
      schemas: [],
      at: property.at,
    },
    failure: {
      deadLetter: { kind: 'configured', to: { kind: 'key', key }, at: property.at },
      attempts,
      backoff,
      then: 'dead-letters',
      story: '',
      retry,
      handle,
    },
  };
}

function join(...parts: readonly Name[]): Name {
  return { kind: 'template', parts };
}
