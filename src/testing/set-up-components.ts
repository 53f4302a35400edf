import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// What a query waits for comes within milliseconds; on a machine that runs browsers beside it, within seconds (one second was too little).
configure({ asyncUtilTimeout: 15_000 });

// Files share a document, so each test leaves it as it was; the library by itself would clean up in the first file only.
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
