import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const keyOf = (key: string) => createHash('sha256').update(key).digest();

/** Seals a secret for one place, so that it is of no use in another. */
export function seal(secret: string, key: string, place: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** @throws where it was sealed by another key, for another place, or changed */
export function unseal(sealed: string, key: string, place: string): string {
  const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64url');
  const opener = createDecipheriv('aes-256-gcm', keyOf(key), bytes.subarray(0, 12)).setAAD(
    Buffer.from(place),
  );
  opener.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString('utf8');
}

/** Where a secret of a product belongs. */
export const placeOf = (productId: string, name: string): string => `${productId}/${name}`;
