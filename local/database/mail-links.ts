import { AsyncLocalStorage } from 'node:async_hooks';
import type { EmailDriver } from '@supabase/lite';

/** What the request under way names as the way back (`redirect_to`). */
const wayBack = new AsyncLocalStorage<string>();

/** Answers a request of sign-in so that a mail that it sends leads back to where it says, as GoTrue does. */
export function withWayBack<T>(request: Request, answer: () => Promise<T>): Promise<T> {
  const named = new URL(request.url).searchParams.get('redirect_to');
  return named === null ? answer() : wayBack.run(named, answer);
}

/**
 * Mails whose links have the way back of the request in them. The gateway puts its own address there; whether a way is
 * allowed it looks at when the link is opened.
 */
export function leadingBack(mail: EmailDriver): EmailDriver {
  const lead = (text: string, named: string) =>
    text.replace(/redirect_to=[^"'&\s<]*/g, `redirect_to=${encodeURIComponent(named)}`);
  return {
    send({ text, html, ...message }) {
      const named = wayBack.getStore();
      if (named === undefined) return mail.send({ ...message, ...(text && { text }), ...(html && { html }) });
      return mail.send({
        ...message,
        ...(text && { text: lead(text, named) }),
        ...(html && { html: lead(html, named) }),
      });
    },
  };
}
