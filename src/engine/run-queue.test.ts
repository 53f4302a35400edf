import { expect, test } from 'vitest';
import { RunQueue } from './run-queue.ts';

test('tasks run one after the other in their order, past one that fails', async () => {
  const queue = new RunQueue();
  const events: string[] = [];
  const task = (name: string, fails: boolean) => async () => {
    events.push(`${name} starts`);
    await Promise.resolve();
    events.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const first = queue.add(task('a', true));
  const second = queue.add(task('b', false));
  await expect(first).rejects.toThrow('a');
  await expect(second).resolves.toBe('b');
  expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
});
