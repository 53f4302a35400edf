import { readFileSync } from 'node:fs';
import { medianInterval } from '../src/core/eval/statistics.ts';
import type { Tap } from '../src/core/inside/capture.ts';
import { seededRandom, shuffled } from '../src/core/random.ts';
import type { Regime } from '../src/core/recover/regime.ts';
import type { Runner } from '../src/engine/runner-type.ts';
import { openAtlas } from '../src/testing/atlas-pack.ts';
import { parseInsideGolden, toInsideRegime } from '../src/testing/inside-golden.ts';

export interface InsideRow {
  regime: string;
  /** Rows that are run: begin token, question, answer without its last token. */
  tokens: number;
  view: string;
  /** One run of the fast graph over the same tokens, routing included; median. */
  forwardMs: number;
  /** One capture with what the view needs; median. */
  captureMs: number;
  /** Median over rounds of capture over forward pass, with its 95 % interval. */
  ratio: number;
  low: number;
  high: number;
}

/** What the attention view, the lens view and everything at once ask for. */
const VIEWS: Readonly<Record<string, readonly Tap[]>> = {
  attention: ['attention'],
  lens: ['lens'],
  all: ['attention', 'residual', 'activations', 'lens'],
};
const ROUNDS = 60;

interface Timed {
  regime: Regime;
  context: string;
  tokens: number;
  view: string;
  forwards: number[];
  captures: number[];
}

/** Times captures of the shipped pack on wasm, each beside a forward pass of the same tokens; all in random order, the first round is not counted. */
export async function runInNode(): Promise<InsideRow[]> {
  const read = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../src/testing/fixtures/inside.${name}`, import.meta.url)));
  const golden = parseInsideGolden(read('json'), read('safetensors'));
  const { manifest, files, runner, close } = await openAtlas();
  const { config } = (await files.readCheckpoint()).checkpoint;
  const { text, answer } = golden.question;
  const contexts = [text, `${text} ${answer}.\n`.repeat(4) + text];
  const timed: Timed[] = [];
  for (const name of Object.keys(golden.regimes)) {
    const regime = toInsideRegime(golden, manifest, name);
    const { recovery } = regime;
    const repair = 'repairId' in recovery ? await files.readRepair(recovery.repairId, config) : null;
    await runner.prepareRegime(regime, repair, null);
    for (const context of contexts) {
      const tokens = (await runner.inspect({ regime, context, answer, taps: [] })).rows.length;
      for (const view of Object.keys(VIEWS)) timed.push({ regime, context, tokens, view, forwards: [], captures: [] });
    }
  }
  const random = seededRandom(11);
  for (let round = -1; round < ROUNDS; round++) {
    for (const each of shuffled(timed, random)) await timeOne(runner, each, answer, round);
  }
  close();
  return timed.map(({ regime, tokens, view, forwards, captures }) => {
    const ratios = captures.map((ms, i) => ms / (forwards[i] ?? Number.NaN));
    const { value: ratio, low, high } = medianInterval(ratios);
    const [forwardMs, captureMs] = [medianInterval(forwards).value, medianInterval(captures).value];
    return { regime: regime.id, tokens, view, forwardMs, captureMs, ratio, low, high };
  });
}

/** Which of the two comes first changes with the round. */
async function timeOne(runner: Runner, each: Timed, answer: string, round: number): Promise<void> {
  const { regime, context, view } = each;
  const toForward = () => msOf(() => runner.scoreItemByItem(regime, [{ id: '', context, answer }]));
  const toCapture = () => msOf(() => runner.inspect({ regime, context, answer, taps: VIEWS[view] ?? [] }));
  const isForwardFirst = round % 2 === 0;
  const firstMs = await (isForwardFirst ? toForward() : toCapture());
  const secondMs = await (isForwardFirst ? toCapture() : toForward());
  if (round < 0) return;
  each.forwards.push(isForwardFirst ? firstMs : secondMs);
  each.captures.push(isForwardFirst ? secondMs : firstMs);
}

async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}
