import { toTokenItem } from './answer.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ScoreItem } from './protocol.ts';
import { runPacked } from './scoring.ts';

/** 5 MB for 200 items of the shipped model (3 rows of 2,048 logits each); a model of 128,256 tokens fits 40 items or so. */
const KEPT_BYTES = 64 * 1024 * 1024;

const DENSE = { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const;

/** What the dense model says on items without help: computed once, since every regime is compared with it on the same items. */
export class DenseLogits {
  private readonly kept = new Map<string, Float32Array>();
  private keptBytes = 0;

  /** Logits `[target, vocabSize]` of each item, the rows that predict its target; throws `stopped` when the signal aborts. */
  async read(
    model: LoadedModel,
    items: readonly ScoreItem[],
    rowLength: number,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const found = items.map((item) => this.kept.get(toKey(item)));
    const missing = items.filter((_, i) => found[i] === undefined);
    const computed: Float32Array[] = [];
    if (missing.length > 0) {
      const bound = await model.bind(DENSE);
      const tokens = missing.map((item) => toTokenItem(model, bound, item));
      await runPacked(bound, tokens, { rowLength, signal }, (i, logits) => {
        computed[i] = logits.slice();
      });
      for (const [i, item] of missing.entries()) this.keep(toKey(item), computed[i] ?? new Float32Array());
    }
    let next = 0;
    return found.map((logits) => logits ?? computed[next++] ?? new Float32Array());
  }

  private keep(key: string, logits: Float32Array): void {
    if (this.kept.has(key)) return;
    this.kept.set(key, logits);
    this.keptBytes += logits.byteLength;
    for (const [oldKey, old] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES) break;
      this.kept.delete(oldKey);
      this.keptBytes -= old.byteLength;
    }
  }
}

function toKey({ context, answer }: ScoreItem): string {
  return JSON.stringify([context, answer]);
}
