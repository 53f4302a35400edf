import { AppError, type ErrorCode, toAppError, type WireError } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { CallOptions, EngineClient } from '../engine/engine-client-type.ts';
import type { CallName, DeviceKind, EngineCalls, RegimeSize, TimedRun } from '../engine/protocol.ts';
import { toGate, toReport } from './fake-device.ts';
import { makeCapture, makeDistances, makeMatrixReport, makePatchMap, makePoolOutcomes } from './make-captures.ts';

/** What can go wrong in a fake engine; tests set it before or between calls. */
export interface FakeFaults {
  /** Without it `auto` gives wasm and `webgpu` is refused. */
  hasWebgpu: boolean;
  isSoftware: boolean;
  /** Features of the WebGPU device. */
  features: readonly string[];
  /** Regimes whose golden gate fails on a device. */
  failsGate: (regime: Regime, kind: DeviceKind) => boolean;
  /** Asked as each call begins: loses the worker with this code, or answers the call with this error. */
  fails: (name: CallName, input: unknown) => { lost: ErrorCode } | { error: WireError } | null;
  /** Why the pack is not kept for the next visit. */
  cacheNotice: string | null;
  /** Tokens that still stream, and results that still come, after a call was stopped. */
  ignoresStop: boolean;
}

export interface FakeEngine {
  createClient: () => EngineClient;
  faults: FakeFaults;
  /** Calls that began, in order, each with what it was for: `generate idp | ...`. */
  log: string[];
  /** Loses the worker now, in the middle of whatever runs. */
  lose(code: ErrorCode): void;
  /** Calls of this name wait, once begun, until the returned function lets them go on. */
  hold(name: CallName): () => void;
  /** Whether a call of this name has begun and is held. */
  isHolding(name: CallName): boolean;
  /** Whether a regime gets an item right; deterministic. */
  isRight: (regimeId: string, itemId: string) => boolean;
  /** What a timed run takes, in milliseconds. */
  timeOf: (regimeId: string, run: number) => Partial<TimedRun> & Pick<TimedRun, 'ttftMs' | 'perTokenMs'>;
}

const SIZE: RegimeSize = {
  storedBytes: 1_000_000,
  runtimeBytes: 4_000_000,
  sparsity: 0,
  bitsPerWeight: 16,
  extraParameters: 0,
  repairParameters: 0,
};

/** A character is a token to it. */
const MAX_FAKE_TOKENS = 500;

/** A deterministic engine in this thread: serialised calls, streamed events, faults on demand. No worker, no model. */
export function fakeEngine(faults: Partial<FakeFaults> = {}): FakeEngine {
  const held = new Map<CallName, { gate: Promise<void>; isReached: boolean }>();
  let lose = (_error: WireError) => {};
  const engine: FakeEngine = {
    faults: {
      hasWebgpu: true,
      isSoftware: false,
      features: [],
      failsGate: () => false,
      fails: () => null,
      cacheNotice: null,
      ignoresStop: false,
      ...faults,
    },
    log: [],
    lose: (code) => lose(toLostError(code)),
    hold: (name) => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const entry = { gate, isReached: false };
      held.set(name, entry);
      return () => {
        if (held.get(name) === entry) held.delete(name);
        release();
      };
    },
    isHolding: (name) => held.get(name)?.isReached ?? false,
    isRight: (regimeId, itemId) => regimeId === 'dense' || toShare(`${regimeId} ${itemId}`) < 0.6,
    timeOf: (_, run) => ({ ttftMs: 20 + (run % 3) * 0.1, perTokenMs: 5 }),
    createClient: () => {
      const client = createFakeClient(engine, async (name) => {
        const entry = held.get(name);
        if (entry === undefined) return;
        entry.isReached = true;
        await entry.gate;
      });
      lose = client.lose;
      return client;
    },
  };
  return engine;
}

interface FakeWorker {
  lostError: WireError | null;
  kind: DeviceKind;
  runs: number;
  /** Rejects the call that runs. */
  reject: (error: AppError) => void;
  tail: Promise<unknown>;
}

type Hold = (name: CallName) => Promise<void>;

