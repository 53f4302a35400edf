import { type KeyboardEvent, useRef, useState } from 'react';
import { findNeighbour, type MarkPlace } from './find-neighbour.ts';

/** What one mark's button needs: a single stop of the Tab key for all marks, arrow keys between them. */
export interface MarkButtonProps {
  ref: (button: HTMLButtonElement | null) => void;
  tabIndex: 0 | -1;
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onFocus: () => void;
  onBlur: () => void;
  onClick: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** Marks that are pointed at by pointer, touch or keyboard; `active` is the one whose figures are read out, null without one. */
export function useMarks(places: readonly MarkPlace[]): {
  active: number | null;
  toButtonProps: (index: number) => MarkButtonProps;
} {
  const buttons = useRef(new Map<number, HTMLButtonElement>());
  const [active, setActive] = useState<number | null>(null);
  const [stop, setStop] = useState(0);
  const leave = (index: number) => setActive((now) => (now === index ? null : now));
  const last = Math.min(stop, places.length - 1);

  const toButtonProps = (index: number): MarkButtonProps => ({
    ref: (button) => {
      if (button === null) buttons.current.delete(index);
      else buttons.current.set(index, button);
    },
    tabIndex: index === last ? 0 : -1,
    onPointerEnter: () => setActive(index),
    onPointerLeave: () => leave(index),
    onFocus: () => {
      setActive(index);
      setStop(index);
    },
    onBlur: () => leave(index),
    // Safari gives a button that is tapped no focus.
    onClick: () => setActive(index),
    onKeyDown: (event) => {
      if (event.key === 'Escape') setActive(null);
      const next = findNeighbour(places, index, event.key);
      if (event.key.startsWith('Arrow')) event.preventDefault();
      if (next >= 0) buttons.current.get(next)?.focus();
    },
  });
  return { active: active !== null && active < places.length ? active : null, toButtonProps };
}
