import { expect, test } from 'vitest';
import { GraphBuilder } from '../core/onnx/graph.ts';
import { createRuntime, runtimeVersion } from './session.ts';

function buildDoubler(): Uint8Array {
  const graph = new GraphBuilder('doubler');
  const x = graph.input('x', 'float32', ['n']);
  graph.node('/double', 'Add', [x, x], { outputs: ['y'] });
  graph.output('y', 'float32', ['n']);
  return graph.toModel();
}

function feed(...values: number[]) {
  return { x: { type: 'float32', shape: [values.length], data: Float32Array.from(values) } } as const;
}

test('a graph of our own bytes runs, and its tensors are counted and released', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const session = await runtime.createSession(buildDoubler());
  const outputs = await session.run(feed(1, 2.5), { y: null });
  expect(outputs.get('y')).toMatchObject({ type: 'float32', shape: [2] });
  expect([...(outputs.get('y')?.data ?? [])]).toEqual([2, 5]);
  expect(runtime.sessionsCreated).toBe(1);

  const tensor = runtime.createTensor('float32', [3], Float32Array.of(1, 2, 3));
  expect(runtime.ownedBytes).toBe(12);
  tensor.write(Float32Array.of(9), 1);
  const doubled = await session.run({ x: tensor }, { y: null });
  expect([...(doubled.get('y')?.data ?? [])]).toEqual([2, 18, 6]);
  tensor.dispose();
  tensor.dispose();
  expect(runtime.ownedBytes).toBe(0);
});

test('bytes that are no model are refused, and the next model is made', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const failure = runtime.createSession(new Uint8Array([1, 2, 3]));
  await expect(failure).rejects.toMatchObject({ code: 'session-failed', details: { device: 'wasm' } });
  await expect(runtime.createSession(buildDoubler())).resolves.toBeDefined();
  expect(runtime.sessionsCreated).toBe(1);
});

test('a missing input, a wrong type and a released tensor are refused, and the next run answers', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const session = await runtime.createSession(buildDoubler());
  await expect(session.run({}, { y: null })).rejects.toMatchObject({ code: 'graph-invalid', details: { input: 'x' } });
  const wrong = { x: { type: 'int32', shape: [1], data: Int32Array.of(1) } } as const;
  await expect(session.run(wrong, { y: null })).rejects.toMatchObject({ code: 'run-failed' });
  const released = runtime.createTensor('float32', [1]);
  released.dispose();
  await expect(session.run({ x: released }, { y: null })).rejects.toMatchObject({ code: 'internal' });
  const outputs = await session.run(feed(4), { y: null });
  expect([...(outputs.get('y')?.data ?? [])]).toEqual([8]);
});

test('runs that are started together come back in order, each with its own answer', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const session = await runtime.createSession(buildDoubler());
  const runs = Array.from({ length: 8 }, (_, i) => session.run(feed(i), { y: null }));
  const answers = (await Promise.all(runs)).map((outputs) => outputs.get('y')?.data[0]);
  expect(answers).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
});

test('values that do not fill a shape are refused', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  expect(() => runtime.createTensor('float32', [2, 2], new Float32Array(3))).toThrow('[2, 2]');
  expect(runtime.ownedBytes).toBe(0);
});

test('the version is that of the one runtime in the tree', async () => {
  expect(runtimeVersion(await createRuntime({ kind: 'wasm' }))).toBe('1.30.0');
});

test('every creation and every run that ends is told as a step, a failed one is not', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  let steps = 0;
  runtime.onStep = () => steps++;
  const session = await runtime.createSession(buildDoubler());
  await session.run(feed(1), { y: null });
  await session.run({}, { y: null }).catch(() => undefined);
  expect(steps).toBe(2);
});

test('a write to a tensor does not reach the array that it was made from', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const own = Float32Array.of(1, 2, 3);
  const tensor = runtime.createTensor('float32', [3], own);
  tensor.write(Float32Array.of(7, 8, 9));
  expect(await tensor.read()).toEqual(Float32Array.of(7, 8, 9));
  expect(own).toEqual(Float32Array.of(1, 2, 3));
  tensor.dispose();
});