function createFakeClient(engine: FakeEngine, hold: Hold): EngineClient & { lose: (error: WireError) => void } {
  const listeners = new Set<(error: WireError) => void>();
  let worker = createWorker();
  let isDisposed = false;

  function createWorker(): FakeWorker {
    return { lostError: null, kind: 'wasm', runs: 0, reject: () => {}, tail: Promise.resolve() };
  }

  function lose(error: WireError): void {
    if (worker.lostError !== null || isDisposed) return;
    worker.lostError = error;
    worker.reject(toAppError(error));
    for (const listener of listeners) listener(error);
  }

  function call<K extends CallName>(name: K, input: EngineCalls[K]['input'], options: CallOptions<K> = {}) {
    const own = worker;
    const { signal } = options;
    const result = own.tail.then(() => {
      if (own.lostError !== null) throw toAppError(own.lostError);
      if (isDisposed || own !== worker) throw new AppError('stopped', 'The engine is being started afresh.');
      if (signal?.aborted) throw new AppError('stopped', 'Stopped before it began.');
      engine.log.push(toLogLine(name, input));
      const fault = engine.faults.fails(name, input);
      if (fault !== null && 'error' in fault) throw toAppError(fault.error);
      return new Promise<EngineCalls[K]['output']>((resolve, reject) => {
        own.reject = reject;
        if (fault !== null) lose(toLostError(fault.lost));
        else run(engine, own, hold, name, input, options).then(resolve, reject);
      });
    });
    own.tail = result.catch(() => {});
    return result;
  }

  return {
    call,
    lose,
    onLost: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restart: async () => {
      if (isDisposed) throw new AppError('worker-failed', 'The engine was shut down.');
      worker.reject(new AppError('stopped', 'The engine is being started afresh.'));
      worker = createWorker();
    },
    dispose: () => {
      lose(toLostError('worker-failed'));
      isDisposed = true;
      listeners.clear();
    },
  };
}

