import { useCallback, useMemo } from 'react';
import { type Polled, usePolled } from '../api/use-polled.ts';
import { usePerson } from '../person/person.tsx';
import { type Board, connectBoard } from './board-api.ts';

export function useBoard(): Board {
  const { accessToken } = usePerson();
  return useMemo(() => connectBoard(accessToken), [accessToken]);
}

/** What the board answers to a question, asked again every so often. @param key changes whenever the question does */
export function useAnswer<T>(
  ask: (board: Board, signal: AbortSignal) => Promise<T>,
  key: string,
  intervalMs = 60_000,
): Polled<T> {
  const board = useBoard();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the question
  const load = useCallback((signal: AbortSignal) => ask(board, signal), [board, key]);
  return usePolled(load, intervalMs);
}
