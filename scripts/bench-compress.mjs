// Measures what calibrated methods cost by plain TypeScript, by ONNX Runtime on wasm and by the shader on WebGPU, in turn in one page; prints
// one table for a layer of SmolLM2-135M's shape and one for the shipped model. Minutes.
import { runPage } from '../bench/run-page.mjs';
import { roundRow } from './bench-run.mjs';

const result = await runPage('compress', { timeoutMs: 3_600_000 });
if (result.error !== undefined) throw new Error(result.error);
const { device, choices, layer, atlas, alike } = result;
console.log(`\n${device}`);
for (const { model, chosen, wasmMs, webgpuMs } of choices) {
  console.log(
    `${model}: the page would take ${chosen} for the updates (wasm ${wasmMs.toFixed(1)} ms, WGSL ${webgpuMs.toFixed(1)} ms)`,
  );
}
console.log("\nOne layer of SmolLM2-135M's shape, 1,024 tokens (ms)");
console.table(layer.map(roundRow));
console.log('\nAtlas, 512 sentences (ms)');
console.table(atlas.map(roundRow));
for (const { model, recipe, way, share } of alike) {
  console.log(
    `${model}, ${recipe}, ${way}: ${(100 * share).toFixed(3)} % of the choices as plain TypeScript makes them`,
  );
}
