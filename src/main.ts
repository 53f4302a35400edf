import './ui/tokens.css';
import './ui/base.css';
import { nextTask } from './ui/next-task.ts';

/**
 * Fetches the page's two parts at once and runs each in a task of its own, so that the browser paints and answers between them. Were they
 * one, the first task of the page would take longer than all others.
 */
async function start(root: HTMLElement): Promise<void> {
  const [loadingStores, loadingApp] = [import('./state/page-stores.ts'), import('./app/mount.tsx')];
  // The browser reads its language data where they are first asked for, which takes a task of its own too.
  Intl.DateTimeFormat.supportedLocalesOf([navigator.language]);
  const { createPageStores } = await loadingStores;
  await nextTask();
  const stores = createPageStores();
  await nextTask();
  const { mount } = await loadingApp;
  mount(root, stores);
}

function tellFailure(root: HTMLElement): void {
  const text = 'The code of this page could not be fetched. Check the connection, then reload the page.';
  root.firstElementChild?.append(Object.assign(document.createElement('p'), { role: 'alert', textContent: text }));
}

const root = document.getElementById('root');
if (root) void start(root).catch(() => tellFailure(root));
