import type { CallName } from './protocol.ts';

/** A slow phone on a slow line fetches the worker's script well within this. */
export const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * How long a call may be silent (no step, event or result) before its worker counts as wedged or gone: the browser tells of neither.
 * The longest step of those that run the model is one run of the model, with what it compiles.
 */
export const SILENCE_TIMEOUT_MS: Record<CallName, number> = {
  // Progress of the runtime's download counts as a sign of life; a stalled one fails by itself well before this.
  start: 60_000,
  loadPack: 60_000,
  loadRecipe: 60_000,
  prepareRegime: 60_000,
  generate: 20_000,
  score: 20_000,
  checkPrompts: 20_000,
  scoreDocuments: 20_000,
  writeAnswers: 20_000,
  // The first call of a format makes the session that has taps.
  inspect: 60_000,
  measureDistances: 60_000,
  patch: 60_000,
  askPool: 20_000,
  // A variant that was dropped is built again, and a LoRA's singular values are found in one step.
  inspectMatrix: 60_000,
  time: 20_000,
  // Half a gigabyte of weights goes to the device in one step, or into a graph that carries them.
  loadShape: 60_000,
  timeShape: 20_000,
  profileShape: 20_000,
  releaseShape: 20_000,
  measureExports: 60_000,
  exportModel: 60_000,
};

/** A worker that was asked to stop gets this long to finish the step it is in. */
export const CANCEL_TIMEOUT_MS = 20_000;

/** Emulated GPUs take this much longer: 3.7 s for the first run of a shape on a machine at rest, tens of seconds on a busy one. */
export const SOFTWARE_FACTOR = 6;
