import type account from './en/account.ts';
import type auth from './en/auth.ts';
import type buy from './en/buy.ts';
import type calls from './en/calls.ts';
import type entry from './en/entry.ts';
import type errors from './en/errors.ts';
import type help from './en/help.ts';
import type info from './en/info.ts';
import type landing from './en/landing.ts';
import type privacy from './en/privacy.ts';
import type shell from './en/shell.ts';
import type support from './en/support.ts';
import type talk from './en/talk.ts';
import type teams from './en/teams.ts';
import type terms from './en/terms.ts';

/** All that the page says, by catalogue. The English one is complete, and the other languages are typed by it. */
export interface Words {
  account: typeof account;
  auth: typeof auth;
  buy: typeof buy;
  calls: typeof calls;
  entry: typeof entry;
  errors: typeof errors;
  help: typeof help;
  info: typeof info;
  landing: typeof landing;
  privacy: typeof privacy;
  shell: typeof shell;
  support: typeof support;
  talk: typeof talk;
  teams: typeof teams;
  terms: typeof terms;
}

/** What is loaded as one: the words of a room, or of a part that several rooms have. */
export type Catalogue = keyof Words;
