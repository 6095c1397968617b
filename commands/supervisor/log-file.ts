import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 20_000_000;
const TAIL_BYTES = 64_000;

export function logFile(home: string, name: string): string {
  return join(home, 'logs', `${name}.log`);
}

/** Keeps one older file, so that a development machine never fills up. */
export function rotateLog(file: string): void {
  if (existsSync(file) && statSync(file).size > MAX_BYTES) renameSync(file, `${file}.1`);
}

/** What was written to a log from a byte on. */
export function readFrom(file: string, offset: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const length = Math.max(0, fstatSync(descriptor).size - offset);
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The last lines of a log, oldest first; none when there is no such file.
 * @param from the byte before which everything is of an earlier run
 */
export function lastLines(file: string, count: number, from = 0): string[] {
  if (!existsSync(file)) return [];
  const start = Math.max(from, statSync(file).size - TAIL_BYTES);
  const lines = readFrom(file, start).toString('utf8').trimEnd().split('\n');
  return lines.filter((line) => line !== '').slice(-count);
}
