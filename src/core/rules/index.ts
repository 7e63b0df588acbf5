// The registry of rules, alphabetical.
import { dlqDangling } from './dlq-dangling.ts';
import { dlqMissing } from './dlq-missing.ts';
import { orphanChannel } from './orphan-channel.ts';
import { retryMissing } from './retry-missing.ts';
import type { Rule } from './rule.ts';

export const rules: readonly Rule[] = [dlqDangling, dlqMissing, orphanChannel, retryMissing];
