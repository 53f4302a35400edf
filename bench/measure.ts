import { wholeLayers } from '../src/core/checkpoint/layer-shape.ts';
import { parseCheckpoint } from '../src/core/checkpoint/parse.ts';
import { parseTask, toTarget } from '../src/core/eval/tasks.ts';
import { denseFormat } from '../src/core/onnx/weight-format.ts';
import { seededRandom, shuffled } from '../src/core/random.ts';
import { createDecoder } from '../src/engine/decoder.ts';
import type { ScoreItem } from '../src/engine/protocol.ts';
import { createRunner } from '../src/engine/runner.ts';
import type { Runner } from '../src/engine/runner-type.ts';
import type { Runtime } from '../src/engine/session.ts';
import { createTokenizer } from '../src/engine/tokenizer.ts';
import { type BenchRegime, makeBenchCheckpoint, makeBenchRegimes, makeItems } from './bench-model.ts';
import { measureSlider, type SliderRow, toFirstToken } from './measure-slider.ts';
import { measureSmaller, type SmallerRow } from './measure-smaller.ts';
import { quantile } from './quantile.ts';

/** Bytes of a file of the shipped pack. */
export type ReadPackFile = (path: string) => Promise<Uint8Array>;

export interface BenchSizes {
  /** Times that every regime is switched to. */
  switches: number;
  /** Times that the level of a recipe is moved, 42 at most. */
  moves: number;
  /** Items scored a round, packed and one by one. */
  items: number;
  /** How many of them are also asked and answered token by token. */
  asked: number;
  rounds: number;
}

export interface SwitchRow {
  regime: string;
  /** Call to first token, coming from another regime. */
  clickMedianMs: number;
  clickP95Ms: number;
  /** One prefill of the same regime, routing left out. */
  prefillMedianMs: number;
  prefillP95Ms: number;
  /** 95th percentile of click over that of prefill: one prefill alone varies by 1.5 to 1.8 between its median and there. */
  ratio: number;
  /** The same at the middle. */
  ratioOfMedians: number;
}

export interface ScoringRow {
  regime: string;
  packedMsPerItem: number;
  /** One teacher-forced run an item. */
  singleMsPerItem: number;
  ratio: number;
  /** The question asked as the board asks it: prefill, then greedy tokens up to the answer's length. */
  askedMsPerItem: number;
  /** Largest difference of a log-likelihood between the two ways. */
  apart: number;
}

export interface BenchResult {
  switching: SwitchRow[];
  sessionsCreatedBySwitching: number;
  /** Building one session for a format that is not loaded. */
  createSessionMs: number;
  /** Moving the level of a recipe of the shipped model. */
  slider: SliderRow[];
  scoring: ScoringRow[];
  /** Models that lost whole units. */
  smaller: SmallerRow[];
}

/** Times regime switches and scoring on a runtime; regimes and ways are interleaved, the first round of each is not counted. */
export async function measure(runtime: Runtime, read: ReadPackFile, sizes: BenchSizes): Promise<BenchResult> {
  const tokenizer = createTokenizer(
    await read('checkpoint/tokenizer.json'),
    await read('checkpoint/tokenizer_config.json'),
  );
  const task = parseTask(await read('tasks/atlas.json'), await read('tasks/atlas.jsonl'));
  const items = makeItems(task, sizes.items);
  const asked = items.slice(0, sizes.asked).map(({ context, answer }) => ({
    context,
    numTokens: tokenizer.encode(toTarget(answer)).length + 1, // and the end token
  }));
  // The tokenizer of the pack gives ids below this.
  const vocabSize = 2048;
  const checkpoint = makeBenchCheckpoint(vocabSize);
  const runner = createRunner(runtime);
  await runner.loadCheckpoint(checkpoint, tokenizer);
  const regimes = makeBenchRegimes(checkpoint.config);
  for (const { regime, repair } of regimes) {
    await runner.loadRecipe(regime.recipe);
    await runner.prepareRegime(regime, repair, null);
  }
  const context = items[0]?.context ?? 'Question:';
  const before = runner.sessionsCreated;
  const switching = await measureSwitches(runner, regimes, context, sizes.switches);
  const sessionsCreatedBySwitching = runner.sessionsCreated - before;
  const scoring = await measureScoring(runner, regimes, { items, asked }, sizes.rounds);

  const atlas = parseCheckpoint(await read('checkpoint/config.json'), [await read('checkpoint/model.safetensors')]);
  await runner.loadCheckpoint(atlas, tokenizer);
  const slider = await measureSlider(runner, context, sizes.moves);
  const startedAt = performance.now();
  const decoder = await createDecoder(runtime, {
    config: checkpoint.config,
    format: denseFormat(wholeLayers(checkpoint.config)),
    loraModules: new Set(['model.layers.0.mlp.up_proj']),
    attention: runtime.kind === 'webgpu' ? 'fused' : 'plain',
    hasBias: runtime.kind === 'wasm',
  });
  const createSessionMs = performance.now() - startedAt;
  await decoder.dispose();
  // What is looked at hardly matters to how long a run takes: any sentences will do.
  await runner.loadCheckpoint(checkpoint, tokenizer, {
    dtype: 'F16',
    readSentences: async () => items.map((item) => [item.context]),
    readVariant: async () => null,
  });
  const smaller = await measureSmaller(runner, items.slice(0, sizes.asked), sizes.switches);
  await runner.dispose();
  return { switching, sessionsCreatedBySwitching, createSessionMs, slider, scoring, smaller };
}

