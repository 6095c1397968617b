import { z } from 'zod';
import {
  type BoardRange,
  type BusinessFigures,
  boardCallsResponse,
  moneyFigures,
  peopleFigures,
  retentionFigures,
  timeFigures,
  trialFigures,
  type VoiceFigures,
  voiceResponse,
} from '../../../shared/api/board-figures.ts';
import {
  boardRequestsResponse,
  boardSupportResponse,
  type SupportFigures,
} from '../../../shared/api/board-support.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import type { Dependencies } from '../../base/dependencies.ts';

const RETENTION_MONTHS = 12;
const once = { once: true };

const rangeOf = ({ from, to, step, zone }: BoardRange) => ({
  p_from: from,
  p_to: to,
  p_step: step,
  p_zone: zone,
});

/**
 * Money, time, people and margin of a range.
 * @throws Fault `invalid_request` for a range that is too long or a zone that there is not, `database_unavailable`
 */
export async function readBusiness(
  { database }: Dependencies,
  query: BoardRange & { basis: string },
): Promise<BusinessFigures> {
  const range = rangeOf(query);
  const [money, time, people, retention, trials] = await Promise.all([
    callFunction(database, 'board_money', { ...range, p_basis: query.basis }, moneyFigures, once),
    callFunction(database, 'board_time', range, timeFigures, once),
    callFunction(database, 'board_people', range, peopleFigures, once),
    callFunction(database, 'board_retention', { p_months: RETENTION_MONTHS }, retentionFigures, once),
    callFunction(database, 'board_trials', { p_from: query.from, p_to: query.to }, trialFigures, once),
  ]);
  const { steps: _, ...whoCame } = people;
  return { ...money, ...time, people: whoCame, retention, trials };
}

/** @throws Fault as `readBusiness` */
export function readVoice({ database }: Dependencies, query: BoardRange): Promise<VoiceFigures> {
  return callFunction(database, 'board_voice', rangeOf(query), voiceResponse, once);
}

/** Requests for help beside the calls that they are about. @throws Fault as `readBusiness` */
export function readSupport({ database }: Dependencies, query: BoardRange): Promise<SupportFigures> {
  return callFunction(database, 'board_support', rangeOf(query), boardSupportResponse, once);
}

/** The requests behind a figure, newest first. @throws Fault `database_unavailable` */
export async function listBoardRequests(
  { database }: Dependencies,
  query: {
    from: string;
    to: string;
    about?: string | undefined;
    version?: string | undefined;
    provider?: string | undefined;
    limit: number;
  },
): Promise<z.infer<typeof boardRequestsResponse>> {
  const args = {
    p_from: query.from,
    p_to: query.to,
    ...(query.about !== undefined && { p_about: query.about }),
    ...(query.version !== undefined && { p_version: query.version }),
    ...(query.provider !== undefined && { p_provider: query.provider }),
    p_limit: query.limit,
  };
  const { requests } = boardRequestsResponse.shape;
  return { requests: await callFunction(database, 'board_requests', args, requests, once) };
}

/** The calls behind a figure, worst first. @throws Fault `database_unavailable` */
export async function listBoardCalls(
  { database }: Dependencies,
  query: { from: string; to: string; order: string; version?: string | undefined; limit: number },
): Promise<z.infer<typeof boardCallsResponse>> {
  const args = {
    p_from: query.from,
    p_to: query.to,
    p_order: query.order,
    ...(query.version !== undefined && { p_version: query.version }),
    p_limit: query.limit,
  };
  const calls = z.unknown();
  return boardCallsResponse.parse({ calls: await callFunction(database, 'board_calls', args, calls, once) });
}
