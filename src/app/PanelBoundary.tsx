import { Component, type ReactNode } from 'react';
import { toWireError, type WireError } from '../core/errors.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';

interface PanelBoundaryProps {
  /** Names the panel in the sentence that a person reads. */
  name: string;
  /** Called before the panel is drawn again, such as to fetch its code anew. */
  onRetry?: () => void;
  children: ReactNode;
}

/** Keeps the failure of one panel inside it; the others go on, and this one can be drawn again. */
export class PanelBoundary extends Component<PanelBoundaryProps, { error: WireError | null }> {
  override state: { error: WireError | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: WireError } {
    return { error: toWireError(error) };
  }

  private readonly retry = (): void => {
    this.props.onRetry?.();
    this.setState({ error: null });
  };

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const message = `The panel "${this.props.name}" could not be drawn. The rest of the page works on, and nothing you loaded is lost.`;
    return (
      <ErrorNotice
        error={error.code === 'download-failed' ? error : { ...error, message }}
        actions={<Button onPress={this.retry}>Draw it again</Button>}
      />
    );
  }
}
