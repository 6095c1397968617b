import { z } from 'zod';
import { type RatingResponse, ratingResponse, ratingSchema } from '../../shared/api/support.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('rated'), rating: ratingSchema }),
  z.object({ status: z.enum(['unknown_call', 'call_in_progress', 'too_late', 'invalid_rating']) }),
]);

type Rating = { userId: string; callId: string; score: number; words: string | undefined };

/**
 * Rates a call of one's own, or changes the rating within a day.
 * @throws Fault `not_found`, `call_in_progress`, `too_late`, `invalid_request`, `database_unavailable`
 */
export async function rateCall({ database }: Dependencies, rating: Rating): Promise<RatingResponse> {
  const { userId, callId, score, words } = rating;
  const args = { p_user_id: userId, p_call_id: callId, p_score: score, ...(words && { p_words: words }) };
  const answer = await callFunction(database, 'rate_call', args, answerSchema);
  switch (answer.status) {
    case 'rated':
      return { rating: answer.rating };
    case 'unknown_call':
      throw new Fault('not_found', 'You have no call with this id.');
    case 'call_in_progress':
      throw new Fault('call_in_progress', 'This call is still going on. Rate it when it is over.');
    case 'too_late':
      throw new Fault('too_late', 'A rating can be changed for a day, and that day is over.');
    case 'invalid_rating':
      throw new Fault('invalid_request');
  }
}

/** The rating of a call, null for one that has none or is somebody else's. @throws Fault `database_unavailable` */
export async function readRating(
  { database }: Dependencies,
  userId: string,
  callId: string,
): Promise<RatingResponse> {
  const args = { p_user_id: userId, p_call_id: callId };
  return { rating: await callFunction(database, 'read_rating', args, ratingResponse.shape.rating) };
}
