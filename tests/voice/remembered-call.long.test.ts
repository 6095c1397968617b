import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../agent/worker-process.ts';
import { mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { patience } from '../support/patience.ts';
import { violations } from '../time/people.ts';
import { startWorkerScene, type WorkerScene } from './worker-scene.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const ASK = 'Do you remember where I live?';
describe.skipIf(mediaServerBinary === null)(
  'memory, by voice, at a real media server',
  needsMediaServer,
  () => {
    let scene: WorkerScene;
    beforeAll(async () => {
      scene = await startWorkerScene(mediaServerBinary ?? '');
    });
    afterAll(() => scene?.close());

    const transcript: string[] = [];

    /** A call in which these things are said. @returns what was heard, from the greeting on, when all is remembered */
    async function call(userId: string, ...turns: string[]): Promise<string[]> {
      const { callId, say, hear, hangUp } = await scene.callIn(userId);
      const heard = [await hear()];
      for (const turn of turns) {
        await say(turn);
        heard.push(await hear());
        transcript.push(`Caller  ${turn}`, `Agent   ${heard.at(-1)}`);
      }
      await hangUp();
      await until('the call is remembered', async () => {
        const [row] = await scene.db.sql`select status, r.call_id from voice_sessions s
        left join private.remembered_calls r on r.call_id = s.id where s.id = ${callId}`;
        const isOver = row?.status === 'settled' && (await scene.worker.health())?.body.active_calls === 0;
        return isOver && row;
      });
      transcript.push('(hangs up)');
      return heard;
    }

    const memoriesOf = async (userId: string): Promise<string[]> =>
      (await scene.db.sql`select text from caller_memories where user_id = ${userId} order by text`).map(
        ({ text }) => text,
      );

    it('uses in the second call what the first one told, and does not know in the third what was erased', {
      timeout: patience(180_000),
    }, async () => {
      const id = await scene.person();
      await call(id, 'My name is Robert.', 'I live in London.');
      const told = await memoriesOf(id);
      expect(told).toEqual([expect.stringMatching(/^Lives in \w+/), expect.stringMatching(/^Name is \w+/)]);
      const second = await call(id, ASK, 'Please forget where I live.', 'Yes.');
      // From the instructions, or, where a word of the question was misheard, by the tool.
      expect(second[1]).toMatch(/(?:you live|lives) in/i);
      expect(second[2]).toMatch(/shall i forget/i);
      expect(await memoriesOf(id)).toEqual([told[1]]);
      const third = await call(id, ASK);
      console.log(transcript.join('\n'));
      expect(third[1]).toMatch(/remember nothing/i);
      expect(await scene.worker.metrics()).toContain(
        'mindbot_calls_remembered_total{outcome="remembered"} 1',
      );
      expect(scene.worker.log()).not.toMatch(/london|robert/i);
      expect(await violations(scene.db.sql)).toEqual([]);
    });
  },
);
