import type { PageConfig } from '../../../shared/api/config.ts';
import { useWords } from '../words/use-words.ts';
import './info.css';

interface Part {
  title: string;
  text: string;
}

/** A long text in parts that have a heading each. */
export function Parts({ parts }: { parts: readonly Part[] }) {
  return parts.map(({ title, text }) => (
    <section key={title}>
      <h2>{title}</h2>
      <p>{text}</p>
    </section>
  ));
}

/** Who is behind this installation, as far as it says so. */
export function Operator({ page }: { page: PageConfig['page'] }) {
  const info = useWords('info');
  const { operator, contact_email: email } = page;
  return (
    <aside className="operator-box" data-testid="operator-box">
      {operator === null ? (
        <p>{info.unnamed}</p>
      ) : (
        <p>
          {info.runBy} <strong>{operator}</strong>.
        </p>
      )}
      {email === null ? (
        <p>{info.noContact}</p>
      ) : (
        <p>
          {info.contact} <a href={`mailto:${email}`}>{email}</a>.
        </p>
      )}
    </aside>
  );
}

/** Where the operator has put a text of their own. */
export function OwnText({ url }: { url: string }) {
  const info = useWords('info');
  return (
    <p>
      {info.yourOwn} <a href={url}>{info.readIt}</a>
    </p>
  );
}
