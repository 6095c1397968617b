import {
  address,
  createSolanaRpc,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
} from '@solana/kit';
import type { PaymentPayload } from '@x402/core/types';
import { getTokenPayerFromTransaction } from '@x402/svm';
import type { Finding } from './find-on-chain.ts';

/** The latest transactions of the payer that are looked through. */
const LOOK_AT = 100;

const decode = (base64: string) => getTransactionDecoder().decode(getBase64Encoder().encode(base64));

/**
 * Looks for the transaction among those of its payer, by its message: the fee payer signs it last, so its name is known
 * only when it was sent. It can be taken for as long as its blockhash holds.
 */
export async function findOnSolana(rpcUrl: string, { payload }: PaymentPayload): Promise<Finding> {
  const rpc = createSolanaRpc(rpcUrl);
  const transaction = decode(String(payload.transaction));
  const payer = address(getTokenPayerFromTransaction(transaction));
  const message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
  // Before the look at what was sent: what is over by then is in the list, or was never sent.
  const { value: isValid } = await rpc
    .isBlockhashValid(message.lifetimeToken as never, { commitment: 'finalized' })
    .send();
  const sent = await rpc.getSignaturesForAddress(payer, { limit: LOOK_AT, commitment: 'confirmed' }).send();
  for (const { signature } of sent) {
    const found = await rpc
      .getTransaction(signature, {
        commitment: 'confirmed',
        encoding: 'base64',
        maxSupportedTransactionVersion: 0,
      })
      .send();
    if (found === null) continue;
    const other = decode(found.transaction[0]);
    if (!Buffer.from(other.messageBytes).equals(Buffer.from(transaction.messageBytes))) continue;
    return found.meta?.err === null
      ? { outcome: 'settled', transaction: signature }
      : { outcome: 'failed', failure: 'transaction_failed' };
  }
  return isValid ? undefined : { outcome: 'failed', failure: 'expired' };
}
