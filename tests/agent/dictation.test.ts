import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Dictation, parseDictation, spellCode } from '../../agent/codes/dictation.ts';
import { ALPHABET, formatActivationCode, withCheckCharacter } from '../../shared/activation-codes/code.ts';
import { CODE_MARK, maskCodes } from '../../shared/secrets/mask-codes.ts';

const code = fc
  .array(fc.constantFrom(...ALPHABET), { minLength: 11, maxLength: 11 })
  .map((symbols) => withCheckCharacter(symbols.join('')));

describe('what a caller says', () => {
  it.each([
    ['seven, foxtrot, two, nine', '7F29'],
    ['Seven Foxtrot 2-9.', '7F29'],
    ['It is seven, then Foxtrot, then two, dash, nine, please.', '7F29'],
    ['J as in Juliet, W, as in whisky, X as in x-ray, 4.', 'JWX4'],
    ['F for Foxtrot, two for Mike.', 'F24M'],
    ['double you, double u, W, double seven', 'WWW77'],
    ['triple four, nine', '4449'],
    ['to nine for Mike,', '294M'],
    ['F as in Fox, K like in kilo, niner, tree.', 'FK93'],
    ['forty-two, seventy six', '4276'],
    ['Mxr, 3', 'MXR3'],
    ['7H29', '7H29'],
    ['Why, aitch, cue, ex, nine', 'YHQX9'],
    ['Killoe, foxtrot, eight Romeo.', 'KF8R'],
    ['Lima, nine, paca, Lima.', 'L9PL'],
    ['alpha, bravo, one, zero', 'AB10'],
  ])('%j is %s', (said, symbols) => {
    expect(parseDictation(said)?.symbols).toBe(symbols);
  });

  it.each([
    ['second group, seven, Foxtrot, two, nine', 1],
    ['Group three: seven, Foxtrot, two, nine', 2],
    ['The last group is seven, Foxtrot, two, nine', 2],
  ])('%j names a group', (said, group) => {
    expect(parseDictation(said)).toEqual({ symbols: '7F29', group });
  });

  it.each([
    'Yes.',
    'No, thank you.',
    'One moment, please.',
    'Are you there?',
    'What are the two options?',
    'Why do you ask me to wait for you?',
    'I will take the starter package.',
    'How much time do I have left?',
    'Make it two hours, I like that line.',
    '',
  ])('%j is talk', (said) => {
    expect(parseDictation(said)).toBeNull();
  });

  it('is understood as the agent itself would spell it', () => {
    fc.assert(
      fc.property(code, (one) => {
        expect(parseDictation(spellCode(one))?.symbols).toBe(one);
      }),
    );
  });
});

describe('maskCodes', () => {
  it('hides a code however it is written or spelled', () => {
    fc.assert(
      fc.property(code, fc.boolean(), (one, lower) => {
        const spellings = [
          one,
          formatActivationCode(one),
          formatActivationCode(one).replaceAll('-', ' '),
          [...one].join(' '),
          [...one].join(', '),
          spellCode(one),
        ];
        for (const spelling of spellings) {
          const text = `My code is ${lower ? spelling.toLowerCase() : spelling}. Thank you.`;
          expect(maskCodes(text)).toBe(`My code is ${CODE_MARK}. Thank you.`);
        }
      }),
    );
  });

  it('hides the better part of one, and two at once', () => {
    expect(maskCodes('it was 7F29 HJKL, I think')).toBe(`it was ${CODE_MARK}, I think`);
    expect(maskCodes('7F29-HJKL-MPQR or FFFF-HHHH-JJJJ?')).not.toMatch(/[FHJK]{2}|\d/);
  });

  it.each([
    'You have 47 minutes and 26 seconds left.',
    'Starter gives you 1 hour for 9 dollars and 99 cents. Basic gives you 5 hours and 30 minutes.',
    'My number is 0171 5501 2354.',
    'Call 1-800-555-0199.',
    'I have two cats, three dogs, four birds and six fish.',
    'Why do you ask me to wait for you to do it for me?',
    'The year 2026 was better than 2024.',
    CODE_MARK,
    '',
  ])('leaves %j alone', (text) => {
    expect(maskCodes(text)).toBe(text);
  });
});

