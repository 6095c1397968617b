import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { settingsResponse, VOICES } from '../../shared/api/settings.ts';
import { LOCALE_TAGS } from '../../shared/spoken/locales.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterAll(() => sidecar.close());

const path = (owner = person) => `/user/${owner.id}/settings`;
const put = (body: unknown) => sidecar.put(path(), { person, body });
const settings = async () => settingsResponse.parse((await sidecar.get(path(), { person })).body);
const chosen = { locale: null, voice: null, memory_enabled: true, mail_language: null, mails_off: [] };

test('somebody new is spoken with in English, by the voice of the service, and remembered', async () => {
  expect(await settings()).toEqual({
    user_id: person.id,
    ...chosen,
    locales: LOCALE_TAGS.map((tag) => ({ tag, name: expect.any(String) })),
    voices: [...VOICES],
  });
});

test('what is left out stays as it is, and a choice can be taken back', async () => {
  expect((await put({ locale: 'de-DE' })).body).toMatchObject({ ...chosen, locale: 'de-DE' });
  expect((await put({ voice: 'nova', memory_enabled: false })).body).toMatchObject({
    locale: 'de-DE',
    voice: 'nova',
    memory_enabled: false,
  });
  expect((await put({})).body).toMatchObject({ locale: 'de-DE', voice: 'nova', memory_enabled: false });
  expect((await put({ voice: null })).body).toMatchObject({ locale: 'de-DE', voice: null });
  expect((await put({ locale: null })).body).toMatchObject({ locale: null, memory_enabled: false });
  await put({ locale: 'de-DE' });
  expect(await settings()).toMatchObject({ locale: 'de-DE', voice: null, memory_enabled: false });
});

test('the language of the page and the mails is a choice of its own, and mails are switched off one by one', async () => {
  await put({ locale: 'de-DE', voice: 'nova' });
  const spoken = { locale: 'de-DE', voice: 'nova' };
  const french = { ...spoken, mail_language: 'fr', mails_off: ['receipt', 'refund'] };
  expect((await put({ mail_language: 'fr', mails_off: ['refund', 'receipt', 'refund'] })).body).toMatchObject(
    french,
  );
  expect(await settings()).toMatchObject(french);
  expect((await put({ locale: null })).body).toMatchObject({ ...french, locale: null });
  expect((await put({ mail_language: null })).body).toMatchObject({
    ...french,
    locale: null,
    mail_language: null,
  });
  expect((await put({ mails_off: [] })).body).toMatchObject({ voice: 'nova', mails_off: [] });
});

test('every locale and every voice that is offered is taken', async () => {
  for (const locale of LOCALE_TAGS) expect((await put({ locale })).status).toBe(200);
  for (const voice of VOICES) expect((await put({ voice })).status).toBe(200);
});

test('only what this installation speaks is offered and taken; an earlier choice is shown as it is', async () => {
  const english = await startSidecar({ config: { SPOKEN_LOCALES: ['en-US', 'en-GB'] } });
  onTestFinished(() => english.close());
  const reader = await english.database.signUp();
  await english.database.sql`select write_settings(${reader.id}, 'fr-FR')`;
  const answer = await english.get(path(reader), { person: reader });
  expect(answer.body).toMatchObject({ locale: 'fr-FR', locales: [{ tag: 'en-US' }, { tag: 'en-GB' }] });
  const refused = await english.put(path(reader), { person: reader, body: { locale: 'de-DE' } });
  expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid_request']);
  expect(refused.text).toContain('en-US, en-GB');
  const taken = await english.put(path(reader), { person: reader, body: { locale: 'en-GB' } });
  expect(taken.body).toMatchObject({ locale: 'en-GB' });
});

test.each([
  [{ locale: 'pt-BR' }, 'locale'],
  [{ voice: '' }, 'voice'],
  [{ voice: 'somebody' }, 'voice'],
  [{ memory_enabled: 'no' }, 'memory_enabled'],
  [{ role: 'operator' }, 'role'],
  [{ mail_language: 'pt' }, 'mail_language'],
  // Codes, questions and answers come always.
  [{ mails_off: ['gift'] }, 'mails_off'],
])('refuses %j, and says which', async (body, field) => {
  const answer = await put(body);
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  expect(answer.text).toContain(field);
  expect(await settings()).toMatchObject(chosen);
});

test('nobody reads or changes those of others', async () => {
  const other = await sidecar.database.signUp();
  expect((await sidecar.get(path(), { person: other })).status).toBe(403);
  expect((await sidecar.put(path(), { person: other, body: { locale: 'fr-FR' } })).status).toBe(403);
  expect((await sidecar.get(path())).status).toBe(401);
  expect((await sidecar.put(path(), { body: { locale: 'fr-FR' } })).status).toBe(401);
  expect(await settings()).toMatchObject(chosen);
});

test('the agent reads what was chosen', async () => {
  await put({ locale: 'es-ES', voice: 'coral' });
  const { data } = await sidecar.database.service.rpc('read_caller', { p_user_id: person.id });
  expect(data).toMatchObject({ status: 'known', locale: 'es-ES', voice: 'coral', memory_enabled: true });
});

test('the database takes no other shape, whoever writes', async () => {
  for (const [locale, voice] of [
    ['english', null],
    ['en_US', null],
    ['de-DE\n', null],
    [null, 'No Voice'],
    [null, 'x'.repeat(65)],
  ]) {
    const [row] = await sidecar.database
      .sql`select write_settings(${person.id}, ${locale ?? null}, ${voice ?? null}) as a`;
    expect(row?.a).toEqual({ status: 'invalid_settings' });
  }
  const write = sidecar.database
    .sql`insert into caller_settings (user_id, locale) values (${person.id}, 'english')`;
  await expect(write).rejects.toMatchObject({ code: '23514' });
});
