/** Ends the task at hand, so that the browser paints and answers before what follows. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