async function run<K extends CallName>(
  engine: FakeEngine,
  worker: FakeWorker,
  hold: Hold,
  name: K,
  input: EngineCalls[K]['input'],
  { signal, onEvent }: CallOptions<K>,
): Promise<EngineCalls[K]['output']> {
  const isStopped = () => signal?.aborted === true && !engine.faults.ignoresStop;
  const emit = (event: unknown) => onEvent?.(event as EngineCalls[K]['event']);
  const answer = (output: unknown) => output as EngineCalls[K]['output'];
  const at = { name, input } as { [N in CallName]: { name: N; input: EngineCalls[N]['input'] } }[CallName];
  await hold(name);
  if (isStopped() && name !== 'generate') throw new AppError('stopped', 'Stopped.');
  switch (at.name) {
    case 'start': {
      if (at.input.choice === 'webgpu' && !engine.faults.hasWebgpu) {
        throw new AppError('no-webgpu', 'This browser offers no WebGPU. Run on wasm instead.');
      }
      const isHardware = engine.faults.hasWebgpu && !engine.faults.isSoftware;
      worker.kind = at.input.choice === 'auto' ? (isHardware ? 'webgpu' : 'wasm') : at.input.choice;
      return answer(toReport(worker.kind, at.input.choice, engine.faults));
    }
    case 'loadPack': {
      const totalBytes = at.input.manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
      emit({ phase: 'downloading', loadedBytes: 0, totalBytes, label: 'model.safetensors' });
      emit({ phase: 'compiling', loadedBytes: totalBytes, totalBytes, label: 'decoder' });
      return answer({ sizeBytes: totalBytes, cacheNotice: engine.faults.cacheNotice });
    }
    case 'loadRecipe':
      return answer({ size: { ...SIZE, sparsity: 0.5 }, sessionsCreated: 1 });
    case 'prepareRegime': {
      const isFailing = engine.faults.failsGate(at.input.regime, worker.kind);
      return answer({ regimeId: at.input.regime.id, size: SIZE, gate: toGate(isFailing), sessionsCreated: 0 });
    }
    case 'generate': {
      const right = at.input.answer ?? 'nothing';
      const isRight = at.input.answer === null ? null : engine.isRight(at.input.regime.id, at.input.context);
      const words = ` ${isRight === false ? 'something else' : right}`.match(/\s\S+/g) ?? [];
      let text = '';
      for (const word of words) {
        if (isStopped()) break;
        text += word;
        emit({ text: word, atMs: 10 });
        await Promise.resolve();
      }
      return answer({
        regimeId: at.input.regime.id,
        text,
        numTokens: words.length,
        stopReason: isStopped() ? 'stopped' : 'end',
        ttftMs: 10,
        routingMs: 0,
        tokensPerSecond: 100,
        answerProbability: isRight === null ? null : isRight ? 0.9 : 0.1,
        isRight,
        routing: null,
      });
    }
    case 'score': {
      const { regime, items, withFidelity } = at.input;
      return answer(
        items.map(({ id }) => {
          const isRight = engine.isRight(regime.id, id);
          const logLikelihood = isRight ? -0.1 : -3;
          const klDivergence = regime.recipe === null ? 0 : 0.2;
          const fidelity = { tokens: 2, nll: -logLikelihood, klDivergence, sameTop: isRight ? 2 : 1 };
          return { id, isRight, logLikelihood, chosenPrompt: null, fidelity: withFidelity ? fidelity : null };
        }),
      );
    }
    case 'checkPrompts':
      return answer(
        at.input.prompts.flatMap(({ context }, index) => {
          const what = `${context.length} tokens, where the model reads at most ${MAX_FAKE_TOKENS}`;
          return context.length > MAX_FAKE_TOKENS ? [{ index, fault: { kind: 'too-long', choice: 0, what } }] : [];
        }),
      );
    case 'scoreDocuments': {
      const { regime, prompts } = at.input;
      return answer(
        prompts.map(({ id, continuations }) => {
          const isRight = engine.isRight(regime.id, id);
          // The first choice is the right one.
          const logLikelihoods = continuations.map((_, choice) => (isRight ? -0.1 - choice : choice - 9));
          return { logLikelihoods, isGreedy: continuations.map((_, choice) => isRight && choice === 0) };
        }),
      );
    }
    case 'writeAnswers': {
      const { regime, prompts } = at.input;
      emit({ done: 1, total: prompts.length });
      return answer(
        prompts.map(({ id, continuations: [right = ''] }) => ({
          text: engine.isRight(regime.id, id) ? right : ' something else',
          hasEnded: true,
        })),
      );
    }
    case 'measureExports':
      return answer({ sizes: { compressed: 1_100_000, onnx: 4_200_000 } });
    case 'exportModel':
      return answer({ zip: new Blob([at.input.name]) });
    case 'time': {
      const times = engine.timeOf(at.input.regime.id, worker.runs++);
      const contextTokens = at.input.context.split(/\s+/).length;
      return answer({ regimeId: at.input.regime.id, contextTokens, routingMs: 0, fixedLoopMs: 2, ...times });
    }
    case 'inspect':
      return answer(makeCapture(at.input));
    case 'measureDistances':
      return answer(makeDistances(at.input));
    case 'patch':
      emit({ done: 1, total: 2 });
      return answer(makePatchMap(at.input));
    case 'askPool':
      emit({ done: 0, total: at.input.items.length });
      return answer(makePoolOutcomes(at.input, engine.isRight));
    case 'inspectMatrix':
      return answer(makeMatrixReport(at.input.regime, at.input.module));
    case 'loadShape':
      emit({ phase: 'compiling', loadedBytes: 0, totalBytes: 1_000_000, label: 'random weights' });
      return answer({ sizeBytes: 1_000_000 });
    case 'timeShape': {
      const times = engine.timeOf(at.input.key, worker.runs++);
      return answer({ routingMs: 0, fixedLoopMs: 2, ...times });
    }
    case 'profileShape':
      return answer({ prefillMs: [3, 3], perTokenMs: [1, 1], kernelsPerToken: 12 });
    case 'releaseShape':
      return answer({ ownedBytes: 0 });
    default:
      return at satisfies never;
  }
}

function toLostError(code: ErrorCode): WireError {
  return { code, message: 'The engine was lost.', details: {} };
}

function toLogLine(name: CallName, input: unknown): string {
  if (typeof input !== 'object' || input === null) return name;
  if ('regime' in input) return `${name} ${(input.regime as Regime).id}`;
  if ('key' in input) return `${name} ${String(input.key)}`;
  if ('choice' in input) return `${name} ${String(input.choice)}`;
  return name;
}

/** A number from 0 to 1 that a text always gives. */
function toShare(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return ((Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8) & 0xffff) / 0x10000;
}
