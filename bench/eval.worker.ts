import { InferenceSession } from 'onnxruntime-web/wasm';
import '../src/engine/engine.worker.ts';

/**
 * The page's own engine worker, which on demand remembers every pass of a run (its session and its inputs, as ONNX Runtime got them) and
 * makes the same passes again with nothing around them.
 */

export type BenchOrder = { order: 'record' } | { order: 'replay' };

/** What a replay took, its logits read back. */
export interface Replayed {
  replayed: { passes: number; ms: number };
}

declare const self: {
  postMessage(message: Replayed): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
};

let passes: (() => Promise<void>)[] = [];
let isRecording = false;

const create = InferenceSession.create.bind(InferenceSession) as (...args: unknown[]) => Promise<InferenceSession>;

Object.assign(InferenceSession, {
  create: async (...args: unknown[]): Promise<InferenceSession> => {
    const session = await create(...args);
    const run = session.run.bind(session) as (...args: unknown[]) => Promise<InferenceSession.ReturnType>;
    return Object.assign(session, {
      run: (...inputs: unknown[]) => {
        if (isRecording) passes.push(async () => readBack(await run(...inputs)));
        return run(...inputs);
      },
    });
  },
});

/** The logits' values, which the runner looks at too. */
function readBack({ logits }: InferenceSession.ReturnType): void {
  const values = logits?.data;
  if (logits !== undefined && !(values instanceof Float32Array)) throw new Error('The logits were not read back.');
}

async function replay(): Promise<void> {
  isRecording = false;
  const recorded = passes;
  passes = [];
  const startedAt = performance.now();
  for (const pass of recorded) await pass();
  self.postMessage({ replayed: { passes: recorded.length, ms: performance.now() - startedAt } });
}

const answerEngine = self.onmessage;
self.onmessage = (event) => {
  const { order } = event.data as Partial<BenchOrder>;
  if (order === undefined) answerEngine?.call(self, event);
  else if (order === 'record') isRecording = true;
  else void replay();
};
