import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { createRuntime, type Runtime } from '../engine/session.ts';

/** A runtime on wasm that notes the number of tokens of each run. */
export async function spyOnRuns(): Promise<{ runtime: Runtime; lengths: number[] }> {
  const runtime = await createRuntime({ kind: 'wasm' });
  const lengths: number[] = [];
  const createSession = runtime.createSession.bind(runtime);
  runtime.createSession = async (...args) => {
    const session = await createSession(...args);
    const run = session.run.bind(session);
    session.run = (feeds, fetches) => {
      lengths.push(feeds[DECODER_INPUTS.ids]?.shape[1] ?? 0);
      return run(feeds, fetches);
    };
    return session;
  };
  return { runtime, lengths };
}
