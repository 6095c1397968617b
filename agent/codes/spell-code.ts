import { GROUP_LENGTH } from '../../shared/activation-codes/code.ts';
import { spokenSymbol } from '../../shared/secrets/spoken-symbols.ts';

/** A code, or a part of one, as the agent reads it out: a sentence for each group, a word for each symbol. */
export function spellCode(symbols: string): string {
  const groups = symbols.match(new RegExp(`.{1,${GROUP_LENGTH}}`, 'g')) ?? [];
  return groups.map((group) => [...group].map(spokenSymbol).join(', ')).join('. ');
}