describe('a dictation', () => {
  const CODE = withCheckCharacter('7F29HJKLMPQ');
  const groups = CODE.match(/.{4}/g) ?? [];
  const started = () => {
    const dictation = new Dictation();
    dictation.open();
    return dictation;
  };
  const say = (dictation: Dictation, symbols: string, before = '') => {
    expect(dictation.take(before + spellCode(symbols))).toBe(CODE_MARK);
    return dictation.progress();
  };

  test('comes group by group, or at once', () => {
    const dictation = started();
    expect(dictation.progress()).toEqual({ state: 'empty' });
    expect(say(dictation, groups[0] ?? '')).toEqual({ state: 'partial', heard: '7F29' });
    expect(say(dictation, groups[1] ?? '')).toEqual({ state: 'partial', heard: '7F29HJKL' });
    expect(say(dictation, groups[2] ?? '')).toEqual({ state: 'complete', code: CODE });
    expect(dictation.progress()).toEqual({ state: 'complete', code: CODE });
    expect(say(started(), CODE)).toEqual({ state: 'complete', code: CODE });
  });

  test('a whole code is one before anybody asked for it; a group, or a telephone number, is not', () => {
    const dictation = new Dictation();
    expect(dictation.take('seven, Foxtrot, two, nine')).toBe('seven, Foxtrot, two, nine');
    expect(dictation.take('My number is 0171 5501 2354.')).toBe('My number is 0171 5501 2354.');
    expect(dictation.progress()).toEqual({ state: 'empty' });
    expect(dictation.take(`Please activate ${CODE}.`)).toBe(CODE_MARK);
    expect(dictation.progress()).toEqual({ state: 'complete', code: CODE });
  });

  test('words that are still being recognised are hidden, and not kept', () => {
    const dictation = started();
    expect(dictation.mask('seven, Foxtrot')).toBe(CODE_MARK);
    expect(dictation.progress()).toEqual({ state: 'empty' });
    expect(dictation.mask('How much time do I have?')).toBe('How much time do I have?');
  });

  test('a group that did not come whole is said again', () => {
    const dictation = started();
    say(dictation, '7F29');
    expect(say(dictation, 'HJK')).toEqual({ state: 'unclear', group: 1 });
    expect(say(dictation, 'HJKL')).toEqual({ state: 'partial', heard: '7F29HJKL' });
  });

  test('a slip is corrected by its group, named or not', () => {
    const wrong = `7F29HJKX${groups[2]}`;
    for (const before of ['second group, ', '']) {
      const dictation = started();
      expect(say(dictation, wrong)).toEqual({ state: 'slip', heard: wrong });
      expect(say(dictation, 'HJKL', before)).toEqual({ state: 'complete', code: CODE });
    }
    const again = started();
    say(again, wrong);
    expect(say(again, CODE)).toEqual({ state: 'complete', code: CODE });
  });

  test('one character that is in no code is what it sounds like, where that fits; of two it asks for the group', () => {
    const dictation = started();
    dictation.take(`7 F 2 9, H J K L, N P Q ${CODE.charAt(11)}`);
    expect(dictation.progress()).toEqual({ state: 'complete', code: CODE });
    const other = started();
    other.take(`7 F 2 9, H J K L, N B Q ${CODE.charAt(11)}`);
    expect(other.progress()).toEqual({ state: 'unclear', group: 2 });
    expect(say(other, groups[2] ?? '')).toEqual({ state: 'complete', code: CODE });
  });

  test('of codes with two or more wrong characters, one in nineteen passes for another, and no more', () => {
    const anyOf = (symbols: string, at: number) => symbols.charAt(at % symbols.length);
    let accepted = 0;
    let wrong = 0;
    for (let n = 0; n < 20_000; n++) {
      const [one, other] = [n % 12, (n % 12) + 1 + (Math.floor(n / 12) % 11)];
      const heard = [...CODE];
      heard[one] = anyOf(`${ALPHABET}BCDEGNSTUVZ15`, n * 7);
      heard[other % 12] = anyOf(ALPHABET, n * 13 + Math.floor(n / 19));
      if (heard.filter((symbol, at) => symbol !== CODE[at]).length < 2) continue;
      const dictation = started();
      dictation.take(heard.join(' '));
      wrong++;
      if (dictation.progress().state === 'complete') accepted++;
    }
    expect(accepted / wrong).toBeGreaterThan(0.8 / 19);
    expect(accepted / wrong).toBeLessThan(1.1 / 19);
  });

  test('more than a code is nothing, and starting again forgets', () => {
    const dictation = started();
    expect(say(dictation, `${CODE}7`)).toEqual({ state: 'unclear', group: 0 });
    say(dictation, '7F29');
    dictation.startAgain();
    expect(dictation.progress()).toEqual({ state: 'empty' });
  });
});
