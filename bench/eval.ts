import { createEngineClient, type WorkerListeners } from '../src/engine/engine-client.ts';
import type { FromWorker, ToWorker } from '../src/engine/protocol.ts';
import { createIdbResults } from '../src/state/idb-results.ts';
import type { BenchOrder, Replayed } from './eval.worker.ts';
import { publish } from './page-device.ts';
import { startStores, whenRunDone } from './record-stores.ts';

/** Items that every regime is asked in a round; the first round is not counted. */
const ITEMS_PER_ROUND = 400;
const ROUNDS = 4;

interface EvalRow {
  round: number;
  /** Answers of all regimes. */
  answers: number;
  passes: number;
  /** From Run to Done on the page: planning, messages, packing, passes, scores, storage and live figures. */
  runMs: number;
  /** The same passes in the same sessions, inputs ready, logits read back. */
  passesMs: number;
  ratio: number;
}

/** An engine worker that can replay, and the way to order it to. */
function createReplayingClient() {
  let worker: Worker | null = null;
  let take: ((replayed: Replayed['replayed']) => void) | null = null;
  const spawn = ({ onMessage, onError }: WorkerListeners) => {
    const spawned = new Worker(new URL('./eval.worker.ts', import.meta.url), { type: 'module' });
    spawned.onmessage = ({ data }: MessageEvent<FromWorker | Replayed>) => {
      if ('replayed' in data) take?.(data.replayed);
      else onMessage(data);
    };
    spawned.onerror = ({ message }) => onError(message);
    worker = spawned;
    return {
      postMessage: (message: ToWorker) => spawned.postMessage(message),
      terminate: () => spawned.terminate(),
    };
  };
  const post = (order: BenchOrder) => worker?.postMessage(order);
  return {
    createClient: () => createEngineClient(spawn),
    record: () => post({ order: 'record' }),
    replay: () =>
      new Promise<Replayed['replayed']>((resolve) => {
        take = resolve;
        post({ order: 'replay' });
      }),
  };
}

/** The page's accuracy run of the regimes of the board, each round on items not asked before, against its pure passes. */
async function run(): Promise<{ regimes: readonly string[]; rows: EvalRow[] }> {
  const client = createReplayingClient();
  const { stores } = await startStores({ createClient: client.createClient, results: createIdbResults() });
  const { evaluate, board } = stores;
  const rows: EvalRow[] = [];
  let answersBefore = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    client.record();
    const startedAt = performance.now();
    evaluate.getState().runAccuracy((round + 1) * ITEMS_PER_ROUND);
    await whenRunDone(evaluate, () => ({ run: evaluate.getState().accuracyRun, label: `round ${round}` }));
    const runMs = performance.now() - startedAt;
    const { passes, ms: passesMs } = await client.replay();
    const { accuracyRun } = evaluate.getState();
    const answers = accuracyRun.status === 'done' ? accuracyRun.total : 0;
    if (round > 0) {
      rows.push({ round, answers: answers - answersBefore, passes, runMs, passesMs, ratio: runMs / passesMs });
    }
    answersBefore = answers;
  }
  return { regimes: board.getState().shown, rows };
}

void publish(run);
