import { measure } from './measure.ts';
import { createPageRuntime, publish } from './page-device.ts';

// Few items: software WebGPU takes some 100 ms a run.
const SIZES = { switches: 12, moves: 12, items: 120, asked: 4, rounds: 1 };

async function run() {
  const { runtime, device } = await createPageRuntime();
  const read = async (path: string) => new Uint8Array(await (await fetch(`../packs/atlas/${path}`)).arrayBuffer());
  return { device, ...(await measure(runtime, read, SIZES)) };
}

void publish(run);
