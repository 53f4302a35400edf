import type { Variant } from '../core/compress/variant.ts';
import { toFormatKey, type WeightFormat } from '../core/onnx/weight-format.ts';
import type { Runtime } from './session.ts';
import { createVariantWeights, type TensorSet, variantWeightsSize, writeVariantWeights } from './weights.ts';

interface Entry {
  set: TensorSet;
  /** Equal for sets with the same buffers. */
  formatKey: string;
  /** A number that grows with every use. */
  lastUse: number;
}

/**
 * Prepared norms, linear matrices and rounded embeddings by key, each in buffers of its own, so that switching regimes changes only what is bound.
 * Before the budget is passed the sets used longest ago give way; one of the same format is edited in place.
 */
export class WeightStore {
  private readonly runtime: Runtime;
  private readonly budgetBytes: number;
  private readonly entries = new Map<string, Entry>();
  /** Buffers of retired sets, waiting for matrices of their format. */
  private readonly spare: Entry[] = [];
  private readonly onEvict: (key: string) => void;
  private clock = 0;

  constructor(runtime: Runtime, budgetBytes: number, onEvict: (key: string) => void) {
    this.runtime = runtime;
    this.budgetBytes = budgetBytes;
    this.onEvict = onEvict;
  }

  /** The set of a key if it is there. */
  find(key: string): TensorSet | null {
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    entry.lastUse = ++this.clock;
    return entry.set;
  }

  /** Puts a variant, its input scales folded, under a key that is not there: into spare buffers, else into new ones within the budget. */
  add(key: string, format: WeightFormat, variant: Variant): TensorSet {
    // A set with embeddings of its own hides the shared ones, and must not serve a variant that has none.
    const formatKey = `${toFormatKey(format)} ${[...variant.embeddings.keys()]}`;
    this.makeRoom(formatKey, variantWeightsSize(this.runtime, variant));
    const at = this.spare.findIndex((entry) => entry.formatKey === formatKey);
    const spare = at < 0 ? undefined : this.spare.splice(at, 1)[0];
    if (spare !== undefined) writeVariantWeights(spare.set, variant);
    const set = spare?.set ?? createVariantWeights(this.runtime, variant);
    this.entries.set(key, { set, formatKey, lastUse: ++this.clock });
    return set;
  }

  /** Gives up the sets whose keys are named; their buffers serve the next ones of their format. */
  retire(isNamed: (key: string) => boolean): void {
    for (const [key, entry] of [...this.entries]) {
      if (!isNamed(key)) continue;
      this.entries.delete(key);
      this.onEvict(key);
      this.spare.push(entry);
    }
    // One spare set a format is enough for a slider; more would only hold memory.
    for (const [index, entry] of [...this.spare.entries()].reverse()) {
      if (this.spare.findIndex(({ formatKey }) => formatKey === entry.formatKey) === index) continue;
      this.spare.splice(index, 1);
      entry.set.dispose();
    }
  }

  dispose(): void {
    for (const { set } of [...this.entries.values(), ...this.spare]) set.dispose();
    this.entries.clear();
    this.spare.length = 0;
  }

  /**
   * Makes room for a set of so many bytes, unless spare buffers of its format are there: those of other formats go first, then the sets used
   * longest ago give way, one after the other. Where the budget holds not even this set, nothing stays beside it.
   */
  private makeRoom(formatKey: string, neededBytes: number): void {
    while (
      !this.spare.some((entry) => entry.formatKey === formatKey) &&
      this.heldBytes + neededBytes > this.budgetBytes
    ) {
      const useless = this.spare.shift();
      if (useless !== undefined) {
        useless.set.dispose();
        continue;
      }
      const [oldest] = [...this.entries].sort(([, a], [, b]) => a.lastUse - b.lastUse);
      if (oldest === undefined) return;
      this.retire((key) => key === oldest[0]);
    }
  }

  private get heldBytes(): number {
    return [...this.entries.values(), ...this.spare].reduce((sum, { set }) => sum + set.sizeBytes, 0);
  }
}
