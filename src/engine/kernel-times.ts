/** Times of GPU kernels, as a profiled session of ONNX Runtime prints them. */

/** GPU time of the kernels of profiled runs, in ms: their sum in the prefill, and by decoded token; one value a run. */
export interface KernelTimes {
  prefillMs: readonly number[];
  perTokenMs: readonly number[];
  /** Kernels of one decode step. */
  kernelsPerToken: number;
}

interface Kernel {
  name: string;
  durationMs: number;
}

/** The first kernel of every run of a decoder. */
const FIRST_KERNEL = '/model/embed_tokens/Gather';

let lines: string[] | null = null;
let isTapped = false;

/**
 * Lets `captureLines` see what the runtime prints; to be called before the runtime is imported. The wasm builds give a profile to no file
 * and no callback, only to the `console.log` that they bind when they start (1.30.0). To be deleted once a profile can be read otherwise.
 */
export function tapConsole(): void {
  if (isTapped) return;
  isTapped = true;
  const { log } = console;
  console.log = (...parts: unknown[]) => {
    if (lines === null) log(...parts);
    else lines.push(parts.join(' '));
  };
}

/** What is printed while `work` runs, line by line. */
export function captureLines(work: () => void): readonly string[] {
  const captured: string[] = [];
  lines = captured;
  try {
    work();
  } finally {
    lines = null;
  }
  return captured;
}

/** The kernels of runs of a decoder, each a prefill and `newTokens - 1` decode steps; the first `warmUpRuns` are left out. */
export function toKernelTimes(
  trace: readonly string[],
  { warmUpRuns, newTokens }: { warmUpRuns: number; newTokens: number },
): KernelTimes {
  const steps: Kernel[][] = [];
  for (const kernel of trace.flatMap(parseKernel)) {
    if (kernel.name.startsWith(FIRST_KERNEL)) steps.push([]);
    steps.at(-1)?.push(kernel);
  }
  const sums = steps.map((kernels) => kernels.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const runs = Array.from({ length: Math.floor(steps.length / newTokens) }, (_, i) =>
    sums.slice(i * newTokens, (i + 1) * newTokens),
  ).slice(warmUpRuns);
  return {
    prefillMs: runs.map(([prefill = 0]) => prefill),
    perTokenMs: runs.map(([, ...decode]) => decode.reduce((sum, ms) => sum + ms, 0) / Math.max(1, decode.length)),
    kernelsPerToken: steps.at(-1)?.length ?? 0,
  };
}

/** One line of a Chrome trace; only events of the category `Api` are GPU kernels. */
function parseKernel(line: string): readonly Kernel[] {
  if (!line.includes('"Api"')) return [];
  let event: unknown;
  try {
    event = JSON.parse(line.replace(/,\s*$/, ''));
  } catch {
    return []; // a line that another program printed meanwhile
  }
  if (typeof event !== 'object' || event === null || !('name' in event) || !('dur' in event)) return [];
  const { name, dur } = event;
  return typeof name === 'string' && typeof dur === 'number' ? [{ name, durationMs: dur / 1000 }] : [];
}
