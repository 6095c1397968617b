import { ALPHABET, CODE_LENGTH, GROUP_LENGTH, passesCheck } from '../../shared/activation-codes/code.ts';
import { findActivationCodes } from '../../shared/activation-codes/read-code.ts';
import { CODE_MARK, isOfCode, maskCodes } from '../../shared/secrets/mask-codes.ts';
import { readSymbols } from '../../shared/secrets/read-symbols.ts';
import { MISHEARD, spokenSymbol } from '../../shared/secrets/spoken-symbols.ts';

export type Dictated = {
  /** Upper case, in the order said; some may be in no code, because they were misheard. */
  symbols: string;
  /** The group that the caller named, 0 to 2. */
  group: number | undefined;
};

/**
 * Reads what a caller said as a part of a code.
 * @param isExpected true while a dictation is going on, in which a misheard word is likelier than talk
 * @returns null for ordinary talk: where other words outweigh the symbols, or none of them is surely one
 */
export function parseDictation(text: string, isExpected = false): Dictated | null {
  const pieces = readSymbols(text);
  const said = pieces.filter(({ kind }) => kind === 'symbols');
  const words = pieces.filter(({ kind }) => kind === 'word').length;
  const symbols = said.map((piece) => piece.symbols).join('');
  const sure = said.reduce((sum, piece) => sum + (piece.sure ? piece.symbols.length : 0), 0);
  const group = pieces.find(({ kind }) => kind === 'group')?.group;
  const isCode = sure >= words * 2 || (isExpected && symbols.length > 1 && symbols.length >= words);
  if (sure === 0 || !isCode) return null;
  return { symbols, group };
}

/**
 * How far the dictation of a code has come:
 * - `empty`: nothing was said yet
 * - `partial`: whole groups, and more to come
 * - `unclear`: a group did not come whole, and has to be said again
 * - `slip`: twelve characters that fail their check
 * - `complete`: a code that passes it
 */
export type Progress =
  | { state: 'empty' }
  | { state: 'partial'; heard: string }
  | { state: 'unclear'; group: number }
  | { state: 'slip'; heard: string }
  | { state: 'complete'; code: string };

/** So much of a code at once is one, also where nobody asked for it. */
const UNASKED = 10;

const isOurs = (symbol: string) => ALPHABET.includes(symbol);

/** At most one character may have been misheard for one that is in no code, and what it stands for has to fit. */
function resolve(symbols: string): string | null {
  const foreign = [...symbols].filter((symbol) => !isOurs(symbol));
  const code = symbols.replace(foreign[0] ?? '', (symbol) => MISHEARD[symbol] ?? symbol);
  return foreign.length <= 1 && passesCheck(code) ? code : null;
}

const replaced = (symbols: string, group: number, by: string) =>
  symbols.slice(0, group * GROUP_LENGTH) + by + symbols.slice((group + 1) * GROUP_LENGTH);

/** The code that a caller dictates in one call. It is here, in the sound of the call, and nowhere else. */
export class Dictation {
  #isOpen = false;
  #symbols = '';
  /** The group that was asked for again. */
  #awaited: number | undefined;
  #unheard: { symbols: string; group: number | undefined }[] = [];
  /** The code that was read back last, and may be activated with a yes. */
  confirmable: string | undefined;
  /** What the agent says in place of the mark. */
  spelling = '';

  /** Whether something was said since `progress` was asked. */
  get hasMore(): boolean {
    return this.#unheard.length > 0;
  }

  /** Whether single groups are taken for a part of the code. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** From now on single groups are taken for a part of the code, too. */
  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    this.#symbols = '';
    this.#awaited = undefined;
    this.#unheard = [];
  }

  startAgain(): void {
    this.close();
    this.open();
    this.confirmable = undefined;
  }

  /** The text without any code. Changes nothing, so that words which are still being recognised may go through it. */
  mask(text: string): string {
    return this.#isOpen && parseDictation(text, true) !== null ? CODE_MARK : maskCodes(text);
  }

  /** Keeps what the text holds of a code, and answers the text without it. */
  take(text: string): string {
    // Typed or pasted, in whatever way: read as the page reads it.
    const [written] = findActivationCodes(text);
    if (written !== undefined) {
      this.open();
      this.#unheard.push({ symbols: written.code, group: undefined });
      return this.mask(text);
    }
    const dictated = parseDictation(text, this.#isOpen);
    const symbols = dictated?.symbols ?? '';
    const isUnasked = symbols.length >= UNASKED && isOfCode(symbols);
    if (dictated !== null && (this.#isOpen || isUnasked)) {
      this.open();
      this.#unheard.push({ symbols, group: dictated.group });
      return CODE_MARK;
    }
    return this.mask(text);
  }

  /** Takes in what was said since the last time, and says how far it has come. */
  progress(): Progress {
    const said = this.#unheard;
    this.#unheard = [];
    if (said.length > 0) {
      this.confirmable = undefined;
      const group = said.find((part) => part.group !== undefined)?.group;
      this.#add(said.map((part) => part.symbols).join(''), group);
    }
    return this.#judge();
  }

  #add(symbols: string, group: number | undefined): void {
    const isWhole = this.#symbols.length === CODE_LENGTH;
    if (symbols.length >= CODE_LENGTH) this.#symbols = symbols;
    else if (isWhole && symbols.length === GROUP_LENGTH) this.#symbols = this.#correct(symbols, group);
    // A group that did not come whole is said again, and is not the next one.
    else if (!isWhole) this.#symbols += symbols;
  }

  /** Puts a group in the place that was named or asked for, or in the only one where it makes a code. */
  #correct(symbols: string, named: number | undefined): string {
    const group = named ?? this.#awaited;
    if (group !== undefined) return replaced(this.#symbols, group, symbols);
    const readings = [0, 1, 2].map((place) => replaced(this.#symbols, place, symbols)).filter(passesCheck);
    return new Set(readings).size === 1 ? (readings[0] ?? this.#symbols) : this.#symbols;
  }

  #judge(): Progress {
    const symbols = this.#symbols;
    this.#awaited = undefined;
    if (symbols === '') return { state: 'empty' };
    if (symbols.length === CODE_LENGTH) return this.#judgeWhole(symbols);
    if (symbols.length < CODE_LENGTH && symbols.length % GROUP_LENGTH === 0) {
      return { state: 'partial', heard: symbols };
    }
    // Of more than a code nothing can be kept; of less, everything before the group that did not come whole.
    const group = symbols.length > CODE_LENGTH ? 0 : Math.floor(symbols.length / GROUP_LENGTH);
    this.#symbols = symbols.slice(0, group * GROUP_LENGTH);
    return { state: 'unclear', group };
  }

  #judgeWhole(symbols: string): Progress {
    const code = resolve(symbols);
    if (code !== null) {
      this.#symbols = code;
      return { state: 'complete', code };
    }
    const unclear = [...symbols].findIndex((symbol) => !isOurs(symbol));
    if (unclear < 0) return { state: 'slip', heard: symbols };
    this.#awaited = Math.floor(unclear / GROUP_LENGTH);
    return { state: 'unclear', group: this.#awaited };
  }
}

/** A code, or a part of one, as the agent reads it out: a sentence for each group, a word for each symbol. */
export function spellCode(symbols: string): string {
  const groups = symbols.match(new RegExp(`.{1,${GROUP_LENGTH}}`, 'g')) ?? [];
  return groups.map((group) => [...group].map(spokenSymbol).join(', ')).join('. ');
}
