import { AppError } from '../core/errors.ts';
import { compareTarget, type Fidelity } from '../core/eval/fidelity.ts';
import { scoreTarget } from '../core/eval/scoring.ts';
import type { BoundRegime } from './bound-regime.ts';
import type { Help } from './help.ts';
import { range } from './help.ts';
import { type PackedRow, packItems, toAttentionBias, toLengthRule } from './packing.ts';
import { toRoutingResult } from './routing.ts';
import { stopIfAborted, turnEventLoop } from './stopping.ts';

/** An item in tokens: what the model reads, and how many of the last tokens it must have predicted. */
export interface TokenItem {
  /** Begin token, context and target; the begin token is left out where the help holds it. */
  context: readonly number[];
  target: readonly number[];
  /** What a pool's prompt is chosen by, where it is not the context. */
  routedBy?: readonly number[];
  /** Tokens of the longest item of its question, where that has several: those stay together in a block sorted by length. */
  longest?: number;
}

export interface TokenScore {
  /** Every token of the target is the likeliest one behind those before it. */
  isRight: boolean;
  /** Sum of log-probabilities of the target's tokens, natural logarithm. */
  logLikelihood: number;
  chosenPrompt: number | null;
  /** How the target fares against the dense model's logits, where they were given. */
  fidelity: Fidelity | null;
}

export interface PackedOptions {
  /** Tokens of a row. */
  rowLength: number;
  signal?: AbortSignal | undefined;
}

/** Scores items packed into rows; `dense` has the dense model's logits `[target, vocabSize]` of each item, where those are to be compared. */
export async function scorePacked(
  regime: BoundRegime,
  items: readonly TokenItem[],
  options: PackedOptions,
  dense: readonly Float32Array[] | null = null,
): Promise<TokenScore[]> {
  const { vocabSize } = regime.decoder.config;
  const scores = new Array<TokenScore>(items.length);
  await runPacked(regime, items, options, (i, logits, chosenPrompt) => {
    const { target } = items[i] ?? { target: [] };
    const score = toScore(logits, items[i], vocabSize, chosenPrompt);
    const ofDense = dense?.[i];
    const fidelity = ofDense === undefined ? null : compareTarget(ofDense, logits, vocabSize, target);
    scores[i] = { ...score, fidelity };
  });
  return scores;
}

/**
 * Runs items, sorted by length, packed into rows: every item sees the shared help and itself. A regime that routes chooses prompts for all
 * items first (by context only), then packs what goes behind the same prompt. `take` gets each item's logits `[target, vocabSize]`, a view
 * that the next run may overwrite, and its prompt.
 */
export async function runPacked(
  regime: BoundRegime,
  items: readonly TokenItem[],
  { rowLength, signal }: PackedOptions,
  take: (item: number, logits: Float32Array, chosenPrompt: number | null) => void,
): Promise<void> {
  const chosen = await choosePrompts(regime, items, rowLength);
  const { vocabSize } = regime.decoder.config;
  const toChoice = (prompt: number) => (chosen === null ? null : prompt);
  for (const [prompt, help] of regime.helps.entries()) {
    const members = range(0, items.length).filter((i) => (chosen?.[i] ?? 0) === prompt);
    const sequences = members.map((i) => toSequence(items[i]));
    const room = help.cache.capacity - help.cache.base;
    const lengths = members.map((i, at) => items[i]?.longest ?? sequences[at]?.length ?? 0);
    const toLength = toLengthRule(regime.scorer.compilesByShape, room);
    for (const row of packItems(sequences, { rowLength: Math.min(rowLength, room), toLength, lengths })) {
      stopIfAborted(signal);
      const wanted = row.placements.map(({ item, path }) => toRows(items[members[item] ?? 0], path));
      const logits = await runRow(regime, help, row, wanted.flat());
      let at = 0;
      for (const [i, { item }] of row.placements.entries()) {
        const member = members[item] ?? 0;
        const size = (wanted[i]?.length ?? 0) * vocabSize;
        take(member, logits.subarray(at, at + size), toChoice(prompt));
        at += size;
      }
      await turnEventLoop();
    }
  }
}

/** The same, one run an item and no bias: what packing is tested and measured against. */
export async function scoreOneByOne(
  regime: BoundRegime,
  items: readonly TokenItem[],
  signal?: AbortSignal,
): Promise<TokenScore[]> {
  const scores: TokenScore[] = [];
  for (const item of items) {
    stopIfAborted(signal);
    const [prompt = 0] = (await choosePrompts(regime, [item], 0)) ?? [];
    const help = regime.helps[prompt];
    if (help === undefined) throw new AppError('internal', `The regime has no prompt ${prompt}.`, { prompt });
    const ids = toSequence(item);
    help.cache.reset();
    const logits = await regime.decoder.run(regime.weights, help.cache, {
      ids,
      positions: range(help.start, help.start + ids.length),
      rows: toRows(item, range(0, ids.length)),
      keepsCache: false,
    });
    scores.push(toScore(logits, item, regime.decoder.config.vocabSize, regime.routing === null ? null : prompt));
  }
  return scores;
}

/** The prompt of its pool that each item is given, by what it is routed by; null for a regime that does not route. */
export async function choosePrompts(
  { routing, weights }: BoundRegime,
  items: readonly TokenItem[],
  rowLength: number,
): Promise<number[] | null> {
  if (routing === null) return null;
  const contexts = items.map(({ context, routedBy }) => routedBy ?? context);
  const scores = await routing.router.route(weights, routing.pool, contexts, rowLength);
  return scores.map((values) => toRoutingResult(values).chosen);
}

/** Logits `[wanted, vocabSize]` and more of a packed row behind a help; every item sees the help and itself. */
export async function runRow(
  regime: BoundRegime,
  help: Help,
  row: PackedRow,
  wanted: readonly number[],
): Promise<Float32Array> {
  help.cache.reset();
  // Few lengths here too: the rest asks for the row's first token again.
  const length = toLengthRule(regime.scorer.compilesByShape)(wanted.length);
  const rows = [...wanted, ...new Array<number>(length - wanted.length).fill(0)];
  return regime.scorer.run(regime.weights, help.cache, {
    ids: row.ids,
    positions: row.depths.map((depth) => help.start + depth),
    rows,
    bias: toAttentionBias(row.parents, help.cache.base),
    keepsCache: false,
  });
}

/** Context and target; the target's last token predicts nothing that is scored. */
function toSequence(item: TokenItem | undefined): number[] {
  return item === undefined ? [] : [...item.context, ...item.target.slice(0, -1)];
}

/** Indices of the tokens whose logits predict the target, for an item that stands at `path`. */
function toRows(item: TokenItem | undefined, path: readonly number[]): readonly number[] {
  return item === undefined ? [] : path.slice(item.context.length - 1);
}

/** `logits` `[target, vocabSize]`, the rows that predict the target. */
function toScore(
  logits: Float32Array,
  item: TokenItem | undefined,
  vocabSize: number,
  chosenPrompt: number | null,
): TokenScore {
  const { isRight, logLikelihood } = scoreTarget(logits, vocabSize, item?.target ?? []);
  return { isRight, logLikelihood, chosenPrompt, fidelity: null };
}
