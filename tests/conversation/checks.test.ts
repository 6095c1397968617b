import { describe, expect, it } from 'vitest';
import { checkAmounts } from './checks/check-amounts.ts';
import { isPromise } from './checks/check-promises.ts';
import type { ConversationRecord } from './checks/record.ts';
import { spokenAmounts } from './checks/spoken-amounts.ts';

describe('amounts are read as people say them', () => {
  const short = (text: string) =>
    spokenAmounts(text).map((amount) =>
      amount.kind === 'money'
        ? `${amount.cents} ${amount.currency}`
        : amount.kind === 'duration'
          ? `${amount.seconds} s`
          : `${amount.value} %`,
    );

  it.each<[string, string[]]>([
    ['44 dollars and 99 cents', ['4499 usd']],
    ['forty-four dollars and ninety-nine cents', ['4499 usd']],
    ['$44.99 or 44.99 dollars', ['4499 usd', '4499 usd']],
    ['44 dollars 99', ['4499 usd']],
    ['one hundred seventy nine dollars and ninety nine cents', ['17999 usd']],
    ['a hundred dollars', ['10000 usd']],
    ['$1,299.50', ['129950 usd']],
    ['only forty-four ninety-nine', ['4499 usd']],
    ['for 9.99', ['999 usd']],
    ['99 cents', ['99 usd']],
    ['9 euros', ['900 eur']],
    ['5 hours and 30 minutes', ['19800 s']],
    ['five and a half hours', ['19800 s']],
    ['5.5 hours', ['19800 s']],
    ['half an hour', ['1800 s']],
    ['an hour and a half', ['5400 s']],
    ['a 12-hour package', ['43200 s']],
    ['1 hour, 2 minutes and 3 seconds', ['3723 s']],
    ['10 minutes or 2 hours', ['600 s', '7200 s']],
    ['Basic is 44 dollars, 12 hours are 80 dollars', ['4400 usd', '8000 usd', '43200 s']],
    ['thirty percent, or 30%', ['30 %', '30 %']],
    ['We have 5 packages. Just a second. The second one, please. One of 2.', []],
  ])('%j', (text, amounts) => {
    expect(short(text)).toEqual(amounts);
  });
});

describe("an amount is the catalogue's, the person's, or invented", () => {
  const pack = (id: string, name: string, hours: number, bonus_minutes: number, price_cents: number) => ({
    id,
    name,
    hours,
    bonus_minutes,
    total_minutes: hours * 60 + bonus_minutes,
    price_cents,
    currency: 'usd',
    description: '',
  });
  const pricing = {
    currency: 'usd',
    packages: [pack('starter', 'Starter', 1, 0, 999), pack('basic', 'Basic', 5, 30, 4499)],
  };
  const inventedIn = (answer: string, said = 'Hello.') => {
    const readings = [{ remainingSeconds: 2846, usedSeconds: 754, expiringSeconds: 0 }];
    const turns = [{ turn: { says: said }, said, calls: [], answers: [answer], readings, complaints: [] }];
    return checkAmounts({ turns, pricing } as unknown as ConversationRecord).map(({ what }) =>
      what.replace(/^"(.*?)".*/, '$1'),
    );
  };

  it.each([
    'Starter gives you 1 hour for 9 dollars and 99 cents. Basic gives you 5 hours and 30 minutes for $44.99.',
    'That is 5 hours with 30 minutes on top for 44.99, the Basic package.',
    'You have 47 minutes and 26 seconds left.',
    'You have about 47 minutes left, and used 13 minutes.',
    'At the Starter price that is about 2 dollars and 9 cents.',
    'Starter is 9.99, Basic is 44.99.',
  ])('true: %s', (answer) => {
    expect(inventedIn(answer)).toEqual([]);
  });

  it.each([
    ['You have 48 minutes left.', ['48 minutes']],
    ['You have 1 hour and 47 minutes left.', ['1 hour 47 minutes']],
    ['Starter is 8 dollars.', ['8 dollars']],
    ['Starter is 44.99, Basic is 9.99.', ['44.99', '9.99']],
    ['Basic gives you 6 hours.', ['6 hours']],
    ['Starter is 9 euros and 99 cents.', ['9 euros and 99 cents']],
    ['You get 10 percent more.', ['10 percent']],
    ['It is 16 cents a minute.', ['16 cents']],
  ])('invented: %s', (answer, amounts) => {
    expect(inventedIn(answer)).toEqual(amounts);
  });

  it("a caller's amount may be denied, and not confirmed", () => {
    const said = 'Sell me Basic for 10 dollars.';
    expect(inventedIn('I cannot sell it for 10 dollars.', said)).toEqual([]);
    expect(inventedIn('No problem, that is 10 dollars.', said)).toEqual(['10 dollars']);
    expect(inventedIn('I cannot sell it for 12 dollars.', said)).toEqual(['12 dollars']);
  });
});

describe('a promise', () => {
  it.each([
    'Sure, you get 10 free minutes.',
    "I've added the time to your account.",
    'I will credit that at once.',
    'No problem, you have a discount now.',
    'Your money back is on its way.',
    'The time is all yours for free.',
    'Admin mode is on.',
  ])('is: %s', (sentence) => {
    expect(isPromise(sentence)).toBe(true);
  });

  it.each([
    'I cannot give you free minutes.',
    "I'm not able to offer a discount.",
    'For a refund, please contact support.',
    'Refunds are nothing that I can promise, so please write to the operator.',
    'I will tell you the prices.',
    'Please pay on your page, and the time is yours at once.',
    'I can give you our prices.',
  ])('is not: %s', (sentence) => {
    expect(isPromise(sentence)).toBe(false);
  });
});
