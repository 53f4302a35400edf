// Measures what calibrated methods cost by plain TypeScript and by ONNX Runtime on wasm; prints one table for a layer of SmolLM2-135M's
// shape and one for the shipped model. Minutes.
import { roundRow, runInNode } from './bench-run.mjs';

const { layer, atlas, alike } = await runInNode('/bench/compress.ts');
console.log("\nOne layer of SmolLM2-135M's shape, 1,024 tokens (ms of processor time)");
console.table(layer.map(roundRow));
console.log('\nAtlas, 512 sentences (ms of processor time)');
console.table(atlas.map(roundRow));
for (const { model, recipe, share } of alike) {
  console.log(`${model}, ${recipe}: ${(100 * share).toFixed(3)} % of the choices alike`);
}
