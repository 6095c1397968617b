import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Dictation } from '../../agent/codes/dictation.ts';
import {
  ALPHABET,
  activationLink,
  formatActivationCode,
  withCheckCharacter,
} from '../../shared/activation-codes/code.ts';
import { parseActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import {
  findActivationCodes,
  readActivationCode,
  slipWords,
} from '../../shared/activation-codes/read-code.ts';
import { PAGE_LANGUAGES } from '../../shared/api/page-languages.ts';
import { Fault } from '../../shared/errors.ts';
import { CODE_MARK, maskCodes } from '../../shared/secrets/mask-codes.ts';
import { giftEmail } from '../../webhook-server/notices/emails.ts';
import { emailHtml, emailText } from '../../webhook-server/notices/render-email.ts';
import { mailWordsOf } from '../../webhook-server/notices/words/of-language.ts';

const CODE = withCheckCharacter('7F29HJKLMPQ');
const GROUPS = CODE.match(/.{4}/g) ?? [];
const SHOWN = formatActivationCode(CODE);
const by = (separator: string) => GROUPS.join(separator);
/** The code with something after its second character, as programs put it where a line may break. */
const within = (unseen: string) => `${SHOWN.slice(0, 2)}${unseen}${SHOWN.slice(2)}`;
const written = (from: string, to: string) =>
  [...SHOWN].map((symbol) => [...to][[...from].indexOf(symbol)] ?? symbol).join('');

const GIFT = {
  id: '11111111-1111-4111-8111-111111111111',
  userId: '22222222-2222-4222-8222-222222222222',
  purpose: 'gift',
  packageName: 'Starter',
  amountCents: 999,
  receivedCents: 999,
  refundedCents: 0,
  currency: 'usd',
  receivedCurrency: 'usd',
  paidSeconds: 3600,
  bonusSeconds: 0,
  clawedBackSeconds: 0,
  giftRecipient: 'Zoë',
  giftEmail: null,
  deliverAt: null,
  buyerName: '',
  giftMessage: 'For all our talks in 2026, and the 12 to come.',
  boughtAt: '2026-11-20T23:59:59.9+00:00',
  cardStatus: 'unactivated',
  paidDebtSeconds: 0,
  email: 'someone@example.com',
};
/** In every language: what stands before and after the code differs. */
const MAILS = PAGE_LANGUAGES.flatMap((language) => {
  const words = mailWordsOf(language);
  const mail = giftEmail(words, GIFT, SHOWN, 'https://mindbot.example/');
  return [
    [`the whole message (${language})`, emailText(words, mail)],
    [`the whole message as HTML (${language})`, emailHtml(words, mail)],
  ] as const;
});

const PASTES: readonly (readonly [name: string, paste: string])[] = [
  ['as it is shown', SHOWN],
  ['without dashes', CODE],
  ['in small letters', SHOWN.toLowerCase()],
  ['a minus sign', by('\u2212')],
  ['a katakana lengthening mark', by('ー')],
  ['its half-width form', by('ｰ')],
  ['a middle dot', by('·')],
  ['a bullet', by('•')],
  ['the Chinese one', by('一')],
  ['a Korean stroke', by('ㅡ')],
  ['an Arabic stretcher', by('ـ')],
  ['an em dash', by('—')],
  ['a hyphen that does not break', by('\u2011')],
  ['a wave', by('〜')],
  ['a tilde', by('~')],
  ['dots', by('.')],
  ['slashes', by('/')],
  ['backslashes', by('\\')],
  ['bars', by(' | ')],
  ['colons', by(':')],
  ['commas', by(', ')],
  ['underscores', by('_')],
  ['equals signs', by('=')],
  ['lines', by('\r\n')],
  ['tabs', by('\t')],
  ['spaces that do not break', by('\u00a0')],
  ['wide spaces', by('\u3000')],
  ['an invisible Korean filler', by('\u3164')],
  ['a blank of Braille', by('\u2800')],
  ['a soft hyphen', within('\u00ad')],
  ['a space of no width', within('\u200b')],
  ['a word joiner', within('\u2060')],
  ['a byte order mark', `\ufeff${within('\ufeff')}`],
  ['a mark of direction', within('\u200e')],
  ['the other one', within('\u200f')],
  ['isolates of direction', `\u2068${SHOWN}\u2069`],
  ['an embedding of direction', `\u202a${SHOWN}\u202c`],
  ['a variation selector', within('\ufe0f')],
  ['an end of text', `${SHOWN}\u0003`],
  ['quotes', `"${SHOWN}"`],
  ['typographic quotes', `“${SHOWN}”`],
  ['German quotes', `„${SHOWN}“`],
  ['guillemets', `«${SHOWN}»`],
  ['back-ticks', `\`${SHOWN}\``],
  ['round brackets', `(${SHOWN})`],
  ['square brackets', `[${SHOWN}]`],
  ['angle brackets', `<${SHOWN}>`],
  ['wide brackets', `【${SHOWN}】`],
  ['asterisks', `**${SHOWN}**`],
  ['a full stop', `${SHOWN}.`],
  ['a comma', `${SHOWN},`],
  ['an exclamation mark', `${SHOWN}!`],
  ['a number sign', `#${SHOWN}`],
  ['a label', `Code: ${SHOWN}`],
  ['a label of several words', `Your activation code is ${SHOWN}.`],
  ['a label in German', `Dein Gutscheincode lautet: ${SHOWN}`],
  ['a label of four letters', `HOLD ${by(' ')}`],
  ['every character by itself', `Code: ${[...CODE].join(' ')}`],
  ['groups of three', CODE.match(/.{3}/g)?.join('-') ?? ''],
  ['groups of six', CODE.match(/.{6}/g)?.join('-') ?? ''],
  ['Cyrillic look-alikes', written('FHKMP', 'ҒНКМР')],
  ['small Cyrillic look-alikes', SHOWN.toLowerCase().replace('k', 'к').replace('p', 'р')],
  ['Greek look-alikes', written('HKMP', 'ΗΚΜΡ')],
  ['wide characters', written(ALPHABET, '２３４６７８９ＦＨＪＫＬＭＰＱＲＷＸＹ')],
  ['mathematical letters', written(ALPHABET, '𝟮𝟯𝟰𝟲𝟳𝟴𝟵𝗙𝗛𝗝𝗞𝗟𝗠𝗣𝗤𝗥𝗪𝗫𝗬')],
  ['letters in circles', written(ALPHABET, '②③④⑥⑦⑧⑨ⒻⒽⒿⓀⓁⓂⓅⓆⓇⓌⓍⓎ')],
  ['keys', SHOWN.replace(/\d/g, '$&\ufe0f\u20e3')],
  ['Arabic digits', written('234679', '٢٣٤٦٧٩')],
  ['Persian digits', written('234679', '۲۳۴۶۷۹')],
  ['small capitals', written('FHJKLMPR', 'ꜰʜᴊᴋʟᴍᴘʀ')],
  ['O for Q', SHOWN.replace('Q', 'O')],
  ['struck through', SHOWN.replace(/\w/g, '$&\u0336')],
  ['a link', activationLink('https://mindbot.example/', SHOWN)],
  ['a link with a full stop', `${activationLink('https://mindbot.example/', SHOWN)}.`],
  ['a link with more after it', `${activationLink('http://127.0.0.1:8003/', CODE)}?utm_source=mail`],
  ['a link to this machine', activationLink('http://localhost:8003/', SHOWN)],
  [
    'a link in another link',
    `https://safe.example/?url=${encodeURIComponent(activationLink('https://mindbot.example/', SHOWN))}&data=05`,
  ],
  ['a link with its dashes written out', `https://mindbot.example/#/activate/${by('%2D')}`],
  ['a dash named in HTML', by('&#8209;')],
  ['a soft hyphen named in HTML', `&nbsp;${by('&ndash;')}&nbsp;`],
  ['a row of a table', `Starter\t1 h\t${SHOWN}\twaiting`],
  ...MAILS,
];

describe('a code is read however it is pasted', () => {
  it.each(PASTES)('%s', (_name, paste) => {
    expect(readActivationCode(paste)).toBe(CODE);
    expect(slipWords(paste)).toBeNull();
    expect(parseActivationCode(paste)).toBe(CODE);
  });

  // What only looks like one of ours is guessed, and nobody has asked the caller yet.
  it.each(PASTES.filter(([name]) => name !== 'O for Q'))('and in a call: %s', (_name, paste) => {
    const dictation = new Dictation();
    const shown = dictation.take(paste);
    expect(dictation.progress()).toEqual({ state: 'complete', code: CODE });
    expect(shown).toContain(CODE_MARK);
    expect(findActivationCodes(shown)).toEqual([]);
    expect(findActivationCodes(maskCodes(`First ${paste} then.`))).toEqual([]);
  });

  it('whatever the code', () => {
    const code = fc
      .array(fc.constantFrom(...ALPHABET), { minLength: 11, maxLength: 11 })
      .map((symbols) => withCheckCharacter(symbols.join('')));
    fc.assert(
      fc.property(code, (one) => {
        const shown = formatActivationCode(one);
        for (const paste of [`Code: ${shown}.`, activationLink('https://mindbot.example/', shown)])
          expect(readActivationCode(paste)).toBe(one);
      }),
    );
  });
});

test('a code that was pasted twice is one, also where its end and its beginning would be a code', () => {
  const twice = withCheckCharacter('6X2WRJ9FF38');
  const shown = formatActivationCode(twice);
  // The control: the groups between are a code of their own.
  expect(readActivationCode(shown.replace(/^(.{4})-(.*)$/, '$2-$1'))).toBeTruthy();
  for (const between of [' ', '\n', ' / ', ' - ']) {
    expect(readActivationCode(`${shown}${between}${shown}`)).toBe(twice);
  }
});

const [first = '', second = '', third = ''] = GROUPS;
const swapped = `${first}-${second}-${third.charAt(1)}${third.charAt(0)}${third.slice(2)}`;

test.each([
  ['', /no code in this/],
  ['hello', /no code in this/],
  ['https://mindbot.example/', /no code in this/],
  [`${first}-${second.slice(1)}-${third}`, /second group has 3 characters instead of four/],
  [`${first}-${second}-${third}X`, /third group has 5 characters instead of four/],
  [`Code: ${first.slice(0, 1)} ${second} ${third}`, /first group has 1 character instead of four/],
  [`${first}-S${second.slice(1)}-${third}`, /“S” in the second group is in no code/],
  [`${first}${second}N${third.slice(1)}`, /“N” in the third group is in no code/],
  [CODE.slice(1), /twelve characters; here are 11/],
  [swapped, /One character is wrong, or two are swapped/],
  [`${SHOWN} ${formatActivationCode(withCheckCharacter('22222222222'))}`, /more than one code/],
])('%j says what is wrong, and in which group', (paste, words) => {
  expect(slipWords(paste)).toMatch(words);
  expect(() => parseActivationCode(paste)).toThrow(
    expect.objectContaining({ code: 'mistyped_code', message: expect.stringMatching(words) }),
  );
  expect(() => parseActivationCode(paste)).toThrow(Fault);
});

test('talk is no code', () => {
  for (const talk of [
    'What are my options for the next two hours?',
    'Je voudrais savoir combien de temps il me reste.',
    'Call me at 555 0199 after 4 pm.',
    'Вот мой код, а вот моя почта.',
  ]) {
    expect(findActivationCodes(talk)).toEqual([]);
    expect(maskCodes(talk)).toBe(talk);
  }
});
