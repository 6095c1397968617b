import type { Row } from '../define-row.ts';
import { restartLiveKit, voiceJob, voiceWorker } from '../voice/voice-rows.ts';
import { cutDatabase } from './cut-database.ts';
import { freezeJob } from './freeze-job.ts';
import { hostileRequests } from './hostile-requests.ts';
import { killJob } from './kill-job.ts';
import { killPostgres } from './kill-postgres.ts';
import { killSidecar } from './kill-sidecar.ts';
import { killWorker } from './kill-worker.ts';
import { refundCall } from './refund-call.ts';
import { replayActivation } from './replay-activation.ts';
import { scrambleWebhooks } from './scramble-webhooks.ts';
import { shareBalance } from './share-balance.ts';
import { skewClock } from './skew-clock.ts';

/** The fault matrix, in the order of docs/faults.md. */
export const ROWS: Row[] = [
  killJob,
  voiceJob,
  killWorker,
  voiceWorker,
  killSidecar,
  killPostgres,
  cutDatabase,
  freezeJob,
  skewClock,
  restartLiveKit,
  shareBalance,
  refundCall,
  scrambleWebhooks,
  replayActivation,
  hostileRequests,
];
