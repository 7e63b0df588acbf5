// The registry of rules, alphabetical.
import { channelNameMismatch } from './channel-name-mismatch.ts';
import { dlqDangling } from './dlq-dangling.ts';
import { dlqMissing } from './dlq-missing.ts';
import { orphanChannel } from './orphan-channel.ts';
import { retryMissing } from './retry-missing.ts';
import { routingKeyUnbound } from './routing-key-unbound.ts';
import { subscriptionScopeWrong } from './subscription-scope-wrong.ts';
import { unresolvedPlaceholder } from './unresolved-placeholder.ts';
import type { Rule } from './rule.ts';

export const rules: readonly Rule[] = [
  channelNameMismatch,
  dlqDangling,
  dlqMissing,
  orphanChannel,
  retryMissing,
  routingKeyUnbound,
  subscriptionScopeWrong,
  unresolvedPlaceholder,
];
