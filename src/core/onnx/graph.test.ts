import { expect, test } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { GraphBuilder } from './graph.ts';

test('a node reads what was defined before it and names its output after itself', () => {
  const graph = new GraphBuilder('g');
  const x = graph.input('x', 'float32', [1, 'S']);
  expect(graph.node('/add', 'Add', [x, x])).toBe('/add/output_0');
});

test('an input that nothing makes is refused with the names of reader and value', () => {
  const graph = new GraphBuilder('g');
  const error = expectAppError(() => graph.node('/add', 'Add', ['missing']), 'graph-invalid');
  expect(error.details).toMatchObject({ value: 'missing', user: '/add' });
});

test('two nodes or two values of one name are refused', () => {
  const graph = new GraphBuilder('g');
  const x = graph.input('x', 'float32', [1]);
  graph.node('/neg', 'Neg', [x]);
  expectAppError(() => graph.node('/neg', 'Neg', [x], { outputs: ['other'] }), 'graph-invalid');
  expectAppError(() => graph.node('/neg2', 'Neg', [x], { outputs: ['x'] }), 'graph-invalid');
  expectAppError(() => graph.input('x', 'int32', [1]), 'graph-invalid');
});

test('an optional input that is left out needs no definition', () => {
  const graph = new GraphBuilder('g');
  const x = graph.input('x', 'float32', [1]);
  expect(() => graph.node('/op', 'Op', [x, '', x], { outputs: ['y', '', 'z'] })).not.toThrow();
  expect(() => graph.output('z', 'float32', [1])).not.toThrow();
});

test('an output that no node makes is refused', () => {
  expectAppError(() => new GraphBuilder('g').output('y', 'float32', [1]), 'graph-invalid');
});
