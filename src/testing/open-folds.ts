import { act } from '@testing-library/react';

/** Opens every fold of the page, as a person would who reads all of it: what a closed one holds is not made. */
export function openFolds(): void {
  for (const fold of document.querySelectorAll('details')) {
    act(() => {
      fold.open = true;
    });
  }
}
