import { expect, it } from 'vitest';
import type { Precision } from './estimates.ts';
import { createRedraw, createRunRedraw } from './redraw.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Drawings that end when the test lets them. */
function holdDrawings() {
  const drawn: Precision[] = [];
  let release = () => {};
  const draw = (precision: Precision) => {
    drawn.push(precision);
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  const end = async () => {
    release();
    await turn();
  };
  return { drawn, draw, end };
}

it('draws once more after a drawing, however often that was asked for meanwhile', async () => {
  const { drawn, draw, end } = holdDrawings();
  const redraw = createRedraw(() => draw('final'));
  redraw();
  redraw();
  redraw();
  expect(drawn).toHaveLength(1);
  await end();
  expect(drawn).toHaveLength(2);
  await end();
  expect(drawn).toHaveLength(2);
});

it('draws again after a drawing that failed', async () => {
  const failed: unknown[] = [];
  const note = (error: unknown) => void failed.push(error);
  process.once('unhandledRejection', note);
  let drawings = 0;
  const redraw = createRedraw(async () => {
    drawings++;
    if (drawings === 1) throw new Error('no worker');
  });
  redraw();
  redraw();
  await turn();
  redraw();
  await turn();
  expect(drawings).toBe(3);
  expect(failed).toHaveLength(1);
});

it('draws finely what was asked for finely while a rough drawing went on', async () => {
  const { drawn, draw, end } = holdDrawings();
  const { refresh } = createRunRedraw(draw, { now: () => 0, everyMs: 300 });
  refresh('live');
  refresh();
  refresh('live');
  await end();
  await end();
  expect(drawn).toEqual(['live', 'final']);
});

it('draws while a run goes on for a fifth of the time at most', async () => {
  const { drawn, draw, end } = holdDrawings();
  let nowMs = 1000;
  const { refreshOften } = createRunRedraw(draw, { now: () => nowMs, everyMs: 300 });
  refreshOften();
  nowMs += 500;
  await end();
  for (const passedMs of [400, 1500, 100]) {
    nowMs += passedMs;
    refreshOften();
  }
  expect(drawn).toHaveLength(2);
});
