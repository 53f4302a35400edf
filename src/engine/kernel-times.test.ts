import { expect, test } from 'vitest';
import { captureLines, tapConsole, toKernelTimes } from './kernel-times.ts';

/** An event as ONNX Runtime 1.30.0 prints it, shortened. */
const kernel = (name: string, microseconds: number) =>
  `{"cat" : "Api","pid" :-1,"tid" :-1,"dur" :${microseconds},"ts" :5,"ph" : "X","name" :"${name}","args" : {}},`;
const node = '{"cat" : "Node","pid" :42,"tid" :1,"dur" :9000,"ts" :1,"ph" : "X","name" :"x_kernel_time","args" : {}},';
const run = (prefill: number, ...decode: number[]) =>
  [prefill, ...decode].flatMap((time) => [
    node,
    kernel('/model/embed_tokens/Gather&Gather&Gather', 1000),
    kernel('/lm_head/Gemm&Gemm&Gemm', time),
  ]);

test('kernels are added up by step, prefill and decode apart, and what warms up is left out', () => {
  const trace = ['[', ...run(90_000, 90_000, 90_000), ...run(4000, 1000, 2000), ...run(6000, 3000, 3000), ']'];
  expect(toKernelTimes(trace, { warmUpRuns: 1, newTokens: 3 })).toEqual({
    prefillMs: [5, 7],
    perTokenMs: [2.5, 4],
    kernelsPerToken: 2,
  });
});

test('lines that are no kernels, and a trace that breaks off, count for nothing', () => {
  const trace = [...run(4000, 1000), 'another "Api" line', '{"cat" : "Api", "name" : 3}', ...run(4000).slice(0, 2)];
  expect(toKernelTimes(trace, { warmUpRuns: 0, newTokens: 2 })).toEqual({
    prefillMs: [5],
    perTokenMs: [2],
    kernelsPerToken: 1,
  });
});

test('what a runtime prints through the console that it bound is caught while it is asked for, and then only', () => {
  const { log } = console;
  const passed: string[] = [];
  console.log = (text: string) => void passed.push(text);
  try {
    tapConsole();
    const print = console.log.bind(console);
    print('before');
    expect(captureLines(() => print('inside'))).toEqual(['inside']);
    expect(() => captureLines(() => JSON.parse('{'))).toThrow();
    print('after');
    expect(passed).toEqual(['before', 'after']);
  } finally {
    console.log = log;
  }
});