async function measureSwitches(
  runner: Runner,
  regimes: readonly BenchRegime[],
  context: string,
  rounds: number,
): Promise<SwitchRow[]> {
  const random = seededRandom(5);
  const clicks = regimes.map((): number[] => []);
  const prefills = regimes.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const index of shuffled(
      regimes.map((_, i) => i),
      random,
    )) {
      const regime = regimes[index]?.regime;
      if (regime === undefined) continue;
      const clickMs = await toFirstToken(runner, regime, context);
      const { ttftMs, routingMs } = await runner.time(regime, context, 1);
      if (round < 0) continue;
      clicks[index]?.push(clickMs);
      prefills[index]?.push(ttftMs - routingMs);
    }
  }
  return regimes.map(({ regime }, i) => {
    const click = clicks[i] ?? [];
    const prefill = prefills[i] ?? [];
    return {
      regime: regime.id,
      clickMedianMs: quantile(click, 0.5),
      clickP95Ms: quantile(click, 0.95),
      prefillMedianMs: quantile(prefill, 0.5),
      prefillP95Ms: quantile(prefill, 0.95),
      ratio: quantile(click, 0.95) / quantile(prefill, 0.95),
      ratioOfMedians: quantile(click, 0.5) / quantile(prefill, 0.5),
    };
  });
}

async function measureScoring(
  runner: Runner,
  regimes: readonly BenchRegime[],
  { items, asked }: { items: readonly ScoreItem[]; asked: readonly { context: string; numTokens: number }[] },
  rounds: number,
): Promise<ScoringRow[]> {
  const rows: ScoringRow[] = [];
  for (const { regime } of regimes) {
    const packed: number[] = [];
    const single: number[] = [];
    const answered: number[] = [];
    let apart = 0;
    for (let round = -1; round < rounds; round++) {
      const startedAt = performance.now();
      const together = await runner.score(regime, items);
      const halfway = performance.now();
      const alone = await runner.scoreItemByItem(regime, items);
      const singleEndedAt = performance.now();
      for (const { context, numTokens } of asked) await runner.time(regime, context, numTokens);
      const endedAt = performance.now();
      for (const [i, { logLikelihood }] of together.entries()) {
        apart = Math.max(apart, Math.abs(logLikelihood - (alone[i]?.logLikelihood ?? Number.NaN)));
      }
      if (round < 0) continue;
      packed.push((halfway - startedAt) / items.length);
      single.push((singleEndedAt - halfway) / items.length);
      answered.push((endedAt - singleEndedAt) / asked.length);
    }
    const packedMsPerItem = quantile(packed, 0.5);
    const singleMsPerItem = quantile(single, 0.5);
    rows.push({
      regime: regime.id,
      packedMsPerItem,
      singleMsPerItem,
      ratio: singleMsPerItem / packedMsPerItem,
      askedMsPerItem: quantile(answered, 0.5),
      apart,
    });
  }
  return rows;
}
