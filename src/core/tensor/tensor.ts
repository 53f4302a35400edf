/** dtypes that a safetensors file may hold. */
export type Dtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** A tensor in row-major float32, whatever it was stored as. */
export interface Tensor {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}
