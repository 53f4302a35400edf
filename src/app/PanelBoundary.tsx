import { Component, type ReactNode } from 'react';
import { toWireError, type WireError } from '../core/errors.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';

interface PanelBoundaryProps {
  /** Names the panel in the sentence that a person reads. */
  name: string;
  children: ReactNode;
}

/** Keeps the failure of one panel inside it; the others go on, and this one can be drawn again. */
export class PanelBoundary extends Component<PanelBoundaryProps, { error: WireError | null }> {
  override state: { error: WireError | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: WireError } {
    return { error: toWireError(error) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <ErrorNotice
        error={{
          ...error,
          message: `The panel "${this.props.name}" could not be drawn. The rest of the page works on, and nothing you loaded is lost.`,
        }}
        actions={<Button onPress={() => this.setState({ error: null })}>Draw it again</Button>}
      />
    );
  }
}
