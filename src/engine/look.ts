import { AppError } from '../core/errors.ts';
import type { TokenKind, TokenLabel } from '../core/inside/capture.ts';
import { weightInputs } from '../core/onnx/linear.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { KeyValue } from '../core/recover/repair.ts';
import { toContextIds, toTokenItem } from './answer.ts';
import { type BoundRegime, holdsBegin } from './bound-regime.ts';
import { helpFor, route } from './generation.ts';
import { LOGITS_TOLERANCE } from './golden-gate.ts';
import { type Help, range } from './help.ts';
import type { InspectDecoder, InspectInput, PatchDecoder } from './inspect-decoder.ts';
import type { KvCache } from './kv-cache.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { RoutingResult } from './protocol.ts';

/** One question to one regime; `answer` is null where no right one is known. */
export interface Question {
  regime: Regime;
  context: string;
  answer: string | null;
}

/** A question made ready to be run from inside. */
export interface Look {
  bound: BoundRegime;
  help: Help;
  input: InspectInput;
  /** What the right answer's tokens are, end token included. */
  target: readonly number[]; // [A]
  routing: RoutingResult | null;
  rows: readonly TokenLabel[]; // [S]
  columns: readonly TokenLabel[]; // [T]
}

/** What the begin and the end token are shown as: the tokenizer leaves them out of a text. */
const SPECIAL_TEXTS = { begin: '[begin]', end: '[end]' } as const;

/**
 * Makes a question ready: the context and the right answer without its last token, behind the help that the regime chooses for the context.
 * Throws `input-invalid` for an empty question, `repair-invalid` for an empty pool and `limit-exceeded` for a text that does not fit.
 */
export async function prepareLook(
  model: LoadedModel,
  { regime, context, answer }: Question,
  signal: AbortSignal | undefined,
): Promise<Look> {
  const bound = await model.bind(regime, { signal });
  if (bound.helps.length === 0) {
    throw new AppError('repair-invalid', 'The pool of this repair holds no prompt. Load one that does.', {
      regimeId: regime.id,
      observed: 0,
    });
  }
  const item =
    answer === null
      ? { context: toContextIds(model, bound, context), target: [] }
      : toTokenItem(model, bound, { id: '', context, answer });
  const ids = [...item.context, ...item.target.slice(0, -1)];
  const routing = await route(bound, item.context);
  const help = helpFor(bound, routing);
  help.cache.reset();
  help.cache.reserve(ids.length);
  const rows = ids.map((id, i) => toLabel(model, id, kindOf(i, item.context.length, !holdsBegin(bound))));
  const { base, capacity } = help.cache;
  return {
    bound,
    help,
    input: {
      weights: bound.weights,
      past: await readPast(help.cache, bound.decoder.config.numLayers),
      base,
      capacity,
      start: help.start,
      ids,
      rows: range(item.context.length - 1, ids.length),
    },
    target: item.target,
    routing,
    rows,
    columns: [...labelHelp(model, regime, base), ...rows],
  };
}

/** A token as a person reads it. */
export function toLabel(model: LoadedModel, id: number, kind: TokenKind): TokenLabel {
  return { text: toTokenText(model, id), kind };
}

export function toTokenText({ tokenizer, checkpoint: { config } }: LoadedModel, id: number): string {
  if (id === config.bosTokenId) return SPECIAL_TEXTS.begin;
  return id === config.eosTokenId ? SPECIAL_TEXTS.end : tokenizer.decode([id]);
}

/** The graph with taps that a regime runs in. */
export function inspectorOf(model: LoadedModel, bound: BoundRegime): Promise<InspectDecoder> {
  return model.sessions.inspectorFor(bound.decoder.format, hasBranches(bound));
}

/** The graph of a regime whose tensors can be replaced. */
export function patcherOf(model: LoadedModel, bound: BoundRegime): Promise<PatchDecoder> {
  return model.sessions.patcherFor(bound.decoder.format, hasBranches(bound));
}

/** Compares the logits of a look's last row with the fast graph's, once per compiled graph; throws `golden-mismatch`. */
export async function checkOnce(
  inside: InspectDecoder | PatchDecoder,
  { bound, help, input: { ids, start, weights } }: Look,
  logits: Float32Array, // [R, vocabSize]
): Promise<void> {
  expectFinite(logits);
  if (inside.isChecked) return;
  const { vocabSize } = inside.config;
  help.cache.reset();
  const fast = await bound.decoder.run(weights, help.cache, {
    ids,
    positions: range(start, start + ids.length),
    rows: [ids.length - 1],
    keepsCache: false,
  });
  const last = logits.subarray(logits.length - vocabSize);
  const difference = fast.reduce((most, value, i) => Math.max(most, Math.abs(value - (last[i] ?? Number.NaN))), 0);
  if (fast.length === vocabSize && difference <= LOGITS_TOLERANCE) {
    inside.isChecked = true;
    return;
  }
  throw new AppError(
    'golden-mismatch',
    'The model that is looked into computes other numbers than the model that answers on this device. Choose another device.',
    { observed: difference, allowed: LOGITS_TOLERANCE },
  );
}

/** Throws `run-failed` for logits that are no numbers. */
export function expectFinite(logits: Float32Array): void {
  if (logits.every(Number.isFinite)) return;
  throw new AppError(
    'run-failed',
    'The model gave logits that are no numbers, so there is nothing to see inside. Reload it, or choose another device.',
    { field: 'logits', allowed: 'finite numbers' },
  );
}

/** Modules that a LoRA leaves alone have branches of zeros, so one module tells. */
function hasBranches({ weights }: BoundRegime): boolean {
  return weights.has(weightInputs('model.layers.0.self_attn.q_proj').loraA);
}

function kindOf(index: number, contextLength: number, hasBegin: boolean): TokenKind {
  if (index >= contextLength) return 'answer';
  return hasBegin && index === 0 ? 'begin' : 'token';
}

/** What the columns of a help are: numbered vectors, or the tokens of a text behind its begin token. */
function labelHelp(model: LoadedModel, { recovery }: Regime, base: number): TokenLabel[] {
  if (recovery.kind !== 'text') return range(1, base + 1).map((i) => ({ text: String(i), kind: 'virtual' }));
  const ids = [model.checkpoint.config.bosTokenId, ...model.tokenizer.encode(recovery.text)];
  return ids.map((id, i) => toLabel(model, id, i === 0 ? 'begin' : 'text'));
}

/** Helps that were read: a help does not change once it is made, and goes with its cache. */
const pasts = new WeakMap<KvCache, readonly KeyValue[]>();

async function readPast(cache: KvCache, numLayers: number): Promise<readonly KeyValue[]> {
  if (cache.base === 0) return [];
  const found = pasts.get(cache);
  if (found !== undefined) return found;
  const past: KeyValue[] = [];
  for (const layer of range(0, numLayers)) past.push(await cache.readBase(layer));
  pasts.set(cache, past);
  return past;
}
