import type { Algebra, LazyUpdates, UpdateShape } from '../core/linear-algebra/algebra.ts';
import type { Float64Matrix } from '../core/linear-algebra/float64-matrix.ts';
import { GpuAlgebra } from './gpu-algebra.ts';
import { OrtAlgebra } from './ort-algebra.ts';
import type { Runtime } from './session.ts';

/** What the trial took by either way, in ms, and which way it chose. */
export interface UpdateChoice {
  chosen: 'wasm' | 'webgpu';
  wasmMs: number;
  webgpuMs: number;
}

// The trial of a larger matrix would take seconds on the CPU, and a GPU only gains by size.
const LARGEST_TRIAL = 1024;
// The first round compiles kernels and is not counted.
const ROUNDS = 3;

/**
 * The algebra that is fastest on the runtime's device: roots and products by ONNX Runtime in float64, updates by that or by a shader, whichever wins a
 * trial in the shape of the first matrix that is walked. Without a GPU there is nothing to choose. `dispose` frees its session.
 */
export class FastestAlgebra implements Algebra {
  private readonly onCpu: OrtAlgebra;
  private readonly onGpu: GpuAlgebra | null;
  private trial: UpdateChoice | null = null;

  constructor(runtime: Runtime) {
    this.onCpu = new OrtAlgebra(runtime);
    this.onGpu = runtime.device && new GpuAlgebra(runtime, runtime.device, this.onCpu);
  }

  /** The result of the trial; null before it, and where there is nothing to choose. */
  get choice(): UpdateChoice | null {
    return this.trial;
  }

  inverseRoot(h: Float64Array, n: number): Promise<Float64Array<ArrayBuffer>> {
    return this.onCpu.inverseRoot(h, n);
  }

  multiply(a: Float64Matrix, b: Float64Matrix): Promise<Float64Array> {
    return this.onCpu.multiply(a, b);
  }

  async openUpdates(root: Float64Array, shape: UpdateShape): Promise<LazyUpdates> {
    const { onCpu, onGpu } = this;
    if (onGpu === null) return onCpu.openUpdates(root, shape);
    this.trial ??= await tryBoth(onCpu, onGpu, shape);
    return (this.trial.chosen === 'webgpu' ? onGpu : onCpu).openUpdates(root, shape);
  }

  dispose(): Promise<void> {
    return this.onCpu.dispose();
  }
}

async function tryBoth(onCpu: Algebra, onGpu: Algebra, shape: UpdateShape): Promise<UpdateChoice> {
  const blockSize = Math.min(shape.blockSize, LARGEST_TRIAL / 2);
  const [rows, columns] = [Math.min(shape.rows, LARGEST_TRIAL), Math.min(shape.columns, LARGEST_TRIAL)];
  const wasmMs = await timeUpdates(onCpu, { rows, columns, blockSize });
  const webgpuMs = await timeUpdates(onGpu, { rows, columns, blockSize });
  return { chosen: webgpuMs < wasmMs ? 'webgpu' : 'wasm', wasmMs, webgpuMs };
}

/** Milliseconds that the updates of one matrix take, the least of the counted rounds; what is in the matrix does not matter. */
async function timeUpdates(algebra: Algebra, shape: UpdateShape): Promise<number> {
  const { rows, columns, blockSize } = shape;
  const root = new Float64Array(columns * columns);
  const errors = new Float64Array(rows * blockSize);
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const updates = await algebra.openUpdates(root, shape);
    try {
      for (let end = blockSize; end < columns; end += blockSize) {
        await updates.next(errors, Math.min(blockSize, columns - end));
      }
    } finally {
      updates.dispose();
    }
    if (round > 0) leastMs = Math.min(leastMs, performance.now() - startedAt);
  }
  return leastMs;
}
