/**
 * Most that graphs may carry on wasm. The heap ends at 4 GiB, and while a session is made its weights are there several times: as the
 * model's bytes, parsed, and as packed matrices. 1.7 GB (all 30 layers of SmolLM2-135M, four graphs) were made and ran (Chromium 156).
 */
export const CARRIED_BYTES = 2 * 2 ** 30;
