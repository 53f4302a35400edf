import type { WireError } from '../core/errors.ts';
import { ErrorNotice, Notice } from './Notice.tsx';

/** Why a run ended. One that was given up on purpose, such as for a hidden tab, is no fault. */
export function RunFailure({ error }: { error: WireError }) {
  if (error.code !== 'stopped') return <ErrorNotice error={error} />;
  return (
    <Notice tone="warning">
      <p>{error.message}</p>
    </Notice>
  );
}
