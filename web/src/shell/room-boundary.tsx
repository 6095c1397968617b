import { Component, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';

interface RoomBoundaryProps {
  /** Where a failure was: another address gets another try. */
  address: string;
  children: ReactNode;
}

/** Keeps the rest of the page, and a running call with it, when the code of a room cannot be loaded. */
export class RoomBoundary extends Component<RoomBoundaryProps, { failedAt: string | null }> {
  override state = { failedAt: null };

  static getDerivedStateFromError(): { failedAt: null } | null {
    return null;
  }

  override componentDidCatch(error: unknown): void {
    console.error('a room failed', error);
    this.setState({ failedAt: this.props.address });
  }

  override render(): ReactNode {
    return this.state.failedAt === this.props.address ? <StaleRoom /> : this.props.children;
  }
}

function StaleRoom() {
  const shell = useWords('shell');
  return (
    <section className="panel narrow" role="alert" data-testid="stale-room">
      <h1>{shell.stale}</h1>
      <p>{shell.staleWhy}</p>
      <div className="row">
        <button type="button" className="primary" onClick={() => window.location.reload()}>
          {shell.reload}
        </button>
      </div>
    </section>
  );
}
