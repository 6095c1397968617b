import { checkAmounts } from './check-amounts.ts';
import { checkLeaks } from './check-leaks.ts';
import { checkMemory } from './check-memory.ts';
import { checkMoney } from './check-money.ts';
import { checkPromises } from './check-promises.ts';
import { checkRequests } from './check-requests.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkTools } from './check-tools.ts';
import type { ConversationRecord, Finding } from './record.ts';

/** Everything that is wrong with a conversation, by all checks. */
export function checkConversation(record: ConversationRecord): Finding[] {
  return [
    checkTools,
    checkAmounts,
    checkPromises,
    checkLeaks,
    checkMemory,
    checkMoney,
    checkRequests,
    checkSecrets,
  ].flatMap((check) => check(record));
}
