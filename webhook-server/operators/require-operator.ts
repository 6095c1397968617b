import type { RequestHandler } from 'express';
import { Fault } from '../../shared/errors.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Lets only operators through; belongs after `requirePerson`. The role is the database's: what a token says about
 * roles could be an hour old, and of a project's own making.
 */
export function requireOperator({ database }: Dependencies): RequestHandler {
  return async (_request, response, next) => {
    const users = database.from('users').select('role').eq('id', personOf(response).userId);
    const { data, error } = await users.maybeSingle();
    if (error) throw new Fault('database_unavailable', undefined, { cause: error });
    if (data?.role !== 'operator') throw new Fault('forbidden', 'Only operators may do this.');
    next();
  };
}
