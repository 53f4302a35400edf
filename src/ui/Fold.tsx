import { type ReactNode, useState } from 'react';

interface FoldProps {
  /** What the fold holds. */
  summary: ReactNode;
  className: string | undefined;
  children: ReactNode;
}

/** What a person opens on demand; it is made when it is opened, so that a closed fold costs nothing. What a person typed inside is gone once it is closed. */
export function Fold({ summary, className, children }: FoldProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className={className} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen ? children : null}
    </details>
  );
}
