import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// What a query waits for comes within milliseconds; on a machine that runs browsers beside it, within seconds (one second was too little).
configure({ asyncUtilTimeout: 15_000 });

// Each test leaves the document and the globals as they were.
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
