import type { RunState } from '../supervisor/state-file.ts';

function age(since: string, now: Date): string {
  const total = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${total} s`;
}

/**
 * The services of a run as lines in columns.
 * @param isAlive whether a service's process is there
 */
export function statusTable(
  state: RunState,
  isAlive: (process: RunState['supervisor']) => boolean,
  now: Date,
): string[] {
  const rows = state.services.map((service) => [
    service.label,
    isAlive(service.process) ? (service.isReady ? 'running' : 'starting') : 'down',
    age(service.startedAt, now),
    String(service.process.pid),
    String(service.restarts),
    service.address ?? '',
  ]);
  const table = [['Service', 'State', 'For', 'Process', 'Restarts', 'Address'], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}
