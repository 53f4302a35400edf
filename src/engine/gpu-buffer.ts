import { AppError } from '../core/errors.ts';

// WebGPU copies in multiples of 4 bytes; ONNX Runtime binds storage in multiples of 16.
const ALIGNMENT = 16;
const COPY_ALIGNMENT = 4;

/** Bytes that a buffer for `sizeBytes` takes. */
export function alignedBytes(sizeBytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT);
}

/** A zeroed buffer that graphs read and write; throws `limit-exceeded` before anything is made where the device cannot bind it. */
export function createStorageBuffer(device: GPUDevice, sizeBytes: number): GPUBuffer {
  const allowed = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  if (sizeBytes > allowed) {
    throw new AppError(
      'limit-exceeded',
      `A matrix of ${sizeBytes} bytes is over the ${allowed} bytes that this graphics device binds at once. Choose a smaller model or run on the CPU.`,
      { sizeBytes, allowed },
    );
  }
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  return device.createBuffer({ size: sizeBytes, usage });
}

/** Overwrites a part of a buffer; bytes past the values, up to the next multiple of 4, become 0. */
export function writeBuffer(device: GPUDevice, buffer: GPUBuffer, values: ArrayBufferView, offsetBytes: number): void {
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  if (bytes.length % COPY_ALIGNMENT === 0) {
    device.queue.writeBuffer(buffer, offsetBytes, bytes);
    return;
  }
  const padded = new Uint8Array(Math.ceil(bytes.length / COPY_ALIGNMENT) * COPY_ALIGNMENT);
  padded.set(bytes);
  device.queue.writeBuffer(buffer, offsetBytes, padded);
}

/** A copy of a buffer's bytes on our side. */
export async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const { size } = buffer;
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
