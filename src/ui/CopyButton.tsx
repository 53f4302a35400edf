import { useState } from 'react';
import { Button } from './Button.tsx';

/** Copies a text; where the browser forbids that, shows it selected so that a person can. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [state, setState] = useState<{ status: 'idle' | 'copied' } | { status: 'refused'; text: string }>({
    status: 'idle',
  });
  const copy = async () => {
    const value = text();
    try {
      await navigator.clipboard.writeText(value);
      setState({ status: 'copied' });
    } catch {
      setState({ status: 'refused', text: value });
    }
  };
  return (
    <>
      <Button look="quiet" icon={state.status === 'copied' ? 'check' : 'copy'} onPress={() => void copy()}>
        {state.status === 'copied' ? 'Copied' : label}
      </Button>
      <span className="visually-hidden" role="status">
        {state.status === 'copied' ? 'Copied to the clipboard' : ''}
      </span>
      {state.status === 'refused' ? (
        <textarea
          readOnly
          rows={8}
          aria-label={`${label}: select and copy`}
          value={state.text}
          onFocus={(event) => event.currentTarget.select()}
        />
      ) : null}
    </>
  );
}
