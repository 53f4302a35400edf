import { argmax, logProbability } from '../core/eval/scoring.ts';
import type { BoundRegime } from './bound-regime.ts';
import { type Help, range } from './help.ts';
import { packItems, toLengthRule } from './packing.ts';
import { type PackedOptions, runRow } from './scoring.ts';
import { stopIfAborted, turnEventLoop } from './stopping.ts';

/** What is continued, in tokens. */
export interface GreedyItem {
  /** Begin token first, unless the help holds it. */
  context: readonly number[];
  /** What the answer may be, the likeliest guess first, end token left out. */
  guesses: readonly (readonly number[])[];
  /** Tokens of its answer at most, where that is not the number of all. */
  maxNewTokens?: number;
}

/** What a model says by itself: at every place its likeliest token. */
export interface GreedyAnswer {
  /** End token left out. */
  ids: readonly number[];
  hasEnded: boolean;
  /** Mean log-probability of the tokens, end token included, natural logarithm. */
  confidence: number;
}

export interface GreedyOptions extends PackedOptions {
  /** Tokens of an answer at most, end token included. */
  maxNewTokens: number;
  endTokenId: number;
  /** Told after each run how many answers came to their end by it. */
  onSettled?: ((count: number) => void) | undefined;
}

/** An item and its answer so far. */
interface Growing extends GreedyItem {
  ids: number[];
  hasEnded: boolean;
  logLikelihood: number;
}

/**
 * Greedy answers to many contexts behind one help, in their order. All that have not ended stand packed into rows, each with a guess of how
 * it goes on; a run says at every place which token is the likeliest, so a guess counts up to where the model would have said another, and
 * that one counts too. So the answers are those of one run a token, whatever is guessed, in fewer runs (Leviathan et al. 2022,
 * arXiv 2211.17192, at temperature 0). Throws `stopped` between two runs.
 */
export async function answerGreedily(
  regime: BoundRegime,
  help: Help,
  items: readonly GreedyItem[],
  options: GreedyOptions,
): Promise<GreedyAnswer[]> {
  const all = items.map((item): Growing => ({ ...item, ids: [], hasEnded: false, logLikelihood: 0 }));
  for (let open = all; open.length > 0; open = open.filter((each) => isOpen(each, options))) {
    await growOnce(regime, help, open, options);
  }
  return all.map(({ ids, hasEnded, logLikelihood }) => ({
    ids,
    hasEnded,
    confidence: logLikelihood / (ids.length + (hasEnded ? 1 : 0)),
  }));
}

function isOpen(answer: Growing, options: GreedyOptions): boolean {
  return !answer.hasEnded && answer.ids.length < toLimit(answer, options);
}

function toLimit(item: GreedyItem, options: GreedyOptions): number {
  return item.maxNewTokens ?? options.maxNewTokens;
}

/** Every answer grows by one token at least. */
async function growOnce(
  regime: BoundRegime,
  help: Help,
  open: readonly Growing[],
  options: GreedyOptions,
): Promise<void> {
  const { vocabSize } = regime.decoder.config;
  const room = help.cache.capacity - help.cache.base;
  const drafts = open.map((each) => toDraft(each, toLimit(each, options)));
  const sequences = open.map(({ context, ids }, i) => [...context, ...ids, ...(drafts[i] ?? [])]);
  const toLength = toLengthRule(regime.scorer.compilesByShape, room);
  for (const row of packItems(sequences, { rowLength: Math.min(options.rowLength, room), toLength })) {
    stopIfAborted(options.signal);
    // The last token that is certain, and those that are guessed behind it.
    const wanted = row.placements.map(({ item, path }) => path.slice(path.length - 1 - (drafts[item]?.length ?? 0)));
    const logits = await runRow(regime, help, row, wanted.flat());
    let at = 0;
    let settled = 0;
    for (const [i, { item }] of row.placements.entries()) {
      const size = (wanted[i]?.length ?? 0) * vocabSize;
      const answer = open[item];
      if (answer !== undefined) {
        grow(answer, logits.subarray(at, at + size), drafts[item] ?? [], options);
        if (!isOpen(answer, options)) settled++;
      }
      at += size;
    }
    options.onSettled?.(settled);
    await turnEventLoop();
  }
}

/** What the first guess that begins like the answer has beyond it, as far as the answer may grow. */
function toDraft({ guesses, ids }: Growing, maxNewTokens: number): readonly number[] {
  const guess = guesses.find((each) => each.length > ids.length && ids.every((id, i) => id === each[i]));
  return guess?.slice(ids.length, maxNewTokens - 1) ?? [];
}

/** Takes the likeliest tokens over, up to the first that was not guessed; row i of `logits` `[draft + 1, vocabSize]` stands before draft i. */
function grow(answer: Growing, logits: Float32Array, draft: readonly number[], options: GreedyOptions): void {
  const { endTokenId } = options;
  const maxNewTokens = toLimit(answer, options);
  const vocabSize = logits.length / (draft.length + 1);
  for (const i of range(0, draft.length + 1)) {
    const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    const id = argmax(row);
    answer.logLikelihood += logProbability(row, id);
    if (id === endTokenId) {
      answer.hasEnded = true;
      return;
    }
    answer.ids.push(id);
    if (answer.ids.length === maxNewTokens || id !== draft[i]) return;
  }
}
