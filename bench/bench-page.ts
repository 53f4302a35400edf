import { createRuntime } from '../src/engine/session.ts';
import { measure } from './measure.ts';
import { createPageDevice, publish } from './page-device.ts';

// Few items: software WebGPU takes some 100 ms a run.
const SIZES = { switches: 6, items: 48, rounds: 1 };

async function run() {
  const { device, build, adapter } = await createPageDevice();
  const runtime = await createRuntime({ kind: 'webgpu', device, build });
  const read = async (path: string) => new Uint8Array(await (await fetch(`../packs/atlas/${path}`)).arrayBuffer());
  return { device: `WebGPU, ${adapter}`, ...(await measure(runtime, read, SIZES)) };
}

void publish(run);
