import { AppError } from '../core/errors.ts';
import type { Algebra, LazyUpdates, UpdateShape } from '../core/linear-algebra/algebra.ts';
import type { Float64Matrix } from '../core/linear-algebra/float64-matrix.ts';
import { createStorageBuffer, writeBuffer } from './gpu-buffer.ts';
import type { Runtime } from './session.ts';
import { TILE, TRAILING_UPDATE_WGSL } from './wgsl/trailing-update.ts';

const FLOAT_BYTES = 4;
const NOT_COMPILED = 'The graphics device could not compile the product that compression needs. Run on the CPU (wasm).';
const NOT_COMPUTED = 'The graphics device could not compute a product that compression needs. Run on the CPU (wasm).';

/**
 * The algebra with its updates in float32 on the GPU, by a compute shader of our own; all else is another algebra's, since no GPU computes
 * in float64. Takes its turn with the runs of ONNX Runtime on the device, which is the runtime's and stays.
 */
export class GpuAlgebra implements Algebra {
  private readonly runtime: Runtime;
  private readonly device: GPUDevice;
  private readonly exact: Omit<Algebra, 'openUpdates'>;
  private pipeline: GPUComputePipeline | null = null;

  constructor(runtime: Runtime, device: GPUDevice, exact: Omit<Algebra, 'openUpdates'>) {
    this.runtime = runtime;
    this.device = device;
    this.exact = exact;
  }

  inverseRoot(h: Float64Array, n: number): Promise<Float64Array<ArrayBuffer>> {
    return this.exact.inverseRoot(h, n);
  }

  multiply(a: Float64Matrix, b: Float64Matrix): Promise<Float64Array> {
    return this.exact.multiply(a, b);
  }

  /** Throws `limit-exceeded` where the device does not bind a buffer of the matrix's size, `device-lost` where it is gone. */
  async openUpdates(root: Float64Array, shape: UpdateShape): Promise<LazyUpdates> {
    const { runtime, device } = this;
    const pipeline = await this.compile();
    const updates = new GpuUpdates(runtime, device, root, shape);
    try {
      await runtime.exclusively('run-failed', NOT_COMPUTED, () =>
        issueChecked(device, () => updates.allocate(pipeline)),
      );
      return updates;
    } catch (error) {
      updates.dispose();
      throw error;
    }
  }

  private async compile(): Promise<GPUComputePipeline> {
    const { device } = this;
    this.pipeline ??= await this.runtime.exclusively('session-failed', NOT_COMPILED, () => {
      const module = device.createShaderModule({ code: TRAILING_UPDATE_WGSL });
      return device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    });
    return this.pipeline;
  }
}

/** Buffers of one walk, and what the shader reads and writes in them. */
interface Allocation {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  sizes: GPUBuffer;
  errors: GPUBuffer; // [rows, blockSize]
  rootRows: GPUBuffer; // [blockSize, columns - blockSize]
  taken: GPUBuffer; // [columns, rows]
  staging: GPUBuffer; // [blockSize, rows]
}

/** What is taken from the columns behind stays in a buffer for the whole walk; each step reads back the columns of the next block. */
class GpuUpdates implements LazyUpdates {
  private readonly runtime: Runtime;
  private readonly device: GPUDevice;
  private readonly root: Float64Array;
  private readonly shape: UpdateShape;
  private readonly owned: GPUBuffer[] = [];
  private allocation: Allocation | null = null;
  private settled = 0;

  constructor(runtime: Runtime, device: GPUDevice, root: Float64Array, shape: UpdateShape) {
    this.runtime = runtime;
    this.device = device;
    this.root = root;
    this.shape = shape;
  }

  allocate(pipeline: GPUComputePipeline): void {
    const { rows, columns, blockSize } = this.shape;
    const storage = (count: number) => this.own(createStorageBuffer(this.device, count * FLOAT_BYTES));
    const sizes = storage(4);
    const errors = storage(rows * blockSize);
    const rootRows = storage(blockSize * (columns - blockSize));
    const taken = storage(columns * rows);
    const staging = this.own(
      this.device.createBuffer({
        size: blockSize * rows * FLOAT_BYTES,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      }),
    );
    const entries = [sizes, errors, rootRows, taken].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bindings = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    this.allocation = { pipeline, bindings, sizes, errors, rootRows, taken, staging };
  }

  async next(errors: Float64Array, width: number): Promise<Float32Array> {
    const { allocation, device } = this;
    if (allocation === null) throw new AppError('internal', 'Updates were used after they were released.');
    return this.runtime.exclusively('run-failed', NOT_COMPUTED, async () => {
      const sizeBytes = width * this.shape.rows * FLOAT_BYTES;
      await issueChecked(device, () => {
        this.submit(allocation, errors, sizeBytes);
        return allocation.staging.mapAsync(GPUMapMode.READ, 0, sizeBytes);
      });
      const taken = transposed(new Float32Array(allocation.staging.getMappedRange(0, sizeBytes)), width);
      allocation.staging.unmap();
      return taken;
    });
  }

  dispose(): void {
    this.allocation = null;
    for (const buffer of this.owned.splice(0)) {
      buffer.destroy();
      this.runtime.count(-buffer.size);
    }
  }

  private submit({ pipeline, bindings, ...buffers }: Allocation, errors: Float64Array, sizeBytes: number): void {
    const { device } = this;
    const { rows, columns } = this.shape;
    const k = errors.length / rows;
    const next = this.settled + k;
    const behind = columns - next;
    writeBuffer(device, buffers.sizes, Uint32Array.of(rows, k, behind, next), 0);
    writeBuffer(device, buffers.errors, new Float32Array(errors), 0);
    writeBuffer(device, buffers.rootRows, this.toRootRows(next, k), 0);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(Math.ceil(rows / TILE), Math.ceil(behind / TILE));
    pass.end();
    encoder.copyBufferToBuffer(buffers.taken, next * rows * FLOAT_BYTES, buffers.staging, 0, sizeBytes);
    device.queue.submit([encoder.finish()]);
    this.settled = next;
  }

  /** `root[next - k : next, next :]` in float32. */
  private toRootRows(next: number, k: number): Float32Array {
    const { columns } = this.shape;
    const behind = columns - next;
    const values = new Float32Array(k * behind);
    for (let i = 0; i < k; i++) {
      const from = (next - k + i) * columns;
      values.set(this.root.subarray(from + next, from + columns), i * behind);
    }
    return values;
  }

  private own(buffer: GPUBuffer): GPUBuffer {
    this.owned.push(buffer);
    this.runtime.count(buffer.size);
    return buffer;
  }
}

/** `[columns, rows]` as `[rows, columns]`. */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[row * columns + column] = values[column * rows + row] ?? 0;
  }
  return result;
}

/** Issues work to the GPU and waits for it; throws what the device finds wrong in it or has no memory for, which it would otherwise pass over. */
async function issueChecked<T>(device: GPUDevice, issue: () => T | Promise<T>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const issued = (async () => issue())();
  const [result, invalid, exhausted] = await Promise.all([issued, device.popErrorScope(), device.popErrorScope()]);
  const error = invalid ?? exhausted;
  if (error !== null) throw new Error(error.message);
  return result;
}
