import { GraphBuilder } from './graph.ts';

/** `product = a b` in float64: `[m, n]` of `[m, k]` and `[k, n]`. */
export function buildProductGraph(): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('product');
  const a = graph.input('a', 'float64', ['m', 'k']);
  const b = graph.input('b', 'float64', ['k', 'n']);
  graph.node('/MatMul', 'MatMul', [a, b], { outputs: ['product'] });
  graph.output('product', 'float64', ['m', 'n']);
  return graph.toModel();
}
