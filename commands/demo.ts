import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@livekit/rtc-node';
import { Ear } from '../local/caller/ear.ts';
import { Recording } from '../local/caller/recording.ts';
import { startSpeechModels } from '../local/speech/models/models.ts';
import type { PricingResponse } from '../shared/api/pricing.ts';
import type { ActivateResponse } from '../shared/api/time-cards.ts';
import { findProject } from './basics/project.ts';
import { ask, signUp } from './customer/ask-sidecar.ts';
import { buyGift } from './customer/buy-package.ts';
import { callInProcess, callThroughRoom } from './demo/call-agent.ts';
import { type Check, checkBill, checkDialogue, QUESTIONS } from './demo/check-story.ts';
import { holdDialogue, type Turn } from './demo/hold-dialogue.ts';
import { readReceipt, receiptLines } from './demo/read-receipt.ts';
import { type Stack, startStack } from './demo/start-stack.ts';

const USAGE =
  'Usage: ./launch.sh demo [--in-process]   --in-process: without the LiveKit server even if there is one';

/** Silence that ends an answer; longer than the agent's own pauses between sentences. */
const PAUSE_MS = 1_500;

const heading = (text: string) => console.log(`\n${text}`);

function printTurn({ speaker, text, latencyMs }: Turn): void {
  const latency = latencyMs === undefined ? '' : `   (first sound after ${latencyMs} ms)`;
  console.log(`  ${speaker === 'agent' ? 'Agent ' : 'Caller'}  ${text}${latency}`);
}

async function tellStory(stack: Stack, inProcess: boolean): Promise<Check[]> {
  const { status } = stack;
  heading('Ada buys an hour as a gift, Grace activates it');
  const [ada, grace] = [await signUp(status, 'Ada'), await signUp(status, 'Grace')];
  const gift = await buyGift(status, ada, 'starter');
  console.log(`  Paid with a test card; the webhook brought the code ${gift.activation_code}`);
  const { balance_seconds } = await ask<ActivateResponse>(status, grace, '/activate', {
    code: gift.activation_code,
  });
  console.log(`  Grace typed the code and owns ${balance_seconds} seconds`);
  const pricing = await ask<PricingResponse>(status, grace, '/pricing');

  heading(
    `Grace calls, ${inProcess ? 'on the in-process line' : `through LiveKit at ${status.livekit?.url}`}`,
  );
  const models = await startSpeechModels();
  const ear = new Ear(PAUSE_MS);
  const recording = new Recording();
  const call = inProcess ? callInProcess : callThroughRoom;
  const caller = await call(stack, grace, (samples, sampleRate) => {
    ear.listen(samples, sampleRate);
    recording.add('agent', samples, sampleRate);
  });
  const turns = await holdDialogue({
    questions: QUESTIONS,
    caller,
    ear,
    recording,
    models,
    onTurn: printTurn,
  });
  // From the first word heard to where the farewell begins, which is free.
  const presenceMs = (caller.meterStoppedAtMs() ?? performance.now()) - (turns[0]?.atMs ?? 0);
  await caller.hangUp();
  await models.close();

  const { receipt, violations } = await readReceipt(status, grace);
  heading('Receipt');
  for (const line of receiptLines(receipt)) console.log(`  ${line}`);
  const wav = join(stack.home, 'call.wav');
  writeFileSync(wav, recording.toWav());
  console.log(`\n  Listen to the call (caller left, agent right): ${wav}`);
  return [...checkDialogue(turns, pricing, balance_seconds), ...checkBill(receipt, presenceMs, violations)];
}

async function main(args: readonly string[]): Promise<number> {
  if (args.some((argument) => argument !== '--in-process')) {
    console.error(USAGE);
    return 64;
  }
  const stack = await startStack(join(findProject(process.env).home, 'demo'));
  try {
    const checks = await tellStory(stack, args.length > 0 || stack.status.livekit === null);
    heading('Checks');
    for (const { what, holds, detail } of checks) console.log(`  ${holds ? '✓' : '✗'} ${what} (${detail})`);
    return checks.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    await stack.stop();
    await dispose();
  }
}

process.exit(await main(process.argv.slice(2)));
